"""The sheet 二级指标, cell by cell; what its cells say about each other is looked at in ``indicator_checks``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from drafting.findings import Cell
from drafting.model.formula import Formula, formula_fault
from drafting.model.identity import label_key
from drafting.model.system import Category, Indicator
from drafting.model.terms import BaselineSource, Direction, Guidance
from drafting.model.weight import Weight
from drafting.notation.cells_row import is_mark
from drafting.standard import normalise, standard
from drafting.workbook.cells import CellFaultError, decimal_of
from drafting.workbook.headings import CLASS, INDICATORS, TABLE, key
from drafting.workbook.project.baselines import BASELINE_HEADINGS, BaselineCells, CellContext
from drafting.workbook.project.lists import keep_cells, read_choice, read_weight, read_yes_no
from drafting.workbook.project.shared_rows import joined, name_of, spanned, with_classes
from drafting.workbook.report import Report, nearest, suggestion
from drafting.workbook.rows import report_asides
from drafting.workbook.sheets import Sheet
from drafting.workbook.table import Record, Table, read_table

MAX_DECIMALS = 10
_DIRECTIONS = {
    "越小": "越小越好", "小": "越小越好", "越低越好": "越小越好", "越少越好": "越小越好", "逆向": "越小越好",
    "负向": "越小越好",
    "越大": "越大越好", "大": "越大越好", "越高越好": "越大越好", "越多越好": "越大越好", "正向": "越大越好",
    "定性指标": "定性",
}  # fmt: skip
_SOURCES = {"调查": "调研", "调研数据": "调研", "政策值": "政策", "标准": "政策", "定性指标": "定性"}
_CODE = re.compile(r"[^\W_][\w.\-]{0,19}")


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator with the row it came from.

    ``unsure`` holds headings whose cell was wrong and has been reported: what follows from them is not reported again.
    """

    indicator: Indicator
    record: Record
    unsure: frozenset[str]


def marks_used(row: IndicatorRow) -> Iterator[tuple[str, str, Cell]]:
    """Footnote marks of a row, each with what bears it and where."""
    for mark in row.indicator.marks:
        yield mark, row.record.text("二级指标"), row.record.cell("二级指标")
    for grade, bound in row.indicator.baselines.items():
        for mark in bound.marks:
            yield mark, bound.text, row.record.cell(BASELINE_HEADINGS[grade])


@dataclass(frozen=True, slots=True)
class IndicatorSheet:
    """The sheet 二级指标: its rows that name an indicator, each with its code; None for a code that is taken."""

    table: Table
    rows: tuple[tuple[Record, str | None], ...]


def indicator_sheet(
    sheet: Sheet, categories: Sequence[str], report: Report, marks: frozenset[str] = frozenset()
) -> IndicatorSheet | None:
    """Find the rows that name an indicator and their codes; None where the sheet cannot be understood.

    ``categories``: names of those that sheet 一级指标 lists.
    ``marks``: footnote marks of 表注, which are no part of a name.
    """
    table = read_table(sheet, INDICATORS, report)
    if table is None or "二级指标" not in table.columns:
        return None
    table = joined(table, marks, report)
    apart = spanned(table)
    report.findings[:] = [f for f in report.findings if f.code != "merged-number" or f.place not in apart]
    named = [r for r in table.records if _has_name(r, report)]
    known = {normalise(name) for name in categories}
    unnamed = [r for r in table.records if r.blank("二级指标") and _nothing_else(r)]
    for heading in ("一级指标", "代码"):
        notes = {
            r.row: says for r in unnamed
            if (says := r.text(heading))
            and (heading == "代码" or (standard().category(says) is None and normalise(says) not in known))
        }  # fmt: skip
        at = table.columns.get(heading, 1)
        report_asides(sheet.place, at, list(notes), list(notes.values()), INDICATORS.record, report)
    return IndicatorSheet(table, tuple(zip(named, _codes(named, marks, report), strict=True)))


def read_indicators(
    found: Sequence[tuple[Record, str | None]], categories: Sequence[Category], report: Report, context: CellContext
) -> tuple[IndicatorRow, ...]:
    """Read the second-level indicators of one table in the sheet's order."""
    rows: list[IndicatorRow] = []
    seen: dict[tuple[str, str], Record] = {}
    for record, code in found:
        says = name_of(record, context.marks)[0]
        name, of_class = key(says), key(record.text(CLASS))
        if (name, of_class) in seen:
            first = seen[name, of_class].cell("二级指标").cell
            kind, where = ("class-twice", CLASS) if of_class else ("indicator-twice", "二级指标")
            report.add(kind, record.cell(where), name=says, first=first, found=record.text(CLASS))
            continue
        mixed = next((r for (n, c), r in seen.items() if n == name and bool(c) != bool(of_class)), None)
        seen[name, of_class] = record
        if mixed is not None:
            report.add("class-blank", record.cell(CLASS), name=says, first=mixed.cell(CLASS).cell)
            continue
        if code is None:
            continue
        rows.append(_Reader(record, code, report, context).read(categories))
        if ("indicator", code) not in report.cells:  # of class rows the first stands for the indicator
            keep_cells(report, ("indicator", code), record, INDICATORS)
            report.cells["indicator", code] = record.cell("二级指标")
    return with_classes(rows, report)


