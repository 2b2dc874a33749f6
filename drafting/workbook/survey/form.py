"""Writes 调研数据.xlsx: the blank form to send to enterprises, or a survey in the same form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from drafting.model.survey import ANSWERS, State, Survey, SurveyColumn
from drafting.model.system import Indicator, IndicatorSystem
from drafting.workbook.headings import (
    CLASS,
    ENTERPRISE,
    INSTRUCTIONS_SHEET,
    NOT_APPLICABLE_MARK,
    OUTPUT,
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
    sheet_title,
)
from drafting.workbook.project.list_rows import Value, yes_no
from drafting.workbook.style import (
    BAND,
    MUTED,
    body,
    cell_at,
    choice,
    fit_row,
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
_EXAMPLES = {ENTERPRISE: "××有限公司", REGION: "浙江省", STRATUM: "大型", YEAR: "2024", VIOLATION: "否"}
_NOT_REACHED = next(answer for answer, grades in ANSWERS.items() if grades == 0)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the survey, as forms ask for it.

    Attributes
    ----------
    code : str
        Of the indicator; blank for other columns.
    how, example : str
        How to fill it in, and one answer that shows it.
    """

    heading: str
    unit: str
    note: str
    values: tuple[Value, ...] = ()
    choices: tuple[str, ...] = ()
    width: float = 13
    code: str = ""
    how: str = ""
    example: str = ""


def write_survey(
    path: Path, system: IndicatorSystem, survey: Survey, *, notice: str = "", unit_row: bool = True
) -> None:
    """Write 调研数据.xlsx: a row per enterprise, a column per indicator headed by its name; units in its cell note.

    Raises OutputError if the file cannot be written.

    ``path``: Where; an existing file is replaced.
    ``system``: whose active indicators are the columns.
    ``survey``: answers to fill in.
    ``notice``: what the note of the first cell and every printed page say, e.g. that the data are synthetic.
    ``unit_row``: whether a row 单位 stands under the headings, for the reader to hold against the indicators' units.
    """
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = SURVEY_STEM
    _fill(sheet, tuple(survey_columns(system, survey)), len(survey), notice, unit_row)
    save(book, path, title=SURVEY_STEM)


