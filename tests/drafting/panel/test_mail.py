"""Invitations and reminders by mail: to the right expert, with nothing smuggled into a header."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_string, policy
from pathlib import Path

import pytest

from drafting.panel.config import Config
from drafting.panel.mailing import Letter, MailError, Relay, read_addresses, send
from drafting.panel.web.organiser_people import table

from .client import Site


class PostOffice(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given and refuses one address."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.letters: list[tuple[str, str]] = []


class _Counter(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        office = self.server
        assert isinstance(office, PostOffice)
        self.say("220 post")
        to = ""
        while line := self.rfile.readline().decode("utf-8").rstrip("\r\n"):
            word = line[:4].upper()
            if word == "RCPT":
                to = line[8:].strip("<> ")
                self.say("550 no" if to.startswith("refused") else "250 ok")
            elif word == "DATA":
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline().decode("utf-8")) not in (".\r\n", ""):
                    lines.append(part)
                office.letters.append((to, "".join(lines)))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A mail server on loopback."""
    running = PostOffice()
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def relay_of(office: PostOffice) -> Relay:
    return Relay.from_url(f"smtp+plain://127.0.0.1:{office.server_address[1]}", "zu@example.org")


def addresses(rows: list[tuple[str, str]]) -> bytes:
    return table("通讯录", ("专家代号", "邮箱"), rows)


def test_invitations_and_reminders_reach_the_right_expert(office: PostOffice, sqlite: str, demo: Path) -> None:
    with Site(sqlite, demo, Config(relay=relay_of(office))) as site:
        organiser = site.organiser()
        path = f"/o/p/{site.panel_id}/people"
        book = addresses([("专家01", "a@example.org"), ("专家02", "refused@example.org"), ("专家03", "c@example.org")])
        chosen = [str(m.id) for m in site.members[:2]]
        page = organiser.http.post(
            path,
            data={"csrf": organiser.csrf(path), "member": chosen, "days": "9"},
            files={"addresses": ("t.xlsx", book)},
        ).text
        assert "已发送邮件 1 封；未能发送：专家02。" in page
        ((to, raw),) = office.letters
        message = message_from_string(raw, policy=policy.default)
        link = re.search(r"/l/(\S{43})", message.get_content())
        assert to == message["To"] == "a@example.org"
        assert link
        assert site.visitor().enter(link[1]).get("/e").status_code == 200
        number = site.round(organiser)
        said = organiser.http.post(
            f"/o/r/{number}/remind",
            data={"csrf": organiser.csrf(f"/o/r/{number}")},
            files={"addresses": ("t.xlsx", book)},
        ).text
        assert "已发送邮件 2 封" in said
        again = message_from_string(office.letters[-1][1], policy=policy.default).get_content()
        fresh = re.search(r"/l/(\S{43})", again)
        assert fresh  # a reminder carries a link that works, and the first one still does
        assert fresh[1] != link[1]
        for token in (fresh[1], link[1]):
            assert site.visitor().enter(token).get("/e").status_code == 200
        with site.service.engine.connect() as connection:
            everything = "".join(str(tuple(r)) for r in connection.exec_driver_sql("SELECT * FROM audit"))
        assert "@example.org" not in everything


def test_a_subject_cannot_smuggle_headers(office: PostOffice) -> None:
    send(relay_of(office), [Letter("专家01", "a@example.org", "题目\r\nBcc: x@example.org", "文")])
    message = message_from_string(office.letters[0][1], policy=policy.default)
    assert message["Bcc"] is None
    assert message["Subject"] == "题目 Bcc: x@example.org"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("专家01", "a@example.org\nBcc: b@example.org")], "邮箱不对：专家01"),
        ([("专家01", "nobody")], "邮箱不对：专家01"),
        ([("专家77", "a@example.org"), ("专家01", "")], "没有这些代号：专家77；邮箱不对：专家01"),
    ],
)
def test_wrong_addresses_stop_everything_and_are_all_named(rows: list[tuple[str, str]], says: str) -> None:
    with pytest.raises(MailError, match=says):
        read_addresses(addresses(rows), ["专家01"])


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtp+plain://192.0.2.1"])
def test_mail_beyond_loopback_is_encrypted(url: str) -> None:
    with pytest.raises(MailError):
        Relay.from_url(url, "zu@example.org")


def test_secrets_of_the_relay_do_not_show() -> None:
    assert "geheim" not in repr(Relay.from_url("smtps://zu:geheim@mail.example.org", "zu@example.org"))
