"""Class rows (类别) in the self-assessment workbook: which of them apply, and how several of them count (类别计分)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drafting.model.tables import ALL_REACHED, EQUALLY
from drafting.workbook.assessment.digits import LARGEST_WHOLE
from drafting.workbook.assessment.excel_formula import quoted
from drafting.workbook.assessment.layout import CALC_HEADINGS, CLASS_COLUMNS, Layout
from drafting.workbook.style import font, put

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

_HEADINGS = ("类别产量（整数）", "部分Ⅰ", "部分Ⅱ", "部分Ⅲ", "产量之和", "类别不明", "另表不同")
_MOST_DECIMALS = 6


def applies(layout: Layout, j: int, unmarked: str) -> str:
    """Formula of 适用 for a class row: the enterprise has the classes that it fills in.

    Where it fills in none of an indicator the first one that is not marked counts, as a missing value; where the value
    may come from raw totals, all that are not marked.

    ``unmarked``: formula that is 1 unless the row is marked 不适用.
    """
    pool = layout.pool(j)
    filled = [f'{layout.on_form(layout.value(k))}<>""' for k in pool]
    others = [f for k, f in zip(pool, filled, strict=True) if k != j]
    first = "1"
    if j not in layout.unit_formulas():
        before = [layout.cell("applies", k) for k in pool[: pool.index(j)]]
        first = f"IF({'+'.join(before)}=0,1,0)" if before else "1"
    chosen = f"IF({filled[pool.index(j)]},1,IF(OR({','.join(others)}),0,{first}))" if others else "1"
    return f"=IF({unmarked}=1,{chosen},0)"


def reached(layout: Layout, j: int, grade: int) -> str:
    """Formula of 达到: under 全部达到 a class row reaches a grade only if the indicator's others do."""
    tests = []
    for k in layout.pool(j) if layout.scoring == ALL_REACHED else (j,):
        hits = f"MAX({','.join(layout.cell(f'h{g + 1}', k) for g in range(grade + 1))})"
        own = f"IF({layout.cell('missing', k)}=0,{hits},0)"
        tests.append(own if k == j else f"IF({layout.cell('applies', k)}=1,{own},1)")
    return f"=IF({layout.cell('applies', j)}=1,{'*'.join(tests)},0)"


def write_class_rows(sheet: Worksheet, layout: Layout) -> None:
    """Write what outputs give the classes, and where several classes cannot be counted."""
    if not layout.pools:
        return
    for column, heading in zip(CLASS_COLUMNS, _HEADINGS, strict=True):
        letters = layout.class_cell(column, 0).replace("$", "").rstrip("0123456789")
        put(sheet[f"{letters}{CALC_HEADINGS}"], heading)
        sheet[f"{letters}{CALC_HEADINGS}"].font = font(size=9, bold=True)
    if layout.by_output:
        put(sheet[_scale(1).replace("$", "")], "产量的倍数")
        sheet[_scale(2).replace("$", "")].value = f"={scale(_outputs(layout))}"
    for pool in layout.pools:
        for j in pool:
            for column, content in _row(layout, pool, j).items():
                cell = sheet[layout.class_cell(column, j).replace("$", "")]
                cell.value, cell.font = f"={content}", font(size=9)


def _row(layout: Layout, pool: Sequence[int], j: int) -> dict[str, str]:
    count = "+".join(layout.cell("applies", k) for k in pool)
    found = {}
    if layout.by_output:
        own, typed = layout.cell("applies", j), _output(layout, j)
        whole = f"IF(ISNUMBER({typed}),ROUND({typed}*{_scale(2)},0),0)"
        output = layout.class_cell("output", j)
        found["output"] = f"IF({own}=0,0,IF({count}=1,1,{whole}))"
        found |= {f"part{g}": f"{output}*{layout.cell(f'r{g}', j)}" for g in (1, 2, 3)}
    if j == pool[0]:
        outputs = "+".join(layout.class_cell("output", k) for k in pool)
        missing = "+".join(layout.cell("missing", k) for k in pool)
        if layout.by_output:
            lacking = [f"AND({layout.cell('applies', k)}=1,NOT({_usable(_output(layout, k))}))" for k in pool]
            wrong = f"OR({','.join(lacking)},{outputs}=0,{outputs}>{LARGEST_WHOLE})"
            found["whole"] = f"IF({outputs}=0,1,{outputs})"
            found["unclear"] = f"IF(AND({count}>1,{wrong}),1,0)"
        else:
            several = layout.scoring not in (EQUALLY, ALL_REACHED)
            found["unclear"] = f"IF(AND({count}>1,{missing}<{count}),1,0)" if several else "0"
    return found


def _outputs(layout: Layout) -> list[str]:
    return [layout.amount("number", cell) for cell in layout.class_cells().values()]


def _output(layout: Layout, j: int) -> str:
    return layout.amount("number", layout.class_cells()[layout.draft.indicators[j].class_name])


def _usable(number: str) -> str:
    return f"IF(ISNUMBER({number}),{number}>=0,FALSE)"


def _scale(row: int) -> str:
    return f"$F${row}"


def scale(cells: Sequence[str]) -> str:
    """Formula of the power of ten that makes whole numbers of all; 0 where one has more decimals than are counted."""
    found = "0"
    for n in reversed(range(_MOST_DECIMALS + 1)):
        whole = ",".join(f"ROUND(N({cell}),{n})=N({cell})" for cell in cells)
        found = f"IF(AND({whole}),{10**n},{found})"
    return found


def part(layout: Layout, pool: Sequence[int], grade: int) -> str:
    """Sum of the outputs of the classes that reach a grade."""
    return "+".join(layout.class_cell(f"part{grade + 1}", j) for j in pool)


def whole_of(layout: Layout, pool: Sequence[int]) -> str:
    """Sum of the outputs of the enterprise's classes; 1 where there is none."""
    return layout.class_cell("whole", pool[0])


def faults(layout: Layout) -> str:
    """Number of indicators whose classes cannot be counted."""
    return "+".join(layout.class_cell("unclear", pool[0]) for pool in layout.pools)


def several_words(layout: Layout) -> list[tuple[str, str]]:
    """For each indicator with class rows the cell that says that they cannot be counted, and the sentence for it."""
    said = "几个类别的产量未填全，或数字有误" if layout.by_output else "填了几个类别，而一家企业只属于一个类别"
    return [
        (layout.class_cell("unclear", pool[0]), quoted(f"“{layout.draft.indicators[pool[0]].of_name}”{said}，不能评定"))
        for pool in layout.pools
    ]


__all__ = ["applies", "faults", "part", "reached", "scale", "several_words", "whole_of", "write_class_rows"]
