"""Stages: built with their words and date, kept whole, compared with what comes after, restored, never rebuilt."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from drafting.changes.compare import Change, Kind
from drafting.changes.stages import told
from drafting.cli import app
from drafting.document.statement.composing import compose_statement
from drafting.document.tree import Table, blocks, plain
from drafting.keeping.versions import read_file, verify_versions, versions_of
from drafting.model.history import BodyOpinions, History
from drafting.model.results import Results
from drafting.pipeline.running import build
from drafting.pipeline.stages import StageError, keep_stage
from tests.drafting.document import factory
from tests.drafting.survey_projects import write_csv, write_project

DAY = date(2024, 2, 29)
"""Never the day on which the tests run: a stage bears its own, not that of keeping it."""


def text(path: Path) -> str:
    made = docx.Document(str(path))
    cells = (c.text for t in made.tables for r in t.rows for c in r.cells)
    return "\n".join([*(p.text for p in made.paragraphs), *cells])


def edit(folder: Path, sheet: str, heading: str, row: int, value: object) -> None:
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    of = book[sheet]
    titles = [c.value for c in of[1]]
    of.cell(row, titles.index(heading) + 1).value = value  # type: ignore[union-attr]
    book.save(folder / "项目.xlsx")


def comment(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["单位名称", "条款编号", "意见及建议"],
        ["甲院", "4.2", "依据不足"],
        ["甲院", "5.1", "改写"],
        ["乙会", "", "无意见"],
    ):
        sheet.append(row)
    (folder / "意见").mkdir(exist_ok=True)
    book.save(folder / "意见" / "甲.xlsx")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Three stages: the second after changes and comments, the third on the same day without any."""
    folder = write_project(
        tmp_path_factory.mktemp("阶段") / "水泥",
        [{"二级指标": "单位产品能耗", "限定性": "是"}, {"二级指标": "单位产品水耗", "限定性": "否"}],
        info={"文件名称": "水泥行业清洁生产评价指标体系", "阶段": "工作组讨论稿"},
    )
    write_csv(folder, [["企业", "E1", "E2"], *([f"厂{k}", 100 + k, 5 + k] for k in range(1, 41))])
    before = (folder / "项目.xlsx").read_bytes()
    first = keep_stage(folder, "征求意见稿", note="发文", day=DAY, quick=True)
    untouched = (folder / "项目.xlsx").read_bytes() == before
    there = {p: p.read_bytes() for p in (folder / "记录" / "版本").rglob("*") if p.is_file()}
    draft = next((folder / "成果").glob("*征求意见稿*.docx"))
    by_hand = docx.Document(str(draft))
    by_hand.add_paragraph("手改")
    by_hand.save(str(draft))
    edit(folder, "二级指标", "二级指标", 3, "单位产品取水量")
    edit(folder, "二级指标", "限定性", 2, "否")
    comment(folder)
    second = keep_stage(folder, "送审讨论稿", day=DAY, quick=True)
    statement = text(folder / "成果" / "编制说明.docx")
    third = keep_stage(folder, "送审稿", day=DAY, quick=True)
    return {"folder": folder, "untouched": untouched, "there": there, "by_hand": draft, "statement": statement,
            "stages": (first[1], second[1], third[1])}  # fmt: skip


def test_a_stage_is_kept_with_inputs_draft_record_and_digests(kept: dict[str, Any]) -> None:
    folder, first = kept["folder"], kept["stages"][0]
    assert kept["untouched"]
    assert (first.label, first.kind, first.note) == ("0001-征求意见稿", "阶段", "发文")
    names = {"项目.xlsx", "调研数据.csv", "成果/结果.json", "成果/编制说明.docx",
             "成果/水泥行业清洁生产评价指标体系（征求意见稿）.docx"}  # fmt: skip
    assert names <= set(first.files)
    record = json.loads(read_file(folder, first, "成果/结果.json") or b"")
    assert record["inputs"]["项目.xlsx"] == first.files["项目.xlsx"].sha256


