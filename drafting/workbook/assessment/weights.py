"""
The weights of the self-assessment workbook as whole numbers, and where its index block stands.

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

from drafting.evaluation import GRADES
from drafting.evaluation.draft import Draft, grade_rule
from drafting.workbook.assessment.layout import Layout

BASE = 10**4
_LARGEST = 2**46
"""Whole numbers below it are told apart by every spreadsheet, whose comparisons forgive 2^-48 of the value."""


class WeightsTooFineError(ValueError):
    """
    Weights with more decimals than a spreadsheet can judge exactly.

    Attributes
    ----------
    denominator : int
        What the products of weights would have to be written over.
    """

    def __init__(self, denominator: int) -> None:
        super().__init__(f"weights over {denominator} cannot be judged exactly by a spreadsheet")
        self.denominator = denominator


@dataclass(frozen=True, slots=True)
class IntegerWeights:
    """
    Weights over common denominators.

    Attributes
    ----------
    first : tuple of int
        p_i; for bonus categories too, which are left out of the sums by ``regular``.
    one : int
        s: what a first-level weight of 1 is.
    second : tuple of int or tuple of int
        Numerators over ``full`` of the indicator's category; for a share its part at n = 1, 2, ….
    full : tuple of int
        Denominator of each category.
    regular : tuple of int
        Categories inside the sum.
    shared : tuple of tuple of int
        For each indicator those that divide its share (itself included); empty for a plain weight.
    digits : int
        K.
    """

    first: tuple[int, ...]
    one: int
    second: tuple[int | tuple[int, ...], ...]
    full: tuple[int, ...]
    regular: tuple[int, ...]
    shared: tuple[tuple[int, ...], ...]
    digits: int

    @classmethod
    def of(cls, draft: Draft) -> IntegerWeights:
        """
        Bring a draft's weights to whole numbers.

        Raises
        ------
        WeightsTooFineError
        """
        system = draft.weight_system()
        keys = [(group, weight.sharing) for group, weight in zip(system.groups, system.second, strict=True)]
        shared = tuple(
            () if key[1] is None else tuple(k for k, other in enumerate(keys) if other == key) for key in keys
        )
        values: list[tuple[Fraction, ...]] = [
            tuple(weight.at(n) for n in range(1, len(together) + 1)) if together else (weight.amount,)
            for weight, together in zip(system.second, shared, strict=True)
        ]
        full = tuple(
            math.lcm(*(v.denominator for j, g in enumerate(system.groups) if g == i for v in values[j]))
            for i in system.range
        )
        one = math.lcm(*(weight.denominator for weight in system.first))
        second = tuple(
            tuple(int(v * full[g]) for v in values[j]) if shared[j] else int(values[j][0] * full[g])
            for j, g in enumerate(system.groups)
        )
        regular = tuple(i for i in system.range if i not in system.bonus)
        widest = max(
            f * max(1, sum(max(v) * max(1, len(shared[j])) for j, v in enumerate(values) if system.groups[j] == i))
            for i, f in enumerate(full)
        )
        if grade_rule().full_mark * one * widest * BASE >= _LARGEST:
            raise WeightsTooFineError(one * math.ceil(widest))
        bound = 2 * max(len(regular), 1) * one * math.prod(math.ceil(widest) if full[i] > 1 else 1 for i in regular)
        digits = 1 + max(1, -(-len(str(bound)) // 4))  # the first digit is read; the others decide what follows it
        return cls(tuple(int(w * one) for w in system.first), one, second, full, regular, shared, digits)

    def formula(self, layout: Layout, j: int) -> str:
        """Second-level weight of an indicator as a whole number; 0 where it does not apply."""
        applies, weight = layout.cell("applies", j), self.second[j]
        if isinstance(weight, int):
            return f"={applies}*{weight}"
        count = "+".join(layout.cell("applies", k) for k in self.shared[j])
        return f"=IF({applies}=1,CHOOSE({count},{','.join(map(str, weight))}),0)"

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
        """First row of the long division of one option and grade; m rows, then sums, carries, result."""
        height = len(self.regular) + 4
        return layout.below + 3 + len(self.first) + height * (len(GRADES) * option + grade)

    def result_row(self, layout: Layout, option: int, grade: int) -> int:
        """Row of the result: B floor(10^4·Y), C whether more follows, D the index in words, E as a number."""
        return self.block(layout, option, grade) + len(self.regular) + 2

    def verdict_row(self, layout: Layout) -> int:
        """First row of the conditions and the grade."""
        return self.block(layout, 1, len(GRADES) - 1) + len(self.regular) + 5

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
        mark, whole = grade_rule().full_mark, self.whole(layout, group)
        divisor = self.divisor(layout, self.option(layout))
        return f"IF({whole}=0,0,{mark}*{self.first[group]}*{layout.cell('w', j)}/({divisor}*{whole}))"