def write_blank_survey(path: Path, systems: Mapping[str, IndicatorSystem]) -> None:
    """Write an empty 调研数据.xlsx for 200 enterprises: a sheet for each table, and how to fill in each column.

    Raises OutputError if the file cannot be written.

    ``path``: Where; an existing file is replaced.
    ``systems``: by key of the table; of a project with one table under a blank key.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    asked = {sheet_title(key) if key else SURVEY_STEM: tuple(survey_columns(of)) for key, of in systems.items()}
    for title, columns in asked.items():
        _fill(book.create_sheet(title), columns, 0, "", unit_row=True)
    guide = book.create_sheet(INSTRUCTIONS_SHEET)
    heading_row(guide, 1, ("列", "单位", "示例", "填写说明"), dark=(True,) * 4)
    widths(guide, (34, 12, 16, 90))
    row = 1
    for title, columns in asked.items():
        for number, column in enumerate(columns, 1):
            row += 1
            # not the bare heading: a sheet that has it is a survey
            where = f"{get_column_letter(number)} 列 {column.heading}" + (f"（{title}）" if len(asked) > 1 else "")
            unit = "" if column.heading == ENTERPRISE else column.unit
            for at, said in enumerate((where, unit, column.example, column.how or column.note), 1):
                put(cell_at(guide, row, at), said)
                body(cell_at(guide, row, at), centred=at in (2, 3))
            fit_row(guide, row)
    guide.freeze_panes = "A2"
    print_setup(guide, rows="1:1")
    save(book, path, title=SURVEY_STEM)


def _fill(sheet: Worksheet, columns: Sequence[Column], count: int, notice: str, unit_row: bool) -> None:
    heading_row(sheet, 1, [c.heading for c in columns], dark=[c.heading == ENTERPRISE for c in columns])
    sheet.row_dimensions[1].height = 52
    widths(sheet, [c.width for c in columns])
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


def _write_column(sheet: Worksheet, top: int, number: int, column: Column, rows: int) -> None:
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


def survey_columns(system: IndicatorSystem, survey: Survey | None = None) -> Iterator[Column]:
    """Give the columns of a survey in order, with the answers of one that is there."""
    special = _special_values(survey)
    for heading in SURVEY_SPECIAL:
        if survey is not None and heading.text not in special:
            continue
        unit = UNIT_ROW_LABEL if heading.text == ENTERPRISE else ""
        known, example = special.get(heading.text, ()), _EXAMPLES.get(heading.text, "")
        yield Column(
            heading.text, unit, heading.note, known, heading.choices, heading.width, how=heading.note, example=example
        )
    for word in system.survey_columns if survey is None else ():
        yield _class_column(word, system)
    raw = survey.raw if survey else {}
    stated = (d for d in survey.derivations.values()) if survey else ()
    units = {heading: d.units[name] for d in stated for name, heading in d.totals.items()}
    for indicator in system.active if survey is not None else system.heads:
        if survey and indicator.code in survey.derived:
            continue  # computed from the raw totals below
        yield _indicator_column(indicator, survey.columns.get(indicator.code) if survey else None)
    parameters = survey.parameters if survey else {}
    for prefix, extra in ((RAW_PREFIX, raw), (PARAMETER_PREFIX, parameters)):
        for name, values in extra.items():
            numbers = tuple(None if value != value else float(value) for value in values)  # NaN: missing
            yield Column(f"{prefix}{name}", units.get(f"{prefix}{name}", ""), "", numbers)


def _special_values(survey: Survey | None) -> dict[str, tuple[Value, ...]]:
    if survey is None:
        return {}
    values: dict[str, tuple[Value, ...]] = {ENTERPRISE: tuple(survey.enterprises)}
    if survey.regions is not None:
        values[REGION] = tuple(survey.regions)
    if survey.strata is not None:
        values[STRATUM] = tuple(survey.strata)
    if survey.weights is not None:
        values[SAMPLING_WEIGHT] = tuple(float(weight) for weight in survey.weights)
    if survey.years is not None:
        values[YEAR] = tuple(int(year) if year.isdecimal() else year for year in survey.years)
    values[VIOLATION] = tuple(yes_no(bool(violation)) for violation in survey.violations)
    return values


def _class_column(word: str, system: IndicatorSystem) -> Column:
    """类别 or 产量, of enterprises that fill in a row for each class."""
    if word == CLASS:
        names = tuple(dict.fromkeys(i.class_name for i in system.active if i.class_name))
        how = (
            f"本行数据所属的类别，如 {names[0]}；有几个类别的企业每个类别填一行（调查表每个类别填一份）。"
            if names
            else ""
        )
        return Column(word, "", how, how=how, example=names[0] if names else "")
    how = "本行数据对应的年产量。" if word == OUTPUT else ""
    return Column(word, "", how, how=how, example="120" if word == OUTPUT else "")


def _indicator_column(indicator: Indicator, answers: SurveyColumn | None) -> Column:
    words = _answer_words(indicator)
    values: tuple[Value, ...] = ()
    if answers is not None:
        pairs = zip(answers.values, answers.states, strict=True)
        values = tuple(_answer(words, float(value), State(state)) for value, state in pairs)
    unit = f"单位 {indicator.unit}；" if indicator.unit else ""
    choices = (*words.values(), NOT_APPLICABLE_MARK) if words else ()
    fill = f"可填：{'、'.join(choices)}。" if words else "空白为缺数据，不适用时写“不适用”。"
    said = f"代码 {indicator.code}；{unit}{indicator.direction.chinese}。{fill}"
    told = (
        indicator.explanation, f"计算公式：{indicator.formula}" if indicator.formula else "",
        f"数据来源：{indicator.data_source}" if indicator.data_source else "", fill if words else "",
    )  # fmt: skip
    how = "；".join(part.rstrip("。；") for part in told if part)
    return Column(
        indicator.name, indicator.unit, said, values, choices, code=indicator.code, how=how and f"{how}。",
        example=_example(indicator, words),
    )  # fmt: skip


def _example(indicator: Indicator, words: dict[int, str]) -> str:
    """One answer that shows how to write it; of a number the form alone, within the limits that are given."""
    if words:
        return next(iter(words.values()))
    low, high = indicator.lower, indicator.upper
    shown = Decimal("95.234") if indicator.unit in ("%", "％") else Decimal("12.345")
    if low is not None and high is not None and not low <= shown <= high:
        shown = (low + high) / 2
    elif low is not None and shown < low:
        shown = low
    elif high is not None and shown > high:
        shown = high
    return str(round(shown, 1 if indicator.decimals is None else indicator.decimals))


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
