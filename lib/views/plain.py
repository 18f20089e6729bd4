"""Plain tables (表格文本): what leaves the app as text and is opened by a spreadsheet program starts no formula there.

A cell that a program could take for a formula gets an apostrophe in front, also where blanks or signs nobody sees come
before. Plain numbers stay, so that ``-5`` can be reckoned with.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

BOM = b"\xef\xbb\xbf"
"""Tells Excel that a CSV is UTF-8."""
_UNSEEN = r"\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff"
_FORMULA = re.compile(rf"[{_UNSEEN}]*[=+\-@＝＋－＠﹦﹢﹣﹫−]|[\t\r\n]")
_NUMBER = re.compile(r"-\d{1,15}(\.\d{1,15})?%?")


def inert(text: str) -> str:
    """Text that no spreadsheet program takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV for Excel: UTF-8 with a mark, days as 2016-03-31, no cell that could start a formula."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([inert(text) for text in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return BOM + out.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> object:
    if value is None:
        return ""
    return value if isinstance(value, (int, float)) else inert(str(value))
