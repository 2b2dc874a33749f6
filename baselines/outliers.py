"""What to look at before believing a value: physical limits and fences. Values are flagged, never dropped.

A bad value on the good side sets grade I directly; one on the bad side changes ranks only.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from .attainment import between
from .direction import Direction, ShareLike, as_direction
from .errors import NoValidValueError, OutlierError
from .grades import DEFAULT_SHARES, GradeValues, grade_values
from .rounding import NumberLike, decimal_of
from .sample import Sample, State, as_sample

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .sample import FloatArray


class Reason(StrEnum):
    """Why a value is flagged."""

    BELOW_LIMIT = "below-physical-limit"
    ABOVE_LIMIT = "above-physical-limit"
    FENCE = "outside-fence"


class Side(StrEnum):
    """On which side of the other values a flagged value lies."""

    GOOD = "good"
    """Better than the rest: it can set grade I."""
    BAD = "bad"


class FenceMethod(StrEnum):
    """How fences are set."""

    TUKEY = "tukey"
    MAD_LOG = "mad-log"


@dataclass(frozen=True, slots=True)
class Fences:
    """Range outside which a value deserves a look.

    Attributes
    ----------
    low, high : float
    method : FenceMethod
    multiplier : float
    """

    low: float
    high: float
    method: FenceMethod
    multiplier: float


@dataclass(frozen=True, slots=True)
class Flag:
    """One value to look at.

    Attributes
    ----------
    index : int
        Position in the sample.
    value : float
    reason : Reason
    side : Side
    bound : float
        The limit or fence it crossed.
    """

    index: int
    value: float
    reason: Reason
    side: Side
    bound: float


def tukey_fences(values: ArrayLike | Sample, multiplier: float = 1.5) -> Fences:
    """Fences Q1 − m·IQR and Q3 + m·IQR with quartiles of type 7 (Tukey 1977, Exploratory Data Analysis).

    Sampling weights do not enter: a fence is about the values, not about how many enterprises they stand for.

    Raises
    ------
    BaselineError
        Without valid values, or for a multiplier that is not positive.
    """
    _positive(multiplier)
    measured = _measured(as_sample(values))
    low, high = _quartiles(measured)
    reach = multiplier * (high - low)
    return Fences(low - reach, high + reach, FenceMethod.TUKEY, multiplier)


def mad_log_fences(values: ArrayLike | Sample, cutoff: float = 3.5) -> Fences | None:
    """Fences median ± c·1.4826·MAD of the logarithms, for positive and skewed values such as specific consumptions.

    Iglewicz and Hoaglin (1993, How to Detect and Handle Outliers, ASQC) call a value with a modified z-score beyond 3.5
    a potential outlier; 1.4826 makes the median absolute deviation estimate a normal distribution's σ.

    Returns
    -------
    Fences or None
        None where more than half of the values are equal, so that the deviation is zero and tells nothing.

    Raises
    ------
    OutlierError
        For values that are not positive, with their positions, or a cutoff that is not positive.
    NoValidValueError
        Without valid values.
    """
    _positive(cutoff)
    sample = as_sample(values)
    at = np.flatnonzero((sample.states == State.VALUE) & sample.counts & (np.nan_to_num(sample.values) <= 0))
    if len(at):
        raise OutlierError("logarithms need positive values", indices=at, values=sample.values[at].tolist())
    logs = np.log(_measured(sample))
    middle = float(np.median(logs))
    deviation = float(np.median(np.abs(logs - middle)))
    if deviation == 0:
        return None
    reach = cutoff * 1.4826 * deviation
    # Beyond the range of doubles a fence keeps nothing out: 0 and inf are then the honest ends.
    with np.errstate(over="ignore"):
        low, high = np.exp(np.array([middle - reach, middle + reach])).tolist()
    return Fences(low, high, FenceMethod.MAD_LOG, cutoff)


def flag_physical(
    values: ArrayLike | Sample,
    direction: Direction | str,
    lower: NumberLike | None = None,
    upper: NumberLike | None = None,
) -> tuple[Flag, ...]:
    """Flag values that physics forbids (下限, 上限); the limits themselves are allowed.

    Raises
    ------
    OutlierError
        If the lower limit is above the upper one.
    """
    way = as_direction(direction)
    low = -math.inf if lower is None else float(decimal_of(lower))
    high = math.inf if upper is None else float(decimal_of(upper))
    if low > high:
        raise OutlierError(f"lower limit {lower} above upper limit {upper}", values=(lower, upper))
    return _flags(as_sample(values), way, low, high, (Reason.BELOW_LIMIT, Reason.ABOVE_LIMIT))


def flag_fences(
    values: ArrayLike | Sample, direction: Direction | str, fences: Fences, side: Side | None = None
) -> tuple[Flag, ...]:
    """Flag values outside fences, on one side only where one is given; ``good`` ones come to a reviewer first."""
    way, low, high = as_direction(direction), fences.low, fences.high
    if side is not None and (side is Side.GOOD) == (way is Direction.SMALLER):
        high = math.inf
    elif side is not None:
        low = -math.inf
    return _flags(as_sample(values), way, low, high, (Reason.FENCE, Reason.FENCE))


def flag_strata(
    sample: Sample,
    direction: Direction | str,
    method: FenceMethod | str = FenceMethod.TUKEY,
    multiplier: float | None = None,
    sides: Collection[Side] = (Side.GOOD,),
) -> tuple[Flag, ...]:
    """Flag values outside the fences of their own stratum, those of the good side only unless told otherwise.

    Parameters
    ----------
    sample : Sample
        Without strata all enterprises are one stratum; strata without a measured value are passed over.
    method : {"tukey", "mad-log"}
    multiplier : float, optional
        1.5 interquartile ranges, or a modified z-score of 3.5, unless given.
    sides : collection of Side

    Returns
    -------
    tuple of Flag
        With positions in ``sample``, ascending.

    Raises
    ------
    OutlierError
        For an unknown method, or as :func:`mad_log_fences` with positions in ``sample``.
    """
    if method not in tuple(FenceMethod):
        raise OutlierError(f"method must be one of {[m.value for m in FenceMethod]}, not {method!r}", values=(method,))
    names = dict.fromkeys(sample.strata) if sample.strata is not None else {None: None}
    flags: list[Flag] = []
    for name in names:
        at = np.arange(len(sample)) if name is None else sample.members(name)
        part = sample if name is None else sample.stratum(name)
        if not np.any((part.states == State.VALUE) & part.counts):
            continue
        try:
            fences = (
                tukey_fences(part, 1.5 if multiplier is None else multiplier)
                if method == FenceMethod.TUKEY
                else mad_log_fences(part, 3.5 if multiplier is None else multiplier)
            )
        except OutlierError as error:
            raise OutlierError(str(error), indices=[at[i] for i in error.indices], values=error.values) from None
        if fences is not None:
            found = flag_fences(part, direction, fences)
            flags += [replace(flag, index=int(at[flag.index])) for flag in found if flag.side in sides]
    return tuple(sorted(flags, key=lambda flag: flag.index))


@dataclass(frozen=True, slots=True)
class WithAndWithout:
    """Grade values with and without some enterprises.

    Attributes
    ----------
    with_them : GradeValues
    without : GradeValues or None
        None where nothing would be left.
    indices : tuple of int
        The enterprises left out.
    """

    with_them: GradeValues
    without: GradeValues | None
    indices: tuple[int, ...]


def with_and_without(
    values: ArrayLike | Sample,
    direction: Direction | str,
    indices: Iterable[int],
    shares: Sequence[ShareLike] = DEFAULT_SHARES,
    weights: ArrayLike | None = None,
) -> WithAndWithout:
    """Show what some enterprises do to the grade values: computed with them and without them.

    Raises
    ------
    BaselineError
        As :func:`baselines.grade_values`; :class:`LengthError` for a position that does not exist.
    """
    sample = as_sample(values, weights)
    out = tuple(sorted({int(index) for index in indices}))
    rest = sample.exclude(out)
    return WithAndWithout(
        grade_values(sample, direction, shares), grade_values(rest, direction, shares) if rest.n else None, out
    )


def _quartiles(measured: FloatArray) -> tuple[float, float]:
    """Quartiles of type 7, as :func:`baselines.interpolated_value` gives them, without a full sort."""
    places = [(len(measured) - 1) * share + 1 for share in (Fraction(1, 4), Fraction(3, 4))]
    wanted = sorted({int(p) - 1 for p in places} | {min(int(p), len(measured) - 1) for p in places})
    ordered = np.partition(measured, wanted)
    found = []
    for place in places:
        low, part = int(place), float(place - int(place))
        start = float(ordered[low - 1])
        found.append(start if part == 0.0 else between(start, float(ordered[low]), part))
    return found[0] + 0.0, found[1] + 0.0  # + 0.0: no negative zero


def _measured(sample: Sample) -> FloatArray:
    used: FloatArray = sample.values[(sample.states == State.VALUE) & sample.counts]
    if not len(used):
        raise NoValidValueError("no measured value to set fences by", values=(len(sample),))
    return used


def _flags(sample: Sample, way: Direction, low: float, high: float, reasons: tuple[Reason, Reason]) -> tuple[Flag, ...]:
    below_is, above_is = (Side.GOOD, Side.BAD) if way is Direction.SMALLER else (Side.BAD, Side.GOOD)
    looked_at = (sample.states == State.VALUE) & sample.counts
    return tuple(
        Flag(int(index), value, reasons[0], below_is, low)
        if value < low
        else Flag(int(index), value, reasons[1], above_is, high)
        for index in np.flatnonzero(looked_at & ((sample.values < low) | (sample.values > high)))
        for value in (float(sample.values[index]),)
    )


def _positive(multiplier: float) -> None:
    if not (multiplier > 0 and math.isfinite(multiplier)):
        raise OutlierError(f"the multiplier must be positive, not {multiplier!r}", values=(multiplier,))
