"""What if a baseline were another: the share that the value would get, and how the trial grades would move."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from baselines import Sample
from baselines.sampling_weights import whole_weights
from drafting.analysis.baselines.cleaning import exclude
from drafting.analysis.baselines.columns import sample_of
from drafting.analysis.baselines.strata import merged
from drafting.analysis.baselines.typed import meeting
from drafting.analysis.trial.judging import judged_pieces
from drafting.evaluation.draft import draft_of
from drafting.findings import Provenance
from drafting.model.bounds import Bound, Operator, bound_for, is_stricter, parse_bound
from drafting.model.identity import label_key
from drafting.model.inputs import Inputs
from drafting.model.results import Baseline, Baselines, IndicatorBaselines, Trial, Weights
from drafting.model.survey import Survey
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, Grade

EXAMPLE = "E1:I=0.62"
NAMED = 200
"""Moving enterprises of a large survey that are named; all are counted."""


class WhatIfError(ValueError):
    """A what-if that cannot be read, or that names what is not there.

    Attributes
    ----------
    reason : str
        ``"form"``, ``"indicator"``, ``"grade"``, ``"number"``, ``"sign"``, ``"twice"``, ``"qualitative"`` or
        ``"no-baselines"``.
    detail : str
        The piece at fault.
    known : tuple of str
        What could stand there.
    """

    def __init__(self, reason: str, detail: str, known: Sequence[str] = ()) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.known = tuple(known)


@dataclass(frozen=True, slots=True)
class Change:
    """One baseline to try: indicator's code, grade, value."""

    code: str
    grade: Grade
    value: Decimal


@dataclass(frozen=True, slots=True)
class Effect:
    """What one changed baseline gets: the value before and after, the share that reaches each, how many enterprises."""

    change: Change
    name: str
    before: str
    share_before: float | None
    after: str
    share_after: float | None
    n: int
    out_of_order: tuple[str, ...]
    """Sentences on grades that would be out of order, or laxer than the mandatory limit."""
    stratum: str | None = None
    """None: all enterprises together."""
    strata: tuple[Effect, ...] = ()
    """The same in each stratum that has baselines of its own."""


@dataclass(frozen=True, slots=True)
class Move:
    """An enterprise whose grade changes; None is no grade."""

    enterprise: str
    before: Grade | None
    after: Grade | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """All changes together."""

    effects: tuple[Effect, ...]
    baselines: Baselines
    before: Mapping[str, int] | None
    """Distribution of trial grades; None where no trial is possible."""
    after: Mapping[str, int] | None
    moves: tuple[Move, ...]
    """In the order of the survey; of a large one the first :data:`NAMED`."""
    moved: int
    """How many enterprises get another grade."""


def read_change(text: str, inputs: Inputs) -> Change:
    """Read ``E1:I=0.62``: an indicator's code or name, a grade (I, Ⅰ, 1, Ⅰ级), a number.

    Raises WhatIfError.
    """
    says = unicodedata.normalize("NFKC", text)  # Ⅰ becomes I, ： becomes :
    target, equals, number = says.partition("=")
    name, colon, grade = target.rpartition(":")
    if not (equals and colon and name.strip() and number.strip()):
        raise WhatIfError("form", text)
    wanted = label_key(name)
    indicator = next((i for i in inputs.system.active if wanted in (label_key(i.code), label_key(i.name))), None)
    if indicator is None:
        raise WhatIfError("indicator", name.strip(), [i.code for i in inputs.system.active])
    if indicator.qualitative:
        raise WhatIfError("qualitative", indicator.name)
    found = {"1": Grade.I, "2": Grade.II, "3": Grade.III}.get(grade.strip().upper().removesuffix("级"))
    try:
        chosen = found or Grade(grade.strip().upper().removesuffix("级"))
    except ValueError:
        raise WhatIfError("grade", grade.strip(), [g.value for g in GRADES]) from None
    try:
        value = Decimal(number.strip().lstrip("≤≥<>").replace(",", ""))
    except InvalidOperation:
        raise WhatIfError("number", number.strip()) from None
    if not value.is_finite() or abs(value.adjusted()) > 100:
        raise WhatIfError("number", number.strip())
    bound, asked = parse_bound(number.strip()), bound_for(indicator.direction.value, value)
    if bound.operator not in (None, Operator.EQUAL, asked.operator):
        raise WhatIfError("sign", number.strip(), [asked.operator.symbol if asked.operator else ""])
    return Change(indicator.code, chosen, value)


