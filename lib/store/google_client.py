"""The way to Google: bounded in time, in attempts and in calls a minute; what goes wrong is told in a sentence.

A read is repeated, a write never, unless the answer says that it was refused before anything was done: a 503 may come
after a write that was applied. Who writes finds out by reading.
"""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import requests
from google.auth.exceptions import GoogleAuthError
from gspread.http_client import HTTPClient
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEETS_API_V4_BASE_URL

from lib.i18n import N_, _
from lib.store.base import Missing, NotWritable, StoreError
from lib.store.pauses import no_collection

log = logging.getLogger(__name__)
TIMEOUT = (5.0, 30.0)
"""Seconds to connect, and between two pieces of an answer; Google itself ends a request after 180."""
ATTEMPTS, TOTAL = 4, 40.0
"""Attempts at a read, and seconds for all of them together."""
PER_MINUTE = 60
"""Reads, and writes, that Google allows a service account in a minute."""
PATIENCE = 5.0
"""Seconds a call waits for its turn within the quota before it is given up."""
REFUSED_FIRST = frozenset({429})
"""Answers that say for certain that nothing was done."""
PASSING = frozenset({408, 429, 500, 502, 503, 504})


class Passing(StoreError):
    """Google or the way to it is away for a while; ``cause`` says why. Who keeps looking need do nothing."""

    def __init__(self, cause: str) -> None:
        super().__init__(_("{why}；稍后自动继续", why=cause))
        self.cause = cause


class Exhausted(Passing):
    """Google says that the calls of this minute are used up, perhaps by others. Nothing was done."""


class Unsure(Passing):
    """A write was sent and no answer came, or one that says nothing: it may have been applied or not."""


class Throttled(StoreError):
    """The calls of this minute are used up; nothing was sent."""


class Refused(StoreError):
    """Google refused a request as it stands: the spreadsheet is not what we took it for. Nothing was done."""


class NotAllowed(NotWritable):
    """The service account may not see the spreadsheet, or only look at it. Nothing was done."""


class NotEnabled(StoreError):
    """The project of the service account may not use this API yet. Nothing was done."""


