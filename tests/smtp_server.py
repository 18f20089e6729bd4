"""A real SMTP server on loopback that can be told to misbehave."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lib.services.smtp import Smtp

USER, PASSWORD = "remind", "s3cret, word"


@dataclass
class Desk:
    """What arrived, and what the server does wrong: addresses it refuses, and the letter at which it hangs up: before
    it has taken it (``drop_at_rcpt``) or after (``drop_after_data``), counted from 1; ``one_each``: it hangs up after
    it has said that it took a letter."""

    port: int = 0
    letters: list[tuple[str, EmailMessage]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    drop_at_rcpt: int = 0
    drop_after_data: int = 0
    one_each: bool = False
    connections: int = 0
    rcpts: int = 0
    hold: threading.Event | None = None
    arrived: threading.Event = field(default_factory=threading.Event)

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, _options: Any) -> str:
        self.rcpts += 1
        if self.rcpts == self.drop_at_rcpt:
            server.transport.abort()
        if address in self.refused:
            return "550 5.1.1 no such\u00a0user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:
        made = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((envelope.rcpt_tos[0], made))
        self.arrived.set()
        if self.hold is not None:
            await server.loop.run_in_executor(None, self.hold.wait, 30)
        if len(self.letters) == self.drop_after_data:
            server.transport.abort()
        if self.one_each:
            server.loop.call_later(0.02, server.transport.abort)
        return "250 taken"

    async def handle_EHLO(
        self, _server: SMTP, session: Any, _envelope: Any, hostname: str, said: list[str]
    ) -> list[str]:
        if not session.host_name:
            self.connections += 1
        session.host_name = hostname
        return said

    def to(self) -> list[str]:
        return [address for address, _letter in self.letters]

    def smtp(self, **settings: Any) -> Smtp:
        usual = {"security": "none", "sender": "脱钩办 <office@tuogou.example>", "timeout": 3.0}
        return Smtp("127.0.0.1", self.port, **(usual | settings))


def _allowed(_server: Any, _session: Any, _envelope: Any, mechanism: str, data: Any) -> AuthResult:
    ok = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=ok, handled=False)


@contextmanager
def serving(tls: ssl.SSLContext | None = None, *, auth: bool = False, implicit: bool = False) -> Iterator[Desk]:
    """A server: plain, with STARTTLS (``tls``), or with TLS from the first byte (``implicit``)."""
    desk = Desk()
    told: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0}
    if tls is not None:
        told |= {"ssl_context": tls} if implicit else {"tls_context": tls, "require_starttls": True}
    if auth:
        told |= {"authenticator": _allowed, "auth_required": True, "auth_require_tls": tls is not None and not implicit}
    server = _Anywhere(desk, **told)
    server.start()
    try:
        desk.port = server.server.sockets[0].getsockname()[1]
        yield desk
    finally:
        if desk.hold is not None:
            desk.hold.set()
        server.stop()


class _Anywhere(Controller):
    """At a free port: aiosmtpd knocks at the port it was told, which is none."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for a name on loopback: its file, and the context of a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    known: x509.GeneralName = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2)).add_extension(x509.SubjectAlternativeName([known]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    shown, private = folder / f"{name}.crt", folder / f"{name}.key"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, private)
    return shown, context
