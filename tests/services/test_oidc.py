"""What the sign-in service needs before it is offered, and that its absence is said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.services import oidc
from lib.services.oidc import lacking, not_installed, provider_of, set_up_in
from tests.test_cli import ROOT, run

PROVIDER = {
    "client_id": "tuogou", "client_secret": "secret",
    "server_metadata_url": "https://id.example.org/.well-known/openid-configuration",
}  # fmt: skip
SITE = {"redirect_uri": "https://work.example.org/oauth2callback", "cookie_secret": "s" * 32}


def test_complete_settings_lack_nothing_with_the_provider_in_auth_itself_or_named() -> None:
    assert lacking({**SITE, **PROVIDER}) == []
    assert lacking({**SITE, "city": PROVIDER}) == []
    assert provider_of({**SITE, "city": PROVIDER}) == ("city", PROVIDER)


@pytest.mark.parametrize("key", [*PROVIDER, *SITE])
def test_each_setting_that_is_missing_or_empty_is_named(key: str) -> None:
    for wrong in ({name: value for name, value in {**SITE, **PROVIDER}.items() if name != key},
                  {**SITE, **PROVIDER, key: ""}):  # fmt: skip
        assert [key in str(text) for text in lacking(wrong)] == [True]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("cookie_secret", "s" * 31),
        ("redirect_uri", "https://work.example.org/"),
        ("redirect_uri", "https://work.example.org/below/oauth2callback"),
        ("redirect_uri", "http://work.example.org/oauth2callback"),
        ("server_metadata_url", "http://id.example.org/.well-known/openid-configuration"),
    ],
)
def test_a_setting_that_would_not_hold_is_refused(key: str, value: str) -> None:
    assert [key in str(text) for text in lacking({**SITE, **PROVIDER, key: value})] == [True]


def test_http_is_for_this_machine_only() -> None:
    assert lacking({**SITE, **PROVIDER, "redirect_uri": "http://localhost:{port}/oauth2callback"}) == []


def test_a_name_streamlit_cannot_use_is_refused() -> None:
    assert len(lacking({**SITE, "our_city": PROVIDER})) == 1


def test_the_example_names_every_setting_and_opens_nothing() -> None:
    auth = set_up_in(ROOT / ".streamlit" / "secrets.example.toml")
    assert auth is not None
    assert set(auth) == {*SITE, *PROVIDER}
    assert lacking(auth)


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not_installed() == []
    monkeypatch.setattr(oidc, "find_spec", lambda name: None)
    assert "requirements-oidc.txt" in str(not_installed()[0])


def test_doctor_says_whether_the_service_can_be_used(sample_once: Path, tmp_path: Path) -> None:
    assert "统一身份认证" not in run("doctor", sample_once, HOME=str(tmp_path)).stdout
    settings = tmp_path / ".streamlit" / "secrets.toml"
    settings.parent.mkdir()
    lines = [f'{key} = "{value}"' for key, value in {**SITE, **PROVIDER}.items()]
    for text, told, code in (
        ("\n".join(["[auth]", *lines]), "✓ 统一身份认证", 0),
        ("\n".join(["[auth]", *lines[1:]]), "redirect_uri", 1),
        ("[auth", "secrets.toml", 1),
    ):
        settings.write_text(text, encoding="utf-8")
        found = run("doctor", sample_once, HOME=str(tmp_path))
        assert told in found.stdout
        assert found.returncode == code
