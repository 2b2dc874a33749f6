"""The sheet 编制过程: what only the committee can tell, one matter per row."""

from __future__ import annotations

from drafting.model.process import Process
from drafting.model.sheet import rows
from drafting.workbook.headings import PROCESS, key
from drafting.workbook.report import Report, nearest
from drafting.workbook.sheets import Sheet
from drafting.workbook.table import Record, read_table


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
