"""What a build shows: the figures of each run in short, findings by cause, what was written – on one screen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from drafting.cli.common import screen
from drafting.cli.tables import shown
from drafting.cli.views_findings import list_of, show_findings
from drafting.cli.views_trial import binding_in_short, show_combined, show_distribution
from drafting.model.terms import GRADES
from drafting.words import percent

if TYPE_CHECKING:
    from drafting.cli.screen import Screen
    from drafting.run import Run

ROOM = 14
"""Lines for findings that forbid nothing."""
DASH = "—"


def show_build(run: Run) -> None:
    """The summary of a build."""
    out = screen()
    for one in shown(out, run):
        _weights(out, one)
        _baselines(out, one)
        if one.results.trial:
            show_distribution(out, one.results.trial)
            for line in binding_in_short(one.results.trial):
                _paragraph(out, line)
    show_combined(out, run.project.inputs, run.results.combined, most=0)
    _paragraph(out, f"逐项的数字：drafting weights、baselines、trial {run.project.folder}")
    out.line()
    show_findings(out, run.findings, room=ROOM, where=list_of(run.findings))
    if run.output.is_dir():
        names = sorted(p.name for p in run.output.iterdir() if p.is_file() and not p.name.startswith("."))
        _paragraph(out, f"成果在 {run.output}：{'、'.join(names)}")


def _paragraph(out: Screen, text: str) -> None:
    for line in out.wrapped(text):
        out.line(line)


def _weights(out: Screen, run: Run) -> None:
    """First-level weights with the number of indicators and the worst consistency of each group."""
    weights, inputs = run.results.weights, run.project.inputs
    if weights is None or inputs is None:
        out.line("权重：尚无（没有给定的权重，也没有可用的判断矩阵或德尔菲问卷）。")
        return
    worst = {e.matrix: max(f.cr for f in weights.experts if f.matrix == e.matrix) for e in weights.experts}
    rows = []
    for first in weights.first_level.weights:
        members = inputs.system.heads_of(first.key)
        cr = f"{worst[first.name]:.3f}" if first.name in worst else DASH
        rows.append((first.name, first.published, len(members), sum(i.limiting for i in members), cr))
    because = f"，暂定：{weights.provisional_because}" if weights.provisional else ""
    out.line(f"权重（{weights.method}{because}）", bold=True)
    out.table(("一级指标", "权重", "二级指标数", "限定性", "最大CR"), rows, align="lrrrr")


def _baselines(out: Screen, run: Run) -> None:
    """How many baselines come from where, and the range of shares that reach them."""
    baselines = run.results.baselines
    if baselines is None:
        why = "原因见下列错误" if run.failed else "没有调研数据，也没有给定的基准值"
        out.line(f"基准值：尚无（{why}）。")
        return
    indicators = baselines.by_indicator.values()
    sources = Counter(one.source.chinese if one.source else "尚无" for one, *_ in indicators)
    parts = []
    for grade in GRADES:
        shares = [s for one in baselines.indicators if (g := one.by_grade.get(grade)) and (s := g.share) is not None]
        if shares:
            parts.append(f"{grade.chinese} {percent(min(shares))}～{percent(max(shares))}")
    reached = f"；公布值实际达到的企业比例 {'、'.join(parts)}" if parts else ""
    counted = "、".join(f"{word} {n} 项" for word, n in sources.items())
    _paragraph(out, f"基准值：{len(indicators)} 项指标（{counted}）{reached}。")
