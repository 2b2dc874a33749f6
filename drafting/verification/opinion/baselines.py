"""Grade values a second time (5.5): the k-th best of the survey, outward rounding, shares reached, intervals."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate
from typing import Any

from drafting.verification.opinion.arithmetic import interval_ranks, outward
from drafting.verification.verdict import Verdict

KIND = "另法复算"
GRADES = ("I", "II", "III")
Data = Mapping[str, Any]


class Column:
    """One indicator over the enterprises that count: from the best to the worst, a non-detect as bad as it may be."""

    def __init__(self, rows: Sequence[tuple[float, bool, Fraction]], *, smaller: bool, weighted: bool) -> None:
        self.smaller, self.weighted = smaller, weighted
        sign = 1 if smaller else -1
        keyed = sorted((math.inf if below and not smaller else sign * v, w) for v, below, w in rows)
        self.keys = [key for key, _ in keyed]
        self.sums = list(accumulate(w for _, w in keyed))
        # the better end of an interval holds only if it holds wherever below its limit a non-detect lies
        best = sorted((-math.inf if below and smaller else sign * v, w) for v, below, w in rows)
        self.best, self.best_sums = [key for key, _ in best], list(accumulate(w for _, w in best))
        squares = sum(w * w for _, _, w in rows)
        self.size = math.floor(self.sums[-1] ** 2 / squares) if weighted else len(rows)

    def rank(self, share: Fraction, sums: Sequence[Fraction] | None = None) -> int:
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


def baselines_opinion(data: Data, baselines: Data, verdict: Verdict) -> None:
    """Hold what the survey gives, pooled and by stratum, and the shares of typed and qualitative grades."""
    survey = data["survey"]
    if survey is None:
        return
    indicators = {i["code"]: i for i in data["indicators"]}
    merging = merging_of(data["settings"]["分组合并"])
    for row in (*baselines["indicators"], *baselines["strata"]):
        indicator, column = indicators[row["code"]], survey["columns"].get(row["code"])
        if column is None:
            continue
        path = f"baselines.{row['code']}" + (f".{row['stratum']}" if row["stratum"] else "")
        places = list(range(len(column["states"])))
        if row["stratum"]:
            own = [merging.get(s, s) for s in survey["strata"]]
            places = [n for n in places if own[n] == row["stratum"]]
        if row["direction"] == "qualitative":
            _hold_answers(row, column, survey, path, verdict)
        elif "grades" in row["details"]:
            _hold_survey(row, indicator, _column(row, column, survey, places), data, path, verdict)


def merging_of(text: str) -> dict[str, str]:
    """Setting 分组合并 (小型=中型；微型=中型): the stratum that each one is judged in."""
    parts = (part.partition("=") for part in text.replace(";", "；").replace("，", "；").split("；"))
    return {old.strip(): new.strip() for old, sign, new in parts if sign and old.strip() and new.strip()}


def _column(row: Data, column: Data, survey: Data, places: Sequence[int]) -> Column:
    codes, weights = survey["states"], survey["weights"]
    rows = []
    for n in places:
        value, state = column["values"][n], column["states"][n]
        weight = Fraction(1) if weights is None else Fraction(repr(weights[n] or 0.0))
        if value is not None and weight and state in (codes["value"], codes["non_detect"]):
            rows.append((value, state == codes["non_detect"], weight))
    return Column(rows, smaller=row["direction"] == "smaller", weighted=weights is not None)


def _hold_survey(row: Data, indicator: Data, found: Column, data: Data, path: str, verdict: Verdict) -> None:
    confidence = Fraction(data["settings"]["置信水平"])
    limit = indicator["limit"]["number"] if indicator["limit"] else None
    places = indicator["decimals"] if indicator["decimals"] is not None else row["details"]["decimals"]
    for grade in GRADES:
        share = Fraction(data["standard"]["shares"][grade])
        k = found.rank(share)
        exact = found.value(k)
        if exact is None:
            continue
        printed = outward(exact, places, up=found.smaller)
        if limit is not None and (printed > Decimal(limit) if found.smaller else printed < Decimal(limit)):
            printed = Decimal(limit)
        figures = {
            "k": k, "exact": exact, "value": format(printed, "f"), "share": found.share(printed),
            "interval": found.interval(share, confidence),
        }  # fmt: skip
        for name, figure in figures.items():
            what = f"“{row['indicator']}”的 {grade} 级·{name}"
            verdict.compare(KIND, f"{path}.{grade}.{name}", what, row[grade][name], figure)


def _hold_answers(row: Data, column: Data, survey: Data, path: str, verdict: Verdict) -> None:
    """Answers in words are cumulative: who reaches grade I reaches the others too."""
    weights = survey["weights"] or [1.0] * len(column["values"])
    code = survey["states"]["value"]
    given = [(v, w or 0.0) for v, s, w in zip(column["values"], column["states"], weights, strict=True) if s == code]
    total = math.fsum(w for v, w in given if v is not None)
    for place, grade in enumerate(GRADES):
        if total and row[grade]["text"] is not None:
            reached = math.fsum(w for v, w in given if v is not None and v >= 3 - place)
            what = f"“{row['indicator']}”的 {grade} 级·share"
            verdict.compare(KIND, f"{path}.{grade}.share", what, row[grade]["share"], reached / total)
