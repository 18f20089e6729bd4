"""Cells changed in the XML of one worksheet, by cutting and joining bytes: what is not changed is not even parsed.

Regular expressions find rows and cells. What makes that safe: within ``sheetData`` every ``<`` opens a tag (comments,
CDATA sections and instructions there are refused), row numbers must rise, each cut lies right behind the end of a row
or cell, and a real XML parser reads again all that was made (``lib.store.proof``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import ge

from lib.i18n import N_, _
from lib.store.archive import Unpatchable
from lib.store.cellxml import Dates, position, reference
from lib.store.proof import prove
from lib.store.rowxml import Edit, Frame, Values, applied, attributes, changed_row, is_blank, new_row, tags

Rows = Mapping[int, Values]
"""Row → column → value, both counted from 1."""

_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*)*<(?P<prefix>(?:[\w.-]+:)?)worksheet(?=[\s>])", re.DOTALL
)
_RANGE = re.compile(rb"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?")
_NO_WORKSHEET = N_("“{sheet}”不是普通工作表（例如是图表），没有可以改写的单元格")


@dataclass(frozen=True, slots=True)
class Spliced:
    """A worksheet's new XML, and the cells (``B5``) that no longer hold the formula they had."""

    xml: bytes
    unformulated: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Change(Edit):
    """A row to put in place of what stands there, if anything does."""

    number: int
    unformulated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A worksheet's XML, and between which places its rows are."""

    frame: Frame
    xml: bytes
    start: int
    end: int

    def has(self, pair: bytes) -> bool:
        """Whether two bytes stand side by side among the rows; to find that one is nowhere is 30 times faster."""
        return all(self.xml.find(part, self.start, self.end) >= 0 for part in (pair[1:], pair))


def splice(xml: bytes, rows: Rows, dates: Dates, title: str) -> Spliced:
    """The worksheet with some cells changed. Raises ``Unpatchable``; ``title`` is for its message."""
    sheet = _sheet(xml, dates, title)
    _refuse_arrays(sheet, rows)
    changes = [change for change in _changes(sheet, rows) if sheet.xml[change.start : change.end] != change.made]
    if not changes:
        return Spliced(xml, frozenset())
    wider = _widening(sheet.frame, rows)
    made = [(change.number, change.made) for change in changes]
    prove(applied(sheet.frame.head, wider), made, sheet.xml[sheet.end :])
    gone = frozenset(cell for change in changes for cell in change.unformulated)
    return Spliced(applied(sheet.xml, [*wider, *changes]), gone)


def _sheet(xml: bytes, dates: Dates, title: str) -> _Sheet:
    root = _ROOT.match(xml)
    if root is None:
        raise Unpatchable(_(_NO_WORKSHEET, sheet=title))
    found = tags(root["prefix"])
    opening = found.data.search(xml, root.end())
    if opening is None:
        Frame(title, found, dates, b"").refuse()
    ending = f"</{found.prefix}sheetData".encode()
    if opening["closed"]:
        opened = xml[: opening.start("closed")] + b">"
        frame = Frame(title, found, dates, opened)
        return _Sheet(frame, opened + ending + b">" + xml[opening.end() :], len(opened), len(opened))
    frame = Frame(title, found, dates, xml[: opening.end()])
    sheet = _Sheet(frame, xml, opening.end(), xml.rfind(ending))
    if sheet.end < sheet.start or sheet.has(b"<!") or sheet.has(b"<?"):
        frame.refuse()
    return sheet


def _changes(sheet: _Sheet, rows: Rows) -> Iterator[_Change]:
    index = _Index(sheet)
    for number, values in sorted(rows.items()):
        place = bisect_left(index.numbers, number)
        start = index.start(place)
        _refuse_within(sheet, start)
        if place < len(index.numbers) and index.numbers[place] == number:
            end = _row_end(sheet, start, index.start(place + 1))
            changed = changed_row(sheet.frame, sheet.xml[start:end], number, values)
            yield _Change(start, end, changed.xml, number, changed.unformulated)
        else:
            yield _Change(start, start, new_row(sheet.frame, number, values), number)


