"""One sheet of a questionnaire: a pairwise comparison matrix (判断矩阵) to be filled in above the diagonal.

Labels stand in row 3 from column B and in column A from row 4 (see ``headings.MATRIX_*``). To the right, below row 3
and separated by an empty column, stand a check computed by formulas and the scale; below the matrix the pairs as
sentences and what the items mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from openpyxl.utils import get_column_letter

from drafting.workbook.headings import (
    MATRIX_FIRST_COLUMN,
    MATRIX_FIRST_ROW,
    MATRIX_LABEL_COLUMN,
    MATRIX_LABEL_ROW,
    NOT_ASKED,
    sheet_title,
)
from drafting.workbook.questionnaires.matrix_help import Meaning, add_help, add_scale, upper_runs
from drafting.workbook.style import (
    ANSWER,
    BAND,
    LOCKED,
    MUTED,
    TEAL,
    WHITE,
    body,
    cell_at,
    choice,
    fill,
    font,
    leave_out_of_print,
    print_setup,
    put,
)

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet


EIGENVECTOR, GEOMETRIC_MEAN, COLUMN_MEAN = "特征向量法", "方根法", "和积法"
"""Words of setting 特征向量算法."""

_FOURTH_POWERS = 20
"""Power iteration with A⁴, so that x is A⁸⁰ times a column: judgements in a circle, whose second eigenvalue is nearly
as large as the first, need that many steps for a CR within 0.001; the formula stays below Excel's 8,192 characters."""


