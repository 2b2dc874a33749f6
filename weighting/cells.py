"""Cells as numbers: what callers and questionnaires write where a number is meant."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from weighting.errors import NotANumberError, ShapeError

_LONGEST_RATIO = 60


def as_numbers(values: object) -> npt.NDArray[np.float64]:
    """Values as a float array; None becomes NaN, and text is a number or a ratio ("3", "1/3").

    Raises
    ------
    ShapeError
        Rows of different length.
    NotANumberError
        Text that is no number, complex numbers, dates or another object; ``indices`` are the cells.
    """
    try:
        # Numpy would drop imaginary parts and turn dates into days.
        if np.asarray(values).dtype.kind not in "cmM":
            return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        pass
    try:
        cells = np.asarray(values, dtype=object)
    except ValueError:  # rows of different length
        raise ShapeError("the rows differ in length") from None
    ratios = {where: ratio for where, cell in np.ndenumerate(cells) if (ratio := _ratio(cell)) is not None}
    if ratios:
        cells = cells.copy()
        for where, ratio in ratios.items():
            cells[where] = ratio
        return as_numbers(cells)
    bad = [(where, cell) for where, cell in np.ndenumerate(cells) if not _numeric(cell)]
    if any(isinstance(cell, list | tuple) for _, cell in bad) or not bad:
        raise ShapeError("the rows differ in length")
    raise NotANumberError(
        f"not a number at {bad[0][0]}: {bad[0][1]!r}",
        indices=tuple(where for where, _ in bad),
        values=tuple(cell for _, cell in bad),
    )


def _ratio(cell: Any) -> float | None:
    """Read a ratio as questionnaires write it ("1/3"); None for anything else."""
    if not isinstance(cell, str) or "/" not in cell or len(cell) > _LONGEST_RATIO:
        return None
    try:
        return float(Fraction("".join(cell.split())))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def _numeric(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError, OverflowError):
        return cell is None
    return True
