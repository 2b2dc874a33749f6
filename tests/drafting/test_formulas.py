"""Formulas from the cell to the equation: read once; functions or an error; one symbol for one quantity."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting import load_project
from drafting.document.compose import compose
from drafting.document.symbols import quantities
from drafting.document.tree import Formula as Equation
from drafting.document.tree import blocks, plain
from drafting.model.formula import Formula
from drafting.model.system import Indicator
from drafting.pipeline.running import run_project
from drafting.rules.objects import symbols as symbols_in
from tests.drafting.survey_projects import write_csv, write_project

LEVELS = {"Ⅰ级基准值": "≤1", "Ⅱ级基准值": "≤2", "Ⅲ级基准值": "≤3", "基准值来源": "政策", "来源依据": "公开文本"}


def equations(folder: Path, *formulas: str, unit: str = "kg/t", **more: Any) -> list[Equation]:
    """The equations of a draft whose indicators have these formulas."""
    rows = [{"计算公式": f, "单位": unit, "权重": f"1/{len(formulas)}", **LEVELS, **more} for f in formulas]
    run = run_project(write_project(folder, rows, categories={"能源消耗": 1}), until="weights")
    assert run.project.inputs is not None
    draft = compose(run.project.inputs, run.results)
    return [b for b in blocks(draft) if isinstance(b, Equation) and b.anchor.startswith("formula:")]


def test_sum_is_a_function_not_a_variable(tmp_path: Path) -> None:
    for n, typed in enumerate(
        ("sum(能源消耗量*折标系数)/产量", "Σ（能源消耗量×折标系数）÷产量", "SUM(能源消耗量*折标系数)/产量")
    ):
        (equation,) = equations(tmp_path / str(n), typed)
        assert r"\sum" in equation.latex
        assert not any("sum" in plain(line.meaning) or "sum" in line.latex for line in equation.where)
        assert [plain(line.meaning) for line in equation.where[1:]] == [
            "统计期内的能源消耗量，单位为【待补充：能源消耗量的单位】；",
            "统计期内的折标系数，单位为【待补充：折标系数的单位】；", "统计期内的产量，单位为t。",
        ]  # fmt: skip


def test_a_symbol_without_a_meaning_is_not_its_own_meaning(tmp_path: Path) -> None:
    (equation,) = equations(tmp_path, "V/Q", 说明="Q为产量。")
    means = [plain(line.meaning) for line in equation.where[1:]]
    assert means[0].startswith("【待补充：V的含义】，单位为")
    assert means[1].startswith("统计期内的产量，单位为")
    assert not any(line.latex == plain(line.meaning).split("，")[0] for line in equation.where)
    (found,) = [f for f in run_project(tmp_path).findings if f.code == "symbol-meaning-missing"]
    assert "“V”" in found.message
    assert "“Q”" not in found.message


@pytest.mark.parametrize(("typed", "sign"), [("sum(a*b)/c", "∑"), ("max(a,b)/c", "max"), ("min(a,b)/c", "min")])
def test_functions_are_typeset_as_such_everywhere(typed: str, sign: str) -> None:
    from drafting.render.formulas import latex_to_mathml, latex_to_omml
    from drafting.render.pdf.formulas import typst_math

    expression = Formula.read(typed).expression
    assert expression is not None
    latex = expression.to_latex()
    assert f">{sign}<" in latex_to_mathml(latex)
    assert sign in "".join(latex_to_omml(latex).itertext())
    assert {"∑": "sum", "max": "max", "min": "min"}[sign] in typst_math(latex).replace("∑", "sum")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Σ能源消耗量/产量", "括号写明范围"),
        ("log(能耗)/产量", "不是已知的函数"),
        ("产量(1+a)", "乘法请写出乘号"),
        ("能耗/0", "除数恒为 0"),
        ("1/0", "除数恒为 0"),
        ("能耗/2n", "a/(2n)"),
        ("能耗//产量", "缺少运算符或运算对象"),
        ("(能耗+电耗", "括号没有配对"),
        ("+".join(["能耗"] * 10_000), "过长"),
        ("(" * 985 + "能耗" + ")" * 985, "过长"),
        ("(" * 60 + "能耗" + ")" * 60, "嵌套过深"),
        ("9" * 5000 + "/能耗", "过长"),
        ("9" * 5000, "过长"),
        ("能耗^9^9^9/产量", "指数过大"),
    ],
)
def test_what_cannot_be_read_is_one_finding_quickly(tmp_path: Path, typed: str, words: str) -> None:
    folder = write_project(tmp_path, [{"计算公式": typed, **LEVELS}])
    begun = time.perf_counter()
    read = load_project(folder)
    assert time.perf_counter() - begun < 5
    (found,) = [f for f in read.findings if f.code == "formula-unreadable"]
    assert words in found.message
    assert (found.place.sheet, found.severity.value, len(found.message) < 260) == ("二级指标", "error", True)


@pytest.mark.parametrize(
    "words",
    ["按 GB/T 2589—2020 计算", "综合能耗除以产量", "废水量除以产品产量，单位为m3/t。", "E=电+煤；其中电按当量值"],
)
def test_a_sentence_is_printed_as_it_stands(tmp_path: Path, words: str) -> None:
    assert equations(tmp_path, words) == []
    read = load_project(tmp_path)
    assert not [f for f in read.findings if f.code.startswith("formula-")]


def test_a_sum_over_terms_that_are_not_listed_has_no_value(tmp_path: Path) -> None:
    for n, (typed, code) in enumerate([("sum(能耗*系数)/产量", True), ("sum(能耗,电耗)/产量", False)]):
        folder = write_project(tmp_path / str(n), [{"计算公式": typed, "单位": "kgce/t"}])
        heads = ["企业", "原始:能耗（kgce）", "原始:电耗（kgce）", "原始:系数", "原始:产量（t）"]
        write_csv(folder, [heads, *([f"厂{k}", k, 1, 1, 2] for k in range(1, 31))])
        run = run_project(folder, until="baselines")
        assert ("formula-open-sum" in {f.code for f in run.findings}) is code
        survey = run.project.inputs.survey if run.project.inputs else None
        assert survey is not None
        if not code:  # (k + 1)/2 by hand
            assert survey.columns["E1"].values.tolist() == [(k + 1) / 2 for k in range(1, 31)]


@pytest.mark.parametrize(("typed", "read"), [("能耗（kgce）/产量(t)", True), ("能耗（tce）/产量", False)])
def test_a_unit_behind_a_name_is_that_of_its_column_or_another_name(tmp_path: Path, typed: str, read: bool) -> None:
    folder = write_project(tmp_path, [{"计算公式": typed, "单位": "kgce/t"}])
    write_csv(folder, [["企业", "原始:能耗（kgce）", "原始:产量（t）"], *([f"厂{k}", k, 2] for k in range(1, 31))])
    run = run_project(folder, until="baselines")
    assert ("formula-no-raw" in {f.code for f in run.findings}) is not read
    survey = run.project.inputs.survey if run.project.inputs else None
    assert survey is not None
    assert ("E1" in survey.columns) is read
    if read:
        assert survey.columns["E1"].values.tolist() == [k / 2 for k in range(1, 31)]


# --- symbols ----------------------------------------------------------------------------------------------------------
def test_clinker_steel_and_ammonia_water_do_not_share_a_letter(tmp_path: Path) -> None:
    typed = ("水泥熟料/产量", "钢水/产量", "氨水/产量", "取水量/产量")
    found = equations(tmp_path, *typed)
    letters: dict[str, set[str]] = {}
    for equation in found:
        for line in equation.where[1:]:
            letters.setdefault(line.latex, set()).add(plain(line.meaning).rstrip("；。"))
    assert all(len(meanings) == 1 for meanings in letters.values())
    assert len(letters) == 5
    assert letters["V"] == {"统计期内的取水量，单位为kg"}
    assert letters["Q"] == {"统计期内的产量，单位为t"}


def test_units_follow_from_the_formula_where_they_can(tmp_path: Path) -> None:
    (one,) = equations(tmp_path / "a", "综合能耗/产量", unit="kgce/t")
    assert [plain(line.meaning) for line in one.where] == [
        "指标1，单位为kgce/t；", "统计期内的综合能耗，单位为kgce；", "统计期内的产量，单位为t。",
    ]  # fmt: skip
    (sums,) = equations(tmp_path / "c", "(钢水+max(氨水,废水))/产量", unit="m³/(t·d)")
    assert [plain(line.meaning).rpartition("，")[2] for line in sums.where[1:]] == [
        "单位为m³；", "单位为m³；", "单位为m³；", "单位为t·d。",
    ]  # fmt: skip
    (two,) = equations(tmp_path / "b", "利用量/产生量×100%", unit="%")
    assert [plain(line.meaning)[-10:-1] for line in two.where[1:]] == ["充：利用量的单位】", "充：产生量的单位】"]


def test_a_typed_symbol_with_two_stated_meanings_is_two_symbols(tmp_path: Path) -> None:
    rows = [
        {"计算公式": "V/Q", "权重": 0.5, "说明": "V为取水量；Q为产量", **LEVELS},
        {"计算公式": "V/Q", "权重": 0.5, "说明": "V为废气量；Q为产量", **LEVELS},
    ]
    read = load_project(write_project(tmp_path, rows, categories={"能源消耗": 1}))
    assert read.inputs is not None
    table = quantities(read.inputs.system.active, {})
    assert [table["E1", "V"].symbol, table["E2", "V"].symbol] == ["V_1", "V_2"]
    assert table["E1", "Q"] == table["E2", "Q"]
    assert table["E1", "V"].meaning == "取水量"


NAMES = st.sampled_from(
    [
        "取水量",
        "废水量",
        "钢水",
        "水泥熟料",
        "综合能耗",
        "电能",
        "V",
        "V_1",
        "E",
        "Vr",
        "η",
        "产量",
        "合格产品产量",
        "氨水",
        "sum2",
        "料",
    ]
)
SYSTEMS = st.lists(st.lists(NAMES, min_size=1, max_size=4, unique=True), min_size=1, max_size=8)


def _system(formulas: list[list[str]]) -> list[Indicator]:
    return [
        Indicator(f"N{n}", f"指标{n}", "能源消耗", formula=Formula.read("+".join(f))) for n, f in enumerate(formulas)
    ]


@given(SYSTEMS)
def test_a_symbol_stands_for_one_quantity_in_the_whole_document(formulas: list[list[str]]) -> None:
    indicators = _system(formulas)
    table = quantities(indicators, {})
    assert set(table) == {(i.code, name) for i in indicators for name in i.formula.expression.names}  # type: ignore[union-attr]
    by_name: dict[str, set[str]] = {}
    by_symbol: dict[str, set[str]] = {}
    for (_, name), quantity in table.items():
        by_name.setdefault(name, set()).add(quantity.symbol)
        by_symbol.setdefault(quantity.symbol, set()).add(name)
    assert all(len(symbols) == 1 for symbols in by_name.values())
    assert all(len(names) == 1 for names in by_symbol.values())
    assert all(symbols == {name} for name, symbols in by_name.items() if name.isascii())
    assert quantities(indicators, {}) == table
    for symbol in filter(str.isascii, by_symbol):
        latex = Formula.read(symbol).expression
        assert latex is not None
        assert len(symbols_in(latex.to_latex())) == 1
