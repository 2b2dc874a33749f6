"""Writes what changed between two projects into ``成果/``: a list, or the newer draft with tracked changes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.files import atomic
from drafting.publishing.outputs import compose_draft
from drafting.render.changes import HEADINGS, changes_docx
from drafting.render.docx import render_docx
from drafting.render.docx.package import write_package

if TYPE_CHECKING:
    from drafting.changes.compare import Change
    from drafting.run import Run

NAME = "变化对照"
REDLINE = "修订对照"
_AUTHOR = "drafting"
_DATES = re.compile(rb'(<w:(?:ins|del|moveFrom|moveTo|rPrChange|pPrChange)\b[^>]*?w:date=")[^"]*"')
_UNDATED = rb'\g<1>2000-01-01T00:00:00Z"'


class RedlineError(RuntimeError):
    """Tracked changes cannot be made; the message is Chinese."""


def write_changes(before: Run, after: Run, found: Sequence[Change], form: str, folder: Path) -> Path:
    """Write 变化对照.docx or .xlsx into a folder."""
    rows = [(c.part, c.kind.chinese, c.subject, c.field, c.before, c.after) for c in found]
    target = folder / f"{NAME}.{form}"
    old, new = (j.project.folder.resolve().name for j in (before, after))
    lead = f"由“{old}”到“{new}”共 {len(rows)} 处变化。"
    if form == "docx":
        return changes_docx(target, NAME, lead, rows)
    from drafting.workbook.opinions.writing import write_list

    numbered = [(str(n), *row) for n, row in enumerate(rows, 1)]
    return write_list(target, NAME, HEADINGS, numbered, (6, 12, 8, 32, 16, 44, 44), (lead,))


def write_redline(before: Run, after: Run, folder: Path) -> Path:
    """Write 修订对照.docx into a folder: the newer draft with the older one's differences as tracked changes.

    Raises RedlineError if the engine (extra ``redline``) is not installed or does not run on this machine.
    """
    try:
        from python_redlines import DocxodusEngine
        from python_redlines.engines import EngineExecutionError, EngineNotInstalledError
    except ImportError:
        raise RedlineError('修订对照需要另行安装：pip install "cleaner-production-drafting[redline]"') from None
    try:
        made, _, _ = DocxodusEngine().run_redline(_AUTHOR, _draft(before), _draft(after))
    except EngineNotInstalledError:
        raise RedlineError('修订对照的引擎没有安装：pip install "cleaner-production-drafting[redline]"') from None
    except (EngineExecutionError, OSError) as error:
        raise RedlineError("修订对照的引擎不能运行；请改用 drafting diff --to docx 写出变化对照") from error
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        parts = {name: _DATES.sub(_UNDATED, package.read(name)) for name in package.namelist()}
    target = folder / f"{REDLINE}.docx"
    with atomic(target) as partial:
        partial.write_bytes(write_package(parts))
    return target


def _draft(run: Run) -> bytes:
    target = io.BytesIO()
    render_docx(compose_draft(run), target)
    return target.getvalue()
