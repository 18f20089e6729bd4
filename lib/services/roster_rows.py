"""The rows of a roster handed in (名录文件): which worksheet and header they stand under, and what each cell means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lib.domain.findings import Rule
from lib.domain.judge import Judged
from lib.domain.layout import Layout, find_layout
from lib.domain.normalise import clean, is_blank, key, to_date, to_text
from lib.domain.rules import integrity as X
from lib.domain.rules import schema as S
from lib.i18n import N_, T_, Text
from lib.services.scene import Refused
from lib.store.cellxml import MAX_TEXT, is_text_too_long
from sheets_schema.plan import Plan
from sheets_schema.sheet import Column, Kind
from sheets_schema.snapshot import Cell, Mark, RawSheet
from sheets_schema.workbook import BY_KEY, choices

KEY = "associations"
SHEET = BY_KEY[KEY]
COLUMNS = {column.name: column for column in SHEET.columns if column.name not in ("id", "check")}
"""Columns that a roster may fill; ids are the app's."""
_NUMBERLIKE = re.compile(r"\d(\.\d+)?E\+?\d+")
"""A long number as a spreadsheet program shows it: its last digits are lost."""
_LOST = T_("像是被表格程序当作数字，后面几位已经丢失")


class Fate(StrEnum):
    """What becomes of a row of the file (导入结果)."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


FATE_WORDS = {Fate.NEW: N_("新增"), Fate.CHANGED: N_("更改"), Fate.SAME: N_("相同"), Fate.REFUSED: N_("拒绝")}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is refused or doubtful: rule, clause, sentence and remedy."""

    rule: str
    clause: str
    message: Text
    remedy: Text


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: its cells as typed, the record it is (blank: a new one), the cells that would be set with
    what stands there now, and what speaks against it."""

    row: int
    cells: Mapping[str, str]
    record: str = ""
    values: Mapping[str, Cell] = field(default_factory=dict)
    expected: Mapping[str, Cell] = field(default_factory=dict)
    refused: Reason | None = None
    doubts: tuple[Reason, ...] = ()

    @property
    def fate(self) -> Fate:
        """What becomes of it."""
        if self.refused is not None:
            return Fate.REFUSED
        return Fate.NEW if not self.record else Fate.CHANGED if self.values else Fate.SAME


class Reader:
    """Turns what stands in the file into what would be typed into the workbook."""

    def __init__(self, judged: Judged, epoch_1904: bool) -> None:
        self.plan: Plan = judged.plan
        self.epoch_1904 = epoch_1904
        self._units = judged.stages["units"].spellings
        self._accepted = {
            name: {key(spelling): value for spelling, value in choices(column, judged.plan).items()}
            for name, column in COLUMNS.items()
        }

    def value(self, column: Column, cell: Cell, epoch_1904: bool | None = None) -> Cell:
        """A cell as its column keeps it; what cannot be read stays as it is, for the rules to refuse."""
        if column.kind is Kind.DATE:
            try:
                return to_date(cell, self.epoch_1904 if epoch_1904 is None else epoch_1904)
            except (ValueError, OverflowError):
                return clean(cell)
        if column.ref:
            return self._units.get(key(cell)) or clean(cell)
        if column.kind is Kind.CREDIT_CODE:
            return key(cell)
        return self._accepted[column.name].get(key(cell)) or clean(cell)

    def reason(self, rule: Rule, **params: object) -> Reason:
        """A rule of the catalogue as the reason for a refusal."""
        return Reason(rule.id, rule.clause(self.plan), Text(rule.message, params), Text(rule.remedy, params))

    def twin(self, message: Text, remedy: Text) -> Reason:
        """The rule that an association is registered once, in words that fit the file."""
        return Reason(X.X04.id, X.X04.clause(self.plan), message, remedy)


def rows_of(raw: RawSheet, layout: Layout, reader: Reader) -> Iterator[Line]:
    """The rows below the header that hold anything, as values to be stored."""
    for number in range(layout.header_row + 1, len(raw.cells) + 1):
        cells = raw.cells[number - 1]
        held = {
            name: cells[at]
            for name, at in layout.positions.items()
            if name in COLUMNS and at < len(cells) and not is_blank(cells[at])
        }
        marked = [
            (name, raw.marks.get((number, layout.addresses[name]))) for name in COLUMNS if name in layout.positions
        ]
        broken = next(
            (_marked(name, *mark, reader) for name, mark in marked if mark and mark[0] is not Mark.FORMULA), None
        )
        if not held and broken is None:
            continue
        broken = broken or _overlong(held, reader) or _lost_digits(held.get("credit_code"), reader)
        values = {name: reader.value(COLUMNS[name], cell) for name, cell in held.items()}
        yield Line(number, {name: to_text(cell) for name, cell in held.items()}, "", values, {}, broken)


def _marked(name: str, mark: Mark, text: str, reader: Reader) -> Reason:
    """A formula without a result, or an error value, in a column that would be taken over."""
    rule = S.S13 if mark is Mark.ERROR else S.S12
    found = reader.reason(rule, value=text[:60])
    label = COLUMNS[name].label
    return replace(found, message=T_("“{label}”：{why}", label=label, why=found.message))


def _overlong(held: Mapping[str, Cell], reader: Reader) -> Reason | None:
    """A text that no cell of a workbook holds."""
    found = next((cell for cell in held.values() if isinstance(cell, str) and is_text_too_long(cell)), None)
    return None if found is None else reader.reason(S.S18, n=len(found), limit=MAX_TEXT)


def _lost_digits(code: Cell, reader: Reader) -> Reason | None:
    """A credit code that a spreadsheet program made a number of: whoever stores it loses the association's identity."""
    if code is None or (isinstance(code, str) and not _NUMBERLIKE.search(key(code))):
        return None
    if isinstance(code, str) and len(key(code)) == 18 and not _NUMBERLIKE.fullmatch(key(code)):
        return None
    return reader.reason(S.S19, value=to_text(code), why=_LOST)


def table_of(sheets: Sequence[RawSheet], name: str) -> tuple[RawSheet, Layout]:
    """The worksheet with most of the roster's headers. Raises ``Refused`` when none has the association's name."""
    found = [(raw, find_layout(raw, SHEET)) for raw in sheets if raw.cells]
    best = max(found, key=lambda pair: len(pair[1].positions.keys() & COLUMNS.keys()), default=None)
    if best is None or "name" not in best[1].positions:
        raise Refused(
            T_("“{found}”里没有认出“{label}”这一列", found=name, label=SHEET.label_of("name")),
            T_("表头用“{sheet_label}”的列名，如：{options}", sheet_label=SHEET.label, options=_labels()),
        )
    return best


def _labels() -> str:
    return "、".join(column.label for column in list(COLUMNS.values())[:6])
