"""Draft and submission are two things: a mailed workbook, an unfinished draft, a deadline."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from drafting.model.system import FIRST_LEVEL
from drafting.panel import lifecycle, records
from drafting.panel import tables as t
from drafting.panel.definition import Instrument
from drafting.project.issue_record import IssueRecord, write_issue_record
from drafting.workbook.questionnaires.identity import RATINGS, WEIGHTS, Identity, items_of
from tests.drafting.panel.proving import CODES, Browser, Site, Stage, site_of
from tests.drafting.weights_projects import TRUE, fill_allocation, inputs, write_allocation

ME = CODES[0]


def workbook(folder: Path, *points: float) -> bytes:
    """A returned workbook that answers the first group only."""
    blank, filled = folder / "blank.xlsx", folder / "filled.xlsx"
    write_allocation(blank, ME, 1, inputs().system, frozenset(TRUE))
    fill_allocation(blank, filled, {FIRST_LEVEL: points})
    return filled.read_bytes()


def upload(boss: Browser, number: int, data: bytes) -> str:
    boss.get(f"/o/r/{number}/files")
    reply = boss.client.post(
        f"/o/r/{number}/upload", data={"csrf": boss.csrf},
        files=[("workbook", (f"{ME}.xlsx", data, "application/octet-stream"))],
    )  # fmt: skip
    return str(reply.text)


def submitted(stage: Stage) -> list[dict[str, str]]:
    return [json.loads(s.content) for s in stage.rows(t.submissions) if s.pseudonym == stage.pseudonyms[ME]]


def test_a_workbook_becomes_exactly_its_own_content_beside_an_unfinished_draft(staged: Site, tmp_path: Path) -> None:
    """An unfinished web draft neither blocks the import nor is it handed in by somebody else."""
    stage = staged.stage
    number = stage.round()
    me, boss = staged.expert(ME), staged.organiser()
    me.answer(number, "w.0.0", "77")  # half a group: would block
    me.answer(number, "w.1.0", "60")
    me.answer(number, "o.1.0", "还没想好的话")
    said = upload(boss, number, workbook(tmp_path, 50, 20, 30))
    assert "已导入" in said
    assert "另有未提交的草稿 3 项" in said
    (content,) = submitted(stage)
    assert content == {"w.0.0": "50", "w.0.1": "20", "w.0.2": "30"}
    with stage.engine.connect() as c:
        draft = records.answers_of(c, number, stage.pseudonyms[ME])
    assert {i: v for i, (v, _) in draft.items()} == {"w.0.0": "77", "w.1.0": "60", "o.1.0": "还没想好的话"}
    board = boss.get(f"/o/r/{number}").text
    assert "✓ 邮寄" in board
    assert re.search(r"另有 \d+ 项未提交", board)
    assert "还没想好的话" not in board
    assert ME in boss.get(f"/o/r/{number}/close").text
    stage.close(number)
    with stage.engine.connect() as c:
        taken = lifecycle.snapshot(c, number)
    assert taken.answers[stage.pseudonyms[ME]] == content


def test_without_a_draft_the_pages_go_on_from_the_workbook(staged: Site, tmp_path: Path) -> None:
    stage = staged.stage
    number = stage.round()
    boss = staged.organiser()
    upload(boss, number, workbook(tmp_path, 50, 20, 30))
    with stage.engine.connect() as c:
        draft = {i: v for i, (v, _) in records.answers_of(c, number, stage.pseudonyms[ME]).items()}
    assert draft == submitted(stage)[0]
    assert "另有" not in boss.get(f"/o/r/{number}").text
    me = staged.expert(ME)
    assert me.answer(number, "o.0.0", "补一句").status_code == 200
    assert re.search(r"另有 1 项未提交", boss.get(f"/o/r/{number}").text)


def test_a_workbook_that_cannot_be_submitted_alone_leaves_everything(staged: Site, tmp_path: Path) -> None:
    stage = staged.stage
    number = stage.round()
    me, boss = staged.expert(ME), staged.organiser()
    me.answer(number, "w.0.0", "77")
    before = stage.dump("audit", "sessions")
    assert "没有导入" in upload(boss, number, workbook(tmp_path, 50, 20, 20))
    assert stage.dump("audit", "sessions") == before


# --- deadlines --------------------------------------------------------------------------------------
def test_a_deadline_has_a_zone_and_is_held_to_or_expressly_not(stage: Stage) -> None:
    clock = [1_800_000_000.0]
    with site_of(stage, clock=lambda: clock[0]) as site:
        boss = site.organiser()
        boss.get(f"/o/p/{stage.panel_id}")
        until = int(clock[0]) + 3600
        local = f"{datetime.fromtimestamp(until):%Y-%m-%dT%H:%M}"
        until = int(datetime.strptime(local, "%Y-%m-%dT%H:%M").timestamp())
        sent = {"instrument": "allocation", "deadline": local, "holds": "1"}
        assert boss.post(f"/o/p/{stage.panel_id}/rounds", sent).status_code == 303
        (own,) = stage.rows(t.rounds)
        assert (own.deadline_at, own.deadline_holds) == (until, 1)
        boss.get(f"/o/r/{own.id}/open")
        boss.post(f"/o/r/{own.id}/open")
        me = site.expert(ME)
        home = me.get("/e").text
        zone = datetime.fromtimestamp(until).astimezone().strftime("%z")
        assert f"{local.replace('T', ' ')}（UTC{zone[:3]}:{zone[3:]}）" in home
        assert "到时停止接收网上提交" in home
        for k, value in enumerate(("50", "40", "10")):
            me.answer(own.id, f"w.0.{k}", value)
        clock[0] = until
        me.get("/e")
        late = me.post(f"/e/{own.id}/submit")
        assert late.status_code == 409
        assert "已过截止时间" in late.text
        assert me.answer(own.id, "o.0.0", "答案仍然收着").status_code == 200  # a draft is never lost
        boss.get(f"/o/r/{own.id}")
        assert boss.post(f"/o/r/{own.id}/deadline", {"deadline": local}).status_code == 303  # only announced now
        assert "到时不会自动停止" in me.get("/e").text
        assert me.post(f"/e/{own.id}/submit").status_code == 303
        receipt = me.get(f"/e/{own.id}/receipt").text
        assert f"UTC{zone[:3]}:{zone[3:]}" in receipt
        assert boss.post(f"/o/r/{own.id}/deadline", {"deadline": "下班前"}).status_code == 422


def test_a_deadline_that_has_passed_is_refused_beside_the_servers_clock(stage: Stage) -> None:
    """Last year's date, or a draft opened after its deadline: experts would find a round over that has just begun."""
    clock = [1_800_000_000.0]

    def local(seconds: float) -> str:
        return f"{datetime.fromtimestamp(seconds):%Y-%m-%dT%H:%M}"

    with site_of(stage, clock=lambda: clock[0]) as site:
        boss = site.organiser()
        boss.get(f"/o/p/{stage.panel_id}")
        rounds = f"/o/p/{stage.panel_id}/rounds"
        late = boss.post(rounds, {"instrument": "allocation", "deadline": local(clock[0] - 365 * 86400)})
        assert late.status_code == 409
        assert "已经过去，服务器现在是" in late.text
        assert local(clock[0]).replace("T", " ") in late.text
        assert stage.rows(t.rounds) == []
        until = local(clock[0] + 3600)
        assert boss.post(rounds, {"instrument": "allocation", "deadline": until}).status_code == 303
        (own,) = stage.rows(t.rounds)
        clock[0] += 7200
        boss.get(f"/o/r/{own.id}/open")
        assert "已经过去" in boss.post(f"/o/r/{own.id}/open").text
        assert boss.post(f"/o/r/{own.id}/deadline", {"deadline": local(clock[0] - 60)}).status_code == 409
        assert boss.post(f"/o/r/{own.id}/deadline", {"deadline": local(clock[0] + 3600)}).status_code == 303
        assert boss.post(f"/o/r/{own.id}/open").status_code == 303


