"""What a page advises is done on pages: no remedy sends its reader to a terminal."""

from __future__ import annotations

import re

import pytest

from drafting.analysis.weights.stopping import next_round
from drafting.desk.remedies import on_page
from drafting.findings import finding
from drafting.findings.finding import catalogue
from drafting.model.inputs import Inputs
from drafting.project.folder import load_project
from drafting.resources import templates
from drafting.workbench.bench import Bench
from drafting.workbench.navigation import navigation
from tests.drafting.survey_projects import write_project

from .conftest import Visitor
from .test_baselines_screen import write

_OF_THE_TERMINAL = {"import-folder-taken", "package-wrong", "assessment-not-a-form"}
"""Told by ``drafting import``, ``publish``, ``evaluate`` alone: no screen begins what they are about."""
_VALUES = {"stage": "征求意见稿", "label": "0001-征求意见稿", "name": "0001-征求意见稿"}


def filled(template: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: _VALUES.get(name[1], "甲"), template)


def test_no_remedy_on_a_page_names_a_command() -> None:
    titles = {s.title for s in navigation(served=True)} | {"项目", "联合校准"}
    left = set()
    for code, wording in catalogue().items():
        for told in (filled(wording.message), filled(wording.remedy)):
            said = on_page(told)
            if "drafting " in said:
                left.add(code)
            if said == told:
                continue
            assert [name for name in re.findall("“([^”]+)”页", said) if name not in titles] == [], code
            assert not re.search(r"[^ -~] “|” [^ -~]", said), "no blanks where a word of another script stood"
    assert left == _OF_THE_TERMINAL


def test_what_is_to_be_done_stands_on_the_pages() -> None:
    """The buttons that are named are there."""
    pages = "".join(p.read_text("utf-8") for p in (templates() / "workbench").glob("*.j2"))
    for button in ("重新生成", "企业自评表", "PDF", "恢复…", "下载文件", "留存", "另行生成", "新建"):
        assert button in pages, button


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("重新运行 drafting build；在此之前", "在“总览”页重新生成草案；在此之前"),
        ("见 drafting trial。", "见“试评价”页。"),
        ("用 drafting forms 项目文件夹 写出新表，请企业补填", "在“文件”页写出新表，请企业补填"),
        ("运行 drafting stage 项目文件夹 送审稿，另定", "在“版本”页留存“送审稿”，另定"),
        ("运行 drafting stage 项目文件夹 --export 0002-送审稿 --to 新文件夹。", "在“版本”页下载“0002-送审稿”的文件。"),
        ("重新执行 drafting render --to pdf。", "在“输出”页勾选“PDF”生成。"),
        ("由 drafting verify 复算", "由 drafting verify 复算"),
    ],
)
def test_a_command_becomes_the_screen_that_does_the_same(told: str, shown: str) -> None:
    assert on_page(told) == shown


def test_the_round_to_come_is_told_by_its_screen(visitor: Visitor, bench: Bench) -> None:
    """A sentence made in code, not in the catalogue."""
    inputs = load_project(write_project(bench.home.root / "行业", [])).inputs
    assert isinstance(inputs, Inputs)
    assert on_page(next_round(inputs, 2, rated=True)) == "在“专家轮次”页发放第 2 轮问卷"


def test_pages_show_the_screen_where_the_terminal_shows_the_command(visitor: Visitor, bench: Bench) -> None:
    """Findings, and the margin of the draft."""
    folder = write(bench.home.root / "行业")
    (folder / "企业调查表").mkdir()
    (folder / "企业调查表" / "甲.xlsx").write_bytes((folder / "调研数据.xlsx").read_bytes())
    assert "drafting forms" in finding("enterprise-form-none").remedy
    shown = visitor.get("/p/行业/findings").text
    assert "在“文件”页写出调查表请企业填写" in shown
    for page in ("", "/findings", "/draft", "/rounds", "/opinions", "/versions?verify=1"):
        assert not re.search(r"drafting [a-z]", visitor.get(f"/p/行业{page}").text), page
