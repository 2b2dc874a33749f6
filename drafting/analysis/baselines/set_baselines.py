"""The run from a survey to baselines (5.5): k-th best, policy values, limits, qualitative grades, strata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from baselines import CensoredRankError, Sample, merge_strata, publish_grades, stratum_sizes
from baselines.grades import PublishedGrade, PublishedGrades
from baselines.sample import State as SampleState
from drafting.analysis.baselines.cleaning import effect_of_exclusions, exclude
from drafting.analysis.baselines.details import details_of, intervals_of, too_few
from drafting.analysis.baselines.outliers import flags_of, suspicious
from drafting.analysis.baselines.samples import Counted, count, sample_of
from drafting.analysis.baselines.typed import qualitative_baselines, typed_baselines
from drafting.findings import Finding, Provenance, finding
from drafting.model.bounds import Bound, bound_for
from drafting.model.inputs import Inputs
from drafting.model.results import Baseline, Baselines, IndicatorBaselines
from drafting.model.sheet import rows
from drafting.model.survey import State, Survey, SurveyColumn
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, BaselineSource, Grade
from drafting.standard import standard

if TYPE_CHECKING:
    from baselines.interval import OrderStatisticInterval

MOST_DECIMALS = 6
"""Survey values are not printed with more decimals than this unless the committee asks for it."""

_CAUSES = {
    "ties": "许多企业填报同一数值",
    "few": "有效企业数太少",
    "rounding": "按所取小数位修约后相同",
    "declared": "给定值或强制性限值相同",
}


def set_baselines(inputs: Inputs, where: Provenance) -> tuple[Baselines | None, list[Finding]]:
    """Set the baselines of every active indicator.

    Returns
    -------
    Levels or None
        None if neither survey nor typed values give any.
    list of Finding
    """
    found: list[Finding] = []
    survey = inputs.survey
    if survey is not None:
        survey, more = exclude(inputs, survey, where)
        found += more
        if len(survey) < inputs.settings.minimum_sample:
            place = where.find("survey")
            found.append(finding("survey-small", place, n=len(survey), minimum=inputs.settings.minimum_sample))
        found += merging_findings(inputs, survey.strata, where)
    pooled: list[IndicatorBaselines] = []
    strata: list[IndicatorBaselines] = []
    for indicator in inputs.system.active:
        column = survey.columns.get(indicator.code) if survey else None
        baselines, more = _indicator(inputs, indicator, survey, column, where)
        pooled.append(baselines)
        found += more
        if survey is not None and column is not None and inputs.settings.by_stratum == "是":
            by_stratum, more = _by_stratum(inputs, indicator, survey, column, where)
            strata += by_stratum
            found += more
    if survey is not None:
        found += open_ended_intervals(inputs, pooled, where)
        found += suspicious(inputs, survey, where)
    if not any(baselines.by_grade for baselines in pooled):
        return None, found
    return Baselines(tuple(pooled), tuple(strata), settings_in_words(inputs)), found


def open_ended_intervals(
    inputs: Inputs, baselines: Iterable[IndicatorBaselines], where: Provenance
) -> Iterator[Finding]:
    """Say once which grades' intervals stay open with so few valid values, whatever these are."""
    confidence = float(inputs.settings.confidence)
    surveyed = [one for one in baselines if one.source is BaselineSource.SURVEY and one.n]
    few = sorted((one for one in surveyed if too_few(one.n, confidence)), key=lambda one: one.n)
    if few:
        name = inputs.system.indicator(few[0].code).name
        most = f"～{few[-1].n}" if few[-1].n > few[0].n else ""
        every = f"全部 {len(few)} 项调研指标" if len(few) > 1 else f"调研指标“{name}”"
        yield finding(
            "interval-open",
            where.find("survey"),
            which=every if len(few) == len(surveyed) else f"“{name}”等 {len(few)} 项指标",
            n=f"{few[0].n}{most}",
            needed="、".join(f"{g.chinese}{least}家" for g, least in too_few(few[0].n, confidence).items()),
            confidence=f"{100 * confidence:g}%",
        )


