"""Findings that only follow from another one are not reported: they are gone when that one is mended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from drafting.findings import Finding

_LOST = frozenset(
    {
        "heading-missing", "sheet-missing", "sheet-no-headings", "category-unknown", "category-no-name",
        "indicator-no-name", "indicator-name-sign", "indicator-twice", "code-wrong", "code-twice",
        "shared-name-differs", "heading-twice",
    }
)  # fmt: skip
"""Rows or columns of a list that could not be taken over: what is said to be absent may well stand there."""
_SYSTEM = ("一级指标", "二级指标")
_ABSENT: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (
            "category-empty", "category-not-adopted", "category-without-indicators", "limiting-none", "limiting-absent",
            "guidance-uncovered", "exclusion-unknown", "exclusion-indicator", "weights-none", "weights-given",
            "trial-incomplete", "judgement-sheet-unknown",
        ),
        _SYSTEM,
    ),
    "panel-none": ("专家组",),
    "policy-none": ("政策依据",),
    "policy-group-empty": ("政策依据",),
}  # fmt: skip
"""Findings that something is absent -> sheets of 项目.xlsx that lack nothing but what could not be taken over."""
_SAME_SHEET: Mapping[str, frozenset[str]] = {
    "weights-not-one": frozenset({"weights-sum", "weights-partly-typed", "weight-wrong"}),
}
"""Finding -> findings about the same cells that say the same earlier."""
_UNJUDGED = frozenset(
    f"baseline-{fault}"
    for fault in (
        "left-over", "no-number", "relative", "approximate", "several", "by-class", "dated", "two-sided", "unit",
        "no-limit",
    )
)  # fmt: skip
"""What the reader of a baseline cell says about a cell that is printed and not judged, each with its own remedy."""
_SAME_CELL: Mapping[str, frozenset[str]] = {
    "baseline-not-judged": _UNJUDGED,
    "grades-incomplete": frozenset({"baseline-grade-blank"}),
}
"""Finding -> findings at the same cell that name the cause."""


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """Leave out what only follows from another finding; one that forbids submission always stays."""
    found = list(findings)
    damaged = {f.place.sheet for f in found if f.code in _LOST and f.severity == "error"}
    said: set[tuple[str, object]] = {(f.code, f.place.sheet) for f in found}
    said |= {(f.code, f.place) for f in found if f.place.cell}
    return [f for f in found if not _follows(f, damaged, said)]


def _follows(finding: Finding, damaged: set[str], said: set[tuple[str, object]]) -> bool:
    if any(sheet in damaged for sheet in _ABSENT.get(finding.code, ())):
        return True
    if any((code, finding.place.sheet) in said for code in _SAME_SHEET.get(finding.code, ())):
        return True
    return any((code, finding.place) in said for code in _SAME_CELL.get(finding.code, ()))
