"""``drafting diff``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.chinese import command as chinese_command
from drafting.cli.common import ProjectPath, json_option, screen, write_json
from drafting.cli.views_findings import show_findings
from drafting.findings import Cell

if TYPE_CHECKING:
    from drafting.changes.compare import Change
    from drafting.findings import Finding
    from drafting.model.coded import JSON
    from drafting.run import Run

_FORMATS = ("docx", "xlsx")


@chinese_command(
    "diff",
    "比较两个项目 A（旧）和 B（新）的变化和主要技术变化；只给一个时与其 旧版/ 比较；项目@征求意见稿 指一个版本。",
)
@click.argument("old", metavar="A", type=ProjectPath())
@click.argument("new", metavar="[B]", type=ProjectPath(), required=False)
@click.option("--to", "form", type=click.Choice(_FORMATS), help="同时写出 B 的 成果/变化对照.docx 或 .xlsx。")
@click.option("--redline", is_flag=True, help="写出 B 的 成果/修订对照.docx（带修订标记，需 python-redlines）。")
@json_option
def command(old: Path, new: Path | None, as_json: bool, form: str | None, redline: bool) -> int:
    """Tell what changed in meaning."""
    from drafting.changes.stages import project_at
    from drafting.cli.progress import read_project
    from drafting.keeping.versions import VersionError
    from drafting.pipeline.running import run_project
    from drafting.project.folder import NoProjectError
    from drafting.workbook.headings import EARLIER_FOLDER

    if new is None:
        old, new = old / EARLIER_FOLDER, old
    with ExitStack() as copies:
        try:
            places = [copies.enter_context(project_at(folder)) for folder in (old, new)]
            runs = [run_project(folder, until="trial", read=read_project) for folder in places]
        except (NoProjectError, VersionError) as error:
            return _wrong(str(error), as_json)
        return _compared(old, new, runs, as_json, form, redline)


def _compared(
    old: Path, new: Path, runs: Sequence[Run], as_json: bool, form: str | None, redline: bool
) -> int:  # fmt: skip
    from drafting.changes.compare import changes
    from drafting.record.codec import plain
    from drafting.record.results import findings_json

    for folder, run in zip((old, new), runs, strict=True):
        if run.project.inputs is None:
            return _wrong(f"{folder} 中的 项目.xlsx 不能读取；请先运行 drafting check {folder}", as_json)
    found = changes(*runs)
    technical = _technical(*runs)
    written: list[Path] = []
    kept: tuple[Finding, ...] = ()
    if form or redline:
        from drafting.changes.lists import RedlineError, write_changes, write_redline
        from drafting.publishing.outputs import write_files

        if not new.is_dir():
            return _wrong("变化写入 B 的 成果/，B 须是项目文件夹，不能是版本", as_json)

        before, after = runs

        def write(output: Path) -> list[Path]:
            made = [write_changes(before, after, found, form, output)] if form else []
            return [*made, write_redline(before, after, output)] if redline else made

        try:
            written, told = write_files(after, write)
            kept = told.findings[len(after.findings) :]
        except RedlineError as error:
            return _wrong(str(error), as_json)
    said = [*_generations(old, *([new] if new != old else [])), *kept]
    if as_json:
        content: dict[str, JSON] = {"changes": plain(found), "technical_changes": technical}
        content |= {"files": [str(p) for p in written]}
        write_json(content | {"findings": findings_json(said)})
    else:
        _show(found)
        _show_technical(technical)
        for path in written:
            screen().line(f"已写出：{path}")
        if said:
            show_findings(screen(), said)
    return 0


def _technical(before: Run, after: Run) -> list[str]:
    """Say the main technical changes, as the foreword does."""
    from drafting.document.technical_changes import technical_changes

    old, new = before.project.inputs, after.project.inputs
    return [] if old is None or new is None else list(technical_changes(old, new, after.results, before.results))


def _show_technical(told: list[str]) -> None:
    out = screen()
    if told:
        out.line("与旧版相比的主要技术变化：", bold=True)
    for number, sentence in enumerate(told, 1):
        for line in out.wrapped(f"{sentence}{'。' if number == len(told) else '；'}", "  ", "—— "):
            out.line(line)


def _generations(*folders: Path) -> Iterator[Finding]:
    """Say of each project whether the files in its 成果/ belong together; places carry the folder's name."""
    from drafting.keeping import standing_of
    from drafting.project.location import project_folder

    for folder in map(project_folder, folders):
        standing = standing_of(folder)
        for found in standing.findings() if standing else ():
            yield replace(found, place=Cell(f"{folder.resolve().name}/{found.place.file}"))


def _wrong(message: str, as_json: bool) -> int:
    if as_json:
        write_json({"error": message, "changes": []})
    click.echo(f"错误：{message}", err=True)
    return 2


def _show(found: tuple[Change, ...]) -> None:
    out = screen()
    if not found:
        out.line("两个项目在指标、权重、基准值、文字、来源和设置上没有变化。")
        return
    rows = [(c.part, c.kind.chinese, c.subject, c.field, _short(c.before), _short(c.after)) for c in found]
    out.table(("部分", "变化", "对象", "内容", "原", "新"), rows)
    out.line(f"共 {len(rows)} 处变化。")


def _short(text: str, width: int = 40) -> str:
    line = " ".join(text.split()) or "—"
    return line if len(line) <= width else line[: width - 1] + "…"
