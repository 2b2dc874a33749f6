"""``drafting render``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from drafting.publishing.publisher import Edition


def _formats(ctx: click.Context, _: click.Parameter, value: str) -> tuple[str, ...]:
    from drafting.publishing.outputs import PAPERS
    from drafting.publishing.publisher import FORMATS

    words = tuple(dict.fromkeys(w.strip().lower() for w in value.split(",") if w.strip()))
    known = (*FORMATS, *PAPERS)
    unknown = [w for w in words if w not in known]
    if unknown or not words:
        raise click.BadParameter(f"没有格式 {'、'.join(unknown) or '（空）'}；可用：{'、'.join(known)}。")
    return words


@project_command("render", "输出标准草案和编制说明到 成果/；公开版不出现调研企业和专家。")
@click.option(
    "--to",
    "formats",
    default="docx,html,md",
    callback=_formats,
    help="格式，用逗号隔开（默认 docx,html,md；另有 pdf）；workbook 为企业自评表，comments 为意见汇总处理表。",
)
@click.option("--internal", is_flag=True, help="内部版：写明企业和专家代号，每页标注“内部资料”。")
@click.option("--quick", is_flag=True, help="快速输出：不用 LibreOffice 排页码和“（续）”，编制说明不附图。")
@click.option("--comments", is_flag=True, help="把检查出的问题作为批注写入 .docx 的相应位置。")
def command(folder: Path, as_json: bool, formats: tuple[str, ...], internal: bool, quick: bool, comments: bool) -> int:
    """Write the draft and its papers."""
    from drafting.cli.progress import read_project
    from drafting.pipeline.deepening import deepen
    from drafting.pipeline.running import run_project
    from drafting.publishing.outputs import PAPERS, staged, write_comments
    from drafting.publishing.publisher import FORMATS, Publisher
    from drafting.record.results import findings_json

    run = run_project(folder, read=read_project)
    written: list[Path] = []
    if run.project.inputs is not None:
        wanted = [form for form in formats if form in FORMATS]
        edition: Edition = "internal" if internal else "public"
        with staged(run) as stage, Publisher(run, edition, quick, stage) as publisher:
            if "docx" in wanted:
                publisher.begin()
            if wanted and not quick:
                run = publisher.run = deepen(run)
            publisher.write(wanted)
            made = [*publisher.written]
            if publisher.composed:
                document, stem = publisher.draft, run.draft_name
                for path in made if comments else ():
                    if path.suffix == ".docx" and path.name.startswith(stem):
                        write_comments(run, document, path)
                made += [path for form in formats if form in PAPERS for path in PAPERS[form](run, document, stage)]
        written += map(stage.landed, made)
        known = {(f.code, f.message) for f in run.findings}
        more = (f for f in (*publisher.said, *stage.findings) if (f.code, f.message) not in known)
        run = replace(run, findings=(*run.findings, *more))
    if as_json:
        write_json({"files": [str(p) for p in written], "findings": findings_json(run.findings)})
    else:
        out = screen()
        for path in written:
            out.line(f"已写出：{path}")
        show_findings(out, run.findings)
    return exit_status(run.findings)
