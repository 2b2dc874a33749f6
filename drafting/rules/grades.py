"""5.5: three grades for every indicator, one baseline only for what cannot be graded, limits with a basis."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.model.bounds import BoundKind
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Grade
from drafting.rules.case import Case


def grades(case: Case) -> Iterator[Finding]:
    """Find indicators with fewer than three grades (5.5.1) and unexplained single baselines of quantities (5.5.3)."""
    for indicator in case.inputs.system.active:
        given = _given(case, indicator)
        anchor = f"indicator:{indicator.code}"
        if len(given) == 1:
            if not indicator.qualitative and not indicator.note.strip():
                place = case.place("indicator", indicator.code, _heading(next(iter(given))), sheet="二级指标")
                yield finding("single-quantitative", place, indicator=indicator.name, anchor=anchor)
        elif len(given) == len(GRADES) - 1:
            missing = next(g for g in GRADES if g not in given)
            place = case.place("indicator", indicator.code, _heading(missing), sheet="二级指标")
            yield finding(
                "grades-incomplete", place, indicator=indicator.name, missing=missing.chinese[0],
                given="、".join(g.chinese[0] for g in GRADES if g in given), anchor=anchor,
            )  # fmt: skip


def _given(case: Case, indicator: Indicator) -> set[Grade]:
    """Grades with a baseline of their own: found by the run, or typed where it was not made."""
    found = case.results.baselines.of(indicator.code) if case.results.baselines else None
    if found is not None and found.by_grade:
        graded = {g for g, level in found.by_grade.items() if level.bound.kind is not BoundKind.MISSING}
        return {GRADES[0]} if found.single else graded
    return {g for g, b in indicator.baselines.items() if b.kind is not BoundKind.MISSING}


def _heading(grade: Grade) -> str:
    return f"{grade.chinese}基准值"


def limits(case: Case) -> Iterator[Finding]:
    """Find mandatory limits without a document that sets them."""
    for indicator in case.inputs.system.active:
        if indicator.mandatory_limit is not None and not indicator.source_basis.strip():
            place = case.place("indicator", indicator.code, "来源依据", sheet="二级指标")
            yield finding(
                "limit-no-basis", place, indicator=indicator.name, limit=indicator.mandatory_limit.text,
                anchor=f"indicator:{indicator.code}",
            )  # fmt: skip
