"""The numbers and conditions of D.1 and D.4 as they stand in the rulebooks, and what follows from each at its edge."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from drafting.evaluation import Evaluation, GradeRule, evaluate
from drafting.evaluation.draft import grade_rule
from drafting.evaluation.exact import ExactIndices
from drafting.rulebooks import OLDER_RULES
from tests.drafting.evaluation.improvement import Improvement, improvements

HALVES: dict[str, Any] = {"groups": [0, 0, 1, 1], "category_weights": ["0.5", "0.5"]}


def graded(levels: list[int], limiting: list[bool], rule: GradeRule, weights: list[Any]) -> Evaluation:
    """One enterprise; two categories of weight 0.5 with two indicators each."""
    reached = np.array(levels)[None, :, None] <= np.array([1, 2, 3])
    return evaluate(reached, weights, limiting=limiting, rule=rule, **HALVES)


def test_the_rulebook_has_the_numbers_of_appendix_d() -> None:
    """D.1: 100 where a grade is reached; D.4.1 and D.4.2: 85; D.4.3: 100."""
    rule = grade_rule("")
    assert (rule.full_mark, [Fraction(t) for t in rule.thresholds]) == (100, [85, 85, 100])


@pytest.mark.parametrize(
    ("limiting", "other", "grade"),
    [
        # D.4.1: limiting at I, others at II; D.4.2: limiting at II, others at III; D.4.3 with clause 6: all at III.
        (1, 1, "I"), (1, 2, "I"), (2, 1, "II"), (2, 2, "II"), (1, 3, "II"), (2, 3, "II"),
        (3, 1, "III"), (3, 2, "III"), (3, 3, "III"), (9, 1, None), (1, 9, None), (9, 9, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("plain_route", [False, True])
def test_what_d4_asks_of_limiting_and_of_other_indicators(
    limiting: int, other: int, grade: str | None, plain_route: bool
) -> None:
    """Both at weights of a hundredth, so that no index says it first; once as well with weights beyond doubles."""
    small = Fraction(1, 50) if not plain_route else Fraction(1, 50) - Fraction(1, 3**40)
    levels, weights = [limiting, 1, other, 1], [small, 1 - small, small, 1 - small]
    assert graded(levels, [True, False, False, False], grade_rule(""), weights).grade(0) == grade


def test_limiting_indicators_at_the_gate_need_the_whole_of_y3() -> None:
    """Clause 6 and D.4.3: all limiting indicators at III and every other too; the gate alone does not make a grade."""
    result = graded([3, 9, 1, 1], [True, False, False, False], grade_rule(""), ["0.02", "0.98", "0.02", "0.98"])
    assert (bool(result.gate[0]), result.grade(0)) == (True, None)


def test_rules_that_ask_nothing_of_other_indicators_give_no_reason_with_them() -> None:
    """Under the trial rules of 2013 index and limiting indicators decide alone, and so do reasons and advice."""
    rule = grade_rule(OLDER_RULES)
    weights = ["0.2", "0.8", "0.02", "0.98"]
    best = graded([1, 1, 3, 1], [False] * 4, rule, weights)
    assert (best.grade(0), best.index(0, 0)) == ("I", 99)
    low = graded([3, 1, 3, 1], [False] * 4, rule, weights)  # 100 − 0.5·(20 + 2) = 89 is enough for I
    assert low.grade(0) == "I"
    second = graded([2, 2, 9, 1], [False] * 4, rule, weights)  # Y_I = 49, Y_II = 99
    assert (second.grade(0), second.index(0, 0), second.index(0, 1)) == ("II", 49, 99)
    assert [(r.code, r.grade) for r in second.reasons(0)] == [("index", 0)]
    assert improvements(second, 0) == (
        Improvement(1, 0, must=False, gain=Fraction(40)),
        Improvement(0, 0, must=False, gain=Fraction(10)),
        Improvement(2, 0, must=False, gain=Fraction(1)),
    )


def test_nothing_more_is_advised_once_the_index_stands_at_its_threshold() -> None:
    """Y_I = 100 − 0.5·(20 + 10) = 85 exactly: what D.4.1 still asks for is the limiting indicator alone."""
    weights = ["0.2", "0.8", "0.1", "0.9"]
    result = graded([2, 1, 2, 1], [True, False, False, False], grade_rule(""), weights)
    assert (result.index(0, 0), result.grade(0)) == (85, "II")
    assert improvements(result, 0) == (Improvement(0, 0, must=True, gain=Fraction(10)),)


@pytest.mark.parametrize(
    ("option", "first", "weight"),
    [
        ("renormalise", Fraction(3, 10), Fraction(1, 3)),  # 100/3: the scale takes 3/10 away again
        ("as-printed", Fraction(1, 3), Fraction(1, 2)),  # 50/3: nothing is scaled
    ],
)
def test_exact_indices_beside_an_empty_category(option: str, first: Fraction, weight: Fraction) -> None:
    """D.2 by hand: one of two indicators, of weight `weight`, reached; nothing of the second category applies."""
    reached = np.array([[[True] * 3, [False] * 3, [False] * 3]])
    result = evaluate(
        reached, [weight, 1 - weight, 1], groups=[0, 0, 1], category_weights=[first, 1 - first],
        limiting=[False] * 3, rule=grade_rule(""), applicable=[[True, True, False]], empty_category=option,
    )  # fmt: skip
    by_hand = 100 * weight * (1 if option == "renormalise" else first)
    assert ExactIndices(result).of(0) == (by_hand,) * 3


@pytest.mark.parametrize("bits", [*range(22, 27), *range(45, 52)])
@pytest.mark.parametrize("rule", [grade_rule(""), GradeRule(100, (Fraction(1, 1024),) * 3)], ids=["D.4", "1/1024"])
def test_indices_are_nearest_doubles_whatever_the_common_denominator(bits: int, rule: GradeRule) -> None:
    """Around 2²⁴ and 2⁵³ ⁄ 100, where single and double precision cease to hold every whole number."""
    whole = 2**bits - 1
    parts = [2 ** (bits - 1) + 1, 2 ** (bits - 2) + 3]
    parts.append(whole - sum(parts))
    reached = np.array(
        [[[bool(a)] * 3, [bool(b)] * 3, [bool(c)] * 3] for a, b, c in itertools.product((0, 1), repeat=3)]
    )
    result = evaluate(
        reached, [Fraction(part, whole) for part in parts], groups=[0] * 3, category_weights=[1], limiting=[False] * 3,
        rule=rule,
    )  # fmt: skip
    read_off = ExactIndices(result)
    for e, row in enumerate(reached[:, :, 0]):
        exact = Fraction(100 * sum(part for part, hit in zip(parts, row, strict=True) if hit), whole)
        assert (result.indices[e, 0], read_off.index(e, 0)) == (float(exact), exact)


@pytest.mark.parametrize("tiny", [Fraction(0), Fraction(1, 3**40)])
def test_an_empty_category_is_flagged_by_either_route(tiny: Fraction) -> None:
    """D.2 as printed gives 50 of 100, scaled 100: the option decides, with weights within doubles and beyond."""
    reached = np.array([[[True] * 3, [True] * 3, [False] * 3, [False] * 3]])
    half = Fraction(1, 2) + tiny
    result = evaluate(
        reached, [half, 1 - half] * 2, limiting=[False] * 4, rule=grade_rule(""),
        applicable=[[True, True, False, False]], **HALVES,
    )  # fmt: skip
    assert (result.index(0, 2), result.empty.tolist(), result.decided_by_empty.tolist()) == (
        50,
        [[False, True]],
        [True],
    )
    assert [r.code for r in result.reasons(0)][-1] == "empty-category-decides"


@pytest.mark.parametrize(
    ("weights", "y", "grade"),
    [
        (["0.6", "0.1", "0.3"], Fraction(600, 7), "I"),  # 85.71…
        (["0.595", "0.105", "0.3"], Fraction(85), "I"),
        (["0.594", "0.106", "0.3"], Fraction(594, 7), "II"),  # 84.857…
    ],
)
def test_the_threshold_under_adjusted_weights(weights: list[str], y: Fraction, grade: str) -> None:
    """D.3 by hand: the third does not apply; the second, at II, leaves Y_I on one side of 85 or on it."""
    reached = np.array([1, 2, 1])[None, :, None] <= np.array([1, 2, 3])
    result = evaluate(
        reached, weights, groups=[0] * 3, category_weights=[1], limiting=[False] * 3, rule=grade_rule(""),
        applicable=[[True, True, False]],
    )  # fmt: skip
    assert (result.index(0, 0), result.indices[0, 0], result.grade(0)) == (y, float(y), grade)


def test_grade_iii_asks_for_nothing_but_its_index() -> None:
    """D.4.3: Y_III = 100, which an indicator without weight that is not limiting cannot lower."""
    result = graded([3, 9, 1, 1], [True, False, False, False], grade_rule(""), [1, 0, "0.5", "0.5"])
    assert (result.index(0, 2), result.grade(0)) == (100, "III")
    assert [(r.code, r.grade) for r in result.reasons(0) if r.grade == 2] == []
