"""Reading worksheets: the fast reader gives what the other gives; marks of the XML; nothing trusts stated sizes."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from drafting.workbook import sheets
from drafting.workbook.cell_scan import scan_cells
from drafting.workbook.cells import CellError
from drafting.workbook.contents import reading
from drafting.workbook.opening import Limits, OpeningError
from drafting.workbook.sheet_marks import sheet_marks, tail_marks


def workbook_bytes(change) -> bytes:
    book = openpyxl.Workbook()
    change(book.worksheets[0])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_part(data: bytes, name: str, change) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return stream.getvalue()


def fill(sheet) -> None:
    sheet.append(["企业", "比例", "公式", None, "日期", True])
    for row in range(2, 40):
        sheet.append([f"企业{row}", row / 7, 1.5, None, 45000, row])
        sheet.cell(row, 2).number_format = "0.0%" if row % 2 else "General"
        sheet.cell(row, 5).number_format = "yyyy-mm-dd"
    sheet["C3"] = "=B3*2"
    sheet["C4"] = "#DIV/0!"
    sheet["C4"].data_type = "e"
    sheet.merge_cells("A5:A7")
    sheet.row_dimensions[60].height = 20
    sheet.cell(70, 3).number_format = "0%"


@pytest.mark.parametrize("first", ["A1", "B3", "A4", "D1"])
def test_values_stand_where_they_stood(first):
    """The reader skips what is empty above and beside the first cell; nothing may move because of that."""

    def change(sheet):
        sheet[first] = 1.5
        sheet["E6"] = 2.5

    sheet = sheets.read_workbook(workbook_bytes(change), "x.xlsx").sheets[0]
    at = openpyxl.utils.cell.coordinate_to_tuple(first)
    cells = {(r, c): v for r, row in enumerate(sheet.rows, 1) for c, v in enumerate(row, 1) if v is not None}
    assert cells == {at: 1.5, (6, 5): 2.5}


@pytest.fixture
def both():
    data = workbook_bytes(fill)
    slow = sheets.read_workbook(data, "x.xlsx", Limits(area=1)).sheets[0]
    return slow, sheets.read_workbook(data, "x.xlsx").sheets[0]


@pytest.mark.parametrize("dated", [False, True])
def test_a_large_sheet_is_scanned_as_it_is_parsed(monkeypatch, dated):
    """The scan over arrays of bytes serves sheets of numbers and texts; it marks what the parser marks."""

    def change(sheet):
        fill(sheet)
        sheet["C3"], sheet["C4"] = 1.0, 2.0
        sheet.cell(70, 3).number_format = "General"  # an empty cell: filled or not is a matter of taste
        for row in range(2, 40) if not dated else ():
            sheet.cell(row, 5).number_format = "General"

    data = workbook_bytes(change)
    parsed = reading.read_contents(data)
    monkeypatch.setattr(reading, "_LARGE", 0)
    if not dated:
        monkeypatch.setattr(reading, "sheet_marks", None)
    scanned = reading.read_contents(data)
    assert sheets.taken_in(parsed.sheets, "x") == sheets.taken_in(scanned.sheets, "x")
    assert scanned.sheets[0].merges == [(5, 1, 7, 1)]


def test_the_fast_reader_loses_nothing(both):
    slow, fast = both
    assert fast.percents == slow.percents >= {(r, 2) for r in range(3, 40, 2)}
    assert not {(r, 2) for r in range(2, 40, 2)} & slow.percents
    assert fast.uncached == slow.uncached == {(3, 3)}
    assert fast.merges == slow.merges == ((5, 1, 7, 1),)
    for row in range(1, 40):
        for column in range(1, 7):
            one, two = slow.value(row, column), fast.value(row, column)
            assert one == two or (column == 5 and str(one)[:10] == str(two)[:10]), (row, column, one, two)
    assert isinstance(fast.value(4, 3), CellError)
    assert isinstance(slow.value(4, 3), CellError)
    assert len(slow.rows) == len(fast.rows) == 39


FAR = b'<row r="1048576"><c r="XFD1048576"><v>7</v></c></row></sheetData>'


@pytest.mark.parametrize("patience", [0, 1 << 40])
def test_a_lone_cell_far_away_does_not_fill_the_memory(patience):
    limits = Limits(patience=patience)
    data = workbook_bytes(lambda s: s.append([1, 2]))
    far = with_part(data, "xl/worksheets/sheet1.xml", lambda b: b.replace(b"</sheetData>", FAR))
    if patience:
        assert sheets.read_workbook(far, "x", limits).sheets[0].value(1, 2) == 2
        assert sheets.read_workbook(far, "x", limits).sheets[0].value(1048576, 16384) == 7
    else:
        with pytest.raises(OpeningError) as fault:
            sheets.read_workbook(far, "x", limits)
        assert fault.value.code == "file-bomb"


def test_a_far_cell_counts_whatever_sheet_its_part_is_said_to_be():
    # Two sheets of one name: which of the parts a program takes is its own affair.
    book = openpyxl.Workbook()
    book.create_sheet("B")
    stream = io.BytesIO()
    book.save(stream)
    twins = with_part(stream.getvalue(), "xl/workbook.xml", lambda b: b.replace(b'name="B"', b'name="Sheet"'))
    for part in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
        far = with_part(twins, part, lambda b: b.replace(b"<sheetData/>", b"<sheetData>" + FAR).replace(
            b"<sheetData></sheetData>", b"<sheetData>" + FAR))  # fmt: skip
        with pytest.raises(OpeningError) as fault:
            sheets.read_workbook(far, "x", Limits(patience=0))
        assert fault.value.code == "file-bomb"


def test_limits_are_measured_on_what_is_unpacked():
    data = workbook_bytes(fill)
    with pytest.raises(OpeningError) as fault:
        sheets.read_workbook(data, "x", Limits(part_bytes=2000))
    assert fault.value.code == "file-bomb"
    with pytest.raises(OpeningError):
        sheets.read_workbook(data, "x", Limits(total_bytes=5000))
    with pytest.raises(OpeningError):
        sheets.read_workbook(data, "x", Limits(cells=10))


def test_a_stated_size_is_not_believed():
    data = workbook_bytes(fill)
    lying = with_part(data, "xl/worksheets/sheet1.xml", lambda b: b.replace(b'ref="A1:F70"', b'ref="A1:A1"'))
    assert sheets.read_workbook(lying, "x").sheets[0].value(39, 6) == 39


XML = b"""<worksheet><sheetData><row r="1"><c r="A1"><f>1/C1</f><v></v></c><c r="B1" t="str"><f>""</f><v></v></c>
<c s="7" r="C1"><f t="shared" si="0"/><v>0.5</v></c><c r="D1" s="7"/><c r="E1" t="e"><v>#N/A</v></c>
<x:c r='AA1' s='7'><x:f>2</x:f></x:c></row></sheetData>
<mergeCells count="1"><mergeCell ref="B2:C9"/></mergeCells></worksheet>"""


def test_marks_in_any_dialect():
    marks = sheet_marks(XML, {7, 9})
    assert (marks.formulas, marks.uncached) == ({(1, 1), (1, 2), (1, 3), (1, 27)}, {(1, 1), (1, 27)})
    assert marks.percents == {(1, 3), (1, 27)}
    assert marks.errors == {(1, 5): "#N/A"}
    assert marks.merges == tail_marks(XML) == [(2, 2, 9, 3)]
    assert (marks.rows, marks.columns, marks.cells) == (1, 27, 6)


@pytest.mark.slow
def test_many_empty_formatted_rows():
    row = b'<row r="%d">' + b"".join(b'<c r="%s%%d" s="0"/>' % c for c in (b"A", b"B", b"C", b"D")) + b"</row>"
    rows = b"".join(row % (n, n, n, n, n) for n in range(2, 200_001))
    data = workbook_bytes(lambda s: s.append(["企业", "N1"]))
    many = with_part(data, "xl/worksheets/sheet1.xml", lambda b: b.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert len(sheets.read_workbook(many, "x").sheets[0].rows) == 1


def cells_xml(*tags: bytes) -> bytes:
    return b'<worksheet><sheetData><row r="2" s="7">' + b"".join(tags) + b"</row></sheetData></worksheet>"


USUAL = (b'<c r="B2" s="7"><v>1</v></c>', b'<c r="AA3" t="inlineStr"><is><t>s="7"</t></is></c>', b'<c r="C2" s="7"/>')


@pytest.mark.parametrize("padding", [0, (1 << 20) - 50, (1 << 20) - 40, (1 << 20) - 5, 3 << 20])
def test_the_scan_agrees_with_the_parser_wherever_a_cell_lies(padding):
    content = cells_xml(*USUAL).replace(b"</row>", b"</row>" + b" " * padding + b'<c r="D9" s="7"><v>2</v></c>')
    scan = scan_cells(content, frozenset({7}))
    assert (scan.usual, scan.rows, scan.columns) == (True, 9, 27)
    assert scan.percents == sheet_marks(content, {7}).percents == {(2, 2), (9, 4)}


@pytest.mark.parametrize(
    "cell", [b'<c r="B3" t="n" s="7"><v>1</v></c>', b"<c r=\"B3\" s='7'><v>1</v></c>", b'<c r="B3"\ns="7"><v>1</v></c>']
)
def test_styles_in_another_order_are_left_to_the_parser(cell):
    content = cells_xml(*USUAL, cell)
    assert scan_cells(content, frozenset({7})).percents is None
    assert (3, 2) in sheet_marks(content, {7}).percents


@pytest.mark.parametrize(
    "cell",
    [b"<c><v>1</v></c>", b"<c r='B3'/>", b'<c s="7" r="B3"/>', b'<x:c r="B3"/>', b'<c r="b3"/>', b'<c\tr="B3"/>'],
)
def test_a_cell_without_the_usual_reference_is_noticed(cell):
    assert not scan_cells(cells_xml(*USUAL, cell), frozenset()).usual


@pytest.mark.parametrize("reference", [b'r="XFD1048576"', b"r = 'XFD1048576'", b's="0" r="xfd1048576"'])
def test_a_far_cell_in_a_near_row_is_refused_too(reference):
    data = workbook_bytes(lambda s: s.append([1, 2]))
    far = with_part(
        data, "xl/worksheets/sheet1.xml", lambda b: b.replace(b"</row>", b"<c " + reference + b"><v>1</v></c></row>")
    )  # fmt: skip
    with pytest.raises(OpeningError) as fault:
        sheets.read_workbook(far, "x", Limits(patience=0))
    assert fault.value.code == "file-bomb"
