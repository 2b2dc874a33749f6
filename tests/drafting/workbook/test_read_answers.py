"""Returned questionnaires: judgement matrices and Delphi rounds, with one cell broken at a time."""

from __future__ import annotations

import re
import shutil
import zipfile
from fractions import Fraction

import numpy as np
import openpyxl
import pytest
from openpyxl.comments import Comment

from drafting.workbook.cells import CellFaultError
from drafting.workbook.contents.notes import AUTHOR
from drafting.workbook.questionnaires.identity import WEIGHTS, Identity, put_properties
from drafting.workbook.questionnaires.judgements import judgement_of
from drafting.workbook.style import save

E1, G = "判断矩阵/E1.xlsx", "水资源消耗"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (3, 3), ("３", 3), ("1/3", Fraction(1, 3)), ("1／3", Fraction(1, 3)), ("1:5", Fraction(1, 5)),
        (0.333, Fraction(1, 3)),         ("0.33", Fraction(1, 3)), (0.3333333333333333, Fraction(1, 3)),
        (0.1111, Fraction(1, 9)), (0.11, Fraction(1, 9)),         (0.14, Fraction(1, 7)),
        (0.125, Fraction(1, 8)), (0.13, Fraction(1, 8)),
        (0.5, Fraction(1, 2)), (2.5, Fraction(5, 2)),
    ],
)  # fmt: skip
def test_judgements_in_all_spellings(typed, value):
    assert judgement_of(typed) == value


@pytest.mark.parametrize("typed", [12, 0, -3, "1/10", "1/0", "很重要", 0.1, True, float("nan")])
def test_what_is_no_judgement(typed):
    with pytest.raises(CellFaultError):
        judgement_of(typed)


def test_a_matrix_is_full_and_reciprocal_with_codes_as_labels(folder):
    folder.put(G, "C4", "1/5", E1)
    matrix = folder.load().inputs.judgements[2]
    assert (matrix.expert, matrix.group, matrix.labels) == ("E1", G, ("S1", "S2", "S3"))
    np.testing.assert_array_equal(matrix.values, [[1, 0.2, 3], [5, 1, 3], [1 / 3, 1 / 3, 1]])
    assert not matrix.values.flags.writeable


def test_hidden_rows_and_columns_of_a_matrix_are_said(folder):
    def hide(book):
        book[G].row_dimensions[5].hidden = True
        book[G].column_dimensions["C"].hidden = True

    folder.edit(hide, E1)
    assert {(f.code, f.place.cell) for f in folder.load().findings} == {("rows-hidden", "A5"), ("columns-hidden", "C4")}


def test_words_beside_a_matrix_and_comments_on_cells_are_named(folder):
    """An expert's note that nobody reads: with its cell and its words, in answers and in forms of enterprises."""

    def write(book):
        sheet = book[G]
        sheet["F5"], sheet["A9"], sheet["C2"] = "此格改为 3", "与水重复", 7
        sheet["A20"] = "各项的含义"
        for row, name in enumerate(("取水量", "管理", "循环"), 21):
            sheet.cell(row, 1, name).parent.cell(row, 3, "—")
        sheet["A24"] = "多写的一行"
        sheet["G4"], sheet["H4"], sheet["G5"], sheet["H5"] = "CR", 0.05, "3", "稍微重要"
        sheet["C4"].comment = Comment("不确定，\n可改为 1/2", "李")
        sheet["B3"].comment = Comment("请勿改动。", "")
        sheet["B4"].comment = Comment("本格有误", AUTHOR)
        printed = book.create_sheet("打印版")
        printed.append(["1", "甲 与 乙 相比", 3, None, "2", "甲 与 丙 相比", "=1+1"])

    folder.edit(write, E1)
    found = {(f.place.cell, f.code): f.message for f in folder.load().findings}
    assert found.keys() == {
        *((cell, "answer-beside") for cell in ("C2", "F5", "A9", "A24")), ("C4", "cell-note"), ("C1", "answer-beside"),
    }  # fmt: skip
    assert "不确定， 可改为 1/2" in found["C4", "cell-note"]
    assert "此格改为 3" in found["F5", "answer-beside"]


