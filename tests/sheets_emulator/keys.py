"""Service account keys that google-auth takes for real, and the token endpoint they name."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .errors import ApiError


@cache
def _private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def service_key(url: str, identity: str) -> dict[str, Any]:
    """The JSON of a key file for an identity; its tokens come from the emulator at ``url``."""
    return {
        "type": "service_account",
        "project_id": "tuogou",
        "private_key_id": "1",
        "private_key": _private_key(),
        "client_email": identity,
        "client_id": "1",
        "token_uri": f"{url}/token",
    }


def token(form: bytes) -> dict[str, Any]:
    """The answer of the token endpoint: a token is the e-mail of the identity the assertion names."""
    try:
        claims = parse_qs(form.decode())["assertion"][0].split(".")[1]
        issuer = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["iss"]
    except (KeyError, ValueError, IndexError):
        raise ApiError("invalid_grant", 400) from None
    return {"access_token": issuer, "expires_in": 3600, "token_type": "Bearer"}
