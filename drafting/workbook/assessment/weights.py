"""The weights of the self-assessment workbook as whole numbers, and where its index block stands.

A spreadsheet computes in doubles and compares with a tolerance, so Y ≥ 85 and Y = 100 are never asked of a double.
With p_i/s the first-level weights and N_i, D_i the second-level weights of category i that are reached and that apply,
all whole numbers,

    Y = 100 · Σ_i p_i · N_i / (R · D_i)        R = s, or the sum of the p_i that are present

is written out by long division to K digits of base 10^4, digit by digit in whole numbers far below 2^46. With m
categories and 10^(4K − 4) > 2·m·s·Π D_i the truncated digits tell floor(10^4·Y) and whether anything is left over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from drafting.evaluation import GRADES
from drafting.evaluation.draft import Draft
from drafting.model.weight import Weight
from drafting.workbook.assessment.digits import BASE, LARGEST, LARGEST_WHOLE, digits_for
from drafting.workbook.assessment.layout import Layout


class WeightsTooFineError(ValueError):
    """Weights with more decimals than a spreadsheet can judge exactly.

    Attributes
    ----------
    denominator : int
        What the products of weights would have to be written over.
    """

    def __init__(self, denominator: int) -> None:
        super().__init__(f"weights over {denominator} cannot be judged exactly by a spreadsheet")
        self.denominator = denominator


@dataclass(frozen=True, slots=True)
class Sharing:
    """What divides a weight: of a share 0.8/n the indicators with that share, of class rows (类别) those that apply."""

    members: tuple[tuple[int, ...], ...]
    """Rows of each indicator with the same share (itself included); an indicator with class rows counts once. Empty for
    a weight that is no share.
    """
    classes: tuple[int, ...]
    """The class rows that divide it equally; empty for an indicator without."""

    @property
    def counts(self) -> tuple[int, ...]:
        """Numbers that it may be divided by."""
        by = range(1, len(self.members) + 1), range(1, len(self.classes) + 1)
        return tuple(sorted({m * c for m, c in product(by[0] or (1,), by[1] or (1,))}))

    def count(self, layout: Layout) -> str:
        """Formula of the number that it is divided by."""
        parts = []
        if self.members:
            parts.append("+".join(_any(layout, rows) for rows in self.members))
        if self.classes:
            parts.append("+".join(layout.cell("applies", j) for j in self.classes))
        return parts[0] if len(parts) == 1 else "*".join(f"({part})" for part in parts) or "1"


def _any(layout: Layout, rows: tuple[int, ...]) -> str:
    cells = [layout.cell("applies", j) for j in rows]
    return cells[0] if len(cells) == 1 else f"MAX({','.join(cells)})"


def _sharing(groups: tuple[int, ...], weights: tuple[Weight, ...], j: int, *, by_output: bool) -> Sharing | None:
    own = weights[j]
    if not own.divided:
        return None
    members: dict[object, list[int]] = {}
    for k, other in enumerate(weights):
        if own.shared and (groups[k], other.share) == (groups[j], own.share):
            members.setdefault(other.pool or k, []).append(k)
    classes = [k for k, other in enumerate(weights) if own.pool and (groups[k], other.pool) == (groups[j], own.pool)]
    return Sharing(tuple(tuple(rows) for rows in members.values()), () if by_output else tuple(classes))


def _most(values: dict[int, Fraction], of: Sharing | None) -> Fraction:
    """What a row adds, at most, to the sum of its category's weights."""
    if of is None:
        return max(values.values())
    return max(values.values()) * max(1, len(of.members)) / max(1, len(of.classes))


