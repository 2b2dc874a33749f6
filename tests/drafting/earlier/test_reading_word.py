"""Tables as Word files have them: merges, two heading rows, notes, older categories – and what nobody wants to read."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font

from drafting.cli.app import run
from drafting.earlier.line import Verdict
from drafting.earlier.reading import NoEditionError, edition_of, read_edition
from drafting.earlier.system import Edition
from drafting.earlier.word import read
from tests.drafting.earlier.printing import Given, docx, p, tbl, tc
from tests.drafting.render.long_draft import HEAD

ENERGY = ("能源消耗", "0.5")
MANAGEMENT = ("清洁生产管理", "0.5")


def row(category: tuple[str, str], number: str, name: Given, unit: Given, weight: str, *grades: Given) -> list[Given]:
    return [*category, number, name, unit, weight, *grades]


ENERGY_ROW = row(ENERGY, "1", "单位产品综合能耗", "kgce/t", "1", "≤100", "≤110", "≤120")
AUDIT_ROW = row(MANAGEMENT, "1", "清洁生产审核", "", "1", "按期完成", "开展", "开展")


def edition(*blocks: str) -> Edition:
    return edition_of(read(docx(*blocks)), "旧标准.docx")


def codes(found: Edition) -> set[str]:
    return {f.code for f in found.findings}


def values(found: Edition, heading: str) -> list[object]:
    return [r.get(heading) for r in found.indicators]


# --- merges, headings, columns ----------------------------------------------------------------------------------------
def test_merges_and_two_heading_rows() -> None:
    found = edition(
        p("表1 某行业评价指标项目、权重及基准值"),
        tbl(
            [*((h, "down") for h in ("序号", "一级指标", "权重", "二级指标", "单位", "权重")), ("基准值", "span=3")],
            [*(("", "cont") for _ in range(6)), "Ⅰ级", "Ⅱ级", "Ⅲ级"],
            ["1", ("资源综合\n利用指标", "down", "vertical"), ("1", "down"), "*工业用水\n重复利用率", "%", "0.6", "≥95",
             ("≥90", "span=2")],
            ["2", ("", "cont"), ("", "cont"), "废物利用", "—", "0.4", ("有台账", "span=3")],
        ),
        p("注：带*的指标为限定性指标。"),
    )  # fmt: skip
    assert values(found, "一级指标") == ["资源综合利用"] * 2
    assert values(found, "二级指标") == ["工业用水重复利用率", "废物利用"]
    assert values(found, "限定性") == ["是", "否"]
    assert values(found, "方向") == ["越大越好", "定性"]
    assert [str(v) for v in values(found, "权重")] == ["0.6", "0.4"]
    assert found.merges == {0: (("Ⅱ级基准值", "Ⅲ级基准值"),), 1: (("Ⅰ级基准值", "Ⅲ级基准值"),)}
    assert found.notes == []
    assert codes(found) == {"import-vertical-text"}


def test_a_cell_with_a_baseline_for_each_class_becomes_class_rows() -> None:
    """It was quoted, and nothing of it judged; classes that differ between the grades still are."""
    land = row(ENERGY, "1", "土地复垦率", "%", "0.6", "山区≥60；丘陵区≥40", ("山区≥50\n丘陵区≥30", "span=2"))
    odd = row(ENERGY, "2", "植被覆盖率", "%", "0.4", "山区≥60；丘陵区≥40", "平原≥50；丘陵区≥30", "≥20")
    found = edition(tbl(HEAD, land, odd, AUDIT_ROW))
    grades = ("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值")
    told = [
        (r["二级指标"], r["类别"], r["权重"] and str(r["权重"]), *(r[g] for g in grades)) for r in found.indicators[:3]
    ]
    assert told == [
        ("土地复垦率", "山区", "0.6", "≥60", "≥50", ""), ("土地复垦率", "丘陵区", None, "≥40", "≥30", ""),
        ("植被覆盖率", "", "0.4", "山区≥60；丘陵区≥40", "平原≥50；丘陵区≥30", "≥20"),
    ]  # fmt: skip
    assert len({r["代码"] for r in found.indicators[:2]}) == 1
    assert found.merges == {0: (("Ⅱ级基准值", "Ⅲ级基准值"),), 1: (("Ⅱ级基准值", "Ⅲ级基准值"),)}
    assert codes(found) == {"import-classes-split"}
    (line,) = (x for x in found.lines if x.text == "山区≥60；丘陵区≥40" and x.row == 2)
    assert (line.verdict, line.remark) == (Verdict.INFERRED, "按类别分成 2 行：山区、丘陵区")


def test_every_cell_of_the_source_is_accounted_for() -> None:
    blocks = (
        tbl(HEAD, ENERGY_ROW, AUDIT_ROW, ["合计", "1", "", "", "", "", "", "", ""]),
        p("注：综合能耗按当量值计算。"),
    )
    source = read(docx(*blocks))
    found = edition_of(source, "旧标准.docx")
    cells = {(t.place, c.row, c.column) for t in source.tables for c in t.cells if c.text}
    assert {(x.table, x.row, x.column) for x in found.lines if x.row} == cells
    assert [(x.text, x.went) for x in found.lines if not x.row] == [("注：综合能耗按当量值计算。", "表注")]


def test_marks_are_read_raised_and_plain_and_numbered_anew() -> None:
    found = edition(
        tbl(HEAD, row(ENERGY, "1", ("单位产品电耗", "^a"), "kW·h/t", "0.5", "≤10", ("≤20", "^2)"), "≤30②"),
            row(("", ""), "2", "单位产品煤耗①", "kgce/t", "0.5", "≤1", "≤2", "≤3")),
        p("限定性指标。", raised="a"),
        p("②不含自备电厂。"), p("2) 限值按季度核算。", raised=""), p("①只计生产系统。"),
    )  # fmt: skip
    assert values(found, "限定性") == ["是", "否"]
    assert values(found, "二级指标") == ["单位产品电耗", "单位产品煤耗③"]
    assert values(found, "Ⅱ级基准值") == ["≤20①", "≤2"]
    assert values(found, "Ⅲ级基准值") == ["≤30②", "≤3"]
    assert {r["标记"]: r["内容"] for r in found.notes} == {
        "①": "限值按季度核算。", "②": "不含自备电厂。", "③": "只计生产系统。"
    }  # fmt: skip


def test_exponents_are_no_marks_and_numbers_of_requirements_neither() -> None:
    found = edition(
        tbl(HEAD, row(ENERGY, "1", "取水量", ("m", "^3"), "0.5", "≤1", "≤2", "≤3"),
            row(("", ""), "2", "台账①", "", "0.5", "①建立台账\n②定期审核", "①建立台账", "①建立台账")),
        p("①台账指能源台账。"),
    )  # fmt: skip
    assert values(found, "单位") == ["m³", ""]
    assert values(found, "二级指标")[1] == "台账注1"
    assert values(found, "Ⅰ级基准值")[1] == "①建立台账\n②定期审核"


def test_self_assessment_columns_are_skipped_and_unknown_ones_kept() -> None:
    found = edition(
        tbl([*HEAD, "企业现状", "得分", "出处"], [*ENERGY_ROW, "105", "80", "GB 16780"], [*AUDIT_ROW, "", "", ""])
    )
    assert {"import-columns-skipped", "import-columns-unknown"} == codes(found)
    assert values(found, "说明") == ["出处：GB 16780", ""]
    went = {x.text: (x.went, x.verdict) for x in found.lines}
    assert went["105"] == ("未读：企业自评的列", Verdict.READ)
    assert went["GB 16780"] == ("二级指标·说明", Verdict.NOT_READ)


# --- weights, categories, directions ----------------------------------------------------------------------------------
def test_absolute_weights_become_relative_exactly() -> None:
    found = edition(
        tbl(HEAD, row(("能源消耗", "0.3"), "1", "电耗", "kW·h/t", "0.12", "≤1", "≤2", "≤3"),
            row(("", ""), "2", "煤耗", "kgce/t", "0.18", "≤1", "≤2", "≤3"),
            row(("清洁生产管理", "0.7"), "1", "审核", "", "0.5", "甲", "乙", "丙"),
            row(("", ""), "2", "体系", "", "0.2", "甲", "乙", "丙"))
    )  # fmt: skip
    assert [str(v) for v in values(found, "权重")] == ["0.4", "0.6", "5/7", "2/7"]
    assert [str(c["权重"]) for c in found.categories] == ["0.3", "0.7"]


def test_points_out_of_a_hundred_are_weights() -> None:
    found = edition(
        tbl(HEAD, row(("能源消耗", "40"), "1", "电耗", "kW·h/t", "30", "≤1", "≤2", "≤3"),
            row(("", ""), "2", "煤耗", "kgce/t", "10", "≤1", "≤2", "≤3"),
            row(("清洁生产管理", "60"), "1", "审核", "", "60", "甲", "乙", "丙"))
    )  # fmt: skip
    assert [str(v) for v in values(found, "权重")] == ["0.75", "0.25", "1"]
    assert [str(c["权重"]) for c in found.categories] == ["0.4", "0.6"]


def test_the_six_older_categories_are_divided_without_changing_what_an_indicator_weighs() -> None:
    found = edition(
        tbl(HEAD, row(("资源能源消耗指标", "0.4"), "1", "单位产品综合能耗", "kgce/t", "0.5", "≤1", "≤2", "≤3"),
            row(("", ""), "2", "单位产品取水量", "m³/t", "0.25", "≤1", "≤2", "≤3"),
            row(("", ""), "3", "单位产品石灰石用量", "t/t", "0.25", "≤1", "≤2", "≤3"),
            row(("矿山生态保护指标", "0.6"), "1", "复垦率", "%", "1", "≥3", "≥2", "≥1"))
    )  # fmt: skip
    assert values(found, "一级指标") == ["能源消耗", "水资源消耗", "原/辅料资源消耗", "矿山生态保护指标"]
    assert [(c["一级指标"], str(c["权重"])) for c in found.categories] == [
        ("能源消耗", "0.2"), ("水资源消耗", "0.1"), ("原/辅料资源消耗", "0.1"), ("矿山生态保护指标", "0.6")
    ]  # fmt: skip
    assert [str(v) for v in values(found, "权重")] == ["1", "1", "1", "1"]
    assert {"import-category-unmapped", "import-category-divided"} == codes(found)


def test_directions_without_a_sign_are_inferred_and_said() -> None:
    found = edition(
        tbl(HEAD, row(ENERGY, "1", "单位产品电耗", "kW·h/t", "0.5", "10", "20", "30"),
            row(("", ""), "2", "余热利用", "%", "0.5", "90", "80", "70"), AUDIT_ROW)
    )  # fmt: skip
    assert values(found, "方向") == ["越小越好", "越大越好", "定性"]
    assert {x.text for x in found.lines if x.verdict is Verdict.INFERRED} == {"10", "20", "30", "90", "80", "70"}


# --- tables that files cut up -----------------------------------------------------------------------------------------
def test_a_table_cut_by_hand_without_headings_is_joined_and_said() -> None:
    rest = tbl(AUDIT_ROW, row(("", ""), "2", "体系", "", "0", "甲", "乙", "丙"))
    found = edition(p("表1 某行业指标"), tbl(HEAD, ENERGY_ROW), p(""), rest)
    assert values(found, "二级指标") == ["单位产品综合能耗", "清洁生产审核", "体系"]
    assert "import-joined-without-heading" in codes(found)


def test_a_row_that_a_page_break_cut_in_two_is_one() -> None:
    rest = ["", "", "", "", "", "", "，并经评估", "", ""]
    found = edition(p("表1 指标"), tbl(HEAD, ENERGY_ROW, AUDIT_ROW), p("表1 指标（续）"), tbl(HEAD, rest))
    assert values(found, "Ⅰ级基准值") == ["≤100", "按期完成\n，并经评估"]
    assert "import-row-continued" in codes(found)


# --- what ends in a sentence ------------------------------------------------------------------------------------------
def test_nested_tables_are_named_and_listed() -> None:
    inner = tbl(["规模", "限值"], ["大型", "≤90"])
    cells = "".join(map(tc, ENERGY_ROW[:-3])) + tc("见右", inside=inner) + tc("≤110") + tc("≤120")
    table = tbl(HEAD, AUDIT_ROW).replace("</w:tbl>", f"<w:tr>{cells}</w:tr></w:tbl>")
    found = edition(table)
    assert "import-nested-table" in codes(found)
    (passed,) = found.passed
    assert passed.table.inside == "表格1第 3 行第 7 列"
    assert [c.text for c in passed.table.cells] == ["规模", "限值", "大型", "≤90"]


def test_tracked_changes_are_read_as_accepted_and_said() -> None:
    table = tbl(HEAD, ENERGY_ROW, AUDIT_ROW).replace(
        '<w:r><w:t xml:space="preserve">≤110</w:t></w:r>',
        "<w:del><w:r><w:delText>≤115</w:delText></w:r></w:del><w:ins><w:r><w:t>≤110</w:t></w:r></w:ins>",
    )
    found = edition(table.replace("<w:tr>", "<w:tr><w:trPr><w:ins/></w:trPr>", 1))
    assert values(found, "Ⅱ级基准值")[0] == "≤110"
    assert "import-tracked-changes" in codes(found)


def test_headings_that_stand_again_within_a_table_are_no_indicator() -> None:
    found = edition(tbl(HEAD, ENERGY_ROW, HEAD, AUDIT_ROW))
    assert [r["二级指标"] for r in found.indicators] == ["单位产品综合能耗", "清洁生产审核"]
    assert not codes(found)
    assert [x.went for x in found.lines if x.row == 3] == ["列标题"] * len(HEAD)


@pytest.mark.parametrize("number", ["（一）", "(1)", "一、", "1.", "一 ", "（十一）、"])
def test_numbers_before_categories_are_no_part_of_their_names(number: str) -> None:
    found = edition(tbl(HEAD, [f"{number}能源消耗", *ENERGY_ROW[1:]], AUDIT_ROW))
    assert found.indicators[0]["一级指标"] == "能源消耗"
    assert not codes(found)


def test_struck_text_is_read_and_said() -> None:
    table = tbl(HEAD, ENERGY_ROW, AUDIT_ROW).replace(
        '<w:r><w:t xml:space="preserve">≤110</w:t></w:r>', "<w:r><w:rPr><w:strike/></w:rPr><w:t>≤110</w:t></w:r>"
    )
    found = edition(table)
    assert values(found, "Ⅱ级基准值")[0] == "≤110"
    (said,) = [f for f in found.findings if f.code == "import-struck-text"]
    assert "表格1第 2 行第 8 列" in said.message
    assert [x.text for x in found.lines if "删除线" in x.remark] == ["≤110"]


def test_what_a_worksheet_strikes_hides_or_rounds_is_said_and_printed_as_typed(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in [HEAD, ENERGY_ROW, AUDIT_ROW]:
        book.active.append(line)
    places = {"G2": (95, "0.00"), "I2": (0.956, "0.0%")}
    for at, (number, code) in places.items():
        book.active[at] = number
        book.active[at].number_format = code
    book.active["H2"].font = Font(strike=True)
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "旧.xlsx")
    found = read_edition(tmp_path / "旧.xlsx")
    assert [values(found, f"{g}级基准值")[0] for g in "ⅠⅡⅢ"] == ["95.00", "≤110", "95.6%"]
    said = {f.code: f.message for f in found.findings}
    assert "有 1 个单元格中有画了删除线的文字（工作表“Sheet”第 2 行第 8 列）" in said["import-struck-text"]
    assert "第 3 行第 1 列" in said["import-hidden-cells"]


def test_pictures_instead_of_text_are_named() -> None:
    table = tbl(HEAD, ENERGY_ROW, AUDIT_ROW).replace(
        '<w:r><w:t xml:space="preserve">≤110</w:t></w:r>', "<w:r><w:drawing/></w:r>"
    )
    found = edition(table)
    (said,) = [f for f in found.findings if f.code == "import-pictures"]
    assert "表格1第 2 行第 8 列" in said.message
    assert [x.remark for x in found.lines if x.verdict is Verdict.NOT_READ] == ["是图片，没有文字"]


def test_a_scan_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "扫描.docx"
    path.write_bytes(docx(*["<w:p><w:r><w:drawing/></w:r></w:p>"] * 5))
    with pytest.raises(NoEditionError) as caught:
        read_edition(path)
    assert [f.code for f in caught.value.findings] == ["import-scan"]


def test_sixty_columns_are_read_by_their_headings() -> None:
    more = [f"第{n}项" for n in range(51)]
    found = edition(tbl([*HEAD, *more], [*ENERGY_ROW, *more], [*AUDIT_ROW, *[""] * 51]))
    assert values(found, "二级指标") == ["单位产品综合能耗", "清洁生产审核"]
    assert str(values(found, "说明")[0]).count("；") == 50
    (said,) = found.findings
    assert said.code == "import-columns-unknown"
    assert "51 列" in said.message


def test_a_document_without_indicator_table_says_what_is_lacking() -> None:
    table = tbl(["序号", "二级指标", "单位", "Ⅰ级", "Ⅱ级", "Ⅲ级"], ["1", "电耗", "kW·h/t", "1", "2", "3"])
    with pytest.raises(NoEditionError) as caught:
        edition(table)
    (said,) = caught.value.findings
    assert said.code == "import-no-table"
    assert "没有“权重”一列" in said.message


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.docx", b"PK\x03\x04 nothing", "import-damaged"),
        ("a.docx", b"hello", "import-not-word"),
        ("a.pdf", b"%PDF-1.7", "import-kind"),
        ("a.docx", b"", "file-empty"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "file-protected"),
    ],
)
def test_files_that_are_none_end_in_a_sentence(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NoEditionError) as caught:
        read_edition(path)
    assert [f.code for f in caught.value.findings] == [code]


def test_hostile_documents_are_refused() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 300 + "</w:tc></w:tr></w:tbl>" * 300
    assert read(docx(deep)).code == "import-damaged"
    wide = tbl(HEAD, [("x", "span=999"), ("y", "span=999")])
    assert read(docx(wide)).code == "file-bomb"
    assert read(_with_doctype(docx("<w:p/>"))).code == "file-doctype"
    many = tbl(*[[("", "span=99")]] * 700)
    assert read(docx(many)).code == "file-bomb"


def _with_doctype(content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("document.xml"):
                data = b'<!DOCTYPE w [<!ENTITY a "aaaa">]>' + data
            new.writestr(name, data)
    return target.getvalue()


# --- the command ------------------------------------------------------------------------------------------------------
def test_the_command_writes_a_new_folder_and_never_over_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, folder = tmp_path / "旧标准.docx", tmp_path / "新项目"
    source.write_bytes(docx(p("表1 某行业清洁生产评价指标体系"), tbl(HEAD, ENERGY_ROW, AUDIT_ROW)))
    assert run(["import", str(source), str(folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [Path(f).name for f in told["files"]] == ["项目.xlsx", "项目.xlsx", "导入报告.xlsx"]
    assert told["indicators"] == 2
    before = {f.name: f.read_bytes() for f in folder.iterdir() if f.is_file()}
    assert run(["import", str(source), str(folder)]) == 1
    assert "已经存在" in capsys.readouterr().out
    assert {f.name: f.read_bytes() for f in folder.iterdir() if f.is_file()} == before


def test_a_person_decides_about_categories(tmp_path: Path) -> None:
    source = tmp_path / "旧标准.docx"
    source.write_bytes(docx(tbl(HEAD, row(("矿山生态保护", "1"), "1", "复垦率", "%", "1", "≥3", "≥2", "≥1"))))
    assert run(["import", str(source), str(tmp_path / "一")]) == 0
    report = tmp_path / "一" / "导入报告.xlsx"
    book = openpyxl.load_workbook(report)
    book["一级指标对照"]["B2"] = "资源综合利用"
    book.save(tmp_path / "对照.xlsx")
    found = read_edition(source, tmp_path / "对照.xlsx")
    assert [c["一级指标"] for c in found.categories] == ["资源综合利用"]
    assert not codes(found)
