"""The inputs of a record again, from key ``data`` of 结果.json as :mod:`drafting.record.evidence` writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from msgspec import UNSET

from drafting.model.bounds import Bound, BoundKind, Operator
from drafting.model.document import DocumentInfo
from drafting.model.experts import Allocation, DelphiAnswer, DelphiRound, Expert, FrozenRule, JudgementMatrix
from drafting.model.expression import Expression
from drafting.model.expression_tree import Binary, Call, Name, Negation, Node, Number
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from drafting.model.sheet import rows
from drafting.model.survey import Exclusion, State, Survey, SurveyColumn
from drafting.model.system import FIRST_LEVEL, Category, Indicator, IndicatorSystem
from drafting.model.tables import IndicatorTable
from drafting.model.terms import BaselineSource, Direction, Grade
from drafting.model.weight import Weight
from drafting.record.evidence import BASES
from drafting.record.schema import (
    AnswerData,
    BoundData,
    Evidence,
    ExpertData,
    Formula,
    GroupData,
    IndicatorData,
    OneOfTables,
    RecordedSurvey,
    RoundData,
    RuleData,
    WeightValue,
    floats,
)
from drafting.verification.verdict import RecordError


def inputs_of(data: Evidence, survey: RecordedSurvey | None) -> Inputs:
    """Rebuild the inputs that a record's figures were computed from.

    Raises RecordError if the record's codes are not this version's; KeyError, IndexError, TypeError, AttributeError,
    ValueError, ArithmeticError if the record is damaged.
    """
    order = {expert: n for n, expert in enumerate(data.matrices_from)}
    return Inputs(
        DocumentInfo(),
        _settings(data.settings),
        _system(data.groups, data.indicators),
        experts=tuple(_expert(e) for e in data.experts),
        exclusions=() if survey is None else _whole_rows(survey),
        judgements=tuple(sorted(_judgements(data), key=lambda m: order[m.expert])),
        delphi=tuple(_round(r) for r in data.delphi),
        ratings=tuple(_round(r) for r in data.ratings or ()),
        unusable=data.unusable or {},
        survey=None if survey is None else _survey(survey),
        frozen_rule=None if data.stopping_rule is None else _rule(data.stopping_rule),
        table=data.table or "",
        shared=data.shared or {},
    )


def tables_of(tables: Sequence[OneOfTables], own: Sequence[Inputs]) -> Inputs:
    """The inputs of a standard with several tables: every table with its own system and survey, nobody's answers."""
    found = tuple(
        IndicatorTable(
            said.key, said.caption, of.system, said.applies, said.output_unit, _decimal(said.coefficient), of.survey
        )
        for said, of in zip(tables, own, strict=True)
    )
    return replace(
        own[0], survey=None, tables=found, judgements=(), delphi=(), ratings=(), table="", shared=MappingProxyType({})
    )


def _settings(said: Mapping[str, str]) -> Settings:
    """Settings by the labels of the record; one that it does not know has its default, as it had then."""
    made: dict[str, Any] = {}
    for line in rows(Settings):
        if line.label in said:
            text, default = said[line.label], line.default
            made[line.field] = type(default)(text) if isinstance(default, int | Decimal) else text
    return Settings(**made)


# --- the system -------------------------------------------------------------------------------------------------------
def _system(groups: Sequence[GroupData], indicators: Sequence[IndicatorData]) -> IndicatorSystem:
    first = next(g for g in groups if g.group == FIRST_LEVEL)
    outer = dict(zip(first.keys, _weights(first), strict=True))
    others = [g for g in groups if g.group != FIRST_LEVEL]
    inner = {key: weight for g in others for key, weight in zip(g.keys, _weights(g), strict=True)}
    categories = tuple(
        Category(g.group, True, _bonus(g.bonus_weight) if g.bonus else outer[g.group], g.bonus) for g in others
    )
    return IndicatorSystem(categories, tuple(_indicator(said, inner[said.owner]) for said in indicators))


def _weights(group: GroupData) -> list[Weight | None]:
    if group.values is not UNSET:
        return [_weight(text, value) for text, value in zip(group.typed, group.values, strict=True)]
    shares = group.formulas or [None] * len(group.keys)  # a record of before shares had a type
    return [
        _share(tree) if tree is not None else None if text is None else Weight(text, Fraction(text))
        for text, tree in zip(group.typed, shares, strict=True)
    ]


def _weight(text: str | None, value: WeightValue | None) -> Weight | None:
    if value is None:
        return None
    shared, amount = value.share is not UNSET, Fraction(value.amount)
    if text is None:
        return Weight(f"{amount}/n", amount, True) if shared else Weight.number(amount)
    return Weight(text, amount, shared)


