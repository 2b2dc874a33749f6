"""``drafting calibrate``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.tables import chosen, table_option
from drafting.cli.views_findings import show_findings


@project_command(
    "calibrate",
    "联合校准：求各指标的达到比例，使各等级合起来达到目标比例，且离 5.5.2 最近；供判断松紧时参考，不改动任何输入。",
)
@click.option("--targets", default="5,20,50", help="达到Ⅰ级、Ⅱ级及以上、Ⅲ级及以上的企业百分数（默认 5,20,50）。")
@click.option(
    "--limits", default="", help="达到比例可移动的界限（百分数），如 III=40-90 或单个指标 N1:III=40-60，用逗号隔开。"
)
@click.option("--charts", is_flag=True, help="在 成果/图/ 写出代价曲线（PNG 和 SVG）。")
@table_option
def command(folder: Path, as_json: bool, targets: str, limits: str, charts: bool, table: str | None) -> int:
    """Show the proposal."""
    from drafting.analysis.trial.calibration import CAUTION, TargetError, parse_targets
    from drafting.cli.progress import progress, read_project
    from drafting.cli.views_trial import show_calibration
    from drafting.desk.proposals import propose
    from drafting.findings import Severity
    from drafting.pipeline.running import run_project
    from drafting.record.answers import calibration_json
    from drafting.record.results import findings_json

    try:
        parse_targets(targets)  # before anything is read
    except TargetError as error:
        raise click.BadParameter(str(error), param_hint="--targets") from error
    run = run_project(folder, until="trial", read=read_project)
    run = chosen(run, table, needed="校准")
    try:
        with progress("联合校准") as tick:
            made = propose(run, targets, limits, lambda done: tick(round(1000 * done), 1000))
    except TargetError as error:
        raise click.BadParameter(str(error), param_hint="--limits" if limits else "--targets") from error
    if made is None:
        if as_json:
            write_json({"calibration": None, "findings": findings_json(run.findings)})
        else:
            out = screen()
            out.line("不能校准：需要完整的权重、基准值和调研数据。")
            show_findings(out, run.findings)
        return 1
    found = made.calibration
    written: list[Path] = []
    if charts:
        from drafting.charts.files import write_calibration_charts
        from drafting.publishing.outputs import write_files

        written, run = write_files(run, lambda output: write_calibration_charts(found, output / "图"))
    if as_json:
        content = {**calibration_json(found, made.draft, CAUTION), "shortfalls": made.shortfalls()}
        files = [str(p) for p in written]
        write_json({"calibration": content, "files": files, "findings": findings_json(run.findings)})
    else:
        out = screen()
        show_calibration(out, made)
        for path in written:
            out.line(f"已写出：{path}")
        errors = [f for f in run.findings if f.severity is Severity.ERROR]
        if errors:
            show_findings(out, errors)
    return exit_status(run.findings)
