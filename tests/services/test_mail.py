"""Letters over a real SMTP server: with TLS and a login, and with everything a server can do wrong."""

from __future__ import annotations

import socket
from datetime import datetime
from pathlib import Path

import pytest

from lib.services.mail import Enclosure, Letter, MailError, Post, health, message
from lib.services.settings import ZONE
from lib.services.smtp import Smtp, smtp_of, smtp_settings
from tests.smtp_server import PASSWORD, USER, certificate, serving

AT = datetime(2016, 3, 31, 9, 0, tzinfo=ZONE)
DOCX = Enclosure(
    "市科委催办单.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03"
)
LETTER = Letter("市科委", "ke@unit.example", "【催办】市科委：逾期 3", "一、逾期 3 项\n.\n以点开头的一行", (DOCX,))


def test_a_letter_arrives_as_it_was_written() -> None:
    with serving() as desk, Post(desk.smtp(reply_to="reply@tuogou.example")) as post:
        post.send(LETTER, AT)
    [(to, arrived)] = desk.letters
    assert to == "ke@unit.example"
    assert arrived["Subject"] == LETTER.subject
    assert arrived["From"].addresses[0].addr_spec == "office@tuogou.example"
    assert arrived["From"].addresses[0].display_name == "脱钩办"
    assert arrived["Reply-To"] == "reply@tuogou.example"
    assert arrived["Date"].datetime == AT
    body = arrived.get_body(("plain",))
    assert body is not None
    assert body.get_content().split() == LETTER.body.split()
    [file] = arrived.iter_attachments()
    assert (file.get_filename(), file.get_content()) == (DOCX.name, DOCX.content)


def test_many_letters_take_one_connection() -> None:
    with serving() as desk, Post(desk.smtp()) as post:
        for _n in range(5):
            post.send(LETTER, AT)
    assert (len(desk.letters), desk.connections) == (5, 1)


@pytest.mark.parametrize("implicit", [False, True])
def test_with_tls_and_a_login_a_letter_arrives(tmp_path: Path, implicit: bool) -> None:
    ca, context = certificate(tmp_path)
    with serving(context, auth=True, implicit=implicit) as desk:
        settings = {"security": "tls" if implicit else "starttls", "user": USER, "password": PASSWORD, "ca": ca}
        assert health(desk.smtp(**settings)) == []
        with Post(desk.smtp(**settings)) as post:
            post.send(LETTER, AT)
        assert desk.to() == ["ke@unit.example"]


def test_a_wrong_password_is_told_and_nothing_leaves(tmp_path: Path) -> None:
    ca, context = certificate(tmp_path)
    with serving(context, auth=True) as desk:
        [why] = health(desk.smtp(security="starttls", user=USER, password="falsch", ca=ca))
        assert "拒绝登录" in str(why)
        assert "falsch" not in str(why)
        assert not desk.letters


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    _ca, context = certificate(tmp_path)
    other, _context = certificate(tmp_path, "mail.example")
    with serving(context) as desk:
        for ca in (None, other):
            [why] = health(desk.smtp(security="starttls", ca=ca))
            assert "证书不可信" in str(why)
            with Post(desk.smtp(security="starttls", ca=ca)) as post, pytest.raises(MailError):
                post.send(LETTER, AT)
    assert not desk.letters


def test_a_server_without_starttls_gets_no_letter_in_the_clear() -> None:
    with serving() as desk:
        [why] = health(desk.smtp(security="starttls"))
        assert "不支持 starttls" in str(why)
        assert not desk.letters


def test_nobody_listening_and_somebody_silent_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        [why] = health(Smtp("127.0.0.1", port, "none", sender="a@b.example", timeout=0.3))
        assert "0.3 秒内没有回答" in str(why)
    [why] = health(Smtp("127.0.0.1", port, "none", sender="a@b.example", timeout=0.3))
    assert "连不上" in str(why)


def test_a_refused_reader_does_not_spoil_the_next_letter() -> None:
    with serving() as desk, Post(desk.smtp()) as post:
        desk.refused.add("ke@unit.example")
        with pytest.raises(MailError, match="550") as told:
            post.send(LETTER, AT)
        assert not told.value.unsure
        assert not told.value.cut
        post.send(Letter("市商务委", "shang@unit.example", "x", "y"), AT)
    assert (desk.to(), desk.connections) == (["shang@unit.example"], 1)


def test_hanging_up_before_the_letter_is_certain_and_after_it_is_not() -> None:
    with serving() as desk, Post(desk.smtp()) as post:
        desk.drop_at_rcpt = 1
        with pytest.raises(MailError) as before:
            post.send(LETTER, AT)
        desk.drop_after_data = 1
        with pytest.raises(MailError) as after:
            post.send(LETTER, AT)
        post.send(LETTER, AT)
    assert (before.value.unsure, before.value.cut) == (False, True)
    assert (after.value.unsure, after.value.cut) == (True, True)
    assert desk.connections == 3


@pytest.mark.parametrize(
    "hostile",
    ["市科委\r\nBcc: all@evil.example", "a\n\nbody", "\u202e倒\u0000着", "长" * 10_000, "=?utf-8?q?x?=", "\ud800"],
)
def test_nothing_typed_makes_a_header_or_another_reader(hostile: str) -> None:
    made = message(Letter(hostile, "ke@unit.example", hostile, hostile, (Enclosure(hostile, "text/plain", b"x"),)),
                   Smtp("h", sender="office@tuogou.example"), AT)  # fmt: skip
    head = made.as_bytes().split(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head
    assert made["Bcc"] is None
    assert made["To"].addresses[0].addr_spec == "ke@unit.example"
    assert len(made["Subject"]) <= 200


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"security": "ssl"}, "security"),
        ({"from": "脱钩办"}, "from"),
        ({"from": "a@b.example\nBcc: c@d.example"}, "from"),
        ({"reply_to": "x"}, "reply_to"),
        ({"user": "u"}, "password"),
        ({"user": "u", "password": "密码"}, "password"),
        ({"user": "u", "password": "p", "security": "none"}, "不加密"),
        ({"base_url": "javascript:alert(1)"}, "base_url"),
        ({"port": "smtp"}, "port"),
        ({"port": 70000}, "port"),
        ({"daily_limit": -1}, "daily_limit"),
        ({"ca": "/no/such/file"}, "ca"),
    ],
)
def test_wrong_settings_are_named(told: dict[str, object], wrong: str) -> None:
    found = smtp_of({"host": "mail.example", "from": "a@b.example"} | told)
    assert len(found.problems) == 1
    assert wrong in str(found.problems[0])
    assert health(found) == list(found.problems)


def test_settings_come_from_the_file_and_the_environment_counts_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets.toml"
    monkeypatch.setattr("lib.services.settings.SECRETS", (secrets,))
    assert smtp_settings() is None
    secrets.write_text('[smtp]\nhost = "mail.example"\nfrom = "a@b.example"\nuser = "u"\npassword = "p"\n', "utf-8")
    found = smtp_settings()
    assert found is not None
    assert (found.host, found.port, found.security, found.problems) == ("mail.example", 587, "starttls", ())
    assert "p'" not in repr(found)
    monkeypatch.setenv("TUOGOU_SMTP_PASSWORD", "q")
    monkeypatch.setenv("TUOGOU_SMTP_SECURITY", "tls")
    found = smtp_settings()
    assert found is not None
    assert (found.password, found.port) == ("q", 465)
    secrets.write_text("[smtp\n", "utf-8")
    monkeypatch.delenv("TUOGOU_SMTP_PASSWORD")
    broken = smtp_settings()
    assert broken is None or broken.problems
