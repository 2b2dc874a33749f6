"""Response, statistics of a round, quantile conventions."""

from __future__ import annotations

import statistics

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weighting import (
    CONVENTIONS,
    AnswersError,
    LabelsError,
    PanelRound,
    ResponseState,
    ShapeError,
    TooFewAnswersError,
    UnknownExpertError,
    UnknownSettingError,
    quantiles,
    response,
    round_statistics,
)

EXPERTS = ("E1", "E2", "E3", "E4")


class TestResponse:
    def test_states_and_shares(self) -> None:
        result = response(EXPERTS, ["E1", "E3", "E4"], excluded=["E3"], invited=6, responded_before=["E1", "E2"])
        assert dict(result.states) == {
            "E1": ResponseState.VALID,
            "E2": ResponseState.NOT_RETURNED,
            "E3": ResponseState.EXCLUDED,
            "E4": ResponseState.VALID,
        }
        assert (result.invited, result.sent, result.returned, result.excluded, result.valid) == (6, 4, 3, 1, 2)
        assert (result.rate, result.responded_before, result.retained, result.attrition) == (0.5, 2, 1, 0.5)

    def test_first_round_has_no_attrition(self) -> None:
        assert response(EXPERTS, []).attrition is None
        assert response(EXPERTS, []).rate == 0

    def test_stranger(self) -> None:
        with pytest.raises(UnknownExpertError) as caught:
            response(EXPERTS, ["E1", "E9"])
        assert (caught.value.indices, caught.value.values) == (((1,),), ("E9",))
        with pytest.raises(UnknownExpertError):
            response(EXPERTS, ["E1"], excluded=["E2"])

    @pytest.mark.parametrize(("sent", "returned"), [((), ()), (("E1", "E1"), ()), (("E1",), ("E1", "E1"))])
    def test_labels(self, sent: tuple[str, ...], returned: tuple[str, ...]) -> None:
        with pytest.raises(LabelsError):
            response(sent, returned)

    def test_fewer_invited_than_asked(self) -> None:
        with pytest.raises(AnswersError):
            response(EXPERTS, [], invited=3)


class TestStatistics:
    def test_one_item_by_hand(self) -> None:
        # 3 4 4 5 5 5 4 3 2 5: sum 40, squares 170 -> variance (170 - 160)/9
        column = [3, 4, 4, 5, 5, 5, 4, 3, 2, 5]
        item = round_statistics(PanelRound([[x] for x in column], items=["能耗"], scale=(1, 5))).items[0]
        assert (item.item, item.n, item.missing, item.mean) == ("能耗", 10, 0, 4.0)
        assert item.sd == pytest.approx((10 / 9) ** 0.5)
        assert item.cv == pytest.approx((10 / 9) ** 0.5 / 4)
        assert (item.full_marks, item.full_mark_share) == (4, 0.4)
        assert (item.q1, item.median, item.q3, item.iqr) == (3.25, 4, 5, 1.75)
        assert (item.minimum, item.maximum) == (2, 5)

    def test_full_marks_are_the_scales_maximum_not_the_largest_seen(self) -> None:
        assert round_statistics(PanelRound([[4], [4]], scale=(1, 5))).items[0].full_mark_share == 0
        assert round_statistics([[4], [4]]).items[0].full_mark_share is None

    def test_missing_answers_count_for_their_item_only(self) -> None:
        result = round_statistics([[1, 2], [np.nan, 4], [3, 6]])
        assert [(item.n, item.missing, item.mean) for item in result.items] == [(2, 1, 2), (3, 0, 4)]
        assert result.kendall is not None
        assert result.kendall.excluded_experts == (1,)

    def test_item_without_answer_and_single_answers(self) -> None:
        result = round_statistics([[np.nan, 3]])
        assert (result.items[0].n, result.items[0].mean, result.items[0].median) == (0, None, None)
        assert (result.items[1].mean, result.items[1].sd, result.items[1].cv) == (3, None, None)
        assert (result.kendall, result.kendall_note) == (None, "too-few-complete-answers")

    def test_why_there_is_no_w(self) -> None:
        assert round_statistics([[1], [2]]).kendall_note == "one-item"
        tied = round_statistics([[2, 2], [3, 3]])
        assert tied.kendall_note == "all-tied"
        assert tied.kendall is not None
        assert tied.kendall.w is None

    def test_equal_answers_have_no_spread_whatever_the_binary_fraction(self) -> None:
        item = round_statistics([[0.1]] * 3).items[0]
        assert (item.mean, item.sd, item.cv) == (0.1, 0, 0)

    def test_mean_zero_has_no_cv(self) -> None:
        assert round_statistics([[0], [0]]).items[0].cv is None

    def test_disagreement_on_the_nine_point_scale_only(self) -> None:
        answers = [[x] for x in (1, 1, 2, 5, 8, 9, 9)]
        nine = round_statistics(PanelRound(answers, scale=(1, 9))).items[0].rand
        assert nine is not None
        assert nine.disagreement
        assert round_statistics(PanelRound(answers, scale=(1, 10))).items[0].rand is None

    def test_convention_is_named(self) -> None:
        result = round_statistics([[2], [3], [4], [4], [5], [5]], convention="type-6")
        assert result.quantiles.name == "type-6"
        assert "SPSS" in result.quantiles.title
        assert result.items[0].iqr == pytest.approx(2.25)