def _has_name(record: Record, report: Report) -> bool:
    if not record.blank("二级指标"):
        name = record.text("二级指标")
        if any(map(str.isalnum, name)) and not is_mark(name):
            return True
        report.add("indicator-name-sign", record.cell("二级指标"), row=record.row, found=record.shown("二级指标"))
        return False
    if not record.blank("限定性") and record.text("限定性") not in ("否", "N", "n"):
        report.add("limiting-on-nothing", record.cell("限定性"), found=record.shown("限定性"), row=record.row)
    elif not _nothing_else(record):
        report.add("indicator-no-name", record.cell("二级指标"), row=record.row)
    return False


def _nothing_else(record: Record) -> bool:
    """Whether a row says nothing but which category it belongs to."""
    return all(record.blank(h) for h in INDICATORS.texts if h not in ("一级指标", "代码", "二级指标", "限定性"))


def _codes(records: Sequence[Record], marks: frozenset[str], report: Report) -> list[str | None]:
    """Typed codes; blank ones numbered on from the category's prefix; None for one that is already taken.

    Rows of one name, in several tables or classes, have one code.
    """
    names, of_name = {r.row: key(name_of(r, marks)[0]) for r in records}, dict[str, str]()
    typed = {key(r.text("代码")): r for r in reversed(records) if not r.blank("代码")}
    taken = set(typed)
    codes: list[str | None] = []
    assigned: list[str] = []
    first: Record | None = None
    for record in records:
        code = record.text("代码")
        if code and not _CODE.fullmatch(code):
            report.add("code-wrong", record.cell("代码"), found=record.shown("代码"))
            codes.append(None)
        elif code:
            owner = typed[key(code)]
            if owner.row != record.row and names[owner.row] != names[record.row]:
                of = {label_key(r.text(TABLE)) for r in (record, owner)}
                if len(of) == 2 and "" not in of:  # one indicator, named in two ways
                    report.add(
                        "shared-name-differs", record.cell("二级指标"), code=code, found=record.shown("二级指标")[:40],
                        other=owner.shown("二级指标")[:40], first=owner.cell("二级指标").cell,
                    )  # fmt: skip
                else:
                    report.add("code-twice", record.cell("代码"), code=code, first=owner.cell("代码").cell)
                codes.append(None)
            else:
                codes.append(owner.text("代码"))
                of_name.setdefault(names[record.row], owner.text("代码"))
        elif shared := of_name.get(names[record.row]):
            codes.append(shared)
        else:
            known = standard().category(record.text("一级指标"))
            prefix = known.prefix if known else "X"
            number = next(n for n in range(1, len(records) + len(taken) + 2) if key(f"{prefix}{n}") not in taken)
            taken.add(key(f"{prefix}{number}"))
            assigned.append(f"{prefix}{number}")
            codes.append(assigned[-1])
            of_name[names[record.row]] = assigned[-1]
            first = first or record
    if first is not None:
        shown_codes = "、".join(assigned[:8]) + ("……" if len(assigned) > 8 else "")
        report.add("code-assigned", first.cell("代码"), count=len(assigned), codes=shown_codes)
    return codes


