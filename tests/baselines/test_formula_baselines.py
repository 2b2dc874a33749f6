"""Formula baselines over their parameter range (item M01)."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import numpy as np
import pytest

from baselines import CurveError, LengthError, Linear, RoundingError, check_curves, curve_share


def linear(text: str) -> Linear:
    intercept, slope = re.fullmatch(r"([\d.]+)\+([\d.]+)n", text).groups()
    return Linear.of(intercept, slope)


def test_worked_rows(items):
    first_row, second_row, third_row = items["M01"]["rows"]
    for row in (first_row, second_row):
        check = check_curves([linear(row[grade]) for grade in ("I", "II", "III")], row["direction"], range(1, 31))
        assert min(d.parameter for d in check.disorder) == row["first_n_violating_II<=III"]
        assert {(d.better, d.worse) for d in check.disorder} == {("II", "III")}
    check = check_curves([linear(third_row[grade]) for grade in ("I", "II", "III")], "larger", range(1, 31), upper=100)
    assert min(d.parameter for d in check.disorder) == third_row["first_n_violating_I>=II>=III"]
    first_above = {
        grade: min(i.parameter for i in check.implausible if i.grade == grade) for grade in ("I", "II", "III")
    }
    assert first_above["I"] == third_row["first_n_above_100"]
    assert first_above == {"I": 6, "II": 7, "III": 5}  # 90+2·6, 82+3·7, 80+5·5 are the first above 100


def test_formulas_are_exact():
    """0.1+0.1n equals 0.3 at n = 2; in floats it is 0.30000000000000004 and would be out of order."""
    assert 0.1 + 0.1 * 2 > 0.3
    curves = [Linear.of(0.1, 0.1), 0.3, 1]
    assert check_curves(curves, "smaller", [2]).disorder == ()
    (found,) = check_curves(curves, "smaller", ["2", "2.0001"]).disorder
    assert (found.parameter, found.better, found.worse) == (Fraction("2.0001"), "I", "II")


def test_other_functions_and_constants():
    curves = {"III": 3, "I": lambda n: math.sqrt(n), "II": lambda n: 1 / (n - 2)}
    check = check_curves(curves, "smaller", [1, 2, 3], lower=0)
    assert [(float(i.parameter), i.grade) for i in check.implausible] == [(1.0, "II"), (2.0, "II")]
    assert math.isnan(check.implausible[1].value)
    assert [(d.parameter, d.better) for d in check.disorder] == [(1, "I"), (3, "I")]


def test_formulas_may_grow_without_bound():
    check = check_curves([Linear.of(0, 1e308), Linear.of(0, -1e308), 1], "smaller", [1e10], upper=10, lower=-10)
    assert [i.value for i in check.implausible] == [math.inf, -math.inf]
    assert [d.values for d in check.disorder] == [(math.inf, -math.inf)]


def test_wrong_formulas():
    with pytest.raises(CurveError):
        check_curves([1, 2, 3], "smaller", [])
    with pytest.raises(CurveError):
        check_curves([1, 2, lambda n: math.sqrt(n)], "smaller", [-1])
    with pytest.raises(LengthError):
        check_curves([1, 2], "smaller", [1])
    with pytest.raises(LengthError):
        check_curves({"I": 1, "II": 2}, "smaller", [1])
    with pytest.raises(RoundingError):
        Linear.of("a", 1)


def test_share_of_a_formula_baseline():
    layers, use = [1, 2, 3, 4, np.nan], [0.22, 0.31, 0.38, 0.46, np.nan]
    formula = Linear.of("0.14", "0.08")  # 0.22, 0.30, 0.38, 0.46
    assert curve_share(use, layers, "smaller", formula) == 0.75
    assert curve_share(use, layers, "larger", formula) == 1.0
    assert curve_share(use, layers, "smaller", formula, weights=[1, 7, 1, 1, 0]) == 0.3
    with pytest.raises(CurveError) as caught:
        curve_share([1.0, 2.0], [1, np.nan], "smaller", formula)
    assert caught.value.indices == (1,)
    with pytest.raises(LengthError):
        curve_share([1.0, 2.0], [1], "smaller", formula)


def test_a_formula_without_value_is_told_with_the_enterprise():
    """1/n at n = 0, and a float formula that leaves the numbers."""
    for formula in (lambda n: 1 / n, lambda n: math.inf if n == 0 else 1.0):
        with pytest.raises(CurveError) as caught:
            curve_share([1.0, 2.0, 3.0], [1, 0, 0], "smaller", formula)
        assert (caught.value.indices, caught.value.values) == ((1, 2), (0, 0))


def test_plausible_limits_are_allowed_and_equal_formulas_are_in_order():
    check = check_curves([Linear.of(1, 1), Linear.of(1, 1), Linear.of(0, 4)], "smaller", [0, 1, 3], lower=0, upper=12)
    assert ([d.parameter for d in check.disorder], check.implausible) == ([0], ())  # 1 beside 0 at n = 0
    assert [(d.better, d.worse, d.values) for d in check.disorder] == [("II", "III", (1, 0))]
    narrow = check_curves([1, 2, 3], "smaller", [0], lower="1.001", upper="2.999")
    assert [(i.grade, i.value) for i in narrow.implausible] == [("I", 1), ("III", 3)]
