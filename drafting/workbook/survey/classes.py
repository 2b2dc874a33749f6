"""Class rows (类别) and outputs (产量) of a survey: several rows of one enterprise become one record of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from drafting.model.identity import label_key, name_keys
from drafting.model.survey import State, SurveyColumn
from drafting.model.system import IndicatorSystem
from drafting.notation.conversion import UnitError, conversion
from drafting.workbook import headings as h
from drafting.workbook.cells import CellFaultError, decimal_of, is_blank, shown, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drafting.findings import Cell
    from drafting.workbook.report import Report
    from drafting.workbook.survey.blocks import Block
    from drafting.workbook.survey.meaning import Meaning
    from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that are brought together: names, and positions of their rows in the table."""

    names: Sequence[str]
    at: Sequence[int]


@dataclass
class Classes:
    """Brings the records of a survey, one per enterprise and class, to one record per enterprise."""

    system: IndicatorSystem
    """With its class rows."""
    meaning: Meaning
    output_unit: str
    """产量单位 of the table; blank where none is given."""
    report: Report
    places: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """Position among the records of each enterprise's value, by code of a class row …"""
    rows: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    """… and the number of its row in the file."""
    outputs: tuple[Decimal | None, ...] | None = None
    """产量 of each enterprise, in the table's unit."""
    told: dict[int, object] = field(default_factory=dict)
    """Cells of 产量 by the number of their row, where there are no class rows."""
    class_outputs: Mapping[str, tuple[Decimal | None, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """产量 of each enterprise in the class of a class row, by its code."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the indicators with class rows."""
        return tuple(dict.fromkeys(i.of for i in self.system.indicators if i.of))

    @property
    def keys(self) -> tuple[int, ...]:
        """Columns by which rows of one enterprise are different records."""
        found = self.meaning.classes.items() if self.codes else ()
        return tuple(c for word, c in found if not word or self._code(word) is not None)

    def keyed(self, table: SurveyTable, keys: Sequence[str]) -> Sequence[str]:
        """Let rows of one enterprise in different classes be different records."""
        columns = self.keys
        if not columns:
            return keys
        cells = [[label_key(text(v)) for v in table.cells(column)] for column in columns]
        return [k and "\x00".join((k, *of)) for k, *of in zip(keys, *cells, strict=True)]

    def united(self, block: Block, table: SurveyTable) -> Block:
        """One record per enterprise from one per enterprise and class."""
        groups: dict[str, list[int]] = {}
        names = block.names.tolist()
        for position, key in enumerate(name_keys(names)):
            groups.setdefault(key, []).append(position)
        records = list(groups.values())
        selection = Selection(names, block.positions.tolist())
        outputs = self._outputs(selection, table)
        columns: dict[str, SurveyColumn] = {}
        for code, values in block.values.items():
            column = SurveyColumn(code, values, block.states[code])
            if code in self.codes:
                columns |= self._by_class(code, column, records, selection, table)
            else:
                columns[code] = self._once(column, records, selection, table)
        self.rows = {code: block.rows[list(places)] for code, places in self.places.items()}
        self.outputs = None if outputs is None else tuple(_total([outputs[i] for i in r]) for r in records)
        self.class_outputs = MappingProxyType(self._class_outputs(outputs, records))
        marks = block.violations
        return replace(
            block.take(np.array([record[0] for record in records], dtype=np.intp)),
            values={code: of.values for code, of in columns.items()},
            states={code: of.states for code, of in columns.items()},
            violations=None if marks is None else np.array([marks[r].any() for r in records], dtype=np.bool_),
            parameters=_first_known(block.parameters, records), raw=_first_known(block.raw, records),
        )  # fmt: skip

    def hear(self, piece: SurveyTable) -> None:
        """Keep what some rows say of outputs; with class rows they are read when their records are united."""
        column = self.meaning.special.get(h.OUTPUT)
        if column is not None and not self.codes:
            self.told |= {row: v for row, v in zip(piece.rows, piece.cells(column), strict=True) if not is_blank(v)}

    def told_in(self, rows: Sequence[int], table: SurveyTable) -> tuple[Decimal | None, ...] | None:
        """产量 of the records whose rows have these numbers; None where there is no such column."""
        column = self.meaning.special.get(h.OUTPUT)
        if column is None:
            return None
        factor = self._factor(table, column)
        cells = ((table.cell_in(row, column), self.told.get(row)) for row in rows)
        return tuple(self._output(place, value, factor, table) for place, value in cells)

    # --- columns -------------------------------------------------------------------------------------------------
    def _by_class(
        self, code: str, column: SurveyColumn, records: Sequence[list[int]], selection: Selection, table: SurveyTable
    ) -> dict[str, SurveyColumn]:
        """Split a column by the class rows of its indicator; a value of no known class is a missing one of each."""
        rows = self.system.classes_of(code)
        own = self._classes(code, selection, table)
        known = {label_key(i.class_name) for i in rows}
        said = column.states != State.MISSING
        for position in np.flatnonzero(said).tolist():
            if label_key(own[position]) not in known:
                self._unknown(code, own[position], position, selection, table)
        found = {}
        for indicator in rows:
            values = np.full(len(records), np.nan)
            states = np.full(len(records), State.NOT_APPLICABLE, dtype=np.uint8)
            places = []
            for e, record in enumerate(records):
                mine = [p for p in record if label_key(own[p]) == label_key(indicator.class_name)]
                lost = not any(label_key(own[p]) in known for p in record)
                at = next((p for p in mine if said[p]), mine[0] if mine else record[0])
                places.append(at)
                if mine:
                    values[e], states[e] = column.values[at], column.states[at]
                elif lost and indicator is rows[0]:  # one missing value, not one per class
                    states[e] = State.MISSING
            self.places[indicator.code] = tuple(places)
            found[indicator.code] = SurveyColumn(indicator.code, values, states)
        return found

    def _once(
        self, column: SurveyColumn, records: Sequence[list[int]], selection: Selection, table: SurveyTable
    ) -> SurveyColumn:
        """What is said of the whole enterprise stands in any of its rows; two different values are no value."""
        values, states = column.values[[r[0] for r in records]].copy(), column.states[[r[0] for r in records]].copy()
        for e, record in enumerate(records):
            told = [p for p in record if column.states[p] != State.MISSING]
            if not told or len(record) == 1:
                continue
            values[e], states[e] = column.values[told[0]], column.states[told[0]]
            other = next((p for p in told[1:] if not _same(column, told[0], p)), None)
            if other is not None:
                values[e], states[e] = np.nan, State.MISSING
                where = self.meaning.indicators.get(column.code, self.meaning.special[h.ENTERPRISE])
                indicator = self.system.indicator(column.code)
                self.report.add(
                    "survey-answers-differ", table.cell(selection.at[other], where), name=indicator.name,
                    enterprise=selection.names[other], first=table.cell(selection.at[told[0]], where).cell,
                )  # fmt: skip
        return SurveyColumn(column.code, values, states)

    # --- classes -------------------------------------------------------------------------------------------------
    def _code(self, word: str) -> str | None:
        """Code of the indicator that a column 类别:指标 is about."""
        own = h.key(word)
        for indicator in self.system.surveyed.indicators:
            if own in (h.key(indicator.code), h.key(indicator.name)):
                return indicator.code
        return None

    def _column(self, code: str) -> int | None:
        """Column that says an enterprise's class for an indicator: its own one, else 类别."""
        own = next((c for word, c in self.meaning.classes.items() if word and self._code(word) == code), None)
        return own if own is not None else self.meaning.classes.get("")

    def _classes(self, code: str, selection: Selection, table: SurveyTable) -> list[str]:
        """Class of every record; the only class row of an indicator needs no word."""
        column = self._column(code)
        if column is None:
            return [""] * len(selection.at)
        cells = table.cells(column)
        return [text(cells[index]) for index in selection.at]

    def _unknown(self, code: str, found: str, position: int, selection: Selection, table: SurveyTable) -> None:
        column = self._column(code)
        rows = self.system.classes_of(code)
        place = table.cell(selection.at[position], column or self.meaning.special[h.ENTERPRISE])
        known = "、".join(i.class_name for i in rows)
        kind = "survey-class-unknown" if found else "survey-class-missing"
        self.report.add(
            kind, place, enterprise=selection.names[position], name=rows[0].of_name, found=found, known=known
        )

    # --- outputs -------------------------------------------------------------------------------------------------
    def _outputs(self, selection: Selection, table: SurveyTable) -> list[Decimal | None] | None:
        """产量 of every record, in the table's unit; None where there is no such column."""
        column = self.meaning.special.get(h.OUTPUT)
        if column is None:
            return None
        factor = self._factor(table, column)
        cells = table.cells(column)
        return [self._output(table.cell(index, column), cells[index], factor, table) for index in selection.at]

    def _output(self, place: Cell, value: object, factor: Decimal | None, table: SurveyTable) -> Decimal | None:
        """A number, negative ones and others than numbers reported; nothing where its unit leads nowhere."""
        if factor is None:
            return None
        try:
            number = None if is_blank(value) else decimal_of(value, comma=table.decimal_comma)
            if number is not None and number < 0:
                raise CellFaultError("是负数")
        except CellFaultError as fault:
            self.report.add("survey-output-wrong", place, found=shown(value), reason=fault.reason)
            number = None
        if number == 0:
            self.report.add("survey-output-zero", place)
        return None if number is None else number * factor

    def _factor(self, table: SurveyTable, column: int) -> Decimal | None:
        """From the unit that the survey states for 产量 to the table's; None (reported) where nothing leads there."""
        stated = table.units.get(column, "")
        if not stated or not self.output_unit:
            return Decimal(1)
        try:
            factor = conversion(stated, self.output_unit)
        except (UnitError, ImportError):
            place = table.place.at(table.unit_row, column) if table.unit_row else table.heading_cell(column)
            self.report.add("survey-output-unit", place, found=stated, unit=self.output_unit)
            return None
        return Decimal(factor.numerator) / Decimal(factor.denominator)

    def _class_outputs(
        self, outputs: Sequence[Decimal | None] | None, records: Sequence[list[int]]
    ) -> dict[str, tuple[Decimal | None, ...]]:
        """Output of each enterprise's record in the class of a class row, by its code."""
        if outputs is None:
            return {}
        return {code: tuple(outputs[p] for p in places) for code, places in self.places.items()}


def _same(column: SurveyColumn, one: int, other: int) -> bool:
    if column.states[one] != column.states[other]:
        return False
    return column.states[one] == State.NOT_APPLICABLE or bool(column.values[one] == column.values[other])


def _total(parts: Sequence[Decimal | None]) -> Decimal | None:
    known = [p for p in parts if p is not None]
    return sum(known, Decimal(0)) if len(known) == len(parts) else None


def _first_known(columns: Mapping[str, np.ndarray], records: Sequence[list[int]]) -> Mapping[str, np.ndarray]:
    found = {}
    for name, values in columns.items():
        picked = [next((values[p] for p in record if values[p] == values[p]), np.nan) for record in records]
        found[name] = np.array(picked)
    return found