def test_more_comments_than_are_named_one_by_one_are_told(folder):
    def write(book):
        for row in range(30, 330):
            book[G].cell(row, 30).comment = Comment(f"话{row}", "李")

    folder.edit(write, E1)
    said = [f.message for f in folder.load().findings if f.code == "cell-note"]
    assert (len(said), sum("未列出" in m for m in said)) == (201, 1)


def test_boxes_of_text_and_pictures_on_a_questionnaire_are_named(folder):
    """An answer as a box of text or a photograph pasted into the sheet is nobody's to see but a person's."""
    box = (
        '<x:wsDr xmlns:x="x" xmlns:a="a"><x:twoCellAnchor><x:from><x:col>2</x:col><x:row>4</x:row></x:from><x:sp>'
        "<x:txBody><a:p><a:r><a:t>能源应为 5</a:t></a:r></a:p></x:txBody></x:sp></x:twoCellAnchor><x:oneCellAnchor>"
        '<x:from><x:col>0</x:col><x:row>8</x:row></x:from><x:pic><x:cNvPr name="照片 1"/></x:pic></x:oneCellAnchor>'
        "</x:wsDr>"
    )
    relation = '<Relationships xmlns="r"><Relationship Id="r9" Target="../drawings/drawing9.xml"/></Relationships>'
    path = folder.path / E1
    with zipfile.ZipFile(path) as archive:
        title = archive.read("xl/workbook.xml").decode()
    sheet = 1 + [m[1] for m in re.finditer(r'<sheet [^>]*?name="([^"]*)"', title)].index(G)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/drawings/drawing9.xml", box)
        archive.writestr(f"xl/worksheets/_rels/sheet{sheet}.xml.rels", relation)
    found = [(f.code, f.place.cell, f.message) for f in folder.load().findings]
    assert [(code, cell) for code, cell, _ in found] == [("cell-note", "C5"), ("cell-note", "A9")]
    assert ["文本框“能源应为 5”" in found[0][2], "图片或图形“照片 1”" in found[1][2]] == [True, True]


def test_a_sheet_of_a_round_that_nobody_asked_for_is_named(panel):
    """Two rounds in one workbook, a sheet renamed, a matrix among the weights."""

    def write(book):
        book.copy_worksheet(book["一级指标权重"])
        book.create_sheet("能源消耗")["B4"] = 3
        book["二级指标权重"].title = "二级权重（已填）"

    panel.edit(write, R1)
    said = [f.place.sheet for f in panel.load().findings if f.code == "judgement-sheet-unknown"]
    assert said == ["二级权重（已填）", "一级指标权重 Copy", "能源消耗"]


def test_a_questionnaire_filled_where_it_was_made_is_said(folder):
    sent = folder.path / "成果" / "问卷" / "层次分析法"
    sent.mkdir(parents=True)
    shutil.copy(folder.path / E1, sent / "E1.xlsx")  # lies where answers are read as well
    save(openpyxl.Workbook(), sent / "E4.xlsx", title="原样")
    assert folder.load().findings == ()
    folder.edit(lambda book: None, "成果/问卷/层次分析法/E4.xlsx")
    (sent / "E3.et").write_bytes(b"x")
    found = [f for f in folder.load().findings if f.code == "questionnaire-in-place"]
    assert [f.place.file.rpartition("/")[2] for f in found] == ["E3.et", "E4.xlsx"]
    assert "复制到 判断矩阵/" in found[0].remedy


def test_labels_may_stand_in_another_order(folder):
    def turn(book):
        sheet = book[G]
        for row, column in ((3, 2), (4, 1)):
            other = (3, 4) if row == 3 else (6, 1)
            sheet.cell(row, column).value, sheet.cell(*other).value = (
                sheet.cell(*other).value,
                sheet.cell(row, column).value,
            )
        sheet["C4"] = 7  # now 循环水系统 against 节水管理

    folder.edit(turn, E1)
    project = folder.load()
    assert project.findings == ()
    matrix = project.inputs.judgements[2]
    assert matrix.values[2, 1] == 7
    assert str(project.provenance.find("judgement", "E1", G, "2", "1")) == f"{E1}·{G}·C4"


