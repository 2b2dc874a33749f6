"""Class rows (类别) whose indicator shares a weight 0.8/n with others: by hand, and the workbook as the engine."""

from __future__ import annotations

import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from drafting.analysis.trial.judging import judge_survey
from drafting.evaluation.draft import Draft, draft_of
from drafting.model.system import Indicator
from drafting.notation.weights import parse_weight
from drafting.workbook.assessment.index import NOT_JUDGED
from drafting.workbook.assessment.layout import CHOICES_CELL, ENTERPRISE_CELL, VIOLATION_CELL, Layout
from drafting.workbook.assessment.reading import read_forms
from drafting.workbook.assessment.writing import assessment_workbook
from drafting.workbook.report import Report
from drafting.workbook.style import save
from tests.drafting.analysis import trial_projects as tp
from tests.drafting.workbook import assessment_cases as cases
from tests.drafting.workbook.test_assessment import Computed, _compare_one

needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
ROWS = ("A·1", "A·2", "B", "C", "D", "W")
ENTERPRISES: tuple[tuple[Any, ...], ...] = (
    (5, 25, 5, 15, 5, 5), (5, 25, "—", 15, 5, 5), (5, "—", 5, 15, 5, 5), ("—", 5, 25, 5, 15, 5), ("—", "—", 5, 5, 5, 5),
    (25, 5, 15, 5, 5, 25), (15, 15, 5, 5, 5, 5), (5, 5, 5, 5, 5, 5),
)  # fmt: skip
OUTPUTS = (30, 70)


def system() -> list[Indicator]:
    """A with the classes 大型 and 小型 shares 0.8/n with B and D; C has 0.2 by itself; W is a group of its own."""
    cells = ("≤10", "≤20", "≤22")
    shared, a = parse_weight("0.8/n"), tp.indicator("A", cells=cells, weight="0.8/n", limiting=True)
    rows = [a.as_class(name, n, shared) for n, name in ((1, "大型"), (2, "小型"))]
    others = [tp.indicator("B", cells=cells, weight="0.8/n"), tp.indicator("C", cells=cells, weight="0.2")]
    return [
        *rows,
        *others,
        tp.indicator("D", cells=cells, weight="0.8/n"),
        tp.indicator("W", "水资源消耗", cells=cells),
    ]


def judged(scoring: str) -> tuple[Draft, Any, Any]:
    answers = {code: [one[j] for one in ENTERPRISES] for j, code in enumerate(ROWS)}
    size = len(ENTERPRISES)
    outputs = {f"A·{n + 1}": (Decimal(o),) * size for n, o in enumerate(OUTPUTS)}
    inputs = tp.project(
        system(), answers, first={"能源消耗": "0.6", "水资源消耗": "0.4"}, settings={"class_score": scoring},
        class_outputs=outputs,
    )  # fmt: skip
    draft, lacking = draft_of(inputs, *tp.runs(inputs))
    assert draft is not None, lacking
    found, _ = judge_survey(inputs, draft, inputs.survey, range(size), tp.NOWHERE)
    return draft, found, found.grade()


FILLED = (0, 1, 3, 4, 6)
"""Those that the workbook is filled in for."""
BY_HAND = {
    # A, B and D divide 0.8: 4/15 each, and 0.4 where B does not apply; a class row of A has a part of that.
    "均分": ("(0.6*(4/15*1/2+4/15+4/15)+0.4)*100", "(0.6*(0.4*1/2+0.4)+0.4)*100", "(0.6*(4/15*3)+0.4)*100"),
    "按产量": ("(0.6*(4/15*0.3+4/15+4/15)+0.4)*100", "(0.6*(0.4*0.3+0.4)+0.4)*100", "(0.6*(4/15*3)+0.4)*100"),
    "全部达到": ("(0.6*(4/15+4/15)+0.4)*100", "(0.6*0.4+0.4)*100", "(0.6*(4/15*3)+0.4)*100"),
}


@pytest.mark.parametrize("scoring", BY_HAND)
def test_a_share_counts_an_indicator_once_however_many_classes_apply(scoring: str) -> None:
    _, _, result = judged(scoring)
    expected = [eval(formula, {"__builtins__": {}}) for formula in BY_HAND[scoring]]
    assert [float(result.index(n, 0)) for n in range(3)] == pytest.approx(expected, rel=1e-12)


@needs_office
@pytest.mark.slow
def test_the_workbook_counts_class_rows_as_the_engine(tmp_path: Path) -> None:
    files: list[Path] = []
    found = {scoring: judged(scoring) for scoring in ("均分", "按产量", "全部达到", "唯一")}
    for scoring, (draft, _, _) in found.items():
        layout = Layout(draft, scoring=scoring)
        save(assessment_workbook(draft, title="类别", scoring=scoring), tmp_path / "模板.xlsx", title="类别")
        for n in FILLED:
            one = ENTERPRISES[n]
            cells: dict[str, Any] = {VIOLATION_CELL: "否"}
            for j, value in enumerate(one):  # a class is left blank where it has the other
                if value != "—":
                    cells[layout.value(j)] = value
                elif j > 1 or one[0] == one[1]:
                    cells[layout.mark(j)] = "不适用"
            cells |= dict(zip(layout.class_cells().values(), OUTPUTS, strict=False))
            files.append(tmp_path / f"{scoring}{n:03}.xlsx")
            cases.fill(tmp_path / "模板.xlsx", files[-1], cells)
    books = dict(zip([file.stem for file in files], cases.recalculate(files, tmp_path), strict=True))
    for scoring, (draft, those, result) in found.items():
        places = {int(row): place for place, row in enumerate(those.rows.tolist())}
        for n in FILLED:
            book = Computed(books[f"{scoring}{n:03}"])
            if n in places:
                _compare_one(book, Layout(draft, scoring=scoring), those, result, places[n])
            else:  # 唯一, and two classes
                assert book.at("自评表", "C5") == NOT_JUDGED
        assert len(places) == (3 if scoring == "唯一" else len(ENTERPRISES))


def test_a_form_made_under_other_settings_says_so(tmp_path: Path) -> None:
    """Its weights and baselines are the same: only the line of settings tells such a form from one made now."""
    draft, _, _ = judged("均分")
    filled = {ENTERPRISE_CELL: "甲", **dict.fromkeys((f"J{9 + j}" for j in range(len(ROWS))), 5)}
    save(assessment_workbook(draft, title="类别", scoring="均分"), tmp_path / "模板.xlsx", title="类别")
    cases.fill(tmp_path / "模板.xlsx", tmp_path / "a.xlsx", filled)
    cases.fill(tmp_path / "模板.xlsx", tmp_path / "旧.xlsx", {**filled, CHOICES_CELL: ""})
    others = {
        "类别计分": (draft, "按产量"),
        "比较方法": (replace(draft, rounded=True), "均分"),
        "整类不适用": (replace(draft, renormalise=True), "均分"),
    }
    for what, (now, scoring) in others.items():
        report = Report()
        assert read_forms([tmp_path / "a.xlsx"], now, report, scoring) is not None
        assert [(f.code, f.place.cell) for f in report.findings] == [("assessment-other-rules", CHOICES_CELL)]
        assert what in report.findings[0].message
    for file, scoring in (("a", "均分"), ("旧", "按产量")):  # forms from before the line was written say nothing
        report = Report()
        read_forms([tmp_path / f"{file}.xlsx"], draft, report, scoring)
        assert not report.findings
