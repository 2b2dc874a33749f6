"""Sheet 综合计算: the verdicts of an enterprise's tables joined by the rule 多表评定, in whole numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from openpyxl import Workbook

from drafting.evaluation import GRADES
from drafting.evaluation.draft import Draft
from drafting.evaluation.joined_reasons import excluded_words, gate_words, index_words, lowest_words, short_words
from drafting.evaluation.rule import GATE, GradeRule
from drafting.findings import letters
from drafting.model.tables import BY_OUTPUT, COEFFICIENTS, LOWEST, MAIN_PRODUCT, SEPARATELY
from drafting.workbook.assessment.calculation import typed_amount
from drafting.workbook.assessment.class_rows import scale
from drafting.workbook.assessment.digits import LARGEST_WHOLE, add, conclude, digits_for, part_of
from drafting.workbook.assessment.excel_formula import quoted
from drafting.workbook.assessment.index import NO_GRADE, NOT_EVALUATED, NOT_JUDGED, Computing, IndexBlock, scaled
from drafting.workbook.assessment.layout import Layout, sheet_name
from drafting.workbook.assessment.weights import IntegerWeights
from drafting.workbook.style import MUTED, TEAL, cell_at, font, heading_row, put, widths

COMBINED = "综合计算"
FRONT = "选表"
FRONT_ENTERPRISE, FRONT_YEAR, FRONT_VIOLATION, FRONT_RULE = "C3", "E3", "C4", "C6"
FRONT_HEADINGS, FRONT_FIRST = 8, 9
FRONT_KEY, FRONT_CHOICE, FRONT_OUTPUT = "B", "E", "F"
"""Columns of 选表: key of the table, whether the enterprise has it, its output."""
RULES = {
    SEPARATELY: "分别评定：各表各评各的，不作综合评定；等级见下表。",
    LOWEST: "取最低：取各表中最低的等级。",
    BY_OUTPUT: "按产量加权：Y_k 为各表指数按产量之比的加权和，第 6 章的前提和附录 D 的条件对各表的指标同时成立。",
    COEFFICIENTS: "固定系数：Y_k 为各表指数按系数的加权和（系数除以所选各表系数之和），"
    "第 6 章的前提和附录 D 的条件对各表的指标同时成立。",
    MAIN_PRODUCT: "主要产品：以产量最大的一张表为准。",
}
"""What 选表 says of 多表评定, by its word."""
NOT_CHOSEN = "请选表"
_SEEN_APART = "分别评定"
_FIRST = 4
_COLUMNS = (
    "key", "chosen", "entry", "plain", "said", "core", "rest", "typed", "number", "usable", "whole", "part",
    "counted", "gate", "l1", "l2", "o2", "o3", "place", "unclear", "answers",
)  # fmt: skip
_HEADINGS = (
    "表", "已选", "产量", "文字", "所写", "数字部分", "其余字符", "所写的数", "数值", "可用", "产量（整数）",
    "份额的分子", "计入", "限定未达Ⅲ", "限定未达Ⅰ", "限定未达Ⅱ", "其他未达Ⅱ", "其他未达Ⅲ",
    "等级序号", "类别不明", "已填项数",
)  # fmt: skip
_LETTERS = {name: letters(n) for n, name in enumerate(_COLUMNS, start=1)}


@dataclass(frozen=True, slots=True)
class TableForm:
    """One of several tables, as a self-assessment workbook needs it."""

    key: str
    caption: str
    draft: Draft
    applies: str = ""
    output_unit: str = ""
    coefficient: Decimal | None = None


@dataclass(frozen=True)
class Sheets:
    """One table's sheets, written."""

    table: TableForm
    layout: Layout
    weights: IntegerWeights
    index: IndexBlock


def chosen_cell(n: int) -> str:
    """Cell that is 1 where the enterprise has the n-th table, for formulas of every sheet."""
    return f"{sheet_name(COMBINED)}!${_LETTERS['chosen']}${_FIRST + n}"


def on_front(cell: str) -> str:
    """A cell of 选表 as the other sheets write it."""
    return f"{sheet_name(FRONT)}!{cell}"


def digits_of(weights: Sequence[IntegerWeights]) -> int:
    """Digits that every index is written to, so that the joint one can be told exactly."""
    slack = 2 * (max(w.terms for w in weights) * 2 + len(weights))
    outputs = LARGEST_WHOLE ** (1 + sum(len(w.inside) for w in weights))
    product = math.prod(w.bound for w in weights)
    widest = max(w.widest for w in weights)
    if widest <= 1000:  # all D_i divide the least common multiple of the numbers up to the widest
        ones = math.prod(w.one for w in weights)
        product = min(product, math.lcm(*range(1, widest + 1)) * ones)
    return digits_for(slack * outputs * product)


