"""``drafting render``."""

from __future__ import annotations

from pathlib import Path

import click

from drafting.cli.common import exit_status, project_command, screen, write_json


def _formats(ctx: click.Context, _: click.Parameter, value: str) -> tuple[str, ...]:
    from drafting.outputs import PAPERS, WRITERS

    words = tuple(dict.fromkeys(w.strip().lower() for w in value.split(",") if w.strip()))
    known = (*WRITERS, *PAPERS)
    unknown = [w for w in words if w not in known]
    if unknown or not words:
        raise click.BadParameter(f"没有格式 {'、'.join(unknown) or '（空）'}；可用：{'、'.join(known)}。")
    return words


@project_command("render", "输出标准草案到 成果/。")
@click.option(
    "--to",
    "formats",
    default="docx,html,md",
    callback=_formats,
    help="格式，用逗号隔开（默认 docx,html,md）；comments 为意见汇总处理表。",
)
@click.option("--comments", is_flag=True, help="把检查出的问题作为批注写入 .docx 的相应位置。")
def command(folder: Path, as_json: bool, formats: tuple[str, ...], comments: bool) -> int:
    """Write the draft."""
    from drafting.journeys import travel
    from drafting.outputs import PAPERS, compose_draft, write_comments, write_draft
    from drafting.record import findings_json

    journey = travel(folder)
    written = []
    if journey.project.inputs is not None:
        document = compose_draft(journey)
        written = [write_draft(journey, form, document) for form in formats if form not in PAPERS]
        if comments:
            for path in (p for p in written if p.suffix == ".docx"):
                write_comments(journey, document, path)
        written += [path for form in formats if form in PAPERS for path in PAPERS[form](journey, document)]
    if as_json:
        write_json({"files": [str(p) for p in written], "findings": findings_json(journey.findings)})
    else:
        out = screen()
        for path in written:
            out.line(f"已写出：{path}")
        out.findings(journey.findings)
    return exit_status(journey.findings)
