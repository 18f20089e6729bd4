"""The turn by Redis (值守与 Redis): for servers on several computers, or where a stopped process must not keep it.

One key with a random value says whose turn it is; it runs out by itself and is extended every third of that time, only
by the one whose value stands there. We believe in our turn only while our own clock says that it cannot have run out,
counted from before the question was sent. An empty Redis (just started: it keeps nothing on disk) gives no turn for as
long as one may last, so that whoever had it before has lost it by its own clock.

When Redis is gone nobody has the turn: nobody reads or writes the spreadsheet, and the pages say so and how old their
data are. Commands are acknowledged all the same: they go into the journal in the shared folder, whose lock does not
need Redis, and are written when the turn can be had again, which happens by itself.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from lib.i18n import N_, T_, Text, _
from lib.store.base import StoreError
from lib.store.lease import Numbers, Offer

try:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry
except ImportError as error:
    raise StoreError(_("设置了 REDIS_URL，但没有安装它要的组件：pip install -r requirements-redis.txt")) from error

log = logging.getLogger(__name__)
TTL, MARGIN = 4.0, 0.5
"""Seconds a turn lasts unless extended, and how much earlier we stop believing in it."""
ANSWER = 1.0
"""Seconds to wait for Redis."""
FRESH = 15.0
"""Seconds for which what the holder saw is kept for whoever takes over."""
GONE = N_("连不上 Redis，暂时没有一台服务器读写共享表格；改动照常受理，恢复后自动写入")

# KEYS: whose turn, its number. ARGV: our value, milliseconds, a number that was given before.
_ASK = """
local held = redis.call('get', KEYS[1])
if held == ARGV[1] then
  redis.call('pexpire', KEYS[1], ARGV[2])
  return tonumber(redis.call('get', KEYS[2]))
end
if held then return 0 end
if redis.call('exists', KEYS[2]) == 0 then
  redis.call('set', KEYS[2], ARGV[3])
  redis.call('set', KEYS[1], '-', 'px', ARGV[2])
  return 0
