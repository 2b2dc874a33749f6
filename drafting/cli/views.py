"""What the commands show on the screen, as tables made for reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drafting.cli.common import screen
from drafting.cli.views_levels import show_levels
from drafting.cli.views_weights import show_weights
from drafting.model.terms import GRADES
from drafting.words import OUTCOMES, percent

if TYPE_CHECKING:
    from drafting.cli.screen import Screen
    from drafting.journey import Journey
    from drafting.model.results import Trial

EMPTY_TRIAL: dict[str, Any] = {
    "enterprises": [],
    "distribution": {"I": 0, "II": 0, "III": 0, "none": 0, "excluded": 0},
}


def show_trial(out: Screen, trial: Trial | None, *, most: int = 20) -> None:
    """Distribution of grades, then the enterprises."""
    if trial is None:
        out.line("试评价：尚无（需要权重、基准值和调研数据）。")
        return
    show_distribution(out, trial)
    rows = []
    for e in trial.enterprises[:most]:
        indices = ["—" if (y := e.y[g]) is None else f"{float(y):.2f}" for g in GRADES]
        outcome = "excluded" if e.excluded else e.grade.value if e.grade else "none"
        rows.append((e.enterprise, *indices, OUTCOMES[outcome], shorten(e.reasons)))
    out.table(("企业", "Y_Ⅰ", "Y_Ⅱ", "Y_Ⅲ", "等级", "未达到更高等级的原因"), rows, align="lrrrll")
    if len(trial.enterprises) > most:
        out.line(f"（仅列前 {most} 家，共 {len(trial.enterprises)} 家；全部结果见 --json 或 成果/结果.json）")


def shorten(reasons: tuple[str, ...], width: int = 40) -> str:
    """The first reason, cut to a readable width."""
    if not reasons:
        return ""
    text = reasons[0]
    more = f" 等{len(reasons)}条" if len(reasons) > 1 else ""
    return (text if len(text) <= width else text[: width - 1] + "…") + more


def show_distribution(out: Screen, trial: Trial) -> None:
    """How the grades fall."""
    total = len(trial.enterprises)
    out.line(f"试评价：{total} 家企业的等级分布")
    rows = [(OUTCOMES[k], n, percent(n / total if total else None)) for k, n in trial.distribution.items()]
    out.table(("等级", "企业数", "比例"), rows, align="lrr")


def show_build(journey: Journey) -> None:
    """The summary of a build."""
    out = screen()
    show_weights(out, journey)
    show_levels(out, journey)
    if journey.results.trial:
        show_distribution(out, journey.results.trial)
    out.findings(journey.findings)
    if journey.output.is_dir():
        out.line(f"成果在 {journey.output}：")
        for path in sorted(p for p in journey.output.iterdir() if p.is_file()):
            out.line(f"  {path.name}")
