"""What follows from closed rounds is computed once: at the end of a round, not when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drafting.panel import derived, lifecycle, records, reporting, results, submitting
from drafting.panel import tables as t
from drafting.panel.answering import Answer, save_answers
from drafting.panel.database import writing
from drafting.panel.definition import Instrument
from drafting.panel.figures import figures
from drafting.panel.reporting import PanelReport
from drafting.panel.results import ClosedRound, closed_round
from drafting.panel.web import closed
from drafting.panel.web.service import Service
from tests.drafting.panel.proving import CODES, NOW, Site, Stage, set_up, site_of
from tests.drafting.weights_projects import project


@pytest.fixture
def played(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """A closed round of allocations, a second one that is answered but open, a closed one of comparisons."""
    stage = set_up(database_url, project(tmp_path / "水泥行业"), codes=CODES[:6], at=NOW)
    for number in (1, 2):
        own = stage.round()
        for k, code in enumerate(CODES[:6]):
            given = {"w.0.0": str(40 + 3 * k - number), "w.0.1": str(40 - 3 * k + number), "w.0.2": "20"}
            hand_in(stage, own, code, given | {"o.0.0": f"理由{k} <b>"})
        if number == 1:
            stage.close(own)
    own = stage.round(Instrument.PAIRWISE)
    for k, code in enumerate(CODES[:6]):
        hand_in(stage, own, code, {"p.0.0.1": str(1 + k), "p.0.0.2": "3", "p.0.1.2": "1/2"})
    stage.close(own)
    yield stage
    stage.engine.dispose()


def hand_in(stage: Stage, round_id: int, code: str, given: dict[str, str]) -> None:
    pseudonym = stage.pseudonyms[code]
    with writing(stage.engine) as c:
        save_answers(c, [Answer(None, round_id, pseudonym, i, v) for i, v in given.items()], NOW)
        submitting.submit(c, records.panel(c, stage.panel_id), round_id, pseudonym, NOW)


def close_by_page(site: Site, round_id: int) -> None:
    boss = site.organiser()
    boss.get(f"/o/r/{round_id}/close")
    assert boss.post(f"/o/r/{round_id}/close").status_code == 303


def pages(site: Site) -> dict[str, str]:
    boss = site.organiser()
    paths = [f"/o/r/{n}/{x}" for n in (1, 2, 3) for x in ("results", "dissent")] + [
        "/o/p/1/report",
        "/o/p/1/report?to=md",
    ]
    found = {}
    for path in paths:
        reply = boss.get(path)
        assert reply.status_code == 200, path
        found[path] = reply.text.replace(boss.csrf, "")
    return found


def test_after_closing_no_page_computes_not_even_after_a_restart(
    played: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closed, "remember", lambda _: None)
    with site_of(played) as site:
        close_by_page(site, 2)
        first = pages(site)
    assert len(played.rows(t.derived)) == 4  # three rounds and the report

    def computes(*_: object, **__: object) -> None:
        raise AssertionError("a page computed what was kept")

    for module, name in ((closed, "figures"), (closed, "closed_round"), (reporting, "report")):
        monkeypatch.setattr(module, name, computes)
    with site_of(played) as site:
        assert pages(site) == first


def test_what_is_kept_is_what_was_computed(played: Stage) -> None:
    with played.engine.connect() as c:
        panel = records.panel(c, played.panel_id)
        taken = [lifecycle.snapshot(c, n) for n in (1, 3)]
        codes = {m.pseudonym: m.code for m in records.members_of(c, panel.id)}
    found = [closed_round(figures(s, panel.definition), None, panel.rule) for s in taken]
    report = reporting.report(panel, taken, found, codes)
    with writing(played.engine) as c:
        derived.keep(c, {"a": found[0], "b": found[1], "c": report})
        derived.keep(c, {"a": found[1]})  # what is there stays
    with played.engine.connect() as c:
        assert [derived.kept(c, ClosedRound, k) for k in "ab"] == found
        assert derived.kept(c, PanelReport, "c") == report
        assert derived.kept(c, PanelReport, "d") is None
    assert found[0].dissent[0].count > 0
    assert found[1].shown.groups[0].cr_picture is not None


def test_experts_who_come_later_are_in_the_report(played: Stage) -> None:
    """The key names all that a figure follows from: the report says how many were invited."""
    with site_of(played) as site:
        close_by_page(site, 2)
        boss = site.organiser()
        assert "邀请专家 6 名" in boss.get("/o/p/1/report").text
        with writing(played.engine) as c:
            lifecycle._add_members(c, played.panel_id, ["后来的"])
        assert "邀请专家 7 名" in boss.get("/o/p/1/report").text


def test_a_database_that_cannot_be_written_after_closing_loses_only_the_copy(
    played: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        from sqlalchemy.exc import OperationalError

        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(closed.derived, "keep", full)
    with site_of(played) as site:
        close_by_page(site, 2)
        assert not played.rows(t.derived)
        assert "按冻结的规则判断" in pages(site)["/o/r/2/results"]


def test_a_start_keeps_what_an_older_program_did_not(played: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    played.close(2)
    assert not played.rows(t.derived)
    with site_of(played) as site:
        service: Service = site.app.state.service
        closed.remember(service)
        assert len(played.rows(t.derived)) == 4
        closed.remember(service)
        assert len(played.rows(t.derived)) == 4


def test_answers_without_reason_beyond_the_most_are_counted(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 20
    monkeypatch.setattr(results, "MOST_DISSENT", most)
    codes = tuple(f"E{k:03d}" for k in range(most * 2 + 60))
    stage = set_up(database_url, codes=codes, at=NOW)
    own = stage.round()
    with writing(stage.engine) as c:
        panel = records.panel(c, stage.panel_id)
        for k, code in enumerate(codes):
            given = {"w.0.0": str(k % 80), "w.0.1": str(80 - k % 80), "w.0.2": "20"}
            pseudonym = stage.pseudonyms[code]
            save_answers(c, [Answer(None, own, pseudonym, i, v) for i, v in given.items()], NOW)
            submitting.submit(c, panel, own, pseudonym, NOW)
    stage.close(own)
    with stage.engine.connect() as c:
        found = closed_round(figures(lifecycle.snapshot(c, own), panel.definition), None, panel.rule)
    (group,) = found.dissent
    assert group.count > len(group.lines) == most
    stage.engine.dispose()
