"""``drafting evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import show_findings


@project_command(
    "evaluate",
    "按草案（附录 D）评价 FILE 中的企业，结果写入 成果/评价结果-FILE.xlsx；FILE 与调研数据同一格式，"
    "也可以是企业填好的自评表，或放自评表的文件夹。",
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def command(folder: Path, as_json: bool, file: Path) -> int:
    """Evaluate the enterprises of a file."""
    from drafting.cli.progress import read_project
    from drafting.cli.views_trial import EMPTY_TRIAL, show_trial
    from drafting.files import file_stem
    from drafting.journeys.travel import evaluate_file
    from drafting.keeping import Keeper
    from drafting.record.results import findings_json, trial_json

    trial, findings = evaluate_file(folder, file, read=read_project)
    written: list[Path] = []
    if trial is not None:
        from drafting.workbook.evaluation_results import write_evaluation

        name = f"评价结果-{file_stem(file.stem[:60], '企业')}.xlsx"
        with Keeper(folder).stage() as stage:
            write_evaluation(stage.folder / name, trial, title=f"评价结果：{file.name}")
        written.append(stage.landed(stage.folder / name))
        findings = (*findings, *stage.findings)
    if as_json:
        content = trial_json(trial) if trial else EMPTY_TRIAL
        write_json({**content, "files": [str(p) for p in written], "findings": findings_json(findings)})
    else:
        out = screen()
        show_trial(out, trial)
        for path in written:
            out.line(f"已写出：{path}")
        show_findings(out, findings)
    return exit_status(findings)
