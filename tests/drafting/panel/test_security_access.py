"""Who may see and do what: experts among each other, open rounds, organisers of other panels, links, sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from drafting.panel import accounts, records, submitting
from drafting.panel import tables as t
from drafting.panel.database import writing
from drafting.panel.definition import Instrument
from drafting.panel.web.service import Service
from tests.drafting.panel.proving import CODES, LOGIN, Site, Stage, set_up, site_of
from tests.drafting.weights_projects import project

ME, OTHER = CODES[0], CODES[1]


def submit(stage: Stage, round_id: int, code: str, first: str = "50", opinion: str = "") -> None:
    from drafting.panel.answering import Answer, save_answers

    rest = str(100 - int(first) - 10)
    given = {"w.0.0": first, "w.0.1": rest, "w.0.2": "10"} | ({"o.0.0": opinion} if opinion else {})
    with writing(stage.engine) as c:
        p = stage.pseudonyms[code]
        save_answers(c, [Answer(None, round_id, p, i, v) for i, v in given.items()], 0)
        submitting.submit(c, records.panel(c, stage.panel_id), round_id, p, 0)


# --- experts among each other ---------------------------------------------------------------------
def test_an_expert_reads_only_own_answers(staged: Site) -> None:
    number = staged.stage.round()
    submit(staged.stage, number, OTHER, "73", "只有乙说过的话")
    me, other = staged.expert(ME), staged.expert(OTHER)
    for path in (f"/e/{number}/0", f"/e/{number}/review", f"/e/{number}/receipt", "/e"):
        page = me.get(path).text
        assert "只有乙说过的话" not in page
        assert 'value="73"' not in page
        for code, pseudonym in staged.stage.pseudonyms.items():
            assert pseudonym not in page
            assert code == ME or code not in page
    assert "只有乙说过的话" in other.get(f"/e/{number}/0").text  # the test can see it where it is


def test_an_expert_writes_only_own_answers(staged: Site) -> None:
    """Whatever names of somebody else are put into a request, the session decides whose answer it is."""
    number = staged.stage.round()
    submit(staged.stage, number, OTHER, "73")
    me = staged.expert(ME)
    theirs = staged.stage.pseudonyms[OTHER]
    body = {
        "item": "w.0.0",
        "value": "1",
        "base": None,
        "pseudonym": theirs,
        "member": 2,
        "expert": OTHER,
        "session_id": 2,
    }
    assert me.client.post(f"/e/{number}/answer", json=body, headers={"x-csrf": me.csrf}).status_code == 200
    me.get(f"/e/{number}/0")
    me.post(f"/e/{number}/0", {"w.0.1": "2", "pseudonym": theirs, "member": "2", "base": "{}"})
    rows = {(r.pseudonym, r.item): r.value for r in staged.stage.rows(t.answers)}
    assert rows[theirs, "w.0.0"] == "73"
    assert rows[staged.stage.pseudonyms[ME], "w.0.0"] == "1"
    assert rows[staged.stage.pseudonyms[ME], "w.0.1"] == "2"


@pytest.fixture
def two_panels(staged: Site, tmp_path: Path) -> Iterator[tuple[Site, Stage]]:
    """A second panel of another organiser in the same database."""
    folder = tmp_path / "另一项目"
    folder.mkdir()
    other = set_up(staged.stage.url, project(folder), codes=("甲", "乙"), login="another", title="别家的征询")
    yield staged, other
    other.engine.dispose()


def test_rounds_of_another_panel_do_not_exist_for_an_expert(two_panels: tuple[Site, Stage]) -> None:
    site, other = two_panels
    foreign, mine = other.round(), site.stage.round()
    me = site.expert(ME)
    before = other.dump()
    assert me.get(f"/e/{mine}/0").status_code == 200
    for path in ("", "/0", "/review", "/receipt", "/0/check"):
        assert me.get(f"/e/{foreign}{path}").status_code == 404, path
    me.get("/e")
    assert me.answer(foreign, "w.0.0", "5").status_code == 404
    for path in ("/0", "/submit"):
        assert me.post(f"/e/{foreign}{path}", {"w.0.0": "5", "a.0": "大"}).status_code == 404, path
    assert other.dump() == before


def test_a_round_in_preparation_does_not_exist_for_experts(staged: Site) -> None:
    number = staged.stage.round(opened=False)
    me = staged.expert(ME)
    for path in ("", "/0", "/review", "/receipt"):
        assert me.get(f"/e/{number}{path}").status_code == 404
    me.get("/e")
    assert me.answer(number, "w.0.0", "5").status_code == 404
    assert not staged.stage.rows(t.late_answers)


# --- figures ----------------------------------------------------------------------------------------
def test_figures_of_an_open_round_are_nobodys(staged: Site) -> None:
    number = staged.stage.round()
    for code in CODES[:6]:
        submit(staged.stage, number, code, "63", "六人都这么说")
    boss = staged.organiser()
    for path in ("results", "dissent", "answers.zip", "answers.json"):
        assert boss.get(f"/o/r/{number}/{path}").status_code == 409, path
    board = boss.get(f"/o/r/{number}").text
    report = boss.get(f"/o/p/{staged.stage.panel_id}/report").text
    audit = boss.get(f"/o/p/{staged.stage.panel_id}/audit").text
    boss.get(f"/o/r/{number}")
    missing = boss.post(f"/o/r/{number}/missing.xlsx").content
    for shown in (board, report, audit, missing.decode("latin-1")):
        assert "63" not in re.sub(r"[\w-]{20,}|[?#][\w-]+|data:\S+", "", shown) or shown is missing
        assert "六人都这么说" not in shown
    boss.get(f"/o/r/{number}/files")
    assert boss.post(f"/o/r/{number}/files").status_code == 409
    staged.stage.close(number)
    assert boss.get(f"/o/r/{number}/results").status_code == 200


def test_an_expert_sees_the_group_only_after_the_round_and_without_names(staged: Site) -> None:
    first = staged.stage.round()
    for k, code in enumerate(CODES[:6]):
        submit(staged.stage, first, code, str(41 + k), "乙的理由" if code == OTHER else "")
    me = staged.expert(ME)
    assert "<dt>四分位" not in me.get(f"/e/{first}/0").text
    staged.stage.close(first)
    second = staged.stage.round()
    page = me.get(f"/e/{second}/0").text
    assert "<dt>四分位" in page
    assert not any(code in page for code in CODES[1:])
    assert not any(p in page for p in staged.stage.pseudonyms.values())


def test_below_five_answers_no_figures_are_shown(staged: Site) -> None:
    first = staged.stage.round()
    for k, code in enumerate(CODES[:4]):
        submit(staged.stage, first, code, str(41 + k), "少数人的理由")
    staged.stage.close(first)
    second = staged.stage.round()
    page = staged.expert(ME).get(f"/e/{second}/0").text
    assert "不足 5 份" in page
    assert "少数人的理由" not in page
    assert "<svg" not in page


# --- organisers ---------------------------------------------------------------------------------------
def test_an_organiser_sees_and_touches_only_own_panels(two_panels: tuple[Site, Stage]) -> None:
    site, other = two_panels
    foreign = other.round()
    boss = site.organiser(LOGIN)
    stranger_home = boss.get("/o").text
    assert "别家的征询" not in stranger_home
    before = other.dump()
    with other.engine.connect() as c:
        member = records.members_of(c, other.panel_id)[0].id
    panel, round_ = f"/o/p/{other.panel_id}", f"/o/r/{foreign}"
    gets = [panel, f"{panel}/audit", f"{panel}/people", f"{panel}/report", round_, f"{round_}/open", f"{round_}/close"]
    gets += [f"{round_}/{x}" for x in ("results", "dissent", "files", "answers.zip", "answers.json")]
    for path in gets:
        reply = boss.get(path)
        assert reply.status_code == 404, path
        assert "别家的征询" not in reply.text
    posts = [f"{panel}/refresh", f"{panel}/rounds", f"{panel}/people", f"{panel}/people/{member}/revoke"]
    posts += [f"{round_}/{x}" for x in ("open", "close", "files", "upload", "missing.xlsx", "deadline", "remind")]
    for path in posts:
        boss.get("/o")
        form = {"instrument": "pairwise", "member": str(member), "days": "3"}
        assert boss.post(path, form).status_code == 404, path
    # a member of another panel under the address of an own one
    boss.get("/o")
    assert boss.post(f"/o/p/{site.stage.panel_id}/people/{member}/revoke").status_code == 404
    with other.engine.connect() as c:
        projects = {r.folder: r.id for r in c.execute(t.projects.select())}
    boss.get("/o")
    assert boss.post("/o", {"project": str(projects[str(other.folder)]), "title": "x"}).status_code == 404
    boss.get("/o")
    reply = boss.post(f"/o/p/{site.stage.panel_id}/people", {"member": str(member), "days": "3"})
    assert reply.status_code == 422  # nobody of this panel was chosen
    assert other.dump() == before


def test_every_organisers_page_asks_for_an_organiser(staged: Site) -> None:
    """An expert's session opens no organiser's page, and nobody's opens none."""
    from starlette.routing import Route

    number = staged.stage.round()
    paths = [r for r in staged.app.routes if isinstance(r, Route) and r.path.startswith("/o")]
    assert len(paths) > 12
    for visitor in (staged.browser(), staged.expert(ME)):
        before = staged.stage.dump("audit")
        for route in paths:
            path = route.path.replace("{panel:int}", str(staged.stage.panel_id)).replace("{round:int}", str(number))
            path = path.replace("{member:int}", "1")
            for method in route.methods or ():
                reply = visitor.client.request(method, path, data={"csrf": visitor.csrf} if method == "POST" else None)
                assert reply.status_code == 303, (method, path)
                assert reply.headers["location"] == "/login"
        assert staged.stage.dump("audit") == before