end
local number = math.max(tonumber(redis.call('get', KEYS[2])), tonumber(ARGV[3])) + 1
redis.call('set', KEYS[2], number)
redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[2])
return number
"""
_GIVE_BACK = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"


def since_start() -> float:
    """Seconds that also pass while the computer sleeps, where the system counts these."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class RedisLease:
    """The turn at one spreadsheet, asked for and extended by a thread that starts with the first question.

    ``folder`` is the shared data folder: it remembers the greatest number of a turn when Redis forgets it.
    """

    def __init__(
        self, url: str, spreadsheet: str, folder: Path, clock: Callable[[], float] = since_start, ttl: float = TTL
    ) -> None:
        try:
            self._redis = redis.Redis.from_url(
                url, socket_timeout=ANSWER, socket_connect_timeout=ANSWER, retry=Retry(NoBackoff(), 1)
            )  # the library's own way is to try for longer than a turn lasts
        except ValueError as error:
            raise StoreError(_("REDIS_URL 写得不对：{why}", why=str(error))) from error
        self._held, self._number_key, self._tabs, self._channel = (
            f"tuogou:{spreadsheet}:{what}" for what in ("turn", "number", "tabs", "news")
        )
        self.clock, self.ttl = clock, ttl
        self._numbers = Numbers(folder / "turn-number")
        self._value = secrets.token_hex(16)
        self._until, self._number = float("-inf"), 0
        self._problem: Text | None = None
        self._stop, self._post = threading.Event(), threading.Event()
        self._guard = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._news = False
        self._left: tuple[str, Callable[[], Offer] | None] | None = None
        self._left_mark = ""

    @property
    def number(self) -> int:
        """The number of our turn; of the last one, when it is not ours any more."""
        return self._number

    @property
    def problem(self) -> Text | None:
        """Why nobody may have the turn: Redis does not answer."""
        return self._problem

    def mine(self) -> bool:
        """Whether it is ours, by our own clock."""
        self._start(self._renew, self._deliver)
        return self.clock() < self._until

    def tell(self) -> None:
        """Publish it, from another thread."""
        self._news = True
        self._post.set()

    def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` for each message, from a thread of its own."""

        def hear() -> None:
            while not self._stop.is_set():
                try:
                    with redis.client.PubSub(self._redis.connection_pool, ignore_subscribe_messages=True) as heard:
                        heard.subscribe(self._channel)
                        while not self._stop.is_set():
                            if heard.get_message(timeout=ANSWER / 2) is not None:
                                wake()
                except redis.RedisError:
                    self._stop.wait(ANSWER)

        self._threads.append(threading.Thread(target=hear, name="lease-news", daemon=True))
        self._threads[-1].start()

    def offer(self, mark: str, make: Callable[[], Offer] | None = None) -> None:
        """Leave it, from another thread; the latest replaces what was not sent yet."""
        with self._guard:
            pending = self._left[1] if make is None and self._left is not None and self._left[0] == mark else None
            self._left = mark, make or pending
        self._post.set()

    def offered(self) -> Offer | None:
        """What the last holder left in Redis; None also when that does not answer."""
        try:
            mark, sizes, tabs = self._redis.hmget(self._tabs, "mark", "sizes", "tabs")
            rest = self._redis.pttl(self._tabs)
        except redis.RedisError:
            return None
        if not (isinstance(mark, bytes) and isinstance(sizes, bytes) and isinstance(tabs, bytes)) or rest <= 0:
            return None
        return Offer(mark.decode(), sizes, tabs, FRESH - rest / 1000)

    @property
    def closed(self) -> bool:
        """Whether the threads were ended."""
        return self._stop.is_set()

    def close(self) -> None:
        """Give the turn back and end the threads."""
        self._stop.set()
        self._post.set()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(ANSWER * 3)
        self._until = float("-inf")
        try:
            self._redis.eval(_GIVE_BACK, 1, self._held, self._value)
        except redis.RedisError:
            log.warning("redis is gone; the turn runs out by itself")
        self._redis.close()

    def _start(self, *targets: Callable[[], None]) -> None:
        if self._threads and self._threads[0].name == "lease":
            return
        with self._guard:
            if self._stop.is_set() or (self._threads and self._threads[0].name == "lease"):
                return
            made = [threading.Thread(target=target, name="lease", daemon=True) for target in targets]
            self._threads[:0] = made
        for thread in made:
            thread.start()

    def _renew(self) -> None:
        while not self._stop.is_set():
            self._ask()
            self._stop.wait(self.ttl / 3)

    def _ask(self) -> None:
        """Take the turn if it is free, extend it if it is ours; what we believe follows from the answer."""
        sent = self.clock()
        try:
            ask = (_ASK, 2, self._held, self._number_key, self._value, round(self.ttl * 1000), self._numbers.last)
            number = int(self._redis.eval(*ask))
            if number and number != self._number:
                self._numbers.take(number)
        except redis.RedisError as error:
            if self._problem is None:
                log.warning("redis does not answer: %s", error)
            self._problem = T_(GONE)
            return
        except StoreError as error:
            self._problem = T_("{why}", why=str(error))
            return
        self._problem = None
        if number:
            self._number, self._until = number, sent + self.ttl - MARGIN
        else:
            self._until = float("-inf")

    def _deliver(self) -> None:
        """Send what was told and left, one after the other; what Redis does not take is dropped."""
        while not self._stop.is_set():
            self._post.wait()
            self._post.clear()
            try:
                if self._news:
                    self._news = False
                    self._redis.publish(self._channel, "")
                with self._guard:
                    left, self._left = self._left, None
                if left is not None:
                    self._leave(*left)
            except redis.RedisError as error:
                self._left_mark = ""
                log.warning("redis does not answer: %s", error)

    def _leave(self, mark: str, make: Callable[[], Offer] | None) -> None:
        if not self.mine():
            return
        if make is None:
            if mark == self._left_mark:
                self._redis.pexpire(self._tabs, round(FRESH * 1000))
            return
        told = make()
        with self._redis.pipeline(transaction=True) as together:
            together.hset(self._tabs, mapping={"mark": told.mark, "sizes": told.sizes, "tabs": told.tabs})
            together.pexpire(self._tabs, round(FRESH * 1000))
            together.execute()
        self._left_mark = mark
