"""A round decides only where enough experts took part; and what small things of returned answers mean."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from drafting.analysis.weights.opinions import identifying, masked
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Finding
from drafting.model.experts import DelphiRound, FrozenRule
from drafting.workbook.questionnaires.judgements import judgement_of
from tests.drafting import weights_projects as committee
from tests.drafting.weights_projects import CODES, TRUE, a_round
from weighting.stopping_rule import StoppingRule

EIGHT = CODES[:8]


def answers(codes: tuple[str, ...], shift: float = 0.0) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for k, code in enumerate(codes):
        step = (k % 3 - 1) / 2 + shift
        found[code] = {g: (t[0] + step, *t[1:-1], t[-1] - step) for g, t in TRUE.items()}
    return found


def weighed(*rounds: DelphiRound, rule: StoppingRule | None = None, **settings: object) -> tuple[Any, list[Finding]]:
    given = replace(committee.inputs(weight_method="专家咨询法", **settings), experts=committee.panel(EIGHT))
    given = replace(given, delphi=rounds)
    if rule is not None:
        given = replace(given, frozen_rule=FrozenRule(rule.canonical_json(), rule.sha256, "2025-01-01"))
    return weigh(given, committee.NOWHERE, brief=True)


def test_two_of_eight_who_answer_again_settle_nothing() -> None:
    """Once: 稳定且一致, nothing provisional, and the two had replaced the weights of all."""
    first = a_round(1, answers(EIGHT))
    two = {code: {g: (90 if len(t) == 2 else 80, *([10] if len(t) == 2 else [20 / (len(t) - 1)] * (len(t) - 1)))
                  for g, t in TRUE.items()} for code in EIGHT[:2]}  # fmt: skip
    alone, _ = weighed(first)
    both, found = weighed(first, a_round(2, two))
    assert both.provisional is True
    verdict = both.delphi.stopping.verdict
    assert (verdict.stop, verdict.outcome, verdict.provisional) == (False, "provisional", True)
    assert "稳定且一致" not in verdict.conclusion
    assert [w.exact for w in both.first_level.weights] == [w.exact for w in alone.first_level.weights]
    assert both.first_level.details.round == 1
    assert "delphi-provisional" in {f.code for f in found}


def test_few_in_the_last_permitted_round_do_not_end_the_study() -> None:
    rounds = [a_round(1, answers(EIGHT)), a_round(2, answers(EIGHT, 5)), a_round(3, answers(EIGHT[:3], 5))]
    study, _ = weighed(*rounds)
    assert study.delphi.stopping.verdict.outcome == "provisional"
    assert study.first_level.details.round == 2


def test_enough_who_agree_and_stay_end_it() -> None:
    study, _ = weighed(a_round(1, answers(EIGHT)), a_round(2, answers(EIGHT)))
    assert study.delphi.stopping.verdict.outcome == "stable-consensus"
    assert study.provisional is False


def test_who_left_and_came_back_is_paired_with_the_last_round_that_counts() -> None:
    """Round 2 had two answers; round 3 is compared with round 1, where everybody answered."""
    rounds = [a_round(1, answers(EIGHT)), a_round(2, answers(EIGHT[:2])), a_round(3, answers(EIGHT))]
    study, _ = weighed(*rounds)
    assert study.delphi.stopping.verdict.outcome == "stable-consensus"
    assert len(study.first_level.details.stability["3"].paired) == 8


def test_other_experts_than_before_are_no_pairs() -> None:
    """Six of eight answer each time, but only four both: opinions of others cannot have settled."""
    study, _ = weighed(a_round(1, answers(EIGHT[:6])), a_round(2, answers(EIGHT[2:])))
    reasons = {r.criterion: r for r in study.delphi.stopping.verdict.reasons}
    assert (reasons["min_response"].passed, reasons["min_pairs"].observed) == (True, 4)
    assert study.provisional is True


def test_a_rule_frozen_before_has_no_minimum_and_keeps_its_hash() -> None:
    old = StoppingRule(max_histogram_change=0.15, max_cv=0.25, max_rounds=3)
    assert "min_pairs" not in json.loads(old.canonical_json())
    assert StoppingRule.from_json(old.canonical_json()).sha256 == old.sha256
    # as the first edition wrote it into records
    fields = json.loads(old.canonical_json())
    assert set(fields) == {
        "max_cv_change", "max_histogram_change", "min_wilcoxon_p", "min_kappa", "max_cv", "max_iqr", "min_w", "max_w_p",
        "no_disagreement", "min_stable_share", "min_consensus_share", "min_rounds", "max_rounds", "min_response",
        "quantiles", "version",
    }  # fmt: skip
    study, found = weighed(a_round(1, answers(EIGHT)), a_round(2, answers(EIGHT[:2])), rule=old)
    codes = {f.code for f in found}
    assert "stopping-rule-changed" not in codes
    assert study.delphi.stopping.verdict.provisional is False
    assert "delphi-few-answers" in codes


def test_classes_are_a_share_of_the_items_weight() -> None:
    from weighting import PanelRound, round_stability

    before = PanelRound([[24, 20], [24, 20]], ["a", "b"], ["x", "y"])
    now = PanelRound([[26, 24.9], [26, 24.9]], ["a", "b"], ["x", "y"])
    fixed = [i.histogram_change for i in round_stability(before, now, bin_width=5).items]
    shared = round_stability(before, now, class_share=0.2).items
    assert fixed == [1, 0]
    assert [i.histogram_change for i in shared] == [0, 1]
    assert [i.mean_absolute_change for i in shared] == pytest.approx([2, 4.9])


def test_words_that_identify() -> None:
    assert identifying("专家12 说的", ["专家1", "专家12"]) == ("专家12",)
    assert masked("我公司认为 E1 对，E10 不对", ["E1"]) == "某专家认为 某专家 对，E10 不对"


@pytest.mark.parametrize("says", ["1∕3", "⅓", "1÷3", "1/3", "１／３", "1∶3", "1⁄3"])
def test_a_third_however_it_is_written(says: str) -> None:
    assert judgement_of(says) == judgement_of("1/3")


@pytest.mark.slow
def test_five_hundred_experts() -> None:
    codes = tuple(f"E{k:03d}" for k in range(500))
    given = replace(committee.inputs(weight_method="专家咨询法"), experts=committee.panel(codes))
    given = replace(given, delphi=(a_round(1, answers(codes)), a_round(2, answers(codes[:300]))))
    weights, found = weigh(given, committee.NOWHERE, brief=True)
    assert weights is not None
    assert weights.provisional is True  # 60 % of them
    assert len(found) < 40
