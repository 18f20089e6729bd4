"""Boxes of cells and the A1 notation people and requests write them in."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import ApiError

_END = re.compile(r"^\$?([A-Za-z]{1,3})?\$?([1-9]\d*)?$")
_PLAIN = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_LIKE_A_CELL = re.compile(r"^([A-Za-z]{1,3}\d+|[Rr]\d*[Cc]\d*)$")


class Box(NamedTuple):
    """A rectangle of cells: zero-based, the ends excluded."""

    top: int
    bottom: int
    left: int
    right: int

    def meet(self, other: Box) -> Box:
        """What both have in common; may be empty."""
        return Box(
            max(self.top, other.top),
            min(self.bottom, other.bottom),
            max(self.left, other.left),
            min(self.right, other.right),
        )

    def __bool__(self) -> bool:
        return self.top < self.bottom and self.left < self.right

    def holds(self, row: int, column: int) -> bool:
        """Whether the cell lies inside."""
        return self.top <= row < self.bottom and self.left <= column < self.right

    def without(self, other: Box) -> list[Box]:
        """The parts of this box outside ``other``."""
        cut = self.meet(other)
        if not cut:
            return [self]
        parts = [
            Box(self.top, cut.top, self.left, self.right),
            Box(cut.bottom, self.bottom, self.left, self.right),
            Box(cut.top, cut.bottom, self.left, cut.left),
            Box(cut.top, cut.bottom, cut.right, self.right),
        ]
        return [part for part in parts if part]


class Area(NamedTuple):
    """A range as written: ``None`` where it is open or says nothing."""

    title: str | None
    part: str
    top: int | None
    bottom: int | None
    left: int | None
    right: int | None

    @property
    def one_cell(self) -> bool:
        """Whether it names a single cell, which a write may grow from."""
        return bool(self.part) and ":" not in self.part


def letters(column: int) -> str:
    """``0`` is ``A``."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def number(text: str) -> int:
    """``A`` is ``0``."""
    value = 0
    for letter in text.upper():
        value = value * 26 + ord(letter) - 64
    return value - 1


def quoted(title: str) -> str:
    """The title as answers show it: in quotes only when it needs them."""
    if _PLAIN.match(title) and not _LIKE_A_CELL.match(title):
        return title
    return "'" + title.replace("'", "''") + "'"


def a1(title: str, box: Box) -> str:
    """The range as answers show it; one cell without a colon."""
    first = f"{letters(box.left)}{box.top + 1}"
    last = f"{letters(box.right - 1)}{box.bottom}"
    return f"{quoted(title)}!{first}" + ("" if first == last else f":{last}")


def _split(text: str) -> tuple[str | None, str]:
    if text.startswith("'"):
        found = re.match(r"^'((?:[^']|'')*)'(?:!(.*))?$", text, re.S)
        if not found:
            raise ApiError(f"Unable to parse range: {text}")
        return found[1].replace("''", "'"), found[2] or ""
    title, mark, part = text.rpartition("!")
    return (title, part) if mark else (None, text)


def parse_part(part: str, whole: str) -> tuple[int | None, int | None, int | None, int | None]:
    """Top, bottom, left, right of ``A2:C`` and the like."""
    first, colon, last = part.partition(":")
    start, end = _END.match(first), _END.match(last if colon else first)
    if not (start and end and first and (last or not colon)):
        raise ApiError(f"Unable to parse range: {whole}")
    if not colon and not (start[1] and start[2]):
        raise ApiError(f"Unable to parse range: {whole}")
    rows = [int(m[2]) - 1 if m[2] else None for m in (start, end)]
    columns = [number(m[1]) if m[1] else None for m in (start, end)]
    return (*_ends(*rows), *_ends(*columns))


def _ends(first: int | None, last: int | None) -> tuple[int | None, int | None]:
    if first is not None and last is not None:
        first, last = min(first, last), max(first, last)
    if first is None and last is not None:
        # ``A:B5`` counts from the first row on.
        return 0, last + 1
    return first, None if last is None else last + 1


def parse(text: str, titles: list[str]) -> Area:
    """A range as a request writes it. A bare title is the whole tab, a bare range is on the first tab."""
    title, part = _split(text)
    if title is None and text in titles:
        title, part = text, ""
    if title is not None and title not in titles:
        raise ApiError(f"Unable to parse range: {text}")
    if not part:
        if title is None:
            raise ApiError(f"Unable to parse range: {text}")
        return Area(title, "", None, None, None, None)
    return Area(title, part, *parse_part(part, text))
