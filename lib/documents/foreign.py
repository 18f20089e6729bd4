"""A template from elsewhere (自备模板): read from beside the workbook, and refused where it would do more than be
filled in: fetch something when somebody opens it, carry macros or programs, or unpack without end.

Whoever may write to that folder need not be trusted by everybody who opens the documents made of it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml

from lib.documents.file import NotDelivered
from lib.i18n import T_, Text

LARGEST, UNPACKED, PARTS = 5 * 2**20, 50 * 2**20, 500
"""Bytes of a template, the same unpacked, and how many parts it may have."""
_PROGRAMS = re.compile(r"vbaproject|vbadata|activex|/embeddings/|oleobject|\.bin$|\.exe$", re.IGNORECASE)
_FIELDS = frozenset({
    "PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "TOC", "PAGEREF", "REF", "SEQ", "STYLEREF", "HYPERLINK", "DATE",
    "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "TITLE", "ADVANCE", "EQ", "SYMBOL", "=", "IF",
})  # fmt: skip
"""Fields that Word works out by itself, of this document alone."""


def read_template(own: Path) -> bytes:
    """The bytes of a template. Raises ``NotDelivered`` for one that cannot be used, and ``OSError``."""
    with own.open("rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise NotDelivered(T_("超过 {n} MB", n=LARGEST // 2**20))
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _check(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise NotDelivered(T_("不是 Word 文件（.docx）")) from error
    return content


def _check(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise NotDelivered(T_("解压后太大"))
    for part in parts:
        if _PROGRAMS.search(part.filename):
            raise NotDelivered(T_("里面有宏或嵌入的对象“{name}”，请去掉", name=part.filename[:80]))
        if part.filename.lower().endswith((".rels", ".xml")):
            why = _why_not(parse_xml(archive.read(part)))
            if why is not None:
                raise NotDelivered(why)


def _why_not(root: Any) -> Text | None:
    """What a part would fetch or run when it is opened."""
    for one in root.iter("{*}Relationship"):
        if one.get("TargetMode") == "External" and not one.get("Type", "").endswith("/hyperlink"):
            return T_("链接着文件以外的“{value}”，请改为嵌入或去掉", value=one.get("Target", "")[:80])
    for one in root.iter(qn("w:altChunk"), qn("w:object"), qn("w:control")):
        return T_("里面有宏或嵌入的对象“{name}”，请去掉", name=str(one.tag).rpartition("}")[2])
    for code in _fields(root):
        if (code.split() or ["="])[0].upper() not in _FIELDS and not code.lstrip().startswith("="):
            return T_("用了域“{value}”，可能从别处取内容，请去掉", value=code.strip()[:80])
    return None


def _fields(root: Any) -> Iterator[str]:
    """The codes of all fields, also of those whose code is in pieces; of one inside another both."""
    open_ones: list[str] = []
    for one in root.iter(qn("w:fldSimple"), qn("w:fldChar"), qn("w:instrText")):
        if one.tag == qn("w:fldSimple"):
            yield one.get(qn("w:instr"), "")
        elif one.tag == qn("w:instrText"):
            if not open_ones:
                open_ones.append("")
            open_ones[-1] += one.text or ""
        elif one.get(qn("w:fldCharType")) == "begin":
            open_ones.append("")
        elif one.get(qn("w:fldCharType")) == "end" and open_ones:
            yield open_ones.pop()
    yield from open_ones
