"""Kendall's W, RAND/UCLA disagreement, kappa: published figures, second routes, properties, wrong input."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from weighting import (
    AnswersError,
    AnswerValueError,
    NotANumberError,
    PanelRound,
    ShapeError,
    TooFewAnswersError,
    UnknownSettingError,
    WeightingError,
    kendall_w,
    rand_disagreement,
    weighted_kappa,
)

ratings = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 8), st.integers(2, 9)),
    elements=st.integers(1, 5).map(float),
)


class TestKendall:
    def test_eight_judges_and_eight_wines(self) -> None:
        """Liquid Assets, report 13 (tasting of 10 April 1995): W = 0.0982, P = 0.5992."""
        votes = [
            [7, 1, 8, 4, 3, 2, 6, 5],
            [8, 1, 5, 4, 6, 7, 3, 2],
            [8, 7, 4, 1, 6, 5, 3, 2],
            [6, 8, 5, 7, 3, 4, 1, 2],
            [3, 1, 2, 6, 8, 4, 5, 7],
            [5, 6, 7, 2, 8, 4, 3, 1],
            [6, 4, 2, 5, 3, 1, 7, 8],
            [5, 1, 4, 6, 3, 7, 8, 2],
        ]
        result = kendall_w(votes)
        assert result.w == pytest.approx(0.0982, abs=5e-5)
        assert result.p == pytest.approx(0.5992, abs=5e-5)
        assert result.rank_sums == (48, 29, 37, 35, 40, 34, 36, 29)

    @given(ratings.filter(lambda a: a.shape[1] > 2))
    def test_same_as_friedmans_test(self, answers: np.ndarray) -> None:
        result = kendall_w(answers)
        if result.w is None:
            return
        if len(answers) > 2:
            friedman = stats.friedmanchisquare(*answers.T)
            assert result.chi2 == pytest.approx(friedman.statistic, abs=1e-9)
            assert result.p == pytest.approx(friedman.pvalue, abs=1e-12)
        assert 0 <= result.w <= 1

    @given(st.integers(2, 6), st.integers(3, 8), st.integers(0, 2**32 - 1))
    def test_untied_is_a_linear_function_of_mean_spearman(self, m: int, n: int, seed: int) -> None:
        answers = np.random.default_rng(seed).permuted(np.tile(np.arange(n), (m, 1)), axis=1)
        rho = np.mean([stats.spearmanr(answers[a], answers[b]).statistic for a, b in combinations(range(m), 2)])
        assert kendall_w(answers).w == pytest.approx((rho * (m - 1) + 1) / m, abs=1e-12)

    @given(ratings, st.randoms(use_true_random=False))
    def test_order_of_experts_and_items_does_not_matter(self, answers: np.ndarray, random: object) -> None:
        rows = list(range(answers.shape[0]))
        columns = list(range(answers.shape[1]))
        random.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis types its Random as object
        random.shuffle(columns)  # type: ignore[attr-defined]  # as above
        assert kendall_w(answers[rows][:, columns]).w == kendall_w(answers).w

    @given(ratings)
    def test_only_ranks_matter(self, answers: np.ndarray) -> None:
        assert kendall_w(answers).w == kendall_w(np.exp(answers) + 7).w

    @given(ratings)
    def test_tie_correction_never_lowers_w(self, answers: np.ndarray) -> None:
        corrected, plain = kendall_w(answers).w, kendall_w(answers, correct_ties=False).w
        assert (corrected is None) == (plain is None)
        if corrected is not None and plain is not None:
            assert corrected >= plain - 1e-15

    def test_two_experts(self) -> None:
        assert kendall_w([[1, 2, 3], [1, 2, 3]]).w == 1
        assert kendall_w([[1, 2, 3], [3, 2, 1]]).w == 0

    @pytest.mark.parametrize("correct_ties", [True, False])
    def test_everything_tied_is_undefined_not_zero(self, correct_ties: bool) -> None:
        result = kendall_w([[4, 4, 4], [5, 5, 5]], correct_ties=correct_ties)
        assert (result.w, result.chi2, result.p, result.df) == (None, None, None, 2)
        assert result.tied_experts == 2

    def test_one_expert_who_ties_everything_is_no_obstacle(self) -> None:
        # S = 2 (rank sums 3, 4, 5), denominator 4·24 − 2·24 = 48
        assert kendall_w([[1, 2, 3], [4, 4, 4]]).w == pytest.approx(12 * 2 / 48)

    def test_missing_answers_listwise_and_stated(self) -> None:
        answers = [[1, 2, 3], [np.nan, 2, 1], [1, 2, 3]]
        result = kendall_w(answers)
        assert (result.w, result.m, result.n, result.excluded_experts) == (1.0, 2, 3, (1,))
        assert result.missing == "listwise"

    def test_missing_answers_by_item(self) -> None:
        result = kendall_w([[1, 2, 3], [np.nan, 2, 1], [1, 2, 3]], missing="items")
        assert (result.m, result.n, result.excluded_items, result.excluded_experts) == (3, 2, (0,), ())
        assert result.w == pytest.approx(1 / 9)  # ranks 1 2 / 2 1 / 1 2: S = 1/2, denominator 9·6

    def test_missing_answers_refused(self) -> None:
        with pytest.raises(AnswersError) as caught:
            kendall_w([[1, 2], [np.nan, 2], [1, 3]], missing="reject")
        assert caught.value.indices == ((1, 0),)

    @pytest.mark.parametrize(
        ("answers", "error"),
        [
            ([[1, 2, 3]], TooFewAnswersError),
            ([[1], [2]], TooFewAnswersError),
            ([[1, 2], [np.nan, 1]], TooFewAnswersError),
            ([1, 2, 3], ShapeError),
            ([], ShapeError),
            ([[1, 2], [1]], NotANumberError),
            ([["高", "低"], ["低", "高"]], NotANumberError),
            ([[1, np.inf], [1, 2]], AnswerValueError),
        ],
    )
    def test_wrong_input(self, answers: list[object], error: type[WeightingError]) -> None:
        with pytest.raises(error):
            kendall_w(answers)

    def test_infinite_answer_is_located(self) -> None:
        with pytest.raises(AnswerValueError) as caught:
            kendall_w([[1, 2], [1, -np.inf]])
        assert (caught.value.indices, caught.value.values) == (((1, 1),), (-np.inf,))

    def test_unknown_policy(self) -> None:
        with pytest.raises(UnknownSettingError) as caught:
            kendall_w([[1, 2], [1, 2]], missing="mean")
        assert caught.value.values == ("mean",)
        assert "listwise" in caught.value.allowed

    def test_scale_is_checked(self) -> None:
        with pytest.raises(AnswerValueError) as caught:
            PanelRound([[1, 6], [0, 5]], scale=(1, 5))
        assert caught.value.indices == ((0, 1), (1, 0))
        assert caught.value.values == (6, 0)


class TestRand:
    def test_polarised_panel_disagrees(self) -> None:
        # positions 0.3·6 = 1.8 and 4.2 of 1 1 2 5 8 9 9: P30 = 1.8, P70 = 8.2
        result = rand_disagreement([1, 1, 2, 5, 8, 9, 9])
        assert result.disagreement
        assert (result.p30, result.p70, result.ipras) == pytest.approx((1.8, 8.2, 2.35))

    def test_asymmetry_allows_more_spread(self) -> None:
        result = rand_disagreement([6, 6, 7, 9, 9, 9, 9])
        assert not result.disagreement
        assert result.ipras == pytest.approx(2.35 + 1.5 * ((6.8 + 9) / 2 - 5))

    def test_just_within_the_limit(self) -> None:
        # P30 = 3, P70 = 6: IPR 3, centre 4.5, IPRAS = 2.35 + 0.75
        result = rand_disagreement([3, 3, 3, 5, 6, 6, 6])
        assert (result.ipr, result.ipras, result.disagreement) == (pytest.approx(3), pytest.approx(3.1), False)

    @given(st.lists(st.integers(1, 9), min_size=1, max_size=20))
    def test_mirror_image_gives_the_same_verdict(self, values: list[int]) -> None:
        one, other = rand_disagreement(values), rand_disagreement([10 - v for v in values])
        assert one.ipr == pytest.approx(other.ipr, abs=1e-12)
        assert one.ipras == pytest.approx(other.ipras, abs=1e-12)

    def test_other_scales_are_refused(self) -> None:
        with pytest.raises(AnswerValueError) as caught:
            rand_disagreement([1, 9, 10, 0])
        assert caught.value.values == (10, 0)


class TestKappa:
    @given(
        st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=25),
        st.sampled_from(["quadratic", "linear", "unweighted"]),
    )
    def test_same_as_cohens_table(self, pairs: list[tuple[int, int]], weights: str) -> None:
        a, b = np.array(pairs).T
        table = np.zeros((5, 5))
        np.add.at(table, (a - 1, b - 1), 1 / len(pairs))
        gap = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
        cost = {"quadratic": gap**2, "linear": gap, "unweighted": gap > 0}[weights].astype(float)
        chance = (cost * np.outer(table.sum(1), table.sum(0))).sum()
        found = weighted_kappa(a, b, weights)
        if chance < 1e-12:
            assert found is None
        else:
            assert found == pytest.approx(1 - (cost * table).sum() / chance, abs=1e-12)

    def test_incomplete_pairs_are_left_out(self) -> None:
        assert weighted_kappa([1, 2, 3, np.nan], [1, 2, 3, 4]) == 1

    def test_wrong_input(self) -> None:
        with pytest.raises(AnswersError):
            weighted_kappa([1, 2], [1])
        with pytest.raises(TooFewAnswersError):
            weighted_kappa([np.nan], [1])
        with pytest.raises(UnknownSettingError):
            weighted_kappa([1], [1], "cubic")
