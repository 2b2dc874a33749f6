"""Baselines that the committee typed: policy values with the share they really get, grades in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from baselines import Sample
from baselines.grades import is_laxer
from baselines.sampling_weights import whole_weights
from drafting.analysis.baselines.formulas import check_formulas, check_limit, known_parameters
from drafting.findings import Finding, Provenance, finding
from drafting.model.baseline_details import BaselineDetails
from drafting.model.bounds import Bound, BoundKind, Operator, is_stricter
from drafting.model.expression import ExpressionError
from drafting.model.inputs import Inputs
from drafting.model.results import Baseline, IndicatorBaselines
from drafting.model.survey import State, Survey, SurveyColumn
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, BaselineSource, Direction, Grade
from drafting.standard import standard


def typed_baselines(
    inputs: Inputs,
    indicator: Indicator,
    sample: Sample | None,
    survey: Survey | None,
    column: SurveyColumn | None,
    where: Provenance,
) -> tuple[IndicatorBaselines, list[Finding]]:
    """Baselines set by policy, each with the share of the surveyed enterprises that reach it."""
    found: list[Finding] = _ranges(indicator, where)
    baselines: dict[Grade, Baseline] = {}
    for grade, bound in spread(indicator.baselines).items():
        directed = bound.directed(indicator.direction.value)
        place = where.find("indicator", indicator.code, f"{grade.chinese}基准值")
        share = _share(directed, sample, survey, column)
        number = directed.number if directed.judged else None
        baselines[grade] = Baseline(
            bound, number, None if number is None else float(number), share, source=BaselineSource.POLICY
        )
        found += _beyond_limit(indicator, grade, bound, where)
        asked = next(g.share for g in standard().grades if g.grade is grade)
        if share is not None and share < asked:
            found.append(
                finding(
                    "policy-share", place, indicator=indicator.name, grade=grade.chinese[0],
                    share=f"{100 * share:.1f}%", asked=f"{float(100 * asked):g}%",
                )
            )  # fmt: skip
    found += _order(indicator, baselines, where)
    bounds = {g: baseline.bound for g, baseline in baselines.items()}
    found += check_formulas(indicator, bounds, survey, where)
    found += check_limit(indicator, bounds, survey, where)
    if sample is not None and survey is not None and sample.n:
        found += _without_parameter(indicator, bounds, sample, survey, where)
    result = IndicatorBaselines(
        indicator.code, indicator.direction, BaselineSource.POLICY, sample.n if sample else 0,
        MappingProxyType(baselines),
        single=len(indicator.baselines) == 1,
    )  # fmt: skip
    return result, found


def spread(baselines: Mapping[Grade, Bound]) -> Mapping[Grade, Bound]:
    """Typed cells with what they leave out: a single baseline holds for all grades, 同Ⅰ级 is judged as that grade.

    What is printed stays 同Ⅰ级.

    A grade marked — has no baseline of its own and stays as it is.
    """
    if len(baselines) == 1:
        (only,) = baselines.values()
        return MappingProxyType(dict.fromkeys(GRADES, only))
    result: dict[Grade, Bound] = {}
    for grade in GRADES:
        bound = baselines.get(grade)
        if bound is None:
            continue
        if bound.kind is BoundKind.SAME_AS:
            target = Grade(bound.reference) if bound.reference else GRADES[max(GRADES.index(grade) - 1, 0)]
            other = baselines.get(target, result.get(target, bound))
            bound = replace(other, text=bound.text, body=bound.body, marks=bound.marks, inside=bound.inside)
        result[grade] = bound
    return MappingProxyType(result)


def _share(bound: Bound, sample: Sample | None, survey: Survey | None, column: SurveyColumn | None) -> float | None:
    """Weighted share of the valid enterprises that meet the bound; a formula takes each one's own parameters."""
    if sample is None or survey is None or column is None or sample.n == 0:
        return None
    return share_meeting(bound, sample, survey)


def share_meeting(bound: Bound, sample: Sample, survey: Survey) -> float | None:
    """Weighted share of the valid enterprises that meet a bound, ends as written; None where it cannot be judged.

    Enterprises without a parameter of a formula are left out of the share.
    """
    met = meeting(bound, sample, survey)
    # A sample may be one stratum's; only formulas, which are judged over the whole survey, ask for parameters.
    judged = sample.counts & known_parameters(bound, survey) if bound.names else sample.counts
    if met is None or not len(met) or not judged.any():
        return None
    if sample.weights is None:
        return float(Fraction(int(met.sum()), int(judged.sum())))
    weights = np.array(whole_weights(sample.weights[sample.counts]))
    return float(Fraction(int(weights[met].sum()), int(weights[judged[sample.counts]].sum())))


def meeting(bound: Bound, sample: Sample, survey: Survey) -> NDArray[np.bool_] | None:
    """Which of the valid enterprises, in order, meet a bound; None where it cannot be judged.

    An enterprise without a parameter of a formula does not meet it.
    """
    rows = np.flatnonzero(sample.counts)
    if bound.kind is BoundKind.FORMULA:
        return _meeting_formula(bound, sample, survey, rows)
    return _admitted(bound, sample.values[rows])


