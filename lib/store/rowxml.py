"""One row of a worksheet's XML with some of its cells changed; the bytes of all other cells stay as they are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple, NoReturn

from lib.i18n import N_, _
from lib.store.archive import Unpatchable
from lib.store.cellxml import MAX_COLUMN, Dates, cell_xml, position, reference
from sheets_schema.snapshot import Cell

Values = Mapping[int, Cell]
"""Column, counted from 1 → value."""

_ATTRIBUTE = re.compile(rb"([^\s=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ATTRIBUTES = rb"(?P<attributes>(?:\s++[^\s=<>/\"']++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))*+)\s*+"
_CELL = (
    rb"\s*+(?P<cell><~c(?=[\s/>])(?: r=\"([A-Z]{1,3})([1-9]\d{0,6})\")?+(?: s=\"(\d+)\")?+@"
    rb"(?:/>|>([^<]*+(?:<(?!/~c\s*+>)[^<]*+)*+)</~c\s*+>))"
)
"""A cell: reference and style where most programs write them, other attributes, and what it holds."""
_REFERENCE = re.compile(rb"([A-Z]{1,3})([1-9]\d{0,6})")
_SPANS = re.compile(rb"\sspans\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_SPAN = re.compile(rb"(\d+):(\d+)")
_MALFORMED = N_(
    "“{sheet}”的内部结构不合规范，就地改写可能损坏它，没有改动；请在 Excel 或 WPS 里打开这个工作簿，另存一次再试"
)
_SHARED = N_("“{sheet}”的 {cell} 是共享公式的源头，改写它会破坏其他单元格的公式；请先在 Excel 或 WPS 里改成数值")
_ARRAY = N_("“{sheet}”的 {cell} 属于数组公式或模拟运算表，不能单独改写；请先在 Excel 或 WPS 里改成数值")


def is_blank(value: Cell) -> bool:
    """Whether a value clears its cell."""
    return value is None or value == ""


def attributes(tag: bytes) -> dict[bytes, bytes]:
    """The attributes of a tag as they are written, entities included."""
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(tag)}


@dataclass(frozen=True, slots=True)
class Tags:
    """How the tags look in a worksheet that writes the main namespace with one prefix (none, mostly)."""

    prefix: str
    data: re.Pattern[bytes]
    dimension: re.Pattern[bytes]
    column: re.Pattern[bytes]
    row: re.Pattern[bytes]
    row_tag: re.Pattern[bytes]
    row_end: re.Pattern[bytes]
    before_row: re.Pattern[bytes]
    cell: re.Pattern[bytes]
    formula: re.Pattern[bytes]
    array: re.Pattern[bytes]


@lru_cache(maxsize=8)
def tags(prefix: bytes) -> Tags:
    """The patterns for a namespace prefix, given with its colon."""

    def tag(pattern: bytes) -> re.Pattern[bytes]:
        return re.compile(pattern.replace(b"~", re.escape(prefix)).replace(b"@", _ATTRIBUTES), re.DOTALL)

    return Tags(
        prefix=prefix.decode("ascii"),
        data=tag(rb"<~sheetData(?=[\s/>])@(?P<closed>/?)>"),
        dimension=tag(rb"<~dimension\s+ref\s*=\s*[\"'](?P<ref>([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?)[\"']"),
        column=tag(rb"<~col(?=\s)@/?>"),
        row=tag(rb"<~row(?:\s+r=\"(\d{1,7})\")?(?=[\s/>])"),
        row_tag=tag(rb"<~row@(?P<closed>/?)>"),
        row_end=tag(rb"</~row\s*>"),
        before_row=tag(rb"(?:</~row\s*>|<~row(?=[\s/])[^<]*/>)?\s*"),
        cell=tag(_CELL),
        formula=tag(rb"<~f(?=[\s/>])@/?>"),
        array=tag(rb"<~f(?=\s)(?=[^>]*\st\s*=\s*[\"'](?:array|dataTable)[\"'])@/?>"),
    )


@dataclass(frozen=True)
class Frame:
    """What the rows of a worksheet share: its title, its tags, how days are kept, and the XML before the rows."""

    title: str
    tags: Tags
    dates: Dates
    head: bytes

    def refuse(self) -> NoReturn:
        """Give up on XML that is not as the standard has it, or as no known program writes it."""
        raise Unpatchable(_(_MALFORMED, sheet=self.title))

    def refuse_array(self, cell: str) -> NoReturn:
        """Give up on a cell that is one with others."""
        raise Unpatchable(_(_ARRAY, sheet=self.title, cell=cell))

    @cached_property
    def _column_styles(self) -> list[tuple[int, int, int]]:
        told = [attributes(found["attributes"]) for found in self.tags.column.finditer(self.head)]
        return [(int(one[b"min"]), int(one[b"max"]), int(one.get(b"style", 0))) for one in told]

    def column_style(self, column: int) -> int:
        """The style of a column's cells that have none of their own."""
        return next((style for first, last, style in self._column_styles if first <= column <= last), 0)


@dataclass(frozen=True, slots=True)
class Edit:
    """Bytes to put between two places of a text; nothing goes where both are one."""

    start: int
    end: int
    made: bytes


