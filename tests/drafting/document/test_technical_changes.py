"""The main technical changes from the earlier edition, made from both tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drafting.document.compose import compose
from drafting.document.search import runs_of
from drafting.document.technical_changes import technical_changes
from drafting.document.tree import Clause, ListBlock, plain
from drafting.model.bounds import parse_bound
from drafting.model.document import DocumentInfo
from drafting.model.editions import pairs, rows_of
from drafting.model.inputs import Inputs
from drafting.model.process import Process
from drafting.model.results import Results
from drafting.model.settings import OLDER_RULES, Settings
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.terms import GRADES, Direction
from drafting.notation.weights import parse_weight
from tests.drafting.document import factory


def indicator(code: str, name: str, category: str, *texts: str, limiting: bool = False, weight: str = "1") -> Indicator:
    bounds = {g: parse_bound(t) for g, t in zip(GRADES, texts, strict=True)}
    return Indicator(
        code,
        name,
        category,
        "kg/t",
        Direction.SMALLER,
        limiting=limiting,
        weight=parse_weight(weight),
        baselines=bounds,
    )


def edition(*indicators: Indicator, weights: tuple[str, ...] = (), rules: str = "") -> Inputs:
    names = list(dict.fromkeys(i.category for i in indicators))
    shares = weights or tuple("1" for _ in names)
    categories = tuple(Category(n, weight=parse_weight(w)) for n, w in zip(names, shares, strict=True))
    return Inputs(DocumentInfo(), Settings(weight_method="给定", rules=rules), IndicatorSystem(categories, indicators))


OLD = edition(
    indicator("N1", "单位产品综合能耗", "能源消耗", "≤1", "≤2", "≤3", limiting=True),
    indicator("W1", "单位产品废水产生量", "污染物产生与排放", "≤1", "≤2", "≤3", weight="0.5"),
    indicator("W2", "单位产品粉尘排放量", "污染物产生与排放", "≤1", "≤2", "≤3", weight="0.5"),
    weights=("0.5", "0.5"),
)


def test_the_same_edition_has_no_changes() -> None:
    assert technical_changes(OLD, OLD, Results()) == ()


def test_each_kind_of_change_is_a_sentence() -> None:
    new = edition(
        indicator("N1", "单位产品综合能耗", "能源消耗", "≤0.9", "≤2", "≤3"),
        indicator("W2", "单位产品颗粒物排放量", "污染物产生与排放", "≤1", "≤2", "≤3", limiting=True),
        indicator("T1", "单位产品二氧化碳排放量", "温室气体排放", "≤1", "≤2", "≤3"),
        weights=("0.5", "0.3", "0.2"),
    )
    assert technical_changes(OLD, new, Results()) == (
        "将一级指标由“能源消耗”“污染物产生与排放”2类调整为“能源消耗”“污染物产生与排放”“温室气体排放”3类",
        "增加了二级指标“单位产品二氧化碳排放量”",
        "删除了二级指标“单位产品废水产生量”",
        "将二级指标“单位产品粉尘排放量”改为“单位产品颗粒物排放量”",
        "改为限定性指标的有“单位产品颗粒物排放量”",
        "不再作为限定性指标的有“单位产品综合能耗”",
        "更改了基准值的二级指标有“单位产品综合能耗”",
        "更改了一级指标和二级指标的权重",
    )


def test_a_code_that_means_another_indicator_is_no_renaming() -> None:
    new = edition(indicator("N1", "余热回收", "能源消耗", "≤1", "≤2", "≤3"))
    (one,) = [p for p in pairs(rows_of(OLD, Results()), rows_of(new, Results())) if p.new is not None]
    assert one.old is None


def test_many_indicators_are_counted() -> None:
    new = edition(*(indicator(f"N{n}", f"指标{n:02d}甲", "能源消耗", "≤1", "≤2", "≤3") for n in range(30, 38)))
    told = technical_changes(edition(indicator("N1", "能耗", "能源消耗", "≤1", "≤2", "≤3")), new, Results())
    assert any(t.startswith("增加了二级指标“指标30甲”") and t.endswith("“指标35甲”等8项") for t in told)


def test_the_older_rules_change_what_grades_mean_and_ask() -> None:
    told = technical_changes(replace(OLD, settings=Settings(rules=OLDER_RULES)), OLD, Results())
    assert told == (
        "更改了等级的含义：Ⅰ级由“国际清洁生产领先水平”改为“清洁生产先进（标杆）水平”，Ⅱ级由“国内清洁生产先进水平”改为"
        "“清洁生产准入水平”，Ⅲ级由“国内清洁生产一般水平”改为“清洁生产一般水平”",
        "增加了Ⅰ级、Ⅱ级对非限定性指标的要求",
    )


def test_each_change_names_where_the_draft_says_what_is_new() -> None:
    """What grades mean stands in 指标基准值及说明, what they ask in 等级划分条件, and neither in a table."""
    inputs = factory.inputs(earlier=replace(OLD, settings=Settings(rules=OLDER_RULES)))
    inputs = replace(inputs, document=replace(inputs.document, replaces="GB/T 1—2015", first_edition="否"))
    draft = compose(inputs, factory.results(inputs))
    items = [plain(i.runs) for b in draft.front[0].children if isinstance(b, ListBlock) for i in b.items]
    chapters = {c.title: c.number for chapter in draft.chapters for c in chapter.children if isinstance(c, Clause)}
    meaning = next(i for i in items if "等级的含义" in i)
    asked = next(i for i in items if "非限定性指标的要求" in i)
    assert meaning.rstrip("；。").endswith(f"（见{chapters['指标基准值及说明']}）")
    assert asked.rstrip("；。").endswith(f"（见{chapters['等级划分条件']}）")
    assert all("（见表" in i for i in items[:3])


@pytest.mark.parametrize("typed", ["", "增加了单位产品碳排放量"])
def test_the_foreword_tells_them_unless_the_committee_does(typed: str) -> None:
    inputs = factory.inputs(earlier=OLD, process=Process(changes=typed))
    inputs = replace(inputs, document=replace(inputs.document, replaces="GB/T 1—2015", first_edition="否"))
    results = factory.results(inputs)
    foreword = compose(inputs, results).front[0]
    items = [plain(i.runs) for b in foreword.children if isinstance(b, ListBlock) for i in b.items]
    changes = [f"{t}（见表1）" for t in technical_changes(OLD, inputs, results)]
    expected = [f"{typed}。"] if typed else [*(f"{t}；" for t in changes[:-1]), f"{changes[-1]}。"]
    assert len(technical_changes(OLD, inputs, results)) > 3
    assert [i.replace("表2", "表1") for i in items[: len(expected)]] == expected


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("GB/T 12345—2015《水泥行业清洁生产评价指标体系》", [("GB/T 12345—2015", "水泥行业清洁生产评价指标体系")]),
        ("GB/T 12345—2015　水泥、石灰行业", [("GB/T 12345—2015", "水泥、石灰行业")]),
        ("HJ 467—2009、T/CPCA 001.2—2020《甲（试行）》", [("HJ 467—2009", ""), ("T/CPCA 001.2—2020", "甲（试行）")]),
        ("GB/T 1—2015《甲、乙》；GB/T 2—2016", [("GB/T 1—2015", "甲、乙"), ("GB/T 2—2016", "")]),
        ("原行业准入条件", [("原行业准入条件", "")]),
        ("代替 HJ/T 467—2009", [("HJ/T 467—2009", "")]),
        ("HJ 1—2009《甲》及其修改单", [("HJ 1—2009《甲》及其修改单", "")]),
        ("GB/T 1—2015（含第1号修改单）", [("GB/T 1—2015（含第1号修改单）", "")]),
        (" ", []),
    ],
)  # fmt: skip
def test_replaced_documents_are_read_with_their_names(typed: str, read: list[tuple[str, str]]) -> None:
    assert [(r.number, r.name) for r in factory.document(replaces=typed).replaced] == read


@pytest.mark.parametrize(
    ("typed", "title", "said"),
    [
        ("GB/T 1—2015《旧名》", "", "本文件代替GB/T 1—2015《旧名》，与GB/T 1—2015相比，"),
        ("HJ 1—2009《甲》及其修改单", "", "本文件代替HJ 1—2009《甲》及其修改单，与"),
        ("GB/T 1—2015", "旧版的名称", "本文件代替GB/T 1—2015《旧版的名称》，与GB/T 1—2015相比，"),
        ("GB/T 1—2015", "", "本文件代替GB/T 1—2015《【待补充：GB/T 1—2015的名称】》，与"),
        ("GB/T 1—2015《甲》、GB/T 2《乙》", "", "代替GB/T 1—2015《甲》、GB/T 2《乙》，与GB/T 1—2015、GB/T 2相比，"),
    ],
)  # fmt: skip
def test_the_foreword_names_what_is_replaced_with_its_title(typed: str, title: str, said: str) -> None:
    """GB/T 1.1—2020, 8.3: 本文件代替 number 《name》; the cover bears the number alone, and it is no first issue."""
    earlier = replace(OLD, document=replace(OLD.document, title=title))
    inputs = factory.inputs(earlier=earlier)
    inputs = replace(inputs, document=replace(inputs.document, replaces=typed, first_edition="是"))
    draft = compose(inputs, factory.results(inputs))
    foreword = "".join(plain(r) for b in draft.front[0].children for r in runs_of(b))
    assert said in foreword
    assert "历次版本发布情况为" in foreword
    assert "首次发布。" not in foreword
    assert draft.cover is not None
    assert draft.cover.replaces == "代替" + "、".join(r.number for r in inputs.document.replaced)


@pytest.mark.parametrize(
    ("replaces", "where"),
    [
        ("GB/T 1—2015《旧名》", "2015年版"),
        ("HJ 467《旧名》", "被代替文件"),
        ("GB/T 1—2015《甲》、GB/T 2—2016《乙》", "被代替文件"),
    ],
)
def test_what_is_no_more_is_to_be_seen_in_the_earlier_edition(replaces: str, where: str) -> None:
    """GB/T 1.1—2020, 8.3: 删除了……（见2009年版的……）; the draft's own table does not show what was left out."""
    gone = indicator("Z9", "原煤灰分", "能源消耗", "≤1", "≤2", "≤3")
    inputs = factory.inputs(earlier=replace(OLD, system=replace(OLD.system, indicators=(*OLD.system.indicators, gone))))
    inputs = replace(inputs, document=replace(inputs.document, replaces=replaces, first_edition="否"))
    foreword = compose(inputs, factory.results(inputs)).front[0]
    items = [plain(i.runs) for b in foreword.children if isinstance(b, ListBlock) for i in b.items]
    (said,) = [i for i in items if "删除了二级指标" in i]
    assert "“原煤灰分”" in said
    assert said.rstrip("；。").endswith(f"（见{where}的指标体系表）")
    assert sum("（见表" in i for i in items) > 2
