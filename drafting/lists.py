"""Writes lists beside the draft into ``成果/``: what changed between two projects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drafting.changes import Change
    from drafting.journey import Journey

NAME = "变化对照"


def write_changes(before: Journey, after: Journey, found: Sequence[Change], form: str) -> Path:
    """Write 变化对照.docx or .xlsx into the newer project's 成果/."""
    rows = [(c.part, c.kind.chinese, c.subject, c.field, c.before, c.after) for c in found]
    target = after.output / f"{NAME}.{form}"
    old, new = (j.project.folder.resolve().name for j in (before, after))
    lead = f"由“{old}”到“{new}”共 {len(rows)} 处变化。"
    if form == "docx":
        from drafting.render.changes import changes_docx

        return changes_docx(target, NAME, lead, rows)
    from drafting.render.changes import HEADINGS
    from drafting.workbook.comments_out import write_list

    numbered = [(str(n), *row) for n, row in enumerate(rows, 1)]
    return write_list(target, NAME, HEADINGS, numbered, (6, 12, 8, 32, 16, 44, 44), (lead,))
