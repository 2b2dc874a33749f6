"""Returned 企业调查表: what each form says, by the columns of the survey, each answer with its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drafting.findings import Cell
from drafting.model.identity import name_key
from drafting.model.system import IndicatorSystem
from drafting.workbook import headings as h
from drafting.workbook.opening import OpeningError
from drafting.workbook.report import Report, nearest
from drafting.workbook.rows import report_unread
from drafting.workbook.sheets import Sheet, Workbook, read_workbook
from drafting.workbook.survey.naming import INDICATOR, SPECIAL, HeadingReader, Named
from drafting.workbook.table import HEADING_ROWS, Record, read_table

Key = tuple[str, str]
"""What a heading of a survey names: kind and word, see :class:`drafting.workbook.survey.naming.Named`."""
_NAME: Key = (SPECIAL, h.ENTERPRISE)


@dataclass(frozen=True, slots=True)
class Answer:
    """One row of a form: what it is about, the heading that a survey has for it, the unit as stated, the value."""

    heading: str
    unit: str
    value: object
    percent: bool
    place: Cell
    unit_place: Cell


@dataclass(frozen=True, slots=True)
class Form:
    """One returned form; ``table`` is the key of the table that it is for, blank where there is one."""

    place: Cell
    table: str
    answers: Mapping[Key, Answer]


def read_form(book: Workbook, systems: Mapping[str, IndicatorSystem], report: Report) -> Form | None:
    """Read one workbook; None, with a finding, where it is no form or nothing is filled in.

    Rows are found by what stands in them, not by their position. A row whose code now belongs to another indicator
    than the one it names is read by its name.

    ``systems``: what is asked for, by key of the table; of a project with one table under a blank key.
    """
    sheet = _sheet(book)
    if sheet is None:
        report.add("enterprise-form-none", book.place)
        return None
    report_unread([s for s in book.sheets if h.key(s.title) != h.key(h.INSTRUCTIONS_SHEET)], [sheet], report)
    table = read_table(sheet, h.ENTERPRISE_ROWS, report)
    if table is None or h.ANSWERED not in table.columns:
        return None
    records = [r for r in table.records if r.text("代码") or r.text("项目")]
    key = _table(records, systems, sheet, report)
    if key is None:
        return None
    system = systems[key].surveyed
    reader = HeadingReader(system)
    answers: dict[Key, Answer] = {}
    for record in records:
        named = _named(record, reader, system, report)
        if named is None or named == Named(SPECIAL, h.TABLE):
            continue
        at = (named.kind, named.word)
        if at in answers:
            if not record.blank(h.ANSWERED):
                first = answers[at].place.cell
                report.add("enterprise-form-row-twice", record.cell(h.ANSWERED), what=_said(record), first=first)
            continue
        heading = record.text("代码") if record.text("代码") and named.kind != INDICATOR else named.word
        answers[at] = Answer(
            heading, record.text("单位") or named.unit, record.value(h.ANSWERED), record.percent(h.ANSWERED),
            record.cell(h.ANSWERED), record.cell("单位"),
        )  # fmt: skip
    if all(a.value is None for a in answers.values()):
        report.add("enterprise-form-blank", sheet.place)
        return None
    _note_lacking(answers, system, sheet, report)
    return Form(sheet.place, key, _with_name(answers, sheet, report))


def _sheet(book: Workbook) -> Sheet | None:
    """The sheet called so, else the first one with its headings: enterprises copy forms into workbooks of their own."""
    named = book.sheet(h.ENTERPRISE_FORM)
    if named is not None:
        return named
    wanted = {h.key("代码"), h.key(h.ANSWERED)}
    for sheet in sorted(book.sheets, key=lambda s: s.hidden):
        if any(wanted <= {h.key(v) for v in row if isinstance(v, str)} for row in sheet.rows[:HEADING_ROWS]):
            return sheet
    return None


def _table(records: list[Record], systems: Mapping[str, IndicatorSystem], sheet: Sheet, report: Report) -> str | None:
    """Key of the table that the form is for; None (reported) where it names none of the project's."""
    keys = {h.key(key): key for key in systems}
    stated = next((r for r in records if h.key(r.text("代码")) == h.key(h.TABLE)), None)
    said = stated.text(h.ANSWERED) if stated is not None else ""
    if h.key(said) in keys:
        return keys[h.key(said)]
    if list(systems) == [""]:
        return ""  # a form of a time when there were several tables: its rows are read by their names
    place = stated.cell(h.ANSWERED) if stated is not None else sheet.place
    report.add("enterprise-form-table", place, found=said or "空白", keys="、".join(systems))
    return None


