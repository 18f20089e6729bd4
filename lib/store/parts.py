"""Which part of a workbook's archive is what: its sheets, styles, calculation chain and tables."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol
from xml.etree import ElementTree

WORKBOOK, TYPES = "xl/workbook.xml", "[Content_Types].xml"
"""The parts that every workbook has at these places."""
_NS = {
    "m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "r": "http://schemas.openxmlformats.org/package/2006/relationships",
}
_REL_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Readable(Protocol):
    """An archive, of ours or of the standard library."""

    def read(self, name: str, /) -> bytes:
        """The content of a part. Raises ``KeyError`` when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet: its title, the number by which the calculation chain knows it, and its part."""

    title: str
    id: int
    part: str


@dataclass(frozen=True, slots=True)
class Contents:
    """A workbook's sheets in order, the parts it has one of (``styles``, ``calcChain``…), and how it counts days."""

    tabs: tuple[Tab, ...]
    single: Mapping[str, str]
    epoch_1904: bool


def contents(archive: Readable) -> Contents:
    """What a workbook consists of. Raises ``KeyError``, ``ValueError`` or ``ElementTree.ParseError``."""
    workbook = ElementTree.fromstring(archive.read(WORKBOOK))
    related = dict(_relations(archive, WORKBOOK))
    tabs = tuple(
        Tab(sheet.get("name", ""), int(sheet.get("sheetId", 0)), related.get(sheet.get(_REL_ID, ""), ("", ""))[1])
        for sheet in workbook.iterfind("m:sheets/m:sheet", _NS)
    )
    properties = workbook.find("m:workbookPr", _NS)
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    return Contents(tabs, dict(related.values()), is_1904)


def sheet_parts(archive: Readable) -> tuple[dict[str, str], bool]:
    """Sheet title → its part in the archive, and whether dates count from 1904. Raises as ``contents`` does."""
    found = contents(archive)
    return {tab.title: tab.part for tab in found.tabs}, found.epoch_1904


def relations_part(part: str) -> str:
    """The part that tells which others a part refers to."""
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def _relations(archive: Readable, part: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Id → kind (the last word of its type) and part of everything inside the archive a part refers to."""
    for relation in ElementTree.fromstring(archive.read(relations_part(part))).iterfind("r:Relationship", _NS):
        if relation.get("TargetMode") != "External":
            target = posixpath.join(posixpath.dirname(part), relation.get("Target", ""))
            kind = relation.get("Type", "").rpartition("/")[2]
            yield relation.get("Id", ""), (kind, posixpath.normpath(target).lstrip("/"))


@dataclass(frozen=True, slots=True)
class Table:
    """An Excel table (超级表): where it lies, the names its header cells must show, and its rows of totals."""

    ref: str
    names: tuple[str, ...]
    headers: int
    totals: int


def tables(archive: Readable, part: str) -> Iterator[Table]:
    """The tables on a worksheet. Raises as ``contents`` does."""
    for kind, target in dict(_relations(archive, part)).values():
        if kind == "table":
            root = ElementTree.fromstring(archive.read(target))
            names = tuple(column.get("name", "") for column in root.iterfind("m:tableColumns/m:tableColumn", _NS))
            counts = int(root.get("headerRowCount", 1)), int(root.get("totalsRowCount", 0))
            yield Table(root.get("ref", ""), names, *counts)
