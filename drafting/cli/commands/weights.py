"""``drafting weights``."""

from __future__ import annotations

from pathlib import Path

from drafting.cli.common import exit_status, project_command, screen, write_json


@project_command("weights", "由判断矩阵、德尔菲问卷或给定值计算一级、二级指标权重，并列出各专家的一致性比例 CR。")
def command(folder: Path, as_json: bool) -> int:
    """Show the weights."""
    from drafting.journeys import travel
    from drafting.record import findings_json, weights_json

    journey = travel(folder, until="weights")
    if as_json:
        empty = {"settings": {}, "first_level": [], "second_level": {}, "experts": []}
        found = weights_json(journey.results.weights) if journey.results.weights else empty
        write_json({**found, "findings": findings_json(journey.findings)})
    else:
        from drafting.cli.views import show_weights

        out = screen()
        show_weights(out, journey)
        out.findings(journey.findings)
    return exit_status(journey.findings)
