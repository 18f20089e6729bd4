"""The zip file around a workbook: some parts are replaced, all others stay byte for byte.

Python's own ``zipfile`` writes every header anew and in its own manner, so it only checks here what came out.
The layout is that of PKWARE's APPNOTE: local records, then the central directory, then its end record.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO

from lib.i18n import N_, _
from lib.store.base import StoreError

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_ZIP64_MARK, _ZIP64_MARK_SIZE = b"PK\x06\x07", 20
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
"""What stands where a number is in a Zip64 record instead."""
_OFFSET_AT = 42
"""Where in a central record the place of the local one stands."""
_ENCRYPTED, _UTF_8 = 0x2041, 0x0800
"""Flags: any kind of encryption; the name is UTF-8."""
_STORED, _DEFLATED, _VERSION, _NEWEST = 0, 8, 20, 63
"""Methods; the version of the format we write, and the newest that programs read (6.3)."""
_PIECE = 2**18
"""Bytes read at once for checking: what fits a cache takes a quarter less time than the whole."""
MAX_PART = 1000 * 2**20
"""Bytes one part may unpack to; the reader's limit for all of them together."""
LEVEL = 1
"""12 MB of sheet take 40 ms to compress, against 160 at the usual level 6, for a part 40 % larger."""

_DAMAGED = N_("工作簿文件已损坏，没有改动它")
_UNUSUAL = N_(
    "工作簿加了密码，或用了不能就地改写的压缩方式（如 Zip64），没有改动它；请在 Excel 或 WPS 里另存为普通的 .xlsx"
)
_FAILED = N_("改写后的工作簿没有通过检查，没有采用它，原文件未改动")


class Unpatchable(StoreError):
    """The workbook cannot be changed in place without risk to something else in it; it was not changed."""


def damaged() -> Unpatchable:
    """The exception for a file that contradicts itself."""
    return Unpatchable(_(_DAMAGED))


