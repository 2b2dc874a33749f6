"""The few formulas that the published figures need, each from its source, in plain Python."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from functools import lru_cache

Row = Sequence[float]
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Saaty (1980), orders 1 to 15."""
_TURNS = 100_000


def eigenvector(matrix: Sequence[Row]) -> tuple[list[float], float]:
    """Principal right eigenvector (sum 1) and eigenvalue of a positive matrix by power iteration (Saaty 1980)."""
    size = len(matrix)
    vector = [1 / size] * size
    for _ in range(_TURNS):
        image = [math.fsum(a * v for a, v in zip(row, vector, strict=True)) for row in matrix]
        total = math.fsum(image)
        moved = [x / total for x in image]
        settled = max(abs(x - v) for x, v in zip(moved, vector, strict=True)) < 1e-15
        vector = moved
        if settled:
            break
    image = [math.fsum(a * v for a, v in zip(row, vector, strict=True)) for row in matrix]
    return vector, math.fsum(image)


def row_means(matrix: Sequence[Row]) -> list[float]:
    """方根法: geometric means of the rows, sum 1."""
    means = [math.exp(math.fsum(map(math.log, row)) / len(row)) for row in matrix]
    return normalised(means)


def column_shares(matrix: Sequence[Row]) -> list[float]:
    """和积法: means of the rows after every column was divided by its sum."""
    sums = [math.fsum(column) for column in zip(*matrix, strict=True)]
    return normalised([math.fsum(a / s for a, s in zip(row, sums, strict=True)) for row in matrix])


def normalised(values: Sequence[float]) -> list[float]:
    """Divided by their sum."""
    total = math.fsum(values)
    return [v / total for v in values]


def largest_remainders(shares: Sequence[float], places: int) -> list[Decimal]:
    """Round shares to ``places`` decimals that add up to 1 (Hamilton): the units left go to the largest remainders.

    Shares that agree to twelve digits are one number; of equal remainders the first goes up.
    """
    unit, whole = 10**places, math.fsum(shares)
    fine = [round(Fraction(s) * 10**12 / Fraction(whole)) for s in shares]
    exact = [Fraction(f * unit, sum(fine)) for f in fine]
    floors = [math.floor(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda i: (floors[i] - exact[i], i))
    for i in order[: unit - sum(floors)]:
        floors[i] += 1
    return [Decimal(f).scaleb(-places) for f in floors]


# --- rounds -----------------------------------------------------------------------------------------------------------
_OFFSETS = {"type-5": (0.5, 0.5), "type-6": (0.0, 0.0), "type-7": (1.0, 1.0), "type-8": (1 / 3, 1 / 3)}
"""Hyndman and Fan (1996): position p·(n + 1 − a − b) + a."""


def quantile(values: Row, p: float, convention: str) -> float:
    """Sample quantile by Hyndman and Fan's definitions 2, 5, 6, 7 and 8."""
    ordered = sorted(values)
    n = len(ordered)
    if convention == "type-2":
        at = Fraction(repr(p)) * n
        if at.denominator == 1:
            return (ordered[max(int(at), 1) - 1] + ordered[min(int(at), n - 1)]) / 2
        return ordered[math.ceil(at) - 1]
    a, b = _OFFSETS[convention]
    position = min(max(p * (n + 1 - a - b) + a, 1.0), float(n))
    below = min(math.floor(position), n - 1) if n > 1 else 1
    share = position - below
    return ordered[below - 1] + (share * (ordered[below] - ordered[below - 1]) if n > 1 else 0.0)


def concordance(rows: Sequence[Row]) -> float | None:
    """Kendall's W with ties: 12 S / (m²(n³ − n) − m Σ T) (Siegel and Castellan 1988); None where all is tied."""
    m, n = len(rows), len(rows[0])
    sums, ties = [0.0] * n, 0
    for row in rows:
        counts = Counter(row)
        ties += sum(c**3 - c for c in counts.values())
        for j, value in enumerate(row):
            sums[j] += sum(c for v, c in counts.items() if v < value) + (counts[value] + 1) / 2
    mean = math.fsum(sums) / n
    below = m * m * (n**3 - n) - m * ties
    return 12 * math.fsum((s - mean) ** 2 for s in sums) / below if below else None


# --- baselines --------------------------------------------------------------------------------------------------------
@lru_cache(maxsize=256)
def interval_ranks(n: int, p: Fraction, confidence: Fraction) -> tuple[int | None, int | None]:
    """Ranks from the best between which the p-quantile lies with the confidence (Conover 1999, 3.2).

    Of B, binomial with n and p: the better end L is the largest with P(B < L) ≤ α/2, the worse end U the smallest with
    P(B ≥ U) ≤ α/2; None where no observation serves.
    """
    tail = float((1 - confidence) / 2) * (1 + 1e-12)
    better, worse = _first_beyond(n, float(p), tail), _first_beyond(n, float(1 - p), tail)
    return better or None, n - worse + 1 if worse else None


def _first_beyond(n: int, p: float, tail: float) -> int:
    """Smallest b with P(Bin(n, p) ≤ b) above the tail."""
    log_p, log_q, top = math.log(p), math.log1p(-p), math.lgamma(n + 1)
    whole = 0.0
    for b in range(n + 1):
        whole += math.exp(top - math.lgamma(b + 1) - math.lgamma(n - b + 1) + b * log_p + (n - b) * log_q)
        if whole > tail:
            return b
    return n


def outward(value: float, places: int, *, up: bool) -> Decimal:
    """The nearest number of ``places`` decimals that is no stricter than the value."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_CEILING if up else ROUND_FLOOR)


def half_even(value: float, places: int) -> Decimal:
    """GB/T 8170—2008, 3.2: to the nearest, a five to the even digit."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