def _said(record: Record) -> str:
    return record.text("项目") or record.text("代码")


def _named(record: Record, reader: HeadingReader, system: IndicatorSystem, report: Report) -> Named | None:
    """What a row is about; None where nothing known is meant, which is said where the row is filled in."""
    code, name = record.text("代码"), record.text("项目")
    by_code, by_name = (reader.read(says) if says else None for says in (code, name))
    if by_code is not None and by_code.kind == INDICATOR:
        indicator = system.indicator(by_code.word)
        if not name or name_key(name) == name_key(indicator.name):
            return by_code
        if by_name is not None and by_name.kind == INDICATOR:
            return by_name
        if not record.blank(h.ANSWERED):
            report.add("enterprise-form-renamed", record.cell("项目"), code=code, found=name, now=indicator.name)
        return by_code
    if by_code is None and h.key(code) == h.key(h.TABLE):
        return Named(SPECIAL, h.TABLE)
    found = by_code or by_name
    if found is None and not record.blank(h.ANSWERED):
        meant = nearest(name or code, (i.name for i in system.active))
        hint = f"是否应为“{meant}”？" if meant else ""
        report.add("enterprise-form-row-unknown", record.cell(h.ANSWERED), what=_said(record), hint=hint)
    return found


def _note_lacking(answers: Mapping[Key, Answer], system: IndicatorSystem, sheet: Sheet, report: Report) -> None:
    """Name the indicators that the form does not ask for: it was made before they were added."""
    raw = any(kind not in (INDICATOR, SPECIAL) for kind, _ in answers)
    lacking = [
        i.name for i in system.active if (INDICATOR, i.code) not in answers and not (raw and i.formula.computable)
    ]
    if lacking:
        more = f" 等 {len(lacking)} 项" if len(lacking) > 3 else ""
        report.add("enterprise-form-lacks", sheet.place, names="、".join(f"“{n}”" for n in lacking[:3]) + more)


def _with_name(answers: dict[Key, Answer], sheet: Sheet, report: Report) -> Mapping[Key, Answer]:
    """The answers, with the file's name where the enterprise did not give its own."""
    given = answers.get(_NAME)
    if given is not None and given.value is not None:
        return answers
    stem = sheet.place.file.rsplit("/", 1)[-1].removesuffix(".xlsx")
    place = given.place if given is not None else sheet.place
    report.add("enterprise-form-no-name", place, name=stem)
    return answers | {_NAME: Answer(h.ENTERPRISE, "", stem, False, place, place)}


def sender(content: bytes) -> str:
    """Whose form a file is, with the table that it is for; blank where that cannot be read."""
    try:
        book = read_workbook(content, "")
    except OpeningError:
        return ""
    sheet, said = _sheet(book), Report()
    table = read_table(sheet, h.ENTERPRISE_ROWS, said) if sheet is not None else None
    if table is None:
        return ""
    told = {h.key(r.text("代码") or r.text("项目")): r.text(h.ANSWERED) for r in table.records}
    of, name = told.get(h.key(h.TABLE), ""), told.get(h.key(h.ENTERPRISE), "")
    return f"{name}（{of}）" if name and of else name
