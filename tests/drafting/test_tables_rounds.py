"""Delphi rounds over several tables: a table is a slice, counted and judged by the rules of a project with one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting.analysis.weights.screening import screen_candidates
from drafting.analysis.weights.stopping import rule_of, stopped_tables
from drafting.analysis.weights.weigh import weigh
from drafting.model.experts import DelphiAnswer, DelphiRound, FrozenRule, Remark
from drafting.model.inputs import Inputs
from drafting.model.system import FIRST_LEVEL
from drafting.model.tables import IndicatorTable
from drafting.pipeline.questionnaires import Written, write_delphi
from drafting.pipeline.running import run_project
from drafting.project.folder import load_project
from drafting.record.results import record, weights_json
from tests.drafting import weights_projects as w
from tests.drafting.tables_projects import left_to_experts, worked

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
KEYS = ("甲工序", "乙工序")


# --- two equal tables -------------------------------------------------------------------------------------------------
def single(seed: int, rounds: int, **more: Any) -> Inputs:
    """The small committee with rounds drawn around the true weights, some of whom leave groups out."""
    rng = np.random.default_rng(seed)
    held = []
    for number in range(1, rounds + 1):
        answers: dict[str, dict[str, object]] = {}
        for code in w.CODES:
            groups = [g for g in w.TRUE if rng.random() > 0.15]
            drawn = {g: rng.dirichlet(np.array(w.TRUE[g]) * number) for g in groups}
            rest = {g: v[:-1].round(2) for g, v in drawn.items()}
            answers[code] = {g: np.round(100 * np.append(v, 1 - v.sum())) for g, v in rest.items()}
        held.append(w.a_round(number, answers))
    made = w.inputs(weight_method="专家咨询法", **more)
    rule = rule_of(made.settings)
    return replace(made, delphi=tuple(held), frozen_rule=FrozenRule(rule.canonical_json(), rule.sha256))


def doubled(inputs: Inputs) -> Inputs:
    """The same committee with two tables that are equal, asked for what experts are asked for."""
    made = replace(inputs, tables=tuple(IndicatorTable(k, k, inputs.system) for k in KEYS), delphi=(), judgements=())
    names: dict[str, list[str]] = {}
    for asked in made.asked:
        names.setdefault(asked.group, []).append(asked.name)

    def answered(answer: DelphiAnswer) -> DelphiAnswer:
        allocations = tuple(replace(a, group=name) for a in answer.allocations for name in names[a.group])
        return replace(answer, allocations=allocations)

    rounds = tuple(replace(r, answers=tuple(map(answered, r.answers))) for r in inputs.delphi)
    matrices = tuple(replace(m, group=name) for m in inputs.judgements for name in names[m.group])
    return replace(made, delphi=rounds, judgements=matrices)


@given(st.integers(0, 10_000), st.integers(1, 3), st.sampled_from(("是", "否")))
@settings(max_examples=max(1, settings.default.max_examples // 25), deadline=None)
def test_two_equal_tables_give_twice_the_single_result(seed: int, rounds: int, share: str) -> None:
    one = single(seed, rounds)
    expected, told = weigh(one, w.NOWHERE, brief=True)
    both = doubled(replace(one, settings=replace(one.settings, shared_groups=share)))
    assert len(both.asked) == (5 if share == "是" else 8)
    for part in both.slices:
        found, said = weigh(part, w.NOWHERE, brief=True)
        assert found is not None
        assert expected is not None
        assert weights_json(found) == weights_json(expected)
        assert said == told


def test_ratings_of_two_equal_tables_screen_each_as_one() -> None:
    rng = np.random.default_rng(43329)
    codes = [i.code for i in w.system().heads]
    marks = [{c: float(rng.integers(1, 6)) for c in codes} for _ in w.CODES]
    rounds = (DelphiRound(1, tuple(DelphiAnswer(e, (), m) for e, m in zip(w.CODES, marks, strict=True))),)
    one = replace(w.inputs(weight_method="专家咨询法"), ratings=rounds)
    expected = weigh(one, w.NOWHERE, brief=True)[0]
    apart = replace(one.settings, shared_groups="否")
    both = replace(one, settings=apart, tables=tuple(IndicatorTable(k, k, one.system) for k in KEYS), ratings=())
    key = {i.code: i.category for i in one.system.heads}
    twice = tuple({f"{t}·{key[c]}·{c}": v for t in KEYS for c, v in m.items()} for m in marks)
    rounds = (DelphiRound(1, tuple(DelphiAnswer(e, (), m) for e, m in zip(w.CODES, twice, strict=True))),)
    for part in replace(both, ratings=rounds).slices:
        found = weigh(part, w.NOWHERE, brief=True)[0]
        assert (found is None) == (expected is None)
        assert part.ratings == one.ratings


# --- by mail: three experts, the third for the second table only ------------------------------------------------------
EXPERTS = ("专家01", "专家02", "专家03")
FIRST, SECOND = "一级指标权重", "二级指标权重"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The worked case, its weights left to three experts whom two may suffice for."""
    made = worked(
        tmp_path_factory.mktemp("rounds") / "项目",
        **{"权重方法": "专家咨询法", "停止规则：变异系数": 2, "停止规则：稳定限值": 0.2, "最低参与：配对人数": 2},
    )
    return left_to_experts(made, {code: "乙工序" if code == "专家03" else "" for code in EXPERTS})