class Budget:
    """Calls of one kind in the last 60 seconds: never more than ``limit``."""

    def __init__(
        self, limit: int = PER_MINUTE, clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.limit, self.clock, self.sleep = limit, clock, sleep
        self._times: deque[float] = deque()
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Calls made in the last 60 seconds."""
        with self._lock:
            return self._counted()

    def take(self, patience: float = PATIENCE) -> None:
        """Count one call, waiting until it fits. Raises ``Throttled`` when that would take longer than ``patience``."""
        deadline = self.clock() + patience
        while (wait := self._tried()) > 0:
            if self.clock() + wait > deadline:
                raise Throttled(_("这一分钟里可用的 Google 请求已用完，{n} 秒后再试", n=round(wait) or 1))
            self.sleep(wait)

    def _tried(self) -> float:
        """0 when a call was counted, else the seconds until one fits."""
        with self._lock:
            if self._counted() < self.limit:
                self._times.append(self.clock())
                return 0.0
            return max(self._times[0] + 60 - self.clock(), 0.01)

    def _counted(self) -> int:
        while self._times and self._times[0] <= self.clock() - 60:
            self._times.popleft()
        return len(self._times)


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls of the last 60 seconds and how many are allowed, for 管理 and ``doctor``."""

    reads: int
    writes: int
    limit: int


class BoundedClient(HTTPClient):
    """gspread's way to Google with our bounds. Errors are ``StoreError`` with a sentence for people."""

    def __init__(
        self, auth: Any, session: requests.Session | None = None, clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        super().__init__(auth, session)
        self.timeout, self.clock, self.sleep = TIMEOUT, clock, sleep
        self.reads, self.writes = Budget(PER_MINUTE, clock, sleep), Budget(PER_MINUTE, clock, sleep)

    @property
    def usage(self) -> Usage:
        """What of the quota is used."""
        return Usage(self.reads.used, self.writes.used, self.reads.limit)

    def request(self, method: str, endpoint: str, *rest: Any, **more: Any) -> requests.Response:
        """Send one request. Raises ``StoreError``; ``Unsure`` after a write that may have been applied."""
        is_read = method.lower() == "get" or (
            endpoint.endswith(("ByDataFilter", ":search")) and "Update" not in endpoint
        )
        deadline = self.clock() + TOTAL
        for attempt in range(1, ATTEMPTS + 1):
            (self.reads if is_read else self.writes).take()
            try:
                answer = self._sent(method, endpoint, more)
            except requests.ConnectTimeout:
                problem: tuple[bool, Passing] = True, Passing(_(OFFLINE))
                wait = 0.0
            except requests.RequestException as error:
                log.warning("google did not answer: %s", type(error).__name__)
                problem, wait = (is_read, Passing(_(OFFLINE))), 0.0
            except GoogleAuthError as error:
                raise StoreError(_("不能以服务账号登录 Google：{why}。请核对密钥文件", why=str(error)[:200])) from error
            else:
                if answer.ok and _is_json(answer):
                    return answer
                if answer.status_code not in PASSING and not answer.ok:
                    _give_up(answer)
                kind = Exhausted if answer.status_code in REFUSED_FIRST else Passing
                problem = is_read or kind is Exhausted, kind(told(answer))
                wait = _retry_after(answer)
            wait = max(wait, random.uniform(0.5, 1) * 2 ** (attempt - 1) / 2)
            repeatable, passing = problem
            if not repeatable:
                raise Unsure(passing.cause)
            if attempt == ATTEMPTS or self.clock() + wait > deadline:
                raise passing
            self.sleep(wait)
        raise AssertionError("the loop returns or raises")

    def _sent(self, method: str, endpoint: str, more: Mapping[str, Any]) -> requests.Response:
        return self.session.request(method, endpoint, timeout=self.timeout, **more)

    def values_by_filter(self, spreadsheet: str, filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The raw values of grid ranges in one call: numbers as numbers, days as serial numbers. One answer for each
        filter that matched, each with ``valueRange`` and ``dataFilters``."""
        url = f"{SPREADSHEETS_API_V4_BASE_URL}/{spreadsheet}/values:batchGetByDataFilter"
        body = {
            "dataFilters": filters, "valueRenderOption": "UNFORMATTED_VALUE", "dateTimeRenderOption": "SERIAL_NUMBER"
        }  # fmt: skip
        answer = self.request("post", url, json=body)
        with no_collection():
            found: list[dict[str, Any]] = json.loads(answer.content).get("valueRanges", [])
        return found

    def batch(self, spreadsheet: str, body: Mapping[str, Any], fields: str = "*") -> dict[str, Any]:
        """Apply an atomic batch; ``fields``: what the answer shall tell. Raises ``Unsure`` when it may have been
        applied, or another ``StoreError``."""
        url = SPREADSHEET_BATCH_UPDATE_URL % spreadsheet
        answer: dict[str, Any] = self.request("post", url, params={"fields": fields}, json=body).json()
        return answer


OFFLINE = N_("连不上 Google")
OFFICE = N_(
    "这个网址是传到网盘上的 Office 文件，不是 Google 表格；打开它，用“文件”→“另存为 Google 表格”，再用新表格的网址"
)
_WORDS = {
    401: N_("Google 不认这个服务账号的密钥；请在 Google Cloud 里核对密钥是否停用"),
    404: N_("找不到这本 Google 表格；请核对编号，或是否已被删除"),
    413: N_("一次写入的内容太多，Google 不予接受"),
    429: N_("Google 说这一分钟的请求太多"),
}


def told(answer: requests.Response) -> str:
    """What an answer that is no success means, for people."""
    word = _WORDS.get(answer.status_code)
    return _(word) if word else _("Google 暂时不能用（{code}）", code=answer.status_code)


def _give_up(answer: requests.Response) -> NoReturn:
    why = _message(answer)
    log.warning("google refused (%d): %s", answer.status_code, why)
    if answer.status_code == 404:
        raise Missing(told(answer))
    if answer.status_code == 403:
        if "protected" in why:
            raise NotWritable(_("表格里有服务账号不能改的保护区域；请把服务账号加到保护区域的编辑者里"))
        if "has not been used" in why or "disabled" in why:
            api = "Google Drive API" if "/drive/" in str(answer.url) else "Google Sheets API"
            raise NotEnabled(_("这个 Google Cloud 项目没有启用 {api}；请先启用", api=api))
        raise NotAllowed(_("服务账号没有这本表格的编辑权限；请把表格共享给它，权限选“编辑者”"))
    if answer.status_code == 400:
        if "not supported for this document" in why:
            raise Missing(_(OFFICE))
        raise Refused(_("Google 没有接受这次请求：{why}", why=why[:200]))
    raise StoreError(told(answer))


def _message(answer: requests.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return answer.reason or ""


def _is_json(answer: requests.Response) -> bool:
    return "json" in answer.headers.get("Content-Type", "json")


def _retry_after(answer: requests.Response) -> float:
    """Seconds the answer asks to wait; not longer than all attempts may take."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else 0.0
