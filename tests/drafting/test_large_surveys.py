"""A survey that is not loaded gives every figure and every finding of one that is: random small surveys, both ways."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafting.pipeline.running import run_project
from drafting.record.codec import plain
from tests.drafting.survey_projects import stored_run, write_csv, write_project

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")
pytest.importorskip("duckdb")

INDICATORS: list[dict[str, Any]] = [
    {"代码": "E1", "二级指标": "能耗", "单位": "kgce/t", "下限": "0.5", "小数位": None},
    {"代码": "E2", "二级指标": "回收率", "单位": "%", "方向": "越大越好", "小数位": 1, "强制性限值": "≥70"},
    {"代码": "E3", "二级指标": "单位产品能耗", "单位": "kgce/t", "计算公式": "综合能耗/产量", "小数位": 3},
    {"代码": "E4", "二级指标": "铅", "单位": "mg/L", "基准值来源": "政策", "来源依据": "GB 1",
     "Ⅰ级基准值": "≤1", "Ⅱ级基准值": "<2", "Ⅲ级基准值": "0.5~3"},
    {"代码": "E5", "二级指标": "水耗", "单位": "m3/t", "基准值来源": "政策", "来源依据": "GB 2",
     "Ⅰ级基准值": "≤0.1+0.1n", "Ⅱ级基准值": "≤0.2+0.1n", "Ⅲ级基准值": "≤0.4+0.2n"},
    {"代码": "E6", "二级指标": "浓度", "单位": "", "小数位": None},
    {"代码": "E7", "二级指标": "纯度", "单位": "", "方向": "越大越好", "小数位": 2},
    {"代码": "Q1", "二级指标": "管理", "单位": "", "方向": "定性", "基准值来源": "定性",
     "Ⅰ级基准值": "好", "Ⅱ级基准值": "中", "Ⅲ级基准值": "差"},
]  # fmt: skip
HEADS = [
    "企业", "分组", "权数", "年份", "E1", "E2", "E4", "E5", "E6", "E7", "Q1", "原始:综合能耗", "原始:产量", "参数:n",
    "重大违法",
]  # fmt: skip
UNITS = ["单位", "", "", "", "gce/kg", "%", "mg/L", "m3/t", "", "", "", "kgce", "t", "", ""]
ODD = [
    "", "—", "无", "N/A", "－", "不适用", "<0.01", "＜0.5", "未检出", "ND(0.2)", "未检出（检出限0.3）",
    "１２．５", "1,234.5", "１，０００", "95%", "9.5‰", "0.95", "abc", "2026-01-02", "1e308", "NaN", "inf", "-3",
    "+2.50", ".5", "5.", "1e2", "1 000",
    "-999", "TRUE", "0", "-0", "1.0000001", "123456789012345678", "1e-7", "=1+1", " 7 ", "7\u200b",
    "0x10", "1_000", "12a", "3 kgce/t", "2.5gce/kg", "1,234.5 mg/L", "0.6 ｍｇ/Ｌ", "<0.01 mg/L", "5 m³/t", "5e3 m3/t",
    "120 kgce", "8 t", "-999 t", "4 tce", "9 kg/t", "12 头牛", "3~4 kgce/t", "5. kgce/t", "1 000​ kgce/t\n", "7 e/t",
]  # fmt: skip
GRADES = ["Ⅰ级", "Ⅱ级", "III级", "未达到", "", "达到", "不适用", "好"]
HEADLESS = ("E1", "E2", "E4", "E6", "E7", "Q1", "原始:综合能耗")
EXCLUDED = [("企业3", "", "停产"), ("企业5", "E1", "笔误"), ("没有这家", "", "？"), ("企业6", "没有", "？")]


def cell(draw: random.Random, odd: float) -> str:
    if draw.random() < odd:
        return draw.choice(ODD)
    value = draw.lognormvariate(0, 1)
    return draw.choice([f"{value:.1f}", f"{value:.3f}", repr(value), f"{value * 50:.2f}"])


def row(draw: random.Random, number: int, odd: float) -> list[str]:
    own = f"企业{number}"
    name = draw.choice([own, own, f"企业{max(number - 3, 0)}", f" 企业 {number}", f"ＡＢ{number // 2}"])
    if draw.random() < 0.02:
        name = draw.choice(["", "单位", "计量单位"])
    weight = draw.choice(["1", "2.5", "3", "0.125", "１０"])
    if draw.random() < odd / 5:
        weight = draw.choice(["0", "-1", "", "abc", "1e-3", "NaN"])
    return [
        name, draw.choice(["大", "中", "小", "小 ", ""] if odd else ["大", "中"]), weight,
        draw.choice(["2022", "2023", "2024", ""] if odd > 0.2 else [str(2000 + number % 30)]),
        *(cell(draw, odd) for _ in range(6)), draw.choice(GRADES), cell(draw, odd / 2),
        draw.choice(["10", "20.5", "0", "-1", "3"]), draw.choice(["1", "2", "3", ""]),
        draw.choice(["否", "", "0", "1", "是", "也许" if odd else "FALSE"]),
    ]  # fmt: skip


def project(folder, seed: int, odd: float, suffix: str = ".csv") -> None:
    """Write a random project: settings, exclusions, columns, cells."""
    draw = random.Random(seed)
    settings_of = {
        "重复企业": draw.choice(["报错", "取最新", "取平均"]), "分组基准": draw.choice(["是", "否"]),
        "分组合并": draw.choice(["", "小=中", "小=中；没有=大"]), "样本量下限": draw.choice(["8", "20"]),
        "缺失代码": draw.choice(["—、/、无、N/A", "—、-999、NaN"]),
    }  # fmt: skip
    excluded = EXCLUDED[: draw.randint(0, 4)]
    write_project(folder, INDICATORS, categories={"能源消耗": 1}, settings=settings_of, exclusions=excluded)
    rows = [row(draw, n, odd) for n in range(draw.choice([3, 9, 30, 80]))]
    dropped = {h for h in ("分组", "权数", "年份", "参数:n", "原始:产量", "重大违法") if draw.random() < 0.25}
    kept = [i for i, h in enumerate(HEADS) if h not in dropped]
    if suffix == ".parquet":
        write_parquet(folder, [HEADS[i] for i in kept], [[line[i] for i in kept] for line in rows], draw)
        return
    table = [[line[i] for i in kept] for line in [HEADS, *([UNITS] if draw.random() < 0.7 else []), *rows]]
    if odd > 0.05 and draw.random() < 0.4:  # columns without a heading, and records that show nothing
        for column in draw.sample([i for i, head in enumerate(table[0]) if head in HEADLESS], 2):
            table[0][column] = draw.choice(["", " ", "\u200b"])
        table.insert(draw.randint(2, len(table)), [draw.choice([" ", "\u3000", "\u200b"])] * len(kept))
    if odd > 0.2 and draw.random() < 0.3:
        table[-1] = table[-1][:-1]
        table.append([""] * len(kept))
    write_csv(folder, table, draw.choice(["utf-8", "utf-8-sig", "gb18030" if odd < 0.2 else "utf-8"]))


def write_parquet(folder, heads, rows, draw: random.Random) -> None:
    """Columns of text, or of numbers where all of them are read as such."""
    columns = {}
    for heading, values in zip(heads, zip(*rows, strict=True), strict=True):
        array = pa.array([v or None for v in values], pa.string())
        if heading not in ("企业", "分组", "Q1") and draw.random() < 0.7:
            numbers = [number(v) for v in values]
            array = pa.array(numbers, pa.float64(), from_pandas=draw.random() < 0.5)
            if heading == "年份":
                array = array.cast(pa.int64())
        elif draw.random() < 0.3:
            array = array.dictionary_encode()
        columns[heading] = array
    pq.write_table(pa.table(columns), folder / "调研数据.parquet", row_group_size=draw.choice([7, 1000]))


def number(says: str) -> float | None:
    """What a typed file would hold; text is missing or not a number."""
    try:
        return float(says)
    except ValueError:
        return None


def figures(baselines) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for one in (*baselines.indicators, *baselines.strata) if baselines else ():
        where = (one.code, one.stratum)
        counts = (one.missing, one.not_applicable, one.non_detect, one.excluded)
        found[where] = (one.n, one.source, one.single, *counts)
        for grade, level in one.by_grade.items():
            found[*where, grade.value] = (
                level.bound, str(level.value), level.exact, level.share, level.interval, level.k, level.source
            )  # fmt: skip
        for key, value in plain(one.details or {}).items():
            found[*where, "details", key] = value
    return found


def reported(findings) -> Counter[tuple[Any, ...]]:
    return Counter((f.code, str(f.place), f.message, f.more, f.further) for f in findings)


def assert_same(folder, engine: str = "duckdb") -> None:
    """Compare a project read both ways, figure by figure and finding by finding."""
    small = run_project(folder, until="baselines")
    large = stored_run(folder, engine=engine)
    ours, theirs = reported(large.findings), reported(small.findings)
    codes = {f.code for f in large.findings}
    if "large-weights" in codes:  # refused, with a remedy; the mean of three weights has no last decimal
        assert large.project.inputs.survey is None
        assert small.project.inputs.survey.weights is not None
        return
    assert figures(large.results.baselines) == figures(small.results.baselines)
    ours_read, theirs_read = large.project.inputs.survey, small.project.inputs.survey
    for told in ("enterprises", "strata", "regions", "years"):
        words = [getattr(of, told, None) for of in (ours_read, theirs_read)]
        assert words[0] == words[1] or list(words[0]) == list(words[1]), told
    assert (ours_read and ours_read.reading) == (theirs_read and theirs_read.reading)
    assert ours == theirs


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("odd", [0.0, 0.1, 0.5])
@settings(max_examples=settings.default.max_examples // 10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6))
def test_any_survey(tmp_path_factory, seed, odd, suffix):
    folder = tmp_path_factory.mktemp("survey")
    project(folder, seed, odd, suffix)
    assert_same(folder)


@pytest.mark.parametrize("seed", range(4))
def test_any_survey_in_many_pieces(tmp_path, monkeypatch, seed):
    """Where one enterprise's rows, a group or a kind of cell lie in different pieces nothing changes."""
    monkeypatch.setattr("drafting.workbook.on_disk.source.PIECE_ROWS", 7)
    project(tmp_path, seed, 0.3, [".csv", ".parquet"][seed % 2])
    assert_same(tmp_path)


