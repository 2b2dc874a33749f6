"""What the commands trial and evaluate show of the earlier edition beside the draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drafting.model.terms import GRADES
from drafting.words import grade_word

if TYPE_CHECKING:
    from drafting.cli.screen import Screen
    from drafting.model.results import Beside, Move


def show_beside(out: Screen, beside: Beside | None, *, most: int = 20) -> None:
    """The same enterprises by the earlier edition: how many have which grades, who moves and why."""
    if beside is None:
        return
    out.line("与旧版比较", bold=True)
    grades = (*GRADES, None)
    rows = [(grade_word(old), *(str(beside.counts.get((old, new), 0)) for new in grades)) for old in grades]
    out.table(("旧版＼新版", *map(grade_word, grades)), rows, align="lrrrr")
    same = len(beside.moves) - beside.better - beside.worse
    out.line(f"等级提高 {beside.better} 家，降低 {beside.worse} 家，不变 {same} 家。")
    moved = [m for m in beside.moves if m.direction]
    told = [(m.enterprise, grade_word(m.before), grade_word(m.after), _why(m)) for m in moved[:most]]
    if told:
        out.table(("企业", "旧版", "新版", "较低一级的原因"), told, align="llll")
    if beside.lacking:
        for line in out.wrapped(f"旧版的指标中没有可用数据、按不适用处理的：{'、'.join(beside.lacking)}。"):
            out.line(line)


def _why(move: Move) -> str:
    """What keeps an enterprise from the better of its two grades: the reasons name every grade above the worse one."""
    better = move.after if move.direction > 0 else move.before
    of_that = [reason for reason in move.why if better and reason.startswith(f"未达到{better.chinese}")]
    return next(iter((*of_that, *move.why)), "—")