def _bonus(said: WeightValue | str | None) -> Weight | None:
    """First-level weight of a bonus group; records of before have its text."""
    return Weight(said, Fraction(said)) if isinstance(said, str) else _weight(None, said)


def _share(tree: Formula) -> Weight:
    whole, half = (Expression(_node(tree)).evaluate_exactly({"n": Fraction(n)}) for n in (1, 2))
    if half * 2 != whole:
        raise RecordError("记录中的权重不是一个数除以 n；请用 drafting build 重新生成")
    return Weight(f"{whole}/n", whole, True)


def _indicator(said: IndicatorData, weight: Weight | None) -> Indicator:
    of = said.of or ""
    return Indicator(
        code=said.code, name=said.name, category=said.category, unit=said.unit, direction=Direction(said.direction),
        limiting=said.limiting, weight=weight if weight is None or not of else weight.pooled(of),
        baselines=MappingProxyType({Grade(g): _bound(b) for g, b in said.typed.items()}),
        source=None if said.source is None else BaselineSource(said.source), decimals=said.decimals,
        mandatory_limit=None if said.limit is None else _bound(said.limit), lower=_decimal(said.lower),
        upper=_decimal(said.upper), of=of, of_name=said.of_name or "", class_name=said.class_name or "",
    )  # fmt: skip


def _bound(said: BoundData) -> Bound:
    """A bound as the record has it: already read in its indicator's direction, printed as it was."""
    return Bound(
        said.text, BoundKind(said.kind), None if said.operator is None else Operator(said.operator),
        _decimal(said.number), _decimal(said.upper),
        expression=None if said.formula is None else Expression(_node(said.formula)),
        reference=said.reference, body=said.printed,
    )  # fmt: skip


def _node(tree: Formula) -> Node:
    match tree:
        case str():
            return Number(tree)
        case ["name", str(name)]:
            return Name(name)
        case ["neg", operand]:
            return Negation(_node(operand))
        case ["call", str(function), *arguments]:
            return Call(function, tuple(_node(a) for a in arguments))
        case [str(sign), left, right]:
            return Binary(sign, _node(left), _node(right))
    raise ValueError(f"no formula: {tree!r}")


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


# --- the panel --------------------------------------------------------------------------------------------------------
def _expert(said: ExpertData) -> Expert:
    bases = {field: said.bases[label] for field, label in BASES.items()}
    return Expert(
        said.expert, **bases, familiarity=said.familiarity, left_in=said.left_in, tables=said.tables or ()
    )  # fmt: skip


def _judgements(data: Evidence) -> list[JudgementMatrix]:
    keys = {g.group: g.keys for g in data.groups}
    found = [
        JudgementMatrix(m.expert, m.group, keys[m.group], np.array([*map(floats, m.values)])) for m in data.judgements
    ]
    unfit = set(data.matrices_from) - {m.expert for m in found}
    return [*found, *(JudgementMatrix(expert, "", (), np.empty((0, 0))) for expert in unfit)]


def _round(said: RoundData) -> DelphiRound:
    return DelphiRound(said.round, tuple(_answer(a) for a in said.answers), said.name or "")


def _answer(said: AnswerData) -> DelphiAnswer:
    allocations = tuple(Allocation(x.group, _by_key(x.weights), MappingProxyType(x.opinions)) for x in said.allocations)
    return DelphiAnswer(said.expert, allocations, _by_key(said.ratings), MappingProxyType(said.suggestions))


def _by_key(said: Mapping[str, float | None]) -> Mapping[str, float]:
    return MappingProxyType(dict(zip(said, floats([*said.values()]).tolist(), strict=True)))


def _rule(said: RuleData) -> FrozenRule:
    date.fromisoformat(said.day or "2000-01-01")
    return FrozenRule(said.text, said.sha256, said.day or "")


# --- the survey -------------------------------------------------------------------------------------------------------
def _survey(said: RecordedSurvey) -> Survey:
    if {name: State[name.upper()].value for name in said.states} != dict(said.states):
        raise RecordError("记录中调研数据的状态代码与本版本不同；请用 drafting build 重新生成")
    return Survey(
        tuple(said.enterprises),
        MappingProxyType({code: SurveyColumn(code, c.values, c.states) for code, c in said.columns.items()}),
        said.violations,
        None if said.strata is None else tuple(said.strata),
        said.weights,
        parameters=said.parameters,
        regions=None if said.regions is None else tuple(said.regions),
        outputs=None if said.outputs is None else tuple(map(_decimal, said.outputs)),
        class_outputs={code: tuple(map(_decimal, told)) for code, told in said.class_outputs.items()},
    )


def _whole_rows(said: RecordedSurvey) -> tuple[Exclusion, ...]:
    """Enterprises that were left out as a whole; of the others the states say which values were."""
    return tuple(Exclusion(said.enterprises[n], "", "") for n in said.left_out)
