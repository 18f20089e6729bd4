"""A load driver that speaks Streamlit's own websocket protocol: what a browser does, without drawing it.

A ``Tab`` opens ``/_stcore/stream`` with the XSRF cookie and token, sends ``rerun_script`` messages with the widgets'
states, and reads until the script has finished. A rerun that fails, shows an error or lacks what the page must show
raises ``PageFailed``: a blank page cannot pass as a fast one.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import re
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from urllib.parse import urlencode

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

HOST = "127.0.0.1"
PATIENCE = 90.0
"""Seconds after which a rerun that has not finished counts as failed; 100 first loads at once take a while."""
KEPT_RUNS = 2
"""How many runs a browser keeps a large message nobody referred to (``global.maxCachedMessageAge``)."""
_COOKIE = re.compile(r"_streamlit_xsrf=([^;]+)")


class PageFailed(Exception):
    """A rerun did not give the page that was expected."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one rerun sent: seconds until it had finished, messages, their bytes, elements by kind, their hashes."""

    seconds: float
    messages: int
    size: int
    elements: Counter[str]
    content: frozenset[str]


@dataclass
class _Reading:
    """A rerun while its messages arrive."""

    messages: int = 0
    size: int = 0
    began: bool = False
    elements: Counter[str] = field(default_factory=Counter)
    content: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Cached:
    """A large message the browser keeps: its kind, and the run in which it was last used."""

    kind: str
    run: int


class Address(Protocol):
    """Where a server is, and the cookie it knows somebody by."""

    @property
    def port(self) -> int:
        """Its port."""
        ...

    @property
    def cookie(self) -> str:
        """The cookie to send."""
        ...


def xsrf_token(port: int, cookie: str = "") -> str:
    """The XSRF token a browser is given with its first request."""
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", "/_stcore/health", headers={"Cookie": cookie})
        cookie = _COOKIE.search(connection.getresponse().getheader("set-cookie") or "")
    if cookie is None:
        raise PageFailed("the server sent no XSRF cookie")
    return cookie.group(1)


