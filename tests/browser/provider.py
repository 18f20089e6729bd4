"""A small OpenID provider on this machine: it says of somebody what the test wants it to say."""

from __future__ import annotations

import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "tuogou", "a secret of the client"
KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
FORGED = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})


class Provider:
    """The provider. ``claims``: what it says; None takes one away. ``asks``: it shows a page first. ``key``: what it
    signs with. ``works``: whether it answers at all."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._codes: dict[str, dict[str, str]] = {}
        self.reset()
        routes = [
            Route("/.well-known/openid-configuration", self._metadata),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/jwks", self._jwks),
        ]
        config = uvicorn.Config(Starlette(routes=routes), "127.0.0.1", port, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)

    def reset(self) -> None:
        """An honest provider again, at which nobody is known yet."""
        self.claims: dict[str, Any] = {}
        self.asks, self.works, self.key = False, True, KEY

    def says(self, **claims: Any) -> None:
        """What it says from now on."""
        self.claims = claims

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    async def _metadata(self, request: Request) -> Response:
        if not self.works:
            return PlainTextResponse("out of order", 500)
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/jwks",
                "end_session_endpoint": f"{self.url}/logout",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        no = f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        if self.asks:
            return HTMLResponse(f'<h1>Provider</h1><a id="yes" href="{back}">yes</a> <a id="no" href="{no}">no</a>')
        return RedirectResponse(back, 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        user, _colon, password = b64decode(request.headers["authorization"].split()[1]).decode().partition(":")
        asked = self._codes.pop(str(form["code"]), None)
        challenge = urlsafe_b64encode(sha256(str(form["code_verifier"]).encode()).digest()).decode().rstrip("=")
        if (
            asked is None
            or (unquote(user), unquote(password)) != (CLIENT, SECRET)
            or challenge != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        told = {
            "iss": self.url, "aud": CLIENT, "sub": "4711", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            "email_verified": True, **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in told.items() if value is not None}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": token})

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse(KeySet([KEY]).as_dict(private=False))
