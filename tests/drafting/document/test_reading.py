"""What the 编制说明 says of the reading of a survey: rows left out, conversions, columns not used."""

from __future__ import annotations

from drafting.cli.app import run
from drafting.document.statement.composing import compose_statement
from drafting.document.tree import Table, blocks, plain
from drafting.pipeline.running import run_project
from tests.drafting.survey_projects import write_project, write_xlsx


def _survey(folder, extra=()):
    rows = [[f"厂{n}", 2024, f"{100 + n}.5" if n < 4 else 100.0 + n, 0.5 + n / 100, 7] for n in range(30)]
    heads = [["企业", "年份", "E1", "E2", "邮编"], ["单位", None, "tce/t", None, None]]
    percents = {f"D{row}": "0.0%" for row in range(3, 33)}
    write_xlsx(folder, [*heads, *rows, *extra], percents)


def _project(tmp_path):
    indicators = [{"二级指标": "单位产品综合能耗"}, {"二级指标": "水重复利用率", "单位": "%", "方向": "越大越好"}]
    return write_project(tmp_path / "p", indicators, settings={"重复企业": "取最新"})


def _statement(folder):
    run = run_project(folder, until="baselines")
    papers = (compose_statement(run.project.inputs, run.results, attached=which) for which in (False, True))
    made = [block for paper in papers for block in blocks(paper)]
    return [b for b in made if isinstance(b, Table)], "".join(plain(b.runs) for b in made if hasattr(b, "runs"))


def test_conversions_and_left_out_rows_are_printed(tmp_path):
    folder = _project(tmp_path)
    _survey(folder, [["厂0", 2025, 99.0, 0.4, 7], [None, 2025, 98.0, 0.3, 7], ["厂30", 2025, "很多", 0.6, 7]])
    tables, words = _statement(folder)
    table = next(t for t in tables if t.anchor == "table:conversions")
    said = {plain(row[1].runs): plain(row[4].runs) for row in table.body}
    assert said["E1"] == "填报单位tce/t换算为kgce/t，乘以 1000；4个以文字填写的数读作数值；1个不能识别，按缺失计。"
    assert said["E2"] == "30个数按单元格的百分数格式读取。"
    assert said["邮编"] == "不是指标体系中的指标，没有采用。"
    assert "调研表共33行，采用31家企业的数据；1行没有填写企业名称，未采用；" in words
    assert "；同一企业重复填报的1行采用最新年份的一行。" in words


def test_numbers_with_their_unit_are_counted(tmp_path, capsysbinary):
    folder = _project(tmp_path)
    _survey(folder, [["厂30", 2025, "101.5 tce/t", 0.6, 7], ["厂31", 2025, "102tce/t", 0.6, 7]])
    tables, _ = _statement(folder)
    table = next(t for t in tables if t.anchor == "table:conversions")
    said = next(plain(row[4].runs) for row in table.body if plain(row[1].runs) == "E1")
    assert "；2个数后面写有本列的单位。" in said
    run(["baselines", str(folder), "--details"])
    assert "单位写在数值后 2" in capsysbinary.readouterr().out.decode()


def test_a_survey_taken_as_it_stands_needs_no_such_table(tmp_path):
    folder = _project(tmp_path)
    write_xlsx(folder, [["企业", "E1", "E2"], *([f"厂{n}", 100.0 + n, 50.0 + n] for n in range(30))])
    tables, words = _statement(folder)
    assert "table:conversions" not in {t.anchor for t in tables}
    assert "调研表共" not in words
