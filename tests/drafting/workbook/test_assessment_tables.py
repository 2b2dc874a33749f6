"""One self-assessment workbook for several tables: computed by LibreOffice and read back, against the worked case."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.evaluation.reasons import show
from drafting.model.terms import GRADES
from drafting.pipeline.running import run_project
from drafting.pipeline.tables import drafts_of, evaluate_tables
from drafting.project.table_forms import table_forms
from drafting.publishing.outputs import assessment_of
from drafting.workbook.assessment.calculation import elsewhere
from drafting.workbook.assessment.combination import FRONT, RULES
from drafting.workbook.assessment.table_layouts import table_layouts
from drafting.workbook.style import save
from tests.drafting.tables_projects import case, worked
from tests.drafting.workbook import assessment_cases as cases
from tests.drafting.workbook.test_assessment import Computed

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
needs_office = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
KEYS = ("甲工序", "乙工序")
WHO = ("E1", "E2", "E3", "E4")


class Forms:
    """The workbook of the worked case under one rule, and copies of it filled in by hand."""

    def __init__(self, folder: Path, rule: str, scoring: str) -> None:
        self.folder = folder
        self.run = run_project(worked(folder / "项目", 多表评定=rule, 类别计分=scoring), until="trial")
        inputs = self.run.project.inputs
        assert inputs is not None
        tables = table_forms(inputs, drafts_of(inputs, self.run.results.tables))
        self.layouts = dict(zip(KEYS, table_layouts(tables, scoring), strict=True))
        book = assessment_of(self.run)
        assert book is not None
        self.titles = book.sheetnames
        self.template = folder / "模板.xlsx"
        save(book, self.template, title="自评表")

    def fill(self, place: Path, who: str, *changes: tuple[str, str, Any], name: str = "") -> Path:
        """Fill in one enterprise of the survey; an answer about the whole plant once. Changes: sheet, cell, value."""
        cells: dict[tuple[str, str], Any] = {(FRONT, "C3"): who, (FRONT, "C4"): "否"}
        told: set[str] = set()
        for n, key in enumerate(KEYS):
            rows = [r for r in case()["survey"][key] if r["企业"] == who]
            if rows:
                cells |= {(FRONT, f"E{9 + n}"): "是", (FRONT, f"F{9 + n}"): sum(float(r["产量"]) for r in rows)}
            layout = self.layouts[key]
            for row in rows:
                for j, indicator in enumerate(layout.draft.indicators):
                    own = not indicator.of or indicator.class_name == row["类别"]
                    code = indicator.of or indicator.code
                    if own and code in row and not (indicator.qualitative and code in told):
                        cells[layout.names.form, layout.value(j)] = row[code]
                        told |= {code} if indicator.qualitative else set()
                if len(rows) > 1 and layout.class_cells():
                    cells[layout.names.form, layout.class_cells()[row["类别"]]] = float(row["产量"])
        cells |= {(title, cell): value for title, cell, value in changes}
        by_number: dict[int, dict[str, Any]] = {}
        for (title, cell), value in cells.items():
            by_number.setdefault(self.titles.index(title) + 1, {})[cell] = value
        place.mkdir(exist_ok=True)
        cases.fill_sheets(self.template, target := place / f"{name or who}.xlsx", by_number)
        return target


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Forms:
    made = Forms(tmp_path_factory.mktemp("forms"), "按产量加权", "按产量")
    for who in WHO:
        made.fill(made.folder / "填报", who)
    for code, changes in MISTAKES.items():
        made.fill(
            made.folder / "有误", "E1", *changes, *(() if code in NAMELESS else ((FRONT, "C3", code),)), name=code
        )
    return made


def test_the_first_sheet_chooses_the_tables(forms: Forms) -> None:
    assert forms.titles[:3] == [FRONT, *KEYS]
    front = openpyxl.load_workbook(forms.template)[FRONT]
    assert [front[f"B{r}"].value for r in (9, 10, 11)] == [*KEYS, None]
    assert front["G9"].value == "万t"
    assert not front["E9"].protection.locked
    assert front["H9"].protection.locked


def test_formulas_stay_short_where_many_tables_ask_the_same(forms: Forms) -> None:
    """A spreadsheet holds 8,192 characters: the other tables' answers stand in a formula once each."""
    table = table_forms(forms.run.project.inputs, drafts_of(forms.run.project.inputs, forms.run.results.tables))[0]
    layouts = table_layouts([replace(table, key=f"第{n}表") for n in range(20)], "按产量")
    shared = list(layouts[19].twins)
    assert len(shared) == 2
    assert 1000 < len(elsewhere(layouts[19], shared[0])) < 4000


