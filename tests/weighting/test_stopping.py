"""The stopping rule: frozen text and hash, verdicts with reasons, two played rounds."""

from __future__ import annotations

import dataclasses
import hashlib
import json

import numpy as np
import pytest

from weighting import (
    CriterionKind,
    PanelRound,
    RoundStability,
    RoundStatistics,
    StoppingOutcome,
    StoppingRule,
    StoppingRuleChangedError,
    StoppingRuleError,
    StoppingVerdict,
    UnknownSettingError,
    evaluate_stopping,
    response,
    round_stability,
    round_statistics,
)
from weighting.stopping import suffices

EXPERTS = tuple(f"E{k:02}" for k in range(1, 13))


def allocation(first: list[float], group: str = "资源") -> PanelRound:
    return PanelRound([[x, 100 - x] for x in first], EXPERTS[: len(first)], ["甲", "乙"], group)


SPREAD = allocation([20, 80, 30, 70, 25, 75, 40, 60, 50, 10, 90, 55])
CLOSE = allocation([50, 55, 50, 45, 50, 55, 50, 45, 50, 50, 55, 45])
CLOSER = allocation([50, 55, 50, 45, 50, 55, 50, 50, 50, 50, 55, 45])
OTHER = allocation([50, 55], "另一组")


def judge(rule: StoppingRule, number: int, now: PanelRound, before: PanelRound | None = None) -> StoppingVerdict:
    return evaluate_stopping(
        rule, number, [round_statistics(now)], [] if before is None else [round_stability(before, now)]
    )


class TestRule:
    def test_hash_is_that_of_the_canonical_text(self) -> None:
        rule = StoppingRule()
        text = rule.canonical_json()
        switched_on = {name: value for name, value in json.loads(text).items() if value not in (None, False)}
        assert switched_on == {  # customary: 15 % of the experts move (Scheibe), a quarter of the mean scatters
            "max_cv": 0.25, "max_histogram_change": 0.15, "min_consensus_share": 1, "min_rounds": 2,
            "min_stable_share": 1, "quantiles": "type-7", "version": 1,
        }  # fmt: skip
        assert list(json.loads(text)) == sorted(json.loads(text))
        assert " " not in text
        assert rule.sha256 == hashlib.sha256(text.encode()).hexdigest()

    def test_equal_rules_have_equal_hashes_however_written(self) -> None:
        assert StoppingRule(max_iqr=1).sha256 == StoppingRule(max_iqr=1.0).sha256
        assert StoppingRule(max_cv_change=-0.0).sha256 == StoppingRule(max_cv_change=0).sha256

    @pytest.mark.parametrize(
        "change",
        [
            {"max_cv": 0.3},
            {"min_rounds": 3},
            {"quantiles": "type-6"},
            {"no_disagreement": True},
            {"max_cv": None, "max_iqr": 1},
        ],
    )
    def test_any_change_changes_the_hash(self, change: dict[str, object]) -> None:
        assert StoppingRule(**change).sha256 != StoppingRule().sha256  # type: ignore[arg-type]  # settings by name

    def test_round_trip(self) -> None:
        rule = StoppingRule(min_w=0.5, max_w_p=0.05, min_kappa=0.4, max_rounds=4, min_response=0.7)
        assert StoppingRule.from_json(rule.canonical_json()) == rule
        assert StoppingRule.from_json(rule.canonical_json()).sha256 == rule.sha256

    def test_frozen(self) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            StoppingRule().max_cv = 0.9  # type: ignore[misc]  # the point of the test

    @pytest.mark.parametrize(
        "settings",
        [
            {"max_histogram_change": None},  # no stability
            {"max_cv": None},  # no consensus
            {"max_cv": -0.1},
            {"max_cv": float("nan")},
            {"max_cv": float("inf")},
            {"max_cv": True},
            {"max_cv": "0.25"},
            {"min_w": 1.2},
            {"min_stable_share": 1.1},
            {"min_stable_share": None},
            {"min_rounds": 1},
            {"min_rounds": 2.0},
            {"min_rounds": None},
            {"min_rounds": 3, "max_rounds": 2},
            {"no_disagreement": 1},
        ],
    )
    def test_contradictory_rules(self, settings: dict[str, object]) -> None:
        with pytest.raises(StoppingRuleError):
            StoppingRule(**settings)  # type: ignore[arg-type]  # wrong on purpose

    def test_zero_is_a_limit_not_a_criterion_switched_off(self) -> None:
        assert StoppingRule(max_histogram_change=None, max_cv_change=0, max_cv=0).max_cv_change == 0

    @pytest.mark.parametrize(
        "text",
        ["", "[]", "{}", '{"version":2}', '{"version":1,"max_cv":0.25}'],
    )
    def test_unreadable_rules(self, text: str) -> None:
        with pytest.raises(StoppingRuleError):
            StoppingRule.from_json(text)

    def test_rule_with_an_unknown_key(self) -> None:
        content = json.loads(StoppingRule().canonical_json()) | {"max_mood": 1}
        with pytest.raises(StoppingRuleError) as caught:
            StoppingRule.from_json(json.dumps(content))
        assert caught.value.values == ("max_mood",)

    def test_unknown_quantiles(self) -> None:
        with pytest.raises(UnknownSettingError):
            StoppingRule(quantiles="type-0")