@dataclass(frozen=True, slots=True)
class IntegerWeights:
    """Weights over common denominators."""

    first: tuple[int, ...]
    """p_i; for bonus categories too, which are left out of the sums by ``regular``."""
    one: int
    """s: what a first-level weight of 1 is."""
    second: tuple[int | tuple[int, ...], ...]
    """Numerators over ``full`` of the indicator's category; for a share its part at n = 1, 2, …."""
    full: tuple[int, ...]
    """Denominator of each category."""
    regular: tuple[int, ...]
    """Categories inside the sum."""
    shared: tuple[Sharing | None, ...]
    """For each indicator what divides its weight; None for a plain weight."""
    digits: int
    """K."""
    bound: int
    """Denominators of the index, times the errors' units, stay below it."""
    widest: int
    """D_i of every category stay up to it."""
    pools: tuple[tuple[int, ...], ...] = ()
    """Class rows (类别) of each indicator whose weight the enterprise's outputs divide."""
    inside: tuple[tuple[int, ...], ...] = ()
    """Those of them that are inside the sum."""

    @classmethod
    def of(cls, draft: Draft, *, by_output: bool = False) -> IntegerWeights:
        """Bring a draft's weights to whole numbers.

        Raises WeightsTooFineError.

        ``by_output``: whether class rows divide their indicator's weight by outputs (类别计分 = 按产量), not equally.
        """
        system = draft.weight_system()
        shared = tuple(
            _sharing(system.groups, system.second, j, by_output=by_output) for j in range(len(system.second))
        )
        values: list[dict[int, Fraction]] = [
            {n: weight.at(n) for n in of.counts} if of is not None else {0: weight.amount}
            for weight, of in zip(system.second, shared, strict=True)
        ]
        full = tuple(
            math.lcm(*(v.denominator for j, g in enumerate(system.groups) if g == i for v in values[j].values()))
            for i in system.range
        )
        one = math.lcm(*(weight.denominator for weight in system.first))
        second = tuple(
            int(values[j][0] * full[g]) if of is None
            else tuple(int(values[j].get(n, 0) * full[g]) for n in range(1, max(of.counts) + 1))
            for (j, g), of in zip(enumerate(system.groups), shared, strict=True)
        )  # fmt: skip
        regular = tuple(i for i in system.range if i not in system.bonus)
        widest = max(
            f * max(1, sum(_most(values[j], shared[j]) for j, group in enumerate(system.groups) if group == i))
            for i, f in enumerate(full)
        )
        if draft.rule.full_mark * one * widest * BASE >= LARGEST:
            raise WeightsTooFineError(one * math.ceil(widest))
        pools: dict[str, list[int]] = {}
        for j, weight in enumerate(system.second):
            if by_output and weight.pool:
                pools.setdefault(weight.pool, []).append(j)
        inside = tuple(tuple(of) for of in pools.values() if system.groups[of[0]] in regular)
        terms = len(regular) + 2 * len(inside)
        bound = 2 * max(terms, 1) * one * math.prod(math.ceil(widest) if full[i] > 1 else 1 for i in regular)
        bound *= LARGEST_WHOLE ** len(inside)
        first = tuple(int(w * one) for w in system.first)
        of_pools = tuple(tuple(of) for of in pools.values())
        return cls(
            first=first,
            one=one,
            second=second,
            full=full,
            regular=regular,
            shared=shared,
            digits=digits_for(bound),
            bound=bound,
            widest=math.ceil(widest),
            pools=of_pools,
            inside=inside,
        )

    @property
    def terms(self) -> int:
        """Rows of digits of one index; each may be cut off by a unit of the last digit, a pool's twice."""
        return len(self.regular) + len(self.inside)

    def formula(self, layout: Layout, j: int) -> str:
        """Second-level weight of an indicator as a whole number; 0 where it does not apply."""
        applies, weight = layout.cell("applies", j), self.second[j]
        if isinstance(weight, int):
            return f"={applies}*{weight}"
        of = self.shared[j]
        assert of is not None  # a weight of several values is divided
        chosen = f"CHOOSE({of.count(layout)},{','.join(map(str, weight))})"
        if pool := next((pool for pool in self.pools if j in pool), ()):
            chosen = f"{chosen}*{layout.class_cell('output', j)}/{layout.class_cell('whole', pool[0])}"
        return f"=IF({applies}=1,{chosen},0)"

    def pool_weight(self, layout: Layout, pool: tuple[int, ...]) -> str:
        """Weight, as a whole number, that class rows divide by outputs; 0 where the indicator does not apply."""
        of, weight = self.shared[pool[0]], self.second[pool[0]]
        assert of is not None
        assert not isinstance(weight, int)
        applies = "+".join(layout.cell("applies", j) for j in pool)
        return f"IF({applies}=0,0,CHOOSE({of.count(layout)},{','.join(map(str, weight))}))"

    # --- the index block, under the indicators of 计算 ---
    def category_row(self, layout: Layout, i: int) -> int:
        """Row of a category: A name, B p_i, C D_i, D–F N_i of I–III, G present, H empty, I names of empty ones."""
        return layout.below + 1 + i

    def whole(self, layout: Layout, i: int) -> str:
        """Cell of D_i."""
        return f"$C${self.category_row(layout, i)}"

    def divisor(self, layout: Layout, option: int) -> str:
        """Cell of R: option 0 as printed, 1 renormalised."""
        return f"${'BC'[option]}${layout.below + 1 + len(self.first)}"

    def block(self, layout: Layout, option: int, grade: int) -> int:
        """First row of the long division of one option and grade; rows of digits, then sums, carries, result.

        Above them stands, for each pool, its weight's quotient, of which outputs have a part.
        """
        height = self.terms + 4 + len(self.inside)
        return layout.below + 3 + len(self.first) + height * (len(GRADES) * option + grade)

    def result_row(self, layout: Layout, option: int, grade: int) -> int:
        """Row of the result: B floor(10^4·Y), C whether more follows, D the index in words, E as a number."""
        return self.block(layout, option, grade) + len(self.inside) + self.terms + 2

    def verdict_row(self, layout: Layout) -> int:
        """First row of the conditions and the grade."""
        return self.block(layout, 1, len(GRADES) - 1) + len(self.inside) + self.terms + 5

    def option(self, layout: Layout) -> int:
        """The declared option for categories that do not apply."""
        return int(layout.draft.renormalise)

    def following(self, layout: Layout) -> str:
        """Cell of the next grade: 0 none, 1–3 for I–III."""
        return f"$B${self.verdict_row(layout) + 8}"

    def shortfall(self, layout: Layout) -> str:
        """Cell that says whether the next grade's index is below its threshold."""
        return f"$B${self.verdict_row(layout) + 9}"

    def points(self, layout: Layout, j: int) -> str:
        """Points on the index that an indicator brings."""
        group = layout.draft.groups[j]
        mark, whole = layout.rule.full_mark, self.whole(layout, group)
        divisor = self.divisor(layout, self.option(layout))
        return f"IF({whole}=0,0,{mark}*{self.first[group]}*{layout.cell('w', j)}/({divisor}*{whole}))"
