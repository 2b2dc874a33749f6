"""AHP questionnaires: what the expert may fill in, what formulas do, that the check beside a matrix computes right."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook

from drafting.model.experts import Expert, JudgementMatrix
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.weight import Weight
from drafting.workbook.project.blank import prefilled
from drafting.workbook.questionnaires.writing import compared_of
from tests.drafting.weights_projects import write_ahp


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    path = tmp_path_factory.mktemp("ahp") / "问卷" / "专家01.xlsx"
    write_ahp(path, prefilled(), Expert("专家01"))
    return load_workbook(path)


def test_there_is_a_sheet_per_group_of_two_or_more(book: Workbook) -> None:
    # Table A.1: 温室气体排放 has one indicator, so there is nothing to compare
    assert book.sheetnames == [
        "填写说明", "专家", "一级指标", "生产工艺及装备", "能源消耗", "水资源消耗", "原辅料资源消耗", "资源综合利用",
        "污染物产生与排放", "产品特征", "清洁生产管理", "其他意见", "打印版",
    ]  # fmt: skip
    assert [c.value for c in book["专家"]["A"]][:2] == ["专家代号", "专家01"]


def test_the_printed_sheet_is_read_row_by_row(book: Workbook) -> None:
    """Wherever a page ends, under a group's name stand its pairs in order, each with the box of its own cell."""
    sheet, seen = book["打印版"], {}
    for row in sheet.iter_rows(min_row=5, max_col=7):
        if row[1].value == "各项的含义" or row[0].value == "各项的含义":
            break
        if row[1].value and not row[0].value:
            seen[row[1].value] = group = []
        for number, text, box in (row[0:3], row[4:7]):
            if number.value:
                group.append((int(number.value), text.value, box.value))
    assert list(seen) == [
        "一级指标",
        *(n if n != "原辅料资源消耗" else "原/辅料资源消耗" for n in book.sheetnames[3:-2]),
    ]
    for lines in seen.values():
        assert [number for number, _, _ in lines] == list(range(1, len(lines) + 1))
        for _, text, box in lines:
            title, cell = re.fullmatch(r"=IF\(ISBLANK\('?(.+?)'?!(\w+)\),.*", box).groups()  # type: ignore[union-attr]
            matrix = book[title]
            row, column = matrix[cell].row, matrix[cell].column
            assert text == f"{matrix.cell(row, 1).value} 与 {matrix.cell(3, column).value} 相比"


def test_the_whole_workbook_is_printed_on_few_pages(book: Workbook) -> None:
    """Fifteen pages came out of the printer, nine of them matrices that 打印版 asks for once more."""
    printed = []
    for sheet in book.worksheets:
        first = (sheet.print_area or "A1").replace("$", "").rpartition("!")[2].rstrip("0123456789")
        if not sheet.column_dimensions[first].hidden:
            printed.append(sheet)
    assert [s.title for s in printed] == ["填写说明", "专家", "其他意见", "打印版"]
    assert printed[2].page_setup.fitToHeight == 1


def test_bonus_groups_and_categories_not_adopted_are_left_out() -> None:
    system = IndicatorSystem(
        (
            Category("能源消耗"),
            Category("产品特征", adopted=False),
            Category("附加项", bonus=True),
            Category("水资源消耗"),
        ),
        tuple(
            Indicator(f"{c[0]}{n}", f"{c}{n}", c)
            for c in ("能源消耗", "产品特征", "附加项", "水资源消耗")
            for n in (1, 2)
        ),
    )
    assert compared_of(replace(prefilled(), system=system)) == {
        "一级指标": ("能源消耗", "水资源消耗"),
        "能源消耗": ("能源消耗1", "能源消耗2"),
        "水资源消耗": ("水资源消耗1", "水资源消耗2"),
    }


def test_a_group_with_typed_weights_is_not_asked_about() -> None:
    def groups(*, first: bool, second: bool) -> list[str]:
        half = Weight("0.5", Fraction(1, 2))
        system = IndicatorSystem(
            tuple(Category(c, weight=half if first else None) for c in ("能源消耗", "水资源消耗")),
            tuple(
                Indicator(f"{c}{n}", f"{c}{n}", c, weight=half if second else None)
                for c in ("能源消耗", "水资源消耗")
                for n in (1, 2)
            ),
        )
        return list(compared_of(replace(prefilled(), system=system)))

    assert groups(first=True, second=False) == ["能源消耗", "水资源消耗"]
    assert groups(first=False, second=True) == ["一级指标"]
    assert groups(first=True, second=True) == []


def test_the_upper_triangle_waits_and_the_lower_one_mirrors(book: Workbook) -> None:
    for title, labels in compared_of(prefilled()).items():
        sheet = book[title.replace("/", "")]
        n = len(labels)
        assert [sheet.cell(3, 2 + j).value for j in range(n)] == list(labels)
        assert [sheet.cell(4 + i, 1).value for i in range(n)] == list(labels)
        assert sheet.cell(3, 2 + n).value is None
        assert sheet.cell(4 + n, 1).value is None
        for i in range(n):
            for j in range(n):
                cell = sheet.cell(4 + i, 2 + j)
                partner = sheet.cell(4 + j, 2 + i).coordinate
                expected = 1 if i == j else None if j > i else f'=IF(ISNUMBER({partner}),1/{partner},"")'
                assert cell.value == expected
                assert cell.protection.locked is (j <= i)
                assert cell.number_format == "# ?/?"  # 1/3 stays a number
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        assert sheet.page_setup.orientation == "landscape"
    assert book["一级指标"]["B5"].value == '=IF(ISNUMBER(C4),1/C4,"")'