def test_the_cover_bears_the_stage_and_its_date(kept: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "稿.docx"
    name = "成果/水泥行业清洁生产评价指标体系（征求意见稿）.docx"
    path.write_bytes(read_file(kept["folder"], kept["stages"][0], name) or b"")
    cover = text(path)
    assert "（征求意见稿）" in cover
    assert "2024-02-29" in cover
    assert "工作组讨论稿" not in cover


def test_a_finished_stage_is_never_rebuilt_and_verifies_after_a_save_by_hand(kept: dict[str, Any]) -> None:
    folder = kept["folder"]
    assert all(path.read_bytes() == content for path, content in kept["there"].items())
    assert "手改" in text(kept["by_hand"]), "the draft that was saved by hand stays"
    assert [v.label for v in versions_of(folder)] == ["0001-征求意见稿", "0002-送审讨论稿", "0003-送审稿"]
    assert verify_versions(folder) == ()
    hand = hashlib.sha256(kept["by_hand"].read_bytes()).hexdigest()
    assert hand in {k.sha256 for k in kept["stages"][1].files.values()}, "and is kept with the next stage"


def test_the_next_stage_tells_what_changed_who_commented_and_what_was_decided(kept: dict[str, Any]) -> None:
    said = kept["statement"]
    assert "与2024年2月29日的征求意见稿相比，本稿的主要变化如下" in said
    assert "“单位产品能耗”不再列为限定性指标" in said
    assert "“单位产品水耗”改名为“单位产品取水量”" in said
    assert "征求意见收到2个单位的回复，其中1个单位提出意见，合并相同的意见后共2条" in said
    assert "甲院" in said
    third = text(kept["folder"] / "成果" / "编制说明.docx")
    assert "与2024年2月29日的送审讨论稿相比，本稿的指标、权重、基准值和文字没有变化" in third


def test_diff_takes_the_name_of_a_version(kept: dict[str, Any], capsysbinary: Any) -> None:
    folder = kept["folder"]
    assert app.run(["diff", f"{folder}@征求意见稿", str(folder), "--json"]) == 0
    told = json.loads(capsysbinary.readouterr().out)
    found, technical = told["changes"], told["technical_changes"]
    assert {(c["kind"], c["field"]) for c in found} >= {("renamed", "名称"), ("changed", "限定性")}
    assert not [t for t in technical if "基准值" in t or "权重" in t], "what was computed alike has not changed"
    assert app.run(["diff", f"{folder}@2", f"{folder}@送审稿", "--json"]) == 0
    assert json.loads(capsysbinary.readouterr().out)["changes"] == []
    assert app.run(["diff", f"{folder}@报批稿", str(folder), "--json"]) == 2
    assert "0003-送审稿" in json.loads(capsysbinary.readouterr().out)["error"]


def test_the_command_lists_verifies_and_refuses(kept: dict[str, Any], tmp_path: Path, capsysbinary: Any) -> None:
    folder = str(kept["folder"])
    assert app.run(["stage", folder, "--json"]) == 0
    assert [v["name"] for v in json.loads(capsysbinary.readouterr().out)["versions"]] == [
        "征求意见稿",
        "送审讨论稿",
        "送审稿",
    ]
    assert app.run(["stage", folder, "--verify", "--json"]) == 0
    assert app.run(["stage", folder, "--export", "征求意见稿", "--to", str(tmp_path / "旧"), "--json"]) == 0
    assert (tmp_path / "旧" / "项目.xlsx").is_file()
    for wrong in (["初稿"], ["--restore", "初稿"], ["--export", "1"], ["报批稿", "--verify"]):
        capsysbinary.readouterr()
        assert app.run(["stage", folder, *wrong, "--json"]) == 2
        assert json.loads(capsysbinary.readouterr().out)["error"]
    assert app.run(["stage", str(tmp_path / "没有"), "--json"]) == 2
    with pytest.raises(StageError, match="报批稿"):
        keep_stage(folder, "初稿")


def test_a_stage_that_was_kept_is_said_and_a_restore_keeps_the_present(
    kept: dict[str, Any], tmp_path: Path, capsysbinary: Any
) -> None:
    folder = tmp_path / "水泥"
    shutil.copytree(kept["folder"], folder)
    assert app.run(["check", str(folder), "--json"]) in (0, 1)
    said = [f for f in json.loads(capsysbinary.readouterr().out)["findings"] if f["code"] == "stage-same"]
    assert len(said) == 1
    assert "0003-送审稿" in said[0]["message"]
    present = (folder / "项目.xlsx").read_bytes()
    assert app.run(["stage", str(folder), "--restore", "征求意见稿", "--json"]) == 0
    done = json.loads(capsysbinary.readouterr().out)
    assert done["written"] == ["项目.xlsx"]
    assert done["removed"] == ["意见/甲.xlsx"]
    before = next(v for v in versions_of(folder) if v.number == done["kept"]["number"])
    assert read_file(folder, before, "项目.xlsx") == present
    assert verify_versions(folder) == ()


def test_many_changes_are_told_by_part() -> None:
    few = History("征求意见稿", "2026-11-30", tuple(("权重", f"“指标{n}”的权重由{n}改为0") for n in range(3)))
    many = History("征求意见稿", "2026-11-30", tuple(("权重", f"“指标{n}”的权重由{n}改为0") for n in range(60)))
    counts = []
    for history in (few, many):
        made = compose_statement(factory.inputs(), Results(), history=history)
        counts.append(
            sum("指标2”的权重由2改为0" in plain(i.runs) for b in blocks(made) for i in getattr(b, "items", ()))
        )
        assert sum(len(getattr(b, "items", ())) for b in blocks(made)) < 40
    assert counts == [1, 1]


def test_bodies_are_counted_with_what_was_decided() -> None:
    history = History(opinions=(BodyOpinions("甲院", 5, 2, 1, 1),), silent=("乙会",), merged=4)
    made = compose_statement(factory.inputs(), Results(), history=history)
    table = next(b for b in blocks(made) if isinstance(b, Table) and b.anchor == "table:bodies")
    assert [c.text for c in table.body[0]] == ["1", "甲院", "5", "2", "1", "1", "1"]


def rebuilt(folder: Path) -> tuple[dict[str, bytes], list[str]]:
    """Build; gives the drafts for Word and what was said about stages."""
    run = build(folder, quick=True)
    drafts = {p.name.partition("（")[2]: p.read_bytes() for p in (folder / "成果").glob("水泥*.docx")}
    return drafts, [f.code for f in run.findings if f.code.startswith("stage-")]


def test_a_kept_stage_is_not_rebuilt_with_other_inputs(kept: dict[str, Any], tmp_path: Path) -> None:
    """成果/…（送审稿）.docx was written anew with what came after it."""
    folder = tmp_path / "水泥"
    shutil.copytree(kept["folder"], folder)
    before = {p.name: p.read_bytes() for p in (folder / "成果").glob("*（送审稿）.*")}
    edit(folder, "文件信息", "内容", 4, "送审稿")
    edit(folder, "二级指标", "二级指标", 3, "单位产品新水量")
    drafts, said = rebuilt(folder)
    assert said == ["stage-kept"]
    assert {p.name: p.read_bytes() for p in (folder / "成果").glob("*（送审稿）.*")} == before
    assert "（报批稿）" in text(folder / "成果" / "水泥行业清洁生产评价指标体系（报批稿）.docx")
    assert drafts


@pytest.mark.slow
def test_the_last_stage_is_refused_with_what_to_do(kept: dict[str, Any], tmp_path: Path, capsysbinary: Any) -> None:
    folder = tmp_path / "水泥"
    shutil.copytree(kept["folder"], folder)
    keep_stage(folder, "报批稿", day=DAY, quick=True)
    edit(folder, "二级指标", "二级指标", 3, "单位产品新水量")
    before = {p.name: p.read_bytes() for p in (folder / "成果").iterdir() if p.is_file()}
    assert app.run(["render", str(folder), "--quick", "--to", "md", "--json"]) != 0
    said = capsysbinary.readouterr()
    assert "0004-报批稿" in (said.out + said.err).decode()
    assert {p.name: p.read_bytes() for p in (folder / "成果").iterdir() if p.is_file()} == before
    _, again = keep_stage(folder, "报批稿", day=DAY, quick=True)
    assert again is not None
    assert again.label == "0005-报批稿"


def test_unchanged_inputs_give_the_kept_stage_again(kept: dict[str, Any], tmp_path: Path) -> None:
    """Its cover, date and 编制说明: a format that was not written then may still be wanted."""
    folder = tmp_path / "水泥"
    shutil.copytree(kept["folder"], folder)
    name = "水泥行业清洁生产评价指标体系（送审稿）.docx"
    before, statement = (folder / "成果" / name).read_bytes(), (folder / "成果" / "编制说明.docx").read_bytes()
    shutil.rmtree(folder / "成果")
    _, said = rebuilt(folder)
    assert said == ["stage-same"]
    assert (folder / "成果" / name).read_bytes() == before
    assert (folder / "成果" / "编制说明.docx").read_bytes() == statement


def test_a_committee_would_write_so() -> None:
    """One sentence for the grades of an indicator and for the weights of a level; — is 待定, 文件信息 needs no 内容."""
    changed = Kind.CHANGED
    changes = [
        Change("文件信息", changed, "起草单位", "内容", "甲院", "甲院、乙院"),
        Change("文件信息", changed, "阶段", "内容", "征求意见稿", "送审稿"),
        Change("二级指标", Kind.ADDED, "P9 外照射指数", ""),
        Change("二级指标", changed, "P3 优等品率", "限定性", "否", "是"),
        Change("权重", changed, "P1 内照射指数", "二级指标权重", "0.39", "0.35"),
        Change("权重", changed, "P3 优等品率", "二级指标权重", "0.44", "—"),
        *(
            Change("基准值", changed, "N8 噪声", f"{g}级基准值", f"≤{k}", f"≤{k - 1}")
            for g, k in (("Ⅰ", 58), ("Ⅱ", 60))
        ),
        Change("基准值", changed, "P3 优等品率", "Ⅲ级基准值", "≥94.9", "—"),
        Change("文字", changed, "N1 综合能耗", "指标解释", "甲", "乙"),
        Change("引用文件", changed, "节水型企业评价导则", "编号", "GB/T 7119—2018", "GB/T 7119—2025"),
    ]
    assert [said for _, said in told(changes)] == [
        "起草单位由甲院改为甲院、乙院",
        "增加二级指标“外照射指数”",
        "“优等品率”列为限定性指标",
        "调整二级指标权重：“内照射指数”由0.39改为0.35，“优等品率”由0.44改为待定",
        "“噪声”的Ⅰ级、Ⅱ级基准值由≤58、≤60改为≤57、≤59",
        "“优等品率”的Ⅲ级基准值由≥94.9改为待定",
        "修改“综合能耗”的指标解释",
        "引用文件“节水型企业评价导则”的编号由GB/T 7119—2018改为GB/T 7119—2025",
    ]
