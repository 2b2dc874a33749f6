"""The short list sheets of 项目.xlsx: 一级指标, 政策依据, 引用文件, 术语, 专家组, 剔除."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drafting.findings import Cell
from drafting.model.characters import fold
from drafting.model.document import Policy, Reference, Term
from drafting.model.experts import Expert
from drafting.model.identity import name_key
from drafting.model.monitoring import Monitoring, SymbolUnit, quantity_key
from drafting.model.survey import Exclusion
from drafting.model.system import Category, Indicator
from drafting.model.weight import Weight
from drafting.notation.weights import WeightError, parse_weight
from drafting.rulebooks import rulebook
from drafting.standard import standard
from drafting.workbook.cells import CellFaultError, choice, decimal_of, typed, yes_no
from drafting.workbook.headings import (
    CATEGORIES,
    EXCLUSIONS,
    EXPERTS,
    MONITORING,
    POLICIES,
    REFERENCES,
    SYMBOL_UNITS,
    TERMS,
    Heading,
    SheetForm,
    key,
    round_number,
)
from drafting.workbook.project.tables import Tables
from drafting.workbook.report import Report, nearest, suggestion
from drafting.workbook.sheets import Sheet, Workbook
from drafting.workbook.table import Record, Table, read_table


def category_table(sheet: Sheet, report: Report) -> Table | None:
    """Find the rows of sheet 一级指标; None where it cannot be understood."""
    table = read_table(sheet, CATEGORIES, report)
    return None if table is None or "一级指标" not in table.columns else table


def read_categories(records: Iterable[Record], report: Report, rules: str = "") -> tuple[Category, ...]:
    """Read the first-level indicators of one table in the sheet's order; a bonus group may bear a name of its own.

    ``rules``: word of setting 评价规则: under rules with an open list names stand as they are.
    """
    is_open = rulebook(rules).open
    categories: dict[str, Category] = {}
    for record in records:
        bonus = read_yes_no(record, "附加", report) or False
        name = record.text("一级指标")
        if not name:
            report.add("category-no-name", record.cell("一级指标"))
            continue
        known = None if is_open else standard().category(name)
        if known is None and not bonus and not is_open:
            names = [c.name for c in standard().categories]
            place = record.cell("一级指标")
            if nearest(name, names) is not None:
                report.add("category-unknown", place, found=name, suggestion=suggestion(name, names))
                continue
            report.add("category-own", place, found=name)
        name = known.name if known else name
        if name in categories:
            first = report.cells["category", name].cell
            report.add("category-twice", record.cell("一级指标"), name=name, first=first)
            continue
        adopted = read_yes_no(record, "采用", report)
        weight = read_weight(record, report, shares=False)
        categories[name] = Category(name, adopted is not False, weight, bonus)
        keep_cells(report, ("category", name), record, CATEGORIES)
        report.cells["category", name] = record.cell("一级指标")
    return tuple(categories.values())


def keep_cells(report: Report, start: tuple[str, ...], record: Record, form: SheetForm) -> None:
    """Remember the cells of one record."""
    for heading in form.texts:
        if record.has(heading):
            report.cells[(*start, heading)] = record.cell(heading)


def read_yes_no(record: Record, heading: str, report: Report) -> bool | None:
    """Read 是/否 under a heading; None where blank or wrong (which is reported)."""
    try:
        return yes_no(record.value(heading))
    except CellFaultError:
        report.add("not-yes-or-no", record.cell(heading), heading=heading, found=record.shown(heading))
        return None


def read_choice(record: Record, heading: Heading, report: Report, others: dict[str, str] | None = None) -> str | None:
    """Read a word of a list under a heading; None where blank or wrong (which is reported)."""
    try:
        return choice(record.value(heading.text), heading.choices, others)
    except CellFaultError:
        hint = suggestion(record.text(heading.text), heading.choices)
        report.add(
            "not-a-choice", record.cell(heading.text), heading=heading.text, found=record.shown(heading.text),
            choices="、".join(heading.choices), suggestion=hint if "是否" in hint else "",
        )  # fmt: skip
        return None


def read_weight(record: Record, report: Report, *, shares: bool) -> Weight | None:
    """Read a typed weight: a number from 0 to 1 or a share such as 0.8/n; None where blank or wrong (then reported).

    ``shares``: whether n means something here: the indicators of a category can be counted, the categories themselves
    cannot.
    """
    if record.blank("权重"):
        return None
    value, place, found = record.value("权重"), record.cell("权重"), record.shown("权重")
    try:
        number = decimal_of(value, percent=record.percent("权重"))
    except CellFaultError as fault:
        if isinstance(value, str) and set(fold(value)) & set("n/"):
            return _written_weight(value, place, found, report, shares=shares)
        report.add("weight-wrong", place, found=found, reason=fault.reason)
        return None
    if 0 <= number <= 1:
        display = record.display("权重")
        if display is not None and typed(value, display, percent=record.percent("权重")) != display:
            name = record.text("二级指标") or record.text("一级指标")
            report.add("number-shown-otherwise", place, name=name, heading="权重", found=found, shown=display)
        return Weight.number(number)
    report.add("weight-wrong", place, found=found, reason=_WEIGHT_FAULTS["range"])
    return None


def _written_weight(text: str, place: Cell, found: str, report: Report, *, shares: bool) -> Weight | None:
    try:
        weight = parse_weight(text)
    except WeightError as error:
        reason = _WEIGHT_FAULTS[error.reason].format(detail=error.detail)
    else:
        if shares or not weight.shared:
            return weight
        reason = "一级指标之间没有可数的 n，须直接填数"
    report.add("weight-formula-wrong", place, found=found[:60], reason=reason)
    return None


_WEIGHT_FAULTS = {
    "text": "不是数，也不是 0.8/n 这样的份额", "too-long": "过长，不像是权重",
    "letter": "没有说明“{detail}”是什么，只有 n 有含义",
    "left-over": "n 后面的“{detail}”没有读懂", "division": "除数为 0", "zero": "份额为 0，各项都没有权重",
    "form": "不是一个数除以 n：适用项数变化时，各项之和不再是定值", "range": "不在 0 与 1 之间",
}  # fmt: skip


def _list(book: Workbook, form: SheetForm, report: Report) -> tuple[Record, ...]:
    """Return the records of an optional list sheet, nothing where it is absent or not understood.

    Rows without the column that makes them what they are (codes of experts, names of policies) say nothing: the finding
    about the heading is the one to mend.
    """
    sheet = book.sheet(form.title)
    table = read_table(sheet, form, report) if sheet is not None else None
    if table is None or any(h.required and h.text not in table.columns for h in form.headings):
        return ()
    return table.records


def _complete(record: Record, form: SheetForm, report: Report) -> bool:
    """Report the required cells of a row that are blank; whether there was none."""
    empty = [h.text for h in form.headings if h.required and record.has(h.text) and record.blank(h.text)]
    for heading in empty:
        report.add("cell-blank", record.cell(heading), sheet=form.title, heading=heading, row=record.row)
    return not empty


def read_policies(book: Workbook, report: Report) -> tuple[Policy, ...]:
    """Read 政策依据; the groups are those of 4.1."""
    policies: list[Policy] = []
    groups = {key(g): g for g in standard().policy_groups}
    for record in _list(book, POLICIES, report):
        if record.blank("名称"):
            if not record.blank("文号"):
                report.add("cell-blank", record.cell("名称"), sheet=POLICIES.title, heading="名称", row=record.row)
            continue  # a prefilled group without a policy yet
        group = record.text("类别")
        if key(group) not in groups:
            report.add(
                "policy-group-unknown",
                record.cell("类别"),
                found=group or "空白",
                suggestion=suggestion(group, groups.values()),
            )
        keep_cells(report, ("policy", str(len(policies))), record, POLICIES)
        policies.append(Policy(groups.get(key(group), group), record.text("名称"), record.text("文号")))
    return tuple(policies)


def read_references(book: Workbook, report: Report) -> tuple[Reference, ...]:
    """Read 引用文件."""
    references: list[Reference] = []
    for record in _list(book, REFERENCES, report):
        if not _complete(record, REFERENCES, report):
            continue
        keep_cells(report, ("reference", str(len(references))), record, REFERENCES)
        references.append(Reference(record.text("编号"), record.text("名称")))
    return tuple(references)


def read_monitoring(book: Workbook, report: Report) -> tuple[Monitoring, ...]:
    """Read 监测方法; what a row leaves open is for the rules to say."""
    found: list[Monitoring] = []
    for record in _list(book, MONITORING, report):
        if not _complete(record, MONITORING, report):
            continue
        keep_cells(report, ("monitoring", str(len(found))), record, MONITORING)
        found.append(Monitoring(*(record.text(h) for h in MONITORING.texts)))
    return tuple(found)


def read_symbol_units(book: Workbook, report: Report) -> tuple[SymbolUnit, ...]:
    """Read 符号单位; a quantity that stands twice is reported, the first row counts."""
    found: dict[str, SymbolUnit] = {}
    for record in _list(book, SYMBOL_UNITS, report):
        symbol = record.text("符号")
        if not symbol or (record.blank("单位") and record.blank("含义")):
            _complete(record, SYMBOL_UNITS, report)
            continue
        name = quantity_key(symbol)
        if name in found:
            first = report.cells["symbol", name, "符号"].cell
            report.add("symbol-unit-twice", record.cell("符号"), symbol=symbol, first=first)
            continue
        keep_cells(report, ("symbol", name), record, SYMBOL_UNITS)
        found[name] = SymbolUnit(symbol, record.text("含义"), record.text("单位"))
    return tuple(found.values())


def read_terms(book: Workbook, report: Report) -> tuple[Term, ...]:
    """Read 术语."""
    terms: list[Term] = []
    for record in _list(book, TERMS, report):
        if not _complete(record, TERMS, report):
            continue
        keep_cells(report, ("term", str(len(terms))), record, TERMS)
        terms.append(Term(record.text("术语"), record.text("英文"), record.text("定义"), record.text("来源")))
    return tuple(terms)


def read_experts(book: Workbook, tables: Tables, report: Report) -> tuple[Expert, ...]:
    """Read 专家组: codes and self-assessments."""
    experts: dict[str, Expert] = {}
    places: dict[str, Cell] = {}
    """Of the codes that were read, by what makes two of them the same."""
    assessed = ("实践经验", "理论分析", "国内外资料", "直觉", "熟悉程度")
    for record in _list(book, EXPERTS, report):
        if not _complete(record, EXPERTS, report):
            continue
        code = record.text("专家代号")
        if not code:  # a sheet without that column: its heading has been reported
            continue
        first = places.setdefault(name_key(code), record.cell("专家代号"))
        if first != record.cell("专家代号"):
            report.add("expert-twice", record.cell("专家代号"), code=code, first=first.cell)
            continue
        words = [read_choice(record, EXPERTS.heading(h), report) or "" for h in assessed]
        keep_cells(report, ("expert", str(len(experts))), record, EXPERTS)
        left = _round_left(record, report)
        practice, theory, literature, intuition, familiarity = words
        experts[code] = Expert(
            code=code, field_of_work=record.text("专业领域"), title=record.text("职称"), years=record.text("从业年限"),
            practice=practice, theory=theory, literature=literature, intuition=intuition, familiarity=familiarity,
            left_in=left, tables=tables.named(record, report) or (),
        )  # fmt: skip
    return tuple(experts.values())


def _round_left(record: Record, report: Report) -> int | None:
    """Read from which round an expert takes no part: 2, 第2轮 or 第二轮."""
    if record.blank("退出"):
        return None
    number = round_number(record.text("退出"))
    if number is None:
        report.add("expert-left-wrong", record.cell("退出"), found=record.shown("退出"))
    return number


def read_exclusions(book: Workbook, indicators: Sequence[Indicator], report: Report) -> tuple[Exclusion, ...]:
    """Read 剔除; a row without a reason or with an unknown indicator is reported and left out.

    A row that names an indicator with class rows is about whichever class the enterprise has.
    """
    codes = {key(word): i.of or i.code for i in indicators for word in (i.of_name, i.of, i.name, i.code) if word}
    exclusions: list[Exclusion] = []
    for record in _list(book, EXCLUSIONS, report):
        if not _complete(record, EXCLUSIONS, report):
            continue
        says = record.text("指标")
        if says and key(says) not in codes:
            if indicators:  # without any, the sheet 二级指标 is what has to be mended
                hint = suggestion(says, [i.name for i in indicators])
                report.add("exclusion-indicator", record.cell("指标"), found=says, suggestion=hint)
            continue
        keep_cells(report, ("exclusion", str(len(exclusions))), record, EXCLUSIONS)
        exclusions.append(Exclusion(record.text("企业"), codes[key(says)] if says else "", record.text("理由")))
    return tuple(exclusions)
