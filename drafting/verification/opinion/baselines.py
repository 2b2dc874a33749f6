"""Grade values a second time (5.5): the k-th best of the survey, outward rounding, shares reached, intervals."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drafting.model.terms import GRADES
from drafting.verification.opinion.arithmetic import interval_ranks, outward
from drafting.verification.verdict import Verdict

if TYPE_CHECKING:
    from drafting.model.baseline_details import SampleDetails
    from drafting.model.results import Baselines, IndicatorBaselines
    from drafting.record.schema import Column as Recorded
    from drafting.record.schema import Evidence, IndicatorData, RecordedSurvey

KIND = "另法复算"


class Column:
    """One indicator over the enterprises that count: from the best to the worst, a non-detect as bad as it may be."""

    def __init__(
        self,
        values: NDArray[np.float64],
        below: NDArray[np.bool_],
        weights: Sequence[Fraction] | None,
        *,
        smaller: bool,
    ) -> None:
        self.smaller, self.weighted = smaller, weights is not None
        signed = values if smaller else -values
        self.keys, self.sums = _ordered(np.where(below & (not smaller), np.inf, signed), weights)
        # the better end of an interval holds only if it holds wherever below its limit a non-detect lies
        self.best, self.best_sums = _ordered(np.where(below & smaller, -np.inf, signed), weights)
        self.size = len(values) if weights is None else math.floor(self.sums[-1] ** 2 / sum(w * w for w in weights))

    def rank(self, share: Fraction, sums: Sequence[Fraction] | range | None = None) -> int:
        """K = ⌈n·p⌉; with sampling weights the first rank whose weights make up the share."""
        of = self.sums if sums is None else sums
        return bisect_left(of, share * of[-1]) + 1 if self.weighted else math.ceil(share * len(of))

    def value(self, rank: int) -> float | None:
        """The value at a rank from the best; None for a non-detect that leaves it open."""
        return self._plain(self.keys[rank - 1])

    def share(self, printed: Decimal) -> float:
        """Share of those that certainly reach a printed value."""
        reached = bisect_right(self.keys, float(printed) * (1 if self.smaller else -1))
        return float(self.sums[reached - 1] / self.sums[-1]) if reached else 0.0

    def interval(self, share: Fraction, confidence: Fraction) -> list[float | None]:
        """Distribution-free interval of the value that the share of all enterprises reaches."""
        size = max(1, self.size)
        better, worse = interval_ranks(size, share, confidence)
        ends = [
            None if better is None else self._plain(self.best[self.rank(Fraction(better, size), self.best_sums) - 1]),
            None if worse is None else self.value(self.rank(Fraction(worse, size))),
        ]
        return ends if self.smaller else ends[::-1]

    def _plain(self, key: float) -> float | None:
        return None if math.isinf(key) else (key if self.smaller else -key) + 0.0


def _ordered(
    keys: NDArray[np.float64], weights: Sequence[Fraction] | None
) -> tuple[list[float], Sequence[Fraction] | range]:
    """Keys in ascending order, and the sums of the weights up to each."""
    order = np.argsort(keys, kind="stable")
    if weights is None:
        return keys[order].tolist(), range(1, len(keys) + 1)
    return keys[order].tolist(), list(accumulate(weights[n] for n in order.tolist()))


def baselines_opinion(data: Evidence, survey: RecordedSurvey, baselines: Baselines, verdict: Verdict) -> None:
    """Hold what the survey gives, pooled and by stratum, and the shares of typed and qualitative grades."""
    indicators = {i.code: i for i in data.indicators}
    merging = merging_of(data.settings["分组合并"])
    for row in (*baselines.indicators, *baselines.strata):
        indicator, column = indicators[row.code], survey.columns.get(row.code)
        if column is None:
            continue
        path = f"baselines.{row.code}" + (f".{row.stratum}" if row.stratum else "")
        places = np.arange(len(column.states))
        if row.stratum:
            places = np.flatnonzero([merging.get(s, s) == row.stratum for s in survey.strata or ()])
        if indicator.direction == "qualitative":
            _hold_answers(row, indicator, column, survey, path, verdict)
        elif (sample := sample_of(row)) is not None:
            asked = _column(indicator, column, survey, places)
            decimals = sample.decimals if indicator.decimals is None else indicator.decimals
            _hold_survey(row, indicator, asked, decimals, data, path, verdict)


def sample_of(row: IndicatorBaselines) -> SampleDetails | None:
    """The sample that grades were set from; None where they were typed."""
    return None if row.details is None else row.details.sample


def merging_of(text: str) -> dict[str, str]:
    """Setting 分组合并 (小型=中型；微型=中型): the stratum that each one is judged in."""
    parts = (part.partition("=") for part in text.replace(";", "；").replace("，", "；").split("；"))
    return {old.strip(): new.strip() for old, sign, new in parts if sign and old.strip() and new.strip()}


def _column(indicator: IndicatorData, column: Recorded, survey: RecordedSurvey, places: NDArray[np.intp]) -> Column:
    codes = survey.states
    values, states = column.values[places], column.states[places]
    kept = np.isin(states, (codes["value"], codes["non_detect"])) & ~np.isnan(values)
    shares = None
    if survey.weights is not None:
        own = np.nan_to_num(survey.weights[places])
        kept &= own != 0
        shares = [Fraction(repr(w)) for w in own[kept].tolist()]
    smaller = indicator.direction == "smaller"
    return Column(values[kept], states[kept] == codes["non_detect"], shares, smaller=smaller)


def _hold_survey(
    row: IndicatorBaselines, indicator: IndicatorData, found: Column, places: int, data: Evidence, path: str,
    verdict: Verdict,
) -> None:  # fmt: skip
    confidence = Fraction(data.settings["置信水平"])
    limit = indicator.limit.number if indicator.limit else None
    for grade in GRADES:
        said = row.by_grade.get(grade)
        share = Fraction(data.standard.shares[grade])
        k = found.rank(share)
        exact = found.value(k)
        if exact is None:
            continue
        printed = outward(exact, places, up=found.smaller)
        if limit is not None and (printed > Decimal(limit) if found.smaller else printed < Decimal(limit)):
            printed = Decimal(limit)
        interval = found.interval(share, confidence)
        figures = {
            "k": (said and said.k, k),
            "exact": (said and said.exact, exact),
            "value": (said and said.value is not None and format(said.value, "f"), format(printed, "f")),
            "share": (said and said.share, found.share(printed)),
            "interval": (list(said.interval) if said and said.interval else [None, None], interval),
        }
        for name, (published, figure) in figures.items():
            what = f"“{indicator.name}”的 {grade} 级·{name}"
            verdict.compare(KIND, f"{path}.{grade}.{name}", what, published, figure)


def _hold_answers(
    row: IndicatorBaselines, indicator: IndicatorData, column: Recorded, survey: RecordedSurvey, path: str,
    verdict: Verdict,
) -> None:  # fmt: skip
    """Answers in words are cumulative: who reaches grade I reaches the others too."""
    values, given = column.values, column.states == survey.states["value"]
    given = given & ~np.isnan(values)
    weights = np.ones(len(values)) if survey.weights is None else np.nan_to_num(survey.weights)
    total = math.fsum(weights[given].tolist())
    for place, grade in enumerate(GRADES):
        said = row.by_grade.get(grade)
        if total and said is not None and said.value is None:
            reached = math.fsum(weights[given & (values >= 3 - place)].tolist())
            what = f"“{indicator.name}”的 {grade} 级·share"
            verdict.compare(KIND, f"{path}.{grade}.share", what, said.share, reached / total)
