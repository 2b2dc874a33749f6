"""``drafting trial``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.tables import chosen, shown, table_option
from drafting.cli.views_findings import show_findings


@project_command(
    "trial", "用调研企业对草案试评价（附录 D）：等级分布、卡住企业的指标、各企业等级、指数及未达到的原因。"
)
@click.option("--details", is_flag=True, help="另算每个基准值和权重的影响、去掉一位专家和对企业重抽样时的稳定性。")
@click.option("--charts", is_flag=True, help="在 成果/图/ 写出等级分布、卡住企业的指标、代价等图（PNG 和 SVG）。")
@click.option(
    "--internal", is_flag=True, help="与 --charts 同用：另画企业×指标热图，图中有企业名称，仅供编制组内部使用。"
)
@table_option
def command(folder: Path, as_json: bool, details: bool, charts: bool, internal: bool, table: str | None) -> int:
    """Show the trial evaluation."""
    from drafting.cli.progress import read_project
    from drafting.cli.views_trial import EMPTY_TRIAL, show_beside, show_combined, show_trial
    from drafting.pipeline.running import run_project
    from drafting.record.results import beside_json, findings_json, tables_trial_json, trial_json

    if internal and not charts:
        raise click.UsageError("--internal 与 --charts 同用。")
    run = run_project(folder, until="trial", deep=details, read=read_project)
    run = chosen(run, table, needed="--charts " if charts else "")
    inputs, trial = run.project.inputs, run.results.trial
    written: list[Path] = []
    if charts and trial is not None:
        from drafting.charts.files import write_trial_charts
        from drafting.publishing.outputs import write_files

        def write(output: Path) -> list[Path]:
            return write_trial_charts(trial, output / "图", internal=internal)

        written, run = write_files(run, write)
    if as_json:
        found = trial_json(trial) if trial else EMPTY_TRIAL
        if inputs is not None and inputs.tables:
            results = run.results
            trials = {key: of.trial for key, of in results.tables.items() if of.trial is not None}
            besides = {key: of.beside for key, of in results.tables.items() if of.beside is not None}
            found = tables_trial_json(inputs, trials, results.combined, besides=besides, beside=results.beside)
        elif run.results.beside is not None:
            found = {**found, "earlier": beside_json(run.results.beside)}
        write_json({**found, "files": [str(p) for p in written], "findings": findings_json(run.findings)})
    else:
        out = screen()
        for one in shown(out, run):
            show_trial(out, one.results.trial, deep=details)
            show_beside(out, one.results.beside)
        show_combined(out, inputs, run.results.combined)
        show_beside(out, run.results.beside if inputs is not None and inputs.tables else None)
        for path in written:
            out.line(f"已写出：{path}")
        show_findings(out, run.findings)
    return exit_status(run.findings)
