"""What returned questionnaires share: whose they are, and the groups that are compared or weighted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from types import MappingProxyType

from drafting.findings import Cell
from drafting.model.asking import AskedGroup
from drafting.model.experts import Expert
from drafting.model.identity import differ, name_key
from drafting.model.system import FIRST_LEVEL
from drafting.workbook.cells import text
from drafting.workbook.headings import EXPERT_SHEET, key
from drafting.workbook.report import Report, suggestion
from drafting.workbook.sheets import Sheet, Workbook


def read_expert(
    book: Workbook, stem: str, experts: Sequence[Expert], seen: dict[str, Cell], report: Report
) -> str | None:
    """Read whose questionnaire it is; None (with a finding) when it cannot count.

    ``stem``: the file's name without suffix: the code when sheet 专家 is missing, which is reported.
    ``experts``: the panel; an empty one accepts every code.
    ``seen``: codes met before in the same folder, with their cells; the code is added.
    """
    label = EXPERT_SHEET.headings[0].text
    sheet = book.sheet(EXPERT_SHEET.title)
    code, place = _code(sheet, label) if sheet is not None else ("", Cell(book.place.file, EXPERT_SHEET.title))
    if not code:
        report.add("expert-no-code", place, stem=stem)
        code = stem
    panel = {name_key(e.code): e.code for e in experts}
    several = _several(sheet, place, code, panel)
    if several:
        report.add("expert-two-codes", place, codes="、".join(several))
        return None
    if experts and name_key(code) not in panel:
        report.add("expert-unknown", place, found=code, suggestion=suggestion(code, panel.values()))
        return None
    known = panel.get(name_key(code), code)
    written, code = code, next((c for c in seen if name_key(c) == name_key(known)), known)
    if code in seen:
        report.add("expert-two-files", place, code=code, first=seen[code].file)
        return None
    if differ(written, code):
        report.add("names-alike", place, found=written, other=code, first="“专家组”表")
    seen[code] = place
    return code


def _several(sheet: Sheet | None, place: Cell, code: str, panel: Mapping[str, str]) -> list[str]:
    """Codes of a file that names more than one expert, in one cell or in the cell below."""
    parts = [p for p in re.split(r"[、，,;；/和与]|\s+", code) if p]
    if name_key(code) not in panel and len(parts) > 1 and all(name_key(p) in panel for p in parts):
        return parts
    if sheet is None or not place.cell:
        return []
    row = int(place.cell.lstrip(ascii_uppercase))
    below = text(sheet.value(row + 1, len(place.cell) - len(place.cell.lstrip(ascii_uppercase))))
    return [code, panel[name_key(below)]] if name_key(below) in panel and name_key(below) != name_key(code) else []


def _code(sheet: Sheet, label: str) -> tuple[str, Cell]:
    """Find the code under, or else beside, its label."""
    for row, values in enumerate(sheet.rows[:15], 1):
        for column, value in enumerate(values, 1):
            if isinstance(value, str) and key(value) == key(label):
                below, beside = text(sheet.value(row + 1, column)), text(sheet.value(row, column + 1))
                if not below and beside:
                    return beside, sheet.place.at(row, column + 1)
                return below, sheet.place.at(row + 1, column)
    return "", sheet.place


def members_of(asked: Sequence[AskedGroup]) -> Mapping[str, Mapping[str, str]]:
    """Groups that experts weigh, each from the key of a member (category name, indicator code) to its name."""
    return MappingProxyType({a.name: a.members for a in asked if len(a.members) > 1})


def rated_of(asked: Sequence[AskedGroup]) -> Mapping[str, Mapping[str, str]]:
    """Groups whose indicators experts rate: those of one as well, the first level not."""
    return MappingProxyType({a.name: a.members for a in asked if a.group != FIRST_LEVEL})


def member(says: str, members: Mapping[str, str]) -> str | None:
    """Find the member of a group that a label means: by name or code."""
    by_key = {key(word): k for k, name in members.items() for word in (k, name)}
    return by_key.get(key(says))
