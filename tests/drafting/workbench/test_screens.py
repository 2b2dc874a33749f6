"""Screens by what they say: weights, versions kept, compared and restored, a standard of several tables."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from urllib.parse import quote

import docx
import openpyxl
import pytest

from drafting.keeping.versions import NAMED, STAGE, freeze, versions_of
from drafting.opinions import collect
from drafting.pipeline.running import run_project
from drafting.resources import examples
from drafting.workbench.bench import Bench
from tests.drafting.survey_projects import write_xlsx
from tests.drafting.tables_projects import worked

from .conftest import Visitor
from .test_baselines_screen import write


@pytest.mark.slow
def test_who_must_be_asked_again_is_said_first(visitor: Visitor, bench: Bench) -> None:
    folder = bench.home.root / "陶瓷"
    shutil.copytree(examples() / "建筑陶瓷", folder)
    page = visitor.get("/p/陶瓷/weights").text
    assert "权重已定" in page
    assert page.count("<tr>") == 13  # the head and twelve experts
    compared = visitor.get("/p/陶瓷/weights?compare=1").text
    assert "一级指标" in compared
    (folder / "判断矩阵" / "专家05.xlsx").unlink()
    path = folder / "判断矩阵" / "专家03.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["能源消耗"]
    for cell, value in (("C4", 9), ("D4", "1/9"), ("D5", 9)):
        sheet[cell] = value
    book.save(path)
    page = visitor.get("/p/陶瓷/weights").text
    assert "要再问 2 位专家" in page
    assert "专家05" in page
    assert "超限" in page


def test_versions_are_kept_compared_and_restored(visitor: Visitor, bench: Bench) -> None:
    folder = write(bench.home.root / "行业")
    before = (folder / "项目.xlsx").read_bytes()
    assert visitor.post("/p/行业/versions", {"name": ""}).status_code == 400
    freeze(folder, "征求意见稿", STAGE)
    page = visitor.get("/p/行业/versions").text
    assert "看发出以来改了什么" in page
    assert "以来没有变化" in visitor.get("/p/行业/versions/1").text
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    book["二级指标"]["B2"] = "综合能耗"
    book.save(folder / "项目.xlsx")
    kept = visitor.get("/p/行业/versions/1/files")
    assert "%E4%B8%8D%E8%A6%81%E5%A4%96%E5%8F%91" in kept.headers["content-disposition"]  # 不要外发
    with zipfile.ZipFile(io.BytesIO(kept.content)) as archive:
        assert archive.read("0001-征求意见稿/项目.xlsx") == before
        assert not [name for name in archive.namelist() if "/记录/" in name]
    page = visitor.get("/p/行业/versions/1").text
    assert "“征求意见稿”以来改了" in page
    assert "综合能耗" in page
    assert visitor.get("/p/行业/versions/9").status_code == 404
    done = visitor.post("/p/行业/versions/1/restore")
    assert "1 个文件有变化" in visitor.get(done.headers["location"]).text
    assert (folder / "项目.xlsx").read_bytes() == before
    assert [v.kind for v in versions_of(folder)] == ["阶段", "恢复前"]
    (other,) = re.findall(r'<option value="(0002-[^"]+)"', visitor.get("/p/行业/versions/1").text)
    page = visitor.get("/p/行业/versions/1", params={"until": other}).text  # any two, not only one with now
    assert "从“征求意见稿”到“" in page
    assert "综合能耗" in page
    assert "没有变化" in visitor.get("/p/行业/versions/1").text
    assert visitor.get("/p/行业/versions/1?until=9").status_code == 404
    assert "全部完好" in visitor.get("/p/行业/versions?verify=1").text
    for blob in (folder / "记录" / "版本" / "块").rglob("*"):
        if blob.is_file():
            blob.write_bytes(b"rotten")
    assert "处有问题" in visitor.get("/p/行业/versions?verify=1").text
    assert visitor.post("/p/行业/versions/1/restore").status_code == 409
    assert (folder / "项目.xlsx").read_bytes() == before


def test_a_standard_of_several_tables_is_shown_table_by_table(visitor: Visitor, bench: Bench) -> None:
    """What a table's page shows is of that table, and so is what is tried there."""
    worked(bench.home.root / "两表")
    tables = run_project(bench.home.root / "两表", until="trial").of_tables
    assert len(tables) > 1
    for name in ("", "/weights", "/levels", "/trial", "/draft"):
        assert visitor.get(f"/p/两表{name}").status_code == 200
    shown = {}
    for key, one in tables.items():
        assert one.project.inputs is not None
        code = one.project.inputs.system.active[0].code
        page = visitor.get(f"/p/两表/levels?table={key}").text
        assert one.project.inputs.system.active[0].name in page
        shown[key] = page
        assert visitor.get(f"/p/两表/levels/{code}?table={key}").status_code == 200
        assert visitor.get(f"/p/两表/trial?table={key}").status_code == 200
        assert visitor.get(f"/p/两表/calibration?table={key}").status_code == 200
    assert len(set(shown.values())) == len(tables)
    assert visitor.get("/p/两表/levels?table=没有").status_code == 404
    overview = visitor.get("/p/两表").text
    assert "表 " in overview
    assert "7 项二级指标、4 家企业" in overview, "the enterprises of all tables, each once"
    assert "几张表合起来" in visitor.get("/p/两表/trial").text


