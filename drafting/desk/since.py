"""What changed in meaning since a version of the project was kept, until now or until another version."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drafting.keeping.versions import Version, extract

if TYPE_CHECKING:
    from drafting.changes.compare import Change
    from drafting.progress import Progress
    from drafting.run import Run


def since(folder: Path, version: Version, later: Version | Run, progress: Progress) -> tuple[Change, ...] | None:
    """Compare a version with another or with the project as it stands; None where one of them cannot be read.

    Raises VersionError if a content of the version is lost.
    """
    from drafting.changes.compare import changes

    progress.of = 2 + isinstance(later, Version)
    before = _run(folder, version, progress)
    after = _run(folder, later, progress) if isinstance(later, Version) else later
    progress.begin("比较")
    if before.project.inputs is None or after.project.inputs is None:
        return None
    return changes(before, after)


def _run(folder: Path, version: Version, progress: Progress) -> Run:
    from drafting.pipeline.running import run_project
    from drafting.project.folder import load_project

    progress.begin(f"读取“{version.name}”")

    with TemporaryDirectory() as scratch:
        extract(folder, version, Path(scratch), results=False)
        return run_project(scratch, until="trial", read=partial(load_project, tick=progress.within))
