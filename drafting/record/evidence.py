"""What a recomputation needs (key ``data`` of 结果.json): judgements, answers, survey, settings.

Everything is written so that it can be read without this program: plain JSON, numbers of cells as decimal text where
they were typed, formulas as nested lists, the items of a group in the group's own order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

import numpy as np
from msgspec import UNSET
from numpy.typing import NDArray

from drafting.model.bounds import Bound
from drafting.model.coded import JSON
from drafting.model.exclusions import apply, omissions, taking_part
from drafting.model.experts import DelphiRound, Expert, FrozenRule
from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number
from drafting.model.inputs import Inputs
from drafting.model.sheet import filled_rows
from drafting.model.survey import State, Survey
from drafting.model.system import Indicator
from drafting.model.terms import Direction
from drafting.model.weight import Weight
from drafting.model.weight_groups import Group, groups_of
from drafting.record.codec import plain, written
from drafting.record.schema import (
    AllocationData,
    AnswerData,
    BoundData,
    ColumnData,
    Evidence,
    ExpertData,
    Formula,
    GroupData,
    IndicatorData,
    JudgementData,
    RoundData,
    RuleData,
    StandardNumbers,
    StatesData,
    SurveyData,
    WeightValue,
)
from drafting.standard import standard


def evidence(inputs: Inputs, *, survey: bool = True) -> dict[str, JSON]:
    """Everything that the figures of a record were computed from; ``survey``: whether what enterprises said is in it.

    If not, ``data.survey`` has the codes of states alone.
    """
    rules, groups = standard(), groups_of(inputs.system)
    weights = {c.name: c.weight for c in inputs.system.adopted}
    found = Evidence(
        standard=StandardNumbers(
            shares={g.grade.value: str(g.share) for g in rules.grades},
            thresholds={g.grade.value: g.threshold for g in rules.grades},
            full_mark=rules.full_mark,
        ),
        settings={r.label: str(getattr(inputs.settings, r.field)) for r in filled_rows(inputs.settings)},
        groups=tuple(_group(g, weights) for g in groups),
        indicators=tuple(_indicator(i) for i in inputs.system.active),
        experts=tuple(_expert(e) for e in inputs.experts),
        judgements=tuple(_judgements(inputs, groups)),
        answered=_answered(inputs),
        matrices_from=tuple(dict.fromkeys(m.expert for m in inputs.judgements)),
        stopping_rule=_rule(inputs.frozen_rule),
        delphi=tuple(_round(r) for r in inputs.delphi),
        ratings=tuple(_round(r) for r in inputs.ratings),
        unusable={name: tuple(codes) for name, codes in inputs.unusable.items()},
        table=inputs.table or UNSET,
        shared={g: tuple(of) for g, of in inputs.shared.items()} if inputs.table else UNSET,
        survey=_survey(inputs, inputs.survey) if inputs.survey is not None and survey else None,
    )
    made = written(found)
    if inputs.survey is not None and not survey:
        made["survey"] = plain(StatesData(states=_STATES))
    return made


def _round(r: DelphiRound) -> RoundData:
    answers = tuple(
        AnswerData(
            expert=a.expert,
            allocations=tuple(
                AllocationData(group=x.group, weights=_numbers(x.weights), opinions=dict(x.opinions))
                for x in a.allocations
            ),
            ratings=_numbers(a.ratings),
            suggestions=dict(a.suggestions),
        )
        for a in r.answers
    )
    return RoundData(round=r.number, name=r.name, answers=answers)


def _expert(expert: Expert) -> ExpertData:
    return ExpertData(
        expert=expert.code,
        bases={label: getattr(expert, field) for field, label in BASES.items()},
        familiarity=expert.familiarity,
        left_in=expert.left_in,
        tables=tuple(expert.tables) or UNSET,
    )


BASES = {"practice": "实践经验", "theory": "理论分析", "literature": "国内外资料", "intuition": "直觉"}
"""Fields of an expert by their keys in the record."""


def _answered(inputs: Inputs) -> tuple[str, ...]:
    """Everybody who returned a matrix or answered a round, in the order of the files."""
    rounds = (a.expert for r in (*inputs.delphi, *inputs.ratings) for a in r.answers)
    return tuple(dict.fromkeys((*(m.expert for m in inputs.judgements), *rounds)))


def _rule(frozen: FrozenRule | None) -> RuleData | None:
    return None if frozen is None else RuleData(text=frozen.text, sha256=frozen.sha256, day=frozen.day)


def _group(group: Group, weights: Mapping[str, Weight | None]) -> GroupData:
    return GroupData(
        group=group.name,
        keys=tuple(group.keys),
        names=tuple(group.names),
        typed=tuple(None if w is None else w.text for w in group.typed),
        values=tuple(_value(w) for w in group.typed),
        bonus=group.bonus,
        bonus_weight=_value(weights.get(group.name)) if group.bonus else None,
    )


def _value(weight: Weight | None) -> WeightValue | None:
    """What a typed weight is worth: a number, or what a share is together, as a fraction."""
    if weight is None:
        return None
    amount = str(weight.amount)
    return WeightValue(share=amount) if weight.shared else WeightValue(number=amount)


def _indicator(indicator: Indicator) -> IndicatorData:
    limit, of = indicator.mandatory_limit, indicator.of
    return IndicatorData(
        code=indicator.code,
        name=indicator.name,
        category=indicator.category,
        unit=indicator.unit,
        direction=indicator.direction.value,
        limiting=indicator.limiting,
        of=of or UNSET,
        of_name=indicator.of_name if of else UNSET,
        class_name=indicator.class_name if of else UNSET,
        source=indicator.source.value if indicator.source else None,
        decimals=indicator.decimals,
        lower=_text(indicator.lower),
        upper=_text(indicator.upper),
        limit=_bound(limit, indicator.direction) if limit else None,
        typed={g.value: _bound(b, indicator.direction) for g, b in indicator.baselines.items()},
    )


def _bound(typed: Bound, direction: Direction) -> BoundData:
    bound = typed.directed(direction.value)
    return BoundData(
        text=bound.text,
        printed=typed.format(),
        kind=bound.kind.value,
        operator=bound.operator.value if bound.operator else None,
        number=_text(bound.number),
        upper=_text(bound.upper),
        formula=_tree(bound.expression.root) if bound.expression is not None else None,
        reference=bound.reference,
    )


def _text(number: Decimal | None) -> str | None:
    return None if number is None else format(number, "f")


def _tree(node: Node) -> Formula:
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


def _judgements(inputs: Inputs, groups: Iterable[Group]) -> Iterable[JudgementData]:
    """Matrices that fit their group, in the group's order; null where a pair was not compared."""
    for group in groups:
        for matrix in inputs.judgements:
            order = group.order_of(matrix.labels) if matrix.group == group.name else None
            if order is not None:
                values = tuple(_list(row) for row in matrix.values[np.ix_(order, order)])
                yield JudgementData(expert=matrix.expert, group=group.name, values=values)


