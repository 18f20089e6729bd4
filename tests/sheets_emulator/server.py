"""The HTTP side: one thread per connection, kept alive, an answer in one write."""

from __future__ import annotations

import contextlib
import json
import socket
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from . import api, api_sheets, api_values, drive, keys
from .api import Ask
from .errors import ApiError
from .faults import HTML, Call, Fault, error

ROUTED = (api_sheets, api_values)
"""Importing them registers what answers which URL."""

if TYPE_CHECKING:
    from .emulator import Emulator


def _given(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without its nulls: a protobuf takes them for not given. Nulls in lists of values stay."""
    return {name: value for name, value in pairs if value is not None}


class Lost(Exception):
    """The connection is to break without an answer."""


class Server(ThreadingHTTPServer):
    """Knows its emulator, and its open connections so that it can drop them."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], emulator: Emulator) -> None:
        super().__init__(address, Handler)
        self.emulator = emulator
        self.open: set[socket.socket] = set()

    def drop(self) -> None:
        """Break all connections."""
        for one in list(self.open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no news."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length) if length else b""
        url = urlsplit(self.path)
        emulator = self.server.emulator
        try:
            if url.path == "/token":
                self._answer(200, keys.token(text))
                return
            try:
                body = json.loads(text, object_pairs_hook=_given) if text else {}
            except ValueError:
                raise ApiError("Invalid JSON payload received. Unexpected token.") from None
            query = parse_qs(url.query, keep_blank_values=True)
            if url.path.startswith("/_test/"):
                self._answer(200, emulator.door(url.path.removeprefix("/_test/"), body))
                return
            ask = Ask(emulator.world, self._who(), self.command, url.path, query, body)
            self._answer(*answer(emulator, ask))
        except Lost:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
        except ApiError as refusal:
            self._answer(refusal.code, refusal.body())

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _who(self) -> str:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            message = "Request is missing required authentication credential."
            raise ApiError(message, 401, "UNAUTHENTICATED")
        return token

    def _answer(self, code: int, made: Any) -> None:
        kind = "application/json; charset=UTF-8"
        if isinstance(made, str):
            data = made.encode()
            if made.startswith("<"):
                kind = "text/html; charset=UTF-8"
        else:
            data = json.dumps(made, ensure_ascii=False).encode()
        if code == 200 and not data:
            code = 204
        self.send_response(code)
        if code != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()


def answer(emulator: Emulator, ask: Ask) -> tuple[int, Any]:
    """The code and the body for a request, with all that a test lined up around it."""
    trouble = emulator.trouble
    call = Call(ask.method, ask.path, ask.who, ask.world.now(), ask.body)
    with ask.world.lock:
        actions = list(trouble.due(call))
        trouble.calls.append(call)
    for action in actions:
        action()
    with ask.world.lock:
        fault = trouble.fault(call, "before")
    made = _hit(fault, call) if fault else None
    if made is None:
        made = _handled(emulator, ask, call)
        with ask.world.lock:
            fault = trouble.fault(call, "after")
        made = (_hit(fault, call) if fault else None) or made
    call.status = made[0]
    return made


def _handled(emulator: Emulator, ask: Ask, call: Call) -> tuple[int, Any]:
    try:
        with ask.world.lock:
            emulator.trouble.check_quota(call)
        return 200, (drive if ask.path.startswith("/drive/") else api).handle(ask)
    except ApiError as refusal:
        return refusal.code, refusal.body()
    except (KeyError, TypeError, AttributeError, ValueError) as broken:
        traceback.print_exc()
        return 400, ApiError(f"Invalid JSON payload received. {broken!r}").body()


def _hit(fault: Fault, call: Call) -> tuple[int, Any] | None:
    if fault.what in ("slow", "timeout"):
        time.sleep(fault.seconds)
    if fault.what == "slow":
        return None
    if fault.what in ("lost", "timeout"):
        raise Lost
    if fault.what == "html502":
        return 502, HTML
    refusal = error(fault.what, call.identity)
    return refusal.code, refusal.body()
