"""A session that reaches the emulator without a socket: for thousands of schedules in one process.

What is sent and what is answered still passes through JSON, and every fault, visit and quota counts as over HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests

from .api import Ask
from .server import Lost, answer

if TYPE_CHECKING:
    from .emulator import Emulator

Hook = Callable[[Ask], None]


def nothing(_ask: Ask) -> None:
    """What happens around a request unless a test says otherwise."""


class DirectSession(requests.Session):
    """Sends this identity's requests straight to an emulator that need not listen.

    ``before`` and ``after`` are called around each request; what they raise comes out of it.
    """

    def __init__(self, emulator: Emulator, identity: str, before: Hook = nothing, after: Hook = nothing) -> None:
        super().__init__()
        self.emulator, self.identity, self.before, self.after = emulator, identity, before, after

    def request(self, method: str | bytes, url: str | bytes, *_rest: Any, **more: Any) -> requests.Response:
        """One request. Raises what ``requests`` does when the connection breaks."""
        query = {
            name: [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
            for name, value in (more.get("params") or {}).items()
            if value is not None
        }
        body = json.loads(json.dumps(more.get("json") or {}))
        path = urlsplit(str(url)).path
        ask = Ask(self.emulator.world, self.identity, str(method).upper(), path, query, body)
        self.before(ask)
        try:
            code, made = answer(self.emulator, ask)
        except Lost:
            raise requests.ConnectionError("the connection broke") from None
        self.after(ask)
        return _response(code, made)


def _response(code: int, made: Any) -> requests.Response:
    found = requests.Response()
    found.status_code = code
    text = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)
    found._content = text.encode()
    found.encoding = "utf-8"
    kind = "text/html" if text.startswith("<") else "application/json"
    found.headers["Content-Type"] = f"{kind}; charset=UTF-8"
    return found
