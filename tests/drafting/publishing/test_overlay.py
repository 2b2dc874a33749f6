"""A committee's own template folder: texts and blueprint laid over ours, each said; nothing outside is read."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from drafting.document.tree import blocks, plain
from drafting.document.variants import variant, variants
from drafting.findings import Cell, Provenance
from drafting.model.document import KINDS
from drafting.project.folder import Project
from drafting.publishing.overlay import find_overlay
from drafting.publishing.publisher import Publisher
from drafting.render.docx.blueprint import stored
from drafting.run import Run
from tests.drafting.document import factory


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return run_in(tmp_path, "模板")


def run_in(folder: Path, named: str) -> Run:
    (folder / "模板").mkdir(exist_ok=True)
    inputs = factory.inputs(document=factory.document(template_folder=named))
    where = Provenance({("info", "模板目录"): Cell("项目.xlsx", "文件信息", "B21")})
    return Run(Project(folder, inputs, where), factory.results(inputs), ())


def templates_of(run: Run) -> Path:
    return run.project.folder / "模板"


def test_a_text_of_the_committee_replaces_ours_and_is_said(run: Run) -> None:
    (templates_of(run) / "scope.j2").write_text("本文件只管{{ industry }}。", "utf-8")
    (templates_of(run) / "scoop.j2").write_text("写错的名字", "utf-8")
    publisher = Publisher(run, quick=True)
    assert any(plain(getattr(b, "runs", ())) == "本文件只管水泥行业。" for b in blocks(publisher.draft))
    assert [(f.code, f.values["name"]) for f in publisher.said] == [
        ("templates-override", "scope.j2"), ("templates-unused", "scoop.j2"),
    ]  # fmt: skip


def test_a_text_of_the_paper_can_be_replaced_too(run: Run) -> None:
    (templates_of(run) / "statement-patents.j2").write_text("不涉及专利。", "utf-8")
    publisher = Publisher(run, quick=True)
    publisher.write([], papers=["md"])
    assert "不涉及专利。" in publisher.written[0].read_text("utf-8")


@pytest.mark.parametrize("named", ["../外面", "..", ".", "/etc", "模板/../..", "C:\\Windows\\..\\.."])
def test_a_folder_outside_the_project_is_refused(tmp_path: Path, named: str) -> None:
    found = find_overlay(run_in(tmp_path, named).project)
    assert found.folder is None
    assert [f.code for f in found.findings] in (["templates-outside"], ["templates-missing"])
    assert found.findings[0].place.cell == "B21"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert [f.code for f in find_overlay(run_in(tmp_path, "没有").project).findings] == ["templates-missing"]


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("第一行\n{{ industri }}", "text-undefined", "industri"),
        ("{% if x %}", "text-syntax", ""),
        ("{{ ''.__class__.__mro__ }}", "text-forbidden", ""),
        ("{% include '../../../etc/passwd' %}", "text-missing", ""),
    ],
)
def test_what_is_wrong_in_a_text_is_said_with_file_and_line(run: Run, text: str, code: str, name: str) -> None:
    (templates_of(run) / "scope.j2").write_text(text, "utf-8")
    publisher = Publisher(run, quick=True)
    publisher.write(["docx", "md"])
    assert not publisher.written
    said = next(f for f in publisher.said if f.code.startswith("text-"))
    assert said.code == code
    assert name in said.message
    if code == "text-undefined":
        assert (said.values["file"], said.values["line"]) == ("模板/scope.j2", "2")


def test_a_blueprint_without_our_styles_is_used_and_its_gaps_named(run: Run) -> None:
    shutil.copy(stored(), templates_of(run) / "蓝本.docx")
    word = docx.Document(str(templates_of(run) / "蓝本.docx"))
    word.styles["标准文件_破折号列项"].element.getparent().remove(word.styles["标准文件_破折号列项"].element)
    word.save(str(templates_of(run) / "蓝本.docx"))
    publisher = Publisher(run, quick=True)
    publisher.write(["docx"], papers=[])
    assert [f.values["style"] for f in publisher.said if f.code == "style-missing"] == ["标准文件_破折号列项"]
    with zipfile.ZipFile(publisher.written[0]) as package:
        assert "标准文件_破折号列项" not in package.read("word/styles.xml").decode()


def test_a_blueprint_that_is_no_word_file_is_said(run: Run) -> None:
    (templates_of(run) / "蓝本.docx").write_bytes(b"not a package")
    found = find_overlay(run.project)
    assert found.blueprint is None
    assert [f.code for f in found.findings] == ["blueprint-unreadable"]


# --- variants ---------------------------------------------------------------------------------------------------------
def test_every_kind_of_standard_has_a_variant() -> None:
    assert set(variants()) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "number", "banner", "code"),
    [
        ("国家标准", "GB/T 12345—2026", "中华人民共和国国家标准", "GB"),
        ("行业标准", "HJ 1234—2026", "中华人民共和国国家生态环境标准", "HJ"),
        ("行业标准", "JC/T 2345—2026", "中华人民共和国建材行业标准", "JC"),
        ("行业标准", "", "中华人民共和国行业标准", "××"),
        ("地方标准", "DB11/T 123—2026", "北京市地方标准", "DB11"),
        ("地方标准", "DB33/T 123—2026", "浙江省地方标准", "DB33"),
        ("团体标准", "T/ABC 001—2026", "团体标准", "T/ABC"),
    ],
)
def test_the_cover_follows_kind_and_number(kind: str, number: str, banner: str, code: str) -> None:
    from drafting.document.compose import compose

    inputs = factory.inputs(document=factory.document(kind=kind, number=number))
    cover = compose(inputs, factory.results(inputs)).cover
    assert (cover.banner, cover.code) == (banner, code)
    assert cover.number == (number or variant(kind).number)


@pytest.mark.parametrize(
    ("kind", "bodies", "sentences"),
    [
        ("国家标准", ("甲委员会", "甲委员会"), ["本文件由甲委员会提出并归口。"]),
        ("行业标准", ("甲司", "乙委员会"), ["本文件由甲司提出。", "本文件由乙委员会归口。"]),
        ("地方标准", ("甲厅", "甲厅"), ["本文件由甲厅提出、归口并组织实施。"]),
        ("地方标准", ("甲厅", "乙厅"), ["本文件由甲厅提出。", "本文件由乙厅归口并组织实施。"]),
        ("团体标准", ("甲协会", "甲协会"), ["本文件由甲协会提出并归口。"]),
    ],
)
def test_the_foreword_names_the_bodies_as_the_kind_does(
    kind: str, bodies: tuple[str, str], sentences: list[str]
) -> None:
    from drafting.document.compose import compose

    info = factory.document(kind=kind, proposed_by=bodies[0], under=bodies[1])
    inputs = factory.inputs(document=info)
    foreword = compose(inputs, factory.results(inputs)).front[0]
    said = [plain(block.runs) for block in foreword.children]
    assert [line for line in said if "提出" in line or "归口" in line] == sentences


def test_a_variant_may_replace_a_text(tmp_path: Path) -> None:
    from drafting.document.texts import Texts

    (tmp_path / "scope.j2").write_text("变体", "utf-8")
    own = tmp_path / "own"
    own.mkdir()
    assert Texts(None, variant=tmp_path).render("scope", {}) == "变体"
    (own / "scope.j2").write_text("委员会", "utf-8")
    assert Texts(own, variant=tmp_path).render("scope", {}) == "委员会"


def test_the_record_line_stands_on_final_drafts_only() -> None:
    from drafting.document.compose import compose

    for stage, expected in (("征求意见稿", ""), ("报批稿", "备案号：××××—××××")):
        inputs = factory.inputs(document=replace(factory.document(kind="地方标准"), stage=stage))
        assert compose(inputs, factory.results(inputs)).cover.record == expected


@pytest.mark.parametrize(
    ("sheet", "label"), [("方法设置", "templates"), ("方法设置", "模板目录"), ("文件信息", "templates")]
)
def test_the_folder_may_be_named_in_either_sheet_and_by_either_label(folder: Any, sheet: str, label: str) -> None:
    folder.edit(lambda book: book[sheet].append([label, "我们的模板", ""]))
    (folder.path / "我们的模板").mkdir()
    (folder.path / "我们的模板" / "scope.j2").write_text("本文件规定了评价要求。", "utf-8")
    project = folder.load()
    assert [f.code for f in project.findings] == []
    found = find_overlay(project)
    assert found.folder == (folder.path / "我们的模板").resolve()
    assert [(f.code, f.place.file) for f in found.findings] == [("templates-override", "我们的模板/scope.j2")]


def test_two_folders_that_differ_are_told(folder: Any) -> None:
    folder.edit(lambda book: book["文件信息"].append(["模板目录", "甲", ""]))
    folder.edit(lambda book: book["方法设置"].append(["templates", "乙", ""]))
    assert ("setting-twice", "方法设置", "B5") in folder.findings()