def _admitted(bound: Bound, values: NDArray[np.float64]) -> NDArray[np.bool_] | None:
    """Which values meet a bound, as :meth:`Bound.admits` judges one; None where it cannot be judged."""
    if bound.number is None:
        return None
    end = float(bound.number)
    if bound.kind is BoundKind.RANGE and bound.upper is not None:
        return np.asarray((values >= end) & (values <= float(bound.upper)))
    if bound.kind is not BoundKind.QUANTITY or bound.operator is None:
        return None
    holds = {
        Operator.AT_MOST: np.less_equal, Operator.BELOW: np.less, Operator.AT_LEAST: np.greater_equal,
        Operator.ABOVE: np.greater, Operator.EQUAL: np.equal,
    }  # fmt: skip
    return np.asarray(holds[bound.operator](values, end))


def _meeting_formula(bound: Bound, sample: Sample, survey: Survey, rows: NDArray[np.intp]) -> NDArray[np.bool_] | None:
    met = np.zeros(len(rows), dtype=np.bool_)
    known = known_parameters(bound, survey)
    if not known[rows].any():
        return None
    for position, row in enumerate(rows):
        if not known[row]:
            continue
        try:
            here = bound.at({name: float(values[row]) for name, values in survey.parameters.items()})
        except ExpressionError:
            return None
        admitted = here.admits(float(sample.values[row]))
        if admitted is None:
            return None
        met[position] = admitted
    return met


def _ranges(indicator: Indicator, where: Provenance) -> list[Finding]:
    """Say at each typed range which end rules: a value beyond the good end is no worse (:meth:`Bound.directed`)."""
    return [
        finding(
            "policy-range", where.find("indicator", indicator.code, f"{grade.chinese}基准值"), indicator=indicator.name,
            grade=grade.chinese[0], found=bound.text, direction=indicator.direction.chinese,
            value=bound.as_judged(indicator.direction.value),
            end=bound.number if indicator.direction is Direction.SMALLER else bound.upper,
        )
        for grade, bound in indicator.baselines.items()
        if bound.kind is BoundKind.RANGE and indicator.direction is not Direction.QUALITATIVE
    ]  # fmt: skip


def _without_parameter(
    indicator: Indicator, bounds: Mapping[Grade, Bound], sample: Sample, survey: Survey, where: Provenance
) -> list[Finding]:
    """Warn of valid enterprises that the share of a formula leaves out; a parameter that nobody reports is another."""
    for grade, bound in bounds.items():
        known = known_parameters(bound, survey)[sample.counts]
        if known.all() or not known.any():
            continue
        return [
            finding(
                "formula-parameter-blank", where.find("indicator", indicator.code, f"{grade.chinese}基准值"),
                indicator=indicator.name, count=int((~known).sum()), n=sample.n, known=int(known.sum()),
                parameter="、".join(f"参数:{name}" for name in bound.names),
            )
        ]  # fmt: skip
    return []


def _beyond_limit(indicator: Indicator, grade: Grade, bound: Bound, where: Provenance) -> list[Finding]:
    limit, most = indicator.mandatory_limit, indicator.limit_number
    number = bound.directed(indicator.direction.value).number
    if limit is None or most is None or not bound.judged or number is None:
        return []
    if not is_laxer(number, most, indicator.direction.value):
        return []
    place = where.find("indicator", indicator.code, f"{grade.chinese}基准值")
    return [
        finding(
            "policy-beyond-limit", place, indicator=indicator.name, grade=grade.chinese[0], value=bound.format(),
            limit=limit.format(),
        )
    ]  # fmt: skip


def _order(indicator: Indicator, baselines: Mapping[Grade, Baseline], where: Provenance) -> list[Finding]:
    """A grade that is laxer than a worse one, at the worse one's cell; text and formulas are not compared here."""
    given = [(g, baselines[g]) for g in GRADES if g in baselines]
    for (better, strict), (worse, lax) in combinations(given, 2):
        if is_stricter(lax.bound, strict.bound, indicator.direction.value):
            return [
                finding(
                    "levels-out-of-order", where.find("indicator", indicator.code, f"{worse.chinese}基准值"),
                    indicator=indicator.name, stratum="", better=better.chinese[0], worse=worse.chinese[0],
                    better_value=strict.bound.format(), worse_value=lax.bound.format(),
                )
            ]  # fmt: skip
    return []


def qualitative_baselines(
    indicator: Indicator, survey: Survey | None, column: SurveyColumn | None
) -> IndicatorBaselines:
    """What the grades ask in words, with the share of the answers that reach each (cumulative)."""
    single = len(indicator.baselines) == 1
    n = 0
    shares: dict[Grade, float | None] = dict.fromkeys(GRADES, None)
    if survey is not None and column is not None:
        answered = (column.states == State.VALUE) & ~np.isnan(column.values)
        weights = np.ones(len(survey)) if survey.weights is None else np.nan_to_num(survey.weights)
        n, total = int(answered.sum()), float(weights[answered].sum())
        if total > 0:
            shares = {
                g: float(weights[answered & (column.values >= len(GRADES) - i)].sum() / total)
                for i, g in enumerate(GRADES)
            }
    baselines = {
        g: Baseline(bound, share=shares[g], source=BaselineSource.QUALITATIVE)
        for g, bound in spread(indicator.baselines).items()
    }
    return IndicatorBaselines(
        indicator.code, indicator.direction, BaselineSource.QUALITATIVE, n, MappingProxyType(baselines), single=single,
        details=BaselineDetails(answers=n),
    )  # fmt: skip
