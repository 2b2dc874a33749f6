"""What an enterprise has to raise to reach the next grade: the measure of the self-assessment workbook."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from drafting.evaluation.grading import Evaluation


@dataclass(frozen=True, slots=True)
class Improvement:
    """One indicator to raise.

    Attributes
    ----------
    indicator : int
    level : int
        Grade (0, 1, 2) that it has to reach: D.4's condition where ``must``, else the next grade itself.
    must : bool
        Whether D.4 asks for it; the others only bring points while the index is short.
    gain : Fraction
        Points on the next grade's index once the indicator reaches that grade (100·ω_i·ω'_ij).
    """

    indicator: int
    level: int
    must: bool
    gain: Fraction


def next_grade(result: Evaluation, enterprise: int) -> int | None:
    """Place of the next grade; None for grade I and where the legal precondition excludes."""
    held = int(result.grades[enterprise])
    if result.excluded[enterprise] or held == 1:
        return None
    return 2 if held == 0 else held - 2


def improvements(result: Evaluation, enterprise: int) -> tuple[Improvement, ...]:
    """List what to raise: first what D.4 asks for, then what brings most points; in the draft's order where equal."""
    grade = next_grade(result, enterprise)
    if grade is None:
        return ()
    system = result.system_of(enterprise)
    applies, reached = result.applicable[enterprise].tolist(), result.reached[enterprise]
    adjusted = system.adjusted(applies)
    present = {g for g, w in zip(system.groups, adjusted, strict=True) if w and g not in system.bonus}
    scale = sum((system.first[g] for g in present), Fraction())
    if result.empty_category != "renormalise" or not scale:
        scale = Fraction(1)
    index = result.index(enterprise, grade)
    short = index is not None and index < result.rule.thresholds[grade]
    found = []
    for j, group in enumerate(system.groups):
        if not applies[j] or group in system.bonus:
            continue
        limiting = bool(result.limiting[j])
        required = result.rule.required(grade, limiting=limiting)
        if required is None and result.rule.thresholds[grade] >= result.rule.full_mark and adjusted[j]:
            required = grade  # Y_III = 100 asks for every indicator with weight
        must = required is not None and not reached[j, required]
        gain = Fraction()
        if not reached[j, grade]:
            gain = result.rule.full_mark * system.first[group] * adjusted[j] / scale
        if must or (gain and short):
            level = required if must and required is not None else grade
            found.append(Improvement(j, level, must, gain))
    return tuple(sorted(found, key=lambda one: (not one.must, -one.gain, one.indicator)))
