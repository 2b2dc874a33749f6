"""What stands in a stranger's cells and records can neither stop a command nor act in a copy of the workbook."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from drafting.cli import main
from drafting.findings import Cell, Finding, Severity
from drafting.workbook.annotate import annotate
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.questionnaires.judgements import judgement_of

sys.path.insert(0, str(Path(__file__).parent))
import strange_files


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    "says", ["1/" + "9" * 5000, "9" * 5000 + "/3", "9" * 5000, "0." + "3" * 5000, "1e9999", "1e-9999", "１" * 5000]
)
def test_digits_without_end_are_no_number(says):
    for read in (judgement_of, decimal_of):
        with pytest.raises(CellFaultError):
            read(says)


def test_digits_without_end_are_a_finding(folder):
    folder.put("能源消耗", "C4", "1/" + "9" * 5000, "判断矩阵/E1.xlsx")
    folder.put("一级指标", "C4", "9" * 5000, "判断矩阵/E2.xlsx")
    assert {(f, c) for f, _, c in folder.findings()} >= {("judgement-wrong", "C4")}


STRANGE = {"_x000B_": "控制", "\u202e": "反向", "\x85": "控制"}


@pytest.mark.parametrize("says", STRANGE, ids=ascii)
def test_characters_that_nobody_sees_are_taken_out_and_named(folder, says, capsys):
    folder.put("文件信息", "B2", f"水泥{says}行业清洁生产评价指标体系")
    folder.put("剔除", "A2", f"企业01{says}")
    folder.put("剔除", "C2", f"停{says}产")
    project = folder.load()
    assert project.inputs.document.title == "水泥行业清洁生产评价指标体系"
    named = {f.place.cell for f in project.findings if f.code == "cell-strange-characters"}
    assert named == {"B2", "A2"}


@pytest.mark.slow
def test_commands_live_with_characters_that_nobody_sees(folder):
    for cell, says in zip(("B2", "B3", "B9"), STRANGE, strict=True):
        folder.put("文件信息", cell, f"水泥{says}行业")
    folder.put("剔除", "C2", "停_x000B_产")
    assert run("check", str(folder.path), "--annotate", "--json") in (0, 1)
    assert run("render", str(folder.path), "--to", "docx,html,md", "--quick") in (0, 1)
    names = [p.name for p in (folder.path / "成果").rglob("*")]
    assert not any(c in name for name in names for c in ("\u202e", "\x0b", "\x85"))


@pytest.mark.slow
@pytest.mark.parametrize("title", ["标" * 256, "t" * 3000])
def test_a_title_longer_than_a_property_may_be(folder, title):
    folder.put("文件信息", "B2", title)
    assert run("render", str(folder.path), "--to", "docx", "--quick") in (0, 1)
    draft = next(p for p in (folder.path / "成果").glob("*.docx") if "编制说明" not in p.name)
    assert title[:50].encode() in zipfile.ZipFile(draft).read("docProps/core.xml")


@pytest.mark.parametrize("record", ["记录/专家答复.json", "记录/停止规则.json"])
@pytest.mark.parametrize(
    "content",
    ["[" * 985 + "]" * 985, '{"format": 1, "entries": [' + "9" * 5000 + "]}", '{"format": 1e999999999, "entries": []}',
     "[" * 100_000, "\x00\xff", "null"],
)  # fmt: skip
def test_a_record_of_any_content_is_read_or_named(folder, record, content):
    target = folder.path / record
    target.parent.mkdir(exist_ok=True)
    target.write_text(content, "utf-8")
    project = folder.load()
    assert project.inputs is not None
    assert {m.expert for m in project.inputs.judgements} == {"E1", "E2"}


@pytest.mark.parametrize("record", ["专家答复.json", "停止规则.json", "成果清单.json"])
def test_a_record_larger_than_memory_is_not_parsed(folder, record):
    """Records were read up to 200 MB, the list of outputs without any bound: of "[]," 200 MB take 5 GB."""
    from drafting.files import MOST_RECORD
    from drafting.keeping import standing_of

    target = folder.path / "记录" / record
    target.parent.mkdir(exist_ok=True)
    sound = b'{"format": 1, "what": "x", "basis": "", "files": {}, "entries": []}'
    target.write_bytes(sound + b" " * MOST_RECORD)
    project = folder.load()
    assert project.inputs is not None
    standing = standing_of(folder.path)
    named = {f.place.file for f in (*project.findings, *(standing.findings() if standing else ()))}
    assert f"记录/{record}" in named


@pytest.mark.parametrize("content", ["[],", "{},", "1,"])
def test_a_result_of_nothing_but_lists_is_answered(tmp_path, content, monkeypatch):
    from drafting.verification import RecordError, verify

    for name in ("_MOST_LISTS", "_MOST_VALUES"):
        monkeypatch.setattr(sys.modules["drafting.verification.verify"], name, 1000)
    target = tmp_path / "结果.json"
    target.write_text('{"format": 3, "baselines": [' + content * 2000 + "1]}", "utf-8")
    with pytest.raises(RecordError, match="过多"):
        verify(target)


def fault(cell: str, sheet: str = "Sheet") -> Finding:
    return Finding("x", Severity.ERROR, "写错了", "改过来", "7", Cell("专家99.xlsx", sheet, cell))


def acting() -> bytes:
    """A workbook with formulas that start a program, fetch, and link; a name and a rule that lead elsewhere."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["A2"] = "企业", "=cmd|'/c calc'!A0"
    sheet["A3"] = '=HYPERLINK("http://127.0.0.1/x","点此")'
    sheet["A4"], sheet["A4"].hyperlink = "看", "http://127.0.0.1/y"
    sheet["A5"] = "=1/3"
    sheet["A6"] = openpyxl.worksheet.formula.ArrayFormula("A6:A7", '=WEBSERVICE("http://127.0.0.1/z")')
    book.defined_names["out"] = openpyxl.workbook.defined_name.DefinedName("out", attr_text="[1]Sheet1!$A$1")
    book.defined_names["in"] = openpyxl.workbook.defined_name.DefinedName("in", attr_text="Sheet!$A$1:$A$3")
    rule = openpyxl.worksheet.datavalidation.DataValidation(type="list", formula1='"是,否"')
    fetching = openpyxl.worksheet.datavalidation.DataValidation(type="custom", formula1='WEBSERVICE("http://x")=1')
    for one in (rule, fetching):
        sheet.add_data_validation(one)
        one.add("B2:B9")
    book.properties.creator = "某人"
    import io

    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_copy_holds_formulas_as_text_and_leads_nowhere(tmp_path):
    source = tmp_path / "专家99.xlsx"
    source.write_bytes(acting())
    copy = annotate(source, [fault("A2"), fault("A1")], tmp_path / "成果" / "专家99.xlsx")
    book = openpyxl.load_workbook(copy)
    sheet = book["Sheet"]
    assert [sheet[f"A{n}"].data_type for n in range(1, 7)] == ["s"] * 6
    assert sheet["A2"].value == "=cmd|'/c calc'!A0"
    assert sheet["A2"].quotePrefix
    assert sheet["A6"].value.startswith("=WEBSERVICE")
    assert set(book.defined_names) == {"in"}
    assert [r.formula1 for r in sheet.data_validations.dataValidation] == ['"是,否"']
    with zipfile.ZipFile(copy) as package:
        for name in package.namelist():
            content = package.read(name)
            assert b'TargetMode="External"' not in content, name
            assert "某人".encode() not in content
            assert b"<f>" not in content


def test_cut_off_properties_do_not_prevent_a_copy(tmp_path):
    source = tmp_path / "专家99.xlsx"
    cut = strange_files.with_parts(strange_files.good(), docProps__core_xml=lambda xml: xml[:200])
    source.write_bytes(cut)
    copy = annotate(source, [fault("A2")], tmp_path / "copy.xlsx")
    assert openpyxl.load_workbook(copy)["Sheet"]["A2"].value == "E9"


def test_ctrl_c_in_the_first_moments_is_one_chinese_line():
    program = (
        "import builtins\nreal = builtins.__import__\n"
        "def stopped(name, *rest):\n"
        "    if name == 'drafting.cli.app': raise KeyboardInterrupt\n"
        "    return real(name, *rest)\n"
        "import drafting.cli\nbuiltins.__import__ = stopped\ndrafting.cli.main(['check', '.'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program], capture_output=True, cwd=Path(__file__).parents[3], text=True
    )
    assert (done.returncode, done.stderr) == (130, "已中断。\n")