def what_if(
    inputs: Inputs,
    weights: Weights | None,
    baselines: Baselines,
    trial: Trial | None,
    changes: Sequence[Change],
    where: Provenance,
) -> WhatIf:
    """Try other baselines, all changes at once; nothing in the project changes.

    Raises WhatIfError for an indicator without baselines.

    ``baselines``, ``trial``: as they are now; baselines by stratum get the same value.
    """
    counted = Shares(inputs)
    effects, changed = try_baselines(inputs, baselines, changes, counted)
    drafts = [] if weights is None or trial is None else [draft_of(inputs, weights, b)[0] for b in (baselines, changed)]
    now, then = drafts or (None, None)
    if now is None or then is None or counted.survey is None:
        return WhatIf(effects, changed, None, None, (), 0)
    before, after, moves, moved = Counter[str](), Counter[str](), list[Move](), 0
    most = NAMED if counted.survey.stored is not None else len(counted.survey)
    for (old, new), _ in judged_pieces(inputs, (now, then), counted.survey, where):
        grades = old.grade(), new.grade()
        before.update(grades[0].distribution())
        after.update(grades[1].distribution())
        other = np.flatnonzero(grades[0].grades != grades[1].grades)
        moved += len(other)
        for n in other[: most - len(moves)].tolist():
            name = old.survey.enterprises[int(old.rows[n])]
            moves.append(Move(name, _grade(grades[0].grades[n]), _grade(grades[1].grades[n])))
    return WhatIf(effects, changed, dict(before), dict(after), tuple(moves), moved)


def _grade(place: int) -> Grade | None:
    return GRADES[place - 1] if place else None


def try_baselines(
    inputs: Inputs, baselines: Baselines, changes: Sequence[Change], shares: Shares
) -> tuple[tuple[Effect, ...], Baselines]:
    """Levels with all changes made, and what each change gets.

    Raises WhatIfError for an indicator without baselines, and for a baseline that is changed twice.
    """
    changed = baselines
    for number, change in enumerate(changes):
        if any((one.code, one.grade) == (change.code, change.grade) for one in changes[:number]):
            raise WhatIfError("twice", f"{change.code}:{change.grade.value}")
        if changed.of(change.code) is None:
            raise WhatIfError("no-levels", change.code)
        changed = replace(
            changed,
            indicators=tuple(_changed(one, None, change, shares) for one in changed.indicators),
            strata=tuple(_changed(one, one.stratum, change, shares) for one in changed.strata),
        )
    return tuple(_effect(inputs, baselines, changed, change) for change in changes), changed


class Shares:
    """The share that reaches a bound, counted exactly, in whole weights, piece by piece; the survey is cleaned once."""

    def __init__(self, inputs: Inputs) -> None:
        self.survey = None if inputs.survey is None else exclude(inputs, inputs.survey, Provenance())[0]
        self._merged = None if self.survey is None else merged(inputs, self.survey.labels)

    def __call__(self, code: str, stratum: str | None, bound: Bound) -> float | None:
        """Of an indicator in a merged stratum (None: of all); None without values."""
        survey, labels = self.survey, self._merged
        if survey is None or code not in survey.columns:
            return None
        met = total = row = 0
        for piece, heavy in _weighed(survey, code):
            sample = sample_of(piece, piece.columns[code])
            valid = np.flatnonzero(sample.counts)
            reached = meeting(bound, sample, piece)
            assert reached is not None  # a number with a direction can be judged
            if stratum is not None and labels is not None:
                own = labels.at[row : row + len(piece)][valid] == labels.words.index(stratum)
                valid, reached = valid[own], reached[own]
            total, met, row = total + _sum(heavy, valid), met + _sum(heavy, valid[reached]), row + len(piece)
        return float(Fraction(met, total)) if total else None

    def sample(self, code: str) -> Sample | None:
        """The values of an indicator; None if the survey has none."""
        survey = self.survey
        return None if survey is None or code not in survey.columns else sample_of(survey, survey.columns[code])


