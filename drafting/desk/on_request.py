"""What is made when somebody asks for it and handed over at once; nothing of the project is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from drafting.desk.causes import Cause, causes
from drafting.files import file_stem
from drafting.keeping.versions import Version, extract

if TYPE_CHECKING:
    from drafting.model.results import Trial
    from drafting.pipeline.tables import Evaluated
    from drafting.run import Run

CHANGES, REDLINE = "docx", "redline"


class NotMadeError(ValueError):
    """It cannot be made; the message is for people."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Enterprises that came in, judged by the draft."""

    trials: tuple[tuple[str, Trial], ...]
    """By table, the caption of which is empty where there is one; several tables joined come last."""
    causes: tuple[Cause, ...]
    """What is wrong with what came in."""
    books: Mapping[str, bytes]
    """A workbook of verdicts for each, by its file name."""


def judge(run: Run, files: Mapping[str, bytes]) -> Judged:
    """Judge the enterprises of one file laid out like the survey, or of filled-in self-assessments, by Appendix D."""
    from drafting.pipeline.running import evaluated

    inputs = run.project.inputs
    captions = {t.key: t.caption or t.key for t in inputs.tables} if inputs is not None else {}
    with TemporaryDirectory() as scratch:
        sent, made = Path(scratch) / "企业", Path(scratch) / "结果"
        for folder in (sent, made):
            folder.mkdir()
        for name, content in files.items():
            (sent / name).write_bytes(content)
        source = sent / next(iter(files)) if len(files) == 1 else sent
        found = evaluated(run, source)
        books = {path.name: path.read_bytes() for path in write_verdicts(found, source, made)}
    trials = [(captions.get(key, key), trial) for key, trial in found.trials.items()]
    trials += [("几张表合起来", found.joined)] if found.joined is not None else []
    return Judged(tuple(trials), causes([f for f in found.findings if f not in run.findings]), books)


def write_verdicts(found: Evaluated, file: Path, folder: Path) -> list[Path]:
    """Write a workbook of verdicts for each table into a folder, and one of the joined ones."""
    from drafting.workbook.evaluation_results import write_evaluation

    told = {**found.trials, **({"综合": found.joined} if found.joined is not None else {})}
    besides = {**found.besides, **({"综合": found.beside} if found.beside is not None else {})}
    stem, written = file_stem(file.stem[:60], "企业"), []
    for key, trial in told.items():
        written.append(folder / (f"评价结果-{stem}" + (f"-{file_stem(key, '表')}" if key else "") + ".xlsx"))
        title = f"评价结果：{file.name}" + (f"（{key}）" if key else "")
        write_evaluation(written[-1], trial, title=title, beside=besides.get(key))
    return written


def package(run: Run) -> tuple[str, bytes]:
    """Give 评价包 and its name, as ``drafting publish`` writes it; raises NotMadeError without weights or baselines."""
    from drafting.publishing.package import PackageError, package_bytes, package_of
    from drafting.publishing.packing import forms_of

    try:
        return f"{run.draft_name}-评价包.zip", package_bytes(package_of(run), forms_of(run))
    except PackageError as fault:
        raise NotMadeError(f"{fault.reason}。") from fault


def has_redline() -> bool:
    """Whether tracked changes can be made on this machine, as far as one sees without trying."""
    return find_spec("python_redlines") is not None


def changes_file(version: Version, run: Run, form: str) -> tuple[str, bytes]:
    """Give what changed since a version as a Word file, with its name: a list, or the draft with tracked changes.

    Raises NotMadeError if one of them cannot be read or the engine does not run, VersionError if the version is lost.
    """
    from drafting.changes.compare import changes
    from drafting.changes.lists import RedlineError, write_changes, write_redline
    from drafting.changes.stages import AT
    from drafting.pipeline.running import run_project

    folder = run.project.folder
    with TemporaryDirectory() as scratch:
        copy = Path(scratch) / file_stem(f"{folder.name}{AT}{version.name}", "版本")
        extract(folder, version, copy, results=False)
        before = run_project(copy, until="trial")
        if before.project.inputs is None or run.project.inputs is None:
            raise NotMadeError("其中一个的 项目.xlsx 读不出来。")
        try:
            if form == REDLINE:
                made = write_redline(before, run, Path(scratch))
            else:
                made = write_changes(before, run, changes(before, run), CHANGES, Path(scratch))
        except RedlineError as error:
            raise NotMadeError("修订对照的引擎在这台计算机上不能运行；请改为下载变化对照。") from error
        return f"{made.stem}-{version.label}（不要外发）.docx", made.read_bytes()
