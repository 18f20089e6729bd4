"""A file that leaves the app (文件): its name, its kind and its bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.i18n import Text

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, TEXT, ICS = "text/csv; charset=utf-8", "text/plain; charset=utf-8", "text/calendar; charset=utf-8"
PNG, SVG, JSON = "image/png", "image/svg+xml", "application/json"
ENDINGS = {
    DOCX: ".docx",
    XLSX: ".xlsx",
    CSV: ".csv",
    TEXT: ".txt",
    ICS: ".ics",
    PNG: ".png",
    SVG: ".svg",
    JSON: ".json",
}
"""Kind → how a file's name ends."""
LONGEST_NAME = 80
"""Characters of a name: with its folder it has to fit into the 260 of Windows."""
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no XML may hold: Word and Excel call a file with it damaged."""
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+')


class NotDelivered(Exception):
    """A file cannot be made as it was asked for; ``reason`` says why and what to do."""

    def __init__(self, reason: Text) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, slots=True)
class File:
    """A finished file."""

    name: str
    media: str
    content: bytes


def named(title: str, media: str, content: bytes) -> File:
    """A file under a title people chose: without what no file system takes, and with the ending of its kind."""
    safe = _NOT_IN_NAMES.sub("_", title).strip(" .")[:LONGEST_NAME].rstrip(" .") or "_"
    return File(safe + ENDINGS[media], media, content)
