"""Filled-in workbooks of a standard with several tables: 选表 says which of them an enterprise has, and its outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from drafting.findings import Cell
from drafting.model.identity import name_key
from drafting.model.survey import Survey
from drafting.model.system import IndicatorSystem
from drafting.model.tables import BY_OUTPUT, MAIN_PRODUCT
from drafting.workbook import headings as h
from drafting.workbook.assessment.combination import (
    COMBINED,
    FRONT,
    FRONT_CHOICE,
    FRONT_ENTERPRISE,
    FRONT_FIRST,
    FRONT_KEY,
    FRONT_OUTPUT,
    FRONT_RULE,
    RULES,
    TableForm,
)
from drafting.workbook.assessment.layout import FORM, FORM_FIRST, VALUE, Layout
from drafting.workbook.assessment.reading import Form, FormsTable, forms_table, made_from, opened
from drafting.workbook.assessment.table_layouts import table_layouts
from drafting.workbook.cells import CellFaultError, decimal_of, is_blank, shown, text
from drafting.workbook.report import Report
from drafting.workbook.sheets import Sheet, Workbook


@dataclass(frozen=True)
class TableForms:
    """What some forms say of one table."""

    layout: Layout
    table: FormsTable | None
    """None where no form is about the table."""
    outputs: Mapping[str, tuple[Decimal | None, Mapping[str, Decimal | None]]] = field(default_factory=dict)
    """By key of the enterprise's name: its output, and by class its outputs; None where a cell says no number."""


def read_table_forms(
    files: Sequence[Path], tables: Sequence[TableForm], rule: str, scoring: str, report: Report
) -> tuple[TableForms, ...]:
    """Read forms against the tables that they were made from, table by table.

    ``rule``, ``scoring``: words of 多表评定 and 类别计分: whether outputs are asked for.
    """
    layouts = table_layouts(tables, scoring)
    forms: list[list[Form]] = [[] for _ in tables]
    for file, book in opened(files, report):
        front = book.sheet(FRONT)
        if front is None or book.sheet(COMBINED) is None:
            code = "assessment-of-one-table" if book.sheet(FORM) is not None else "assessment-not-a-form"
            report.add(code, Cell(file.name))
        elif _same_tables(front, tables, report):
            _other_rule(front, rule, report)
            _sort(file, book, front, layouts, forms, report)
    found = []
    asked = rule in (BY_OUTPUT, MAIN_PRODUCT)
    for n, (layout, of) in enumerate(zip(layouts, forms, strict=True)):
        kept = [form for form in of if made_from(form.sheet, layout, report)]
        outputs: dict[str, tuple[Decimal | None, Mapping[str, Decimal | None]]] = {}
        for form in kept:
            assert form.front is not None
            name = text(form.front.value(*_address(FRONT_ENTERPRISE))) or form.file.stem
            at = (FRONT_FIRST + n, _column(FRONT_OUTPUT))
            own = _number(form.front, at, layout.output_unit, report) if asked else None
            outputs[name_key(name)] = own, class_outputs(form.sheet, layout, report)
        found.append(TableForms(layout, forms_table(layout, kept, report), outputs))
    return tuple(found)


def class_outputs(sheet: Sheet, layout: Layout, report: Report) -> Mapping[str, Decimal | None]:
    """Output of each class, where outputs decide."""
    return {
        name: _number(sheet, (int(cell.removeprefix(VALUE)), _column(VALUE)), layout.output_unit, report)
        for name, cell in layout.class_cells().items()
    }


def with_outputs(survey: Survey, forms: TableForms) -> Survey:
    """A survey of forms with the outputs that stand outside the table's rows."""
    told = [forms.outputs.get(name_key(name), (None, {})) for name in survey.enterprises]
    rows = [i for i in forms.layout.draft.indicators if i.of and forms.layout.class_cells()]
    by_class = {i.code: tuple(classes.get(i.class_name) for _, classes in told) for i in rows}
    return replace(survey, outputs=tuple(own for own, _ in told), class_outputs=MappingProxyType(by_class))


def by_row(system: IndicatorSystem) -> IndicatorSystem:
    """The system as a form asks it: each class row is a column of its own."""
    rows = tuple(replace(i, of="", of_name="", class_name="") for i in system.indicators)
    return replace(system, indicators=rows) if system.has_classes else system


def _sort(
    file: Path, book: Workbook, front: Sheet, layouts: Sequence[Layout], forms: Sequence[list[Form]], report: Report
) -> None:
    """Put the tables that an enterprise has to those of the others; say which are filled in and not chosen."""
    chosen = 0
    for n, layout in enumerate(layouts):
        at = front.place.at(FRONT_FIRST + n, _column(FRONT_CHOICE))
        says = text(front.value(FRONT_FIRST + n, _column(FRONT_CHOICE)))
        sheet = book.sheet(layout.names.form)
        if says and h.key(says) not in map(h.key, h.YES_NO):
            report.add("assessment-choice", at, found=says)
        if h.key(says) == h.key(h.YES_NO[0]):
            chosen += 1
            if sheet is None:
                report.add("assessment-sheet-gone", Cell(file.name), sheet=layout.names.form)
            else:
                forms[n].append(Form(file, sheet, front))
        elif sheet is not None and (filled := _filled(sheet, layout)):
            report.add("assessment-not-chosen", at, sheet=sheet.title, count=filled)
    if not chosen:
        report.add("assessment-none-chosen", front.place.at(FRONT_FIRST, _column(FRONT_CHOICE)), file=file.name)


def _filled(sheet: Sheet, layout: Layout) -> int:
    return sum(not is_blank(sheet.value(FORM_FIRST + j, _column(VALUE))) for j in range(layout.size))


def _same_tables(front: Sheet, tables: Sequence[TableForm], report: Report) -> bool:
    keys = [t.key for t in tables]
    for n, expected in enumerate([*keys, ""]):
        place = (FRONT_FIRST + n, _column(FRONT_KEY))
        numbered = not is_blank(front.value(FRONT_FIRST + n, 1))
        found = text(front.value(*place)) if numbered or expected else ""
        if h.key(found) != h.key(expected):
            said = expected or "（没有更多的表）"
            report.add("assessment-other-draft", front.place.at(*place), found=found or "空白", expected=said)
            return False
    return True


def _other_rule(front: Sheet, rule: str, report: Report) -> None:
    """Say where a form joins the tables in another way than now: its grade is another, or it asked for no outputs."""
    place = _address(FRONT_RULE)
    found = text(front.value(*place))
    meant = next((word for word, says in RULES.items() if h.key(says) == h.key(found)), "")
    if meant and meant != rule:
        values = {"what": "多表评定", "found": meant, "now": rule}
        report.add("assessment-other-rules", front.place.at(*place), **values)


def _number(sheet: Sheet, at: tuple[int, int], unit: str, report: Report) -> Decimal | None:
    value = sheet.value(*at)
    if is_blank(value) or text(value) == "—":  # a form by a rule without outputs has the dash there
        return None
    try:
        number = decimal_of(_without(value, unit))
        if number < 0:
            raise CellFaultError("是负数")
    except CellFaultError as fault:
        report.add("survey-output-wrong", sheet.place.at(*at), found=shown(value), reason=fault.reason)
        return None
    return number


def _without(value: object, unit: str) -> object:
    """A typed text without the cell's own unit behind the number."""
    return value[: -len(unit)].strip() if unit and isinstance(value, str) and value.strip().endswith(unit) else value


def _column(letter: str) -> int:
    return ord(letter) - ord("A") + 1


def _address(cell: str) -> tuple[int, int]:
    return int(cell[1:]), _column(cell[0])
