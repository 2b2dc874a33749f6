"""The run of Appendix D: enterprises against the draft's baselines and weights, to indices, grades and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import numpy as np

from drafting.analysis.baselines.cleaning import exclude
from drafting.analysis.baselines.columns import count
from drafting.analysis.trial.details import deep_details, plain_details
from drafting.analysis.trial.judging import Judged, judge_survey, judged_pieces
from drafting.analysis.trial.verdicts import Verdicts
from drafting.evaluation import Evaluation
from drafting.evaluation.draft import Draft, draft_of
from drafting.findings import Compactor, Finding, Provenance, compacted, finding
from drafting.model.characters import fold
from drafting.model.exclusions import taking_part
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines, Trial, Weights
from drafting.model.survey import MOST_DETAILED, State, Survey
from drafting.model.trial_details import TrialDetails

RARE = 0.5
"""A share of enterprises without any grade above this is a warning."""


def try_out(
    inputs: Inputs,
    weights: Weights,
    baselines: Baselines,
    survey: Survey,
    where: Provenance,
    *,
    deep: bool = False,
) -> tuple[Trial | None, list[Finding]]:
    """Evaluate the surveyed enterprises; those left out as a whole by sheet 剔除 are not part of the trial.

    ``deep``: whether sensitivity and stability, which take seconds, are part of the trial's details.
    """
    draft, lacking = draft_of(inputs, weights, baselines)
    if draft is None:
        return None, [finding("trial-incomplete", what=lacking)]
    cleaned, _ = exclude(inputs, survey, where)
    if not cleaned.loads_columns(len(draft.indicators)):
        return _distribution(inputs, draft, cleaned, where)
    judged, found = judge_survey(inputs, draft, cleaned, taking_part(inputs.exclusions, survey), where)
    result = judged.grade()
    details = plain_details(judged, result)
    if deep:
        details = replace(details, deep=deep_details(inputs, baselines, judged, result))
    trial = _trial(judged, result, details)
    found += compacted(empty_categories(judged, result, where))
    found += rare_grades(trial.distribution)
    found += missing_values(judged.draft, _missing(judged.draft, judged.survey), where)
    return trial, found


def _distribution(inputs: Inputs, draft: Draft, survey: Survey, where: Provenance) -> tuple[Trial, list[Finding]]:
    """How many enterprises reach each grade, of a survey whose enterprises are not judged together."""
    counts, found, seen = Counter[str](), list[Finding](), set[tuple[str, str]]()
    compactor = Compactor()
    for (judged,), more in judged_pieces(inputs, (draft,), survey, where):
        result = judged.grade()
        counts.update(result.distribution())
        for one in more:  # an unknown stratum is said once, at the first enterprise that is in it
            key = (one.code, str(one.values.get("stratum", one.message)))
            if key not in seen:
                found.append(one)
            seen.add(key)
        for one in empty_categories(judged, result, where):
            compactor.take(one.code, one.place, partial(replace, one), found)
    compactor.finish()
    found += [*_not_judged(survey, where), *rare_grades(counts)]
    found += missing_values(draft, _missing(draft, survey), where)
    weights = zip(draft.categories, draft.category_weights, strict=True)
    of_indicators = {i.code: w for i, w in zip(draft.indicators, draft.weights, strict=True)}
    return Trial((), dict(counts), category_weights=dict(weights), weights=of_indicators), found


def _not_judged(survey: Survey, where: Provenance) -> Iterator[Finding]:
    if survey.stored is not None:
        limit = survey.stored.memory_limit >> 20
        yield finding("large-not-judged", where.find("survey"), rows=len(survey), limit=limit)


def deepen(inputs: Inputs, weights: Weights, baselines: Baselines, trial: Trial) -> Trial:
    """Add sensitivity and stability, which take seconds, to the trial of a survey; its grades stay as they are."""
    if inputs.survey is None or trial.details is None:
        return trial
    judged, _ = judge_trial(inputs, weights, baselines, inputs.survey, Provenance())
    if judged is None:
        return trial
    return replace(trial, details=replace(trial.details, deep=deep_details(inputs, baselines, judged, judged.grade())))


def judge_trial(
    inputs: Inputs, weights: Weights, baselines: Baselines, survey: Survey, where: Provenance
) -> tuple[Judged | None, list[Finding]]:
    """Judge the surveyed enterprises, without grading them yet."""
    draft, lacking = draft_of(inputs, weights, baselines)
    if draft is None:
        return None, [finding("trial-incomplete", what=lacking)]
    cleaned, _ = exclude(inputs, survey, where)
    if not cleaned.loads_columns(len(draft.indicators)):
        return None, list(_not_judged(cleaned, where))
    return judge_survey(inputs, draft, cleaned, taking_part(inputs.exclusions, survey), where)


def evaluate_survey(
    inputs: Inputs, weights: Weights, baselines: Baselines, survey: Survey, where: Provenance
) -> tuple[Trial | None, list[Finding]]:
    """Evaluate other enterprises with the draft; sheet 剔除 concerns the survey only."""
    draft, lacking = draft_of(inputs, weights, baselines)
    if draft is None:
        return None, [finding("trial-incomplete", what=lacking)]
    judged, found = judge_survey(inputs, draft, survey, range(len(survey)), where)
    result = judged.grade()
    found += compacted(empty_categories(judged, result, where))
    found += missing_values(draft, _missing(draft, survey), where)
    found += compacted(fractions_for_percentages(draft, survey, where))
    return _trial(judged, result, plain_details(judged, result, surveyed=False)), found


def _trial(judged: Judged, result: Evaluation, details: TrialDetails) -> Trial:
    draft = judged.draft
    verdicts = Verdicts(result, judged.survey, judged.rows, draft.names, draft.categories)
    enterprises = tuple(verdicts) if len(verdicts) <= MOST_DETAILED else verdicts
    return Trial(
        enterprises,
        MappingProxyType(result.distribution()),
        details,
        None,
        MappingProxyType(dict(zip(draft.categories, draft.category_weights, strict=True))),
        MappingProxyType({i.code: w for i, w in zip(draft.indicators, draft.weights, strict=True)}),
    )


def empty_categories(judged: Judged, result: Evaluation, where: Provenance) -> Iterator[Finding]:
    """Find the enterprises whose grade depends on what happens to a category that does not apply at all (D.3)."""
    for n in np.flatnonzero(result.decided_by_empty):
        names = "、".join(judged.draft.categories[i] for i in np.flatnonzero(result.empty[n]))
        row = int(judged.rows[n])
        place = where.find("survey", "企业", str(row))
        who = judged.survey.enterprises[row]
        yield finding("trial-empty-category", place, enterprise=who, category=names)


def rare_grades(counts: Mapping[str, int]) -> Iterator[Finding]:
    """Say that most enterprises reach no grade at all."""
    evaluated = sum(counts.values()) - counts["excluded"]
    if evaluated and counts["none"] / evaluated > RARE:
        yield finding(
            "trial-grades-rare", none=counts["none"], share=f"{100 * counts['none'] / evaluated:.1f}%",
            first=counts["I"], second=counts["II"], third=counts["III"],
        )  # fmt: skip


def missing_values(draft: Draft, missing: Mapping[str, int], where: Provenance) -> Iterator[Finding]:
    """Say of which indicators values are missing; ``missing`` counts them by code."""
    for indicator in draft.indicators:
        if missing[indicator.code]:
            place = where.find("survey", indicator.code)
            count = missing[indicator.code]
            yield finding("trial-missing-values", place, indicator=indicator.name, count=count)


_TELLING = 3
"""Values of a column from which its reader sees fractions by themselves."""


def fractions_for_percentages(draft: Draft, survey: Survey, where: Provenance) -> Iterator[Finding]:
    """Find 0.96 where the baselines lie near 96 %: one or two enterprises do not say what they write for 95 %."""
    for indicator, of in zip(draft.indicators, draft.baselines, strict=True):
        limits = [float(one.value) for one in of.by_grade.values() if one.value is not None]
        column = survey.columns.get(indicator.code) if fold(indicator.unit).strip().startswith("%") else None
        if column is None or not limits or len(survey) >= _TELLING:
            continue
        for row, value in enumerate(column.values.tolist()):
            if 0 < value <= 1 and 10 * value < min(limits) <= 200 * value:
                place = where.find("survey", indicator.code, str(row))
                yield finding("evaluated-fraction", place, indicator=indicator.name, found=f"{value:.10g}")


def _missing(draft: Draft, survey: Survey) -> Mapping[str, int]:
    return {
        i.code: count(survey.columns[i.code], State.MISSING) if i.code in survey.columns else len(survey)
        for i in draft.indicators
    }
