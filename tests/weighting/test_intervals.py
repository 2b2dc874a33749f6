"""Intervals of small panels: what is called 95 % holds the weight of the whole profession in about 95 of 100 panels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.stats import t

from weighting import PanelError, jackknife_interval
from weighting.errors import OptionError, ShapeError

TRUTH = np.log([0.42, 0.25, 0.17, 0.11, 0.05])
NOISE: dict[str, Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]] = {
    "normal": lambda rng, shape: rng.standard_normal(shape),
    "heavy tails": lambda rng, shape: rng.standard_t(3, shape) / np.sqrt(3),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,
}


def profession(rng: np.random.Generator, kind: str, panels: int, experts: int) -> np.ndarray:
    weights = np.exp(TRUTH + 0.5 * NOISE[kind](rng, (panels, experts, len(TRUTH))))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def together(weights: np.ndarray, mean: str, axis: int) -> np.ndarray:
    joint = weights.mean(axis) if mean == "arithmetic" else np.exp(np.log(weights).mean(axis))
    return np.asarray(joint / joint.sum(axis=-1, keepdims=True))


def coverage(kind: str, mean: str, experts: int, panels: int = 400) -> tuple[float, float]:
    """Share of panels whose interval holds the weight: of the jackknife, and of percentiles over resamples."""
    rng = np.random.default_rng([experts, len(kind), len(mean)])
    real = together(profession(rng, kind, 1, 100_000)[0], mean, 0)
    drawn = profession(rng, kind, panels, experts)
    held = plain = 0.0
    for panel in drawn:
        without = [together(np.delete(panel, k, 0), mean, 0) for k in range(experts)]
        lower, upper = jackknife_interval(together(panel, mean, 0), without)
        held += float(((lower <= real) & (real <= upper)).mean())
        resampled = together(panel[rng.integers(0, experts, (200, experts))], mean, 1)
        low, high = np.quantile(resampled, [0.025, 0.975], axis=0)
        plain += float(((low <= real) & (real <= high)).mean())
    return held / panels, plain / panels


def test_three_experts_who_answer_with_normal_noise_are_covered() -> None:
    held, plain = coverage("normal", "geometric", 3, panels=250)
    assert held > 0.92
    assert plain < 0.80  # what was called 95 %


@pytest.mark.slow
@pytest.mark.parametrize("mean", ["geometric", "arithmetic"])
@pytest.mark.parametrize("kind", NOISE)
def test_coverage_of_panels_of_3_to_12(kind: str, mean: str) -> None:
    table = {experts: coverage(kind, mean, experts) for experts in (3, 4, 5, 8, 12)}
    for experts, (held, plain) in table.items():
        assert 0.90 <= held <= 0.985, (experts, held)
        assert held > plain, (experts, held, plain)


def test_a_mean_of_logarithms_gives_the_interval_of_the_textbook() -> None:
    """Log-odds of a geometric mean of two are the mean of the experts' log-odds, whose interval is Student's."""
    first = np.array([0.5, 0.6, 0.7, 0.55])
    odds = np.log(first / (1 - first))
    both = np.stack([first, 1 - first], axis=1)
    without = [together(np.delete(both, k, 0), "geometric", 0) for k in range(4)]
    lower, upper = jackknife_interval(together(both, "geometric", 0), without)
    reach = t.ppf(0.975, 3) * odds.std(ddof=1) / 2
    expected = 1 / (1 + np.exp(-(odds.mean() + np.array([-reach, reach]))))
    assert [lower[0], upper[0]] == pytest.approx(expected, abs=1e-12)
    assert [1 - upper[1], 1 - lower[1]] == pytest.approx(expected, abs=1e-12)


def test_an_expert_with_nearly_all_the_weight_leaves_the_panel_as_unsure_as_one_expert() -> None:
    weights, without = [0.5, 0.5], [[0.4, 0.6], [0.55, 0.45], [0.5, 0.5]]
    alike = jackknife_interval(weights, without)
    uneven = jackknife_interval(weights, without, [8, 1, 1])
    assert uneven[1][0] - uneven[0][0] > alike[1][0] - alike[0][0]


def test_an_item_of_no_weight_has_an_interval_inside_the_scale() -> None:
    lower, upper = jackknife_interval([0.0, 1.0], [[0.0, 1.0], [0.0, 1.0], [0.1, 0.9]])
    assert (lower >= 0).all()
    assert (upper <= 1).all()
    assert np.isfinite(lower).all()
    agreed = np.array(jackknife_interval([0.0, 1.0], [[0.0, 1.0]] * 3))  # nobody gives it anything
    assert agreed.tolist() == [[pytest.approx(0, abs=1e-8), pytest.approx(1, abs=1e-8)]] * 2


def test_wrong_input_is_refused() -> None:
    with pytest.raises(PanelError):
        jackknife_interval([0.5, 0.5], [[0.5, 0.5]])
    with pytest.raises(ShapeError):
        jackknife_interval([0.5, 0.5], [[0.5], [0.5]])
    with pytest.raises(ShapeError):
        jackknife_interval([0.5, 0.5], [[0.5, 0.5]] * 3, [1, 1])
    with pytest.raises(OptionError):
        jackknife_interval([0.5, 0.5], [[0.5, 0.5]] * 3, level=1.0)
