"""Conversions and formulas give the doubles nearest to what the printed decimals give exactly."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting.model.expression import parse_expression
from drafting.workbook.survey.decimals import computed, multiplied

DECIMALS = st.one_of(
    st.decimals(-(10**6), 10**6, places=3).map(float), st.decimals(-999, 999, places=9).map(float),
    st.floats(-1e12, 1e12, allow_subnormal=False), st.sampled_from([0.0, 1e-300, 1e99, 88.8, 0.1 + 0.2]),
)  # fmt: skip
FACTORS = st.one_of(
    st.sampled_from(
        [Fraction(1, 10), Fraction(1000), Fraction(1, 10**6), Fraction("0.1229"), 10000 / Fraction(293076)]
    ),
    st.fractions(Fraction(1, 10**6), 10**9, max_denominator=10**7),
)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.lists(DECIMALS, min_size=1, max_size=30), FACTORS)
def test_a_conversion_rounds_once(values, factor):
    expected = [float(Fraction(repr(v)) * factor) for v in values]
    np.testing.assert_array_equal(multiplied(np.array(values), factor), expected)


def test_per_mille_is_per_cent_again():
    """0.1 × 88.8 is 8.88; floats alone make 8.879999999999999 of it when 88.8 is written over ten."""
    assert multiplied(np.array([88.8, 9.37, np.nan]), Fraction(1, 10)).tolist()[:2] == [8.88, 0.937]
    assert multiplied(np.array([937.0]), Fraction(1, 100)).tolist() == [9.37]


FORMULAS = [
    "a/b", "a*1000/b", "(a+b*1.229)/c", "a-b+c", "-a/(b+c)", "(a/b)^2+c", "a^3/b", "(a/b)^-2", "a/b+b/c", "max(a,b)/c",
    "min(a/b,c,1)", "a/b×100%", "0*a+b", "a/(b-c)", "2*(a+0.1)/(3*b)",
]  # fmt: skip


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(
    st.sampled_from(FORMULAS), st.lists(st.tuples(DECIMALS, DECIMALS, DECIMALS), min_size=1, max_size=8),
    st.sampled_from([Fraction(1), Fraction(1000), Fraction(1, 10**4), Fraction("0.1229")]),
)  # fmt: skip
def test_a_formula_is_fraction_arithmetic(formula, rows, factor):
    """The second route: Fractions of the decimals, row by row."""
    expression = parse_expression(formula)
    columns = {name: np.array([row[i] for row in rows]) for i, name in enumerate("abc")}
    found = computed(expression, {name: columns[name] for name in expression.names}, factor)
    for value, row in zip(found, rows, strict=True):
        given_ = dict(zip("abc", (Fraction(repr(v)) for v in row), strict=True))
        try:
            expected = float(expression.evaluate_exactly(given_) * factor)
        except (ValueError, OverflowError):  # a divisor is zero, or no double is so large
            assert not np.isfinite(value)
        else:
            assert value == expected


def test_a_thousandth_more_does_not_come_from_nowhere():
    """831 tce over 200000 m² is 4.155 kgce/m²; 0.1 + 0.2 - 0.3 is zero and divides nothing."""
    tons, area = np.array([831.0, 4.155, 41.55]), np.array([200_000.0, 1000.0, 10_000.0])
    assert computed(parse_expression("a/b"), {"a": tons, "b": area}, Fraction(1000)).tolist() == [4.155] * 3
    parts = {"a": np.array([0.1]), "b": np.array([0.2]), "c": np.array([0.3])}
    assert np.isnan(computed(parse_expression("1/(a+b-c)"), parts)).all()


@pytest.mark.parametrize("formula", ["sqrt(a)/b", "a^0.5/b", "ln(a)/b"])
def test_what_has_no_rational_value_is_computed_in_floats(formula):
    values = {"a": np.array([2.0, np.nan]), "b": np.array([3.0, 1.0])}
    found = computed(parse_expression(formula), values)
    assert found[0] == pytest.approx(parse_expression(formula).evaluate({"a": 2.0, "b": 3.0}), rel=1e-15)
    assert np.isnan(found[1])
