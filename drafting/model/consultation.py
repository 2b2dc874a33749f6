"""The panel as a whole: who answered, how the consultation stands, who must revise what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from drafting.model.coded import LEFT_OUT


# --- the consultation ---
@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResponse:
    """Questionnaires of one round; rates are shares of 1."""

    name: str
    sent: int
    returned: int
    valid: int
    rate: float | None
    responded_before: int | None
    retained: int | None
    attrition: float | None
    """Share of those who answered the round before and not this one."""
    not_returned: tuple[str, ...]
    unusable: tuple[str, ...] | None = field(default=None, metadata=LEFT_OUT)
    """Of these, who sent a file that could not be used."""
    withdrew: tuple[str, ...] | None = field(default=None, metadata=LEFT_OUT)
    """Of these, who has left the panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingCriterion:
    """One condition of the stopping rule: what it asks, what was seen, which groups and items fail."""

    criterion: str
    limit: float
    observed: float | None
    passed: bool
    failing: tuple[tuple[str, str], ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingJudgement:
    """The last round held against the rule."""

    round: int
    rounds_held: int
    stop: bool
    outcome: str
    provisional: bool
    stable: bool
    consensus: bool
    conclusion: str
    reasons: tuple[StoppingCriterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """The stopping rule in words and as it was frozen, and the verdict."""

    rule: str
    rule_json: str
    sha256: str
    frozen: bool
    frozen_on: str | None
    instrument: str
    class_width: float | None
    """Points of a class of the histogram; None where the rule names a share, or answers are steps of a scale."""
    class_share: float | None
    verdict: StoppingJudgement


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningBoundaries:
    """Boundary values (界值法): a candidate is kept with at least, at least, at most these."""

    mean: float
    full_mark_share: float
    cv: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One candidate indicator: what the panel thinks of it and what the boundaries say."""

    code: str
    indicator: str
    category: str
    n: int
    mean: float | None
    full_mark_share: float | None
    cv: float | None
    median: float | None
    failed: tuple[str, ...]
    decision: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """The screened library of candidates with the boundaries that were used; nothing is deleted."""

    round: int
    experts: int
    scale: tuple[float, float]
    delete_at: int
    """Failed boundaries from which on a candidate is suggested for deletion."""
    boundaries: ScreeningBoundaries
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertAuthority:
    """Coefficients of one expert: judgement basis Ca, familiarity Cs, authority Cr = (Ca + Cs)/2."""

    expert: str
    ca: float
    cs: float
    cr: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelAuthority:
    """Authority of the panel by its self-assessment."""

    table: str
    source: str
    limit: float
    acceptable: bool
    mean_ca: float
    mean_cs: float
    mean_cr: float
    experts: tuple[ExpertAuthority, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """The consultation as a whole; a part is None where there is nothing to say of it."""

    response: Mapping[str, RoundResponse] | None = field(default=None, metadata=LEFT_OUT)
    stopping: Stopping | None = field(default=None, metadata=LEFT_OUT)
    screening: Screening | None = field(default=None, metadata=LEFT_OUT)
    opinions: tuple[tuple[str, str, str], ...] | None = field(default=None, metadata=LEFT_OUT)
    """Instrument, subject and text of what may be printed."""
    authority: PanelAuthority | None = field(default=None, metadata=LEFT_OUT)


# --- what experts are asked again ---
@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementAdvice:
    """A judgement worth a second look: to which step, and the CR that would follow."""

    first: str
    second: str
    judgement: float
    consistent: float
    """What the other judgements alone imply."""
    step: str
    cr_step: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionAsked:
    """A matrix over the CR limit."""

    expert: str
    matrix: str
    cr: float
    judgements: tuple[JudgementAdvice, ...]
    cycles: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelStanding:
    """Who has not answered, by questionnaire, and who is asked to revise what."""

    not_answered: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    revise: tuple[RevisionAsked, ...] = ()


# --- what experts changed ---
@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerVersion:
    """When and by which file an answer was given."""

    day: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedAnswer:
    """One answer before and after; None where nothing was answered."""

    items: tuple[str, ...]
    before: float | None
    after: float | None
    text: str
    cell: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRevision:
    """What an expert changed in answers that had been returned; version 2 is the first revision."""

    instrument: str
    expert: str
    group: str
    version: int
    day: str
    file: str
    sha256: str
    previous: AnswerVersion
    changes: tuple[ChangedAnswer, ...]
