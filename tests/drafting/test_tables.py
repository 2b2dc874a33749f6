"""Several tables and class rows: read as slices, judged table by table, joined by a named rule."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.document.compose import compose
from drafting.evaluation import evaluate
from drafting.evaluation.draft import draft_of, grade_rule
from drafting.model.terms import GRADES, Grade
from drafting.pipeline.running import run_project
from drafting.project.folder import load_project
from tests.drafting.survey_projects import stored_run
from tests.drafting.tables_projects import case, worked, write_survey, write_tables
from tests.drafting.test_tables_statement import tables

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return worked(tmp_path_factory.mktemp("tables") / "项目")


@pytest.fixture(scope="module")
def run(folder: Path) -> Any:
    return run_project(folder, until="trial")


@pytest.fixture
def changed(folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """A copy of the worked project in which something was changed."""

    def make(change: Callable[[Any], None] | None = None, file: str = "项目.xlsx", **settings: str) -> Path:
        copy = shutil.copytree(folder, tmp_path / "另一份")
        book = openpyxl.load_workbook(copy / file)
        if change is not None:
            change(book)
        for row in book["方法设置"].iter_rows(min_row=2) if settings else ():
            if row[0].value in settings:
                row[1].value = settings[row[0].value]
        book.save(copy / file)
        return copy

    return make


def column(sheet: Any, heading: str) -> int:
    return next(c.column for c in sheet[1] if c.value == heading)


def row_of(sheet: Any, heading: str, value: str) -> int:
    return next(
        c.row
        for c in sheet[column(sheet, heading) and openpyxl.utils.get_column_letter(column(sheet, heading))]
        if c.value == value
    )


def codes(folder: Path) -> set[str]:
    return {f.code for f in run_project(folder, until="trial").findings}


# --- reading ---------------------------------------------------------------------------------------------------------
def test_a_table_is_a_slice_with_its_own_rows(folder: Path) -> None:
    inputs = load_project(folder).inputs
    assert inputs is not None
    expected = case()["expect_reading"]["systems"]
    for table in inputs.tables:
        one = inputs.for_table(table.key)
        assert one.tables == ()
        assert one.table == table.key
        assert one.survey is not None
        assert len(one.system.active) == expected[table.key]["printed_rows"]
        assert [i.code for i in one.system.heads] == expected[table.key]["indicators"]
    first, second = inputs.slices
    n1, n2 = first.system.classes_of("N1")
    assert (n1.class_name, n2.class_name) == ("开采深度≤250m", "开采深度>250m")
    assert n1.weight == n2.weight
    assert n1.weight is not None
    assert n1.weight.pool == "N1"
    assert n1.marks == n2.marks == ("①",)
    assert second.system.indicator("N1").baselines[Grade.I].text == "≤20"
    assert first.system.indicator("S1").baselines[Grade.III].text == "≤0.40"
    assert Grade.III in first.system.indicator("S1").merged
    assert [i.code for i in inputs.system.indicators] == ["N1", "N2", "S1", "Q1", "Q2", "W1", "W2"]
    assert {n.text for n in second.system.notes} == {"综合能耗按当量值计算。"}
    assert len(first.system.notes) == 2


def test_places_are_those_of_the_table(folder: Path) -> None:
    where = load_project(folder).provenance
    upper, lower = (where.for_table(key).find("indicator", "N2", "权重") for key in ("甲工序", "乙工序"))
    assert upper is not None
    assert lower is not None
    assert upper != lower
    assert where.for_table("乙工序").find("survey", "N1", "1") == replace(
        upper, file="调研数据.xlsx", sheet="乙工序", cell="C3"
    )


# --- the worked case -------------------------------------------------------------------------------------------------
def grade_word(one: Any) -> str | None:
    return None if one.grade is None else one.grade.value


def test_each_table_gives_the_verdicts_worked_by_hand(run: Any) -> None:
    hand = case()["by_hand"]
    found = {(key, e.enterprise): e for key, of in run.results.tables.items() for e in of.trial.enterprises}
    for who, key in (("E1", "甲工序"), ("E1", "乙工序"), ("E2", "甲工序"), ("E4", "甲工序"), ("E4", "乙工序")):
        told, one = hand[who][key], found[key, who]
        assert grade_word(one) == told["grade"]
        for grade in GRADES:
            if f"Y_{grade.value}" in told:
                assert one.y[grade] == Fraction(told[f"Y_{grade.value}"].rpartition("=")[2].strip()), (who, key, grade)


@pytest.mark.parametrize("rule", ["按产量", "均分", "全部达到", "唯一"])
def test_two_classes_of_one_enterprise(rule: str, changed: Callable[..., Path]) -> None:
    found = run_project(changed(类别计分=rule), until="trial")
    trial = found.results.tables["甲工序"].trial
    assert trial is not None
    one = next((e for e in trial.enterprises if e.enterprise == "E3"), None)
    told = case()["by_hand"]["E3"]["甲工序"][f"class_rule_{rule}"]
    if rule == "唯一":
        assert one is None
        assert [f.place.cell for f in found.findings if f.code == "trial-two-classes"] == ["A4"]
        return
    assert one is not None
    assert one.y[Grade.I] == int(told["Y_I"].rpartition("=")[2])
    assert grade_word(one) == told["grade"]


@pytest.mark.parametrize("rule", ["取最低", "按产量加权", "固定系数", "主要产品", "分别评定"])
def test_one_enterprise_under_two_tables(rule: str, changed: Callable[..., Path]) -> None:
    results = run_project(changed(多表评定=rule), until="trial").results
    if rule == "分别评定":
        assert results.combined is None
        return
    assert results.combined is not None
    found = {e.enterprise: e for e in results.combined.enterprises}
    for who in ("E1", "E4"):
        told = case()["by_hand"][who]["combined"][rule]
        assert grade_word(found[who]) == (told["grade"] if isinstance(told, dict) else told)
        if isinstance(told, dict) and "Y_I" in told:
            assert str(found[who].y[Grade.I]) == told["Y_I"].rpartition("=")[2].strip()
    assert grade_word(found["E2"]) == "II"
    counts = dict(results.combined.distribution)
    assert {k: counts[k] for k in ("I", "II", "III", "none")} == case()["expect_distribution"][rule]


def test_the_joined_index_is_that_of_the_stacked_system(folder: Path, run: Any) -> None:
    """E1 and E4 by Appendix D on one system whose first-level weights are q_t·ω_i."""
    inputs = run.project.inputs
    drafts = {}
    for one in inputs.slices:
        results = run.results.tables[one.table]
        drafts[one.table], _ = draft_of(one, results.weights, results.baselines)
    joined = {e.enterprise: e for e in run.results.combined.enterprises}
    for who, shares in (("E1", (3, 7)), ("E4", (7, 3))):
        reached, weights, groups, first, limiting, applies = [], [], [], [], [], []
        for (key, draft), share in zip(drafts.items(), shares, strict=True):
            trial = run.results.tables[key].trial
            row = [e.enterprise for e in trial.enterprises].index(who)
            marks = trial.details.listed.reached.enterprises[row]
            reached += [[m == "1", m in "12", m in "123"] for m in marks]
            applies += [m in "0123" for m in marks]
            weights += [str(w.amount) for w in draft.weights]
            groups += [g + len(first) for g in draft.groups]
            limiting += draft.limiting.tolist()
            first += [Fraction(share, 10) * w.amount for w in draft.category_weights]
        keep = [j for j, a in enumerate(applies) if a]
        stacked = evaluate(
            [[reached[j] for j in keep]], [weights[j] for j in keep], groups=[groups[j] for j in keep],
            category_weights=first, limiting=[limiting[j] for j in keep], rule=grade_rule(""),
        )  # fmt: skip
        for g, grade in enumerate(GRADES):
            assert joined[who].y[grade] == stacked.index(0, g)
        assert grade_word(joined[who]) == stacked.grade(0)


# --- surveys ---------------------------------------------------------------------------------------------------------
def test_a_text_file_with_a_column_for_the_tables(folder: Path, run: Any, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "文本")
    (copy / "调研数据.xlsx").unlink()
    rows = [{**r, "分表": key} for key in ("甲工序", "乙工序") for r in case()["survey"][key]]
    heads = list(dict.fromkeys(h for r in rows for h in r))
    lines = [",".join(heads), *(",".join(str(r.get(h, "")) for h in heads) for r in rows)]
    (copy / "调研数据.csv").write_text("\n".join(lines), "utf-8")
    found = run_project(copy, until="trial").results
    assert found.combined is not None
    assert found.combined.enterprises == run.results.combined.enterprises


def test_headings_of_class_rows_may_state_the_unit(folder: Path, run: Any, tmp_path: Path) -> None:
    """In a text file with a column for the tables, and where there is one table: no such heading had been read."""
    copy = shutil.copytree(folder, tmp_path / "标题写单位")
    (copy / "调研数据.xlsx").unlink()
    rows = [
        {"分表": key, **{"单位产品综合能耗（kgce/t）" if h == "N1" else h: v for h, v in row.items()}}
        for key in ("甲工序", "乙工序")
        for row in case()["survey"][key]
    ]
    heads = list(dict.fromkeys(h for row in rows for h in row))

    def write(taken: list[dict[str, Any]]) -> None:
        lines = [",".join(heads), *(",".join(str(row.get(h, "")) for h in heads) for row in taken)]
        (copy / "调研数据.csv").write_text("\n".join(lines), "utf-8")

    write(rows)
    assert run_project(copy, until="trial").results.combined.enterprises == run.results.combined.enterprises
    only_first(copy)
    heads.remove("分表")
    write([row for row in rows if row["分表"] == "甲工序"])
    trial = run_project(copy, until="trial").results.trial
    assert trial is not None
    assert trial.enterprises == run.results.tables["甲工序"].trial.enterprises


def without_second(book: Any) -> Iterator[tuple[Any, int]]:
    """Delete the rows of the second table; gives the sheets and their column 分表."""
    for title in ("一级指标", "二级指标"):
        rows = book[title]
        at = column(rows, "分表")
        for number in range(rows.max_row, 1, -1):
            if rows.cell(number, at).value == "乙工序":
                rows.delete_rows(number)
        yield rows, at


def only_first(folder: Path) -> None:
    """Leave one table in a copy of the worked project, with its class rows, and nothing that tells of others."""
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    for rows, at in without_second(book):
        rows.delete_cols(at)
        for merged in list(rows.merged_cells.ranges):  # openpyxl leaves them where they were
            merged.shift(col_shift=-1)
    del book["分表"]
    book["表注"].delete_cols(column(book["表注"], "分表"))
    book.save(folder / "项目.xlsx")


def test_an_answer_about_the_plant_may_stand_in_one_table(folder: Path, run: Any, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "一处")
    survey = case()["survey"]
    told = {key: [dict(r) for r in survey[key]] for key in ("甲工序", "乙工序")}
    del told["乙工序"][0]["Q1"]
    write_survey(copy / "调研数据.xlsx", told)
    found = run_project(copy, until="trial").results
    assert found.combined is not None
    assert found.combined.enterprises == run.results.combined.enterprises
    told["乙工序"][0]["Q1"] = "Ⅱ级"
    write_survey(copy / "调研数据.xlsx", told)
    assert [f.place.cell for f in load_project(copy).findings if f.code == "survey-tables-differ"] == ["H2"]


# --- bad input -------------------------------------------------------------------------------------------------------
def put(sheet: str, row: int, heading: str, value: object) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        book[sheet].cell(row, column(book[sheet], heading)).value = value

    return change


def test_one_unit_of_output_may_be_written_in_two_ways(changed: Callable[..., Path], run: Any) -> None:
    found = run_project(changed(put("分表", 3, "产量单位", "万吨")), until="trial")
    assert "combined-output-units" not in {f.code for f in found.findings}
    assert found.results.combined is not None
    assert found.results.combined.enterprises == run.results.combined.enterprises


def drop_setting(book: Any) -> None:
    rows = book["方法设置"]
    rows.delete_rows(row_of(rows, "项目", "多表评定"))


WRONG: tuple[dict[str, Callable[[Any], None]], ...] = (
    {
        "shared-differs": put("二级指标", 6, "单位", "MJ/t"),
        "shared-text-differs": put("二级指标", 6, "指标解释", "另一种说法。"),
        "shared-name-differs": put("二级指标", 7, "二级指标", "另一个名称"),
        "class-weights-differ": put("二级指标", 3, "权重", 0.5),
        "class-rows-differ": put("二级指标", 3, "限定性", "否"),
        "table-unknown": put("二级指标", 8, "分表", "丙工序"),
        "indicator-in-no-table": put("二级指标", 8, "分表", "丙工序"),
        "mark-without-note": put("表注", 2, "标记", "②"),
        "combination-missing": drop_setting,
    },
    {"table-twice": put("分表", 3, "代号", "甲工序"), "class-twice": put("二级指标", 3, "类别", "开采深度≤250m")},
    {"table-key-wrong": put("分表", 3, "代号", "甲、乙"), "class-blank": put("二级指标", 3, "类别", None)},
    {"table-coefficients": put("分表", 3, "系数", 0.4)},
    {
        "combined-output-units": put("分表", 3, "产量单位", "万m²"),
        "project-sheets-hidden": lambda book: setattr(book["表注"], "sheet_state", "hidden"),
    },
)
"""Faults that one workbook may hold at once, by their finding."""


@pytest.mark.parametrize("faults", WRONG, ids=lambda of: "、".join(of))
def test_wrong_input_is_named(faults: dict[str, Callable[[Any], None]], changed: Callable[..., Path]) -> None:
    def change(book: Any) -> None:
        for fault in faults.values():
            fault(book)

    rule = {"多表评定": "固定系数"} if "table-coefficients" in faults else {}
    found = run_project(changed(change, **rule), until="trial").findings
    for code in faults:
        places = [f.place for f in found if f.code == code]
        assert places, code
        assert all(p.cell or p.sheet for p in places)


WRONG_SURVEY: tuple[dict[str, Callable[[Any], None]], ...] = (
    {
        "survey-class-missing": put("甲工序", 2, "类别", None),
        "survey-class-unknown": put("甲工序", 3, "类别", "露天"),
        "survey-answers-differ": put("甲工序", 5, "N2", 60),
        "survey-output-wrong": put("甲工序", 2, "产量", "三十"),
        "combined-output-missing": put("甲工序", 2, "产量", "三十"),
        "trial-class-outputs": put("甲工序", 4, "产量", None),
    },
    {"survey-class-twice": put("甲工序", 5, "类别", "开采深度≤250m")},
    {"survey-output-unit": put("甲工序", 1, "产量", "产量（m³）"), "survey-output-zero": put("乙工序", 2, "产量", 0)},
    {"survey-table-missing": lambda book: book.remove(book["乙工序"])},
    {
        "survey-sheet-no-table": lambda book: added(book, "丙工序"),
        "survey-sheet-not-read": lambda book: added(book, "旧数据", state="hidden"),
        "sheets-not-read": lambda book: book.create_sheet("记事").append(["数据来自统计局"]),
        "sheet-hidden-read": lambda book: setattr(book["乙工序"], "sheet_state", "hidden"),
    },
)
"""The same for surveys."""


def added(book: Any, title: str, *, state: str = "visible") -> None:
    copy = book.copy_worksheet(book["乙工序"])
    copy.title, copy.sheet_state = title, state


@pytest.mark.parametrize("faults", WRONG_SURVEY, ids=lambda of: "、".join(of))
def test_wrong_answers_are_named(faults: dict[str, Callable[[Any], None]], changed: Callable[..., Path]) -> None:
    def change(book: Any) -> None:
        for fault in faults.values():
            fault(book)

    found = run_project(changed(change, "调研数据.xlsx"), until="trial").findings
    assert faults.keys() <= {f.code for f in found}
    # a table that nobody knows is an error, by the name of its sheet as by the column 分表 of a text file
    assert {f.severity for f in found if f.code == "survey-sheet-no-table"} <= {"error"}


def test_a_written_project_reads_as_it_was(folder: Path, tmp_path: Path) -> None:
    from drafting.workbook.project.blank import write_project

    inputs = load_project(folder).inputs
    assert inputs is not None
    write_project(tmp_path / "项目.xlsx", inputs)
    again = load_project(tmp_path).inputs
    assert again is not None
    assert again.settings == inputs.settings
    for one, other in zip(again.slices, inputs.slices, strict=True):
        assert [i.code for i in one.system.active] == [i.code for i in other.system.active]
        assert one.system.categories == other.system.categories
        assert [i.class_name for i in one.system.active] == [i.class_name for i in other.system.active]
        texts = [[i.baselines[g].text for g in GRADES if g in i.baselines] for i in one.system.active]
        assert texts == [[i.baselines[g].text for g in GRADES if g in i.baselines] for i in other.system.active]


def test_the_library_gives_each_table_as_a_project(folder: Path) -> None:
    from drafting import Project

    project = Project.load(folder)
    assert list(project.tables) == ["甲工序", "乙工序"]
    assert project.tables["甲工序"].trial().to_frame().loc["E1", "Y_I"] == 80
    assert str(project.combined().to_frame().loc["E1", "Y_I"]) == "85.6"


def test_other_enterprises_are_evaluated_as_the_surveyed_ones(folder: Path, run: Any, tmp_path: Path) -> None:
    from drafting.pipeline.tables import evaluate_tables

    file = shutil.copy(folder / "调研数据.xlsx", tmp_path / "待评企业.xlsx")
    found = evaluate_tables(run, file)
    assert not found.findings
    assert found.joined is not None
    assert found.joined.enterprises == run.results.combined.enterprises
    assert {k: t.enterprises for k, t in found.trials.items()} == {
        k: of.trial.enterprises for k, of in run.results.tables.items()
    }


def test_what_does_not_know_class_rows_yet_says_so(folder: Path) -> None:
    found = stored_run(folder)
    assert "classes-not-here" in {f.code for f in found.findings}
    assert all(table.survey is None for table in found.project.inputs.tables)


def test_a_survey_on_disk_gives_each_table_what_memory_gives(tmp_path: Path) -> None:
    """Baselines, verdicts and the joint ones, with rows of nobody's table, repeated and left-out enterprises."""
    rows = [
        {"一级指标": "能源消耗", "代码": "X", "二级指标": "综合能耗", "单位": "kgce/t", "方向": "越小越好", "权重": 1},
        {"一级指标": "水资源消耗", "代码": "W", "二级指标": "取水量", "单位": "m³/t", "方向": "越小越好", "权重": 1},
        {"分表": "乙", "一级指标": "水资源消耗", "代码": "V", "二级指标": "回用率", "单位": "%", "方向": "越大越好",
         "权重": 1},
    ]  # fmt: skip
    rows[1]["分表"] = "甲"
    folder = write_tables(
        tmp_path / "项目", tables=[{"代号": k, "表题": k, "产量单位": "万t"} for k in ("甲", "乙")],
        categories=[{"一级指标": c, "采用": "是", "权重": 0.5} for c in ("能源消耗", "水资源消耗")], indicators=rows,
        settings={"多表评定": "按产量加权"},
    )  # fmt: skip
    draw = random.Random(5)
    lines = ["企业,分表,产量,X,W,V"]
    for n in range(60):
        key = "甲乙"[n % 2]
        own = (f"{draw.uniform(1, 9):.2f}", "") if key == "甲" else ("", f"{draw.uniform(50, 99):.1f}")
        lines.append(
            f"企业{n // 2 if n < 30 else n},{key},{draw.randint(1, 40)},{draw.uniform(10, 90):.1f},{','.join(own)}"
        )
    lines += ["无表,丙,1,5,,", "企业1,甲,3,7,2,", "企业58,甲,1,2,3,77"]
    (folder / "调研数据.csv").write_text("\n".join(lines), "utf-8")
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    left_out = book.create_sheet("剔除")
    for line in (("企业", "指标", "理由"), ("企业5", "X", "停产"), ("企业40", "", "停产")):
        left_out.append(line)
    book.save(folder / "项目.xlsx")
    memory, disk = run_project(folder, until="trial"), stored_run(folder, until="trial")
    assert all(t.survey.stored is not None for t in disk.project.inputs.tables)
    for key, one in memory.results.tables.items():
        other = disk.results.tables[key]
        assert other.baselines == one.baselines
        assert list(other.trial.enterprises) == list(one.trial.enterprises)
    assert memory.results.combined is not None
    assert list(disk.results.combined.enterprises) == list(memory.results.combined.enterprises)

    def told(run: Any) -> set[tuple[str, str, str]]:
        return {(f.code, f.place.cell if f.place else "", f.message) for f in run.findings}

    assert told(disk) == told(memory)
    assert {"survey-table-unknown", "survey-other-table", "survey-enterprise-twice"} <= {f.code for f in disk.findings}


