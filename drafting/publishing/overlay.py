"""A committee's own template folder (文件信息·模板目录): texts laid over ours, a Word blueprint of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drafting.document.texts import FOLDER
from drafting.files import readable
from drafting.findings import Cell, Finding, finding
from drafting.inside import kind_of
from drafting.resources import templates

if TYPE_CHECKING:
    from drafting.project.folder import Project

BLUEPRINT = "蓝本.docx"
SWITCH = "DRAFTING_TEMPLATES"
"""Variable of the environment: ``off`` where projects come from people who are not to bring templates (a server)."""
_LABEL = "模板目录"


@dataclass(frozen=True, slots=True)
class Overlay:
    """What the committee's folder holds: ``folder`` for texts and ``blueprint``, each None if it does not."""

    folder: Path | None = None
    blueprint: Path | None = None
    findings: tuple[Finding, ...] = ()


def find_overlay(project: Project) -> Overlay:
    """Find the folder that the workbook names, inside the project folder only, and say what it replaces.

    A workbook may come from anywhere: a name that leads out of the project folder is refused.
    """
    named = project.inputs.document.template_folder.strip() if project.inputs else ""
    if not named:
        return Overlay()
    place = project.provenance.find("info", _LABEL) or Cell()
    if os.environ.get(SWITCH, "").strip().lower() in ("off", "0", "no"):
        return Overlay(findings=(finding("templates-off", place, folder=named),))
    parts = tuple(part for part in named.replace("\\", "/").split("/") if part not in ("", "."))
    if not parts or ".." in parts or named.startswith(("/", "\\")) or ":" in parts[0] or "\0" in named:
        return Overlay(findings=(finding("templates-outside", place, folder=named),))
    folder = project.folder.joinpath(*parts)
    kind = kind_of(folder, project.folder)
    if kind == "link":
        return Overlay(findings=(finding("file-outside", Cell("/".join(parts)), file="/".join(parts)),))
    if kind != "folder":
        return Overlay(findings=(finding("templates-missing", place, folder=named),))
    found = list(_refused(folder, named))
    found += [finding("templates-override", Cell(file=f"{named}/{name}"), name=name) for name in _overridden(folder)]
    found += [
        finding("templates-unused", Cell(file=f"{named}/{name}"), name=name) for name in map(readable, _unused(folder))
    ]
    blueprint = folder / BLUEPRINT
    if kind_of(blueprint, folder) != "file":
        return Overlay(folder, None, tuple(found))
    from drafting.render.docx.borrowed import BlueprintError, borrow

    try:
        dropped = borrow(blueprint).dropped
    except BlueprintError as fault:
        found.append(finding("blueprint-unreadable", Cell(file=f"{named}/{BLUEPRINT}"), why=str(fault)))
        return Overlay(folder, None, tuple(found))
    if dropped:
        found.append(finding("blueprint-dropped", Cell(file=f"{named}/{BLUEPRINT}"), what="、".join(dropped)))
    found.append(finding("templates-override", Cell(file=f"{named}/{BLUEPRINT}"), name=BLUEPRINT))
    return Overlay(folder, blueprint, tuple(found))


def _ours() -> frozenset[str]:
    from drafting.document.statement.composing import FOLDER as PAPERS

    return frozenset(p.name for folder in (FOLDER, PAPERS) for p in (templates() / folder).glob("*.j2"))


def _refused(folder: Path, named: str) -> Iterator[Finding]:
    """Name what stands there as a text or blueprint and is no regular file; it is not read."""
    for path in (*sorted(folder.glob("*.j2")), folder / BLUEPRINT):
        kind = kind_of(path, folder)
        if kind in ("link", "special"):
            name = f"{named}/{path.name}"
            yield finding("file-outside" if kind == "link" else "file-special", Cell(name), file=name)


def _texts(folder: Path) -> list[Path]:
    return [p for p in folder.glob("*.j2") if kind_of(p, folder) == "file"]


def _overridden(folder: Path) -> list[str]:
    return sorted(p.name for p in _texts(folder) if p.name in _ours())


def _unused(folder: Path) -> list[str]:
    """Texts of the folder that replace none of ours and that no other of its texts includes."""
    texts = {p.name: p.read_text("utf-8", errors="replace") for p in _texts(folder)}
    ours = _ours()
    return sorted(n for n in texts if n not in ours and not any(n in t for other, t in texts.items() if other != n))
