"""The feed looks once a second, at once when it is told of news, and no more once it is stopped."""

from __future__ import annotations

import threading
import time

from lib.store.feed import Feed
from sheets_schema.snapshot import Snapshot


class Watched:
    """A source that counts how often it is looked at."""

    name = "台账"

    def __init__(self) -> None:
        self.looks, self.looked = 0, threading.Event()

    def probe(self) -> str:
        self.looks += 1
        self.looked.set()
        return str(self.looks)

    def read(self) -> Snapshot:
        return Snapshot(str(self.looks), ())


def test_news_are_looked_at_at_once_and_many_of_them_together():
    source = Watched()
    feed = Feed(source, lambda snapshot: None, seconds=60)
    feed.start()
    for _time in range(20):
        feed.nudge()
    assert source.looked.wait(5)
    time.sleep(0.3)
    assert source.looks <= 2
    feed.stop()


def test_it_looks_by_itself_and_stops():
    source = Watched()
    feed = Feed(source, lambda snapshot: None, seconds=0.05)
    feed.start()
    time.sleep(0.5)
    feed.stop()
    looks = source.looks
    assert looks >= 3
    feed.nudge()
    time.sleep(0.2)
    assert source.looks == looks
