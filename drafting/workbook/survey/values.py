"""From the cells of one survey column to numbers and states."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.model.characters import fold
from drafting.model.survey import State
from drafting.notation.conversion import UnitError, conversion
from drafting.notation.units import normalise_unit
from drafting.workbook.cells import (
    COMMA_UNSURE,
    LARGEST,
    CellError,
    CellFaultError,
    ShapedNumber,
    decimal_of,
    grades_reached,
    is_blank,
    is_percent_unit,
    shown,
    text,
)
from drafting.workbook.headings import NOT_APPLICABLE_MARK, key
from drafting.workbook.number_formats import HIDES
from drafting.workbook.report import Report
from drafting.workbook.survey.decimals import multiplied
from drafting.workbook.survey.missing import SIMPLE, code_key, missing_numbers
from drafting.workbook.survey.percentages import Percentages
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.texts import COMMA, GROUPED, PERCENT, PLAIN, Texts
from drafting.workbook.survey.texts import COMMA_UNSURE as TEXT_UNSURE
from drafting.workbook.survey.unit_texts import number_and_unit, same_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from drafting.workbook.survey.table import Column

_NUMBER = r"(\d[\d,]*\.?\d*(?:e[+-]?\d+)?[%‰]?)"
_BELOW = re.compile(rf"<\s*{_NUMBER}")
_NON_DETECT = re.compile(
    rf"(?:n\.?d\.?|未检出|低于检出限|检出限以下|<\s*(?:lod|mdl|dl|检出限))"
    rf"(?:\s*[(\[]?\s*(?:检出限|lod|mdl|dl)?\s*[:=]?\s*<?\s*{_NUMBER}\s*[)\]]?)?"
)


@dataclass(frozen=True, slots=True)
class ColumnValues:
    """A column as read, shape (rows,) each: a non-detect's value is its limit; missing ones and the like are NaN."""

    values: NDArray[np.float64]
    states: NDArray[np.uint8]
    with_unit: int = 0
    """Cells that were read although they say the column's unit behind the number."""


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """How the cells of a column are to be read."""

    heading: str
    unit: str = ""
    missing: frozenset[str] = frozenset()
    factor: Fraction = Fraction(1)
    """From the unit that the file states to ``unit``."""
    wanted: str = "number"
    """``number``, ``grade`` or ``total``: a number to compute with, which a detection limit is not."""
    single: bool = False
    """Qualitative with one baseline for all grades."""


def stated_unit(table: SurveyTable, column: int, rule: ColumnRule) -> str:
    """The unit in which the numbers of a column stand: the one that the file states, else the indicator's own."""
    return table.units.get(column) or rule.unit


def read_column(
    table: SurveyTable, column: int, rule: ColumnRule, report: Report, percentages: Percentages
) -> ColumnValues:
    """Read one column, or a piece of one; every cell that cannot be read is reported and missing.

    ``percentages``: takes the numbers of a column in % that do not say whether they are percentages; reported of the
    whole column.
    """
    cells = table.columns[column]
    if isinstance(cells, np.ndarray) and rule.wanted == "grade":
        cells = table.cells(column)
    reader = _ColumnReader(table, column, rule, report)
    values, states = reader.read_all(cells, percentages)
    if rule.factor != 1:
        values = multiplied(values, rule.factor)
    return ColumnValues(values, states, reader.with_unit)


def plain_numbers(table: SurveyTable, column: int, rule: ColumnRule, report: Report) -> NDArray[np.float64]:
    """The numbers of a column, shape (rows,), NaN for everything that is not a number."""
    read = read_column(table, column, rule, report, Percentages())
    return np.where(read.states == State.VALUE, read.values, np.nan)


_NAN = math.nan
_FLOAT, _NOTHING = frozenset({float}), frozenset({type(None)})