class Tab:
    """One browser tab: a websocket, the widgets it has seen, and its cache of large messages."""

    def __init__(
        self, socket: ClientConnection, needs: Mapping[str, int], query: Mapping[str, str], name: str = ""
    ) -> None:
        self._socket, self._needs, self._query, self._name = socket, needs, dict(query), name
        self._page = ""
        self._runs = 0
        self._cache: dict[str, _Cached] = {}
        self._dates: dict[str, str] = {}
        self._folds: set[str] = set()
        self._unfolded = False
        self.timers: dict[str, float] = {}
        """Fragment id → seconds between the reruns it asked for."""

    @classmethod
    async def open(cls, server: Address, needs: Mapping[str, int], page: str = "", **query: str) -> Tab:
        """Connect as a browser does, on the first page or another. ``needs``: element kind → how many every run must
        show at least."""
        port = server.port
        token = await asyncio.to_thread(xsrf_token, port, server.cookie)
        socket = await connect(
            f"ws://{HOST}:{port}/_stcore/stream",
            subprotocols=[Subprotocol("streamlit"), Subprotocol(token)],
            additional_headers={"Cookie": f"_streamlit_xsrf={token}; {server.cookie}"},
            origin=Origin(f"http://{HOST}:{port}"),
            max_size=None, max_queue=None, proxy=None, open_timeout=PATIENCE,
        )  # fmt: skip
        return cls(socket, needs, query, page)

    async def aclose(self) -> None:
        """Close the tab, without a word, as people do."""
        await self._socket.close()

    def unfold(self, needs: Mapping[str, int]) -> None:
        """Open everything that is sent only once it is opened; the reruns from now on must show ``needs``."""
        self._needs, self._unfolded = needs, True

    async def rerun(self, as_of: date | None = None) -> Run:
        """Choose an as-of day (None: leave it), let the page rerun, and give what came."""
        if as_of is not None:
            self._query["asof"] = as_of.isoformat()
        begin = time.perf_counter()
        await self._socket.send(self._request())
        reading = _Reading()
        async with asyncio.timeout(PATIENCE):
            while not self._read(await self._socket.recv(decode=False), reading):
                pass
        seconds = time.perf_counter() - begin
        missing = {kind: n for kind, n in self._needs.items() if reading.elements[kind] < n}
        if missing:
            raise PageFailed(f"the page lacks {missing}; it shows {dict(reading.elements)}")
        self._forget()
        return Run(seconds, reading.messages, reading.size, reading.elements, frozenset(reading.content))

    async def follow(self, **query: str) -> Run:
        """Follow a link to the same page."""
        self._query |= query
        return await self.rerun()

    async def poll(self, seconds: float) -> int:
        """Sit idle as an open page does, answering its fragments' timers; gives how many fragment runs it asked for.

        Must not overlap with ``rerun``; an answer that comes later is read there and not taken for a full run.
        """
        until = time.monotonic() + seconds
        asked = 0
        due = {fragment: time.monotonic() + wait for fragment, wait in self.timers.items()}
        while due and min(due.values()) < until:
            fragment = min(due, key=due.__getitem__)
            await self._drain(due[fragment] - time.monotonic())
            await self._socket.send(self._request(fragment))
            asked += 1
            due[fragment] = time.monotonic() + self.timers[fragment]
        await self._drain(until - time.monotonic())
        return asked

    async def _drain(self, seconds: float) -> None:
        """Read whatever comes for so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                while True:
                    self._read(await self._socket.recv(decode=False), _Reading())

    def _request(self, fragment: str = "") -> bytes:
        state = ClientState(
            query_string=urlencode(self._query),
            page_script_hash=self._page,
            page_name="" if self._page else self._name,
            fragment_id=fragment,
            is_auto_rerun=bool(fragment),
            cached_message_hashes=list(self._cache),
        )
        if "asof" in self._query and "asof" in self._dates:
            widget = state.widget_states.widgets.add(id=self._dates["asof"])
            widget.string_array_value.data.append(self._query["asof"])
        for fold in sorted(self._folds) if self._unfolded else ():
            state.widget_states.widgets.add(id=fold, bool_value=True)
        return bytes(BackMsg(rerun_script=state).SerializeToString())

    def _read(self, data: bytes, reading: _Reading) -> bool:
        """Take one message; True when it ends a full run."""
        message = ForwardMsg.FromString(data)
        reading.messages += 1
        reading.size += len(data)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
            reading.began = True
            reading.elements.clear()
            reading.content.clear()
        elif kind == "navigation":
            self._page = message.navigation.page_script_hash
        elif kind == "delta":
            self._read_delta(message, message.delta, reading)
        elif kind == "ref_hash":
            self._read_reference(message.ref_hash, reading)
        elif kind == "auto_rerun":
            self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "page_not_found":
            raise PageFailed("the page was not found")
        elif kind == "script_finished":
            return self._finished(message.script_finished, reading)
        return False

    def _read_delta(self, message: ForwardMsg, delta: Delta, reading: _Reading) -> None:
        if delta.WhichOneof("type") == "add_block" and delta.add_block.expandable.id:
            self._folds.add(delta.add_block.expandable.id)
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        kind = element.WhichOneof("type") or ""
        if kind == "exception":
            raise PageFailed(f"{element.exception.type}: {element.exception.message}")
        if kind == "alert" and element.alert.format == Alert.ERROR:
            raise PageFailed(f"the page shows an error: {element.alert.title} {element.alert.body}")
        if kind == "date_input":
            self._dates[element.date_input.id.rsplit("-", 1)[-1]] = element.date_input.id
        reading.elements[kind] += 1
        reading.content.add(message.hash)
        if message.metadata.cacheable:
            self._cache[message.hash] = _Cached(kind, self._runs)

    def _read_reference(self, reference: str, reading: _Reading) -> None:
        if reference not in self._cache:
            raise PageFailed("the server referred to a message the tab does not have")
        kind = self._cache[reference].kind
        self._cache[reference] = _Cached(kind, self._runs)
        reading.elements[kind] += 1
        reading.content.add(reference)

    def _finished(self, status: int, reading: _Reading) -> bool:
        if status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            raise PageFailed("the script did not compile")
        return status == ForwardMsg.FINISHED_SUCCESSFULLY and reading.began

    def _forget(self) -> None:
        """Drop large messages that have not been used for a while, as a browser does."""
        self._runs += 1
        self._cache = {name: kept for name, kept in self._cache.items() if self._runs - kept.run <= KEPT_RUNS}
