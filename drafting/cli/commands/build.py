"""``drafting build``."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from drafting.cli.common import exit_status, project_command, write_json


@project_command("build", "完成全部计算并写出 成果/：草案（docx、html、md）、编制说明、结果.json，屏幕上给出摘要。")
@click.option("--internal", is_flag=True, help="内部版：写明企业和专家代号，每页标注“内部资料”。")
@click.option("--quick", is_flag=True, help="快速输出：不用 LibreOffice 排页码和“（续）”，编制说明不附图。")
def command(folder: Path, as_json: bool, internal: bool, quick: bool) -> int:
    """Make every journey and write everything."""
    from functools import partial

    from drafting.cli.progress import steps
    from drafting.journeys.travel import build
    from drafting.project.folder import load_project

    with steps() as progress:
        read = partial(load_project, tick=progress.within, parallel=True)
        edition: Literal["internal", "public"] = "internal" if internal else "public"
        journey = build(folder, edition=edition, quick=quick, progress=progress, read=read)
    if as_json:
        from drafting.record.results import record

        write_json(record(journey))
    else:
        from drafting.cli.views import show_build

        show_build(journey)
    return exit_status(journey.findings)
