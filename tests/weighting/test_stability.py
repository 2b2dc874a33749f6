"""Stability between rounds: paired experts, histogram change, Wilcoxon, McNemar."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from weighting import (
    AnswersError,
    PanelRound,
    TooFewAnswersError,
    UnpairedRoundsError,
    histogram_change,
    mcnemar,
    round_stability,
    weighted_kappa,
)


def test_only_paired_experts_count() -> None:
    before = PanelRound([[1, 2], [3, 4], [5, 5]], experts=["A", "B", "C"], items=["x", "y"])
    now = PanelRound([[5, 4], [1, 2], [2, 1]], experts=["C", "A", "D"], items=["x", "y"])
    result = round_stability(before, now)
    assert (result.paired, result.only_previous, result.only_current) == (("C", "A"), ("B",), ("D",))
    x, y = result.items
    assert (x.pairs, x.changed, x.histogram_change, x.cv_change, x.wilcoxon_p) == (2, 0, 0, 0, None)
    assert x.kappa == 1
    assert (y.changed, y.histogram_change) == (1, 0.5)


def test_items_are_paired_by_label() -> None:
    before = PanelRound([[1, 5], [2, 4]], items=["x", "y"])
    now = PanelRound([[5, 1], [4, 2]], items=["y", "x"])
    result = round_stability(before, now)
    assert [item.item for item in result.items] == ["y", "x"]
    assert all(item.changed == 0 for item in result.items)


def test_cv_change_by_hand() -> None:
    # 2 4 -> sd √2, mean 3; 3 4 -> sd √½, mean 3.5
    item = round_stability([[2], [4]], [[3], [4]]).items[0]
    assert item.cv_change == pytest.approx(2**0.5 / 3 - 0.5**0.5 / 3.5)
    assert (item.median_before, item.median_now) == (3, 3.5)


def test_missing_answers_break_pairs_of_their_item_only() -> None:
    result = round_stability([[1, 2], [np.nan, 3]], [[1, 2], [4, 3]])
    assert [item.pairs for item in result.items] == [1, 2]
    assert result.items[0].cv_change is None
    nothing = round_stability([[np.nan]], [[1]]).items[0]
    assert (nothing.pairs, nothing.changed, nothing.histogram_change, nothing.kappa) == (0, 0, None, None)


def test_bin_width_for_allocations() -> None:
    before, now = [[20.0], [31.0], [40.0]], [[21.0], [30.0], [44.0]]
    assert round_stability(before, now).items[0].histogram_change == 1
    assert round_stability(before, now, bin_width=5).items[0].histogram_change == 0
    # 0.3 lies on the limit of a class although 0.3/0.1 = 2.999…
    assert round_stability([[0.3]], [[0.35]], bin_width=0.1).items[0].histogram_change == 0


def test_classes_as_a_share_of_the_item_around_its_median() -> None:
    """Median 10, classes of 2 points: [9, 11) is the middle one. Before 0 0 +1, now 0 0 −1: one of three moved."""
    item = round_stability([[9.0], [10.0], [11.0]], [[10.9], [10.0], [8.9]], class_share=0.2).items[0]
    assert item.histogram_change == pytest.approx(1 / 3)
    # The unit does not matter, nor the sign; an item that weighed nothing has classes of one point around 0.
    for unit in (0.01, 100, -1):
        before, now = (np.array(rows) * unit for rows in ([[9.5], [10.0], [11.5]], [[10.5], [10.0], [8.5]]))
        assert round_stability(before, now, class_share=0.2).items[0].histogram_change == pytest.approx(1 / 3)
    nothing = round_stability([[0.0], [0.0], [0.0]], [[0.498], [0.502], [0.0]], class_share=0.2).items[0]
    assert nothing.histogram_change == pytest.approx(1 / 3)
    with pytest.raises(AnswersError):
        round_stability([[1.0]], [[1.0]], bin_width=1, class_share=0.2)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=2, max_size=12))
def test_properties(pairs: list[tuple[int, int]]) -> None:
    before, now = ([[float(x)] for x in column] for column in zip(*pairs, strict=True))
    there, back = round_stability(before, now).items[0], round_stability(now, before).items[0]
    assert there.histogram_change is not None
    assert 0 <= there.histogram_change <= 1
    assert there.histogram_change == back.histogram_change
    assert there.kappa == pytest.approx(back.kappa)
    assert there.kappa == weighted_kappa([x for x, _ in pairs], [y for _, y in pairs])
    assert there.wilcoxon_p == pytest.approx(back.wilcoxon_p)
    # experts who only swap their answers leave the histogram alone
    assert round_stability(before, before[::-1]).items[0].histogram_change == 0


def test_wilcoxon_exact_by_all_sign_patterns() -> None:
    before, moves = np.array([50.0, 40, 30, 20, 60, 10, 10]), np.array([1.0, -2, 3, 4, 5, 0, 0])
    item = round_stability(before[:, None], (before + moves)[:, None]).items[0]
    sizes = [1, 2, 3, 4, 5]  # ranks of the moves; 2 went down, the unchanged experts do not count
    sums = [sum(s for s, up in zip(sizes, signs, strict=True) if up) for signs in product((0, 1), repeat=5)]
    assert item.wilcoxon == 2
    assert item.wilcoxon_p == pytest.approx(2 * sum(s <= 2 for s in sums) / 32)


def test_wilcoxon_with_ties_is_the_normal_approximation() -> None:
    moves = np.array([1.0, 1, 1, -1, 2, 2, -2, 3])
    item = round_stability(np.full((8, 1), 5.0), 5 + moves[:, None]).items[0]
    ranks = stats.rankdata(np.abs(moves))
    down = ranks[moves < 0].sum()
    n = len(moves)
    ties = np.unique(np.abs(moves), return_counts=True)[1]
    variance = n * (n + 1) * (2 * n + 1) / 24 - (ties**3 - ties).sum() / 48
    z = (abs(down - n * (n + 1) / 4) - 0.5) / variance**0.5
    assert item.wilcoxon == down
    assert item.wilcoxon_p == pytest.approx(2 * stats.norm.sf(z))


def test_rounds_that_do_not_fit() -> None:
    with pytest.raises(UnpairedRoundsError) as caught:
        round_stability(PanelRound([[1, 2]], items=["x", "y"]), PanelRound([[1, 2]], items=["x", "z"]))
    assert (caught.value.only_previous, caught.value.only_current) == (("y",), ("z",))
    assert (caught.value.indices, caught.value.values) == (((0, 1), (1, 1)), ("y", "z"))
    with pytest.raises(UnpairedRoundsError):
        round_stability([[1, 2]], [[1, 2, 3]])
    with pytest.raises(TooFewAnswersError):
        round_stability(PanelRound([[1]], experts=["A"]), PanelRound([[1]], experts=["B"]))
    with pytest.raises(AnswersError):
        round_stability([[1], [2]], [[1]])
    with pytest.raises(AnswersError):
        round_stability([[1]], [[1]], bin_width=0)


class TestHistogram:
    def test_by_hand(self) -> None:
        assert histogram_change([0, 1, 4, 6, 9], [0, 1, 3, 8, 8]) == pytest.approx(0.1)

    @pytest.mark.parametrize(
        ("before", "now"),
        [([1, 2], [1, 1]), ([1, 2], [1, 2, 0]), ([0, 0], [0, 0]), ([-1, 2], [0, 1]), ([np.nan, 1], [1, 1])],
    )
    def test_wrong_input(self, before: list[float], now: list[float]) -> None:
        with pytest.raises(AnswersError):
            histogram_change(before, now)


class TestMcNemar:
    def test_approval_ratings(self) -> None:
        """Agresti 1990, p. 350: 1,600 voters; χ² = 17.36 without and 16.82 with continuity correction."""
        table = [[794, 150], [86, 570]]
        assert mcnemar(table, correction=False).chi2 == pytest.approx(17.36, abs=5e-3)
        assert mcnemar(table).chi2 == pytest.approx(16.82, abs=5e-3)
        assert mcnemar(table).p == pytest.approx(4.115e-5, abs=1e-8)

    def test_nobody_changed_and_one_changed(self) -> None:
        assert mcnemar([[3, 0], [0, 2]]).p is None
        assert mcnemar([[3, 1], [1, 2]]).chi2 == 0  # the correction does not reverse the sign

    @pytest.mark.parametrize("table", [[[1, 2]], [[1, -1], [0, 1]], [[np.nan, 1], [0, 1]]])
    def test_wrong_input(self, table: list[list[float]]) -> None:
        with pytest.raises(AnswersError):
            mcnemar(table)


@pytest.mark.parametrize("unit", [1, 0.01, 0.1])
def test_equal_changes_tie_whatever_the_unit(unit: float) -> None:
    # 0.3 - 0.2 and 0.2 - 0.1 differ in binary. Changes +10 -10 +10 +20 -10 +30: ranks 2.5 ×4, 5, 6; minus: 5 of 21
    before = np.array([[20], [30], [10], [40], [50], [10]]) * unit
    now = np.array([[30], [20], [20], [60], [40], [40]]) * unit
    item = round_stability(before, now).items[0]
    assert (item.wilcoxon, item.changed) == (5.0, 6)
    whole = round_stability(before / unit, now / unit).items[0]
    assert item.wilcoxon_p == pytest.approx(whole.wilcoxon_p, rel=1e-12)


def test_noise_of_binary_sums_is_no_change() -> None:
    item = round_stability([[0.3], [0.5]], [[0.1 + 0.2], [0.5]]).items[0]
    assert (item.changed, item.wilcoxon) == (0, None)