def test_a_direction_that_cannot_be_read(tmp_path):
    """Neither way judges such a column, whatever stands in it."""
    write_project(tmp_path, [{"代码": "E1", "方向": "往左"}, {"代码": "E2"}], categories={"能源消耗": 1})
    write_csv(tmp_path, [["企业", "E1", "E2"], *([f"企业{n}", "说不清", str(n)] for n in range(30))])
    assert_same(tmp_path)


def test_columns_that_are_not_used_and_two_of_one_heading(tmp_path):
    """What stands in them is counted and said alike; of two columns with one name the first is read."""
    write_project(tmp_path, [{"代码": "E1"}, {"代码": "E2", "单位": "%"}], categories={"能源消耗": 1})
    first, second = [float(n) for n in range(1, 31)], ["x"] * 30
    columns = [[f"企业{n}" for n in range(30)], first, second, ["", "a", None] * 10, [0.5] * 29 + [60.0]]
    table = pa.Table.from_arrays(list(map(pa.array, columns)), ["企业", "E1", "E1", "别的", "E2"])
    pq.write_table(table, tmp_path / "调研数据.parquet", row_group_size=7)
    assert_same(tmp_path)
    made = stored_run(tmp_path).project
    assert made.inputs.survey.columns["E1"].values.tolist() == first
    assert [column.values for column in made.inputs.survey.reading.columns] == [30, 30, 30, 10, 30]
    assert [f.place.cell for f in made.findings if f.code == "heading-twice"] == ["C1"]


