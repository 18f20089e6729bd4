"""The settings the server is started with are the safe ones, and Streamlit knows each of them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from lib.web.gate import UPLOAD_LIMIT
from lib.web.socket import LIMIT

ROOT = Path(__file__).resolve().parent.parent.parent
OURS: dict[str, dict[str, Any]] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))

SAFE = {
    "browser.gatherUsageStats": False,
    "browser.serverAddress": "localhost",
    "client.allowedOrigins": [],
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "runner.magicEnabled": False,
    "server.enableAgentApi": False,
    "server.enableCORS": True,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.xsrfCookieSameSite": "lax",
}
DANGEROUS = ("server.trustedUserHeaders", "server.scriptHealthCheckEnabled", "global.developmentMode")
"""Whoever sends such a header would be whom it names; a route that runs the script for anybody; traces."""


def ours(option: str) -> Any:
    section, name = option.split(".")
    return OURS[section].get(name)


@pytest.mark.parametrize("option", SAFE)
def test_an_option_is_written_down_with_its_safe_value(option: str) -> None:
    """Also where it is the default: a default may change with the next version."""
    assert ours(option) == SAFE[option]


def test_streamlit_knows_every_option() -> None:
    """It would ignore a misspelt one without a word that anybody sees."""
    for section, options in OURS.items():
        for name in options:
            assert f"{section}.{name}" in config._config_options_template


def test_what_would_open_the_door_is_not_set() -> None:
    for option in DANGEROUS:
        section, name = option.split(".")
        assert name not in OURS.get(section, {}), option
        assert option in config._config_options_template


def test_sizes_are_bounded_as_the_gate_and_the_socket_bound_them() -> None:
    assert ours("server.maxUploadSize") * 2**20 < UPLOAD_LIMIT <= (ours("server.maxUploadSize") + 1) * 2**20
    assert ours("server.maxWidgetStateSize") * 2**20 == LIMIT
    assert LIMIT <= ours("server.maxMessageSize") * 2**20 <= 32 * 2**20