class TestQuantiles:
    @given(st.lists(st.integers(1, 9), min_size=2, max_size=20))
    def test_types_6_and_7_as_in_the_standard_library(self, values: list[int]) -> None:
        assert quantiles(values, (0.25, 0.5, 0.75), "type-7") == pytest.approx(
            statistics.quantiles(values, method="inclusive"), abs=1e-12
        )
        # the standard library extrapolates below n = 3, R and NumPy stay within the data
        if len(values) >= 3:
            assert quantiles(values, (0.25, 0.5, 0.75), "type-6") == pytest.approx(
                statistics.quantiles(values, method="exclusive"), abs=1e-12
            )

    @given(st.lists(st.integers(1, 9), min_size=1, max_size=20))
    def test_type_2_by_definition(self, values: list[int]) -> None:
        ordered, n = sorted(values), len(values)
        for quarter in (1, 2, 3):
            whole, rest = divmod(n * quarter, 4)
            expected = ordered[whole] if rest else (ordered[whole - 1] + ordered[whole]) / 2
            assert quantiles(values, quarter / 4, "type-2") == expected

    @pytest.mark.parametrize("convention", [c.name for c in CONVENTIONS])
    def test_every_convention_stays_within_the_data(self, convention: str) -> None:
        found = quantiles([2, 3, 4, 4, 5, 5, np.nan], (0, 0.25, 0.5, 0.75, 1), convention)
        assert found.tolist() == sorted(found)
        assert found[0] == 2
        assert found[-1] == 5

    def test_wrong_input(self) -> None:
        with pytest.raises(UnknownSettingError):
            quantiles([1, 2], 0.5, "type-10")
        with pytest.raises(TooFewAnswersError):
            quantiles([np.nan], 0.5)


class TestRound:
    def test_frozen_copy(self) -> None:
        source = np.array([[1.0, 2.0]])
        answers = PanelRound(source)
        source[0, 0] = 9
        assert answers.values[0, 0] == 1
        with pytest.raises(ValueError, match="read-only"):
            answers.values[0, 0] = 5
        with pytest.raises(AttributeError):
            answers.group = "x"  # type: ignore[misc]  # the point of the test

    def test_labels(self) -> None:
        with pytest.raises(LabelsError) as caught:
            PanelRound([[1, 2], [1, 2]], experts=["A", "A"])
        assert (caught.value.indices, caught.value.values) == (((1,),), ("A",))
        with pytest.raises(LabelsError):
            PanelRound([[1, 2]], items=["a"])
        assert PanelRound([[1, 2]]).items == ("1", "2")
        frame = pd.DataFrame([[1, 2]], index=["甲"], columns=["能耗", "水耗"])
        for own, labels in (
            ({}, (("甲",), ("能耗", "水耗"))),
            ({"experts": ["乙"]}, (("乙",), ("能耗", "水耗"))),
            ({"items": ["a", "b"]}, (("甲",), ("a", "b"))),
        ):
            answers = PanelRound(frame, **own)
            assert (answers.experts, answers.items) == labels

    def test_shape_and_scale(self) -> None:
        with pytest.raises(ShapeError):
            PanelRound(np.zeros((2, 0)))
        with pytest.raises(AnswersError):
            PanelRound([[1]], scale=(5, 1))