_STATES = {s.name.lower(): s.value for s in State}


def _survey(inputs: Inputs, survey: Survey) -> SurveyData:
    """The survey with the marks of sheet 剔除; a value that is missing is null."""
    cleaned = apply(survey, omissions(inputs.exclusions, survey, inputs.system.active))
    taking = set(taking_part(inputs.exclusions, survey))
    return SurveyData(
        states=_STATES,
        enterprises=tuple(survey.enterprises),
        left_out=tuple(n for n in range(len(survey)) if n not in taking),
        violations=tuple(bool(v) for v in survey.violations),
        strata=tuple(survey.strata) if survey.strata else None,
        regions=tuple(survey.regions) if survey.regions else None,
        weights=_list(survey.weights) if survey.weights is not None else None,
        parameters={name: _list(values) for name, values in survey.parameters.items()},
        outputs=UNSET if survey.outputs is None else tuple(map(_text, survey.outputs)),
        class_outputs={k: tuple(map(_text, v)) for k, v in survey.class_outputs.items()} or UNSET,
        columns={
            code: ColumnData(values=_list(column.values), states=tuple(column.states.tolist()))
            for code, column in cleaned.columns.items()
        },
    )


def _list(values: NDArray[np.float64]) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(v) else float(v) for v in values)


def _numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    return {k: None if np.isnan(v) else float(v) for k, v in values.items()}
