"""What a recomputation needs (key ``data`` of 结果.json): judgements, answers, survey, settings.

Everything is written so that it can be read without this program: plain JSON, numbers of cells as decimal text where
they were typed, formulas as nested lists, the items of a group in the group's own order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from drafting.analysis.baselines.cleaning import exclude
from drafting.analysis.weights.groups import Group, groups_of
from drafting.findings import Provenance
from drafting.model.bounds import Bound
from drafting.model.exclusions import taking_part
from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number
from drafting.model.sheet import filled_rows
from drafting.model.survey import State, Survey
from drafting.model.terms import Direction
from drafting.model.weight import Weight
from drafting.standard import standard

if TYPE_CHECKING:
    from drafting.model.coded import JSON
    from drafting.model.experts import DelphiRound, Expert, FrozenRule
    from drafting.model.inputs import Inputs
    from drafting.model.system import Indicator


def evidence(inputs: Inputs, *, survey: bool = True) -> dict[str, JSON]:
    """Everything that the figures of a record were computed from; ``survey``: whether what enterprises said is in it.

    If not, ``data.survey`` has the codes of states alone.
    """
    rules, groups = standard(), groups_of(inputs.system)
    return {
        "standard": {
            "shares": {g.grade.value: str(g.share) for g in rules.grades},
            "thresholds": {g.grade.value: g.threshold for g in rules.grades},
            "full_mark": rules.full_mark,
        },
        "settings": {r.label: str(getattr(inputs.settings, r.field)) for r in filled_rows(inputs.settings)},
        "groups": [_group(g, {c.name: c.weight for c in inputs.system.adopted}) for g in groups],
        "indicators": [_indicator(i) for i in inputs.system.active],
        "experts": [_expert(e) for e in inputs.experts],
        "judgements": list(_judgements(inputs, groups)),
        "answered": list(_answered(inputs)),
        "matrices_from": list(dict.fromkeys(m.expert for m in inputs.judgements)),
        "stopping_rule": _rule(inputs.frozen_rule),
        "delphi": [_round(r) for r in inputs.delphi],
        "ratings": [_round(r) for r in inputs.ratings],
        "unusable": {name: list(codes) for name, codes in inputs.unusable.items()},
        **({"table": inputs.table, "shared": {g: list(of) for g, of in inputs.shared.items()}} if inputs.table else {}),
        "survey": None if inputs.survey is None else _survey(inputs, inputs.survey) if survey else _states(),
    }


def _round(r: DelphiRound) -> dict[str, JSON]:
    return {
        "round": r.number,
        "name": r.name,
        "answers": [
            {
                "expert": a.expert,
                "allocations": [
                    {"group": x.group, "weights": _numbers(x.weights), "opinions": dict(x.opinions)}
                    for x in a.allocations
                ],
                "ratings": _numbers(a.ratings),
                "suggestions": dict(a.suggestions),
            }
            for a in r.answers
        ],
    }


def _expert(expert: Expert) -> dict[str, JSON]:
    return {
        "expert": expert.code,
        "bases": {
            "实践经验": expert.practice,
            "理论分析": expert.theory,
            "国内外资料": expert.literature,
            "直觉": expert.intuition,
        },
        "familiarity": expert.familiarity,
        "left_in": expert.left_in,
        **({"tables": list(expert.tables)} if expert.tables else {}),
    }


def _answered(inputs: Inputs) -> dict[str, None]:
    """Everybody who returned a matrix or answered a round, in the order of the files."""
    return dict.fromkeys(m.expert for m in inputs.judgements) | dict.fromkeys(
        a.expert for r in (*inputs.delphi, *inputs.ratings) for a in r.answers
    )


def _rule(frozen: FrozenRule | None) -> dict[str, str] | None:
    return None if frozen is None else {"text": frozen.text, "sha256": frozen.sha256, "day": frozen.day}


def _group(group: Group, weights: Mapping[str, Weight | None]) -> dict[str, JSON]:
    return {
        "group": group.name,
        "keys": list(group.keys),
        "names": list(group.names),
        "typed": [None if w is None else w.text for w in group.typed],
        "values": [_value(w) for w in group.typed],
        "bonus": group.bonus,
        "bonus_weight": _value(weights.get(group.name)) if group.bonus else None,
    }


def _value(weight: Weight | None) -> dict[str, str] | None:
    """What a typed weight is worth: a number, or what a share is together, as a fraction."""
    return None if weight is None else {"share" if weight.shared else "number": str(weight.amount)}


def _indicator(indicator: Indicator) -> dict[str, JSON]:
    limit = indicator.mandatory_limit
    return {
        "code": indicator.code,
        "name": indicator.name,
        "category": indicator.category,
        "unit": indicator.unit,
        "direction": indicator.direction.value,
        "limiting": indicator.limiting,
        **({"of": indicator.of, "of_name": indicator.of_name, "class": indicator.class_name} if indicator.of else {}),
        "source": indicator.source.value if indicator.source else None,
        "decimals": indicator.decimals,
        "lower": _text(indicator.lower),
        "upper": _text(indicator.upper),
        "limit": bound_json(limit, indicator.direction) if limit else None,
        "typed": {g.value: bound_json(b, indicator.direction) for g, b in indicator.baselines.items()},
    }


def bound_json(typed: Bound, direction: Direction) -> dict[str, JSON]:
    """A bound as plain values: ``text`` is the cell, ``printed`` what the draft shows, the others what is judged."""
    bound = typed.directed(direction.value)
    return {
        "text": bound.text,
        "printed": typed.format(),
        "kind": bound.kind.value,
        "operator": bound.operator.value if bound.operator else None,
        "number": _text(bound.number),
        "upper": _text(bound.upper),
        "formula": _tree(bound.expression.root) if bound.expression is not None else None,
        "reference": bound.reference,
    }


def _text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")


def _tree(node: Node) -> Any:
    """Write a formula as nested lists: ``["+", "0.14", ["*", "0.08", ["name", "n"]]]``."""
    match node:
        case Number(text):
            return text
        case Name(name):
            return ["name", name]
        case Negation(operand):
            return ["neg", _tree(operand)]
        case Binary(operator, left, right):
            return [operator, _tree(left), _tree(right)]
        case Call(function, arguments):
            return ["call", function, *(_tree(a) for a in arguments)]


def _judgements(inputs: Inputs, groups: Iterable[Group]) -> Iterable[dict[str, JSON]]:
    """Matrices that fit their group, in the group's order; null where a pair was not compared."""
    for group in groups:
        for matrix in inputs.judgements:
            order = group.order_of(matrix.labels) if matrix.group == group.name else None
            if order is not None:
                values = [_list(row) for row in matrix.values[np.ix_(order, order)]]
                yield {"expert": matrix.expert, "group": group.name, "values": values}


