"""The journey of Appendix D: enterprises against the draft's baselines and weights, to indices, grades and reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from baselines import round_half_even
from drafting.analysis.cleaning import exclude, excluded_enterprises
from drafting.analysis.levels import merging_rule
from drafting.evaluation import (
    Criterion,
    Evaluation,
    EvaluationError,
    GradeRule,
    Membership,
    WeightSystem,
    evaluate,
    explain,
    membership,
)
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.results import EnterpriseResult, IndicatorLevels, Levels, Trial, Weights
from drafting.model.survey import State, Survey
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Grade
from drafting.standard import normalise, standard

RARE = 0.5
"""A share of enterprises without any grade above this is a warning."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What Appendix D needs of a draft: indicators with weights and baselines, aligned."""

    indicators: tuple[Indicator, ...]
    categories: tuple[str, ...]
    groups: tuple[int, ...]
    bonus: frozenset[int]
    category_weights: tuple[Decimal, ...]
    weights: tuple[Decimal | str, ...]
    levels: tuple[IndicatorLevels, ...]
    strata: Mapping[tuple[str, str], IndicatorLevels]
    """Baselines by (code, stratum) where the committee gives them by stratum."""

    def weight_system(self) -> WeightSystem:
        """Both levels as exact numbers.

        Raises
        ------
        EvaluationError
            Where a group does not sum to 1 (C.1).
        """
        return WeightSystem.build(self.weights, self.groups, self.category_weights, self.bonus)

    @property
    def limiting(self) -> NDArray[np.bool_]:
        """Limiting indicators."""
        return np.array([i.limiting for i in self.indicators], dtype=np.bool_)


def draft_of(inputs: Inputs, weights: Weights, levels: Levels) -> tuple[Draft | None, str]:
    """Put weights and baselines together, or say in words what is lacking."""
    indicators = inputs.system.active
    categories = inputs.system.adopted
    found = [levels.of(i.code) for i in indicators]
    second = [i.weight_text or weights.indicator(i.code) for i in indicators]
    no_level = [i.name for i, one in zip(indicators, found, strict=True) if one is None or not one.levels]
    no_weight = [i.name for i, w in zip(indicators, second, strict=True) if w is None]
    if no_level or no_weight:
        gaps = (("没有基准值", no_level), ("没有权重", no_weight))
        return None, "；".join(f"{what}的指标：{_some(gap)}" for what, gap in gaps if gap)
    names = tuple(c.name for c in categories)
    draft = Draft(
        indicators,
        names,
        tuple(names.index(i.category) for i in indicators),
        frozenset(n for n, c in enumerate(categories) if c.bonus),
        tuple(weights.category(name) or Decimal(0) for name in names),
        tuple(w for w in second if w is not None),
        tuple(one for one in found if one is not None),
        MappingProxyType({(one.code, one.stratum): one for one in levels.strata}),
    )
    try:
        draft.weight_system()
    except EvaluationError as error:
        # The reader has named the cells; here it only means that nothing can be computed with these weights.
        group = names[error.indices[0]] if error.reason != "first-level-sum" and error.indices else "一级指标"
        return None, f"“{group}”的权重不可用（和应恰为 1）"
    return draft, ""


def _some(names: Sequence[str], most: int = 5) -> str:
    return "、".join(names[:most]) + (f" 等{len(names)}个" if len(names) > most else "")


def try_out(
    inputs: Inputs, weights: Weights, levels: Levels, survey: Survey, where: Provenance
) -> tuple[Trial | None, list[Finding]]:
    """Evaluate the surveyed enterprises; those left out as a whole by sheet 剔除 are not part of the trial."""
    draft, lacking = draft_of(inputs, weights, levels)
    if draft is None:
        return None, [finding("trial-incomplete", what=lacking)]
    cleaned, _ = exclude(inputs, survey, where)
    out = excluded_enterprises(inputs)
    rows = [r for r, name in enumerate(survey.enterprises) if normalise(name) not in out]
    trial, found = _evaluate(inputs, draft, cleaned, rows, where)
    found += _trial_findings(trial, draft, cleaned, where)
    return trial, found


