"""``drafting build``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Literal

import click

from drafting.cli.common import exit_status, kept_screen, project_command, screen, write_json


@project_command("build", "完成全部计算并写出 成果/：草案（docx、html、md）、编制说明、结果.json，屏幕上给出摘要。")
@click.option("--internal", is_flag=True, help="内部版：写明企业和专家代号，每页标注“内部资料”。")
@click.option("--quick", is_flag=True, help="快速输出：不用 LibreOffice 排页码和“（续）”，编制说明不附图。")
@click.option("--fresh", is_flag=True, help="全部重新计算和排版，不用上次留下的中间结果。")
def command(folder: Path, as_json: bool, internal: bool, quick: bool, fresh: bool) -> int:
    """Make every run and write everything."""
    from drafting import recall
    from drafting.desk.unchanged import Said, remember, said_before

    if fresh:
        recall.ignore()
    options = (internal, quick, screen().shape)
    before = None if as_json else said_before(folder, options, _aside())
    if before is not None:
        click.echo(before.text, nl=False)
        click.echo("输入没有变化，成果中的文件照旧；要重新做一遍，用 --fresh。")
        return before.status
    with kept_screen() as kept:
        status = _build(folder, as_json, internal, quick)
    if not as_json:
        remember(folder, options, _aside(), Said(kept.getvalue(), status))
    return status


def _aside() -> tuple[Path, ...]:
    """What a build depends on outside its folder: LibreOffice, and the user's own classification."""
    from drafting.industries import find_classification
    from drafting.render.docx.office import find_program

    program, table = find_program(), find_classification()
    return tuple(path for path in (program and Path(program).resolve(), table) if path)


def _build(folder: Path, as_json: bool, internal: bool, quick: bool) -> int:
    from drafting.cli.progress import steps
    from drafting.pipeline.running import build
    from drafting.project.folder import load_project

    with steps() as progress:
        read = partial(load_project, tick=progress.within, parallel=True)
        edition: Literal["internal", "public"] = "internal" if internal else "public"
        run = build(folder, edition=edition, quick=quick, progress=progress, read=read)
    if as_json:
        from drafting.record.results import record

        write_json(record(run))
    else:
        from drafting.cli.views import show_build

        show_build(run)
    return exit_status(run.findings)
