"""``drafting evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.common import exit_status, project_command, screen, write_json


@project_command("evaluate", "按草案（附录 D）评价 FILE 中的企业；FILE 与调研数据同一格式。")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
def command(folder: Path, as_json: bool, file: Path) -> int:
    """Evaluate the enterprises of a file."""
    from drafting.cli.views import EMPTY_TRIAL, show_trial
    from drafting.journeys import evaluate_file
    from drafting.record import findings_json, trial_json

    trial, findings = evaluate_file(folder, file)
    if as_json:
        write_json({**(trial_json(trial) if trial else EMPTY_TRIAL), "findings": findings_json(findings)})
    else:
        out = screen()
        show_trial(out, trial)
        out.findings(findings)
    return exit_status(findings)
