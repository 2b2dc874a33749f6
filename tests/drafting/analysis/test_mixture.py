"""Combination of methods (C.1): reading the setting, the three ways, objective companions, what is missing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from drafting.analysis.weights.mixture import by_combination, coefficients
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Cell, Provenance
from drafting.model.inputs import Inputs
from drafting.model.survey import State, Survey, SurveyColumn
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight import Weight
from drafting.model.weight_details import CombinedDetails
from drafting.model.weight_groups import groups_of
from tests.drafting.weights_projects import CODES, NOWHERE, TRUE, a_round, consistent, inputs, keys, matrix

OTHER = {FIRST_LEVEL: (30, 30, 40), "能源消耗": (20, 30, 50), "水资源消耗": (50, 50), "污染物产生与排放": (25,) * 4}


def both(**settings: object) -> Inputs:
    """AHP says TRUE, Delphi says OTHER."""
    given = inputs(weight_method="组合", **settings)
    return replace(
        given,
        judgements=tuple(matrix(c, g, consistent(w)) for g, w in TRUE.items() for c in CODES),
        delphi=tuple(a_round(n, {c: dict(OTHER) for c in CODES}) for n in (1, 2)),
    )


def survey(columns: dict[str, list[float]]) -> Survey:
    n = len(next(iter(columns.values())))
    made = {}
    for code, values in columns.items():
        array = np.array(values, dtype=float)
        states = np.where(np.isnan(array), State.MISSING, State.VALUE).astype(np.uint8)
        made[code] = SurveyColumn(code, array, states)
    return Survey(tuple(f"企业{k}" for k in range(n)), made, np.zeros(n, dtype=bool))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("层次分析法=0.5；专家咨询法=0.5", {"层次分析法": "0.5", "专家咨询法": "0.5"}),
        ("层次分析法＝０．６, 熵权法=0.4", {"层次分析法": "0.6", "熵权法": "0.4"}),
        ("AHP：70%，critic法:30%", {"层次分析法": "0.7", "CRITIC法": "0.3"}),
        ("层次分析法、专家咨询法", {"层次分析法": "0.5", "专家咨询法": "0.5"}),
    ],
)
def test_the_setting_is_read_as_people_write_it(text: str, expected: dict[str, str]) -> None:
    assert dict(coefficients(text)) == {k: Decimal(v) for k, v in expected.items()}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("层次分析法=0.5；专家咨询法=0.6", "1.1"),
        ("层次分析法=0.5；模糊法=0.5", "模糊法"),
        ("层次分析法=0.5；专家咨询法", "专家咨询法"),
        ("层次分析法=一半；专家咨询法=0.5", "一半"),
        ("层次分析法=1.5；专家咨询法=-0.5", "1.5"),
        ("层次分析法=0.5；AHP=0.5", "两次"),
        ("", "没有写明"),
    ],
)
def test_a_wrong_setting_is_a_finding_at_its_cell(text: str, why: str) -> None:
    place = Cell("项目.xlsx", "方法设置", "B12")
    given = both(combination_methods=text)
    mixed = by_combination(given, groups_of(given.system)[0], None, Provenance({("setting", "组合方法"): place}))
    (found,) = mixed.findings
    assert mixed.weights is None
    assert (found.code, found.place) == ("combination-invalid", place)
    assert why in found.message


def test_additive_is_the_weighted_mean() -> None:
    weights, _ = weigh(both(combination_methods="层次分析法=0.25；专家咨询法=0.75"), NOWHERE)
    assert weights is not None
    expected = 0.25 * np.array(TRUE[FIRST_LEVEL]) / 100 + 0.75 * np.array(OTHER[FIRST_LEVEL]) / 100
    assert [w.exact for w in weights.first_level.weights] == pytest.approx(expected)
    assert weights.experts  # consistency is reported although the weights are mixed


def test_multiplicative_is_the_normalised_weighted_product() -> None:
    weights, _ = weigh(both(combination="乘法"), NOWHERE)
    assert weights is not None
    product = np.sqrt(np.array(TRUE[FIRST_LEVEL], dtype=float) * np.array(OTHER[FIRST_LEVEL]))
    assert [w.exact for w in weights.first_level.weights] == pytest.approx(product / product.sum())


def test_minimum_deviation_solves_its_own_coefficients() -> None:
    weights, _ = weigh(both(combination="最小偏差"), NOWHERE)
    assert weights is not None
    w = np.array([TRUE[FIRST_LEVEL], OTHER[FIRST_LEVEL]], dtype=float) / 100
    gram = w @ w.T
    alpha = np.abs(np.linalg.solve(gram, np.diag(gram)))
    alpha /= alpha.sum()
    assert isinstance(found := weights.first_level.details, CombinedDetails)
    assert list(found.combination.coefficients.values()) == pytest.approx(alpha)
    assert [x.exact for x in weights.first_level.weights] == pytest.approx(alpha @ w)


def test_a_missing_part_is_said_and_the_others_scaled() -> None:
    given = replace(both(combination_methods="层次分析法=0.3；专家咨询法=0.3；熵权法=0.4"), survey=None)
    weights, found = weigh(given, NOWHERE)
    assert weights is not None
    expected = (np.array(TRUE["能源消耗"]) + np.array(OTHER["能源消耗"])) / 200
    energy = next(g for g in weights.second_level if g.group == "能源消耗")
    assert [w.exact for w in energy.weights] == pytest.approx(expected)
    assert "combination-part-missing" in {f.code for f in found}


def test_objective_weights_come_from_the_survey() -> None:
    # entropy weights by hand: r by min–max, p = r/Σr, e = −Σ p ln p / ln 4
    columns = {"S1": [4.0, 3.0, 2.0, 1.0], "S2": [10.0, 10.0, 10.0, 40.0]}
    given = replace(both(combination_methods="熵权法=1"), survey=survey(columns))
    group = next(g for g in groups_of(given.system) if g.name == "水资源消耗")
    mixed = by_combination(given, group, None, NOWHERE)
    assert mixed.weights is not None
    # both are smaller-is-better here: S1 -> r = 0, 1/3, 2/3, 1; S2 -> r = 1, 1, 1, 0
    p1, p2 = np.array([1, 2, 3]) / 6, np.array([1, 1, 1]) / 3
    information = [1 + float((p * np.log(p)).sum()) / np.log(4) for p in (p1, p2)]
    assert mixed.weights == pytest.approx(np.array(information) / sum(information))


def test_a_constant_indicator_and_an_absent_column_are_said() -> None:
    given = both(combination_methods="层次分析法=0.5；CRITIC法=0.5")
    group = next(g for g in groups_of(given.system) if g.name == "水资源消耗")
    constant = replace(given, survey=survey({"S1": [1.0, 2.0, 3.0], "S2": [5.0, 5.0, 5.0]}))
    assert "objective-constant" in {f.code for f in by_combination(constant, group, None, NOWHERE).findings}
    absent = replace(given, survey=survey({"S1": [1.0, 2.0, 3.0]}))
    codes = {f.code for f in by_combination(absent, group, None, NOWHERE).findings}
    assert {"objective-no-column", "combination-part-missing"} <= codes
    same = replace(given, survey=survey({"S1": [1.0, 1.0], "S2": [5.0, 5.0]}))
    assert "objective-undefined" in {f.code for f in by_combination(same, group, None, NOWHERE).findings}


def test_typed_weights_are_never_combined() -> None:
    given = both()
    indicators = tuple(
        replace(i, weight=Weight.number(Decimal("0.5"))) if i.code in keys("水资源消耗") else i
        for i in given.system.indicators
    )
    weights, _ = weigh(replace(given, system=replace(given.system, indicators=indicators)), NOWHERE)
    assert weights is not None
    water = next(g for g in weights.second_level if g.group == "水资源消耗")
    assert water.method == "给定"
    assert [w.decimal for w in water.weights] == [Decimal("0.5"), Decimal("0.5")]


def test_coefficients_may_be_fractions_as_ratios_in_questionnaires_may() -> None:
    from drafting.analysis.weights.mixture import coefficients

    text = "层次分析法=1/3；专家咨询法=2/3"
    assert {k: str(v) for k, v in coefficients(text).items()} == {"层次分析法": "1/3", "专家咨询法": "2/3"}
    for wrong in (
        "层次分析法=1/0；专家咨询法=1",
        "层次分析法=1e9999999；专家咨询法=0.5",
        "层次分析法=1/3；专家咨询法=1/3",
    ):
        with pytest.raises(ValueError, match=r"不是数|系数之和"):
            coefficients(wrong)
