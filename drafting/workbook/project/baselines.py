"""The baseline cells of a row of sheet 二级指标: read with the row, merged cells as one, what is not judged said."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from drafting.model.bounds import Bound, BoundKind, parse_bound
from drafting.model.characters import fold
from drafting.model.terms import GRADES, Direction, Grade
from drafting.notation.by_class import BY_CLASS, class_rows
from drafting.notation.cells_row import NO_UNIT, Reading, Row, numbers_like_marks, read_baseline, unlike
from drafting.notation.typography import changes
from drafting.workbook.cells import CellError, CellFaultError, ShapedNumber, decimal_of, is_blank, shown, typed
from drafting.workbook.sheets import is_date
from drafting.workbook.table import Record

BASELINE_HEADINGS: Mapping[Grade, str] = MappingProxyType({g: f"{g.chinese}基准值" for g in GRADES})
LIMIT_HEADING = "强制性限值"
_GROUPED = re.compile(r"(?<![0-9])[0-9]{1,3}(?: [0-9]{3})+(?![0-9])")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_OWN_NUMBER = frozenset({"left-over", "several", BY_CLASS, "dated", "two-sided"})
_SIGN = {Direction.SMALLER: "≤", Direction.LARGER: "≥"}


@dataclass(frozen=True, slots=True)
class CellContext:
    """What the cells of the table rest on beside their row: the marks of 表注, and 实施日期."""

    marks: frozenset[str] = frozenset()
    effective: date | None = None


@dataclass
class BaselineCells:
    """Reads the baseline cells of one row.

    ``add`` reports a finding at a heading's cell: ``add(code, heading, **values)``.
    """

    record: Record
    name: str
    unit: str
    direction: Direction | None
    context: CellContext
    add: Callable[..., None]
    used: bool = True
    """Whether the typed values count: where the survey overrules them, nothing is said of how they read."""
    star: bool = False
    readings: dict[str, Reading] = field(default_factory=dict)

    def baselines(self) -> tuple[Mapping[Grade, Bound], frozenset[Grade]]:
        """Typed baselines by grade, and the grades whose cell is merged with the one to the left."""
        bounds: dict[Grade, Bound] = {}
        merged: set[Grade] = set()
        anchors = {grade: self._anchor(heading) for grade, heading in BASELINE_HEADINGS.items()}
        for grade, heading in BASELINE_HEADINGS.items():
            anchor = anchors[grade]
            if anchor != heading:
                before = next((g for g, h in BASELINE_HEADINGS.items() if h == anchor), None)
                if before in bounds:
                    bounds[grade] = bounds[before]
                    merged.add(grade)
                continue
            bound = self.bound(heading)
            if bound is not None and bound.kind is not BoundKind.MISSING:
                bounds[grade] = bound
        if merged == {Grade.II, Grade.III} and anchors[Grade.III] == BASELINE_HEADINGS[Grade.I]:
            return MappingProxyType({Grade.I: bounds[Grade.I]}), frozenset()  # one baseline for all grades (5.5.3)
        self._by_class(frozenset(merged))
        self._blank_grade(bounds)
        return MappingProxyType(bounds), frozenset(merged)

    def _by_class(self, merged: frozenset[Grade]) -> None:
        """Say of cells with a baseline for each class which rows to write instead."""
        read = {g: self.readings.get(h) for g, h in BASELINE_HEADINGS.items() if g not in merged}
        filled = {g: r for g, r in read.items() if r is not None}
        faulty = [BASELINE_HEADINGS[g] for g, r in filled.items() if r.fault == BY_CLASS]
        if not faulty or self.direction is None or not self.used:
            return
        rows = class_rows(list(filled.values()), self._row)
        if rows:
            told = (
                f"“{name}”一行" + "、".join(f"{g.chinese}{cell}" for g, cell in zip(filled, cells, strict=True))
                for name, cells in rows.items()
            )
            how = f"改为 {len(rows)} 行，加一列“类别”：{'；'.join(told)}。第二行起名称、代码、权重空着"
        else:
            example = self._example(self.readings[faulty[0]])
            how = f"加一列“类别”，按类别各立一行，各级的类别应相同，每格一个数值，如 {example}"
        for heading in faulty:
            values = {"name": self.name, "heading": heading, "found": self.record.shown(heading)}
            self.add("baseline-by-class", heading, **values, how=how)

    def _anchor(self, heading: str) -> str:
        """The heading whose column holds the value of a horizontally merged cell; itself where nothing is merged."""
        columns = self.record.table.columns
        column = columns.get(heading)
        for top, left, bottom, right in self.record.table.sheet.merges:
            if column is not None and top <= self.record.row <= bottom and left < column <= right:
                return next((h for h, c in columns.items() if c == left), heading)
        return heading

    def _blank_grade(self, bounds: Mapping[Grade, Bound]) -> None:
        """Say how a grade is judged whose cell is blank beside two filled ones."""
        if self.direction in (None, Direction.QUALITATIVE) or len(bounds) != len(GRADES) - 1 or not self.used:
            return
        grade = next(g for g in GRADES if g not in bounds)
        if not self.record.blank(BASELINE_HEADINGS[grade]) or not self.record.has(BASELINE_HEADINGS[grade]):
            return  # a dash is a decision
        stand_in = GRADES[max(GRADES.index(grade) - 1, 0)] if grade is not GRADES[0] else GRADES[1]
        heading = BASELINE_HEADINGS[grade]
        self.add("baseline-grade-blank", heading, name=self.name, heading=heading, instead=stand_in.chinese)

    @property
    def _row(self) -> Row:
        direction = self.direction.value if self.direction else ""
        return Row(self.name, self.unit, direction, self.context.marks, self.context.effective)

    def bound(self, heading: str) -> Bound | None:
        """Read one cell; None where it is blank or no baseline at all (which is reported)."""
        value = self.record.value(heading)
        if is_blank(value):
            return None
        if is_date(value) or isinstance(value, CellError | bool):
            reason = "是日期" if is_date(value) else "不是基准值"
            self.add("baseline-wrong", heading, heading=heading, found=self.record.shown(heading), reason=reason)
            return None
        try:  # signs, units and scales of a number format are on the screen only: what shows ≤95 is 95 in the cell
            _ = isinstance(value, ShapedNumber) and decimal_of(value, unit=self.unit)
        except CellFaultError as fault:
            found = self.record.shown(heading)
            self.add("baseline-wrong", heading, heading=heading, found=found, reason=fault.reason)
            return None
        display = self.record.display(heading)
        says = typed(value, display, percent=self.record.percent(heading))
        if display is not None and display != says and self.used:
            self.add("number-shown-otherwise", heading, name=self.name, heading=heading, found=says, shown=display)
        reading = unlike(read_baseline(says, self._row), self.readings.values(), self._row)
        self.readings[heading] = reading
        self.star |= reading.star
        if self.direction is not None and self.used:
            self._report(heading, reading)
        return reading.bound

    def _report(self, heading: str, reading: Reading) -> None:
        values = {"name": self.name, "heading": heading, "found": self.record.shown(heading)}
        if both := numbers_like_marks(reading.bound.text, self.context.marks):
            self.add("mark-or-number", heading, **values, signs="、".join(both))
        if changed := changes(reading.bound.text if reading.bound.body is None else reading.bound.body):
            printed = shown(reading.bound.format())
            self.add("baseline-typography", heading, **values, printed=printed, changes="、".join(changed))
        if reading.factor != 1 and reading.bound.number is not None:
            value = f"{reading.bound.number:f}"
            self.add("baseline-converted", heading, **values, value=value, unit=self.unit)
        if not reading.fault or heading == LIMIT_HEADING or reading.fault == BY_CLASS:
            return
        if reading.fault == "unit":
            values["reason"] = self._unit_reason(reading)
        elif reading.fault == "dated":
            values["reason"] = "没有填写实施日期" if self.context.effective is None else "没有一段包括实施日期"
        elif reading.fault == "two-sided" and self.direction:
            values["direction"] = self.direction.chinese
        values |= {"left": shown(reading.left), "example": self._example(reading)}
        self.add(f"baseline-{reading.fault}", heading, **values)

    def _unit_reason(self, reading: Reading) -> str:
        """Why a cell's unit is none to judge by."""
        if self.unit.strip() not in NO_UNIT:
            return f"不能换算为指标的单位“{self.unit}”"
        other = next((r.bound.unit for r in self.readings.values() if r is not reading and r.bound.unit), None)
        why = "不认识" if other is None else f"与本行前面的“{other}”不同"
        return f"{why}，而“单位”一列没有写单位"

    def _example(self, reading: Reading) -> str:
        """A form of the cell that would be read: with its own number where it has one."""
        says = reading.bound.text if reading.bound.body is None else reading.bound.body
        plain = parse_bound(_GROUPED.sub(lambda m: m[0].replace(" ", ""), says))
        of = [plain, *plain.parts] if reading.fault in _OWN_NUMBER else []
        number = next((b.number for b in of if b.number is not None), None)
        if number is None and reading.fault == "approximate" and (found := _NUMBER.search(fold(says))):
            number = Decimal(found[0])
        sign = _SIGN.get(self.direction, "≤") if self.direction else "≤"
        return f"{sign}{'0.65' if number is None else format(number, 'f')}"

    def limit(self) -> Bound | None:
        """Read 强制性限值, which has to be a number."""
        bound = self.bound(LIMIT_HEADING)
        if bound is None or bound.kind is BoundKind.MISSING:
            return None
        reading = self.readings[LIMIT_HEADING]
        limits = (BoundKind.QUANTITY, BoundKind.RANGE, BoundKind.FORMULA)
        if reading.fault or (bound.kind not in limits and not bound.judged):
            self.add("limit-wrong", LIMIT_HEADING, found=self.record.shown(LIMIT_HEADING))
            return None
        return bound
