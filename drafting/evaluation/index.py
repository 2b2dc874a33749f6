"""The comprehensive index (D.2 with D.3) of many enterprises at once, every decision certified.

For an enterprise and a grade, with p_i/s the first-level weights and integers N_i, D_i the (scaled) second-level
weights of category i that are reached, and that apply::

    Y = mark · Σ_i p_i · N_i / (R · D_i)          R = s, or the Σ p_i of the categories present

N_i and D_i are sums of integers, exact in doubles below 2^53, read off tables for eight indicators at a time. Where
every N_i/D_i is 0, 1 or over the full D_i, Y is one quotient of two such integers: its nearest double and its
comparison with the threshold are exact. Elsewhere Y is summed in double-double arithmetic (Dekker 1971; Knuth, TAOCP
2, 4.2.2), whose error is below 1e-24; whatever lies so near to a threshold or to a point where rounding turns is
computed again in fractions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.evaluation.rule import GATE, LIMITING_REQUIRED, GradeRule
from drafting.evaluation.weights import WeightSystem

_BLOCK = 2048  # rows handled at once, so that the intermediate arrays stay in the cache
_EXACT_INTEGER = 2**53
_UPPER_UNIT, _LOWER_UNIT = 2.0**-42, 2.0**-84
_UNSURE = 1e-12  # far above the error of the sum and of a threshold's nearest double

Floats = NDArray[np.float64]
Sums = NDArray[np.floating[Any]]  # whole numbers
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Scores:
    """What grading needs: nearest doubles of Y, whether Y meets the threshold, and the counted conditions of D.4."""

    indices: Floats  # (E, 3)
    meets: Flags  # (E, 3)
    limiting: Flags  # (E, 3): all limiting indicators reach what this grade asks of them
    others: Flags  # (E, 3): all other indicators reach what this grade asks of them
    gate: Flags  # (E,)
    empty: Flags  # (E, m): a category with weight of which nothing applies


def score(
    reached: Flags,
    applicable: Flags,
    system: WeightSystem,
    limiting: Flags,
    rule: GradeRule,
    *,
    renormalise: bool,
    systems: Mapping[int, WeightSystem] = MappingProxyType({}),
) -> Scores:
    """Compute indices and conditions; `reached` (E, J, 3) is False where `applicable` (E, J) is.

    `systems` holds the weights of rows that have weights of their own; they are summed in fractions.
    """
    result = _score(reached, applicable, system, limiting, rule, renormalise=renormalise)
    for row, own in systems.items():
        at = slice(row, row + 1)
        one = _score_in_fractions(reached[at], applicable[at], own, limiting, rule, renormalise=renormalise)
        result.indices[at], result.meets[at], result.empty[at] = one.indices, one.meets, one.empty
    return result


def _score(
    reached: Flags, applicable: Flags, system: WeightSystem, limiting: Flags, rule: GradeRule, *, renormalise: bool
) -> Scores:
    scale, tables = _prepared(system, rule, tuple(limiting.tolist()))
    if scale is None:
        return _score_in_fractions(reached, applicable, system, limiting, rule, renormalise=renormalise)
    enterprises, m = len(applicable), len(system.first)
    result = Scores(
        np.empty((enterprises, 3)),
        np.empty((enterprises, 3), dtype=np.bool_),
        np.empty((enterprises, 3), dtype=np.bool_),
        np.empty((enterprises, 3), dtype=np.bool_),
        np.empty(enterprises, dtype=np.bool_),
        np.empty((enterprises, m), dtype=np.bool_),
    )
    for start in range(0, enterprises, _BLOCK):
        rows = slice(start, start + _BLOCK)
        base = _column_sums(applicable[rows], tables)
        counts = _column_sums(np.moveaxis(reached[rows], 2, 0), tables)  # (3, rows, columns)
        whole = scale.group_sums(base, base)
        result.empty[rows] = (whole == 0) & (scale.first > 0)
        divisor = np.full(len(whole), float(scale.one))
        if renormalise:
            divisor = np.where(whole > 0, scale.first, 0.0).sum(axis=1)
            divisor[divisor == 0] = 1.0  # nothing applies: every N_i is 0 and Y is 0
        hit = counts[:, :, -2:] == base[:, -2:]  # all limiting, all others that apply are reached
        result.gate[rows] = hit[GATE, :, 0]
        for grade, (required, others) in enumerate(zip(LIMITING_REQUIRED, rule.others_required, strict=True)):
            result.limiting[rows, grade] = hit[required, :, 0]
            result.others[rows, grade] = True if others is None else hit[others, :, 1]
        part = scale.group_sums(counts, base)
        block = _Block(part, whole, scale.numerators(counts, part), divisor, scale, rule)
        y, meets = block.index()
        result.indices[rows], result.meets[rows] = y.T, meets.T
    return result


@lru_cache(maxsize=8)
def _prepared(system: WeightSystem, rule: GradeRule, limiting: tuple[bool, ...]) -> tuple[_Scale | None, Sums]:
    """Give what does not depend on the enterprises: a trial grades them a thousand times under the same weights."""
    scale = _Scale.of(system, rule)
    if scale is None:
        return None, np.empty(0)
    strict = np.array(limiting, dtype=np.bool_)
    tables = _byte_tables(np.column_stack([scale.second, scale.shares, scale.second @ scale.first, strict, ~strict]))
    tables.flags.writeable = False
    return scale, tables


def _byte_tables(columns: Floats) -> Sums:
    """Sum every column over every subset of indicators 1–8, 9–16, …: (bytes, 256, columns)."""
    padded = np.zeros((-len(columns) % 8 + len(columns), columns.shape[1]))
    padded[: len(columns)] = columns
    subsets = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64)
    eights = padded.reshape(-1, 8, columns.shape[1])
    tables = np.einsum("sk,bkc->bsc", subsets, eights)
    small = columns.sum(axis=0).max() < 2**24  # sums that single precision holds exactly, at half the traffic
    return np.asarray(tables, dtype=np.float32 if small else np.float64)


def _column_sums(flags: Flags, tables: Sums) -> Sums:
    """Return flags (…, J) times columns (J, c), as a matrix product would, but by table and on one thread."""
    packed = np.packbits(flags, axis=-1)
    total: Sums = tables[0].take(packed[..., 0], axis=0)
    for place in range(1, len(tables)):
        total += tables[place].take(packed[..., place], axis=0)
    return total


def _score_in_fractions(
    reached: Flags, applicable: Flags, system: WeightSystem, limiting: Flags, rule: GradeRule, *, renormalise: bool
) -> Scores:
    """Take the plain route, for weights whose common denominator is beyond doubles."""
    indices, meets = np.empty((len(applicable), 3)), np.empty((len(applicable), 3), dtype=np.bool_)
    empty = np.zeros((len(applicable), len(system.first)), dtype=np.bool_)
    for row, applies in enumerate(applicable.tolist()):
        adjusted = system.adjusted(applies)
        present = {group for group, weight in zip(system.groups, adjusted, strict=True) if weight}
        empty[row] = [i not in present and i not in system.bonus and w > 0 for i, w in enumerate(system.first)]
        for grade in range(3):
            y = system.index(reached[row, :, grade].tolist(), applies, rule.full_mark, renormalise=renormalise)
            indices[row, grade], meets[row, grade] = float(y), y >= rule.thresholds[grade]
    hit = reached | ~applicable[:, :, None]
    by_limiting = np.asarray(hit[:, limiting].all(axis=1), dtype=np.bool_)
    by_others = np.asarray(hit[:, ~limiting].all(axis=1), dtype=np.bool_)
    required = [np.ones(len(hit), np.bool_) if k is None else by_others[:, k] for k in rule.others_required]
    return Scores(
        indices, meets, by_limiting[:, list(LIMITING_REQUIRED)], np.stack(required, axis=1), by_limiting[:, GATE], empty
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """The weights as integers held in doubles."""

    first: Floats  # (m,): p_i, 0 for bonus categories
    one: int  # s: what a first-level weight of 1 is
    second: Floats  # (J, m): ω_ij of the indicators with a fixed weight, in the column of their category
    full: int  # what second-level weights sum to where everything applies
    shares: Floats  # (J, f): membership in the groups of indicators that divide a share
    places: tuple[int, ...]  # (f,): category of each such group
    tables: tuple[Floats, ...]  # (f,): the part of each where n = 0, 1, … indicators apply

    @classmethod
    def of(cls, system: WeightSystem, rule: GradeRule) -> _Scale | None:
        """Bring weights to common denominators; None where the integers would pass 2^53.

        None as well where class rows divide a share (0.8/n), whose n no sum over rows gives.
        """
        if any(weight.shared and weight.pool for weight in system.second):
            return None
        keys = [(group, weight.sharing) for group, weight in zip(system.groups, system.second, strict=True)]
        divided = [(group, share) for group, share in dict.fromkeys(keys) if share is not None]
        values = [
            [Fraction(0), *(share[0] / n for n in range(1, keys.count((group, share)) + 1))] for group, share in divided
        ]
        fixed = [w.amount for w in system.second if not w.divided]
        full = math.lcm(*(w.denominator for w in fixed), *(v.denominator for row in values for v in row))
        regular = [Fraction(0) if i in system.bonus else w for i, w in enumerate(system.first)]
        one = math.lcm(*(w.denominator for w in regular))
        largest = max(max(Fraction(t).numerator, rule.full_mark * Fraction(t).denominator) for t in rule.thresholds)
        if largest * one * full >= _EXACT_INTEGER:  # the weights of a category sum to 1 at most
            return None
        second, shares = np.zeros((len(keys), len(regular))), np.zeros((len(keys), len(divided)))
        for j, (weight, (group, share)) in enumerate(zip(system.second, keys, strict=True)):
            if share is None:
                second[j, group] = weight.amount * full
            else:
                shares[j, divided.index((group, share))] = 1
        return cls(
            np.array([float(w * one) for w in regular]),
            one,
            second,
            full,
            shares,
            tuple(group for group, _ in divided),
            tuple(np.array([float(v * full) for v in row]) for row in values),
        )

    def group_sums(self, counts: Sums, base: Sums) -> Sums:
        """Sum the weights by category (…, rows, m): fixed ones, and for each share its part at the n that apply."""
        m = len(self.first)
        if not self.places:
            return counts[..., :m]
        sums = counts[..., :m].astype(np.float64)
        for place, (group, table) in enumerate(zip(self.places, self.tables, strict=True)):
            applying = base[:, m + place].astype(np.int64)
            sums[..., group] += table[applying] * counts[..., m + place]
        return sums

    def numerators(self, counts: Sums, part: Sums) -> Floats:
        """Sum p_i·N_i over the categories (3, rows); a column of the tables where no share takes part."""
        if self.places:
            return np.asarray(part @ self.first, dtype=np.float64)
        return counts[..., -3].astype(np.float64)


@dataclass(frozen=True, slots=True)
class _Block:
    """Some enterprises, all grades."""

    part: Sums  # (3, rows, m): N_i
    whole: Sums  # (rows, m): D_i
    numerator: Floats  # (3, rows): Σ p_i·N_i
    divisor: Floats  # (rows,): R
    scale: _Scale
    rule: GradeRule

    def index(self) -> tuple[Floats, Flags]:
        """Nearest doubles of Y (3, rows), and whether Y reaches the threshold."""
        full, mark, first = float(self.scale.full), self.rule.full_mark, self.scale.first
        numerator = self.numerator
        # Where everything applies D_i is full; only the other cells need a second look.
        row, category = np.divmod(np.flatnonzero(self.whole != full), len(first))
        whole = self.whole[row, category].astype(np.float64)
        part = self.part[:, row, category].astype(np.float64)
        complete = part == whole
        odd = ~complete & (part > 0)
        change = first[category] * (np.where(complete & (whole > 0), full, 0.0) - part)
        for grade in range(3):
            numerator[grade] += np.bincount(row, weights=change[grade], minlength=len(self.whole))
        denominator = full * self.divisor
        y = mark * numerator / denominator
        thresholds = [Fraction(threshold) for threshold in self.rule.thresholds]
        top = np.array([[float(threshold.numerator)] for threshold in thresholds])
        bottom = np.array([[float(threshold.denominator)] for threshold in thresholds])
        meets = mark * bottom * numerator >= top * denominator
        grade_of, at = np.divmod(np.flatnonzero(odd), max(len(row), 1))  # ordered by grade and row
        if at.size:
            self._add_odd(grade_of, row[at], category[at], mark * numerator, denominator, y=y, meets=meets)
        return y, meets

    def _add_odd(
        self, grade: Places, row: Places, category: Places, above: Floats, below: Floats, *, y: Floats, meets: Flags
    ) -> None:
        """Add the terms over other denominators, in two limbs of fixed point, and judge the rows that have any."""
        place = grade * len(below) + row
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        places, grades, rows = place[starts], grade[starts], row[starts]
        numerators = (
            self.rule.full_mark * self.scale.first[category] * self.part[grade, row, category].astype(np.float64)
        )
        upper, lower = _limbs(*_quotient(numerators, self.whole[row, category].astype(np.float64) * self.divisor[row]))
        start_upper, start_lower = _limbs(*_quotient(above.ravel()[places], below[rows]))
        # Limbs are integers of at most 2^49; a dozen of them still sum exactly.
        total = (start_upper + np.add.reduceat(upper, starts)) * _UPPER_UNIT
        rest = (start_lower + np.add.reduceat(lower, starts)) * _LOWER_UNIT
        nearest = total + rest
        tail = rest - (nearest - total)
        limits = np.array([float(threshold) for threshold in self.rule.thresholds])
        distance = (nearest - limits[grades]) + tail
        gap, size = np.spacing(nearest), np.abs(tail)
        half = (
            np.where(np.frexp(nearest)[0] == 0.5, 0.249999, 0.499999) * gap
        )  # below a power of two doubles lie closer
        turning = size > half - 1e-22
        unsure = np.flatnonzero(turning | (np.abs(distance) < _UNSURE))
        y.ravel()[places], meets.ravel()[places] = nearest, distance >= 0
        for at in unsure:
            y[grades[at], rows[at]], meets[grades[at], rows[at]] = self._in_fractions(int(grades[at]), int(rows[at]))

    def _in_fractions(self, grade: int, row: int) -> tuple[float, bool]:
        pairs = zip(self.scale.first.tolist(), self.part[grade, row].tolist(), self.whole[row].tolist(), strict=True)
        total = sum((Fraction(int(p) * int(n), int(d)) for p, n, d in pairs if d), Fraction())
        exact = self.rule.full_mark * total / int(self.divisor[row])
        return float(exact), exact >= self.rule.thresholds[grade]


def _quotient(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    """Return the rounded quotient of integers below 2^53 and, the remainder being exact, its error to 2^-106."""
    high = above / below
    product, error = _product(high, below)
    return high, ((above - product) - error) / below


def _limbs(high: Floats, low: Floats) -> tuple[Floats, Floats]:
    """Split high + low, in 0…100, into integers of 2^-42 and of 2^-84; what is lost is below 2^-84."""
    upper = np.floor(high / _UPPER_UNIT)
    rest = (high - upper * _UPPER_UNIT) + low
    return upper, np.floor(rest / _LOWER_UNIT)


def _product(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the rounded product and its exact error (Dekker, Veltkamp's splitting)."""
    product = one * other
    left, right = one * 134217729.0, other * 134217729.0
    one_high, other_high = left - (left - one), right - (right - other)
    one_low, other_low = one - one_high, other - other_high
    error = ((one_high * other_high - product) + one_high * other_low + one_low * other_high) + one_low * other_low
    return product, error
