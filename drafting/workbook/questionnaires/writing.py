"""Questionnaire workbooks for the panel: one file per expert, known by a code, with nothing answered in advance.

A questionnaire is a guide (填写说明), the expert's code (专家) and the sheets of its instrument. The instrument here is
pairwise comparison (AHP, C.2.1); another one adds its sheets between :func:`open_questionnaire` and ``save``.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

from openpyxl import Workbook

from drafting.model.experts import Expert, JudgementMatrix
from drafting.model.inputs import Inputs
from drafting.model.system import FIRST_LEVEL
from drafting.workbook.guide import guide
from drafting.workbook.headings import sheet_title
from drafting.workbook.questionnaires.cover import add_remarks, open_questionnaire
from drafting.workbook.questionnaires.identity import Identity
from drafting.workbook.questionnaires.matrix_help import Meaning, meanings, progress
from drafting.workbook.questionnaires.matrix_sheet import Ratio, add_matrix
from drafting.workbook.questionnaires.print_sheet import add_print_sheet
from drafting.workbook.style import (
    BAND,
    TEAL,
    body,
    cell_at,
    font,
    put,
    reference,
)
from weighting.random_index import random_index

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_SCALE = tuple(range(9, 0, -1))


def compared_of(inputs: Inputs, expert: Expert | None = None) -> Mapping[str, tuple[str, ...]]:
    """What is compared, of one table or of several; by an expert only what the expert's tables have."""
    wanted = expert.tables if expert is not None else ()
    return {a.name: tuple(a.members.values()) for a in inputs.asked if a.open and (not a.tables or a.concerns(wanted))}


def meanings_of(inputs: Inputs, group: str, labels: Sequence[str]) -> tuple[Meaning, ...]:
    """Units and explanations of a group's items, of one table or of several."""
    asked = next(a for a in inputs.asked if a.name == group)
    return meanings(asked.system, asked.group, labels)


def ahp_title(expert: str) -> str:
    """Title of an AHP questionnaire in its properties."""
    return f"层次分析法判断矩阵问卷 {expert}"


def ahp_questionnaire(
    inputs: Inputs,
    expert: Expert,
    *,
    answers: Sequence[JudgementMatrix] = (),
    notice: str = "",
    asked: Mapping[str, frozenset[tuple[int, int]]] | None = None,
    identity: Identity | None = None,
    groups: Container[str] | None = None,
) -> Workbook:
    """Make one expert's AHP questionnaire.

    ``inputs``: whose first level and categories are compared; its settings give RI table and CR limit of the check
    beside each matrix.
    ``expert``: whose code stands in sheet 专家.
    ``answers``: answers to fill in above the diagonals; for example data and revisions, never for a new questionnaire.
    ``notice``: a line at the head of 填写说明.
    ``asked``: groups of a split questionnaire -> the pairs i < j that this expert compares; all pairs of the other
    groups.
    ``identity``: what the file says it is; without one it is checked by its place and code alone when it comes back.
    ``groups``: names of the groups to ask for, if not all that the expert's tables have.
    """
    settings = inputs.settings
    given = {matrix.group: matrix.values for matrix in answers}
    book = open_questionnaire(expert, "ahp", notice, identity)
    scale = _add_scale(book.worksheets[0])
    compared = {g: of for g, of in compared_of(inputs, expert).items() if groups is None or g in groups}
    dealt = asked or {}
    total = sum(len(dealt[g]) if g in dealt else len(of) * (len(of) - 1) // 2 for g, of in compared.items())
    done = progress({group: len(labels) for group, labels in compared.items()})
    known = {group: meanings_of(inputs, group, labels) for group, labels in compared.items()}
    for group, labels in compared.items():
        add_matrix(
            book,
            group,
            labels,
            ratio=Ratio(
                random_index(len(labels), settings.random_index).value,
                float(settings.cr_limit),
                settings.prioritisation,
            ),
            scale=scale,
            items=known[group],
            all_sheets=f'={done}&" / {total}"',
            values=given.get(group),
            asked=dealt.get(group),
        )
    add_remarks(book)
    add_print_sheet(book, expert.code, compared, known, dealt)
    first = next((sheet_title(group) for group in compared if group.endswith(FIRST_LEVEL)), "")
    book.active = book.sheetnames.index(first) if first in book.sheetnames else 0
    return book


def _add_scale(sheet: Worksheet) -> str:
    """Write the 1–9 scale with its meaning under the guide and return the reference for drop-downs."""
    meanings = {entry["value"]: entry["meaning"] for entry in guide("ahp")["scale"]}
    row = sheet.max_row + 2
    title = cell_at(sheet, row, 2)
    put(title, "二、1～9 标度")
    title.font = font(size=12, bold=True, colour=TEAL)
    first = row + 1
    steps = [(float(value), _meaning(value, "行比列", meanings)) for value in _SCALE]
    steps += [(1 / value, _meaning(value, "列比行", meanings)) for value in reversed(_SCALE) if value > 1]
    for offset, (value, meaning) in enumerate(steps):
        number, text = cell_at(sheet, first + offset, 2), cell_at(sheet, first + offset, 3)
        number.value = int(value) if value.is_integer() else value
        number.number_format = "# ?/?"
        put(text, meaning)
        for cell in (number, text):
            body(cell, colour=BAND if cell is number else "FFFFFFFF", centred=cell is number)
    return reference(sheet.title, f"$B${first}:$B${first + len(steps) - 1}")


def _meaning(value: int, who: str, meanings: Mapping[int, str]) -> str:
    if value in meanings:
        return f"{who}{meanings[value]}" if value > 1 else meanings[value]
    return f"{who}的重要程度介于“{meanings[value - 1]}”和“{meanings[value + 1]}”之间"
