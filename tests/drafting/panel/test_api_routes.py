"""Every address of the application, found by walking its routes, with generated parts, forms and bodies.

What schemathesis does from a description of an API: no request breaks the server, every refusal is said in the form
that the address speaks, an acknowledged answer is stored, what one expert sends never changes what another sees.
An address that is added later is walked too; one whose parts have no generator fails the first test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.routing import Route

from drafting.panel import tables as t
from drafting.panel.config import Config
from drafting.panel.web.app import application
from drafting.panel.web.service import Service
from tests.drafting.panel.proving import CODES, LOGIN, Browser, Site

pytestmark = pytest.mark.slow

ME, OTHER = CODES[0], CODES[1]
NUMBERS = st.sampled_from([0, 1, 2, 3, 8, 99, 2**31 - 1, 2**31, 2**63, 10**30])
WORDS = st.text(max_size=30) | st.sampled_from(["style.css", "../service.py", "%2e%2e%2fapp.py", "x" * 500, "A" * 43])
PARTS: Mapping[str, st.SearchStrategy[Any]] = {
    "round": NUMBERS, "group": NUMBERS, "panel": NUMBERS, "member": NUMBERS,
    "token": WORDS, "name": WORDS,
}  # fmt: skip
FIELDS = (
    "w.0.0", "w.0.1", "w.0.2", "w.1.0", "o.0.0", "r.0.0", "p.0.0.1", "a.0", "a.4", "base", "go", "csrf", "login",
    "password", "member", "days", "project", "title", "instrument", "notice", "deadline", "workbook", "addresses", "x",
)  # fmt: skip
VALUES = st.text(max_size=40) | st.sampled_from(
    [
        "5",
        "50",
        "100",
        "-1",
        "1e400",
        "大",
        "熟悉",
        "allocation",
        "rating",
        "pairwise",
        "{}",
        '{"w.0.0": 1}',
        "next",
        "1",
    ]
)
FORMS = st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6)
QUERIES = st.dictionaries(st.sampled_from(["before", "to", "next", "x"]), VALUES, max_size=2)
BODIES = st.fixed_dictionaries(
    {},
    optional={"item": st.sampled_from(FIELDS) | VALUES, "value": VALUES | st.none(), "base": NUMBERS | st.none()},
)
FILES = st.lists(st.tuples(st.text(min_size=1, max_size=20), st.binary(max_size=200)), max_size=2)


def walked() -> list[tuple[str, str]]:
    """Every method of every address."""
    app = application("sqlite://", Config(), Service("sqlite://", Config()))
    assert all(isinstance(r, Route) for r in app.routes), "a kind of route that this walk does not know"
    return [(r.path, m) for r in app.routes if isinstance(r, Route) for m in sorted((r.methods or set()) - {"HEAD"})]


ADDRESSES = walked()


def test_the_walk_knows_every_part_of_every_address() -> None:
    assert len(ADDRESSES) > 35
    for path, _ in ADDRESSES:
        assert set(re.findall(r"\{(\w+)", path)) <= set(PARTS), path


class Played:
    """A site with an open round, and what the other expert has said and sees in it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.number = site.stage.round()
        self.other = site.expert(OTHER)
        for item, value in (("w.0.0", "50"), ("w.0.1", "30"), ("w.0.2", "20"), ("o.0.0", "只有我说过")):
            assert self.other.answer(self.number, item, value).status_code == 200
        self.visitors = {"nobody": site.browser(), "expert": site.expert(ME), "organiser": site.organiser(LOGIN)}
        self.visitors["nobody"].get("/login")
        self.before = self.seen()

    def seen(self) -> tuple[Any, ...]:
        """The pages and rows of the other expert."""
        paths = ("/e", f"/e/{self.number}/0", f"/e/{self.number}/review")
        pages = tuple(self.other.client.get(path).text for path in paths)
        mine = self.site.stage.pseudonyms[OTHER]
        with self.site.stage.engine.connect() as c:
            rows = tuple(
                tuple(map(tuple, c.execute(select(table).where(table.c.pseudonym == mine).order_by(*table.c))))
                for table in (t.answers, t.history, t.submissions, t.late_answers)
            )
        return pages, rows

    def acknowledged(self, reply: Any, path: str, body: Mapping[str, Any]) -> None:
        """An answer that was acknowledged stands in the database as the reply says."""
        said = reply.json()
        if said["state"] != "saved":
            return
        round_id = int(path.split("/")[2])
        with self.site.stage.engine.connect() as c:
            a = t.answers.c
            row = c.execute(
                select(a.value, a.version).where(
                    a.round_id == round_id, a.pseudonym == self.site.stage.pseudonyms[ME], a.item == body["item"]
                )
            ).first()
        if row is None:  # an empty value where nothing was answered
            assert (said["value"], said["version"]) == ("", 0)
        else:
            assert tuple(row) == (said["value"], said["version"])