def rows_of(path: Path, title: str) -> list[tuple[Any, ...]]:
    """Table, category and item of every line of a questionnaire."""
    sheet = openpyxl.load_workbook(path)[title]
    width = 2 if title == FIRST else 3
    return [tuple(c.value for c in row[:width]) for row in sheet.iter_rows(min_row=5) if row[0].value]


def answer(path: Path, target: Path, points: Any, said: str = "") -> None:
    """Type points into a questionnaire by what one reads there: table, category (blank on the first sheet), items."""
    book = openpyxl.load_workbook(path)
    for title in (FIRST, SECOND):
        if title not in book.sheetnames:
            continue
        sheet = book[title]
        heads = {c.value: c.column for c in sheet[4]}
        groups: dict[tuple[Any, ...], list[int]] = {}
        for row in range(5, sheet.max_row + 1):
            if sheet.cell(row, 1).value:
                category = sheet.cell(row, 2).value if title == SECOND else ""
                groups.setdefault((sheet.cell(row, 1).value, category), []).append(row)
        for (table, category), rows in groups.items():
            for row, value in zip(rows, points(table, category, len(rows)), strict=True):
                assert sheet.cell(row, heads["权重"]).value is None
                sheet.cell(row, heads["权重"]).value = value
            if said:
                sheet.cell(rows[0], heads["意见"]).value = said
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


def falling(shift: float) -> Any:
    """Points that fall from item to item, moved a little by ``shift``."""

    def points(_: str, __: str, n: int) -> list[float]:
        raw = [2 * (n - k) + (shift if k == 0 else 0) for k in range(n)]
        whole = [round(100 * x / sum(raw)) for x in raw]
        return [100 - sum(whole[1:]), *whole[1:]]

    return points


@pytest.fixture(scope="module")
def study(folder: Path) -> dict[int, Written]:
    """Two rounds by mail; in the second the first table is settled and the second is not."""
    sent = {1: write_delphi(load_project(folder), 1, today=date(2026, 1, 1))}
    for k, path in enumerate(sent[1].files):
        answer(path, folder / "德尔菲/第1轮" / path.name, falling(k), "按能耗占比" if k == 2 else "")
    sent[2] = write_delphi(load_project(folder), 2, today=date(2026, 2, 1))

    def moved(table: str, category: str, n: int) -> list[float]:
        return falling(2)(table, category, n)[:: -1 if table == "乙工序" else 1]

    for k, path in enumerate(sent[2].files):
        answer(path, folder / "德尔菲/第2轮" / path.name, moved if k == 2 else falling(k))
    return sent


def errors(findings: Any) -> list[str]:
    return [f.message for f in findings if f.severity == "error"]


@pytest.mark.slow
def test_one_questionnaire_asks_for_all_tables_of_its_expert(study: dict[int, Written]) -> None:
    by_expert = {path.stem: path for path in study[1].files}
    assert not errors(study[1].findings)
    assert rows_of(by_expert["专家01"], FIRST)[0][0] == "甲工序"
    tables = {code: dict.fromkeys(r[:2] for r in rows_of(path, SECOND)) for code, path in by_expert.items()}
    both = "甲工序、乙工序"
    assert list(tables["专家01"]) == [
        (both, "能源消耗"), (both, "清洁生产管理"), ("乙工序", "污染物产生与排放"),
    ]  # fmt: skip
    assert tables["专家03"] == tables["专家01"]  # what tables share is asked of who knows one of them
    assert {r[0] for r in rows_of(by_expert["专家03"], FIRST)} == {"乙工序"}


