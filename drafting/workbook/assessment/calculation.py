"""Sheet 计算 of the self-assessment workbook, indicator by indicator: value, membership (D.1), weight, what fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from drafting.evaluation.draft import decimals_of
from drafting.evaluation.rule import GATE, LIMITING_REQUIRED
from drafting.findings import letters
from drafting.model.bounds import Bound, BoundKind, Operator
from drafting.model.survey import ANSWERS
from drafting.workbook.assessment.class_rows import applies, reached, write_class_rows
from drafting.workbook.assessment.excel_formula import formula_of, half_even, quoted
from drafting.workbook.assessment.layout import (
    CALC_FIRST,
    CALC_HEADINGS,
    COLUMNS,
    FORM_FIRST,
    LETTERS,
    REACHED,
    STRATUM_CELL,
    VARIANTS_FROM,
    Layout,
)
from drafting.workbook.assessment.typed_number import core, entered, left_of_digits, plain, said
from drafting.workbook.assessment.typed_number import number as typed_number
from drafting.workbook.assessment.weights import IntegerWeights
from drafting.workbook.cells import grade_spellings
from drafting.workbook.headings import NOT_APPLICABLE_MARK, SINGLE_ANSWER, key
from drafting.workbook.style import MUTED, TEAL, cell_at, font, heading_row, put, widths

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_HEADINGS = (
    "代码", "二级指标", "类别", "限定性", "计入总分", "适用", "填报", "数值", "低于检出限", "缺数据",
    "Ⅰ级限", "Ⅱ级限", "Ⅲ级限", "符合Ⅰ", "符合Ⅱ", "符合Ⅲ", "达到Ⅰ", "达到Ⅱ", "达到Ⅲ", "权重（整数）",
    "得Ⅰ", "得Ⅱ", "得Ⅲ",
    "调整后权重", "限定未达Ⅲ",
    "限定未达Ⅰ", "限定未达Ⅱ", "其他未达Ⅱ", "其他未达Ⅲ", "缺", "名单1", "名单2", "名单3", "名单4",
    "名单5", "名单6", "必须提升", "可得分", "排序", "填写有误",
    "文字", "所写", "数字部分", "其余字符", "所写的数",
)  # fmt: skip
_LISTS = (("gate", "t_gate"), ("l1", "t_l1"), ("l2", "t_l2"), ("o2", "t_o2"), ("o3", "t_o3"), ("lack", "t_lack"))
_BELOW = ("<", "＜")
_EMPTY = '=""'
_COMPARE: Mapping[Operator, str] = {
    Operator.AT_MOST: "<=", Operator.BELOW: "<", Operator.AT_LEAST: ">=", Operator.ABOVE: ">", Operator.EQUAL: "=",
}  # fmt: skip


def calculation_sheet(book: Workbook, layout: Layout, weights: IntegerWeights) -> Worksheet:
    """Write the rows of the indicators and the table of baselines by stratum."""
    sheet: Worksheet = book.create_sheet(layout.names.calculation)
    sheet.sheet_properties.tabColor = MUTED[2:]
    title = cell_at(sheet, 1, 1)
    put(title, "计算过程（自动计算，请勿改动）")
    title.font = font(size=12, bold=True, colour=TEAL)
    heading_row(sheet, CALC_HEADINGS, _HEADINGS)
    widths(sheet, [8, 24, *[8] * (len(COLUMNS) - 2)])
    sheet.freeze_panes = f"C{CALC_FIRST}"
    _variants(sheet, layout)
    for j in range(layout.size):
        for column, content in _row(layout, weights, j).items():
            cell = cell_at(sheet, layout.row(j), COLUMNS.index(column) + 1)
            if column in ("code", "name"):
                put(cell, str(content))
            else:
                cell.value = content
            cell.font = font(size=9)
    _amount_rows(sheet, layout)
    write_class_rows(sheet, layout)
    for j, twins in layout.twins.items():
        own = layout.on_form(layout.value(j))
        tests = [f'AND({t.chosen}=1,{t.value}<>"",{t.value}<>{own})' for t in twins]
        cell = sheet[layout.class_cell("differs", j).replace("$", "")]
        cell.value, cell.font = f'=IF({own}="",0,IF(OR({",".join(tests)}),1,0))', font(size=9)
    return sheet


def _amount_rows(sheet: Worksheet, layout: Layout) -> None:
    """Raw totals and parameters, read as the indicators' values are."""
    for filled, (name, unit) in layout.amounts.items():
        at = {column: layout.amount(column, filled) for column in COLUMNS}
        entry, number = at["entry"], at["number"]
        formulas = {
            **typed_amount(layout.on_form(filled), at, unit),
            "wrong": f'=IF(AND({entry}<>"",NOT(ISNUMBER({number}))),1,0)',
        }
        put(sheet[at["name"].replace("$", "")], name)
        for column, content in formulas.items():
            cell = sheet[at[column].replace("$", "")]
            cell.value = content
            cell.font = font(size=9)


