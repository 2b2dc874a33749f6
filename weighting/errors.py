"""Errors of the weighting core: one family, each carrying the indices and values at fault.

The texts are English with zero-based indices, for programmers; an application that speaks to its users translates
them from the class and the attributes.
"""

from __future__ import annotations

from typing import Any


class WeightingError(ValueError):
    """Base of every error that :mod:`weighting` raises for wrong input.

    Attributes
    ----------
    indices : tuple
        Where: zero-based indices, one entry per fault. What an entry is (an item, an expert, a cell ``(row, column)``
        or ``(matrix, row, column)``) is said by the subclass.
    values : tuple
        What stands there, in the order of ``indices``.
    """

    def __init__(self, message: str, *, indices: tuple[Any, ...] = (), values: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.indices = indices
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle message and attributes: subclasses have other parameters, and errors come home from processes."""
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[WeightingError], args: tuple[Any, ...], attributes: dict[str, Any]) -> WeightingError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(attributes)
    return error


class ShapeError(WeightingError):
    """An array has the wrong shape, or labels or weights do not fit it; ``values`` holds what was found."""


class NotANumberError(WeightingError):
    """An entry is no number at all (text, an object); ``indices`` and ``values`` name the entries."""


class JudgementError(WeightingError):
    """A judgement is zero, negative or infinite; ``indices`` are its cells, ``values`` what stands there."""


class DiagonalError(WeightingError):
    """A diagonal cell is not 1; ``indices`` are the cells, ``values`` what stands there."""


class ReciprocityError(WeightingError):
    """Two cells of a pair contradict each other: a_ij · a_ji is not 1.

    ``indices`` holds one ``(cell, mirror cell)`` per pair, ``values`` one ``(a_ij, a_ji)``.
    """


class DisconnectedError(WeightingError):
    """The comparisons made do not connect all items, so that no common scale exists.

    ``indices`` are the islands, each a tuple of items; ``matrix`` is the matrix's place in a stack (None for one).
    """

    def __init__(
        self, message: str, *, indices: tuple[Any, ...] = (), values: tuple[Any, ...] = (), matrix: int | None = None
    ) -> None:
        super().__init__(message, indices=indices, values=values)
        self.matrix = matrix

    @property
    def islands(self) -> tuple[tuple[int, ...], ...]:
        """The groups of items between which no comparison was made."""
        return self.indices


class MissingJudgementError(WeightingError):
    """The method needs every judgement, but some are missing; ``indices`` are the missing cells above the diagonal."""


class OptionError(WeightingError):
    """A named option does not exist or a number is outside its range; ``values`` holds what was asked for."""


class PriorityError(WeightingError):
    """A weight is negative, zero where it must be positive, or not finite; ``indices`` and ``values`` name them."""


class ExpertWeightError(WeightingError):
    """An expert weight is negative or not finite, or all are zero; ``indices`` are experts."""


class PanelError(WeightingError):
    """Too few experts are left for what was asked; ``indices`` are the experts left out, ``values`` the count left."""


class ConvergenceError(WeightingError):
    """An iteration did not settle; ``values`` holds the last step. Not known to happen for judgements within 1e±9."""