class Combination(Computing):
    """Writes the sheet, and knows the cells that 选表 shows."""

    def __init__(self, book: Workbook, rule: str, tables: Sequence[Sheets]) -> None:
        super().__init__(book.create_sheet(COMBINED))
        self.rule, self.tables = rule, tables
        self.reasons: tuple[int, int] = (0, 0)
        """First and last row of the sentences: C the sentence, D their running number."""
        self.grade = self.problem = ""
        self.indices: list[str] = []
        self._write()

    @property
    def decided(self) -> bool:
        """Whether there is a joint verdict at all."""
        return self.rule != SEPARATELY

    def cell(self, column: str, n: int) -> str:
        """A cell of the n-th table's row."""
        return f"${_LETTERS[column]}${_FIRST + n}"

    def shown(self, cell: str) -> str:
        """A cell of this sheet as the others write it."""
        return f"{sheet_name(COMBINED)}!{cell}"

    def share(self, n: int) -> str:
        """Formula of q of the n-th table, for other sheets."""
        return f"{self.shown(self.cell('part', n))}/{self.shown(self._whole)}"

    # --- writing -----------------------------------------------------------------------------------------------------
    @property
    def _totals(self) -> int:
        return _FIRST + len(self.tables)

    @property
    def _whole(self) -> str:
        return f"${_LETTERS['part']}${self._totals}"

    def _column(self, column: str) -> str:
        letter = _LETTERS[column]
        return f"${letter}${_FIRST}:${letter}${self._totals - 1}"

    def _write(self) -> None:
        sheet = self._sheet
        sheet.sheet_properties.tabColor = MUTED[2:]
        put(cell_at(sheet, 1, 1), "综合评定的计算过程（自动计算，请勿改动）")
        cell_at(sheet, 1, 1).font = font(size=12, bold=True, colour=TEAL)
        heading_row(sheet, 3, _HEADINGS)
        widths(sheet, [30, *[9] * (len(_COLUMNS) - 1)])
        sheet.freeze_panes = f"B{_FIRST}"
        for n in range(len(self.tables)):
            for column, content in self._row(n).items():
                self._put(_FIRST + n, _COLUMNS.index(column) + 1, content)
        number = self._put(self._totals, 2, f"=SUM({self._column('chosen')})")
        self._put(self._totals, 1, "合计", label=True)
        self._put(self._totals, _COLUMNS.index("whole") + 1, f"=SUM({self._column('whole')})")
        added = f"SUM({self._column('part')})"
        self._put(self._totals, _COLUMNS.index("part") + 1, f"=IF({added}=0,1,{added})")
        row = self._problem(number)
        if self.decided:
            row = self._lowest(row) if self.rule == LOWEST else self._joined(row)
            self._verdict(row)

    @property
    def _scale(self) -> str:
        return f"${_LETTERS['whole']}$2"

    def _row(self, n: int) -> dict[str, str]:
        one = self.tables[n]
        layout, index = one.layout, one.index
        row = FRONT_FIRST + n
        at = {name: self.cell(name, n) for name in _COLUMNS}

        def there(cell: str) -> str:
            return layout.on_calculation(cell)

        answers = f"COUNTA({layout.on_form(layout.value(0))}:{layout.value(layout.size - 1)})"
        found = {
            "key": one.table.key,
            "chosen": f'=IF({on_front(f"{FRONT_CHOICE}{row}")}="是",1,0)',
            "part": f"={self._part(n)}",
            "counted": f"=IF({at['part']}>0,1,0)",
            **{name: f"={at['counted']}*SUM({there(layout.span(name))})" for name in ("gate", "l1", "l2", "o2", "o3")},
            "place": f"=IF({there(index.place)}=0,4,{there(index.place)})",
            "unclear": f"={at['chosen']}*{there(index.unclear)}" if layout.pools else "=0",
            "answers": f"={answers}",
        }
        if self.rule in (BY_OUTPUT, MAIN_PRODUCT):
            if n == 0:
                numbers = [self.cell("number", k) for k in range(len(self.tables))]
                self._put(1, _COLUMNS.index("whole") + 1, "产量的倍数", label=True)
                self._put(2, _COLUMNS.index("whole") + 1, f"={scale(numbers)}")
            found |= typed_amount(on_front(f"{FRONT_OUTPUT}{row}"), at, one.table.output_unit)
            found["usable"] = f"=IF(ISNUMBER({at['number']}),IF({at['number']}>=0,1,0),0)"
            found["whole"] = f"={at['chosen']}*IF({at['usable']}=1,ROUND({at['number']}*{self._scale},0),0)"
        return found

    def _part(self, n: int) -> str:
        """Numerator of q of a table: its output, its coefficient, 1."""
        chosen, whole = self.cell("chosen", n), self.cell("whole", n)
        number = f"$B${self._totals}"
        if self.rule == COEFFICIENTS:
            given = [Fraction(t.table.coefficient or 0) for t in self.tables]
            one = math.lcm(*(c.denominator for c in given))
            return f"{chosen}*{int(given[n] * one)}"
        if self.rule == BY_OUTPUT:
            return f"IF({number}=1,{chosen},{whole})"
        if self.rule == MAIN_PRODUCT:
            outputs = self._column("whole")
            most = f"AND({chosen}=1,{whole}=MAX({outputs}),COUNTIF({outputs},{whole})=1,{whole}>0)"
            return f"IF({number}=1,{chosen},IF({most},1,0))"
        return chosen

    def _problem(self, number: str) -> int:
        """Write why there is no verdict; gives the next free row."""
        row = self._totals + 2
        said = [(f"SUM({self._column('unclear')})>0", "有表的类别不明，见该表的评价结果")]
        if self.rule in (BY_OUTPUT, MAIN_PRODUCT):
            lacking = f"SUMPRODUCT({self._column('chosen')},{self._column('usable')})<{number}"
            total = f"${_LETTERS['whole']}${self._totals}"
            exact = f"OR({self._scale}=0,{total}>{LARGEST_WHOLE})"
            nothing = f"SUM({self._column('part')})=0"
            said += [
                (f"AND({number}>1,{lacking})", "所选各表的产量未填全，或填写有误"),
                (f"AND({number}>1,{exact})", "产量的有效数字过多，请保留九位以内"),
                (f"AND({number}>1,{nothing})", "产量最大的表不止一张，或各表产量都是零"),
            ]
        text = '""'
        for test, words in reversed(said):
            text = f"IF({test},{quoted(words)},{text})"
        self._put(row, 1, "不能综合评定的原因", label=True)
        self.problem = self._put(row, 3, f'=IF({number}=0,"还没有选表",{text})')
        return row + 2

    def _joined(self, row: int) -> int:
        """Y_k = Σ q_t·Y_k,t, digit by digit."""
        digits = self.tables[0].weights.digits
        for grade in range(len(GRADES)):
            self._put(row, 1, f"Y_{GRADES[grade]}：各表的份额、合计", label=True)
            first, slack = row + 1, 0
            for n, one in enumerate(self.tables):
                total = one.index.totals[one.weights.option(one.layout), grade]
                slack = max(slack, total.slack)
                cells = [one.layout.on_calculation(cell) for cell in total.cells]
                part_of(self._put, first + n, cells, f"={self.cell('part', n)}", f"={self._whole}")
            after = first + len(self.tables)
            cut = len(self.tables) + 1
            joined = add(self._put, after, (first, after - 1), digits, added=cut, slack=slack + cut)
            conclude(self._put, after + 2, joined)
            self.indices.append(f"$D${after + 2}")
            row = after + 4
        return row

    def _lowest(self, row: int) -> int:
        """The least index of the chosen tables."""
        for grade in range(len(GRADES)):
            keys, texts = [], []
            for n, one in enumerate(self.tables):
                at = one.weights.result_row(one.layout, one.weights.option(one.layout), grade)
                floor, more, text = (one.layout.on_calculation(f"${column}${at}") for column in "BCD")
                keys.append(self._put(row, 3 + n, f"=IF({self.cell('chosen', n)}=1,{floor}*2+{more},9E+15)"))
                texts.append(text)
            least, found = f"MIN({','.join(keys)})", '""'
            for key, text in reversed(list(zip(keys, texts, strict=True))):
                found = f"IF({key}={least},{text},{found})"
            self._put(row, 1, f"Y_{GRADES[grade]}：各表的，最小的", label=True)
            self.indices.append(self._put(row, 2, f"={found}"))
            row += 1
        return row + 1

    def _verdict(self, row: int) -> None:
        number, excluded = f"$B${self._totals}", f'{on_front(FRONT_VIOLATION)}="是"'
        if self.rule == LOWEST:
            place = f"SUMPRODUCT(MAX({self._column('chosen')}*{self._column('place')}))"
            own = self._put(row, 2, f"=IF({place}=4,0,{place})")
        else:
            place = "0"
            for g in reversed(range(len(GRADES))):
                tests = [f"{self._floor(g)}>={scaled(self.asked, g)}", f"SUM({self._column('gate')})=0"]
                tests += [f"SUM({self._column(column)})=0" for column in (("l1", "o2"), ("l2", "o3"), ())[g]]
                place = f"IF(AND({','.join(tests)}),{g + 1},{place})"
            own = self._put(row, 2, f"={place}")
        self._put(row, 1, "等级序号", label=True)
        self._put(row + 1, 1, "等级", label=True)
        words = f'IF({own}=1,"Ⅰ级",IF({own}=2,"Ⅱ级",IF({own}=3,"Ⅲ级",{quoted(NO_GRADE)})))'
        words = f'IF({self.problem}<>"",{quoted(NOT_JUDGED)},{words})'
        words = f"IF({excluded},{quoted(NOT_EVALUATED)},{words})"
        self.grade = self._put(row + 1, 2, f"=IF({number}=0,{quoted(NOT_CHOSEN)},{words})")
        self._reasons(row + 3, own, excluded)

    @property
    def asked(self) -> GradeRule:
        """Thresholds and conditions of the rules in force: tables of one edition are judged by one rulebook."""
        return self.tables[0].layout.rule

    def _floor(self, grade: int) -> str:
        return self.indices[grade].replace("$D", "$B")

    def _reasons(self, row: int, own: str, excluded: str) -> None:
        """One row per possible sentence: condition in B, sentence in C, running number in D."""
        judged = f'AND({self.problem}="",NOT({excluded}))'
        sentences = [(excluded, quoted(excluded_words()))]
        if self.rule == LOWEST:
            sentences.append((f"AND({judged},{own}<>1)", self._lowest_words(own)))
        else:
            sentences += [(f"AND({judged},{test})", text) for test, text in self._stops(own)]
        for n, (test, text) in enumerate(sentences):
            self._put(row + n, 1, f"理由{n + 1}", label=True)
            flag = self._put(row + n, 2, f"=IF({test},1,0)")
            self._put(row + n, 3, f'=IF({flag}=1,{text},"")')
            self._put(row + n, 4, f"={f'D{row + n - 1}+' if n else ''}{flag}")
        self.reasons = row, row + len(sentences) - 1

    def _stops(self, own: str) -> list[tuple[str, str]]:
        found, asked = [], self.asked
        for n, one in enumerate(self.tables):
            names = self._names(one, "t_gate")
            found.append((f"{self.cell('gate', n)}>0", _slotted(gate_words(one.table.key, _SLOT), names)))
        for g in range(len(GRADES)):
            tried = f"OR({own}=0,{own}>{g + 1})"
            words = index_words(g, _SLOT, str(asked.thresholds[g]))
            test = f"AND({tried},{self._floor(g)}<{scaled(asked, g)})"
            found.append((test, _slotted(words, self.indices[g])))
            for n, one in enumerate(self.tables):
                for limiting, columns in ((True, ("l1", "l2")), (False, ("o2", "o3"))):
                    required = asked.required(g, limiting=limiting)
                    if required is None or (limiting and required == GATE):
                        continue
                    names = self._names(one, f"t_{columns[g]}")
                    words = short_words(one.table.key, _SLOT, required, limiting=limiting)
                    found.append((f"AND({tried},{self.cell(columns[g], n)}>0)", _slotted(words, names)))
        return found

    def _names(self, one: Sheets, column: str) -> str:
        return one.layout.on_calculation(one.layout.cell(column, one.layout.size - 1))

    def _lowest_words(self, own: str) -> str:
        """The tables with the worst grade, and the grade."""
        worst = f"IF({own}=0,4,{own})"
        keys, before = '""', ""
        for n, one in enumerate(self.tables):
            at = f"AND({self.cell('chosen', n)}=1,{self.cell('place', n)}={worst})"
            keys = f"IF({at},{quoted('、' + one.table.key)},{quoted('')})"
            before += ("&" if before else "") + keys
        said = ",".join(quoted(lowest_words(("",), g)) for g in (0, 1, 2, None))
        return f"MID({before},2,500)&CHOOSE({worst},{said})"


_SLOT = "\ue000"


def _slotted(words: str, cell: str) -> str:
    before, _, after = words.partition(_SLOT)
    return f"{quoted(before)}&{cell}" + (f"&{quoted(after)}" if after else "")


__all__ = ["COMBINED", "FRONT", "Combination", "Sheets", "TableForm", "chosen_cell", "digits_of", "on_front"]