def typed_amount(filled: str, at: Mapping[str, str], unit: str) -> dict[str, str]:
    """Formulas that read a number that is typed into a cell; ``at`` are the cells of the steps."""
    entry = at["entry"]
    return {**_reading(filled, at, unit, '""'), "number": f'=IF(ISNUMBER({entry}),{entry},"")'}


def _reading(filled: str, at: Mapping[str, str], unit: str, otherwise: str) -> dict[str, str]:
    """Formulas that read what is typed into a cell, step by step."""
    return {
        "entry": f"={entered(filled, at['said'], at['typed'], unit, otherwise)}",
        "plain": f"={plain(filled)}",
        "said": f"={said(at['plain'], unit)}",
        "core": f"={core(at['said'])}",
        "rest": f"={left_of_digits(at['core'])}",
        "typed": f"={typed_number(at['said'], at['core'], at['rest'], unit)}",
    }


def _row(layout: Layout, weights: IntegerWeights, j: int) -> dict[str, str | int]:
    draft = layout.draft
    indicator = draft.indicators[j]
    group = draft.groups[j]

    def at(column: str) -> str:
        return layout.cell(column, j)

    hits = _hits(layout, j)
    counted = f"{at('applies')}=1,{at('missing')}=0"
    regular, limiting = at("regular"), at("limiting")
    marked = [f"{layout.on_form(at)}={quoted(NOT_APPLICABLE_MARK)}" for at in (layout.mark(j), layout.value(j))]
    if layout.twins.get(j):
        blank, mark = f"{layout.on_form(layout.value(j))}={quoted('')}", quoted(NOT_APPLICABLE_MARK)
        marked.append(f"AND({blank},{elsewhere(layout, j)}={mark})")
    applying = f"=IF(OR({','.join(marked)}),0,1)"
    own = layout.pool(j)
    lacks = [f"{regular}*{at('applies')}*(1-{at(f'r{g + 1}')})" for g in range(3)]
    return {
        "code": indicator.code,
        "name": indicator.name,
        "category": group + 1,
        "limiting": int(indicator.limiting),
        "regular": int(group not in draft.bonus),
        "applies": applies(layout, j, applying[1:]) if own else applying,
        **_values(layout, j),
        **{f"b{g + 1}": _bound(layout, j, g) for g in range(3)},
        **{f"h{g + 1}": hits[g] for g in range(3)},
        **{
            f"r{g + 1}": reached(layout, j, g)
            if own
            else f"=IF(AND({counted}),MAX({','.join(at(f'h{k + 1}') for k in range(g + 1))}),0)"
            for g in range(3)
        },
        "w": weights.formula(layout, j),
        **{f"w{g + 1}": "=0" if own in weights.pools else f"={at('w')}*{at(f'r{g + 1}')}" for g in range(3)},
        "adjusted": f"=IF({weights.whole(layout, group)}=0,0,{at('w')}/{weights.whole(layout, group)})",
        "gate": f"={limiting}*{lacks[GATE]}",
        "l1": f"={limiting}*{lacks[LIMITING_REQUIRED[0]]}",
        "l2": f"={limiting}*{lacks[LIMITING_REQUIRED[1]]}",
        "o2": f"=(1-{limiting})*{_other(layout, lacks, 0)}",
        "o3": f"=(1-{limiting})*{_other(layout, lacks, 1)}",
        "lack": f"={at('missing')}",
        **{text: _joined(layout, flag, text, j) for flag, text in _LISTS},
        **_improvement(layout, weights, j),
    }


