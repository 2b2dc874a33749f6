"""``drafting baselines``."""

from __future__ import annotations

from pathlib import Path

from drafting.cli.common import exit_status, project_command, screen, write_json


@project_command("baselines", "由调研数据计算各指标Ⅰ级、Ⅱ级、Ⅲ级基准值，并给出公布值实际达到的企业比例。")
def command(folder: Path, as_json: bool) -> int:
    """Show the baselines."""
    from drafting.journeys import travel
    from drafting.record import findings_json, levels_json

    journey = travel(folder, until="levels")
    levels, inputs = journey.results.levels, journey.project.inputs
    if as_json:
        found = levels_json(levels, inputs) if levels and inputs else {"settings": {}, "indicators": []}
        write_json({**found, "findings": findings_json(journey.findings)})
    else:
        from drafting.cli.views import show_levels

        out = screen()
        show_levels(out, journey)
        out.findings(journey.findings)
    return exit_status(journey.findings)
