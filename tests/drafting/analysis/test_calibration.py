"""Joint calibration: against all combinations on small cases, the power plants, limits, targets that make no sense."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drafting.analysis.trial.calibration import (
    CAUTION,
    Calibration,
    TargetError,
    adjustable_codes,
    calibrate,
    parse_limits,
    parse_targets,
)
from drafting.analysis.trial.calibration_search import Problem, solve
from drafting.analysis.trial.try_out import judge_trial
from drafting.desk.proposals import Proposal
from drafting.model.bounds import parse_bound
from drafting.model.settings import OLDER_RULES
from tests.drafting.analysis import trial_projects as tp


def random_problem(rng: np.random.Generator, enterprises: int, indicators: int) -> Problem:
    """Ranks with and without ties, uneven weights, some limiting."""
    position = np.empty((enterprises, indicators), dtype=np.int64)
    start = np.zeros((indicators, 3), dtype=np.int64)
    prices = []
    for j in range(indicators):
        tied = rng.random() < 0.5
        values = rng.integers(0, enterprises + 2, enterprises) if tied else rng.permutation(enterprises)
        steps, position[:, j] = np.unique(values, return_inverse=True)
        shares = np.array([(position[:, j] <= k).mean() for k in range(len(steps))])
        start[j] = [np.searchsorted(shares, share - 1e-12) for share in (0.05, 0.2, 0.5)]
        prices.append(np.stack([np.abs(shares - shares[step]) * 100 for step in start[j]]))
    weights = np.round(rng.dirichlet(np.ones(indicators)) * 100, 1)
    weights[-1] += 100 - weights.sum()
    cap = np.array([[table.shape[1] - 1] * 3 for table in prices])
    return Problem(
        position, np.tile(weights, (enterprises, 1)), rng.random(indicators) < 0.4, np.ones(indicators, np.bool_),
        tuple(prices), start, np.zeros((indicators, 3), np.int64), cap, np.array([85.0, 85.0, 100.0]),
    )  # fmt: skip


def best_of_all(problem: Problem, targets: Any) -> tuple[int, float]:
    """Every combination of steps."""
    choices = [
        [steps for steps in itertools.product(range(table.shape[1]), repeat=3) if list(steps) == sorted(steps)]
        for table in problem.prices
    ]
    return min(problem.score(np.array(combination), targets) for combination in itertools.product(*choices))


@pytest.mark.slow
def test_small_cases_against_every_combination() -> None:
    """
    The stated optimality check: of 12 random cases at least 11 are optimal, none misses by two more.

    (Measured apart, on 300 cases of 4 to 8 enterprises from a seed not used while the search was written: 294 optimal,
    5 at the targets but 12 to 17 points dearer, 1 a single enterprise further from the targets.)
    """
    rng = np.random.default_rng(7)
    optimal = 0
    for case in range(12):
        enterprises, indicators = [(5, 2), (6, 2), (3, 3), (6, 2)][case % 4]
        problem = random_problem(rng, enterprises, indicators)
        targets = np.sort(rng.integers(0, enterprises + 1, 3))
        if case % 2:
            targets = np.array([-(-enterprises * share // 100) for share in (5, 20, 50)])
        found, best = problem.score(solve(problem, targets), targets), best_of_all(problem, targets)
        assert found >= best  # or the exhaustive search is wrong
        assert found[0] <= best[0] + 1
        optimal += found == best
    assert optimal >= 11


def test_class_rows_that_count_together_against_every_combination() -> None:
    """类别计分 = 全部达到: a class row alone brings nothing; such systems were refused. 4 of 5 have to be optimal."""
    rng = np.random.default_rng(11)
    optimal = 0
    for _ in range(5):
        problem = random_problem(rng, 4, 2)
        position, limiting = problem.position.copy(), np.full(2, problem.limiting[0])
        position[rng.random(4) < 0.3, 1] = -1  # some enterprises have the first class only
        weights = np.where(position < 0, 0.0, 50.0)
        weights[position[:, 1] < 0, 0] = 100.0
        problem = replace(problem, position=position, weights=weights, limiting=limiting, together=((0, 1),))
        targets = np.sort(rng.integers(0, 5, 3))
        found, best = problem.score(solve(problem, targets), targets), best_of_all(problem, targets)
        assert found >= best
        optimal += found == best
    assert optimal >= 4


@pytest.mark.slow
def test_class_rows_that_count_together_are_calibrated() -> None:
    """The proposal graded by the exact route: both classes of an enterprise have to reach a grade."""
    rng = np.random.default_rng(3)
    quality = rng.permutation(24)
    base = tp.indicator("A", decimals=0, weight="0.6", limiting=True, name="能耗")
    rows = [base.as_class(name, n, base.weight) for n, name in ((1, "大型"), (2, "小型"))]
    answers = {"A·1": [float(q) if n % 3 else "—" for n, q in enumerate(quality)],
               "A·2": [float(30 + q) if n % 3 != 1 else "—" for n, q in enumerate(quality)],
               "B": [float(50 + q) for q in rng.permutation(24)]}  # fmt: skip
    inputs = tp.project(
        [*rows, tp.indicator("B", decimals=0, weight="0.4")], answers, settings={"class_score": "全部达到"}
    )
    found, judged = calibrated(inputs)
    assert judged.together == ((0, 1),)
    assert found.after.targets == (2, 5, 12)
    assert found.met
    assert sum(found.distribution_after[g] for g in ("I", "II", "III")) >= 12


@pytest.mark.parametrize(("rules", "possible"), [("", 6), (OLDER_RULES, 12)])
def test_calibration_counts_by_the_rules_in_force(rules: str, possible: int) -> None:
    """Under the trial rules nothing is asked of indicators that are not limiting beside the index (D.4 asks Ⅱ of them).

    Six of twelve enterprises have the best A, nine tenths of the weight, and words of no grade in the typed B: Y_Ⅰ is
    90, and B keeps them from Ⅰ by D.4 alone. B is policy, so no calibration moves it.
    """
    inputs = tp.project(
        [
            tp.indicator("A", decimals=0, weight="0.9", limiting=True),
            tp.indicator("B", weight="0.1", cells=("≤1", "≤2", "≤3")),
        ],
        {"A": [float(n) for n in range(12)], "B": [9.0] * 6 + [1.0] * 6},
        settings={"rules": rules},
    )
    found, _ = calibrated(inputs, "50,50,50")
    assert found.possible == (possible,) * 3
    assert found.distribution_after["I"] == found.after.reached[0] == 6
    assert found.before.reached[0] == (1 if rules else 0)  # the best A alone, by 5.5.2


def calibrated(inputs: Any, targets: str = "5,20,50", limits: str = "") -> tuple[Calibration, Any]:
    weights, baselines = tp.runs(inputs)
    judged, _ = judge_trial(inputs, weights, baselines, inputs.survey, tp.NOWHERE)
    assert judged is not None
    return calibrate(judged, parse_targets(targets), parse_limits(limits, adjustable_codes(judged))), judged


@pytest.mark.slow
def test_power_plants_move_from_83_per_cent_to_the_targets(cases: Path) -> None:
    found, judged = calibrated(tp.power_project(cases))
    assert dict(found.distribution_before) == {"I": 0, "II": 7, "III": 29, "none": 176, "excluded": 0}
    assert found.after.targets == (11, 43, 106)  # ⌈212·p⌉
    assert found.after.reached == (11, 43, 106)
    assert found.met
    assert found.distribution_after["none"] == 106
    assert 0 < found.after.price < 280
    assert [point.price for point in found.curve] == sorted(point.price for point in found.curve)
    # Graded again with the published values of the proposal, typed as policy.
    cells = {(judged.draft.indicators[c.indicator].code, c.grade): f"≤{c.value_after}" for c in found.changes}
    indicators = [
        tp.indicator(i.code, i.category, name=i.name, weight=str(i.weight), limiting=i.limiting,
                     cells=[cells[i.code, g] for g in range(3)])
        for i in judged.draft.indicators
    ]  # fmt: skip
    rows = tp.power_rows(cases)
    answers = {code: [float(row[source]) for row in rows] for code, (source, *_) in tp.POWER.items()}
    again = tp.project(indicators, answers, first=tp.POWER_FIRST)
    weights, baselines = tp.runs(again)
    typed, _ = judge_trial(again, weights, baselines, again.survey, tp.NOWHERE)
    assert typed is not None
    assert typed.grade().distribution() == dict(found.distribution_after)


def test_same_input_same_result() -> None:
    rng = np.random.default_rng(11)
    values = {code: rng.permutation(60).tolist() for code in "ABC"}
    shares = dict(zip("ABC", ("0.5", "0.3", "0.2"), strict=True))
    indicators = [tp.indicator(code, decimals=0, weight=weight) for code, weight in shares.items()]
    inputs = tp.project(indicators, values, first={"能源消耗": "1"})
    survey = replace(inputs.survey, enterprises=inputs.survey.enterprises)
    one, _ = calibrated(inputs, "1,5,20")
    two, _ = calibrated(replace(inputs, survey=survey), "1,5,20")
    assert one == two
    assert one.changes, "nothing moved, nothing compared"


@pytest.mark.slow
def test_limits_are_kept_and_the_distance_is_said(cases: Path) -> None:
    found, judged = calibrated(tp.power_project(cases), limits="III=40-60,S:I=1-6")
    for change in found.changes:
        if change.grade == 2:
            assert 0.4 <= change.share_after <= 0.6
        if change.grade == 0 and judged.draft.indicators[change.indicator].code == "S":
            assert change.share_after <= 0.06
    assert not found.reachable
    assert not found.met
    assert found.after.reached[2] == found.possible[2] < found.after.targets[2]
    assert any("还差" in text and "最多" in text for text in Proposal(found, judged.draft).shortfalls())


def test_mandatory_limits_and_policy_values_stay() -> None:
    survey = tp.indicator("A", decimals=0, weight="0.5", mandatory_limit=parse_bound("≤60"))
    policy = tp.indicator("B", cells=("≤10", "≤50", "≤70"), weight="0.5")
    values = list(range(1, 101))
    found, _ = calibrated(
        tp.project([survey, policy], {"A": values, "B": values[::-1]}, first={"能源消耗": "1"}), "5,20,90"
    )
    assert found.fixed == (1,)
    assert max(int(c.value_after) for c in found.changes) <= 60
    assert found.possible[2] == 30  # A ≤ 60 and B ≤ 70 of 1…100 against 100…1: 31 ≤ A ≤ 60


@pytest.mark.parametrize("text", ["20,5,50", "5,20", "5,20,150", "a,b,c", "-1,20,50", ""])
def test_targets_that_make_no_sense(text: str) -> None:
    with pytest.raises(TargetError):
        parse_targets(text)


@pytest.mark.parametrize("text", ["IV=1-2", "III=60-40", "Q9:III=40-60", "III", "I=1-200"])
def test_limits_that_make_no_sense(text: str) -> None:
    with pytest.raises(TargetError):
        parse_limits(text, ["N1"])


def test_targets_and_limits_are_read() -> None:
    assert parse_targets("5，20、50%") == (Fraction(1, 20), Fraction(1, 5), Fraction(1, 2))
    limits = parse_limits("Ⅲ=40-90;N1:III=50%-60%", ["N1"])
    assert limits.of("N1", 2) == (Fraction(1, 2), Fraction(3, 5))
    assert limits.of("N2", 2) == (Fraction(2, 5), Fraction(9, 10))
    assert limits.of("N2", 0) == (0, 1)


def test_nothing_to_adjust_is_said() -> None:
    inputs = tp.project([tp.indicator("A", cells=("≤1", "≤2", "≤3"))], {"A": [1, 2, 3]}, first={"能源消耗": "1"})
    with pytest.raises(TargetError, match="无可调整"):
        calibrated(inputs)


def test_the_proposal_says_what_it_is_not() -> None:
    assert "5.5.2" in CAUTION
    assert "不能代替" in CAUTION


@pytest.mark.slow
def test_forty_indicators_and_five_hundred_enterprises_in_time() -> None:
    """Under 30 s of processor time; issue 6."""
    import time

    rng = np.random.default_rng(3)
    quality = rng.normal(size=(500, 1))
    values = np.round(np.exp(0.3 * (quality + rng.normal(size=(500, 40)))) * 100, 1)
    indicators = [tp.indicator(f"N{j}", decimals=1, weight="0.025", limiting=j % 8 == 0) for j in range(40)]
    inputs = tp.project(indicators, {f"N{j}": values[:, j].tolist() for j in range(40)}, first={"能源消耗": "1"})
    started = time.process_time()
    found, _ = calibrated(inputs)
    assert time.process_time() - started < 30
    assert found.met


# --- strata and sampling weights ---
def test_by_stratum_every_share_is_moved_in_each_stratum() -> None:
    """One indicator, 1…20 and 101…120: 10, 30, 60 % of forty are 2, 6, 12 in each, 5 + 10 + 10 points away."""
    values = [*range(1, 21), *range(101, 121)]
    inputs = tp.project(
        [tp.indicator("A", decimals=0)], {"A": values}, strata=("小",) * 20 + ("大",) * 20,
        settings={"by_stratum": "是"},
    )  # fmt: skip
    found, _ = calibrated(inputs, "10,30,60")
    assert found.before.reached == (2, 8, 20)  # 5, 20, 50 % of each
    assert found.after.reached == (4, 12, 24)
    assert found.after.price == pytest.approx(25)
    for change, small, large in zip(found.changes, ("2", "6", "12"), ("102", "106", "112"), strict=True):
        numbers = re.findall(r"\d+", change.value_after)
        assert sorted(numbers) == sorted([small, large]), change.value_after


@pytest.mark.slow
@pytest.mark.parametrize("value", [None, 1.0])
@pytest.mark.parametrize("place", [0, 40])
def test_a_stratum_of_one_enterprise_leaves_the_others_their_own_values(value: float | None, place: int) -> None:
    """With and without an answer, first and last in the survey: the steps describe the draft's own baselines."""
    values: list[float | None] = [*range(1, 21), *range(101, 121)]
    strata = ["小"] * 20 + ["大"] * 20
    values.insert(place, value)
    strata.insert(place, "微")
    inputs = tp.project(
        [tp.indicator("A", decimals=0)], {"A": values}, strata=tuple(strata), settings={"by_stratum": "是"}
    )
    found, judged = calibrated(inputs, "10,30,60")
    assert dict(found.distribution_before) == judged.grade().distribution()
    extra = int(value is not None)  # alone in its stratum it is the best of one
    assert found.before.reached == (2 + extra, 8 + extra, 20 + extra)


def test_sampling_weights_count_in_the_shares_and_not_among_the_enterprises() -> None:
    """
    Ten enterprises of 1…10, the worse five standing for three each: shares 5, 10, 15, 20, 25, 40, 55, 70, 85, 100 %.

    So 5.5.2 gives 1, 4, 7; two, five and eight enterprises ask for 2, 5, 8, at 5 + 5 + 15 points.
    """
    weights = np.array([1.0] * 5 + [3.0] * 5)
    inputs = tp.project([tp.indicator("A", decimals=0)], {"A": list(range(1, 11))}, weights=weights)
    found, _ = calibrated(inputs, "20,50,80")
    assert [c.value_before for c in found.changes] == ["1", "4", "7"]
    assert [c.value_after for c in found.changes] == ["2", "5", "8"]
    assert [c.share_after for c in found.changes] == pytest.approx([0.1, 0.25, 0.7])
    assert (found.before.reached, found.after.reached) == ((1, 4, 7), (2, 5, 8))
    assert found.after.price == pytest.approx(25)
