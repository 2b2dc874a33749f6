"""Baselines that were tried, taken over: which cells of 项目.xlsx change, and a copy with them changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drafting.findings import Cell
from drafting.model.bounds import bound_for
from drafting.model.terms import GRADES, BaselineSource
from drafting.workbook.headings import PROJECT_FILE
from drafting.workbook.patching import PatchError, patched

if TYPE_CHECKING:
    from drafting.analysis.baselines.what_if import Change
    from drafting.run import Run

_SOURCE, _BASIS = "基准值来源", "来源依据"


@dataclass(frozen=True, slots=True)
class Touched:
    """A cell that changes: where, under which heading, what it is to say."""

    cell: Cell
    heading: str
    text: str


def touched(run: Run, code: str, changes: Sequence[Change], basis: str) -> tuple[Touched, ...]:
    """Say which cells change.

    A value of the survey that is changed is the survey's no more: all its grades are typed then, the source becomes
    政策, and 来源依据 says on what the committee decided.

    Raises PatchError if the workbook has no column for it, or the indicator has baselines by stratum.

    ``basis``: what 来源依据 is to say; empty leaves it as it is.
    """
    inputs, baselines = run.project.inputs, run.results.baselines
    found = baselines.of(code) if baselines else None
    if inputs is None or found is None:
        raise PatchError("这项指标还没有基准值")
    if baselines is not None and any(one.code == code for one in baselines.strata):
        raise PatchError("这项指标各分组有自己的基准值，表中的一个值不能代替它们")
    wanted = {c.grade: bound_for(found.direction.value, c.value).format() for c in changes if c.code == code}
    surveyed = found.source is BaselineSource.SURVEY
    cells = []
    for grade in GRADES:
        baseline = found.by_grade.get(grade)
        if grade in wanted or (surveyed and baseline is not None):
            text = wanted[grade] if grade in wanted else baseline.bound.format() if baseline else ""
            cells.append(_touched(run, code, f"{grade.chinese}基准值", text))
    if surveyed:
        cells.append(_touched(run, code, _SOURCE, BaselineSource.POLICY.chinese))
    if basis:
        cells.append(_touched(run, code, _BASIS, basis))
    return tuple(cells)


def _touched(run: Run, code: str, heading: str, text: str) -> Touched:
    where = run.project.provenance
    cell, row = where.find("indicator", code, heading), where.find("indicator", code)
    if cell is None or cell == row or cell.file != PROJECT_FILE:
        raise PatchError(f"{PROJECT_FILE} 的“二级指标”表没有“{heading}”一列；请先在 Excel 中加上")
    return Touched(cell, heading, text)


def copy_of(data: bytes, cells: Sequence[Touched]) -> bytes:
    """Give 项目.xlsx with these cells changed; everything else as it is.

    Raises PatchError, OpeningError if that is impossible.
    """
    return patched(data, {(t.cell.sheet, t.cell.cell): t.text for t in cells})
