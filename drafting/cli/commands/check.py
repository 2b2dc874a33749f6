"""``drafting check``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.common import exit_status, project_command, screen, write_json


@project_command("check", "检查 DIR 中的项目：列出全部问题，各带文件、工作表、单元格或条款及改法。有错误时退出码为 1。")
@click.option("--annotate", is_flag=True, help="在 成果/标注/ 写出工作簿副本，问题单元格标红并加批注。")
def command(folder: Path, as_json: bool, annotate: bool) -> int:
    """Report every finding."""
    from drafting.journeys import travel
    from drafting.record import findings_json

    journey = travel(folder)
    copies = []
    if annotate:
        from drafting.outputs import write_annotated

        copies = write_annotated(journey)
    if as_json:
        write_json({"findings": findings_json(journey.findings), "annotated": [str(c) for c in copies]})
    else:
        out = screen()
        out.findings(journey.findings)
        for copy in copies:
            out.line(f"已写出标注副本：{copy}")
    return exit_status(journey.findings)
