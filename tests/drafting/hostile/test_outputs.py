"""Outputs say nothing they should not: no action, nothing fetched, no hidden character, no path, nobody's account."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import sys
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import docx
import pytest

from drafting.cli import main
from drafting.render.docx.blueprint import stored
from drafting.render.docx.borrowed import BlueprintError, borrow, opened
from drafting.render.docx.office import find_office, find_program
from drafting.resources import examples

sys.path.insert(0, str(Path(__file__).parent))
from outputs_scan import acting

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TEMPLATE = (
    f'<Relationship Id="rId90" Type="{OFFICE}/attachedTemplate" Target="http://127.0.0.1/evil.dotm" '
    'TargetMode="External"/></Relationships>'
)
EVIL = (
    '<script>fetch("http://127.0.0.1")</script>', "{{ 7*7 }}{% for i in x %}", "=cmd|'/c calc'!A0", "+HYPERLINK(\"http://x\")",
    "[点此](javascript:alert(1))", "![图](http://127.0.0.1/x.png)", "甲\u202e乙\u2066丙", 'INCLUDEPICTURE "http://127.0.0.1/x"',
    "<img src=x onerror=alert(1)>", "]]><!DOCTYPE x>", "${jndi:ldap://x}", "_x000B__x202E_",
)  # fmt: skip


def evil_blueprint(path: Path) -> Path:
    """Ours, with a template that is fetched, macros, a picture bullet, an embedded font."""
    macros = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
    before = {
        "[Content_Types].xml": (
            "</Types>", '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>',
        ),
        "docProps/app.xml": ("</Company>", "C:\\Users\\somebody"),
        "word/settings.xml": ("</w:settings>", f'<w:attachedTemplate xmlns:r="{OFFICE}" r:id="rId90"/>'),
        "word/numbering.xml": ("<w:abstractNum ", '<w:numPicBullet w:numPicBulletId="0"><w:pict/></w:numPicBullet>'),
        "word/fontTable.xml": ("</w:font>", f'<w:embedRegular xmlns:r="{OFFICE}" r:id="rId5"/>'),
        "word/_rels/document.xml.rels": (
            "</Relationships>", f'<Relationship Id="rId91" Type="{macros}" Target="vbaProject.bin"/>',
        ),
    }  # fmt: skip
    packaged = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(stored()) as ours, zipfile.ZipFile(path, "w") as made:
        for name in ours.namelist():
            content = ours.read(name).decode()
            if name in before:
                mark, more = before[name]
                content = content.replace(mark, more + mark, 1)
            made.writestr(name, content)
        made.writestr("word/_rels/settings.xml.rels", f'<Relationships xmlns="{packaged}">{TEMPLATE}')
        made.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    return path


def test_a_blueprint_gives_its_looks_and_nothing_else(tmp_path):
    path = evil_blueprint(tmp_path / "蓝本.docx")
    assert acting(path)
    found = borrow(path)
    clean = tmp_path / "clean.docx"
    clean.write_bytes(found.content)
    assert acting(clean) == []
    assert found.dropped == ("内嵌字体", "图片或对象", "宏", "文件以外的附加模板的链接")
    names = [s.name for s in docx.Document(str(stored())).styles]
    assert [s.name for s in opened(path).styles] == names


@pytest.mark.parametrize("what", ["doctype", "large", "no-zip", "no-numbering", "cut", "not-styles"])
def test_a_blueprint_that_is_not_safe_to_read_is_said(tmp_path, what):
    path = tmp_path / "蓝本.docx"
    with zipfile.ZipFile(stored()) as ours, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in ours.namelist():
            content = ours.read(name)
            if name == "word/styles.xml" and what == "doctype":
                content = (
                    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "e">]>' + content[content.index(b"<w:styles") :]
                )
            if name == "word/styles.xml" and what == "large":
                content += b" " * (30 << 20)
            if name == "word/styles.xml" and what == "cut":
                content = content[:1000]
            if name == "word/styles.xml" and what == "not-styles":
                content = b"<html/>"
            if name.endswith("document.xml.rels") and what == "no-numbering":
                content = content.replace(b"/numbering", b"/other")
            made.writestr(name, content)
    if what == "no-zip":
        path.write_bytes(b"{}")
    with pytest.raises(BlueprintError) as fault:
        borrow(path)
    assert any("\u4e00" <= c <= "\u9fff" for c in str(fault.value))


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


def written(folder: Path) -> list[Path]:
    return [p for p in (folder / "成果").rglob("*") if p.is_file() and not p.name.startswith(".")]


@pytest.mark.slow
def test_what_is_written_from_a_strangers_project_acts_nowhere(folder):
    at = iter(EVIL * 4)
    folder.put("文件信息", "B2", "水泥\u202e行业<script>清洁</script>=cmd|x")
    folder.put("文件信息", "A4", "模板目录")
    folder.put("文件信息", "B4", "模板")
    (folder.path / "模板").mkdir()
    evil_blueprint(folder.path / "模板" / "蓝本.docx")

    def change(book):
        sheet = book["二级指标"]
        headings = {c.value: c.column for c in sheet[1]}
        sheet.cell(1, len(headings) + 1, "指标解释")
        sheet.cell(1, len(headings) + 2, "选取理由")
        for row in range(2, 7):
            sheet.cell(row, len(headings) + 1, next(at))
            sheet.cell(row, len(headings) + 2, next(at))
        for title in ("政策依据", "引用文件", "术语"):
            for cell in book[title][2]:
                cell.value, cell.data_type = next(at), "s"
        book["剔除"].append(["企业03", None, next(at)])

    folder.edit(change)
    folder.put("调研数据", "A5", EVIL[0], "调研数据.xlsx")
    folder.put("调研数据", "B6", EVIL[4], "调研数据.xlsx")
    folder.put("能源消耗", "C4", EVIL[2], "判断矩阵/E2.xlsx")
    assert run("check", str(folder.path), "--annotate") in (0, 1)
    assert run("build", str(folder.path), "--quick") in (0, 1)
    files = written(folder.path)
    assert {p.suffix for p in files} >= {".docx", ".html", ".md", ".json", ".xlsx"}
    private = (str(folder.path), *((getpass.getuser(),) if len(getpass.getuser()) > 4 else ()))
    wrong = {p.name: found for p in files if (found := acting(p, private=private))}
    assert not wrong


@pytest.mark.slow
def test_what_is_written_from_the_example_acts_nowhere(tmp_path):
    folder = Path(shutil.copytree(examples() / "建筑陶瓷", tmp_path / "p"))
    assert run("build", str(folder)) in (0, 1)
    pdf = ",pdf" if shutil.which("soffice") else ""
    assert run("render", str(folder), "--to", f"workbook{pdf}") in (0, 1)
    assert len(list((folder / "成果").glob("*.pdf"))) == (3 if pdf else 0)  # draft, statement, attachment
    wrong = {p.name: found for p in written(folder) if (found := acting(p, private=(str(folder),)))}
    assert not wrong


LINKED = """<?xml version="1.0"?><office:document office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"><office:body><office:text><text:p>
<draw:frame><draw:image xlink:href="http://127.0.0.1:PORT/a.png" xlink:type="simple"/></draw:frame>
</text:p></office:text></office:body></office:document>"""


@pytest.mark.slow
@pytest.mark.skipif(find_office() is None, reason="LibreOffice is not on this machine")
def test_an_old_word_file_fetches_nothing(tmp_path):
    """A picture that a stranger's .doc links would tell the stranger who reads it, and where."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_GET

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        source = tmp_path / "a.fodt"
        source.write_text(LINKED.replace("PORT", str(server.server_port)), "utf-8")
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        made = [str(find_program()), profile, "--headless", "--convert-to", "doc", "--outdir", str(tmp_path)]
        subprocess.run([*made, str(source)], check=True, capture_output=True, timeout=120)
        assert asked  # LibreOffice as it is does
        asked.clear()
        office = find_office()
        assert office is not None
        assert office.to_docx((tmp_path / "a.doc").read_bytes())
        server.shutdown()
    assert asked == []


SEEN = {
    "a.html": "<a href='javascript:alert(1)'>x</a>", "b.html": "<script>alert(1)</script>",
    "c.html": "<img src=x onerror=y>", "d.md": "[x](javascript:y)", "e.md": "<script>", "f.svg": "<svg onload='x'/>",
    "g.json": '"/home/somebody/x"', "h.md": "a\u202eb", "i.svg": '<svg><image href="http://x"/></svg>',
    "j.xml": '<w:instrText>INCLUDETEXT "x"</w:instrText>', "k.xml": "<f>cmd|'x'!A</f>",
    "l.rels": '<Relationship TargetMode="External"/>', "m.xml": "&#x202E;", "n\u202e.md": "x",
    "o.html": "<iframe></iframe>",
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN, ids=ascii)
def test_the_scan_sees_what_it_looks_for(tmp_path, name):
    path = tmp_path / name
    path.write_text(SEEN[name], "utf-8")
    assert acting(path)