class _Reader:
    """Reads the cells of one row; remembers which of them were wrong."""

    def __init__(self, record: Record, code: str, report: Report, context: CellContext) -> None:
        self._record, self._code, self._report, self._context = record, code, report, context
        self._unsure: set[str] = set()

    def read(self, categories: Sequence[Category]) -> IndicatorRow:
        record = self._record
        category = self._category(categories)
        direction = self._word("方向", _DIRECTIONS)
        if direction is None and record.has("方向") and "方向" not in self._unsure:
            self._add("cell-blank", "方向", sheet=INDICATORS.title, heading="方向", row=record.row)
        source = self._word("基准值来源", _SOURCES)
        unit = record.text("单位")
        name, marks, star = name_of(record, self._context.marks)
        known = next((d for d in Direction if d.chinese == direction), None)
        cells = BaselineCells(
            record, name, unit, known, self._context, self._note, used=source != BaselineSource.SURVEY.chinese
        )
        baselines, merged = cells.baselines()
        limit = cells.limit()
        limiting = self._limiting(name, star or cells.star)
        lower, upper = self._physical_limits(unit)
        indicator = Indicator(
            code=self._code,
            name=name,
            category=category,
            unit=unit,
            direction=known or Direction.SMALLER,
            limiting=limiting,
            weight=self._weight(),
            baselines=baselines,
            source=next((s for s in BaselineSource if s.chinese == source), None),
            source_basis=record.text("来源依据"),
            decimals=self._decimals(),
            mandatory_limit=limit,
            lower=lower,
            upper=upper,
            explanation=record.text("指标解释"),
            formula=self._formula(),
            data_source=record.text("数据来源"),
            collection=record.text("采集方法"),
            selection_reason=record.text("选取理由"),
            qualitative_reason=record.text("定性理由"),
            guidance=self._guidance(),
            note=record.text("说明"),
            marks=marks,
            merged=merged,
        )
        return IndicatorRow(indicator, record, frozenset(self._unsure))

    def _add(self, code: str, where: str, **values: object) -> None:
        self._unsure.add(where)
        self._report.add(code, self._record.cell(where), **values)

    def _note(self, code: str, where: str, **values: object) -> None:
        """Report of a baseline cell; only one that could not be read at all is unsure."""
        if code in ("baseline-wrong", "limit-wrong"):
            self._unsure.add(where)
        self._report.add(code, self._record.cell(where), **values)

    def _category(self, categories: Sequence[Category]) -> str:
        says = self._record.text("一级指标")
        if not self._record.has("一级指标"):
            self._unsure.add("一级指标")
            return ""
        if not says:
            self._add("cell-blank", "一级指标", sheet=INDICATORS.title, heading="一级指标", row=self._record.row)
            return ""
        own = next((c.name for c in categories if normalise(c.name) == normalise(says)), None)
        known = standard().category(says) if own is None else None
        if known is not None:
            return known.name
        if own is None:
            names = [c.name for c in categories] or [c.name for c in standard().categories]
            self._add("category-unknown", "一级指标", found=says, suggestion=suggestion(says, names))
            # What was meant is clear enough to go on without reporting what follows from the slip.
            return nearest(says, names) or ""
        return own

    def _word(self, heading: str, others: dict[str, str]) -> str | None:
        before = len(self._report.findings)
        word = read_choice(self._record, INDICATORS.heading(heading), self._report, others)
        if len(self._report.findings) > before or not self._record.has(heading):
            self._unsure.add(heading)
        return word

    def _limiting(self, name: str, star: bool) -> bool:
        if star:  # a star in the name or in a baseline says the same as 是
            if self._record.text("限定性") in ("否", "N", "n"):
                self._report.add("star-against-limiting", self._record.cell("限定性"), name=name)
            return True
        if self._record.text("限定性").casefold() in ("*", "＊", "a", "限定性", "限定性指标"):
            return True  # the marks of published tables
        return read_yes_no(self._record, "限定性", self._report) or False

    def _formula(self) -> Formula:
        """Read 计算公式, once; arithmetic that cannot be read is reported, a sentence is printed as it stands."""
        formula = Formula.read(self._record.text("计算公式"))
        if formula.fault is not None and formula.meant_as_formula:
            reason, name = formula_fault(formula.fault), self._record.text("二级指标")
            self._add("formula-unreadable", "计算公式", name=name, found=formula.text[:60], reason=reason)
        return formula

    def _physical_limits(self, unit: str) -> tuple[Decimal | None, Decimal | None]:
        """Read 下限 and 上限; neither where they leave no value between them."""
        lower, upper = self._number("下限", unit), self._number("上限", unit)
        if lower is None or upper is None or lower < upper:
            return lower, upper
        name = self._record.text("二级指标")
        self._report.add("limits-crossed", self._record.cell("上限"), name=name, lower=lower, upper=upper)
        return None, None

    def _weight(self) -> Weight | None:
        before = len(self._report.findings)
        weight = read_weight(self._record, self._report, shares=True)
        if len(self._report.findings) > before:
            self._unsure.add("权重")
        return weight

    def _number(self, heading: str, unit: str = "") -> Decimal | None:
        if self._record.blank(heading):
            return None
        try:
            return decimal_of(self._record.value(heading), percent=self._record.percent(heading), unit=unit)
        except CellFaultError as fault:
            found = self._record.shown(heading)
            self._add("not-a-number", heading, heading=heading, found=found, reason=fault.reason)
            return None

    def _decimals(self) -> int | None:
        if self._record.blank("小数位"):
            return None
        try:
            number = decimal_of(self._record.value("小数位"))
            if number != int(number) or not 0 <= number <= MAX_DECIMALS:
                raise CellFaultError("不是 0 到 10 的整数")
        except CellFaultError as fault:
            self._add(
                "decimals-wrong", "小数位", found=self._record.shown("小数位"), reason=fault.reason, most=MAX_DECIMALS
            )
            return None
        return int(number)

    def _guidance(self) -> tuple[Guidance, ...]:
        words = [w for w in re.split(r"[、,，;；/\s]+", self._record.text("引导方向")) if w]
        known = {key(g.value): g for g in Guidance}
        wrong = [w for w in words if key(w) not in known]
        if wrong:
            choices = "、".join(g.value for g in Guidance)
            hint = suggestion(wrong[0], [g.value for g in Guidance])
            self._add(
                "not-a-choice", "引导方向", heading="引导方向", found="、".join(wrong), choices=choices,
                suggestion=hint if "是否" in hint else "",
            )  # fmt: skip
        return tuple(dict.fromkeys(known[key(w)] for w in words if key(w) in known))
