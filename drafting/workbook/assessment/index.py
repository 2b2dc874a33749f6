"""Index block of 计算: categories (D.3), the index by long division (D.2), conditions and grade (D.4), reasons."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from openpyxl.utils import get_column_letter

from drafting.evaluation import GRADES, Reason, explain
from drafting.evaluation.draft import grade_rule
from drafting.evaluation.rule import GATE, LIMITING_REQUIRED, OTHERS_REQUIRED
from drafting.workbook.assessment.excel_formula import quoted
from drafting.workbook.assessment.layout import VIOLATION_CELL, Layout, on_form
from drafting.workbook.assessment.weights import BASE, IntegerWeights
from drafting.workbook.style import TEAL, cell_at, font, put

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

NOT_EVALUATED, NO_GRADE = "不参与评价", "未达Ⅲ级"
_ROMAN = ("Ⅰ级", "Ⅱ级", "Ⅲ级")
_SLOT = "\ue000"
"""Stands in a sentence of the engine where the workbook puts names or numbers."""


class IndexBlock:
    """Writes the block and knows the cells that the other sheets show."""

    def __init__(self, sheet: Worksheet, layout: Layout, weights: IntegerWeights) -> None:
        self._sheet = sheet
        self._layout = layout
        self._weights = weights
        self.reasons: list[str] = []
        """Cells of the reasons, each a sentence or empty, in the order of the engine."""

    # --- cells others show ---
    def index_text(self, grade: int) -> str:
        """Cell of Y in words."""
        return f"$D${self._weights.result_row(self._layout, self._weights.option(self._layout), grade)}"

    def index_number(self, grade: int) -> str:
        """Cell of Y as a number, cut off after four decimals."""
        return f"$E${self._weights.result_row(self._layout, self._weights.option(self._layout), grade)}"

    @property
    def grade(self) -> str:
        """Cell of the grade in words."""
        return f"$B${self._weights.verdict_row(self._layout) + 7}"

    @property
    def excluded(self) -> str:
        """Cell of the legal precondition: 1 where it bars the way."""
        return f"$B${self._weights.verdict_row(self._layout)}"

    # --- writing ---
    def write(self) -> None:
        """Write everything."""
        self._categories()
        for option in (0, 1):
            for grade in range(len(GRADES)):
                self._division(option, grade)
        self._verdict()
        self._reasons()

    def _put(self, row: int, column: int, content: str | int, *, label: bool = False) -> str:
        cell = cell_at(self._sheet, row, column)
        if label:
            put(cell, str(content))
        else:
            cell.value = content
        cell.font = font(size=9, bold=label, colour=TEAL if label else "FF1F2933")
        return f"${get_column_letter(column)}${row}"

    def _categories(self) -> None:
        layout, weights = self._layout, self._weights
        heads = (
            "一级指标",
            "权重（整数）",
            "适用权重之和",
            "得Ⅰ",
            "得Ⅱ",
            "得Ⅲ",
            "有适用指标",
            "整类不适用",
            "整类不适用名单",
        )
        for column, head in enumerate(heads, start=1):
            self._put(layout.below, column, head, label=True)
        group = layout.span("category")
        for i, name in enumerate(layout.draft.categories):
            row = weights.category_row(layout, i)
            self._put(row, 1, name, label=True)
            self._put(row, 2, weights.first[i])
            for column, source in enumerate(("w", "w1", "w2", "w3"), start=3):
                self._put(row, column, f"=SUMIF({group},{i + 1},{layout.span(source)})")
            regular = int(i in weights.regular)
            self._put(row, 7, f"=IF(AND(C{row}>0,{regular}=1),1,0)")
            self._put(row, 8, f"=IF(AND(C{row}=0,{regular}=1,B{row}>0),1,0)")
            before = f"I{row - 1}" if i else '""'
            self._put(row, 9, f'=IF(H{row}=1,{before}&IF({before}="","","、")&A{row},{before})')
        row = weights.category_row(layout, len(weights.first))
        first, last = weights.category_row(layout, 0), row - 1
        self._put(row, 1, "权重之和：按标准、重新归一", label=True)
        self._put(row, 2, weights.one)
        present = f"SUMPRODUCT(B{first}:B{last},G{first}:G{last})"
        self._put(row, 3, f"=IF({present}=0,1,{present})")

    def _division(self, option: int, grade: int) -> None:
        """Divide category by category, add the digits, carry from the right."""
        layout, weights = self._layout, self._weights
        top, count, mark = weights.block(layout, option, grade), len(weights.regular), grade_rule().full_mark
        divisor = weights.divisor(layout, option)
        for n, i in enumerate(weights.regular):
            row, of = top + n, weights.category_row(layout, i)
            numerator = self._put(row, 1, f"={mark}*B{of}*{'DEF'[grade]}{of}")
            denominator = self._put(row, 2, f"=IF(C{of}=0,1,{divisor}*C{of})")
            rest = numerator
            for k in range(weights.digits + 1):
                scaled = rest if k == 0 else f"({rest}*{BASE})"
                quotient = f"INT({scaled}/{denominator})"
                left = f"{scaled}-{quotient}*{denominator}"
                digit = self._put(row, 3 + 2 * k, f"={quotient}+IF({left}<0,-1,IF({left}>={denominator},1,0))")
                rest = self._put(row, 4 + 2 * k, f"={scaled}-{digit}*{denominator}")
        sums, carries = top + count, top + count + 1
        carry, exact = str(count - 1), f"{count - 1}"
        rests: list[str] = []
        for k in reversed(range(weights.digits + 1)):
            letter = get_column_letter(3 + 2 * k)
            total = self._put(sums, 3 + 2 * k, f"=SUM({letter}{top}:{letter}{top + count - 1})+{carry}")
            if k == 0:
                units = total
                break
            carry = self._put(carries, 3 + 2 * k, f"=INT({total}/{BASE})")
            rests.append(self._put(carries, 4 + 2 * k, f"={total}-{carry}*{BASE}"))
        # rests[-1] is the first digit after the point, rests[0] the last, which carries the m − 1 of the truncation.
        beyond = [f"{rest}>{exact if n == 0 else 0}" for n, rest in enumerate(rests[:-1])]
        row = weights.result_row(layout, option, grade)
        self._put(row, 1, f"Y_{GRADES[grade]} ×10⁴（{'重新归一' if option else '按标准'}）", label=True)
        self._put(row, 2, f"={units}*{BASE}+{rests[-1]}")
        self._put(row, 3, f"=IF(OR({','.join(beyond)}),1,0)")
        self._put(row, 4, _index_text(units, rests[-1], f"C{row}"))
        self._put(row, 5, f"=B{row}/{BASE}")

    def _verdict(self) -> None:
        layout, weights = self._layout, self._weights
        row = weights.verdict_row(layout)
        excluded = self._put(row, 2, f'=IF({on_form(VIOLATION_CELL)}="是",1,0)')
        self._put(row, 1, "法律前提不满足", label=True)
        self._put(row + 1, 1, "限定性指标未达Ⅲ级的项数", label=True)
        gate = self._put(row + 1, 2, f"=SUM({layout.span('gate')})")
        met: list[list[str]] = [[], []]
        for g in range(len(GRADES)):
            self._put(row + 2 + g, 1, f"{_ROMAN[g]}：条件满足（按标准、重新归一）", label=True)
            for option in (0, 1):
                index = f"$B${weights.result_row(layout, option, g)}"
                tests = [f"{index}>={_scaled(g)}", f"{gate}=0"]
                tests += [f"SUM({layout.span(column)})=0" for column in _conditions(g)]
                met[option].append(self._put(row + 2 + g, 2 + option, f"=IF(AND({','.join(tests)}),1,0)"))
        for option in (0, 1):
            one, two, three = met[option]
            place = f"=IF({one}=1,1,IF({two}=1,2,IF({three}=1,3,0)))"
            self._put(row + 5, 2 + option, place)
        self._put(row + 5, 1, "等级序号（按标准、重新归一）", label=True)
        own = f"${'BC'[weights.option(layout)]}${row + 5}"
        self._put(row + 6, 1, "两种处理方式的等级不同", label=True)
        self._put(row + 6, 2, f"=IF($B${row + 5}=$C${row + 5},0,1)")
        self._put(row + 7, 1, "等级", label=True)
        words = f'IF({own}=1,"Ⅰ级",IF({own}=2,"Ⅱ级",IF({own}=3,"Ⅲ级",{quoted(NO_GRADE)})))'
        self._put(row + 7, 2, f"=IF({excluded}=1,{quoted(NOT_EVALUATED)},{words})")
        self._put(row + 8, 1, "下一等级序号", label=True)
        self._put(row + 8, 2, f"=IF(OR({excluded}=1,{own}=1),0,IF({own}=0,3,{own}-1))")
        self._put(row + 9, 1, "下一等级的指数不足", label=True)
        following = f"$B${row + 8}"
        option = weights.option(layout)
        short = "0"
        for g in range(len(GRADES)):
            index = f"$B${weights.result_row(layout, option, g)}"
            short = f"IF({following}={g + 1},IF({index}<{_scaled(g)},1,0),{short})"
        self._put(row + 9, 2, f"={short}")

    def _reasons(self) -> None:
        """One row per possible sentence: condition in B, sentence in C."""
        layout, weights = self._layout, self._weights
        row = weights.verdict_row(layout) + 11
        own = f"${'BC'[weights.option(layout)]}${weights.verdict_row(layout) + 5}"
        last = layout.size - 1

        def joined(column: str) -> str:
            return layout.cell(column, last)

        sentences: list[tuple[str, str]] = [
            (f"{self.excluded}=1", quoted(explain([Reason("legal")], [])[0])),
            (f'{joined("t_gate")}<>""', _worded(Reason("gate", None, GATE, (0,)), joined("t_gate"))),
        ]
        for g in range(len(GRADES)):
            tried = f"OR({own}=0,{own}>{g + 1})"
            option = weights.option(layout)
            index = f"$B${weights.result_row(layout, option, g)}"
            threshold = Fraction(grade_rule().thresholds[g])
            around = _split(Reason("index", g, index=Fraction(123456789), threshold=threshold), "123456789")
            sentences.append((f"AND({tried},{index}<{_scaled(g)})", f"{around[0]}&{self.index_text(g)}&{around[1]}"))
            for code, column in zip(("limiting", "others"), _lists(g), strict=False):
                required = LIMITING_REQUIRED[g] if code == "limiting" else OTHERS_REQUIRED[g]
                shown = _worded(Reason(code, g, required, (0,)), joined(column))
                sentences.append((f'AND({tried},{joined(column)}<>"")', shown))
        sentences.append((f'{joined("t_lack")}<>""', _worded(Reason("missing", indicators=(0,)), joined("t_lack"))))
        count = f"SUMPRODUCT({layout.span('regular')},{layout.span('applies')})"
        empty = f"$I${weights.category_row(layout, len(weights.first) - 1)}"
        decides = f"$B${weights.verdict_row(layout) + 6}"
        sentences.append((f"{count}=0", quoted(explain([Reason("nothing-applies")], [])[0])))
        for code, value in (("empty-category-decides", 1), ("empty-category", 0)):
            tests = f'AND({count}>0,{empty}<>"",{decides}={value})'
            sentences.append((tests, _worded(Reason(code, indicators=(0,)), empty)))
        for n, (test, text) in enumerate(sentences):
            condition = test if n == 0 else f"AND({self.excluded}=0,{test})"
            self._put(row + n, 1, f"理由{n + 1}", label=True)
            flag = self._put(row + n, 2, f"=IF({condition},1,0)")
            self._put(row + n, 3, f'=IF({flag}=1,{text},"")')
            running = f"D{row + n - 1}+" if n else ""
            self._put(row + n, 4, f"={running}{flag}")
            self.reasons.append(f"$C${row + n}")

    @property
    def reason_rows(self) -> tuple[int, int]:
        """First and last row of the reasons: C the sentence, D their running number."""
        first = self._weights.verdict_row(self._layout) + 11
        return first, first + len(self.reasons) - 1


def _scaled(grade: int) -> int:
    threshold = Fraction(grade_rule().thresholds[grade]) * BASE
    if threshold.denominator != 1:
        raise ValueError(f"a threshold of {grade_rule().thresholds[grade]} has more than four decimals")
    return int(threshold)


def _conditions(grade: int) -> tuple[str, ...]:
    """Columns of 计算 that count what D.4 asks besides the index."""
    return (("l1", "o2"), ("l2", "o3"), ())[grade]


def _lists(grade: int) -> tuple[str, ...]:
    return (("t_l1", "t_o2"), ("t_l2", "t_o3"), ())[grade]


def _worded(reason: Reason, names: str) -> str:
    """The engine's sentence with the names taken from a cell."""
    before, after = _split(reason, _SLOT)
    return f"{before}&{names}" + (f"&{after}" if after != '""' else "")


def _split(reason: Reason, slot: str) -> tuple[str, str]:
    before, _, after = explain([reason], [_SLOT], [_SLOT])[0].partition(slot)
    return quoted(before), quoted(after)


def _index_text(units: str, decimals: str, more: str) -> str:
    """Y as the engine writes it: cut off after four decimals, … where more follows, else without trailing zeros."""
    four = f'TEXT({decimals},"0000")'
    trimmed = four
    for digits, power in (("000", 10), ("00", 100), ("0", 1000)):
        trimmed = f'IF(INT({decimals}/{power})*{power}={decimals},TEXT({decimals}/{power},"{digits}"),{trimmed})'
    plain = f'IF({decimals}=0,"","."&{trimmed})'
    return f'={units}&IF({more}=1,"."&{four}&"…",{plain})'
