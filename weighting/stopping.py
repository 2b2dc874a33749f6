"""Hold a Delphi round against the stopping rule: stop or go on, with every criterion and its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from weighting.delphi import ItemStatistics, Response, RoundStatistics
from weighting.stability import ItemStability, RoundStability
from weighting.stopping_rule import (
    CONSENSUS_CRITERIA,
    STABILITY_CRITERIA,
    CriterionKind,
    StoppingRule,
    StoppingRuleChangedError,
    StoppingRuleError,
)

TIE = 1e-9  # a figure exactly at an inclusive limit passes; this absorbs what arithmetic in binary costs


class StoppingOutcome(Enum):
    """What the rule says."""

    STABLE_CONSENSUS = "stable-consensus"
    MAXIMUM_ROUNDS = "maximum-rounds"
    CONTINUE = "continue"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class StoppingReason:
    """One criterion and what the round showed.

    Attributes
    ----------
    criterion : str
        Name of the rule's setting, e.g. ``"max_cv"``.
    kind : CriterionKind
    limit : float or int or bool
        What the rule asks.
    passed : bool
    observed : float or None
        The value furthest from passing (smallest W, largest CV …; the response; the round); ``None`` if undefined.
    judged : int
        Items (or groups, for W) judged.
    failing : tuple of (str, str)
        Group and item that fail; the item is empty for W. May be non-empty although `passed`, where the rule asks
        for a share of the items only.
    """

    criterion: str
    kind: CriterionKind
    limit: float | int | bool
    passed: bool
    observed: float | None
    judged: int
    failing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StoppingVerdict:
    """The rule's verdict on a round: stop or go on, and every criterion with its figures."""

    outcome: StoppingOutcome
    round_number: int
    stable: bool
    consensus: bool
    conditions: bool
    reasons: tuple[StoppingReason, ...]
    rule: StoppingRule
    rule_sha256: str

    @property
    def stop(self) -> bool:
        """Whether the study ends here."""
        return self.outcome in (StoppingOutcome.STABLE_CONSENSUS, StoppingOutcome.MAXIMUM_ROUNDS)

    @property
    def provisional(self) -> bool:
        """Whether too few took part for the round to decide anything."""
        return self.outcome is StoppingOutcome.PROVISIONAL


_Judged = tuple[str, str, float | None, bool]


def evaluate_stopping(
    rule: StoppingRule,
    round_number: int,
    statistics: Sequence[RoundStatistics],
    stability: Sequence[RoundStability] = (),
    *,
    response: Response | None = None,
    sent: Mapping[str, int] | None = None,
    frozen_sha256: str | None = None,
) -> StoppingVerdict:
    """Hold a round against the rule fixed beforehand.

    Stop if every criterion of stability and every criterion of consensus passes and at least `min_rounds` rounds were
    held; stop as well, without consensus, when `max_rounds` is reached. Where fewer took part than the rule asks, the
    round is provisional and nothing stops.

    Parameters
    ----------
    rule : StoppingRule
    round_number : int
        The round just closed, from 1.
    statistics : sequence of RoundStatistics
        One per group.
    stability : sequence of RoundStability
        One per group, against the round before; empty in round 1.
    response : Response, optional
        Needed if the rule asks for a response; with it `min_pairs` asks no more than all of a smaller panel.
    sent : mapping of str to int, optional
        How many experts were asked for a group, where not all were asked for all.
    frozen_sha256 : str, optional
        The hash recorded before round 1.

    Returns
    -------
    StoppingVerdict

    Raises
    ------
    StoppingRuleChangedError
        `frozen_sha256` is not the rule's hash.
    StoppingRuleError
        The evidence does not fit the rule: no groups, groups differ, quartiles of another convention, no nine-point
        scale where disagreement is judged, response missing, a round number below 1.
    """
    if frozen_sha256 is not None and frozen_sha256 != rule.sha256:
        raise StoppingRuleChangedError(
            "the stopping rule is not the one frozen before round 1", values=(frozen_sha256, rule.sha256)
        )
    _check_evidence(rule, round_number, statistics, stability, response)
    reasons = [
        *_stability_reasons(rule, statistics, stability),
        *_consensus_reasons(rule, statistics),
        _rounds_reason(rule, round_number),
        *_participation_reasons(rule, statistics, stability, response, sent or {}),
    ]
    stable, consensus, held, enough = (
        all(reason.passed for reason in reasons if reason.kind is kind)
        for kind in (
            CriterionKind.STABILITY, CriterionKind.CONSENSUS, CriterionKind.CONDITION, CriterionKind.PARTICIPATION,
        )
    )  # fmt: skip
    conditions = held and enough
    if not enough:
        outcome = StoppingOutcome.PROVISIONAL
    elif stable and consensus and conditions:
        outcome = StoppingOutcome.STABLE_CONSENSUS
    elif rule.max_rounds is not None and round_number >= rule.max_rounds:
        outcome = StoppingOutcome.MAXIMUM_ROUNDS
    else:
        outcome = StoppingOutcome.CONTINUE
    return StoppingVerdict(
        outcome=outcome,
        round_number=round_number,
        stable=stable,
        consensus=consensus,
        conditions=conditions,
        reasons=tuple(reasons),
        rule=rule,
        rule_sha256=rule.sha256,
    )


