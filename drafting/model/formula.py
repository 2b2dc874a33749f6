"""The formula of an indicator (计算公式): as typed and, where it can be read, as a tree. It is parsed here only."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from drafting.model.characters import fold
from drafting.model.expression import Expression, ExpressionError, parse_expression
from drafting.model.expression_tree import zero_divisor

_STANDARD = re.compile(r"[A-Z]{2,}(?:/[A-Z]+)?\s*[0-9]+(?:\.[0-9]+)*(?:\s*[-—–]\s*[0-9]{4})?")
_PROSE = re.compile(r"[。；;：:\n]|,(?![^()]*\))")
_ARITHMETIC = re.compile(
    r"[=+*^√Σ∑]|\b(?:sum|max|min|sqrt|ln|exp)\s*\(|[\w)\]%]\s*/|[\w)\]]\s*-\s*[\w(\[]|^\s*\(|\)\s*$|^[^\u2e80-\U0003ffff]+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Formula:
    """One cell 计算公式."""

    text: str = ""
    """As typed."""
    expression: Expression | None = field(default=None, compare=False)
    """What is right of the equals sign; None for words and for what cannot be read."""
    fault: ExpressionError | None = field(default=None, compare=False)
    """Why it cannot be read."""

    @classmethod
    def read(cls, text: str) -> Formula:
        """Read a cell; never raises. ``E = a/b`` is the formula ``a/b``."""
        if not text.strip():
            return cls(text)
        try:
            expression = parse_expression(_right_side(text))
            zero = zero_divisor(expression.root)
        except ExpressionError as fault:
            return cls(text, None, fault)
        return cls(text, expression) if zero is None else cls(text, None, ExpressionError("division", None, zero))

    def __str__(self) -> str:
        """Give the cell."""
        return self.text

    def __bool__(self) -> bool:
        """Whether the cell says anything."""
        return bool(self.text.strip())

    @property
    def computable(self) -> Expression | None:
        """The expression where its names give a value; None of Σ over terms that are not listed."""
        found = self.expression
        return found if found is not None and found.names and not found.open_sum else None

    @property
    def meant_as_formula(self) -> bool:
        """Whether it looks like arithmetic, not like a sentence; only then is what cannot be read a mistake."""
        folded = fold(_STANDARD.sub("", self.text), arithmetic=True).strip()
        return not _PROSE.search(folded) and _ARITHMETIC.search(folded) is not None


def _right_side(text: str) -> str:
    folded = fold(text)
    return text[folded.index("=") + 1 :] if folded.count("=") == 1 else text


def formula_fault(fault: ExpressionError) -> str:
    """Say in words why a formula cannot be read, and where."""
    where = "" if fault.position is None else f"第 {fault.position + 1} 个字符"
    shown = f"“{fault.detail[:20]}”" if fault.detail else "末尾"
    return f"{where}{shown}处：{_FAULTS[fault.reason]}" if where else f"{_FAULTS[fault.reason]}（{shown}）"


_FAULTS = {
    "empty": "等号右边是空的", "too-long": "过长", "character": "这个字符不能用在式子里",
    "syntax": "缺少运算符或运算对象",
    "ambiguous": "a/2n 可读作 (a/2)·n，也可读作 a/(2n)，请加括号", "nesting": "括号嵌套过深",
    "unclosed": "括号没有配对",
    "function": "不是已知的函数，函数有 sum（Σ）、min、max、sqrt（√）、ln、exp，后面用括号写明范围；乘法请写出乘号",
    "bracket": "名称后的括号里是算式，乘法请写出乘号", "size": "指数过大", "division": "除数恒为 0", "name": "没有数值",
    "open-sum": "求和的各项没有列出", "domain": "没有实数值",
}  # fmt: skip
