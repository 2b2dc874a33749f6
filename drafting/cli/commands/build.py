"""``drafting build``."""

from __future__ import annotations

from pathlib import Path

from drafting.cli.common import exit_status, project_command, write_json


@project_command("build", "完成全部计算并写出 成果/：草案（docx、html、md）、结果.json，屏幕上给出摘要。")
def command(folder: Path, as_json: bool) -> int:
    """Make every journey and write everything."""
    from drafting.journeys import build

    journey = build(folder)
    if as_json:
        from drafting.record import record

        write_json(record(journey))
    else:
        from drafting.cli.views import show_build

        show_build(journey)
    return exit_status(journey.findings)
