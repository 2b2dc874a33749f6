"""Why an enterprise has the grade it has: structured reasons, and their wording in Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from drafting.model.terms import GRADES

_ROMAN = ("Ⅰ", "Ⅱ", "Ⅲ")


@dataclass(frozen=True, slots=True)
class Reason:
    """One failed condition, or one remark on how the result came about.

    Attributes
    ----------
    code : str
        Failed conditions: ``"legal"`` (clause 6: not evaluated), ``"gate"`` (clause 6: limiting indicators below III),
        ``"index"``, ``"limiting"``, ``"others"`` (the three conditions of D.4).
        Remarks: ``"missing"`` (no value, counted as not reached), ``"empty-category"`` (nothing in a category applies),
        ``"empty-category-decides"`` (and the declared option decides the grade), ``"nothing-applies"``.
    grade : int or None
        Place in (I, II, III) of the grade that was tried; None where the reason concerns all.
    required : int or None
        Grade that `indicators` had to reach.
    indicators : tuple of int
        Those at fault; categories for the two empty-category codes.
    index, threshold : Fraction or None
        Of ``"index"``.
    """

    code: str
    grade: int | None = None
    required: int | None = None
    indicators: tuple[int, ...] = ()
    index: Fraction | None = None
    threshold: Fraction | None = None

    @property
    def failed(self) -> bool:
        """Whether it stopped a grade; remarks do not."""
        return self.code in ("legal", "gate", "index", "limiting", "others")


def explain(reasons: Sequence[Reason], indicators: Sequence[str], categories: Sequence[str] = ()) -> list[str]:
    """Put reasons into words, one sentence each.

    Parameters
    ----------
    reasons : sequence of Reason
        From :meth:`~drafting.evaluation.Evaluation.reasons`.
    indicators, categories : sequence of str
        Names by index; a category without name is given by its number.
    """
    return [_sentence(reason, indicators, categories) for reason in reasons]


def _sentence(reason: Reason, indicators: Sequence[str], categories: Sequence[str]) -> str:
    if reason.code.startswith("empty-category"):
        named = [categories[i] if i < len(categories) else f"第{i + 1}类一级指标" for i in reason.indicators]
    else:
        named = [indicators[j] for j in reason.indicators]
    names = "、".join(named)
    tried = "" if reason.grade is None else f"未达到{_ROMAN[reason.grade]}级："
    level = "" if reason.required is None else f"{_ROMAN[reason.required]}级"
    match reason.code:
        case "legal":
            return "近三年有重大环境违法违规行为，不参与清洁生产评价"
        case "gate":
            return f"限定性指标未全部达到{level}基准值，不予评级：{names}"
        case "index" if reason.index is not None and reason.threshold is not None and reason.grade is not None:
            sign, y = f"Y_{GRADES[reason.grade]}", show(reason.index)
            return f"{tried}综合评价指数{sign}为{y}，小于{show(reason.threshold)}"
        case "limiting":
            return f"{tried}限定性指标未达到{level}基准值：{names}"
        case "others":
            return f"{tried}非限定性指标未达到{level}基准值：{names}"
        case "missing":
            return f"缺少数据，按未达到计：{names}"
        case "empty-category":
            return f"该类一级指标下没有适用的二级指标：{names}"
        case "empty-category-decides":
            return f"整类不适用的处理方式决定了等级，请核对设置“整类不适用”：{names}"
        case _:
            return "没有适用的二级指标"


def show(value: Fraction) -> str:
    """Write an index exactly if it ends within four decimals, else cut off and marked with … (84.9999… is below 85)."""
    units, rest = divmod(value * 10**4, 1)
    digits = f"{int(units):05d}"
    text = f"{digits[:-4]}.{digits[-4:]}"
    return text + "…" if rest else text.rstrip("0").rstrip(".")
