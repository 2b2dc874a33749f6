"""Words and shares that readers see."""

from __future__ import annotations

from drafting.words import outcomes


def test_shares_are_of_the_enterprises_evaluated() -> None:
    """Chapter 6 keeps offenders out of the evaluation: they are counted, and no share is of them."""
    found = outcomes({"I": 1, "II": 2, "III": 3, "none": 4, "excluded": 5})
    assert found == (("Ⅰ级", 1, 0.1), ("Ⅱ级", 2, 0.2), ("Ⅲ级", 3, 0.3), ("未达Ⅲ级", 4, 0.4), ("不参与评价", 5, None))


def test_nobody_evaluated_has_no_share() -> None:
    assert {share for *_, share in outcomes({"I": 0, "II": 0, "III": 0, "none": 0, "excluded": 3})} == {None}
