"""What a trial tells beside the grades, for record, statement and screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.baselines.ladder import ladders
from drafting.analysis.trial.binding import Binding, binding, cumulative, obstacles, together
from drafting.analysis.trial.boundary import Close, close_to_boundary
from drafting.analysis.trial.judging import Judged
from drafting.analysis.trial.sensitivity import Shift, sensitivity
from drafting.analysis.trial.stability import Bootstrap, bootstrap, leave_one_out
from drafting.evaluation import GRADES, Evaluation
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines
from drafting.model.survey import MOST_DETAILED
from drafting.model.terms import GRADES as LEVELS
from drafting.model.trial_details import (
    BindingIndicator,
    BonusPoints,
    CloseEnterprise,
    CumulativeReach,
    DeepTrial,
    IndicatorSet,
    ListedTrial,
    ReachedGrades,
    ShiftEffect,
    TrialBootstrap,
    TrialDetails,
    UnsureGrade,
)

_MARKS = "0321"


def plain_details(judged: Judged, result: Evaluation, *, surveyed: bool = True) -> TrialDetails:
    """Distribution by stratum and region, obstacles, enterprises near a boundary, grades reached per indicator.

    ``surveyed``: whether these are the enterprises that the baselines were computed from.
    """
    rows = judged.rows.tolist()
    survey = judged.survey
    bound = binding(judged, result)
    return TrialDetails(
        sentence=sentence(judged, result, surveyed=surveyed),
        strata=_by(result, None if survey.strata is None else [survey.strata[r] for r in rows]),
        regions=_by(result, None if survey.regions is None else [survey.regions[r] for r in rows]),
        binding={grade: tuple(_binding(judged, one) for one in found) for grade, found in bound.items()},
        listed=_listed(judged, result) if len(judged) <= MOST_DETAILED else None,
        bonus=tuple(_bonus(judged, result)) if judged.draft.bonus else None,
    )


def _listed(judged: Judged, result: Evaluation) -> ListedTrial:
    return ListedTrial(
        together={label: _sets(judged, result, g) for g, label in enumerate(GRADES)},
        boundary=tuple(_close(judged, one) for one in close_to_boundary(judged, result)),
        obstacles={label: int(obstacles(result, g).any(axis=1).sum()) for g, label in enumerate(GRADES)},
        reached=ReachedGrades(
            codes=tuple(i.code for i in judged.draft.indicators),
            indicators=judged.draft.names,
            enterprises=tuple("".join(row) for row in _marks(result)),
        ),
    )


def deep_details(inputs: Inputs, baselines: Baselines, judged: Judged, result: Evaluation) -> DeepTrial:
    """Effect of each baseline and weight, order in which obstacles fall, stability."""
    base, steps = result.distribution(), ladders(judged)
    boot = bootstrap(judged, result, steps, inputs.settings.seed)
    return DeepTrial(
        cumulative={
            label: tuple(
                CumulativeReach(indicator=judged.draft.names[j], reach=n) for j, n in cumulative(judged, result, g)
            )
            for g, label in enumerate(GRADES)
        },
        sensitivity=tuple(_shift(judged, shift, shift.moved(base)) for shift in sensitivity(judged, result, steps)),
        experts=leave_one_out(inputs, baselines, judged, result),
        bootstrap=None if boot is None else _bootstrap(judged, boot, inputs.settings.seed),
    )


def _bootstrap(judged: Judged, boot: Bootstrap, seed: int) -> TrialBootstrap:
    return TrialBootstrap(
        replicates=boot.replicates,
        seed=seed,
        intervals=boot.intervals,
        kept=round(float(boot.kept.mean()), 6),
        unsure=tuple(
            UnsureGrade(enterprise=judged.names[n], kept=round(float(boot.kept[n]), 4))
            for n in np.argsort(boot.kept, kind="stable")[:10].tolist()
            if boot.kept[n] < 1
        ),
    )


def sentence(judged: Judged, result: Evaluation, *, surveyed: bool = True) -> str:
    """Say the joint effect in one sentence; shares of single indicators are the survey's and said of it alone."""
    counts = result.distribution()
    evaluated = len(judged) - counts["excluded"]
    if not evaluated:
        return "没有参与评价的企业。"
    none = counts["none"]
    text = (
        f"{evaluated} 家企业按附录 D 评价：Ⅰ级 {counts['I']} 家、Ⅱ级 {counts['II']} 家、Ⅲ级 {counts['III']} 家，"
        f"{none} 家（{100 * none / evaluated:.1f}%）达不到任何等级"
    )
    alone = [
        level.share
        for one in judged.draft.baselines
        if (level := one.by_grade.get(LEVELS[-1])) is not None and level.share is not None
    ]
    if not alone or not none or not surveyed:
        return text + "。"
    joint = (evaluated - none) / evaluated
    return (
        f"{text}；逐项看，达到Ⅲ级基准值的企业每项都不少于 {100 * min(alone):.1f}%，"
        f"合起来全部达到的只有 {100 * joint:.1f}%。"
    )