def evaluate_survey(
    inputs: Inputs, weights: Weights, levels: Levels, survey: Survey, where: Provenance
) -> tuple[Trial | None, list[Finding]]:
    """Evaluate other enterprises with the draft; sheet 剔除 concerns the survey only."""
    draft, lacking = draft_of(inputs, weights, levels)
    if draft is None:
        return None, [finding("trial-incomplete", what=lacking)]
    return _evaluate(inputs, draft, survey, range(len(survey)), where)


def _evaluate(
    inputs: Inputs, draft: Draft, survey: Survey, rows: Sequence[int], where: Provenance
) -> tuple[Trial, list[Finding]]:
    found: list[Finding] = []
    chosen = np.array(list(rows), dtype=np.intp)
    judged, notes = _memberships(inputs, draft, survey, chosen, where)
    found += notes
    rules = standard()
    thresholds = rules.thresholds()
    result = evaluate(
        judged.reached,
        draft.weights,
        groups=draft.groups,
        category_weights=draft.category_weights,
        limiting=draft.limiting,
        rule=GradeRule(rules.full_mark, (thresholds[Grade.I], thresholds[Grade.II], thresholds[Grade.III])),
        applicable=judged.applicable,
        missing=judged.missing,
        excluded=survey.violations[chosen],
        bonus=draft.bonus,
        empty_category="renormalise" if inputs.settings.empty_category == "重新归一" else "as-printed",
    )
    enterprises = tuple(_enterprise(result, draft, survey, n, int(row)) for n, row in enumerate(chosen))
    for n in np.flatnonzero(result.decided_by_empty):
        names = "、".join(draft.categories[i] for i in np.flatnonzero(result.empty[n]))
        place = where.find("enterprise", str(int(chosen[n])))
        who = survey.enterprises[int(chosen[n])]
        found.append(finding("trial-empty-category", place, enterprise=who, category=names))
    return Trial(enterprises, MappingProxyType(result.distribution())), found


def _enterprise(result: Evaluation, draft: Draft, survey: Survey, n: int, row: int) -> EnterpriseResult:
    label = result.grade(n)
    reasons = explain(result.reasons(n), [i.name for i in draft.indicators], draft.categories)
    return EnterpriseResult(
        survey.enterprises[row],
        MappingProxyType({g: result.decimal(n, place) for place, g in enumerate(GRADES)}),
        Grade(label) if label else None,
        bool(result.excluded[n]),
        tuple(reasons),
        survey.strata[row] if survey.strata else "",
    )


def _memberships(
    inputs: Inputs, draft: Draft, survey: Survey, rows: NDArray[np.intp], where: Provenance
) -> tuple[Membership, list[Finding]]:
    """Who reaches what; by stratum where baselines are given by stratum."""
    values, not_applicable, below = _table(inputs, draft, survey, rows)
    parameters = {name: column[rows] for name, column in survey.parameters.items()}
    strata = _strata(inputs, draft, survey, rows)
    if strata is None:
        criteria = [_criterion(i, one) for i, one in zip(draft.indicators, draft.levels, strict=True)]
        judged = membership(
            values, criteria, not_applicable=not_applicable, below_detection=below, parameters=parameters
        )
        return judged, list(_unjudged(judged, draft, where))
    reached = np.zeros((*values.shape, len(GRADES)), dtype=np.bool_)
    missing = np.zeros(values.shape, dtype=np.bool_)
    found: list[Finding] = []
    for name in dict.fromkeys(strata.tolist()):
        at = np.flatnonzero(strata == name)
        own = [draft.strata.get((i.code, name), one) for i, one in zip(draft.indicators, draft.levels, strict=True)]
        part = membership(
            values[at], [_criterion(i, one) for i, one in zip(draft.indicators, own, strict=True)],
            not_applicable=not_applicable[at], below_detection=below[at],
            parameters={key: column[at] for key, column in parameters.items()},
        )  # fmt: skip
        reached[at], missing[at] = part.reached, part.missing
        found += _unjudged(part, draft, where)
        if name not in {stratum for _, stratum in draft.strata}:
            row = int(rows[at[0]])
            known = "、".join(dict.fromkeys(stratum for _, stratum in draft.strata))
            place = where.find("enterprise", str(row), "分组")
            who = survey.enterprises[row]
            found.append(finding("evaluation-unknown-stratum", place, enterprise=who, stratum=name, known=known))
    return Membership(reached, ~not_applicable, missing, ()), found


