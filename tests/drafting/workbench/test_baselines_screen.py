"""Moving a baseline: what the page tells is what the command tells; what is taken over is what the copy holds."""

from __future__ import annotations

import io
import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting.analysis.baselines.steps import Steps, steps_of
from drafting.analysis.baselines.what_if import Change, read_change, what_if
from drafting.analysis.trial.live import Live
from drafting.model.terms import GRADES, Direction, Grade
from drafting.pipeline.running import run_project
from drafting.record.answers import what_if_json
from drafting.words import percent
from drafting.workbench.bench import Bench
from drafting.workbench.moving import shown_steps
from drafting.workbook.patching import PatchError, patched
from tests.drafting.survey_projects import write_project, write_xlsx

from .conftest import Visitor


def write(folder: Path, **settings: str) -> Path:
    """Weights of enterprises, strata, non-detects, 不适用, blanks; smaller and larger is better."""
    blank = dict.fromkeys(("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值", "来源依据"))
    indicators = [
        {"代码": "E1", "二级指标": "能耗", "小数位": 2, **blank},
        {"代码": "E2", "二级指标": "回用率", "单位": "%", "方向": "越大越好", "小数位": 1, "下限": 0, "上限": 100},
        {"代码": "E3", "二级指标": "排放量", "单位": "kg/t", "小数位": 3, "限定性": "是"},
        {"代码": "E4", "二级指标": "取水量", "单位": "m³/t", "小数位": 1},
    ]
    write_project(folder, indicators, settings=settings)
    rows: list[list[Any]] = [["企业", "分组", "权数", "E1", "E2", "E3", "E4"]]
    for n in range(48):
        trace = "<0.05" if n % 7 == 0 else round(0.05 + 0.013 * ((n * 11) % 29), 3)
        water = "不适用" if n % 13 == 0 else "" if n % 17 == 0 else round(5 + 0.3 * ((n * 5) % 31), 1)
        share, energy = round(60 + 1.7 * ((n * 7) % 23), 1), 1 + 0.07 * (n * 3 % 41)
        rows.append([f"企业{n:02d}", "大型" if n % 2 else "小型", [1, 2.5, 0.7][n % 3], energy, share, trace, water])
    write_xlsx(folder, rows)
    return folder


@pytest.fixture(scope="module")
def stratified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("源") / "行业", 分组基准="是")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("源") / "行业")


def whole(folder: Path) -> Any:
    found = run_project(folder, until="trial")
    assert found.results.trial is not None, [f.message for f in found.findings]
    return found


@pytest.fixture(scope="module")
def made(source: Path) -> Any:
    return whole(source)


@pytest.fixture(scope="module")
def by_stratum(stratified: Path) -> Any:
    return whole(stratified)


