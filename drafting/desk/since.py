"""What changed in meaning since a version of the project was kept, until now or until another version."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drafting.keeping.versions import Version, extract

if TYPE_CHECKING:
    from drafting.changes.compare import Change
    from drafting.run import Run


def since(folder: Path, version: Version, later: Version | Run) -> tuple[Change, ...] | None:
    """Compare a version with another or with the project as it stands; None where one of them cannot be read.

    Raises VersionError if a content of the version is lost.
    """
    from drafting.changes.compare import changes

    before = _run(folder, version)
    after = _run(folder, later) if isinstance(later, Version) else later
    if before.project.inputs is None or after.project.inputs is None:
        return None
    return changes(before, after)


def _run(folder: Path, version: Version) -> Run:
    from drafting.pipeline.running import run_project

    with TemporaryDirectory() as scratch:
        extract(folder, version, Path(scratch), results=False)
        return run_project(scratch, until="trial")
