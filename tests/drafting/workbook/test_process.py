"""编制过程: what hints used to ask people to write into 编制说明.docx, where the next build lost it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting import load_project
from drafting.changes.compare import changes
from drafting.document.faults import gaps
from drafting.document.search import runs_of
from drafting.document.statement.composing import compose_statement
from drafting.document.tree import blocks, plain
from drafting.model.process import Process
from drafting.model.results import Results
from drafting.model.sheet import rows
from drafting.pipeline.running import run_project
from drafting.project.examples import new_project
from drafting.workbook.project.blank import prefilled, write_project

TOLD = {row.field: f"{row.label}甲。\n{row.label}乙：1 < 2，{{{{ x }}}}【注】。" for row in rows(Process)}


def put(folder: Any, *told: tuple[str, object]) -> None:
    def change(book: Any) -> None:
        sheet = book.create_sheet("编制过程")
        sheet.append(["项目", "内容"])
        for row in told:
            sheet.append(row)

    folder.edit(change)


def words(document: Any) -> str:
    return "\n".join(plain(runs) for block in blocks(document) for runs in runs_of(block))


def test_a_new_project_has_the_sheet_of_the_contract(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(new_project(tmp_path / "新"))["编制过程"]
    assert [c.value for c in sheet[1]] == ["项目", "内容"]
    labels = [sheet.cell(r, 1).value for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value]
    assert {"计划文号", "会议", "分工", "行业概况", "分歧", "专利", "实施建议"} <= {*labels}
    assert all(sheet.cell(r, 1).comment for r in range(2, 2 + len(labels)))
    assert load_project(tmp_path / "新").inputs.process == Process()


def test_what_is_written_is_read_back_whole(tmp_path: Path) -> None:
    from dataclasses import replace

    process = Process(**TOLD, more=(("保密", "无。"), ("样品", "见附件\n二")))
    write_project(tmp_path / "项目.xlsx", replace(prefilled(), process=process))
    project = load_project(tmp_path)
    assert project.inputs.process == process
    assert project.provenance.find("process", "计划文号").cell == "B2"


def test_a_workbook_without_the_sheet_reads_as_before(folder: Any) -> None:
    project = folder.load()
    assert project.findings == ()
    assert project.inputs.process == Process()


def test_every_matter_is_printed_and_no_longer_asked_for(folder: Any) -> None:
    put(folder, *((row.label, TOLD[row.field]) for row in rows(Process)), ("保密", "无。"))
    folder.edit(lambda book: book["文件信息"].append(["代替文件", "T/A 1—2020"]))
    inputs = folder.load().inputs
    statement = compose_statement(inputs, Results())
    asked = [g.values["what"] for g in gaps(statement)]
    said = words(statement)
    assert {f.name for f in fields(Process)} - {"more"} == TOLD.keys()
    for row in rows(Process):
        if row.field in ("changes", "history", "stopping", "limiting", "trial"):
            continue  # in the foreword, or where there are rounds, no limiting indicator, a trial
        for line in TOLD[row.field].splitlines():
            assert line.replace(" ", "") in said.replace(" ", ""), row.label
    assert "保密：无。" in said
    assert "分表理由：" in said  # there is one table: what was typed stands among the other matters
    assert statement.chapters[-1].title == "其他应予说明的事项"
    for what in ("计划文号", "分工", "历次会议", "行业概况", "抵触", "协调", "分歧", "专利", "过渡期", "主要差异"):
        assert not [a for a in asked if what in a], what


def test_what_has_no_place_of_its_own_here_stands_among_the_other_matters(folder: Any) -> None:
    """No edition is replaced, there are no rounds and no trial: what was typed for them is printed all the same."""
    fields_of = ("differences", "changes", "history", "stopping", "trial")
    put(folder, *((row.label, f"{row.label}的话。") for row in rows(Process) if row.field in fields_of))
    statement = compose_statement(folder.load().inputs, Results())
    said = words(statement)
    assert statement.chapters[-1].title == "其他应予说明的事项"
    for row in rows(Process):
        if row.field in fields_of:
            assert said.count(f"{row.label}的话。") == 1, row.label


def test_the_foreword_takes_changes_and_history(folder: Any) -> None:
    from drafting.document.compose import compose

    put(folder, ("主要技术变化", "增加了碳排放指标（见表1）"), ("历次版本", "2020年首次发布为T/A 1—2020。"))
    folder.edit(lambda book: [book["文件信息"].append(r) for r in (["代替文件", "T/A 1—2020"], ["首次发布", "否"])])
    inputs = folder.load().inputs
    front = words(compose(inputs, Results()))
    assert "增加了碳排放指标（见表1）。" in front
    assert "2020年首次发布为T/A 1—2020。" in front
    assert "。。" not in front


def test_without_it_the_mark_stands_and_the_hint_points_to_the_sheet(folder: Any) -> None:
    from drafting.publishing.publisher import Publisher

    publisher = Publisher(run_project(folder.path), quick=True)
    publisher.write(["md"], papers=["md"])
    hints = [f for f in publisher.said if f.code == "gap-statement"]
    assert len(hints) >= 7
    assert all("编制过程" in f.remedy and "编制说明.docx" not in f.remedy for f in hints)


def test_rows_of_other_names_twice_and_without_name(folder: Any) -> None:
    put(folder, ("分 歧", "无。"), ("重大分歧", "有。"), ("分岐", "有。"), ("", "没有名称"), ("样品", ""), ("会议", 3))
    project = folder.load()
    found = {(f.code, f.place.sheet, f.place.cell) for f in project.findings}
    assert ("setting-twice", "编制过程", "A3") in found
    assert ("setting-no-label", "编制过程", "A5") in found
    assert (project.inputs.process.dissent, project.inputs.process.meetings) == ("无。", "3")
    assert project.inputs.process.more == (("分岐", "有。"),)


def test_the_public_statement_names_no_enterprise_and_no_expert(folder: Any) -> None:
    put(folder, ("会议", "企业03的代表和专家 E1 到会。"))
    inputs = folder.load().inputs
    assert "企业03" in words(compose_statement(inputs, Results(), edition="internal"))
    assert "E1" not in words(compose_statement(inputs, Results()))


def test_changes_of_the_sheet_are_told(folder: Any, tmp_path: Path) -> None:
    import shutil

    put(folder, ("专利", "不涉及。"), ("样品", "甲"))
    other = Path(shutil.copytree(folder.path, tmp_path / "新版"))
    book = openpyxl.load_workbook(other / "项目.xlsx")
    book["编制过程"]["B2"] = "涉及一项。"
    book["编制过程"]["A3"] = "标样"
    book.save(other / "项目.xlsx")
    found = [
        (c.subject, c.before, c.after)
        for c in changes(run_project(folder.path), run_project(other))
        if c.part == "编制过程"
    ]
    assert found == [("专利", "不涉及。", "涉及一项。"), ("样品", "甲", ""), ("标样", "", "甲")]


@pytest.mark.parametrize("text", ["=1+1", "\x07控制", "长" * 32767, "{{ 7*7 }}", "# 标题\n$$x$$", "[[table:ri]]"])
def test_text_is_text(folder: Any, text: str) -> None:
    from drafting.workbook.style import put as put_cell

    def change(book: Any) -> None:
        sheet = book.create_sheet("编制过程")
        sheet.append(["项目", "内容"])
        put_cell(sheet["A2"], "专利")
        put_cell(sheet["B2"], text)

    folder.edit(change)
    project = folder.load()
    statement = compose_statement(project.inputs, Results())
    patents = next(c for c in statement.chapters if "专利" in c.title)
    said = "".join(plain(b.runs) for b in blocks(statement) if b in patents.children)
    assert said.replace("\n", "") == project.inputs.process.patents.replace("\n", "")
