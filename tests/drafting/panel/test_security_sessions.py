"""The ways in: forged forms, planted sessions, guessed passwords and links, what is stored, what GET may do."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from starlette.routing import Route

from drafting.panel import accounts
from drafting.panel import tables as t
from drafting.panel.config import Config
from tests.drafting.panel.proving import CODES, LOGIN, PASSWORD, Site, Stage, site_of

ME = CODES[0]
SECURE = Config(behind_proxy=True, public_url="https://panel.example.org")


# --- forged forms -----------------------------------------------------------------------------------
def posts(site: Site, number: int) -> list[tuple[str, str]]:
    """Every address that takes a form, with the kind of visitor it is for."""
    found = []
    for route in site.app.routes:
        if isinstance(route, Route) and "POST" in (route.methods or ()):
            path = (
                route.path.replace("{round:int}", str(number)).replace("{group:int}", "0").replace("{member:int}", "1")
            )
            path = path.replace("{panel:int}", str(site.stage.panel_id)).replace(
                "{token:path}", site.stage.links[CODES[1]]
            )
            found.append(
                (path, "expert" if path.startswith("/e") else "organiser" if path.startswith("/o") else "anyone")
            )
    return found


@pytest.mark.parametrize("secret", [None, "", "x" * 64, "\ud800", "of another session"])
def test_no_form_is_taken_without_the_sessions_own_secret(staged: Site, secret: str | None) -> None:
    number = staged.stage.round()
    staged.stage.round(opened=False, instrument=staged_instrument())
    visitors = {"expert": staged.expert(ME), "organiser": staged.organiser(), "anyone": staged.browser()}
    visitors["anyone"].get("/login")
    if secret == "of another session":
        secret = staged.expert(CODES[2]).csrf
    before = staged.stage.dump()
    paths = posts(staged, number)
    assert len(paths) > 12
    form = {
        "login": LOGIN,
        "password": PASSWORD,
        "w.0.0": "5",
        "a.0": "大",
        "instrument": "pairwise",
        "member": "1",
        "days": "3",
    }
    for path, kind in paths:
        client = visitors[kind].client
        if path.endswith("/answer"):
            headers = {} if secret is None else {"x-csrf": secret.encode("utf-8", "replace").decode()}
            reply = client.post(path, json={"item": "w.0.0", "value": "5"}, headers=headers)
        else:
            sent = form if secret is None else {**form, "csrf": secret.encode("utf-8", "replace").decode()}
            reply = client.post(path, data=sent)
        assert reply.status_code == 403, path
        if path != "/l":
            assert reply.headers["cache-control"] == "no-store"
    assert staged.stage.dump() == before


def staged_instrument() -> object:
    from drafting.panel.definition import Instrument

    return Instrument.PAIRWISE


def test_the_scripts_way_takes_only_json(staged: Site) -> None:
    """A form of another site can send text/plain without asking; it cannot send this type or header."""
    number = staged.stage.round()
    me = staged.expert(ME)
    body = json.dumps({"item": "w.0.0", "value": "5"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {"x-csrf": me.csrf, "content-type": kind}
        assert me.client.post(f"/e/{number}/answer", content=body, headers=headers).status_code == 415
    assert not staged.stage.rows(t.answers)


def test_the_forms_secret_is_not_the_sessions_token(staged: Site) -> None:
    me = staged.expert(ME)
    token = me.cookies["plain-expert"]
    page = me.get("/e").text
    assert me.csrf in page
    assert token not in page
    assert me.csrf != token


# --- planted sessions -------------------------------------------------------------------------------
def test_a_planted_session_is_not_taken_over(staged: Site) -> None:
    """Fixation: the cookie an attacker planted is another after coming in, and the attacker's own stops to hold."""
    attacker = staged.expert(CODES[1])
    planted = attacker.cookies["plain-expert"]
    victim = staged.browser()
    victim.client.cookies.set("plain-expert", planted, domain="127.0.0.1", path="/")
    assert victim.enter(staged.stage.links[ME]).status_code == 303
    assert victim.cookies["plain-expert"] != planted
    assert ME in victim.get("/e").text
    assert attacker.get("/e").status_code == 401


