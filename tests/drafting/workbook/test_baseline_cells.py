"""Baseline cells of 项目.xlsx: merged grades, marks and notes, stars, blank grades, each finding at its cell."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from lxml import html

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.document import tree
from drafting.document.compose import compose
from drafting.document.tree import Superscript, Table
from drafting.model.results import Results
from drafting.model.terms import Grade
from drafting.pipeline.running import run_project
from drafting.project.folder import Project, load_project
from drafting.render.docx.writer import word_bytes
from drafting.render.html import render_html
from drafting.render.pdf.source import source
from tests.drafting.survey_projects import write_project

GRADES = ("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值")
POLICY = {"基准值来源": "政策", "来源依据": "GB 1"}


def project(folder: Path, *cells: Any, notes: Iterable[tuple[Any, ...]] = (), **more: Any) -> Project:
    write_project(folder, [{**POLICY, **dict(zip_longest(GRADES, cells)), **more}])
    _edit(folder, lambda book: _notes(book, notes))
    return load_project(folder)


def _edit(folder: Path, change: Callable[[openpyxl.Workbook], None]) -> None:
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    change(book)
    book.save(folder / "项目.xlsx")


def _notes(book: openpyxl.Workbook, notes: Iterable[tuple[Any, ...]]) -> None:
    lines = list(notes)
    if lines:
        sheet = book.create_sheet("表注")
        for line in [("标记", "内容"), *lines]:
            sheet.append(line)


def codes(found: Project, *about: str) -> list[tuple[str, str]]:
    return [(f.code, f.place.cell) for f in found.findings if f.code.startswith(about)]


def table_of(found: Project) -> Table:
    document = compose(found.inputs, Results())
    return next(b for b in tree.blocks(document) if isinstance(b, Table) and b.anchor == "table:system")


def row_of(found: Project) -> tuple[Any, ...]:
    return table_of(found).body[0]


def merge(folder: Path, first: str, last: str) -> Project:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["二级指标"]
        heads = {c.value: c.column_letter for c in sheet[1]}
        sheet.merge_cells(f"{heads[first]}2:{heads[last]}2")

    _edit(folder, change)
    return load_project(folder)


def test_two_merged_grades_say_the_same_and_stay_one_cell(tmp_path: Path) -> None:
    project(tmp_path, "≤5", "≤6")
    found = merge(tmp_path, "Ⅱ级基准值", "Ⅲ级基准值")
    indicator = found.inputs.system.indicators[0]
    assert {g: b.text for g, b in indicator.baselines.items()} == {Grade.I: "≤5", Grade.II: "≤6", Grade.III: "≤6"}
    assert indicator.merged == {Grade.III}
    assert codes(found, "baseline") == []
    assert [(c.text, c.colspan) for c in row_of(found)[-2:]] == [("≤5", 1), ("≤6", 2)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "first", "last", "printed"),
    [
        (("≤5", "≤6"), "Ⅱ级基准值", "Ⅲ级基准值", [("≤5", 1), ("≤6", 2)]),
        (("≤5", None, "≤7"), "Ⅰ级基准值", "Ⅱ级基准值", [("≤5", 2), ("≤7", 1)]),
        (("≤5",), "Ⅰ级基准值", "Ⅲ级基准值", [("≤5", 3)]),
    ],
)
def test_merged_grades_are_one_cell_in_word_page_and_pdf(
    tmp_path: Path, cells: tuple[str | None, ...], first: str, last: str, printed: list[tuple[str, int]]
) -> None:
    project(tmp_path, *cells)
    found = merge(tmp_path, first, last)
    baselines, _ = set_baselines(found.inputs, found.provenance)
    document = compose(found.inputs, Results(baselines=baselines))
    width = len(printed)
    page = html.fromstring(render_html(document))
    rows = [[(_words(c), int(c.get("colspan", "1"))) for c in row] for row in page.iter("tr")]
    assert printed in [row[-width:] for row in rows]
    drawn = []
    for table in docx.Document(io.BytesIO(word_bytes(document)[0])).tables:
        for row in table.rows:
            once = [c for n, c in enumerate(row.cells) if not n or c._tc is not row.cells[n - 1]._tc]
            drawn.append([(c.text, c.grid_span) for c in once[-width:]])
    assert printed in drawn
    typst = source(document, "", (), ())
    for text, span in printed:
        cell = re.search(rf"c\([^()]*{text[1:]}\"[^()]*\)", typst)
        assert cell, text
        assert (f"x: {span}" in cell[0]) == (span > 1), cell[0]


def _words(cell: Any) -> str:
    for aside in cell.xpath(".//*[@class='source']"):
        aside.drop_tree()
    return cell.text_content().strip()


def test_three_merged_grades_are_one_baseline(tmp_path: Path) -> None:
    project(tmp_path, "≤5①", notes=[("①", "按月平均")])
    found = merge(tmp_path, "Ⅰ级基准值", "Ⅲ级基准值")
    indicator = found.inputs.system.indicators[0]
    assert list(indicator.baselines) == [Grade.I]
    assert indicator.merged == frozenset()
    assert codes(found, "baseline", "mark", "note") == []


def test_a_blank_grade_says_how_it_is_judged_here_and_in_the_draft(tmp_path: Path) -> None:
    found = project(tmp_path, "≤5", "≤6")
    ((code, cell),) = codes(found, "baseline-grade")
    assert code == "baseline-grade-blank"
    assert cell.startswith("L") or cell[0].isalpha()
    (finding,) = [f for f in found.findings if f.code == code]
    assert "Ⅱ级" in finding.message
    table = table_of(found)
    assert any("未规定Ⅲ级基准值，评价时采用Ⅱ级基准值。" in n.runs[0].text for n in table.notes)
    assert codes(project(tmp_path / "dash", "≤5", "≤6", "—"), "baseline-grade") == []


def test_marks_are_numbered_anew_with_their_notes(tmp_path: Path) -> None:
    notes = [("b", "不含自备电厂"), ("①", "按月平均。")]
    found = project(tmp_path, "≤5①", "≤6b", "≤7b", notes=notes, 二级指标="*综合能耗", 限定性=None)
    indicator = found.inputs.system.indicators[0]
    assert (indicator.name, indicator.limiting) == ("综合能耗", True)
    assert codes(found, "mark", "note", "star", "baseline") == []
    table = table_of(found)
    footnotes = [(n.mark, n.runs[0].text) for n in table.footnotes]
    assert footnotes == [("a", "限定性指标。"), ("b", "按月平均。"), ("c", "不含自备电厂。")]
    raised = [[r.text for r in c.runs if isinstance(r, Superscript)] for c in table.body[0][-3:]]
    assert raised == [["b"], ["c"], ["c"]]


def test_a_mark_within_words_is_numbered_anew_where_it_stands(tmp_path: Path) -> None:
    """It stayed ① while the footnotes became a, b, c; a sign that no note explains is one of the words."""
    cells = ("节能设备①占三分之二，②为主", "有①设备和④†", "符合要求†")
    notes = [("†", "按月平均"), ("①", "列入目录的")]
    found = project(tmp_path, *cells, notes=notes, 方向="定性", 二级指标="设备①先进性", 基准值来源="定性")
    assert codes(found, "mark", "note", "baseline") == []
    assert found.inputs.system.indicators[0].name == "设备先进性"
    table = table_of(found)
    assert [(n.mark, n.runs[0].text) for n in table.footnotes] == [("a", "列入目录的。"), ("b", "按月平均。")]
    said = [[(type(r).__name__, r.text) for r in c.runs] for c in table.body[0][-3:]]
    assert said == [
        [("Figure", "节能设备"), ("Superscript", "a"), ("Text", "占三分之二，②为主")],
        [("Figure", "有"), ("Superscript", "a"), ("Text", "设备和④"), ("Superscript", "b")],
        [("Figure", "符合要求"), ("Superscript", "b")],
    ]


def test_numbers_of_requirements_stay_though_a_note_has_the_same_sign(tmp_path: Path) -> None:
    """①② before requirements became footnote letters as soon as 表注 used ①; both readings possible is a finding."""
    cells = ("①建立制度；②有台账①", "①有制度\n②有台账", "有制度①")
    found = project(tmp_path, *cells, notes=[("①", "以文件为准"), ("②", "无")], 方向="定性", 基准值来源="定性")
    assert codes(found, "mark", "note") == [
        ("mark-or-number", "P2"),
        ("mark-or-number", "Q2"),
        ("note-without-mark", "A3"),
    ]
    said = [[(type(r).__name__, r.text) for r in c.runs] for c in table_of(found).body[0][-3:]]
    assert said == [
        [("Figure", "①建立制度；②有台账"), ("Superscript", "a")],
        [("Figure", "①有制度\n②有台账")],
        [("Figure", "有制度"), ("Superscript", "a")],
    ]


def test_equal_words_with_other_marks_keep_their_cells(tmp_path: Path) -> None:
    found = project(tmp_path, "有①记录", "有记录", "有记录", notes=[("①", "甲")], 方向="定性", 基准值来源="定性")
    assert [(c.text, c.colspan) for c in row_of(found)[-2:]] == [("有a记录", 1), ("有记录", 2)]


def test_a_mark_within_a_number_and_its_unit_is_no_part_of_it(tmp_path: Path) -> None:
    found = project(tmp_path, "≤5①kgce/t", "≤6kgce/t", "≤7②kgce/t", notes=[("①", "按月平均")], 单位="kgce/t")
    baselines = found.inputs.system.indicators[0].baselines
    assert [b.judged for b in baselines.values()] == [True, True, False]
    assert [c.text for c in row_of(found)[-3:]] == ["≤5akgce/t", "≤6kgce/t", "≤7②kgce/t"]


@pytest.mark.parametrize(
    ("cells", "notes", "expected"),
    [
        (("≤5①", "≤6", "≤7"), [], ["mark-without-note"]),
        (("≤5", "≤6", "≤7"), [("a", "某事")], ["note-without-mark"]),
        (("≤5a", "≤6", "≤7"), [("a", "某事"), ("a", "又一事")], ["note-mark-twice"]),
        (("≤5", "≤6", "≤7"), [("a", None)], ["note-incomplete"]),
        (("≤5", "≤6", "≤7"), [(None, "某事")], []),  # a note to the whole table
        (("≤5a", "≤6", "≤7"), [], []),
    ],
)
def test_marks_and_notes_are_checked(tmp_path: Path, cells: Any, notes: Any, expected: list[str]) -> None:
    found = project(tmp_path, *cells, notes=notes)
    assert [code for code, _ in codes(found, "mark", "note")] == expected
    if expected == ["mark-without-note"]:  # nothing is dropped: it stands as typed
        assert [r.text for r in row_of(found)[-3].runs] == ["≤5", "①"]


def test_a_star_beside_a_no_is_a_finding(tmp_path: Path) -> None:
    found = project(tmp_path, "*≤5", "≤6", "≤7")
    assert [c for c, _ in codes(found, "star")] == ["star-against-limiting"]
    assert found.inputs.system.indicators[0].limiting
    assert codes(project(tmp_path / "是", "*≤5", "≤6", "≤7", 限定性="是"), "star") == []


@pytest.mark.parametrize(
    ("cell", "code"),
    [("不低于一般企业水平", "baseline-no-number"), ("≤5（新建企业）", "baseline-left-over"),
     ("不低于国家标准的90%", "baseline-relative"), ("5左右", "baseline-approximate"), ("≥99/98", "baseline-several"),
     ("山区≤6\n丘陵区≤5", "baseline-by-class"), ("2025年前≤5，2025年起≤4", "baseline-dated"),
     ("≤5 m³/t", "baseline-unit"),
     ("3<能耗<6", "baseline-two-sided"), ("4:6", "baseline-no-limit"), ("≤5t/t", "baseline-unit"),
     ("≤0.005tce/t", "baseline-converted")],
)  # fmt: skip
def test_what_is_not_judged_has_a_finding_at_its_cell_with_a_form_that_would_be(
    tmp_path: Path, cell: str, code: str
) -> None:
    found = project(tmp_path, cell, "≤6", "≤7")
    assert [c for c, _ in codes(found, "baseline")] == [code]
    (finding,) = (f for f in found.findings if f.code == code)
    assert openpyxl.load_workbook(tmp_path / "项目.xlsx")["二级指标"][finding.place.cell].value == cell
    assert code == "baseline-converted" or "≤" in finding.remedy


def test_a_cell_by_class_is_answered_with_the_rows_to_write(tmp_path: Path) -> None:
    """The remedy said 各立一行指标 and left the reader to find out which; done as it says, the rows are judged."""
    found = project(tmp_path, "山区≤6；丘陵区≤5", "≤7", "丘陵区≤8；山区≤9")
    said = [f.remedy for f in found.findings if f.code == "baseline-by-class"]
    rows = "“山区”一行Ⅰ级≤6、Ⅱ级≤7、Ⅲ级≤9；“丘陵区”一行Ⅰ级≤5、Ⅱ级≤7、Ⅲ级≤8"
    assert said == [f"改为 2 行，加一列“类别”：{rows}。第二行起名称、代码、权重空着。"] * 2


def test_the_day_of_coming_into_force_chooses_among_limits_by_date(tmp_path: Path) -> None:
    row = {**POLICY, "Ⅰ级基准值": "2025年前≤5，2025年起≤4", "Ⅱ级基准值": "≤6", "Ⅲ级基准值": "≤7"}
    write_project(tmp_path, [row], info={"实施日期": "2026-12-01"})
    found = load_project(tmp_path)
    assert codes(found, "baseline") == []
    assert found.inputs.system.indicators[0].baselines[Grade.I].number == 4


def test_an_enterprise_above_a_limit_in_words_passes_by_the_word_not_by_the_direction(tmp_path: Path) -> None:
    """3000吨标煤以下 in a row of 越大越好 is a limit from above, and the contrary direction is said."""
    found = project(tmp_path, "3000吨标煤以下", None, None, 方向="越大越好", 单位="吨标煤")
    bound = found.inputs.system.indicators[0].baselines[Grade.I]
    assert bound.directed("larger").admits(2000) is True
    assert any(f.code.startswith("operator") for f in found.findings)


def test_a_bare_number_is_printed_bare_and_judged_by_the_direction(tmp_path: Path) -> None:
    found = project(tmp_path, "100", "90", "80", 方向="越大越好", 单位="%")
    assert [c.text for c in row_of(found)[-3:]] == ["100", "90", "80"]
    bound = found.inputs.system.indicators[0].baselines[Grade.I]
    assert bound.directed("larger").admits(99.9) is False
    assert not [f for f in run_project(tmp_path).findings if f.code == "baseline-not-judged"]


@pytest.mark.parametrize(
    ("unit", "cells"), [("", ("≤0.9 kg/t", "≤950 g/t", "≤1 kg/t")), ("—", ("≤0.9 kg/t", "≤950 g/t"))]
)
def test_a_row_without_a_unit_has_one_unit_in_its_cells(tmp_path: Path, unit: str, cells: tuple[str, ...]) -> None:
    """950 g/t was held against 0.9 kg/t as a number."""
    found = project(tmp_path, *cells, 单位=unit)
    (said,) = [f for f in found.findings if f.code == "baseline-unit"]
    assert "“g/t”与本行前面的“kg/t”不同，而“单位”一列没有写单位" in said.message
    assert found.inputs is not None
    levels = found.inputs.system.indicators[0].baselines
    assert [levels[g].judged for g in levels] == [c != "≤950 g/t" for c in cells]


def test_what_typography_changes_is_said(tmp_path: Path) -> None:
    found = project(tmp_path, "≤０.5", "≤6", "≤7~8")
    said = [f.message for f in found.findings if f.code == "baseline-typography"]
    assert len(said) == 2
    assert "印作“≤0.5”（全角数字改为半角）" in said[0]


DISPLAYED = [
    # number, format, unit, printed, shown where that is another number
    (95, "0.00", "%", "95.00", ""),
    (0.3, "0.000", "t/t", "0.300", ""),
    (12, "#,##0.0_ ", "t/t", "12.0", ""),
    (0.95, "0.0%", "%", "95.0%", ""),
    (95, "0.0#", "%", "95.0", ""),
    (95, "General", "%", "95", ""),
    (1200, "#,##0", "t/t", "1200", ""),
    (95.456, "0.0", "%", "95.456", "95.5"),
    (0.956, "0%", "%", "95.6%", "96%"),
    (1 / 3, "0.00", "t/t", "0.333333333333333", "0.33"),
    (0.005, "0.00", "t/t", "0.005", "0.01"),  # Excel rounds halves away from zero
    (0.5, "# ?/?", "t/t", "0.5", ""),
]


@pytest.mark.parametrize(("number", "code", "unit", "printed", "shown"), DISPLAYED)
def test_decimals_that_only_the_format_shows_are_printed_and_rounding_is_said(
    tmp_path: Path, number: float, code: str, unit: str, printed: str, shown: str
) -> None:
    write_project(tmp_path, [{**POLICY, "单位": unit, "方向": "越大越好", "Ⅰ级基准值": number}])

    def change(book: openpyxl.Workbook) -> None:
        cell = next(c for c in book["二级指标"][1] if c.value == "Ⅰ级基准值")
        book["二级指标"].cell(2, cell.column).number_format = code

    _edit(tmp_path, change)
    found = load_project(tmp_path)
    assert found.inputs is not None
    bound = found.inputs.system.indicators[0].baselines[Grade.I]
    assert bound.format() == printed
    assert bound.judged
    said = [f.message for f in found.findings if f.code == "number-shown-otherwise"]
    assert ([f"存的是 {printed}，" in m and f"显示为 {shown}；" in m for m in said]) == [True] * bool(shown)


@pytest.mark.parametrize("cell", ["x" * 32_767, "≤" + "9" * 32_000, "①", "kgce/t", "≤1/0", "\n\n≤5\n\n"])
def test_hostile_cells_are_read(tmp_path: Path, cell: str) -> None:
    found = project(tmp_path, cell, "≤6", "≤7", notes=[("①", "x")])
    assert all(len(f.message) < 300 for f in found.findings)
