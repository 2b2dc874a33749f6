"""What-if on a survey that is not loaded gives what it gives in memory: shares, grades, moves, findings."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafting.analysis.baselines.what_if import NAMED, WhatIf, read_change, what_if
from drafting.cli.app import run
from drafting.model.terms import Grade
from drafting.pipeline.running import run_project
from drafting.record.answers import what_if_json
from drafting.run import Run
from drafting.workbook.survey.stored import StoredTable
from tests.drafting.survey_projects import stored_run, write_csv, write_project

pytest.importorskip("pyarrow")
pytest.importorskip("duckdb")
from tests.drafting.test_large_surveys import project, reported

INDICATORS: list[dict[str, Any]] = [
    {"代码": "E1", "二级指标": "能耗", "限定性": "是", "权重": 0.6},
    {"代码": "E2", "二级指标": "回收率", "单位": "%", "方向": "越大越好", "小数位": 1, "权重": 0.4,
     "强制性限值": "≥20"},
    {"代码": "E3", "二级指标": "水耗", "单位": "m3/t", "一级指标": "水资源消耗", "权重": 0.5, "基准值来源": "政策",
     "来源依据": "GB 2", "Ⅰ级基准值": "≤0.5+0.1n", "Ⅱ级基准值": "≤1+0.1n", "Ⅲ级基准值": "≤2+0.2n"},
    {"代码": "E4", "二级指标": "铅", "单位": "mg/L", "一级指标": "水资源消耗", "权重": 0.3, "基准值来源": "政策",
     "来源依据": "GB 1", "Ⅰ级基准值": "≤1", "Ⅱ级基准值": "<2", "Ⅲ级基准值": "0.5~30"},
    {"代码": "Q1", "二级指标": "管理", "单位": "", "一级指标": "水资源消耗", "方向": "定性", "权重": 0.2,
     "基准值来源": "定性", "Ⅰ级基准值": "好", "Ⅱ级基准值": "中", "Ⅲ级基准值": "差"},
]  # fmt: skip
GROUPS = {"能源消耗": 0.5, "水资源消耗": 0.5}
HEADS = ["企业", "分组", "权数", "重大违法", "E1", "E2", "E3", "E4", "Q1", "参数:n"]


def odd(draw: random.Random, value: str, share: float = 0.08) -> str:
    """Now and then something else than a number."""
    return draw.choice(["", "不适用", "<0.05", "未检出", "—"]) if draw.random() < share else value


def spread_out(folder, seed: int, most: int = 120) -> None:
    """Write a project whose enterprises reach all grades: good ones are good at everything."""
    draw = random.Random(seed)
    rows = []
    for number in range(draw.randint(5, most)):
        good = draw.random()
        rows.append([
            f"企业{number}", draw.choice(["大", "中", "小"]), draw.choice(["1", "2.5", "0.125"]),
            draw.choice(["否", "否", "否", "", "是", "无" if seed % 3 else "也许"]),
            odd(draw, f"{3 * good + draw.random():.1f}"), odd(draw, f"{90 - 60 * good + 5 * draw.random():.1f}"),
            odd(draw, f"{2 * good:.2f}"), odd(draw, f"{4 * good:.2f}"),
            "不适用" if draw.random() < 0.1 else ["Ⅰ级", "Ⅱ级", "Ⅲ级", "未达到"][int(good * 4)], draw.choice("123"),
        ])  # fmt: skip
        if draw.random() < 0.15:  # nothing of a category applies
            rows[-1][6:9] = ["不适用"] * 3
    dropped = {h for h in ("分组", "权数", "重大违法", "E4") if draw.random() < 0.2}
    kept = [i for i, h in enumerate(HEADS) if h not in dropped]
    left_out = [("企业1", "", "停产"), ("企业 2", "E1", "笔误"), ("企业3", "铅", "笔误"), ("没有", "", "？")]
    chosen = {
        "分组基准": draw.choice(["是", "否"]), "分组合并": draw.choice(["", "小=中", "小=中小；中=中小"]),
        "样本量下限": "8", "比较方法": draw.choice(["全数值", "修约值"]),
        "整类不适用": draw.choice(["按标准", "重新归一"]),
    }  # fmt: skip
    bare = draw.random() < 0.1  # no weights: shares only
    indicators = [{**i, "权重": "" if bare else i["权重"]} for i in INDICATORS]
    write_project(
        folder, indicators, categories=GROUPS, settings=chosen, exclusions=left_out[: draw.randint(0, len(left_out))]
    )
    write_csv(folder, [[line[i] for i in kept] for line in [HEADS, *rows]])


def some_changes(draw: random.Random) -> list[str]:
    """Between one and four changes."""
    found = [
        f"E1:{draw.choice(['I', 'Ⅱ', '2'])}={draw.random() * 4:.1f}", f"E1:III={draw.random() * 4:.1f}",
        f"回收率：Ⅰ级={draw.random() * 100:.1f}", f"E3:II={draw.random() * 2:.2f}", f"E4:I={draw.random() * 4:.2f}",
    ]  # fmt: skip
    return draw.sample(found, draw.randint(1, 4))


def tried(made: Run, says: list[str]) -> WhatIf:
    """Try changes on what a run gave."""
    inputs, results = made.project.inputs, made.results
    changes = [read_change(text, inputs) for text in says]
    return what_if(inputs, results.weights, results.baselines, results.trial, changes, made.project.provenance)


def assert_same(folder, says: list[str]) -> WhatIf | None:
    """Try changes both ways; gives the answer of the survey on disk."""
    small, large = run_project(folder, until="trial"), stored_run(folder, until="trial")
    codes = {f.code for f in large.findings}
    if small.results.baselines is None or "large-weights" in codes:
        return None
    found, expected = tried(large, says), tried(small, says)
    ours, theirs = dict(what_if_json(found)), dict(what_if_json(expected))
    theirs["moves"] = theirs["moves"][:NAMED]
    assert ours == theirs
    assert found.moved == len(expected.moves)
    ours, theirs = reported(large.findings), reported(small.findings)
    assert ours == theirs
    return found


@pytest.fixture(autouse=True, scope="module")
def small_pieces():
    """Let even small surveys come in many pieces."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("drafting.model.survey.MOST_ROWS", 7)
        patch.setattr("drafting.workbook.on_disk.source.PIECE_ROWS", 11)
        yield


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6))
def test_any_survey(tmp_path_factory, seed):
    folder = tmp_path_factory.mktemp("survey")
    spread_out(folder, seed)
    assert_same(folder, some_changes(random.Random(seed + 1)))


