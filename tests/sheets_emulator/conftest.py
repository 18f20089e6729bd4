from __future__ import annotations

from collections.abc import Iterator

import gspread
import pytest

from .emulator import Emulator
from .human import Person
from .people import SERVICE

ROWS = [
    ["编号", "名称", "日期", "数"],
    ["a1", "甲协会", "2016/3/1", 3],
    ["a2", "乙协会", "", 1],
    ["a3", "丙协会", "x", 2],
]


@pytest.fixture
def emu() -> Iterator[Emulator]:
    with Emulator() as one:
        yield one


@pytest.fixture
def book_id(emu: Emulator) -> str:
    return emu.new("台账", {"协会": ROWS, "Log": []})


@pytest.fixture
def sheet(emu: Emulator, book_id: str) -> gspread.Spreadsheet:
    return emu.client(SERVICE).open_by_key(book_id)


@pytest.fixture
def staff(emu: Emulator, book_id: str) -> Person:
    return emu.book(book_id)
