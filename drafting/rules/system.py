"""5.1, 5.3: two levels, first-level indicators from the nine categories in their order, limiting indicators marked."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.catalogue import catalogue
from drafting.findings import Finding, finding
from drafting.rules.case import Case, blank_fields
from drafting.standard import standard

_ANCHOR = "table:system"


def categories(case: Case) -> Iterator[Finding]:
    """Check names and order of the first level; a category without indicators is the reader's finding."""
    system = case.inputs.system
    order = [c.name for c in standard().categories]
    words = "、".join(order)
    if not system.weighted:
        yield finding("category-empty", case.place("category", sheet="一级指标"), anchor=_ANCHOR)
        return
    highest, before = -1, ""
    for category in (c for c in system.categories if c.adopted and not c.bonus):
        known = standard().category(category.name)
        place = case.place("category", category.name, sheet="一级指标")
        if known is None:
            yield finding("category-foreign", place, name=category.name, order=words, anchor=_ANCHOR)
            continue
        position = order.index(known.name)
        if position < highest:
            yield finding("category-order", place, name=category.name, before=before, order=words, anchor=_ANCHOR)
        else:
            highest, before = position, category.name


def completeness(case: Case) -> Iterator[Finding]:
    """Note categories of 5.1 that the draft leaves out."""
    system = case.inputs.system
    used = {known.name for c in system.weighted if (known := standard().category(c.name))}
    if not used:
        return
    for category in standard().categories:
        if category.name not in used:
            place = case.place("category", category.name, sheet="一级指标")
            yield finding("category-not-adopted", place, name=category.name, anchor=_ANCHOR)


def limiting_marks(case: Case) -> Iterator[Finding]:
    """Find a system without any limiting indicator."""
    active = case.inputs.system.heads
    if active and not any(i.limiting for i in active):
        place = case.place("indicator", active[0].code, "限定性", sheet="二级指标")
        yield finding("limiting-none", place, anchor=_ANCHOR)


def units(case: Case) -> Iterator[Finding]:
    """Note quantitative indicators without unit whose explanation does not call them dimensionless (量纲为一)."""
    active = case.inputs.system.heads
    lacking = (i for i in active if not (i.qualitative or i.unit.strip() or "量纲" in i.explanation))
    yield from blank_fields(case, "unit-missing", "单位", lacking)


# --- 5.3 --------------------------------------------------------------------------------------------------------------
def limiting(case: Case) -> Iterator[Finding]:
    """Note indicators named by 5.3 that are neither marked nor explained (说明), and those that are absent.

    Why some are absent is told in 编制过程 and printed in the 编制说明.
    """
    active = case.inputs.system.heads
    if not active:
        return
    for indicator in active:
        rule = catalogue().limiting_rule(indicator.name)
        if rule is None or indicator.limiting or indicator.note.strip():
            continue
        place = case.place("indicator", indicator.code, "限定性", sheet="二级指标")
        yield finding(
            "limiting-unmarked", place, indicator=indicator.name, named=rule.name, anchor=f"indicator:{indicator.code}",
        )  # fmt: skip
    absent = [r.name for r in catalogue().limiting if r.patterns and not any(r.matches(i.name) for i in active)]
    if absent and not case.inputs.process.limiting.strip():
        place = case.place("indicator", active[0].code, "限定性", sheet="二级指标")
        yield finding("limiting-absent", place, named="、".join(absent), anchor="part:selection")