def test_groups_of_enterprises_have_baselines_in_each_table(tmp_path: Path) -> None:
    """分组基准 beside 分表: best values by hand (k = 1 of three for Ⅰ级), printed by table and group."""
    row = {"一级指标": "能源消耗", "代码": "X", "二级指标": "综合能耗", "单位": "kgce/t", "方向": "越小越好", "权重": 1}
    values = {"甲": {"大型": (1, 2, 3), "小型": (5, 6, 7)}, "乙": {"大型": (11, 12, 13), "小型": (15, 16, 17)}}
    survey = {
        key: [
            {"企业": f"{key}{group}{n}", "分组": group, "X": v}
            for group, of in groups.items()
            for n, v in enumerate(of)
        ]
        for key, groups in values.items()
    }
    folder = write_tables(
        tmp_path / "项目", tables=[{"代号": key, "表题": key} for key in values],
        categories=[{"一级指标": "能源消耗", "采用": "是", "权重": 1}], indicators=[row],
        settings={"多表评定": "分别评定", "分组基准": "是"}, survey=survey,
    )  # fmt: skip
    found = run_project(folder, until="trial")
    assert not [f.message for f in found.findings if f.severity == "error"]
    best = {
        (key, one.stratum): one.by_grade[Grade.I].bound.text
        for key, of in found.results.tables.items() for one in of.baselines.strata
    }  # fmt: skip
    assert best == {("甲", "大型"): "≤1", ("甲", "小型"): "≤5", ("乙", "大型"): "≤11", ("乙", "小型"): "≤15"}
    for key, of in found.results.tables.items():
        grades = {e.enterprise: e.grade for e in of.trial.enterprises}
        assert grades[f"{key}大型0"] == grades[f"{key}小型0"] == Grade.I  # by its own group's baselines
    printed = tables(compose(found.project.inputs, found.results))
    captions = [t.caption for name, t in printed.items() if name.startswith("table:stratum")]
    assert captions == [f"{group}企业的指标基准值（{key}）" for key in values for group in ("大型", "小型")]
