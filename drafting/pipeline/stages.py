"""``drafting stage``: the draft of a stage is built with its words and date on the cover, and the state is kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from drafting.keeping.versions import STAGE, Version, freeze
from drafting.model.document import STAGES
from drafting.pipeline.running import Reading, build
from drafting.progress import Progress
from drafting.project.folder import load_project
from drafting.run import Run


class StageError(ValueError):
    """A name that is none of the five stages; the message is Chinese."""

    def __init__(self, name: str) -> None:
        super().__init__(f"没有“{name}”这个阶段；阶段为{'、'.join(STAGES)}")


def keep_stage(
    folder: Path | str, stage: str, *, note: str = "", day: date | None = None, quick: bool = False,
    progress: Progress | None = None, read: Reading = load_project,
) -> tuple[Run, Version | None]:  # fmt: skip
    """Build a stage and keep it: inputs, draft and papers, record and digests.

    The stage stands on the cover and in the file names whatever 文件信息 says, with the day of completion; the input
    itself is not changed.

    Raises StageError if there is no such stage; OutputError if something cannot be written; no version was added then.

    ``stage``: one of the five of the standard.
    ``note``: words to go with the version.
    ``day``: of completion; today if not given.
    Returns None where the project cannot be read: nothing was kept.
    """
    name = stage.strip()
    if name not in STAGES:
        raise StageError(name)

    completed = day or date.today()
    run = build(folder, quick=quick, progress=progress, read=read, day=completed, stage_name=name)
    if run.project.inputs is None:
        return run, None
    return run, freeze(run.project.folder, name, STAGE, note=note, day=completed)
