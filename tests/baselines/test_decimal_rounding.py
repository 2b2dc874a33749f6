"""GB/T 8170 and outward rounding against worked numbers (items G)."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines import (
    Comparison,
    DirectionError,
    RoundingError,
    decimal_of,
    meets_limit,
    round_half_even,
    round_outward,
    round_outward_to_interval,
    round_to_interval,
    round_values,
)


def test_worked_roundings(items):
    for case in items["G01"]["cases"]:
        expected = Decimal(case["expected"])
        assert str(round_to_interval(case["x"], case["interval"])) == case["expected"], case
        unit = Decimal(case["interval"])
        if unit.normalize().as_tuple().digits == (1,):
            decimals = -unit.normalize().as_tuple().exponent
            assert round_half_even(case["x"], decimals) == expected


def test_one_step_only(items):
    item = items["G02"]
    assert str(round_half_even(item["x"], 0)) == item["expected"]
    stepwise = item["x"]
    for decimals in (3, 2, 1, 0):
        stepwise = str(round_half_even(stepwise, decimals))
    assert stepwise == "16"  # what successive rounding would have printed


def test_worked_outward_roundings(items):
    for case in items["G03"]["cases"]:
        outward = round_outward_to_interval(case["raw"], case["interval"], case["direction"])
        assert str(outward) == case["outward"], case
        nearest = round_to_interval(case["raw"], case["interval"])
        assert str(nearest) == case["GB8170"], case
        sign = 1 if case["direction"] == "smaller" else -1
        assert (sign * nearest >= sign * Decimal(case["raw"])) is case["GB8170_keeps_share"]


def test_worked_judgements(items):
    operators = {"≤": "<=", "≥": ">=", "<": "<"}
    for case in items["G04"]["cases"]:
        operator, limit = operators[case["limit"][0]], case["limit"][1:]
        full = meets_limit(case["measured"], operator, limit)
        rounded = meets_limit(case["measured"], operator, limit, Comparison.ROUNDED_VALUE)
        assert (full, rounded) == (case["full_value"] == "pass", case["rounded_value"] == "pass")


def test_other_operators():
    assert meets_limit("5.4", "==", "5", "rounded-value")
    at_the_limit = {"<=": (True, True, False), "<": (True, False, False), "==": (False, True, False)}
    at_the_limit |= {">=": (False, True, True), ">": (False, False, True)}
    for operator, expected in at_the_limit.items():
        assert tuple(meets_limit(measured, operator, 5) for measured in (4.9, "5.0", 5.1)) == expected, operator
    with pytest.raises(RoundingError):
        meets_limit(1, "=<", 1)
    with pytest.raises(RoundingError):
        meets_limit(1, "<=", 1, "nearest")


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        ("2.675", 2, "2.68"),
        ("0.15", 1, "0.2"),
        ("60.5", 0, "60"),
        (2.675, 2, "2.68"),
        (0.25, 1, "0.2"),
        (1268, -2, "1300"),
        ("1.20", 3, "1.200"),
        (5, 2, "5.00"),
        ("-0.04", 1, "0.0"),
        (-0.0, 0, "0"),
        ("1e3", 1, "1000.0"),
        (np.float64(2.675), 2, "2.68"),
        (np.float32(0.15), 1, "0.2"),
        (np.int64(25), -1, "20"),
        (Decimal("0.125"), 2, "0.12"),
        ("0.00", 1, "0.0"),
    ],
)
def test_decimals_are_kept(value, decimals, text):
    assert str(round_half_even(value, decimals)) == text


def test_huge_and_tiny():
    assert round_half_even(1e308, 2) == Decimal("1e308")
    assert str(round_half_even(5e-324, 2)) == "0.00"
    assert str(round_outward(5e-324, 2, "smaller")) == "0.01"
    assert str(round_outward("-0.001", 2, "larger")) == "-0.01"
    assert str(round_outward("-0.001", 2, "smaller")) == "0.00"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "abc",
        "NaN",
        "inf",
        math.nan,
        -math.inf,
        True,
        None,
        [1],
        "1_000",
        "1e401",
        "1e999999999",
    ],
)
def test_not_a_number(value):
    with pytest.raises(RoundingError):
        round_half_even(value, 1)


@pytest.mark.parametrize("interval", ["0.3", "0", "-1", "25", "1.5"])
def test_intervals_the_standard_does_not_know(interval):
    with pytest.raises(RoundingError):
        round_to_interval("1", interval)


def test_numpy_integers_are_decimals():
    assert str(round_half_even("0.125", np.int64(2))) == "0.12"


def test_bad_decimals_and_direction():
    for decimals in (1.5, True, "2", 1000):
        with pytest.raises(RoundingError):
            round_half_even("1", decimals)
    with pytest.raises(DirectionError):
        round_outward("1", 1, "down")


NUMBERS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, places=6) | st.floats(
    allow_nan=False, allow_infinity=False
)


@given(NUMBERS, st.integers(-3, 8))
def test_agrees_with_the_decimal_module(value, decimals):
    wide = Context(prec=800, rounding=ROUND_HALF_EVEN)
    assert round_half_even(value, decimals) == wide.quantize(decimal_of(value), Decimal((0, (1,), -decimals)))


@given(NUMBERS, st.integers(-3, 8), st.sampled_from(["smaller", "larger"]))
def test_outward_loses_nothing_and_stays_within_one_unit(value, decimals, direction):
    exact, rounded = decimal_of(value), round_outward(value, decimals, direction)
    wide = Context(prec=800)
    gap = wide.subtract(rounded, exact) if direction == "smaller" else wide.subtract(exact, rounded)
    assert 0 <= gap < Decimal((0, (1,), -decimals))
    assert round_outward(rounded, decimals, direction) == rounded


@given(
    st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False, places=5),
    st.sampled_from(["0.5", "0.2", "5", "20", "0.02"]),
)
def test_interval_rounding_by_the_rule_of_the_standard(value, interval):
    """Clause 3.4 as it is worded: multiply by two or five, round to whole units, divide back."""
    unit = Decimal(interval)
    digit = int(unit.normalize().as_tuple().digits[0])
    factor = 10 // digit
    whole = unit * factor
    decimals = -whole.normalize().as_tuple().exponent
    assert round_to_interval(value, interval) == round_half_even(value * factor, decimals) / factor


@given(
    st.lists(
        st.one_of(
            st.floats(allow_infinity=False),
            st.floats(-1000, 1000),
            st.integers(-(10**7), 10**7).map(lambda n: n / 1000),  # ties at two decimals, as they are typed
            st.integers(0, 10**15).map(lambda n: n / 8),
            st.integers(1, 10**6).map(lambda n: float(np.nextafter(n / 200, (n % 2) * 10**9))),  # beside a tie
        ),
        max_size=30,
    ),
    st.integers(-2, 17),
)
def test_an_array_is_rounded_as_its_numbers_are(numbers, decimals):
    found = round_values(np.array(numbers), decimals).tolist()
    assert [repr(x) for x in found] == [
        repr(v if math.isnan(v) else float(round_half_even(v, decimals))) for v in numbers
    ]


@pytest.mark.parametrize("decimals", [0, 1, 2])
def test_every_tie_of_an_array_goes_to_the_even_digit(decimals):
    """Typed ties and the doubles beside them, by the decimal module; among them 2.675 and 1.005, below the tie."""
    ties = np.arange(5, 6_000, 10) / 10 ** (decimals + 1)
    numbers = np.concatenate([ties, np.nextafter(ties, 0), np.nextafter(ties, np.inf), -ties])
    unit = Decimal((0, (1,), -decimals))
    expected = [float(Decimal(repr(x)).quantize(unit, ROUND_HALF_EVEN)) for x in numbers.tolist()]
    assert round_values(numbers, decimals).tolist() == expected


def test_places_beyond_the_exact_powers_of_ten_are_rounded_digit_by_digit():
    """10²³ is no double: a quotient by it would miss the number that is nearest to the decimal text."""
    for decimals in (23, 25, 30):
        numbers = np.array([float(f"{k}e-{decimals}") for k in range(1, 200)])
        assert round_values(numbers, decimals).tolist() == numbers.tolist()
        assert any(k / 10.0**decimals != number for k, number in enumerate(numbers.tolist(), start=1))


def test_an_infinite_value_of_an_array_is_refused():
    with pytest.raises(RoundingError):
        round_values(np.array([1.0, math.inf]), 2)


@pytest.mark.parametrize("sign", ["", "-"])
def test_exponents_within_400_are_read_and_those_beyond_are_refused(sign):
    """As the refusal says, for numbers and for the places to round to, on both sides."""
    for text in ("1e400", "1e-400"):
        assert decimal_of(sign + text) == Decimal(sign + text)
    for text in ("1e401", "1e-401", "12e400", "1.5e-400"):
        with pytest.raises(RoundingError):
            decimal_of(sign + text)
    assert [round_half_even(f"{sign}1", decimals) for decimals in (400, -400)] == [Decimal(f"{sign}1"), 0]
    for decimals in (401, -401):
        with pytest.raises(RoundingError):
            round_half_even(f"{sign}1", decimals)
