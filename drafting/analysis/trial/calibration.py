"""Joint calibration: shares per indicator with which the grades are reached by the asked shares of enterprises.

GB/T 43329, 5.5.2, states shares for every indicator by itself and leaves open how many enterprises reach the grades
jointly. What this module proposes is an aid to the committee's judgement, never a value of the standard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.baselines.ladder import Ladder, ladders
from drafting.analysis.trial.calibration_search import Problem, Steps, solve
from drafting.analysis.trial.judging import Judged
from drafting.analysis.trial.sensitivity import with_steps
from drafting.evaluation import GRADES
from drafting.standard import standard

CAUTION = (
    "GB/T 43329 5.5.2 的 5%、20%、50% 是对每项指标分别而言的，没有规定各等级合起来应有多少企业达到；"
    "本结果供委员会判断松紧时参考，不能代替 5.5.2。"
)
CURVE_POINTS = 5
"""Points of the trade-off curve between 5.5.2 and the targets, the targets included."""
_EFFORT, _EFFORT_CURVE = 25_000_000, 3_000_000


class TargetError(ValueError):
    """Targets or limits that make no sense; the message is Chinese and fit for a user.

    Attributes
    ----------
    text : str
        What was given.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(reason)
        self.text = text


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares that baselines may be moved to: by grade (0, 1, 2), and by (code, grade), which comes first."""

    by_grade: Mapping[int, tuple[Fraction, Fraction]] = field(default_factory=lambda: MappingProxyType({}))
    by_indicator: Mapping[tuple[str, int], tuple[Fraction, Fraction]] = field(
        default_factory=lambda: MappingProxyType({})
    )

    def of(self, code: str, grade: int) -> tuple[Fraction, Fraction]:
        """Least and greatest share."""
        default = self.by_grade.get(grade, (Fraction(0), Fraction(1)))
        return self.by_indicator.get((code, grade), default)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one baseline: value and share under 5.5.2 and as proposed."""

    indicator: int
    grade: int
    value_before: str
    share_before: float
    value_after: str
    share_after: float


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the trade-off: targets, enterprises reached (I, II or better, III or better), price in points."""

    targets: tuple[int, int, int]
    reached: tuple[int, int, int]
    price: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The proposal.

    Attributes
    ----------
    asked : tuple of Fraction
        Targets as shares.
    evaluated : int
        Enterprises that take part (without those clause 6 excludes).
    before, after : Point
        Under 5.5.2, and as proposed; exact by Appendix D.
    possible : tuple of int
        The most that can reach I, II, III within the limits.
    curve : tuple of Point
        From 5.5.2 to the targets.
    changes : tuple of Change
        Every adjustable baseline, also those that stay.
    fixed : tuple of int
        Indicators whose baselines are not adjusted: policy, words.
    distribution_before, distribution_after : mapping of str to int
    """

    asked: tuple[Fraction, Fraction, Fraction]
    evaluated: int
    before: Point
    after: Point
    possible: tuple[int, int, int]
    curve: tuple[Point, ...]
    changes: tuple[Change, ...]
    fixed: tuple[int, ...]
    distribution_before: Mapping[str, int]
    distribution_after: Mapping[str, int]

    @property
    def reachable(self) -> bool:
        """Whether every target can be reached within the limits."""
        return all(most >= wanted for most, wanted in zip(self.possible, self.after.targets, strict=True))

    @property
    def met(self) -> bool:
        """Whether every grade is reached by at least its target."""
        return all(got >= wanted for got, wanted in zip(self.after.reached, self.after.targets, strict=True))


def parse_targets(text: str) -> tuple[Fraction, Fraction, Fraction]:
    """Read targets such as ``5,20,50``: per cent of enterprises that reach I, II or better, III or better.

    Raises TargetError: not three numbers, outside 0–100, or out of order.
    """
    parts = re.split(r"[,，、;；\s]+", text.strip())
    try:
        shares = [_percent(part) for part in parts]
    except ValueError:
        raise TargetError(text, f"“{text}”应为三个百分数，如 5,20,50") from None
    if len(shares) != 3:
        raise TargetError(text, f"“{text}”应为三个百分数（Ⅰ级、Ⅱ级及以上、Ⅲ级及以上），如 5,20,50")
    if not all(0 <= share <= 1 for share in shares):
        raise TargetError(text, f"“{text}”中有不在 0～100 之间的数")
    first, second, third = shares
    if not first <= second <= third:
        raise TargetError(text, f"“{text}”次序不对：达到Ⅰ级的企业也算达到Ⅱ级、Ⅲ级，三个数应依次不减，如 5,20,50")
    return first, second, third


