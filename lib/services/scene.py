"""What a command decides on and how it answers (办理的现场): the freshest state, edits of it, decision, refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lib.domain.edits import Edit, Op
from lib.domain.findings import Finding
from lib.domain.judge import Judged
from lib.domain.normalise import is_blank
from lib.domain.records import Grids, same
from lib.i18n import N_, T_, Text
from sheets_schema.snapshot import Cell
from sheets_schema.workbook import BY_KEY

Values = Mapping[str, Cell]
"""Field name → what a person would type into the cell: text, number or day."""
RELOAD = N_("刷新后重试")
NOTHING = Text("")


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a command (决定): whether it is done; else which rule refused it, by which clause, why, and what
    to do. ``entry`` is its number in the journal, ``records`` what it added, ``notes`` doubts it raised."""

    allowed: bool
    reason: Text = NOTHING
    rule: str = ""
    clause: str = ""
    remedy: Text = NOTHING
    entry: int | None = None
    records: tuple[str, ...] = ()
    notes: tuple[Finding, ...] = ()


class Filled(dict[str, Cell]):
    """Values a person filled in for a record there is; ``seen``: what stood in those cells when it was shown."""

    def __init__(self, values: Values, seen: Values) -> None:
        super().__init__(values)
        self.seen = seen


class Refused(Exception):
    """A command can't be done; ``decision`` tells why."""

    def __init__(self, reason: Text, remedy: Text | None = None, rule: str = "", clause: str = "") -> None:
        super().__init__(str(reason))
        self.decision = Decision(False, reason, rule, clause, remedy or NOTHING)


@dataclass(frozen=True)
class Scene:
    """What a command decides on: the freshest state, judged, and the ids it gives to what it adds."""

    grids: Grids
    judged: Judged
    mint: Callable[[str], str]

    def record(self, sheet: str, record: str) -> dict[str, Cell]:
        """The cells of a record. Raises ``Refused`` when it is gone."""
        found = self.grids[sheet].record(record) if sheet in self.grids else None
        if found is None:
            label = BY_KEY[sheet].label
            raise Refused(T_("“{sheet_label}”里已没有“{value}”", sheet_label=label, value=record), T_(RELOAD))
        return found

    def set(
        self, sheet: str, record: str, values: Values, expected: Values | None = None, derived: Iterable[str] = ()
    ) -> list[Edit]:
        """Edits that bring a record's cells to ``values``; ``derived`` ones are filled in by the act itself, not typed.
        Raises ``Refused`` when one is not ``expected`` any more, or not what was seen by who filled in the values."""
        now = self.record(sheet, record)
        seen = values.seen if isinstance(values, Filled) else {}
        for name, cell in {**seen, **(expected or {})}.items():
            if not same(now.get(name), cell):
                label = self.grids.called[sheet].header_of(name)
                raise Refused(
                    T_("“{label}”刚被改为“{value}”", label=label, value=now.get(name) or "—"), T_("核对后重新填写")
                )
        pairs = ((name, now.get(name), cell) for name, cell in values.items())
        by_itself = frozenset(derived)
        return [
            Edit(Op.SET, sheet, record, name, old, cell, derived=by_itself)
            for name, old, cell in pairs
            if not same(old, cell)
        ]

    def add(self, sheet: str, values: Values, derived: Iterable[str] = ()) -> Edit:
        """The edit that adds a record under a new id, defaults filled in; ``derived`` as for ``set``."""
        model, grid = BY_KEY[sheet], self.grids.get(sheet)
        there = () if grid is None else grid.columns
        filled = {name: default for name, default in model.defaults.items() if default not in (None, "", ())}
        cells = {name: default for name, default in filled.items() if name in there}
        cells |= {name: cell for name, cell in values.items() if not is_blank(cell)}
        plain = {name: getattr(cell, "value", cell) for name, cell in cells.items()}
        return Edit(Op.ADD, sheet, self.mint(sheet), values=plain, derived=frozenset(derived))