def merging_findings(inputs: Inputs, strata: Sequence[str] | None, where: Provenance) -> Iterator[Finding]:
    """Find what the merging rule says in vain: strata that the survey does not have, words that are no rule."""
    place, rule = where.find("setting", "分组合并"), inputs.settings.merge_strata
    if inputs.settings.by_stratum != "是":
        if rule:
            yield finding("merge-unused", place, found=rule)
        return
    known = "、".join(dict.fromkeys(strata or ())) or "（调研数据没有“分组”列）"
    pairs = tuple(merging_rule(rule))
    for part in _rule_parts(rule):
        if part.strip() and not any(merging_rule(part)):
            yield finding("merge-unreadable", place, found=part.strip())
    for old, new in pairs:
        if old not in (strata or ()):
            yield finding("merge-stratum-unknown", place, stratum=old, known=known)
        elif any(new == other != target for other, target in pairs):
            yield finding("merge-chain", place, stratum=old, into=new)
    if strata is None:
        yield finding("strata-missing", where.find("survey"))


def source_of(indicator: Indicator) -> BaselineSource:
    """The declared source, or what the row implies: qualitative, typed values, else the survey."""
    if indicator.qualitative:
        return BaselineSource.QUALITATIVE
    if indicator.source is not None:
        return indicator.source
    return BaselineSource.POLICY if indicator.baselines else BaselineSource.SURVEY


def settings_in_words(inputs: Inputs) -> Mapping[str, str]:
    """The settings that the baselines depend on, as the draft prints them."""
    chosen = ("duplicates", "by_stratum", "merge_strata", "minimum_sample", "confidence", "missing_codes")
    labels = {r.field: r.label for r in rows(type(inputs.settings))}
    words = {labels[name]: str(getattr(inputs.settings, name)) for name in chosen}
    shares = "、".join(f"{g.grade.chinese}{float(100 * g.share):g}%" for g in standard().grades)
    fixed = {"取值原则": f"达到企业比例：{shares}", "分位定义": "第k优值，k=⌈n·p⌉", "修约": "向外修约"}
    return MappingProxyType({**fixed, **words})


def _indicator(
    inputs: Inputs, indicator: Indicator, survey: Survey | None, column: SurveyColumn | None, where: Provenance
) -> tuple[IndicatorBaselines, list[Finding]]:
    source = source_of(indicator)
    if source is BaselineSource.QUALITATIVE:
        return counted(qualitative_baselines(indicator, survey, column), column), []
    if source is BaselineSource.POLICY:
        sample = sample_of(survey, column) if survey is not None and column is not None else None
        baselines, found = typed_baselines(inputs, indicator, sample, survey, column, where)
        return counted(baselines, column), found
    if survey is None or column is None:
        return _empty(indicator), []
    return _from_survey(inputs, indicator, sample_of(survey, column), column, where)


