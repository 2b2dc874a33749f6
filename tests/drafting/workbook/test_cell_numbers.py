"""What a cell's number is: its groups, its decimal sign, what its format and raised characters add to it."""

from __future__ import annotations

import re
import time
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from drafting.model.survey import State
from drafting.project.folder import load_project
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.sheets import read_workbook
from drafting.workbook.survey.missing import missing_codes
from tests.drafting.survey_projects import stored_run, survey_rows, write_csv, write_project, write_xlsx


@pytest.mark.parametrize(
    ("says", "number"),
    [
        ("1,234.5", "1234.5"), ("１，２３４．５", "1234.5"), ("1 234 567", "1234567"), ("1'234", "1234"), ("- 3", "-3"),
        ("95 %", "95"), ("22.5", "22.5"), ("２２．５", "22.5"), ("1e3", "1000"), (".5", "0.5"),
    ],
)  # fmt: skip
def test_a_number_in_groups_of_three(says, number):
    assert decimal_of(says, unit="%") == Decimal(number)


@pytest.mark.parametrize("says", ["1.2 3", "12 15", "1,00", "1,2345", "1,234 567", "1 2", "1,234,56", "1. 5", "--3"])
def test_no_number(says):
    with pytest.raises(CellFaultError):
        decimal_of(says)


@pytest.mark.parametrize(
    ("says", "number"),
    [("1,000", "1"), ("1,5", "1.5"), ("1.234,5", "1234.5"), ("1 234,5", "1234.5"), ("2.5", "2.5"), (",5", "0.5"),
     ("1.234.567", "1234567"), ("95,5%", "95.5"), ("0.350", "0.35"), ("1234.567", "1234.567"), ("1.0000", "1")],
)  # fmt: skip
def test_the_comma_of_a_file_with_semicolons(says, number):
    assert decimal_of(says, unit="%", comma=True) == Decimal(number)


@pytest.mark.parametrize("says", ["1,234.5", "1,234,567", "1.23,5", "1,2,3", "1.000", "-12.345", "250.000%"])
def test_what_a_file_with_semicolons_cannot_mean(says):
    with pytest.raises(CellFaultError):
        decimal_of(says, comma=True)


@pytest.mark.parametrize(
    ("setting", "codes"),
    [
        ("Not Available、—", {"not available", "—"}), ("— / 无", {"— / 无", "—", "/", "无"}),
        ("无数据;n/a，Not  Tested", {"无数据", "n/a", "not tested"}), ("", set()),
    ],
)  # fmt: skip
def test_missing_codes_may_hold_blanks(setting, codes):
    assert missing_codes(setting) == codes


@pytest.fixture
def folder(tmp_path):
    return write_project(tmp_path, [{"二级指标": "能耗", "单位": "kgce/t"}])


def states(folder):
    project = load_project(folder)
    assert project.inputs is not None
    assert project.inputs.survey is not None
    column = project.inputs.survey.columns["E1"]
    said = [(f.code, f.place.cell) for f in project.findings if f.place and f.place.file.startswith("调研")]
    return column.values.tolist(), column.states.tolist(), said


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_blanks_inside_numbers_are_findings_at_their_cells(folder, engine):
    write_csv(folder, survey_rows([1, "1.2 3", "12 15", "1 234", 2]))
    if engine == "memory":
        assert states(folder)[2] == [("survey-not-a-number", "B3"), ("survey-not-a-number", "B4")]
        return
    pytest.importorskip("duckdb")
    found = stored_run(folder).findings
    assert [f.place.cell for f in found if f.code == "survey-not-a-number" and f.place] == ["B3", "B4"]


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_semicolons_make_the_comma_a_decimal_sign(folder, engine):
    rows = ["企业;E1;权数", "a;1,000;1", "b;<2,5;1,5", "c;1.234,5;1", "d;1,234.5;1", "e;3,000 kgce/t;2"]
    (folder / "调研数据.csv").write_text("\n".join(rows), "utf-8")
    if engine == "memory":
        values, found, said = states(folder)
        assert values[:3] == [1, 2.5, 1234.5]
        assert values[4] == 3
        assert found == [State.VALUE, State.NON_DETECT, State.VALUE, State.MISSING, State.VALUE]
        assert said == [("survey-not-a-number", "B5")]
        assert load_project(folder).inputs.survey.weights.tolist() == [1, 1.5, 1, 1, 2]
        return
    pytest.importorskip("duckdb")
    run = stored_run(folder)
    reading = run.project.inputs.survey.reading
    assert (reading.columns[1].values, reading.columns[1].non_detect) == (3, 1)
    assert [f.place.cell for f in run.findings if f.code == "survey-not-a-number" and f.place] == ["B5"]


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_a_point_that_may_group_thousands_is_no_silent_number(folder, engine):
    rows = ["企业;E1;权数", "a;1.000;1", "b;12.345 kgce/t;1", "c;1,5;1.000", "d;0.350;1", "e;1.234.567;1"]
    (folder / "调研数据.csv").write_text("\n".join(rows), "utf-8")
    wanted = {("survey-not-a-number", "B2"), ("survey-not-a-number", "B3"), ("survey-weight", "C4")}
    if engine == "memory":
        values, found, said = states(folder)
        assert values[2:] == [1.5, 0.35, 1234567]
        assert found[:2] == [State.MISSING, State.MISSING]
        assert wanted <= set(said)
        return
    pytest.importorskip("duckdb")
    run = stored_run(folder)
    reading = run.project.inputs.survey.reading
    assert reading.columns[1].values == 3
    assert wanted <= {(f.code, f.place.cell) for f in run.findings if f.place}