def address(path: str, data: st.DataObject) -> str:
    """Fill in the parts of an address."""

    def part(found: re.Match[str]) -> str:
        from urllib.parse import quote

        return quote(str(data.draw(PARTS[found[1]], label=found[1])), safe="") or "x"

    return re.sub(r"\{(\w+)(?::\w+)?\}", part, path)


def send(browser: Browser, path: str, method: str, data: st.DataObject) -> tuple[Any, Mapping[str, Any]]:
    """One generated request; most carry the right secret, so that what lies behind it is reached."""
    query = data.draw(QUERIES, label="query")
    if method == "GET":
        return browser.client.get(path, params=query), {}
    secret = browser.csrf if data.draw(st.integers(0, 4), label="honest") else "forged"
    if path.endswith("/answer"):
        body = data.draw(BODIES, label="body")
        headers = {"x-csrf": secret, "content-type": "application/json"}
        text = json.dumps(body).encode("ascii")
        return browser.client.post(path, content=text, headers=headers), body
    form = {"csrf": secret, **data.draw(FORMS, label="form")}
    form = {k: v.encode("utf-8", "replace").decode() for k, v in form.items()}
    files = [
        (data.draw(st.sampled_from(["workbook", "addresses", "w.0.0"])), (n.encode("utf-8", "replace").decode(), d))
        for n, d in data.draw(FILES, label="files")
    ]
    return browser.client.post(path, params=query, data=form, files=files or None), {}


@pytest.mark.parametrize(("path", "method"), ADDRESSES, ids=[f"{m} {p}" for p, m in ADDRESSES])
def test_no_request_breaks_an_address_or_touches_another_expert(staged: Site, path: str, method: str) -> None:
    played = Played(staged)

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    @given(data=st.data())
    def walk(data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(["expert", "expert", "nobody", "organiser"]), label="who")
        if who == "organiser" and path.startswith("/o") and method == "POST":
            who = "expert"  # an organiser may change what experts see; that is the next test
        browser = played.visitors[who]
        if path.endswith("/leave"):
            browser = Browser(staged.browser().client)
            browser.enter(staged.stage.links[ME])
        where = address(path, data)
        reply, body = send(browser, where, method, data)
        assert reply.status_code < 500, (who, where, reply.text)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "Traceback" not in reply.text
        if path.endswith("/answer"):
            assert reply.json()["state"] in ("saved", "conflict", "closed", "signed-out", "refused")
            if reply.status_code == 200:
                played.acknowledged(reply, where, body)
        elif who != "organiser" and path.startswith("/o"):
            assert reply.headers.get("location") == "/login" or reply.status_code in (403, 404, 405), where

    walk()
    assert played.seen() == played.before


@pytest.mark.parametrize("path", [p for p, m in ADDRESSES if m == "POST" and p.startswith("/o") and "leave" not in p])
def test_no_form_of_an_organiser_breaks_a_page_or_deletes(staged: Site, path: str) -> None:
    """The organiser's own session and secret; whatever is sent, nothing that was answered is lost."""
    played = Played(staged)
    boss = played.visitors["organiser"]

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    @given(data=st.data())
    def walk(data: st.DataObject) -> None:
        reply, _ = send(boss, address(path, data), "POST", data)
        assert reply.status_code < 500, reply.text

    walk()
    mine = staged.stage.pseudonyms[OTHER]
    rows = {r.item: r.value for r in staged.stage.rows(t.answers) if r.pseudonym == mine}
    assert rows == {"w.0.0": "50", "w.0.1": "30", "w.0.2": "20", "o.0.0": "只有我说过"}
    assert len(staged.stage.rows(t.history)) == 4