class _Index:
    """The numbers of all rows, which rise, and where the rows start that are asked for in rising order."""

    def __init__(self, sheet: _Sheet) -> None:
        self.sheet, self.at = sheet, sheet.start
        # findall, since a list of match objects costs twice the time and sets off the garbage collector
        self.numbers = [int(number or 0) for number in sheet.frame.tags.row.findall(sheet.xml, sheet.start, sheet.end)]
        if 0 in self.numbers:
            self.numbers = self._numbered()
        if any(map(ge, self.numbers, self.numbers[1:])):
            sheet.frame.refuse()

    def start(self, place: int) -> int:
        """Where a row starts; behind the last one, where the rows end."""
        if place == len(self.numbers):
            return self.sheet.end
        usual = f'<{self.sheet.frame.tags.prefix}row r="{self.numbers[place]}"'.encode()
        found = self.sheet.xml.find(usual, self.at, self.sheet.end) if "_starts" not in self.__dict__ else -1
        if found < 0:
            return self._starts[place]
        self.at = found
        return found

    @cached_property
    def _starts(self) -> list[int]:
        """Where all rows start, for those that do not write their number first."""
        sheet = self.sheet
        return [found.start() for found in sheet.frame.tags.row.finditer(sheet.xml, sheet.start, sheet.end)]

    def _numbered(self) -> list[int]:
        """The numbers of rows some of which do not tell theirs first, or at all: such a row follows the one before."""
        numbers = [0]
        for start in self._starts:
            tag = self.sheet.frame.tags.row_tag.match(self.sheet.xml, start)
            if tag is None:
                self.sheet.frame.refuse()
            told = attributes(tag["attributes"]).get(b"r")
            numbers.append(int(told) if told else numbers[-1] + 1)
        return numbers[1:]


def _row_end(sheet: _Sheet, start: int, limit: int) -> int:
    """Where the row ends that starts here; nothing but white space may stand between it and the next one."""
    tag = sheet.frame.tags.row_tag.match(sheet.xml, start, limit)
    end = tag if tag and tag["closed"] else sheet.frame.tags.row_end.search(sheet.xml, start, limit)
    if end is None or sheet.xml[end.end() : limit].strip():
        sheet.frame.refuse()
    return end.end()


def _refuse_within(sheet: _Sheet, place: int) -> None:
    """A place between rows follows a row or the beginning; any other would lie in something unknown."""
    before = max(sheet.xml.rfind(b"<", sheet.start, place), sheet.start)
    if sheet.frame.tags.before_row.fullmatch(sheet.xml, before, place) is None:
        sheet.frame.refuse()


def _refuse_arrays(sheet: _Sheet, rows: Rows) -> None:
    """Cells of an array formula or a data table are one: all but the first look like plain numbers."""
    if not sheet.has(b"<" + (sheet.frame.tags.prefix[:1] or "f").encode()):
        return
    numbers = sorted(rows)
    for found in sheet.frame.tags.array.finditer(sheet.xml, sheet.start, sheet.end):
        top, left, bottom, right = rectangle(attributes(found["attributes"]).get(b"ref", b""))
        for number in numbers[bisect_left(numbers, top) : bisect_right(numbers, bottom)]:
            for column in rows[number]:
                if left <= column <= right:
                    sheet.frame.refuse_array(reference(number, column))


def _widening(frame: Frame, rows: Rows) -> list[Edit]:
    """What makes the ``dimension`` before the rows take in all cells that are written, if there is one."""
    found = frame.tags.dimension.search(frame.head)
    written = [(row, column) for row, values in rows.items() for column, value in values.items() if not is_blank(value)]
    if not found or not written:
        return []
    top, left, bottom, right = rectangle(found["ref"])
    used, wide = zip(*written, strict=True)
    first, last = reference(min(top, *used), min(left, *wide)), reference(max(bottom, *used), max(right, *wide))
    return [Edit(*found.span("ref"), (first if first == last else f"{first}:{last}").encode())]


def rectangle(ref: bytes) -> tuple[int, int, int, int]:
    """``B2:C5`` → (2, 2, 5, 3): top, left, bottom, right. Raises ``ValueError``."""
    found = _RANGE.fullmatch(ref)
    if found is None:
        raise ValueError(ref)
    left, top, right, bottom = found.groups()
    first = int(top), position(left.decode())
    return *first, *((int(bottom), position(right.decode())) if right else first)
