"""The run from a survey to baselines (5.5): k-th best, policy values, limits, qualitative grades, strata."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from baselines import publish_attained
from baselines.direction import Direction as CoreDirection
from baselines.engines import ColumnGrades
from baselines.grades import PublishedGrades
from drafting.analysis.baselines.asking import Answer, Asked, Count
from drafting.analysis.baselines.cleaning import exclude
from drafting.analysis.baselines.columns import Counted, Tally, sample_of
from drafting.analysis.baselines.details import details_of, too_few
from drafting.analysis.baselines.outliers import Outliers
from drafting.analysis.baselines.strata import merged, merging_findings
from drafting.analysis.baselines.typed import qualitative_baselines, typed_baselines
from drafting.findings import SHOWN, Finding, Provenance, finding
from drafting.model.baseline_details import BaselineDetails, DoubtfulValues
from drafting.model.bounds import Bound, bound_for
from drafting.model.inputs import Inputs
from drafting.model.labels import Labels
from drafting.model.results import Baseline, Baselines, IndicatorBaselines
from drafting.model.sheet import rows
from drafting.model.survey import MOST_DETAILED, State, Survey
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, BaselineSource, Grade
from drafting.standard import standard

_CAUSES = {
    "ties": "许多企业填报同一数值",
    "few": "有效企业数太少",
    "rounding": "按所取小数位修约后相同",
    "declared": "给定值或强制性限值相同",
}


def set_baselines(inputs: Inputs, where: Provenance) -> tuple[Baselines | None, list[Finding]]:
    """Set the baselines of every active indicator, pooled and (setting 分组基准) by stratum.

    Raises baselines.engines.EngineError when the engine of a survey that is not loaded fails.

    Returns None if neither survey nor typed values give any.
    """
    survey, found = (None, []) if inputs.survey is None else exclude(inputs, inputs.survey, where)
    if survey is None:
        typed = [_typed(inputs, indicator, None, where) for indicator in inputs.system.active]
        pooled = tuple(one for one, _ in typed)
        strata = tuple(_of_strata(inputs, where))
        found = [f for _, more in typed for f in more]
    else:
        setter = _Setter(inputs, survey, where, found)
        pooled, strata = setter.pooled_and_by_stratum()
    if not any(one.by_grade for one in pooled):
        return None, found
    return Baselines(pooled, strata, settings_in_words(inputs)), found


@dataclass
class _Setter:
    inputs: Inputs
    survey: Survey
    """With the marks of sheet 剔除."""
    where: Provenance
    found: list[Finding]
    tallies: dict[str, Tally] = field(default_factory=dict)

    def pooled_and_by_stratum(self) -> tuple[tuple[IndicatorBaselines, ...], tuple[IndicatorBaselines, ...]]:
        """Baselines in the order of the indicators."""
        inputs, survey = self.inputs, self.survey
        if len(survey) < inputs.settings.minimum_sample:
            self._say("survey-small", ("survey",), n=len(survey), minimum=inputs.settings.minimum_sample)
        self.found += merging_findings(inputs, None if self.strata is None else self.strata.words, self.where)
        present = [i for i in inputs.system.active if i.code in survey.columns]
        by_stratum = inputs.settings.by_stratum == "是"
        labels = self.merged if by_stratum else None
        self.tallies = {i.code: Tally.of(survey, i, labels) for i in present}
        surveyed = [i for i in present if source_of(i) is BaselineSource.SURVEY]
        pooled = {one.code: one for one in self._asked(surveyed, None)}
        strata = list(self._asked(surveyed, labels)) if labels is not None else []
        if survey.loads:
            for indicator in (i for i in present if not i.qualitative):
                self._look_at(indicator, pooled, strata)
        elif present:
            assert survey.stored is not None  # one in memory is loaded
            self._say("large-not-looked", ("survey",), rows=len(survey), limit=survey.stored.memory_limit >> 20)
        for indicator in inputs.system.active:
            if indicator.code not in pooled:
                pooled[indicator.code] = self._typed(indicator)
        ordered = tuple(pooled[i.code] for i in inputs.system.active)
        self.found += open_ended_intervals(inputs, ordered, self.where)
        return ordered, tuple(strata)

    @cached_property
    def strata(self) -> Labels | None:
        """Strata as written."""
        return self.survey.labels

    @cached_property
    def merged(self) -> Labels | None:
        """Strata by the merging rule."""
        return merged(self.inputs, self.strata)

    def _say(self, code: str, at: tuple[str, ...], **values: Any) -> None:
        self.found.append(finding(code, self.where.find(*at), **values))

    # --- survey values -------------------------------------------------------------------------------------------
    def _asked(self, indicators: Sequence[Indicator], labels: Labels | None) -> Iterator[IndicatorBaselines]:
        """Ask the engine, count who reaches the printed values, and say what is to be said."""
        by_stratum = labels is not None
        asked = Asked(
            self.survey, {i.code: CoreDirection(i.direction.value) for i in indicators}, labels,
            {i.code for i in indicators if self.tallies[i.code].states[None][State.NON_DETECT]},
            float(self.inputs.settings.confidence),
        )  # fmt: skip

        def publish(a: ColumnGrades, count: Count) -> PublishedGrades | None:
            if a.grades is None:
                return None
            indicator = self.inputs.system.indicator(a.column)
            decimals = self._decimals(indicator, a.group if by_stratum else None)
            return publish_attained(a.grades, decimals, count, mandatory_limit=indicator.limit_number)

        for answer in asked.answers(publish):
            yield self._made(answer, by_stratum=by_stratum)

    def _decimals(self, indicator: Indicator, group: str | None) -> int:
        if indicator.decimals is not None:
            return indicator.decimals
        return self.tallies[indicator.code].decimals[group]

    def _made(self, answer: Answer, *, by_stratum: bool) -> IndicatorBaselines:
        a, published = answer
        indicator, group = self.inputs.system.indicator(a.column), a.group if by_stratum else None
        stratum, counts = group or "", self.tallies[a.column].states[group]
        decimals = self._decimals(indicator, group)
        if not by_stratum and indicator.decimals is None and (published is not None or a.undetected):
            place = ("indicator", indicator.code, "小数位")
            self._say("decimals-chosen", place, indicator=indicator.name, decimals=decimals)
        if published is None or a.grades is None:
            self._say_empty(indicator, a, counts, stratum)
            return _counted(_empty(indicator, stratum), counts)
        baselines: dict[Grade, Baseline] = {}
        for grade, interval in zip(GRADES, a.intervals, strict=True):
            printed = published[grade.value]
            attained = printed.survey
            assert attained is not None  # a survey value was asked for
            bound = bound_for(indicator.direction.value, printed.value)
            tightened = printed.tightened_from is not None
            if tightened and indicator.mandatory_limit is not None:
                bound = _limit_as_bound(indicator.mandatory_limit, indicator, bound)
            baselines[grade] = Baseline(
                bound, printed.value, attained.value, printed.share, (interval.low, interval.high), attained.k,
                source=BaselineSource.POLICY if tightened else None,
            )  # fmt: skip
        confidence, weighted = float(self.inputs.settings.confidence), self.survey.weights is not None
        details = details_of(a, published, decimals, confidence, weighted=weighted)
        sample = Counted.of(a.grades.n, counts)
        self.found += published_findings(self.inputs, indicator, published, sample, stratum, self.where)
        result = IndicatorBaselines(
            indicator.code, indicator.direction, _source_after(baselines), a.grades.n, MappingProxyType(baselines),
            stratum, details=BaselineDetails(sample=details),
        )  # fmt: skip
        return _counted(result, counts)

    def _say_empty(self, indicator: Indicator, a: ColumnGrades, counts: Mapping[State, int], stratum: str) -> None:
        """Why there are no values; reading has reported a column without any entry."""
        place = ("survey", indicator.code)
        blank = counts[State.MISSING] == sum(counts.values()) and self.where.find(*place) is not None
        if a.undetected:
            label = f"（{stratum}）" if stratum else ""
            self._say("baseline-undetected", place, indicator=indicator.name, stratum=label)
        elif not stratum and not blank:
            self._say("indicator-no-values", place, indicator=indicator.name)

    def _look_at(
        self, indicator: Indicator, pooled: dict[str, IndicatorBaselines], strata: list[IndicatorBaselines]
    ) -> None:
        """What needs the column as a whole: fences, what they and the exclusions change, who set the values."""
        looked = Outliers(self.survey, indicator, self.strata, self.merged)
        self.found += looked.findings(self.where)
        whole = pooled.get(indicator.code)
        if whole is not None and whole.by_grade:
            pooled[indicator.code] = self._with(whole, looked.details(looked.sample, looked.flags), looked, None)
        own = {one.stratum: n for n, one in enumerate(strata) if one.code == indicator.code and one.by_grade}
        for name, at, part, flags in looked.strata() if own else ():
            if name in own:
                one = strata[own[name]]
                strata[own[name]] = self._with(one, looked.details(part, flags), looked, at)

    def _with(
        self, one: IndicatorBaselines, more: DoubtfulValues, looked: Outliers, at: np.ndarray | None
    ) -> IndicatorBaselines:
        sample = looked.sample
        rows_of = np.flatnonzero(sample.counts) if at is None else at[sample.counts[at]]
        most = len(self.survey) if len(self.survey) <= MOST_DETAILED else SHOWN
        baselines = {
            grade: replace(b, enterprises=tuple(rows_of[sample.values[rows_of] == b.exact][:most].tolist()))
            for grade, b in one.by_grade.items()
        }
        details = replace(one.details or BaselineDetails(), doubtful=more)
        return replace(one, by_grade=MappingProxyType(baselines), details=details)

    # --- typed values, answers -----------------------------------------------------------------------------------
    def _typed(self, indicator: Indicator) -> IndicatorBaselines:
        """Policy values and answers, with the shares of the whole column."""
        tally = self.tallies.get(indicator.code)
        one, more = _typed(self.inputs, indicator, self.survey if self.survey.loads else None, self.where)
        self.found += more
        return one if tally is None else _counted(one, tally.states[None])


def _typed(
    inputs: Inputs, indicator: Indicator, survey: Survey | None, where: Provenance
) -> tuple[IndicatorBaselines, list[Finding]]:
    """Policy values and answers; nothing where the survey ought to set the values and has none."""
    source = source_of(indicator)
    column = None if survey is None else survey.columns.get(indicator.code)
    if source is BaselineSource.QUALITATIVE:
        return qualitative_baselines(indicator, survey, column), []
    if source is BaselineSource.POLICY:
        sample = sample_of(survey, column) if survey is not None and column is not None else None
        return typed_baselines(inputs, indicator, sample, survey, column, where)
    return _empty(indicator), []


def _of_strata(inputs: Inputs, where: Provenance) -> Iterator[IndicatorBaselines]:
    """Baselines that are given by stratum, in the order in which a survey's are set."""
    for indicator in inputs.system.active:
        for stratum, bounds in indicator.strata.items():
            one, _ = _typed(inputs, replace(indicator, baselines=bounds), None, where)
            yield replace(one, stratum=stratum)


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


