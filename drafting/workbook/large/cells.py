"""Cells of a piece of a large survey: plain numbers at once, everything else by the rules of small surveys."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.findings import Cell
from drafting.model.survey import State
from drafting.workbook.cells import LARGEST, is_percent_unit, shown
from drafting.workbook.report import Report
from drafting.workbook.survey.decimals import multiplied
from drafting.workbook.survey.percentages import Percentages
from drafting.workbook.survey.table import SurveyTable
from drafting.workbook.survey.unit_texts import might_carry, same_unit
from drafting.workbook.survey.values import ColumnRule, missing_numbers, read_column, stated_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHOWN = 20
"""Findings of one kind about one column that are reported one by one; the rest are counted."""

# Up to two digits of exponent and 40 of number: what the fast way reads is then what Decimal reads, and no overflow.
_PLAIN = r"^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,2})?$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{3}){1,12}(\.\d{0,40})?$"
_COMMA = r"^[+-]?\d{1,40},\d{1,40}$"
_COMMA_UNSURE = r"^[+-]?[1-9]\d{0,2}\.\d{3}([^\d.,]|$)"
"""Left to the rules of small surveys where the comma is the decimal sign: a point that may be one, too."""
_PERCENT = r"^[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})%$"
# Up to fifteen digits, then what no number goes on with.
_WITH_UNIT = r"^(?P<number>[+-]?\d{1,15}(?:\.\d{0,15})?) *(?P<unit>[^\d\s.,%‰+\-eE（(～~][^%‰]{0,40})$"
_UNITS = 1000
"""Different words behind numbers that one piece of a column may have to be read at once."""


@dataclass(slots=True)
class CountingReport(Report):
    """A report that words no more than :data:`SHOWN` findings of one kind for one column, and counts the others."""

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    once: set[tuple[str, Cell, str]] = field(default_factory=set)

    def add(self, code: str, place: Cell, /, *, severity: Any = None, **values: Any) -> None:
        """Word a finding, or count it."""
        kind = (code, place.cell.rstrip("0123456789"))
        self.seen[kind] += 1
        if self.seen[kind] > SHOWN and kind[1]:
            return
        Report.add(self, code, place, severity=severity, **values)
        new = self.findings[-1]
        if (new.code, new.place, new.message) in self.once:
            self.findings.pop()  # formulas and units are looked at again with every piece
            self.seen[kind] -= 1
        self.once.add((new.code, new.place, new.message))

    def finish(self) -> None:
        """Add one finding for each kind of which some were only counted."""
        for (code, column), count in self.seen.items():
            if count > SHOWN and column:
                first = next(f for f in self.findings if f.code == code and f.place.cell.rstrip("0123456789") == column)
                Report.add(
                    self, "large-more", first.place, severity=first.severity, count=count - SHOWN, column=column,
                    message=first.message,
                )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A column of a piece as read."""

    values: NDArray[np.float64]
    states: NDArray[np.uint8]
    from_text: int = 0
    with_unit: int = 0
    """Cells that say the column's unit behind the number."""


def piece_table(table: SurveyTable, rows: Any, columns: dict[int, Any]) -> SurveyTable:
    """The survey's table with the rows of one piece, an array or a sequence of their numbers."""
    return replace(table, rows=rows, columns=columns)


def is_number(kind: Any) -> bool:
    """Whether a pyarrow type is one that a small survey reads as numbers at once."""
    import pyarrow.types as types

    return bool(types.is_floating(kind) or types.is_integer(kind))


def numbers_of(array: Any) -> NDArray[np.float64]:
    """Numbers with NaN for null."""
    import pyarrow as pa

    values: NDArray[np.float64] = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return values


def read_piece(
    table: SurveyTable, rows: NDArray[np.int64], column: int, array: Any, rule: ColumnRule, report: Report,
    percentages: Percentages | None = None,
) -> Read:  # fmt: skip
    """Read a column of one piece; figures and findings are those of :func:`read_column`."""
    import pyarrow.types as types

    if is_number(array.type):
        numbers = numbers_of(array)
        found = read_column(piece_table(table, rows, {column: numbers}), column, rule, report, percentages)
        return Read(found.values, found.states)
    if types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if types.is_string(array.type) or types.is_large_string(array.type):
        if rule.wanted != "grade":
            return _read_texts(table, rows, column, array, rule, report, percentages)
        return _read_answers(table, rows, column, array, rule, report)
    found = read_column(piece_table(table, rows, {column: array.to_pylist()}), column, rule, report, percentages)
    return Read(found.values, found.states)


