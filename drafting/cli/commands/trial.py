"""``drafting trial``."""

from __future__ import annotations

from pathlib import Path

from drafting.cli.common import exit_status, project_command, screen, write_json


@project_command("trial", "用调研企业对草案试评价（附录 D）：各企业等级、指数及未达到的原因。")
def command(folder: Path, as_json: bool) -> int:
    """Show the trial evaluation."""
    from drafting.cli.views import EMPTY_TRIAL, show_trial
    from drafting.journeys import travel
    from drafting.record import findings_json, trial_json

    journey = travel(folder, until="trial")
    if as_json:
        found = trial_json(journey.results.trial) if journey.results.trial else EMPTY_TRIAL
        write_json({**found, "findings": findings_json(journey.findings)})
    else:
        out = screen()
        show_trial(out, journey.results.trial)
        out.findings(journey.findings)
    return exit_status(journey.findings)
