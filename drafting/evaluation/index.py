"""
The comprehensive index (D.2 with D.3) of many enterprises at once, every decision certified.

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
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from drafting.evaluation.rule import GATE, LIMITING_REQUIRED, OTHERS_REQUIRED, GradeRule
from drafting.evaluation.weights import WeightSystem, value_at
from drafting.model.expression import Expression

_BLOCK = 2048  # rows handled at once, so that the intermediate arrays stay in the cache
_EXACT_INTEGER = 2**53
_UNSURE = 1e-20  # far above the error of the double-double sum, far below any distance worth telling

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


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
) -> Scores:
    """Compute indices and conditions; `reached` (E, J, 3) is False where `applicable` (E, J) is."""
    scale = _Scale.of(system, rule)
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
    tables = _byte_tables(np.column_stack([scale.second, scale.shares, limiting, ~limiting]))
    for start in range(0, enterprises, _BLOCK):
        rows = slice(start, start + _BLOCK)
        base = _column_sums(applicable[rows], tables)
        counts = [_column_sums(reached[rows, :, grade], tables) for grade in range(3)]
        whole = scale.group_sums(base, base)
        result.empty[rows] = (whole == 0) & (scale.first > 0)
        present = np.where(whole > 0, scale.first, 0.0)
        divisor = present.sum(axis=1) if renormalise else np.full(len(whole), float(scale.one))
        divisor[divisor == 0] = 1.0  # nothing applies: every N_i is 0 and Y is 0
        result.gate[rows] = counts[GATE][:, -2] == base[:, -2]
        for grade in range(3):
            result.limiting[rows, grade] = counts[LIMITING_REQUIRED[grade]][:, -2] == base[:, -2]
            required = OTHERS_REQUIRED[grade]
            result.others[rows, grade] = True if required is None else counts[required][:, -1] == base[:, -1]
            part = scale.group_sums(counts[grade], base)
            block = _Block(part, whole, divisor, scale, rule.full_mark, Fraction(rule.thresholds[grade]))
            result.indices[rows, grade], result.meets[rows, grade] = block.index()
    return result


def _byte_tables(columns: Floats) -> Floats:
    """Sum every column over every subset of indicators 1–8, 9–16, …: (bytes, 256, columns)."""
    padded = np.zeros((-len(columns) % 8 + len(columns), columns.shape[1]))
    padded[: len(columns)] = columns
    subsets = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(np.float64)
    eights = padded.reshape(-1, 8, columns.shape[1])
    return np.asarray(np.einsum("sk,bkc->bsc", subsets, eights), dtype=np.float64)


def _column_sums(flags: Flags, tables: Floats) -> Floats:
    """Return flags (rows, J) times columns (J, c), as a matrix product would, but by table and on one thread."""
    packed = np.packbits(flags, axis=1)
    total = np.zeros((len(flags), tables.shape[2]))
    for place, table in enumerate(tables):
        total += table.take(packed[:, place], axis=0)
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
    required = [np.ones(len(hit), np.bool_) if k is None else by_others[:, k] for k in OTHERS_REQUIRED]
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
    shares: Floats  # (J, f): membership in the groups of indicators that share a weight formula
    places: tuple[int, ...]  # (f,): category of each such group
    tables: tuple[Floats, ...]  # (f,): the formula's value where n = 0, 1, … indicators apply

    @classmethod
    def of(cls, system: WeightSystem, rule: GradeRule) -> _Scale | None:
        """Bring weights to common denominators; None where the integers would pass 2^53."""
        formulas = list(
            dict.fromkeys((g, w) for g, w in zip(system.groups, system.second, strict=True) if not _fixed(w))
        )
        keys = list(zip(system.groups, system.second, strict=True))
        values = [
            [Fraction(0), *(value_at(weight, n) for n in range(1, keys.count((group, weight)) + 1))]
            for group, weight in formulas
            if isinstance(weight, Expression)
        ]
        fixed = [w for w in system.second if isinstance(w, Fraction)]
        full = math.lcm(*(w.denominator for w in fixed), *(v.denominator for row in values for v in row))
        regular = [Fraction(0) if i in system.bonus else w for i, w in enumerate(system.first)]
        one = math.lcm(*(w.denominator for w in regular))
        largest = max(max(Fraction(t).numerator, rule.full_mark * Fraction(t).denominator) for t in rule.thresholds)
        # Formula weights may exceed 1 in sum before D.3: n indicators, each with the formula's value at n.
        widest = 1 + sum(max(n * value for n, value in enumerate(row)) for row in values)
        if largest * one * full * widest >= _EXACT_INTEGER:
            return None
        second, shares = np.zeros((len(keys), len(regular))), np.zeros((len(keys), len(formulas)))
        for j, (group, weight) in enumerate(keys):
            if isinstance(weight, Fraction):
                second[j, group] = weight * full
            else:
                shares[j, formulas.index((group, weight))] = 1
        return cls(
            np.array([float(w * one) for w in regular]),
            one,
            second,
            full,
            shares,
            tuple(group for group, _ in formulas),
            tuple(np.array([float(v * full) for v in row]) for row in values),
        )

    def group_sums(self, counts: Floats, base: Floats) -> Floats:
        """Sum the weights by category (rows, m): fixed weights, and for each formula its value at the n that apply."""
        m = len(self.first)
        sums = counts[:, :m].copy()
        for place, (group, table) in enumerate(zip(self.places, self.tables, strict=True)):
            applying = base[:, m + place].astype(np.int64)
            sums[:, group] += table[applying] * counts[:, m + place]
        sums[:, self.first == 0] = 0.0  # bonus categories and those of weight 0 add nothing
        return sums


def _fixed(weight: Fraction | Expression) -> bool:
    return isinstance(weight, Fraction)


@dataclass(frozen=True, slots=True)
class _Block:
    """Some enterprises, one grade."""

    part: Floats  # (rows, m): N_i
    whole: Floats  # (rows, m): D_i
    divisor: Floats  # (rows,): R
    scale: _Scale
    mark: int
    threshold: Fraction

    def index(self) -> tuple[Floats, Flags]:
        """Nearest doubles of Y (rows,), and whether Y reaches the threshold."""
        full = float(self.scale.full)
        complete = self.part == self.whole
        odd = ~(complete | (self.whole == full)) & (self.part > 0)
        common = np.where(complete & (self.whole > 0), full, self.part)
        common[odd] = 0.0
        numerator = common @ self.scale.first
        denominator = full * self.divisor
        y = self.mark * numerator / denominator
        top, bottom = self.threshold.numerator, self.threshold.denominator
        meets = self.mark * bottom * numerator >= top * denominator
        if odd.any():
            self._add_odd(odd, self.mark * numerator, denominator, y, meets)
        return y, meets

    def _add_odd(self, odd: Flags, above: Floats, below: Floats, y: Floats, meets: Flags) -> None:
        """Add the terms over other denominators, in double-double, and judge the rows that have any."""
        row, category = np.nonzero(odd)  # ordered by row
        term = _quotient(self.mark * self.scale.first[category] * self.part[odd], self.whole[odd] * self.divisor[row])
        count = odd.sum(axis=1)
        rows = np.flatnonzero(count)
        first = np.cumsum(count[rows]) - count[rows]  # where each row's terms begin
        total, rest = _quotient(above[rows], below[rows])
        for nth in range(int(count.max())):
            here = np.flatnonzero(count[rows] > nth)
            at = first[here] + nth
            total[here], error = _sum(total[here], term[0][at])
            rest[here] += error + term[1][at]
        nearest = total + rest
        tail = rest - (nearest - total)
        limit = float(self.threshold)
        distance = (nearest - limit) + tail
        gap, size = np.spacing(nearest), np.abs(tail)
        turning = (size > 0.499999 * gap) | ((size > 0.249999 * gap) & (np.frexp(nearest)[0] == 0.5))
        near = np.abs(distance) < (_UNSURE if limit == self.threshold else 1e-12)
        y[rows], meets[rows] = nearest, distance >= 0
        unsure = rows[turning | near]
        if unsure.size:
            y[unsure], meets[unsure] = self._in_fractions(unsure)

    def _in_fractions(self, rows: NDArray[np.intp]) -> tuple[Floats, Flags]:
        weights = [int(p) for p in self.scale.first]
        y, meets = np.empty(len(rows)), np.empty(len(rows), dtype=np.bool_)
        for place, row in enumerate(rows):
            pairs = zip(weights, self.part[row].tolist(), self.whole[row].tolist(), strict=True)
            total = sum((Fraction(p * int(n), int(d)) for p, n, d in pairs if d), Fraction())
            exact = self.mark * total / int(self.divisor[row])
            y[place], meets[place] = float(exact), exact >= self.threshold
        return y, meets


def _quotient(above: Floats, below: Floats) -> tuple[Floats, Floats]:
    """Return the rounded quotient of integers below 2^53 and, the remainder being exact, its error to 2^-106."""
    high = above / below
    product, error = _product(high, below)
    return high, ((above - product) - error) / below


def _sum(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the rounded sum and its exact error (Knuth)."""
    total = one + other
    shift = total - one
    return total, (one - (total - shift)) + (other - shift)


def _product(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return the rounded product and its exact error (Dekker, Veltkamp's splitting)."""
    product = one * other
    left, right = one * 134217729.0, other * 134217729.0
    one_high, other_high = left - (left - one), right - (right - other)
    one_low, other_low = one - one_high, other - other_high
    error = ((one_high * other_high - product) + one_high * other_low + one_low * other_high) + one_low * other_low
    return product, error