def applied(text: bytes, edits: Sequence[Edit]) -> bytes:
    """A text with edits made, which are in order and do not overlap."""
    whole = memoryview(text)  # its slices are no copies
    pieces, at = list[bytes | memoryview](), 0
    for edit in edits:
        pieces += whole[at : edit.start], edit.made
        at = edit.end
    return b"".join((*pieces, whole[at:]))


class _Found(NamedTuple):
    """A cell as it stands in its row."""

    start: int
    end: int
    column: int
    style: int | None
    inner: bytes


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row's new XML, and its cells (``B5``) that no longer hold the formula they had."""

    xml: bytes
    unformulated: tuple[str, ...] = ()


def new_row(frame: Frame, number: int, values: Values) -> bytes:
    """A row that was not there; nothing when there is nothing to stand in it."""
    empty = f'<{frame.tags.prefix}row r="{number}"/>'.encode()
    made = changed_row(frame, empty, number, values).xml
    return b"" if made == empty else made


def changed_row(frame: Frame, row: bytes, number: int, values: Values) -> ChangedRow:
    """A whole ``row`` element with some cells changed. Raises ``Unpatchable``."""
    tag = frame.tags.row_tag.match(row)
    if tag is None:
        frame.refuse()
    start, end = tag.end(), len(row) if tag["closed"] else row.rfind(b"</")
    cells = list(_cells(frame, row, start, end, number))
    gone = tuple(_formulas(frame, cells, number, values))
    edits = list(_edits(frame, cells, start, number, values, _row_style(tag["attributes"])))
    if not edits:
        return ChangedRow(row)
    head, body = row[:start], row[start:end]
    if tag["closed"]:
        head, tail = head[: tag.start("closed")] + b">", f"</{frame.tags.prefix}row>".encode()
    else:
        tail = row[end:]
    moved = [Edit(edit.start - start, edit.end - start, edit.made) for edit in edits]
    return ChangedRow(_spanning(head, values) + applied(body, moved) + tail, gone)


def _cells(frame: Frame, row: bytes, at: int, end: int, number: int) -> Iterator[_Found]:
    column = 0
    for found in frame.tags.cell.finditer(row, at, end):
        if found.start() != at:
            break
        _cell, letters, in_row, style, more, inner = found.groups()
        if more and (letters is None or style is None):
            told = attributes(more)
            letters, in_row = (letters, in_row) if letters else _where(frame, told.get(b"r"))
            style = style or told.get(b"s")
        # a cell without a reference stands right of the one before it
        before, column = column, _column(letters) if letters else column + 1
        if column <= before or (letters and int(in_row) != number):
            frame.refuse()
        at = found.end()
        yield _Found(found.start("cell"), at, column, int(style) if style else None, inner or b"")
    rest = row[at:end].lstrip()
    if rest and not rest.startswith(f"<{frame.tags.prefix}extLst".encode()):
        frame.refuse()


def _where(frame: Frame, told: bytes | None) -> tuple[bytes | None, bytes]:
    found = _REFERENCE.fullmatch(told) if told else None
    if told and not found:
        frame.refuse()
    return (found[1], found[2]) if found else (None, b"")


@lru_cache(maxsize=MAX_COLUMN)
def _column(letters: bytes) -> int:
    return position(letters.decode())


def _edits(
    frame: Frame, cells: Sequence[_Found], start: int, number: int, values: Values, row_style: int
) -> Iterator[Edit]:
    columns = [cell.column for cell in cells]
    after = cells[-1].end if cells else start
    for column, value in sorted(values.items()):
        place = bisect_left(columns, column)
        there = place < len(cells) and columns[place] == column
        if is_blank(value) and not (there and cells[place].inner):
            continue
        if there:
            start, end, style = cells[place].start, cells[place].end, cells[place].style
        else:
            start = end = cells[place].start if place < len(cells) else after
            style = row_style or frame.column_style(column) or None
        made = cell_xml(frame.tags.prefix, reference(number, column), style, value, frame.dates)
        yield Edit(start, end, made.encode())


def _row_style(tag: bytes) -> int:
    told = attributes(tag)
    return int(told.get(b"s", 0)) if told.get(b"customFormat") in (b"1", b"true") else 0


def _spanning(head: bytes, values: Values) -> bytes:
    """The row's tag without ``spans``, a hint for faster loading, where it would no longer be true."""
    found = _SPANS.search(head)
    if not found:
        return head
    spans = [(int(first), int(last)) for first, last in _SPAN.findall(found[0])]
    within = all(any(first <= column <= last for first, last in spans) for column in values)
    return head if within else head[: found.start()] + head[found.end() :]


def _formulas(frame: Frame, cells: Sequence[_Found], number: int, values: Values) -> Iterator[str]:
    """The cells whose formula is overwritten. Raises ``Unpatchable`` where others depend on that formula."""
    for cell in cells:
        found = frame.tags.formula.search(cell.inner) if cell.column in values else None
        if found is None:
            continue
        told, where = attributes(found["attributes"]), reference(number, cell.column)
        if told.get(b"t") in (b"array", b"dataTable"):
            frame.refuse_array(where)
        if told.get(b"t") == b"shared" and b"ref" in told:
            raise Unpatchable(_(_SHARED, sheet=frame.title, cell=where))
        yield where
