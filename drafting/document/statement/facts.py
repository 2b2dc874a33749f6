"""What the sentences of the 编制说明 may ask for, beside the facts of the draft."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import attrgetter

from baselines.rounding import round_half_even
from drafting.document import markup
from drafting.document.editions import INTERNAL, Names
from drafting.document.facts import Facts, number
from drafting.document.redaction import Redactor
from drafting.document.small_samples import public_words
from drafting.document.statement.reading import conversion_table, remarkable, rows_in_words
from drafting.document.tree import Image, Table
from drafting.findings import Finding
from drafting.model.consultation import Consultation, PanelAuthority, Stopping
from drafting.model.history import History
from drafting.model.identity import name_key
from drafting.model.results import WeightGroup
from drafting.model.survey import Exclusion, Reading, State
from drafting.model.trial_details import TrialDetails
from drafting.model.weight_details import ConsultedDetails, MethodDetails, by_method, consulted
from drafting.words import outcomes

Key = tuple[str, ...]
_MOST_LINES = 40
"""Changes that are told one a line."""
_TOLD = (
    "limit-tightened", "levels-alike", "levels-out-of-order", "baseline-censored", "indicator-sample-small",
    "limit-range", "policy-range", "policy-share", "survey-small", "outliers-good-side", "survey-outside-limits",
)  # fmt: skip
"""Findings of the baselines that a reader of the paper has to know."""

MOST_TOLD = 200
"""Lines of a list in the paper; the whole list stands in 检查结果.xlsx and the workbooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dissent:
    """An answer outside the quartiles as the statement tells it, with the names of its edition."""

    expert: str
    item: str
    group: str
    value: float
    q1: float
    q3: float
    side: str
    reason: str


