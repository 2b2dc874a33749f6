"""Forms for people: written, filled in, and read back in batches; every mistake named by file and cell."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.desk.forms import Form, forms_of, start_project
from drafting.findings import Finding
from drafting.model.survey import State
from drafting.pipeline.running import build
from drafting.project.folder import Project, load_project
from drafting.publishing.outputs import compose_draft, write_comments
from drafting.workbook.survey.ways import Way
from tests.drafting.survey_projects import write_project, write_xlsx
from tests.drafting.tables_projects import worked

INDICATORS = (
    {"代码": "E1", "二级指标": "能耗", "Ⅰ级基准值": None},
    {"代码": "E2", "二级指标": "回用率", "单位": "%", "方向": "越大越好"},
    {
        "代码": "E3",
        "二级指标": "管理",
        "单位": None,
        "方向": "定性",
        "基准值来源": "定性",
        "Ⅰ级基准值": "有",
        "小数位": None,
    },
)
FILE, SHEET = "企业调查表", "企业调查表"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Form]]:
    """A project without a survey, and its forms by name."""
    folder = write_project(tmp_path_factory.mktemp("forms") / "项目", INDICATORS)
    inputs = load_project(folder).inputs
    assert inputs is not None
    return folder, {form.name: form for form in forms_of(inputs)}


def filled(content: bytes, path: Path, answers: dict[str, Any], changes: dict[str, Any] | None = None) -> Path:
    """Answer a form by the codes in its third column; ``changes`` are cells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    book = openpyxl.load_workbook(path)
    sheet = book[SHEET]
    for row in range(5, sheet.max_row + 1):
        if sheet.cell(row, 3).value in answers:
            sheet.cell(row, 6).value = answers[sheet.cell(row, 3).value]
    for cell, value in (changes or {}).items():
        sheet[cell] = value
    book.save(path)
    return path


def told(project: Project, *codes: str) -> list[tuple[str, str]]:
    return [(f.place.file, f.place.cell) for f in project.findings if f.code in codes]


def texts(found: tuple[Finding, ...]) -> str:
    return "\n".join(f.message for f in found)


def test_a_new_project_has_forms_that_read_back_with_one_thing_to_say(tmp_path: Path) -> None:
    written = start_project(tmp_path / "新")
    assert {p.relative_to(tmp_path / "新").as_posix() for p in written} == {
        "项目.xlsx", "调研数据.xlsx", "成果/表单/调研数据.xlsx", "成果/表单/企业调查表.xlsx",
        "成果/表单/征求意见表.xlsx", "成果/表单/征求意见表.docx",
    }  # fmt: skip
    found = load_project(tmp_path / "新").findings
    own = [(f.code, f.severity.value) for f in found if f.place.file.startswith("调研数据")]
    assert own == [("survey-blank", "note")]
    assert not [f for f in found if f.place.file.startswith("企业调查表")]