def _other(layout: Layout, lacks: Sequence[str], grade: int) -> str:
    """Whether an indicator that is not limiting lacks what a grade asks of it; trial rules ask nothing."""
    required = layout.rule.others_required[grade]
    return "0" if required is None else lacks[required]


def _values(layout: Layout, j: int) -> dict[str, str]:
    """Entry as filled in or computed from raw totals; number as judged; below detection; missing; faulty."""
    indicator = layout.draft.indicators[j]
    direct, entry, number = layout.on_form(layout.value(j)), layout.cell("entry", j), layout.cell("number", j)
    applying = layout.cell("applies", j)
    if indicator.qualitative:
        chosen, bare = '""', f'SUBSTITUTE(SUBSTITUTE({entry}," ",""),"\u3000","")'
        for grades, words in grade_spellings(single=len(indicator.baselines) == 1).items():
            listed = ",".join(map(quoted, words))
            chosen = f"IF(SUMPRODUCT(--({bare}={{{listed}}}))>0,{grades},{chosen})"
        wrong = f'=IF(AND({applying}=1,{entry}<>"",NOT(ISNUMBER({number}))),1,0)'
        return {
            "entry": f'=IF({direct}="",{elsewhere(layout, j)},{direct})', "number": f"={chosen}", "below": "=0",
            "missing": f'=IF(AND({applying}=1,{number}=""),1,0)', "wrong": wrong,
        }  # fmt: skip
    sign = f"OR({','.join(f'LEFT({entry},1)={quoted(mark)}' for mark in _BELOW)})"
    read = f'IF(ISNUMBER({entry}),{entry},IF({sign},IFERROR(VALUE(MID({entry},2,30)),""),""))'
    decimals = decimals_of(layout.draft.baselines[j])
    if layout.draft.rounded and decimals is not None:
        limit = f'IFERROR(VALUE(MID({entry},2,30)),"")'
        rounded = half_even(f"VALUE(MID({entry},2,30))", decimals)
        read = f'IF(ISNUMBER({entry}),{half_even(entry, decimals)},IF({sign},IF({limit}="","",{rounded}),""))'
    needs = dict.fromkeys(n for v in layout.variants() for bound in v[j] if bound is not None for n in bound.names)
    cells = layout.parameter_cells()
    lacking = [f"NOT(ISNUMBER({layout.amount('number', cells[name])}))" for name in needs]
    unknown = f"OR({','.join([number + _EMPTY, *lacking])})"
    wrong = f'AND({applying}=1,{entry}<>"",NOT(ISNUMBER({number})))'
    at = {name: layout.cell(name, j) for name in COLUMNS}
    return {
        **_reading(direct, at, indicator.unit, _derived(layout, j)),
        "number": f"={read}",
        "below": f"=IF(ISNUMBER({entry}),0,IF({sign},1,0))",
        "missing": f"=IF(AND({applying}=1,{unknown}),1,0)",
        "wrong": f"=IF({wrong},1,0)",
    }  # fmt: skip


def elsewhere(layout: Layout, j: int) -> str:
    """What another table says of the whole plant: the first answer, 不适用 for its mark; else blank."""
    found, mark = '""', quoted(NOT_APPLICABLE_MARK)
    for twin in reversed(layout.twins.get(j, ())):
        told = f'AND({twin.chosen}=1,OR({twin.value}<>"",{twin.mark}={mark}))'
        found = f"IF({told},IF({twin.mark}={mark},{mark},{twin.value}),{found})"
    return found


