"""Signing in as a service account: what a key has to be, and what is said when Google does not take it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from lib.store import google_client
from lib.store.base import StoreError
from lib.store.google_client import BoundedClient
from lib.store.google_login import Door


@pytest.fixture(scope="module")
def private_key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind = serialization.PrivateFormat.PKCS8
    return made.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


def key_file(folder: Path, private_key: str, token_uri: str) -> Path:
    path = folder / "key.json"
    told = {"type": "service_account", "client_email": "a@b.iam.gserviceaccount.com", "private_key": private_key}
    path.write_text(json.dumps({**told, "token_uri": token_uri}), encoding="utf-8")
    return path


@contextmanager
def token_service(status: int, answer: dict[str, object]) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/token", asked
    server.shutdown()
    server.server_close()


def asked_of(path: Path) -> str:
    with pytest.raises(StoreError) as told:
        BoundedClient(None, Door(path, {})).fetch_sheet_metadata("x")
    return str(told.value)


def test_a_key_google_does_not_take_any_more_is_told_as_such(tmp_path: Path, private_key: str) -> None:
    with token_service(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}) as (url, asked):
        assert "密钥" in asked_of(key_file(tmp_path, private_key, url))
        assert asked


def test_no_way_to_google_is_no_fault_of_the_key(
    tmp_path: Path, private_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google_client, "TOTAL", 0.0)
    assert "连不上" in asked_of(key_file(tmp_path, private_key, "http://127.0.0.1:9/token"))


def test_another_key_in_its_place_works_without_a_restart(tmp_path: Path, private_key: str) -> None:
    path = tmp_path / "key.json"
    door = Door(path, {})
    with pytest.raises(StoreError, match="找不到"):
        door.open()
    key_file(tmp_path, "no key", "http://127.0.0.1:9/token")
    with pytest.raises(StoreError, match="私钥"):
        door.open()
    with token_service(400, {"error": "invalid_grant"}) as (url, _asked):
        key_file(tmp_path, private_key, url)
        client = BoundedClient(None, door)
        with pytest.raises(StoreError, match="不能以服务账号登录"):
            client.fetch_sheet_metadata("x")
        with token_service(400, {"error": "invalid_grant"}) as (other, asked):
            key_file(tmp_path, private_key, other)
            with pytest.raises(StoreError):
                client.fetch_sheet_metadata("x")
            assert asked