def test_filled_forms_give_what_the_survey_gives(forms: Forms) -> None:
    found = evaluate_tables(forms.run, forms.folder / "填报")
    assert not found.findings
    assert found.joined is not None
    assert found.joined.enterprises == forms.run.results.combined.enterprises
    for key, trial in found.trials.items():
        assert trial.enterprises == forms.run.results.tables[key].trial.enterprises


def test_one_form_is_read_by_itself(forms: Forms) -> None:
    found = evaluate_tables(forms.run, forms.folder / "填报" / "E2.xlsx")
    assert not found.findings
    assert found.joined is not None
    assert [e.enterprise for e in found.joined.enterprises] == ["E2"]
    assert list(found.trials) == ["甲工序"]


MISTAKES: Mapping[str, tuple[tuple[str, str, Any], ...]] = {
    "assessment-none-chosen": ((FRONT, "E9", None), (FRONT, "E10", None)),
    "assessment-choice": ((FRONT, "E10", "有"),),
    "assessment-not-chosen": ((FRONT, "E10", "否"),),
    "survey-output-wrong": ((FRONT, "F10", "三十"),),
    "combined-output-missing": ((FRONT, "F10", None),),
    "survey-tables-differ": (("乙工序", "J13", "Ⅱ级"),),
    "survey-not-a-number": (("乙工序", "J10", "很少"),),
    "assessment-other-draft": ((FRONT, "B10", "丙工序"),),
    "assessment-no-name": ((FRONT, "C3", None),),
    "assessment-other-rules": ((FRONT, "C6", RULES["取最低"]), (FRONT, "F9", "—"), (FRONT, "F10", "—")),
    "trial-class-outputs": (("甲工序", "J9", 125),),
}
CELLS = {
    "assessment-none-chosen": "选表!E9", "assessment-choice": "选表!E10", "assessment-not-chosen": "选表!E10",
    "survey-output-wrong": "选表!F10", "combined-output-missing": "选表!F10", "survey-tables-differ": "乙工序!J13",
    "survey-not-a-number": "乙工序!J10", "assessment-other-draft": "选表!B10", "assessment-no-name": "选表!C3",
    "trial-class-outputs": "选表!C3", "assessment-other-rules": "选表!C6",
}  # fmt: skip


NAMELESS = ("assessment-no-name",)


def test_mistakes_are_answered_by_cell(forms: Forms) -> None:
    """A folder of forms, each with one mistake: each answered in its own file and cell, and the others are judged."""
    found = evaluate_tables(forms.run, forms.folder / "有误")
    for code, cell in CELLS.items():
        places = [(f.place.file, f"{f.place.sheet}!{f.place.cell}") for f in found.findings if f.code == code]
        assert (f"{code}.xlsx", cell) in places, code
    dashes = [f.code for f in found.findings if f.place.file == "assessment-other-rules.xlsx"]
    assert "survey-output-wrong" not in dashes  # the form did not ask for outputs
    assert found.joined is not None
    assert {e.enterprise for e in found.joined.enterprises} >= {"assessment-no-name", "assessment-not-chosen"}


# --- computed ---------------------------------------------------------------------------------------------------------
COMPUTED: dict[tuple[str, str], tuple[str, ...]] = {
    ("按产量加权", "按产量"): WHO,
    **{("按产量加权", score): ("E3",) for score in ("均分", "全部达到", "唯一")},  # E3 has two classes
    **{(rule, "按产量"): ("E1", "E2", "E4") for rule in ("取最低", "固定系数", "主要产品", "分别评定")},
}


