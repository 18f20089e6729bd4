"""A client that sends what a browser never would: bytes over HTTP, and messages over a page's socket."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from google.protobuf.text_format import MessageToString
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

PATIENCE = 20.0
OMITTED = "\0"
"""In a header's place: leave it out."""
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def get(self, name: str) -> str:
        """A header, blank when there is none."""
        return "\n".join(value for key, value in self.headers if key == name)

    @property
    def to(self) -> str:
        """Where it sends the browser."""
        return self.get("location")

    @property
    def cookies(self) -> dict[str, str]:
        """Cookies it sets: name → value."""
        pairs = (value.split(";")[0].partition("=") for key, value in self.headers if key == "set-cookie")
        return {name: value for name, _sign, value in pairs}


def raw(port: int, data: bytes) -> Answer:
    """Send bytes as they are and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it heard all
            connection.sendall(data)
        heard = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                heard += piece
    head, _blank, body = heard.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, _sign, value in pairs)
    return Answer(int(first.split()[1]) if first else 0, headers, body.decode("utf-8", "replace"))


@dataclass
class Wire:
    """A server's address and somebody's cookies."""

    port: int
    cookies: Mapping[str, str] = field(default_factory=dict)
    address: str = "10.1.1.1"
    """Where it says it comes from; the server believes a proxy on its own machine."""

    @classmethod
    def of(cls, url: str, cookies: Mapping[str, str] | None = None, address: str = "10.1.1.1") -> Wire:
        return cls(urlsplit(url).port or 80, cookies or {}, address)

    def ask(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """One request; an underscore in a header's name stands for a dash."""
        told = {"host": f"127.0.0.1:{self.port}", "connection": "close", "accept": "text/html",
                "x-forwarded-for": self.address}  # fmt: skip
        if self.cookies:
            told["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body:
            told["content-length"] = str(len(body))
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        told = {name: value for name, value in told.items() if value != OMITTED}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
        return raw(self.port, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def post(self, path: str, values: Mapping[str, str], **headers: str) -> Answer:
        """A form, as our own page sends it unless ``headers`` say otherwise."""
        told = {**FORM, "origin": f"http://127.0.0.1:{self.port}", **headers}
        return self.ask(path, "POST", urlencode(values).encode(), **told)

    @contextlib.contextmanager
    def tab(self, query: str = "", **headers: str) -> Iterator[Tab]:
        """An open page. Raises ``InvalidStatus`` when the socket is refused."""
        told = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        origin = headers.pop("origin", f"http://127.0.0.1:{self.port}")
        with connect(
            f"ws://127.0.0.1:{self.port}{headers.pop('path', '/_stcore/stream')}",
            subprotocols=[Subprotocol("streamlit"), Subprotocol("x")], origin=Origin(origin),
            additional_headers={**told, **headers}, max_size=None, open_timeout=PATIENCE, proxy=None,
        ) as opened:  # fmt: skip
            yield Tab(opened, query)

    def refused_tab(self, **headers: str) -> bool:
        """Whether the socket of a page is refused."""
        try:
            with self.tab(**headers) as tab:
                tab.socket.recv(timeout=1)
        except (InvalidStatus, ConnectionClosed):
            return True
        except TimeoutError:
            return False
        return False


@dataclass
class Shown:
    """What one run of a page sent."""

    headings: list[str] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)
    """Page in the menu → its hash."""
    buttons: dict[str, str] = field(default_factory=dict)
    """Label → widget."""
    fragments: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    text: str = ""


@dataclass
class Tab:
    """One page's socket."""

    socket: ClientConnection
    query: str = ""
    page: str = ""

    def run(self, page: str = "", **state: object) -> Shown:
        """Ask for a rerun and give what it shows."""
        asked = ClientState(query_string=self.query, page_script_hash=page or self.page, **state)
        return self.send(BackMsg(rerun_script=asked))

    def press(self, widget: str) -> Shown:
        """Press a button."""
        asked = ClientState(query_string=self.query, page_script_hash=self.page)
        asked.widget_states.widgets.add(id=widget, trigger_value=True)
        return self.send(BackMsg(rerun_script=asked))

    def send(self, message: BackMsg) -> Shown:
        """Send a message and read until a script has finished."""
        self.socket.send(message.SerializeToString())
        return self.hear()

    def hear(self) -> Shown:
        """Read until a script has finished."""
        shown = Shown()
        while True:
            heard = ForwardMsg.FromString(self.socket.recv(timeout=PATIENCE, decode=False))
            self._take(heard, shown)
            if heard.WhichOneof("type") == "script_finished":
                if heard.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return shown
                shown = Shown()

    def quiet(self, seconds: float = 0.6) -> bool:
        """Whether nothing comes for a while but word that a script has stopped."""
        with contextlib.suppress(TimeoutError):
            while True:
                heard = ForwardMsg.FromString(self.socket.recv(timeout=seconds, decode=False))
                if heard.WhichOneof("type") != "session_status_changed":
                    return False
        return True

    def is_closed(self) -> bool:
        """Whether the server closes the socket now."""
        try:
            while True:
                self.socket.recv(timeout=PATIENCE / 2)
        except ConnectionClosed:
            return True
        except TimeoutError:
            return False

    def _take(self, heard: ForwardMsg, shown: Shown) -> None:
        kind = heard.WhichOneof("type") or ""
        shown.kinds.add(kind)
        shown.text += MessageToString(heard, as_utf8=True)
        if kind == "new_session":
            self.page = heard.new_session.page_script_hash
        elif kind == "navigation":
            self.page = heard.navigation.page_script_hash
            shown.pages = {place.url_pathname or "/": place.page_script_hash for place in heard.navigation.app_pages}
        elif kind == "auto_rerun":
            shown.fragments.append(heard.auto_rerun.fragment_id)
        elif kind == "delta" and heard.delta.WhichOneof("type") == "new_element":
            element = heard.delta.new_element
            kind = element.WhichOneof("type") or ""
            if kind == "heading":
                shown.headings.append(element.heading.body)
            elif kind == "alert":
                shown.alerts.append(f"{element.alert.title} {element.alert.body}")
            elif kind == "button":
                shown.buttons[element.button.label] = element.button.id
