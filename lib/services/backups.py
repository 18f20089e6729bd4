"""Backups (备份): a copy of the workbook as the app wrote it at each revision; old ones are thinned out by age."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from lib.store.base import digest
from lib.store.files import make_folder

NEWEST = 5
"""Copies that are kept whatever their age."""
OPEN_FOR = timedelta(days=3)
"""How long every copy is kept: as long as somebody may have a workbook of that revision open."""
AGES: tuple[tuple[timedelta, str], ...] = (
    (timedelta(days=2), "%Y-%m-%d %H"),
    (timedelta(days=31), "%Y-%m-%d"),
    (timedelta(days=183), "%G-%V"),
    (timedelta(days=3650), "%Y-%m"),
)
"""Up to which age one copy is kept for each hour, day, week and month."""
MOST = 400
"""Copies of the last days at most; a busy day must not fill the disk."""


class Backups:
    """The copies of one workbook, by revision."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self.folder, self.now = folder, now

    def path(self, revision: int) -> Path:
        """Where the copy of a revision is, or would be."""
        make_folder(self.folder)
        return self.folder / f"{revision:08d}.xlsx"

    def all(self) -> list[tuple[int, datetime]]:
        """Revision and time of every copy, the latest first."""
        zone = self.now().tzinfo
        found = ((int(p.stem), datetime.fromtimestamp(p.stat().st_mtime, zone)) for p in self.folder.glob("0*.xlsx"))
        return sorted(found, reverse=True)

    def at(self, moment: datetime) -> Path | None:
        """The latest copy made at or before a moment; None when there is none so old."""
        return next((self.path(revision) for revision, made in self.all() if made <= moment), None)

    def has(self, content: str) -> bool:
        """Whether one of the newest copies has this digest."""
        return any(digest(self.path(revision).read_bytes()) == content for revision, _made in self.all()[:3])

    def prune(self) -> None:
        """Delete the copies nobody will ask for."""
        copies = self.all()
        if len(copies) > NEWEST:
            kept = kept_of(copies, self.now())
            for revision, _made in copies:
                if revision not in kept:
                    self.path(revision).unlink(missing_ok=True)


def kept_of(copies: Iterable[tuple[int, datetime]], now: datetime) -> set[int]:
    """Which revisions to keep, of copies with the latest first: the newest, all of the last days, then one for each
    hour, day, week and month."""
    kept: set[int] = set()
    taken: set[tuple[timedelta, str]] = set()
    for number, (revision, made) in enumerate(copies):
        age = now - made
        if number < NEWEST or (age <= OPEN_FOR and number < MOST):
            kept.add(revision)
        for limit, span in AGES:
            if age <= limit and (limit, made.strftime(span)) not in taken:
                taken.add((limit, made.strftime(span)))
                kept.add(revision)
    return kept
