"""The index of many enterprises at once: exact parts, what lies beside a turn or a threshold, class rows, masks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from drafting.evaluation import Evaluation, GradeRule, evaluate, index
from drafting.evaluation.exact import ExactIndices
from drafting.model.weight import Weight
from tests.drafting.evaluation.improvement import Improvement, improvements
from tests.drafting.evaluation.test_evaluate import RULE, as_reached, simple

WIDE = 2**45
ONE, OTHER = WIDE - 1, WIDE - 3
"""Sums of the weights that apply in two categories: without common divisor, so that Y is a multiple of 50/2⁹⁰."""


def beside(target: Fraction, steps: int) -> Iterator[tuple[Fraction, Evaluation]]:
    """
    Enterprises whose Y lies within `steps` multiples of 50/(ONE·OTHER) of a target, below, on and above it.

    Y = 50·(a/ONE + b/OTHER) with a·OTHER + b·ONE = k: one a below ONE for every k (Chinese remainders).
    """
    middle = round(target / 50 * ONE * OTHER)
    for k in range(middle - steps, middle + steps + 1):
        a = k * pow(OTHER, -1, ONE) % ONE
        b, rest = divmod(k - a * OTHER, ONE)
        if rest or not 0 <= b < OTHER or not a:
            continue
        parts = [a, ONE - a, WIDE - ONE, b, OTHER - b, WIDE - OTHER]
        reached, applicable = as_reached([[1, 2, None, 1, 2, None]])
        yield Fraction(50 * k, ONE * OTHER), evaluate(
            reached, [Fraction(part, WIDE) for part in parts], groups=[0, 0, 0, 1, 1, 1],
            category_weights=["0.5", "0.5"], limiting=[False] * 6, rule=RULE, applicable=applicable,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("double", "gap"), [(64.0, 2.0**-47), (32.0, 2.0**-48), (64.0, -(2.0**-46)), (77.0, -(2.0**-46)), (77.0, 2.0**-46)]
)
def test_indices_beside_the_middle_of_two_doubles_are_rounded_to_the_nearer(double: float, gap: float) -> None:
    """Closer to the middle than a sum in two limbs can tell; below a power of two doubles lie twice as close."""
    assert double - gap != double
    assert (double - gap / 2) in (double, double - gap)  # neighbours
    seen = set()
    for exact, result in beside(Fraction(double) - Fraction(gap) / 2, 12):
        assert (result.indices[0, 0], result.index(0, 0)) == (float(exact), exact)
        seen.add(float(exact))
    assert seen == {double, double - gap}


def test_indices_beside_a_threshold_are_graded_by_their_exact_value() -> None:
    """By 10⁻²⁶ of a point: the nearest double is 85 on both sides."""
    seen = set()
    for exact, result in beside(Fraction(85), 12):
        assert (result.indices[0, 0], result.grade(0)) == (85.0, "I" if exact >= 85 else "II")
        seen.add(exact >= 85)
    assert seen == {True, False}


def test_products_quotients_and_limbs_lose_nothing_that_counts() -> None:
    """Dekker's product is exact; quotient and limbs within what they promise, in fractions."""
    rng = np.random.default_rng(43329)
    one, other = (rng.integers(2**51, 2**53, 200).astype(np.float64) for _ in range(2))
    product, error = index._product(one, other)
    for a, b, p, e in zip(one.tolist(), other.tolist(), product.tolist(), error.tolist(), strict=True):
        assert Fraction(p) + Fraction(e) == Fraction(a) * Fraction(b)
    high, low = index._quotient(np.minimum(one, other), np.maximum(one, other))
    upper, lower = index._limbs(100 * high, 100 * low)
    for n, a in enumerate(zip(np.minimum(one, other).tolist(), np.maximum(one, other).tolist(), strict=True)):
        exact = Fraction(int(a[0]), int(a[1]))
        assert abs(Fraction(high[n]) + Fraction(low[n]) - exact) <= exact / 2**105
        assert (upper[n] % 1, lower[n] % 1) == (0, 0)
        given = Fraction(100 * high[n]) + Fraction(100 * low[n])
        assert 0 <= given - Fraction(upper[n]) / 2**42 - Fraction(lower[n]) / 2**84 < Fraction(1, 2**84)


