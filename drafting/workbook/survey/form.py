"""Writes 调研数据.xlsx: the blank form to send to enterprises, or a survey in the same form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from drafting.model.survey import ANSWERS, State, Survey, SurveyColumn
from drafting.model.system import Indicator, IndicatorSystem
from drafting.workbook.headings import (
    ENTERPRISE,
    NOT_APPLICABLE_MARK,
    PARAMETER_PREFIX,
    RAW_PREFIX,
    REGION,
    SAMPLING_WEIGHT,
    SINGLE_ANSWER,
    STRATUM,
    SURVEY_SPECIAL,
    SURVEY_STEM,
    UNIT_ROW_LABEL,
    VIOLATION,
    YEAR,
)
from drafting.workbook.project.list_rows import Value, yes_no
from drafting.workbook.style import (
    BAND,
    MUTED,
    body,
    cell_at,
    choice,
    font,
    heading_row,
    note,
    print_setup,
    put,
    save,
    widths,
)

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_BLANK_ROWS = 200
_MOST_DECIMALS = 6
_WIDEST_PAGE = 170
"""Characters that an A4 page in landscape shows legibly."""
_NOT_REACHED = next(answer for answer, grades in ANSWERS.items() if grades == 0)


@dataclass(frozen=True, slots=True)
class _Column:
    heading: str
    unit: str
    note: str
    values: tuple[Value, ...]
    choices: tuple[str, ...] = ()
    width: float = 13


def write_survey(
    path: Path, system: IndicatorSystem, survey: Survey | None = None, *, notice: str = "", unit_row: bool = True
) -> None:
    """
    Write 调研数据.xlsx: a row per enterprise, a column per indicator headed by its name; units stand in its cell note.

    Parameters
    ----------
    path : Path
        Where; an existing file is replaced.
    system : IndicatorSystem
        Whose active indicators are the columns.
    survey : Survey, optional
        Answers to fill in; without it rows for 200 enterprises are left open.
    notice : str, optional
        What the note of the first cell and every printed page say, e.g. that the data are synthetic.
    unit_row : bool, optional
        Whether a row 单位 stands under the headings, for the reader to hold against the indicators' units.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SURVEY_STEM
    columns = tuple(_columns(system, survey))
    heading_row(sheet, 1, [c.heading for c in columns], dark=[c.heading == ENTERPRISE for c in columns])
    sheet.row_dimensions[1].height = 52
    widths(sheet, [c.width for c in columns])
    count = len(survey) if survey else 0
    top = 3 if unit_row else 2
    for number, column in enumerate(columns, start=1):
        note(cell_at(sheet, 1, number), column.note)
        if unit_row:
            unit = cell_at(sheet, 2, number)
            put(unit, column.unit)
            body(unit, colour=BAND, centred=True)
            unit.font = font(size=9, colour=MUTED)
        _write_column(sheet, top, number, column, count or _BLANK_ROWS)
    if notice:
        note(cell_at(sheet, 1, 1), f"{notice}\n{SURVEY_SPECIAL[0].note}")
        if sheet.oddHeader is not None:
            sheet.oddHeader.center.text = notice.replace("&", "&&")  # a single & starts a code
    sheet.freeze_panes = f"B{top}"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{top - 1 + (count or _BLANK_ROWS)}"
    across = 1 + int(sum(c.width for c in columns) // _WIDEST_PAGE)
    print_setup(sheet, rows=f"1:{top - 1}", columns="A:A" if across > 1 else "", across=across)
    save(book, path, title=SURVEY_STEM)


def _write_column(sheet: Worksheet, top: int, number: int, column: _Column, rows: int) -> None:
    number_format = _number_format(column.values)
    for index in range(rows):
        cell = cell_at(sheet, top + index, number)
        if index < len(column.values):
            put(cell, column.values[index])
            cell.number_format = number_format
        body(cell, centred=True)
    if column.choices:
        letter = get_column_letter(number)
        choice(
            sheet,
            f"{letter}{top}:{letter}{top - 1 + rows}",
            column.choices,
            strict=NOT_APPLICABLE_MARK not in column.choices,
        )


def _number_format(values: tuple[Value, ...]) -> str:
    """Show a column's numbers with the decimals of its most precise one, so that 84 stands as 84.0 beside 83.8."""
    exponents = [Decimal(repr(value)).as_tuple().exponent for value in values if isinstance(value, float)]
    decimals = max((-e for e in exponents if isinstance(e, int)), default=0)
    return "0." + "0" * decimals if 0 < decimals <= _MOST_DECIMALS else "General"


def _columns(system: IndicatorSystem, survey: Survey | None) -> Iterator[_Column]:
    special = _special_values(survey)
    for heading in SURVEY_SPECIAL:
        if survey is not None and heading.text not in special:
            continue
        unit = UNIT_ROW_LABEL if heading.text == ENTERPRISE else ""
        yield _Column(heading.text, unit, heading.note, special.get(heading.text, ()), heading.choices, heading.width)
    raw = survey.raw if survey else {}
    stated = (d for d in survey.derivations.values()) if survey else ()
    units = {heading: d.units[name] for d in stated for name, heading in d.totals.items()}
    for indicator in system.active:
        if survey and indicator.code in survey.derived:
            continue  # computed from the raw totals below
        yield _indicator_column(indicator, survey.columns.get(indicator.code) if survey else None)
    parameters = survey.parameters if survey else {}
    for prefix, extra in ((RAW_PREFIX, raw), (PARAMETER_PREFIX, parameters)):
        for name, values in extra.items():
            numbers = tuple(None if value != value else float(value) for value in values)  # NaN: missing
            yield _Column(f"{prefix}{name}", units.get(f"{prefix}{name}", ""), "", numbers)


def _special_values(survey: Survey | None) -> dict[str, tuple[Value, ...]]:
    if survey is None:
        return {}
    values: dict[str, tuple[Value, ...]] = {ENTERPRISE: survey.enterprises}
    if survey.regions is not None:
        values[REGION] = survey.regions
    if survey.strata is not None:
        values[STRATUM] = survey.strata
    if survey.weights is not None:
        values[SAMPLING_WEIGHT] = tuple(float(weight) for weight in survey.weights)
    if survey.years is not None:
        values[YEAR] = tuple(int(year) if year.isdecimal() else year for year in survey.years)
    values[VIOLATION] = tuple(yes_no(bool(violation)) for violation in survey.violations)
    return values


def _indicator_column(indicator: Indicator, answers: SurveyColumn | None) -> _Column:
    words = _answer_words(indicator)
    values: tuple[Value, ...] = ()
    if answers is not None:
        pairs = zip(answers.values, answers.states, strict=True)
        values = tuple(_answer(words, float(value), State(state)) for value, state in pairs)
    unit = f"单位 {indicator.unit}；" if indicator.unit else ""
    said = f"代码 {indicator.code}；{unit}{indicator.direction.chinese}。" + (
        f"可填：{'、'.join((*words.values(), NOT_APPLICABLE_MARK))}。"
        if words
        else "空白为缺数据，不适用时写“不适用”。"
    )
    choices = (*words.values(), NOT_APPLICABLE_MARK) if words else ()
    return _Column(indicator.name, indicator.unit, said, values, choices)


def _answer_words(indicator: Indicator) -> dict[int, str]:
    """Give the words for the grades reached by a qualitative answer; empty for a quantitative indicator."""
    if not indicator.qualitative:
        return {}
    if len(indicator.baselines) == 1:
        return {max(ANSWERS.values()): SINGLE_ANSWER, ANSWERS[_NOT_REACHED]: _NOT_REACHED}
    return {grades: word for word, grades in ANSWERS.items()}


def _answer(words: dict[int, str], value: float, state: State) -> Value:
    if state is State.NOT_APPLICABLE:
        return NOT_APPLICABLE_MARK
    if state is State.MISSING or value != value:
        return None
    if words:
        return words[int(value)]
    number: float = int(value) if value.is_integer() else value
    return f"<{number}" if state is State.NON_DETECT else number