def _from_survey(
    inputs: Inputs, indicator: Indicator, sample: Sample, column: SurveyColumn, where: Provenance, stratum: str = ""
) -> tuple[IndicatorBaselines, list[Finding]]:
    nothing = counted(_empty(indicator, stratum), column)
    place = where.find("survey", indicator.code)
    if sample.n == 0:
        blank = bool((column.states == State.MISSING).all())
        if stratum or (blank and place is not None):
            return nothing, []  # reading has reported a column without any entry
        return nothing, [finding("indicator-no-values", place, indicator=indicator.name)]
    found: list[Finding] = []
    decimals = indicator.decimals
    if decimals is None:
        decimals = _own_decimals(sample)
        if not stratum:
            cell = where.find("indicator", indicator.code, "小数位")
            found.append(finding("decimals-chosen", cell, indicator=indicator.name, decimals=decimals))
    limit = indicator.limit_number
    direction, confidence = indicator.direction.value, float(inputs.settings.confidence)
    try:
        published = publish_grades(sample, direction, decimals, shares=standard().shares(), mandatory_limit=limit)
    except CensoredRankError:
        label = f"（{stratum}）" if stratum else ""
        return nothing, [finding("baseline-undetected", place, indicator=indicator.name, stratum=label)]
    intervals = intervals_of(sample, direction, confidence)
    flags = flags_of(indicator, sample)
    details = {
        **details_of(sample, direction, published, intervals, flags, decimals, confidence),
        "excluded_effect": effect_of_exclusions(sample, direction),
    }
    baselines = {g: _level(indicator, sample, published[g.value], intervals[g], limit) for g in GRADES}
    result = IndicatorBaselines(
        indicator.code, indicator.direction, source_after(baselines), sample.n, MappingProxyType(baselines), stratum,
        details=MappingProxyType(details),
    )  # fmt: skip
    found += published_findings(inputs, indicator, published, sample, stratum, where)
    return counted(result, column), found


def source_after(baselines: Mapping[Grade, Baseline]) -> BaselineSource:
    """Survey, unless a mandatory limit tightened one of the grades: then the policy has spoken (contract)."""
    tightened = any(baseline.source is BaselineSource.POLICY for baseline in baselines.values())
    return BaselineSource.POLICY if tightened else BaselineSource.SURVEY


def _empty(indicator: Indicator, stratum: str = "") -> IndicatorBaselines:
    """No baselines yet."""
    return IndicatorBaselines(
        indicator.code, indicator.direction, BaselineSource.SURVEY, 0, MappingProxyType({}), stratum
    )


def counted(baselines: IndicatorBaselines, column: SurveyColumn | None) -> IndicatorBaselines:
    """Add how many entries are missing, not applicable, below detection, excluded."""
    if column is None:
        return baselines
    return replace(
        baselines,
        missing=count(column, State.MISSING),
        not_applicable=count(column, State.NOT_APPLICABLE),
        non_detect=count(column, State.NON_DETECT),
        excluded=count(column, State.EXCLUDED),
    )


def _own_decimals(sample: Sample) -> int:
    """Decimals of the most precise value reported."""
    reported = sample.values[sample.counts]
    finest = max((-_exponent(Decimal(repr(float(v)))) for v in reported), default=0)
    return min(max(finest, 0), MOST_DECIMALS)