def _read_answers(
    table: SurveyTable, rows: NDArray[np.int64], column: int, array: Any, rule: ColumnRule, report: Report
) -> Read:
    """Read words that repeat: each distinct one once, unless it has to be reported cell by cell."""
    coded = array.dictionary_encode()
    words = coded.dictionary.to_pylist()
    silent = Report()
    known = read_column(piece_table(table, range(len(words)), {column: words}), column, rule, silent)
    if silent.findings:
        found = read_column(piece_table(table, rows, {column: array.to_pylist()}), column, rule, report)
        return Read(found.values, found.states)
    at = coded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    return Read(np.append(known.values, np.nan)[at], np.append(known.states, np.uint8(State.MISSING))[at])


def _read_texts(
    table: SurveyTable, rows: NDArray[np.int64], column: int, array: Any, rule: ColumnRule, report: Report,
    percentages: Percentages | None,
) -> Read:  # fmt: skip
    import pyarrow as pa
    import pyarrow.compute as pc

    def matching(pattern: str) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = pc.fill_null(pc.match_substring_regex(array, pattern), False).to_numpy(
            zero_copy_only=False
        )
        return found

    filled = np.asarray(pc.is_valid(array).to_numpy(zero_copy_only=False))
    unsure = matching(_COMMA_UNSURE) if table.decimal_comma else np.zeros(len(array), dtype=np.bool_)
    plain = matching(_PLAIN) & ~unsure
    if rule.missing and plain.any():
        codes = pa.array(sorted(rule.missing), pa.string())
        plain &= ~pc.fill_null(pc.is_in(pc.utf8_lower(array), value_set=codes), False).to_numpy(zero_copy_only=False)
    values = np.full(len(array), np.nan)
    states = np.full(len(array), State.MISSING, dtype=np.uint8)
    quick = plain.copy()
    values[plain] = numbers_of(array.filter(pa.array(plain)))
    rest = filled & ~plain
    if rest.any():
        comma = table.decimal_comma
        ways = [(matching(_COMMA if comma else _GROUPED), ",", "." if comma else "", True)]
        if is_percent_unit(rule.unit):
            ways.append((matching(_PERCENT), "%", "", False))
        for chosen, sign, instead, counts_as_plain in ways:
            chosen &= rest & ~unsure
            if chosen.any():
                values[chosen] = numbers_of(pc.replace_substring(array.filter(pa.array(chosen)), sign, instead))
                quick |= chosen
                if counts_as_plain:
                    plain |= chosen
        rest &= ~quick
    with_unit = np.zeros(len(array), dtype=np.bool_)
    if rest.any():
        with_unit, numbers = _numbers_with_unit(array, rest & ~unsure, stated_unit(table, column, rule), rule)
        values[with_unit] = numbers
        quick |= with_unit
        rest &= ~with_unit
    beyond = quick & ~(np.abs(values) <= LARGEST)
    quick &= ~beyond
    rest |= beyond
    if rule.missing:
        quick &= ~np.isin(values, missing_numbers(rule.missing))
    values[~quick] = np.nan
    states[quick] = State.VALUE
    carried = int(np.count_nonzero(with_unit & ~beyond))
    if percentages is not None and is_percent_unit(rule.unit):
        at = np.flatnonzero((plain | with_unit) & quick)
        percentages.add(np.abs(values[at]), rows[at], Words(array, at))
    if rule.factor != 1:
        values = multiplied(values, rule.factor)
    if rest.any():
        at = np.flatnonzero(rest)
        cells = array.filter(pa.array(rest)).to_pylist()
        found = read_column(piece_table(table, rows[at], {column: cells}), column, rule, report, percentages)
        values[at], states[at] = found.values, found.states
        carried += found.with_unit
    return Read(values, states, int(np.count_nonzero(states == State.VALUE)), carried)


def _numbers_with_unit(
    array: Any, among: NDArray[np.bool_], wanted: str, rule: ColumnRule
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Find plain numbers with the column's own unit behind them, and read these."""
    import pyarrow as pa
    import pyarrow.compute as pc

    chosen = np.zeros(len(array), dtype=np.bool_)
    nothing = chosen, np.zeros(0)
    if not wanted or might_carry(rule.missing):
        return nothing
    at = np.flatnonzero(among)
    parts = pc.extract_regex(array.take(pa.array(at)), _WITH_UNIT)
    units = pc.struct_field(parts, "unit").dictionary_encode()
    own = [unit is not None and same_unit(unit, wanted) for unit in units.dictionary.to_pylist()]
    if len(own) > _UNITS or not any(own):
        return nothing
    index = units.indices.fill_null(len(own)).to_numpy(zero_copy_only=False)
    here = np.append(np.array(own, dtype=np.bool_), False)[index]
    chosen[at[here]] = True
    return chosen, numbers_of(pc.struct_field(parts, "number").filter(pa.array(here)))


class Words:
    """Texts of some cells, looked up when one is asked for."""

    def __init__(self, array: Any, at: NDArray[np.intp]) -> None:
        self._array, self._at = array, at

    def __getitem__(self, index: int) -> str:
        return shown(self._array[int(self._at[index])].as_py())
