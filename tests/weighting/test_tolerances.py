"""What adding and dividing in binary costs is forgiven everywhere, and nothing that anybody could have meant."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import t

from weighting import (
    AuthorityTable,
    AuthorityTableError,
    CoefficientError,
    PairwiseMatrix,
    PanelRound,
    ScreeningBoundaries,
    ScreeningDecision,
    StoppingRule,
    WeightVectorError,
    apportion,
    authority,
    check_allocations,
    combine,
    critic_weights,
    feedback,
    jackknife_interval,
    rand_disagreement,
    rank_switches,
    round_stability,
    round_statistics,
    screen,
)
from weighting.stopping import suffices


@pytest.mark.parametrize(("beyond", "decision"), [(0, "keep"), (1e-13, "keep"), (1e-9, "discuss")])
@pytest.mark.parametrize("measure", ["mean", "full_mark_share", "cv"])
def test_boundaries_of_screening_are_kept(measure: str, beyond: float, decision: str) -> None:
    """Mean 4.5, half of the marks full, standard deviation √(1/3): each exactly at its boundary and beyond it."""
    statistics = round_statistics(PanelRound([[4], [5], [4], [5]], scale=(1, 5)))
    figures = {"mean": 4.5, "full_mark_share": 0.5, "cv": (1 / 3) ** 0.5 / 4.5}
    loose = {"mean": 1.0, "full_mark_share": 0.0, "cv": 9.0}
    limit = figures[measure] + (-beyond if measure == "cv" else beyond)
    found = screen(statistics, boundaries=ScreeningBoundaries(**{**loose, measure: limit}))
    assert found.items[0].decision is ScreeningDecision[decision.upper()]


def test_an_interpercentile_range_of_just_its_limit_is_no_disagreement() -> None:
    """Fitch 2001: IPRAS = 2.35 + 1.5·|5 − centre|; around the centre 3.825 … 6.175, from 1 on 1 … 6.2."""
    for low, high in ((3.825, 6.175), (1.0, 1 + Fraction(835, 175))):
        for beyond, disagree in ((-1e-7, False), (0.0, False), (1e-7, True)):
            found = rand_disagreement([low] * 5 + [float(high) + beyond] * 5)
            assert found.disagreement is disagree
            assert found.ipras == pytest.approx(2.35 + 1.5 * abs(5 - (low + float(high)) / 2), abs=1e-6)


@pytest.mark.parametrize(("answer", "side"), [(2, "within"), (2 - 1e-10, "within"), (2 - 1e-8, "below")])
def test_an_answer_on_a_quartile_lies_within(answer: float, side: str) -> None:
    """Of 2, 2, 2, 4, 6 and the expert's own: quartiles 2 and 3.5 whichever of these it is."""
    item = feedback([[answer], [2], [2], [2], [4], [6], [6], [6]], "1").items[0]
    assert item.side is not None
    assert (item.q1, item.side.value) == (2, side)


@pytest.mark.parametrize(("total", "beyond", "faults"), [(100, 5e-8, 0), (100, 1e-5, 1), (1, 5e-10, 0), (1, 1e-7, 1)])
def test_allocations_add_up_to_their_total(total: float, beyond: float, faults: int) -> None:
    for sign in (1, -1):
        assert len(check_allocations([[total / 4, total * 3 / 4 + sign * beyond]], total)) == faults


@pytest.mark.parametrize(("beyond", "refused"), [(1e-10, False), (1e-8, True)])
def test_weights_coefficients_and_bases_add_up_to_one(beyond: float, refused: bool) -> None:
    def outcome(call: Callable[[], object], error: type[Exception]) -> bool:
        try:
            call()
        except error:
            return True
        return False

    for off in (beyond, -beyond):
        assert outcome(lambda off=off: combine([[0.5, 0.5 + off]]), WeightVectorError) is refused
        assert (
            outcome(lambda off=off: combine([[0.5, 0.5]] * 2, coefficients=[0.5, 0.5 + off]), CoefficientError)
            is refused
        )
    bases = {"实践经验": {"大": 0.5}, "理论分析": {"大": 0.5 + beyond}}
    assert outcome(lambda: AuthorityTable.of("x", "x", bases, {"熟悉": 1}), AuthorityTableError) is refused


