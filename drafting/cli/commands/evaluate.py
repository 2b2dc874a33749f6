"""``drafting evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from drafting.run import Run


@project_command(
    "evaluate",
    "按草案（附录 D）评价 FILE 中的企业，结果写入 成果/评价结果-FILE.xlsx；FILE 与调研数据同一格式，"
    "也可以是企业填好的自评表，或放自评表的文件夹。DIR 也可以是 评价包.zip。",
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def command(folder: Path, as_json: bool, file: Path) -> int:
    """Evaluate the enterprises of a file."""
    from drafting.cli.progress import read_project
    from drafting.cli.views_editions import show_beside
    from drafting.cli.views_trial import EMPTY_TRIAL, show_trial
    from drafting.files import file_stem
    from drafting.keeping import Keeper
    from drafting.pipeline.running import evaluate_editions, run_project
    from drafting.record.results import beside_json, findings_json, trial_json

    if folder.suffix.lower() == ".zip" and folder.is_file():
        return _by_package(folder, file, as_json=as_json)
    run = run_project(folder, until="trial", read=read_project)
    if run.project.inputs is not None and run.project.inputs.tables:
        return _by_table(run, file, as_json=as_json)
    trial, beside, findings = evaluate_editions(run, file)
    written: list[Path] = []
    if trial is not None:
        from drafting.workbook.evaluation_results import write_evaluation

        name = f"评价结果-{file_stem(file.stem[:60], '企业')}.xlsx"
        with Keeper(folder).stage() as stage:
            write_evaluation(stage.folder / name, trial, title=f"评价结果：{file.name}", beside=beside)
        written.append(stage.landed(stage.folder / name))
        findings = (*findings, *stage.findings)
    if as_json:
        content = trial_json(trial) if trial else EMPTY_TRIAL
        content = {**content, **({"earlier": beside_json(beside)} if beside is not None else {})}
        write_json({**content, "files": [str(p) for p in written], "findings": findings_json(findings)})
    else:
        out = screen()
        show_trial(out, trial)
        show_beside(out, beside)
        for path in written:
            out.line(f"已写出：{path}")
        show_findings(out, findings)
    return exit_status(findings)


def _by_package(package: Path, file: Path, *, as_json: bool) -> int:
    """The same from a published package alone; nothing is written."""
    from drafting.cli.views_trial import EMPTY_TRIAL, show_combined, show_trial
    from drafting.findings import Cell
    from drafting.pipeline.running import evaluate_with, in_order, proceed
    from drafting.pipeline.tables import evaluate_tables
    from drafting.project.folder import Project
    from drafting.publishing.package_reading import read_package
    from drafting.record.results import findings_json, tables_trial_json, trial_json
    from drafting.workbook.opening import OpeningError
    from drafting.workbook.report import worded

    try:
        inputs = read_package(package)
    except OpeningError as fault:
        found = (worded(fault, Cell(package.name)),)
        if as_json:
            write_json({**EMPTY_TRIAL, "files": [], "findings": findings_json(found)})
        else:
            show_findings(screen(), found, where="")
        return 1
    run = proceed(Project(package, inputs), until="trial")
    if inputs.tables:
        of_tables = evaluate_tables(run, file)
        trials, joined = of_tables.trials, of_tables.joined
        findings, content = in_order(of_tables.findings), tables_trial_json(inputs, trials, joined)
    else:
        trial, findings = evaluate_with(run, file)
        trials, joined, content = {"": trial} if trial else {}, None, trial_json(trial) if trial else EMPTY_TRIAL
    if as_json:
        write_json({**content, "files": [], "findings": findings_json(findings)})
    else:
        out = screen()
        for key, one in trials.items():
            if key:
                out.line(f"【{key}】", bold=True)
            show_trial(out, one)
        show_combined(out, inputs, joined)
        show_findings(out, findings, where="")
    return exit_status(findings)


def _by_table(run: Run, file: Path, *, as_json: bool) -> int:
    """The same for a standard with several tables: each table's verdicts, and the joined ones."""
    from drafting.cli.views_editions import show_beside
    from drafting.cli.views_trial import show_combined, show_trial
    from drafting.files import file_stem
    from drafting.findings import Severity
    from drafting.keeping import Keeper
    from drafting.pipeline.running import in_order
    from drafting.pipeline.tables import evaluate_tables
    from drafting.record.results import findings_json, tables_trial_json
    from drafting.workbook.evaluation_results import write_evaluation

    inputs = run.project.inputs
    assert inputs is not None  # there are tables
    found = evaluate_tables(run, file)
    trials, joined = found.trials, found.joined
    findings = in_order((*(f for f in run.findings if f.severity is Severity.ERROR), *found.findings))
    written: list[Path] = []
    told = {**trials, **({"综合": joined} if joined is not None else {})}
    besides = {**found.besides, **({"综合": found.beside} if found.beside is not None else {})}
    if told:
        stem = file_stem(file.stem[:60], "企业")
        with Keeper(run.project.folder).stage() as stage:
            names = [(f"评价结果-{stem}-{file_stem(key, '表')}.xlsx", key, trial) for key, trial in told.items()]
            for name, key, trial in names:
                title = f"评价结果：{file.name}（{key}）"
                write_evaluation(stage.folder / name, trial, title=title, beside=besides.get(key))
        written += [stage.landed(stage.folder / name) for name, _, _ in names]
        findings = (*findings, *stage.findings)
    if as_json:
        content = tables_trial_json(inputs, trials, joined, besides=found.besides, beside=found.beside)
        write_json({**content, "files": [str(p) for p in written], "findings": findings_json(findings)})
    else:
        out = screen()
        for table in inputs.tables:
            out.line(f"【{table.key}】", bold=True)
            show_trial(out, trials.get(table.key))
            show_beside(out, found.besides.get(table.key))
        show_combined(out, inputs, joined)
        show_beside(out, found.beside)
        for path in written:
            out.line(f"已写出：{path}")
        show_findings(out, findings)
    return exit_status(findings)