BAD = [
    (G, "C4", 12, "judgement-wrong", "1/9～9"),
    (G, "C4", 0, "judgement-wrong", "0"),
    (G, "C4", "很重要", "judgement-wrong", "很重要"),
    (G, "B5", 3, "judgement-not-reciprocal", "C4"),
    (G, "B5", 44, "judgement-wrong", "44"),
    (G, "C5", 2, "judgement-diagonal", "1"),
    (G, "C4", "=1+1", "formula-no-value", "公式"),
    (G, "C3", "节水馆里", "judgement-label-unknown", "节水管理"),
    (G, "A5", "单位产品取水量", "judgement-label-twice", "两次"),
    (G, "D3", None, "judgement-label-missing", "循环水系统"),
    ("专家", "A2", "E9", "expert-unknown", "E9"),
    ("专家", "A2", None, "expert-no-code", "E1"),
]


@pytest.mark.parametrize(("sheet", "cell", "value", "code", "says"), BAD)
def test_one_broken_cell_is_one_error_at_that_cell(folder, sheet, cell, value, code, says):
    folder.put(sheet, cell, value, E1)
    found = folder.one()
    assert (found.code, found.severity.value, found.place.file, found.place.sheet, found.place.cell) == (
        code, "error", E1, sheet, cell,
    )  # fmt: skip
    assert says in found.message


def test_every_bad_judgement_is_reported(folder):
    folder.put(G, "C4", 0, E1)
    folder.put(G, "D4", "很重要", E1)
    assert folder.findings() == [("judgement-wrong", G, "C4"), ("judgement-wrong", G, "D4")]


def test_a_typed_lower_cell_may_be_a_rounded_reciprocal(folder):
    folder.put(G, "B5", 0.33, E1)
    assert folder.findings() == []


def test_a_judgement_that_became_a_date_says_so(folder):
    folder.put(G, "C4", 45660, E1, number_format="m/d")
    assert "日期" in folder.one().message


def test_a_blank_pair_is_nan_and_one_warning(folder):
    folder.put(G, "C4", None, E1)
    folder.put(G, "D5", None, E1)
    project = folder.load()
    assert [(f.code, f.severity.value, f.place.cell) for f in project.findings] == [
        ("judgement-blank", "warning", "C4")
    ]
    assert "C4、D5" in project.findings[0].message
    assert np.isnan(project.inputs.judgements[2].values[0, 1])


def test_a_missing_sheet_and_one_of_another_name(folder):
    folder.edit(lambda b: setattr(b[G], "title", "水资源消号"), E1)
    assert {(c, s) for c, s, _ in folder.findings()} == {
        ("judgement-sheet-unknown", "水资源消号"), ("judgement-sheet-missing", G),
    }  # fmt: skip


def test_given_weights_need_no_matrix(folder):
    for cell, value in (("G4", 0.5), ("G5", 0.3), ("G6", 0.2)):
        folder.put("二级指标", cell, value)
    folder.edit(lambda b: b.remove(b[G]), E1)
    assert folder.findings() == []


@pytest.mark.parametrize("copy", ["E1 - 副本.xlsx", "E1(1).xlsx", "E1（2）.xlsx"])
def test_of_a_file_and_its_copy_the_file_counts(folder, copy):
    source = folder.path / "判断矩阵" / "E1.xlsx"
    (source.parent / copy).write_bytes(source.read_bytes())
    folder.put("能源消耗", "C4", 9, file=f"判断矩阵/{copy}")
    project = folder.load()
    (own,) = [m for m in project.inputs.judgements if (m.expert, m.group) == ("E1", "能源消耗")]
    assert own.values[0, 1] == 3
    assert any(f.place.file == f"判断矩阵/{copy}" for f in project.findings if f.severity == "error")


def test_two_files_of_one_expert(folder):
    folder.put("专家", "A2", "Ｅ1", "判断矩阵/E2.xlsx")
    found = folder.one()
    assert (found.code, found.place.file) == ("expert-two-files", "判断矩阵/E2.xlsx")
    assert "判断矩阵/E1.xlsx" in found.message


