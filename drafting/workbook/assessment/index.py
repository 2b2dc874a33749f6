"""Index block of 计算: categories (D.3), the index by long division (D.2), conditions and grade (D.4), reasons."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from drafting.evaluation import GRADES, Reason, explain
from drafting.evaluation.rule import GATE, GradeRule
from drafting.findings import letters
from drafting.model.terms import Grade
from drafting.workbook.assessment.class_rows import faults, part, several_words, whole_of
from drafting.workbook.assessment.digits import BASE, Total, add, conclude, digit_cells, divide, part_of
from drafting.workbook.assessment.excel_formula import quoted
from drafting.workbook.assessment.layout import VIOLATION_CELL, Layout
from drafting.workbook.assessment.weights import IntegerWeights
from drafting.workbook.style import INK, TEAL, cell_at, font, put

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

NOT_EVALUATED, NO_GRADE, NOT_JUDGED = "不参与评价", "未达Ⅲ级", "不能评定"
_SLOT = "\ue000"
"""Stands in a sentence of the engine where the workbook puts names or numbers."""


class Computing:
    """Writes cells of a sheet that computes, in small print."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet

    def _put(self, row: int, column: int, content: str | int, *, label: bool = False) -> str:
        """Write a label, a number or a formula; gives its cell."""
        cell = cell_at(self._sheet, row, column)
        if label:
            put(cell, str(content))
        else:
            cell.value = content
        cell.font = font(size=9, bold=label, colour=TEAL if label else INK)
        return f"${letters(column)}${row}"


