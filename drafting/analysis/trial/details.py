"""What a trial tells beside the grades, as plain mappings for the record, the papers and the screen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.trial.binding import Binding, binding, cumulative, obstacles, together
from drafting.analysis.trial.boundary import Close, close_to_boundary
from drafting.analysis.trial.judging import Judged
from drafting.analysis.trial.sensitivity import Shift, sensitivity
from drafting.analysis.trial.stability import bootstrap, leave_one_out
from drafting.evaluation import GRADES, Evaluation
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines
from drafting.model.survey import MOST_DETAILED
from drafting.model.terms import GRADES as LEVELS

Details = dict[str, object]
_MARKS = "0321"


def plain_details(judged: Judged, result: Evaluation, *, surveyed: bool = True) -> Details:
    """
    Distribution by stratum and region, obstacles, enterprises near a boundary, grades reached per indicator.

    Parameters
    ----------
    surveyed
        Whether these are the enterprises that the baselines were computed from.
    """
    rows = judged.rows.tolist()
    survey = judged.survey
    bound = binding(judged, result)
    details: Details = {
        "sentence": sentence(judged, result, surveyed=surveyed),
        "strata": _by(result, None if survey.strata is None else [survey.strata[r] for r in rows]),
        "regions": _by(result, None if survey.regions is None else [survey.regions[r] for r in rows]),
        "binding": {grade: [_binding(judged, one) for one in found] for grade, found in bound.items()},
    }
    if len(judged) <= MOST_DETAILED:
        details |= {
            "together": {label: _sets(judged, result, g) for g, label in enumerate(GRADES)},
            "boundary": [_close(judged, one) for one in close_to_boundary(judged, result)],
            "obstacles": {label: int(obstacles(result, g).any(axis=1).sum()) for g, label in enumerate(GRADES)},
            "reached": {
                "codes": [i.code for i in judged.draft.indicators],
                "indicators": list(judged.draft.names),
                "enterprises": ["".join(row) for row in _marks(result)],
            },
        }
    if judged.draft.bonus:
        details["bonus"] = _bonus(judged, result)
    return details


def deep_details(inputs: Inputs, baselines: Baselines, judged: Judged, result: Evaluation) -> Details:
    """Effect of each baseline and weight, order in which obstacles fall, stability."""
    base = result.distribution()
    boot = bootstrap(judged, result, inputs.settings.seed)
    left_out = leave_one_out(inputs, baselines, judged, result)
    return {
        "cumulative": {
            label: [{"indicator": judged.draft.names[j], "reach": n} for j, n in cumulative(judged, result, g)]
            for g, label in enumerate(GRADES)
        },
        "sensitivity": [_shift(judged, shift, shift.moved(base)) for shift in sensitivity(judged, result)],
        "experts": [
            {"expert": one.expert, "distribution": dict(one.distribution), "changed": one.changed} for one in left_out
        ],
        "bootstrap": None
        if boot is None
        else {
            "replicates": boot.replicates,
            "seed": inputs.settings.seed,
            "intervals": {grade: list(ends) for grade, ends in boot.intervals.items()},
            "kept": round(float(boot.kept.mean()), 6),
            "unsure": [
                {"enterprise": judged.names[n], "kept": round(float(boot.kept[n]), 4)}
                for n in np.argsort(boot.kept, kind="stable")[:10].tolist()
                if boot.kept[n] < 1
            ],
        },
    }


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


def _binding(judged: Judged, one: Binding) -> Details:
    indicator = judged.draft.indicators[one.indicator]
    evaluated = int((~judged.excluded).sum())
    return {
        "indicator": indicator.name,
        "code": indicator.code,
        "limiting": indicator.limiting,
        "blocked": one.blocked,
        "share": round(one.blocked / evaluated, 6) if evaluated else None,
        "alone": one.alone,
    }


def _close(judged: Judged, one: Close) -> Details:
    index = one.indicator is None
    return {
        "enterprise": judged.names[one.enterprise],
        "grade": GRADES[one.grade],
        "rises": one.rises,
        "indicator": None if one.indicator is None else judged.draft.names[one.indicator],
        "gap": None if one.gap is None else round(one.gap, 6),
        "unit": "points" if index else "share",
    }


def _shift(judged: Judged, shift: Shift, moved: int) -> Details:
    category = shift.kind == "category-weight"
    draft = judged.draft
    return {
        "kind": shift.kind,
        "subject": draft.categories[shift.subject] if category else draft.names[shift.subject],
        "grade": None if shift.grade is None else GRADES[shift.grade],
        "before": shift.before,
        "after": shift.after,
        "distribution": dict(shift.distribution),
        "moved": moved,
    }


def _sets(judged: Judged, result: Evaluation, grade: int) -> list[Details]:
    names = judged.draft.names
    return [{"indicators": [names[j] for j in one], "count": n} for one, n in together(result, grade)]


def _marks(result: Evaluation) -> NDArray[np.str_]:
    """1, 2, 3 for the grade reached, 0 for none, - for not applicable, ? for missing."""
    marks: NDArray[np.str_] = np.array(list(_MARKS))[result.reached.sum(axis=2)]
    marks[~result.applicable] = "-"
    marks[result.missing] = "?"
    return marks


def _bonus(judged: Judged, result: Evaluation) -> list[Details]:
    """Points of bonus groups (附加), which enter neither index nor grade."""
    found: list[Details] = []
    for n, name in enumerate(judged.names):
        row: Details = {"enterprise": name}
        for g, label in enumerate(GRADES):
            points = result.bonus(n, g)
            row[label] = None if points is None else float(points)
        found.append(row)
    return found