def failed() -> Unpatchable:
    """The exception for a result that is not what it was meant to be: it must not be used."""
    return Unpatchable(_(_FAILED))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One part as the central directory tells it; its local record ends where the next one begins."""

    name: str
    central: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int
    end: int = 0


@dataclass(frozen=True, slots=True)
class _Directory:
    entries: tuple[_Entry, ...]
    start: int
    end: int


class Archive:
    """A zip file in memory. Raises ``Unpatchable`` when it is damaged, encrypted or uses Zip64."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._directory = _directory(data)
        self._entries = {entry.name: entry for entry in self._directory.entries}
        if len(self._entries) != len(self._directory.entries):
            raise damaged()  # which of two parts of one name counts differs between programs
        self._changes: dict[str, bytes | None] = {}

    def names(self) -> list[str]:
        """The names of all parts, in order, as they were in the file."""
        return list(self._entries)

    def read(self, name: str, /) -> bytes:
        """A part as it is now. Raises ``KeyError`` when there is none, ``Unpatchable`` when it is damaged."""
        changed = self._changes.get(name)
        if changed is not None:
            return changed
        if name in self._changes:
            raise KeyError(name)
        return _content(self._data, self._entries[name])

    def put(self, name: str, content: bytes) -> None:
        """Replace a part, or add one at the end."""
        self._changes[name] = content

    def drop(self, name: str) -> None:
        """Leave a part out."""
        self._changes[name] = None

    def packed(self) -> bytes:
        """The archive with its changes, checked. Raises ``Unpatchable`` when the check fails."""
        if not self._changes:
            return self._data
        made = self._written()
        self._check(made)
        return made

    def _written(self) -> bytes:
        by_place = sorted(self._directory.entries, key=lambda entry: entry.start)
        pieces = [self._data[: by_place[0].start if by_place else 0]]
        place, centrals = len(pieces[0]), dict[str, bytes]()
        for name, local, central in self._records(by_place):
            centrals[name] = central[:_OFFSET_AT] + struct.pack("<L", place) + central[_OFFSET_AT + 4 :]
            pieces.append(local)
            place += len(local)
        ordered = [centrals[name] for name in (*self._entries, *self._added()) if name in centrals]
        directory = b"".join(ordered)
        end = self._data[self._directory.end :]
        mark, disk, first, _here, _all, _size, _at, comment = _END.unpack_from(end)
        if place + len(directory) >= _FULL_32 or len(ordered) >= _FULL_16:
            raise Unpatchable(_(_UNUSUAL))
        tail = _END.pack(mark, disk, first, len(ordered), len(ordered), len(directory), place, comment)
        return b"".join((*pieces, directory, tail, end[_END.size :]))

    def _added(self) -> Iterator[str]:
        return (name for name, content in self._changes.items() if content is not None and name not in self._entries)

    def _records(self, by_place: Sequence[_Entry]) -> Iterator[tuple[str, bytes, bytes]]:
        """Name, local record and central record of each part, in the order of the file; new ones last."""
        for entry in by_place:
            if entry.name not in self._changes:
                yield entry.name, self._data[entry.start : entry.end], entry.central
            elif (content := self._changes[entry.name]) is not None:
                yield entry.name, *_record(entry.name, content, entry.central)
        for name in self._added():
            content = self._changes[name]
            assert content is not None
            yield name, *_record(name, content, None)

    def _check(self, made: bytes) -> None:
        """Open the result with the standard library: changed parts as meant, all others with what they had."""
        kept = [name for name in self._entries if self._changes.get(name, b"") is not None]
        try:
            with zipfile.ZipFile(BytesIO(made)) as archive:
                if [*kept, *self._added()] != archive.namelist():
                    raise failed()
                for info in archive.infolist():
                    self._check_part(archive, info)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise failed() from error

    def _check_part(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        content = self._changes.get(info.filename)
        if content is None:
            entry = self._entries[info.filename]
            if (info.CRC, info.compress_size, info.file_size) != (entry.crc, entry.packed, entry.size):
                raise failed()
            return
        if (info.CRC, info.file_size) != (zlib.crc32(content), len(content)):
            raise failed()
        with archive.open(info) as part:  # reading to the end makes zipfile compare the checksum
            while part.read(_PIECE):
                pass


def _directory(data: bytes) -> _Directory:
    end = data.rfind(_END_MARK, max(len(data) - _END.size - _FULL_16, 0))
    if end < 0 or end + _END.size > len(data):
        raise damaged()
    _mark, disk, first, here, count, size, start, comment = _END.unpack_from(data, end)
    if data[max(end - _ZIP64_MARK_SIZE, 0) :].startswith(_ZIP64_MARK) or count == _FULL_16 or start == _FULL_32:
        raise Unpatchable(_(_UNUSUAL))
    if disk or first or here != count or start + size != end or end + _END.size + comment != len(data):
        raise damaged()
    return _Directory(_placed(data, list(_entries(data[start:end], count)), start), start, end)


def _entries(directory: bytes, count: int) -> Iterator[_Entry]:
    at = 0
    for _number in range(count):
        if at + _CENTRAL.size > len(directory) or not directory.startswith(_CENTRAL_MARK, at):
            raise damaged()
        fields = _CENTRAL.unpack_from(directory, at)
        needed, flags, method, crc, packed, size = *fields[2:5], *fields[7:10]
        name_end = at + _CENTRAL.size + fields[10]
        end = name_end + fields[11] + fields[12]
        is_known = needed <= _NEWEST and method in (_STORED, _DEFLATED)
        if flags & _ENCRYPTED or not is_known or _FULL_32 in (packed, size, fields[16]):
            raise Unpatchable(_(_UNUSUAL))
        name = _name(directory[at + _CENTRAL.size : name_end], flags)
        yield _Entry(name, directory[at:end], flags, method, crc, packed, size, fields[16])
        at = end
    if at != len(directory):
        raise damaged()


def _name(name: bytes, flags: int) -> str:
    try:
        return name.decode("utf-8" if flags & _UTF_8 else "cp437")
    except UnicodeDecodeError as error:
        raise damaged() from error


def _placed(data: bytes, entries: list[_Entry], limit: int) -> tuple[_Entry, ...]:
    """The entries with the ends of their local records, each of which must be where and what it is said to be."""
    starts = sorted({entry.start for entry in entries})
    after = dict(zip(starts, [*starts[1:], limit], strict=True))
    if len(after) != len(entries):
        raise damaged()
    placed = tuple(replace(entry, end=after[entry.start]) for entry in entries)
    for entry in placed:
        _body(data, entry)
    return placed


def _body(data: bytes, entry: _Entry) -> int:
    """Where a part's compressed bytes begin. Raises ``Unpatchable``."""
    if not data.startswith(_LOCAL_MARK, entry.start) or entry.start + _LOCAL.size > entry.end:
        raise damaged()
    fields = _LOCAL.unpack_from(data, entry.start)
    name_at = entry.start + _LOCAL.size
    body: int = name_at + fields[9] + fields[10]
    named = _CENTRAL.unpack_from(entry.central)[10]
    same = data[name_at : name_at + fields[9]] == entry.central[_CENTRAL.size : _CENTRAL.size + named]
    if not same or fields[3] != entry.method or body + entry.packed > entry.end:
        raise damaged()
    return body


def _content(data: bytes, entry: _Entry) -> bytes:
    if entry.size > MAX_PART:
        raise Unpatchable(_(_UNUSUAL))
    body = _body(data, entry)
    content = data[body : body + entry.packed]
    if entry.method == _DEFLATED:
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, entry.size + 1)
        except zlib.error as error:
            raise damaged() from error
    if len(content) != entry.size or zlib.crc32(content) != entry.crc:
        raise damaged()
    return content


def _record(name: str, content: bytes, central: bytes | None) -> tuple[bytes, bytes]:
    """The local and central record of a changed part. Its time, name and attributes stay, extra fields do not:
    those tell of the compression it had."""
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(content) + deflate.flush()
    if central is None:
        encoded, comment = name.encode(), b""
        made, flags, time, day, inside, outside = _VERSION, _UTF_8, 0, 0x21, 0, 0
    else:
        old = _CENTRAL.unpack_from(central)
        made, flags, time, day, inside, outside = old[1], old[3] & _UTF_8, old[5], old[6], old[14], old[15]
        encoded = central[_CENTRAL.size : _CENTRAL.size + old[10]]
        comment = central[_CENTRAL.size + old[10] + old[11] :]
    shared = (_VERSION, flags, _DEFLATED, time, day, zlib.crc32(content), len(body), len(content), len(encoded), 0)
    local = _LOCAL.pack(_LOCAL_MARK, *shared) + encoded + body
    told = _CENTRAL.pack(_CENTRAL_MARK, made, *shared, len(comment), 0, inside, outside, 0) + encoded + comment
    return local, told
