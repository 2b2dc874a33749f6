"""Returned AHP questionnaires: one judgement matrix (判断矩阵) per sheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from drafting.findings import Cell, address
from drafting.model.characters import fold
from drafting.model.experts import JudgementMatrix
from drafting.workbook import headings as h
from drafting.workbook.cells import CellFaultError, decimal_of, is_blank, shown, text
from drafting.workbook.questionnaires.answers import member
from drafting.workbook.questionnaires.beside import name_beside_matrix, name_unknown_sheets
from drafting.workbook.questionnaires.identity import Renaming
from drafting.workbook.report import Report, suggestion
from drafting.workbook.rows import report_hidden, report_hidden_columns
from drafting.workbook.sheets import Sheet, Workbook, is_date

SCALE_END = 9
_FRACTION = re.compile(r"(\d{1,20}(?:\.\d{1,20})?)\s*/\s*(\d{1,20}(?:\.\d{1,20})?)")
_NOT_ASKED = {h.NOT_ASKED, "-", "–", "－"}
_IGNORED_SHEETS = ("说明", "标度")


def judgement_of(value: object, *, percent: bool = False) -> Fraction:
    """Read a judgement on Saaty's scale, 1/9 to 9.

    A decimal that is the rounded reciprocal of a whole number is that reciprocal: 0.333 and 0.33 are 1/3, 0.14 is 1/7.

    Raises CellFaultError when it is no such number.
    """
    if is_date(value):
        raise CellFaultError("已被 Excel 变成日期")
    fraction = _FRACTION.fullmatch(_written_out(text(value))) if isinstance(value, str) else None
    if fraction:
        if Fraction(fraction[2]) == 0:
            raise CellFaultError("分母为零")
        number = Fraction(fraction[1]) / Fraction(fraction[2])
    else:
        number = _reciprocal(decimal_of(value, percent=percent))
    if not Fraction(1, SCALE_END) <= number <= SCALE_END:
        raise CellFaultError("不在 1/9～9 之间")
    return number


def _written_out(says: str) -> str:
    """Write ⅓, 1∕3, 1÷3 and 1:3 as 1/3."""
    if len(says) == 1:
        says = unicodedata.normalize("NFKC", says)
    return fold(says, arithmetic=True).replace("∶", "/").replace(":", "/")


def _reciprocal(number: Decimal) -> Fraction:
    exponent = number.normalize().as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    if not 0 < number < 1 or places < 2:
        return Fraction(number)
    step = Decimal(1).scaleb(-min(places, 15))
    for whole in range(2, SCALE_END + 1):
        exact = Decimal(1) / whole
        if number in (exact.quantize(step, ROUND_HALF_EVEN), exact.quantize(step, ROUND_HALF_UP)):
            return Fraction(1, whole)
    return Fraction(number)


def read_judgements(
    book: Workbook,
    expert: str,
    groups: Mapping[str, Mapping[str, str]],
    wanted: frozenset[str],
    report: Report,
    renaming: Renaming | None = None,
    changed: Collection[str] = (),
) -> tuple[JudgementMatrix, ...]:
    """Read all matrices of one expert.

    ``groups``: members by key of every group that may be compared.
    ``wanted``: groups that the expert has to answer; another one is read when its sheet is there.
    ``renaming``: what the questionnaire called the items when it was made, so that those renamed since keep their
    answers.
    ``changed``: groups in which the questionnaire did not ask all that is asked now: they are passed over.
    """
    matrices: list[JudgementMatrix] = []
    issued = {g: t for g in groups if renaming is not None and (t := renaming.title(g)) is not None}
    asked = [*map(h.sheet_title, groups)]
    name_unknown_sheets(book, asked, report, [*map(h.sheet_title, issued.values()), *_IGNORED_SHEETS])
    for group, members in groups.items():
        if group in changed:
            continue
        own = book.sheet(h.sheet_title(group)) or book.sheet(h.sheet_title(issued.get(group, group)))
        if own is None:
            if group in wanted:
                place = Cell(book.place.file, h.sheet_title(group))
                report.add("judgement-sheet-missing", place, sheet=h.sheet_title(group), expert=expert)
            continue
        matrix = _Matrix(own, group, members, report, renaming).read()
        if matrix is not None:
            labels, values, rows, columns = matrix
            matrices.append(JudgementMatrix(expert, group, labels, values))
            report.cells["judgement", expert, group] = own.place
            for i in range(len(labels)):
                for j in range(len(labels)):
                    report.cells["judgement", expert, group, str(i), str(j)] = own.place.at(rows[i], columns[j])
    return tuple(matrices)


_Read = tuple[tuple[str, ...], "NDArray[np.float64]", list[int], list[int]]


class _Matrix:
    """One sheet: labels first, then the cells above the diagonal, then the typed ones below it."""

    def __init__(
        self, sheet: Sheet, group: str, members: Mapping[str, str], report: Report, renaming: Renaming | None
    ) -> None:
        self._sheet, self._group, self._members, self._report = sheet, group, members, report
        self._renaming = renaming

    def read(self) -> _Read | None:
        first, top = h.MATRIX_FIRST_COLUMN, h.MATRIX_LABEL_ROW
        most = max(len(self._members), len(self._renaming.items(self._group)) if self._renaming is not None else 0) + 5
        across = self._labels([(top, first + i) for i in range(most)])
        if across is None:
            return None
        start, left = h.MATRIX_FIRST_ROW, h.MATRIX_LABEL_COLUMN
        down = self._labels([(start + i, left) for i in range(most)])
        if down is None:
            return None
        keys = tuple(self._members)
        rows, columns = [down[k] for k in keys], [across[k] for k in keys]
        report_hidden(self._sheet, rows, self._report)
        report_hidden_columns(self._sheet, {across[k]: self._members[k] for k in keys}, rows, self._report)
        # In the order of the sheet, so that "above the diagonal" means what the expert saw.
        order = sorted(range(len(keys)), key=lambda i: rows[i])
        values = np.eye(len(keys))
        blank: list[str] = []
        for a, i in enumerate(order):
            self._check_diagonal(rows[i], columns[i])
            for j in order[a + 1 :]:
                value = self._pair((rows[i], columns[j]), (rows[j], columns[i]), blank)
                values[i, j] = float(value) if value is not None else np.nan
                values[j, i] = float(1 / value) if value is not None else np.nan
        name_beside_matrix(self._sheet, self._report)
        if blank:
            shown_cells = "、".join(blank[:6]) + ("等" if len(blank) > 6 else "")
            pairs = len(keys) * (len(keys) - 1) // 2
            code = "judgement-all-blank" if len(blank) == pairs else "judgement-blank"
            place = Cell(self._sheet.place.file, self._sheet.title, blank[0])
            self._report.add(code, place, group=self._group, count=len(blank), cells=shown_cells)
            if code == "judgement-all-blank":
                return None
        values.setflags(write=False)
        return keys, values, rows, columns

    def _labels(self, cells: Sequence[tuple[int, int]]) -> dict[str, int] | None:
        """Map members to the row or column of their label; None when one is wrong or missing."""
        along_row = cells[0][0] == cells[1][0]
        found: dict[str, int] = {}
        faults = False
        for row, column in cells:
            says = text(self._sheet.value(row, column))
            if not says:
                break
            which = member(says, self._members)
            if which is None and self._renaming is not None:
                which = self._renaming.member(self._group, says)
                if which is None and self._renaming.is_removed(self._group, says):
                    continue
            place = self._sheet.place.at(row, column)
            if which is None:
                absent = [n for k, n in self._members.items() if k not in found]
                self._report.add("judgement-label-unknown", place, found=says, suggestion=suggestion(says, absent))
                faults = True
            elif which in found:
                self._report.add("judgement-label-twice", place, found=says)
                faults = True
            else:
                found[which] = column if along_row else row
        missing = [name for k, name in self._members.items() if k not in found]
        if missing and not faults:
            place = self._sheet.place.at(*cells[min(len(found), len(cells) - 1)])
            where = "第 3 行" if along_row else "A 列"
            self._report.add("judgement-label-missing", place, where=where, missing="、".join(missing))
        return None if missing or faults else found

    def _check_diagonal(self, row: int, column: int) -> None:
        value = self._sheet.value(row, column)
        if is_blank(value) or (row, column) in self._sheet.formulas or text(value) in ("1", "—", "-", "/", "1/1"):
            return
        self._report.add("judgement-diagonal", self._sheet.place.at(row, column), found=shown(value))

    def _pair(self, upper: tuple[int, int], lower: tuple[int, int], blank: list[str]) -> Fraction | None:
        if upper in self._sheet.uncached:
            self._report.add("formula-no-value", self._sheet.place.at(*upper))
            return None
        try:
            above = self._judgement(upper)
        except CellFaultError:
            return None
        try:
            below = None if lower in self._sheet.formulas else self._judgement(lower)
        except CellFaultError:
            return above
        if above is not None and below is not None and not _reciprocals(above, below):
            self._report.add(
                "judgement-not-reciprocal", self._sheet.place.at(*lower), found=shown(self._sheet.value(*lower)),
                partner=address(*upper), other=shown(self._sheet.value(*upper)), needed=_as_text(1 / above),
            )  # fmt: skip
        if above is None and below is None and not self._not_asked(upper) and not self._not_asked(lower):
            blank.append(address(*upper))
        return above if above is not None else (1 / below if below is not None else None)

    def _not_asked(self, where: tuple[int, int]) -> bool:
        """Whether a cell is marked as not compared (split questionnaires; an expert may mark one so as well)."""
        return text(self._sheet.value(*where)) in _NOT_ASKED

    def _judgement(self, where: tuple[int, int]) -> Fraction | None:
        value = self._sheet.value(*where)
        if is_blank(value) or self._not_asked(where):
            return None
        try:
            return judgement_of(value, percent=where in self._sheet.percents)
        except CellFaultError as fault:
            self._report.add("judgement-wrong", self._sheet.place.at(*where), found=shown(value), reason=fault.reason)
            raise


def _reciprocals(above: Fraction, below: Fraction) -> bool:
    """Whether two typed cells say the same, as far as a rounded decimal can."""
    return abs(above * below - 1) <= Fraction(2, 100)


def _as_text(number: Fraction) -> str:
    return str(number) if number.denominator <= SCALE_END else f"{float(number):.3g}"
