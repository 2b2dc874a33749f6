"""Errors of the baselines core: one family, each carrying the indices and values at fault."""

from __future__ import annotations

from collections.abc import Iterable


class BaselineError(ValueError):
    """Base of every error that :mod:`baselines` raises for wrong input.

    Attributes
    ----------
    indices : tuple of int
        Positions (from 0) of the entries at fault in the sequence the caller gave; empty where the fault is not an
        entry's.
    values : tuple
        What stood there, or the argument at fault.
    """

    def __init__(self, message: str, *, indices: Iterable[int] = (), values: Iterable[object] = ()) -> None:
        super().__init__(message)
        self.indices: tuple[int, ...] = tuple(int(i) for i in indices)
        self.values: tuple[object, ...] = tuple(values)


class NoValidValueError(BaselineError):
    """Nothing to rank: the survey is empty, or every value is missing, excluded or of weight zero."""


class NotNumericError(BaselineError):
    """Something that is not a number stands where numbers are needed, or the array is not one-dimensional."""


class NotFiniteError(BaselineError):
    """An infinite value, or NaN where NaN does not mean *missing*."""


class WeightError(BaselineError):
    """Sampling weights that are negative, NaN, infinite, all zero, or not one per enterprise."""


class LengthError(BaselineError):
    """Parallel sequences (values, strata, years …) of different lengths."""


class DirectionError(BaselineError):
    """A direction that is neither ``"smaller"`` nor ``"larger"``."""


class ShareError(BaselineError):
    """A share outside (0, 1], not readable as a number, or shares that fall from grade I to grade III."""


class ConfidenceError(BaselineError):
    """A confidence outside (0, 1), or an unknown kind of interval."""


class CensoredRankError(BaselineError):
    """The deciding rank of a larger-is-better indicator is a non-detect, so no value is certain to be reached."""


class RoundingError(BaselineError):
    """A number that has no decimal text, a number of decimals out of range, or an interval GB/T 8170 does not know."""


class StratumError(BaselineError):
    """An unknown stratum, or strata asked of a sample that has none."""


class DuplicateRecordError(BaselineError):
    """Two records of one enterprise where the declared rule allows one."""


class AnswerError(BaselineError):
    """A qualitative answer that names no grade."""


class OutlierError(BaselineError):
    """Limits that contradict each other, or values a method of flagging cannot judge."""


class CurveError(BaselineError):
    """A formula baseline without parameter values, or a formula that cannot be evaluated at one of them."""