def _check_evidence(
    rule: StoppingRule,
    round_number: int,
    statistics: Sequence[RoundStatistics],
    stability: Sequence[RoundStability],
    response: Response | None,
) -> None:
    if round_number < 1:
        raise StoppingRuleError(f"rounds count from 1, not {round_number}", values=(round_number,))
    if not statistics:
        raise StoppingRuleError("no statistics to judge")
    groups, compared = [s.group for s in statistics], [s.group for s in stability]
    if len(set(groups)) != len(groups) or (compared and sorted(compared) != sorted(groups)):
        raise StoppingRuleError(
            f"groups of statistics {groups} and of stability {compared} differ", values=(groups, compared)
        )
    other = [s.group for s in statistics if s.quantiles.name != rule.quantiles]
    if other:
        raise StoppingRuleError(f"quartiles of groups {other} are not {rule.quantiles}", values=other)
    if rule.no_disagreement:
        unscaled = [s.group for s in statistics if s.scale != (1.0, 9.0)]
        if unscaled:
            raise StoppingRuleError(f"disagreement needs a scale from 1 to 9: {unscaled}", values=unscaled)
    if rule.min_response is not None and response is None:
        raise StoppingRuleError("the rule asks for a response, none was given", values=("min_response",))


def _reason(
    criterion: str, kind: CriterionKind, limit: float | bool, judged: Iterable[_Judged], share: float, *, largest: bool
) -> StoppingReason:
    """Sum up judged items; `largest` tells whether the largest or the smallest value is furthest from passing."""
    items = list(judged)
    failing = tuple((group, item) for group, item, _, ok in items if not ok)
    values = [value for _, _, value, _ in items if value is not None]
    return StoppingReason(
        criterion=criterion,
        kind=kind,
        limit=limit,
        passed=bool(items) and len(items) - len(failing) >= share * len(items) - TIE,
        observed=(max(values) if largest else min(values)) if values else None,
        judged=len(items),
        failing=failing,
    )


def _stability_reasons(
    rule: StoppingRule, statistics: Sequence[RoundStatistics], stability: Sequence[RoundStability]
) -> list[StoppingReason]:
    compared = [(group.group, item) for group in stability for item in group.items]
    if not compared:  # round 1: nothing to compare with, every item fails
        blank = [(s.group, i.item) for s in statistics for i in s.items]
        compared = [(group, ItemStability(item, 0)) for group, item in blank]
    reasons = []
    for name in STABILITY_CRITERIA:
        limit: float | None = getattr(rule, name)
        if limit is None:
            continue
        judged = [(group, item.item, *_judge_stability(name, limit, item)) for group, item in compared]
        largest = name.startswith("max_")
        reasons.append(_reason(name, CriterionKind.STABILITY, limit, judged, rule.min_stable_share, largest=largest))
    return reasons


