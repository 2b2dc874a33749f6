"""One indicator's survey values: what each enterprise reported, and what that is worth for a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from .errors import LengthError, NotFiniteError, NotNumericError, StratumError, WeightError
from .sampling_weights import whole_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    FloatArray = NDArray[np.float64]
    BoolArray = NDArray[np.bool_]

T = TypeVar("T", bound=np.generic)


class State(IntEnum):
    """What an entry of a survey is."""

    VALUE = 0
    """A measured value."""
    MISSING = 1
    """Nothing reported; not counted among the enterprises."""
    NOT_APPLICABLE = 2
    """The enterprise has nothing to report (不适用); not counted either."""
    NON_DETECT = 3
    """Below a limit of detection (未检出): somewhere between the best possible and that limit, which is its value."""
    EXCLUDED = 4
    """Reported, but left out for a reason the committee gave (剔除); the value stays for comparison."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One indicator over the enterprises of a survey.

    Make one with :meth:`Sample.of`, which checks.

    Attributes
    ----------
    values : ndarray, shape (m,)
        As reported, in the indicator's unit; the limit of detection where the state is a non-detect; NaN where missing.
    states : ndarray of uint8, shape (m,)
        A :class:`State` per enterprise.
    weights : ndarray, shape (m,), or None
        Sampling weights (权数): how many domestic enterprises one surveyed enterprise stands for.
    strata : tuple of str, or None
        The stratum (分组) of each enterprise.

    Notes
    -----
    Arrays are read-only; indices everywhere in the core are positions in these arrays.
    """

    values: FloatArray
    states: NDArray[np.uint8]
    weights: FloatArray | None = None
    strata: tuple[str, ...] | None = None

    @classmethod
    def of(
        cls,
        values: ArrayLike,
        *,
        detection_limits: ArrayLike | None = None,
        excluded: Iterable[int] = (),
        weights: ArrayLike | None = None,
        strata: Sequence[str] | None = None,
    ) -> Sample:
        """Check and freeze one indicator's survey values.

        Parameters
        ----------
        values : array_like, shape (m,)
            NaN and None mean missing.
        detection_limits : array_like, shape (m,), optional
            The limit of detection where the enterprise reported a non-detect, NaN elsewhere; it replaces the value.
        excluded : iterable of int
            Positions left out for a declared reason.
        weights : array_like, shape (m,), optional
            Sampling weights, not negative; may be NaN only where the value does not count.
        strata : sequence of str, optional

        Raises
        ------
        NotNumericError, NotFiniteError
            Text, more than one dimension; infinite values.
        LengthError
            Parallel sequences of different lengths; an excluded position that does not exist.
        WeightError
            Negative, infinite or NaN weights, or a sum of zero.
        """
        reported = as_floats(values, "values")
        states = np.where(np.isnan(reported), State.MISSING, State.VALUE).astype(np.uint8)
        if detection_limits is not None:
            limits = as_floats(detection_limits, "detection limits")
            _same_length(len(reported), len(limits), "detection limits")
            found = ~np.isnan(limits)
            reported = np.where(found, limits, reported)
            states[found] = State.NON_DETECT
        out = [int(index) for index in excluded]
        if wrong := [index for index in out if not 0 <= index < len(reported)]:
            raise LengthError(f"no enterprise at the excluded positions {wrong}", indices=wrong)
        states[out] = State.EXCLUDED
        checked = None if weights is None else _checked_weights(weights, ~_out_of_count(states))
        if strata is not None:
            strata = tuple(strata)
            _same_length(len(reported), len(strata), "strata")
        return cls(_frozen(reported), _frozen(states), checked, strata)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def counts(self) -> BoolArray:
        """Which enterprises a share is counted over: measured or non-detect, and of positive weight."""
        counted = ~_out_of_count(self.states)
        return counted if self.weights is None else counted & (np.nan_to_num(self.weights) > 0)

    @property
    def n(self) -> int:
        """Number of valid enterprises."""
        return int(np.count_nonzero(self.counts))

    def count(self, state: State) -> int:
        """Count the enterprises in a state."""
        return int(np.count_nonzero(self.states == state))

    @property
    def effective_n(self) -> float:
        """Kish's effective number of enterprises, (Σw)² / Σw²; ``n`` without weights.

        Kish, L. (1965): Survey Sampling, Wiley, section 11.7.
        """
        if self.weights is None or self.n == 0:
            return float(self.n)
        # In whole numbers, so that neither the order of the enterprises nor the way of adding matters.
        whole, times = np.unique(np.array(whole_weights(self.weights[self.counts])), return_counts=True)
        pairs = list(zip(map(int, whole.tolist()), map(int, times.tolist()), strict=True))
        return float(Fraction(sum(w * n for w, n in pairs) ** 2, sum(w * w * n for w, n in pairs)))

    def exclude(self, indices: Iterable[int]) -> Sample:
        """Leave further enterprises out; the values stay on record.

        Raises
        ------
        LengthError
            For a position that does not exist.
        """
        out = [int(index) for index in indices]
        if wrong := [index for index in out if not 0 <= index < len(self)]:
            raise LengthError(f"no enterprise at the excluded positions {wrong}", indices=wrong)
        states = self.states.copy()
        states[out] = State.EXCLUDED
        return Sample(self.values, _frozen(states), self.weights, self.strata)

    def members(self, stratum: str) -> NDArray[np.intp]:
        """Positions of the enterprises of one stratum.

        Raises
        ------
        StratumError
            If the sample has no strata or none of that name.
        """
        if self.strata is None or stratum not in self.strata:
            raise StratumError(f"no stratum {stratum!r} in the survey", values=(stratum,))
        return np.flatnonzero(np.fromiter((name == stratum for name in self.strata), bool, len(self)))

    def stratum(self, name: str) -> Sample:
        """Give the sample of one stratum alone.

        Raises
        ------
        StratumError
            If the sample has no strata or none of that name.
        """
        at = self.members(name)
        weights = None if self.weights is None else _frozen(self.weights[at])
        return Sample(_frozen(self.values[at]), _frozen(self.states[at]), weights, (name,) * len(at))


def as_sample(values: ArrayLike | Sample, weights: ArrayLike | None = None) -> Sample:
    """Take a sample as it is, or make one from bare values; ``weights`` replace the sample's own."""
    if not isinstance(values, Sample):
        return Sample.of(values, weights=weights)
    if weights is None:
        return values
    return Sample(values.values, values.states, _checked_weights(weights, ~_out_of_count(values.states)), values.strata)