@pytest.mark.parametrize("code", ["E1", "E2", "E3", "E4"])
@pytest.mark.parametrize("grade", GRADES)
def test_live_figures_are_those_of_what_if(by_stratum: Any, code: str, grade: Grade) -> None:
    """The share of the table, and the distribution, moves and shares of a full trial, at values and between them."""
    inputs, results, where = by_stratum.project.inputs, by_stratum.results, by_stratum.project.provenance
    live = Live(inputs, results.weights, results.baselines)
    direction = results.baselines.of(code).direction
    steps = steps_of(live.shares.sample(code), direction)
    assert steps is not None
    spots = (steps.values[0], steps.values[len(steps.values) // 3], steps.values[-1])
    for value in [*spots, (spots[0] + spots[1]) / 2 + 1e-4, spots[2] * 2 + 1, -1.0]:
        change = Change(code, grade, Decimal(repr(round(value, 6))))
        told = what_if(inputs, results.weights, results.baselines, results.trial, [change], where)
        tried = live.try_out([change])
        assert tried.effects == told.effects
        assert (tried.before, tried.after, tried.moved) == (told.before, told.after, told.moved)
        assert steps.share(float(change.value)) == told.effects[0].share_after
        assert tried.effects[0].strata, "the strata have baselines of their own"


def test_two_changes_at_once(made: Any) -> None:
    inputs, results = made.project.inputs, made.results
    changes = [read_change("E1:Ⅲ=1.2", inputs), read_change("E3:I=0.05", inputs)]
    told = what_if(inputs, results.weights, results.baselines, results.trial, changes, made.project.provenance)
    tried = Live(inputs, results.weights, results.baselines).try_out(changes)
    assert (tried.effects, tried.after, tried.moved) == (told.effects, told.after, told.moved)
    holding = tried.holding[Grade.III]
    assert {h.code for h in holding} <= {"E2", "E4"}  # never those that were moved


@pytest.fixture
def placed(bench: Bench, source: Path) -> str:
    bench.home.root.mkdir(parents=True)
    for name in ("项目.xlsx", "调研数据.xlsx"):
        (bench.home.root / "行业").mkdir(exist_ok=True)
        (bench.home.root / "行业" / name).write_bytes((source / name).read_bytes())
    return "行业"


def test_the_page_shows_and_the_copy_holds_what_was_tried(
    visitor: Visitor, bench: Bench, placed: str, made: Any
) -> None:
    page = visitor.get(f"/p/{placed}/levels")
    assert "能耗" in page.text
    assert "<svg" in page.text
    one = visitor.get(f"/p/{placed}/levels/E1").text
    assert "n=48（按权数计比例）；曲线为达到各值的企业比例，短线为各企业的值" in one
    assert "色带" not in one, "what is not drawn here"
    table = json.loads(re.findall(r'id="steps">(.*?)</script>', one)[0])
    assert len(table["values"]) == len(table["shares"]) == 41  # every step shows another share
    sample = Live(made.project.inputs, None, made.results.baselines).shares.sample("E1")
    assert sample is not None
    steps = steps_of(sample, Direction.SMALLER)
    assert steps is not None
    assert [f"{tenths / 10:.1f}%" for tenths in table["shares"]] == [percent(steps.share(v)) for v in table["values"]]
    said = visitor.get(f"/p/{placed}/levels/E1/try?I=&III=1.2", headers={"accept": "application/json"}).json()
    inputs, results = made.project.inputs, made.results
    told: Any = what_if_json(what_if(
        inputs, results.weights, results.baselines, results.trial, [read_change("E1:III=1.2", inputs)],
        made.project.provenance,
    ))  # fmt: skip
    assert {r["grade"]: r["after"] for r in said["trial"]} == dict(
        zip(("Ⅰ级", "Ⅱ级", "Ⅲ级", "未达Ⅲ级", "不参与评价"), told["distribution"]["after"].values(), strict=True)
    )
    assert said["moved"] == told["moved"]
    assert said["effects"][0]["shareAfter"] == f"{100 * told['changes'][0]['after']['share']:.1f}%"
    plain = visitor.get(f"/p/{placed}/levels/E1?III=1.2").text  # without script the page says the same
    assert said["effects"][0]["shareAfter"] in plain
    assert said["sentence"] in plain
    for wrong in ("abc", "≥1.2", "nan", "1e400"):
        assert visitor.get(f"/p/{placed}/levels/E1/try?III={wrong}").status_code == 400
    assert visitor.get(f"/p/{placed}/levels/X9").status_code == 404
    assert visitor.get(f"/p/{placed}/levels/E1/copy").status_code == 400  # nothing differs
    before = (bench.home.root / placed / "项目.xlsx").read_bytes()
    reply = visitor.get(f"/p/{placed}/levels/E1/copy?III=1.2&basis=第二次会议")
    assert reply.headers["content-disposition"].startswith("attachment")
    assert (bench.home.root / placed / "项目.xlsx").read_bytes() == before  # the project itself is as it was
    assert visitor.upload(placed, "project", ("项目.xlsx", reply.content)).status_code == 303
    now = run_project(bench.home.root / placed, until="trial")
    assert now.results.baselines is not None
    level = now.results.baselines.of("E1")
    assert level is not None
    assert (level.by_grade[Grade.III].value, level.source and level.source.value) == (Decimal("1.2"), "policy")
    assert level.by_grade[Grade.I].value == made.results.baselines.of("E1").by_grade[Grade.I].value
    assert [(heading, text) for _, heading, text in said["touched"]][-2:] == [
        ("Ⅲ级基准值", "≤1.2"),
        ("基准值来源", "政策"),
    ]
    assert now.results.trial is not None
    assert now.results.trial.distribution == told["distribution"]["after"]


def test_a_share_is_written_by_the_script_as_everywhere_else() -> None:
    """1/16 is 6.25 %: a script that rounds by itself writes 6.3, the server 6.2. What shows nothing new is left out."""
    steps = Steps(Direction.SMALLER, (1.0, 2.0, 3.0, 4.0), (0.0625, 0.06251, 0.5, 1.0))
    assert shown_steps(steps) == ([1.0, 2.0, 3.0, 4.0], [62, 63, 500, 1000])
    many = Steps(Direction.LARGER, tuple(range(100_000, 0, -1)), tuple(k / 100_000 for k in range(1, 100_001)))
    values, shares = shown_steps(many)
    assert len(values) == 1001
    for value in (99_999, 77_777, 50_001, 50_000, 1):
        last = [share for at, share in zip(values, shares, strict=True) if at >= value][-1]
        assert f"{last / 10:.1f}%" == percent(many.share(value))


def book(change: Any = None) -> bytes:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "二级指标"
    sheet["A1"], sheet["B2"], sheet["C2"], sheet["D2"] = "名", 0.5, "=B2*2", "x"
    sheet["B2"].number_format = "0.00"
    if change:
        change(sheet)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def test_a_patched_workbook_differs_in_the_cells_alone() -> None:
    data = book(lambda s: s.merge_cells("C2:D2"))
    new = patched(data, {("二级指标", "B2"): "≤0.62", ("二级指标", "D2"): " a&b", ("二级指标", "F9"): "<new>"})
    sheet = openpyxl.load_workbook(io.BytesIO(new)).worksheets[0]
    assert [sheet[a].value for a in ("A1", "B2", "C2", "D2", "F9")] == ["名", "≤0.62", "=B2*2", " a&b", "<new>"]
    assert sheet["B2"].number_format == "0.00"
    assert not sheet.merged_cells.ranges
    with zipfile.ZipFile(io.BytesIO(data)) as a, zipfile.ZipFile(io.BytesIO(new)) as b:
        assert a.namelist() == b.namelist()
        assert [n for n in a.namelist() if a.read(n) != b.read(n)] == ["xl/worksheets/sheet1.xml"]
    emptied = openpyxl.load_workbook(io.BytesIO(patched(data, {("二级指标", "B2"): ""})))
    assert emptied.worksheets[0]["B2"].value is None


def test_a_formula_gives_way_with_its_entry_in_the_chain() -> None:
    data = io.BytesIO(book())
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/calcChain.xml", "<calcChain/>")
    new = patched(data.getvalue(), {("二级指标", "C2"): "1"})
    assert "xl/calcChain.xml" not in zipfile.ZipFile(io.BytesIO(new)).namelist()


def test_what_cannot_be_patched_is_said() -> None:
    with pytest.raises(PatchError, match="没有工作表"):
        patched(book(), {("别的", "A1"): "x"})
    with pytest.raises(PatchError, match="跨行合并"):
        patched(book(lambda s: s.merge_cells("B2:B4")), {("二级指标", "B3"): "x"})


def test_baselines_by_stratum_are_not_replaced_by_one_value(by_stratum: Any) -> None:
    from drafting.desk.takeover import touched

    with pytest.raises(PatchError, match="分组"):
        touched(by_stratum, "E1", [Change("E1", Grade.III, Decimal("1.2"))], "")
