"""What is no workbook, or one that would harm: refused with a sentence, and nothing else is ever raised."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from lib.store.base import StoreError, Unreadable
from lib.store.reading import read_workbook
from lib.store.xlsx import XlsxStore
from tests.store.files import FIRST_SHEET, GOOD, edited, packed, saved

LAUGHS = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    f'<!ENTITY {chr(n + 1)} "{f"&{chr(n)};" * 10}">'.encode() for n in range(97, 107)
)
NO_WORKBOOKS = {
    "empty": b"",
    "text": "编号,单位名称\n1,市民政局".encode(),
    "garbage": random.Random(1).randbytes(5000),
    "cut in half": GOOD[: len(GOOD) // 2],
    "without its end": GOOD[:-30],
    "an old .xls or encrypted by Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096),
    "a zip of something else": packed(("a.txt", b"x")),
    "a text document": packed(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w/>")),
    "a workbook that is no XML": edited(GOOD, "xl/workbook.xml", (b"<sheets>", b"<sheets")),
    "without its sheet": edited(GOOD, "xl/_rels/workbook.xml.rels", (b"sheet1.xml", b"sheet9.xml")),
    "a sheet that is no XML": edited(GOOD, FIRST_SHEET, (b"<sheetData>", b"<sheetData")),
    "laughing": edited(GOOD, "xl/workbook.xml", (b"<workbook", LAUGHS + b"]><workbook"),
    (b'name="Sheet"', b'name="&k;"')),
    "a zip bomb": packed(*[(n, b"0" * 30 * 2**20) for n in ("xl/workbook.xml", FIRST_SHEET)]),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_WORKBOOKS)
def test_what_is_no_workbook_is_refused_with_a_sentence_in_chinese(tmp_path: Path, name: str):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(NO_WORKBOOKS[name])
    with pytest.raises(Unreadable, match=r"“台账\.xlsx”[\u4e00-\u9fff（]"):
        XlsxStore(path).read()


def locked(data: bytes) -> bytes:
    """The archive with the flag that its parts are encrypted."""
    made = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = made.find(mark)
        while at >= 0:
            made[at + offset] |= 1
            at = made.find(mark, at + 4)
    return bytes(made)


def spoiled(data: bytes, part: str) -> bytes:
    """The archive with the first bytes of a part's compressed content overwritten."""
    info = zipfile.ZipFile(io.BytesIO(data)).getinfo(part)
    start = info.header_offset + 30 + len(info.filename)
    return data[:start] + b"\xff" * 20 + data[start + 20 :]


@pytest.mark.parametrize("data", [locked(GOOD), spoiled(GOOD, "xl/workbook.xml")], ids=["password", "spoiled"])
def test_a_locked_or_spoiled_archive_is_refused_too(data: bytes):
    with pytest.raises(Unreadable):
        read_workbook(data, "台账.xlsx")


def test_bytes_changed_at_random_never_raise_anything_else():
    chance = random.Random(2015)
    for _ in range(300):
        data = bytearray(GOOD)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            read_workbook(bytes(data), "台账.xlsx")
        except StoreError:
            continue


def test_an_empty_row_at_the_very_end_is_no_content():
    """LibreOffice writes one when the height of all rows was changed; here the sheet has thirty columns."""

    def fill(tab: Worksheet) -> None:
        tab.append([f"列{number}" for number in range(30)])
        tab.row_dimensions[1_048_576].height = 12.8

    assert len(read_workbook(saved(fill), "台账.xlsx").sheets[0].cells) == 2


FAR_CELL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from pathlib import Path
from lib.store.base import StoreError
from lib.store.xlsx import XlsxStore
try:
    XlsxStore(Path(sys.argv[1])).read()
except StoreError:
    pass
"""


def test_a_stray_value_in_the_last_cell_of_a_sheet_does_not_end_the_process(tmp_path: Path):
    path = tmp_path / "台账.xlsx"
    path.write_bytes(saved(lambda tab: tab.cell(1_048_576, 16_384, "x")))
    done = subprocess.run([sys.executable, "-c", FAR_CELL, str(path)], capture_output=True, check=False)
    assert done.returncode == 0
