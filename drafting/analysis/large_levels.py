"""Baselines of a survey larger than memory: the engines give the grade values, here they become levels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from baselines import exact_share, expected_share, is_laxer, round_outward
from baselines.direction import Direction as CoreDirection
from baselines.engines import ColumnGrades, Question, grades_of_table, reached_in_table
from drafting.analysis.large_table import GROUP, CleanTable
from drafting.analysis.levels import MOST_DECIMALS, settings_in_words, source_of
from drafting.analysis.typed_levels import spread
from drafting.findings import Finding, Provenance, finding
from drafting.model.bounds import Bound, Operator, bound_for
from drafting.model.inputs import Inputs
from drafting.model.results import IndicatorLevels, Level, Levels
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, BaselineSource, Grade
from drafting.standard import standard

Engine = Callable[[Path, Question], tuple[ColumnGrades, ...]]


def set_large_levels(
    table: CleanTable, inputs: Inputs, where: Provenance, engine: Engine = grades_of_table
) -> tuple[Levels, list[Finding]]:
    """Set the baselines of a prepared table, pooled and (setting 分组基准) by stratum.

    Parameters
    ----------
    engine
        Answers a question about a parquet file: DuckDB's way, or Spark's.
    """
    shares = standard().shares()
    directions = {code: CoreDirection(inputs.system.indicator(code).direction.value) for code in table.codes}
    confidence = float(inputs.settings.confidence)
    first, second, third = (exact_share(s) for s in shares)
    found: list[Finding] = []
    pooled: dict[str, IndicatorLevels] = {}
    strata: list[IndicatorLevels] = []
    for by in (None, GROUP) if inputs.settings.by_stratum == "是" else (None,):
        answers = engine(table.path, Question(directions, by, (first, second, third), confidence)) if directions else ()
        drafts = {(a.column, a.group): _draft(a, inputs, where) for a in answers}
        values = _values(drafts)
        reached = reached_in_table(table.path, directions, by, values) if drafts else {}
        for a in answers:
            made = _levels(a, drafts[a.column, a.group], reached[a.column].get(a.group, ()), inputs)
            if by is None:
                pooled[a.column] = made
            elif source_of(inputs.system.indicator(a.column)) is BaselineSource.SURVEY:
                strata.append(made)
    for indicator in inputs.system.active:
        if indicator.qualitative:
            pooled[indicator.code] = _answers(indicator, table)
        elif source_of(indicator) is BaselineSource.SURVEY and indicator.decimals is None and indicator.code in pooled:
            place = where.find("indicator", indicator.code, "小数位")
            decimals = pooled[indicator.code].details.get("decimals", MOST_DECIMALS)
            found.append(finding("decimals-chosen", place, indicator=indicator.name, decimals=decimals))
    nothing: Mapping[Grade, Level] = MappingProxyType({})
    ordered = tuple(
        pooled.get(i.code) or IndicatorLevels(i.code, i.direction, source_of(i), 0, nothing)
        for i in inputs.system.active
    )
    return Levels(ordered, tuple(strata), settings_in_words(inputs)), found


def _draft(answer: ColumnGrades, inputs: Inputs, where: Provenance) -> dict[Grade, tuple[Bound, Decimal | None, bool]]:
    """Bound of each grade as printed, its number, and whether a mandatory limit tightened it."""
    indicator = inputs.system.indicator(answer.column)
    direction = indicator.direction.value
    if source_of(indicator) is BaselineSource.POLICY:
        typed = {g: b.directed(direction) for g, b in spread(indicator.baselines).items()}
        return {g: (b, b.number if b.judged else None, False) for g, b in typed.items()}
    if answer.grades is None:
        return {}
    decimals = _decimals(indicator, answer)
    limit = indicator.mandatory_limit.number if indicator.mandatory_limit else None
    made: dict[Grade, tuple[Bound, Decimal | None, bool]] = {}
    for grade in GRADES:
        value = round_outward(answer.grades[grade.value].value, decimals, direction)
        tightened = limit is not None and is_laxer(value, limit, direction)
        if tightened and limit is not None:
            value = limit
        made[grade] = (bound_for(direction, value), value, tightened)
    return made


def _decimals(indicator: Indicator, answer: ColumnGrades) -> int:
    """Declared decimals, or those of the most precise of the three values themselves."""
    if indicator.decimals is not None or answer.grades is None:
        return indicator.decimals or 0
    exponents = [Decimal(repr(a.value)).normalize().as_tuple().exponent for a in answer.grades]
    return min(max(*(-e for e in exponents if isinstance(e, int)), 0), MOST_DECIMALS)


def _values(
    drafts: Mapping[tuple[str, str], Mapping[Grade, tuple[Bound, Decimal | None, bool]]],
) -> dict[str, dict[str, tuple[float, ...]]]:
    values: dict[str, dict[str, tuple[float, ...]]] = {}
    for (column, group), made in drafts.items():
        values.setdefault(column, {})[group] = tuple(_edges(made))
    return values


def _edges(made: Mapping[Grade, tuple[Bound, Decimal | None, bool]]) -> Iterator[float]:
    """Values whose counts give the shares: the last double that still reaches a strict bound (<, >)."""
    import math

    for bound, number, _ in made.values():
        if number is not None:
            value = float(number)
            if bound.operator is Operator.BELOW:
                value = math.nextafter(value, -math.inf)
            elif bound.operator is Operator.ABOVE:
                value = math.nextafter(value, math.inf)
            yield value


def _levels(
    answer: ColumnGrades,
    made: Mapping[Grade, tuple[Bound, Decimal | None, bool]],
    reached: tuple[int, ...],
    inputs: Inputs,
) -> IndicatorLevels:
    indicator = inputs.system.indicator(answer.column)
    source = source_of(indicator)
    n = 0 if answer.grades is None else answer.grades.n
    counts = iter(reached)
    levels: dict[Grade, Level] = {}
    details: dict[str, Any] = {}
    for place, (grade, (bound, number, tightened)) in enumerate(made.items()):
        share = None if number is None or not n else next(counts) / n
        attained = None if answer.grades is None or source is BaselineSource.POLICY else answer.grades[grade.value]
        interval = answer.intervals[place] if attained is not None else None
        levels[grade] = Level(
            bound, number, attained.value if attained else None if number is None else float(number), share,
            (interval.low, interval.high) if interval else None, attained.k if attained else None,
            source=BaselineSource.POLICY if tightened or source is BaselineSource.POLICY else None,
        )  # fmt: skip
        if attained is not None and interval is not None:
            details[grade.value] = {
                "k": attained.k, "n": n, "exact": attained.value, "reached": attained.reached, "ties": attained.ties,
                "share_exact": attained.share, "expected_share": float(expected_share(n, attained.k)),
                "interval": [interval.low, interval.high], "coverage": interval.ranks.coverage,
            }  # fmt: skip
    kept = {"decimals": _decimals(indicator, answer), "grades": details}
    return IndicatorLevels(
        answer.column, indicator.direction, source, n, MappingProxyType(levels), answer.group,
        single=len(indicator.baselines) == 1, missing=answer.missing, details=MappingProxyType(kept),
    )  # fmt: skip


def _answers(indicator: Indicator, table: CleanTable) -> IndicatorLevels:
    """Qualitative answers counted as written."""
    words = {"Ⅰ级": 3, "I级": 3, "达到": 3, "Ⅱ级": 2, "II级": 2, "Ⅲ级": 1, "III级": 1, "未达到": 0}
    known = {words[a]: 0 for a in words}
    for answer, count in table.answers.get(indicator.code, {}).items():
        if answer in words:
            known[words[answer]] += count
    n = sum(known.values())
    levels = {
        g: Level(b, share=sum(c for r, c in known.items() if r >= 3 - GRADES.index(g)) / n if n else None,
                 source=BaselineSource.QUALITATIVE)
        for g, b in spread(indicator.baselines).items()
    }  # fmt: skip
    return IndicatorLevels(
        indicator.code, indicator.direction, BaselineSource.QUALITATIVE, n, MappingProxyType(levels),
        single=len(indicator.baselines) == 1,
    )  # fmt: skip