def lambda_max(matrix: str, column: str, n: int, method: str) -> str:
    """Write λmax of a complete matrix as a formula without the equals sign.

    The eigenvector is found by power iteration, λmax = Σ(Ax)/Σx. By geometric means and column means λmax is the mean
    of (Aw)_i/w_i, as the program has it. SUMPRODUCT makes every spreadsheet compute in arrays, even if not asked to.

    ``matrix``, ``column``: references to the matrix and to its first column.
    ``n``: Size, ≥ 2.
    ``method``: word of setting 特征向量算法.
    """
    ones = f"{column}^0"
    if method == EIGENVECTOR:
        square = f"MMULT({matrix},{matrix})"
        fourth = f"MMULT({square},{square})"
        x = column
        for _ in range(_FOURTH_POWERS):
            x = f"MMULT({fourth},{x})"
        return f"SUMPRODUCT(MMULT({matrix},{x}))/SUMPRODUCT({x})"
    if method == GEOMETRIC_MEAN:
        weights = f"EXP(MMULT(LN({matrix}),{ones})/{n})"
    else:  # the sums of the columns are those of the rows of 1/a
        weights = f"MMULT({matrix},1/MMULT(1/{matrix},{ones}))"
    return f"SUMPRODUCT(MMULT({matrix},{weights})/({weights}))/{n}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """How CR is computed beside a matrix: RI(n) (0 where CR is 0 by definition), its limit, the word of the method."""

    random_index: float
    limit: float
    method: str = EIGENVECTOR


_FRACTION = "# ?/?"
"""Number format of a judgement: 1/3 typed into such a cell stays a number instead of becoming the third of January."""
_HINT = "行比列重要填 2～9，列比行重要填 1/2～1/9，同等重要填 1；不了解可留空。"
_PROMPT = (
    "1 同等重要；行比列：3 稍微、5 明显、7 强烈、9 极端重要，2、4、6、8 介于其间；"
    "列比行重要填倒数 1/2～1/9；不了解可留空。"
)
"""The verbal scale beside the drop-down; Excel shows up to 255 characters."""


def add_matrix(
    book: Workbook,
    group: str,
    labels: Sequence[str],
    *,
    ratio: Ratio,
    scale: str,
    items: Sequence[Meaning] = (),
    all_sheets: str = "",
    values: NDArray[np.float64] | None = None,
    asked: frozenset[tuple[int, int]] | None = None,
) -> Worksheet:
    """Append the sheet of one group.

    ``group``: 一级指标 or a category; the sheet gets its name without the characters that Excel forbids.
    ``labels``: what is compared, n ≥ 2.
    ``ratio``: how the check computes CR.
    ``scale``: range that holds the 1–9 scale for the drop-down.
    ``items``: units and explanations of the labels.
    ``all_sheets``: formula of the progress over all sheets.
    ``values``: answers (n, n) to fill in above the diagonal; NaN stays blank. Without it nothing is preset.
    ``asked``: pairs i < j of a split questionnaire that this expert compares; the others are marked — and locked, and
    no CR is computed beside the matrix.
    """
    sheet: Worksheet = book.create_sheet(sheet_title(group))
    sheet.sheet_properties.tabColor = TEAL[2:]
    sheet.sheet_view.showGridLines = False
    _head(sheet, group, len(labels), len(asked) if asked is not None else None)
    _labels(sheet, labels)
    n = len(labels)
    for i in range(n):
        for j in range(n):
            cell = cell_at(sheet, MATRIX_FIRST_ROW + i, MATRIX_FIRST_COLUMN + j)
            if asked is not None and i != j and (min(i, j), max(i, j)) not in asked:
                _not_asked(cell)
                continue
            _judgement(cell, i, j)
            if j > i and values is not None and not np.isnan(values[i, j]):
                cell.value = _plain(float(values[i, j]))
        sheet.row_dimensions[MATRIX_FIRST_ROW + i].height = 30
    for run in upper_runs(n):
        choice(sheet, run, (), source=scale, prompt=_PROMPT)
    _soften(sheet)
    below = _check(sheet, n, ratio, all_sheets, split=None if asked is None else len(asked))
    below = max(below, MATRIX_FIRST_ROW + n)
    add_help(sheet, below + 1, labels, items, asked)
    sheet.freeze_panes = f"{get_column_letter(MATRIX_FIRST_COLUMN)}{MATRIX_FIRST_ROW}"
    sheet.protection.sheet = True  # without a password: it keeps formulas from slips, it locks nobody out
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    print_setup(sheet)
    leave_out_of_print(sheet)  # 打印版 asks for the same on a few pages
    return sheet


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() else value


def _head(sheet: Worksheet, group: str, n: int, split: int | None) -> None:
    title, hint = cell_at(sheet, 1, 1), cell_at(sheet, 2, 1)
    put(title, f"{group} 两两比较（{n} 项，{n * (n - 1) // 2} 次）")
    title.font = font(size=14, bold=True, colour=TEAL)
    part = f"本卷只问其中 {split} 次，标“—”的不必填。" if split is not None else ""
    put(hint, "只填浅黄色单元格。" + part + _HINT)
    hint.font = font(size=9, colour=MUTED)
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 28, 20


def _labels(sheet: Worksheet, labels: Sequence[str]) -> None:
    corner = cell_at(sheet, MATRIX_LABEL_ROW, MATRIX_LABEL_COLUMN)
    body(corner, colour=BAND, centred=True)
    sheet.column_dimensions["A"].width = 24
    sheet.row_dimensions[MATRIX_LABEL_ROW].height = 62
    for index, label in enumerate(labels):
        across = cell_at(sheet, MATRIX_LABEL_ROW, MATRIX_FIRST_COLUMN + index)
        down = cell_at(sheet, MATRIX_FIRST_ROW + index, MATRIX_LABEL_COLUMN)
        for cell in (across, down):
            put(cell, label)
            body(cell, centred=cell is across)
            cell.fill = fill(TEAL)
            cell.font = font(bold=True, colour=WHITE, size=9.5)
        sheet.column_dimensions[get_column_letter(MATRIX_FIRST_COLUMN + index)].width = 11.5


def _judgement(cell: Cell, i: int, j: int) -> None:
    if j > i:
        body(cell, colour=ANSWER, centred=True, unlocked=True)
    else:
        body(cell, colour=LOCKED, centred=True)
        if i == j:
            cell.value = 1
        else:
            partner = f"{get_column_letter(MATRIX_FIRST_COLUMN + i)}{MATRIX_FIRST_ROW + j}"
            # a judgement typed as text is read on its return; here 1/"1/2" would take it for a date
            cell.value = f'=IF(ISNUMBER({partner}),1/{partner},"")'
            cell.font = font(colour=MUTED)
    cell.number_format = _FRACTION


def _not_asked(cell: Cell) -> None:
    put(cell, NOT_ASKED)
    body(cell, colour=LOCKED, centred=True)
    cell.font = font(colour=MUTED)


def _soften(sheet: Worksheet) -> None:
    """Let Excel ask instead of refuse: 0.333 for 1/3 is right, and the reader checks every value anyway."""
    for validation in sheet.data_validations.dataValidation:
        validation.errorStyle = "warning"
        validation.errorTitle = "不在 1～9 标度上"
        validation.error = "通常填 1～9 或其倒数（1/2～1/9）。确定要保留这个值吗？"


def _check(sheet: Worksheet, n: int, ratio: Ratio, all_sheets: str, *, split: int | None = None) -> int:
    """Write progress and consistency, then the scale; return the row below."""
    asked = n * (n - 1) // 2 if split is None else split
    answered = f"COUNT({','.join(upper_runs(n))})"
    last = get_column_letter(MATRIX_FIRST_COLUMN + n - 1)
    first = get_column_letter(MATRIX_FIRST_COLUMN)
    bottom = MATRIX_FIRST_ROW + n - 1
    matrix = f"${first}${MATRIX_FIRST_ROW}:${last}${bottom}"
    column = f"${first}${MATRIX_FIRST_ROW}:${first}${bottom}"
    label = MATRIX_FIRST_COLUMN + n + 1
    value = label + 1
    here = [f"{get_column_letter(value)}{MATRIX_FIRST_ROW + line}" for line in range(7)]
    largest, index, given, found = here[1:5]
    consistent = f'IF({found}<={ratio.limit},"一致","请复核")'
    largest_of = lambda_max(matrix, column, n, ratio.method)
    rows: tuple[tuple[str, str | float, str], ...] = (
        ("已填（次）", f'={answered}&" / {asked}"', "@"),
        ("λmax", f'=IF({answered}<{asked},"—",MAX({n},{largest_of}))', "0.000"),
        ("CI", f'=IF({answered}<{asked},"—",({largest}-{n})/{n - 1})', "0.000"),
        (f"RI（n={n}）", ratio.random_index, "0.00"),
        ("CR", f'=IF({answered}<{asked},"—",{f"{index}/{given}" if ratio.random_index > 0 else "0"})', "0.000"),
        (f"结论（限值 {ratio.limit:g}）", f'=IF({answered}<{asked},"未填完",{consistent})', "@"),
    )
    if split is not None:
        rows = (rows[0], ("结论", f'=IF({answered}<{asked},"未填完","已填完")', "@"), ("CR", "收回后计算", "@"))
    if all_sheets:
        rows = (*rows, ("全卷进度（次）", all_sheets, "@"))
    for line, (text, content, number_format) in enumerate(rows):
        for at, entry in ((label, text), (value, content)):
            cell = cell_at(sheet, MATRIX_FIRST_ROW + line, at)
            cell.value = entry
            body(cell, colour=BAND if at == label else LOCKED, centred=at == value)
            cell.font = font(size=9.5, bold=at == value)
            if at == value and number_format != "@":
                cell.number_format = number_format
    sheet.column_dimensions[get_column_letter(label - 1)].width = 3
    sheet.column_dimensions[get_column_letter(label)].width = 16
    sheet.column_dimensions[get_column_letter(value)].width = 18
    return add_scale(sheet, MATRIX_FIRST_ROW + len(rows) + 1, label)
