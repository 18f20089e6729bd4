"""Workbook files as other programs make and spoil them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet


def saved(fill: Callable[[Worksheet], object]) -> bytes:
    """A workbook of one sheet with 编号 in A1, made by another program."""
    book = openpyxl.Workbook()
    book.active["A1"] = "编号"
    fill(book.active)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def edited(data: bytes, part: str, *changes: tuple[bytes, bytes]) -> bytes:
    """The workbook with bytes of one part replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            for before, after in changes if name == part else ():
                assert before in content
                content = content.replace(before, after)
            new.writestr(name, content)
    return target.getvalue()


FIRST_SHEET = "xl/worksheets/sheet1.xml"


def packed(*parts: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return target.getvalue()


GOOD = saved(lambda tab: tab.append(["DW-01", "市民政局", date(2016, 3, 31)]))
