"""检查结果.xlsx: every finding of a run, by place and by cause, linked to the cells."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.desk.causes import causes
from drafting.workbook.findings_list import Group, Row, write_findings_list

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.run import Run

NAME = "检查结果.xlsx"
COPIES = "标注"
_PLACES = 12
"""Ranges of one sheet, and sheets, that the list of causes names; the list of places has all."""


_RANGES = 40
"""Ranges that stand behind a message of a long list."""


def _said(found: Finding) -> str:
    if not found.more:
        return found.message
    rest = f"等 {len(found.more)} 段，全部见 成果/结果.json" if len(found.more) > _RANGES else ""
    return f"{found.message}：{'、'.join(found.more[:_RANGES])}{rest}"


def write_findings(run: Run, output: Path, copies: Iterable[Path] = ()) -> Path:
    """Write the complete list of findings.

    Raises OutputError if it cannot be written.

    ``run``: its findings.
    ``output``: the folder to write to, which stands for 成果/.
    ``copies``: annotated copies in ``output``: cells in them are linked to; those of other workbooks in the project
    itself.
    """
    groups = [
        Group(
            section=c.section.title, severity=c.severity, code=c.code, clause=c.clause, place=c.place(_PLACES),
            message=c.message, remedy=c.remedy, rows=tuple(Row(f.place, _said(f), f.remedy) for f in c.findings),
            count=c.count,
        )
        for c in causes(run.findings)
    ]  # fmt: skip
    targets = {name: f"../{name}" for name in run.project.files if name.endswith(".xlsx")}
    for copy in copies:
        inside = copy.relative_to(output).as_posix()
        targets[inside.removeprefix(f"{COPIES}/")] = inside
    return write_findings_list(output / NAME, groups, targets)