def _strata(inputs: Inputs, draft: Draft, survey: Survey, rows: NDArray[np.intp]) -> NDArray[np.str_] | None:
    if not draft.strata or survey.strata is None:
        return None
    merging = dict(merging_rule(inputs.settings.merge_strata))
    return np.array([merging.get(survey.strata[r], survey.strata[r]) for r in rows.tolist()], dtype=np.str_)


def _criterion(indicator: Indicator, levels: IndicatorLevels) -> Criterion:
    bounds = {} if indicator.qualitative else {g.value: level.bound for g, level in levels.levels.items()}
    return Criterion.of(indicator.direction.value, bounds)


def _table(
    inputs: Inputs, draft: Draft, survey: Survey, rows: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Values (enterprises, indicators), NaN where missing; marks 不适用; marks of non-detects."""
    shape = (len(rows), len(draft.indicators))
    values = np.full(shape, np.nan)
    not_applicable, below = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
    for j, (indicator, levels) in enumerate(zip(draft.indicators, draft.levels, strict=True)):
        column = survey.columns.get(indicator.code)
        if column is None:
            continue
        states = column.states[rows]
        known = (states == State.VALUE) | (states == State.NON_DETECT)
        values[:, j] = np.where(known, column.values[rows], np.nan)
        not_applicable[:, j] = states == State.NOT_APPLICABLE
        below[:, j] = states == State.NON_DETECT
        if inputs.settings.comparison == "修约值" and not indicator.qualitative:
            values[:, j] = _rounded(values[:, j], levels)
    return values, not_applicable, below


def _rounded(values: NDArray[np.float64], levels: IndicatorLevels) -> NDArray[np.float64]:
    """Round by GB/T 8170 to the decimals of the published baselines (修约值比较法)."""
    exponents = [level.value.as_tuple().exponent for level in levels.levels.values() if level.value is not None]
    decimals = max((-e for e in exponents if isinstance(e, int)), default=None)
    if decimals is None:
        return values
    return np.array([v if np.isnan(v) else float(round_half_even(float(v), max(decimals, 0))) for v in values.tolist()])


def _unjudged(judged: Membership, draft: Draft, where: Provenance) -> Iterator[Finding]:
    for note in judged.notes:
        if note.code == "not-judged":
            indicator, grade = draft.indicators[note.indicator], GRADES[note.grade]
            level = draft.levels[note.indicator].levels.get(grade)
            yield finding(
                "baseline-not-judged", where.find("indicator", indicator.code, f"{grade.chinese}基准值"),
                indicator=indicator.name, grade=grade.chinese[0], text=level.bound.format() if level else "—",
            )  # fmt: skip


def _trial_findings(trial: Trial, draft: Draft, survey: Survey, where: Provenance) -> Iterator[Finding]:
    counts = trial.distribution
    evaluated = sum(counts.values()) - counts["excluded"]
    if evaluated and counts["none"] / evaluated > RARE:
        yield finding(
            "trial-grades-rare", none=counts["none"], share=f"{100 * counts['none'] / evaluated:.1f}%",
            first=counts["I"], second=counts["II"], third=counts["III"],
        )  # fmt: skip
    for indicator in draft.indicators:
        column = survey.columns.get(indicator.code)
        missing = len(survey) if column is None else int(np.count_nonzero(column.states == State.MISSING))
        if missing:
            place = where.find("survey", indicator.code)
            yield finding("trial-missing-values", place, indicator=indicator.name, count=missing)
