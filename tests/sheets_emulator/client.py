"""gspread's way in: sessions that carry an identity's token and send Google's two hosts to the emulator."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import gspread
import requests
from requests.adapters import BaseAdapter, HTTPAdapter

HOSTS = ("https://sheets.googleapis.com/", "https://www.googleapis.com/")


class Redirect(HTTPAdapter):
    """Sends a request for Google to the emulator; path and query stay."""

    def __init__(self, url: str) -> None:
        super().__init__(pool_maxsize=50)
        self.target = urlsplit(url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(request.url or "")
        request.url = urlunsplit((self.target.scheme, self.target.netloc, parts.path, parts.query, ""))
        return super().send(request, *args, **kwargs)


class Nowhere(BaseAdapter):
    """Refuses any other host: a test never reaches the network."""

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        raise requests.ConnectionError(f"not in this double: {request.url}", request=request)

    def close(self) -> None:
        """Nothing to close."""


def redirect(session: requests.Session, url: str) -> None:
    """Make a session the app has built itself, say an AuthorizedSession, reach the emulator and nothing else."""
    session.trust_env = False
    session.mount("https://", Nowhere())
    for host in HOSTS:
        session.mount(host, Redirect(url))


def emulator_session(url: str, token: str) -> requests.Session:
    """A requests session for an identity; ``url`` is all that another process needs to know."""
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    redirect(session, url)
    return session


def emulator_client(url: str, token: str) -> gspread.Client:
    """An unmodified gspread client for an identity."""
    return gspread.Client(auth=None, session=emulator_session(url, token))  # type: ignore[arg-type]
