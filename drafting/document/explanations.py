"""指标解释与数据来源: every indicator with its explanation, formula, data source and collection (clause 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from drafting.document import markup
from drafting.document.apart import references
from drafting.document.facts import CategoryFacts, Facts
from drafting.document.symbol_units import PLAIN_UNITS
from drafting.document.symbols import Quantity, is_symbol
from drafting.document.texts import Texts
from drafting.document.tree import Block, Clause, Formula, Paragraph, Symbol, Text
from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, print_latex
from drafting.model.system import Indicator
from drafting.notation.typography import typeset_unit

_PERIOD = "统计期内"
_PLAIN = "量纲为一"


@dataclass(frozen=True, slots=True)
class IndicatorFormula:
    """A formula in symbols with what they mean, or ``words``: the formula as typed where it cannot be read."""

    latex: str = ""
    where: tuple[Symbol, ...] = ()
    words: str = ""


def explanations(facts: Facts, texts: Texts) -> tuple[Block, ...]:
    """Write one clause per first-level indicator with one clause per second-level indicator below.

    A first-level indicator with a single second-level one has no clauses below it: a lone sub-clause is not allowed.
    """
    return tuple(_category(facts, texts, category) for category in facts.categories)


def _category(facts: Facts, texts: Texts, category: CategoryFacts) -> Clause:
    anchor = f"explain:{category.number}"
    children = tuple(
        _indicator(facts, texts, category, indicator, position)
        for position, indicator in enumerate(category.indicators, 1)
    )
    if len(children) > 1:
        return Clause(category.name, children, anchor)
    lead = Paragraph(markup.runs(f"{markup.quote(category.name)}设二级指标1项，为{markup.quote(children[0].title)}。"))
    return Clause(category.name, (lead, *children[0].children), anchor)


def _indicator(facts: Facts, texts: Texts, category: CategoryFacts, indicator: Indicator, position: int) -> Clause:
    anchor = f"formula:{indicator.code}"
    own = f"x_{{{category.number}{facts.pair}{position}}}"
    formula = indicator_formula(indicator, own, facts.symbols)
    stands = facts.tables_of(indicator) if facts.several else ()
    applies = references("table:system", [n - 1 for n in stands])
    context = facts.context() | {"indicator": indicator, "anchor": anchor, "formula": formula, "applies": applies}
    made = {
        "formula": (Formula(formula.latex, anchor, formula.where, alt=indicator.formula.text),) if formula.latex else ()
    }
    blocks = texts.blocks("indicator", context, made.get)
    return Clause(indicator.name, blocks, f"indicator:{indicator.code}")


def indicator_formula(indicator: Indicator, own: str, symbols: Mapping[tuple[str, str], Quantity]) -> IndicatorFormula:
    r"""Turn a typed formula (综合能耗/合格产品产量) into symbols: :math:`x_{21} = E/Q`.

    ``own`` is the indicator itself, written as in formula (D.1) of the standard. A formula that cannot be read, and a
    bare name, is given back as words; the check of the workbook reports what cannot be read.
    """
    expression = indicator.formula.expression
    if expression is None or isinstance(expression.root, Name):
        return IndicatorFormula(words=indicator.formula.text.strip())
    names = {name: symbols[indicator.code, name] for name in expression.names}
    lines = [(own, _with_unit(indicator.name, indicator.unit or _PLAIN))]
    lines += [(_latex_of(q.symbol), _with_unit(_meaning(q), q.unit or _open(q))) for q in names.values()]
    where = tuple(
        Symbol(latex, (Text(meaning + ("。" if i == len(lines) else "；")),))
        for i, (latex, meaning) in enumerate(lines, 1)
    )
    letters = {name: q.symbol for name, q in names.items()}
    return IndicatorFormula(f"{own} = {print_latex(_renamed(expression.root, letters))}", where)


def _meaning(quantity: Quantity) -> str:
    if quantity.unexplained:
        return f"【待补充：{quantity.name}的含义】"
    name = quantity.meaning or quantity.name
    return name if is_symbol(name) or name.startswith(_PERIOD) else f"{_PERIOD}的{name}"


def _open(quantity: Quantity) -> str:
    return f"【待补充：{quantity.meaning or quantity.name}的单位】"


def _with_unit(name: str, unit: str) -> str:
    if unit in ("%", "‰"):
        return f"{name}，用{'百' if unit == '%' else '千'}分数（{unit}）表示"
    return f"{name}，{_PLAIN}" if unit in PLAIN_UNITS else f"{name}，单位为{typeset_unit(unit)}"


def _latex_of(letter: str) -> str:
    return print_latex(Name(letter))


def _renamed(node: Node, names: Mapping[str, str]) -> Node:
    match node:
        case Name(name):
            return Name(names[name])
        case Negation(operand):
            return Negation(_renamed(operand, names))
        case Binary(operator, left, right):
            return Binary(operator, _renamed(left, names), _renamed(right, names))
        case Call(function, arguments):
            return Call(function, tuple(_renamed(a, names) for a in arguments))
    return node
