"""From the cells of one survey column to numbers and states."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.model.characters import fold
from drafting.model.survey import State
from drafting.workbook.cells import (
    LARGEST,
    CellError,
    CellFaultError,
    decimal_of,
    grades_reached,
    is_blank,
    is_percent_unit,
    shown,
    text,
)
from drafting.workbook.headings import NOT_APPLICABLE_MARK, key
from drafting.workbook.report import Report
from drafting.workbook.survey_table import SurveyTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBER = r"(\d[\d,]*\.?\d*(?:e[+-]?\d+)?[%‰]?)"
_BELOW = re.compile(rf"<\s*{_NUMBER}")
_NON_DETECT = re.compile(
    rf"(?:n\.?d\.?|未检出|低于检出限|检出限以下|<\s*(?:lod|mdl|dl|检出限))"
    rf"(?:\s*[(\[]?\s*(?:检出限|lod|mdl|dl)?\s*[:=]?\s*<?\s*{_NUMBER}\s*[)\]]?)?"
)


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How the cells of a column are to be read."""

    heading: str
    unit: str = ""
    missing: frozenset[str] = frozenset()
    factor: Fraction = Fraction(1)
    """From the unit that the file states to ``unit``."""
    wanted: str = "number"
    """``number`` or ``grade``."""
    single: bool = False
    """Qualitative with one baseline for all grades."""


def missing_codes(setting: str) -> frozenset[str]:
    """Split the setting 缺失代码."""
    return frozenset(code_key(c) for c in re.split(r"[、，；;\s]+", setting) if c)


def code_key(says: str) -> str:
    """Reduce a missing code for comparison."""
    return unicodedata.normalize("NFKC", says).strip().casefold()