def test_opinions_are_decided_once(visitor: Visitor, bench: Bench) -> None:
    folder = write(bench.home.root / "行业")
    assert "还没有收到意见" in visitor.get("/p/行业/opinions").text
    sent = openpyxl.Workbook()
    sheet = sent.worksheets[0]
    for row in (
        ("单位", "章条", "意见内容", "修改建议"),
        ("甲厂", "4.1", "指标过严", "放宽"),
        ("乙院", "5.2", "<b>用词</b>不统一", "统一"),
    ):
        sheet.append(row)
    target = io.BytesIO()
    sent.save(target)
    assert visitor.upload("行业", "opinions", ("甲厂和乙院.xlsx", target.getvalue())).status_code == 303
    page = visitor.get("/p/行业/opinions").text
    assert "2 条意见待处理" in page
    assert "<b>用词" not in page
    first, second = re.findall(r'action="(/p/[^"]+/opinions/[0-9a-f]{12})"', page)
    assert visitor.post(first, {"handling": "不采纳"}).status_code == 400  # no reason
    assert visitor.post(first, {"handling": "也许"}).status_code == 400
    assert visitor.post(first, {"handling": "不采纳", "reason": "与 4.2 一致"}).status_code == 303
    assert "1 条意见待处理" in visitor.get("/p/行业/opinions").text
    assert visitor.post(first, {"handling": "采纳"}).status_code == 409  # somebody decided already
    assert visitor.post(second, {"handling": "采纳"}).status_code == 303
    page = visitor.get("/p/行业/opinions").text
    assert "意见都已处理" in page
    found = collect(folder, None)
    assert {(r.handling.value if r.handling else "", r.reason) for r in found.rows} == {
        ("不采纳", "与 4.2 一致"), ("采纳", "")
    }  # fmt: skip


def test_an_earlier_edition_becomes_a_project(visitor: Visitor, bench: Bench) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (
        ("一级指标", "一级指标权重", "二级指标", "单位", "二级指标权重", "Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值"),
        ("能源消耗", 0.6, "单位产品综合能耗", "kgce/t", 1, "≤100", "≤120", "≤150"),
        ("水资源消耗", 0.4, "单位产品取水量", "m³/t", 1, "≤1", "≤2", "≤3"),
    ):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    assert visitor.post("/new/import", files=[("file", ("废文件.docx", b"junk"))]).status_code == 400
    assert bench.home.projects() == ()
    reply = visitor.post("/new/import", files=[("file", ("../水泥旧版.xlsx", target.getvalue()))])
    assert reply.headers["location"] == f"/p/{quote('水泥旧版')}"
    (made,) = bench.home.projects()
    assert (made.name, (made.folder / "导入报告.xlsx").is_file()) == ("水泥旧版", True)


