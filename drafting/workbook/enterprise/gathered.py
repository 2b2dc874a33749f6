"""Returned forms as rows of a survey table, behind the rows of 调研数据 where there is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from drafting.findings import Cell
from drafting.model.system import IndicatorSystem
from drafting.notation.units import normalise_unit
from drafting.workbook import headings as h
from drafting.workbook.enterprise.reading import Form, Key
from drafting.workbook.report import Report
from drafting.workbook.survey.naming import INDICATOR, RAW, SPECIAL, HeadingReader
from drafting.workbook.survey.table import SurveyTable


@dataclass(frozen=True, slots=True)
class GatheredTable(SurveyTable):
    """A survey whose last rows are forms: a value of such a row stands in a file of its own."""

    places: Mapping[tuple[int, int], Cell] = field(default_factory=dict)
    """By row number and column."""
    sheets: Mapping[int, Cell] = field(default_factory=dict)
    """The form of a row."""
    heads: Mapping[int, Cell] = field(default_factory=dict)
    """Where a column that only forms have is named."""
    _column_of: Mapping[Cell, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        SurveyTable.__post_init__(self)
        object.__setattr__(self, "_column_of", {place: column for (_, column), place in self.places.items()})

    def cell_in(self, row: int, column: int) -> Cell:
        """Place of a value by the number of its row."""
        form = self.sheets.get(row)
        return self.place.at(row, column) if form is None else self.places.get((row, column), form)

    def heading_cell(self, column: int) -> Cell:
        """Place of a heading."""
        return self.heads[column] if column in self.heads else self.place.at(self.heading_row, column)

    def line_in(self, row: int) -> str:
        """A row in words: the file of a form."""
        form = self.sheets.get(row)
        return SurveyTable.line_in(self, row) if form is None else form.file

    def column_at(self, place: Cell) -> int:
        """Column of a place."""
        known = self._column_of.get(place)
        return SurveyTable.column_at(self, place) if known is None else known

    def settle(self, report: Report) -> None:
        """Put the forms' own cells in place of the rows that reading a table leaves."""
        for name, (_, rows, column) in report.columns.items():
            if name[0] != "survey":
                continue
            own = {(*name, str(i)): self.cell_in(row, column) for i, row in enumerate(rows) if row in self.sheets}
            report.cells |= own


def gather(
    table: SurveyTable | None, forms: Sequence[Form], system: IndicatorSystem, report: Report
) -> SurveyTable | None:
    """Put forms behind the rows of a survey; the table itself where there are none.

    A value whose unit is not that of its column is left out with a finding: in a column all values are in one unit,
    which 调研数据 states, else most of the forms.
    """
    if not forms:
        return table
    reader = HeadingReader(system.surveyed)
    base = table or SurveyTable(Cell(h.ENTERPRISE_FOLDER), 0, {}, {}, 0, (), {})
    base, forms = _by_totals(base, forms, reader, system, report)
    headings, columns = dict(base.headings), _columns(base, reader)
    heads: dict[int, Cell] = {}
    ordered = sorted({k: None for form in forms for k in form.answers}, key=lambda k: k != (SPECIAL, h.ENTERPRISE))
    for key in ordered:
        if key not in columns:
            column = max(headings, default=0) + 1
            first = next(form.answers[key] for form in forms if key in form.answers)
            columns[key], headings[column], heads[column] = column, first.heading, first.place
    top = max((*base.rows, base.heading_row, base.unit_row))
    rows = tuple(range(top + 1, top + 1 + len(forms)))
    units = _units(base, forms, columns, system)
    kept = _values(forms, rows, columns, units, report)
    every = {
        c: [*(base.cells(c) if c in base.columns else [None] * len(base.rows)), *kept.get(c, [None] * len(forms))]
        for c in headings
    }
    percents = {(r, columns[k]) for r, f in zip(rows, forms, strict=True) for k, a in f.answers.items() if a.percent}
    places = {(r, columns[k]): a.place for r, f in zip(rows, forms, strict=True) for k, a in f.answers.items()}
    return GatheredTable(
        place=base.place, heading_row=base.heading_row, headings=headings, units={**base.units, **units},
        unit_row=base.unit_row, rows=(*base.rows, *rows), columns=every, percents={*base.percents, *percents},
        stored=base.stored, decimal_comma=base.decimal_comma, merges=base.merges, unclear=base.unclear, places=places,
        sheets=dict(zip(rows, (f.place for f in forms), strict=True)), heads=heads,
    )  # fmt: skip