def test_the_survey_form_shows_columns_units_and_examples(made: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    (tmp_path / "空.xlsx").write_bytes(made[1]["调研数据.xlsx"].content())
    book = openpyxl.load_workbook(tmp_path / "空.xlsx")
    rows = list(book["调研数据"].iter_rows(max_row=2, values_only=True))
    assert [v for v in rows[0] if v][-3:] == ["能耗", "回用率", "管理"]
    assert rows[1][-3:] == ("kgce/t", "%", None)
    guide = {row[0]: row[1:3] for row in book["填写说明"].iter_rows(values_only=True)}
    assert guide["G 列 能耗"] == ("kgce/t", "12.34"), "two decimals, as the indicator has"
    assert guide["I 列 管理"] == (None, "达到")


def test_a_batch_of_returned_forms_is_the_survey(made: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made[0], tmp_path / "项目"))
    blank = made[1]["企业调查表.xlsx"].content()
    answers: list[dict[str, Any]] = [
        {"企业": "甲厂", "年份": 2024, "重大违法": "否", "E1": 5.5, "E2": "９５", "E3": "达到"},
        {"企业": "乙厂", "E1": "不适用", "E2": 0.25, "E3": "未达到"},
    ]
    for answer in answers:
        filled(blank, folder / FILE / f"{answer['企业']}.xlsx", answer)
    found = load_project(folder)
    assert found.inputs is not None
    survey = found.inputs.survey
    assert survey is not None
    assert set(survey.enterprises) == {"甲厂", "乙厂"}
    one, other = survey.enterprises.index("甲厂"), survey.enterprises.index("乙厂")
    assert (survey.columns["E1"].values[one], survey.columns["E2"].values[one]) == (5.5, 95)
    assert survey.columns["E1"].states[other] == State.NOT_APPLICABLE
    assert [survey.columns["E3"].values[i] for i in (one, other)] == [3, 0]
    place = found.provenance.find("survey", "E2", str(other))
    assert place is not None
    assert (place.file, place.sheet, place.cell) == (f"{FILE}/乙厂.xlsx", SHEET, "F11")
    assert not told(found, "survey-missing", "survey-blank", "survey-empty")
    assert {f"{FILE}/甲厂.xlsx", f"{FILE}/乙厂.xlsx"} <= set(found.files)


def test_forms_stand_behind_the_rows_of_a_survey(made: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made[0], tmp_path / "项目"))
    write_xlsx(folder, [["企业", "E2", "能耗（kgce/t）"], ["丙厂", 80, 7], ["甲厂", 81, 8]])
    filled(made[1]["企业调查表.xlsx"].content(), folder / FILE / "表.xlsx", {"企业": "甲厂", "E1": 5, "E2": "约九成"})
    found = load_project(folder)
    assert found.inputs is not None
    assert found.inputs.survey is not None
    assert found.inputs.survey.enterprises == ("丙厂", "甲厂")
    assert told(found, "survey-enterprise-twice") == [(f"{FILE}/表.xlsx", "F5")]
    assert "首次在 调研数据.xlsx 的 A3" in texts(found.findings)
    assert told(found, "survey-not-a-number") == [(f"{FILE}/表.xlsx", "F11")]
    place = found.provenance.find("survey", "E1", "1")
    assert place is not None
    assert (place.file, place.cell) == ("调研数据.xlsx", "C3")


def test_mistakes_are_named_by_file_and_cell(made: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made[0], tmp_path / "项目"))
    blank = made[1]["企业调查表.xlsx"].content()
    right = {"企业": "甲厂", "E1": 5.5, "E2": 95, "E3": "达到"}
    filled(blank, folder / FILE / "a.xlsx", right)
    filled(blank, folder / FILE / "b.xlsx", right)
    filled(blank, folder / FILE / "c.xlsx", right | {"企业": "丙厂"}, {"E10": "tce/t"})
    filled(blank, folder / FILE / "d.xlsx", right | {"企业": None})
    filled(blank, folder / FILE / "e.xlsx", {})
    filled(blank, folder / FILE / "f.xlsx", right | {"企业": "己厂"}, {"C13": "E9", "D13": "电耗", "F13": 3})
    filled(
        blank, folder / FILE / "g.xlsx", right | {"企业": "庚厂"}, {"C11": "E1", "F10": None}
    )  # a code that moved on
    openpyxl.Workbook().save(folder / FILE / "h.xlsx")
    (folder / FILE / "i.xlsx").write_bytes(b"PK\3\4 no archive")
    (folder / FILE / "j.xls").write_bytes(b"old")
    found = load_project(folder)
    assert found.inputs is not None
    assert found.inputs.survey is not None
    survey = found.inputs.survey
    assert survey.enterprises == ("甲厂", "丙厂", "d", "己厂", "庚厂")
    assert told(found, "survey-enterprise-twice") == [(f"{FILE}/b.xlsx", "F5")]
    assert f"首次在 {FILE}/a.xlsx 的 F5" in texts(found.findings)
    assert told(found, "enterprise-form-unit") == [(f"{FILE}/c.xlsx", "E10")]
    assert survey.columns["E1"].states[1] == State.MISSING
    assert told(found, "enterprise-form-no-name") == [(f"{FILE}/d.xlsx", "F5")]
    assert told(found, "enterprise-form-blank") == [(f"{FILE}/e.xlsx", "")]
    assert told(found, "enterprise-form-row-unknown") == [(f"{FILE}/f.xlsx", "F13")]
    assert survey.columns["E2"].values[4] == 95, "the row names 回用率, whatever code it has"
    assert told(found, "enterprise-form-none") == [(f"{FILE}/h.xlsx", "")]
    assert told(found, "file-damaged") == [(f"{FILE}/i.xlsx", "")]
    assert told(found, "file-unexpected") == [(f"{FILE}/j.xls", "")]