def _answers(single: bool) -> dict[str, int]:
    """Words of a qualitative answer -> how many grades are reached."""
    if single:
        return {SINGLE_ANSWER: max(ANSWERS.values()), **{w: n for w, n in ANSWERS.items() if n == 0}}
    return dict(ANSWERS)


def answer_words(single: bool) -> tuple[str, ...]:
    """Words that the drop-down of a qualitative indicator offers."""
    return tuple(_answers(single))


def _derived(layout: Layout, j: int) -> str:
    """The value from raw totals; "" unless all are there and no divisor is zero or negative."""
    expression = layout.unit_formulas().get(j)
    if expression is None:
        return '""'
    raw = layout.raw_cells()
    cells = {name: layout.amount("number", raw[key(name)]) for name in expression.names}
    there = f"COUNT({','.join(cells.values())})={len(cells)}"
    positive = [f"{cells[name]}>0" for name in expression.divisors]
    return f'IF({there},IF(AND({",".join([there, *positive])}),IFERROR({formula_of(expression, cells)},""),""),"")'


def _bound(layout: Layout, j: int, g: int) -> str:
    """Number that the value is held against: typed, of the stratum, or a formula's value at the parameters."""
    bounds = [variant[j][g] for variant in layout.variants()]
    if all(bound is None for bound in bounds):
        return '=""'
    if len(bounds) == 1 or all(_content(bound) == _content(bounds[0]) for bound in bounds):
        return f"={_limit(layout, bounds[0])}"
    picked = '""'
    for n in reversed(range(len(bounds))):
        cell = f"${letters(VARIANTS_FROM + 3 * n + g)}{layout.row(j)}"
        picked = f"IF({variant_cell()}={n},{cell},{picked})"
    return f"={picked}"


def _content(bound: Bound | None) -> tuple[object, ...]:
    return () if bound is None else (bound.kind, bound.operator, bound.number, bound.expression)


def _limit(layout: Layout, bound: Bound | None) -> str:
    if bound is None:
        return '""'
    if bound.kind is BoundKind.FORMULA and bound.expression is not None:
        cells = {name: layout.amount("number", cell) for name, cell in layout.parameter_cells().items()}
        # Decimal arithmetic of the engine: binary remainders of 0.14+0.08*3 are rounded away.
        return f'IFERROR(ROUND({formula_of(bound.expression, cells)},12),"")'
    return format(bound.number, "f") if bound.number is not None else '""'


def variant_cell() -> str:
    """Cell of 计算 that says which baselines hold: 0 pooled, then the strata."""
    return "$D$1"


def _variants(sheet: Worksheet, layout: Layout) -> None:
    """Write the number of the stratum chosen, and the baselines of every stratum where there are any."""
    names = layout.draft.stratum_names
    put(cell_at(sheet, 1, 3), "分组序号")
    chosen = "0"
    for n, name in enumerate(names, start=1):
        chosen = f"IF({layout.on_form(STRATUM_CELL)}={quoted(name)},{n},{chosen})"
    cell_at(sheet, 1, 4).value = f"={chosen}"
    if not names:
        return
    variants = layout.variants()
    for n, variant in enumerate(variants):
        for g, label in enumerate(("Ⅰ", "Ⅱ", "Ⅲ")):
            column = VARIANTS_FROM + 3 * n + g
            put(cell_at(sheet, CALC_HEADINGS, column), f"{names[n - 1] if n else '不分组'}{label}级")
            for j in range(layout.size):
                limit = _limit(layout, variant[j][g])
                cell_at(sheet, layout.row(j), column).value = f"={limit}"


def _hits(layout: Layout, j: int) -> tuple[str, str, str]:
    """Whether the number meets the bound of each grade, that grade alone; 1 or 0."""
    first, second, third = (_hit(layout, j, g) for g in range(3))
    return first, second, third


