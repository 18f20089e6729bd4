"""One workbook, judged by its own plan, as rows in its part of the result; what a worker does, and all it gives back.

Whatever is wrong with the workbook becomes its state and a sentence; only a fault of ours leaves here as an exception.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

from lib.domain.judge import judge
from lib.domain.layout import match_sheets, meta_of
from lib.domain.ledger import derive
from lib.i18n import T_, _, speaking
from lib.rollup import tables
from lib.rollup.facts import CHINESE, ENGLISH, Origin, both, rows_of
from lib.rollup.material import Material, fetch
from lib.rollup.rows import Place, State
from lib.rollup.sources import Source
from lib.store.base import StoreError, Unreadable
from lib.store.pauses import no_collection
from lib.store.reading import read_workbook
from sheets_schema.plan import Plan
from sheets_schema.plan_load import PLANS_DIR, PlanError, parse_plan, shipped_plan
from sheets_schema.plan_slips import not_read
from sheets_schema.snapshot import RawSheet, Snapshot
from sheets_schema.workbook import META, PEOPLE

T = TypeVar("T")
SAME = "same"
"""The state of a workbook whose content turned out to be what it was: its former rows are good."""
LONGEST = 2000
"""Characters of a sentence about what is wrong: a plan file can have a thousand mistakes."""
_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is to do: judge a source as of a day and write its rows into a folder. ``known``: the digests of
    which the former rows are; ``material``: what only the client could read."""

    source: Source
    as_of: date
    today: date
    folder: str
    known: tuple[str, str] | None = None
    material: Material | None = None
    problem: tuple[str, str] | None = None
    """Why the client could not read it, in Chinese and English."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. ``peak``: the most memory this worker ever had, in bytes; 0 where the system tells none."""

    key: str
    state: str
    place: str | None = None
    why: tuple[str, str] | None = None
    probe: str = ""
    digests: tuple[str, str] | None = None
    rows: int = 0
    peak: int = 0


class _Bad(Exception):
    """The workbook cannot be judged."""

    def __init__(self, state: State, why: tuple[str, str]) -> None:
        super().__init__(why[0])
        self.state, self.why = state, why


def judge_place(order: Order) -> Outcome:
    """Read, judge and write one place."""
    _settled()
    source, material = order.source, order.material
    try:
        if order.problem is not None:
            raise _Bad(State.UNREADABLE, order.problem)
        material = material or _spoken(lambda: fetch(source), State.UNREADABLE)
        if material.digests == order.known:
            return Outcome(source.key, SAME, probe=material.probe, digests=material.digests, peak=peak())
        with no_collection():
            outcome = _judged(order, material)
    except _Bad as bad:
        outcome = _bad(order, material, bad)
    gc.collect()
    return outcome


@cache
def _settled() -> None:
    """Leave all that was loaded before the first place out of every collection of garbage: that is most of its cost."""
    gc.collect()
    gc.freeze()


def _judged(order: Order, material: Material) -> Outcome:
    source, digests = order.source, material.digests
    snapshot, plan = understood(source.name, material)
    ledger = derive(judge(snapshot, plan, order.today), order.as_of)
    rows = rows_of(ledger, Origin(source.key, source.told, *digests))
    tables.write(Path(order.folder), source.key, rows)
    return Outcome(
        source.key, State.OK.value, plan.place, None, material.probe, digests, ledger.total_rows, peak()
    )  # fmt: skip


def _bad(order: Order, material: Material | None, bad: _Bad) -> Outcome:
    digests = material.digests if material else None
    write_bad(order, bad.state, bad.why, digests)
    probe = material.probe if material else ""
    return Outcome(order.source.key, bad.state.value, None, bad.why, probe, digests, peak=peak())


def write_bad(order: Order, state: State, why: tuple[str, str], digests: tuple[str, str] | None = None) -> None:
    """The one row of a workbook that has no figures; nothing of an earlier attempt stays."""
    folder, key = Path(order.folder), order.source.key
    tables.remove(folder, key)
    row = Place(key, order.source.told, state.value, *why, order.as_of, *(digests or (None, None)))
    tables.write(folder, key, {Place: [row]})


def understood(name: str, material: Material) -> tuple[Snapshot, Plan]:
    """A workbook's cells and its plan. Raises ``_Bad``."""
    snapshot = material.snapshot or _spoken(lambda: _read(name, material.data), State.UNREADABLE)
    if not any(cell not in ("", None) for raw in snapshot.sheets for row in raw.cells for cell in row):
        raise _Bad(State.EMPTY, both(T_("“{name}”里没有任何内容", name=name)))
    matched, _hits = match_sheets(snapshot)
    if not _is_ours(matched):
        raise _Bad(State.FOREIGN, both(T_("“{name}”没有工作台的工作表；如果它是协会名单，请在工作台里导入", name=name)))
    return snapshot, _plan(name, material, matched)


def _read(name: str, data: bytes) -> Snapshot:
    if not data.strip(b"\0"):
        raise _Bad(State.EMPTY, both(T_("“{name}”是空文件", name=name)))
    if data.startswith(_OLE):
        raise Unreadable(_("“{name}”加了密码，或是旧格式（.xls），请另存为不加密码的 .xlsx", name=name))
    return read_workbook(data, name)


def _is_ours(matched: Mapping[str, RawSheet]) -> bool:
    """Whether the app made it, or most of its sheets are there under whatever names."""
    return META.key in matched or 2 * sum(sheet.key in matched for sheet in PEOPLE) > len(PEOPLE)


def _plan(name: str, material: Material, matched: Mapping[str, RawSheet]) -> Plan:
    """The plan beside the workbook, else the shipped one it names; one that it does not name would be a guess."""
    own = f"{name.rsplit('.', 1)[0]}.plan.yaml"
    if material.plan is not None:
        text = material.plan
        return _spoken(lambda: parse_plan(_decoded(text, own), own), State.BAD_PLAN)
    wanted = meta_of(matched).get("plan", "").strip()
    if wanted in {path.stem for path in PLANS_DIR.glob("*.yaml")}:
        return shipped_plan(wanted)
    told = T_("“{name}”没有写明用哪个方案；请把方案文件“{own}”放在它旁边", name=name, own=own)
    if wanted:
        told = T_("“{name}”按方案“{value}”建立，随附的方案里没有它；请把方案文件“{own}”放在旁边",
                  name=name, value=wanted, own=own)  # fmt: skip
    raise _Bad(State.NO_PLAN, both(told))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanError(name, [("", 0, not_read(error))]) from error


def _spoken(work: Callable[[], T], state: State) -> T:
    """What ``work`` gives; what it has to say against the workbook in both languages, for which it fails twice."""
    try:
        with speaking(CHINESE):
            return work()
    except (StoreError, PlanError) as error:
        chinese = str(error)
    try:
        with speaking(ENGLISH):
            return work()
    except (StoreError, PlanError) as error:
        raise _Bad(state, (chinese[:LONGEST], str(error)[:LONGEST])) from error


def peak() -> int:
    """The most memory this process ever had, in bytes; 0 where the system does not tell."""
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - there is none on Windows

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