class IndexBlock(Computing):
    """Writes the block and knows the cells that the other sheets show."""

    def __init__(self, sheet: Worksheet, layout: Layout, weights: IntegerWeights) -> None:
        super().__init__(sheet)
        self._layout = layout
        self._weights = weights
        self.reasons: list[str] = []
        """Cells of the reasons, each a sentence or empty, in the order of the engine."""
        self.totals: dict[tuple[int, int], Total] = {}
        """Digits of the index by option and grade."""

    # --- cells others show ---
    def index_text(self, grade: int) -> str:
        """Cell of Y in words."""
        return f"$D${self._weights.result_row(self._layout, self._weights.option(self._layout), grade)}"

    @property
    def grade(self) -> str:
        """Cell of the grade in words."""
        return f"$B${self._weights.verdict_row(self._layout) + 7}"

    @property
    def unclear(self) -> str:
        """Cell with the number of indicators whose class rows cannot be counted; only where there are class rows."""
        return f"$B${self._weights.verdict_row(self._layout) + 10}"

    @property
    def place(self) -> str:
        """Cell of the grade's number: 1, 2, 3, or 0 for none."""
        return f"${'BC'[self._weights.option(self._layout)]}${self._weights.verdict_row(self._layout) + 5}"

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
                added = f"SUMIF({group},{i + 1},{layout.span(source)})"
                # Parts of a class row's weight by output are no whole numbers; together they are.
                self._put(row, column, f"=ROUND({added},0)" if weights.pools else f"={added}")
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
        whole, mark, divisor = (
            weights.block(layout, option, grade),
            layout.rule.full_mark,
            weights.divisor(layout, option),
        )
        top = whole + len(weights.inside)
        row = top
        for i in weights.regular:
            of = weights.category_row(layout, i)
            over, under = f"={mark}*B{of}*{'DEF'[grade]}{of}", f"=IF(C{of}=0,1,{divisor}*C{of})"
            divide(self._put, row, over, under, weights.digits)
            row += 1
        for n, pool in enumerate(weights.inside):
            of = weights.category_row(layout, layout.draft.groups[pool[0]])
            over, under = f"={mark}*B{of}*{weights.pool_weight(layout, pool)}", f"=IF(C{of}=0,1,{divisor}*C{of})"
            divide(self._put, whole + n, over, under, weights.digits)
            digits = digit_cells(whole + n, weights.digits)
            part_of(self._put, row, digits, f"={part(layout, pool, grade)}", f"={whole_of(layout, pool)}")
            row += 1
        slack = len(weights.regular) + 2 * len(weights.inside) - 1
        total = add(self._put, row, (top, row - 1), weights.digits, added=slack, slack=slack)
        self.totals[option, grade] = total
        row = weights.result_row(layout, option, grade)
        self._put(row, 1, f"Y_{GRADES[grade]} ×10⁴（{'重新归一' if option else '按标准'}）", label=True)
        conclude(self._put, row, total)

    def _verdict(self) -> None:
        layout, weights = self._layout, self._weights
        row = weights.verdict_row(layout)
        excluded = self._put(row, 2, f'=IF({layout.on_form(VIOLATION_CELL)}="是",1,0)')
        self._put(row, 1, "法律前提不满足", label=True)
        self._put(row + 1, 1, "限定性指标未达Ⅲ级的项数", label=True)
        gate = self._put(row + 1, 2, f"=SUM({layout.span('gate')})")
        met: list[list[str]] = [[], []]
        for g in range(len(GRADES)):
            self._put(row + 2 + g, 1, f"{Grade(GRADES[g]).chinese}：条件满足（按标准、重新归一）", label=True)
            for option in (0, 1):
                index = f"$B${weights.result_row(layout, option, g)}"
                tests = [f"{index}>={scaled(layout.rule, g)}", f"{gate}=0"]
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
        barred = f"{excluded}=1"
        if layout.pools:
            unclear = self._put(row + 10, 2, f"={faults(layout)}")
            self._put(row + 10, 1, "类别不明的指标数", label=True)
            words, barred = f"IF({unclear}>0,{quoted(NOT_JUDGED)},{words})", f"{barred},{unclear}>0"
        self._put(row + 7, 2, f"=IF({excluded}=1,{quoted(NOT_EVALUATED)},{words})")
        self._put(row + 8, 1, "下一等级序号", label=True)
        self._put(row + 8, 2, f"=IF(OR({barred},{own}=1),0,IF({own}=0,3,{own}-1))")
        self._put(row + 9, 1, "下一等级的指数不足", label=True)
        following = f"$B${row + 8}"
        option = weights.option(layout)
        short = "0"
        for g in range(len(GRADES)):
            index = f"$B${weights.result_row(layout, option, g)}"
            short = f"IF({following}={g + 1},IF({index}<{scaled(layout.rule, g)},1,0),{short})"
        self._put(row + 9, 2, f"={short}")

    def _reasons(self) -> None:
        """One row per possible sentence: condition in B, sentence in C."""
        layout, weights = self._layout, self._weights
        row = weights.verdict_row(layout) + 11
        own = self.place
        last = layout.size - 1

        def joined(column: str) -> str:
            return layout.cell(column, last)

        sentences: list[tuple[str, str]] = [
            (f"{self.excluded}=1", quoted(explain([Reason("legal")], [])[0])),
            *((f"{fault}=1", words) for fault, words in several_words(layout)),
            (f'{joined("t_gate")}<>""', _worded(Reason("gate", None, GATE, (0,)), joined("t_gate"))),
        ]
        for g in range(len(GRADES)):
            tried = f"OR({own}=0,{own}>{g + 1})"
            option = weights.option(layout)
            index = f"$B${weights.result_row(layout, option, g)}"
            threshold = Fraction(layout.rule.thresholds[g])
            around = _split(Reason("index", g, index=Fraction(123456789), threshold=threshold), "123456789")
            short = f"AND({tried},{index}<{scaled(layout.rule, g)})"
            sentences.append((short, f"{around[0]}&{self.index_text(g)}&{around[1]}"))
            for code, column in zip(("limiting", "others"), _lists(g), strict=False):
                required = layout.rule.required(g, limiting=code == "limiting")
                if required is None:
                    continue
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


def scaled(rule: GradeRule, grade: int) -> int:
    """Threshold of a grade as the sheets hold it: whole, in units of the last digit of an index."""
    threshold = Fraction(rule.thresholds[grade]) * BASE
    if threshold.denominator != 1:
        raise ValueError(f"a threshold of {rule.thresholds[grade]} has more than four decimals")
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