@pytest.mark.parametrize("tiny", [Fraction(0), Fraction(1, 3**40)])
@pytest.mark.parametrize(
    ("threshold", "grade"), [(Fraction(171, 2), "II"), (85, "I"), (Fraction(85), "I"), (Fraction(169, 2), "I")]
)
def test_thresholds_may_be_fractions(threshold: Fraction | int, grade: str, tiny: Fraction) -> None:
    """Y_I = 85 by hand, within doubles and beyond them, and (the third not applying) over another denominator."""
    rule = GradeRule(100, (threshold, 80, 100))
    for weights, levels in (
        ([Fraction(3, 20) - tiny, Fraction(17, 20) + tiny], [2, 1]),
        ([Fraction(3, 40) - tiny, Fraction(17, 40) + tiny, Fraction(1, 2)], [2, 1, None]),
    ):
        reached, applicable = as_reached([levels])  # type: ignore[list-item]  # lists of one kind
        result = evaluate(
            reached, weights, groups=[0] * len(weights), category_weights=[1], limiting=[False] * len(weights),
            rule=rule, applicable=applicable,
        )  # fmt: skip
        assert (result.index(0, 0) or 0) >= 85
        assert (result.indices[0, 0], result.grade(0)) == (85.0, grade)


@pytest.mark.parametrize("tiny", [Fraction(0), Fraction(1, 3**40)])
def test_categories_without_weight_and_bonus_categories_are_never_empty(tiny: Fraction) -> None:
    """Of the three other categories nothing applies: one has weight, one none, one is a bonus (first)."""
    half = Fraction(1, 2) + tiny
    reached, applicable = as_reached([[None, 1, 1, None, None]])
    result = evaluate(
        reached, [1, half, 1 - half, 1, 1], groups=[0, 1, 1, 2, 3], category_weights=["0.1", "0.6", "0.4", "0"],
        limiting=[False] * 5, rule=RULE, applicable=applicable, bonus=[0],
    )  # fmt: skip
    assert (result.empty.tolist(), result.index(0, 2)) == ([[False, False, True, False]], 60)


# --- class rows -------------------------------------------------------------------------------------------------------
def class_rows(levels: list[list[int | None]], **options: Any) -> Evaluation:
    """Two categories of 0.5: three class rows of one indicator of 0.6 and one indicator of 0.4; one indicator alone."""
    reached, applicable = as_reached(levels)
    pooled = Weight.number(Decimal("0.6")).pooled("A1")
    return evaluate(
        reached, [pooled] * 3 + ["0.4", "1"], groups=[0, 0, 0, 0, 1], category_weights=["0.5", "0.5"],
        limiting=[False] * 5, rule=RULE, applicable=applicable, **options,
    )  # fmt: skip


def test_class_rows_have_equal_parts_or_each_enterprise_s_own() -> None:
    """0.6 over three rows is 0.2 each, or by output 0.1, 0.2, 0.3; D.2 by hand: 50·(parts + 0.4) + 50."""
    half, one, more = Fraction(1, 2), Fraction(1), Fraction(3, 2)
    levels: list[list[int | None]] = [[1, 1, 9, 1, 1], [1, 1, 9, 1, 1], [9, 1, 1, 1, 1], [1, None, 9, 1, 1]]
    portions = {0: [half, one, more, one, one], 3: [half, one, more, one, one]}
    result = class_rows(levels, portions=portions)
    # The last: 0.6 over the two rows that apply is 0.3 each; portions 1/2 and 3/2 make it 0.15 and 0.45.
    by_hand = [Fraction(85), Fraction(90), Fraction(90), Fraction(155, 2)]
    exact = ExactIndices(result)
    assert [result.index(e, 0) for e in range(4)] == by_hand
    assert [exact.index(e, 0) for e in range(4)] == by_hand
    assert result.indices[:, 0].tolist() == [float(y) for y in by_hand]
    assert [one.gain for one in improvements(result, 3)] == [Fraction(45, 2)]
    assert [r.index for r in result.reasons(3) if r.code == "index" and r.grade == 0] == [Fraction(155, 2)]


