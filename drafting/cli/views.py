"""What the commands show on the screen, as tables made for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drafting.cli.common import screen
from drafting.cli.views_levels import show_levels
from drafting.cli.views_weights import show_weights

if TYPE_CHECKING:
    from drafting.journey import Journey


def show_build(journey: Journey) -> None:
    """The summary of a build."""
    out = screen()
    show_weights(out, journey)
    show_levels(out, journey)
    if journey.results.trial:
        from drafting.cli.views_trial import show_joint_effect

        show_joint_effect(out, journey.results.trial)
    out.findings(journey.findings)
    if journey.output.is_dir():
        out.line(f"成果在 {journey.output}：")
        for path in sorted(p for p in journey.output.iterdir() if p.is_file()):
            out.line(f"  {path.name}")
