"""The numbers of Appendix D, which come in from the rulebook, and its conditions, which are D.4's words."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from drafting.model import terms

GRADES: tuple[str, str, str] = terms.GRADES
"""The grades, strictest first; one is referred to by its place in this tuple (0, 1, 2)."""

LIMITING_REQUIRED = (0, 1, 2)
"""Grade that every limiting indicator (限定性指标) has to reach: D.4.1, D.4.2; for III the gate of clause 6."""

OTHERS_REQUIRED = (1, 2, None)
"""Grade that every other indicator has to reach: D.4.1, D.4.2; D.4.3 names none, Y_III = 100 says it."""

GATE = 2
"""Clause 6: only where all limiting indicators reach III is an enterprise graded at all."""


@dataclass(frozen=True, slots=True)
class GradeRule:
    """Numbers of Appendix D, as the rulebook gives them.

    Attributes
    ----------
    full_mark : int
        Membership of an indicator that reaches a grade, D.1 (100).
    thresholds : tuple of Fraction
        Index that grades I, II, III ask for at least, D.4.1–D.4.3 (85, 85, 100). An index never exceeds the full
        mark, so "Y_III = 100" and "at least 100" are the same.
    """

    full_mark: int
    thresholds: tuple[Fraction | int, Fraction | int, Fraction | int]
    others: tuple[int | None, ...] | None = None
    """What every other indicator has to reach under rules that differ from D.4; None for D.4's own."""

    @property
    def others_required(self) -> tuple[int | None, ...]:
        """Grade that every indicator that is not limiting has to reach, for I, II, III."""
        return OTHERS_REQUIRED if self.others is None else self.others

    def required(self, grade: int, *, limiting: bool) -> int | None:
        """Grade that limiting or other indicators have to reach for a grade; None where nothing is asked of them."""
        return (LIMITING_REQUIRED if limiting else self.others_required)[grade]
