"""Which workbooks are rolled up (汇总来源): folders, globs, any address fsspec knows, spreadsheets, lists of these."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import fsspec
from fsspec.core import url_to_fs

from lib.i18n import N_, _
from lib.rollup.manifest import Skipped
from lib.store.base import StoreError, digest

GOOGLE = "google:"
LISTS = (".txt", ".list")
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods"})
"""What people take for a workbook: of those we cannot read it is told, instead of a city missing unseen."""
LOCK, FORMER = N_("程序打开工作簿时留下的锁文件"), N_("被替换下来的旧工作簿")
_FORMER = re.compile(r"\.old\d+\.xlsx$")
_SECRET = re.compile(r"(?<=//)[^/@]*@|(?<=[^:/])\?[^:]*$")
_WEB = frozenset({"http", "https"})
_WILD = re.compile(r"[*?\[]")
CLOSED = "//"
"""Stands for the path within what was named of a folder that cannot be entered: it is a source that cannot be read."""
SYSTEM = frozenset({"lost+found", "System Volume Information", "$RECYCLE.BIN"})
"""Folders of a disk itself, which nobody may enter and no city is in."""
KEY_DIGITS = 12
MOST_NAMED = 5
"""Absent files that are named where there is nothing else."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class SourceError(StoreError):
    """The sources name nothing to roll up, or cannot be looked at."""


@dataclass(frozen=True, slots=True)
class Source:
    """One workbook: its key, its address as it may be shown, and how it is reached: a file system and a path in it, or
    a spreadsheet's id."""

    key: str
    told: str
    files: Any = None
    path: str = ""
    spreadsheet: str = ""

    @property
    def name(self) -> str:
        """Its file's name."""
        return file_name(self.files, self.path) or self.told

    @property
    def plan_path(self) -> str:
        """Where its own plan is: beside it, under its name; a web address keeps what it asks with."""
        path, sign, query = self.path.partition("?") if self.is_web else (self.path, "", "")
        return f"{path.removesuffix(PurePosixPath(path).suffix)}.plan.yaml{sign}{query}"

    @property
    def is_web(self) -> bool:
        """Whether a web server has it."""
        return _is_web(self.files)

    @property
    def is_here(self) -> bool:
        """Whether only this process can reach it."""
        return bool(self.spreadsheet) or "memory" in _protocols(self.files)


@dataclass(slots=True)
class Listing:
    """What was found: workbooks by key, files passed over, and files that were named and do not exist."""

    sources: dict[str, Source] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def add(self, source: Source) -> None:
        """Take a workbook in, once."""
        self.sources.setdefault(source.key, source)


def listed(given: list[str]) -> Listing:
    """All workbooks that some sources name. Raises ``SourceError`` with a sentence; an empty folder is one, since a
    share that is not mounted looks like that."""
    listing = Listing()
    for one in given:
        _add(one, listing)
    if not listing.sources:
        named = listing.absent[:MOST_NAMED] or list(map(shown, given))
        raise SourceError(_("没有找到任何工作簿：{sources}", sources=_("、").join(named)))
    return listing


def _add(given: str, listing: Listing) -> None:
    if given.startswith(GOOGLE):
        spreadsheet = given.removeprefix(GOOGLE).strip()
        if not spreadsheet:
            raise SourceError(_("“google:”后面要写 Google 表格的编号"))
        listing.add(Source(key_of(GOOGLE + spreadsheet), GOOGLE + spreadsheet, spreadsheet=spreadsheet))
        return
    if _is_list(given):
        for line in _lines(given):
            _add(line, listing)
        return
    try:
        files, path = url_to_fs(given)
        if "file" in _protocols(files) and ".." in PurePosixPath(path).parts:
            path = files._strip_protocol(str(Path(path).resolve()))  # one file has one key, however it was named
        found = list(_found(files, path))
    except ImportError as error:
        raise SourceError(_("读“{name}”这种地址要另装组件：{why}", name=shown(given), why=error)) from error
    except Exception as error:  # what a file system raises is its own; of any of them there is one thing to tell
        told = str(error)[:200] or type(error).__name__
        raise SourceError(_("不能列出“{name}”：{why}", name=shown(given), why=told)) from error
    if found == [None]:
        listing.absent.append(shown(given))
        return
    workbooks = 0
    for inner, full in filter(None, found):
        address = _address(files, full, given)
        if inner == CLOSED:
            listing.add(Source(key_of(address), shown(address), files, full))
            continue
        why = passed_over(inner)
        if why:
            listing.skipped.append(Skipped(shown(address), why))
        elif why is None:
            workbooks += 1
            listing.add(Source(key_of(address), shown(address), files, full))
    if not workbooks:
        raise SourceError(_("“{name}”里没有工作簿；是不是没有挂载，或写错了位置", name=shown(given)))


