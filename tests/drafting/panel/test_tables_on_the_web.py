"""A panel over two tables: one session per expert, groups and verdicts per table, files that a mailed round gives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drafting.panel import asking, items, records
from drafting.panel.definition import Definition, Instrument, define
from drafting.panel.lifecycle import snapshot
from drafting.panel.reporting import weights_of
from drafting.pipeline.running import run_project
from drafting.project.folder import load_project
from drafting.record.results import weights_json
from tests.drafting.tables_projects import left_to_experts, write_tables

from .client import Site

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
CODES = tuple(f"专家{k:02d}" for k in range(1, 7))
LAST = CODES[-1]
ROWS = (
    ("", "能源消耗", "N1"), ("", "能源消耗", "N2"), ("甲工序", "水资源消耗", "S1"), ("甲工序", "水资源消耗", "S2"),
    ("乙工序", "污染物产生与排放", "W1"), ("乙工序", "污染物产生与排放", "W2"), ("乙工序", "污染物产生与排放", "W3"),
)  # fmt: skip


def two_tables(folder: Path, **settings: Any) -> Path:
    """Two tables that share 能源消耗; six experts, the last of whom is asked for the second only."""
    categories = dict.fromkeys((t, c) for t, c, _ in ROWS)
    made = write_tables(
        folder,
        tables=[{"代号": "甲工序", "表题": "前段工序"}, {"代号": "乙工序", "表题": "后段工序"}],
        categories=[{"分表": t, "一级指标": c, "采用": "是"} for t, c in categories],
        indicators=[
            {"分表": t, "一级指标": c, "代码": k, "二级指标": f"指标{k}", "单位": "kg/t", "方向": "越小越好"}
            for t, c, k in ROWS
        ],
        settings={"权重方法": "专家咨询法", "停止规则：变异系数": 2, "多表评定": "分别评定", **settings},
    )
    return left_to_experts(made, {code: "乙工序" if code == LAST else "" for code in CODES})


@pytest.fixture
def several(database: str, tmp_path: Path) -> Iterator[Site]:
    with Site(database, two_tables(tmp_path / "项目")) as running:
        yield running


def definition_of(site: Site) -> Definition:
    with site.service.engine.connect() as connection:
        return records.panel(connection, site.panel_id).definition


def points(size: int, expert: int, *, turned: bool) -> list[int]:
    """Points that fall from item to item; ``turned`` they rise."""
    raw = [2 * (size - k) + (expert % 2 if k == 0 else 0) for k in range(size)]
    found = [100 * r // sum(raw) for r in raw]
    found[0] += 100 - sum(found)
    return found[::-1] if turned else found


def fill(site: Site, who: Any, number: int, code: str, *, turned: str = "") -> list[int]:
    """Go through the groups by the pages' own links and submit; numbers of the groups that were asked."""
    definition, met, address = definition_of(site), [], who.get(f"/e/{number}").headers["location"]
    while not address.endswith("/review"):
        g = int(address.rsplit("/", 1)[1])
        met.append(g)
        group = definition.groups[g]
        values = points(len(group.items), CODES.index(code), turned=group.tables == (turned,))
        form = {items.weight(g, k): str(v) for k, v in enumerate(values)} | {"go": "next"}
        address = who.post(address, form).headers["location"]
    assert who.post(f"/e/{number}/submit", page=f"/e/{number}/review").headers["location"].endswith("/receipt")
    return met


def test_the_frozen_questionnaire_gives_the_groups_of_the_project(tmp_path: Path) -> None:
    inputs = load_project(two_tables(tmp_path / "项目")).inputs
    assert inputs is not None
    definition = Definition.from_json(define(inputs)[0].canonical_json())
    again = definition.inputs(inputs.experts)
    assert [(a.name, a.tables, a.members) for a in again.asked] == [(a.name, a.tables, a.members) for a in inputs.asked]
    assert [g.name for g in definition.groups] == [a.name for a in inputs.asked if a.open]