def test_an_authority_just_short_of_the_limit_is_below_it() -> None:
    for short, below in ((0.0, ()), (1e-9, (0,))):
        table = AuthorityTable.of("x", "x", {"实践经验": {"大": 0.6}}, {"熟悉": 0.8 - 2 * short})
        found = authority([{"实践经验": "大"}], ["熟悉"], table)
        assert (found.below, found.acceptable) == (below, not below)


@pytest.mark.parametrize("off", [1e-8, -1e-8])
def test_reciprocals_are_exact_or_mended_and_a_diagonal_is_one(off: float) -> None:
    assert PairwiseMatrix([[1, 3], [1 / 3 * (1 + off), 1]]).values.tolist() == [[1, 3], [1 / 3, 1]]
    with pytest.raises(Exception, match="diagonal"):
        PairwiseMatrix([[1 + off, 3], [1 / 3, 1]])


def test_nearly_perfect_correlations_still_tell() -> None:
    """1 − r of 10⁻⁹: little information, shared evenly, but not none."""
    rng = np.random.default_rng(2)
    base = rng.random(30)
    values = np.stack([base, base + 3e-5 * rng.random(30)], axis=1)
    assert 1e-12 < 1 - np.corrcoef(values.T)[0, 1] < 1e-8
    np.testing.assert_allclose(critic_weights(values, ["larger"] * 2).weights, [0.5, 0.5], atol=1e-3)


def test_a_value_short_of_a_class_limit_belongs_below_it() -> None:
    for short, change in ((0.0, 0), (1e-8, 1)):
        assert round_stability([[0.3 - short]], [[0.3]], bin_width=0.1).items[0].histogram_change == change


def test_the_last_unit_goes_to_the_larger_remainder_or_to_the_first_of_equals() -> None:
    """Three thirds: what agrees to twelve digits is one number computed twice."""
    for apart, last in ((0.0, "0.3"), (3e-13, "0.3"), (1e-11, "0.4")):
        assert [str(weight) for weight in apportion([1, 1, 1 + apart], 1)][2] == last


def test_a_step_below_a_billionth_is_no_change() -> None:
    for step, changed in ((4e-10, 0), (-4e-10, 0), (1e-9, 1)):
        assert round_stability([[0.0]], [[step]]).items[0].changed == changed


def test_a_response_just_short_is_too_few() -> None:
    rule = StoppingRule(min_response=0.7)
    assert [suffices(rule, 10**8, answered, None) for answered in (7 * 10**7, 7 * 10**7 - 1)] == [True, False]


def test_ranks_switch_by_more_than_rounding() -> None:
    for apart, switched in ((1e-9, ((0, 1),)), (1e-13, ())):
        assert rank_switches([0.5 + apart, 0.5 - apart], [0.5 - apart, 0.5 + apart]) == switched


@pytest.mark.parametrize("level", [0.5, 0.95])
@pytest.mark.parametrize("shares", [(1, 1, 1), (8, 1, 1), (10**6, 1, 1)])
def test_the_jackknife_by_its_formula(shares: tuple[int, ...], level: float) -> None:
    """One expert at a time in plain numbers; unequal experts leave 1/Σp² − 1 degrees of freedom, at least ½."""
    whole, without = [0.5, 0.3, 0.2], [[0.4, 0.35, 0.25], [0.55, 0.25, 0.2], [0.5, 0.32, 0.18]]
    lower, upper = jackknife_interval(whole, without, shares, level=level)
    p = [share / sum(shares) for share in shares]
    freedom = max(1 / sum(x * x for x in p) - 1, 0.5)
    for j, w in enumerate(whole):
        eta = np.log(w / (1 - w))
        parts = [(1 - x) * (eta - np.log(row[j] / (1 - row[j]))) for x, row in zip(p, without, strict=True)]
        reach = t.ppf((1 + level) / 2, freedom) * np.sqrt(3 / 2 * sum(x * x for x in parts))
        assert (lower[j], upper[j]) == pytest.approx([1 / (1 + np.exp(-(eta + s * reach))) for s in (-1, 1)], rel=1e-9)
