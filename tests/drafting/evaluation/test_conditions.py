"""D.4 case by case: every combination of levels, against the standard's words; what to raise next; exact indices."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.evaluation import EvaluationError, Reason, evaluate, membership
from drafting.evaluation.decimals import to_decimal
from drafting.evaluation.exact import ExactIndices
from drafting.evaluation.membership import Criterion
from drafting.evaluation.reasons import explain, show
from drafting.evaluation.reasons_in_columns import reasons_of
from drafting.evaluation.weights import WeightSystem
from drafting.model.bounds import parse_bound
from tests.drafting.evaluation.improvement import improvements, next_grade
from tests.drafting.evaluation.test_evaluate import RULE, as_reached, plain_indices_and_grade, run, systems

LEVELS = (1, 2, 3, 9, None)
GROUPS = [0, 0, 1, 1]
LIMITING = [True, False, True, False]
# Weights by which the index is short (0.5), just at 85 (0.15) or met whatever the limiting indicators do (0.05).
SCENES = [("0.5", "0.5"), ("0.15", "0.85"), ("0.05", "0.95")]


@pytest.mark.parametrize(
    ("weights", "option"),
    [pytest.param(SCENES[0], "as-printed", marks=pytest.mark.slow), (SCENES[1], "as-printed"),
     (SCENES[2], "as-printed"), pytest.param(SCENES[1], "renormalise", marks=pytest.mark.slow)],
)  # fmt: skip
def test_every_combination_of_levels(weights: tuple[str, str], option: str) -> None:
    """625 enterprises with two limiting and two other indicators, graded from the words of D.1 to D.4."""
    rows = [list(levels) for levels in itertools.product(LEVELS, repeat=4)]
    reached, applicable = as_reached(rows)
    result = evaluate(
        reached, [*weights, *weights], groups=GROUPS, category_weights=["0.4", "0.6"], limiting=LIMITING, rule=RULE,
        applicable=applicable, empty_category=option,
    )  # fmt: skip
    numbers = [Fraction(w) for w in (*weights, *weights)]
    first = [Fraction(2, 5), Fraction(3, 5)]
    seen = set()
    for e, levels in enumerate(rows):
        y, grade = plain_indices_and_grade(
            levels, numbers, GROUPS, first, LIMITING, renormalise=option == "renormalise"
        )
        assert (result.grade(e), [result.index(e, k) for k in range(3)]) == (grade, y), levels
        assert result.indices[e].tolist() == [float(value) for value in y]
        _check_reasons(result.reasons(e), levels, y, grade)
        seen.add(grade)
    assert seen == {"I", "II", "III", None}
    counts = result.distribution()
    assert {g: counts[g] for g in ("I", "II", "III")} == {
        g: sum(result.grade(e) == g for e in range(len(rows))) for g in ("I", "II", "III")
    }
    assert (counts["none"], counts["excluded"]) == (len(rows) - sum(counts[g] for g in ("I", "II", "III")), 0)


def _check_reasons(reasons: tuple[Reason, ...], levels: list[int | None], y: list[Fraction], grade: str | None) -> None:
    """Every condition that fails for a better grade is named, once, with the indicators at fault."""
    held = ("I", "II", "III").index(grade) if grade else 3
    there = [(j, level) for j, level in enumerate(levels) if level is not None]

    def short(limiting: bool, required: int) -> tuple[int, ...]:
        return tuple(j for j, level in there if LIMITING[j] is limiting and level > required)

    wanted: list[tuple[Any, ...]] = []
    if short(True, 3):
        wanted.append(("gate", None, 2, short(True, 3)))
    for k in range(held):
        if y[k] < RULE.thresholds[k]:
            wanted.append(("index", k, None, ()))
        for code, required in (("limiting", (1, 2, None)[k]), ("others", (2, 3, None)[k])):
            if required is not None and short(code == "limiting", required):
                wanted.append((code, k, required - 1, short(code == "limiting", required)))
    assert [(r.code, r.grade, r.required, r.indicators) for r in reasons if r.failed] == wanted
    assert all(r.index == y[r.grade] and r.threshold == RULE.thresholds[r.grade] for r in reasons if r.code == "index")


@given(systems(), st.sampled_from(["as-printed", "renormalise"]))
def test_what_to_raise_leads_to_the_next_grade(system: dict[str, Any], option: str) -> None:
    result = run(system, empty_category=option)
    for e, levels in enumerate(system["levels"]):
        grade, found = next_grade(result, e), improvements(result, e)
        assert grade == {"I": None, "II": 0, "III": 1, None: 2}[result.grade(e)]
        if grade is None:
            assert found == ()
            continue
        for one in found:
            lifted = list(levels)
            lifted[one.indicator] = min(levels[one.indicator] or 9, grade + 1)
            again = run(system, [lifted], empty_category=option)
            assert again.index(0, grade) - result.index(e, grade) == one.gain  # type: ignore[operator]
            assert one.must or one.gain
            needed = {True: (0, 1, 2), False: (1, 2, 2)}[bool(system["limiting"][one.indicator])][grade]
            assert one.level == (needed if one.must else grade)
        order = [(not o.must, -o.gain, o.indicator) for o in found]
        assert order == sorted(order)
        everything = [
            level if level is None else min([level, *(grade + 1 for o in found if o.indicator == j)]) if any(
                o.indicator == j for o in found
            ) else level
            for j, level in enumerate(levels)
        ]  # fmt: skip
        if any(level is not None for level in levels) and not result.empty[e].any():
            best = run(system, [everything], empty_category=option).grade(0)
            assert best is not None
            assert ("I", "II", "III").index(best) <= grade


@given(systems(), st.sampled_from(["as-printed", "renormalise"]))
def test_exact_indices_are_those_of_the_plain_route(system: dict[str, Any], option: str) -> None:
    result = run(system, empty_category=option)
    exact = ExactIndices(result)
    for e in range(len(result)):
        assert exact.of(e) == tuple(result.index(e, k) for k in range(3))


def test_exact_indices_of_weights_beyond_doubles() -> None:
    huge = 2**60 + 1
    reached = np.array([[[True] * 3, [False] * 3], [[False] * 3, [True] * 3]])
    result = evaluate(
        reached, [Fraction(1, huge), Fraction(huge - 1, huge)], groups=[0, 0], category_weights=[1], limiting=[0, 0],
        rule=RULE,
    )  # fmt: skip
    exact = ExactIndices(result)
    assert [exact.index(e, 0) for e in (0, 1)] == [Fraction(100, huge), Fraction(100 * (huge - 1), huge)]
    assert result.grades.tolist() == [0, 0]  # the heavy one reaches 99.99… of 100 at III, and III asks for all


def test_an_excluded_enterprise_has_no_index_and_one_reason() -> None:
    reached = np.ones((2, 1, 3), dtype=bool)
    result = evaluate(
        reached, ["1"], groups=[0], category_weights=["1"], limiting=[False], rule=RULE, excluded=[True, False]
    )
    assert (result.index(0, 0), result.bonus(0, 0), result.decimal(0, 0)) == (None, None, None)
    assert ExactIndices(result).of(0) == (None, None, None)
    assert [r.code for r in result.reasons(0)] == ["legal"]
    assert (next_grade(result, 0), improvements(result, 0)) == (None, ())
    assert result.distribution() == {"I": 1, "II": 0, "III": 0, "none": 0, "excluded": 1}
    assert np.isnan(result.indices[0]).all()
    assert result.decimal(1, 0) == 100


# --- membership -------------------------------------------------------------------------------------------------------
def test_answers_are_the_grades_reached_and_nothing_else() -> None:
    quality = Criterion("qualitative")
    table = membership([[3.0], [2.0], [1.0], [0.0]], [quality])
    assert table.reached[:, 0].sum(axis=1).tolist() == [3, 2, 1, 0]
    for wrong in (4.0, -1.0, 1.5):
        with pytest.raises(EvaluationError) as refusal:
            membership([[1.0, 1.0], [2.0, wrong]], [quality, quality])
        assert (refusal.value.reason, refusal.value.indices, refusal.value.values) == ("value", (1,), (wrong,))
    numbers = Criterion.of("smaller", {"I": parse_bound("≤5")})
    assert membership([[4.0], [1.5], [-1.0]], [numbers]).reached[:, 0, 0].all()


@pytest.mark.parametrize(
    ("cell", "meets", "fails"),
    [
        ("≤5", (5, 4.9), (5.1,)), ("<5", (4.9,), (5, 5.1)), ("≥5", (5, 5.1), (4.9,)), (">5", (5.1,), (5, 4.9)),
        ("4~5", (4, 5, 3), (5.1,)),
    ],
)  # fmt: skip
def test_ends_beside_a_formula_and_a_detection_limit(
    cell: str, meets: tuple[float, ...], fails: tuple[float, ...]
) -> None:
    """The same bound alone, beside a formula (judged cell by cell), and for values below a detection limit."""
    values = [*meets, *fails]
    wanted = [True] * len(meets) + [False] * len(fails)
    below = np.ones((len(values), 1), dtype=bool)
    limit = cell[0] in "≤<4"
    for more in ({}, {"III": parse_bound("≤100+0n" if limit else "≥0n")}):
        criterion = Criterion.of("smaller" if limit else "larger", {"I": parse_bound(cell), **more})
        table = [[float(v)] for v in values]
        parameters = {"n": [1.0] * len(values)}
        assert membership(table, [criterion], parameters=parameters).reached[:, 0, 0].tolist() == wanted
        under = membership(table, [criterion], parameters=parameters, below_detection=below).reached[:, 0, 0]
        assert under.tolist() == [w and limit for w in wanted]


# --- figures in words -------------------------------------------------------------------------------------------------
def test_indices_are_shown_to_four_decimals_and_never_rounded_up() -> None:
    for value, text in (
        ("85", "85"), ("84.99999", "84.9999…"), ("0", "0"), ("0.0001", "0.0001"), ("200/3", "66.6666…"),
        ("0.00001", "0.0000…"), ("100", "100"), ("12.5", "12.5"),
    ):  # fmt: skip
        assert show(Fraction(value)) == text


def test_every_reason_is_a_sentence() -> None:
    """Clause 6 and D.4 in words; missing values and categories of which nothing applies."""
    reasons = [
        Reason("legal"), Reason("gate", None, 2, (0,)), Reason("index", 1, index=Fraction(84), threshold=Fraction(85)),
        Reason("limiting", 0, 0, (0, 1)), Reason("others", 1, 2, (1,)), Reason("missing", indicators=(1,)),
        Reason("nothing-applies"),
    ]  # fmt: skip
    assert explain(reasons, ["能耗", "水耗"]) == [
        "近三年有重大环境违法违规行为，不参与清洁生产评价",
        "限定性指标未全部达到Ⅲ级基准值，不予评级：能耗",
        "未达到Ⅱ级：综合评价指数Y_II为84，小于85",
        "未达到Ⅰ级：限定性指标未达到Ⅰ级基准值：能耗、水耗",
        "未达到Ⅱ级：非限定性指标未达到Ⅲ级基准值：水耗",
        "缺少数据，按未达到计：水耗",
        "没有适用的二级指标",
    ]
    assert [reason.failed for reason in reasons] == [True] * 5 + [False] * 2


@given(systems(), st.sampled_from(["as-printed", "renormalise"]))
def test_reasons_of_many_are_those_of_each(system: dict[str, Any], option: str) -> None:
    result = run(
        system, system["levels"] * 2, empty_category=option, excluded=[False] * (2 * len(system["levels"]) - 1) + [True]
    )
    rows = np.arange(len(result), dtype=np.intp)[::-1]
    alone = [result.reasons(int(row)) for row in rows]
    assert reasons_of(result, rows) == alone
    exact = ExactIndices(result)
    assert reasons_of(result, rows, [exact.of(int(row)) for row in rows]) == alone
    assert alone[0] == (Reason("legal"),)


def test_a_category_without_a_name_is_given_by_its_number() -> None:
    (named, numbered) = explain(
        [Reason("empty-category", indicators=(0,)), Reason("empty-category-decides", indicators=(1,))],
        (),
        ("能源消耗",),
    )
    assert named.endswith("：能源消耗")
    assert numbered.endswith("：第2类一级指标")


@given(st.integers(0, 10**7), st.integers(0, 60), st.integers(0, 40))
def test_fractions_that_end_are_decimals_without_loss(numerator: int, twos: int, fives: int) -> None:
    value = Fraction(numerator, 2**twos * 5**fives)
    assert Fraction(to_decimal(value)) == value
    for prime in (2, 5):  # more digits than a double has
        assert Fraction(to_decimal(Fraction(1, prime**60))) == Fraction(1, prime**60)
    third = Fraction(numerator * 3 + 1, 3)
    assert to_decimal(third) == Decimal(repr(float(third)))
    assert to_decimal(Fraction(1, 2**401)) == Decimal(repr(float(Fraction(1, 2**401))))


# --- weights ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "reason", "indices"),
    [
        ({"weights": ("0.5", "0.5", "1", "0")}, "shape", ()),
        ({"groups": (0, 0, 2)}, "group", (2,)),
        ({"groups": (0, 0, -1)}, "group", (2,)),
        ({"groups": (0, 0, 0)}, "empty-group", (1,)),
        ({"bonus": (2,)}, "bonus", (2,)),
        ({"bonus": (-1,)}, "bonus", (-1,)),
        ({"weights": ("0.5", "0.4", "1")}, "group-sum", (0,)),
        ({"weights": ("0.5", "0.5", "0.9")}, "group-sum", (1,)),
        ({"category_weights": ("0.3", "0.6")}, "first-level-sum", ()),
        ({"category_weights": ("1/n", "0.6")}, "first-level-weight", (0,)),
        ({"category_weights": ("-0.3", "1.3")}, "first-level-weight", (0,)),
        ({"weights": ("0.5", "-0.5", "1")}, "weight", (1,)),
        ({"weights": ("0.5", float("nan"), "1")}, "weight", (1,)),
    ],
)
def test_a_system_that_breaks_c1_is_refused(change: dict[str, Any], reason: str, indices: tuple[int, ...]) -> None:
    right: dict[str, Any] = {"weights": ("0.5", 0.5, "1"), "groups": (0, 0, 1), "category_weights": ("0.4", 0.6)}
    assert WeightSystem.build(**right).first == (Fraction(2, 5), Fraction(3, 5))
    with pytest.raises(EvaluationError) as refusal:
        WeightSystem.build(**{**right, **change})
    assert (refusal.value.reason, refusal.value.indices) == (reason, indices)


def test_bonus_points_stand_beside_the_index() -> None:
    system = WeightSystem.build(("1", "0.5", "0.5"), (0, 1, 1), ("1", "0.1"), bonus=(1,))
    reached, everything = (True, True, False), (True, True, True)
    assert system.index(reached, everything, 100) == 100
    assert system.bonus_points(reached, everything, 100) == 5
    assert system.index((False, True, True), everything, 100) == 0
    assert system.bonus_points(reached, (True, True, False), 100) == 10
    assert system.index(reached, (False, True, True), 100, renormalise=True) == 0
    assert WeightSystem.build(("1", "1"), (0, 1), ("0.4", "0.6")).index((True, True), (True, False), 100) == 40
    two = WeightSystem.build(("1", "1"), (0, 1), ("0.4", "0.6"))
    assert two.index((True, True), (True, False), 100, renormalise=True) == 100
