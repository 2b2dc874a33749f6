"""Findings on the screen: by cause, what forbids submission first, no more than fits on one; everything on request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drafting.cli.screen import Screen
    from drafting.desk.causes import Cause
    from drafting.findings import Finding

__all__ = ["WHERE", "list_of", "show_findings"]

ROOM = 20
"""Lines for the causes of a section that forbid nothing; they stand below the figures of a build."""
ROOM_FOR_ERRORS = 40
PLACES = 3
"""Ranges of one sheet, and sheets, that are written out."""
_COLOURS = ("red", "yellow", "cyan")
LIST = "检查结果.xlsx"
WHERE = "完整清单：drafting check 项目文件夹 --details；加 --annotate 则写出 成果/检查结果.xlsx。"


def list_of(findings: Iterable[Finding]) -> str:
    """Where the whole list is: beside the usual place where somebody wrote into the last one."""
    values = [f.values for f in findings if f.values.get("file") == LIST and "new" in f.values]
    return f"完整清单见 成果/{values[0]['new'] if values else LIST}。"


def show_findings(
    out: Screen, findings: Sequence[Finding], *, whole: bool = False, room: int = ROOM, where: str = WHERE
) -> None:
    """Write findings by cause: place, message, remedy; then how many there are.

    ``whole``: write every cause with every place; otherwise as many as there is room for.
    ``room``: lines for what forbids nothing.
    ``where``: the sentence that says where the complete list is.
    """
    from drafting.desk.causes import Section, causes

    if not findings:
        out.line("没有发现问题。", colour="green")
        return
    found = causes(findings)
    left_out = False
    for section in Section:
        of = [c for c in found if c.section is section]
        if not of:
            continue
        out.line(f"{section.title}：{_counted(of)}", colour=_COLOURS[section], bold=True)
        if section is Section.FORBIDS:
            left_out |= _write(out, of, None if whole else ROOM_FOR_ERRORS, whole=whole)[1]
            continue
        used, cut = _write(out, of, None if whole else room, whole=whole)
        room, left_out = room - used, left_out or cut
    out.line(
        f"共 {_severities(findings)}" + (f"，按原因合为 {len(found)} 类" if len(found) < len(findings) else "") + "。"
    )
    if left_out:
        for line in out.wrapped(where):
            out.line(line)


def _write(out: Screen, found: Sequence[Cause], room: int | None, *, whole: bool) -> tuple[int, bool]:
    """Write causes while there is room; how many lines were used, and whether any was left out."""
    used = 0
    for number, cause in enumerate(found):
        lines = _lines(out, cause, whole=whole)
        rest = len(found) - number
        high = out.height(lines)
        # The line that says how many are left out needs room as well, unless this is the last one.
        if room is not None and number and used + high + (rest > 1) > room:
            out.line(f"  另有 {rest} 类未列出（{_severities([f for c in found[number:] for f in c.findings])}）。")
            return used + 1, True
        for line in lines:
            out.line(line)
        used += high
    cut = any(len(a.ranges) > PLACES for c in found for a in c.areas) or any(len(c.areas) > PLACES for c in found)
    return used, cut and not whole


def _lines(out: Screen, cause: Cause, *, whole: bool) -> list[str]:
    from drafting.desk.causes import Section

    place = cause.place(None if whole else PLACES)
    clause = f"（{cause.clause}）" if cause.clause else ""
    lines = out.wrapped(f"{f'{place}：' if place else ''}{cause.message}{clause}", "  ", "- ")
    if cause.remedy and (whole or cause.section is not Section.TELLS):
        lines += out.wrapped(f"改法：{cause.remedy}", "    ")
    return lines


def _counted(found: Sequence[Cause]) -> str:
    count = sum(c.count for c in found)
    return f"{len(found)} 类" + (f"，{count} 处" if count > len(found) else "")


def _severities(findings: Sequence[Finding]) -> str:
    from drafting.findings import Severity

    counts = {severity: sum(1 + f.further for f in findings if f.severity is severity) for severity in Severity}
    return "、".join(f"{n} 个{severity.chinese}" for severity, n in counts.items() if n)
