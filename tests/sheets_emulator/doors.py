"""The doors for tests in other processes: ``POST /_test/NAME`` with JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .errors import ApiError
from .human import ACTIONS
from .people import OWNER

if TYPE_CHECKING:
    from .emulator import Emulator


def _action(emulator: Emulator, body: dict[str, Any]) -> Callable[[], Any]:
    if body.get("action") not in ACTIONS:
        raise ApiError(f"no such action: {body.get('action')}; there are {', '.join(ACTIONS)}")
    person = emulator.book(body["book"], body.get("who", OWNER))
    return lambda: getattr(person, body["action"])(*body.get("args", []), **body.get("kwargs", {}))


def open_door(emulator: Emulator, name: str, body: dict[str, Any]) -> Any:
    """What each door does is what the emulator's method of that name does."""
    match name:
        case "new":
            return {"id": emulator.new(**body)}
        case "act":
            return {"result": _action(emulator, body)()}
        case "before":
            emulator.before(body.get("n") or body.get("match"), _action(emulator, body["act"]))
        case "fault":
            emulator.fault(**body)
        case "quota":
            emulator.quota(**body)
        case "clock":
            emulator.advance(body["advance"])
        case "quirks":
            for quirk, value in body.items():
                getattr(emulator.quirks, quirk)
                setattr(emulator.quirks, quirk, value)
        case "calm":
            emulator.calm()
        case "save":
            emulator.save()
        case "books":
            return {"books": [{"id": book.id, "title": book.title} for book in emulator.world.books.values()]}
        case "calls":
            told = ("method", "path", "identity", "time", "status", "kind")
            return {"calls": [{part: getattr(call, part) for part in told} for call in emulator.calls]}
        case _:
            raise ApiError(f"no such door: {name}", 404, "NOT_FOUND")
    return {}