@dataclass(frozen=True)
class StatementFacts:
    """Everything that the paper says, worked out once."""

    facts: Facts
    """Of the draft."""
    names: Names
    """Of experts and enterprises in this edition."""
    sources: Mapping[Key, str] = field(default_factory=dict)
    """Key of a published figure -> where it comes from, in words of this edition."""
    findings: Sequence[Finding] = ()
    """Of the runs."""
    charts: Mapping[str, Sequence[Image]] = field(default_factory=dict)
    """By subject: ``weights``, ``levels``, ``trial``."""
    history: History | None = None
    """Since the last stage, None where none was kept and nobody commented."""
    told_together: frozenset[tuple[str, str, str]] = frozenset()
    """Of one of several tables: opinions that are told once for all of them."""
    set_alike: frozenset[str] = frozenset()
    """Of one of several tables: which of 权重, 基准值 were found with the settings of the first, which lists them."""

    @cached_property
    def changes_told(self) -> tuple[str, ...]:
        """Changes since the last stage, one a line; of many, those of one part together, in this edition's names."""
        found = [(part, self.names.text(said)) for part, said in (self.history.changes if self.history else ())]
        lines = tuple(dict.fromkeys(said for _, said in found))
        if len(lines) <= _MOST_LINES:
            return lines
        parts = dict.fromkeys(part for part, _ in found)
        return tuple(f"{part}：{'，'.join(dict.fromkeys(s for p, s in found if p == part))}" for part in parts)

    # --- several tables ---
    @cached_property
    def parts(self) -> tuple[StatementFacts, ...]:
        """The paper's facts of every table; of a standard with one table these themselves."""
        if not self.facts.several:
            return (self,)
        return tuple(self._part(n, facts) for n, facts in enumerate(self.facts.parts, 1))

    def _part(self, position: int, facts: Facts) -> StatementFacts:
        """What is said of one table: its own findings and pictures."""
        before = [f"表“{t.key}”：" for t in self.facts.tables]
        own = before[position - 1]
        findings = [
            replace(f, message=f.message.removeprefix(own))
            for f in self.findings
            if f.message.startswith(own) or not f.message.startswith(tuple(before))
        ]
        charts = {
            subject: [image for image in images if image.anchor.endswith(f"@{position}")]
            for subject, images in self.charts.items()
        }
        together = self._together
        first, now = self.facts.parts[0].results, facts.results
        pairs = {"权重": (first.weights, now.weights), "基准值": (first.baselines, now.baselines)}
        alike = frozenset(w for w, (a, b) in pairs.items() if position > 1 and a and b and a.settings == b.settings)
        return StatementFacts(
            facts, self.names, self.sources, findings, charts, told_together=together, set_alike=alike
        )

    # --- survey ---
    @cached_property
    def strata(self) -> Mapping[str, int]:
        """How many enterprises each stratum (分组) has."""
        return self._counted(self.facts.inputs.survey.strata if self.facts.inputs.survey else None)

    @cached_property
    def years(self) -> Mapping[str, int]:
        """How many answers each year has."""
        return self._counted(self.facts.inputs.survey.years if self.facts.inputs.survey else None)

    @staticmethod
    def _counted(words: Sequence[str] | None) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for word in words or ():
            if word:
                found[word] = found.get(word, 0) + 1
        return dict(sorted(found.items())) if found and all(w.isdecimal() for w in found) else found

    @property
    def _reading(self) -> Reading | None:
        return self.facts.inputs.survey.reading if self.facts.inputs.survey else None

    @cached_property
    def rows_in_words(self) -> str:
        """How many rows of the survey became how many enterprises, where these differ."""
        return rows_in_words(self._reading)

    @cached_property
    def answered_in_words(self) -> str:
        """Which share of the enterprises answered, from the indicator least to the one most answered."""
        survey = self.facts.inputs.survey
        shares: dict[str, float] = {}
        for indicator in self.facts.rows if survey is not None else ():
            column = survey.columns.get(indicator.code) if survey is not None else None
            if column is None:
                continue
            asked = int((column.states != State.NOT_APPLICABLE).sum())
            if asked:
                shares[indicator.name] = 100 * (asked - int((column.states == State.MISSING).sum())) / asked
        if not shares:
            return ""
        least = min(shares, key=shares.__getitem__)
        low, high = (number(round_half_even(share, 1)) for share in (shares[least], max(shares.values())))
        return (
            f"各项指标的填报率为{low}%～{high}%，最低的是{least}。" if low != high else f"各项指标的填报率均为{low}%。"
        )

    @cached_property
    def conversions(self) -> Table | None:
        """What was converted, could not be read or was not used of the survey; None where nothing was."""
        reading = self._reading
        return conversion_table(reading) if reading is not None and remarkable(reading) else None

    @cached_property
    def violating(self) -> int:
        """Enterprises with a major violation, which the legal precondition leaves out."""
        surveys = [of.survey for of in self.facts.inputs.slices if of.survey is not None]
        barred = [name for s in surveys for name, out in zip(s.enterprises, s.violations.tolist(), strict=True) if out]
        return len(dict.fromkeys(map(name_key, barred)))

    @cached_property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """Rows of sheet 剔除 with the names of this edition."""
        return tuple(
            Exclusion(self.names.enterprise(e.enterprise), e.indicator, self.names.text(e.reason))
            for e in self.facts.inputs.exclusions
        )

    @cached_property
    def told(self) -> tuple[str, ...]:
        """Findings about baselines that the paper repeats."""
        told = [f for f in self.findings if f.code in _TOLD]
        said = public_words if self.names.edition != INTERNAL else attrgetter("message")
        lines = tuple(dict.fromkeys(self.names.text(said(f)) for f in told[:MOST_TOLD]))
        rest = sum(1 + f.further for f in told[MOST_TOLD:])
        return (*lines, f"另有 {rest} 处，见 检查结果.xlsx") if rest else lines

    # --- experts ---
    @cached_property
    def fields_of_work(self) -> tuple[str, ...]:
        """Fields of the experts, each once."""
        return tuple(dict.fromkeys(e.field_of_work for e in self.facts.inputs.experts if e.field_of_work))

    @property
    def delphi(self) -> Consultation:
        """The consultation as a whole."""
        weights = self.facts.results.weights
        return weights.delphi if weights else Consultation()

    @property
    def stopping(self) -> Stopping | None:
        """Stopping rule and verdict of the consultation."""
        return self.delphi.stopping

    @property
    def opinions(self) -> Sequence[tuple[str, str, str]]:
        """Instrument, subject and text of the experts' opinions that may be printed."""
        said = self.delphi.opinions or ()
        found = sorted(self._together) if self.facts.several else [of for of in said if of not in self.told_together]
        return [(i, s, self._said(t)) for i, s, t in found]

    @cached_property
    def _together(self) -> frozenset[tuple[str, str, str]]:
        """What stands among the opinions of every table: about a group that all share, or about nothing particular."""
        weights = [one.results.weights for one in self.facts.parts]
        found = [frozenset(of.delphi.opinions or ()) for of in weights if of is not None]
        return frozenset.intersection(*found) if len(found) > 1 else frozenset()

    def _said(self, words: str) -> str:
        """What an expert wrote, as this edition prints it."""
        return self.names.text(self._redactor.judge(words)[0])

    @cached_property
    def _redactor(self) -> Redactor:
        return Redactor(self.names, self.facts.inputs)

    @property
    def authority(self) -> PanelAuthority | None:
        """Authority of the panel."""
        return self.delphi.authority

    @cached_property
    def _groups(self) -> Mapping[str, WeightGroup]:
        weights = self.facts.results.weights
        return {g.group: g for g in (weights.first_level, *weights.second_level)} if weights else {}

    def methods(self, group: str) -> Mapping[str, MethodDetails]:
        """Details of a group's weights by method: of every part of a combination, else of the only one (named '')."""
        return by_method(self._groups[group].details) if group in self._groups else {}

    def consulted(self, group: str) -> ConsultedDetails | None:
        """What the consultation says of a group."""
        return consulted(self._groups[group].details) if group in self._groups else None

    @cached_property
    def dissent(self) -> tuple[Dissent, ...]:
        """Answers of the last round that stay outside the quartiles, with the reasons given."""
        if self.facts.several:
            return tuple(one for part in self.parts for one in part.dissent)
        return tuple(
            Dissent(
                expert=self.names.expert(one.expert), item=one.item, group=group, value=one.value, q1=one.q1, q3=one.q3,
                side=one.side, reason=self._said(one.reason or ""),
            )
            for group in self._groups
            if (found := self.consulted(group)) is not None
            for one in found.dissent
            if one.persistent or one.reason
        )  # fmt: skip

    @cached_property
    def revisions(self) -> tuple[str, ...]:
        """What experts changed in answers they had returned, in the names of this edition."""
        weights = self.facts.results.weights
        found = []
        for one in weights.revisions if weights else ():
            changed = "；".join(self.names.text(c.text) for c in one.changes)
            who = self.names.expert(one.expert)
            found.append(f"{who}的“{one.group}”{one.instrument}答复（第{one.version}版）：{changed}")
        return tuple(found)

    # --- pictures ---
    def pictures(self, subject: str) -> markup.Marked:
        """Refer to the pictures of a subject: the first, or the first and the last of several."""
        anchors = [image.anchor for image in self.charts.get(subject, ())]
        ends = dict.fromkeys((anchors[0], anchors[-1])) if anchors else {}
        return markup.Marked(("、" if len(anchors) == 2 else "～").join(map(markup.reference, ends)))

    # --- trial ---
    @property
    def trial(self) -> TrialDetails | None:
        """Details of the trial."""
        trial = self.facts.results.trial
        return trial.details if trial else None

    @cached_property
    def outcomes(self) -> tuple[tuple[str, int, float | None], ...]:
        """Grades in words with the number of enterprises and their share of those evaluated."""
        trial = self.facts.results.trial
        return outcomes(trial.distribution) if trial else ()

    @cached_property
    def sentence(self) -> str:
        """The joint effect of the baselines in one sentence, if the trial says it."""
        return self.names.text(self.trial.sentence) if self.trial else ""

    @cached_property
    def lowered(self) -> str:
        """How many enterprises have a worse grade than by the earlier edition, by the condition that they fail."""
        beside = self.facts.results.beside
        whys = [" ".join(m.why) for m in beside.moves if m.direction < 0] if beside else []
        counts = [(words, sum(pattern.search(why) is not None for why in whys)) for words, pattern in _CONDITIONS]
        return "、".join(f"{n}家{words}" for words, n in counts if n)


_CONDITIONS = (
    ("综合评价指数不足", re.compile("综合评价指数")),
    ("限定性指标未达到要求", re.compile("(?<!非)限定性指标未")),
    ("非限定性指标未达到要求", re.compile("非限定性指标未")),
)