def test_characters_that_no_reader_sees(tmp_path):
    """They are taken out and named, lest a name of a large survey turn the draft's reading direction."""
    write_project(tmp_path, [{"代码": "E1"}], categories={"能源消耗": 1})
    rows = [[f"厂\u202e{n}" if n % 5 else f"厂{n}", f"{n}.5\x07" if n == 7 else str(n + 1)] for n in range(30)]
    write_csv(tmp_path, [["企业", "E1"], *rows, ["\x07", ""]])
    assert_same(tmp_path)
    made = stored_run(tmp_path).project
    assert list(made.inputs.survey.enterprises) == [f"厂{n}" for n in range(30)]
    (found,) = (f for f in made.findings if f.code == "cell-strange-characters")
    assert (found.place.cell, found.values["count"]) == ("A3", 26)


def test_totals_in_percent_are_judged_as_a_whole(tmp_path):
    """A fraction among percentages of a raw total is seen though they stand in different pieces, or are texts."""
    raw = {"代码": "E1", "单位": "%", "计算公式": "回收/投入", "方向": "越大越好"}
    write_project(tmp_path, [raw], categories={"能源消耗": 1})
    rows = [[f"企业{n}", "0.62" if n == 3 else str(60 + n), "1"] for n in range(30)]
    write_csv(tmp_path, [["企业", "原始:回收", "原始:投入"], ["单位", "%", ""], *rows])
    assert_same(tmp_path)
    found = [f.place.cell for f in stored_run(tmp_path).findings if f.code == "survey-percent-mixed"]
    assert found == ["B6"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::ResourceWarning")
def test_any_survey_on_spark(tmp_path, seed):
    pytest.importorskip("pyspark")
    pytest.importorskip("ibis")
    if shutil.which("java") is None:
        pytest.skip("no Java here")
    project(tmp_path, seed, 0.1)
    assert_same(tmp_path, "spark")
