"""The one room where the runs meet: read, weigh, set baselines, try out, check, compose, render."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from drafting.analysis.weights.weigh import weigh
from drafting.changes.stages import at_its_stage
from drafting.evaluation.draft import draft_of
from drafting.findings import Finding, Provenance, Severity
from drafting.model.inputs import Inputs
from drafting.model.results import Beside, Results, Trial
from drafting.model.survey import Survey
from drafting.pipeline.checking import rule
from drafting.pipeline.consequences import without_consequences
from drafting.pipeline.deepening import deepen
from drafting.pipeline.engines import baselines_of
from drafting.pipeline.tables import Evaluated, evaluate_tables, runs_of_tables
from drafting.progress import Progress
from drafting.project.folder import Project, load_assessments, load_project, load_survey
from drafting.run import Run
from drafting.workbook.headings import COMMENT_FOLDER
from drafting.workbook.opening import OpeningError

Reading = Callable[[Path | str], Project]
"""How a project folder is read: ``load_project``, or a reading that starts other processes and shows a bar."""


def run_project(
    folder: Path | str, *, until: str = "rules", deep: bool = False, read: Reading = load_project, stage: str = ""
) -> Run:
    """Read a project and make every run its inputs allow; nothing is written.

    ``folder``: the project folder.
    ``until``: last run to make: ``"weights"``, ``"baselines"``, ``"trial"`` or ``"rules"`` (all).
    ``deep``: whether the trial's sensitivity and stability, which take seconds, are computed.
    ``read``: how the folder is read.
    ``stage``: of the draft, whatever 文件信息 says; by default that one, or the next where it was kept and changed
    since.
    """
    project = read(folder)
    if project.inputs is None:
        return Run(project, Results(), project.findings)
    return proceed(project, until=until, deep=deep, stage=stage)


def proceed(project: Project, *, until: str = "rules", deep: bool = False, stage: str = "") -> Run:
    """Make the runs of a project that has been read; see :func:`run_project`."""
    project, said = _staged(project, stage)
    if project.inputs is None:
        raise ValueError("a project without readable inputs has no runs")
    inputs, where = project.inputs, project.provenance
    found: list[Finding] = [*project.findings, *said]
    if inputs.tables:
        results, more = runs_of_tables(
            inputs, where, lambda one, at: results_of(one, at, until=until, deep=deep), until=until
        )
    else:
        results, more = results_of(inputs, where, until=until, deep=deep)
    found += more
    if until == "rules":
        found += rule(project, inputs, results)
    return Run(project, results, in_order(found))


def _staged(project: Project, stage: str) -> tuple[Project, tuple[Finding, ...]]:
    """Give the project at the stage asked for, or at the one that its draft is to be written at."""
    if project.inputs is None or not stage:
        return at_its_stage(project)
    return replace(project, inputs=replace(project.inputs, document=replace(project.inputs.document, stage=stage))), ()


def results_of(inputs: Inputs, where: Provenance, *, until: str, deep: bool) -> tuple[Results, list[Finding]]:
    """Weigh, set baselines and try out: of a project with one table, or of one table of several."""
    found: list[Finding] = []
    weights = baselines = trial = None
    if until != "baselines":
        weights, more = weigh(inputs, where)
        found += more
    if until != "weights":
        baselines, more = baselines_of(inputs, where)
        found += more
    if until in ("trial", "rules") and inputs.survey is not None and weights and baselines:
        from drafting.analysis.trial.try_out import try_out

        trial, more = try_out(inputs, weights, baselines, inputs.survey, where, deep=deep)
        found += more
    return Results(weights, baselines, trial, beside=_beside(inputs, trial, inputs.survey)), found


def _beside(inputs: Inputs, trial: Trial | None, survey: Survey | None) -> Beside | None:
    """The same enterprises by the earlier edition, where there is one."""
    if inputs.earlier is None or trial is None or survey is None:
        return None
    from drafting.analysis.trial.earlier import beside

    return beside(inputs, trial, survey)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Gravest first, each finding once and none that only follows from another, otherwise in the order found."""
    first: dict[tuple[Any, ...], Finding] = {}
    for f in without_consequences(findings):
        first.setdefault(_key(f), f)
    order = list(Severity)
    return tuple(sorted(first.values(), key=lambda f: order.index(f.severity)))


def _key(finding: Finding) -> tuple[Any, ...]:
    return (finding.code, finding.place, finding.message)