@pytest.mark.slow
def test_two_tables_from_invitation_to_weights(several: Site) -> None:
    organiser = several.organiser()
    links = several.links(organiser)
    experts = {code: several.visitor().enter(token) for code, token in links.items()}
    names = [g.name for g in definition_of(several).groups]
    first, numbers = several.round(organiser), []
    # one session over all tables; the last expert sees the second table and what both share
    asked = {code: fill(several, who, first, code) for code, who in experts.items()}
    assert [names[g] for g in asked[CODES[0]]] == names
    assert [names[g] for g in asked[LAST]] == ["能源消耗", "乙工序·一级指标", "乙工序·污染物产生与排放"]
    foreign = next(g for g, name in enumerate(names) if name == "甲工序·一级指标")
    assert experts[LAST].get(f"/e/{first}/{foreign}").status_code == 404
    assert experts[LAST].answer(first, items.weight(foreign, 0), "50").status_code == 404
    page = experts[LAST].get(f"/e/{first}/{asked[LAST][0]}").text
    assert "甲工序（前段工序）、乙工序（后段工序）共用，只答一次" in page
    assert "第 1 组，共 3 组" in page
    several.close(organiser, first)
    second = several.round(organiser)
    for code, who in experts.items():
        fill(several, who, second, code, turned="乙工序")
    several.close(organiser, second)
    shown = organiser.get(f"/o/r/{second}/results").text
    verdicts = re.findall(r"<h2>表“(\S+?)”.*?答复 (\d+) / 征询 (\d+).*?<strong>(.*?)</strong>", shown, re.S)
    assert [(key, int(n), int(of)) for key, n, of, _ in verdicts] == [("甲工序", 6, 6), ("乙工序", 6, 6)]
    assert ["轮后停止" in said for *_, said in verdicts] == [True, False]
    # what has stopped is not asked again, nor what it shares
    third = several.round(organiser, opened=False)
    assert "表“甲工序”已经停止" in organiser.get(f"/o/r/{third}/open").text
    organiser.post(f"/o/r/{third}/open")
    again = fill(several, experts[CODES[0]], third, CODES[0], turned="乙工序")
    assert [names[g] for g in again] == ["乙工序·一级指标", "乙工序·污染物产生与排放"]
    for code in CODES[1:]:
        fill(several, experts[code], third, code, turned="乙工序")
    several.close(organiser, third)
    assert "已进行 3 轮" in organiser.get(f"/o/r/{third}/results").text  # all rounds count, not the last two
    # into the project: the same files that a mailed round gives, the same weights per table
    for number in (first, second, third):
        assert "写出" in organiser.post(f"/o/r/{number}/files", page=f"/o/r/{number}/files").text
        numbers.append(number)
    run = run_project(several.folder, until="weights")
    assert not [f.message for f in run.findings if f.severity == "error" and f.place and "德尔菲" in f.place.file]
    with several.service.engine.connect() as connection:
        panel = records.panel(connection, several.panel_id)
        taken = [snapshot(connection, n) for n in numbers]
        assert asking.left_out(panel.definition, taken[-1].round) == ("甲工序",)
    codes = {m.pseudonym: m.code for m in several.members}
    own = [weights_json(found) for _, found in weights_of(panel.definition, taken, codes, panel)]
    there = [weights_json(of.weights) for of in run.results.tables.values() if of.weights is not None]
    for a, b in zip(own, there, strict=True):
        assert (a["first_level"], a["second_level"]) == (b["first_level"], b["second_level"])
    report = organiser.get(f"/o/p/{several.panel_id}/report?to=md").text
    assert report.count("权重（专家咨询法，表“") == 2
    said = json.loads(organiser.get(f"/o/r/{third}/answers.json").text)
    assert set(said["experts"][0]["answers"]) == {"乙工序·一级指标", "乙工序·污染物产生与排放"}


@pytest.mark.parametrize("instrument", ["pairwise", "rating"])
def test_comparisons_and_ratings_of_two_tables_come_back_as_files(several: Site, instrument: str) -> None:
    """What the panel exports of one expert is taken back by another panel's round and by the project."""
    organiser = several.organiser()
    links, number = several.links(organiser, [LAST]), several.round(organiser, instrument)
    who, definition = several.visitor().enter(links[LAST]), definition_of(several)
    groups = definition.of(Instrument(instrument))
    given = {
        q: "3"
        for g, group in enumerate(groups) if group.concerns(("乙工序",))
        for q in items.questions(Instrument(instrument), g, group)
    }  # fmt: skip
    for item, value in given.items():
        assert who.answer(number, item, value).status_code == 200
    assert who.post(f"/e/{number}/submit", page=f"/e/{number}/review").status_code == 303
    several.close(organiser, number)
    assert "写出" in organiser.post(f"/o/r/{number}/files", page=f"/o/r/{number}/files").text
    folder = several.folder / ("判断矩阵" if instrument == "pairwise" else "重要性评分/第1轮")
    book = folder / f"{LAST}.xlsx"
    again = several.round(organiser, instrument)
    sent = [("workbook", (book.name, book.read_bytes(), "application/octet-stream"))]
    said = organiser.http.post(
        f"/o/r/{again}/upload", data={"csrf": organiser.csrf(f"/o/r/{again}/files")}, files=sent
    ).text
    # all comparisons are one questionnaire; ratings of the first round are none of the second
    assert (f"已导入 {len(given)} 项" in said) is (instrument == "pairwise")
    inputs = load_project(several.folder).inputs
    assert inputs is not None
    first, second = inputs.slices
    if instrument == "pairwise":
        assert {m.group for m in second.judgements} == {"一级指标", "能源消耗", "污染物产生与排放"}
        assert {m.group for m in first.judgements} == {"能源消耗"}
    else:
        assert set(second.ratings[0].answers[0].ratings) == {"N1", "N2", "W1", "W2", "W3"}
        assert set(first.ratings[0].answers[0].ratings) == {"N1", "N2"}
