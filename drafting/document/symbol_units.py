"""Units of the quantities of a draft's indicator formulas.

They follow, in this order, from what the committee states (符号单位), from the indicator's unit down the tree of its
formula, from the columns of the survey that the formula is computed from, and from quantities that are added to or
divided by one another and so bear one unit. What remains is for the committee.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number
from drafting.model.survey import Derivation
from drafting.model.system import Indicator

Key = tuple[str, str]
"""A quantity: its name, and its stated meaning where the name is a mere symbol."""
_Naming = Callable[[str], Key]

PLAIN_UNITS = frozenset({"", "%", "‰", "—", "-", "1", "无量纲", "量纲为一"})
"""Units of a ratio of like to like."""
_QUOTIENT = re.compile(r"(?P<above>[^/每()（）%‰]+)[/每](?:(?P<below>[^/()（）]+)|[(（](?P<group>[^/()（）]+)[)）])")
_PRODUCT_UNIT = "单位产品"
"""吨每单位产品, as Table A.1 writes it, is tonnes per unit of product: 产品单位 in A.3."""


def units_of(
    indicators: Iterable[Indicator],
    derivations: Mapping[str, Derivation],
    keys: Mapping[tuple[str, str], Key],
    stated: Mapping[Key, str],
) -> Mapping[Key, str]:
    """Find the units of quantities.

    ``keys``: quantity by (code of the indicator, name in its formula).
    ``stated``: units that the committee states.
    A quantity whose unit does not follow, or that would have two, is not in it.
    """
    known = _Known()
    for indicator in indicators:
        expression = indicator.formula.expression
        if expression is None:
            continue
        own = {name: keys[indicator.code, name] for name in expression.names}
        _down(expression.root, indicator.unit, own.__getitem__, known)
        derivation = derivations.get(indicator.code)
        if derivation is not None and derivation.expression == expression:
            for name, unit in derivation.units.items():
                known.say(known.by_survey, own[name], unit)
    return known.solve(keys.values(), stated)


@dataclass
class _Known:
    by_formula: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_survey: dict[Key, set[str]] = field(default_factory=lambda: defaultdict(set))
    alike: list[tuple[Key, ...]] = field(default_factory=list)

    @staticmethod
    def say(where: dict[Key, set[str]], key: Key, unit: str) -> None:
        if unit:
            where[key].add(unit)

    def solve(self, keys: Iterable[Key], stated: Mapping[Key, str]) -> Mapping[Key, str]:
        found = {key: stated[key] for key in keys if stated.get(key)}
        open_keys = {key for key in keys if key not in found}
        for source in (self.by_formula, self.by_survey):
            for key, units in source.items():
                if key in open_keys:
                    open_keys.discard(key)  # one that would have two gets none, not that of a weaker source
                    if len(units) == 1:
                        found[key] = next(iter(units))
        while True:  # what is like a quantity with a unit gets it, and hands it on
            more = dict(self._alike(found, open_keys))
            if not more:
                return found
            found |= more
            open_keys -= more.keys()

    def _alike(self, found: Mapping[Key, str], open_keys: set[Key]) -> Iterator[tuple[Key, str]]:
        for group in self.alike:
            units = {found[key] for key in group if key in found}
            if len(units) == 1:
                yield from ((key, next(iter(units))) for key in group if key in open_keys)


def _down(root: Node, unit: str, key: _Naming, known: _Known) -> None:
    """Hand a unit down a formula, as far as that is certain; a factor other than 100 % is a conversion, and ends it."""
    node = _without_percent(root)
    if isinstance(node, Binary) and node.operator == "/":
        above, below = _terms(node.left), _terms(node.right)
        parts = _QUOTIENT.fullmatch(unit.strip())
        if unit.strip() in PLAIN_UNITS:
            known.alike.append(tuple(map(key, (*above, *below))))
        elif parts and not {*above} & {*below}:
            _say(above, parts["above"].strip(), key, known)
            bottom = (parts["below"] or parts["group"]).strip()
            _say(below, "产品单位" if bottom == _PRODUCT_UNIT else bottom, key, known)
        else:
            known.alike += (tuple(map(key, above)), tuple(map(key, below)))
        return
    names = _terms(node)
    if unit.strip() in PLAIN_UNITS:
        known.alike.append(tuple(map(key, names)))
    else:
        _say(names, unit.strip(), key, known)


def _say(names: Sequence[str], unit: str, key: _Naming, known: _Known) -> None:
    for name in names:
        known.say(known.by_formula, key(name), unit)


def _without_percent(node: Node) -> Node:
    """A formula without the 100 % that only says in what its result is given."""
    if isinstance(node, Binary) and node.operator == "*":
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, Number) and one.percent:
                return other
    return node


def _terms(node: Node) -> tuple[str, ...]:
    """Names that stand alone as terms of a sum or of max and min, and so bear its unit."""
    match node:
        case Name(name):
            return (name,)
        case Negation(operand):
            return _terms(operand)
        case Binary("+" | "-", left, right):
            return (*_terms(left), *_terms(right))
        case Call("sum" | "max" | "min", arguments):
            return tuple(name for argument in arguments for name in _terms(argument))
        case _:
            return ()
