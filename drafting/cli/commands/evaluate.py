"""``drafting evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import WHERE, show_findings

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.model.inputs import Inputs
    from drafting.pipeline.tables import Evaluated


@project_command(
    "evaluate",
    "按草案（附录 D）评价 FILE 中的企业，结果写入 成果/评价结果-FILE.xlsx；FILE 与调研数据同一格式，"
    "也可以是企业填好的自评表，或放自评表的文件夹。DIR 也可以是 评价包.zip。",
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def command(folder: Path, as_json: bool, file: Path) -> int:
    """Evaluate the enterprises of a file."""
    from drafting.cli.progress import read_project
    from drafting.findings import Cell
    from drafting.pipeline.running import evaluated, proceed, run_project
    from drafting.pipeline.tables import Evaluated
    from drafting.project.folder import Project
    from drafting.publishing.package_reading import read_package
    from drafting.workbook.opening import OpeningError
    from drafting.workbook.report import worded

    package = folder.suffix.lower() == ".zip" and folder.is_file()
    if package:  # from a published package alone; nothing is written
        try:
            run = proceed(Project(folder, read_package(folder)), until="trial")
        except OpeningError as fault:
            said = (worded(fault, Cell(folder.name)),)
            if as_json:
                return _tell(None, Evaluated({}, None, said), (), said, as_json=True, where="")
            show_findings(screen(), said, where="")
            return 1
    else:
        run = run_project(folder, until="trial", read=read_project)
    found = evaluated(run, file)
    written, more = ((), ()) if package else _write(folder, file, found)
    return _tell(
        run.project.inputs, found, written, (*found.findings, *more), as_json=as_json, where="" if package else WHERE
    )


def _write(folder: Path, file: Path, found: Evaluated) -> tuple[Sequence[Path], Sequence[Finding]]:
    """Write the workbooks of verdicts into 成果/."""
    from drafting.desk.on_request import write_verdicts
    from drafting.keeping import Keeper

    if not found.trials and found.joined is None:
        return (), ()
    with Keeper(folder).stage() as stage:
        made = write_verdicts(found, file, stage.folder)
    return [stage.landed(path) for path in made], stage.findings


def _tell(
    inputs: Inputs | None, found: Evaluated, written: Sequence[Path], findings: Sequence[Finding],
    *, as_json: bool, where: str,
) -> int:  # fmt: skip
    from drafting.cli.views_trial import EMPTY_TRIAL, show_beside, show_combined, show_trial
    from drafting.record.results import beside_json, findings_json, tables_trial_json, trial_json

    tables = inputs.tables if inputs is not None else ()
    if as_json:
        if inputs is not None and tables:
            content = tables_trial_json(inputs, found.trials, found.joined, besides=found.besides, beside=found.beside)
        else:
            content = trial_json(found.trials[""]) if found.trials else EMPTY_TRIAL
            content = {**content, **({"earlier": beside_json(found.besides[""])} if found.besides else {})}
        write_json({**content, "files": [str(p) for p in written], "findings": findings_json(findings)})
        return exit_status(findings)
    out = screen()
    for key in [t.key for t in tables] or [""]:
        if key:
            out.line(f"【{key}】", bold=True)
        show_trial(out, found.trials.get(key))
        show_beside(out, found.besides.get(key))
    show_combined(out, inputs, found.joined)
    show_beside(out, found.beside)
    for path in written:
        out.line(f"已写出：{path}")
    show_findings(out, findings, where=where)
    return exit_status(findings)