@needs_office
@pytest.mark.slow
def test_every_rule_is_computed_as_the_engine_does(tmp_path: Path) -> None:
    """The workbook recalculated by LibreOffice: grade, indices and reasons, joined and by table."""
    made = {}
    files: list[Path] = []
    for (rule, score), asked in COMPUTED.items():
        folder = tmp_path / f"{rule}-{score}"
        folder.mkdir()
        made[rule, score] = one = Forms(folder, rule, score)
        files += [one.fill(folder, who, name=f"{rule}-{score}-{who}") for who in asked]
    computed = dict(zip([f.stem for f in files], cases.recalculate(files, tmp_path), strict=True))
    words = {None: "未达Ⅲ级", "I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级"}
    for (rule, score), one in made.items():
        results = one.run.results
        joined = {e.enterprise: e for e in results.combined.enterprises} if results.combined else {}
        for who in COMPUTED[rule, score]:
            book = Computed(computed[f"{rule}-{score}-{who}"])
            for n, key in enumerate(KEYS):
                trial = {e.enterprise: e for e in results.tables[key].trial.enterprises}
                shown = [book.at(FRONT, f"{c}{9 + n}") for c in "IJKL"]
                if who in trial:
                    told = trial[who]
                    assert shown == [words[told.grade and told.grade.value], *(show_of(told.y[g]) for g in GRADES)]
            if rule == "分别评定":
                assert book.at(FRONT, "C5") == "各表分别评定"
                continue
            if who not in joined:
                assert book.at(FRONT, "C5") == "不能评定"
                continue
            told = joined[who]
            assert book.at(FRONT, "C5") == words[told.grade and told.grade.value], (rule, who)
            assert [book.at(FRONT, f"{c}5") for c in "HJL"] == [show_of(told.y[g]) for g in GRADES], (rule, who)
            reasons = [r[1] for r in book.rows(FRONT)[12:] if len(r) > 1 and r[1]]
            assert reasons == list(told.reasons), (rule, who)


OUTPUTS: tuple[tuple[Any, Any], ...] = (
    (37.5, 62.5), (37.5001, 62.5), (37.4999, 62.5), ("37.5万t", "６２．５"), ("3,750", "6,250"), (123456.7, 198765.43),
    (1, 3), (2, 7), ("1/3", 2), (-1, 2), (0, 0), (12345678901, 1),
)  # fmt: skip
"""Outputs of E1, whose indices are 80 and 88: at three to five parts its joint index is 85."""


@needs_office
@pytest.mark.slow
def test_outputs_are_read_and_weighed_exactly(forms: Forms, tmp_path: Path) -> None:
    """At 85, a little above and below it, as text with units and commas, no number, too long: as evaluate says."""
    files = []
    for n, (one, other) in enumerate(OUTPUTS):
        changes = ((FRONT, "F9", one), (FRONT, "F10", other), (FRONT, "C3", f"E{n:02}"))
        files.append(forms.fill(tmp_path / "填报", "E1", *changes, name=f"{n:02}"))
    found = evaluate_tables(forms.run, tmp_path / "填报")
    assert found.joined is not None
    joined = {e.enterprise: e for e in found.joined.enterprises}
    words = {None: "未达Ⅲ级", "I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级"}
    for n, path in enumerate(cases.recalculate(files, tmp_path)):
        book, told = Computed(path), joined.get(f"E{n:02}")
        if told is None or n == len(OUTPUTS) - 1:  # eleven digits: the workbook asks for nine
            assert book.at(FRONT, "C5") == "不能评定", n
            continue
        assert book.at(FRONT, "C5") == words[told.grade and told.grade.value], n
        assert book.at(FRONT, "H5") == show_of(told.y[GRADES[0]]), n
    assert [joined[f"E{n:02}"].grade.value for n in range(5)] == ["I", "II", "I", "I", "I"]
    assert set(joined) == {f"E{n:02}" for n in (*range(8), 11)}


def show_of(value: Any) -> str:
    from fractions import Fraction

    return show(Fraction(value))
