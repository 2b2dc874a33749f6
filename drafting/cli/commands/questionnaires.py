"""``drafting questionnaires``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from drafting.cli.common import exit_status, project_command, screen, write_json
from drafting.cli.views_findings import show_findings

if TYPE_CHECKING:
    from drafting.pipeline.questionnaires import Written
    from drafting.project.folder import Project


@project_command("questionnaires", "为每位专家生成一份问卷工作簿，写入 成果/问卷/；生成首轮德尔菲问卷时冻结停止规则。")
@click.option("--ahp", is_flag=True, help="层次分析法判断矩阵问卷。")
@click.option("--split", is_flag=True, help="与 --ahp 同用：十个以上指标的组分卷，每位专家只比较一部分。")
@click.option("--revise", is_flag=True, help="与 --ahp 同用：只为 CR 超限的专家生成复核问卷，附其原来的答案和建议。")
@click.option("--delphi", type=click.IntRange(1, 99), metavar="N", help="第 N 轮德尔菲问卷；第 2 轮起附上轮反馈。")
@click.option("--rating", is_flag=True, help="与 --delphi 同用：重要性评分问卷（筛选备选指标），而不是分配权重。")
def command(folder: Path, as_json: bool, ahp: bool, split: bool, revise: bool, delphi: int | None, rating: bool) -> int:
    """Write one workbook per expert."""
    from drafting.cli.progress import read_project
    from drafting.project.answer_record import keeping
    from drafting.record.results import findings_json

    if ahp == (delphi is not None):
        raise click.UsageError("请指明一种问卷：--ahp，或 --delphi N（N 为轮次）。")
    if ((split or revise) and not ahp) or (rating and delphi is None) or (split and revise):
        raise click.UsageError("--split、--revise 与 --ahp 同用（二者取一），--rating 与 --delphi N 同用。")
    project = keeping(read_project, date.today())(folder)
    written = _write(project, split=split, revise=revise, delphi=delphi, rating=rating)
    findings = (*project.findings, *written.findings)
    if as_json:
        write_json({"files": [str(p) for p in written.files], "findings": findings_json(findings)})
    else:
        out = screen()
        where = written.files[0].parent if written.files else project.folder / "成果" / "问卷"
        out.line(f"已写出 {len(written.files)} 份问卷：{where}")
        show_findings(out, findings)
    return exit_status(findings)


def _write(project: Project, *, split: bool, revise: bool, delphi: int | None, rating: bool) -> Written:
    from drafting.cli.progress import progress
    from drafting.pipeline.questionnaires import write_ahp, write_delphi, write_revisions

    with progress("生成问卷") as tick:
        if revise:
            return write_revisions(project, tick=tick)
        if delphi is None:
            return write_ahp(project, split=split, today=date.today(), tick=tick)
        return write_delphi(project, delphi, rating=rating, today=date.today(), tick=tick)
