"""Where results are kept (结果文件夹): each run in a folder of its own, and one small file that names the current one.

Who reads follows that file, which is exchanged as a whole: there is never half a run to be seen. The run before stays,
so that whoever has just opened it can finish.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from lib.i18n import _
from lib.rollup import manifest, tables
from lib.rollup.manifest import Note, Run
from lib.store.base import NotWritable, StoreError
from lib.store.files import fsync_folder, make_folder, not_writable, write_temp

POINTER = "current.json"
LOCK = ".lock"
_VERSION = re.compile(r"v-\d{8}-\d{6}-[0-9a-f]{6}")


class NoResult(StoreError):
    """There is no result of a roll-up that can be read here."""


class Running(StoreError):
    """Another roll-up into the same folder has not ended."""


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Be the only roll-up into a folder, which is made. Raises ``Running``, and ``NotWritable`` also for what cannot be
    written meanwhile, as on a full disk."""
    try:
        blocking = next((above for above in (out, *out.parents) if above.is_file()), None)
        if blocking is not None:
            raise NotWritable(_("“{name}”是文件，不是文件夹；结果请放到另一个文件夹", name=blocking.name))
        make_folder(out)
        with FileLock(out / LOCK, timeout=0):
            yield
    except Timeout as error:
        raise Running(_("“{name}”里正有一次汇总在进行；等它结束再运行", name=out.name)) from error
    except OSError as error:
        if error.errno is None:  # a connection that was lost; it has not to do with what is written
            raise
        raise not_writable(out, error) from error


def current(out: Path) -> tuple[Path, Run]:
    """The current version's folder and its run. Raises ``NoResult``."""
    try:
        named = str(json.loads((out / POINTER).read_text(encoding="utf-8"))["folder"])
        if not _VERSION.fullmatch(named):
            raise ValueError(named)
        return out / named, manifest.load(out / named)
    except FileNotFoundError as error:
        raise missing(out) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise damaged(out) from error


def is_whole(version: Path, note: Note) -> bool:
    """Whether a place has the files that its run wrote, each as long as it was; of an earlier version nobody knows."""
    return not note.files or tables.sizes(version, note.key) == note.files


def whole(out: Path) -> tuple[Path, Run]:
    """The current version's folder and its run, all files of which are there. Raises ``NoResult`` otherwise: a sum over
    a part would look like one over all."""
    version, run = current(out)
    try:
        if all(is_whole(version, note) for note in run.sources):
            return version, run
    except OSError as error:
        raise damaged(out) from error
    raise damaged(out)


def missing(out: Path) -> NoResult:
    """That a folder has no result, and what to do."""
    return NoResult(_("“{name}”里没有汇总结果；先运行 rollup", name=out.name))


def damaged(out: Path) -> NoResult:
    """That the result in a folder cannot be read, and what to do."""
    return NoResult(_("“{name}”里的汇总结果已损坏；重新运行 rollup", name=out.name))


def former(out: Path) -> tuple[Path, Run] | None:
    """The current version; None when there is none that can be read, and everything is to be judged."""
    try:
        return current(out)
    except NoResult:
        return None


def new_version(out: Path, now: datetime) -> Path:
    """An empty folder for a run. Raises ``NotWritable``."""
    made = out / f"v-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    try:
        made.mkdir()
    except OSError as error:
        raise not_writable(made, error) from error
    return made


def publish(out: Path, version: Path, run: Run) -> None:
    """Make a version the current one, at once and for good, and take away all but it and the one before."""
    before = former(out)
    manifest.save(run, version)
    if hasattr(os, "sync"):
        os.sync()  # the pointer must not be on the disk before what it points to
    write_temp(out / POINTER, json.dumps({"folder": version.name}).encode()).replace(out / POINTER)
    fsync_folder(out)
    prune(out, {version.name, before[0].name if before else ""})


def prune(out: Path, kept: set[str]) -> None:
    """Take away versions that are not kept: former ones, and what a run left that was killed."""
    for version in out.iterdir():
        if _VERSION.fullmatch(version.name) and version.name not in kept:
            shutil.rmtree(version, ignore_errors=True)