def test_forms_for_people_are_read_back(visitor: Visitor, bench: Bench) -> None:
    """What is downloaded empty, filled in and dropped again is understood."""
    folder = write(bench.home.root / "行业")
    (folder / "调研数据.xlsx").unlink()
    blank = visitor.get("/p/行业/files/survey/blank/调研数据.xlsx")
    assert blank.headers["content-disposition"].startswith("attachment")
    book = openpyxl.load_workbook(io.BytesIO(blank.content))
    sheet = book.worksheets[0]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    assert {"企业", "能耗", "回用率", "排放量", "取水量"} <= columns.keys()
    for n in range(20):
        for name, value in (("企业", f"企业{n}"), ("能耗", 1 + n), ("回用率", 60 + n), ("排放量", 1), ("取水量", 5)):
            sheet.cell(3 + n, columns[name]).value = value
    filled = io.BytesIO()
    book.save(filled)
    visitor.upload("行业", "survey", ("收回.xlsx", filled.getvalue()))
    assert "20 家企业" in visitor.get("/p/行业").text
    form = visitor.get("/p/行业/files/opinions/blank/征求意见表.docx").content
    word = docx.Document(io.BytesIO(form))
    for cell, value in zip(word.tables[0].rows[1].cells, ("甲厂", "4.1", "过严", "放宽"), strict=True):
        cell.text = value
    filled = io.BytesIO()
    word.save(filled)
    visitor.upload("行业", "opinions", ("甲厂.docx", filled.getvalue()))
    assert "1 条意见待处理" in visitor.get("/p/行业/opinions").text
    assert visitor.get("/p/行业/files/project/blank/调研数据.xlsx").status_code == 404
    assert visitor.get("/p/行业/files/survey/blank/征求意见表.docx").status_code == 404


def test_forms_that_come_back_under_one_name_are_all_kept(visitor: Visitor, bench: Bench) -> None:
    folder = write(bench.home.root / "行业")
    blank = visitor.get("/p/行业/files/forms/blank/企业调查表.xlsx").content

    def answered(name: str | None, value: float) -> tuple[str, bytes]:
        book = openpyxl.load_workbook(io.BytesIO(blank))
        sheet = book.worksheets[0]
        rows = {sheet.cell(row, 3).value: row for row in range(5, sheet.max_row + 1)}
        for code, answer in (("企业", name), ("E1", value)):
            sheet.cell(rows[code], 6).value = answer
        made = io.BytesIO()
        book.save(made)
        return "企业调查表.xlsx", made.getvalue()

    first = [answered("新甲厂", 2), answered("新乙厂", 3), answered(None, 4), answered(None, 5)]
    visitor.upload("行业", "forms", *first)
    visitor.upload("行业", "forms", answered("新丙厂", 4))
    before = (folder / "企业调查表" / "新甲厂.xlsx").read_bytes()
    asked = visitor.upload("行业", "forms", answered("新甲厂", 2.5))  # anybody can write another's name into a form
    assert "/differs" in str(asked.headers.get("location", asked.url))
    assert (folder / "企业调查表" / "新甲厂.xlsx").read_bytes() == before
    assert "这家企业的表已经有了" in visitor.get(str(asked.headers["location"])).text
    names = {path.name for path in (folder / "企业调查表").iterdir()}
    assert names == {"新甲厂.xlsx", "新乙厂.xlsx", "新丙厂.xlsx", "企业调查表.xlsx", "企业调查表 (2).xlsx"}
    assert not list((folder / "记录" / "版本").glob("*.json"))
    assert "“企业调查表 (2)”" in visitor.get("/p/行业/findings").text


