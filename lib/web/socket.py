"""The socket of an open page: every message is let through only while its session is in force.

When it is not, whatever the page asked for becomes a plain rerun: the script sees that nobody is signed in and says
so. Nothing that was pressed reaches a page any more, in whatever way it was meant to run. The same happens once when
somebody's role or units have changed: callbacks and fragments would still run as who she was.
"""

from __future__ import annotations

import logging

from google.protobuf.message import DecodeError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from lib.services.policy import Actor
from lib.services.sessions import Visitor
from lib.store.base import StoreError
from lib.web.visitors import is_own, visitor_of

log = logging.getLogger(__name__)
STREAM = "/_stcore/stream"
LIMIT = 4 * 2**20
"""Bytes of one message; a form with ten fields of 10,000 characters takes a tenth of it."""
KINDS = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request", "backend_operation_request"})
OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
"""What a page may ask; not among it: clearing everybody's caches, and what is for developers."""


async def serve_socket(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one socket, for as long as it is open."""
    request = HTTPConnection(scope)
    visitor = _visitor(request)
    if scope["path"] != STREAM or visitor is None or not is_own(request):  # Streamlit would ask outside who it is
        await send({"type": "websocket.close", "code": 1008})
        return

    known: Actor | None = visitor.actor

    async def guarded() -> Message:
        nonlocal known
        while True:
            message = await receive()
            if message["type"] != "websocket.receive":
                return message
            data = message.get("bytes")
            if data is None or len(data) > LIMIT:
                await send({"type": "websocket.close", "code": 1009})
                return {"type": "websocket.disconnect", "code": 1009}
            asked = understood(data)
            if asked is not None:
                found = _visitor(request, working=not _by_itself(asked))
                now = found.actor if found is not None else None
                passed = data if now is not None and now == known else plain(asked)
                known = now
                return {**message, "bytes": passed}

    await app(scope, guarded, send)


def understood(data: bytes) -> BackMsg | None:
    """A message that a page may send; None for anything else."""
    asked = BackMsg()
    try:
        asked.ParseFromString(data)
    except DecodeError:
        return None
    kind = asked.WhichOneof("type")
    operation = asked.backend_operation_request.WhichOneof("payload") if kind == "backend_operation_request" else None
    if kind not in KINDS or (operation is not None and operation not in OPERATIONS):
        log.warning("a page asked for %s %s", kind, operation or "")
        return None
    return asked


def plain(asked: BackMsg) -> bytes:
    """The plain rerun of the page that stands in a message's place."""
    state = asked.rerun_script
    bare = ClientState(query_string=state.query_string, page_script_hash=state.page_script_hash)
    passed: bytes = BackMsg(rerun_script=bare).SerializeToString()
    return passed


def _by_itself(asked: BackMsg) -> bool:
    """Whether a page asks without anybody doing something."""
    kind = asked.WhichOneof("type")
    return kind == "app_heartbeat" or (kind == "rerun_script" and asked.rerun_script.is_auto_rerun)


def _visitor(request: HTTPConnection, *, working: bool = False) -> Visitor | None:
    """Whose socket it is; somebody who must change a one-time password first is nobody yet."""
    try:
        found = visitor_of(request, working=working)
    except StoreError as error:
        log.error("nobody can be let in: %s", error)
        return None
    return None if found is None or found.must_change else found