def test_an_invented_session_is_not_adopted(staged: Site) -> None:
    for cookie, enter in (
        ("plain-expert", lambda b: b.enter(staged.stage.links[ME])),
        ("plain-organiser", lambda b: b.login()),
    ):
        browser = staged.browser()
        browser.client.cookies.set(cookie, "planted", domain="127.0.0.1", path="/")
        assert enter(browser).status_code == 303
        assert browser.cookies[cookie] != "planted"
    sums = {r.token_sha256 for r in staged.stage.rows(t.sessions)}
    assert hashlib.sha256(b"planted").hexdigest() not in sums


def test_every_coming_in_makes_a_new_session(staged: Site) -> None:
    one, two = staged.expert(ME), staged.expert(ME)  # the telephone and the desk
    assert one.cookies["plain-expert"] != two.cookies["plain-expert"]
    assert one.get("/e").status_code == two.get("/e").status_code == 200


# --- cookies ------------------------------------------------------------------------------------------
def cookie_lines(site: Site) -> list[str]:
    browser = site.browser()
    lines = []
    token = site.stage.links[ME]
    for reply in (browser.get(f"/l/{token}"), browser.post(f"/l/{token}"), browser.get("/login")):
        lines += reply.headers.get_list("set-cookie")
    reply = browser.post("/login", {"login": LOGIN, "password": PASSWORD})
    assert reply.status_code == 303
    return lines + reply.headers.get_list("set-cookie")


def test_cookies_over_https_are_held_to_this_host(stage: Stage) -> None:
    with site_of(stage, SECURE) as site:
        lines = cookie_lines(site)
    assert {line.partition("=")[0] for line in lines} == {"__Host-visit", "__Host-expert", "__Host-organiser"}
    for line in lines:
        flags = {f.strip().lower() for f in line.split(";")[1:]}
        assert {"httponly", "secure", "path=/"} <= flags
        assert flags & {"samesite=lax", "samesite=strict"}
        assert not any(f.startswith("domain") for f in flags)


def test_cookies_over_plain_http_have_another_name(staged: Site) -> None:
    lines = cookie_lines(staged)
    assert {line.partition("=")[0] for line in lines} == {"plain-visit", "plain-expert", "plain-organiser"}
    for line in lines:
        assert "httponly" in line.lower()
        assert "samesite" in line.lower()
        assert "secure" not in line.lower()


# --- what GET may do ------------------------------------------------------------------------------------
def test_get_changes_nothing(staged: Site) -> None:
    """Everything that can be opened is opened, also by HEAD, by everybody; the database stays as it was."""
    closed = staged.stage.round()
    staged.stage.close(closed)
    number = staged.stage.round()
    visitors = (staged.browser(), staged.expert(ME), staged.organiser())
    before = staged.stage.dump()
    files = sorted(p.name for p in staged.stage.folder.rglob("*"))
    opened = 0
    for route in staged.app.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()):
            continue
        for own in (closed, number):
            path = (
                route.path.replace("{round:int}", str(own)).replace("{group:int}", "0").replace("{name}", "style.css")
            )
            path = path.replace("{panel:int}", str(staged.stage.panel_id))
            path = path.replace("{token:path}", staged.stage.links[ME])
            for visitor in visitors:
                for method in ("GET", "HEAD"):
                    reply = visitor.client.request(method, path)
                    assert reply.status_code < 500, path
                    opened += reply.status_code == 200
    assert opened > 60
    assert staged.stage.dump() == before
    assert sorted(p.name for p in staged.stage.folder.rglob("*")) == files


def test_a_link_opened_by_a_robot_is_not_used_up(staged: Site) -> None:
    """Mail scanners and WeChat open links before the expert does."""
    token = staged.stage.links[ME]
    for _ in range(5):
        staged.browser().get(f"/l/{token}")
    assert all(r.first_used_at is None for r in staged.stage.rows(t.links))
    assert not staged.stage.rows(t.sessions)
    staged.expert(ME)


# --- secrets: where they are and where they are not ------------------------------------------------------
def test_links_and_sessions_carry_256_bits_and_are_kept_as_sha256_only(staged: Site) -> None:
    me, boss = staged.expert(ME), staged.organiser()
    secrets = [*staged.stage.links.values(), me.cookies["plain-expert"], boss.cookies["plain-organiser"]]
    assert len(set(secrets)) == len(secrets)
    for secret in secrets:
        assert len(base64.urlsafe_b64decode(secret + "=")) == 32
    kept = {r.token_sha256 for r in (*staged.stage.rows(t.links), *staged.stage.rows(t.sessions))}
    assert {hashlib.sha256(s.encode()).hexdigest() for s in secrets} == kept
    everything = repr(staged.stage.dump()).encode()
    if staged.stage.engine.dialect.name == "sqlite":  # the file itself, with what lies in its log
        path = Path(str(staged.stage.engine.url.database))
        with closing(sqlite3.connect(path)) as c:
            c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        everything = b"".join(p.read_bytes() for p in path.parent.glob("panel.sqlite3*"))
    for secret in (*secrets, PASSWORD, me.csrf, boss.csrf):
        assert secret.encode() not in everything
    assert kept <= set(re.findall(r"[0-9a-f]{64}", everything.decode("latin-1")))  # the search finds what is there