def parse_limits(text: str, codes: Sequence[str]) -> Limits:
    """Read limits such as ``I=3-15,III=40-90,N1:III=50-60``, in per cent.

    Raises TargetError: an entry that cannot be read, an unknown grade or code, a lower limit above the upper one.
    """
    by_grade: dict[int, tuple[Fraction, Fraction]] = {}
    by_indicator: dict[tuple[str, int], tuple[Fraction, Fraction]] = {}
    for entry in filter(None, re.split(r"[,，;；\s]+", text.strip())):
        match = re.fullmatch(r"(?:(.+?)[:：])?(I{1,3}|[ⅠⅡⅢ])=([\d.]+)%?[-~～—]([\d.]+)%?", entry)
        if match is None:
            raise TargetError(entry, f"“{entry}”看不懂，应如 I=3-15 或 N1:III=40-60（百分数）")
        grade = GRADES.index({"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III"}.get(match[2], match[2]))
        try:
            low, high = _percent(match[3]), _percent(match[4])
        except ValueError:
            raise TargetError(entry, f"“{entry}”中的数看不懂") from None
        if not 0 <= low <= high <= 1:
            raise TargetError(entry, f"“{entry}”的下限应不大于上限，且都在 0～100 之间")
        if match[1] is None:
            by_grade[grade] = (low, high)
        elif match[1] in codes:
            by_indicator[match[1], grade] = (low, high)
        else:
            known = "、".join(codes[:10])
            raise TargetError(entry, f"没有代码为“{match[1]}”的指标；可调整的指标：{known or '无'}")
    return Limits(MappingProxyType(by_grade), MappingProxyType(by_indicator))


def _percent(text: str) -> Fraction:
    return Fraction(text.strip().rstrip("%％")) / 100


def adjustable_codes(judged: Judged) -> tuple[str, ...]:
    """Codes of the indicators whose baselines the survey sets."""
    return tuple(judged.draft.indicators[one.indicator].code for one in ladders(judged))


