"""``drafting stage``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from drafting.findings import Finding
    from drafting.keeping.versions import Version
    from drafting.model.coded import JSON


@project_command(
    "stage",
    "定稿并留存一个阶段（NAME：工作组讨论稿、征求意见稿、送审讨论稿、送审稿、报批稿）；不写 NAME 则列出已有版本。",
)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--note", default="", help="随版本留存的说明。")
@click.option("--quick", is_flag=True, help="快速输出：不用 LibreOffice 排页码和“（续）”，编制说明不附图。")
@click.option("--verify", is_flag=True, help="核对全部版本：清单的次序、每个文件的校验码。")
@click.option("--restore", metavar="VERSION", help="把输入恢复为某一版本；现状先留存为版本。")
@click.option("--export", metavar="VERSION", help="取出某一版本的全部文件，写入 --to 给出的新文件夹。")
@click.option("--to", "target", type=click.Path(path_type=Path), help="与 --export 同用：一个还不存在的文件夹。")
def command(
    folder: Path, as_json: bool, *, name: str | None, note: str, quick: bool, verify: bool, restore: str | None,
    export: str | None, target: Path | None,
) -> int:  # fmt: skip
    """Keep a stage, list, verify, restore or take out versions."""
    from drafting.keeping.versions import VersionError
    from drafting.pipeline.stages import StageError
    from drafting.project.folder import NoProjectError

    if sum(map(bool, (name, verify, restore, export))) > 1:
        return _wrong("NAME、--verify、--restore、--export 一次只用一个", as_json)
    if not folder.is_dir():
        raise NoProjectError(folder)
    try:
        if name:
            return _keep(folder, name, note, quick, as_json)
        if verify:
            return _verify(folder, as_json)
        if restore:
            return _restore(folder, restore, as_json)
        if export:
            return _export(folder, export, target, as_json)
    except (StageError, VersionError) as error:
        return _wrong(str(error), as_json)
    return _list(folder, as_json)


def _keep(folder: Path, name: str, note: str, quick: bool, as_json: bool) -> int:
    from drafting.cli.progress import steps
    from drafting.pipeline.stages import keep_stage
    from drafting.project.folder import load_project

    with steps() as progress:
        read = partial(load_project, tick=progress.within, parallel=True)
        run, version = keep_stage(folder, name, note=note, quick=quick, progress=progress, read=read)
    said = (
        f"已定稿：{version.label}，{len(version.files)} 个文件留存在 记录/版本/。"
        if version
        else "项目不能读取，没有定稿。"
    )
    _tell({"version": _plain(version) if version else None}, [said], run.findings, as_json)
    return exit_status(run.findings)


def _list(folder: Path, as_json: bool) -> int:
    from drafting.keeping.versions import versions_of

    found = versions_of(folder)
    if as_json:
        write_json({"versions": [_plain(v) for v in found], "findings": []})
        return 0
    out = screen()
    if not found:
        out.line("还没有任何版本；定稿用 drafting stage 项目文件夹 征求意见稿。")
        return 0
    rows = [(v.label, v.kind, v.time[:16].replace("T", " "), str(len(v.files)), v.note or "—") for v in found]
    out.table(("版本", "类别", "时间", "文件数", "说明"), rows)
    return 0


def _verify(folder: Path, as_json: bool) -> int:
    from drafting.findings import Severity
    from drafting.keeping.versions import verify_versions, versions_of

    said = verify_versions(folder)
    count = len(versions_of(folder))
    line = f"{count} 个版本与清单相符。" if not said else f"{count} 个版本可读，发现 {len(said)} 处不符。"
    _tell({"versions": count}, [line], said, as_json)
    return int(any(f.severity is not Severity.NOTE for f in said))


def _restore(folder: Path, name: str, as_json: bool) -> int:
    from drafting.keeping.versions import find_version, restore

    done = restore(folder, find_version(folder, name))
    lines = [f"已恢复到 {done.version.label}；恢复前的状态留存为 {done.kept.label}。"]
    for word, files in (
        ("写回", done.written),
        ("移除（在恢复前的版本中）", done.removed),
        ("版本中没有、仍保留", done.stayed),
    ):
        if files:
            lines.append(f"{word}：{'、'.join(files)}")
    lines.append("记录/ 和 成果/ 没有改动；重新生成用 drafting build。")
    content: dict[str, JSON] = {
        "restored": _plain(done.version), "kept": _plain(done.kept), "written": list(done.written),
        "removed": list(done.removed), "stayed": list(done.stayed),
    }  # fmt: skip
    _tell(content, lines, (), as_json)
    return 0


def _export(folder: Path, name: str, target: Path | None, as_json: bool) -> int:
    from drafting.keeping.versions import extract, find_version

    if target is None or target.exists():
        return _wrong("--export 须同时用 --to 给出一个还不存在的文件夹", as_json)
    version = find_version(folder, name)
    extract(folder, version, target)
    _tell({"version": _plain(version), "to": str(target)}, [f"已取出 {version.label} 到 {target}"], (), as_json)
    return 0


def _tell(content: dict[str, JSON], lines: Sequence[str], findings: Sequence[Finding], as_json: bool) -> None:
    from drafting.record.results import findings_json

    if as_json:
        write_json(content | {"findings": findings_json(findings)})
        return
    out = screen()
    for line in lines:
        out.line(line)
    if findings:
        show_findings(out, findings)


def _plain(version: Version) -> dict[str, JSON]:
    return {
        "number": version.number, "name": version.name, "label": version.label, "kind": version.kind,
        "time": version.time, "note": version.note, "files": len(version.files),
    }  # fmt: skip


def _wrong(message: str, as_json: bool) -> int:
    if as_json:
        write_json({"error": message, "findings": []})
    click.echo(f"错误：{message}", err=True)
    return 2
