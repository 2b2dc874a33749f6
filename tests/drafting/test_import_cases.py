"""Small projects with one thing that real files do: each folder of ``cases/import`` and its line of the README.

Twenty-four enterprises of 1.0, 1.1 … 3.3; the k-th best of 5, 20 and 50 % are 1.1, 1.4 and 2.1.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from drafting.findings import Finding
from drafting.model.results import Results
from drafting.model.terms import GRADES
from drafting.pipeline.running import run_project
from tests.drafting.survey_projects import stored_run, write_project, write_xlsx

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "import"
CLEAN = (24, ["1.1", "1.4", "2.1"])
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the collection of cases is not beside the checkout")


@pytest.fixture
def copied(tmp_path):
    """Copies a case: nothing is written into the collection."""

    def copy(name: str) -> Path:
        return Path(shutil.copytree(CASES / name, tmp_path / name))

    return copy


def run(folder: Path, engine: str = "memory") -> tuple[Results, list[Finding]]:
    if engine == "memory":
        run = run_project(folder, until="baselines")
        return run.results, list(run.findings)
    pytest.importorskip("duckdb")
    large = stored_run(folder, engine=engine)
    return large.results, list(large.findings)


def as_csv(folder: Path) -> None:
    """The same survey as the engine takes it: text, row by row."""
    source = folder / "调研数据.xlsx"
    if source.is_file():
        rows = openpyxl.load_workbook(source).worksheets[0].iter_rows(values_only=True)
        with (folder / "调研数据.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        source.unlink()


def baselines(results: Results) -> tuple[int, list[str]] | None:
    if results.baselines is None:
        return None
    (one,) = results.baselines.indicators
    values = [one.by_grade[g].value for g in GRADES if g in one.by_grade]
    if not values:
        return None
    return (one.n, [f"{v.normalize():f}" for v in values if v is not None])


def in_cells(found: Iterable[Finding]) -> list[str]:
    """Findings about cells of the survey, not about the whole of it."""
    return [f.code for f in found if f.place and f.place.file.startswith("调研数据") and f.place.cell]


def said(found: list[Finding], code: str) -> list[str]:
    return [f.place.cell for f in found if f.code == code and f.place is not None]


ENGINES = pytest.mark.parametrize("engine", ["memory", "duckdb"])


@needs_cases
@ENGINES
def test_totals_means_and_notes_are_no_enterprises(copied, engine):
    folder = copied("02_total_mean_note_rows")
    if engine == "duckdb":
        as_csv(folder)
    results, found = run(folder, engine)
    assert baselines(results) == CLEAN
    (one,) = [f for f in found if f.code == "rows-left-out"]
    assert one.place is not None
    assert one.place.cell == "A26"
    assert "A26:A28" in one.message
    assert not [f for f in found if f.code == "survey-not-a-number"]


@needs_cases
def test_a_second_sheet_of_enterprises_is_an_error(copied):
    results, found = run(copied("03_second_data_sheet_ignored"))
    (one,) = [f for f in found if f.code == "survey-sheets-several"]
    assert (one.severity.value, one.place.sheet) == ("error", "小型企业")
    assert "大型企业" in one.message
    assert baselines(results) == CLEAN


@needs_cases
def test_filtered_rows_are_read_and_counted(copied):
    results, found = run(copied("05_filtered_rows_read"))
    assert baselines(results) == CLEAN
    (one,) = [f for f in found if f.code == "rows-hidden"]
    assert "13 行" in one.message
    assert "2～14" in one.message


@needs_cases
@ENGINES
def test_blanks_within_digits_are_no_number(copied, engine):
    folder = copied("06_space_inside_number")
    book = openpyxl.load_workbook(folder / "调研数据.xlsx").worksheets[0]
    expected = [c.coordinate for row in book.iter_rows() for c in row if c.value in ("1.2 3", "12 15")]
    if engine == "duckdb":
        as_csv(folder)
    results, found = run(folder, engine)
    assert said(found, "survey-not-a-number") == expected
    assert baselines(results) == CLEAN


@needs_cases
@ENGINES
def test_a_decimal_comma_is_never_a_thousand(copied, engine):
    assert baselines(run(copied("07_semicolon_decimal_comma"), engine)[0]) == CLEAN


@needs_cases
def test_a_number_merged_over_four_rows_counts_once(copied):
    results, found = run(copied("08_vertically_merged_number"))
    assert said(found, "survey-merged-number") == ["B2"]
    assert baselines(results) == (21, ["1.4", "1.7", "2.3"])


@needs_cases
def test_a_heading_over_two_years_is_neither(copied):
    results, found = run(copied("09_merged_heading_two_years"))
    assert said(found, "survey-heading-merged") == ["B1"]
    assert in_cells(found) == ["survey-heading-merged"]
    assert baselines(results) is None


@needs_cases
@ENGINES
@pytest.mark.parametrize("name", ["13_unit_in_heading_not_read", "14_missing_code_with_blank"])
def test_what_is_right_is_read_without_a_word(copied, name, engine):
    """A unit stated by the heading; a missing code that holds a blank."""
    folder = copied(name)
    if engine == "duckdb":
        as_csv(folder)
    results, found = run(folder, engine)
    assert baselines(results) == CLEAN
    assert not in_cells(found)


@needs_cases
def test_a_renamed_heading_of_experts_is_a_finding(copied):
    _, found = run(copied("01_expert_heading_renamed"))
    assert any(f.place and (f.place.sheet, f.place.cell) == ("专家组", "A1") for f in found)


@needs_cases
def test_a_cut_off_part_of_no_use_leaves_the_values_readable(copied):
    _, found = run(copied("16_annotate_broken_core"))
    assert said(found, "survey-not-a-number") == ["B4"]


# --- more of the kind -----------------------------------------------------------------------------------------------
VALUES = [round(1 + n / 10, 1) for n in range(24)]
ROWS: list[list[Any]] = [[f"企业{n:02d}", v] for n, v in enumerate(VALUES)]


@pytest.fixture
def folder(tmp_path):
    return write_project(tmp_path, [{"二级指标": "综合能耗", "小数位": 1}])


def sheet_of(folder: Path) -> Any:
    book = openpyxl.load_workbook(folder / "调研数据.xlsx")
    return book, book.worksheets[0]


@pytest.mark.parametrize(
    "heading", ["综合能耗（kgce/t）", "综合能耗 (kgce/t)", "综合能耗/kgce/t", "综合能耗/(kgce/t)", "E1【kgce/t】"]
)
def test_headings_that_state_the_unit(folder, heading):
    write_xlsx(folder, [["企业名称", heading], *ROWS])
    results, found = run(folder)
    assert baselines(results) == CLEAN
    assert not in_cells(found)


@ENGINES
def test_a_unit_in_the_heading_is_converted_or_refused(folder, engine):
    for heading, expected in (("综合能耗（tce/t）", (24, ["1100", "1400", "2100"])), ("综合能耗（m3/t）", None)):
        write_xlsx(folder, [["企业", heading], *ROWS])
        if engine == "duckdb":
            as_csv(folder)
        results, found = run(folder, engine)
        assert baselines(results) == expected
        assert said(found, "survey-unit") == ([] if expected else ["B1"])


def test_a_bracket_that_is_no_unit_is_another_column(folder):
    write_xlsx(folder, [["企业", "综合能耗（2022年）"], *ROWS])
    results, found = run(folder)
    assert said(found, "survey-column-misspelt") == ["B1"]
    assert baselines(results) is None


@pytest.mark.parametrize("word", ["企业名称", "单位名称", "公司名称"])
def test_what_enterprises_are_headed_by(folder, word):
    write_xlsx(folder, [[word, "省份", "E1"], *([name, "河北", value] for name, value in ROWS)])
    run = run_project(folder, until="baselines")
    assert baselines(run.results) == CLEAN
    assert run.project.inputs is not None
    assert run.project.inputs.survey is not None
    assert set(run.project.inputs.survey.regions or ()) == {"河北"}
    assert not in_cells(run.findings)


@ENGINES
def test_a_survey_of_nothing_but_totals_is_empty(folder, engine):
    write_xlsx(folder, [["企业", "E1"], ["合计", 5.0], ["平均值", 2.5]])
    if engine == "duckdb":
        as_csv(folder)
    results, found = run(folder, engine)
    assert baselines(results) is None
    assert {"rows-left-out", "survey-empty"} <= {f.code for f in found}


@ENGINES
def test_rows_called_so_before_their_empty_name(folder, engine):
    numbered = [[n, name, value] for n, (name, value) in enumerate(ROWS, 1)]
    write_xlsx(folder, [["序号", "企业", "E1"], *numbered, ["合计", None, 51.6], ["注：略", None, None]])
    if engine == "duckdb":
        as_csv(folder)
    results, found = run(folder, engine)
    assert baselines(results) == CLEAN
    assert said(found, "rows-left-out") == ["B26"]
    assert not [f for f in found if f.code == "survey-no-enterprise"]


@ENGINES
def test_a_real_enterprise_of_such_a_name_can_be_declared(tmp_path, engine):
    folder = write_project(tmp_path, [{"二级指标": "综合能耗", "小数位": 1}], settings={"视为企业": "平均值"})
    write_xlsx(folder, [["企业", "E1"], *ROWS[:-1], ["平均值", 3.3], ["合计", 52.0]])
    if engine == "duckdb":
        as_csv(folder)
    results, found = run(folder, engine)
    assert baselines(results) == CLEAN
    assert said(found, "rows-left-out") == ["A26"]


@pytest.mark.parametrize("how", [{"hidden": True}, {"height": 0.1}])
def test_every_row_filtered_out(folder, monkeypatch, how):
    """A row without height is seen by nobody, either: by the parser and by the scan of large sheets."""
    if "height" in how:
        at_once(monkeypatch)
    write_xlsx(folder, [["企业", "E1"], *ROWS])
    book, sheet = sheet_of(folder)
    for row in range(2, 26):
        for name, value in how.items():
            setattr(sheet.row_dimensions[row], name, value)
    book.save(folder / "调研数据.xlsx")
    results, found = run(folder)
    assert baselines(results) == CLEAN
    assert [f.message.startswith("有 24 行") for f in found if f.code == "rows-hidden"] == [True]


def test_a_hidden_sheet_never_comes_before_one_that_is_shown(folder):
    write_xlsx(folder, [["企业", "E1"], *([name, 9.0] for name, _ in ROWS)])
    book, old = sheet_of(folder)
    old.sheet_state = "hidden"
    new = book.create_sheet("数据")
    for row in [["企业", "E1"], *ROWS]:
        new.append(row)
    notes = book.create_sheet("记事")
    notes["A1"] = "数据来自统计局"
    book.active = 1
    book.save(folder / "调研数据.xlsx")
    results, found = run(folder)
    assert baselines(results) == CLEAN
    assert [f.place.sheet for f in found if f.code == "survey-sheet-not-read" and f.place] == ["调研数据"]
    assert [f.place.sheet for f in found if f.code == "sheets-not-read" and f.place] == ["记事"]


def test_two_hundred_sheets(folder):
    write_xlsx(folder, [["企业", "E1"], *ROWS])
    book, _ = sheet_of(folder)
    for n in range(200):
        book.create_sheet(f"表{n}")["A1"] = "企业" if n % 2 else "记事"
        if n % 2:
            book[f"表{n}"]["A2"] = "某厂"
    book.save(folder / "调研数据.xlsx")
    results, found = run(folder)
    assert baselines(results) == CLEAN
    assert len([f for f in found if f.code == "survey-sheet-not-read"]) == 100
    (rest,) = [f for f in found if f.code == "sheets-not-read"]
    assert "100 张" in rest.message


def test_a_row_that_heads_a_part_of_the_table(folder):
    write_xlsx(folder, [["企业", "E1"], ["一、大型企业", None], *ROWS])
    book, sheet = sheet_of(folder)
    sheet.merge_cells("A2:B2")
    book.save(folder / "调研数据.xlsx")
    run = run_project(folder, until="baselines")
    assert run.project.inputs is not None
    assert run.project.inputs.survey is not None
    assert len(run.project.inputs.survey) == 24
    assert said(list(run.findings), "rows-left-out") == ["A2"]


@pytest.mark.parametrize("name", ["=1+1", "字" * 32_767, "①", "kgce/t", "1", "注"])
def test_names_that_are_hardly_any(folder, name):
    """A formula, as long as a cell can hold, a mark, a unit, a number: an enterprise, or left out with a finding."""
    write_xlsx(folder, [["企业", "E1"], *ROWS, [name, 0.5]])
    results, found = run(folder)
    n, values = baselines(results) or (0, [])
    if n == 24:
        assert [f.code for f in found if f.code in ("rows-left-out", "survey-no-enterprise", "formula-no-value")]
        assert (n, values) == CLEAN
    else:
        assert n == 25


@pytest.mark.parametrize("seed", range(3))
def test_any_rows_that_are_none_change_no_baseline(folder, seed):
    """Random totals, notes, section headings, hidden rows and merged words: the baselines of the clean survey."""
    import random

    draw = random.Random(seed)
    words = [
        "合计",
        "小 计",
        "平均值",
        "最优值",
        "中位数",
        "注1：仅供参考",
        "填表人：张三",
        "大型企业小计",
        "（备注：略）",
        "单位：t",
        "行业平均水平",
        "前5%水平",
        "标杆值",
        "20%分位",
    ]
    rows: list[list[Any]] = []
    sections: list[int] = []
    for row in ROWS:
        while draw.random() < 0.3:
            rows.append([draw.choice(words), "大", draw.choice([0.1, 99.0, "—", None, "见附表"])])
        if draw.random() < 0.1:
            sections.append(len(rows) + 2)
            rows.append(["二、中型", None, None])
        rows.append([row[0], "大", row[1]])
    write_xlsx(folder, [["企业", "分组", "E1"], *rows])
    book, sheet = sheet_of(folder)
    for number in sections:
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=3)
    for number in range(2, len(rows) + 2):
        sheet.row_dimensions[number].hidden = draw.random() < 0.2
    book.save(folder / "调研数据.xlsx")
    results, found = run(folder)
    assert baselines(results) == CLEAN
    assert len([f for f in found if f.code == "rows-left-out"]) == 1


def at_once(monkeypatch):
    """Have every sheet looked at as a large one, in this process."""
    from drafting.workbook.contents import asking, reading

    monkeypatch.setattr(reading, "_LARGE", 0)
    monkeypatch.setattr(asking, "asked", lambda *_, **__: _no_reader())


@pytest.mark.parametrize(
    ("large", "how"), [(False, {"hidden": True}), (True, {"hidden": True}), (True, {"width": 0.1})]
)
def test_a_hidden_column_of_the_survey_is_read_and_said(folder, monkeypatch, large, how):
    """By the parser and by the scan of large sheets; a column without width is hidden as well."""
    from drafting.workbook.contents.reading import read_contents

    if large:
        at_once(monkeypatch)
    write_xlsx(folder, [["企业", "E1"], *ROWS])
    book, sheet = sheet_of(folder)
    for name, value in how.items():
        setattr(sheet.column_dimensions["B"], name, value)
    sheet.column_dimensions.group("D", "F", hidden=True)
    book.save(folder / "调研数据.xlsx")
    assert read_contents((folder / "调研数据.xlsx").read_bytes()).sheets[0].hidden_columns == [(2, 2), (4, 6)]
    results, found = run(folder)
    assert baselines(results) == CLEAN
    (one,) = [f for f in found if f.code == "columns-hidden"]
    assert one.place is not None
    assert one.place.cell == "B2"
    assert "B 列" in one.message


@pytest.mark.parametrize("large", [False, True])
def test_text_that_is_struck_through_is_read_and_said(folder, monkeypatch, large):
    """By the style of the cell, and by runs within its text, shared or its own."""
    if large:
        at_once(monkeypatch)
    write_xlsx(folder, [["企业", "E1"], *ROWS])
    book, sheet = sheet_of(folder)
    sheet["B3"].font = sheet["A4"].font = Font(strike=True)
    sheet["C9"].font = Font(strike=True)  # holds nothing
    sheet["D5"] = CellRichText("改为 ", TextBlock(InlineFont(strike=True), "12"), " 13")
    sheet["D6"] = CellRichText("同", TextBlock(InlineFont(strike=False), "上"))
    book.save(folder / "调研数据.xlsx")
    results, found = run(folder)
    assert baselines(results) == CLEAN
    (one,) = [f for f in found if f.code == "cell-struck"]
    assert one.place is not None
    assert (one.place.file, one.place.cell) == ("调研数据.xlsx", "B3")
    assert "3 个单元格" in one.message
    assert "（B3、A4、D5）" in one.message


def _no_reader():
    from drafting.isolation.readers import NoReaderError

    raise NoReaderError
