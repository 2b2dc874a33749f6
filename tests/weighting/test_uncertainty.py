"""Uncertainty: reproducible, right where the answer is known, honest about what could not be solved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from tests.weighting.judgement_matrices import blanked, consistent, from_upper, imperfect, panels
from weighting import (
    OptionError,
    PanelError,
    ShapeError,
    aggregate_judgements,
    aggregate_priorities,
    bootstrap,
    judgement_noise,
    leave_one_out,
    one_at_a_time,
    priorities,
    rank_switches,
)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


PANEL = imperfect(8, 5, rng(0), noise=0.6)


def test_bootstrap_by_a_plain_loop() -> None:
    """The same resamples, drawn as counts, aggregated and solved one by one."""
    counts = rng().multinomial(8, np.full(8, 1 / 8), size=50)
    expected = [priorities(aggregate_judgements(np.repeat(PANEL, row, axis=0))) for row in counts]
    found = bootstrap(PANEL, rng(), resamples=50)
    np.testing.assert_allclose(found.samples, expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(found.weights, priorities(aggregate_judgements(PANEL)), rtol=0, atol=1e-15)
    np.testing.assert_allclose(found.lower, np.quantile(expected, 0.025, axis=0), atol=1e-14)
    np.testing.assert_allclose(found.upper, np.quantile(expected, 0.975, axis=0), atol=1e-14)
    ranks = np.array([[1 + (row > w).sum() for w in row] for row in np.array(expected)])
    for item in range(5):
        for rank in range(5):
            assert found.rank_frequencies[item, rank] == pytest.approx((ranks[:, item] == rank + 1).mean())


def test_bootstrap_of_priorities_by_a_plain_loop() -> None:
    shares = np.arange(1.0, 9.0)
    counts = rng().multinomial(8, np.full(8, 1 / 8), size=20)
    vectors = priorities(PANEL, "geometric-mean")
    expected = [aggregate_priorities(vectors, row * shares) for row in counts]
    options = {"method": "geometric-mean", "aggregation": "priorities", "expert_weights": shares}
    found = bootstrap(PANEL, rng(), resamples=20, **options)
    np.testing.assert_allclose(found.samples, expected, rtol=0, atol=1e-14)


def test_the_interval_of_two_items_is_that_of_a_mean_of_logarithms() -> None:
    """n = 2, many experts: logit w is the mean log judgement, its bootstrap spread the standard error of that mean."""
    logs = rng(5).normal(0.7, 0.5, 60)
    panel = np.array([[[1, a], [1 / a, 1]] for a in np.exp(logs)])
    found = bootstrap(panel, rng(), resamples=4000)
    logits = np.log(found.samples[:, 0] / found.samples[:, 1])
    assert logits.mean() == pytest.approx(logs.mean(), abs=0.005)
    assert logits.std() == pytest.approx(logs.std() / np.sqrt(60), rel=0.05)


def test_the_same_generator_gives_the_same_result() -> None:
    one, two, other = (bootstrap(PANEL, rng(seed), resamples=30).samples for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@given(panels())
def test_rank_frequencies_are_shares(panel: np.ndarray) -> None:
    found = bootstrap(panel, rng(), resamples=20)
    np.testing.assert_allclose(found.rank_frequencies.sum(axis=1), 1)
    assert (found.lower <= found.upper).all()
    assert found.discarded == 0


def test_experts_of_one_mind_have_no_spread_and_ties_share_a_rank() -> None:
    same = np.tile(consistent(np.array([2.0, 1.0, 1.0])), (4, 1, 1))
    found = bootstrap(same, rng(), resamples=10)
    np.testing.assert_allclose(found.lower, found.upper, atol=1e-15)
    assert found.rank_frequencies.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]


def test_resamples_that_leave_islands_are_counted() -> None:
    panel = np.stack([consistent(np.array([3.0, 2.0, 1.0]))] * 3)
    panel[1], panel[2] = blanked(panel[1], (0, 1), (0, 2)), blanked(panel[2], (0, 1), (0, 2))
    found = bootstrap(panel, rng(), resamples=500)
    drawn_without_first = (rng().multinomial(3, np.full(3, 1 / 3), size=500)[:, 0] == 0).sum()
    assert found.discarded == drawn_without_first > 0
    assert len(found.samples) == 500 - found.discarded
    np.testing.assert_allclose(found.samples, np.tile([3 / 6, 2 / 6, 1 / 6], (len(found.samples), 1)), atol=1e-12)


def test_one_expert_cannot_be_resampled() -> None:
    for call in (
        lambda: bootstrap(PANEL[:1], rng()),
        lambda: bootstrap(PANEL[0], rng()),
        lambda: bootstrap(PANEL, rng(), expert_weights=[1, 0, 0, 0, 0, 0, 0, 0]),
        lambda: leave_one_out(PANEL[:1]),
    ):
        with pytest.raises(PanelError) as caught:
            call()
        assert caught.value.values == (1,)


@pytest.mark.parametrize(
    "options", [{"resamples": 0}, {"level": 0}, {"level": 1.0}, {"aggregation": "both"}, {"method": "x"}]
)
def test_options_out_of_range(options: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        bootstrap(PANEL, rng(), **options)  # type: ignore[arg-type]  # the point of the test


def test_one_item_is_certain() -> None:
    found = bootstrap(np.ones((3, 1, 1)), rng(), resamples=5)
    assert (found.weights.tolist(), found.rank_frequencies.tolist()) == ([1], [[1]])
    assert one_at_a_time([[1]]) == ()


def test_noise_stays_within_half_a_point() -> None:
    """n = 2: w = a/(1 + a), so the draws fill the interval between a ± ½; 1 moves to between 2/3 and 3/2."""
    for a, low, high in ((3.0, 2.5, 3.5), (1 / 3, 1 / 3.5, 1 / 2.5), (1.0, 1 / 1.5, 1.5), (9.0, 8.5, 9.5)):
        drawn = judgement_noise([[1, a], [1 / a, 1]], rng(), draws=3000).samples
        ratios = drawn[:, 0] / drawn[:, 1]
        assert low <= ratios.min() <= low * 1.005
        assert high * 0.995 <= ratios.max() <= high * (1 + 1e-12)


def test_noise_of_a_panel_is_smaller_than_of_one_expert() -> None:
    spread = [
        np.mean(found.upper - found.lower)
        for found in (judgement_noise(PANEL[0], rng(), draws=400), judgement_noise(PANEL, rng(), draws=400))
    ]
    assert spread[1] < 0.6 * spread[0]


def test_noise_of_a_large_panel_is_drawn_in_pieces() -> None:
    """One of 900 experts counts alone: w = a/(1 + a) of its 3 moved evenly between 2.5 and 3.5, whatever the pieces."""
    panel = np.tile(from_upper([3.0], 2), (900, 1, 1))
    found = judgement_noise(panel, rng(), draws=2500, expert_weights=[1.0] + [0.0] * 899)
    assert found.samples.shape == (2500, 2)
    middle = [(2.5 + share) / (3.5 + share) for share in (0.025, 0.975)]  # 95 % of the even distribution
    np.testing.assert_allclose([found.lower[0], found.upper[0]], middle, atol=0.002)


def test_noise_leaves_blanks_blank() -> None:
    tree = from_upper([2.0, 4.0, 2.0], 3)
    found = judgement_noise(blanked(tree, (0, 2)), rng(), draws=50)
    assert found.discarded == 0
    np.testing.assert_allclose(found.weights, [4 / 7, 2 / 7, 1 / 7], atol=1e-12)
    # Experts who left different pairs blank, moved by next to nothing: the group's own weights in every draw.
    panel = PANEL.copy()
    panel[0], panel[3] = blanked(panel[0], (0, 1), (2, 4)), blanked(panel[3], (1, 3))
    still = judgement_noise(panel, rng(), draws=3, half_width=1e-13)
    whole = priorities(aggregate_judgements(panel))
    np.testing.assert_allclose(still.samples, np.tile(whole, (3, 1)), rtol=0, atol=1e-11)
    for half_width in (0, 9):
        with pytest.raises(OptionError):
            judgement_noise(tree, rng(), half_width=half_width)


def test_one_at_a_time_by_hand() -> None:
    """a = 3 on two items: one step down is 2, one up is 4; 1/2 goes to 1/3 and 1; 1 to 1/2 and 2; 9 only down."""
    for a, expected in ((3.0, [2.0, 4.0]), (0.5, [1 / 3, 1.0]), (1.0, [0.5, 2.0]), (9.0, [8.0]), (1 / 9, [1 / 8])):
        shifts = one_at_a_time([[1, a], [1 / a, 1]])
        assert [shift.shifted for shift in shifts] == pytest.approx(expected)
        for shift in shifts:
            assert shift.weights.tolist() == pytest.approx(
                [shift.shifted / (1 + shift.shifted), 1 / (1 + shift.shifted)]
            )


def test_rank_switches_of_one_judgement() -> None:
    down, up = one_at_a_time([[1, 1.5], [1 / 1.5, 1]])
    assert down.rank_switches == ((0, 1),)  # 1.5 becomes 1/1.5
    assert up.rank_switches == ()
    assert rank_switches([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]) == ((0, 1), (0, 2), (1, 2))
    assert rank_switches([0.5, 0.5], [0.6, 0.4]) == ()
    assert rank_switches([0.6, 0.4], [0.5, 0.5]) == ()  # drawn level is not overtaken


def test_one_at_a_time_solves_the_changed_matrix() -> None:
    matrix = blanked(PANEL[0], (0, 1))
    shifts = one_at_a_time(matrix)
    assert (0, 1) not in {shift.pair for shift in shifts}
    for shift in shifts:
        changed = matrix.copy()
        changed[shift.pair], changed[shift.pair[::-1]] = shift.shifted, 1 / shift.shifted
        np.testing.assert_allclose(shift.weights, priorities(changed), atol=1e-14)
    with pytest.raises(ShapeError):
        one_at_a_time(PANEL)
    with pytest.raises(OptionError):
        one_at_a_time(matrix, step=0)


def test_leaving_one_expert_out() -> None:
    influences = leave_one_out(PANEL)
    assert [influence.expert for influence in influences] == list(range(8))
    for influence in influences:
        others = np.delete(PANEL, influence.expert, axis=0)
        np.testing.assert_allclose(influence.weights, priorities(aggregate_judgements(others)), atol=1e-14)
    whole = priorities(aggregate_judgements(PANEL))
    assert influences[0].rank_switches == rank_switches(whole, influences[0].weights)


def test_arrays_are_read_only() -> None:
    found = bootstrap(PANEL, rng(), resamples=5)
    for array in (found.weights, found.lower, found.upper, found.rank_frequencies, found.samples):
        assert not array.flags.writeable
    assert not leave_one_out(PANEL)[0].weights.flags.writeable
    assert not one_at_a_time(PANEL[0])[0].weights.flags.writeable


def test_a_panel_that_is_never_connected_has_no_distribution() -> None:
    """Two experts who each compared another pair of three: only both together connect the items."""
    one = blanked(consistent(np.array([3.0, 2.0, 1.0])), (0, 2), (1, 2))
    other = blanked(consistent(np.array([3.0, 2.0, 1.0])), (0, 1), (0, 2))
    seed = next(s for s in range(99) if not rng(s).multinomial(2, [0.5, 0.5], size=1).all())
    with pytest.raises(PanelError):
        bootstrap(np.stack([one, other]), rng(seed), resamples=1)