def _found(files: Any, path: str) -> Iterator[tuple[str, str] | None]:
    """(path within what was named, whole path) of everything in a folder or glob; of a file itself; None if absent."""
    if _WILD.search(path) and not files.exists(path):
        fixed = path[: path.rfind("/", 0, _WILD.search(path).start()) + 1]  # type: ignore[union-attr]
        for found in sorted(files.glob(path)):
            yield found.removeprefix(fixed), found
    elif not _is_web_workbook(files, path) and files.isdir(path):
        whole = files.find(path, withdirs=True, detail=True)
        yield from ((CLOSED, folder) for folder in _closed(whole, files, path))
        bundles = tuple(f"{one}/" for one in whole if _is_named_workbook(one))
        for found in sorted(whole):
            if found.rstrip("/") != path.rstrip("/") and not found.startswith(bundles):
                yield found.removeprefix(path).lstrip("/"), found
    elif files.exists(path):
        yield file_name(files, path), path
    else:
        yield None


def _closed(found: dict[str, Any], files: Any, path: str) -> Iterator[str]:
    """Folders on this machine that nobody let us enter: a walk leaves out what is in them, unseen."""
    if "file" not in _protocols(files):
        return
    for name, info in found.items():
        parts = PurePosixPath(name.removeprefix(path)).parts
        if info.get("type") != "directory" or any(part.startswith(".") or part in SYSTEM for part in parts):
            continue
        if not os.access(name, os.R_OK | os.X_OK):
            yield name


def passed_over(inner: str) -> str | None:
    """Why a file is not taken; blank where nobody need be told, None for a workbook."""
    parts = PurePosixPath(inner).parts
    if any(part.startswith(".") for part in parts[:-1]):
        return ""
    if not _is_named_workbook(inner) and not parts[-1].endswith("#"):
        return ""
    if parts[-1].startswith(("~$", ".~")):
        return _(LOCK)
    if parts[-1].startswith("."):
        return ""
    return _(FORMER) if _FORMER.search(inner) else None


def _is_named_workbook(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in WORKBOOKS


def _is_web_workbook(files: Any, path: str) -> bool:
    """To look whether a web address is a folder, all of it would be read; of a workbook its name tells."""
    return _is_web(files) and _is_named_workbook(file_name(files, path))


def _is_web(files: Any) -> bool:
    return not _WEB.isdisjoint(_protocols(files))


def file_name(files: Any, path: str) -> str:
    """A file's name; of a web address without what it asks with."""
    return PurePosixPath(_plain(path.partition("?")[0]) if _is_web(files) else path).name


def _plain(address: str) -> str:
    """A web address as people write it: the same one may come with its letters as ``%E5`` or as they are."""
    return unquote(address) if address.startswith(tuple(f"{name}://" for name in _WEB)) else address


def _is_list(given: str) -> bool:
    return given.lower().endswith(LISTS)


def _lines(given: str) -> list[str]:
    try:
        with fsspec.open(given, "rt", encoding="utf-8-sig") as file:
            text = file.read()
    except (OSError, ValueError) as error:
        raise SourceError(
            _("读不了来源清单“{name}”；检查它在不在，是不是存成了 UTF-8 文本", name=shown(given))
        ) from error
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith("#") and not _is_list(line)]


def _address(files: Any, path: str, given: str) -> str:
    """The whole address of a file; what a chain of file systems rests on stays at its end."""
    return "::".join([files.unstrip_protocol(path), *given.split("::")[1:]])


def key_of(address: str) -> str:
    """The key of an address: always the same, and safe as a folder's name anywhere."""
    return "p" + digest(_plain(address).encode("utf-8", "surrogatepass"))[:KEY_DIGITS]


def shown(address: str) -> str:
    """An address without passwords and tokens in it, on one line: a file's name may hold what moves a terminal's
    cursor. Other characters are as they are."""
    known = _plain(_SECRET.sub("", address))
    text = known.encode("utf-8", "replace").decode()  # a name from an old disk may be no text
    return _CONTROL.sub("\ufffd", text)


def _protocols(files: Any) -> tuple[str, ...]:
    named = getattr(files, "protocol", ())
    return (named,) if isinstance(named, str) else tuple(named)
