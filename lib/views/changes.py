"""变更与冲突 (changes and conflicts): what was changed by whom, what waits for a choice, the history of a record."""

from __future__ import annotations

from dataclasses import dataclass

from lib.i18n import _
from lib.services.history import OUTSIDE, Change, History
from lib.services.told import both, column_label, side
from sheets_schema.workbook import BY_KEY, PEOPLE

SHOWN = 300
"""Changes listed at once; the journal has them all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One change as words; ``entry`` names its act in the journal."""

    at: str
    actor: str
    action: str
    sheet: str
    record: str
    column: str
    old: str
    new: str
    state: str
    entry: int
    can_undo: bool


@dataclass(frozen=True, slots=True)
class ConflictCard:
    """A conflict as words."""

    id: str
    at: str
    where: str
    base: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything the page shows under its filters."""

    conflicts: tuple[ConflictCard, ...]
    lines: tuple[Line, ...]
    total: int
    sheets: tuple[str, ...]
    actors: tuple[str, ...]


def changes(history: History, sheet: str | None = None, actor: str | None = None, record: str = "") -> Changes:
    """The view model of 变更与冲突. A filter left empty lets everything through."""
    wanted = record.strip()
    key = next((declared.key for declared in PEOPLE if declared.label == sheet), None)
    found = [
        change
        for change in reversed(history.changes)
        if (key is None or change.edit.sheet == key)
        and (actor is None or change.actor == actor)
        and (not wanted or change.edit.record == wanted)
    ]
    return Changes(
        conflicts=tuple(
            ConflictCard(
                conflict.id,
                _time(conflict.at),
                f"{BY_KEY[conflict.sheet].label} {conflict.record} {column_label(conflict.sheet, conflict.column)}",
                side(conflict.base),
                side(conflict.ours),
                side(conflict.theirs),
            )
            for conflict in history.conflicts.values()
        ),
        lines=tuple(_line(change, history) for change in found[:SHOWN]),
        total=len(found),
        sheets=tuple(dict.fromkeys(BY_KEY[change.edit.sheet].label for change in history.changes)),
        actors=tuple(sorted({change.actor for change in history.changes})),
    )


def _line(change: Change, history: History) -> Line:
    edit = change.edit
    undone = change.seq in history.undone
    old, new = both(edit)
    state = _("已撤销") if undone else _("已认可") if change.seq in history.adopted else ""
    return Line(
        _time(change.at),
        _(change.actor) if change.actor == OUTSIDE else change.actor,
        _(change.action),
        BY_KEY[edit.sheet].label,
        edit.record,
        column_label(edit.sheet, edit.column),
        old,
        new,
        state,
        change.seq,
        not undone,
    )


def _time(at: str) -> str:
    """``2016-03-31T09:05:12+08:00`` → ``2016-03-31 09:05``."""
    return at[:16].replace("T", " ")
