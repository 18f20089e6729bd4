"""Forms made from a sheet's declaration: a field for each column, by its kind, for those whom the policy lets fill it.

What comes out is what a person would have typed into the cell. A form keeps what was typed until it was accepted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import streamlit as st

from lib.domain.cells import LONG_LIMIT, TEXT_LIMIT
from lib.domain.normalise import to_date, to_int
from lib.domain.records import same
from lib.i18n import _
from lib.services.policy import Act, Actor, Case, Role, refusal
from lib.services.scene import Filled, Values
from lib.ui.decide import told
from lib.ui.session import EARLIEST, LATEST, board, commands
from lib.ui.theme import esc
from sheets_schema.sheet import SEPARATOR, Column, Kind, Sheet
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import options

Choices = Mapping[str, Sequence[str] | Mapping[str, str]]
"""Field → what may be chosen: values, or value → the words to show for it (``XH-0001`` → 某某协会)."""

_WIDE = (Kind.LONG, Kind.MULTI)
NARROWEST = 230
"""Pixels: short fields stand beside each other where each of them gets that much, so that a form and its button fit
the office's screen."""


def record_form(
    key: str,
    sheet: Sheet,
    actor: Actor,
    names: Iterable[str],
    *,
    submit: str,
    start: Mapping[str, Cell] | None = None,
    choices: Choices | None = None,
    act: Act = Act.ADD,
    icon: str = ":material/save:",
    at: str = "",
    record: str = "",
) -> dict[str, Cell] | None:
    """A form for some columns of a sheet; gives what was filled in once it is sent, else None. ``record``: the one it
    is about; then only what differs from what was shown of it, so that what others changed meanwhile stays theirs.

    Columns that the actor may not fill are left out; a blank field is None. ``start``: what stands there now. What
    became of the last act ``at`` this place is told inside the form. ``key`` from ``fresh`` starts it anew when done.
    """
    fields = [sheet.by_name[name] for name in names if may_fill(actor, sheet, sheet.by_name[name], act)]
    held = start or {}
    seen = _seen(key, sheet, record, {column.name: held.get(column.name) for column in fields})
    with st.form(key, border=True):
        told(at or key)
        values: dict[str, Cell] = {}
        for is_wide, part in groupby(fields, key=lambda column: column.kind in _WIDE):
            with st.container() if is_wide else st.grid("auto", min_column_width=NARROWEST):
                for column in part:
                    name, given = column.name, (choices or {}).get(column.name)
                    values[name] = field(f"{key}-{name}", column, held.get(name), given)
        sent = st.form_submit_button(submit, type="primary", icon=icon)
    return None if not sent else seen.changed(values) if seen is not None else values


@dataclass
class _Seen:
    """A record as it was when its form was first shown, and as the person has been told since; ``proposed``: fields
    in which the form showed something else than stood there."""

    first: dict[str, Cell]
    told: dict[str, Cell]
    proposed: frozenset[str]
    sent: tuple[str, ...] = ()

    def changed(self, values: dict[str, Cell]) -> Filled:
        """What the person changed or agreed to, to be refused where not what the person was told stands there now."""
        self.sent = tuple(
            name for name, cell in values.items() if name in self.proposed or not same(cell, self.first.get(name))
        )
        return Filled({name: values[name] for name in self.sent}, {name: self.told.get(name) for name in self.sent})

    def learn(self, now: Mapping[str, Cell]) -> None:
        """After a refusal, which tells of one cell that somebody else changed: of that one the person knows now."""
        name = next((name for name in self.sent if not same(self.told[name], now.get(name))), None)
        if name is not None:
            self.told[name] = now.get(name)
        self.sent = ()


def _seen(key: str, sheet: Sheet, record: str, shown: Values) -> _Seen | None:
    """What is known of a record to who fills in its form; a form that has no fields yet begins with what stands now."""
    office = commands()
    grid = office.keeper.grids.get(sheet.key) if office is not None else None
    now = grid.record(record) if grid is not None and record else None
    if now is None:
        return None
    cells = {name: now.get(name) for name in shown}
    known = st.session_state.get(f"{key}-seen")
    if not isinstance(known, _Seen) or not any(f"{key}-{name}" in st.session_state for name in shown):
        proposed = frozenset(name for name, cell in shown.items() if not same(cell, cells[name]))
        known = st.session_state[f"{key}-seen"] = _Seen(cells, dict(cells), proposed)
    known.learn(cells)
    return known


def may_fill(actor: Actor, sheet: Sheet, column: Column, act: Act) -> bool:
    """Whether the policy lets the actor fill a column of a record of his own; whose it is, the command asks again."""
    return refusal(Case(Role(actor.role), act, sheet.key, column, own=True)) is None


def field(key: str, column: Column, now: Cell = None, given: Sequence[str] | Mapping[str, str] | None = None) -> Cell:
    """One field. ``given``: what may be chosen, where the declaration alone does not tell."""
    label = esc(_(column.label)) + (" \\*" if column.required else "")
    note = esc(_(column.note)) or None
    if column.kind is Kind.DATE:
        return st.date_input(label, _day(now), EARLIEST, LATEST, format="YYYY-MM-DD", key=key, help=note)
    if column.kind is Kind.INT:
        number = st.number_input(
            label, 0, None, _whole(now), step=1, key=key, help=note, placeholder=_("填数字")
        )  # fmt: skip
        return None if number is None else float(number)
    words: Mapping[str, str] = given if isinstance(given, Mapping) else {}
    listed = list(given) if given is not None else list(options(column, board().plan))
    if column.kind is Kind.MULTI and listed:
        chosen = [part for part in str(now or "").split(SEPARATOR) if part in listed]
        return SEPARATOR.join(
            st.multiselect(label, listed, chosen, key=key, help=note, placeholder=_("请选择"), format_func=_)
        ) or None  # fmt: skip
    if listed:
        at = listed.index(str(now)) if str(now or "") in listed else None
        return st.selectbox(
            label, listed, at, key=key, help=note, placeholder=_("请选择"),
            format_func=lambda value: words.get(value) or _(value),
        )  # fmt: skip
    text: Any = st.text_area if column.kind is Kind.LONG else st.text_input
    most = LONG_LIMIT if column.kind is Kind.LONG else TEXT_LIMIT
    typed = text(label, str(now or ""), max_chars=most, key=key, help=note)
    return str(typed).strip() or None


def _whole(cell: Cell) -> int | None:
    with suppress(ValueError):
        return to_int(cell)
    return None


def _day(cell: Cell) -> date | None:
    """A day that stands in a cell or that a record shows as text; None for anything that is not one."""
    with suppress(ValueError):
        found = to_date(cell)
        return found if EARLIEST <= found <= LATEST else None
    return None


def only(options: Iterable[str]) -> str | None:
    """The one there is to choose; None when there are several or none."""
    found = list(options)
    return found[0] if len(found) == 1 else None
