"""Writes 项目.xlsx and 调研数据.xlsx: blank forms prefilled from Table A.1, or the same forms filled from a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from drafting.catalogue import catalogue, suggested_monitoring
from drafting.model.document import DocumentInfo
from drafting.model.formula import Formula
from drafting.model.inputs import Inputs
from drafting.model.process import Process
from drafting.model.settings import Settings
from drafting.model.sheet import Row, filled_rows
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.model.terms import BaselineSource, Direction
from drafting.standard import standard
from drafting.workbook.guide import add_guide
from drafting.workbook.headings import (
    CATEGORIES,
    DOCUMENT,
    DOCUMENT_ROWS,
    INDICATORS,
    LIST_SHEETS,
    OPTIONAL_SHEETS,
    POLICIES,
    PROCESS,
    PROCESS_ROWS,
    SETTINGS,
    TABLE,
    Heading,
    SheetForm,
)
from drafting.workbook.project.list_rows import SheetRow, sheet_rows
from drafting.workbook.style import (
    ANSWER,
    BAND,
    LEFT,
    MUTED,
    PAPER,
    SLATE,
    TEAL,
    body,
    cell_at,
    choice,
    colour_where,
    fit_row,
    font,
    heading_row,
    note,
    print_setup,
    put,
    reference,
    save,
    widths,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_SPARE_ROWS, _SPARE_HEIGHT = 8, 20
_LAST_CHOICE_ROW = 500
_WIDEST_PAGE = 200
"""Characters that an A4 page in landscape can show legibly."""
_FROZEN = {INDICATORS.title: "D2"}
_OPEN_LISTS = frozenset({"引导方向"})
"""Columns whose cell may name several words of the list."""


def prefilled() -> Inputs:
    """Give the inputs of an empty project: all nine categories with the indicators of Table A.1, default settings."""
    categories = tuple(Category(c.name) for c in standard().categories)
    indicators = []
    for row in catalogue().indicators:
        direction = row.direction or Direction.SMALLER
        qualitative = direction is Direction.QUALITATIVE
        indicators.append(
            Indicator(
                code=row.code,
                name=row.name,
                category=row.category,
                unit=row.unit,
                direction=direction,
                limiting=row.limiting,
                source=BaselineSource.QUALITATIVE if qualitative else BaselineSource.SURVEY,
                formula=Formula.read(f"{row.name.removeprefix('单位产品')}/合格产品产量" if row.formula else ""),
                note=row.advice,
            )
        )
    monitoring = suggested_monitoring(i.name for i in indicators)
    return Inputs(DocumentInfo(), Settings(), IndicatorSystem(categories, tuple(indicators)), monitoring=monitoring)


def write_project(path: Path, inputs: Inputs | None = None, *, notice: str = "") -> None:
    """Write 项目.xlsx.

    Raises OutputError if the file cannot be written.

    ``path``: Where; an existing file is replaced (the caller decides whether it may be).
    ``inputs``: what to fill in; without it the form is prefilled from Table A.1.
    ``notice``: a line at the head of 填写说明, e.g. that the data are synthetic.
    """
    content = inputs or prefilled()
    rows = {form.title: tuple(sheet_rows(content, form)) for form in (*LIST_SHEETS, *OPTIONAL_SHEETS)}
    book = project_workbook(content.document, content.settings, content.process, rows, notice=notice)
    save(book, path, title=content.document.title or "清洁生产评价指标体系项目工作簿")


def project_workbook(
    document: DocumentInfo,
    settings: Settings,
    process: Process,
    rows: Mapping[str, Sequence[SheetRow]],
    *,
    merges: Mapping[int, Sequence[tuple[str, str]]] = MappingProxyType({}),
    notice: str = "",
) -> Workbook:
    """Lay out 项目.xlsx from the rows of its list sheets.

    ``document``, ``settings``, ``process``: the sheets of settings.
    ``rows``: title of a list sheet -> its rows; optional sheets are made where they have rows, optional columns where a
    row fills them.
    ``merges``: index of a row of 二级指标 -> first and last heading of cells that are one.
    ``notice``: a line at the head of 填写说明.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    add_guide(book, "project", notice=notice)
    _settings_sheet(book, DOCUMENT, DOCUMENT_ROWS, document)
    _settings_sheet(book, SETTINGS, filled_rows(settings), settings)
    for form in LIST_SHEETS:
        sheet = _list_sheet(book, form, rows.get(form.title, ()))
        if form is INDICATORS:
            _merge(sheet, merges)
    for form in OPTIONAL_SHEETS:
        if rows.get(form.title):
            _list_sheet(book, form, rows[form.title])
    _process_sheet(book, process)
    return book


def _merge(sheet: Worksheet, merges: Mapping[int, Sequence[tuple[str, str]]]) -> None:
    columns = {str(cell.value): column for column, cell in enumerate(sheet[1], 1)}
    for index, spans in merges.items():
        for first, last in spans:
            sheet.merge_cells(
                start_row=index + 2, end_row=index + 2, start_column=columns[first], end_column=columns[last]
            )