@pytest.mark.slow
def test_each_table_sees_its_own_round_before(study: dict[int, Written]) -> None:
    book = openpyxl.load_workbook(next(p for p in study[2].files if p.stem == "专家01"))
    sheet = book[SECOND]
    heads = {c.value: c.column for c in sheet[4]}
    own = [sheet.cell(r, heads["上轮本人"]).value for r in (5, 6)]
    assert own == falling(0)("", "", 2)
    said = [c.value for row in book["上轮反馈"].iter_rows() for c in row]
    assert "· 按能耗占比" in said
    assert [c.value for c in book["上轮反馈"][2]][:3] == ["分表", "一级指标", "二级指标"]


@pytest.mark.slow
def test_rounds_are_counted_and_judged_table_by_table(folder: Path, study: dict[int, Written]) -> None:
    found = run_project(folder, until="trial")
    assert not errors(found.findings), errors(found.findings)
    by_table: dict[str, Any] = {key: of.weights for key, of in found.results.tables.items()}
    response = {key: of.delphi.response["2"] for key, of in by_table.items()}
    assert {key: (r.sent, r.valid) for key, r in response.items()} == {"甲工序": (3, 3), "乙工序": (3, 3)}
    first = {key: of.first_level.details.experts_used for key, of in by_table.items()}
    assert {key: list(of) for key, of in first.items()} == {"甲工序": list(EXPERTS[:2]), "乙工序": list(EXPERTS)}
    verdicts = {key: of.delphi.stopping.verdict for key, of in by_table.items()}
    assert {key: v.stop for key, v in verdicts.items()} == {"甲工序": True, "乙工序": False}
    where = found.project.provenance.for_table("乙工序")
    places = {c.file for e in EXPERTS if (c := where.find("delphi", "2", e, FIRST_LEVEL, "能源消耗"))}
    assert places == {f"德尔菲/第2轮/{e}.xlsx" for e in EXPERTS}
    shared = [next(g for g in of.second_level if g.group == "能源消耗").weights for of in by_table.values()]
    assert shared[0] == shared[1]


@pytest.mark.slow
def test_a_table_that_has_stopped_is_not_asked_again(folder: Path, study: dict[int, Written]) -> None:
    project = load_project(folder)
    assert project.inputs is not None
    assert stopped_tables(project.inputs, 3) == ("甲工序",)
    third = write_delphi(project, 3, today=date(2026, 3, 1))
    assert "questionnaires-stopped" in {f.code for f in third.findings}
    path = next(p for p in third.files if p.stem == "专家01")
    assert {r[0] for r in rows_of(path, FIRST)} == {"乙工序"}
    assert {r[:2] for r in rows_of(path, SECOND)} == {("乙工序", "污染物产生与排放")}
    assert stopped_tables(project.inputs, 2) == ()  # a round made again asks what it asked


@pytest.mark.slow
def test_the_record_of_rounds_verifies(folder: Path, study: dict[int, Written], tmp_path: Path) -> None:
    import json

    from drafting.verification import verify

    made = record(run_project(folder, until="trial"))
    (tmp_path / "结果.json").write_text(json.dumps(made, ensure_ascii=False), "utf-8")
    verdict = verify(tmp_path / "结果.json")
    assert not verdict.differences
    said = made["tables"][0]["data"]
    assert said["shared"]["能源消耗"] == list(KEYS)
    assert {e["expert"]: e.get("tables") for e in said["experts"]}["专家03"] == ["乙工序"]


@pytest.mark.slow
def test_the_statement_tells_each_table_its_rounds(folder: Path, study: dict[int, Written]) -> None:
    from drafting.document.statement.composing import compose_statement
    from drafting.render.markdown import render_markdown

    found = run_project(folder, until="trial")
    inputs = found.project.inputs
    assert inputs is not None
    said = Remark("专家03", "德尔菲第1轮", "请附上年度数据，专家01也这样看")
    both = {t: replace(of, weights=weigh(replace(inputs, remarks=(said,)).for_table(t), w.NOWHERE)[0])
            for t, of in found.results.tables.items()}  # fmt: skip
    text = render_markdown(
        compose_statement(replace(inputs, remarks=(said,)), replace(found.results, tables=both), date=date(2026, 3, 1))
    )
    assert text.count("权重确定方法的设置") == 1  # they are those of both tables
    assert text.count("各轮咨询的发放与回收") == 2 + text.count("表“")  # a table each, as its caption
    assert text.count("请附上年度数据，某专家也这样看") == 1  # no code, and what is about both tables once
    assert text.count("按能耗占比") == 4  # on the two groups that both share once, and on two of the second table


def rename(book: Any, old: str, new: str) -> None:
    for title in ("一级指标", "二级指标"):
        for row in book[title].iter_rows():
            for cell in row:
                if cell.value == old:
                    cell.value = new