def test_a_share_over_indicators_of_which_one_has_class_rows() -> None:
    """0.8/n over two indicators is 0.4 each, and 0.2 for each of the two class rows of the first."""
    share = Weight("0.8/n", Fraction(4, 5), shared=True)
    reached, applicable = as_reached([[1, 9, 9, 9], [9, 9, 1, 9], [1, None, 9, 9], [9, 9, 9, 1], [1, 9, None, 9]])
    result = evaluate(
        reached, [share.pooled("A1"), share.pooled("A1"), share, "0.2"], groups=[0] * 4, category_weights=[1],
        limiting=[False] * 4, rule=RULE, applicable=applicable,
    )  # fmt: skip
    assert [result.index(e, 0) for e in range(5)] == [20, 40, 40, 20, 40]
    assert result.indices[:, 0].tolist() == [20.0, 40.0, 40.0, 20.0, 40.0]


@pytest.mark.parametrize("option", ["as-printed", "renormalise"])
def test_class_rows_with_parts_of_their_own_beside_an_empty_category(option: str) -> None:
    """The second category does not apply: 50·(0.4 + 0.45 + 0.15·0) printed, twice that scaled: 85 of 100, grade I."""
    ones = [Fraction(1)] * 3
    levels: list[list[int | None]] = [[1, 1, 1, 1, 1], [2, None, 1, 1, None], [2, None, 1, 1, None]]
    result = class_rows(
        levels, portions={2: [Fraction(1, 2), Fraction(1), Fraction(3, 2), *ones[1:]]}, empty_category=option
    )
    printed = option == "as-printed"
    assert [result.index(e, 0) for e in range(3)] == [100, *(Fraction(y) / (2 if printed else 1) for y in (70, 85))]
    assert result.indices[:, 0].tolist() == [float(result.index(e, 0) or 0) for e in range(3)]
    assert [result.grade(e) for e in range(3)] == ["I", None, None] if printed else ["I", "II", "I"]
    assert result.decided_by_empty.tolist() == [False, True, True]


# --- advice -----------------------------------------------------------------------------------------------------------
def test_grade_iii_asks_for_every_indicator_with_weight() -> None:
    """D.4.3 names no condition, but Y_III = 100 is one: what has weight must reach III, what has none need not."""
    reached, _ = as_reached([[1, 9, 9, 9]])
    result = evaluate(
        reached, ["0.3", "0.7", "1", "0"], groups=[0, 0, 1, 1], category_weights=["0.5", "0.5"], limiting=[False] * 4,
        rule=RULE,
    )  # fmt: skip
    assert improvements(result, 0) == (
        Improvement(2, 2, must=True, gain=Fraction(50)),
        Improvement(1, 2, must=True, gain=Fraction(35)),
    )
    # Under rules that ask less than the full mark no indicator is a condition by itself.
    easier = evaluate(
        reached, ["0.3", "0.7", "1", "0"], groups=[0, 0, 1, 1], category_weights=["0.5", "0.5"], limiting=[False] * 4,
        rule=GradeRule(100, (90, 90, 99)),
    )  # fmt: skip
    assert [(one.indicator, one.must) for one in improvements(easier, 0)] == [(2, False), (1, False)]