def calibrate(
    judged: Judged,
    asked: tuple[Fraction, Fraction, Fraction],
    limits: Limits | None = None,
    *,
    progress: Callable[[float], None] = lambda _: None,
) -> Calibration:
    """Propose shares per indicator for which the grades are reached by the asked shares of enterprises.

    Raises TargetError if no baseline comes from the survey, so that nothing can be adjusted; if the limits contradict
    each other.

    ``judged``: the survey under the draft's baselines.
    ``asked``: of :func:`parse_targets`; at least so many enterprises are to reach the grades.
    ``progress``: gets the done fraction.
    """
    steps = ladders(judged)
    if not steps:
        raise TargetError("", "没有由调研数据得出的基准值，无可调整（政策值和定性要求保持不变）")
    problem = _problem(judged, steps, limits or Limits())
    evaluated = int((~judged.excluded).sum())
    wanted = np.array([-(-share.numerator * evaluated // share.denominator) for share in asked], dtype=np.int64)
    possible = problem.counts(problem.cap)
    within = np.minimum(wanted, possible)
    start = np.clip(problem.start, problem.floor, problem.cap)
    begin = problem.counts(start)
    curve: list[Point] = []
    found = start
    for n in range(1, CURVE_POINTS):
        goal = begin + (within - begin) * n // CURVE_POINTS
        found = solve(problem, goal, initial=found, effort=_EFFORT_CURVE)
        curve.append(_point(problem, found, goal))
        progress(0.5 * n / CURVE_POINTS)
    last = min(
        (
            solve(problem, within, effort=_EFFORT, progress=lambda done: progress(0.5 + 0.4 * done)),
            solve(problem, within, initial=found, effort=_EFFORT_CURVE),
        ),
        key=lambda one: problem.score(one, within),
    )
    progress(1.0)
    before, after = (_exactly(judged, steps, one) for one in (problem.start, last))
    first = Point(_three(problem.counts(problem.start)), _cumulative(before), problem.price(problem.start))
    final = Point(_three(wanted), _cumulative(after), problem.price(last))
    fixed = tuple(j for j in range(len(judged.draft.indicators)) if j not in {one.indicator for one in steps})
    return Calibration(
        asked=asked, evaluated=evaluated, before=first, after=final, possible=_three(possible),
        curve=(first, *curve, final), changes=_changes(problem, steps, last), fixed=fixed,
        distribution_before=MappingProxyType(before), distribution_after=MappingProxyType(after),
    )  # fmt: skip


def _problem(judged: Judged, steps: Sequence[Ladder], limits: Limits) -> Problem:
    """Write the trial as arrays; a fixed indicator has the steps 0, 1, 2 with T = (0, 1, 2)."""
    size, indicators = len(judged), len(judged.draft.indicators)
    applicable = judged.membership.applicable
    position = 3 - judged.membership.reached.sum(axis=2).astype(np.int64)
    start = np.tile(np.arange(3), (indicators, 1))
    floor, cap = start.copy(), start.copy()
    prices: list[NDArray[np.float64]] = [np.zeros((3, 3)) for _ in range(indicators)]
    for ladder in steps:
        j, code = ladder.indicator, judged.draft.indicators[ladder.indicator].code
        position[:, j] = ladder.position
        start[j] = ladder.start
        for g in range(3):
            low, high = (float(share) for share in limits.of(code, g))
            floor[j, g] = ladder.step_for(low)
            cap[j, g] = max(int(np.searchsorted(ladder.shares, high + 1e-12)) - 1, 0)
            cap[j, g] = max(cap[j, g], floor[j, g])
        cap[j] = np.minimum.accumulate(cap[j][::-1])[::-1]  # I no laxer than II, II no laxer than III
        floor[j] = np.maximum.accumulate(floor[j])
        if (floor[j] > cap[j]).any():
            raise TargetError(code, f"指标 {code} 各等级的界限互相矛盾：Ⅰ级的下限不得大于Ⅱ级、Ⅲ级的上限")
        prices[j] = np.stack([np.abs(ladder.shares - ladder.shares[step]) * 100 for step in ladder.start])
    position[~applicable] = -1
    position[judged.excluded] = np.iinfo(np.int32).max  # clause 6: never reaches a grade
    start = np.maximum.accumulate(start, axis=1)
    rule = judged.draft.rule
    return Problem(
        position=position, weights=_weights(judged, size, indicators), limiting=judged.draft.limiting,
        counted=~_bonus(judged), prices=tuple(prices), start=start, floor=floor, cap=cap,
        thresholds=np.array([float(t) for t in rule.thresholds]), together=judged.together, others=rule.others_required,
    )  # fmt: skip


def _bonus(judged: Judged) -> NDArray[np.bool_]:
    return np.isin(judged.draft.groups, list(judged.draft.bonus))


def _weights(judged: Judged, size: int, indicators: int) -> NDArray[np.float64]:
    """100·ω_i·ω'_ij of every enterprise (D.3), once per pattern of what applies."""
    system, mark = judged.draft.weight_system(), judged.draft.rule.full_mark
    weights = np.zeros((size, indicators))
    patterns: dict[bytes, NDArray[np.float64]] = {}
    for row, applies in enumerate(judged.membership.applicable):
        key = applies.tobytes() + (b"" if row not in judged.portions else b"\x00%d" % row)
        if key not in patterns:
            own = system.with_portions(judged.portions[row]) if row in judged.portions else system
            adjusted = own.adjusted(applies.tolist())
            present = {g for g, w in zip(system.groups, adjusted, strict=True) if w and g not in system.bonus}
            scale = sum((system.first[g] for g in present), Fraction()) if judged.draft.renormalise else Fraction(1)
            patterns[key] = np.array(
                [
                    0.0 if g in system.bonus else float(mark * system.first[g] * w / (scale or 1))
                    for g, w in zip(system.groups, adjusted, strict=True)
                ]
            )
        weights[row] = patterns[key]
    return weights


def _exactly(judged: Judged, steps: Sequence[Ladder], chosen: Steps) -> dict[str, int]:
    """Grade by the exact route."""
    moved = {one.indicator: (one, _three(chosen[one.indicator])) for one in steps}
    return judged.grade(with_steps(judged, moved)).distribution()


def _cumulative(distribution: Mapping[str, int]) -> tuple[int, int, int]:
    counts = np.cumsum([distribution[grade] for grade in GRADES])
    return _three(counts)


def _three(values: NDArray[np.int64]) -> tuple[int, int, int]:
    first, second, third = (int(value) for value in values)
    return first, second, third


def _point(problem: Problem, steps: Steps, goal: NDArray[np.int64]) -> Point:
    return Point(_three(goal), _three(problem.counts(steps)), problem.price(steps))


def _changes(problem: Problem, steps: Sequence[Ladder], chosen: Steps) -> tuple[Change, ...]:
    return tuple(
        Change(
            one.indicator, g, one.text(int(problem.start[one.indicator, g])),
            float(one.shares[problem.start[one.indicator, g]]), one.text(int(chosen[one.indicator, g])),
            float(one.shares[chosen[one.indicator, g]]),
        )
        for one in steps
        for g in range(len(standard().grades))
    )  # fmt: skip
