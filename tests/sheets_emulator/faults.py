"""What a test makes go wrong: faults, quotas, and people who act between two requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import ApiError

When = Literal["before", "after"]
What = Literal["lost", "html502", "slow", "timeout"] | int
KINDS = ("lost", "html502", "slow", "timeout", 403, 429, 500, 503)
PROJECT = "project_number:415104041262"
_READS_BY_POST = ("ByDataFilter", ":search")
HTML = (
    "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title>"
    "<p><b>502.</b> <ins>That's an error.</ins><p>The server encountered a temporary error.</html>"
)


@dataclass
class Call:
    """One request that came in over HTTP."""

    method: str
    path: str
    identity: str
    time: float
    body: dict[str, Any] = field(default_factory=dict)
    status: int = 0

    @property
    def kind(self) -> str:
        """``read`` or ``write`` as the quotas count them; ``drive`` is counted apart."""
        if self.path.startswith("/drive"):
            return "drive"
        by_post = any(mark in self.path for mark in _READS_BY_POST) and "Update" not in self.path
        return "read" if self.method == "GET" or (by_post and "Clear" not in self.path) else "write"


Match = Callable[[Call], bool] | str | None


def matches(match: Match, call: Call) -> bool:
    """Whether a call is meant: ``None`` means any, a text is looked for in ``METHOD path``."""
    if match is None:
        return True
    return match in f"{call.method} {call.path}" if isinstance(match, str) else match(call)


@dataclass
class Fault:
    """Something that goes wrong ``times`` times, before or after the request was applied."""

    when: When
    what: What
    match: Match
    times: int
    seconds: float
    hits: int = 0


@dataclass
class Visit:
    """An action that happens before a coming request, once."""

    countdown: int
    match: Match
    action: Callable[[], object]


def error(what: What, identity: str = "") -> ApiError:
    """What Google answers."""
    if what == 503:
        return ApiError("The service is currently unavailable.", 503, "UNAVAILABLE")
    if what == 403:
        message = (
            f"Google Sheets API has not been used in project {PROJECT.partition(':')[2]} before or it is disabled. "
            "Enable it by visiting https://console.developers.google.com/apis/api/sheets.googleapis.com then retry."
        )
        return ApiError(message, 403, "PERMISSION_DENIED")
    if what == 500:
        return ApiError("Internal error encountered.", 500, "INTERNAL")
    if what == 429:
        return exhausted("read", 60)
    raise ValueError(what)


def exhausted(kind: str, limit: int) -> ApiError:
    """The refusal of a caller who asked too often in a minute."""
    name = kind.capitalize()
    message = (
        f"Quota exceeded for quota metric '{name} requests' and limit '{name} requests per minute per user' "
        f"of service 'sheets.googleapis.com' for consumer '{PROJECT}'."
    )
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "RATE_LIMIT_EXCEEDED",
        "domain": "googleapis.com",
        "metadata": {
            "quota_metric": f"sheets.googleapis.com/{kind}_requests",
            "quota_limit": f"{name}RequestsPerMinutePerUser",
            "quota_limit_value": str(limit),
            "quota_location": "global",
            "service": "sheets.googleapis.com",
            "consumer": PROJECT.replace("project_number:", "projects/"),
        },
    }
    link = {"description": "Request a higher quota limit.", "url": "https://cloud.google.com/docs/quotas/help"}
    more = {"@type": "type.googleapis.com/google.rpc.Help", "links": [link]}
    return ApiError(message, 429, "RESOURCE_EXHAUSTED", details=[info, more])


class Trouble:
    """What is lined up, and what has come in so far."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.faults: list[Fault] = []
        self.visits: list[Visit] = []
        self.limits: dict[str, int] = {}
        self._let_through: list[Call] = []

    def due(self, call: Call) -> Iterator[Callable[[], object]]:
        """The actions that must happen before this request."""
        for visit in list(self.visits):
            if not matches(visit.match, call):
                continue
            visit.countdown -= 1
            if visit.countdown <= 0:
                self.visits.remove(visit)
                yield visit.action

    def check_quota(self, call: Call) -> None:
        """Refuse who has used up the minute. A refused call uses up nothing."""
        limit = self.limits.get(call.kind)
        self._let_through = [one for one in self._let_through if one.time > call.time - 60]
        if limit is None:
            return
        used = Counter((one.identity, one.kind) for one in self._let_through)
        if used[call.identity, call.kind] >= limit:
            raise exhausted(call.kind, limit)
        self._let_through.append(call)

    def fault(self, call: Call, when: When) -> Fault | None:
        """The fault that hits this request at this moment, if any; it is one fewer then."""
        for one in self.faults:
            if one.when == when and one.times > 0 and matches(one.match, call):
                one.times -= 1
                one.hits += 1
                return one
        return None

    @contextmanager
    def calm(self) -> Iterator[None]:
        """Nothing goes wrong inside."""
        kept = self.faults, self.visits, self.limits
        self.faults, self.visits, self.limits = [], [], {}
        try:
            yield
        finally:
            self.faults, self.visits, self.limits = kept