def _by_totals(
    base: SurveyTable, forms: Sequence[Form], reader: HeadingReader, system: IndicatorSystem, report: Report
) -> tuple[SurveyTable, Sequence[Form]]:
    """Leave indicators to be computed of which nobody gives a value and somebody the totals in the formula.

    An indicator is computed where it has no column: one that stands empty in a form of 调研数据, or in forms, is none.
    Where some give values and others totals the totals count for nothing, which is said.
    """
    asked = {
        key for form in forms for key, answer in form.answers.items() if key[0] == RAW and answer.value is not None
    }
    if not asked:
        return base, forms
    named, empty, columns = {h.key(word) for _, word in asked}, set[Key](), _columns(base, reader)
    for indicator in system.surveyed.active:
        formula, own = indicator.formula.computable, (INDICATOR, indicator.code)
        if formula is None or indicator.qualitative or not {h.key(n) for n in formula.names} <= named:
            continue
        given = own in columns and any(v is not None for v in base.cells(columns[own]))
        if not given and all(own not in f.answers or f.answers[own].value is None for f in forms):
            empty.add(own)
            continue
        for form in forms:
            if own not in form.answers or form.answers[own].value is None:
                report.add("enterprise-form-totals-unused", form.place, name=indicator.name)
    gone = {columns[key] for key in empty if key in columns}
    headings = {c: says for c, says in base.headings.items() if c not in gone}
    kept = [replace(f, answers={k: a for k, a in f.answers.items() if k not in empty}) for f in forms]
    return replace(base, headings=headings), kept


def _columns(base: SurveyTable, reader: HeadingReader) -> dict[Key, int]:
    found: dict[Key, int] = {}
    for column, says in base.headings.items():
        named = reader.read(says)
        if named is not None:
            found.setdefault((named.kind, named.word), column)
    return found


def _units(
    base: SurveyTable, forms: Sequence[Form], columns: Mapping[Key, int], system: IndicatorSystem
) -> Mapping[int, str]:
    """Unit of every column that numbers with units stand in."""
    found = {}
    for key, column in columns.items():
        kind, word = key
        indicator = system.surveyed.indicator(word) if kind == INDICATOR else None
        if (indicator is None and kind != RAW) or (indicator is not None and indicator.qualitative):
            continue
        stated = Counter(form.answers[key].unit for form in forms if key in form.answers and form.answers[key].unit)
        most = stated.most_common(1)[0][0] if stated else ""
        own = indicator.unit if indicator is not None else ""
        unit = base.units.get(column) or (own if column in base.headings else most)
        if unit:
            found[column] = unit
    return MappingProxyType(found)


def _values(
    forms: Sequence[Form], rows: Sequence[int], columns: Mapping[Key, int], units: Mapping[int, str], report: Report
) -> dict[int, list[object]]:
    found: dict[int, list[object]] = {column: [None] * len(forms) for column in columns.values()}
    for at, form in enumerate(forms):
        for key, answer in form.answers.items():
            column = columns[key]
            unit = units.get(column, "")
            if answer.value is None:
                continue
            if unit and answer.unit and normalise_unit(answer.unit) != normalise_unit(unit):
                report.add("enterprise-form-unit", answer.unit_place, what=answer.heading, found=answer.unit, unit=unit)
            else:
                found[column][at] = answer.value
    return found
