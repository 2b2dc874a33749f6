"""The notation of weights: numbers and shares of a group, refusals by cause, and the sum that n never moves."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.evaluation.weights import WeightSystem
from drafting.model.weight import Weight, in_full, sharers
from drafting.notation.weights import WeightError, parse_weight


@pytest.mark.parametrize(
    ("text", "amount", "shared"),
    [
        ("0.8/n", "4/5", True), ("1/n", "1", True), ("０.８／ｎ", "4/5", True), ("80%/n", "4/5", True),
        ("(0.5+0.3)/n", "4/5", True), ("0.8÷n", "4/5", True), ("1/3", "1/3", False), ("1 / 8", "1/8", False),
        ("0.30", "3/10", False), ("15%", "3/20", False), ("0", "0", False), ("1", "1", False),
    ],
)  # fmt: skip
def test_numbers_and_shares(text: str, amount: str, shared: bool) -> None:
    weight = parse_weight(text)
    assert (weight.amount, weight.shared) == (Fraction(amount), shared)
    assert parse_weight(str(weight)) == weight


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("0.8/m", "letter", "m"), ("0.8/N", "letter", "N"), ("0.8/n左右", "left-over", "左右"),
        ("1/0", "division", "0"),
        ("0/n", "zero", "0/n"), ("1/n²", "form", "1/n²"), ("0.8/(n-1)", "form", "-"), ("0.4-n", "form", "-"),
        ("n", "form", "n"), ("-0.5/n", "form", "-0.5/n"), ("2", "range", "2"), ("1.2/n", "range", "1.2/n"),
        ("0.8/n（n为镀种数）", "text", "("), ("max(0.8,1)/n", "form", "max"), ("", "text", ""), ("0.8/n;", "text", ";"),
    ],
)  # fmt: skip
def test_what_is_no_weight_is_refused_by_cause(text: str, reason: str, detail: str) -> None:
    with pytest.raises(WeightError) as refusal:
        parse_weight(text)
    assert (refusal.value.reason, refusal.value.detail) == (reason, detail)


@pytest.mark.parametrize("text", ["9" * 5000, "(" * 985 + "1" + ")" * 985, "1" + "+1" * 10_000, "9^9^9^9/n", "1/0.0"])
def test_what_is_beyond_measure_is_refused(text: str) -> None:
    with pytest.raises(WeightError):
        parse_weight(text)


SHARES = st.fractions(0, 1, max_denominator=200).filter(bool)


@given(SHARES, st.booleans())
def test_printing_is_read_back(amount: Fraction, shared: bool) -> None:
    text = f"{amount}/n" if shared else str(amount)
    weight = parse_weight(text)
    assert (str(weight), weight.amount, weight.shared) == (text, amount, shared)
    assert parse_weight(str(weight)) == weight


@given(st.text(alphabet="0123456789./n%()+-*^ 权²", max_size=12))
def test_any_text_is_a_weight_or_refused(text: str) -> None:
    try:
        weight = parse_weight(text)
    except WeightError:
        return
    assert 0 <= weight.amount <= 1


@given(SHARES.filter(lambda x: x < 1), st.lists(st.booleans(), min_size=1, max_size=8))
def test_a_share_keeps_its_sum_whatever_applies(share: Fraction, applies: list[bool]) -> None:
    """D.3 then leaves every weight as it is, as long as one indicator of the share applies."""
    weights = (*(parse_weight(f"{share}/n") for _ in applies), Weight.number(1 - share))
    system = WeightSystem.build(weights, (0,) * len(weights), ("1",))
    here = (*applies, True)
    plain = system.plain(here)
    assert sum(plain) == (1 if any(applies) else 1 - share)
    assert system.adjusted(here) == (plain if any(applies) else (*(Fraction(0),) * len(applies), Fraction(1)))
    assert all(w == share / sum(applies) for w, a in zip(plain, applies, strict=False) if a)


def test_n_counts_the_same_share_of_the_same_group_however_it_is_written() -> None:
    weights = [parse_weight(t) for t in ("0.8/n", "0.80/n", "0.2/n", "0.8/n", "0.2")]
    assert sharers(("a", "a", "a", "b", "b"), weights, (True,) * 5) == (2, 2, 1, 1, 0)
    assert in_full(weights[:3]) == (Fraction(2, 5), Fraction(2, 5), Fraction(1, 5))