def _survey(inputs: Inputs, survey: Survey) -> dict[str, JSON]:
    """The survey with the marks of sheet 剔除; a value that is missing is null."""
    cleaned, _ = exclude(inputs, survey, Provenance())
    taking = set(taking_part(inputs.exclusions, survey))
    return {
        **_states(),
        "enterprises": list(survey.enterprises),
        "left_out": [n for n in range(len(survey)) if n not in taking],
        "violations": [bool(v) for v in survey.violations],
        "strata": list(survey.strata) if survey.strata else None,
        "regions": list(survey.regions) if survey.regions else None,
        "weights": _list(survey.weights) if survey.weights is not None else None,
        "parameters": {name: _list(values) for name, values in survey.parameters.items()},
        **({} if survey.outputs is None else {"outputs": [_text(o) for o in survey.outputs]}),
        **(
            {"class_outputs": {k: [_text(o) for o in v] for k, v in survey.class_outputs.items()}}
            if survey.class_outputs
            else {}
        ),
        "columns": {
            code: {"values": _list(column.values), "states": [int(s) for s in column.states]}
            for code, column in cleaned.columns.items()
        },
    }


def _states() -> dict[str, JSON]:
    return {"states": {s.name.lower(): s.value for s in State}}


def _list(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in values]


def _numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    return {k: None if np.isnan(v) else float(v) for k, v in values.items()}