class TestVerdict:
    def test_first_round_never_stops(self) -> None:
        verdict = judge(StoppingRule(), 1, CLOSE)
        assert (verdict.stop, verdict.stable, verdict.consensus) == (False, False, True)
        assert {reason.criterion: reason.passed for reason in verdict.reasons} == {
            "max_histogram_change": False,
            "max_cv": True,
            "min_rounds": False,
        }

    def test_consensus_without_stability_goes_on(self) -> None:
        verdict = judge(StoppingRule(), 2, CLOSE, SPREAD)
        assert (verdict.outcome, verdict.stable, verdict.consensus) == (StoppingOutcome.CONTINUE, False, True)

    def test_stability_without_consensus_goes_on(self) -> None:
        verdict = judge(StoppingRule(), 2, SPREAD, SPREAD)
        assert (verdict.outcome, verdict.stable, verdict.consensus) == (StoppingOutcome.CONTINUE, True, False)
        cv = next(reason for reason in verdict.reasons if reason.criterion == "max_cv")
        assert cv.failing == (("资源", "甲"), ("资源", "乙"))
        first = SPREAD.values[:, 0]
        assert cv.observed == pytest.approx(first.std(ddof=1) / min(first.mean(), 100 - first.mean()))
        assert (cv.limit, cv.kind, cv.judged) == (0.25, CriterionKind.CONSENSUS, 2)

    def test_both_stop_with_figures(self) -> None:
        verdict = judge(StoppingRule(), 3, CLOSER, CLOSE)
        assert verdict.outcome is StoppingOutcome.STABLE_CONSENSUS
        assert verdict.stop
        change = verdict.reasons[0]
        assert (change.criterion, change.observed, change.judged) == ("max_histogram_change", pytest.approx(1 / 12), 2)
        assert verdict.rule_sha256 == StoppingRule().sha256

    def test_rounds_used_up(self) -> None:
        verdict = judge(StoppingRule(max_rounds=3), 3, SPREAD, CLOSE)
        assert (verdict.outcome, verdict.stop, verdict.consensus) == (StoppingOutcome.MAXIMUM_ROUNDS, True, False)

    @pytest.mark.parametrize(
        ("criterion", "limit", "at_the_limit", "sign"),
        [("max_cv_change", 0.1, True, 1), ("max_histogram_change", 0.15, False, 1), ("min_wilcoxon_p", 0.05, False, -1),
         ("min_kappa", 0.4, True, -1), ("max_cv", 0.25, True, 1), ("max_iqr", 1.5, True, 1)],
    )  # fmt: skip
    def test_which_limits_are_inclusive(self, criterion: str, limit: float, at_the_limit: bool, sign: int) -> None:
        """As the rule's text says, whichever way binary sums fall; beyond the limit none passes, within it all do."""
        figure = criterion[4:]
        switches = {"max_histogram_change": None, "max_cv": None, "max_cv_change": 9, "max_iqr": 99}
        rule = StoppingRule(**{**switches, criterion: limit})  # type: ignore[arg-type]  # settings by name
        held, moved = round_statistics(CLOSE), round_stability(CLOSE, CLOSER)
        steps = [(1e-7 * sign, False), (-1e-7 * sign, True), (0.0, at_the_limit)]
        steps += [(1e-12, True), (-1e-12, True)] if at_the_limit else []
        for step, passes in steps:
            changed = {figure: limit + step}
            if hasattr(moved.items[0], figure):
                items = tuple(dataclasses.replace(item, changed=3, **changed) for item in moved.items)
                evidence = held, dataclasses.replace(moved, items=items)
            else:
                rows = tuple(dataclasses.replace(item, **changed) for item in held.items)
                evidence = dataclasses.replace(held, items=rows), moved
            verdict = evaluate_stopping(rule, 2, [evidence[0]], [evidence[1]])
            (reason,) = [reason for reason in verdict.reasons if reason.criterion == criterion]
            assert (reason.passed, reason.observed) == (passes, limit + step), step

    def test_histogram_limit_is_exclusive(self) -> None:
        change = round_stability(CLOSE, CLOSER).items[0].histogram_change
        assert not judge(StoppingRule(max_histogram_change=change), 2, CLOSER, CLOSE).stable

    def test_other_stability_criteria(self) -> None:
        item = round_stability(CLOSE, SPREAD).items[0]
        assert item.kappa is not None
        assert item.cv_change is not None
        rule = StoppingRule(max_histogram_change=None, min_kappa=0.9, max_cv_change=0.01, min_wilcoxon_p=0.05)
        reasons = {r.criterion: r for r in judge(rule, 2, SPREAD, CLOSE).reasons}
        assert not reasons["min_kappa"].passed
        assert reasons["min_kappa"].observed == pytest.approx(item.kappa)
        assert not reasons["max_cv_change"].passed
        assert reasons["min_wilcoxon_p"].passed == (item.wilcoxon_p is not None and item.wilcoxon_p > 0.05)
        assert judge(rule, 2, CLOSE, CLOSE).stable  # nobody changed: no p and possibly no kappa, yet stable

    def test_unanimous_and_unchanged_is_stable_although_kappa_is_undefined(self) -> None:
        same = allocation([40, 40, 40])
        reason = judge(StoppingRule(max_histogram_change=None, min_kappa=0.9), 2, same, same).reasons[0]
        assert (reason.observed, reason.passed) == (None, True)

    def test_inclusive_limits_are_inclusive_in_decimals(self) -> None:
        answers = PanelRound([[3.8], [4.1], [4.7]])
        iqr = round_statistics(answers).items[0].iqr
        assert iqr is not None
        assert iqr > 0.45  # 4.4 − 3.95 in binary
        assert judge(StoppingRule(max_cv=None, max_iqr=0.45), 2, answers, answers).consensus

    def test_share_of_items(self) -> None:
        answers = PanelRound([[5, 1], [5, 9], [5, 5]], items=["x", "y"], group="g")
        half = StoppingRule(min_consensus_share=0.5)
        verdict = judge(half, 2, answers, answers)
        assert verdict.stop
        assert verdict.reasons[1].failing == (("g", "y"),)
        assert not judge(dataclasses.replace(half, min_consensus_share=0.51), 2, answers, answers).stop

    def test_w_by_group_passes_over_groups_without_w(self) -> None:
        agreed = PanelRound([[1, 2, 3], [1, 2, 3], [1, 3, 2]], group="有")
        single = PanelRound([[100], [100], [100]], group="单")
        rule = StoppingRule(max_cv=None, min_w=0.7, max_w_p=0.2)
        rounds = [agreed, single]
        verdict = evaluate_stopping(
            rule, 2, [round_statistics(r) for r in rounds], [round_stability(r, r) for r in rounds]
        )
        by_name = {reason.criterion: reason for reason in verdict.reasons}
        # rank sums 3 7 8: S = 14, W = 12·14/(9·24) = 7/9, chi2 = 14/3
        assert by_name["min_w"].observed == pytest.approx(7 / 9)
        assert by_name["min_w"].judged == 1
        assert by_name["max_w_p"].observed == pytest.approx(np.exp(-7 / 3))
        assert verdict.stop
        alone = evaluate_stopping(rule, 2, [round_statistics(single)], [round_stability(single, single)])
        assert not alone.consensus  # no group has a W: agreement is not established

    def test_disagreement(self) -> None:
        polar = PanelRound([[x] for x in (1, 1, 2, 5, 8, 9, 9)], scale=(1, 9))
        rule = StoppingRule(max_cv=None, no_disagreement=True)
        reason = judge(rule, 2, polar, polar).reasons[1]
        assert not reason.passed
        assert reason.observed == pytest.approx(6.4 - 2.35)

    def test_response(self) -> None:
        rule = StoppingRule(min_response=0.7)
        statistics, stability = [round_statistics(CLOSER)], [round_stability(CLOSE, CLOSER)]
        enough = response(EXPERTS, EXPERTS[:9])
        few = response(EXPERTS, EXPERTS[:8])
        assert evaluate_stopping(rule, 2, statistics, stability, response=enough).stop
        verdict = evaluate_stopping(rule, 2, statistics, stability, response=few)
        assert (verdict.stop, verdict.conditions) == (False, False)
        with pytest.raises(StoppingRuleError):
            evaluate_stopping(rule, 2, statistics, stability)

    def test_a_response_is_no_criterion_where_the_rule_asks_for_none(self) -> None:
        few = response(EXPERTS, EXPERTS[:1])
        statistics, stability = [round_statistics(CLOSER)], [round_stability(CLOSE, CLOSER)]
        verdict = evaluate_stopping(StoppingRule(), 2, statistics, stability, response=few)
        assert verdict == evaluate_stopping(StoppingRule(), 2, statistics, stability)
        assert CriterionKind.PARTICIPATION not in [reason.kind for reason in verdict.reasons]

    @pytest.mark.parametrize(
        ("asked", "needed", "enough"),
        [(None, 5, False), (12, 5, False), (5, 5, False), (4, 4, True), (3, 3, True)],
    )
    def test_pairs_asked_for_are_the_rule_s_or_everybody_of_a_smaller_panel(
        self, asked: int | None, needed: int, enough: bool
    ) -> None:
        """Four experts answered both rounds."""
        before, now = allocation([50, 55, 50, 45]), allocation([50, 55, 50, 50])
        given = None if asked is None else response(EXPERTS[:asked], EXPERTS[: min(asked, 4)])
        verdict = evaluate_stopping(
            StoppingRule(min_pairs=5), 2, [round_statistics(now)], [round_stability(before, now)], response=given
        )
        (reason,) = [reason for reason in verdict.reasons if reason.criterion == "min_pairs"]
        assert (reason.limit, reason.observed, reason.passed, reason.judged) == (needed, 4, enough, 1)
        assert (verdict.outcome is StoppingOutcome.PROVISIONAL) is not enough
        assert bool(reason.failing) is not enough

    def test_the_number_of_rounds_is_judged_once_and_inclusive(self) -> None:
        for number, held in ((1, False), (2, True), (3, True)):
            verdict = judge(StoppingRule(min_rounds=2), number, CLOSER, CLOSE if number > 1 else None)
            (reason,) = [reason for reason in verdict.reasons if reason.criterion == "min_rounds"]
            assert (reason.passed, reason.observed, reason.judged) == (held, number, 1)

    def test_rule_bent_after_the_fact(self) -> None:
        frozen = StoppingRule().sha256
        bent = StoppingRule(max_cv=0.5)
        with pytest.raises(StoppingRuleChangedError) as caught:
            evaluate_stopping(bent, 2, [round_statistics(SPREAD)], frozen_sha256=frozen)
        assert caught.value.values == (frozen, bent.sha256)
        evaluate_stopping(StoppingRule(), 2, [round_statistics(SPREAD)], frozen_sha256=frozen)

    @pytest.mark.parametrize(
        ("number", "statistics", "stability", "rule"),
        [
            (0, [round_statistics(CLOSE)], [], StoppingRule()),
            (2, [], [], StoppingRule()),
            (2, [round_statistics(CLOSE)] * 2, [], StoppingRule()),
            (
                2,
                [round_statistics(CLOSE)],
                [round_stability(allocation([1], "x"), allocation([2], "x"))],
                StoppingRule(),
            ),
            (2, [round_statistics(CLOSE, convention="type-6")], [], StoppingRule()),
            (2, [round_statistics(CLOSE)], [], StoppingRule(no_disagreement=True)),
        ],
    )
    def test_evidence_that_does_not_fit(
        self, number: int, statistics: list[RoundStatistics], stability: list[RoundStability], rule: StoppingRule
    ) -> None:
        with pytest.raises(StoppingRuleError):
            evaluate_stopping(rule, number, statistics, stability)


@pytest.mark.parametrize(
    ("asked", "answered", "pairs", "enough"),
    [
        (10, 7, None, True), (10, 6, None, False), (10, 7, 5, True), (10, 7, 4, False), (10, 6, 5, False),
        (4, 4, 4, True), (4, 4, 3, False),  # a panel smaller than the number asked for: everybody
        (30, 21, 5, True),  # 21/30 is 0.7 although binary numbers say 0.7000…01 or less
    ],
)  # fmt: skip
def test_whether_enough_took_part(asked: int, answered: int, pairs: int | None, enough: bool) -> None:
    """Sumsion's 70 % of those asked, and five who answered both rounds; no pairs in the first round."""
    rule = StoppingRule(min_response=0.7, min_pairs=5)
    assert suffices(rule, asked, answered, pairs) is enough
    assert suffices(StoppingRule(), asked, answered, pairs) is True
