"""What the cells of 项目.xlsx say about each other: baselines in order, sources with basis, weights that sum to 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from drafting.model.bounds import Bound, BoundKind, Operator
from drafting.model.system import FIRST_LEVEL, Category
from drafting.model.terms import GRADES, BaselineSource, Direction
from drafting.model.weight import Weight, in_full
from drafting.workbook.project.baselines import BASELINE_HEADINGS
from drafting.workbook.project.indicators import IndicatorRow
from drafting.workbook.report import Report
from drafting.workbook.table import Table

_CONTRARY = {
    Direction.SMALLER: frozenset({Operator.AT_LEAST, Operator.ABOVE}),
    Direction.LARGER: frozenset({Operator.AT_MOST, Operator.BELOW}),
}


def check_indicator(row: IndicatorRow, report: Report) -> None:
    """Report what the cells of one row say against each other."""
    _check_operators(row, report)
    _check_limit(row, report)
    _check_source(row, report)


def _check_operators(row: IndicatorRow, report: Report) -> None:
    """Report comparison signs that point against the direction: an error where all of a row do, else a warning.

    Tables of practice mix ≤ and ≥ in a row (5.5.3 and values by class), so a single one does not stop the work. Values
    that the survey overrules are not looked at.
    """
    indicator = row.indicator
    contrary = _CONTRARY.get(indicator.direction)
    if contrary is None or "方向" in row.unsure:
        return
    typed = {} if indicator.source is BaselineSource.SURVEY else dict(indicator.baselines)
    limit = indicator.mandatory_limit
    for cells in (
        [(BASELINE_HEADINGS[g], typed[g]) for g in GRADES if g in typed],
        [] if limit is None else [("强制性限值", limit)],
    ):
        signs = [(heading, bound, sign) for heading, bound in cells for sign in _signs(bound)]
        wrong = [(heading, bound, sign) for heading, bound, sign in signs if sign in contrary]
        if wrong:
            heading, bound, sign = wrong[0]
            code = "operator-against-direction" if len(wrong) == len(signs) else "operator-mixed"
            report.add(
                code, row.record.cell(heading), name=indicator.name, heading=heading, found=bound.text,
                sign=sign.symbol, direction=indicator.direction.chinese,
            )  # fmt: skip


def _check_limit(row: IndicatorRow, report: Report) -> None:
    """Say which end of a range is the mandatory limit."""
    indicator, limit = row.indicator, row.indicator.mandatory_limit
    if limit is None or limit.kind is not BoundKind.RANGE or indicator.qualitative or "方向" in row.unsure:
        return
    report.add(
        "limit-range", row.record.cell("强制性限值"), indicator=indicator.name, found=limit.text,
        direction=indicator.direction.chinese, value=limit.as_judged(indicator.direction.value),
    )  # fmt: skip


def _signs(bound: Bound) -> Iterator[Operator]:
    """Comparison signs of a cell, those of its parts included; a bare number has none."""
    judged = bound.kind in (BoundKind.QUANTITY, BoundKind.FORMULA)  # a date's "before" is no limit on the value
    if judged and bound.operator is not None and bound.operator is not Operator.EQUAL:
        yield bound.operator
    for part in bound.parts:
        yield from _signs(part)


def _check_source(row: IndicatorRow, report: Report) -> None:
    indicator, record = row.indicator, row.record
    if "基准值来源" in row.unsure or "方向" in row.unsure:
        return
    wrong_cells = row.unsure & set(BASELINE_HEADINGS.values())
    typed = [BASELINE_HEADINGS[g] for g in GRADES if g in indicator.baselines]
    qualitative = indicator.qualitative
    if indicator.source is BaselineSource.POLICY:
        if not typed and not wrong_cells:
            report.add("policy-no-value", record.cell(BASELINE_HEADINGS[GRADES[0]]), name=indicator.name)
        if not indicator.source_basis:
            report.add("policy-no-basis", record.cell("来源依据"), name=indicator.name)
    elif indicator.source is BaselineSource.SURVEY and qualitative:
        report.add(
            "source-direction",
            record.cell("基准值来源"),
            name=indicator.name,
            source="调研",
            direction="定性",
            needed="定性",
        )
    elif indicator.source is BaselineSource.QUALITATIVE and not qualitative:
        report.add(
            "source-direction", record.cell("基准值来源"), name=indicator.name, source="定性",
            direction=indicator.direction.chinese, needed="调研或政策",
        )  # fmt: skip
    elif indicator.source is BaselineSource.SURVEY and typed:
        value = record.shown(typed[0])
        report.add("survey-wins", record.cell(typed[0]), name=indicator.name, heading=typed[0], found=value)
    elif indicator.source is None and typed and not qualitative:
        report.add("source-blank", record.cell("基准值来源"), name=indicator.name, found=record.shown(typed[0]))
    if qualitative and not typed and not wrong_cells and indicator.source is not BaselineSource.POLICY:
        report.add("qualitative-no-text", record.cell(BASELINE_HEADINGS[GRADES[0]]), name=indicator.name)


def check_categories(
    categories: Sequence[Category], rows: Sequence[IndicatorRow], report: Report, *, complete: bool
) -> None:
    """Report indicators of a category that is not listed, and adopted categories without indicators."""
    listed = {c.name for c in categories}
    used = {r.indicator.category for r in rows}
    if complete:
        missing: set[str] = set()
        for row in rows:
            name = row.indicator.category
            if name and name not in listed | missing and "一级指标" not in row.unsure:
                missing.add(name)
                report.add("category-not-listed", row.record.cell("一级指标"), name=name)
    for category in categories:
        if category.adopted and category.name not in used and rows:
            place = report.cells["category", category.name]
            report.add("category-without-indicators", place, name=category.name)


def check_first_level_weights(categories: Sequence[Category], table: Table | None, report: Report) -> None:
    """Report first-level weights that are partly typed or do not sum to exactly 1."""
    weighted = [c for c in categories if c.adopted and not c.bonus]
    wrong = {"weight-wrong", "weight-formula-wrong"}
    if table is None or any(f.code in wrong and f.place.sheet == table.sheet.title for f in report.findings):
        return
    cells = [(c.weight, ("category", c.name, "权重"), c.name) for c in weighted]
    _check_group(FIRST_LEVEL, cells, report)


def check_second_level_weights(categories: Sequence[Category], rows: Sequence[IndicatorRow], report: Report) -> None:
    """Report groups of second-level weights that are partly typed or do not sum to exactly 1."""
    for category in categories:
        group = [r for r in rows if r.indicator.category == category.name]
        if any("权重" in r.unsure for r in group) or not category.adopted:
            continue
        cells = [(r.indicator.weight, ("indicator", r.indicator.code, "权重"), r.indicator.name) for r in group]
        _check_group(category.name, cells, report)


def _check_group(group: str, cells: Sequence[tuple[Weight | None, tuple[str, ...], str]], report: Report) -> None:
    typed = [(w, k) for w, k, _ in cells if w is not None]
    if not typed:
        return
    blank = [(k, name) for w, k, name in cells if w is None]
    if blank:
        place = report.cells.get(blank[0][0]) or report.cells[blank[0][0][:-1]]
        names = "、".join(name for _, name in blank[:5]) + ("等" if len(blank) > 5 else "")
        report.add("weights-partly-typed", place, group=group, count=len(blank), total=len(cells), names=names)
        return
    total = sum(in_full(w for w, _ in typed), Fraction(0))
    if total != 1:
        place = report.cells[typed[0][1]]
        span = f"{place.cell}～{report.cells[typed[-1][1]].cell}"
        report.add("weights-sum", place, group=group, total=_short(total), span=span, difference=_short(1 - total))


def _short(number: Fraction) -> str:
    return f"{float(number):.10g}"


def unsure_directions(rows: Sequence[IndicatorRow]) -> frozenset[str]:
    """Codes of indicators whose direction is not known for certain."""
    return frozenset(r.indicator.code for r in rows if "方向" in r.unsure)
