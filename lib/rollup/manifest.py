"""What a run tells of itself (汇总说明): as of which day, when, by which code, and what became of each source."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter

from lib.rollup.rows import State

NAME = "_run.json"
"""The file's name in a version's folder."""


@dataclass(frozen=True, slots=True)
class Note:
    """One source: what became of it, and what tells whether it has changed since. ``probe`` is what its file system
    tells of workbook and plan; blank where that says too little. ``taken_over``: not judged, as it had not changed."""

    key: str
    source: str
    state: str
    place: str | None = None
    why: str | None = None
    why_en: str | None = None
    probe: str = ""
    digest: str | None = None
    plan_digest: str | None = None
    rows: int = 0
    taken_over: bool = False
    files: Mapping[str, int] = field(default_factory=dict)
    """Dataset → the bytes of its file; those without rows have none. Blank in a run of an earlier version."""

    @property
    def is_ok(self) -> bool:
        """Whether its figures are there."""
        return self.state == State.OK.value


@dataclass(frozen=True, slots=True)
class Gone:
    """A source of a former run that is no longer there: it is kept out, and told with the day it was missed first."""

    key: str
    source: str
    place: str | None
    since: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is no workbook of its own, such as the lock of a program, and why it was passed over."""

    source: str
    why: str


@dataclass(frozen=True, slots=True)
class Run:
    """A whole run. Days are ISO; ``stamp`` tells the code that judged: another one judges everything anew."""

    as_of: str
    today: str
    made_at: str
    seconds: float
    stamp: str
    versions: Mapping[str, str]
    sources: tuple[Note, ...]
    gone: tuple[Gone, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    absent: tuple[str, ...] = field(default=())
    """Sources that were named one by one and do not exist."""

    @property
    def by_key(self) -> dict[str, Note]:
        """Key → source."""
        return {note.key: note for note in self.sources}

    @property
    def bad(self) -> list[Note]:
        """Sources without figures."""
        return [note for note in self.sources if not note.is_ok]

    @property
    def same_place(self) -> dict[str, list[str]]:
        """Place → the keys of the workbooks that claim it, where there are several: both are kept, none is guessed."""
        found = defaultdict(list)
        for note in self.sources:
            if note.is_ok and note.place:
                found[note.place].append(note.key)
        return {place: keys for place, keys in found.items() if len(keys) > 1}


_RUN = TypeAdapter(Run)


def save(run: Run, folder: Path) -> None:
    """Write it into a version's folder."""
    told = {**asdict(run), "same_place": run.same_place}
    text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
    (folder / NAME).write_bytes(text.encode("utf-8", "replace"))  # a reason may hold a file's name that is no text


def load(folder: Path) -> Run:
    """That of a version's folder. Raises ``OSError``, or ``ValueError`` when it is none that ``save`` wrote: pages rely
    on every day, state and number in it."""
    told = json.loads((folder / NAME).read_text(encoding="utf-8"))
    if not isinstance(told, dict):
        raise ValueError(NAME)
    told.pop("same_place", None)
    run: Run = _RUN.validate_python(told)
    if datetime.fromisoformat(run.made_at).tzinfo is None:
        raise ValueError(run.made_at)
    for day in (run.as_of, run.today, *(gone.since for gone in run.gone)):
        date.fromisoformat(day)
    for note in run.sources:
        State(note.state)
    return run