def test_a_renamed_or_added_indicator_is_said(made: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    later = [
        {**INDICATORS[0], "二级指标": "综合能耗"},
        *INDICATORS[1:],
        {"代码": "E4", "二级指标": "水耗", "权重": None},
    ]
    folder = write_project(tmp_path / "项目", [{**i, "权重": 0.25} for i in later])
    answers = {"企业": "甲厂", "E1": 5.5, "E2": 95, "E3": "达到"}
    filled(made[1]["企业调查表.xlsx"].content(), folder / FILE / "表.xlsx", answers)
    found = load_project(folder)
    assert found.inputs is not None
    assert found.inputs.survey is not None
    assert found.inputs.survey.columns["E1"].values.tolist() == [5.5]
    assert told(found, "enterprise-form-renamed") == [(f"{FILE}/表.xlsx", "D10")]
    assert "没有问到“水耗”" in texts(found.findings)


def test_each_table_of_a_standard_has_its_form(tmp_path: Path) -> None:
    folder = worked(tmp_path / "多表")
    (folder / "调研数据.xlsx").unlink(missing_ok=True)
    inputs = load_project(folder).inputs
    assert inputs is not None
    keys = [t.key for t in inputs.tables]
    forms = {form.name: form for form in forms_of(inputs)}
    for n, table in enumerate(inputs.tables):
        answers = {i.code: "Ⅰ级" if i.qualitative else 1 + n for i in table.system.heads}
        answers |= {"产量": 3, "类别": next((i.class_name for i in table.system.active if i.class_name), None)}
        content = forms[f"企业调查表（{table.key}）.xlsx"].content()
        filled(content, folder / FILE / f"{n}.xlsx", {"企业": f"厂{n}", **answers})
    (folder / "调研数据.xlsx").write_bytes(forms["调研数据.xlsx"].content())
    found = load_project(folder)
    assert found.inputs is not None
    assert {t.key: t.survey.enterprises if t.survey else () for t in found.inputs.tables} == {
        key: (f"厂{n}",) for n, key in enumerate(keys)
    }
    assert not told(found, "survey-blank", "survey-table-missing", "survey-empty")
    code = next(i.code for i in found.inputs.tables[1].system.heads)
    place = found.provenance.for_table(keys[1]).find("survey", code, "0")
    assert place is not None
    assert place.file == f"{FILE}/1.xlsx"


@pytest.mark.parametrize("suffix", [".xlsx", ".docx"])
def test_the_comment_form_reads_back(made: tuple[Path, dict[str, Form]], tmp_path: Path, suffix: str) -> None:
    from drafting.opinions import collect

    folder, path = tmp_path / "项目", tmp_path / "项目" / "意见" / f"表{suffix}"
    path.parent.mkdir(parents=True)
    path.write_bytes(made[1][f"征求意见表{suffix}"].content())
    assert not (empty := collect(folder, None)).rows
    assert not empty.findings
    said = ("甲研究院", "5.2", "权重过大", "改为0.2")
    if suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        for column, value in enumerate(said, 1):
            book.worksheets[0].cell(2, column).value = value
        book.save(path)
    else:
        import docx

        word = docx.Document(str(path))
        for cell, value in zip(word.tables[0].rows[1].cells, said, strict=True):
            cell.text = value
        word.save(str(path))
    (row,) = collect(folder, None).rows
    opinion = row.opinion
    assert (opinion.body, opinion.clause, opinion.text, opinion.proposal) == said


@pytest.mark.slow
def test_the_public_edition_tells_nothing_of_whose_form_it_was(
    made: tuple[Path, dict[str, Form]], tmp_path: Path
) -> None:
    """Neither the papers nor the comments in them; the record of the committee names the files."""
    folder = Path(shutil.copytree(made[0], tmp_path / "项目"))
    blank = made[1]["企业调查表.xlsx"].content()
    for n in range(12):
        value = "约一百" if n == 7 else 1 + n / 10
        filled(
            blank, folder / FILE / f"某某{n}来函.xlsx", {"企业": f"泄密{n}厂", "E1": value, "E2": 60 + n, "E3": "达到"}
        )
    run = build(folder, quick=True)
    (draft,) = (folder / "成果").glob("*（征求意见稿）.docx")
    write_comments(run, compose_draft(run), draft)
    for path in (folder / "成果").iterdir():
        public = path.suffix in (".docx", ".html", ".md")
        parts = [path.read_bytes()]
        if path.suffix == ".docx":
            with zipfile.ZipFile(path) as archive:
                parts = [archive.read(name) for name in archive.namelist()]
        text_ = b"".join(parts).decode("utf-8", "ignore")
        assert not public or not ("来函" in text_ or "泄密" in text_), path.name
    record = (folder / "成果" / "结果.json").read_text("utf-8")
    assert f"{FILE}/某某7来函.xlsx" in record


def test_an_engine_that_reads_no_forms_says_so(made: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="the extra 'duckdb' is not installed")
    folder = Path(shutil.copytree(made[0], tmp_path / "项目"))
    write_xlsx(folder, [["企业", "E1", "E2", "E3"], ["丙厂", 7, 80, "达到"]])
    filled(made[1]["企业调查表.xlsx"].content(), folder / FILE / "表.xlsx", {"企业": "甲厂", "E1": 5})
    inputs = load_project(folder).inputs
    assert inputs is not None
    assert inputs.survey is not None
    assert inputs.survey.enterprises == ("丙厂", "甲厂")
    found = load_project(folder, way=Way("duckdb"))
    assert told(found, "enterprise-forms-large") == [(FILE, "")]


def test_each_group_that_the_survey_names_has_its_form(made: tuple[Path, dict[str, Form]], tmp_path: Path) -> None:
    """分组 stands in it already; of several tables each has its own; without names there is one form."""
    assert [name for name in made[1] if name.startswith(FILE)] == ["企业调查表.xlsx"]
    folder = Path(shutil.copytree(made[0], tmp_path / "项目"))
    rows = [["企业", "分组", "E1", "E2"], ["甲厂", "大型", 7, 80], ["乙厂", "中/小型", 8, 81], ["丙厂", "", 8, 81]]
    write_xlsx(folder, rows)
    inputs = load_project(folder).inputs
    assert inputs is not None
    forms = {form.name: form for form in forms_of(inputs) if form.slot == "forms"}
    assert set(forms) == {"企业调查表.xlsx", "企业调查表（大型）.xlsx", "企业调查表（中小型）.xlsx"}
    blank = forms["企业调查表（中小型）.xlsx"].content()
    filled(blank, folder / FILE / "丁厂.xlsx", {"企业": "丁厂", "E1": 5, "E2": 85, "E3": "达到"})
    found = load_project(folder)
    assert found.inputs is not None
    survey = found.inputs.survey
    assert survey is not None
    assert survey.strata is not None
    assert survey.strata[survey.enterprises.index("丁厂")] == "中/小型"
    sheet = openpyxl.load_workbook(folder / FILE / "丁厂.xlsx")[SHEET]
    (cell,) = [sheet.cell(r, 6) for r in range(5, sheet.max_row + 1) if sheet.cell(r, 3).value == "分组"]
    assert cell.protection.locked


def totals_project(folder: Path) -> Path:
    formulas = ("综合能耗/产量", "重复水量/(重复水量+取水量)*100%", None)
    rows = [{**row, "计算公式": formula} for row, formula in zip(INDICATORS, formulas, strict=True)]
    write_project(folder, rows)
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    sheet = book["符号单位"] if "符号单位" in book.sheetnames else book.create_sheet("符号单位")
    sheet.delete_rows(1, sheet.max_row)
    for row in (("符号", "单位", "含义"), ("综合能耗", "tce", "全年消耗的各种能源"), ("产量", "t", ""),
                ("重复水量", "m³", ""), ("取水量", "m³", "")):  # fmt: skip
        sheet.append(row)
    book.save(folder / "项目.xlsx")
    return folder


def test_totals_are_asked_for_in_place_of_the_indicators_that_they_give(tmp_path: Path) -> None:
    """12 tce over 2,000 t are 6 kgce/t; 90 of 100 m³ used again are 90 %. An empty 调研数据 does not hinder."""
    folder = totals_project(tmp_path / "项目")
    inputs = load_project(folder).inputs
    assert inputs is not None
    forms = {form.name: form for form in forms_of(inputs)}
    (folder / "调研数据.xlsx").write_bytes(forms["调研数据.xlsx"].content())
    blank = forms["企业调查表（填总量）.xlsx"].content()
    path = filled(
        blank, folder / FILE / "甲厂.xlsx",
        {"企业": "甲厂", "原始:综合能耗": 12, "原始:产量": 2000, "原始:重复水量": 90, "原始:取水量": 10, "E3": "达到"},
    )  # fmt: skip
    sheet = openpyxl.load_workbook(path)[SHEET]
    asked = {sheet.cell(r, 3).value: sheet.cell(r, 5).value for r in range(5, sheet.max_row + 1)}
    assert (asked["原始:综合能耗"], asked["原始:产量"], asked["原始:取水量"]) == ("tce", "t", "m³")
    assert not {"E1", "E2"} & asked.keys()
    assert "E3" in asked
    found = load_project(folder)
    assert found.inputs is not None
    survey = found.inputs.survey
    assert survey is not None
    assert [float(survey.columns[code].values[0]) for code in ("E1", "E2")] == [6, 90]
    assert not told(found, "enterprise-form-totals-unused", "enterprise-form-lacks", "survey-column-missing")
    # somebody else filled in the value itself: which of the two counts is not guessed
    filled(forms["企业调查表.xlsx"].content(), folder / FILE / "乙厂.xlsx", {"企业": "乙厂", "E1": 5, "E3": "达到"})
    both = load_project(folder)
    assert told(both, "enterprise-form-totals-unused") == [(f"{FILE}/甲厂.xlsx", "")]
    assert "“能耗”" in texts(both.findings)
    assert both.inputs is not None
    assert both.inputs.survey is not None
    at = both.inputs.survey.enterprises.index("甲厂")
    assert both.inputs.survey.columns["E1"].states[at] == State.MISSING
    assert float(both.inputs.survey.columns["E2"].values[at]) == 90


def test_without_units_of_the_quantities_there_is_no_form_by_totals(tmp_path: Path) -> None:
    folder = totals_project(tmp_path / "项目")
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    for row in (3, 4):
        book["符号单位"].cell(row, 2).value = None
    book.save(folder / "项目.xlsx")
    inputs = load_project(folder).inputs
    assert inputs is not None
    assert not [form.name for form in forms_of(inputs) if "总量" in form.name]
