"""What an expert writes beside the answers: self-assessment on sheet 专家, opinions and proposals on 其他意见."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from drafting.findings import Cell
from drafting.model.experts import Expert, Remark
from drafting.model.opinions import PRIVATE, is_private
from drafting.workbook.cells import shown, text
from drafting.workbook.headings import (
    EXPERT_SHEET,
    EXPERTS,
    OPINION_KINDS,
    REMARKS,
    SELF_ASSESSMENT,
    key,
)
from drafting.workbook.report import Report
from drafting.workbook.sheets import Workbook
from drafting.workbook.table import read_table

FIELDS: Mapping[str, str] = {
    "实践经验": "practice", "理论分析": "theory", "国内外资料": "literature", "直觉": "intuition",
    "熟悉程度": "familiarity",
}  # fmt: skip
"""Words of the self-assessment -> fields of :class:`~drafting.model.experts.Expert`."""


def read_remarks(
    book: Workbook, expert: str, instrument: str, report: Report, beside: Sequence[tuple[str, Cell]] = ()
) -> tuple[Remark, ...]:
    """Read sheet 其他意见, nothing where there is none; ``beside`` are opinions found elsewhere, with their cells."""
    sheet = book.sheet(REMARKS.title)
    table = read_table(sheet, REMARKS, report) if sheet is not None else None
    found: list[Remark] = []
    for record in table.records if table is not None else ():
        says = record.text("内容")
        if says:
            proposal = key(record.text("类别")) == key(OPINION_KINDS[1])
            private = key(PRIVATE) in key(record.text("公开范围")) or is_private(says)
            report.cells["remark", instrument, expert, str(len(found))] = record.cell("内容")
            found.append(Remark(expert, instrument, says, proposal, private))
    for says, cell in beside:
        report.cells["remark", instrument, expert, str(len(found))] = cell
        found.append(Remark(expert, instrument, says, private=is_private(says.partition("：")[2])))
    return tuple(found)


def read_assessment(book: Workbook, report: Report) -> Mapping[str, str]:
    """Read the self-assessment on sheet 专家 by word; what is not answered is left out."""
    sheet = book.sheet(EXPERT_SHEET.title)
    found: dict[str, str] = {}
    for number, row in enumerate(sheet.rows[:40] if sheet is not None else (), 1):
        for column, value in enumerate(row[:1], 1):
            word = next((w for w in SELF_ASSESSMENT if isinstance(value, str) and key(value) == key(w)), None)
            says = text(row[column]) if word is not None and len(row) > column else ""
            if word is None or not says or sheet is None:
                continue
            choices = EXPERTS.heading(word).choices
            chosen = next((c for c in choices if key(c) == key(says)), None)
            if chosen is None:
                place = sheet.place.at(number, column + 1)
                report.add("assessment-wrong", place, what=word, found=shown(says), choices="、".join(choices))
            else:
                found[word] = chosen
    return found


def assessed(expert: Expert, says: Mapping[str, str]) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """Hold a self-assessment against what the committee typed: what is new by field, what differs by word."""
    new, differs = {}, {}
    for word, chosen in says.items():
        typed = getattr(expert, FIELDS[word])
        if not typed:
            new[FIELDS[word]] = chosen
        elif typed != chosen:
            differs[word] = (chosen, typed)
    return new, differs