def test_an_organisers_session_is_no_experts(staged: Site) -> None:
    number = staged.stage.round()
    boss = staged.organiser()
    token = boss.cookies["plain-organiser"]
    boss.client.cookies.clear()
    boss.client.cookies.set("plain-expert", token)
    assert boss.get("/e").status_code == 401
    assert boss.answer(number, "w.0.0", "5").status_code == 401
    me = staged.expert(ME)
    token = me.cookies["plain-expert"]
    me.client.cookies.clear()
    me.client.cookies.set("plain-organiser", token)
    for path in ("/o", f"/o/p/{staged.stage.panel_id}", f"/o/r/{number}"):
        assert me.get(path).headers["location"] == "/login"


# --- links and sessions ---------------------------------------------------------------------------------
@pytest.mark.parametrize("mangle", ["expired", "revoked", "foreign", "cut", "longer", "case", "nul", "long", "empty"])
def test_a_link_that_does_not_hold_says_what_to_do(two_panels: tuple[Site, Stage], mangle: str) -> None:
    site, _ = two_panels
    token = site.stage.links[ME]
    with writing(site.stage.engine) as c:
        if mangle == "expired":
            c.execute(t.links.update().values(expires_at=1))
        if mangle == "revoked":
            accounts.end_links(c, accounts.link_member(c, token, 0)[1], "-", 0)
    token = {
        "cut": token[:-1], "longer": token + "A", "case": token.swapcase(), "nul": "%00" + token, "long": "x" * 5000,
        "foreign": accounts.new_token(), "empty": "%20",
    }.get(mangle, token)  # fmt: skip
    browser = site.browser()
    reply = browser.get(f"/l/{token}")
    assert reply.status_code == 404
    assert "向组织者索取新的链接" in reply.text
    browser.get("/login")
    assert browser.post(f"/l/{token}").status_code == 404
    assert "plain-expert" not in browser.cookies