def _weighed(survey: Survey, code: str) -> Iterator[tuple[Survey, Sequence[int] | NDArray[np.int64] | None]]:
    """Pieces of a survey with their sampling weights as whole numbers in the same proportions."""
    for piece in survey.pieces([code]):
        if piece.weights is None:
            yield piece, None
        elif survey.stored is None:
            yield piece, whole_weights(piece.weights)
        else:  # reading made sure that they and their sum fit
            yield piece, np.rint(piece.weights * 10.0 ** (survey.stored.weight_decimals or 0)).astype(np.int64)


def _sum(heavy: Sequence[int] | NDArray[np.int64] | None, at: NDArray[np.intp]) -> int:
    if heavy is None:
        return len(at)
    return int(heavy[at].sum()) if isinstance(heavy, np.ndarray) else sum(heavy[n] for n in at.tolist())


def _changed(one: IndicatorBaselines, stratum: str | None, change: Change, shares: Shares) -> IndicatorBaselines:
    if one.code != change.code:
        return one
    bound = bound_for(one.direction.value, change.value)
    before = one.by_grade.get(change.grade)
    share = shares(one.code, stratum, bound)
    fresh = Baseline(bound, change.value, float(change.value), share)
    if before is not None:
        fresh = replace(before, bound=bound, value=change.value, exact=float(change.value), share=share, enterprises=())
    return replace(one, by_grade=MappingProxyType({**one.by_grade, change.grade: fresh}))


def _effect(inputs: Inputs, baselines: Baselines, changed: Baselines, change: Change) -> Effect:
    before, after = baselines.of(change.code), changed.of(change.code)
    assert before is not None  # checked by try_levels
    assert after is not None
    indicator = inputs.system.indicator(change.code)
    strata = tuple(
        _compared(indicator, a, b, change, a.stratum)
        for a, b in zip(baselines.strata, changed.strata, strict=True)
        if a.code == change.code
    )
    return replace(_compared(indicator, before, after, change), strata=strata)


def _compared(
    indicator: Indicator,
    before: IndicatorBaselines,
    after: IndicatorBaselines,
    change: Change,
    stratum: str | None = None,
) -> Effect:
    old, new = before.by_grade.get(change.grade), after.by_grade[change.grade]
    return Effect(
        change=change, name=indicator.name, before="—" if old is None else old.bound.format(),
        share_before=None if old is None else old.share, after=new.bound.format(), share_after=new.share, n=before.n,
        out_of_order=(*_beyond(indicator, change), *_remarks(indicator, after)), stratum=stratum,
    )  # fmt: skip


def _beyond(indicator: Indicator, change: Change) -> list[str]:
    """Say that a value is outside the indicator's physical limits."""
    if indicator.lower is not None and change.value < indicator.lower:
        return [f"{change.value:f} 低于该指标的下限 {indicator.lower:f}"]
    if indicator.upper is not None and change.value > indicator.upper:
        return [f"{change.value:f} 高于该指标的上限 {indicator.upper:f}"]
    return []


def _remarks(indicator: Indicator, after: IndicatorBaselines) -> list[str]:
    found = []
    given = [g for g in GRADES if g in after.by_grade]
    for better, worse in pairwise(given):
        if is_stricter(after.by_grade[worse].bound, after.by_grade[better].bound, indicator.direction.value):
            found.append(f"{better.chinese}将比{worse.chinese}宽松")
    if indicator.mandatory_limit is not None:
        limit = indicator.mandatory_limit
        found += [
            f"{g.chinese}将宽于强制性限值 {limit.format()}"
            for g in given
            if is_stricter(limit, after.by_grade[g].bound, indicator.direction.value)
        ]
    return found
