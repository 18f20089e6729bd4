"""What signing in by a city's own service (统一身份认证, OpenID Connect) needs before it can be offered.

The settings are Streamlit's own: the section ``[auth]`` of ``.streamlit/secrets.toml``. Without one there is no such
way in; with an incomplete one neither, and the server's log and ``doctor`` say what is missing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lib.i18n import T_, Text

PACKAGES = ("authlib", "httpx")
"""What ``requirements-oidc.txt`` installs, as it is imported."""
CALLBACK = "/oauth2callback"
"""Where the service sends people back to; Streamlit's word, not ours."""
DEFAULT = "default"
"""Streamlit's name of a provider that stands in ``[auth]`` itself."""
_PROVIDER_KEYS = ("client_id", "client_secret", "server_metadata_url")
SECRET_LENGTH = 32
"""Characters of ``cookie_secret``: whoever guesses it can forge the state of a sign-in."""
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def provider_of(auth: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The provider that is used, by its name and settings: the one in ``[auth]`` itself, else the first named one."""
    if any(key in auth for key in _PROVIDER_KEYS):
        return DEFAULT, auth
    named = ((name, part) for name, part in auth.items() if isinstance(part, Mapping) and "client_id" in part)
    return next(named, (DEFAULT, auth))


def lacking(auth: Mapping[str, Any]) -> list[Text]:
    """Everything that keeps a section ``[auth]`` from being used."""
    name, provider = provider_of(auth)
    missing = [key for key in ("redirect_uri", "cookie_secret") if not auth.get(key)]
    missing += [key for key in _PROVIDER_KEYS if not provider.get(key)]
    found = [T_("[auth] 缺少 {options}", options="、".join(missing))] if missing else []
    secret, back = str(auth.get("cookie_secret") or ""), str(auth.get("redirect_uri") or "")
    if secret and len(secret) < SECRET_LENGTH:
        found.append(T_("[auth] 的 cookie_secret 至少 {n} 个随机字符", n=SECRET_LENGTH))
    if back and urlsplit(back).path != CALLBACK:
        found.append(T_("[auth] 的 redirect_uri 应以 {value} 结尾，前面只有网址", value=CALLBACK))
    found += [
        T_("[auth] 的 {name} 要用 https", name=key)
        for key, url in (
            ("redirect_uri", back),
            ("server_metadata_url", str(provider.get("server_metadata_url") or "")),
        )
        if url and not _is_safe(url)
    ]
    if "_" in name:
        found.append(T_("[auth.{name}] 的名称不能有下划线", name=name))
    return found


def not_installed() -> list[Text]:
    """What has to be installed first."""
    absent = "、".join(package for package in PACKAGES if find_spec(package) is None)
    return [T_("没有安装 {options}；运行 pip install -r requirements-oidc.txt", options=absent)] if absent else []


def _is_safe(url: str) -> bool:
    """Whether what goes there cannot be read or changed on the way."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)


def set_up_in(*files: Path) -> Mapping[str, Any] | None:
    """The section ``[auth]`` as Streamlit reads it from these files, the last one first; None when there is none.

    Raises ``ValueError`` and ``OSError``.
    """
    found: dict[str, Any] = {}
    for file in files:
        if file.exists():
            found |= tomllib.loads(file.read_text(encoding="utf-8"))
    auth = found.get("auth")
    return auth if isinstance(auth, Mapping) else None
