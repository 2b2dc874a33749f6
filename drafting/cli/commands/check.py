"""``drafting check``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import WHERE, list_of, show_findings

if TYPE_CHECKING:
    from drafting.cli.screen import Screen
    from drafting.model.coded import JSON
    from drafting.run import Run


@project_command("check", "检查 DIR 中的项目：列出问题，各带文件、工作表、单元格或条款及改法。有错误时退出码为 1。")
@click.option("--annotate", is_flag=True, help="在 成果/标注/ 写出工作簿副本，问题单元格标红并加批注。")
@click.option("--details", is_flag=True, help="列出全部问题和全部位置；否则同一原因只列一次，列满一屏为止。")
@click.option("--clauses", is_flag=True, help="逐条列出 GB/T 43329 和 GB/T 1.1 的要求如何满足、本项目的状态。")
def command(folder: Path, as_json: bool, annotate: bool, details: bool, clauses: bool) -> int:
    """Report every finding."""
    from drafting.cli.progress import read_project
    from drafting.pipeline.running import run_project

    run = run_project(folder, read=read_project)
    copies: list[Path] = []
    listed: Path | None = None
    if annotate:
        from drafting.publishing.findings_list import write_findings
        from drafting.publishing.outputs import write_annotated, write_files

        def write(output: Path) -> list[Path]:
            made = write_annotated(run, output)
            return [write_findings(run, output, made), *made]

        (listed, *copies), run = write_files(run, write)
    if as_json:
        from drafting.record.results import findings_json

        found = {"findings": findings_json(run.findings), "annotated": [str(c) for c in copies]}
        found["list"] = str(listed) if listed else None
        write_json(found | (_coverage_json(run) if clauses else {}))
    else:
        out = screen()
        if clauses:
            _show_coverage(out, run)
        else:
            where = list_of(run.findings) if listed else WHERE
            show_findings(out, run.findings, whole=details, where=where)
        for copy in copies:
            out.line(f"已写出标注副本：{copy}")
        if listed:
            out.line(f"已写出完整清单：{listed}")
    return exit_status(run.findings)


def _coverage_json(run: Run) -> dict[str, JSON]:
    from drafting.record import coverage
    from drafting.record.answers import clause_json

    return {
        "clauses": [clause_json(s) for s in coverage.standings(run, coverage.clauses())],
        "reviews": [clause_json(s) for s in coverage.standings(run, coverage.reviews())],
    }


def _show_coverage(out: Screen, run: Run) -> None:
    from drafting.desk.causes import clauses
    from drafting.record.coverage import ClauseState

    for title, found in clauses(run):
        out.line(title)
        rows = [(s.entry.number, s.entry.how, s.state.chinese, s.why) for s in found]
        out.table(("条款", "如何满足", "状态", "说明"), rows)
        counts = {state: sum(s.state is state for s in found) for state in ClauseState}
        out.line("、".join(f"{state.chinese} {n} 条" for state, n in counts.items()) + "。")
        out.line()
