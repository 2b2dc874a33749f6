"""Pairwise comparison matrices (判断矩阵): reciprocal, labelled, possibly incomplete.

``a[i, j]`` says how many times as important item i is as item j, on Saaty's scale 1/9 … 9 or any positive ratio. A
comparison that was not made is NaN (or None). Cells come as experts and spreadsheets write them: ``3`` faces ``1/3``,
``0.3333``, ``0.33`` or a blank.

References
----------
.. [1] Saaty, T. L. (1980). The Analytic Hierarchy Process. McGraw-Hill.
.. [2] GB/T 43329—2023, 5.4 and Appendix C.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from weighting.cells import as_numbers
from weighting.errors import (
    DiagonalError,
    DisconnectedError,
    JudgementError,
    ReciprocityError,
    ShapeError,
)

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Item: TypeAlias = str | int

PRINTED_TOLERANCE = 0.005
"""Half a unit of the second decimal: 0.33 facing 3 and 0.14 facing 7 are roundings, not contradictions."""

_RELATIVE_TOLERANCE = 0.05  # but never more than half a step of the scale, however large the ratio
_EXACT = 1e-9  # pairs closer to reciprocal than this are taken as they stand


@dataclass(frozen=True, slots=True, eq=False)
class PairwiseMatrix:
    """One reciprocal judgement matrix with labels.

    Parameters
    ----------
    values : array_like, shape (n, n)
        Positive ratios, also as text ("3", "1/3"); NaN or None where no comparison was made. One cell of a pair is
        enough. A diagonal cell is 1 or blank.
    labels : sequence of str, optional
        Names of the items, "1", "2", … by default.
    tolerance : float
        A pair is accepted as reciprocal when its smaller cell is within `tolerance` (and within 5 %) of the
        reciprocal of its larger one; the larger is kept, the smaller becomes its exact reciprocal.

    Raises
    ------
    ShapeError, NotANumberError, JudgementError, DiagonalError, ReciprocityError
        With the cells and values at fault.

    Examples
    --------
    >>> matrix = PairwiseMatrix([[1, 2, None], [0.5, 1, 3], [None, 0.33, 1]], labels=("water", "energy", "waste"))
    >>> matrix.missing
    ((0, 2),)
    >>> float(matrix.values[2, 1]) == 1 / 3
    True
    """

    values: FloatArray
    labels: tuple[str, ...]

    def __init__(
        self, values: npt.ArrayLike, labels: Sequence[str] | None = None, *, tolerance: float = PRINTED_TOLERANCE
    ) -> None:
        array = as_numbers(values)
        if array.ndim != 2:
            raise ShapeError(f"expected one square matrix, got shape {array.shape}", values=(array.shape,))
        stack = _reciprocal(array[None], tolerance=tolerance, single=True)[0].copy()
        stack.setflags(write=False)
        object.__setattr__(self, "values", stack)
        object.__setattr__(self, "labels", checked_labels(labels, len(stack)))

    @classmethod
    def from_upper(cls, judgements: Sequence[float | None], labels: Sequence[str] | None = None) -> PairwiseMatrix:
        """Build from the cells above the diagonal, row by row: a12, a13, …, a1n, a23, …; None where not answered.

        Raises
        ------
        ShapeError
            When the number of judgements is not n(n − 1)/2 for any n.
        """
        count = len(judgements)
        n = (1 + isqrt(1 + 8 * count)) // 2
        if n * (n - 1) // 2 != count:
            raise ShapeError(f"{count} judgements are not n(n-1)/2 for any n", values=(count,))
        values = np.full((n, n), np.nan)
        values[np.triu_indices(n, 1)] = as_numbers(judgements)
        return cls(values, labels)

    @classmethod
    def from_judgements(
        cls, judgements: Mapping[tuple[Item, Item], float | None], labels: Sequence[str]
    ) -> PairwiseMatrix:
        """Build from ``{(item, item): ratio}`` with labels or zero-based indices; pairs left out are missing.

        Raises
        ------
        ShapeError
            When a pair names an unknown item.
        """
        values = np.full((len(labels), len(labels)), np.nan)
        places: dict[Item, int] = {**{index: index for index in range(len(labels))}, **_places(labels)}
        for pair, value in judgements.items():
            unknown = [item for item in pair if item not in places]
            if unknown:
                raise ShapeError(f"unknown item {unknown[0]!r} in pair {pair}", indices=(pair,), values=tuple(unknown))
            values[places[pair[0]], places[pair[1]]] = np.nan if value is None else value
        return cls(values, labels)

    @property
    def n(self) -> int:
        """Number of items."""
        return len(self.labels)

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """Pairs (i, j), i < j, that were not compared."""
        return tuple((int(i), int(j)) for i, j in np.argwhere(np.triu(np.isnan(self.values), 1)))

    @property
    def is_complete(self) -> bool:
        """Whether every pair was compared."""
        return not bool(np.isnan(self.values).any())

    @property
    def islands(self) -> tuple[tuple[int, ...], ...]:
        """Groups of items connected by comparisons; a solvable matrix has one."""
        return islands(~np.isnan(self.values))

    def with_judgement(self, i: int, j: int, value: float | None) -> PairwiseMatrix:
        """Return a copy in which item i is `value` times as important as item j (None: not compared)."""
        changed = self.values.copy()
        changed[i, j] = np.nan if value is None else value
        changed[j, i] = np.nan
        return PairwiseMatrix(changed, self.labels)

    def permuted(self, order: Sequence[int]) -> PairwiseMatrix:
        """Return a copy with the items in another order."""
        index = np.asarray(order)
        return PairwiseMatrix(self.values[np.ix_(index, index)], tuple(self.labels[i] for i in order))

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """Be usable wherever an array is; a copy unless the read-only values will do."""
        if dtype is None and not copy:
            return self.values
        return np.array(self.values, dtype=dtype)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PairwiseMatrix):
            return NotImplemented
        return self.labels == other.labels and np.array_equal(self.values, other.values, equal_nan=True)

    def __hash__(self) -> int:
        return hash((self.labels, self.values.tobytes()))


Judgements: TypeAlias = npt.ArrayLike | PairwiseMatrix | Sequence[PairwiseMatrix]
"""What the functions of this package accept: one matrix or a stack of matrices over the same items."""


@dataclass(frozen=True, slots=True)
class JudgementStack:
    """Validated judgements as a stack, remembering whether one matrix was given."""

    values: FloatArray  # (k, n, n), reciprocal, NaN where missing
    single: bool
    labels: tuple[str, ...]
    complete: bool


def read_judgements(values: Judgements, labels: Sequence[str] | None = None) -> JudgementStack:
    """Validate one matrix or a stack of matrices; see :class:`PairwiseMatrix` for what is accepted.

    Raises
    ------
    ShapeError, NotANumberError, JudgementError, DiagonalError, ReciprocityError
        Cells are ``(row, column)`` for one matrix, ``(matrix, row, column)`` in a stack.
    """
    if isinstance(values, PairwiseMatrix):
        stack = values.values[None]
        return JudgementStack(
            stack, True, checked_labels(labels or values.labels, values.n), not bool(np.isnan(stack).any())
        )
    if labels is None:
        labels = _common_labels(values)
    if is_frame(values):
        values, labels = _squared(values, labels)
    array = as_numbers(values)
    single = array.ndim == 2
    if array.ndim not in (2, 3):
        raise ShapeError(f"expected shape (n, n) or (k, n, n), got {array.shape}", values=(array.shape,))
    stack = _reciprocal(array[None] if single else array, tolerance=PRINTED_TOLERANCE, single=single)
    return JudgementStack(
        stack, single, checked_labels(labels, stack.shape[-1]), stack is array or not bool(np.isnan(stack).any())
    )


def is_frame(values: object) -> bool:
    """Whether something is a labelled table such as a pandas frame; pandas itself is not asked for."""
    return hasattr(values, "columns") and hasattr(values, "index") and hasattr(values, "to_numpy")


def _squared(frame: Any, labels: Sequence[str] | None) -> tuple[npt.ArrayLike, Sequence[str]]:
    """Values of a labelled square table, rows in the order of its columns, and the labels."""
    columns, rows = [str(c) for c in frame.columns], [str(r) for r in frame.index]
    running = rows == [str(k) for k in range(len(rows))]
    if not running and sorted(rows) != sorted(columns):
        strange = tuple(sorted(set(rows) ^ set(columns)))
        raise ShapeError(f"rows and columns of the table carry other labels: {list(strange)}", values=strange)
    array = frame.to_numpy()
    if not running and len(set(rows)) == len(rows):
        array = array[[rows.index(c) for c in columns]]
    return array, labels or columns


def checked_labels(labels: Sequence[str] | None, n: int) -> tuple[str, ...]:
    """Labels as a tuple of n different names; "1" … "n" when none are given."""
    if labels is None:
        return tuple(str(i + 1) for i in range(n))
    names = tuple(labels)
    if len(names) != n:
        raise ShapeError(f"{len(names)} labels for {n} items", values=(len(names), n))
    if len(set(names)) != n:
        twice = tuple(i for i, name in enumerate(names) if name in names[:i])
        raise ShapeError(
            f"labels repeat: {[names[i] for i in twice]}", indices=twice, values=tuple(names[i] for i in twice)
        )
    return names


def islands(compared: BoolArray) -> tuple[tuple[int, ...], ...]:
    """List the connected groups of items of the comparison graph.

    Parameters
    ----------
    compared : bool array, shape (n, n)
        Whether items i and j were compared.
    """
    if compared.all():  # the usual case, asked once for every judgement of every expert
        return (tuple(range(len(compared))),)
    left, groups = set(range(len(compared))), []
    while left:
        group, frontier = set(), {min(left)}
        while frontier:
            group |= frontier
            frontier = {int(j) for i in frontier for j in np.flatnonzero(compared[i])} - group
        groups.append(tuple(sorted(group)))
        left -= group
    return tuple(groups)


def require_connected(stack: FloatArray, *, single: bool) -> None:
    """Raise :class:`DisconnectedError` for the first matrix whose comparisons leave islands."""
    compared = ~np.isnan(stack)
    reached = compared.astype(np.float64)
    for _ in range(max(1, int(np.ceil(np.log2(stack.shape[-1]))))):
        reached = np.minimum(reached @ reached, 1.0)
    for k in np.flatnonzero((reached == 0).any(axis=(1, 2)))[:1]:
        groups = islands(compared[k])
        where = "" if single else f" in matrix {k}"
        raise DisconnectedError(
            f"the comparisons{where} leave {len(groups)} groups of items that were never compared with each other: "
            f"{list(groups)}",
            indices=groups,
            values=(len(groups),),
            matrix=None if single else int(k),
        )


def _places(labels: Iterable[str]) -> dict[Item, int]:
    return {label: index for index, label in enumerate(labels)}


def _common_labels(values: Judgements) -> tuple[str, ...] | None:
    """Labels shared by a sequence of labelled matrices; None for bare arrays."""
    if not isinstance(values, Sequence) or not values or not isinstance(values[0], PairwiseMatrix):
        return None
    first = values[0].labels
    for k, matrix in enumerate(values):
        if isinstance(matrix, PairwiseMatrix) and matrix.labels != first:
            raise ShapeError(f"matrix {k} has other labels than matrix 0", indices=(k,), values=(matrix.labels, first))
    return first


def _reciprocal(stack: FloatArray, *, tolerance: float, single: bool) -> FloatArray:
    """Return the stack itself when it is positive and reciprocal, else a mended copy, else raise."""
    if stack.shape[-1] != stack.shape[-2] or 0 in stack.shape:
        found = stack.shape[1:] if single else stack.shape
        raise ShapeError(f"expected square matrices of at least one item, got shape {found}", values=(found,))
    with np.errstate(invalid="ignore", over="ignore"):  # 0 · inf and the like fail the test, which is its purpose
        off = stack * stack.swapaxes(-1, -2)
        off -= 1.0
        # Positive with a_ij · a_ji = 1 everywhere: finite, no blanks, and the diagonal is 1.
        if stack.min() > 0 and off.max() <= _EXACT and off.min() >= -_EXACT:
            return stack
    return _mended(stack, tolerance, single)


def _mended(stack: FloatArray, tolerance: float, single: bool) -> FloatArray:
    """Fill mirror cells and replace rounded reciprocals by exact ones, or raise naming every cell at fault."""

    def cells(where: BoolArray) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(int(i) for i in cell[1 if single else 0 :]) for cell in np.argwhere(where))

    wrong = (stack < np.finfo(np.float64).tiny) | np.isinf(stack)  # below tiny the reciprocal would be infinite
    if wrong.any():
        found = tuple(float(v) for v in stack[wrong])
        raise JudgementError(
            f"judgements are positive finite ratios; cell {cells(wrong)[0]} holds {found[0]}",
            indices=cells(wrong),
            values=found,
        )
    diagonal = np.eye(stack.shape[-1], dtype=bool) & ~np.isnan(stack) & (np.abs(stack - 1.0) > _EXACT)
    if diagonal.any():
        found = tuple(float(v) for v in stack[diagonal])
        raise DiagonalError(
            f"a diagonal cell is 1; cell {cells(diagonal)[0]} holds {found[0]}", indices=cells(diagonal), values=found
        )
    mirror = stack.swapaxes(-1, -2)
    larger, smaller = np.fmax(stack, mirror), np.fmin(stack, mirror)
    apart = np.abs(smaller - 1.0 / larger)
    both = ~np.isnan(stack) & ~np.isnan(mirror)
    clash = np.triu(both & (apart > np.minimum(tolerance, _RELATIVE_TOLERANCE / larger) * (1 + _EXACT)), 1)
    if clash.any():
        first = cells(clash)
        pairs = tuple((cell, (*cell[:-2], cell[-1], cell[-2])) for cell in first)
        values = tuple(zip(stack[clash].tolist(), mirror[clash].tolist(), strict=True))
        raise ReciprocityError(
            f"cells {pairs[0][0]} and {pairs[0][1]} are not reciprocal: {values[0][0]} and {values[0][1]}",
            indices=pairs,
            values=values,
        )
    mended = np.where(np.isnan(stack) | (both & (stack < mirror)), 1.0 / mirror, stack)
    index = np.arange(stack.shape[-1])
    mended[:, index, index] = 1.0
    return mended