def _hit(layout: Layout, j: int, g: int) -> str:
    number, bound, below = (layout.cell(name, j) for name in ("number", f"b{g + 1}", "below"))
    if layout.draft.indicators[j].qualitative:
        return f"=IF(ISNUMBER({number}),IF({number}>={3 - g},1,0),0)"
    operators = [None if (one := variant[j][g]) is None else one.operator for variant in layout.variants()]
    met = "0"
    for n, operator in enumerate(operators):
        if operator is None:
            test = "0"
        else:
            larger = operator not in (Operator.AT_MOST, Operator.BELOW)
            compared = f"{number}{_COMPARE[operator]}{bound}"
            # Below a detection limit is never above a number.
            test = f"IF({compared},{f'1-{below}' if larger else '1'},0)"
        if n == 0:
            met = test
        elif operator != operators[0]:
            met = f"IF({variant_cell()}={n},{test},{met})"
    return f"=IF(AND(ISNUMBER({number}),ISNUMBER({bound})),{met},0)"


def _joined(layout: Layout, flag: str, text: str, j: int) -> str:
    """Names of the flagged indicators up to this row, joined by 、."""
    before = layout.cell(text, j - 1) if j else '""'
    name = layout.cell("name", j)
    return f'=IF({layout.cell(flag, j)}=1,{before}&IF({before}="","","、")&{name},{before})'


def _improvement(layout: Layout, weights: IntegerWeights, j: int) -> dict[str, str]:
    """What this indicator is to the next grade: has to be raised, points that it brings, its place in the list.

    The cells of the next grade (0 none, 1, 2, 3 for I, II, III) and of the index's shortfall stand in the index block.
    """
    following, short = weights.following(layout), weights.shortfall(layout)
    limiting, regular, weight = (layout.cell(name, j) for name in ("limiting", "regular", "w"))
    reached = [layout.cell(f"r{g + 1}", j) for g in range(3)]
    lacks = [f"(1-{one})" for one in reached]
    must = f"IF({following}=1,IF({limiting}=1,{lacks[LIMITING_REQUIRED[0]]},{_other(layout, lacks, 0)}),"
    must += f"IF({following}=2,IF({limiting}=1,{lacks[LIMITING_REQUIRED[1]]},{_other(layout, lacks, 1)}),"
    must += f"IF({following}=3,IF(OR({limiting}=1,{weight}>0),{lacks[2]},0),0)))"
    points = weights.points(layout, j)
    open_ = f"IF({following}=1,{lacks[0]},IF({following}=2,{lacks[1]},IF({following}=3,{lacks[2]},0)))"
    must_cell, gain_cell = layout.cell("must", j), layout.cell("gain", j)
    listed = f"OR({must_cell}=1,AND({gain_cell}>0,{short}=1))"
    return {
        "must": f"={regular}*{layout.cell('applies', j)}*{must}",
        "gain": f"={regular}*{layout.cell('applies', j)}*{open_}*{points}",
        "order": f"=IF({listed},{must_cell}*1000+ROUND({gain_cell},6)+{layout.size - j}/10^8,0)",
    }


def reached_text(layout: Layout, j: int) -> str:
    """Formula of 自评表: the grade that an indicator reaches, in words."""
    names = ("applies", "missing", "wrong", "r1", "r2", "r3")
    on = {name: layout.on_calculation(layout.cell(name, j)) for name in names}
    grades = f'IF({on["r1"]}=1,"Ⅰ级",IF({on["r2"]}=1,"Ⅱ级",IF({on["r3"]}=1,"Ⅲ级","未达到")))'
    missing = f'IF({on["missing"]}=1,"缺数据",{grades})'
    return f'=IF({on["applies"]}=0,"不适用",IF({on["wrong"]}=1,"填写有误",{missing}))'


def reached_cells(layout: Layout) -> str:
    """Cells of 自评表 that show the grades reached."""
    return f"{REACHED}{FORM_FIRST}:{REACHED}{FORM_FIRST + layout.size - 1}"


__all__ = ["LETTERS", "answer_words", "calculation_sheet", "reached_cells", "reached_text", "variant_cell"]
