"""Exact indices of many enterprises at a cost that does not grow with the number of indicators."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

from drafting.evaluation.grading import Evaluation

_CERTAIN = 2**51


@dataclass(slots=True)
class ExactIndices:
    """Reads exact indices off an evaluation's nearest doubles.

    Y is a multiple of 1/L, where L is the common denominator of the adjusted weights ω_i·ω'_ij. It depends only on
    which indicators apply, so it is computed once per such pattern. As long as Y·L < 2^51 the multiple nearest to the
    double is Y itself; beyond that Y is computed by the plain route.
    """

    evaluation: Evaluation
    _denominators: dict[bytes, int] = field(default_factory=dict)

    def index(self, enterprise: int, grade: int) -> Fraction | None:
        """Y_gk exactly; None where excluded."""
        result = self.evaluation
        if result.excluded[enterprise]:
            return None
        denominator = self._denominator(enterprise)
        scaled = float(result.indices[enterprise, grade]) * denominator
        if scaled >= _CERTAIN:
            return result.index(enterprise, grade)
        return Fraction(round(scaled), denominator)

    def of(self, enterprise: int) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
        """Y_I, Y_II, Y_III."""
        return self.index(enterprise, 0), self.index(enterprise, 1), self.index(enterprise, 2)

    def _denominator(self, enterprise: int) -> int:
        result = self.evaluation
        applies = result.applicable[enterprise]
        key = applies.tobytes() + (b"" if enterprise not in result.systems else b"\x00%d" % enterprise)
        if key not in self._denominators:
            system = result.system_of(enterprise)
            adjusted = system.adjusted(applies.tolist())
            regular = [i for i in system.range if i not in system.bonus]
            present = {group for group, weight in zip(system.groups, adjusted, strict=True) if weight}
            scale = Fraction(1)
            if result.empty_category == "renormalise":
                scale = sum((system.first[i] for i in regular if i in present), Fraction()) or scale
            terms = (
                result.rule.full_mark * system.first[group] * weight / scale
                for group, weight in zip(system.groups, adjusted, strict=True)
                if group not in system.bonus
            )
            self._denominators[key] = math.lcm(*(term.denominator for term in terms))
        return self._denominators[key]
