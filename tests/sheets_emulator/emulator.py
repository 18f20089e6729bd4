"""The emulator as tests hold it: start, stop, make spreadsheets, act as people, make things go wrong."""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import gspread
import requests

from .client import emulator_client, emulator_session
from .doors import open_door
from .faults import KINDS, Call, Fault, Match, Trouble, Visit, What, When
from .human import Person
from .keys import service_key
from .people import OWNER, SERVICE
from .quirks import Quirks
from .server import Server
from .world import World


class Emulator:
    """``with Emulator() as emu:`` runs a server on a free loopback port until the end of the block."""

    def __init__(
        self,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        clock: Callable[[], float] = time.time,
        state: Path | None = None,
    ) -> None:
        self.world = World(clock)
        self.trouble = Trouble()
        self.state = state
        if state and state.exists():
            self.world.books = pickle.loads(state.read_bytes())
            for book in self.world.books.values():
                book.quirks = self.world.quirks
        self._address = host, port
        self._server: Server | None = None

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; after ``stop`` on the same port again."""
        self._server = Server(self._address, self)
        self._address = self._server.server_address[0], self._server.server_address[1]  # type: ignore[assignment]
        loop = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True, name="sheets-emulator")
        loop.start()

    def stop(self) -> None:
        """Listen no more and break open connections; spreadsheets stay."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server.drop()
            self._server = None
        self.save()

    def save(self) -> None:
        """Keep the spreadsheets in the state file, if there is one."""
        if self.state:
            with self.world.lock:
                for book in self.world.books.values():
                    book.cache = {}
                data = pickle.dumps(self.world.books)
            fresh = self.state.with_suffix(".tmp")
            fresh.write_bytes(data)
            fresh.replace(self.state)

    @property
    def quirks(self) -> Quirks:
        """The behaviours that are guesses, to be turned the other way."""
        return self.world.quirks

    @property
    def url(self) -> str:
        """The address, for ``emulator_session`` in another process."""
        return f"http://{self._address[0]}:{self._address[1]}"

    def session(self, identity: str) -> requests.Session:
        """A session that sends this identity's token."""
        return emulator_session(self.url, identity)

    def client(self, identity: str) -> gspread.Client:
        """gspread as this identity."""
        return emulator_client(self.url, identity)

    def service_key(self, identity: str = SERVICE) -> dict[str, Any]:
        """The JSON of a key file: google-auth signs in with it here."""
        return service_key(self.url, identity)

    def new(self, title: str, tabs: dict[str, Iterable[list[Any]]] | None = None, **more: Any) -> str:
        """A shared spreadsheet; see ``World.new``. Gives its id."""
        with self.world.lock:
            return self.world.new(title, tabs, **more)

    def book(self, book_id: str, who: str = OWNER) -> Person:
        """A person at this spreadsheet."""
        return Person(self.world, book_id, who)

    def before(self, which: int | Match, action: Callable[[], object]) -> None:
        """Do something before the ``n``-th coming request (1 is the next), or before the first that matches."""
        countdown, match = (which, None) if isinstance(which, int) else (1, which)
        self.trouble.visits.append(Visit(countdown, match, action))

    def fault(
        self, when: When = "before", what: What = 503, match: Match = None, times: int = 1, seconds: float = 1.0
    ) -> Fault:
        """Make requests fail, before or after they are applied. ``hits`` of the result counts."""
        if what not in KINDS or when not in ("before", "after"):
            raise ValueError(f"no fault {when} {what}")
        one = Fault(when, what, match, times, seconds)
        self.trouble.faults.append(one)
        return one

    def quota(self, reads: int | None = 60, writes: int | None = 60) -> None:
        """Requests a minute for each identity; ``None`` is no limit."""
        limits = {"read": reads, "write": writes}
        self.trouble.limits = {kind: limit for kind, limit in limits.items() if limit is not None}

    @property
    def calls(self) -> list[Call]:
        """All requests so far, refused ones included."""
        return self.trouble.calls

    def advance(self, seconds: float) -> None:
        """Move the emulator's time ahead."""
        self.world.ahead += seconds

    def calm(self) -> None:
        """No faults, visits or quotas any more, and no calls remembered."""
        self.trouble = Trouble()

    def door(self, name: str, body: dict[str, Any]) -> Any:
        """What tests in another process reach under ``/_test/``."""
        return open_door(self, name, body)