def _judge_stability(name: str, limit: float, item: ItemStability) -> tuple[float | None, bool]:
    if name == "max_cv_change":
        return item.cv_change, item.cv_change is not None and item.cv_change <= limit + TIE
    if name == "max_histogram_change":
        return item.histogram_change, item.histogram_change is not None and item.histogram_change < limit
    unchanged = item.pairs > 0 and item.changed == 0
    if name == "min_wilcoxon_p":
        return item.wilcoxon_p, unchanged or (item.wilcoxon_p is not None and item.wilcoxon_p > limit)
    return item.kappa, unchanged or (item.kappa is not None and item.kappa >= limit - TIE)


def _consensus_reasons(rule: StoppingRule, statistics: Sequence[RoundStatistics]) -> list[StoppingReason]:
    items = [(s.group, item) for s in statistics for item in s.items]
    agreements = [(s.group, s.kendall) for s in statistics if s.kendall is not None and s.kendall.w is not None]
    reasons = []
    for name in CONSENSUS_CRITERIA:
        limit: float | bool | None = getattr(rule, name)
        if limit is None or limit is False:
            continue
        if name == "min_w":
            judged: list[_Judged] = [(g, "", k.w, k.w is not None and k.w >= limit - TIE) for g, k in agreements]
        elif name == "max_w_p":
            judged = [(g, "", k.p, k.p is not None and k.p < limit) for g, k in agreements]
        else:
            judged = [(group, item.item, *_judge_consensus(name, limit, item)) for group, item in items]
        share = 1.0 if name in ("min_w", "max_w_p") else rule.min_consensus_share
        reasons.append(_reason(name, CriterionKind.CONSENSUS, limit, judged, share, largest=name != "min_w"))
    return reasons


def _judge_consensus(name: str, limit: float, item: ItemStatistics) -> tuple[float | None, bool]:
    if name == "max_cv":
        return item.cv, item.cv is not None and item.cv <= limit + TIE
    if name == "max_iqr":
        return item.iqr, item.iqr is not None and item.iqr <= limit + TIE
    if item.rand is None:
        return None, False
    return item.rand.ipr - item.rand.ipras, not item.rand.disagreement


def _rounds_reason(rule: StoppingRule, round_number: int) -> StoppingReason:
    held = round_number >= rule.min_rounds
    return StoppingReason("min_rounds", CriterionKind.CONDITION, rule.min_rounds, held, float(round_number), judged=1)


def _participation_reasons(
    rule: StoppingRule,
    statistics: Sequence[RoundStatistics],
    stability: Sequence[RoundStability],
    response: Response | None,
    sent: Mapping[str, int],
) -> list[StoppingReason]:
    kind = CriterionKind.PARTICIPATION
    reasons = []
    if rule.min_response is not None and response is not None:
        least = rule.min_response
        asked = {s.group: sent.get(s.group, response.sent) for s in statistics}
        rates = {s.group: min(response.rate, len(s.experts) / asked[s.group]) for s in statistics}
        few = tuple((group, "") for group, rate in rates.items() if rate < least - TIE)
        reasons.append(
            StoppingReason("min_response", kind, least, not few, min(rates.values()), judged=len(rates), failing=few)
        )
    if rule.min_pairs is not None and stability:
        whole = response.sent if response is not None else None
        needed = {s.group: needed_pairs(rule, sent.get(s.group, whole)) for s in stability}
        few = tuple((s.group, "") for s in stability if len(s.paired) < needed[s.group])
        furthest = min(stability, key=lambda s: len(s.paired) - needed[s.group])
        reasons.append(
            StoppingReason(
                "min_pairs", kind, needed[furthest.group], not few, float(len(furthest.paired)),
                judged=len(stability), failing=few,
            )
        )  # fmt: skip
    return reasons


def needed_pairs(rule: StoppingRule, asked: int | None) -> int:
    """How many experts must have answered both rounds: the rule's number, or everybody in a smaller panel."""
    least = rule.min_pairs or 0
    return least if asked is None else min(least, asked)


def suffices(rule: StoppingRule, asked: int, answered: int, pairs: int | None) -> bool:
    """Say whether enough experts took part in a round for it to count.

    Parameters
    ----------
    rule : StoppingRule
    asked, answered : int
        Experts invited, and those who answered.
    pairs : int or None
        Those who answered the round compared with as well; None in the first round.
    """
    share = rule.min_response is None or answered / asked >= rule.min_response - TIE
    return share and (pairs is None or pairs >= needed_pairs(rule, asked))
