"""Baselines of a survey larger than memory: the engines give the grade values, here they become baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from baselines import Bounds, exact_share, expected_share, minimum_n, probability_share_kept, publish_attained
from baselines.direction import Direction as CoreDirection
from baselines.engines import ColumnGrades, Question, grades_of_table, reached_in_table
from baselines.grades import PublishedGrade, PublishedGrades
from baselines.interval import OrderStatisticInterval
from baselines.sample import State as SampleState
from drafting.analysis.baselines.large_columns import Columns
from drafting.analysis.baselines.large_outliers import Outliers
from drafting.analysis.baselines.samples import sample_of
from drafting.analysis.baselines.set_baselines import (
    limit_as_bound,
    merging_findings,
    open_ended_intervals,
    published_findings,
    settings_in_words,
    source_after,
    source_of,
)
from drafting.analysis.baselines.typed import qualitative_baselines, typed_baselines
from drafting.findings import Finding, Provenance, finding
from drafting.model.bounds import bound_for
from drafting.model.exclusions import codes_left_out
from drafting.model.inputs import Inputs
from drafting.model.large import MERGED, POSITION, STATE_SUFFIX, WEIGHT, CleanTable
from drafting.model.results import Baseline, Baselines, IndicatorBaselines
from drafting.model.survey import State
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, BaselineSource, Grade
from drafting.standard import standard

Engine = Callable[[Path, Question], tuple[ColumnGrades, ...]]


def set_large_baselines(
    table: CleanTable, inputs: Inputs, where: Provenance, memory_limit: int, engine: Engine = grades_of_table
) -> tuple[Baselines | None, list[Finding]]:
    """Set the baselines of a clean table, pooled and (setting 分组基准) by stratum.

    Parameters
    ----------
    memory_limit
        Bytes that looking at one column as a whole may take (fences, policy values, answers).
    engine
        Answers a question about a parquet file: DuckDB's way, or Spark's.
    """
    return _Setter(table, inputs, where, memory_limit, engine).baselines()


@dataclass(frozen=True, slots=True)
class _Entries:
    """What the findings ask of a sample."""

    n: int
    size: int
    non_detects: int

    def __len__(self) -> int:
        return self.size

    def count(self, state: SampleState) -> int:
        """Count the non-detects; nothing else is asked."""
        return self.non_detects if state is SampleState.NON_DETECT else 0


@dataclass
class _Setter:
    table: CleanTable
    inputs: Inputs
    where: Provenance
    memory_limit: int
    engine: Engine
    found: list[Finding] = field(default_factory=list)

    def baselines(self) -> tuple[Baselines | None, list[Finding]]:
        table, inputs = self.table, self.inputs
        self._about_the_survey()
        columns = Columns(table)
        surveyed = [
            i for i in inputs.system.active
            if i.code in table.codes and not i.qualitative and source_of(i) is BaselineSource.SURVEY
        ]  # fmt: skip
        pooled = {one.code: one for one in self._asked(surveyed, None)}
        by_stratum = inputs.settings.by_stratum == "是" and table.strata is not None
        strata = list(self._asked(surveyed, MERGED)) if by_stratum else []
        if columns.fits(self.memory_limit):
            for indicator in inputs.system.active:
                if indicator.code in table.codes and not indicator.qualitative:
                    self._look_at(indicator, columns, pooled, strata)
        elif any(i.code in table.codes for i in inputs.system.active):
            self._say("large-not-looked", self.where.find("survey"), rows=table.rows, limit=self.memory_limit >> 20)
        for indicator in inputs.system.active:
            if indicator.code not in pooled:
                pooled[indicator.code] = self._typed(indicator, columns)
        ordered = tuple(pooled[i.code] for i in inputs.system.active)
        self.found += open_ended_intervals(inputs, ordered, self.where)
        if not any(one.by_grade for one in ordered):
            return None, self.found
        place = {i.code: n for n, i in enumerate(inputs.system.active)}
        strata.sort(key=lambda one: place[one.code])
        return Baselines(ordered, tuple(strata), settings_in_words(inputs)), self.found

    def _say(self, code: str, place: Any, **values: Any) -> None:
        self.found.append(finding(code, place, **values))

    def _about_the_survey(self) -> None:
        table, inputs, where = self.table, self.inputs, self.where
        for position, (exclusion, matched) in enumerate(zip(inputs.exclusions, table.matched, strict=True)):
            place, codes = where.find("exclusion", str(position)), codes_left_out(exclusion, inputs.system.active)
            if not matched or not codes:
                said = where.find("exclusion", str(position), "企业")
                if not matched and said is not None and said.cell:
                    continue  # said by whoever read the sheet, at its cell
                what, name = ("指标", exclusion.indicator) if matched else ("企业", exclusion.enterprise)
                self._say("exclusion-unknown", place, what=what, name=name)
                continue
            who = exclusion.enterprise + (f"的{exclusion.indicator}" if exclusion.indicator else "（整家企业）")
            self._say("excluded-values", place, count=len(codes), what=who, reason=exclusion.reason.rstrip("。"))
        if table.rows < inputs.settings.minimum_sample:
            minimum = inputs.settings.minimum_sample
            self._say("survey-small", where.find("survey"), n=table.rows, minimum=minimum)
        self.found += merging_findings(inputs, table.strata, where)

    # --- survey values -------------------------------------------------------------------------------------------
    def _asked(self, indicators: Sequence[Indicator], by: str | None) -> Iterator[IndicatorBaselines]:
        """Ask the engine, count who reaches the printed values, and say what is to be said."""
        if not indicators:
            return
        table = self.table
        first, second, third = (exact_share(s) for s in standard().shares())
        marked = [i.code for i in indicators if table.counts[i.code][None][State.NON_DETECT]]
        question = Question(
            {i.code: CoreDirection(i.direction.value) for i in indicators}, by, (first, second, third),
            float(self.inputs.settings.confidence), None if table.weight_decimals is None else WEIGHT,
            table.weight_decimals or 0, MappingProxyType({c: c + STATE_SUFFIX for c in marked}), POSITION,
        )  # fmt: skip
        answers = {(a.column, a.group): a for a in self.engine(table.path, question)}
        published: dict[tuple[str, str], PublishedGrades] = {}
        asked: dict[tuple[str, str], list[Decimal]] = {}
        for key, a in answers.items():
            values: list[Decimal] = asked.setdefault(key, [])
            self._publish(a, by, values.append)
        doubles: dict[str, dict[str, list[float]]] = {}
        for (code, group), wanted in asked.items():
            doubles.setdefault(code, {})[group] = [float(v) for v in wanted]
        reached = reached_in_table(table.path, question, doubles)
        for key, a in answers.items():
            counted = reached.get(key[0], {}).get(key[1], ())
            totals = dict(zip(asked[key], counted, strict=True))
            made = self._publish(a, by, partial(_share, totals, a.mass))
            if made is not None:
                published[key] = made
        order = [""] if by is None else self._names_in_order()
        for indicator in indicators:
            for group in order:
                a = answers[indicator.code, group]
                yield self._made(indicator, a, published.get((indicator.code, group)), by)

    def _names_in_order(self) -> list[str]:
        from drafting.analysis.baselines.set_baselines import merging_rule

        rule = dict(merging_rule(self.inputs.settings.merge_strata))
        return list(dict.fromkeys(rule.get(name, name) for name in self.table.strata or ()))

    def _decimals(self, indicator: Indicator, group: str | None) -> int:
        if indicator.decimals is not None:
            return indicator.decimals
        return self.table.decimals[indicator.code].get(group, 0)

    def _publish(self, a: ColumnGrades, by: str | None, count: Callable[[Decimal], Any]) -> PublishedGrades | None:
        if a.grades is None:
            return None
        indicator = self.inputs.system.indicator(a.column)
        limit = indicator.limit_number
        decimals = self._decimals(indicator, None if by is None else a.group)
        return publish_attained(a.grades, decimals, count, mandatory_limit=limit)

    def _made(
        self, indicator: Indicator, a: ColumnGrades, published: PublishedGrades | None, by: str | None
    ) -> IndicatorBaselines:
        group = None if by is None else a.group
        stratum, counts = group or "", self.table.counts[a.column][group]
        place = self.where.find("survey", indicator.code)
        if published is None:
            if a.undetected:
                label = f"（{stratum}）" if stratum else ""
                self._decimals_chosen(indicator, group)
                self._say("baseline-undetected", place, indicator=indicator.name, stratum=label)
            elif not stratum and not (counts[State.MISSING] == sum(counts.values()) and place is not None):
                self._say("indicator-no-values", place, indicator=indicator.name)
            return self._empty(indicator, counts, stratum)
        self._decimals_chosen(indicator, group)
        assert a.grades is not None  # there are published values
        limit = indicator.mandatory_limit
        baselines: dict[Grade, Baseline] = {}
        for grade, interval in zip(GRADES, a.intervals, strict=True):
            printed = published[grade.value]
            attained = printed.survey
            assert attained is not None  # a survey value was asked for
            bound = bound_for(indicator.direction.value, printed.value)
            if limit is not None and printed.tightened_from is not None:
                bound = limit_as_bound(limit, indicator, bound)
            baselines[grade] = Baseline(
                bound, printed.value, attained.value, printed.share, (interval.low, interval.high), attained.k,
                source=BaselineSource.POLICY if printed.tightened_from is not None else None,
            )  # fmt: skip
        details = self._details(a, published, group, indicator)
        entries = _Entries(a.grades.n, sum(counts.values()), counts[State.NON_DETECT])
        self.found += published_findings(self.inputs, indicator, published, entries, stratum, self.where)
        return _counted(
            IndicatorBaselines(
                indicator.code, indicator.direction, source_after(baselines), a.grades.n, MappingProxyType(baselines),
                stratum, details=MappingProxyType(details),
            ),
            counts,
        )  # fmt: skip

    def _decimals_chosen(self, indicator: Indicator, group: str | None) -> None:
        if indicator.decimals is None and not group:
            place = self.where.find("indicator", indicator.code, "小数位")
            decimals = self._decimals(indicator, group)
            self._say("decimals-chosen", place, indicator=indicator.name, decimals=decimals)

    def _details(
        self, a: ColumnGrades, published: PublishedGrades, group: str | None, indicator: Indicator
    ) -> dict[str, Any]:
        confidence = float(self.inputs.settings.confidence)
        weighted = self.table.weight_decimals is not None
        return {
            "decimals": self._decimals(indicator, group), "weighted": weighted, "effective_n": round(a.effective_n, 2),
            "grades": {
                grade.value: _grade(published[grade.value], a, place, confidence, weighted)
                for place, grade in enumerate(GRADES)
            },
        }  # fmt: skip

    def _look_at(
        self,
        indicator: Indicator,
        columns: Columns,
        pooled: dict[str, IndicatorBaselines],
        strata: list[IndicatorBaselines],
    ) -> None:
        """Fences and what they and the exclusions change, from the whole column."""
        looked = Outliers(columns, indicator)
        self.found += looked.findings(self.where)
        if indicator.code in pooled and pooled[indicator.code].by_grade:
            pooled[indicator.code] = _with(pooled[indicator.code], looked.pooled())
        if any(one.code == indicator.code for one in strata):
            more = dict(looked.strata())
            for number, one in enumerate(strata):
                if one.code == indicator.code and one.by_grade:
                    strata[number] = _with(one, more[one.stratum])

    # --- typed values, answers -----------------------------------------------------------------------------------
    def _typed(self, indicator: Indicator, columns: Columns) -> IndicatorBaselines:
        """Policy values and answers, with the shares of the whole column."""
        source = source_of(indicator)
        present = indicator.code in self.table.codes
        survey = columns.survey(indicator.code) if present and columns.fits(self.memory_limit) else None
        column = survey.columns[indicator.code] if survey is not None else None
        if source is BaselineSource.QUALITATIVE:
            baselines = qualitative_baselines(indicator, survey, column)
        elif source is BaselineSource.POLICY:
            sample = sample_of(survey, column) if survey is not None and column is not None else None
            baselines, more = typed_baselines(self.inputs, indicator, sample, survey, column, self.where)
            self.found += more
        else:
            baselines = IndicatorBaselines(indicator.code, indicator.direction, source, 0, MappingProxyType({}))
        return _counted(baselines, self.table.counts[indicator.code][None]) if present else baselines

    def _empty(self, indicator: Indicator, counts: Mapping[State, int], stratum: str) -> IndicatorBaselines:
        nothing: Mapping[Grade, Baseline] = MappingProxyType({})
        return _counted(
            IndicatorBaselines(indicator.code, indicator.direction, BaselineSource.SURVEY, 0, nothing, stratum), counts
        )


def _grade(
    printed: PublishedGrade, a: ColumnGrades, place: int, confidence: float, weighted: bool
) -> Mapping[str, Any]:
    attained, interval = printed.survey, a.intervals[place]
    assert attained is not None  # a survey value was asked for
    kept = None if weighted else probability_share_kept(attained.n, attained.k, attained.asked)
    return {
        "asked": float(attained.asked), "k": attained.k, "n": attained.n, "exact": attained.value,
        "reached": attained.reached, "ties": attained.ties, "share_exact": attained.share,
        "censored": attained.censored, "tightened_from": printed.tightened_from,
        "excel_percentile": None if weighted else a.percentiles[place],
        "expected_share": None if weighted else float(expected_share(attained.n, attained.k)),
        "probability_share_kept": kept,
        "interval": [interval.low, interval.high], "interval_ranks": [interval.ranks.strict, interval.ranks.lax],
        "coverage": interval.ranks.coverage, "interval_exact": interval.exact,
        "bootstrap": None if weighted else _ends(a.bootstrap[place]),
        "minimum_n": {
            "one_sided": minimum_n(attained.asked, confidence, Bounds.STRICT),
            "two_sided": minimum_n(attained.asked, confidence, Bounds.BOTH),
        },
    }  # fmt: skip


def _share(reached: Mapping[Decimal, tuple[int, int]], mass: int, value: Decimal) -> tuple[int, Fraction]:
    number, weight = reached[value]
    return number, Fraction(weight, mass)


def _ends(interval: OrderStatisticInterval | None) -> list[float | None] | None:
    return None if interval is None else [interval.low, interval.high]


def _counted(baselines: IndicatorBaselines, counts: Mapping[State, int]) -> IndicatorBaselines:
    return replace(
        baselines, missing=counts[State.MISSING], not_applicable=counts[State.NOT_APPLICABLE],
        non_detect=counts[State.NON_DETECT], excluded=counts[State.EXCLUDED],
    )  # fmt: skip


def _with(baselines: IndicatorBaselines, more: Mapping[str, Any]) -> IndicatorBaselines:
    return replace(baselines, details=MappingProxyType({**baselines.details, **more}))