def _source_after(baselines: Mapping[Grade, Baseline]) -> BaselineSource:
    """Survey, unless a mandatory limit tightened one of the grades: then the policy has spoken (contract)."""
    tightened = any(baseline.source is BaselineSource.POLICY for baseline in baselines.values())
    return BaselineSource.POLICY if tightened else BaselineSource.SURVEY


def _empty(indicator: Indicator, stratum: str = "") -> IndicatorBaselines:
    """No baselines yet."""
    return IndicatorBaselines(
        indicator.code, indicator.direction, BaselineSource.SURVEY, 0, MappingProxyType({}), stratum
    )


def _counted(baselines: IndicatorBaselines, counts: Mapping[State, int]) -> IndicatorBaselines:
    """Add how many entries are missing, not applicable, below detection, excluded."""
    return replace(
        baselines, missing=counts[State.MISSING], not_applicable=counts[State.NOT_APPLICABLE],
        non_detect=counts[State.NON_DETECT], excluded=counts[State.EXCLUDED],
    )  # fmt: skip


def _limit_as_bound(limit: Bound, indicator: Indicator, otherwise: Bound) -> Bound:
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
    if sample.n < minimum <= sample.size or (stratum and sample.n < minimum):
        yield finding("indicator-sample-small", place, indicator=name, stratum=label, n=sample.n, minimum=minimum)
    censored = sample.non_detects
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