def test_passwords_are_kept_as_argon2id(staged: Site) -> None:
    with staged.stage.engine.begin() as c:
        accounts.add_organiser(c, "fresh", "geheim-geheim", 0)
    kept = next(r.password_hash for r in staged.stage.rows(t.organisers) if r.login == "fresh")
    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$[\w+/]{22,}\$[\w+/]{43,}", kept)
    assert found
    assert int(found[1]) >= 19_456  # OWASP's least: 19 MiB with two passes
    assert int(found[2]) >= 2


def test_made_passwords_cannot_be_guessed() -> None:
    made = {accounts.new_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"([a-z2-9]{5}-){3}[a-z2-9]{5}", p) for p in made)
    assert len(set("".join(made)) - {"-"}) >= 30  # 20 letters out of 30: 98 bits


def test_after_first_touch_no_address_or_page_carries_the_token(staged: Site) -> None:
    number = staged.stage.round()
    token = staged.stage.links[ME]
    browser = staged.browser()
    first = browser.get(f"/l/{token}")
    assert token not in first.text  # the form goes to where the page is
    reply = browser.post(f"/l/{token}")
    assert reply.headers["location"] == "/e"
    for path in ("/e", f"/e/{number}", f"/e/{number}/0", f"/e/{number}/review"):
        page = browser.get(path)
        assert token not in page.text + str(page.headers)


def test_no_log_carries_a_secret(staged: Site, caplog: pytest.LogCaptureFixture) -> None:
    number = staged.stage.round()
    token = staged.stage.links[ME]
    caplog.set_level(logging.DEBUG)
    me = staged.browser()
    me.enter(token)
    me.answer(number, "o.0.0", "这句话不该进日志")
    me.answer(number, "w.9.9", "x")
    staged.browser().get(f"/l/{token}x")
    boss = staged.browser()
    boss.login(LOGIN, "wrong-password")
    boss.login()
    boss.get(f"/o/p/{staged.stage.panel_id}/people")
    links = boss.post(f"/o/p/{staged.stage.panel_id}/people", {"member": ["2"], "days": "3"}).text
    fresh = re.findall(r"/l/([\w-]{43})", links)
    assert fresh
    ours = "\n".join(
        r.getMessage() + str(r.exc_info or "") for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))
    )
    assert '"page": "link"' in ours  # there is a log
    for secret in (
        token,
        *fresh,
        PASSWORD,
        "wrong-password",
        me.csrf,
        *me.cookies.values(),
        *boss.cookies.values(),
        "这句话",
    ):
        assert secret not in ours


def test_a_fault_is_logged_without_what_was_sent(staged: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from drafting.panel.web import standing
    from drafting.web import logs

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("quotes the secret: geheim")

    stream = io.StringIO()
    loggers = [logging.getLogger(n) for n in ("drafting.panel", "uvicorn.error", "uvicorn")]
    before = [(x.handlers, x.level, x.propagate) for x in loggers]
    try:
        logs.configure_logs(["drafting.panel"], stream)
        number = staged.stage.round()
        me = staged.expert(ME)
        monkeypatch.setattr(standing.records, "rounds_of", broken)
        reply = me.get(f"/e/{number}/0")
    finally:
        for logger, (handlers, level, propagate) in zip(loggers, before, strict=True):
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
    assert reply.status_code == 500
    assert "geheim" not in reply.text + stream.getvalue()
    assert "RuntimeError" not in reply.text
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert any(line.get("kind") == "RuntimeError" for line in lines)


def test_the_audit_log_holds_no_secret_and_no_answer(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert(ME)
    me.answer(number, "o.0.0", "说过的话")
    text = repr(staged.stage.rows(t.audit))
    assert "answer" in text
    for secret in (*staged.stage.links.values(), "说过的话", *me.cookies.values()):
        assert secret not in text
