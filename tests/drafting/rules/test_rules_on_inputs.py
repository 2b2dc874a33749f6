"""Each rule on inputs and results: the right project is silent, one broken thing is one finding at its cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from drafting.findings import Severity
from drafting.model.bounds import parse_bound
from drafting.model.document import Reference, Term
from drafting.model.formula import Formula
from drafting.model.inputs import Inputs
from drafting.model.monitoring import Monitoring
from drafting.model.results import Results
from drafting.model.survey import State
from drafting.model.terms import Direction, Grade, Guidance
from drafting.model.weight import Weight
from drafting.notation.weights import parse_weight

Change = Callable[[Inputs], Inputs]


def indicator(*codes: str, **changes: Any) -> Change:
    from tests.drafting.rules.conftest import of_indicators

    return lambda inputs: of_indicators(inputs, codes or None, **changes)


def info(**changes: Any) -> Change:
    from tests.drafting.rules.conftest import of_info

    return lambda inputs: of_info(inputs, **changes)


def categories(change: Callable[[list[Any]], list[Any]]) -> Change:
    return lambda i: replace(i, system=replace(i.system, categories=tuple(change(list(i.system.categories)))))


def term(**changes: Any) -> Change:
    return lambda i: replace(i, terms=(replace(i.terms[0], **changes), *i.terms[1:]))


def reference(number: str, name: str) -> Change:
    return lambda i: replace(i, references=(*i.references, Reference(number, name)))


def first_reference(number: str) -> Change:
    return lambda i: replace(i, references=(replace(i.references[0], number=number), *i.references[1:]))


def mostly_missing(code: str) -> Change:
    def change(inputs: Inputs) -> Inputs:
        assert inputs.survey is not None
        column = inputs.survey.columns[code]
        states = column.states.copy()
        states[: int(len(states) * 0.6)] = State.MISSING
        columns = {**inputs.survey.columns, code: replace(column, states=states)}
        return replace(inputs, survey=replace(inputs.survey, columns=columns))

    return change


def without_product(i: Any) -> tuple[Guidance, ...]:
    return tuple(g for g in i.guidance if g is not Guidance.PRODUCT) or (Guidance.PROCESS,)


def swapped(found: list[Any]) -> list[Any]:
    return [found[1], found[0], *found[2:]]


# code, what is broken, the provenance key of the cell (a lone word is the title of the sheet)
CASES: list[tuple[str, Change, tuple[str, ...]]] = [
    ("policy-none", lambda i: replace(i, policies=()), ("policy",)),
    (
        "policy-group-empty",
        lambda i: replace(i, policies=tuple(p for p in i.policies if "碳达峰" not in p.group)),
        ("政策依据",),
    ),
    ("industry-missing", info(industry=""), ("info", "行业名称")),
    ("industry-bad-code", info(industry_code="C9999"), ("info", "行业代码")),
    ("industry-name-differs", info(industry="水泥制造"), ("info", "行业名称")),
    ("guidance-missing", indicator("N1", guidance=()), ("indicator", "N1", "引导方向")),
    ("guidance-uncovered", indicator(guidance=without_product), ("indicator", "G1", "引导方向")),
    ("availability-low", mostly_missing("N2"), ("survey", "N2")),
    ("qualitative-no-reason", indicator("G1", qualitative_reason=" "), ("indicator", "G1", "定性理由")),
    (
        "qualitative-prevails",
        indicator(direction=Direction.QUALITATIVE, qualitative_reason="不可比"),
        ("indicator", "G1", "方向"),
    ),
    ("explanation-missing", indicator("N1", explanation=""), ("indicator", "N1", "指标解释")),
    ("formula-missing", indicator("N1", formula=Formula()), ("indicator", "N1", "计算公式")),
    ("data-source-missing", indicator("S1", data_source=""), ("indicator", "S1", "数据来源")),
    ("collection-missing", indicator("S1", collection=""), ("indicator", "S1", "采集方法")),
    ("category-order", categories(swapped), ("category", "生产工艺及装备")),
    (
        "category-not-adopted",
        categories(lambda c: [replace(x, adopted=x.name != "产品特征") for x in c]),
        ("category", "产品特征"),
    ),
    (
        "category-foreign",
        lambda i: indicator("T1", category="碳中和")(
            categories(lambda c: [replace(x, name="碳中和") if x.name == "温室气体排放" else x for x in c])(i)
        ),
        ("一级指标",),
    ),
    ("category-empty", categories(lambda c: [replace(x, adopted=False) for x in c]), ("一级指标",)),
    ("limiting-none", indicator(limiting=False), ("indicator", "G1", "限定性")),
    ("limiting-unmarked", indicator("N1", limiting=False), ("indicator", "N1", "限定性")),
    (
        "weights-n-twice",
        lambda i: indicator("N1", weight=parse_weight("0.8/n"))(
            indicator(
                "N2", note="n为层数。", baselines={Grade.II: parse_bound("≤10+5n"), Grade.III: parse_bound("≤20+5n")}
            )(i)
        ),
        ("indicator", "N2", "Ⅱ级基准值"),
    ),
    (
        "parameter-unexplained",
        indicator("N2", baselines={Grade.II: parse_bound("≤10+5x"), Grade.III: parse_bound("≤20+5x")}),
        ("indicator", "N2", "Ⅱ级基准值"),
    ),
    (
        "symbol-two-meanings",
        lambda i: indicator("N1", formula=Formula.read("V/Q"), note="V为取水量。")(
            indicator("N2", formula=Formula.read("V/Q"), note="V为废气量。")(i)
        ),
        ("indicator", "N2", "计算公式"),
    ),
    (
        "symbol-reserved",
        indicator("N1", formula=Formula.read("m/Q"), note="m为燃料消耗量。"),
        ("indicator", "N1", "计算公式"),
    ),
    ("symbol-meaning-missing", indicator("N1", formula=Formula.read("V/产量")), ("indicator", "N1", "计算公式")),
    ("symbol-unit-missing", lambda i: replace(i, symbol_units=i.symbol_units[1:]), ("indicator", "G3", "计算公式")),
    ("monitoring-missing", lambda i: replace(i, monitoring=i.monitoring[1:]), ("监测方法",)),
    (
        "monitoring-incomplete",
        lambda i: replace(i, monitoring=(replace(i.monitoring[0], point=" "), *i.monitoring[1:])),
        ("monitoring", "0", "监测点位"),
    ),
    (
        "monitoring-title",
        lambda i: replace(i, monitoring=(*i.monitoring[:5], Monitoring("铅", "排气筒", "每年1次", "HJ 685—2014"))),
        ("monitoring", "5", "方法标准"),
    ),
    ("unit-missing", indicator("N1", unit=""), ("indicator", "N1", "单位")),
    ("limit-no-basis", indicator("W5", source_basis=""), ("indicator", "W5", "来源依据")),
    ("panel-none", lambda i: replace(i, experts=()), ("专家组",)),
    (
        "expert-no-field",
        lambda i: replace(i, experts=(replace(i.experts[0], field_of_work=""), *i.experts[1:])),
        ("expert", "0", "专业领域"),
    ),
    ("title-missing", info(title=""), ("info", "文件名称")),
    ("title-form", info(title="建筑陶瓷评价"), ("info", "文件名称")),
    ("title-english-missing", info(title_en=""), ("info", "英文名称")),
    ("foreword-gap", info(under=""), ("info", "归口单位")),
    ("replaced-name-missing", info(replaces="GB/T 1—2015", first_edition="否"), ("info", "代替文件")),
    ("replaced-first-issue", info(replaces="GB/T 1—2015《旧标准》"), ("info", "首次发布")),
    ("reference-law", reference("", "中华人民共和国清洁生产促进法"), ("引用文件",)),
    ("reference-twice", reference("GB 6566", "建筑材料放射性核素限量"), ("引用文件",)),
    ("modal-in-part", info(scope="建筑陶瓷企业，企业应按本文件评价"), ("info", "适用范围")),
    ("term-definition-modal", term(definition="由指标组成的集合，应定期更新"), ("term", "0", "定义")),
    ("term-definition-missing", term(definition=""), ("term", "0", "定义")),
    ("term-english-missing", term(english=""), ("term", "0", "英文")),
    ("word-must", indicator("N1", explanation="能耗必须按规定折算。"), ("indicator", "N1", "指标解释")),
    ("vague-requirement", indicator("N1", explanation="应尽量按年统计。"), ("indicator", "N1", "指标解释")),
    ("ditto-cell", indicator("N1", unit="同上"), ("indicator", "N1", "单位")),
    ("hyphen-for-dash", first_reference("GB/T 2589-2020"), ("reference", "0", "编号")),
]


@pytest.mark.parametrize(("code", "change", "key"), CASES, ids=[c for c, _, _ in CASES])
def test_one_broken_thing_is_found_at_its_cell(right: Any, code: str, change: Change, key: tuple[str, ...]) -> None:
    assert code not in {f.code for f in right.check()}
    found = [f for f in right.check(inputs=change(right.inputs)) if f.code == code]
    assert len(found) == 1
    place = found[0].place
    if len(key) == 1:
        assert place.file == "项目.xlsx"
        assert place.sheet in key or place == right.where.find(*key) or place.sheet == "政策依据"
    else:
        assert place == right.where.find(*key)
        assert place.cell
    assert found[0].clause
    assert found[0].remedy


def test_the_right_project_is_silent(right: Any) -> None:
    assert right.check() == []


def test_what_5_3_names_and_the_system_lacks_is_one_note(right: Any) -> None:
    """The example tells why (编制过程); before it did, it was asked."""
    untold = replace(right.inputs, process=replace(right.inputs.process, limiting=""))
    before = next(f for f in right.check(inputs=untold) if f.code == "limiting-absent")
    changed = indicator("N4", name="单位产品氨氮排放量")(untold)
    after = next(f for f in right.check(inputs=changed) if f.code == "limiting-absent")
    assert "单位产品氨氮排放量" in before.message
    assert "单位产品氨氮排放量" not in after.message
    assert after.severity is Severity.NOTE


def test_a_remark_that_the_committee_answered_is_not_made_again(right: Any) -> None:
    unmarked = indicator("N1", limiting=False, note="")(right.inputs)
    found = next(f for f in right.check(inputs=unmarked) if f.code == "limiting-unmarked")
    assert found.severity is Severity.NOTE
    assert "“说明”列" in found.remedy
    answered = indicator("N1", limiting=False, note="本行业能耗差别小。")(right.inputs)
    assert "limiting-unmarked" not in {f.code for f in right.check(inputs=answered)}


def test_without_a_classification_only_the_division_is_checked(right: Any) -> None:
    found = [f for f in right.check(classification=None) if f.code == "industry-division-only"]
    assert [f.place for f in found] == [right.where.find("info", "行业代码")]
    assert "industry-name-differs" not in {f.code for f in right.check(classification=None)}


def test_a_column_that_nobody_filled_in_is_one_finding(right: Any) -> None:
    found = [f for f in right.check(inputs=indicator(guidance=())(right.inputs)) if f.code == "guidance-missing"]
    assert len(found) == 1
    assert f"{len(right.inputs.system.active)} 项指标" in found[0].message


def test_a_measured_value_needs_no_formula_and_a_pure_number_no_unit(right: Any) -> None:
    measured = indicator("N1", formula=Formula(), explanation="按 GB/T 2589—2020 测定。")(right.inputs)
    assert "formula-missing" not in {f.code for f in right.check(inputs=measured)}
    number = indicator("N1", unit="", explanation="量纲为一的比值。")(right.inputs)
    assert "unit-missing" not in {f.code for f in right.check(inputs=number)}


# --- on results -------------------------------------------------------------------------------------------------------
def first_level(**changes: Any) -> Callable[[Results], Results]:
    def change(results: Results) -> Results:
        assert results.weights is not None
        group = results.weights.first_level
        return replace(results, weights=replace(results.weights, first_level=replace(group, **changes)))

    return change


def tampered(results: Results) -> Results:
    assert results.weights is not None
    weights = results.weights.first_level.weights
    one = replace(weights[0], published=Weight.number(weights[0].decimal + Decimal("0.01")))
    return first_level(weights=(one, *weights[1:]))(results)


def baselines(code: str, **changes: Any) -> Callable[[Results], Results]:
    def change(results: Results) -> Results:
        assert results.baselines is not None
        made = tuple(
            replace(x, **{k: v(x) if callable(v) else v for k, v in changes.items()}) if x.code == code else x
            for x in results.baselines.indicators
        )
        return replace(results, baselines=replace(results.baselines, indicators=made))

    return change


def without(grade: Grade) -> Callable[[Any], Any]:
    return lambda found: {g: level for g, level in found.by_grade.items() if g is not grade}


def no_first(results: Results) -> Results:
    assert results.trial is not None
    return replace(results, trial=replace(results.trial, distribution={**results.trial.distribution, "I": 0}))


RESULT_CASES: list[tuple[str, Callable[[Results], Results], tuple[str, ...]]] = [
    ("weights-not-one", tampered, ("category", "生产工艺及装备", "权重")),
    ("weights-given", first_level(method="给定"), ("category", "生产工艺及装备", "权重")),
    ("grades-incomplete", baselines("N1", by_grade=without(Grade.III)), ("indicator", "N1", "Ⅲ级基准值")),
    ("single-quantitative", baselines("N1", single=True), ("indicator", "N1", "Ⅰ级基准值")),
    ("trial-grade-empty", no_first, ("survey",)),
]


@pytest.mark.parametrize(("code", "change", "key"), RESULT_CASES, ids=[c for c, _, _ in RESULT_CASES])
def test_a_result_that_breaks_a_clause_is_found(right: Any, code: str, change: Any, key: tuple[str, ...]) -> None:
    assert code not in {f.code for f in right.check()}
    found = [f for f in right.check(results=change(right.results)) if f.code == code]
    assert len(found) == 1
    assert found[0].place == right.where.find(*key)


def test_qualitative_indicators_may_have_one_baseline(right: Any) -> None:
    single = baselines("G1", single=True)(right.results)
    assert "single-quantitative" not in {f.code for f in right.check(results=single)}


def test_availability_counts_those_to_whom_the_indicator_applies(right: Any) -> None:
    from drafting.rules.selection import reported

    survey = right.inputs.survey
    one = next(r for r in reported(right.inputs) if r.indicator.code == "N2")
    states = survey.columns["N2"].states
    assert one.asked == len(survey) - int(np.sum(states == State.NOT_APPLICABLE))
    assert one.reported == one.asked - int(np.sum(states == State.MISSING))


def test_terms_may_hold_words_that_only_look_like_verbs(right: Any) -> None:
    words = "反应、供应、响应和适应的总称，与许可无关，可再生、可回收者除外"
    changed = replace(right.inputs, terms=(*right.inputs.terms, Term("术语", "term", words)))
    assert "term-definition-modal" not in {f.code for f in right.check(inputs=changed)}


def test_a_classification_that_cannot_be_read_is_a_finding(tmp_path: Any) -> None:
    import shutil

    from drafting.pipeline.running import run_project
    from tests.drafting.rules.conftest import EXAMPLE

    shutil.copy(EXAMPLE / "项目.xlsx", tmp_path)
    (tmp_path / "国民经济行业分类.csv").write_text("甲,乙\n1,2\n", "utf-8")
    found = [f for f in run_project(tmp_path).findings if f.code == "classification-unreadable"]
    assert [f.place.file for f in found] == ["国民经济行业分类.csv"]
    (tmp_path / "国民经济行业分类.csv").write_text("代码,名称\n3071,水泥制造\n", "utf-8")
    codes = {f.code for f in run_project(tmp_path).findings}
    assert "industry-name-differs" in codes
    assert "industry-division-only" not in codes
