"""One round of a panel's answers, labelled and checked once, as every Delphi statistic expects it.

NaN stands for "no answer": an untouched scale is no answer, and nothing here ever fills one in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from weighting.comparison import is_frame
from weighting.errors import NotANumberError, OptionError, ShapeError, WeightingError

FloatArray = npt.NDArray[np.float64]


class AnswersError(WeightingError):
    """A panel's answers cannot be used as they stand.

    Attributes
    ----------
    indices : tuple of tuple of int
        Zero-based positions at fault, ``(expert, item)`` or ``(expert,)``; empty where the whole array is meant.
    values : tuple
        What stands at these positions, in the same order.
    """

    def __init__(self, message: str, indices: Iterable[tuple[int, ...]] = (), values: Iterable[object] = ()) -> None:
        super().__init__(message, indices=tuple(indices), values=tuple(values))


class AnswerValueError(AnswersError):
    """An answer is infinite or lies outside its scale."""


class LabelsError(AnswersError):
    """Labels of experts or items do not fit the array or occur twice; ``values`` holds the labels."""


class TooFewAnswersError(AnswersError):
    """Fewer experts, items or enterprises than the statistic needs; ``values`` holds the number found."""


class UnknownExpertError(AnswersError):
    """An expert who does not belong to the panel; ``values`` holds the codes, ``indices`` their places in a list."""


class UnknownSettingError(OptionError):
    """A named setting that does not exist.

    Attributes
    ----------
    setting : str
        The setting's name; ``values`` holds the value given.
    allowed : tuple of str
        Values that exist.
    """

    def __init__(self, setting: str, value: object, allowed: Iterable[str]) -> None:
        self.setting = setting
        self.allowed = tuple(allowed)
        super().__init__(f"{setting}: {value!r} is not one of {', '.join(self.allowed)}", values=(value,))


def frozen_array(values: npt.ArrayLike) -> FloatArray:
    """Copy `values` into a read-only float array."""
    array = np.array(values, dtype=np.float64)
    array.setflags(write=False)
    return array


def _labels(given: Sequence[str] | None, size: int, what: str) -> tuple[str, ...]:
    if given is None:
        return tuple(str(k + 1) for k in range(size))
    labels = tuple(given)
    if len(labels) != size:
        raise LabelsError(f"{len(labels)} labels for {size} {what}", values=labels)
    if len(set(labels)) != size:
        twice = [k for k, label in enumerate(labels) if label in labels[:k]]
        raise LabelsError(f"labels of {what} occur twice", [(k,) for k in twice], [labels[k] for k in twice])
    return labels


@dataclass(frozen=True, slots=True, eq=False, init=False)
class PanelRound:
    """The answers of one round to one group of items.

    Parameters
    ----------
    values : array_like, shape (experts, items)
        One row per expert; NaN where there is no answer. Kept as a read-only copy.
    experts, items : sequence of str, optional
        Labels, unique; ``"1"``, ``"2"``, … when not given.
    group : str
        Label of the group, e.g. the category whose indicators are weighted.
    scale : (low, high), optional
        Ends of the rating scale; ``None`` for direct allocations.

    Raises
    ------
    ShapeError
        The array is not two-dimensional or is empty.
    NotANumberError
        The array is ragged or not numeric.
    AnswersError
        The scale is not two finite numbers, low < high.
    AnswerValueError
        An answer is infinite or outside `scale`.
    LabelsError
        Labels do not fit or are not unique.
    """

    values: FloatArray
    experts: tuple[str, ...]
    items: tuple[str, ...]
    group: str
    scale: tuple[float, float] | None

    def __init__(
        self,
        values: npt.ArrayLike,
        experts: Sequence[str] | None = None,
        items: Sequence[str] | None = None,
        group: str = "",
        scale: tuple[float, float] | None = None,
    ) -> None:
        if is_frame(values):
            experts = [str(i) for i in values.index] if experts is None else experts  # type: ignore[union-attr]
            items = [str(c) for c in values.columns] if items is None else items  # type: ignore[union-attr]
        try:
            array = frozen_array(values)
        except (TypeError, ValueError) as error:
            raise NotANumberError(f"answers are no (experts, items) array of numbers: {error}") from error
        if array.ndim != 2 or array.size == 0:
            raise ShapeError(f"answers must have shape (experts, items), not {array.shape}", values=array.shape)
        if scale is not None:
            scale = (float(scale[0]), float(scale[1]))
            if not (np.isfinite(scale).all() and scale[0] < scale[1]):
                raise AnswersError(f"scale {scale} must be two finite numbers, low < high", values=scale)
        wrong = np.isinf(array)
        if scale is not None:
            wrong |= (array < scale[0]) | (array > scale[1])
        if wrong.any():
            places = [(int(i), int(j)) for i, j in np.argwhere(wrong)]
            raise AnswerValueError(
                f"answers infinite or outside the scale {scale} at (expert, item) {places}",
                places,
                [float(array[place]) for place in places],
            )
        object.__setattr__(self, "values", array)
        object.__setattr__(self, "experts", _labels(experts, array.shape[0], "experts"))
        object.__setattr__(self, "items", _labels(items, array.shape[1], "items"))
        object.__setattr__(self, "group", group)
        object.__setattr__(self, "scale", scale)


def as_round(answers: PanelRound | npt.ArrayLike) -> PanelRound:
    """Give `answers` as a :class:`PanelRound`, with running numbers as labels if it is a bare array."""
    return answers if isinstance(answers, PanelRound) else PanelRound(answers)
