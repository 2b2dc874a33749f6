"""Grade values: order, heaping, policy values, mandatory limits, printed values, strata and qualitative answers."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from baselines import (
    Answer,
    AnswerError,
    BaselineError,
    Cause,
    LengthError,
    NoValidValueError,
    Sample,
    ShareError,
    Source,
    StratumError,
    WeightError,
    grade_strata,
    grade_values,
    is_laxer,
    merge_strata,
    order_violations,
    publish_attained,
    publish_grades,
    qualitative_shares,
    read_answer,
    small_strata,
    stratum_sizes,
)

EIGHT = [31.2, 28.9, 35.0, 40.1, 29.7, 33.3, 52.8, 30.0]


def test_counts_beside_the_values():
    got = grade_values([*EIGHT, None, math.nan], "smaller")
    assert (got.n, got.missing, got.non_detects, got.excluded, got.weighted) == (8, 2, 0, 0, False)
    assert [g.asked for g in got] == [Fraction(1, 20), Fraction(1, 5), Fraction(1, 2)]
    assert got["II"] is got.II


def test_heaping_is_said(items):
    got = grade_values(items["V06"]["data"], "smaller")
    assert got.I.value == got.II.value == 8
    assert [(p.stricter, p.laxer, p.cause) for p in got.indistinguishable] == [("I", "II", Cause.TIES)]
    assert (got.I.ties, got.I.reached, got.II.k) == (4, 4, 4)


def test_few_enterprises_are_another_cause(items):
    got = grade_values(items["V08"]["data"], "smaller")
    assert [p.cause for p in got.indistinguishable] == [Cause.FEW, Cause.FEW]


def test_all_equal():
    got = grade_values([3.0] * 40, "larger")
    assert [g.share for g in got] == [1.0] * 3
    assert [p.cause for p in got.indistinguishable] == [Cause.TIES, Cause.TIES]


def test_extreme_values_stay_exact():
    got = grade_values([1e308, -1e308, 5e-324, math.nan], "larger")
    assert [g.value for g in got] == [1e308, 1e308, 5e-324]


@pytest.mark.parametrize(
    "shares",
    [(0.05, 0.2), (0.5, 0.2, 0.05), (0.05, 0.5, 0.2), (0.2, 0.05, 0.5), (0.05, 0.2, 1.2), "abc", (0, 0.2, 0.5)],
)
def test_bad_shares(shares):
    with pytest.raises(ShareError):
        grade_values(EIGHT, "smaller", shares)


def test_printed_values_keep_the_share_where_nearest_rounding_loses_it():
    values = [12.34, 12.36, 12.39, 13.0, 13.1]
    got = publish_grades(values, "smaller", 1)
    assert [str(g.value) for g in got] == ["12.4", "12.4", "12.4"]
    assert [g.share for g in got] == [0.6, 0.6, 0.6]
    assert got.survey is not None
    assert got.survey.III.share == 0.6
    assert [p.cause for p in got.indistinguishable] == [Cause.FEW, Cause.ROUNDING]
    assert all(g.keeps_share for g in got)


def test_decimals_may_differ_inside_a_row():
    got = publish_grades([0.061, 0.071, 0.28, 0.5], "smaller", (2, 1, 1), shares=(0.25, 0.5, 0.75))
    assert [str(g.value) for g in got] == ["0.07", "0.1", "0.3"]
    out_of_order = publish_grades([0.061, 0.071, 0.28, 0.5], "smaller", (1, 2, 1), shares=(0.25, 0.5, 0.75))
    assert out_of_order.out_of_order == (("I", "II"),)  # 0.1 beside 0.08
    with pytest.raises(LengthError):
        publish_grades(EIGHT, "smaller", (1, 2))


def test_mandatory_limit_tightens_and_counts_again():
    got = publish_grades(EIGHT, "smaller", 1, mandatory_limit="30.00")
    assert [str(g.value) for g in got] == ["28.9", "29.7", "30.00"]
    assert got.III.tightened_from == Decimal("31.2")
    assert (got.III.source, got.III.share, got.III.reached) == (Source.POLICY, 3 / 8, 3)
    assert got.III.keeps_share is False
    assert (got.II.source, got.II.tightened_from) == (Source.SURVEY, None)


def test_mandatory_limit_between_the_exact_and_the_rounded_value():
    """12.34 rounds outward to 12.4, laxer than the limit 12.35: the limit itself is printed."""
    got = publish_grades([12.34, 20.0], "smaller", 1, mandatory_limit="12.35")
    assert str(got.I.value) == "12.35"
    assert got.I.tightened_from == Decimal("12.4")
    assert got.I.share == 0.5


def test_mandatory_limit_where_larger_is_better():
    got = publish_grades([80, 85, 90, 95], "larger", 0, mandatory_limit=92)
    assert [str(g.value) for g in got] == ["95", "95", "92"]
    assert [p.cause for p in got.indistinguishable] == [Cause.FEW]


def test_policy_value_shows_the_share_it_really_gets():
    got = publish_grades(EIGHT, "smaller", 1, policy={"I": "25.0", "II": 35})
    assert [str(g.value) for g in got] == ["25.0", "35", "31.2"]
    assert [g.share for g in got] == [0.0, 0.75, 0.5]
    assert got.out_of_order == (("II", "III"),)
    assert got.I.survey is not None
    assert got.I.survey.value == 28.9
    assert got.I.keeps_share is False


def test_policy_without_survey():
    got = publish_grades([math.nan], "larger", 0, policy={"I": 95, "II": 90, "III": 90}, mandatory_limit="91")
    assert [str(g.value) for g in got] == ["95", "91", "91"]
    assert [g.share for g in got] == [None] * 3
    assert [p.cause for p in got.indistinguishable] == [Cause.DECLARED]
    assert got.survey is None
    with pytest.raises(NoValidValueError):
        publish_grades([math.nan], "larger", 0, policy={"I": 95, "II": 90})
    with pytest.raises(BaselineError):
        publish_grades(EIGHT, "larger", 0, policy={"IV": 95})


def test_censored_baseline_is_marked():
    sample = Sample.of([np.nan, 0.8, 0.9], detection_limits=[0.5, np.nan, np.nan])
    got = publish_grades(sample, "smaller", 2)
    assert (got.I.censored, str(got.I.value), got.III.censored) == (True, "0.50", False)
    assert not publish_grades(sample, "smaller", 2, policy={"I": "0.5"}).I.censored


def test_order_of_given_values():
    assert order_violations(["0.60", 0.6, "0.7"], "smaller") == ()
    assert order_violations([95, 97, 90], "larger") == (("I", "II"),)
    assert order_violations([5, None, 4], "smaller") == (("I", "III"),)
    assert is_laxer("0.61", 0.6, "smaller")
    assert not is_laxer("0.60", 0.6, "larger")
    with pytest.raises(LengthError):
        order_violations([1, 2], "smaller")


def test_strata_beside_the_pooled_values():
    sample = Sample.of([1, 2, 3, 10, 20, 30, None], strata=list("aaabbbc"), weights=[1, 1, 1, 1, 1, 2, 1])
    got = grade_strata(sample, "smaller")
    assert [g.value for g in got.pooled] == [1, 2, 10]
    by_stratum = {name: [g.value for g in grades] for name, grades in got.strata.items()}
    assert by_stratum == {"a": [1, 1, 2], "b": [10, 10, 20]}
    assert got.empty == ("c",)
    assert stratum_sizes(sample) == {"a": 3, "b": 3, "c": 0}
    assert small_strata(sample, 3) == ("c",)


def test_strata_merge_only_as_declared():
    sample = Sample.of([1, 2, 3], strata=["a", "b", "c"])
    merged = merge_strata(sample, {"b": "b+c", "c": "b+c"})
    assert stratum_sizes(merged) == {"a": 1, "b+c": 2}
    assert sample.strata == ("a", "b", "c")
    with pytest.raises(StratumError) as caught:
        merge_strata(sample, {"d": "e"})
    assert caught.value.values == ("d",)
    with pytest.raises(StratumError):
        grade_strata(Sample.of([1.0]), "smaller")
    with pytest.raises(StratumError):
        sample.stratum("z")


def test_qualitative_shares_are_cumulative():
    got = qualitative_shares(["Ⅰ级", "Ⅱ级", "Ⅱ", "III 级", "未达到", "不适用", "", None, "达到"])
    assert (got.n, got.missing, got.not_applicable) == (6, 2, 1)
    assert [g.reached for g in got] == [2, 4, 5]
    assert [g.share for g in got] == [pytest.approx(1 / 3), pytest.approx(2 / 3), pytest.approx(5 / 6)]
    assert got["III"].reached == 5


def test_qualitative_shares_with_weights():
    got = qualitative_shares(["I", "II", Answer.NONE], weights=[0.1, 0.2, 0.3])
    assert [g.share for g in got] == [float(Fraction(1, 6)), 0.5, 0.5]
    with pytest.raises(WeightError):
        qualitative_shares(["I", "II"], weights=[1, -1])


def test_bad_answers_are_told_all_at_once():
    with pytest.raises(AnswerError) as caught:
        qualitative_shares(["Ⅰ级", *"好坏中优良差"])
    assert (caught.value.indices, caught.value.values) == (tuple(range(1, 7)), tuple("好坏中优良差"))
    assert "良" in str(caught.value)
    assert "差" not in str(caught.value)  # five are written out
    with pytest.raises(NoValidValueError):
        qualitative_shares([None, "不适用"])
    assert read_answer("ⅠⅠ级") is Answer.II


def test_shares_that_nobody_counted_are_not_judged():
    """An engine may give the values of a table without counting who reaches the printed ones."""
    got = publish_attained(grade_values(EIGHT, "smaller"), 1, lambda value: None)
    assert [(str(g.value), g.reached, g.share, g.keeps_share) for g in got] == [
        (value, None, None, None) for value in ("28.9", "29.7", "31.2")
    ]
    assert grade_values(EIGHT, "smaller", (0.2, 0.2, 0.2)).I == grade_values(EIGHT, "smaller", (0.2, 0.2, 0.2)).III


def test_frames_have_one_row_per_grade():
    frame = grade_values(EIGHT, "smaller").to_frame()
    assert frame.index.tolist() == ["I", "II", "III"]
    assert frame.loc["II", ["value", "k", "n"]].tolist() == [29.7, 2, 8]
    printed = publish_grades(EIGHT, "smaller", 1).to_frame()
    assert (printed.loc["III", "reached"], "survey" in printed) == (4, False)
