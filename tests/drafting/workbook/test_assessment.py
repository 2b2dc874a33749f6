"""The self-assessment workbook, computed by LibreOffice, against the engine, figure by figure."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from drafting.analysis.trial.judging import judge_survey
from drafting.evaluation import explain
from drafting.evaluation.draft import draft_of
from drafting.evaluation.reasons import show
from drafting.model.bounds import parse_bound
from drafting.model.survey import State, SurveyColumn
from drafting.model.terms import GRADES, Direction
from drafting.workbook.assessment.index import NO_GRADE, NOT_EVALUATED
from drafting.workbook.assessment.layout import COLUMNS, STRATUM_CELL, VIOLATION_CELL, Layout
from drafting.workbook.assessment.result import BONUS_ROW, REASONS_FIRST
from drafting.workbook.assessment.weights import IntegerWeights
from drafting.workbook.assessment.writing import assessment_workbook
from drafting.workbook.style import save
from tests.drafting.analysis import trial_projects as tp
from tests.drafting.analysis.trial_projects import NOWHERE, runs
from tests.drafting.evaluation.improvement import improvements
from tests.drafting.workbook import assessment_cases as cases

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


class Computed:
    """A computed workbook, by sheet and address."""

    def __init__(self, path: Path) -> None:
        book = CalamineWorkbook.from_path(str(path))
        self._sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names
        }

    def at(self, sheet: str, address: str) -> Any:
        plain = address.replace("$", "")
        letters = plain.rstrip("0123456789")
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        rows = self._sheets[sheet]
        row = int(plain[len(letters) :]) - 1
        return rows[row][column - 1] if row < len(rows) and column <= len(rows[row]) else ""

    def rows(self, sheet: str) -> list[list[Any]]:
        return self._sheets[sheet]


def compare(filled: list[cases.Filled], settings: dict[str, Any], folder: Path) -> int:
    """Fill a workbook per enterprise, compute, compare; returns the number of figures compared."""
    indicators = cases.special_indicators()
    inputs = cases.inputs_of(indicators, filled, settings)
    weights, baselines = runs(inputs)
    draft, lacking = draft_of(inputs, weights, baselines)
    assert draft is not None, lacking
    judged, _ = judge_survey(inputs, draft, inputs.survey, range(len(filled)), NOWHERE)
    result = judged.grade()
    layout = Layout(draft)
    template = folder / "模板.xlsx"
    save(assessment_workbook(draft, title="特例行业"), template, title="特例行业")
    raw, parameters = layout.raw_cells(), layout.parameter_cells()
    by_code = {i.code: j for j, i in enumerate(draft.indicators)}
    files = []
    for n, one in enumerate(filled):
        cells: dict[str, cases.Answer] = {VIOLATION_CELL: "是" if one.violation else "否"}
        for code, entry in one.entries.items():
            place = layout.mark(by_code[code]) if entry == "—" else layout.value(by_code[code])
            cells[place] = "不适用" if entry == "—" else entry
        cells |= {raw[name]: value for name, value in one.raw.items()}
        cells |= {parameters[name]: value for name, value in one.parameters.items()}
        files.append(folder / f"企业{n:03}.xlsx")
        cases.fill(template, files[-1], cells)
    figures = 0
    for n, path in enumerate(cases.recalculate(files, folder)):
        figures += _compare_one(Computed(path), layout, judged, result, n)
    return figures


def _compare_one(book: Computed, layout: Layout, judged: Any, result: Any, n: int) -> int:
    figures = 0
    adjusted = result.system_of(n).adjusted(result.applicable[n].tolist())
    for j in range(layout.size):
        row = book.rows("计算")[layout.row(j) - 1]
        got = {name: row[c] if c < len(row) else "" for c, name in enumerate(COLUMNS)}
        assert [got[f"r{g}"] for g in (1, 2, 3)] == result.reached[n, j].tolist(), (n, j, got)
        assert got["applies"] == result.applicable[n, j]
        assert got["missing"] == result.missing[n, j], (n, j, got)
        if result.applicable[n, j]:
            value = judged.values[n, j]
            if not np.isnan(value) and got["number"] != "":
                assert got["number"] == pytest.approx(value, rel=1e-14)
        assert got["adjusted"] == pytest.approx(float(adjusted[j]), rel=1e-12)
        figures += 7
    grade = NOT_EVALUATED if result.excluded[n] else NO_GRADE if result.grade(n) is None else None
    shown = book.at("自评表", "C5")
    assert shown == (grade or f"{'ⅠⅡⅢ'[int(result.grades[n]) - 1]}级"), n
    for g in range(3):
        if not result.excluded[n]:
            exact = result.index(n, g)
            assert book.at("计算", _index_cell(layout, g)) == show(exact), (n, g)
            figures += 1
    words = explain(result.reasons(n), layout.draft.names, layout.draft.categories)
    sheet = book.rows("评价结果")
    listed = [r[1] for r in sheet[REASONS_FIRST - 2 : REASONS_FIRST + 14] if len(r) > 1 and r[1]]
    assert listed[: len(words)] == words, n
    figures += 1 + len(words) + _compare_bonus(book, layout, result, n)
    return figures + _compare_improvements(sheet, layout, result, n)


def _compare_bonus(book: Computed, layout: Layout, result: Any, n: int) -> int:
    if not layout.draft.bonus:
        return 0
    shown = [book.at("评价结果", f"{column}{BONUS_ROW}") for column in "DFH"]
    wanted = [result.bonus(n, g) for g in range(3)]
    if result.excluded[n]:
        assert shown == ["—"] * 3, n
    else:
        assert shown == pytest.approx([round(float(points), 4) for points in wanted], abs=1.1e-4), n
    return 3


def _index_cell(layout: Layout, grade: int) -> str:
    weights = IntegerWeights.of(layout.draft, by_output=layout.by_output)
    return f"D{weights.result_row(layout, weights.option(layout), grade)}"


def _compare_improvements(sheet: list[list[Any]], layout: Layout, result: Any, n: int) -> int:
    start = next(k for k, r in enumerate(sheet) if r and r[0] == "序号") + 1
    rows = [r for r in sheet[start : start + layout.size] if len(r) > 8 and r[1]]
    wanted = improvements(result, n)
    assert [r[1] for r in rows] == [layout.draft.names[one.indicator] for one in wanted], n
    assert [r[5] for r in rows] == [f"{'ⅠⅡⅢ'[one.level]}级" for one in wanted]
    assert [r[7] for r in rows] == ["必须" if one.must else "可选" for one in wanted]
    assert [r[8] for r in rows] == pytest.approx([round(float(one.gain), 4) for one in wanted], abs=1.1e-4)
    return 4 * len(rows)


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "seed", "count"),
    [
        ({}, 1, 250),
        ({"empty_category": "重新归一"}, 2, 150),
        ({"comparison": "修约值"}, 3, 100),
        ({"rules": "2013年试行稿"}, 4, 40),
    ],
)
def test_agrees_with_the_engine_on_five_hundred_enterprises(
    settings: dict[str, Any], seed: int, count: int, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    filled = cases.random_enterprises(rng, cases.special_indicators(), count)
    assert compare(filled, settings, tmp_path) > 100 * count


def test_grades_are_all_met_by_the_random_enterprises() -> None:
    """The comparison is worth something only if every grade, the exclusion and empty categories occur."""
    filled = cases.random_enterprises(np.random.default_rng(1), cases.special_indicators(), 250)
    inputs = cases.inputs_of(cases.special_indicators(), filled, {})
    draft, _ = draft_of(inputs, *runs(inputs))
    assert draft is not None
    result = judge_survey(inputs, draft, inputs.survey, range(len(filled)), NOWHERE)[0].grade()
    assert all(result.distribution()[grade.value] > 3 for grade in GRADES)
    assert result.distribution()["excluded"] > 3
    assert result.decided_by_empty.sum() > 3
    assert any(result.index(n, 0) == 85 for n in range(len(filled)))


def stratum_inputs() -> Any:
    """Two strata of twenty with baselines of their own; one strict limit binds in one stratum only; a bonus group."""
    quality = np.random.default_rng(4).permutation(20)
    answers: dict[str, list[float | str | None]] = {
        "A": [*(10 + quality), *(100 + quality[::-1])],
        "B": [*(50 + quality), *(20.5 + quality)],
        "C": [1, 2, 3, 4] * 10,
        "D": [*(5 + quality), *(quality % 7)],
    }
    answers = {code: [float(v) for v in values if v is not None] for code, values in answers.items()}
    answers["B"][3] = answers["C"][7] = "—"
    answers["B"][5] = None
    indicators = [
        tp.indicator("A", decimals=0, weight="0.6", limiting=True, mandatory_limit=parse_bound("<108")),
        tp.indicator("B", decimals=1, weight="0.4", direction=Direction.LARGER),
        tp.indicator("C", "水资源消耗", cells=("≤2", "≤3", "≤4")),
        tp.indicator("D", "资源综合利用", decimals=0),
    ]
    return tp.project(
        indicators, answers, first={"能源消耗": "0.7", "水资源消耗": "0.3"}, bonus={"资源综合利用": "0.05"},
        strata=("小型",) * 20 + ("大型",) * 20, settings={"by_stratum": "是"},
    )  # fmt: skip


@needs_office
@pytest.mark.slow
def test_baselines_by_stratum_agree_with_the_engine(tmp_path: Path) -> None:
    """Twenty enterprises, ten of each stratum, and one that chose no stratum."""
    inputs = stratum_inputs()
    draft, lacking = draft_of(inputs, *tp.runs(inputs))
    assert draft is not None, lacking
    operators = [draft.strata["A", name].by_grade[GRADES[2]].bound.operator for name in draft.stratum_names]
    assert len(set(operators)) == 2, "the strict limit is to hold in one stratum only"
    rows = [*range(0, 20, 2), *range(20, 40, 2), 4]
    survey = replace(
        inputs.survey,
        strata=tuple("" if n == 20 else inputs.survey.strata[r] for n, r in enumerate(rows)),
        enterprises=tuple(f"企业{n:03}" for n in range(len(rows))),
        violations=inputs.survey.violations[rows],
        columns={
            code: SurveyColumn(code, column.values[rows], column.states[rows])
            for code, column in inputs.survey.columns.items()
        },
    )
    judged, _ = judge_survey(inputs, draft, survey, range(len(rows)), tp.NOWHERE)
    result, layout = judged.grade(), Layout(draft)
    template = tmp_path / "模板.xlsx"
    save(assessment_workbook(draft, title="分组行业"), template, title="分组行业")
    files = []
    for n in range(len(rows)):
        cells: dict[str, cases.Answer] = {VIOLATION_CELL: "否", STRATUM_CELL: survey.strata[n] or None}
        for j, indicator in enumerate(draft.indicators):
            column = survey.columns[indicator.code]
            if column.states[n] == State.NOT_APPLICABLE:
                cells[layout.mark(j)] = "不适用"
            elif column.states[n] == State.VALUE:
                cells[layout.value(j)] = float(column.values[n])
        files.append(tmp_path / f"企业{n:03}.xlsx")
        cases.fill(template, files[-1], cells)
    computed = [Computed(path) for path in cases.recalculate(files, tmp_path)]
    for n, book in enumerate(computed):
        assert _compare_one(book, layout, judged, result, n) > 30
        stratum = survey.strata[n]
        baselines = draft.baselines_in(stratum) if stratum else draft.baselines
        shown = [book.at("自评表", f"{letter}9") for letter in "GHI"]
        assert shown == [baselines[0].by_grade[grade].bound.format() for grade in GRADES], n
    assert "未选分组" in computed[20].at("自评表", "E4")
    assert computed[0].at("自评表", "E4") == ""
