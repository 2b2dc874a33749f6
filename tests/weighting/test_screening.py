"""Screening by boundary values (界值法)."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from weighting import (
    AnswersError,
    PanelRound,
    ScreeningBoundaries,
    ScreeningDecision,
    ScreeningMeasure,
    TooFewAnswersError,
    round_statistics,
    screen,
)

# five experts: four sound candidates, one poor in every respect, one of high mean without full marks
LIBRARY = PanelRound(
    np.array([[5, 5, 5, 4, 5], [5, 4, 5, 5, 4], [4, 5, 5, 5, 5], [5, 5, 4, 4, 5], [1, 3, 1, 4, 2], [4, 4, 4, 4, 4]]).T,
    items=["能耗", "水耗", "废水", "固废", "编号", "管理"],
    scale=(1, 5),
)


def test_boundaries_from_the_items() -> None:
    result = screen(round_statistics(LIBRARY))
    columns = [list(map(float, column)) for column in LIBRARY.values.T]
    means = [statistics.mean(c) for c in columns]
    shares = [c.count(5) / 5 for c in columns]
    cvs = [statistics.stdev(c) / statistics.mean(c) for c in columns]
    assert result.boundaries.mean == pytest.approx(statistics.mean(means) - statistics.stdev(means))
    assert result.boundaries.full_mark_share == pytest.approx(statistics.mean(shares) - statistics.stdev(shares))
    assert result.boundaries.cv == pytest.approx(statistics.mean(cvs) + statistics.stdev(cvs))
    assert result.computed


def test_keep_delete_discuss() -> None:
    result = screen(round_statistics(LIBRARY))
    assert result.items_with(ScreeningDecision.DELETE) == ("编号",)
    assert result.items_with(ScreeningDecision.DISCUSS) == ("管理",)
    assert result.items_with(ScreeningDecision.KEEP) == ("能耗", "水耗", "废水", "固废")
    assert result.items[5].failed == (ScreeningMeasure.FULL_MARK_SHARE,)


@pytest.mark.parametrize(("delete_at", "decision"), [(3, ScreeningDecision.DISCUSS), (2, ScreeningDecision.DELETE)])
def test_two_failures_depend_on_the_rule(delete_at: int, decision: ScreeningDecision) -> None:
    given_limits = ScreeningBoundaries(mean=4.5, full_mark_share=0.3, cv=0.25)
    result = screen(round_statistics(LIBRARY), delete_at=delete_at, boundaries=given_limits)
    assert result.items[5].failed == (ScreeningMeasure.MEAN, ScreeningMeasure.FULL_MARK_SHARE)
    assert result.items[5].decision is decision
    assert not result.computed


def test_equal_candidates_are_all_kept() -> None:
    same = PanelRound(np.tile([[4.1], [4.7], [5.0]], (1, 7)), scale=(1, 5))
    result = screen(round_statistics(same))
    assert {item.decision for item in result.items} == {ScreeningDecision.KEEP}


def test_undefined_measures_go_to_the_committee() -> None:
    answers = PanelRound([[5, 4, np.nan], [4, 5, 5]], scale=(1, 5))
    item = screen(round_statistics(answers)).items[2]
    assert item.undefined == (ScreeningMeasure.CV,)
    assert item.decision is ScreeningDecision.DISCUSS


@given(hnp.arrays(np.float64, (5, 6), elements=st.integers(1, 5).map(float)), st.permutations(range(6)))
def test_order_of_candidates_does_not_matter(answers: np.ndarray, order: list[int]) -> None:
    def decisions(columns: np.ndarray) -> list[ScreeningDecision]:
        return [item.decision for item in screen(round_statistics(PanelRound(columns, scale=(1, 5)))).items]

    plain = decisions(answers)
    assert decisions(answers[:, order]) == [plain[k] for k in order]


def test_wrong_input() -> None:
    with pytest.raises(AnswersError) as caught:
        screen(round_statistics(LIBRARY), delete_at=1)
    assert caught.value.values == (1,)
    with pytest.raises(AnswersError):
        screen(round_statistics([[1, 2], [2, 3]]))  # no scale, no full mark
    with pytest.raises(TooFewAnswersError):
        screen(round_statistics(PanelRound([[1], [2]], scale=(1, 5))))


def test_exactly_on_a_boundary_is_kept_although_binary_fractions_miss_it() -> None:
    # the mean of 3.8, 4.4 and 5.0 is 4.4, in binary 4.399…
    answers = PanelRound([[3.8], [4.4], [5.0]], scale=(1, 5))
    item = round_statistics(answers).items[0]
    assert item.mean is not None
    assert item.mean < 4.4
    limits = ScreeningBoundaries(mean=4.4, full_mark_share=0, cv=1)
    assert screen(round_statistics(answers), boundaries=limits).items[0].decision is ScreeningDecision.KEEP