def rate(path: Path, target: Path, marks: Any) -> None:
    """Type marks into a rating questionnaire, by table and item."""
    book = openpyxl.load_workbook(path)
    sheet = book["重要性评分"]
    heads = {c.value: c.column for c in sheet[4]}
    for row in range(5, sheet.max_row + 1):
        if sheet.cell(row, 1).value:
            value = marks(sheet.cell(row, 1).value, sheet.cell(row, heads["二级指标"]).value)
            sheet.cell(row, heads["重要性"]).value = value
    target.parent.mkdir(parents=True, exist_ok=True)
    book.save(target)


@pytest.mark.slow
def test_ratings_are_mailed_and_come_back_by_table(folder: Path, tmp_path: Path) -> None:
    """With class rows, a category of one, and names that change after the questionnaires went out."""
    import shutil

    from drafting.cli.app import run

    copy = shutil.copytree(folder, tmp_path / "评分")
    for number in (1, 2):
        sent = write_delphi(load_project(copy), number, rating=True, today=date(2026, number, 1))
        assert not errors(sent.findings)
        for k, path in enumerate(sent.files):
            back = copy / f"重要性评分/第{number}轮" / path.name
            rate(path, back, lambda table, _, k=k: 3 + (k if "乙" in table else 1))
    book = openpyxl.load_workbook(copy / "项目.xlsx")
    rename(book, "单位产品取水量", "取水强度")
    rename(book, "污染物产生与排放", "排污")
    book.save(copy / "项目.xlsx")
    project = load_project(copy)
    assert project.inputs is not None
    first, second = project.inputs.slices
    found = {one.table: [dict(a.ratings) for a in one.ratings[1].answers] for one in (first, second)}
    assert found["甲工序"][0] == {"N1": 3, "N2": 3, "S1": 4, "Q1": 3, "Q2": 3}
    assert found["乙工序"][2] == {"N1": 5, "N2": 5, "W1": 5, "W2": 5, "Q1": 5, "Q2": 5}
    renamed = [f.message for f in project.findings if f.code == "items-renamed" and "重要性评分/第2轮" in f.place.file]
    assert any("取水强度" in said for said in renamed)
    assert not [f for f in project.findings if f.severity == "error" and "重要性评分" in f.place.file]
    run(["weights", str(copy), "--json"])
    assert {p.name for p in (copy / "成果").glob("指标筛选*")} == {f"指标筛选（{key}）.xlsx" for key in KEYS}
    screening, _ = screen_candidates(first, w.NOWHERE)
    assert screening is not None
    assert {c.code for c in screening.candidates} == {"N1", "N2", "S1", "Q1", "Q2"}


@pytest.mark.slow
def test_a_renamed_category_keeps_its_points(folder: Path, study: dict[int, Written], tmp_path: Path) -> None:
    import shutil

    copy = shutil.copytree(folder, tmp_path / "改名")
    book = openpyxl.load_workbook(copy / "项目.xlsx")
    rename(book, "污染物产生与排放", "排污")
    book.save(copy / "项目.xlsx")
    project = load_project(copy)
    assert project.inputs is not None
    said = [f for f in project.findings if f.severity == "error" and f.place is not None]
    assert not [f.message for f in said if "德尔菲" in f.place.file]
    last = project.inputs.for_table("乙工序").delphi[-1].answers[0]
    by_group = {a.group: dict(a.weights) for a in last.allocations}
    assert by_group[FIRST_LEVEL].keys() == {"能源消耗", "排污", "清洁生产管理"}
    assert by_group["排污"].keys() == {"W1", "W2"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "codes", "kept"),
    [
        ({"A5": "丙工序", "A6": "丙工序"}, ["delphi-table-unknown"], False),
        ({"A5": None}, ["delphi-table-unknown"], False),
        ({"A5": "甲工序", "A6": "甲工序"}, ["delphi-table-partly"], True),
    ],
)
def test_a_table_that_does_not_fit_is_told_once(
    folder: Path, study: dict[int, Written], tmp_path: Path, cells: dict[str, Any], codes: list[str], kept: bool
) -> None:
    import shutil

    copy = shutil.copytree(folder, tmp_path / "改动")
    path = copy / "德尔菲/第2轮/专家01.xlsx"
    w.edit(path, SECOND, cells)
    project = load_project(copy)
    assert project.inputs is not None
    own = [f for f in project.findings if f.place is not None and f.place.file == "德尔菲/第2轮/专家01.xlsx"]
    assert [f.code for f in own] == codes
    assert own[0].place is not None
    assert own[0].place.cell == "A5"
    answered = {a.group for a in project.inputs.for_table("甲工序").delphi[-1].answers[0].allocations}
    assert ("能源消耗" in answered) is kept
