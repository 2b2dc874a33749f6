"""Where each of several tables stands in one self-assessment workbook, and which of their rows ask the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drafting.workbook.assessment.combination import (
    COMBINED,
    FRONT,
    FRONT_ENTERPRISE,
    FRONT_VIOLATION,
    FRONT_YEAR,
    TableForm,
    chosen_cell,
    on_front,
)
from drafting.workbook.assessment.layout import ENTERPRISE_CELL, VIOLATION_CELL, YEAR_CELL, Layout, Names, Twin
from drafting.workbook.headings import INSTRUCTIONS_SHEET, key, sheet_title

_RESERVED = frozenset(key(name) for name in (FRONT, COMBINED, INSTRUCTIONS_SHEET))


def table_layouts(tables: Sequence[TableForm], scoring: str) -> tuple[Layout, ...]:
    """Give every table its sheets."""
    heads = {
        ENTERPRISE_CELL: on_front(FRONT_ENTERPRISE),
        YEAR_CELL: on_front(FRONT_YEAR),
        VIOLATION_CELL: on_front(FRONT_VIOLATION),
    }
    layouts = [
        Layout(t.draft, _names(t.key), scoring, t.output_unit, chosen_cell(n), heads) for n, t in enumerate(tables)
    ]
    return tuple(replace(layout, twins=_twins(layouts, n)) for n, layout in enumerate(layouts))


def _names(table: str) -> Names:
    title = sheet_title(table)
    if key(title) in _RESERVED:
        title = f"{title}（表）"
    return Names(title, f"{title}·结果", f"{title}·计算")


def _twins(layouts: Sequence[Layout], n: int) -> Mapping[int, tuple[Twin, ...]]:
    """Rows of the other tables with the same qualitative indicator: the answer is one of the whole enterprise."""
    found: dict[int, tuple[Twin, ...]] = {}
    for j, indicator in enumerate(layouts[n].draft.indicators):
        if not indicator.qualitative or indicator.of:
            continue
        twins = [
            Twin(chosen_cell(m), other.on_form(other.value(k)), other.on_form(other.mark(k)))
            for m, other in enumerate(layouts)
            for k, same in enumerate(other.draft.indicators)
            if m != n and same.code == indicator.code
        ]
        if twins:
            found[j] = tuple(twins)
    return found
