"""Why an enterprise under several tables has its joint grade (多表评定), in words: the engine's and the workbook's."""

from __future__ import annotations

from collections.abc import Sequence

from drafting.evaluation.rule import GATE
from drafting.model.terms import GRADES

_GRADES = tuple(grade.chinese for grade in GRADES)


def excluded_words() -> str:
    """Clause 6 bars the enterprise."""
    return "第 6 章的前提条件不满足，不予评定"


def gate_words(table: str, names: str) -> str:
    """Limiting indicators of a table are below III."""
    return f"{table}的限定性指标未全部达到{_GRADES[GATE]}：{names}"


def index_words(grade: int, index: str, threshold: str) -> str:
    """The joint index is below a grade's threshold."""
    return f"综合指数Y{_GRADES[grade][0]}为{index}，低于{threshold}"


def short_words(table: str, names: str, required: int, *, limiting: bool) -> str:
    """Limiting or other indicators of a table are below what a grade asks of them."""
    return f"{table}的{'限定性指标' if limiting else '其他指标'}未全部达到{_GRADES[required]}：{names}"


def lowest_words(tables: Sequence[str], grade: int | None) -> str:
    """The tables with the worst grade, which is the joint one under 取最低."""
    return f"{'、'.join(tables)}：{'未达到Ⅲ级' if grade is None else _GRADES[grade]}"