def read_column(
    table: SurveyTable, column: int, rule: ColumnRule, report: Report
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Read one column; every cell that cannot be read is reported and missing.

    Returns
    -------
    values, states
        Shape (rows,). A non-detect's value is its limit; missing and not applicable ones are NaN.
    """
    cells = table.columns[column]
    if isinstance(cells, np.ndarray):
        for index in map(int, np.flatnonzero(~np.isnan(cells) & ~(np.abs(cells) <= LARGEST))):
            report.add(
                "survey-not-a-number", table.cell(index, column), heading=rule.heading, found=f"{cells[index]:g}",
                reason="不是有限的数，或大得不合理",
            )  # fmt: skip
        return _read_numbers(cells, rule)
    reader = _ColumnReader(table, column, rule, report)
    values = np.empty(len(cells), dtype=np.float64)
    states = np.empty(len(cells), dtype=np.uint8)
    for index, cell in enumerate(cells):
        values[index], states[index] = reader.read(index, cell)
    reader.check_percentages(cells)
    if rule.factor != 1:
        values = _scaled(values, rule.factor)
    return values, states


def _scaled(values: NDArray[np.float64], factor: Fraction) -> NDArray[np.float64]:
    # Multiplying and dividing by whole numbers rounds once where a decimal factor would round twice: 7 g is 0.007 kg.
    return values * float(factor.numerator) / float(factor.denominator)


def _read_numbers(cells: NDArray[np.float64], rule: ColumnRule) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    values = _scaled(np.asarray(cells, dtype=np.float64), rule.factor)
    known = np.isfinite(values) & (np.abs(values) <= LARGEST)
    states = np.where(known, State.VALUE, State.MISSING).astype(np.uint8)
    return np.where(known, values, np.nan), states


_NAN = math.nan


class _ColumnReader:
    def __init__(self, table: SurveyTable, column: int, rule: ColumnRule, report: Report) -> None:
        self._table, self._column, self._rule, self._report = table, column, rule, report
        self._in_percent = is_percent_unit(rule.unit)
        self._percents = table.percents
        self._not_applicable = key(NOT_APPLICABLE_MARK)
        self._number = rule.wanted == "number"
        self._fast = self._number and not self._in_percent
        self._plain: list[int] = []  # positions of numbers in a % column that do not say whether they are percentages

    def read(self, index: int, cell: object) -> tuple[float, int]:
        if isinstance(cell, float) and self._fast and -LARGEST < cell < LARGEST and self._says_itself(index):
            return cell, State.VALUE
        if is_blank(cell):
            return _NAN, State.MISSING
        if isinstance(cell, str) and not isinstance(cell, CellError):
            word = code_key(text(cell))
            if word in self._rule.missing:
                return _NAN, State.MISSING
            if key(word) == self._not_applicable:
                return _NAN, State.NOT_APPLICABLE
        try:
            if not self._number:
                return float(grades_reached(cell, single=self._rule.single)), State.VALUE
            return self._quantity(index, cell)
        except CellFaultError as fault:
            code = "survey-not-a-number" if self._number else "survey-not-a-grade"
            self._add(code, index, found=shown(cell), reason=fault.reason)
            return _NAN, State.MISSING

    def _says_itself(self, index: int) -> bool:
        """Whether a number stands as it is meant, not shown as a percentage."""
        return not self._percents or (self._table.rows[index], self._column) not in self._percents

    def _add(self, code: str, index: int, **values: Any) -> None:
        self._report.add(code, self._table.cell(index, self._column), heading=self._rule.heading, **values)

    def _quantity(self, index: int, cell: object) -> tuple[float, int]:
        percent = (self._table.rows[index], self._column) in self._percents
        if isinstance(cell, str) and not isinstance(cell, CellError):
            limit = self._limit(index, cell)
            if limit is not None:
                return limit
            if self._in_percent and not fold(cell).strip().endswith(("%", "‰")):
                self._plain.append(index)
        elif self._in_percent and not percent:
            self._plain.append(index)
        number = decimal_of(cell, percent=percent, unit=self._rule.unit)
        if isinstance(cell, float) and not percent:
            return cell, State.VALUE  # the float itself, not its fifteen digits
        return float(number), State.VALUE

    def _limit(self, index: int, cell: str) -> tuple[float, int] | None:
        """Read a value below the detection limit; None if the cell is no such value."""
        folded = fold(text(cell)).casefold()
        match = _BELOW.fullmatch(folded) or _NON_DETECT.fullmatch(folded)
        if match is None:
            return None
        if match[1] is None:
            self._add("survey-no-detection-limit", index, found=shown(cell))
            return _NAN, State.MISSING
        return float(decimal_of(match[1], unit=self._rule.unit)), State.NON_DETECT

    def check_percentages(self, cells: Sequence[object]) -> None:
        """Report 0.95 and 95 in one column of percentages, or a column that seems to hold fractions only."""
        numbers = [(i, abs(float(decimal_of(cells[i])))) for i in self._plain if _is_number(cells[i])]
        small = [(i, v) for i, v in numbers if 0 < v <= 1]
        large = [(i, v) for i, v in numbers if v > 1]
        if small and large:
            # Fractions among percentages: a hundred times the small ones lies where the large ones lie.
            low, high = min(v for _, v in large), max(v for _, v in large)
            mixed = [(i, v) for i, v in small if low * 0.5 <= v * 100 <= max(high * 2, 100)]
            if mixed and low > 10 * max(v for _, v in small):
                odd = mixed if len(mixed) <= len(large) else large
                index = odd[0][0]
                other = cells[(large if odd is mixed else mixed)[0][0]]
                self._add("survey-percent-mixed", index, found=shown(cells[index]), other=shown(other), count=len(odd))
        elif len(small) >= 3 and max(v for _, v in small) > 0.2 and len(small) == len(self._plain):
            place = self._table.heading_cell(self._column)
            self._report.add(
                "survey-percent-fractions", place, heading=self._rule.heading, found=shown(cells[small[0][0]])
            )


def _is_number(cell: object) -> bool:
    try:
        decimal_of(cell)
    except CellFaultError:
        return False
    return True


def positive(cell: object, percent: bool) -> Decimal | None:
    """Read a sampling weight: a positive number, None where blank.

    Raises
    ------
    CellFaultError
        When it is none.
    """
    if is_blank(cell):
        return None
    number = decimal_of(cell, percent=percent)
    if number <= 0:
        raise CellFaultError("不是正数")
    return number