def test_a_revoked_link_ends_what_began_with_it(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert(ME)
    assert me.answer(number, "w.0.0", "5").status_code == 200  # the session is now remembered
    boss = staged.organiser()
    boss.post(f"/o/p/{staged.stage.panel_id}/people/1/revoke")
    assert me.answer(number, "w.0.0", "6").status_code == 401
    assert me.get("/e").status_code == 401
    assert {r.value for r in staged.stage.rows(t.answers)} == {"5"}


def test_a_session_ends_with_its_time(stage: Stage) -> None:
    import time

    now = [time.time()]
    with site_of(stage, clock=lambda: now[0]) as site:
        number = stage.round()
        me = site.expert(ME)
        assert me.answer(number, "w.0.0", "5").status_code == 200
        now[0] += accounts.EXPERT_SESSION + 1
        assert me.answer(number, "w.0.0", "6").status_code == 401
        assert me.get("/e").status_code == 401


def test_leaving_ends_the_session_on_the_server(staged: Site) -> None:
    for who, cookie, page in ((staged.expert(ME), "plain-expert", "/e"), (staged.organiser(), "plain-organiser", "/o")):
        token = who.cookies[cookie]
        who.get(page)
        who.post(f"{page}/leave")
        thief = staged.browser()
        thief.client.cookies.set(cookie, token)
        assert thief.get(page).status_code in (401, 303), page


def test_identity_and_answers_meet_only_in_a_random_pseudonym(staged: Site) -> None:
    number = staged.stage.round()
    staged.expert(ME).answer(number, "w.0.0", "5")
    for table in (t.answers, t.history, t.submissions, t.late_answers, t.snapshots):
        assert not {"member_id", "code", "link_id", "session_id"} & {c.name for c in table.c}
    pseudonyms = list(staged.stage.pseudonyms.values())
    assert all(len(p) == 43 for p in pseudonyms)  # 256 bits
    assert len(set(pseudonyms)) == len(pseudonyms)
    again = set_up(staged.stage.url, codes=CODES[:6], title="再一次")
    assert not set(again.pseudonyms.values()) & set(pseudonyms)  # no function of the code
    again.engine.dispose()


def test_comparisons_of_others_cannot_be_checked(staged: Site) -> None:
    number = staged.stage.round(Instrument.PAIRWISE)
    other = staged.expert(OTHER)
    for item, value in (("p.0.0.1", "3"), ("p.0.0.2", "5"), ("p.0.1.2", "2")):
        assert other.answer(number, item, value).status_code == 200
    checked = other.get(f"/e/{number}/0/check").text
    assert "CR" in checked
    assert all(f'id="{part}"' in checked for part in ("check", "tally"))  # by these the page's script finds them
    assert "比较之后在此显示" in staged.expert(ME).get(f"/e/{number}/0/check").text


def test_the_server_keeps_no_other_way_in() -> None:
    """Every address of the application belongs to one of the three kinds of visitors, health or static files."""
    from drafting.panel.config import Config
    from drafting.panel.web.app import application

    app = application("sqlite://", Config(), Service("sqlite://", Config()))
    roots = {r.path.split("/")[1] for r in app.routes}
    assert roots == {"", "l", "e", "o", "login", "health", "static"}
