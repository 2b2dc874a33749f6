"""Answers of closed rounds as the domain objects that a mailed round gives, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from drafting.model.experts import Allocation, DelphiAnswer, DelphiRound, Expert, JudgementMatrix
from drafting.panel import items
from drafting.panel.definition import BASES, Definition, Instrument
from drafting.panel.lifecycle import Snapshot


def delphi_answer(definition: Definition, instrument: Instrument, code: str, values: Mapping[str, str]) -> DelphiAnswer:
    """One expert's answer of a Delphi round; groups left blank are absent."""
    allocations: list[Allocation] = []
    ratings: dict[str, float] = {}
    suggestions: dict[str, str] = {}
    for number, group in enumerate(definition.of(instrument)):
        keys = [i.key for i in group.items]
        row = items.row(values, instrument, number, group)
        said = {k: text for n, k in enumerate(keys) if (text := values.get(items.opinion(number, n)))}
        given = {k: v for k, v in zip(keys, row, strict=True) if not np.isnan(v)}
        if instrument is Instrument.RATING:
            ratings |= {group.rated(k): v for k, v in given.items()}
            suggestions |= {group.rated(k): text for k, text in said.items()}
        elif given:
            allocations.append(Allocation(group.name, MappingProxyType(given), MappingProxyType(said)))
    return DelphiAnswer(code, tuple(allocations), MappingProxyType(ratings), MappingProxyType(suggestions))


def judgement_matrices(definition: Definition, code: str, values: Mapping[str, str]) -> tuple[JudgementMatrix, ...]:
    """One expert's matrices; groups without a comparison are absent."""
    found = []
    for number, group in enumerate(definition.of(Instrument.PAIRWISE)):
        size = len(group.items)
        if any(values.get(items.pair(number, i, j)) for i, j in items.pairs(size)):
            matrix = items.matrix(values, number, size)
            matrix.setflags(write=False)
            found.append(JudgementMatrix(code, group.name, tuple(i.name for i in group.items), matrix))
    return tuple(found)


def delphi_rounds(
    definition: Definition, snapshots: Sequence[Snapshot], codes: Mapping[str, str]
) -> tuple[DelphiRound, ...]:
    """The Delphi rounds among closed rounds, experts in the project's order."""
    order = list(codes)
    rounds = []
    inside_any = {s.round.instrument for s in snapshots if s.answers}
    # ratings screen; where points were given they alone are weights, and each instrument counts its own rounds
    kind = Instrument.ALLOCATION if Instrument.ALLOCATION in inside_any else Instrument.RATING
    for taken in snapshots:
        instrument = taken.round.instrument
        if instrument is not kind or not taken.answers:
            continue
        inside = sorted(taken.answers, key=order.index)
        answers = tuple(delphi_answer(definition, instrument, codes[p], taken.answers[p]) for p in inside)
        rounds.append(DelphiRound(taken.round.number, answers))
    return tuple(rounds)


def judgements(
    definition: Definition, snapshots: Sequence[Snapshot], codes: Mapping[str, str]
) -> tuple[JudgementMatrix, ...]:
    """The matrices of the last closed round of comparisons."""
    rounds = [s for s in snapshots if s.round.instrument is Instrument.PAIRWISE]
    if not rounds:
        return ()
    order = list(codes)
    last = rounds[-1].answers
    return tuple(m for p in sorted(last, key=order.index) for m in judgement_matrices(definition, codes[p], last[p]))


def assessed(code: str, values: Mapping[str, str]) -> Expert:
    """An expert with the self-assessment given on the pages."""
    words = [values.get(item, "") for item in items.SELF_ASSESSMENT]
    practice, theory, literature, intuition = words[: len(BASES)]
    return Expert(
        code, practice=practice, theory=theory, literature=literature, intuition=intuition, familiarity=words[-1]
    )


def experts(snapshots: Sequence[Snapshot], codes: Mapping[str, str]) -> tuple[Expert, ...]:
    """All experts of a panel with their latest self-assessments."""
    latest: dict[str, dict[str, str]] = {p: {} for p in codes}
    tables: dict[str, tuple[str, ...]] = {}
    for taken in snapshots:
        tables |= dict.fromkeys(taken.members, ()) | dict(taken.tables)
        for pseudonym, values in taken.answers.items():
            latest[pseudonym] |= {i: v for i in items.SELF_ASSESSMENT if (v := values.get(i))}
    return tuple(replace(assessed(code, latest[p]), tables=tables.get(p, ())) for p, code in codes.items())


# --- from returned workbooks ------------------------------------------------------------------
def plain_number(value: float) -> str:
    """A number as answers are kept."""
    return f"{Decimal(repr(value)).normalize():f}"


def values_of_answer(definition: Definition, instrument: Instrument, answer: DelphiAnswer) -> dict[str, str]:
    """What a returned Delphi workbook says, by item."""
    values: dict[str, str] = {}
    by_group = {a.group: a for a in answer.allocations}
    for number, group in enumerate(definition.of(instrument)):
        own = by_group.get(group.name)
        for k, item in enumerate(group.items):
            if instrument is Instrument.RATING:
                key = group.rated(item.key)
                if key in answer.ratings:
                    values[items.rating(number, k)] = plain_number(answer.ratings[key])
                said = answer.suggestions.get(key)
            else:
                if own is not None and item.key in own.weights:
                    values[items.weight(number, k)] = plain_number(own.weights[item.key])
                said = own.opinions.get(item.key) if own is not None else None
            if said:
                values[items.opinion(number, k)] = said
    return values


def values_of_matrices(definition: Definition, matrices: Sequence[JudgementMatrix]) -> dict[str, str]:
    """What a returned workbook of comparisons says, by item."""
    values: dict[str, str] = {}
    by_group = {m.group: m for m in matrices}
    for number, group in enumerate(definition.of(Instrument.PAIRWISE)):
        own = by_group.get(group.name)
        if own is None:
            continue
        # labels are names, or codes (keys of the reader) in the order of the sheet
        places = {label: at for at, label in enumerate(own.labels)}
        at = [places.get(i.key, places.get(i.name)) for i in group.items]
        for i, j in items.pairs(len(group.items)):
            a, b = at[i], at[j]
            if a is not None and b is not None and not np.isnan(own.values[a, b]):
                values[items.pair(number, i, j)] = _judgement(float(own.values[a, b]))
    return values


def _judgement(value: float) -> str:
    for text, (number, _) in items.STEPS.items():
        if number == value:
            return text
    return str(Fraction(repr(value))) if value >= 1 and value.is_integer() else repr(value)
