"""Clause 6 as reviewers want it: units of every symbol, one symbol a quantity, one way to write x_ij, methods cited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from drafting import load_project
from drafting.catalogue import method_standards
from drafting.document import tree
from drafting.document.compose import compose
from drafting.document.explanations import indicator_formula
from drafting.document.symbols import RESERVED, quantities
from drafting.document.tree import Formula, Table, plain
from drafting.model.expression import parse_expression
from drafting.model.formula import Formula as TypedFormula
from drafting.model.monitoring import Monitoring, SymbolUnit
from drafting.model.results import Results
from drafting.model.survey import Derivation
from drafting.model.system import Indicator, IndicatorSystem
from drafting.model.terms import Direction
from drafting.workbook.project.blank import prefilled, write_project
from tests.drafting.document import factory

ROOT = Path(__file__).resolve().parents[3]


def indicator(code: str, unit: str, formula: str, note: str = "") -> Indicator:
    return Indicator(
        code, code, "能源消耗", unit, Direction.SMALLER, False, formula=TypedFormula.read(formula), note=note
    )


def units(*rows: tuple[str, str], derivations: Any = None, stated: tuple[SymbolUnit, ...] = ()) -> dict[str, str]:
    """Unit by name of a system of indicators (unit, formula)."""
    made = [indicator(f"N{n}", unit, formula) for n, (unit, formula) in enumerate(rows, 1)]
    return {q.name: q.unit for q in quantities(made, derivations or {}, stated).values()}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("kgce/t", "能耗/产量")], {"能耗": "kgce", "产量": "t"}),
        ([("m³/(t·d)", "(新水+外购水)/产量")], {"新水": "m³", "外购水": "m³", "产量": "t·d"}),
        ([("kg/t", "max(甲,乙)/产量")], {"甲": "kg", "乙": "kg", "产量": "t"}),
        ([("吨每单位产品", "取水量/合格产品产量")], {"取水量": "吨", "合格产品产量": "产品单位"}),
        # a share: what is divided by what has a unit has the same, as has what is added to it
        ([("L/m²", "取水/产量"), ("%", "回用/(回用+取水)*100%")], {"取水": "L", "产量": "m²", "回用": "L"}),
        ([("t", "甲+乙")], {"甲": "t", "乙": "t"}),
        # a factor may be a conversion: nothing follows
        ([("kg/t", "废物/产量*1000")], {"废物": "", "产量": ""}),
        ([("%", "甲/乙*100%")], {"甲": "", "乙": ""}),
        # of what would have two units nothing is said
        ([("t/t", "料/产量"), ("kg/m²", "料/面积")], {"料": "", "产量": "t", "面积": "m²"}),
    ],
)
def test_units_follow_from_the_formulas(rows: list[tuple[str, str]], expected: dict[str, str]) -> None:
    assert units(*rows) == expected


def test_units_of_the_survey_and_of_the_committee() -> None:
    formula = parse_expression("废物/产量*1000")
    derived = {"N1": Derivation(formula, {}, {"废物": "t", "产量": "t"})}
    assert units(("kg/t", "废物/产量*1000"), derivations=derived) == {"废物": "t", "产量": "t"}
    stated = (SymbolUnit("废 物", "", "kg"),)
    assert units(("kg/t", "废物/产量*1000"), derivations=derived, stated=stated) == {"废物": "kg", "产量": "t"}
    assert units(("%", "e/E*100%"), stated=(SymbolUnit("E", "总量", "GJ"),)) == {"e": "GJ", "E": "GJ"}


def test_no_symbol_of_the_drafts_own_formulas_is_taken() -> None:
    made = [indicator("N1", "kg/t", "m/n", "m为质量，n为产量")]
    given = {q.name: q.symbol for q in quantities(made, {}).values()}
    assert given == {"m": "m_1", "n": "n_1"}
    assert not {q.symbol for q in quantities(made, {}).values()} & RESERVED


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("sum(a,b)/c", r"\frac{a + b}{c}"),
        ("2*sum(a,b)", r"2 \times \left(a + b\right)"),
        ("sum(a)/c", r"\frac{\sum a}{c}"),
        ("max(a,b)/c", r"\frac{\max\left(a, b\right)}{c}"),
        ("min(a,b)+ln(c)", r"\min\left(a, b\right) + \ln\left(c\right)"),
    ],
)
def test_functions_are_typeset_as_operators(typed: str, printed: str) -> None:
    assert parse_expression(typed).to_latex() == printed


@pytest.fixture(scope="module")
def example() -> Any:
    project = load_project(ROOT / "examples" / "建筑陶瓷", survey=False)
    return project, compose(project.inputs, Results())


def test_every_symbol_of_the_example_has_a_unit_and_one_meaning(example: Any) -> None:
    _, draft = example
    said: dict[str, set[str]] = {}
    for block in tree.blocks(draft):
        if isinstance(block, Formula) and block.anchor.startswith("formula:"):
            for line in block.where:
                meaning = plain(line.meaning).rstrip("；。")
                assert "单位为" in meaning or "量纲为一" in meaning or "用百分数" in meaning, meaning
                said.setdefault(line.latex, set()).add(meaning)
    assert said
    assert {len(meanings) for meanings in said.values()} == {1}
    assert "【待补充" not in str(said)
    text = "\n".join(str(b) for b in tree.blocks(draft))
    assert "x_{i,j}" not in text
    assert "指标值为统计期内的测定结果" not in text


@pytest.mark.parametrize(("many", "own", "generic"), [(9, "x_{19}", "x_{ij}"), (10, "x_{1,10}", "x_{i,j}")])
def test_x_is_written_one_way_in_the_whole_draft(many: int, own: str, generic: str) -> None:
    one = factory.inputs().system
    system = IndicatorSystem(
        one.categories,
        tuple(replace(indicator(f"N{n}", "kg/t", "料/产量"), name=f"指标{n}") for n in range(1, many + 1)),
    )
    draft = compose(factory.inputs(system=system), Results())
    written = [str(b) for b in tree.blocks(draft)]
    other = {"x_{ij}", "x_{i,j}"} - {generic}
    assert any(own + " = " in text for text in written)
    assert any(generic in text for text in written)
    assert not any(o in text for o in other for text in written)


def test_a_quantity_without_a_unit_is_a_gap_and_not_silence() -> None:
    one = indicator("N1", "kg/t", "废物/产量*1000")
    made = indicator_formula(one, "x_{11}", quantities([one], {}))
    assert plain(made.where[1].meaning) == "统计期内的废物，单位为【待补充：废物的单位】；"


# --- monitoring ---
def test_the_table_is_printed_in_clause_6_and_its_standards_are_listed_in_order(example: Any) -> None:
    project, draft = example
    table = next(b for b in tree.blocks(draft) if isinstance(b, Table) and b.anchor == "table:monitoring")
    assert [plain(row[0].runs) for row in table.body] == [m.parameter for m in project.inputs.monitoring]
    assert table.number
    owner = next(c for c in draft.chapters if c.title == "指标解释与数据来源")
    assert any(b is table or b == table for b in tree.walk((owner,)))
    references = [plain(b.runs) for b in tree.walk(draft.chapters) if getattr(b, "role", "") == "reference"]
    assert "HJ 836—2017　固定污染源废气　低浓度颗粒物的测定　重量法" in references
    assert [r.split("　")[0] for r in references if r.startswith("HJ")] == [
        "HJ 57—2017", "HJ 693—2014", "HJ 828—2017", "HJ 836—2017", "HJ 1131—2020", "HJ 1132—2020",
    ]  # fmt: skip
    assert sum(r.startswith("GB 12348") for r in references) == 1, "one that the committee lists is not listed twice"


def test_a_standard_without_a_confirmed_title_is_left_to_the_committee() -> None:
    rows = (Monitoring("铅", "排气筒", "每年1次", "HJ 685-2014，HJ 685—2014"),)
    draft = compose(replace(factory.inputs(), monitoring=rows), Results())
    references = [plain(b.runs) for b in tree.walk(draft.chapters) if getattr(b, "role", "") == "reference"]
    assert [r for r in references if "HJ 685" in r] == ["HJ 685—2014　【待补充：HJ 685—2014的名称】"]


def test_the_library_invents_nothing() -> None:
    source = ROOT.parent / "shared" / "reference" / "monitoring_methods.csv"
    if not source.exists():
        pytest.skip("the reference table lies beside the checkout only")
    import csv

    rows = {
        (r["medium"], r["parameter"], r["method"], r["standard"]): r["confidence"]
        for r in csv.DictReader(source.read_text("utf-8").splitlines())
    }
    ours = {(m.medium, m.parameter, m.method, m.standard): m.confirmed for m in method_standards()}
    assert {key: how == "high" for key, how in rows.items()} == ours
    suggested = {s for m in prefilled().monitoring for s in m.listed}
    assert suggested <= {m.standard for m in method_standards() if m.confirmed}
    assert not any(m.point or m.frequency for m in prefilled().monitoring)


def test_new_workbooks_have_the_sheets_and_old_ones_stay_readable(tmp_path: Path) -> None:
    inputs = replace(
        prefilled(), symbol_units=(SymbolUnit("E", "能耗", "GJ"), SymbolUnit("e", "电", "kW·h")),
        monitoring=(Monitoring("化学需氧量", "总排口", "每季度1次", "HJ 828—2017；HJ/T 399—2007"),),
    )  # fmt: skip
    write_project(tmp_path / "项目.xlsx", inputs)
    read = load_project(tmp_path)
    assert read.inputs is not None
    assert (read.inputs.monitoring, read.inputs.symbol_units) == (inputs.monitoring, inputs.symbol_units)
    assert read.inputs.monitoring[0].listed == ("HJ 828—2017", "HJ/T 399—2007")
    before = {f.code for f in read.findings}
    book = openpyxl.load_workbook(tmp_path / "项目.xlsx")
    del book["监测方法"]
    sheet = book["符号单位"]
    sheet.cell(4, 1, "E ")
    sheet.cell(4, 3, "t")
    book.save(tmp_path / "项目.xlsx")
    again = load_project(tmp_path)
    assert again.inputs is not None
    assert again.inputs.monitoring == ()
    assert again.inputs.symbol_units == inputs.symbol_units
    new = [f for f in again.findings if f.code not in before]
    assert [(f.code, f.place.sheet, f.place.cell) for f in new] == [("symbol-unit-twice", "符号单位", "A4")]
