"""Sending invitations and reminders by SMTP, where the organiser wants it; addresses are used once and never kept."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from drafting.panel.importing import UPLOAD_LIMITS
from drafting.workbook import headings as h
from drafting.workbook.cells import text
from drafting.workbook.opening import OpeningError
from drafting.workbook.sheets import read_workbook

CODE, ADDRESS = "专家代号", "邮箱"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_SECONDS = 20
_HEADING_ROWS = 15


class MailError(Exception):
    """Mail that cannot be sent at all; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail server: ``smtp://user:word@host:587`` (STARTTLS), ``smtps://…:465``, ``smtp+plain://`` on loopback."""

    scheme: str
    host: str
    port: int
    user: str
    password: str
    sender: str

    @classmethod
    def from_url(cls, url: str, sender: str) -> Relay:
        """Read the address of the mail server.

        Raises MailError.
        """
        parts = urlsplit(url)
        ports = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
        if parts.scheme not in ports or not parts.hostname:
            raise MailError("--smtp 写法不对，例如 smtps://用户:密码@mail.example.org。")
        if parts.scheme == "smtp+plain" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise MailError("不加密的 SMTP 只能用于本机。")
        if not _ADDRESS.fullmatch(sender):
            raise MailError("--mail-from 须是一个邮箱地址。")
        return cls(
            parts.scheme, parts.hostname, parts.port or ports[parts.scheme], unquote(parts.username or ""),
            unquote(parts.password or ""), sender,
        )  # fmt: skip

    def __repr__(self) -> str:
        return f"Relay({self.scheme}://{self.host}:{self.port})"

    @contextmanager
    def connection(self) -> Iterator[smtplib.SMTP]:
        """A session with the mail server.

        Raises MailError: it cannot be reached or refuses the login.
        """
        try:
            if self.scheme == "smtps":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    self.host, self.port, timeout=_SECONDS, context=ssl.create_default_context()
                )
            else:
                server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            raise MailError("邮件服务器连接不上。") from error
        with server:
            try:
                if self.scheme == "smtp":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
            except (OSError, smtplib.SMTPException) as error:
                raise MailError("邮件服务器拒绝登录或不支持加密。") from error
            yield server


def read_addresses(data: bytes, codes: Sequence[str]) -> dict[str, str]:
    """Read a table 专家代号 · 邮箱 (.xlsx).

    Raises MailError: it cannot be read, or an address or code in it is none; all of them are named.
    """
    try:
        book = read_workbook(data, "通讯录.xlsx", UPLOAD_LIMITS)
    except OpeningError as error:
        raise MailError("通讯录不是可读取的 .xlsx 工作簿。") from error
    known = {h.key(code): code for code in codes}
    for sheet in book.sheets:
        for number, row in enumerate(sheet.rows[:_HEADING_ROWS]):
            places = {h.key(value): k for k, value in enumerate(row) if isinstance(value, str)}
            if CODE in places and ADDRESS in places:
                pairs = [(_cell(r, places[CODE]), _cell(r, places[ADDRESS])) for r in sheet.rows[number + 1 :]]
                return _checked([p for p in pairs if any(p)], known)
    raise MailError(f"通讯录没有“{CODE}”“{ADDRESS}”两列。")


def _cell(row: Sequence[object], column: int) -> str:
    return text(row[column]) if column < len(row) else ""


def _checked(pairs: Sequence[tuple[str, str]], known: Mapping[str, str]) -> dict[str, str]:
    strangers = [code for code, _ in pairs if h.key(code) not in known]
    wrong = [code for code, address in pairs if not _ADDRESS.fullmatch(address)]
    if strangers or wrong:
        parts = [f"没有这些代号：{'、'.join(strangers)}"] * bool(strangers) + [f"邮箱不对：{'、'.join(wrong)}"] * bool(
            wrong
        )
        raise MailError("；".join(parts) + "。没有发送任何邮件。")
    return {known[h.key(code)]: address for code, address in pairs}


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one expert."""

    code: str
    address: str
    subject: str
    text: str


def send(relay: Relay, letters: Sequence[Letter]) -> tuple[list[str], list[str]]:
    """Send letters one by one.

    Raises MailError: the mail server cannot be used at all.

    Returns codes.
    """
    sent: list[str] = []
    refused: list[str] = []
    with relay.connection() as server:
        for letter in letters:
            message = EmailMessage()
            message["From"], message["To"] = relay.sender, letter.address
            message["Subject"] = " ".join(letter.subject.split())
            message.set_content(letter.text)
            try:
                server.send_message(message)
            except (OSError, smtplib.SMTPException):
                refused.append(letter.code)
            else:
                sent.append(letter.code)
    return sent, refused
