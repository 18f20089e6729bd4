"""变更与冲突 (changes and conflicts): what was changed by whom, what waits for a choice, the history of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.domain.edits import Edit
from lib.domain.judge import Judged
from lib.i18n import _
from lib.services.history import OUTSIDE, Change, History, OpenConflict
from lib.services.policy import Sight
from lib.services.tears import labels
from lib.services.told import both, column_label, side
from lib.services.whose import Whose, edits_of
from sheets_schema.sheet import Sheet
from sheets_schema.workbook import BY_KEY, PEOPLE, sheets_of

SHOWN = 300
"""Changes listed at once; the journal has them all."""
EXAMPLES = 3
"""Records shown of a partial sort: enough to see what happened."""


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
    """Not undone yet, and nothing in the same entry is another unit's."""


@dataclass(frozen=True, slots=True)
class ConflictCard:
    """A conflict as words."""

    id: str
    at: str
    where: str
    base: str
    ours: str
    theirs: str
    is_own: bool
    """Whether who looks may settle it; one that is only about them they may see."""


@dataclass(frozen=True, slots=True)
class TornRow:
    """A record of a partial sort: what it held in the columns that were rearranged, and what it holds."""

    record: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TornCard:
    """A partial sort that waits for a decision, as words; ``entry`` names it in the journal."""

    entry: int
    at: str
    sheet: str
    columns: str
    records: int
    rows: tuple[TornRow, ...]
    """A few of the records."""
    is_own: bool
    """Whether who looks may decide: all its records are theirs."""
    is_last: bool
    """Whether nothing in the sheet was rearranged after it; else that comes first."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything the page shows under its filters."""

    torn: tuple[TornCard, ...]
    conflicts: tuple[ConflictCard, ...]
    lines: tuple[Line, ...]
    total: int
    sheets: tuple[str, ...]
    actors: tuple[str, ...]


def changes(
    history: History,
    judged: Judged | None,
    sight: Sight,
    sheet: str | None = None,
    actor: str | None = None,
    record: str = "",
    limit: int | None = SHOWN,
) -> Changes:
    """The view model of 变更与冲突: of a unit's records only, whatever is asked for. A filter left empty lets
    everything through; ``limit``: so many changes, the latest first, None for all."""
    whose = Whose(judged, history)
    wanted = record.strip()
    key = next((declared.key for declared in PEOPLE if declared.label == sheet), None)
    every = history.changes
    seen = every if sight.units is None else [change for change in every if whose.sees(sight, (change.edit,))]
    found = [
        change
        for change in reversed(seen)
        if (key is None or change.edit.sheet == key)
        and (actor is None or change.actor == actor)
        and (not wanted or change.edit.record == wanted)
    ]
    shown = found[:limit]
    own = _own_entries(shown, history, whose, sight)
    sheets = sheets_of(judged.plan) if judged else BY_KEY
    return Changes(
        torn=_torn(history, whose, sight, sheets),
        conflicts=tuple(
            _card(conflict, whose, sight, sheets[conflict.sheet])
            for conflict in history.conflicts.values()
            if whose.sees(sight, edits_of(conflict))
        ),
        lines=tuple(_line(change, history, own, sight, sheets) for change in shown),
        total=len(found),
        sheets=tuple(dict.fromkeys(BY_KEY[change.edit.sheet].label for change in seen)),
        actors=tuple(sorted({change.actor for change in seen})),
    )


def _own_entries(shown: Sequence[Change], history: History, whose: Whose, sight: Sight) -> set[int]:
    """The entries among those shown of which every edit, shown or not, is in a row that who looks may write."""
    entries = {change.seq for change in shown}
    if sight.units is None:
        return entries
    others = {c.seq for c in history.changes if c.seq in entries and not whose.may_settle(sight, (c.edit,))}
    return entries - others


def _torn(history: History, whose: Whose, sight: Sight, sheets: Mapping[str, Sheet]) -> tuple[TornCard, ...]:
    """The partial sorts of which who looks may see a record, the latest first."""
    cards: list[TornCard] = []
    for entry, torn in sorted(history.torn.items(), reverse=True):
        edits = [change for change in history.changes if change.seq == entry]
        seen: dict[str, list[Edit]] = {}
        for change in edits:
            if whose.sees(sight, (change.edit,)):
                seen.setdefault(change.edit.record, []).append(change.edit)
        if seen:
            sheet = sheets[torn.sheet]
            examples = list(seen.items())[:EXAMPLES]
            rows = tuple(_torn_row(record, of_record, sight, sheet) for record, of_record in examples)
            is_last = all(card.sheet != sheet.label for card in cards)
            own = whose.may_settle(sight, [change.edit for change in edits])
            columns = labels(torn.columns, sheet)
            cards.append(TornCard(entry, _time(edits[0].at), sheet.label, columns, torn.records, rows, own, is_last))
    return tuple(cards)


def _torn_row(record: str, edits: Sequence[Edit], sight: Sight, sheet: Sheet) -> TornRow:
    told = [(column_label(sheet, edit.column), *both(edit, sight.personal)) for edit in edits]
    before, after = ("；".join(f"{label}：{one[at] or '—'}" for label, *one in told) for at in (0, 1))
    return TornRow(record, before, after)


def _card(conflict: OpenConflict, whose: Whose, sight: Sight, sheet: Sheet) -> ConflictCard:
    return ConflictCard(
        conflict.id,
        _time(conflict.at),
        f"{sheet.label} {conflict.record} {column_label(sheet, conflict.column)}",
        side(conflict.base, conflict, sight.personal),
        side(conflict.ours, conflict, sight.personal),
        side(conflict.theirs, conflict, sight.personal),
        whose.may_settle(sight, edits_of(conflict)),
    )


def _line(change: Change, history: History, own: set[int], sight: Sight, sheets: Mapping[str, Sheet]) -> Line:
    edit = change.edit
    undone = change.seq in history.undone
    old, new = both(edit, sight.personal)
    state = _("已撤销") if undone else _("已认可") if change.seq in history.adopted else ""
    state = _("待决定") if change.seq in history.torn else state
    return Line(
        _time(change.at),
        _(change.actor) if change.actor == OUTSIDE else change.actor,
        _(change.action),
        sheets[edit.sheet].label,
        edit.record,
        column_label(sheets[edit.sheet], edit.column),
        old,
        new,
        state,
        change.seq,
        change.seq in own and not undone,
    )


def _time(at: str) -> str:
    """``2016-03-31T09:05:12+08:00`` → ``2016-03-31 09:05``."""
    return at[:16].replace("T", " ")