@pytest.mark.slow
def test_calibration_on_the_page_is_that_of_the_command(visitor: Visitor, bench: Bench) -> None:
    """Shares and values of ``drafting calibrate --json``; each proposed value leads to the page that tries it."""
    folder = write(bench.home.root / "行业")
    assert "/p/%E8%A1%8C%E4%B8%9A/calibration" in visitor.get("/p/行业/trial").text
    page = visitor.get("/p/行业/calibration?targets=10,30,60").text
    done = subprocess.run(
        [sys.executable, "-m", "drafting", "calibrate", str(folder), "--targets", "10,30,60", "--json"],
        capture_output=True, timeout=120,
    )  # fmt: skip
    told = json.loads(done.stdout)["calibration"]
    shown = re.findall(r'class="number after">(\d+)</td><td class="number">([\d.]+%)', page)
    after = told["after"]["distribution"]
    total = sum(n for key, n in after.items() if key != "excluded")
    assert shown[:4] == [(str(after[k]), f"{100 * after[k] / total:.1f}%") for k in ("I", "II", "III", "none")]
    moved = [c for c in told["changes"] if c["before"]["value"] != c["after"]["value"]]
    assert moved
    for change in moved:
        assert f"<strong>{change['after']['value']}</strong>" in page
        assert f"→ {100 * change['after']['share']:.1f}%</span>" in page
    code = moved[0]["code"]
    link = html.unescape(re.search(rf'href="([^"]*/levels/{code}\?[^"]*)"', page)[1])  # type: ignore[index]
    assert "等级会怎样变" in visitor.get(link).text
    wrong = visitor.get("/p/行业/calibration?targets=50,20,5")
    assert (wrong.status_code, "次序不对" in wrong.text) == (400, True)
    assert "看不懂" in visitor.get("/p/行业/calibration?targets=5,20,50&limits=IV%3D1").text


@pytest.mark.slow
def test_a_stage_is_built_and_kept_as_by_the_command(visitor: Visitor, bench: Bench) -> None:
    """One way to keep a stage: its word stands in the names, whatever 文件信息 says; the draft is in the version."""
    folder = write(bench.home.root / "行业")
    assert visitor.post("/p/行业/versions", {"name": "随手留存"}).headers["location"].endswith("/versions")
    reply = visitor.post("/p/行业/versions", {"name": "送审稿", "note": "会后"})
    assert reply.headers["location"] == f"/p/{quote('行业')}/build"
    job = bench.jobs.of(folder)
    assert job is not None
    assert visitor.post("/p/行业/versions", {"name": "报批稿"}).status_code == 409
    assert job.over.wait(300)
    page = visitor.get("/p/行业/build").text
    assert "已定稿：" in page
    named, stage = versions_of(folder)
    assert (named.name, named.kind, stage.name, stage.kind, stage.note) == (
        "随手留存", NAMED, "送审稿", STAGE, "会后",
    )  # fmt: skip
    assert any(name.startswith("成果/") and name.endswith("（送审稿）.docx") for name in stage.files)
    assert stage.label in page


@pytest.mark.slow
def test_five_thousand_findings_are_a_page_of_causes(visitor: Visitor, bench: Bench) -> None:
    """The page stays below 150 kB, and every other screen answers."""
    folder = write(bench.home.root / "行业")
    wrong = [[f"企业{n}", "约一百", "x", f"{n}?", 5] for n in range(1_700)]
    write_xlsx(folder, [["企业", "E1", "E2", "E3", "E4"], *wrong])
    page = visitor.get("/p/行业/findings")
    seen = bench.memory.peek(folder)
    assert seen is not None
    assert sum(1 + f.further for f in seen.run.findings) > 5_000
    assert len(page.content) < 150_000
    assert re.search(r"[BCD]2:[BCD]1701", page.text), "places as ranges"
    for screen in ("", "/files", "/trial", "/draft", "/outputs", "/calibration?targets=5,20,50"):
        assert visitor.get(f"/p/行业{screen}").status_code == 200