# --- Delphi ---------------------------------------------------
R1 = "德尔菲/第1轮/E1.xlsx"


@pytest.fixture
def panel(folder):
    (folder.path / "德尔菲" / "第1轮").mkdir(parents=True)
    book = openpyxl.Workbook()
    put_properties(book, Identity("", "", WEIGHTS, 1, "E1", 1))
    sheets = {
        "专家": [["专家代号"], ["E1"]],
        "一级指标权重": [["一级指标", "权重", "意见"], ["能源消耗", 60, "能耗占成本一半"], ["水资源消耗", 40, None]],
        "二级指标权重": [
            ["一级指标", "二级指标", "权重"], ["能源消耗", "单位产品综合能耗", 70],
            ["能源消耗", "可再生能源比例", "３０"],
            ["水资源消耗", "单位产品取水量", 33.3], ["水资源消耗", "节水管理", 33.3],
            ["水资源消耗", "循环水系统", 33.4],
        ],
        "重要性评分": [["一级指标", "二级指标", "重要性", "修改意见"], ["能源消耗", "单位产品综合能耗", 5, "改名"]],
    }  # fmt: skip
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder.path / R1)
    return folder


def test_a_round_is_read(panel):
    project = panel.load()
    assert project.findings == ()
    (one,) = project.inputs.delphi
    (answer,) = one.answers
    assert (one.number, answer.expert) == (1, "E1")
    assert [(a.group, dict(a.weights)) for a in answer.allocations] == [
        ("一级指标", {"能源消耗": 60, "水资源消耗": 40}),
        ("能源消耗", {"N1": 70, "N2": 30}),
        ("水资源消耗", {"S1": 33.3, "S2": 33.3, "S3": 33.4}),
    ]
    assert answer.allocations[0].opinions == {"能源消耗": "能耗占成本一半"}
    (rated,) = project.inputs.ratings[0].answers
    assert (dict(rated.ratings), dict(rated.suggestions)) == ({"N1": 5}, {"N1": "改名"})
    assert str(project.provenance.find("delphi", "1", "E1", "能源消耗", "N2")) == f"{R1}·二级指标权重·C3"


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "code", "says"),
    [
        ("一级指标权重", "B2", 58, "delphi-sum", "98"),
        ("二级指标权重", "C2", "七成", "delphi-weight-wrong", "七成"),
        ("二级指标权重", "C2", -1, "delphi-weight-wrong", "-1"),
        ("二级指标权重", "C3", None, "delphi-weight-blank", "可再生能源比例"),
        ("二级指标权重", "B3", "可再生能源比利", "delphi-member-unknown", "可再生能源比例"),
        ("二级指标权重", "B3", "单位产品综合能耗", "delphi-member-twice", "B2"),
        ("二级指标权重", "A2", "能源消化", "delphi-member-unknown", "能源消耗"),
        ("重要性评分", "C2", 6, "delphi-rating-wrong", "6"),
        ("一级指标权重", "F2", "改为 40", "answer-beside", "改为 40"),
        ("二级指标权重", "G3", 40, "answer-beside", "40"),
    ],
)
def test_one_broken_cell_of_a_round(panel, sheet, cell, value, code, says):
    panel.put(sheet, cell, value, R1)
    found = [f for f in panel.load().findings if f.code != "delphi-member-missing"]
    assert [(f.code, f.place.file, f.place.sheet, f.place.cell) for f in found] == [(code, R1, sheet, cell)]
    assert says in found[0].message


@pytest.mark.parametrize(
    ("says", "ours"), [("合计 100", True), ("98.5 / 100", True), ("100 / 100 ✓", True), ("98", False)]
)
def test_the_sums_of_a_questionnaire_are_its_own(says, ours):
    from drafting.workbook.questionnaires.own_words import SUM

    assert (SUM.fullmatch(says) is not None) is ours


def test_a_folder_that_is_no_round(panel):
    (panel.path / "德尔菲" / "终稿").mkdir()
    assert panel.one().code == "delphi-folder"
