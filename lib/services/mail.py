"""Mail (邮件): how letters leave, by an SMTP server of the city's own.

Whether a letter arrived is told apart three ways: it was accepted, it certainly was not, or the connection broke after
it had been handed over and before the answer came. Only the second may be tried again without asking anybody.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from types import TracebackType
from typing import NamedTuple, Self

from lib.domain.normalise import one_line
from lib.i18n import T_, Text
from lib.services.smtp import STARTTLS, TLS, Smtp

_SAID, _SUBJECT = 160, 200


class Enclosure(NamedTuple):
    """A file that goes with a letter."""

    name: str
    media: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to a unit: the address as it stands in the sheet (blank: none), subject, plain text and files.
    ``sample``: it is made of sample data, and nobody real may get it."""

    unit: str
    to: str
    subject: str
    body: str
    files: tuple[Enclosure, ...] = ()
    sample: bool = False


class MailError(Exception):
    """A letter did not leave; ``reason`` says why and what to do. ``unsure``: it may have arrived all the same;
    ``cut``: the connection is gone, so the next letter needs a new one."""

    def __init__(self, reason: Text, *, unsure: bool = False, cut: bool = False) -> None:
        super().__init__(str(reason))
        self.reason, self.unsure, self.cut = reason, unsure, cut


def message(letter: Letter, smtp: Smtp, at: datetime) -> EmailMessage:
    """A letter as it is handed over. Nothing in it can begin a header of its own."""
    name, address = parseaddr(smtp.sender)
    made = EmailMessage(policy=policy.SMTP)
    made["From"] = Address(one_line(name, _SAID), addr_spec=address)
    made["To"] = Address(addr_spec=letter.to)
    if smtp.reply_to:
        made["Reply-To"] = Address(addr_spec=smtp.reply_to)
    made["Subject"] = one_line(letter.subject, _SUBJECT)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = make_msgid(domain=address.rsplit("@", 1)[1])
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.body.encode("utf-8", "replace").decode("utf-8"))
    for file in letter.files:
        main, sub = file.media.split(";")[0].split("/", 1)
        made.add_attachment(file.content, maintype=main, subtype=sub, filename=one_line(file.name, _SAID))
    return made


class Post:
    """One connection for many letters, opened when it is first needed and again when it broke."""

    def __init__(self, smtp: Smtp) -> None:
        self.smtp = smtp
        self._open: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is not None:
            try:
                self._open.quit()
            except (smtplib.SMTPException, OSError):
                self._open.close()

    def ready(self) -> None:
        """Be connected and logged in. Raises ``MailError``: then nothing can leave at all."""
        if self._open is None:
            self._open = _connected(self.smtp)

    def send(self, letter: Letter, at: datetime) -> None:
        """Hand one letter over. Raises ``MailError``."""
        made = message(letter, self.smtp, at).as_bytes()
        used = self._open is not None
        self.ready()
        try:
            self._hand_over(letter, made)
        except MailError as error:
            # many servers hang up after each letter, and one that was not begun can only arrive once
            if not used or not error.cut or error.unsure:
                raise
            self.ready()
            self._hand_over(letter, made)

    def _hand_over(self, letter: Letter, made: bytes) -> None:
        assert self._open is not None
        handed_over = False
        try:
            self._begin(self._open, letter)
            handed_over = True
            code, said = self._open.data(made)
            if code != 250:
                raise smtplib.SMTPDataError(code, said)
        except smtplib.SMTPResponseException as error:
            self._start_over(error)
            raise MailError(_refused(error), cut=self._open is None) from error
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise MailError(_broken(error), unsure=handed_over, cut=True) from error

    def _begin(self, server: smtplib.SMTP, letter: Letter) -> None:
        code, said = server.mail(parseaddr(self.smtp.sender)[1])
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, said, self.smtp.sender)
        code, said = server.rcpt(letter.to)
        if code not in (250, 251):
            raise smtplib.SMTPResponseException(code, said)

    def _start_over(self, error: smtplib.SMTPResponseException) -> None:
        """Make the connection ready for the next letter after a refusal; one that cannot be is let go."""
        try:
            if self._open is not None and error.smtp_code != 421 and self._open.rset()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self._drop()

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open = None


def _connected(smtp: Smtp) -> smtplib.SMTP:
    where = f"{smtp.host}:{smtp.port}"
    server: smtplib.SMTP | None = None
    try:
        context = ssl.create_default_context(cafile=smtp.ca)
        if smtp.security == TLS:
            server = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=smtp.timeout, context=context)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, timeout=smtp.timeout)
        if smtp.security == STARTTLS:
            server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
        if smtp.user:
            server.login(smtp.user, smtp.password)
        return server
    except BaseException as error:
        if server is not None:
            server.close()
        if not isinstance(error, (smtplib.SMTPException, OSError, ValueError)):
            raise
        raise MailError(_not_connected(error, where, smtp), cut=True) from error


def _not_connected(error: Exception, where: str, smtp: Smtp) -> Text:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        why = _words(error.smtp_error)
        return T_("邮件服务器拒绝登录（{why}）；核对 [smtp] 的 user 和 password，有的服务要用专门的授权码", why=why)
    if isinstance(error, ssl.SSLCertVerificationError):
        return T_("邮件服务器 {name} 的证书不可信（{why}）；核对 host，内部签发的证书把签发机构的文件写进 [smtp] 的 ca",
                  name=where, why=error.verify_message)  # fmt: skip
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return T_(
            "邮件服务器 {name} 不支持 {value} 或登录；核对 [smtp] 的 security 和 port", name=where, value=smtp.security
        )
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return T_(
            "邮件服务器 {name} 在 {n} 秒内没有回答；核对 host、port 和 security", name=where, n=f"{smtp.timeout:g}"
        )
    return T_(
        "连不上邮件服务器 {name}（{why}）；核对 host、port，以及防火墙是否放行", name=where, why=_words(str(error))
    )


def _refused(error: smtplib.SMTPResponseException) -> Text:
    code, why = error.smtp_code, _words(error.smtp_error)
    if isinstance(error, smtplib.SMTPSenderRefused):
        return T_("邮件服务器不接受发件人（{n} {why}）；核对 [smtp] 的 from", n=code, why=why)
    return T_("邮件服务器拒收（{n} {why}）；核对邮箱地址", n=code, why=why)


def _broken(error: Exception) -> Text:
    return T_("和邮件服务器的连接断了（{why}）", why=_words(str(error)))


def _words(said: bytes | str) -> str:
    """What a server said, harmless and short."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return one_line(text, _SAID)


def health(smtp: Smtp) -> list[Text]:
    """Everything that keeps letters from leaving, by really connecting; no letter is sent."""
    if smtp.problems:
        return list(smtp.problems)
    try:
        with Post(smtp) as post:
            post.ready()
    except MailError as error:
        return [error.reason]
    return []