def test_drop_downs_offer_the_whole_scale_and_nothing_is_refused(book: Workbook) -> None:
    sheet = book["水资源消耗"]
    (validation,) = sheet.data_validations.dataValidation
    assert str(validation.sqref) == "C4"
    assert validation.errorStyle == "warning"
    assert validation.showInputMessage
    assert "3 稍微、5 明显、7 强烈、9 极端重要" in validation.prompt
    assert len(validation.prompt) <= 255
    title, cells = validation.formula1.replace("$", "").replace("'", "").split("!")
    scale = [row[0].value for row in book[title][cells]]
    assert scale[:9] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert scale[9:] == pytest.approx([1 / n for n in range(2, 10)])
    first = book[title][cells][0][0]
    assert book[title].cell(first.row, first.column + 1).value == "行比列极端重要"


def test_answers_are_filled_in_above_the_diagonal_only(tmp_path: Path) -> None:
    labels = compared_of(prefilled())["能源消耗"]
    values = np.ones((5, 5))
    values[0, 1], values[1, 0] = 3, 1 / 3
    values[0, 2] = values[2, 0] = np.nan
    write_ahp(
        tmp_path / "a.xlsx",
        prefilled(),
        Expert("专家02"),
        answers=[JudgementMatrix("专家02", "能源消耗", labels, values)],
    )
    sheet = load_workbook(tmp_path / "a.xlsx")["能源消耗"]
    assert (sheet["C4"].value, sheet["D4"].value, sheet["E4"].value) == (3, None, 1)
    assert str(sheet["B5"].value).startswith("=")


def test_long_names_and_formula_like_names_are_safe(tmp_path: Path) -> None:
    names = ("=能源消耗", "很长的一级指标" * 6)
    system = IndicatorSystem(
        tuple(Category(name) for name in names),
        tuple(Indicator(f"X{k}{n}", f"-指标{k}{n}", name) for k, name in enumerate(names) for n in (1, 2)),
    )
    write_ahp(tmp_path / "a.xlsx", replace(prefilled(), system=system), Expert("+专家"))
    book = load_workbook(tmp_path / "a.xlsx")
    assert all(len(title) <= 31 for title in book.sheetnames)
    assert book["一级指标"]["B3"].data_type == book["=能源消耗"]["A4"].data_type == book["专家"]["A2"].data_type == "s"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="computing the formulas needs LibreOffice")
def test_the_check_beside_a_matrix_computes(tmp_path: Path) -> None:
    # Saaty's school example: λmax 3.065 and CR 0.056 with RI 0.58 (weighting.md's matrix of the contract, n = 3)
    matrix = np.array([[1, 5, 1 / 3], [1 / 5, 1, 1 / 7], [3, 7, 1]])
    names = ("甲", "乙", "丙")
    system = IndicatorSystem((Category("能源消耗"),), tuple(Indicator(n, n, "能源消耗") for n in names))
    answers = [JudgementMatrix("专家01", "能源消耗", names, matrix)]
    inputs = replace(prefilled(), system=system)
    write_ahp(tmp_path / "a.xlsx", inputs, Expert("专家01"), answers=answers)
    write_ahp(tmp_path / "b.xlsx", inputs, Expert("专家01"))
    profile = (tmp_path / "profile").as_uri()
    book = load_workbook(tmp_path / "a.xlsx")
    book["能源消耗"]["C4"] = "1/2"  # as text, which a spreadsheet would take for a date
    book.save(tmp_path / "c.xlsx")
    for name in ("a", "b", "c"):
        subprocess.run(
            ["soffice", "--headless", f"-env:UserInstallation={profile}", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
             "--outdir", tmp_path / "out", tmp_path / f"{name}.xlsx"], check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    sheet = load_workbook(tmp_path / "out" / "a.xlsx", data_only=True)["能源消耗"]
    says = {sheet.cell(r, 6).value: sheet.cell(r, 7).value for r in range(4, 10)}
    assert says["已填（次）"] == "3 / 3"
    assert says["λmax"] == pytest.approx(3.0649, abs=2e-3)
    assert says["CR"] == pytest.approx(0.0559, abs=2e-3)
    assert says["结论（限值 0.1）"] == "一致"
    assert sheet["B6"].value == pytest.approx(3)
    text = load_workbook(tmp_path / "out" / "c.xlsx", data_only=True)["能源消耗"]
    assert text["B5"].value in (None, "")
    assert [text.cell(r, 7).value for r in (4, 8, 9)] == ["2 / 3", "—", "未填完"]
    empty = load_workbook(tmp_path / "out" / "b.xlsx", data_only=True)["能源消耗"]
    assert [empty.cell(r, 7).value for r in range(4, 10)] == ["0 / 3", "—", "—", 0.58, "—", "未填完"]