def test_what_an_organiser_types_is_never_cut(staged: Site) -> None:
    """A browser counts a new line as one character and sends two: the end of a long letter was cut off."""
    boss, stage = staged.organiser(), staged.stage
    boss.get(f"/o/p/{stage.panel_id}")
    letter = "各位专家：" + "\r\n" * 300 + "字" * 1690 + "请于周五前答复"[:5]
    assert len(letter.replace("\r\n", "\n")) == 2000
    rounds = f"/o/p/{stage.panel_id}/rounds"
    assert boss.post(rounds, {"instrument": "allocation", "notice": letter + "。"}).status_code == 413
    assert stage.rows(t.rounds) == []
    assert boss.post(rounds, {"instrument": "allocation", "notice": letter}).status_code == 303
    assert stage.rows(t.rounds)[0].notice == letter.replace("\r\n", "\n")


def hidden(page: str) -> str:
    """What a form says it had seen."""
    found = re.search(r'name="known" value="(\d+)"', page)
    assert found
    return found[1]


def test_a_second_click_makes_and_does_nothing_twice(staged: Site) -> None:
    """A browser without script sends the form twice and shows the second answer: it is the first one's."""
    stage, boss = staged.stage, staged.organiser()
    page = boss.get("/o").text
    form = {"title": "再问一次", "known": hidden(page), "project": re.search(r'<option value="(\d+)"', page)[1]}
    answers = [boss.post("/o", form) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(stage.rows(t.panels)) == 2
    meant = boss.post("/o", form | {"known": hidden(boss.get("/o").text)})
    assert meant.headers["location"] != answers[0].headers["location"]
    wanted = {"instrument": "allocation", "known": hidden(boss.get(f"/o/p/{stage.panel_id}").text)}
    assert [boss.post(f"/o/p/{stage.panel_id}/rounds", wanted).status_code for _ in range(2)] == [303, 303]
    (own,) = [r for r in stage.rows(t.rounds) if r.panel_id == stage.panel_id]
    boss.get(f"/o/r/{own.id}/open")
    for step in ("open", "close"):
        replies = [boss.post(f"/o/r/{own.id}/{step}") for _ in range(2)]
        assert [r.status_code for r in replies] == [303, 303], step
    assert [a.action for a in stage.rows(t.audit)].count("round-closed") == 1
    assert boss.post(f"/o/p/{stage.panel_id}/rounds", wanted).status_code == 303  # the first is closed: a round more


@pytest.mark.parametrize(
    "text", ["2026-13-01T10:00", "99999-01-01T00:00", "x", "2026-12-01", "明天", "2036-12-01T18:00+05:00"]
)
def test_a_time_that_is_none_is_said(staged: Site, text: str) -> None:
    boss = staged.organiser()
    boss.get(f"/o/p/{staged.stage.panel_id}")
    reply = boss.post(f"/o/p/{staged.stage.panel_id}/rounds", {"instrument": "allocation", "deadline": text})
    assert reply.status_code == 422
    assert "截止时间不对" in reply.text


def test_ratings_and_allocations_count_their_rounds_apart(staged: Site) -> None:
    stage = staged.stage
    for instrument in (Instrument.RATING, Instrument.ALLOCATION, Instrument.RATING):
        stage.close(stage.round(instrument))
    with stage.engine.connect() as c:
        rows = [(r.instrument, r.number) for r in c.execute(select(t.rounds).order_by(t.rounds.c.id))]
    assert rows == [("rating", 1), ("allocation", 1), ("rating", 2)]


# --- identity ------------------------------------------------------------------------------------------
def marked(folder: Path, **more: object) -> bytes:
    """A returned workbook that says what it is."""
    system = inputs().system
    asked = {FIRST_LEVEL: [c.name for c in system.categories]}
    known = {"project": "", "project_id": "", "instrument": WEIGHTS, "round": 1, "expert": ME, "issue": 1, **more}
    identity = Identity(items=items_of(system, asked), **known)  # type: ignore[arg-type]
    blank, filled = folder / "blank.xlsx", folder / "filled.xlsx"
    write_allocation(blank, ME, 1, system, frozenset(TRUE), identity=identity)
    fill_allocation(blank, filled, {FIRST_LEVEL: (50, 20, 30)})
    return filled.read_bytes()


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({}, True),
        ({"round": 2}, False),
        ({"instrument": RATINGS}, False),
        ({"expert": CODES[1]}, False),
        ({"project": "别的行业", "project_id": "bbbbbbbb"}, False),
    ],
    ids=["its own", "another round", "another instrument", "another expert", "another project"],
)
def test_an_uploaded_workbook_is_held_against_what_it_says_it_is(
    staged: Site, tmp_path: Path, more: dict[str, object], taken: bool
) -> None:
    number = staged.stage.round()
    write_issue_record(staged.stage.folder, IssueRecord("aaaaaaaa", "水泥行业"))
    said = upload(staged.organiser(), number, marked(tmp_path, **{"project_id": "aaaaaaaa", **more}))
    assert ("已导入" in said) == taken
    assert bool(submitted(staged.stage)) == taken
