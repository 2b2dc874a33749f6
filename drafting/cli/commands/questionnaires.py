"""``drafting questionnaires``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.common import exit_status, project_command, screen, write_json


@project_command("questionnaires", "为每位专家生成一份问卷工作簿，写入 成果/问卷/。")
@click.option("--ahp", is_flag=True, help="层次分析法判断矩阵问卷。")
def command(folder: Path, as_json: bool, ahp: bool) -> int:
    """Write one workbook per expert."""
    from drafting.outputs import write_ahp_questionnaires
    from drafting.project import load_project
    from drafting.record import findings_json

    if not ahp:
        raise click.UsageError("请指明问卷种类，如 --ahp。")
    project = load_project(folder)
    written = write_ahp_questionnaires(project) if project.inputs else []
    if as_json:
        write_json({"files": [str(p) for p in written], "findings": findings_json(project.findings)})
    else:
        out = screen()
        out.line(f"已写出 {len(written)} 份问卷：{project.folder / '成果' / '问卷'}")
        out.findings(project.findings)
    return exit_status(project.findings)