def build(
    folder: Path | str,
    *,
    formats: Sequence[str] = ("docx", "html", "md"),
    papers: Sequence[str] = (),
    edition: Literal["public", "internal"] = "public",
    quick: bool = False,
    progress: Progress | None = None,
    read: Reading = load_project,
    day: date | None = None,
    stage_name: str = "",
) -> Run:
    """The main job: from the project folder to ``成果/`` with the draft, its record and every finding.

    Parameters
    ----------
    folder
        The project folder; its inputs are never written to.
    formats
        Formats of the draft; the 编制说明 is written as .docx.
    papers
        Further papers, words of :data:`drafting.publishing.outputs.PAPERS`; 意见汇总处理表 is written if there are any.
    edition
        ``public`` names no surveyed enterprise and no expert, ``internal`` does.
    quick
        Leave out what takes seconds: page labels and （续） by LibreOffice, charts, the trial's stability.
    progress
        Told of each step; may stop the work until the files take their places.
    read
        How the folder is read.
    day
        Day of completion on the cover.
    stage_name
        Of the draft, as ``stage`` for :func:`run_project`.

    Returns
    -------
    Run
        Results and findings; ``.failed`` tells whether an error forbids submission.

    Raises
    ------
    drafting.files.OutputError
        If an output cannot be written; what stood there before is kept.
    drafting.progress.StoppedError
        If ``progress`` stopped it; what stood there before is kept.
    """
    from drafting.project.answer_record import keeping
    from drafting.publishing.findings_list import write_findings
    from drafting.publishing.outputs import PAPER_NAMES, PAPERS, staged, write_record
    from drafting.publishing.publisher import Publisher

    told = progress or Progress()
    told.of = 5 + len(formats) - quick  # reading, computing, stability, the draft, the statement, the record

    def reading(folder: Path | str) -> Project:
        told.begin("读取")
        project = keeping(read, date.today())(folder)
        told.begin("计算权重、基准值和试评价")
        return project

    run = run_project(folder, read=reading, stage=stage_name)
    if run.project.inputs is not None:
        with staged(run) as stage, Publisher(run, edition, quick, stage, day) as publisher:
            if "docx" in formats:
                publisher.begin()
            if not quick:
                told.begin("试评价的敏感性和稳定性")
                run = publisher.run = deepen(run)
            publisher.write(formats, papers=["docx"], progress=told.begin)
            wanted = {*papers, *(("comments",) if (run.project.folder / COMMENT_FOLDER).is_dir() else ())}
            for paper in sorted(wanted) if publisher.composed else ():
                told.of += 1
                told.begin(f"输出 {PAPER_NAMES[paper]}")
                PAPERS[paper](run, publisher.draft, stage)
            run = replace(run, findings=in_order((*run.findings, *publisher.said, *stage.findings)))
            said = len(stage.findings)
            told.begin("写出 结果.json")
            write_record(run, stage)
            write_findings(run, stage.folder)
            told.last_chance()
        own = in_order((*publisher.said, *stage.findings))
        run = replace(run, findings=in_order((*run.findings, *stage.findings[said:])), of_files=own)
    return run


def evaluated(run: Run, file: Path) -> Evaluated:
    """Evaluate the enterprises of a file with the draft of a project whose runs were made until the trial.

    With the earlier edition beside it where the project has one. A project with one table has it under the key "".
    """
    inputs, errors = run.project.inputs, [f for f in run.findings if f.severity is Severity.ERROR]
    if inputs is None:
        return Evaluated({}, None, run.findings)
    if inputs.tables:
        found = evaluate_tables(run, file)
        return replace(found, findings=in_order((*errors, *found.findings)))
    trial, survey, more = _evaluate_one(run, inputs, file)
    both = _beside(inputs, trial, survey)
    trials, besides = {} if trial is None else {"": trial}, {} if both is None else {"": both}
    return Evaluated(trials, None, in_order((*errors, *more)), besides)


def _evaluate_one(run: Run, inputs: Inputs, file: Path) -> tuple[Trial | None, Survey | None, list[Finding]]:
    from drafting.analysis.trial.try_out import evaluate_survey
    from drafting.workbook.assessment.reading import forms_at

    weights, baselines = run.results.weights, run.results.baselines
    try:
        forms = forms_at(file)
    except OpeningError:
        forms = ()  # the survey reader says what is wrong with it
    draft = draft_of(inputs, weights, baselines)[0] if weights and baselines else None
    if forms and draft is not None:
        survey, where, found = load_assessments(forms, inputs, draft)
    else:
        survey, where, found = load_survey(file, inputs)
    if survey is None or not weights or not baselines:
        return None, survey, [*found]
    trial, more = evaluate_survey(inputs, weights, baselines, survey, where)
    return trial, survey, [*found, *more]
