"""A project folder as a whole: which files are read, which are missing, what is said of files that cannot be read."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from drafting import load_project
from drafting.project.folder import NoProjectError, load_survey
from drafting.workbook.headings import round_number


def test_a_right_project_has_no_findings(folder):
    project = folder.load()
    assert project.findings == ()
    assert [i.code for i in project.inputs.system.indicators] == ["N1", "N2", "S1", "S2", "S3"]
    assert project.inputs.document.title == "水泥行业清洁生产评价指标体系"
    assert len(project.inputs.survey) == 10
    assert [(m.expert, m.group) for m in project.inputs.judgements] == [
        (e, g) for e in ("E1", "E2") for g in ("一级指标", "能源消耗", "水资源消耗")
    ]
    data = (folder.path / "项目.xlsx").read_bytes()
    assert project.files["项目.xlsx"] == hashlib.sha256(data).hexdigest()
    assert set(project.files) == {"项目.xlsx", "调研数据.xlsx", "判断矩阵/E1.xlsx", "判断矩阵/E2.xlsx"}


def test_every_value_knows_its_cell(folder):
    where = folder.load().provenance
    assert str(where.find("indicator", "S1", "方向")) == "项目.xlsx·二级指标·E4"
    assert str(where.find("setting", "CR限值")) == "项目.xlsx·方法设置·B3"
    assert str(where.find("survey", "N2", "3")) == "调研数据.xlsx·调研数据·F5"
    assert str(where.find("judgement", "E2", "水资源消耗", "0", "2")) == "判断矩阵/E2.xlsx·水资源消耗·D4"
    assert str(where.find("expert", "1", "专家代号")) == "项目.xlsx·专家组·A3"


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(NoProjectError, match="没有这个"):
        load_project(tmp_path / "没有这个")
    (tmp_path / "文件").write_text("x")
    with pytest.raises(NoProjectError, match="是文件；请给出"):
        load_project(tmp_path / "文件")


def test_only_the_project_file_is_a_journey_not_yet_made(folder):
    (folder.path / "调研数据.xlsx").unlink()
    for file in (folder.path / "判断矩阵").iterdir():
        file.unlink()
    project = folder.load()
    assert {(f.code, f.severity.value) for f in project.findings} == {
        ("survey-missing", "note"), ("judgements-missing", "note"),
    }  # fmt: skip
    assert project.inputs.survey is None


def test_missing_project_file_names_a_likely_one(folder):
    (folder.path / "项目.xlsx").rename(folder.path / "项目表.xlsx")
    project = folder.load()
    assert project.inputs is None
    assert project.findings[0].code == "project-file-missing"
    assert "项目表.xlsx" in project.findings[0].message


def test_lock_files_are_skipped_with_a_note(folder):
    (folder.path / "~$项目.xlsx").write_bytes(b"x")
    (folder.path / "判断矩阵" / "~$E1.xlsx").write_bytes(b"x")
    project = folder.load()
    assert project.skipped == ("~$项目.xlsx", "判断矩阵/~$E1.xlsx")
    assert [(f.code, f.severity.value) for f in project.findings] == [("file-open", "note")] * 2
    assert "文件正打开" in project.findings[0].message


def _bomb(path: Path) -> None:
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda b: b"<worksheet>" + b" " * (64 << 20))


def _doctype(path: Path) -> None:
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    _rewrite(path, "xl/workbook.xml", lambda b: head + b[b.index(b"<workbook") :])


def _late_doctype(path: Path) -> None:
    # After a comment longer than any head that might be looked at, and in UTF-16.
    text = "<?xml version='1.0' encoding='UTF-16'?><!--" + "x" * 70000 + "--><!DOCTYPE x><worksheet/>"
    _rewrite(path, "xl/worksheets/sheet1.xml", lambda b: text.encode("utf-16"))


def _climb(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../evil.xml", "<x/>")


def _no_xml(path: Path) -> None:
    _rewrite(path, "xl/workbook.xml", lambda b: b[: len(b) // 2])


def _bad_checksum(path: Path) -> None:
    data = bytearray(path.read_bytes())
    at = data.index(b"xl/workbook.xml") + len("xl/workbook.xml") + 40
    data[at] ^= 0xFF
    path.write_bytes(bytes(data))


def _rewrite(path: Path, name: str, change) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts[name] = change(parts[name])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
BROKEN = {
    "file-empty": lambda p: p.write_bytes(b""),
    "file-not-workbook": lambda p: p.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 5000),
    "file-xls": lambda p: p.write_bytes(OLE + b"\0" * 5000),
    "file-protected": lambda p: p.write_bytes(OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600),
    "file-damaged": lambda p: p.write_bytes(p.read_bytes()[:2000]),
    "file-damaged 2": _no_xml,
    "file-damaged 3": _bad_checksum,
    "file-bomb": _bomb,
    "file-doctype": _doctype,
    "file-doctype 2": _late_doctype,
    "file-climbing-part": _climb,
}


@pytest.mark.parametrize("code", BROKEN)
@pytest.mark.parametrize("file", ["项目.xlsx", "调研数据.xlsx", "判断矩阵/E1.xlsx"])
def test_a_broken_file_is_one_finding_and_the_rest_is_read(folder, file, code):
    BROKEN[code](folder.path / file)
    project = folder.load()
    assert [(f.code, f.place.file) for f in project.findings] == [(code.split()[0], file)]
    assert (project.inputs is None) == (file == "项目.xlsx")


def _zip_of(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n\0", "PDF"), (b"\xff\xd8\xff\xe0\0", "图片"), ("企业,甲".encode(), "文本"),
        (b"Rar!\x1a\0", "压缩包"),
        (b"\1\0\2", "未知"), (_zip_of("word/document.xml"), "Word"), (_zip_of("mimetype", "content.xml"), ".ods"),
        (_zip_of("xl/workbook.bin"), ".xlsb"), (_zip_of("专家01.xlsx"), "压缩包"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_called_by_its_kind(folder, content, kind):
    (folder.path / "判断矩阵" / "E1.xlsx").write_bytes(content)
    (found,) = folder.load().findings
    assert (found.code, kind in found.message) == ("file-not-workbook", True)


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-32", "broken"])
def test_a_text_in_an_encoding_of_its_own_is_no_damaged_workbook(folder, encoding):
    """UTF-16 without its mark, with half a pair, UTF-32: what to do is to save it in another encoding."""
    text = "企业,N2\n甲,3\n"
    content = "\ufeff甲".encode("utf-16-le") + b"\x00\xd8,\0" if encoding == "broken" else text.encode(encoding)
    (folder.path / "调研数据.xlsx").unlink()
    (folder.path / "调研数据.csv").write_bytes(content)
    assert [f.code for f in folder.load().findings] == ["csv-encoding"]


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX here")
def test_a_forbidden_file_is_a_finding(folder, monkeypatch):
    def refuse(path: Path, inside: Path | None = None) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("drafting.workbook.opening.open_regular", refuse)
    assert folder.one().code == "file-locked"


def test_a_link_out_of_the_folder_is_not_followed(folder, tmp_path):
    outside = tmp_path / "外.xlsx"
    (folder.path / "调研数据.xlsx").rename(outside)
    (folder.path / "调研数据.xlsx").symlink_to(outside)
    assert folder.one().code == "file-outside"


def test_an_unreadable_survey_of_another_kind_is_named(folder):
    (folder.path / "调研数据.xlsx").rename(folder.path / "调研数据.xls")
    assert folder.one().code == "file-unexpected"


def test_names_of_round_folders():
    assert [round_number(n) for n in ("第1轮", "第 2 轮", "第三轮", "第１轮", "终稿")] == [1, 2, 3, 1, None]


def test_load_survey_reads_any_file_like_the_projects_own(folder):
    project = folder.load()
    survey, where, findings = load_survey(folder.path / "调研数据.xlsx", project.inputs)
    assert findings == ()
    for code, column in project.inputs.survey.columns.items():
        np.testing.assert_array_equal(survey.columns[code].values, column.values)
    assert str(where.find("survey", "N1", "0")) == "调研数据.xlsx·调研数据·E2"


def test_errors_in_every_tier_are_reported_at_once(folder):
    folder.put("二级指标", "E2", "越少越好吧")
    folder.put("调研数据", "F4", "大概三左右", "调研数据.xlsx")
    folder.put("一级指标", "C4", 12, "判断矩阵/E1.xlsx")
    (folder.path / "判断矩阵" / "E2.xlsx").write_bytes(b"")
    assert {f.code for f in folder.load().findings} == {
        "not-a-choice", "survey-not-a-number", "judgement-wrong", "file-empty",
    }  # fmt: skip
