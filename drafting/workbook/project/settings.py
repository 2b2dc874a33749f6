"""The sheets 文件信息, 方法设置 and 编制过程: one entry per row, as the dataclasses declare it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from drafting.model.document import DocumentInfo
from drafting.model.process import Process
from drafting.model.settings import Settings
from drafting.model.sheet import Row, rows
from drafting.workbook.cells import CellFaultError, choice, decimal_of, text
from drafting.workbook.headings import PROCESS, SheetForm, key
from drafting.workbook.report import Report, nearest, suggestion
from drafting.workbook.sheets import Sheet
from drafting.workbook.table import Record, read_table

T = TypeVar("T", DocumentInfo, Settings)

_RANGES: dict[str, tuple[str, str]] = {
    "cr_limit": ("0.001", "1"),
    "weight_decimals": ("1", "6"),
    "rating_scale": ("2", "100"),
    "stop_stability": ("0", "1"),
    "stop_cv": ("0", "10"),
    "stop_share": ("0", "1"),
    "stop_rounds": ("2", "20"),
    "stop_class": ("0", "1"),
    "min_participation": ("0", "1"),
    "min_pairs": ("0", "500"),
    "electricity": ("0.05", "1"),
    "minimum_sample": ("1", "1000000"),
    "confidence": ("0.5", "0.9999"),
    "seed": ("0", "4294967295"),
}
_DATES = {"published", "effective"}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_PLACEHOLDER = re.compile(r"[×xX*＊—-]{2}")


def read_settings(sheet: Sheet, form: SheetForm, cls: type[T], kind: str, report: Report) -> T:
    """Read a settings sheet into ``cls``; a value that is wrong or absent leaves the default.

    ``kind``: first word of the provenance keys: ``info`` or ``setting``.
    """
    return cls(**_read_rows(sheet, form, rows(cls), kind, report))


def read_method_settings(
    sheet: Sheet, form: SheetForm, document: DocumentInfo, report: Report
) -> tuple[Settings, DocumentInfo]:
    """Read 方法设置; the folder of templates, which belongs to 文件信息, may stand here as well."""
    guest = next(r for r in rows(DocumentInfo) if r.field == "template_folder")
    found = _read_rows(sheet, form, (*rows(Settings), guest), "setting", report)
    named = found.pop(guest.field, "")
    if named and not document.template_folder:
        report.cells["info", guest.label] = report.cells["setting", guest.label]
        document = replace(document, template_folder=named)
    elif named and named != document.template_folder:
        first = report.cells["info", guest.label]
        report.add("setting-twice", report.cells["setting", guest.label], label=guest.label, first=str(first))
    return Settings(**found), document


def _read_rows(sheet: Sheet, form: SheetForm, expected: Sequence[Row], kind: str, report: Report) -> dict[str, Any]:
    table = read_table(sheet, form, report)
    if table is None or any(h.required and h.text not in table.columns for h in form.headings):
        return {}
    described = {key(label): r for r in expected for label in (r.label, *r.also)}
    found: dict[str, Any] = {}
    unknown: list[Record] = []
    seen: dict[str, Record] = {}
    for record in table.records:
        label = record.text("项目")
        row = described.get(key(label))
        if not label:
            report.add("setting-no-label", record.cell("项目"), found=record.shown("内容"))
        elif row is None:
            unknown.append(record)
        elif row.field in seen:
            report.add("setting-twice", record.cell("项目"), label=label, first=seen[row.field].cell("项目").cell)
        else:
            seen[row.field] = record
            report.cells[kind, row.label] = record.cell("内容")
            value = _value(row, record, report)
            if value is not None:
                found[row.field] = value
    absent = [r.label for r in expected if r.field not in seen]
    for record in unknown:
        label = record.text("项目")
        meant = nearest(label, absent)
        code = "setting-misspelt" if meant else "setting-unknown"
        hint = f"是否应为“{meant}”？" if meant else suggestion(label, [r.label for r in expected], cutoff=0.0)
        report.add(code, record.cell("项目"), found=label, suggestion=hint)
    return found


def _value(row: Row, record: Record, report: Report) -> Any:
    value = record.value("内容")
    if record.blank("内容"):
        return None
    place = record.cell("内容")
    if row.choices:
        try:
            return choice(value, row.choices)
        except CellFaultError:
            report.add(
                "setting-not-a-choice",
                place,
                label=row.label,
                found=record.shown("内容"),
                choices="、".join(row.choices),
            )
            return None
    if isinstance(row.default, Decimal | int):
        return _number(row, record, report)
    if row.field in _DATES:
        return _date(row, record, report)
    return text(value)


def _number(row: Row, record: Record, report: Report) -> Decimal | int | None:
    low, high = _RANGES[row.field]
    whole = isinstance(row.default, int)
    try:
        number = decimal_of(record.value("内容"), percent=record.percent("内容"))
        if not Decimal(low) <= number <= Decimal(high) or (whole and number != int(number)):
            raise CellFaultError("不在允许的范围内")
    except CellFaultError as fault:
        report.add(
            "setting-not-a-number", record.cell("内容"), label=row.label, found=record.shown("内容"),
            reason=fault.reason, kind="整数" if whole else "数", low=low, high=high, default=row.default,
        )  # fmt: skip
        return None
    return int(number) if whole else number


def _date(row: Row, record: Record, report: Report) -> str | None:
    says = record.text("内容")
    match = _DATE.fullmatch(says)
    if match:
        try:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
        except ValueError:
            pass
    elif _PLACEHOLDER.search(says):
        return says  # 20××-××-××, not fixed yet
    report.add("setting-not-a-date", record.cell("内容"), label=row.label, found=record.shown("内容"))
    return None


# --- 编制过程 --------------------------------------------------------------------------------------------------------
def read_process(sheet: Sheet | None, report: Report) -> Process:
    """Read 编制过程; a workbook without it tells nothing. A matter of another name is kept under that name."""
    table = read_table(sheet, PROCESS, report) if sheet is not None else None
    if table is None or any(h.required and h.text not in table.columns for h in PROCESS.headings):
        return Process()
    known = {key(label): r for r in rows(Process) for label in (r.label, *r.also)}
    found: dict[str, str] = {}
    more: list[tuple[str, str]] = []
    seen: dict[str, Record] = {}
    for record in table.records:
        label, said = record.text("项目"), record.text("内容")
        row = known.get(key(label))
        if not label:
            report.add("setting-no-label", record.cell("项目"), found=record.shown("内容"))
            continue
        first = seen.setdefault(row.field if row else key(label), record)
        if first is not record:
            report.add("setting-twice", record.cell("项目"), label=label, first=first.cell("项目").cell)
            continue
        if not said:
            continue
        report.cells["process", row.label if row else label] = record.cell("内容")
        if row is not None:
            found[row.field] = said
            continue
        more.append((label, said))
        meant = nearest(label, [r.label for r in rows(Process)])
        if meant:
            report.add("process-misspelt", record.cell("项目"), found=label, meant=meant)
    return Process(**found, more=tuple(more))
