"""The result workbook of ``drafting evaluate``: grades with reasons, ranking, summary by region and stratum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from drafting.model.results import Beside, EnterpriseResult, Trial
from drafting.model.terms import GRADES
from drafting.model.trial_details import TrialDetails
from drafting.words import OUTCOMES, grade_word
from drafting.workbook.style import CENTRED, GRID, TEAL, WHITE, WRAPPED, fill, font, save

_DRESSED = 2000
"""Enterprises beyond which cells are left plain: dressing them takes most of the time and the file."""
_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_evaluation(path: Path, trial: Trial, *, title: str, beside: Beside | None = None) -> None:
    """Write the workbook, row by row, so that a region of 100,000 enterprises fits.

    Raises OutputError if the file cannot be written.

    ``path``: an existing file is replaced.
    ``title``: first line of the summary.
    ``beside``: the same enterprises by the earlier edition: a sheet of its own.
    """
    book = Workbook(write_only=True)
    _summary(book.create_sheet("汇总"), trial, title)
    _enterprises(book.create_sheet("评价结果"), trial)
    if beside is not None:
        _beside(book.create_sheet("与旧版比较"), beside)
    save(book, path, title=title)


def ranks(enterprises: Sequence[EnterpriseResult]) -> list[int | None]:
    """Ranks: by grade, then by the index of that grade (Y_III without a grade), then Y_I, Y_II; equal ones share one.

    None where the legal precondition excludes.
    """
    keys = [None if e.excluded else _merit(e) for e in enterprises]
    order = sorted((key for key in keys if key is not None), reverse=True)
    first: dict[tuple[Any, ...], int] = {}
    for place, key in enumerate(order, start=1):
        first.setdefault(key, place)
    return [None if key is None else first[key] for key in keys]


def _merit(one: EnterpriseResult) -> tuple[Any, ...]:
    grade = one.grade or GRADES[-1]
    place = len(GRADES) if one.grade is None else GRADES.index(one.grade)
    return (-place, one.y[grade], *(one.y[g] for g in GRADES))


def _enterprises(sheet: Any, trial: Trial) -> None:
    rows = tuple(trial.enterprises)
    regions, strata = any(e.region for e in rows), any(e.stratum for e in rows)
    heads = [
        "排名", "企业", *(["地区"] if regions else []), *(["分组"] if strata else []), "等级", "Y_Ⅰ", "Y_Ⅱ", "Y_Ⅲ",
        "未达到更高等级的原因及说明",
    ]  # fmt: skip
    sheet.freeze_panes = "C2"
    for n, width in enumerate([7, 26, *([12] * (regions + strata)), 12, 11, 11, 11, 90], start=1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(rows) + 1}"
    _page(sheet)
    sheet.print_title_rows = "1:1"
    sheet.append(_heads(sheet, heads))
    dressed = len(rows) <= _DRESSED
    places = ranks(rows)
    for n in sorted(range(len(rows)), key=lambda k: (places[k] is None, places[k] or 0, k)):
        e, rank = rows[n], places[n]
        outcome = "excluded" if e.excluded else e.grade.value if e.grade else "none"
        indices = [None if (y := e.y[g]) is None else float(y) for g in GRADES]
        content = [
            rank, e.enterprise, *([e.region] if regions else []), *([e.stratum] if strata else []), OUTCOMES[outcome],
            *indices, "；".join(e.reasons),
        ]  # fmt: skip
        sheet.append([_cell(sheet, value, dressed) for value in content])


def _summary(sheet: Any, trial: Trial, title: str) -> None:
    for n, width in enumerate((26, 12, 12, 12, 12, 12, 12), start=1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    _page(sheet)
    head = WriteOnlyCell(sheet, title)
    head.font = font(size=14, bold=True, colour=TEAL)
    sheet.append([_safe(head, title)])
    details = trial.details
    sheet.append([details.sentence] if details is not None and details.sentence else [])
    sheet.append([])
    blocks: list[tuple[str, Mapping[str, Mapping[str, int]]]] = [("全部企业", {"合计": trial.distribution})]
    if details is not None:
        blocks += [(name, of) for name, of in (("地区", details.regions), ("分组", details.strata)) if of]
    for name, groups in blocks:
        sheet.append(_heads(sheet, [name, *OUTCOMES.values(), "达到Ⅲ级及以上比例"]))
        for label, counts in groups.items():
            evaluated = sum(counts.values()) - counts["excluded"]
            reached = evaluated - counts["none"]
            share = reached / evaluated if evaluated else None
            row = [_cell(sheet, value, True) for value in (label, *counts.values(), share)]
            row[-1].number_format = "0.0%"
            sheet.append(row)
        sheet.append([])
    if details is not None:
        _binding(sheet, details)


def _beside(sheet: Any, beside: Beside) -> None:
    for n, width in enumerate((26, 12, 12, 12, 12, 90), start=1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    _page(sheet)
    grades = (*GRADES, None)
    sheet.append(_heads(sheet, ["旧版＼新版", *map(grade_word, grades)]))
    for old in grades:
        counts = [beside.counts.get((old, new), 0) for new in grades]
        sheet.append([_cell(sheet, value, True) for value in (grade_word(old), *counts)])
    if beside.lacking:
        sheet.append([f"旧版的指标中没有可用数据、按不适用处理的：{'、'.join(beside.lacking)}"])
    sheet.append([])
    sheet.append(_heads(sheet, ["企业", "旧版", "新版", "变化", "", "较低一级的原因"]))
    for move in sorted(beside.moves, key=lambda m: (m.direction == 0, m.direction)):
        way = {1: "提高", 0: "不变", -1: "降低"}[move.direction]
        content = [move.enterprise, grade_word(move.before), grade_word(move.after), way, "", "；".join(move.why)]
        sheet.append([_cell(sheet, value, len(beside.moves) <= _DRESSED) for value in content])


def _page(sheet: Any) -> None:
    """A4 across, one page wide."""
    sheet.page_setup.paperSize, sheet.page_setup.orientation = Worksheet.PAPERSIZE_A4, "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _binding(sheet: Any, details: TrialDetails) -> None:
    sheet.append(_heads(sheet, ["卡住企业最多的指标", "等级", "卡住企业", "占比", "只差它"]))
    for grade in reversed(GRADES):
        for one in details.binding.get(grade.value, ())[:10]:
            alone = "—" if one.alone is None else one.alone
            row = [_cell(sheet, v, True) for v in (one.indicator, grade.chinese, one.blocked, one.share, alone)]
            row[3].number_format = "0.0%"
            sheet.append(row)


def _heads(sheet: Any, texts: Iterable[str]) -> list[Any]:
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, text)
        cell.font, cell.fill, cell.alignment, cell.border = font(bold=True, colour=WHITE), fill(TEAL), CENTRED, GRID
        cells.append(cell)
    return cells


def _cell(sheet: Any, value: object, dressed: bool) -> Any:
    cell = WriteOnlyCell(sheet, None)
    if dressed:
        cell.font, cell.border = font(), GRID
        cell.alignment = CENTRED if not isinstance(value, str) or len(value) <= 6 else WRAPPED
    return _safe(cell, value)


def _safe(cell: Any, value: object) -> Any:
    """Text that a spreadsheet would take for a formula stays text."""
    if isinstance(value, str):
        text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)[:32000]
        cell.value = text
        if text.startswith(_STARTS):
            cell.data_type, cell.quotePrefix = "s", True
    else:
        cell.value = value
    return cell
