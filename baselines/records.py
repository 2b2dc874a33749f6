"""One record per enterprise: which rows of a survey over several years count, by a declared rule (重复企业)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from .errors import BaselineError, DuplicateRecordError, LengthError, NotFiniteError, NoValidValueError
from .sample import as_floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from .sample import FloatArray

Enterprise = TypeVar("Enterprise", bound=Hashable)


class DuplicateRule(StrEnum):
    """What to do where an enterprise stands in several rows."""

    REFUSE = "refuse"
    """报错: one row each, else an error."""
    LATEST = "latest"
    """取最新: the row of the latest year."""
    MEAN = "mean"
    """取平均: the mean of the values reported; one value per enterprise at its first row."""


@dataclass(frozen=True, slots=True)
class Records:
    """Rows that count.

    Attributes
    ----------
    kept : tuple of int
        One row per enterprise, in order of first appearance.
    groups : tuple of tuple of int
        All rows of that enterprise.
    """

    kept: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]


def one_per_enterprise(
    enterprises: Sequence[Enterprise],
    rule: DuplicateRule | str = DuplicateRule.REFUSE,
    years: ArrayLike | None = None,
) -> Records:
    """Choose the rows that count.

    Parameters
    ----------
    enterprises : sequence
        Who reported each row.
    rule : DuplicateRule or str
    years : array_like, optional
        Needed by ``latest`` for enterprises with several rows.

    Raises
    ------
    DuplicateRecordError
        Several rows under ``refuse``; under ``latest`` two rows of the same latest year, or rows without a year. All
        rows at fault at once.
    LengthError
        For years that are not one per row.
    BaselineError
        For an unknown rule.
    """
    way = _rule(rule)
    groups = rows_by_enterprise(enterprises)
    when = None if years is None else as_floats(years, "years")
    if when is not None and len(when) != len(enterprises):
        raise LengthError(f"{len(when)} years for {len(enterprises)} rows", values=(len(enterprises), len(when)))
    wrong: list[int] = []
    kept: list[int] = []
    for group in groups:
        if len(group) > 1 and way is DuplicateRule.REFUSE:
            wrong += group
        if len(group) == 1 or way is not DuplicateRule.LATEST:
            kept.append(group[0])
            continue
        newest = latest_rows(group, when)
        if len(newest) == 1:
            kept.append(newest[0])
        else:
            wrong += newest or group
    if wrong:
        raise DuplicateRecordError(
            f"enterprises with more than one record that counts (rule: {way.value})",
            indices=wrong,
            values=[enterprises[index] for index in wrong],
        )
    return Records(tuple(kept), groups)


def rows_by_enterprise(enterprises: Sequence[Enterprise]) -> tuple[tuple[int, ...], ...]:
    """Rows of each enterprise, in order of first appearance."""
    if len(set(enterprises)) == len(enterprises):  # as in most surveys, and several times as fast
        return tuple(zip(range(len(enterprises)), strict=True))
    rows: dict[Enterprise, list[int]] = {}
    for index, enterprise in enumerate(enterprises):
        rows.setdefault(enterprise, []).append(index)
    return tuple(map(tuple, rows.values()))


def latest_rows(group: Sequence[int], years: FloatArray | None) -> tuple[int, ...]:
    """Rows of a group that have its latest year; none where a row of the group is without a year (NaN)."""
    when = [np.nan] if years is None else [float(years[index]) for index in group]
    if np.isnan(when).any():
        return ()
    return tuple(index for index, year in zip(group, when, strict=True) if year == max(when))


def collapse(values: ArrayLike, records: Records, rule: DuplicateRule | str) -> FloatArray:
    """One value per enterprise: of the row kept, or the mean of the values reported under ``mean``.

    Returns
    -------
    ndarray, shape (number of enterprises,)
        NaN where nothing was reported.
    """
    picked = as_floats(values, "values")[list(records.kept)]
    if _rule(rule) is not DuplicateRule.MEAN:
        return picked
    array = as_floats(values, "values")
    for position, group in enumerate(records.groups):
        if len(group) > 1:
            reported = array[list(group)]
            reported = reported[~np.isnan(reported)]
            picked[position] = mean_value(reported.tolist()) if len(reported) else np.nan
    return picked


def mean_value(values: Sequence[float]) -> float:
    """Mean of the decimal numbers that the values print as, rounded once, to the nearest double.

    In floats the mean of 12.3, 12.3 and 12.3 is 12.300000000000002, which outward rounding would publish as 12.4.

    Raises
    ------
    NoValidValueError
        Without values.
    NotFiniteError
        For NaN and infinities, with their positions.

    Examples
    --------
    >>> mean_value([12.3, 12.3, 12.3]), mean_value([1, 2, 2])
    (12.3, 1.6666666666666667)
    """
    numbers = as_floats(values, "values")
    if not len(numbers):
        raise NoValidValueError("no value to take the mean of", values=(0,))
    if len(at := np.flatnonzero(np.isnan(numbers))):
        raise NotFiniteError("a mean of values that are missing", indices=at, values=numbers[at].tolist())
    return float(sum(Fraction(repr(number)) for number in numbers.tolist()) / len(numbers))


def _rule(rule: DuplicateRule | str) -> DuplicateRule:
    try:
        return DuplicateRule(rule)
    except ValueError:
        known = [known.value for known in DuplicateRule]
        raise BaselineError(f"rule must be one of {known}, not {rule!r}", values=(rule,)) from None
