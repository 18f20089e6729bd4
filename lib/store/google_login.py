"""Signing in to Google as a service account (服务账号), at the first request: a key that is put right works at once."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from google.auth.exceptions import GoogleAuthError, TransportError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2.service_account import Credentials
from requests.adapters import HTTPAdapter

from lib.i18n import _
from lib.store.base import StoreError

SCOPES = (
    "https://www.googleapis.com/auth/spreadsheets",
    "https://www.googleapis.com/auth/drive.metadata.readonly",
)
"""Spreadsheets that are shared with the account; and who else they are shared with."""
HOSTS = ("https://sheets.googleapis.com/", "https://www.googleapis.com/")
TOKEN_TIMEOUT = 10.0
"""Seconds to wait for a token."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_FIELDS = ("client_email", "private_key", "token_uri")


class NoKey(StoreError):
    """There is no key of a service account where it is expected."""


class BrokenKey(StoreError):
    """What is there is no key of a service account."""


def key_of(path: Path | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a key holds, from its file or as it stands in the settings. Raises ``NoKey``, ``BrokenKey``."""
    if path is None and not fields:
        raise NoKey(_("没有设定服务账号的密钥；在 .streamlit/secrets.toml 的 [google] 里写 key，见 docs/google.md"))
    found: Any = dict(fields)
    if path is not None:
        try:
            found = json.loads(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise NoKey(_("找不到或打不开密钥文件“{name}”", name=path)) from error
        except ValueError as error:
            raise BrokenKey(_("“{name}”不是 JSON 密钥文件；请在 Google Cloud 重新下载", name=path.name)) from error
    missing = [name for name in _FIELDS if not isinstance(found, dict) or not found.get(name)]
    if missing:
        raise BrokenKey(_("密钥缺少 {options}；要用“服务账号”的 JSON 密钥", options="、".join(missing)))
    return dict(found)


class Door(requests.Session):
    """The session of a service account, opened at the first request. ``url``: a stand-in for Google on this machine;
    ``problem``: why there is no key to be had."""

    def __init__(self, path: Path | None, fields: Mapping[str, Any], url: str | None = None, problem: str = "") -> None:
        super().__init__()
        self.path, self.fields, self.url, self.problem = path, fields, url, problem
        self._inner: requests.Session | None = None
        self._lock = threading.Lock()

    @property
    def email(self) -> str:
        """The account's address, with which people share the spreadsheet. Raises ``StoreError``."""
        return str(self._key()["client_email"])

    def _key(self) -> dict[str, Any]:
        if self.problem:
            raise NoKey(self.problem)
        return key_of(self.path, self.fields)

    def open(self) -> requests.Session:
        """The session that carries a token. Raises ``StoreError``."""
        with self._lock:
            if self._inner is None:
                key = self._key()
                self._inner = stand_in(self.url, str(key["client_email"])) if self.url else _session(key)
            return self._inner

    def request(self, *args: Any, **more: Any) -> requests.Response:
        """As that session. Raises ``StoreError`` when there is no usable key."""
        try:
            return self.open().request(*args, **more)
        except TransportError as error:  # no token could be fetched, so nothing was sent
            raise requests.ConnectTimeout(str(error)) from error
        except GoogleAuthError:
            self._inner = None  # somebody may put another key in its place
            raise

    def close(self) -> None:
        """Close that session too."""
        super().close()
        if self._inner is not None:
            self._inner.close()


def _session(key: Mapping[str, Any]) -> requests.Session:
    try:
        credentials = Credentials.from_service_account_info(key, scopes=SCOPES)  # type: ignore[no-untyped-call]
    except ValueError as error:
        raise BrokenKey(_("密钥里的私钥读不了；请在 Google Cloud 重新下载密钥文件")) from error
    asking = partial(Request(), timeout=TOKEN_TIMEOUT)
    return AuthorizedSession(credentials, auth_request=asking)  # type: ignore[no-untyped-call]


class _Detour(HTTPAdapter):
    """Sends a request for Google to another address; path and query stay."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.target = urlsplit(url)

    def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = urlunsplit((self.target.scheme, self.target.netloc, parts.path, parts.query, ""))
        return super().send(request, *args, **more)


def stand_in(url: str, token: str) -> requests.Session:
    """A session whose requests for Google go to a stand-in on this machine; nowhere else, for there is no secret in
    it. Raises ``StoreError``."""
    target = urlsplit(url)
    if target.scheme != "http" or target.hostname not in _LOOPBACK:
        raise StoreError(_("TUOGOU_GOOGLE_URL 只能指向本机，如 http://127.0.0.1:8765"))
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    for host in HOSTS:
        session.mount(host, _Detour(url))
    return session
