"""Writes 企业调查表.xlsx: what one enterprise fills in; each row of the form is a column of the survey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook

from drafting.model.monitoring import SymbolUnit, quantity_key
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.style import (
    ANSWER,
    LOCKED,
    MUTED,
    TEAL,
    body,
    cell_at,
    choice,
    fit_row,
    font,
    heading_row,
    print_setup,
    put,
    save,
    widths,
)
from drafting.workbook.survey.form import Column, survey_columns

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_HEADINGS = 4
_NOT_ASKED = frozenset({h.SAMPLING_WEIGHT})
"""Columns of the survey that the committee fills in, not the enterprise."""
_GENERAL = "企业情况"
_HOW = {
    h.ENTERPRISE: "企业全称。", h.REGION: "所在的省、市；可不填。",
    h.STRATUM: "工艺、产品或规模的分组；编制组没有要求的不填。", h.YEAR: "数据所属的年份。",
    h.VIOLATION: "近三年是否有重大环境违法。",
}  # fmt: skip
"""What an enterprise is told of columns that the committee's own sheet explains to the committee."""
_HINT = (
    "只填浅黄色的“填报值”一栏，填好后原样发回；请不要改动“代码”和“单位”。",
    "没有数据的留空，确实不适用的写“不适用”，低于检出限的写“<检出限”，如 <0.01。数值照本行的单位填写，不要再写单位。",
)


def totals_of(system: IndicatorSystem, units: Sequence[SymbolUnit]) -> Mapping[str, tuple[str, ...]]:
    """The indicators of which an enterprise can be asked for the totals in their formulas: code -> names of the totals.

    Only where the unit of each is stated (符号单位): without one nobody knows in what to fill in.
    """
    stated = {one.key for one in units if one.unit}
    found = {}
    for indicator in system.surveyed.active:
        expression = None if indicator.qualitative else indicator.formula.computable
        if expression is not None and all(quantity_key(name) in stated for name in expression.names):
            found[indicator.code] = tuple(expression.names)
    return found


def write_enterprise_form(
    path: Path, system: IndicatorSystem, *, title: str = "", table: str = "", stratum: str = "",
    units: Sequence[SymbolUnit] = (),
) -> None:  # fmt: skip
    """Write the form of one table.

    Raises OutputError if the file cannot be written.

    ``path``: Where; an existing file is replaced.
    ``system``: whose indicators are asked for.
    ``title``: of the standard; stands over the form.
    ``table``: key of the table, where a standard has several; it stands in the form, so that it comes back with the
    answers.
    ``stratum``: 分组 of the enterprises that it is sent to; filled in, so that nobody writes it in another way.
    ``units``: of the quantities in the formulas: totals are asked for in place of the indicators that they give.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = h.ENTERPRISE_FORM
    sheet.sheet_properties.tabColor = TEAL[2:]
    sheet.sheet_view.showGridLines = False
    widths(sheet, [heading.width for heading in h.ENTERPRISE_ROWS.headings])
    of = "，".join(part for part in (table, stratum) if part)
    name = f"{title} {h.ENTERPRISE_FORM}".strip() + (f"（{of}）" if of else "")
    head = cell_at(sheet, 1, 1)
    put(head, name)
    head.font = font(size=15, bold=True, colour=TEAL)
    sheet.row_dimensions[1].height = 28
    for row, hint in enumerate(_HINT, 2):
        cell = cell_at(sheet, row, 1)
        put(cell, hint)
        cell.font = font(colour=MUTED)
    answers = h.ENTERPRISE_ROWS.texts.index(h.ANSWERED)
    heading_row(sheet, _HEADINGS, h.ENTERPRISE_ROWS.texts, dark=[n != answers for n in range(len(_WHAT))])
    row = _HEADINGS
    if table:
        row += 1
        _row(sheet, row, "", Column(h.TABLE, "", "", (table,), how="请勿改动。"), h.TABLE)
    category = {i.code: i.category for i in system.surveyed.active}
    totals = totals_of(system, units)
    for column in survey_columns(system):
        if column.heading in _NOT_ASKED or column.code in totals:
            continue
        if stratum and column.heading == h.STRATUM:
            column = replace(column, values=(stratum,), how="请勿改动。")
        row += 1
        _row(sheet, row, category.get(column.code, _GENERAL), column, column.heading)
    for column in _totals(system, totals, units):
        row += 1
        _row(sheet, row, _TOTALS, column, column.heading.removeprefix(h.RAW_PREFIX))
    sheet.freeze_panes = f"A{_HEADINGS + 1}"
    print_setup(sheet, rows=f"{_HEADINGS}:{_HEADINGS}")
    sheet.protection.sheet = True
    sheet.protection.formatRows = False
    save(book, path, title=name)


def _totals(
    system: IndicatorSystem, totals: Mapping[str, tuple[str, ...]], units: Sequence[SymbolUnit]
) -> Iterator[Column]:
    """A row for each quantity of the formulas, once however many indicators use it."""
    stated, used = {one.key: one for one in units}, dict[str, list[str]]()
    for code, names in totals.items():
        for name in names:
            used.setdefault(name, []).append(system.surveyed.indicator(code).name)
    for name, of in used.items():
        one = stated[quantity_key(name)]
        what = f"{one.meaning.rstrip('。；')}；" if one.meaning else ""
        more = f"等 {len(of)} 项" if len(of) > _NAMED else ""
        how = f"{what}用来计算{'、'.join(of[:_NAMED])}{more}。"
        yield Column(h.RAW_PREFIX + name, one.unit, "", example="1234.5", how=how)


_WHAT = h.ENTERPRISE_ROWS.texts
_TOTALS = "全年总量"
_NAMED = 3


def _row(sheet: Worksheet, row: int, category: str, column: Column, name: str) -> None:
    fixed = column.values[0] if column.values else None
    how, unit = _HOW.get(column.heading, column.how), "" if column.heading == h.ENTERPRISE else column.unit
    code = column.code or column.heading
    texts = (row - _HEADINGS, category, code, name, unit, fixed, column.example, how)
    for at, text in enumerate(texts, 1):
        cell = cell_at(sheet, row, at)
        put(cell, text)
        answer = _WHAT[at - 1] == h.ANSWERED and fixed is None
        body(cell, colour=ANSWER if answer else LOCKED, centred=_WHAT[at - 1] in _CENTRED, unlocked=answer)
        if column.choices and answer:
            choice(sheet, cell.coordinate, column.choices, strict=h.NOT_APPLICABLE_MARK not in column.choices)
    fit_row(sheet, row)


_CENTRED = frozenset({h.NUMBERING, "代码", "单位", h.ANSWERED, "示例"})