def merged(folder):
    """Six enterprises in three groups of which two are taken together; the odd ones do not meet the law."""
    write_project(
        folder, [{"代码": "E1", "二级指标": "能耗", "权重": 1, "小数位": 0}], categories={"能源消耗": 1},
        settings={"分组基准": "是", "分组合并": "小=中小；中=中小"},
    )  # fmt: skip
    rows = zip("甲乙丙丁戊己", ["大", "小", "中", "大", "小", "中"], "111311", "否是否是否否", "135624", strict=True)
    write_csv(folder, [["企业", "分组", "权数", "重大违法", "E1"], *rows])
    return folder


def test_shares_by_hand(tmp_path):
    """甲 1, 丁 6 (large), 乙 3, 丙 5, 戊 2, 己 4 (the others); 丁 stands for three; 乙 and 丁 are not evaluated."""
    found = assert_same(merged(tmp_path), ["E1:I=4", "E1:III=4"])
    (first, third) = found.effects
    assert first.share_after == third.share_after == 4 / 8
    assert {e.stratum: (e.share_after, e.n) for e in first.strata} == {"大": (1 / 4, 2), "中小": (3 / 4, 4)}
    assert found.after == {"I": 3, "II": 0, "III": 0, "none": 1, "excluded": 2}
    # Grade I was ≤1 for 大 and ≤2 for 中小; II and III of 中小 were ≤2 and ≤3.
    assert found.before == {"I": 2, "II": 0, "III": 0, "none": 2, "excluded": 2}
    assert [(m.enterprise, m.before, m.after) for m in found.moves] == [("己", None, Grade.I)]


def test_grades_move(tmp_path, monkeypatch):
    """The comparison says something: by these changes many enterprises gain grades; only the first are named."""
    monkeypatch.setattr("drafting.analysis.baselines.what_if.NAMED", 3)
    monkeypatch.setattr(__name__ + ".NAMED", 3)
    spread_out(tmp_path, 0)
    found = assert_same(tmp_path, [f"{e}:{g}={v}" for e, v in (("E1", 4), ("E2", 20)) for g in ("I", "II", "III")])
    assert found.moved > len(found.moves) == 3
    assert sum(found.after.values()) == sum(found.before.values())
    assert found.after["none"] < found.before["none"]


