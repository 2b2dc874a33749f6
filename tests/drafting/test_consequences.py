"""One slip is one finding: what only follows from it is not reported as well, what forbids submission stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from drafting.pipeline.consequences import without_consequences
from drafting.pipeline.running import run_project
from tests.drafting.survey_projects import write_project

HEADING = "heading-missing"


def codes(folder: Any, before: set[str]) -> set[str]:
    return {f.code for f in run_project(folder.path).findings} - before


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "wanted"),
    [("专家组", "A1", "姓名", {HEADING, "heading-unknown"}), ("政策依据", "B1", "文", {HEADING, "heading-unknown"}),
     ("一级指标", "A1", "姓名", {HEADING, "heading-unknown"}), ("二级指标", "C1", None, {HEADING})],
)  # fmt: skip
def test_a_heading_that_is_gone_is_about_the_heading(
    folder: Any, sheet: str, cell: str, value: str | None, wanted: set[str]
) -> None:
    before = {f.code for f in run_project(folder.path).findings}
    folder.put(sheet, cell, value)
    assert codes(folder, before) == wanted


def test_weights_that_do_not_sum_to_one_are_said_once(folder: Any) -> None:
    for row, weight in ((2, 0.4), (3, 0.5)):
        folder.put("一级指标", f"C{row}", weight)
    found = {f.code for f in run_project(folder.path).findings}
    assert "weights-sum" in found
    assert "weights-not-one" not in found


def test_an_upper_limit_below_the_lower_one_is_a_finding_and_the_survey_is_read(folder: Any) -> None:
    """It was an unforeseen fault (exit status 3)."""
    folder.put("二级指标", "P2", -5)
    run = run_project(folder.path)
    assert [f.place.cell for f in run.findings if f.code == "limits-crossed"] == ["P2"]
    assert run.results.baselines is not None


def test_without_an_error_nothing_is_left_out(folder: Any) -> None:
    found = run_project(folder.path).findings
    assert without_consequences(found) == list(found)


@pytest.mark.parametrize(
    ("file", "sheet", "span"),
    [("项目.xlsx", "剔除", "B1:B3"), ("调研数据.xlsx", "调研数据", "B1:B4"), ("项目.xlsx", "专家组", "B1:B2")],
)
def test_a_heading_merged_over_rows_of_data_is_an_error(folder: Any, file: str, sheet: str, span: str) -> None:
    """The rows were taken for headings: an exclusion, enterprises and experts were gone without a word."""

    def change(book: Any) -> None:
        if sheet == "剔除":
            book[sheet].append(["企业01", "N1", "停产。"])
        book[sheet].merge_cells(span)

    folder.edit(change, file)
    found = [f for f in folder.load().findings if f.code == "heading-merged-down"]
    assert [(f.place.sheet, f.place.cell) for f in found] == [(sheet, "B1")]
    assert span in found[0].message


def test_headings_on_two_rows_are_headings(folder: Any) -> None:
    def change(book: Any) -> None:
        sheet = book["专家组"]
        sheet.insert_rows(2)
        for column in "AB":
            sheet.merge_cells(f"{column}1:{column}2")

    folder.edit(change)
    assert "heading-merged-down" not in {f.code for f in folder.load().findings}
    assert [e.code for e in folder.load().inputs.experts] == ["E1", "E2"]


def test_a_list_under_another_name_is_named(folder: Any) -> None:
    """剔除 renamed 剔除旧: the exclusions were gone without a word."""

    def change(book: Any) -> None:
        book["剔除"].append(["企业01", "N1", "停产。"])
        book["剔除"].title = "剔除旧"
        book.create_sheet("草稿")["A1"] = "自用"
        book.create_sheet("空")

    folder.edit(change)
    found = [f for f in folder.load().findings if f.code == "project-sheet-unknown"]
    assert [(f.place.sheet, f.severity.value) for f in found] == [("剔除旧", "warning"), ("草稿", "note")]
    assert "是否应为“剔除”" in found[0].message


@pytest.mark.parametrize(
    "cell", ["≤5（新建企业）", "基本不用", "不低于国家标准的90%", "10\n20", "3<能耗<6", "≤5 m³/t", "≤0.1+0.08m"]
)
def test_a_cell_that_is_not_judged_has_one_remark(tmp_path: Path, cell: str) -> None:
    """The cause was said at the cell, and once more that it is not judged, or that words are not compared."""
    typed = {"基准值来源": "政策", "来源依据": "GB 1", "Ⅰ级基准值": cell, "Ⅱ级基准值": "≤600", "Ⅲ级基准值": "≤700"}
    write_project(tmp_path, [typed])
    found = [f for f in run_project(tmp_path).findings if f.place.sheet == "二级指标"]
    remarks = [f.code for f in found if load_workbook(tmp_path / "项目.xlsx")["二级指标"][f.place.cell].value == cell]
    assert len(remarks) == 1, remarks


def test_a_blank_grade_has_one_remark(tmp_path: Path) -> None:
    typed = {"基准值来源": "政策", "来源依据": "GB 1", "Ⅰ级基准值": "≤500", "Ⅱ级基准值": "≤600", "Ⅲ级基准值": None}
    write_project(tmp_path, [typed])
    found = run_project(tmp_path).findings
    (blank,) = (f for f in found if f.code == "baseline-grade-blank")
    assert [f.code for f in found if f.place == blank.place] == ["baseline-grade-blank"]
