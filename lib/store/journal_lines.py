"""Lines of the journal (操作日志的一行): an entry as a line that carries the hash of the line before, and read back.

What is hashed is the text as it stands there, letter by letter: a line that was changed, dropped or moved shows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from lib.i18n import N_, _

_PREV, _HASH, _DIGITS = ',"prev":"', ',"hash":"', 64
FIRST = "0" * _DIGITS
"""What the first line carries as the hash of the line before."""
MALFORMED = N_("这一行不是完整的日志记录")
_ALTERED = N_("这一行的内容与它的校验值不符，写入后被改动过")
_UNLINKED = N_("这一行接不上前一行，之前有记录被删除、插入或调换")


@dataclass(frozen=True, slots=True)
class Entry:
    """One acknowledged line: its number from 1 on, when (ISO 8601 with offset), what kind, and what it tells."""

    seq: int
    at: str
    kind: str
    data: dict[str, Any]
    hash: str


def encoded(items: Sequence[tuple[str, dict[str, Any]]], at: str, seq: int, prev: str) -> tuple[bytes, list[Entry]]:
    """``(kind, data)`` pairs as the lines that follow line ``seq`` with the hash ``prev``, and as everybody will read
    them. Raises ``TypeError`` or ``ValueError`` for data that is not JSON."""
    lines, entries = list[str](), list[Entry]()
    for kind, data in items:
        seq += 1
        content = json.loads(_canonical({"seq": seq, "at": at, "kind": kind, "data": data}))
        mark = _hash(prev, _canonical(content))
        lines.append(_canonical({**content, "prev": prev, "hash": mark}))
        entries.append(Entry(seq, at, content["kind"], content["data"], mark))
        prev = mark
    return "\n".join((*lines, "")).encode(), entries


def decoded(lines: Sequence[bytes], seq: int, prev: str) -> tuple[list[Entry], str]:
    """The entries of lines that follow line ``seq`` with the hash ``prev``, up to the first bad one; and what is wrong
    with that, in a sentence."""
    entries: list[Entry] = []
    for line in lines:
        body, before, mark = _apart(line)
        if not body:
            return entries, _(MALFORMED)
        if _hash(before, body) != mark:
            return entries, _(_ALTERED)
        try:
            content = json.loads(body)
            entry = Entry(content["seq"], content["at"], content["kind"], content["data"], mark)
        except (ValueError, KeyError):
            return entries, _(MALFORMED)
        if before != prev or entry.seq != seq + 1:
            return entries, _(_UNLINKED)
        entries.append(entry)
        seq, prev = entry.seq, mark
    return entries, ""


def is_torn(rest: bytes) -> bool:
    """Whether the very end of the journal can be what a crash left of a line. A whole line with anything after it
    cannot: it was acknowledged."""
    try:
        content, end = json.JSONDecoder().raw_decode(text := rest.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return True
    return not isinstance(content, dict) or end == len(text)


_canonical = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode


def _hash(prev: str, body: str) -> str:
    return sha256((prev + body).encode()).hexdigest()


def _apart(line: bytes) -> tuple[str, str, str]:
    """What of a line was hashed, letter by letter so that any change shows, and its two hashes; blank when it is no
    line of ours. The last places are the right ones: after them comes no quotation mark that is not escaped."""
    try:
        front, _prev, back = line.decode().rpartition(_PREV)
    except UnicodeDecodeError:
        return "", "", ""
    front, _mark, middle = front.rpartition(_HASH)
    if middle[_DIGITS : _DIGITS + 1] != '"' or back[_DIGITS : _DIGITS + 1] != '"':
        return "", "", ""
    return front + middle[_DIGITS + 1 :] + back[_DIGITS + 1 :], back[:_DIGITS], middle[:_DIGITS]