def as_floats(values: ArrayLike, what: str) -> FloatArray:
    """Read a one-dimensional array of doubles; None and NaN become NaN.

    Raises
    ------
    NotNumericError
        For text that is no number, complex numbers, or more than one dimension.
    NotFiniteError
        For infinities, with their positions.
    """
    raw: Any = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan) if np.ma.isMA(values) else values
    try:
        if getattr(getattr(raw, "dtype", None), "kind", "f") in "cmM" or np.iscomplexobj(raw):
            raise TypeError  # numpy would turn dates into days and drop imaginary parts
        array = np.array(raw, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        wrong = [(index, entry) for index, entry in enumerate(raw) if not _numeric(entry)] if _listed(raw) else []
        raise NotNumericError(
            f"{what} must be one row of numbers; not numbers: {[entry for _, entry in wrong[:5]]}",
            indices=[index for index, _ in wrong],
            values=[entry for _, entry in wrong],
        ) from None
    if array.ndim != 1:
        raise NotNumericError(
            f"{what} must be one row of numbers, not an array of shape {array.shape}", values=(array.shape,)
        )
    if len(at := np.flatnonzero(np.isinf(array))):
        raise NotFiniteError(f"{what} must be finite", indices=at, values=array[at].tolist())
    return array


def _listed(raw: object) -> bool:
    return isinstance(raw, (Sequence, np.ndarray)) and not isinstance(raw, (str, bytes))


def _numeric(entry: Any) -> bool:
    try:
        float(entry)
    except (TypeError, ValueError, OverflowError):
        return entry is None
    return True


def _out_of_count(states: NDArray[np.uint8]) -> BoolArray:
    out: BoolArray = np.isin(states, (State.MISSING, State.NOT_APPLICABLE, State.EXCLUDED))
    return out


def _checked_weights(weights: ArrayLike, needed: BoolArray) -> FloatArray:
    try:
        array = as_floats(weights, "weights")
    except (NotNumericError, NotFiniteError) as error:
        raise WeightError(str(error), indices=error.indices, values=error.values) from None
    _same_length(len(needed), len(array), "weights")
    bad = np.flatnonzero((array < 0) | (np.isnan(array) & needed))
    if len(bad):
        raise WeightError("weights must be numbers not below zero", indices=bad, values=array[bad].tolist())
    if needed.any() and not (array[needed] > 0).any():
        raise WeightError(
            "the weights of all valid enterprises are zero",
            indices=np.flatnonzero(needed),
            values=array[needed].tolist(),
        )
    return _frozen(array)


def _same_length(expected: int, found: int, what: str) -> None:
    if expected != found:
        raise LengthError(f"{found} {what} for {expected} enterprises", values=(expected, found))


def _frozen(array: NDArray[T]) -> NDArray[T]:
    array.flags.writeable = False
    return array
