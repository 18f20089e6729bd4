"""Who does the work (计算): this process, or workers of Dask, on this machine or wherever a scheduler has them.

Workbooks are handed out a few at a time, and only small summaries come back: neither client nor scheduler ever holds
many. A worker that is lost is replaced and its workbook given to another. One that takes worker after worker with it,
by its need of memory for one, is tried once more alone, lest it is blamed for another's fault, and then given up.
"""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import Any, NamedTuple, Protocol
from uuid import uuid4

import dask
from distributed import Client, LocalCluster, as_completed
from distributed.scheduler import KilledWorker
from distributed.security import Security

from lib.i18n import T_, Text, _
from lib.rollup.place import Order, Outcome, judge_place
from lib.rollup.rows import State
from lib.rollup.versions import stamp
from lib.store.base import StoreError

log = logging.getLogger(__name__)

CONFIG = {
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.no-workers-timeout": "600s",
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,  # with nothing to spill, a paused worker would stay so for ever
    "distributed.worker.memory.terminate": 0.95,
    "distributed.comm.timeouts.connect": "20s",
    "distributed.deploy.lost-worker-timeout": "600s",  # a busy machine takes longer than 15 s to replace a worker
}
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What writing raises, and reading never."""
PATIENCE = 30
"""Seconds to wait for the scheduler's first worker."""


class Fault(NamedTuple):
    """Why nothing became of an order that is nobody's but ours to explain."""

    state: State
    why: Text


Answer = tuple[Order, Outcome | Fault]
"""An order and what became of it."""
Answers = Generator[Answer, None, None]
Work = Callable[[Order], Outcome]


class NoWorkers(StoreError):
    """The scheduler cannot be used."""


class Crew(Protocol):
    """Works orders off, in any order."""

    def each(self, orders: Iterator[Order]) -> Answers:
        """Each order with what became of it. Orders are drawn as they are needed; once it is closed, nobody of ours
        works on any of them."""
        ...


class Alone:
    """One workbook after the other, in this process."""

    def __init__(self, work: Work = judge_place) -> None:
        self.work = work

    def each(self, orders: Iterator[Order]) -> Answers:
        """As any crew."""
        for order in orders:
            try:
                yield order, self.work(order)
            except Exception as error:
                yield order, fault(error)


class Workers:
    """Workers of Dask, at work from the first order on: where nothing has changed none is ever started."""

    def __init__(self, start: Callable[[], Any], stop: Callable[[], None], work: Work = judge_place) -> None:
        self.start, self.stop, self.work = start, stop, work
        self._flying: dict[Any, Order] = {}
        self._suspects: list[Order] = []

    def each(self, orders: Iterator[Order]) -> Answers:
        """As any crew."""
        first = next(orders, None)
        if first is None:
            return
        client = self.start()
        try:
            yield from self._flown(client, chain([first], orders), last=False)
            for suspect in self._suspects:
                yield from self._flown(client, iter([suspect]), last=True)
        finally:
            if self._flying:  # given up: a workbook that is being worked on cannot be taken back from a worker
                client.cancel(list(self._flying), force=True)
                self.stop()
            self._flying.clear()
            self._suspects.clear()

    def _flown(self, client: Any, orders: Iterator[Order], *, last: bool) -> Iterator[Answer]:
        landing = as_completed()
        self._launch(client, orders, landing)
        for future in landing:
            order = self._flying.pop(future)
            answer = self._landed(future, order, last=last)
            future.release()
            self._launch(client, orders, landing)
            if answer is not None:
                yield order, answer

    def _launch(self, client: Any, orders: Iterator[Order], landing: Any) -> None:
        while len(self._flying) < width(client) and (order := next(orders, None)):
            name = f"place-{order.source.key}-{uuid4().hex[:8]}"
            future = client.submit(self.work, order, key=name, pure=False)
            self._flying[future] = order
            landing.add(future)

    def _landed(self, future: Any, order: Order, *, last: bool) -> Outcome | Fault | None:
        """What became of an order; None when it is to be tried once more, alone."""
        try:
            outcome: Outcome = future.result()
        except KilledWorker:
            if last:
                return Fault(State.KILLED, T_("汇总它的进程一再被中止，多半是内存不够；加大 --memory 再试"))
            self._suspects.append(order)
            return None
        except Exception as error:
            return fault(error)
        return outcome


def width(client: Any) -> int:
    """How many workbooks are out at a time: one for each worker, and one that is ready to be taken."""
    return max(len(client.scheduler_info(n_workers=-1)["workers"]), 1) + 1


def fault(error: BaseException) -> Fault:
    """What is told of an exception that should not have been. One that no workbook is to blame for is raised again: a
    disk that is full ends the run, lest a result without some cities takes the place of a whole one."""
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        raise error
    log.warning("a workbook could not be rolled up", exc_info=error)
    told = T_("程序出错（{why}），这一本没有汇总；请把文件和这句话交给管理员", why=type(error).__name__)
    return Fault(State.FAILED, told)


@contextmanager
def crew(
    scheduler: str | None = None, workers: int | None = None, memory: str = "auto", most: int | None = None,
    work: Work = judge_place,
) -> Iterator[Crew]:  # fmt: skip
    """The crew at a scheduler's address, else ``workers`` processes on this machine (None: one for each core, but not
    more than ``most``; 0: none, the work is done here). Its ``each`` raises ``NoWorkers``."""
    if scheduler is None and workers == 0:
        yield Alone(work)
        return
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(CONFIG))
        if scheduler is None:
            wanted = min(workers or os.cpu_count() or 1, most or sys.maxsize)
            yield Workers(lambda: _on_this_machine(stack, wanted, memory), stack.close, work)
        else:
            yield Workers(lambda: _elsewhere(stack, scheduler), stack.close, work)


def _on_this_machine(stack: ExitStack, workers: int, memory: str) -> Any:
    """Workers of our own, and a client of theirs, until the stack is left."""
    try:
        with _deaf_to_interrupts():
            # a certificate of its own: others on this machine could else hand our scheduler work of theirs
            cluster = LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, memory_limit=memory,
                dashboard_address=None, silence_logs=logging.CRITICAL, security=Security.temporary(),
            )  # fmt: skip
    except ValueError as error:  # how much memory there may be is typed by a person
        raise NoWorkers(_("工作进程没有启动（{why}）；看看 --memory 写得对不对", why=str(error))) from error
    return stack.enter_context(Client(stack.enter_context(cluster)))


def _elsewhere(stack: ExitStack, scheduler: str) -> Any:
    """A client of a scheduler that somebody else runs, whose workers are the same code as we."""
    try:
        client = stack.enter_context(Client(scheduler, timeout=PATIENCE))
        client.wait_for_workers(1, timeout=PATIENCE)
        stamps = set(client.run(stamp).values())
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        told = _(
            "{address} 的调度器用不了；看看 dask scheduler 和 dask worker 是否已启动，都装了工作台", address=scheduler
        )
        raise NoWorkers(told) from error
    if stamps != {stamp()}:
        raise NoWorkers(_("{address} 的工作进程装的是另一个版本的工作台；先统一版本", address=scheduler))
    return client


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C, which goes to all of them: who started them ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