class _ColumnReader:
    def __init__(self, table: SurveyTable, column: int, rule: ColumnRule, report: Report) -> None:
        self._table, self._column, self._rule, self._report = table, column, rule, report
        self._in_percent = is_percent_unit(rule.unit)
        self._percent_rows = table.percent_rows(column)
        self._not_applicable = key(NOT_APPLICABLE_MARK)
        self._number = rule.wanted != "grade"
        self._answers: dict[str, int] = {}
        self._units: dict[str, Fraction | None] = {}
        self._codes = missing_numbers(rule.missing)
        self._unit = stated_unit(table, column, rule)
        self._comma = table.decimal_comma
        self.with_unit = 0
        self._plain: list[int] = []  # positions of numbers in a % column that do not say whether they are percentages

    def read_all(self, cells: Column, percentages: Percentages) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
        """Read a column; numbers, blanks and percentages at once, all else cell by cell, in order."""
        values = np.full(len(cells), np.nan)
        states = np.full(len(cells), State.MISSING, dtype=np.uint8)
        rest = np.ones(len(cells), dtype=np.bool_)
        plain = np.zeros(len(cells), dtype=np.bool_)
        if isinstance(cells, Texts):
            if self._number:
                plain = self._read_plain(cells, values, states, rest)
            else:
                self._read_answers(cells, values, states, rest)
        elif self._number:
            plain = self._read_numbers(cells, values, states, rest)
        at = np.flatnonzero(rest)
        others = cells.picked(at) if isinstance(cells, Texts) else map(cells.__getitem__, at.tolist())
        for index, cell in zip(at.tolist(), others, strict=True):
            values[index], states[index] = self.read(index, cell)
        if self._in_percent:
            plain[self._plain] = True
            unsaid = np.flatnonzero(plain)
            rows = np.asarray(self._table.rows)[unsaid]
            percentages.add(np.abs(values[unsaid]), rows, _Shown(cells, unsaid))
        return values, states

    def _read_plain(
        self, cells: Texts, values: NDArray[np.float64], states: NDArray[np.uint8], rest: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Fill in what is written as a number, of a column of text; returns those that may or may not be percentages.

        What is read here is read as :meth:`read` would read it.
        """
        rest &= cells.filled()
        unsure = cells.like(TEXT_UNSURE) if self._comma else np.zeros(len(cells), dtype=np.bool_)
        plain = cells.like(PLAIN) & ~unsure
        if self._rule.missing and plain.any():
            plain &= ~cells.among(sorted(self._rule.missing))
        values[plain] = cells.numbers(plain)
        quick = plain.copy()
        others = rest & ~plain
        if others.any():
            signed = [(COMMA if self._comma else GROUPED, ",", "." if self._comma else "", True)]
            if self._in_percent:
                signed.append((PERCENT, "%", "", False))
            for pattern, sign, instead, may_be_fraction in signed:
                chosen = cells.like(pattern) & others & ~unsure
                if chosen.any():
                    values[chosen] = cells.numbers(chosen, sign, instead)
                    quick |= chosen
                    if may_be_fraction:
                        plain |= chosen
        with_unit, numbers = cells.with_unit(others & ~quick & ~unsure, self._unit, self._rule.missing)
        values[with_unit] = numbers
        quick |= with_unit
        quick &= np.abs(values) <= LARGEST
        self.with_unit += int(np.count_nonzero(with_unit & quick))
        rest &= ~quick
        quick &= ~np.isin(values, self._codes)
        values[~quick] = np.nan
        states[quick] = State.VALUE
        return (plain | with_unit) & quick

    def _read_answers(
        self, cells: Texts, values: NDArray[np.float64], states: NDArray[np.uint8], rest: NDArray[np.bool_]
    ) -> None:
        """Fill in answers, each different one read once; those that have to be reported are left to do."""
        words, at = cells.coded()
        silent = Report()
        reader = _ColumnReader(self._table, self._column, self._rule, silent)
        known, of = np.full(len(words), np.nan), np.full(len(words), State.MISSING, dtype=np.uint8)
        doubtful = np.zeros(len(words), dtype=np.bool_)
        for index, word in enumerate(words):
            known[index], of[index] = reader.read(index, word)
            doubtful[index] = bool(silent.findings)
            silent.findings.clear()
        rest[:] = doubtful[at]
        values[:], states[:] = known[at], of[at]

    def _read_numbers(
        self, cells: Column, values: NDArray[np.float64], states: NDArray[np.uint8], rest: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Fill in the cells that hold floats or nothing and mark them off in ``rest``; returns the plain numbers."""
        if isinstance(cells, np.ndarray):
            values[:] = cells
            floats = ~np.isnan(values)
            rest &= floats
        else:
            floats = np.fromiter(map(_FLOAT.__contains__, map(type, cells)), np.bool_, len(cells))
            values[floats] = [cell for cell in cells if type(cell) is float]
            rest &= ~np.fromiter(map(_NOTHING.__contains__, map(type, cells)), np.bool_, len(cells))
            self._read_texts(cells, values, states, rest)
        floats &= np.abs(values) <= LARGEST
        marked = np.zeros(len(cells), dtype=np.bool_)
        if self._percent_rows.size:
            marked = floats & np.isin(np.array(self._table.rows), self._percent_rows)
        if self._codes.size:  # 1 shown as 100% is not the code 1
            coded = floats & ~marked & np.isin(values, self._codes)
            values[coded] = np.nan
            floats &= ~coded
            rest &= ~coded
        plain = floats
        if self._percent_rows.size:
            plain = floats & ~marked
            floats = plain | (marked & self._read_percentages(values, marked))
        states[floats] = State.VALUE
        rest &= ~floats
        return plain

    def _read_texts(
        self, cells: Sequence[object], values: NDArray[np.float64], states: NDArray[np.uint8], rest: NDArray[np.bool_]
    ) -> None:
        """Fill in the plain numbers that stand as text, all of a file without types."""
        found = [i for i, cell in enumerate(cells) if type(cell) is str and SIMPLE.fullmatch(cell)]
        if self._comma:
            found = [i for i in found if not COMMA_UNSURE.fullmatch(str(cells[i]))]
        if not found:
            return
        at = np.array(found)
        numbers = np.array([float(cells[i]) for i in found])  # type: ignore[arg-type]  # texts, by the line above
        missing = np.isin(numbers, self._codes)
        values[at], states[at] = np.where(missing, np.nan, numbers), np.where(missing, State.MISSING, State.VALUE)
        rest[at] = False
        if self._in_percent:
            self._plain += at[~missing].tolist()

    def _read_percentages(self, values: NDArray[np.float64], marked: NDArray[np.bool_]) -> bool:
        """Bring the marked fractions to the unit, False where a percentage has no meaning in it."""
        try:
            whole = decimal_of(1.0, percent=True, unit=self._rule.unit)
        except CellFaultError:
            return False
        values[marked] = multiplied(values[marked], Fraction(whole), "{:.15g}".format)  # as Excel shows them
        return True

    def read(self, index: int, cell: object) -> tuple[float, int]:
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
                return float(self._grade(cell)), State.VALUE
            return self._quantity(index, cell)
        except CellFaultError as fault:
            if self._number:
                return self._otherwise(index, cell, fault.reason)
            self._add("survey-not-a-grade", index, found=shown(cell), reason=fault.reason)
            return _NAN, State.MISSING

    def _otherwise(self, index: int, cell: object, reason: str) -> tuple[float, int]:
        """Read a number with the column's unit behind it; report everything else."""
        if isinstance(cell, ShapedNumber) and cell.date:
            self._add("survey-date-format", index, number=f"{cell:.10g}", date="")
            return _NAN, State.MISSING
        beside = cell.words if isinstance(cell, ShapedNumber) and not cell.words.startswith(HIDES) else ""
        if isinstance(cell, str) or beside:
            parts = number_and_unit(cell if isinstance(cell, str) else f"{cell:.15g}{beside}")
            if parts is not None and self._unit:
                if same_unit(parts[1], self._unit):
                    try:
                        found = self._quantity(index, parts[0])
                    except CellFaultError as fault:
                        reason = fault.reason
                    else:
                        self.with_unit += 1
                        return found
                elif self._report_unit(index, cell, *parts):
                    return _NAN, State.MISSING
                elif normalise_unit(parts[1])[:1].isalpha():
                    said = "数后面" if isinstance(cell, str) else "数的显示格式里"
                    reason = f"{said}写的“{shown(parts[1])}”不是本列的单位 {self._unit}"
        elif (number := self._table.serial(index, self._column)) is not None:
            self._add("survey-date-format", index, number=shown(number), date=_as_date(cell, number))
            return _NAN, State.MISSING
        self._add("survey-not-a-number", index, found=shown(cell), reason=reason)
        return _NAN, State.MISSING

    def _report_unit(self, index: int, cell: object, number: str, unit: str) -> bool:
        """Report a number with another unit than the column's beside it, False where one does not lead to the other."""
        factor = self._factor(unit, self._unit)
        if factor is None:
            return False
        below = "<" * number.startswith("<")
        try:
            exact = Fraction(decimal_of(number.removeprefix("<"), comma=self._comma))
        except CellFaultError:
            return False
        self._add(
            "survey-unit-in-cell", index, found=shown(cell), unit=unit, wanted=self._unit,
            number=f"{below}{float(exact * factor):.10g}",
        )  # fmt: skip
        return True

    def _factor(self, unit: str, wanted: str) -> Fraction | None:
        if unit not in self._units:
            try:
                self._units[unit] = conversion(unit, wanted)
            except (UnitError, ImportError):
                self._units[unit] = None
        return self._units[unit]

    def _grade(self, cell: object) -> int:
        known = self._answers.get(cell) if type(cell) is str else None
        if known is None:
            known = grades_reached(cell, single=self._rule.single)
            if type(cell) is str:
                self._answers[cell] = known
        return known

    def _add(self, code: str, index: int, **values: Any) -> None:
        self._report.add(code, self._table.cell(index, self._column), heading=self._rule.heading, **values)

    def _quantity(self, index: int, cell: object) -> tuple[float, int]:
        percent = (self._table.rows[index], self._column) in self._table.percents
        if isinstance(cell, str) and not isinstance(cell, CellError):
            limit = self._limit(index, cell)
            if limit is not None:
                return limit
            says_percent = fold(cell).strip().endswith(("%", "‰"))
        else:
            says_percent = percent
        number = decimal_of(cell, percent=percent, unit=self._rule.unit, comma=self._comma)
        if self._codes.size and not percent and float(number) in self._codes:
            return _NAN, State.MISSING
        if self._in_percent and not says_percent:
            self._plain.append(index)
        if isinstance(cell, float) and not percent:
            return float(cell), State.VALUE  # the float itself, not its fifteen digits
        return float(number), State.VALUE

    def _limit(self, index: int, cell: str) -> tuple[float, int] | None:
        """Read a value below the detection limit; None if the cell is no such value."""
        folded = fold(text(cell)).casefold()
        match = _BELOW.fullmatch(folded) or _NON_DETECT.fullmatch(folded)
        if match is None:
            return None
        if self._rule.wanted == "total":
            raise CellFaultError("低于检出限，不能用来计算")
        if match[1] is None:
            self._add("survey-no-detection-limit", index, found=shown(cell))
            return _NAN, State.MISSING
        return float(decimal_of(match[1], unit=self._rule.unit, comma=self._comma)), State.NON_DETECT


class _Shown:
    def __init__(self, cells: Column, at: NDArray[np.intp]) -> None:
        self._cells, self._at = cells, at

    def __getitem__(self, index: int) -> str:
        return shown(self._cells[int(self._at[index])])


def _as_date(cell: object, number: float) -> str:
    """What a number in a date format is shown as, for a message; "" where Excel shows something else."""
    if isinstance(cell, timedelta) or number < 0 or int(number) == 60:  # 1900-02-29, a day that Excel alone knows
        return ""
    return f"（即 {shown(cell)}）"