def _exponent(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _level(
    indicator: Indicator,
    sample: Sample,
    printed: PublishedGrade,
    interval: OrderStatisticInterval,
    limit: Decimal | None,
) -> Baseline:
    attained = printed.survey
    bound = bound_for(indicator.direction.value, printed.value)
    if limit is not None and printed.tightened_from is not None and indicator.mandatory_limit:
        bound = limit_as_bound(indicator.mandatory_limit, indicator, bound)
    setters: tuple[int, ...] = ()
    if attained is not None:
        setters = tuple(np.flatnonzero(sample.counts & (sample.values == attained.value)).tolist())
    return Baseline(
        bound=bound, value=printed.value, exact=attained.value if attained else None, share=printed.share,
        interval=(interval.low, interval.high), k=attained.k if attained else None, enterprises=setters,
        source=BaselineSource.POLICY if printed.tightened_from is not None else None,
    )  # fmt: skip


def limit_as_bound(limit: Bound, indicator: Indicator, otherwise: Bound) -> Bound:
    """A strict limit (<50) stays strict; a bare one is read in the indicator's direction."""
    directed = limit.directed(indicator.direction.value)
    return replace(otherwise, operator=directed.operator) if directed.operator else otherwise


def published_findings(
    inputs: Inputs, indicator: Indicator, published: PublishedGrades, sample: Counted, stratum: str, where: Provenance
) -> Iterator[Finding]:
    """What is to be said about the published values of one indicator."""
    place = where.find("survey", indicator.code)
    name, label = indicator.name, f"（{stratum}）" if stratum else ""
    minimum = inputs.settings.minimum_sample
    if sample.n < minimum <= len(sample) or (stratum and sample.n < minimum):
        yield finding("indicator-sample-small", place, indicator=name, stratum=label, n=sample.n, minimum=minimum)
    censored = sample.count(SampleState.NON_DETECT)
    if 2 * censored > sample.n:
        share = f"{100 * censored / sample.n:.0f}%"
        yield finding("non-detects-many", place, indicator=name, stratum=label, count=censored, n=sample.n, share=share)
    for grade in GRADES:
        printed = published[grade.value]
        word = grade.chinese.removesuffix("级")
        if printed.tightened_from is not None:
            share = "—" if printed.share is None else f"{100 * printed.share:.1f}%"
            yield finding(
                "limit-tightened", where.find("indicator", indicator.code, "强制性限值"), indicator=name, stratum=label,
                grade=word, before=printed.tightened_from, after=printed.value, share=share,
            )  # fmt: skip
        if printed.censored and printed.survey:
            rank = printed.survey.k
            yield finding("baseline-censored", place, indicator=name, grade=word, value=printed.value, k=rank)
    for same in published.indistinguishable:
        yield finding(
            "levels-alike", place, indicator=name, stratum=label, better=Grade(same.stricter).chinese[0],
            worse=Grade(same.laxer).chinese[0], value=published[same.laxer].value, cause=_CAUSES[same.cause],
        )  # fmt: skip
    for better, worse in published.out_of_order:
        yield finding(
            "levels-out-of-order", place, indicator=name, stratum=label, better=Grade(better).chinese[0],
            worse=Grade(worse).chinese[0], better_value=published[better].value, worse_value=published[worse].value,
        )  # fmt: skip


def _by_stratum(
    inputs: Inputs, indicator: Indicator, survey: Survey, column: SurveyColumn, where: Provenance
) -> tuple[list[IndicatorBaselines], list[Finding]]:
    """Baselines per stratum where the source is the survey; strata are merged only by the declared rule."""
    if survey.strata is None or source_of(indicator) is not BaselineSource.SURVEY:
        return [], []
    merging = dict(merging_rule(inputs.settings.merge_strata))
    sample = sample_of(survey, column)
    present = {old: new for old, new in merging.items() if old in survey.strata}
    merged = merge_strata(sample, present) if present else sample
    names = np.array(merged.strata or ())
    baselines: list[IndicatorBaselines] = []
    found: list[Finding] = []
    for name in stratum_sizes(merged):
        rows_of = np.flatnonzero(names == name)
        part = SurveyColumn(column.code, column.values[rows_of], column.states[rows_of])
        one, more = _from_survey(inputs, indicator, merged.stratum(name), part, where, name)
        baselines.append(_in_survey_rows(one, rows_of))
        found += more
    return baselines, found


def _in_survey_rows(baselines: IndicatorBaselines, rows_of: NDArray[np.intp]) -> IndicatorBaselines:
    """Provenance rows of a stratum's sample as rows of the whole survey."""
    moved = {
        g: replace(baseline, enterprises=tuple(int(rows_of[r]) for r in baseline.enterprises))
        for g, baseline in baselines.by_grade.items()
    }
    return replace(baselines, by_grade=MappingProxyType(moved))


def merging_rule(text: str) -> Iterator[tuple[str, str]]:
    """Pairs (old, new) of setting 分组合并, e.g. ``小型=中型；微型=中型``."""
    for part in _rule_parts(text):
        old, sign, new = part.partition("=")
        if sign and old.strip() and new.strip():
            yield old.strip(), new.strip()


def _rule_parts(text: str) -> list[str]:
    return text.replace(";", "；").replace("，", "；").split("；")