@settings(max_examples=settings.default.max_examples // 10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6), odd=st.sampled_from([0.0, 0.1, 0.4]), suffix=st.sampled_from([".csv", ".parquet"]))
def test_any_odd_survey(tmp_path_factory, seed, odd, suffix):
    """With every oddity of cells, repeated enterprises and columns that are not there."""
    folder = tmp_path_factory.mktemp("survey")
    project(folder, seed, odd, suffix)
    assert_same(folder, ["E1:I=0.4", "E2:III=60", "E3:II=1.5", "E5:III=2"])


def test_nobody_is_judged_without_weights(tmp_path):
    write_project(tmp_path, [{"代码": "E1", "权重": ""}, {"代码": "E2", "权重": ""}], categories={"能源消耗": 1})
    write_csv(tmp_path, [["企业", "E1", "E2"], *(["企业" + n, n, n] for n in "1234")])
    found = assert_same(tmp_path, ["E1:I=3"])
    assert found.effects[0].share_after == 3 / 4
    assert (found.before, found.after, found.moved) == (None, None, 0)


def test_a_wrong_what_if_is_found_before_the_survey_is_read(tmp_path, monkeypatch, capfdbinary):
    folder = merged(tmp_path)
    monkeypatch.setattr("drafting.project.surveyed.read_stored", None)
    assert run(["baselines", str(folder), "--engine", "duckdb", "--what-if", "E9:I=1"]) == 2
    assert "没有这个指标" in capfdbinary.readouterr().err.decode()


def test_command(tmp_path, capfdbinary):
    folder = merged(tmp_path)

    def says(*options):
        assert run(["baselines", str(folder), "--what-if", "E1:I=4", *options]) == 0
        return capfdbinary.readouterr().out.decode()

    large, small = says("--engine", "duckdb"), says("--engine", "memory")
    tried = large[large.index("试算：") :].split("计算方式")[0]
    assert tried.split("\n问题")[0] in small
    assert "能耗〔中小〕" in tried
    assert "等级改变的企业：己：未达到→Ⅰ级" in tried
    ours, theirs = (json.loads(says("--json", "--engine", engine)) for engine in ("duckdb", "memory"))
    assert ours["what_if"] == theirs["what_if"]
    assert [s["stratum"] for s in ours["what_if"]["changes"][0]["strata"]] == ["大", "中小"]
    assert ours["what_if"]["moved"] == 1
    assert run(["baselines", str(folder), "--what-if", "E1:I=很小", "--engine", "duckdb"]) == 2
    assert "不是数" in capfdbinary.readouterr().err.decode()


def test_the_screen_says_how_many_it_does_not_name(tmp_path, monkeypatch, capfdbinary):
    monkeypatch.setattr("drafting.analysis.baselines.what_if.NAMED", 12)
    write_project(tmp_path, [{"代码": "E1", "权重": 1}], categories={"能源消耗": 1})
    write_csv(tmp_path, [["企业", "E1"], *([f"企业{n}", str(n)] for n in range(40))])
    assert run(["baselines", str(tmp_path), "--what-if", "E1:I=99", "--engine", "duckdb"]) == 0
    said = capfdbinary.readouterr().out.decode()
    # All forty reach grade I; two (5 %) did before.
    assert "等 38 家（--json 列出前 12 家）" in said


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_without_levels_the_findings_say_why(tmp_path, capfdbinary, engine):
    write_project(tmp_path, [{"代码": "E1", "权重": 1}], categories={"能源消耗": 1})
    asked = ["baselines", str(tmp_path), "--what-if", "E1:I=1", "--engine", engine]
    assert run(asked) == 2  # there is no survey yet: nothing is wrong but the question
    assert "需要已有的基准值" in capfdbinary.readouterr().err.decode()
    write_csv(tmp_path, [["名单", "E1"], ["甲", "1"]])
    assert run(asked) == 1
    assert "企业" in capfdbinary.readouterr().out.decode()


def test_the_memory_limit_decides_how_many_rows_are_judged_together(tmp_path, monkeypatch):
    """Of a megabyte for one value of one enterprise, 48 MB hold 48 rows of one indicator and 24 of two."""
    monkeypatch.setattr("drafting.workbook.on_disk.source.PIECE_ROWS", 1000)
    monkeypatch.setattr("drafting.model.survey.MOST_ROWS", 1000)
    monkeypatch.setattr("drafting.model.survey.FEWEST_ROWS", 1)
    monkeypatch.setattr("drafting.model.survey.ENTRY_BYTES", 1 << 20)
    sizes: list[int] = []
    pieces = StoredTable.pieces

    def counted(*asked):
        for piece in pieces(*asked):
            sizes.append(len(piece))
            yield piece

    write_project(tmp_path, [{"代码": "E1", "权重": 0.5}, {"代码": "E2", "权重": 0.5}], categories={"能源消耗": 1})
    write_csv(tmp_path, [["企业", "E1", "E2"], *([f"企业{n}", n, n] for n in range(100))])
    made = stored_run(tmp_path, until="trial", memory_limit=48 << 20)
    in_memory = run_project(tmp_path, until="trial").results.trial
    assert made.results.trial.distribution == in_memory.distribution  # counted piece by piece, nobody told one by one
    assert (len(made.results.trial.enterprises), len(in_memory.enterprises)) == (0, 100)
    assert [f.values for f in made.findings if f.code == "large-not-judged"] == [{"rows": 100, "limit": 48}]
    monkeypatch.setattr(StoredTable, "pieces", counted)
    found = tried(made, ["E1:I=99"])
    assert sizes == [48, 48, 4, 24, 24, 24, 24, 4]  # the shares of E1, then the trial
    assert found.effects[0].share_after == 1