def _by(result: Evaluation, names: Sequence[str] | None) -> dict[str, dict[str, int]]:
    """Distribution by stratum or region, in the order of appearance."""
    if names is None:
        return {}
    found = {}
    array = np.array(names)
    for name in dict.fromkeys(names):
        at = array == name
        counts = np.bincount(result.grades[at & ~result.excluded], minlength=4)
        found[name or "（未填）"] = {
            **{label: int(counts[n + 1]) for n, label in enumerate(GRADES)},
            "none": int(counts[0]),
            "excluded": int((at & result.excluded).sum()),
        }
    return found


def _binding(judged: Judged, one: Binding) -> BindingIndicator:
    indicator = judged.draft.indicators[one.indicator]
    evaluated = int((~judged.excluded).sum())
    return BindingIndicator(
        indicator=indicator.name,
        code=indicator.code,
        limiting=indicator.limiting,
        blocked=one.blocked,
        share=round(one.blocked / evaluated, 6) if evaluated else None,
        alone=one.alone,
    )


def _close(judged: Judged, one: Close) -> CloseEnterprise:
    index = one.indicator is None
    return CloseEnterprise(
        enterprise=judged.names[one.enterprise],
        grade=GRADES[one.grade],
        rises=one.rises,
        indicator=None if one.indicator is None else judged.draft.names[one.indicator],
        gap=None if one.gap is None else round(one.gap, 6),
        unit="points" if index else "share",
    )


def _shift(judged: Judged, shift: Shift, moved: int) -> ShiftEffect:
    category = shift.kind == "category-weight"
    draft = judged.draft
    return ShiftEffect(
        kind=shift.kind,
        subject=draft.categories[shift.subject] if category else draft.names[shift.subject],
        grade=None if shift.grade is None else GRADES[shift.grade],
        before=shift.before,
        after=shift.after,
        distribution=shift.distribution,
        moved=moved,
    )


def _sets(judged: Judged, result: Evaluation, grade: int) -> tuple[IndicatorSet, ...]:
    names = judged.draft.names
    return tuple(IndicatorSet(indicators=tuple(names[j] for j in one), count=n) for one, n in together(result, grade))


def _marks(result: Evaluation) -> NDArray[np.str_]:
    """1, 2, 3 for the grade reached, 0 for none, - for not applicable, ? for missing."""
    marks: NDArray[np.str_] = np.array(list(_MARKS))[result.reached.sum(axis=2)]
    marks[~result.applicable] = "-"
    marks[result.missing] = "?"
    return marks


def _bonus(judged: Judged, result: Evaluation) -> Iterator[BonusPoints]:
    """Points of bonus groups (附加), which enter neither index nor grade."""
    for n, name in enumerate(judged.names):
        points = {label: result.bonus(n, g) for g, label in enumerate(GRADES)}
        yield BonusPoints(enterprise=name, points={g: None if p is None else float(p) for g, p in points.items()})
