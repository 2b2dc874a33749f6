"""The composed draft: B.2's parts, GB/T 1.1's rules, every figure as published, nothing that names anyone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from drafting.analysis.baselines.set_baselines import set_baselines
from drafting.document import search, tree
from drafting.document.compose import compose
from drafting.document.faults import gaps
from drafting.document.references import order
from drafting.document.tree import Clause, Document, Figure, Formula, Paragraph, Reference, Superscript, Table, plain
from drafting.findings import Provenance
from drafting.model import document as model
from drafting.model.bounds import parse_bound
from drafting.model.formula import Formula as TypedFormula
from drafting.model.inputs import Inputs
from drafting.model.results import Baseline, Results
from drafting.model.settings import Settings
from drafting.model.survey import Survey
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.terms import GRADES, Direction, Grade
from drafting.notation.weights import parse_weight
from tests.drafting.document import factory

ONE = IndicatorSystem((Category("能源消耗"),), (Indicator("N1", "单位产品综合能耗", "能源消耗"),))


def _bonus() -> Inputs:
    inputs = factory.inputs()
    extra = Indicator("F1", "协同处置量", "附加指标", baselines={Grade.I: parse_bound("≥5")})
    system = IndicatorSystem(
        (*inputs.system.categories, Category("附加指标", bonus=True)), (*inputs.system.indicators, extra)
    )
    return replace(inputs, system=system)


DRAFTS = {
    "full": lambda: compose(factory.inputs(), factory.results(), date=date(2026, 6, 1)),
    "no results": lambda: compose(factory.inputs(), Results()),
    "nothing": lambda: compose(Inputs(model.DocumentInfo(), Settings(), IndicatorSystem((), ())), Results()),
    "one indicator": lambda: compose(factory.inputs(system=ONE, policies=()), Results()),
    "bonus": lambda: compose(_bonus(), factory.results()),
    "delphi": lambda: compose(factory.inputs(settings=Settings(weight_method="专家咨询法")), Results()),
    "combined": lambda: compose(factory.inputs(settings=Settings(weight_method="组合")), Results()),
    "given": lambda: compose(factory.inputs(settings=Settings(weight_method="给定")), Results(), edition="internal"),
}


@pytest.fixture(params=DRAFTS, scope="module")
def draft(request: pytest.FixtureRequest) -> Document:
    """Every kind of draft."""
    made: Document = DRAFTS[request.param]()
    return made


@pytest.fixture(scope="module")
def full() -> Document:
    """The draft of the whole project."""
    return DRAFTS["full"]()


def _clauses(document: Document) -> Iterator[tuple[tree.Block, ...]]:
    """Children of every chapter, clause and annex."""
    yield from (a.children for a in document.annexes)
    yield from (b.children for b in tree.blocks(document) if isinstance(b, Clause))


def _all_text(document: Document) -> str:
    return "".join(plain(r) for b in tree.blocks(document) for r in search.runs_of(b))


def _table(document: Document, anchor: str) -> Table:
    return next(b for b in tree.blocks(document) if isinstance(b, Table) and b.anchor == anchor)


# --- rules of GB/T 1.1 ----------------------------------------------------------------------------
def test_no_hanging_paragraph_no_lone_clause_no_mixed_siblings(draft: Document) -> None:
    for children in _clauses(draft):
        below = [c for c in children if isinstance(c, Clause)]
        if below:
            assert len(below) == len(children) >= 2
            assert len({c.titled for c in below}) == 1


def test_every_table_formula_and_annex_is_mentioned_and_annexes_in_order(draft: Document) -> None:
    named = [
        r.target for b in tree.blocks(draft) for runs in search.runs_of(b) for r in runs if isinstance(r, Reference)
    ]
    for block in tree.blocks(draft):
        if isinstance(block, Table) or (isinstance(block, Formula) and block.numbered):
            assert block.anchor in named, block
    annexes = [a.anchor for a in draft.annexes]
    assert list(dict.fromkeys(n for n in named if n in annexes)) == annexes


def test_every_cell_says_something(draft: Document) -> None:
    for block in tree.blocks(draft):
        if isinstance(block, Table):
            for row in (*block.head, *block.body):
                assert all(c.text.strip() for c in row)


def test_rows_fill_the_grid(draft: Document) -> None:
    for block in tree.blocks(draft):
        if isinstance(block, Table):
            covered = sum(c.rowspan * c.colspan for row in block.body for c in row)
            assert covered == len(block.body) * len(block.columns), block.anchor
            covered = sum(c.rowspan * c.colspan for row in block.head for c in row)
            assert covered == len(block.head) * len(block.columns), block.anchor


def test_formulas_say_what_their_symbols_mean_and_only_the_last_line_ends_with_a_full_stop(draft: Document) -> None:
    for block in tree.blocks(draft):
        if isinstance(block, Formula) and block.where:
            ends = [plain(s.meaning)[-1] for s in block.where]
            assert ends == ["；"] * (len(ends) - 1) + ["。"]


def test_wording(draft: Document) -> None:
    text = _all_text(draft)
    for word in ("必须", "尽可能", "尽量", "原则上"):
        assert word not in text
    for children in (*(f.children for f in draft.front), draft.chapters[0].children):
        words = "".join(plain(r) for b in tree.walk(children) for r in search.runs_of(b))
        assert not any(modal in words for modal in ("应", "宜"))
    for block in tree.blocks(draft):
        if isinstance(block, Table):
            assert not any("应" in plain(n.runs) for n in block.notes)


def test_fixed_sentences(shared: Path, full: Document) -> None:
    words = json.loads((shared / "reference" / "gbt11_layout.json").read_text("utf-8"))["wording"]
    foreword = [plain(p.runs) for p in full.front[0].children if isinstance(p, Paragraph)]
    assert foreword[:2] == [words["foreword_first"], words["patent"]]
    assert foreword[2] == words["propose"].format(org="中华人民共和国国家发展和改革委员会")
    assert foreword[-1] == words["first_issue"]
    references = full.chapters[1].children[0]
    assert isinstance(references, Paragraph)
    assert plain(references.runs) == words["refs_lead"]
    terms = full.chapters[2].children[0]
    assert isinstance(terms, Paragraph)
    assert plain(terms.runs) == words["terms_lead_both"].replace("{GB/T X}", "GB/T 43329—2023")
    assert full.cover.patent_call == "在提交反馈意见时，请将您知道的相关专利连同支持性文件一并附上。"


def test_the_outline_is_that_of_appendix_b(full: Document) -> None:
    assert [f.title for f in full.front] == ["前言"]
    assert [c.title for c in full.chapters] == [
        "范围", "规范性引用文件", "术语和定义", "评价指标体系", "评价方法", "指标解释与数据来源",
    ]  # fmt: skip
    system = [c.title for c in full.chapters[3].children if isinstance(c, Clause)]
    assert system == ["指标选取说明", "指标基准值及说明", "指标权重及确定方法", "指标体系表"]


# --- figures --------------------------------------------------------------------------------------
def test_the_table_prints_every_published_figure_once_and_exactly(full: Document) -> None:
    results = factory.results()
    assert results.weights
    assert results.baselines
    printed = {f.key: f.text for f in search.figures(full) if f.key[0] in ("weight", "level")}
    for weight in results.weights.first_level.weights:
        assert printed["weight", weight.key] == str(weight.published)
    for indicator in factory.inputs().system.indicators:
        weight_text = printed["weight", indicator.category, indicator.code]
        assert weight_text == str(results.weights.indicator(indicator.code))
        baselines = results.baselines.of(indicator.code)
        assert baselines is not None
        found = {g: baselines.by_grade[g].bound.format() for g in GRADES}
        shown = {g: printed[key] for g in GRADES if (key := ("level", indicator.code, g.value)) in printed}
        # A cell over several grades carries the figure of the first of them.
        for grade, text in shown.items():
            assert text == found[grade]
        assert {found[g] for g in GRADES} == set(shown.values())


def test_sums_of_the_printed_weights_are_exactly_one(full: Document) -> None:
    printed = {f.key: Decimal(f.text) for f in search.figures(full) if f.key[0] == "weight"}
    assert sum(v for k, v in printed.items() if len(k) == 2) == 1
    for category in factory.ROWS:
        assert sum(v for k, v in printed.items() if len(k) == 3 and k[1] == category) == 1


def test_limiting_indicators_carry_the_footnote_and_no_others(full: Document) -> None:
    table = _table(full, "table:system")
    marked = {plain(c.runs[:1]) for row in table.body for c in row if any(isinstance(r, Superscript) for r in c.runs)}
    assert marked == {i.name for i in factory.inputs().system.indicators if i.limiting}
    assert [(f.mark, plain(f.runs)) for f in table.footnotes] == [("a", "限定性指标。")]


@pytest.mark.parametrize(
    ("second", "printed"),
    [("甲", [("甲", 2), ("乙", 1)]), ("同Ⅰ级", [("甲", 1), ("同Ⅰ级", 1), ("乙", 1)])],
)
def test_equal_words_are_one_cell_and_what_is_typed_is_printed(second: str, printed: list[tuple[str, int]]) -> None:
    bounds = {"Ⅰ级": "甲", "Ⅱ级": second, "Ⅲ级": "乙"}
    indicator = Indicator(
        "G1",
        "工艺类型",
        "生产工艺及装备",
        direction=Direction.QUALITATIVE,
        baselines={g: parse_bound(bounds[g.chinese]) for g in GRADES},
    )
    system = IndicatorSystem((Category("生产工艺及装备"),), (indicator,))
    row = _table(compose(factory.inputs(system=system), Results()), "table:system").body[0]
    cells = row[-len(printed) :]
    assert [(c.text, c.colspan) for c in cells] == printed
    keys = [r.key for c in cells for r in c.runs if isinstance(r, Figure)]
    assert [key[2] for key in keys] == (["I", "III"] if len(printed) == 2 else ["I", "II", "III"])


def test_equal_numbers_keep_their_cells_and_trailing_zeros() -> None:
    indicator = replace(ONE.indicators[0], baselines={g: parse_bound("≤8.50") for g in GRADES})
    system = IndicatorSystem(ONE.categories, (indicator,))
    row = _table(compose(factory.inputs(system=system), Results()), "table:system").body[0]
    assert [c.text for c in row[-3:]] == ["≤8.50"] * 3


def test_ranges_stand_in_the_table_as_the_committee_wrote_them() -> None:
    cells = dict(zip(GRADES, ("0.2~0.4", "0.4-0.6 kgce/t", "≤0.8"), strict=True))
    indicator = replace(ONE.indicators[0], unit="kgce/t", baselines={g: parse_bound(t) for g, t in cells.items()})
    inputs = factory.inputs(system=IndicatorSystem(ONE.categories, (indicator,)))
    baselines, _ = set_baselines(replace(inputs, survey=None), Provenance())
    row = _table(compose(inputs, Results(baselines=baselines)), "table:system").body[0]
    assert [c.text for c in row[-3:]] == ["0.2～0.4", "0.4-0.6 kgce/t", "≤0.8"]


def test_without_results_figures_are_dashes_and_typed_values_stand() -> None:
    table = _table(compose(factory.inputs(system=ONE), Results()), "table:system")
    assert [c.text for c in table.body[0]] == ["能源消耗", "—", "1", "单位产品综合能耗", "—", "—", "—", "—", "—"]


def test_a_weight_typed_as_a_formula_is_printed_as_typed() -> None:
    system = IndicatorSystem(ONE.categories, (replace(ONE.indicators[0], weight=parse_weight("0.8/n")),))
    row = _table(compose(factory.inputs(system=system), Results()), "table:system").body[0]
    assert "0.8/n" in [c.text for c in row]


def test_a_bonus_group_stands_last_without_weight() -> None:
    table = _table(DRAFTS["bonus"](), "table:system")
    last = table.body[-1]
    assert [c.text for c in last[:2]] == ["附加指标", "附加"]
    assert table.notes


def test_shares_are_printed_in_percent_with_one_decimal(full: Document) -> None:
    printed = {f.key: f.text for f in search.figures(full) if f.key[0] == "share"}
    assert printed["share", "S1", "I"] == "5.8"
    assert printed["share", "S1", "III"] == "50.8"


def test_strata_have_tables_of_their_own() -> None:
    results = factory.results()
    assert results.baselines
    strata = tuple(
        replace(baselines, stratum=name, by_grade={g: Baseline(parse_bound("≤1")) for g in GRADES})
        for name in ("大型", "小型")
        for baselines in results.baselines.indicators[:2]
    )
    made = compose(factory.inputs(), replace(results, baselines=replace(results.baselines, strata=strata)))
    table = _table(made, "table:stratum-2")
    assert table.caption == "小型企业的指标基准值"
    assert [c.text for c in table.body[0]][-3:] == ["≤1"] * 3


# --- what must not be lost, named or invented -----------------------------------------------------
def test_settings_left_open_by_the_standard_are_printed(full: Document) -> None:
    printed = {f.key[1]: f.text for f in search.figures(full) if f.key[0] == "setting"}
    assert printed["CR限值"] == "0.10"
    assert {"不一致专家", "比较方法", "权重小数位"} <= set(printed)  # the others are for the 编制说明


def test_random_indices_are_saatys(full: Document) -> None:
    printed = {int(f.key[2]): f.text for f in search.figures(full) if f.key[0] == "random-index"}
    # Saaty 1980, orders 3 to 11.
    assert printed == dict(enumerate(["0.58", "0.90", "1.12", "1.24", "1.32", "1.41", "1.45", "1.49", "1.51"], 3))


def test_the_public_edition_names_no_expert_and_no_enterprise() -> None:
    survey = Survey(("秘密水泥厂",), MappingProxyType({}), np.zeros(1, dtype=bool))
    made = compose(factory.inputs(survey=survey), factory.results())
    text = _all_text(made)
    assert "秘密水泥厂" not in text
    assert not any(e.code in text for e in factory.inputs().experts)
    assert made.cover.flags == ()
    assert "内部资料" in compose(factory.inputs(), Results(), edition="internal").cover.flags


def test_provisional_weights_are_marked() -> None:
    results = factory.results()
    assert results.weights
    made = compose(factory.inputs(), replace(results, weights=replace(results.weights, provisional=True)))
    assert made.cover.flags == ("权重暂定",)
    assert "暂定" in _all_text(made)


def test_references_are_sorted_and_what_the_text_cites_is_listed(full: Document) -> None:
    listed = [plain(p.runs) for p in full.chapters[1].children if isinstance(p, Paragraph) and p.role == "reference"]
    assert [r.split("\u3000")[0] for r in listed] == [
        "GB/T 2589", "GB/T 4754", "GB 4915", "GB/T 8170", "GB/T 43329—2023",
    ]  # fmt: skip
    text = _all_text(DRAFTS["full"]()).replace("".join(listed), "")
    for reference in listed:
        assert reference.split("\u3000")[0] in text


def test_the_order_of_references_is_that_of_gbt_1_1() -> None:
    numbers = [
        "ISO 14001",
        "T/CAS 1—2020",
        "DB11/T 1",
        "HJ/T 425—2008",
        "GB/T 24040—2008",
        "GB 4915",
        "IEC 60050",
        "AQ 1",
    ]
    made = sorted((model.Reference(n, "") for n in numbers), key=order)
    assert [r.number for r in made] == [
        "GB 4915", "GB/T 24040—2008", "AQ 1", "HJ/T 425—2008", "DB11/T 1", "T/CAS 1—2020", "ISO 14001", "IEC 60050",
    ]  # fmt: skip


def test_a_reference_of_the_committee_is_not_listed_twice() -> None:
    dated = model.Reference("GB/T 8170—2008", "数值修约规则与极限数值的表示和判定")
    made = compose(factory.inputs(references=(dated,)), Results())
    listed = [plain(p.runs) for p in made.chapters[1].children if isinstance(p, Paragraph) and p.role == "reference"]
    assert [r for r in listed if "8170" in r] == ["GB/T 8170—2008\u3000数值修约规则与极限数值的表示和判定"]


def test_thresholds_and_shares_are_those_of_the_standard(full: Document) -> None:
    text = _all_text(full)
    for words in ("国内5%的企业", "国内20%的企业", "国内50%的企业", "近三年无重大环境违法"):
        assert words in text
    assert r"Y_{\mathrm{I}} \geq 85" in text
    assert r"Y_{\mathrm{III}} = 100" in text


def test_gaps_are_listed_with_their_clause(full: Document) -> None:
    found = {(g.values["place"], g.values["what"]) for g in gaps(full)}
    assert ("第 6.3.2 条", "非化石能源消耗占比的计算公式") in found
    assert not [g for g in gaps(full) if "单位产品取水量" in g.message]


def test_formulas_of_indicators_use_symbols_not_names(full: Document) -> None:
    formula = next(b for b in tree.blocks(full) if isinstance(b, Formula) and b.anchor == "formula:S2")
    assert formula.latex.startswith("x_{3,2} = ")  # a group of this system has more than nine indicators
    assert "重复用水量" not in formula.latex
    assert [plain(s.meaning) for s in formula.where] == [
        "工业用水重复利用率，用百分数（%）表示；", "统计期内的重复用水量，单位为m³；", "统计期内的取水量，单位为m³。",
    ]  # fmt: skip
    assert len({s.latex for s in formula.where}) == 3


def test_a_formula_that_cannot_be_read_is_printed_as_typed() -> None:
    system = IndicatorSystem(ONE.categories, (replace(ONE.indicators[0], formula=TypedFormula.read("a/2n 见附件")),))
    assert "计算公式：a/2n 见附件" in _all_text(compose(factory.inputs(system=system), Results()))


def test_composing_twice_gives_the_same_tree() -> None:
    assert DRAFTS["full"]() == DRAFTS["full"]()


def test_figures_are_never_dashes(draft: Document) -> None:
    assert all(isinstance(f, Figure) and f.text not in ("", tree.DASH) for f in search.figures(draft))


@pytest.mark.parametrize(
    ("title", "industry", "expected"),
    [
        ("水泥行业清洁生产评价指标体系", "水泥制造", "水泥行业"),
        ("陶瓷行业清洁生产评价指标体系（合成数据）", "陶瓷制造", "陶瓷行业"),
        ("清洁生产评价指标体系", "陶瓷制造", "陶瓷制造"),
        ("", "", "本行业"),
    ],
)
def test_the_industry_is_named_as_in_the_title(title: str, industry: str, expected: str) -> None:
    made = compose(factory.inputs(document=factory.document(title=title, industry=industry)), Results())
    assert _all_text(replace(made, front=(), annexes=())).startswith(f"本文件规定了{expected}清洁生产的评价指标体系")


def test_a_letter_in_a_baseline_is_explained_under_the_table() -> None:
    inputs = factory.inputs()
    before = _table(compose(inputs, factory.results()), "table:system").notes
    assert [plain(n.runs) for n in before] == ["单位产品电耗的基准值中，n的含义和取值按单位产品电耗的指标解释。"]
    told = tuple(
        replace(i, note="参数 n 为磨机台数（台）；按铭牌统计") if i.name == "单位产品电耗" else i
        for i in inputs.system.indicators
    )
    inputs = replace(inputs, system=IndicatorSystem(inputs.system.categories, told))
    after = _table(compose(inputs, factory.results()), "table:system").notes
    assert [plain(n.runs) for n in after] == ["单位产品电耗的基准值中，n为磨机台数（台）。"]