def _settings_sheet(book: Workbook, form: SheetForm, rows: tuple[Row, ...], content: DocumentInfo | Settings) -> None:
    sheet = _new_sheet(book, form)
    for number, row in enumerate(rows, start=2):
        value = getattr(content, row.field)
        allowed = f"可选：{'、'.join(row.choices)}。" if row.choices else ""
        for column, text in enumerate((row.label, value, f"{row.note}{allowed}"), start=1):
            cell = cell_at(sheet, number, column)
            put(cell, text)
            body(cell, colour=ANSWER if column == 2 else PAPER)
            if column == 1:
                cell.font = font(bold=True)
            elif column == 3:
                cell.font = font(size=9, colour=MUTED)
        content_cell = cell_at(sheet, number, 2)
        if isinstance(value, str):
            content_cell.number_format = "@"  # a date or a code typed here stays as typed
        content_cell.alignment = LEFT
        if row.choices:
            choice(sheet, f"B{number}", row.choices)
        fit_row(sheet, number)


def _process_sheet(book: Workbook, content: Process) -> None:
    """One row a matter, what it is about as a note; rows to spare for others."""
    sheet = _new_sheet(book, PROCESS)
    told = [(row.label, getattr(content, row.field), row.note) for row in PROCESS_ROWS]
    told += [(label, text, "") for label, text in content.more]
    told += [("", "", "")] * _SPARE_ROWS
    for number, (label, text, what) in enumerate(told, start=2):
        for column, value in enumerate((label, text), start=1):
            cell = cell_at(sheet, number, column)
            put(cell, value)
            body(cell, colour=ANSWER if column == 2 else PAPER)
        note(cell_at(sheet, number, 1), what)
        cell_at(sheet, number, 1).font = font(bold=True)
        cell_at(sheet, number, 2).number_format = "@"
        cell_at(sheet, number, 2).alignment = LEFT
        fit_row(sheet, number)


def _list_sheet(book: Workbook, form: SheetForm, rows: Sequence[SheetRow]) -> Worksheet:
    form = form.used_by(rows)
    indicators = form.title == INDICATORS.title
    sheet = _new_sheet(book, form)
    shaded = _bands([str(row.get("一级指标") or "") for row in rows]) if indicators else [False] * len(rows)
    for number, (row, band) in enumerate(zip(rows, shaded, strict=True), start=2):
        for column, heading in enumerate(form.headings, start=1):
            cell = cell_at(sheet, number, column)
            put(cell, row.get(heading.text))
            body(cell, colour=BAND if band else PAPER, centred=heading.width <= 12)
        fit_row(sheet, number)
    first_spare = 2 + len(rows)
    last = first_spare + (0 if form.title == CATEGORIES.title else _SPARE_ROWS) - 1
    for number in range(first_spare, last + 1):
        for column, heading in enumerate(form.headings, start=1):
            body(cell_at(sheet, number, column), centred=heading.width <= 12)
        sheet.row_dimensions[number].height = _SPARE_HEIGHT
    _choices(sheet, form)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(form.headings))}{last}"
    return sheet


def _new_sheet(book: Workbook, form: SheetForm) -> Worksheet:
    sheet: Worksheet = book.create_sheet(form.title)
    sheet.sheet_properties.tabColor = (TEAL if form.required else SLATE)[2:]
    heading_row(sheet, 1, form.texts, dark=[h.required for h in form.headings])
    for column, heading in enumerate(form.headings, start=1):
        note(cell_at(sheet, 1, column), _heading_note(heading))
    widths(sheet, [h.width for h in form.headings])
    sheet.freeze_panes = _FROZEN.get(form.title, "B2")
    wide = sum(h.width for h in form.headings) > _WIDEST_PAGE
    print_setup(sheet, rows="1:1", columns="A:C" if wide else "", across=3 if wide else 1)
    return sheet


def _heading_note(heading: Heading) -> str:
    needed = "必填列。" if heading.required else ""
    allowed = f"可选：{'、'.join(heading.choices)}。" if heading.choices else ""
    return "\n".join(part for part in (heading.note, allowed, needed) if part)


def _choices(sheet: Worksheet, form: SheetForm) -> None:
    for at, heading in enumerate(form.headings, start=1):
        letter = get_column_letter(at)
        cells = f"{letter}2:{letter}{_LAST_CHOICE_ROW}"
        if heading.choices:
            choice(sheet, cells, heading.choices, strict=heading.text not in _OPEN_LISTS)
        elif form.title == INDICATORS.title and heading.text == "一级指标":
            column = "B" if TABLE in form.texts else "A"  # the sheet 一级指标 of such a project has that column too
            choice(sheet, cells, (), source=reference(CATEGORIES.title, f"${column}$2:${column}$40"))
        elif form.title == POLICIES.title and heading.text == "类别":
            choice(sheet, cells, standard().policy_groups, strict=False)
    if form.title == INDICATORS.title:
        _point_out_missing(sheet, form)


def _point_out_missing(sheet: Worksheet, form: SheetForm) -> None:
    """Colour 来源依据 and Ⅰ级基准值 while the source is 政策 and they are blank: the rule most often overlooked."""
    columns = {text: get_column_letter(at) for at, text in enumerate(form.texts, start=1)}
    for text in ("来源依据", "Ⅰ级基准值"):
        letter = columns[text]
        lacking = f'AND(${columns["基准值来源"]}2="政策",{letter}2="")'
        colour_where(sheet, f"{letter}2:{letter}{_LAST_CHOICE_ROW}", lacking, ANSWER)


def _bands(categories: list[str]) -> list[bool]:
    """Shade every other run of rows of one category."""
    shaded: list[bool] = []
    for index, (_, run) in enumerate(groupby(categories)):
        shaded += [index % 2 == 0] * len(list(run))
    return shaded