@pytest.mark.parametrize(("option", "gain"), [("as-printed", 15), ("renormalise", 30)])
def test_points_to_gain_beside_an_empty_category(option: str, gain: int) -> None:
    """100·0.5·0.3 as printed; where the other category's half is given to this one, 100·0.3."""
    result = simple([[2, 2, None, None]], limiting=(), empty_category=option)
    best = {
        one.indicator: one.gain
        for one in improvements(simple([[9, 9, None, None]], limiting=(), empty_category=option), 0)
    }
    assert best == {0: gain, 1: gain * Fraction(7, 3)}
    assert {one.indicator: one.gain for one in improvements(result, 0)} == ({} if option == "as-printed" else best)
    assert [simple([[1, 1, None, None]], empty_category=o).indices.tolist() for o in ("as-printed", "renormalise")] == [
        [[50.0] * 3],
        [[100.0] * 3],
    ]


# --- what callers give ------------------------------------------------------------------------------------------------
def test_masks_of_the_caller_stay_the_caller_s() -> None:
    """They may be written to before and after; the result does not change with them."""
    masks = {
        "applicable": np.ones((2, 4), dtype=bool),
        "missing": np.zeros((2, 4), dtype=bool),
        "excluded": np.array([False, True]),
    }
    result = simple([[1, 1, 1, 1], [1, 1, 1, 1]], **masks)
    for mask in masks.values():
        mask[:] = ~mask
    assert (result.applicable.all(), result.missing.any(), result.excluded.tolist()) == (True, False, [False, True])
    assert not any(a.flags.writeable for a in (result.applicable, result.missing, result.excluded, result.reached))


def test_vectorised_and_plain_route_agree_on_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum in two limbs errs by 1e-24 at most: of 15,000 indices hardly one lies too near a turn to be certain."""
    by_fractions: list[int] = []
    plain = index._Block._in_fractions
    monkeypatch.setattr(
        index._Block, "_in_fractions", lambda self, grade, row: by_fractions.append(row) or plain(self, grade, row)
    )
    rng = np.random.default_rng(20231227)
    groups = [j % 9 for j in range(40)]
    weights = [Decimal("0.217")] * 40
    for i in range(9):
        mine = [j for j in range(40) if groups[j] == i]
        weights[mine[-1]] = 1 - Decimal("0.217") * (len(mine) - 1)
    first = [Decimal(w) for w in ("0.213", "0.117", "0.06", "0.1", "0.25", "0.05", "0.08", "0.08", "0.05")]
    reached = rng.random((5000, 40, 1)) < np.array([0.7, 0.9, 0.97])
    applicable = rng.random((5000, 40)) > 0.1
    result = evaluate(
        reached, weights, groups=groups, category_weights=first, limiting=[j < 3 for j in range(40)], rule=RULE,
        applicable=applicable,
    )  # fmt: skip
    assert len(by_fractions) < 15
    for e in rng.choice(5000, 150, replace=False):
        assert result.indices[e].tolist() == [float(result.index(int(e), k)) for k in range(3)]
    assert not result.indices.flags.writeable


def test_weights_beyond_doubles_take_the_plain_route() -> None:
    tiny = Fraction(1, 3**40)
    reached, applicable = as_reached([[1, 9], [None, 1], [9, 1]])
    result = evaluate(
        reached, [tiny, 1 - tiny], groups=[0, 0], category_weights=[1], limiting=[False, False], rule=RULE,
        applicable=applicable,
    )  # fmt: skip
    assert [result.index(e, 0) for e in range(3)] == [100 * tiny, 100, 100 * (1 - tiny)]
    assert result.indices[:, 2].tolist() == [float(100 * tiny), 100.0, 100.0]
    assert [result.grade(e) for e in range(3)] == [None, "I", None]


def test_single_precision_is_used_only_where_it_is_exact() -> None:
    """2²⁴ + 1 is the first whole number that single precision lacks; a sum there must not lose the 1."""
    from drafting.evaluation.index import _byte_tables

    tables = _byte_tables(np.array([[2.0**24], [1.0]]))
    assert int(tables.max()) == 2**24 + 1
    assert int(_byte_tables(np.array([[2.0**24 - 1], [2.0]])).max()) == 2**24 + 1  # each alone would be exact
    assert _byte_tables(np.array([[2.0**24 - 2], [1.0]])).dtype == np.float32  # half the traffic where it is
