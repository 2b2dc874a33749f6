"""Guessing, slowing down and the ways in: nobody locks others out, the own link keeps the own session."""

from __future__ import annotations

import re

import pytest

from drafting.panel import accounts
from drafting.panel import tables as t
from drafting.panel.config import Config
from drafting.panel.database import DatabaseError
from drafting.panel.setting_up import new_password_for
from drafting.panel.web.service import Service
from drafting.web.limits import Slowdown, source_of
from tests.drafting.panel.proving import CODES, LOGIN, Site

ME = CODES[0]


# --- guessing ---------------------------------------------------------------------------------------------
def test_guessing_a_password_is_stopped(staged: Site) -> None:
    browser = staged.browser()
    codes = [browser.login(LOGIN, f"guess-{k}").status_code for k in range(12)]
    assert 401 in codes
    assert codes[-1] == 429
    late = browser.login()
    assert late.status_code == 429  # even the right one, from there
    assert int(late.headers["retry-after"]) >= 1
    assert sum(r.action == "login-failed" for r in staged.stage.rows(t.audit)) == codes.count(401)


def test_locked_out_attempts_from_six_addresses_never_stop_the_right_password_from_a_seventh(
    staged: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as wrong:
        wrong.setattr(accounts, "password_fits", lambda *_: False)  # hashing hundreds of times takes long
        for k in range(6):
            browser = staged.browser(client=(f"10.0.{k}.1", 5))
            codes = []
            while 429 not in codes and len(codes) < 40:
                codes.append(browser.login(LOGIN, f"guess-{len(codes)}").status_code)
            assert codes[0] == 401
            assert codes[-1] == 429
    assert staged.browser(client=("10.0.7.1", 5)).login().status_code == 303
    # what one name got wrong does not hold another back behind the same address
    assert staged.browser(client=("10.0.0.1", 5)).login("another", "x").status_code == 401


def test_guessing_many_names_from_one_address_is_slowed_down(staged: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "password_fits", lambda *_: False)  # hashing sixty times takes long
    browser = staged.browser()
    codes = [browser.login(f"name-{k}", "guess").status_code for k in range(40)]
    assert codes[-1] == 429
    assert int(browser.login("name", "guess").headers["retry-after"]) <= 60


def test_a_flood_of_logins_does_not_wait_in_line(staged: Site) -> None:
    service = staged.app.state.service
    taken = 0
    while service.login_line.acquire(blocking=False):
        taken += 1
    try:
        assert staged.browser().login().status_code == 429
    finally:
        service.login_line.release(taken)
    assert staged.browser().login().status_code == 303


def test_guessing_links_is_stopped_and_a_right_link_is_not(staged: Site) -> None:
    browser = staged.browser()
    codes = [browser.get(f"/l/{accounts.new_token()}").status_code for _ in range(40)]
    assert codes[0] == 404
    assert codes[-1] == 429
    # a whole institute may sit behind one address: the link is looked at first
    assert browser.get(f"/l/{staged.stage.links[ME]}").status_code == 200
    assert browser.enter(staged.stage.links[ME]).status_code == 303


def test_posting_to_guessed_links_is_stopped_too(staged: Site) -> None:
    browser = staged.browser()
    browser.get("/login")
    codes = [browser.post(f"/l/{accounts.new_token()}").status_code for _ in range(40)]
    assert codes[-1] == 429


_AFTER = (".", "。", "，", ")", "）", ">", "%3E", "/", "_", "-", "%0A", " 打开后点开始", "&amp;x=1", "”。")


@pytest.mark.parametrize("after", _AFTER)
def test_a_link_bears_what_a_letter_puts_behind_it(staged: Site, after: str) -> None:
    assert staged.browser().get(f"/l/{staged.stage.links[ME]}{after}").status_code == 200
    assert staged.browser().enter(f"{staged.stage.links[ME]}{after}").status_code == 303


def test_a_link_outlives_the_scanners_of_mail(staged: Site) -> None:
    link = f"/l/{staged.stage.links[ME]}"
    before = staged.stage.dump()
    scanner = staged.browser()
    assert scanner.client.head(link).status_code == 200
    assert scanner.client.get(link).status_code == 200
    assert scanner.client.post(link).status_code == 403
    assert scanner.client.post(link, data={"csrf": "x"}).status_code == 403
    assert staged.stage.dump() == before
    scanner.enter(staged.stage.links[ME])  # one that presses every button
    assert staged.browser().enter(staged.stage.links[ME]).status_code == 303


def test_the_own_link_again_keeps_the_session_and_what_is_open(staged: Site) -> None:
    number = staged.stage.round()
    browser = staged.expert(ME)
    cookie, csrf = browser.cookies["plain-expert"], browser.csrf
    assert "打开着的页面都可以继续使用" in browser.get(f"/l/{staged.stage.links[ME]}").text
    assert browser.enter(staged.stage.links[ME]).status_code == 303
    assert browser.cookies["plain-expert"] == cookie
    browser.csrf = csrf  # the tab that was open before
    assert browser.answer(number, "w.0.0", "5").status_code == 200
    assert len([s for s in staged.stage.rows(t.sessions) if s.revoked_at is None]) == 1


def test_another_persons_link_says_so_before_it_replaces_the_session(staged: Site) -> None:
    browser = staged.expert(ME)
    cookie = browser.cookies["plain-expert"]
    page = browser.get(f"/l/{staged.stage.links[CODES[1]]}")
    assert f"将退出 {ME}" in page.text
    assert browser.get("/e").status_code == 200  # looking changed nothing
    browser.enter(staged.stage.links[CODES[1]])
    assert browser.cookies["plain-expert"] != cookie
    assert CODES[1] in browser.get("/e").text


def test_a_new_password_for_an_organiser(staged: Site) -> None:
    boss = staged.organiser()
    with pytest.raises(DatabaseError, match=f"现有：{LOGIN}"):
        new_password_for(staged.stage.url, "nobody")
    fresh = new_password_for(staged.stage.url, LOGIN)
    assert boss.get("/o").status_code == 303  # the session of the old password has ended
    assert staged.browser().login().status_code == 401
    assert staged.browser().login(LOGIN, fresh).status_code == 303


def test_a_second_server_on_the_same_database_is_refused(staged: Site) -> None:
    with pytest.raises(DatabaseError, match="只能由一个服务器进程使用"):
        Service(staged.stage.url, Config()).hold.take()


def test_the_page_does_not_tell_which_logins_exist(staged: Site) -> None:
    browser = staged.browser()
    known, unknown = browser.login(LOGIN, "x"), browser.login("nobody", "x")
    assert known.status_code == unknown.status_code == 401
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", known.text) == strip.sub("", unknown.text)


def test_waiting_doubles_forgets_with_time_and_does_not_grow() -> None:
    now = [0.0]
    slow = Slowdown(3, 60, 300, lambda: now[0], keys=100)
    for _ in range(3):
        assert slow.wait("a") == 0
        slow.failed("a")
    assert slow.wait("a") == 2
    assert slow.wait("b") == 0
    now[0] = 2.0
    assert slow.wait("a") == 0
    slow.failed("a")
    assert slow.wait("a") == 4
    for _ in range(50):
        slow.failed("a")
    assert slow.wait("a") == 60
    now[0] = 303.0
    assert slow.wait("a") == 0
    for k in range(1000):
        slow.failed(str(k))
    assert len(slow._failures) <= 100


def test_one_household_is_one_source() -> None:
    assert source_of("2001:db8:1:2:a::1") == source_of("2001:db8:1:2:b::9") != source_of("2001:db8:1:3::1")
    assert source_of("::ffff:192.0.2.7") == source_of("192.0.2.7") != source_of("192.0.2.8")
    assert source_of("testclient") == "testclient"
