"""Several tables in the draft, the statement, the record and its verification: built once from the worked case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from drafting.changes.compare import changes
from drafting.cli.views import show_build
from drafting.desk.standing import standing
from drafting.document.apart import references
from drafting.document.compose import compose
from drafting.document.statement.composing import compose_statement
from drafting.document.tree import Clause, Table, plain
from drafting.evaluation.reasons import show
from drafting.model.bounds import parse_bound
from drafting.model.terms import Grade
from drafting.pipeline.running import build, run_project
from drafting.record.codec import part, parts
from drafting.verification import verify
from drafting.verification.documents import verify_document
from drafting.verification.verify import read_record
from tests.drafting.tables_projects import worked

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = worked(tmp_path_factory.mktemp("papers") / "项目")
    return build(folder, formats=("docx", "html"), papers=("workbook",), quick=True)


def nodes(node: Any) -> Iterator[Any]:
    yield node
    if isinstance(node, tuple):
        for part in node:
            yield from nodes(part)
    elif is_dataclass(node):
        for f in fields(node):
            yield from nodes(getattr(node, f.name)) if isinstance(getattr(node, f.name), tuple) else ()


def tables(document: Any) -> dict[str, Table]:
    return {n.anchor: n for n in nodes((document.chapters, document.annexes)) if isinstance(n, Table)}


def words(document: Any) -> str:
    return "\n".join(plain(n.runs) for n in nodes((document.chapters, document.annexes)) if hasattr(n, "runs"))


@pytest.fixture(scope="module")
def draft(built: Any) -> Any:
    return compose(built.project.inputs, built.results)


def test_each_table_has_a_clause_a_number_and_its_own_caption(draft: Any) -> None:
    found = tables(draft)
    first, second = found["table:system"], found["table:system-2"]
    assert (first.number, second.number) == ("2", "3")
    assert first.caption == "甲工序企业清洁生产评价指标体系"
    titles = [n.title for n in nodes(draft.chapters) if isinstance(n, Clause)]
    assert titles.count("乙工序企业清洁生产评价指标体系") == 1
    assert "适用几张表的企业" in titles


def test_class_rows_share_name_number_unit_and_weight(draft: Any) -> None:
    first = tables(draft)["table:system"]
    upper, lower = first.body[0], first.body[1]
    assert [c.rowspan for c in upper[2:7]] == [2, 2, 1, 2, 2]
    assert [plain(c.runs) for c in lower] == ["开采深度>250m", "≤130", "≤145", "≤160"]
    assert next(c.colspan for c in first.body[2] if plain(c.runs) == "单位产品电耗") == 2
    assert [plain(n.runs) for n in first.notes] == ["开采深度以统计期末的最大深度计。"]
    merged = next(c for row in first.body for c in row if plain(c.runs) == "≤0.40")
    assert merged.colspan == 2


def test_a_shared_indicator_is_explained_once_and_says_where_it_stands(draft: Any) -> None:
    titles = [n.title for n in nodes(draft.chapters[-1].children) if isinstance(n, Clause)]
    assert titles.count("单位产品综合能耗") == 1
    assert not any("（开采深度" in t for t in titles)


def test_the_scope_says_what_each_table_covers_and_the_rule_is_printed(built: Any) -> None:
    text = built.output.joinpath(f"{built.draft_name}.html").read_text("utf-8")
    assert "有甲工序的企业" in text
    assert "各表产量之和的比例" in text


def test_the_statement_tells_of_every_table(built: Any) -> None:
    paper = compose_statement(built.project.inputs, built.results, findings=built.findings)
    found = tables(paper)
    assert {"table:levels-2", "table:outcomes-2", "table:combined"} <= found.keys()
    # Weights that were given have no method with settings, no computed values and no intervals.
    assert not [name for name in found if "weight" in name]
    assert [name for name in found if "level-settings" in name] == ["table:level-settings"]  # one list for both
    assert f"取值方法与上述相同，设置见表{found['table:level-settings'].number}。" in words(paper)
    for once in ("由优到劣排列的第", "各项指标单独满足取值原则", "对标曲线见编制说明附件"):
        assert words(paper).count(once) == 1, once
    assert words(paper).count("由起草组给定，每组权重之和恰为1，见标准草案") == 1
    attached = compose_statement(built.project.inputs, built.results, findings=built.findings, attached=True)
    assert {"table:reading", "table:reading-2", "table:weight-sources-2"} <= tables(attached).keys()
    assert "最大余数法" not in words(attached)
    assert words(paper).count("起草组对试评价结果的分析") == 1  # of all tables together, not once for each
    rows = [[plain(c.runs) for c in row] for row in found["table:combined"].body]
    assert rows[:2] == [["Ⅰ级", "1", "1", "1"], ["Ⅱ级", "3", "0", "2"]]
    tried = re.search(r"对\d+家调研企业进行了试评价，结果见表(\d+)", words(paper))
    assert tried is not None
    assert tried[1] == found["table:combined"].number  # where all of them stand, not in the first table of several


def test_class_rows_are_one_indicator_wherever_indicators_are_counted(
    built: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    said = next(s for s in standing(built).stages if s.name == "基准值").says
    assert "表 甲工序：5 项中 5 项已定" in said
    show_build(built)
    told = capsys.readouterr().out
    assert "基准值：5 项指标（政策 3 项、定性 2 项）" in told
    assert re.search(r"能源消耗 +0\.5 +2 +1 ", told)


def test_many_tables_are_named_by_their_ends() -> None:
    named = [str(references("table:system", of)) for of in ([0, 1], [0, 1, 2, 4], [1, 3, 4, 5])]
    one = [str(references("table:system", [n])) for n in range(6)]
    assert named == [f"{one[0]}、{one[1]}", f"{one[0]}～{one[2]}、{one[4]}", f"{one[1]}、{one[3]}～{one[5]}"]


def test_the_record_holds_every_table_and_is_verified(built: Any) -> None:
    path = built.output / "结果.json"
    read = read_record(path)
    record = read.record
    assert [t.key for t in record.tables or ()] == ["甲工序", "乙工序"]
    assert record.weights is None
    assert {e["enterprise"]: e["grade"] for e in parts(part(read.said["combined"])["enterprises"])} == {
        "E1": "I", "E2": "II", "E3": "II", "E4": None,
    }  # fmt: skip
    verdict = verify(path)
    assert not verdict.differences
    assert verdict.kinds["综合评定"] > 50
    for ending in ("docx", "html"):
        found = verify_document(built.output / f"{built.draft_name}.{ending}", record)
        assert not found.differences
        assert found.checked > 40


@pytest.mark.slow
def test_a_record_whose_reasons_round_the_joint_index_is_verified(tmp_path: Path) -> None:
    """An earlier version wrote 90.6667 for 90.6666…: the index is the same."""
    from drafting.record.digests import digests
    from drafting.record.results import record

    folder = worked(tmp_path / "项目", 多表评定="按产量加权")
    change_output(folder, 60, "E4")  # Y_III = (60·100 + 30·72)/90
    told = json.loads(json.dumps(record(run_project(folder, until="trial")), ensure_ascii=False))
    reasons = [r for e in told["combined"]["enterprises"] for r in e["reasons"]]
    assert any("…，低于" in r for r in reasons)
    for one in told["combined"]["enterprises"]:
        one["reasons"] = [
            words.replace(f"为{show(Fraction(index))}，", f"为{float(index):.6g}，")
            for words in one["reasons"]
            for index in [one["exact"].get(f"Y_{'I' * (1 + 'ⅠⅡⅢ'.find(words[5]))}", "0")]
        ]
    assert not any("…，低于" in r for e in told["combined"]["enterprises"] for r in e["reasons"])
    told["digests"] = digests(told)
    (tmp_path / "结果.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    assert not verify(tmp_path / "结果.json").differences
    told["combined"]["enterprises"][-1]["reasons"][-1] += "。"
    told["digests"] = digests(told)
    (tmp_path / "结果.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    assert verify(tmp_path / "结果.json").differences


def change_output(folder: Path, output: float, enterprise: str) -> None:
    import openpyxl

    book = openpyxl.load_workbook(folder / "调研数据.xlsx")
    sheet = book["甲工序"]
    (row,) = (r for r in range(2, sheet.max_row + 1) if sheet.cell(r, 1).value == enterprise)
    sheet.cell(row, [c.value for c in sheet[1]].index("产量") + 1).value = output
    book.save(folder / "调研数据.xlsx")


def test_a_changed_figure_of_one_table_is_found(built: Any, tmp_path: Path) -> None:
    record = json.loads((built.output / "结果.json").read_text("utf-8"))
    for change in (
        lambda r: r["combined"]["enterprises"][0]["exact"].update(Y_I="85.7"),
        lambda r: r["tables"][1]["trial"]["enterprises"][0].update(grade="II"),
        lambda r: r["tables"][0].update(coefficient="0.7"),
        lambda r: r["tables"][0]["data"]["survey"]["outputs"].__setitem__(0, "31"),
    ):
        copy = json.loads(json.dumps(record))
        change(copy)
        (tmp_path / "结果.json").write_text(json.dumps(copy, ensure_ascii=False), "utf-8")
        assert verify(tmp_path / "结果.json").differences


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["取最低", "固定系数", "主要产品", "分别评定"])
@pytest.mark.parametrize("score", ["均分", "全部达到", "唯一"])
def test_every_rule_is_verified_by_the_second_route(rule: str, score: str, tmp_path: Path) -> None:
    from drafting.record.results import record

    run = run_project(worked(tmp_path, 多表评定=rule, 类别计分=score), until="trial")
    (tmp_path / "结果.json").write_text(json.dumps(record(run), ensure_ascii=False), "utf-8")
    assert not verify(tmp_path / "结果.json").differences


def test_what_changed_is_told_table_by_table(built: Any, tmp_path: Path) -> None:
    import openpyxl

    folder = worked(tmp_path / "新稿", 多表评定="取最低")
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    book["二级指标"].cell(6, 10).value = "≤19"  # N1 of the second table
    book["分表"].cell(2, 3).value = "有甲工序或丙工序的企业"
    notes = [row for row in book["表注"].iter_rows(min_row=2) if row[1].value]
    notes[0][2].value = "另一条注。"
    book.save(folder / "项目.xlsx")
    found = {
        (c.part, c.subject, c.field): (c.before, c.after) for c in changes(built, run_project(folder, until="trial"))
    }
    assert found["基准值", "乙工序·N1 单位产品综合能耗", "Ⅰ级基准值"] == ("≤20", "≤19")
    assert found["分表", "甲工序", "适用"] == ("有甲工序的企业", "有甲工序或丙工序的企业")
    assert found["方法设置", "多表评定", "内容"] == ("按产量加权", "取最低")
    told = {subject: after for (part, subject, _), (_, after) in found.items() if part == "表注"}
    assert told
    assert set(told.values()) == {"另一条注。"}
    assert len(found) == 3 + len(told)


def test_baselines_of_groups_are_compared(built: Any) -> None:
    """What changed in one group (分组基准) alone was told by no line."""
    one = built.of_tables["乙工序"]
    first = replace(one.results.baselines.indicators[0], stratum="大型")
    level = first.by_grade[Grade.I]
    other = replace(first, by_grade={**first.by_grade, Grade.I: replace(level, bound=parse_bound("≤7"))})
    runs = [
        replace(one, results=replace(one.results, baselines=replace(one.results.baselines, strata=(of,))))
        for of in (first, other)
    ]
    (found,) = changes(*runs)
    assert (found.part, found.field, found.before, found.after) == ("基准值", "Ⅰ级基准值（大型）", "≤20", "≤7")


def test_a_first_table_without_enterprises_and_one_without_categories_stop_nothing(tmp_path: Path) -> None:
    import openpyxl

    folder = worked(tmp_path / "缺一张")
    book = openpyxl.load_workbook(folder / "调研数据.xlsx")
    book.remove(book["甲工序"])
    book.save(folder / "调研数据.xlsx")
    run = run_project(folder)
    assert compose_statement(run.project.inputs, run.results, findings=run.findings).chapters
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    book["一级指标"].cell(1, 2).value = "甲"
    book.save(folder / "项目.xlsx")
    assert "file-refused" not in {f.code for f in run_project(worked(tmp_path / "原样"), until="trial").findings}
    assert "file-refused" not in {f.code for f in run_project(folder).findings}


def test_baselines_of_a_class_are_taken_from_its_own_enterprises(tmp_path: Path) -> None:
    """k-th best within the class: 40 enterprises a class, so that 5, 20 and 50 percent are the 2nd, 8th and 20th."""
    import openpyxl

    from tests.drafting.tables_projects import write_survey

    folder = worked(tmp_path, 类别计分="唯一")
    book = openpyxl.load_workbook(folder / "项目.xlsx")
    sheet = book["二级指标"]
    heads = {c.value: c.column for c in sheet[1]}
    for row in (2, 3):
        sheet.cell(row, heads["基准值来源"]).value = "调研"
        for grade in ("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值"):
            sheet.cell(row, heads[grade]).value = None
    book.save(folder / "项目.xlsx")
    classes = {"开采深度≤250m": 100, "开采深度>250m": 300}
    same = {"产量": 1, "N2": 52, "S1": 0.3, "Q1": "Ⅰ级", "Q2": "达到"}
    rows = [
        {"企业": f"{start}号{n:02d}", "类别": name, "N1": start + n, **same}
        for name, start in classes.items() for n in range(1, 41)
    ]  # fmt: skip
    write_survey(folder / "调研数据.xlsx", {"甲工序": rows, "乙工序": []})
    baselines = run_project(folder, until="trial").results.tables["甲工序"].baselines
    assert baselines is not None
    for code, start in (("N1·1", 100), ("N1·2", 300)):
        found = baselines.of(code)
        assert found is not None
        assert found.n == 40
        assert [int(level.value or 0) for level in found.by_grade.values()] == [start + 2, start + 8, start + 20]


def test_the_coverage_of_clauses_looks_at_every_table(built: Any) -> None:
    from drafting.record import coverage

    lacking = [s.lacking for s in coverage.standings(built, coverage.clauses()) if s.lacking]
    assert not [words for words in lacking if words.startswith("尚无")]


def test_there_is_one_workbook_for_all_tables(built: Any) -> None:
    """类别计分 按产量 left the table with class rows without a workbook, and each table had one of its own."""
    import openpyxl

    (file,) = [path for path in built.output.iterdir() if "企业自评表" in path.name]
    assert openpyxl.load_workbook(file, read_only=True).sheetnames[:3] == ["选表", "甲工序", "乙工序"]
    assert "assessment-left-out" not in {f.code for f in built.findings}