def raised(digits: str, mark: str) -> CellRichText:
    return CellRichText(digits, TextBlock(InlineFont(vertAlign="superscript"), mark))


@pytest.mark.parametrize("shared", [False, True])
def test_a_raised_mark_is_no_digit(folder, shared):
    path = write_xlsx(folder, survey_rows([1.0, 2.0, 3.0]))
    book = openpyxl.load_workbook(path)
    book["调研数据"]["B2"] = raised("2.5", "1")
    book["调研数据"]["B3"] = CellRichText("6 kgce/", "t")  # runs alone are no marks
    book.save(path)
    if shared:
        share_strings(path)
    values, found, said = states(folder)
    assert said == [("survey-not-a-number", "B2")]
    assert found == [State.MISSING, State.VALUE, State.VALUE]
    assert values[1] == 6


def share_strings(path, more: bytes = b"") -> None:
    """Put the texts of the first sheet among the shared ones, where Excel keeps them."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(n for n in parts if n.endswith("sheet1.xml"))
    texts = re.findall(rb"<is>(.*?)</is>", parts[sheet])
    assert texts, "the library writes texts inline"
    for n, content in enumerate(texts):
        inline, index = b't="inlineStr"><is>' + content + b"</is>", b't="s"><v>%d</v>' % n
        parts[sheet] = parts[sheet].replace(inline, index, 1)
    assert b"inlineStr" not in parts[sheet]
    listed = b"".join(b"<si>" + content + b"</si>" for content in texts) + more
    name = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/sharedStrings.xml"] = b'<?xml version="1.0"?><sst xmlns="' + name + b'">' + listed + b"</sst>"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override)
    rels = "xl/_rels/workbook.xml.rels"
    link = b'<Relationship Id="rIdS" Type="' + relation + b'" Target="sharedStrings.xml"/></Relationships>'
    parts[rels] = parts[rels].replace(b"</Relationships>", link)
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


@pytest.mark.parametrize(
    ("form", "said", "value"),
    [
        ('0.0"t/t"', "survey-not-a-number", None),
        ('0.0"tce/t"', "survey-unit-in-cell", None),
        ('0.0"kgce/t"', None, 5.0),
        ("0.0吨", "survey-not-a-number", None),
        ('0.0"%"', "survey-not-a-number", None),
        ("#,##0.0,", "survey-not-a-number", None),  # shows a thousandth of the number
        ('0.0,"kgce/t"', "survey-not-a-number", None),
        ("#,##0", None, 5.0),
        ("aaaa", "survey-date-format", None),
        ('e"年"', "survey-date-format", None),
        ("0.00E+00", None, 5.0),
        ('_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', None, 5.0),
        ("G/通用格式", None, 5.0),
    ],
)
def test_what_only_a_format_says_is_a_finding(folder, form, said, value):
    write_xlsx(folder, survey_rows([5.0, 2.0, 3.0]), {"B2": form})
    values, found, places = states(folder)
    assert places == ([(said, "B2")] if said else [])
    assert found[0] == (State.VALUE if value else State.MISSING)
    assert values[1:] == [2, 3]
    if value:
        assert values[0] == value


def test_formats_and_marks_are_seen_wherever_numbers_are_read(tmp_path):
    """Weights typed into 项目.xlsx, not the survey alone."""
    folder = write_project(tmp_path, [{"二级指标": "能耗", "权重": 1.0}])
    path = folder / "项目.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["二级指标"]
    column = next(c.column for c in sheet[1] if c.value == "权重")
    sheet.cell(2, column).number_format = '0.0"分"'
    book.save(path)
    assert "weight-wrong" in [f.code for f in load_project(folder).findings]


def test_texts_of_runs_that_never_close_are_looked_through_once(tmp_path):
    """20,000 opening tags: no time that grows with their square."""
    path = write_xlsx(write_project(tmp_path, [{}]), survey_rows([1.0]))
    share_strings(path, b"<si><r><vertAlign/>" * 20_000)
    begun = time.process_time()
    with pytest.raises(ValueError, match="file-damaged"):
        read_workbook(path.read_bytes(), path.name)
    assert time.process_time() - begun < 3
