"""Feedback before the next round, and dissent."""

from __future__ import annotations

import numpy as np
import pytest

from weighting import AnswersError, PanelRound, QuartileSide, UnknownExpertError, dissent, feedback

ROUND = PanelRound(
    [[1, 10], [4, 20], [4, 20], [5, 30], [5, np.nan], [np.nan, np.nan]],
    experts=["A", "B", "C", "D", "E", "F"],
    items=["x", "y"],
    scale=(1, 100),
)
REASONS = [[" 老线能耗高 ", None], ["居中", ""], [None, None], ["", None], [None, None], [None, None]]


def test_own_answer_group_figures_and_side() -> None:
    item = feedback(ROUND, "A", reasons=REASONS).items[0]
    assert (item.own, item.n, item.hidden, item.side, item.reason_wanted) == (1, 5, False, QuartileSide.BELOW, True)
    assert (item.median, item.q1, item.q3) == (4, 4, 5)
    assert item.distribution == ((1, 1), (4, 2), (5, 2))
    assert item.reasons == ()  # the only outsider is the reader


def test_reasons_of_outsiders_only_without_names() -> None:
    item = feedback(ROUND, "B", reasons=REASONS).items[0]
    assert item.reasons == ("老线能耗高",)
    assert item.side is QuartileSide.WITHIN
    assert not item.reason_wanted


def test_reasons_are_sorted_so_that_order_tells_nothing() -> None:
    answers = [[1], [5], [5], [5], [5], [5], [9]]
    told = [["b"], [None], [None], [None], [None], [None], ["a"]]
    assert feedback(answers, "2", reasons=told).items[0].reasons == ("a", "b")


def test_hidden_below_five_answers() -> None:
    item = feedback(ROUND, "A").items[1]
    assert (item.own, item.n, item.hidden) == (10, 4, True)
    assert (item.median, item.q1, item.q3, item.distribution, item.side, item.reasons) == (
        None,
        None,
        None,
        (),
        None,
        (),
    )


def test_nothing_is_preset_for_who_did_not_answer() -> None:
    item = feedback(ROUND, "F").items[0]
    assert (item.own, item.side) == (None, None)
    assert item.median == 4


def test_an_item_that_nobody_answered_has_no_dissent() -> None:
    nothing = np.nan
    found = dissent([[1.0, nothing], [5, nothing], [5, nothing], [5, nothing], [5, nothing], [9, nothing]])
    assert [(one.expert, one.item, one.side) for one in found] == [
        (0, 0, QuartileSide.BELOW),
        (5, 0, QuartileSide.ABOVE),
    ]


def test_short_scale_shows_unused_points() -> None:
    five = PanelRound([[3], [4], [4], [5], [5]], scale=(1, 5))
    assert feedback(five, "1").items[0].distribution == ((1, 0), (2, 0), (3, 1), (4, 2), (5, 2))


def test_wrong_input() -> None:
    with pytest.raises(UnknownExpertError) as caught:
        feedback(ROUND, "Z")
    assert caught.value.values == ("Z",)
    with pytest.raises(AnswersError):
        feedback(ROUND, "A", reasons=[["x", None]])
    with pytest.raises(AnswersError):
        feedback(ROUND, "A", minimum_answers=4)
    with pytest.raises(AnswersError):
        dissent(ROUND, reasons=[])


def test_dissent_with_reason_and_persistence() -> None:
    before = PanelRound([[9], [4], [1], [4], [5]], experts=["E", "D", "A", "B", "C"], items=["x"])
    found = dissent(ROUND, before, reasons=REASONS)
    assert [(d.expert_label, d.item_label, d.side) for d in found] == [
        ("A", "x", QuartileSide.BELOW),
        ("A", "y", QuartileSide.BELOW),
        ("D", "y", QuartileSide.ABOVE),
    ]
    assert (found[0].persistent, found[0].reason, found[0].value, found[0].q1) == (True, "老线能耗高", 1, 4)
    assert (found[1].persistent, found[1].reason) == (None, None)  # y was not asked before
    assert (found[2].expert, found[2].item) == (3, 1)


def test_no_dissent_where_all_agree() -> None:
    assert dissent([[0.1, 3], [0.1, 3], [0.1, 3]]) == ()


def test_changed_side_is_not_persistent() -> None:
    now = [[1], [5], [5], [5], [5]]
    before = [[9], [5], [5], [5], [5]]
    assert [d.persistent for d in dissent(now, before)] == [False]
