"""A run (一次汇总): what has not changed is taken over, the rest is judged, and the result is put in place at once."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from lib.i18n import _, speaking
from lib.rollup import folder, tables
from lib.rollup.crew import Crew, Fault
from lib.rollup.facts import CHINESE, ENGLISH, both
from lib.rollup.folder import is_whole
from lib.rollup.manifest import Gone, Note, Run
from lib.rollup.material import Material, Spreadsheets, fetch, probe
from lib.rollup.place import SAME, Order, Outcome, write_bad
from lib.rollup.rows import Place, State
from lib.rollup.sources import Listing, Source
from lib.rollup.versions import stamp, versions
from lib.services import settings as config
from lib.store.base import StoreError

PASSING = frozenset({State.KILLED, State.FAILED})
"""States that say more about us than about the workbook: it is tried again next time."""
Seen = Callable[[Note, int], None]
"""Is told of each source as it is done, and how many there are."""


class NotShared(StoreError):
    """The workers write somewhere else than where the result is put together."""


@dataclass(frozen=True, slots=True)
class Days:
    """The day the figures are of, and the day it is: what is dated later than that has not happened."""

    as_of: date
    today: date


@dataclass(slots=True)
class _Past:
    """The former result, as far as it can be taken over."""

    folder: Path | None = None
    run: Run | None = None
    notes: dict[str, Note] = field(default_factory=dict)

    def take_over(self, note: Note, into: Path) -> bool:
        """Whether a place's former rows are in the new folder now, all of them."""
        if self.folder is None:
            return False
        try:
            tables.take_over(self.folder, into, note.key)
            if tables.place_of(into, Place, note.key).exists() and is_whole(into, note):
                return True
        except OSError:
            pass  # it is judged
        tables.remove(into, note.key)
        return False


def roll_up(
    listing: Listing, out: Path, days: Days, crew: Crew, seen: Seen = lambda _note, _of: None, *, forget: bool = False
) -> Run:
    """Roll workbooks up into a folder; gives what became of each. ``forget``: what former runs had and is not there any
    more is not told. Raises ``StoreError`` when nothing could be done; then, and whatever else ends it, the former
    result stays as it was."""
    with folder.alone(out):
        past = _past(out, days)
        before = folder.former(out)
        folder.prune(out, {before[0].name} if before else set())
        made = folder.new_version(out, config.now())
        try:
            tables.prepare(made)
            run = _Rolling(listing, made, days, past, seen).with_crew(crew)
            run = replace(run, gone=()) if forget else run
            folder.publish(out, made, run)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
        return run


def _past(out: Path, days: Days) -> _Past:
    """What the former run has for these days by this code; what could not be judged then is not among it."""
    found = folder.former(out)
    if found is None:
        return _Past()
    where, run = found
    if (run.stamp, run.as_of, run.today) != (stamp(), days.as_of.isoformat(), days.today.isoformat()):
        return _Past(None, run)
    good = {note.key: note for note in run.sources if note.digest is not None and note.state not in PASSING}
    return _Past(where, run, good)


class _Rolling:
    """One run while it goes on."""

    def __init__(self, listing: Listing, made: Path, days: Days, past: _Past, seen: Seen) -> None:
        self.listing, self.made, self.days, self.past, self.seen = listing, made, days, past, seen
        self.notes: dict[str, Note] = {}
        self.begun = time.monotonic()
        self.spreadsheets = Spreadsheets()

    def with_crew(self, crew: Crew) -> Run:
        """Take over, judge, sum up."""
        left = [source for source in self.listing.sources.values() if not self._taken_over(source, probe(source))]
        again: list[Source] = []
        with closing(crew.each(self._orders(left))) as answers:
            again += [order.source for order, answer in answers if not self._settle(order, answer)]
        self.past.notes.clear()  # their former rows are gone: they are judged
        with closing(crew.each(self._orders(again))) as answers:
            for order, answer in answers:
                self._settle(order, answer)
        return self._summed_up()

    def _taken_over(self, source: Source, probe: str) -> bool:
        """Whether a source is as it was, by what its file system tells, and its rows are taken over."""
        note = self.past.notes.get(source.key)
        return note is not None and bool(probe) and note.probe == probe and self._take_over(note, probe)

    def _take_over(self, note: Note, probe: str) -> bool:
        if not self.past.take_over(note, self.made):
            return False
        self._note(
            Note(note.key, note.source, note.state, note.place, note.why, note.why_en, probe, note.digest,
                 note.plan_digest, note.rows, taken_over=True)
        )  # fmt: skip
        return True

    def _orders(self, sources: list[Source]) -> Iterator[Order]:
        for source in sources:
            note = self.past.notes.get(source.key)
            known = (note.digest or "", note.plan_digest or "") if note else None
            material, problem = self._read_here(source) if source.is_here else (None, None)
            yield Order(source, self.days.as_of, self.days.today, str(self.made), known, material, problem)

    def _read_here(self, source: Source) -> tuple[Material | None, tuple[str, str] | None]:
        """What no worker can reach, read one after another."""
        read = self.spreadsheets.fetch if source.spreadsheet else fetch
        try:
            with speaking(CHINESE):
                return read(source), None
        except StoreError as error:
            chinese = str(error)
        with speaking(ENGLISH):
            try:
                return read(source), None
            except StoreError as error:
                return None, (chinese, str(error))

    def _settle(self, order: Order, answer: Outcome | Fault) -> bool:
        """Take note of an answer; False when the place has to be judged after all."""
        source = order.source
        if isinstance(answer, Fault):
            spoken = both(answer.why)
            write_bad(order, answer.state, spoken)
            answer = Outcome(source.key, answer.state.value, why=spoken)
        if answer.state == SAME:
            return self._take_over(self.past.notes[source.key], answer.probe)
        if not tables.place_of(self.made, Place, source.key).exists():
            raise NotShared(
                _("工作进程写的结果不在“{name}”里；它要是大家都能写的共享文件夹", name=self.made.parent.name)
            )
        why, why_en = answer.why or (None, None)
        digest, plan_digest = answer.digests or (None, None)
        self._note(
            Note(
                source.key,
                source.told,
                answer.state,
                answer.place,
                why,
                why_en,
                answer.probe,
                digest,
                plan_digest,
                answer.rows,
            )
        )
        return True

    def _note(self, note: Note) -> None:
        note = replace(note, files=tables.sizes(self.made, note.key))
        self.notes[note.key] = note
        self.seen(note, len(self.listing.sources))

    def _summed_up(self) -> Run:
        return Run(
            self.days.as_of.isoformat(), self.days.today.isoformat(), config.now().isoformat(),
            round(time.monotonic() - self.begun, 1), stamp(), versions(),
            tuple(self.notes[key] for key in sorted(self.notes)), self._gone(),
            tuple(self.listing.skipped), tuple(self.listing.absent),
        )  # fmt: skip

    def _gone(self) -> tuple[Gone, ...]:
        """Sources that former runs had and this one did not find."""
        run = self.past.run
        if run is None:
            return ()
        found = {gone.key: gone for gone in run.gone}
        found |= {n.key: Gone(n.key, n.source, n.place, self.days.today.isoformat()) for n in run.sources}
        return tuple(gone for key, gone in sorted(found.items()) if key not in self.notes)
