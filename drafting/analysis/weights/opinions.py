"""Opinions that experts wrote: what reaches the others, without a name and without words that give one away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drafting.analysis.weights.rounds import RATED, panel_codes, rating_rounds, weight_rounds
from drafting.findings import Finding, Provenance, finding
from drafting.model.asking import BETWEEN
from drafting.model.inputs import Inputs
from drafting.model.opinions import PRIVATE, is_private
from drafting.model.revisions import RATING_ROUND, ROUND
from drafting.model.weight_groups import groups_of

SOMEBODY = "某专家"
_SELF = ("我单位", "我公司", "我院", "我校", "我所", "我厂", "我中心", "我协会", "本公司", "本单位")
_SHORTEST = 2
_PART = re.compile(r"[、，,;；\s]+")


@dataclass(frozen=True, slots=True)
class Opinion:
    """One opinion: who wrote it in which instrument and round, about what, and whether others may read it."""

    expert: str
    instrument: str
    subject: str
    text: str
    private: bool = False
    proposal: bool = False
    place: tuple[str, ...] = ()
    """Key of its cell in the provenance."""


def opinions_of(inputs: Inputs) -> Iterator[Opinion]:
    """Give every opinion that was written: about items by round, then those about nothing in particular."""
    names = {(g.name, k): label for g in groups_of(inputs.system) for k, label in zip(g.keys, g.labels, strict=True)}
    candidates = {i.code: i.name for i in inputs.system.heads}
    for asked in inputs.asked if inputs.tables else ():
        named = {k: f"{BETWEEN.join(asked.tables)}：{name}" for k, name in asked.members.items()}
        names |= {(asked.name, k): name for k, name in named.items()}
        candidates |= {asked.rated(k): name for k, name in named.items()}
    for r in weight_rounds(inputs):
        instrument = r.name or ROUND.format(number=r.number)
        for answer in r.answers:
            for a in answer.allocations:
                for key, text in a.opinions.items():
                    place: tuple[str, ...] = ("delphi", str(r.number), answer.expert, a.group, key)
                    subject = names.get((a.group, key), key)
                    yield Opinion(answer.expert, instrument, subject, text, is_private(text), place=place)
    for r in rating_rounds(inputs):
        instrument = r.name or RATING_ROUND.format(number=r.number)
        for answer in r.answers:
            for key, text in answer.suggestions.items():
                place = ("rating", str(r.number), answer.expert)
                yield Opinion(answer.expert, instrument, candidates.get(key, key), text, is_private(text), place=place)
    position: dict[tuple[str, str], int] = {}
    for remark in inputs.remarks:
        at = position[remark.instrument, remark.expert] = position.get((remark.instrument, remark.expert), -1) + 1
        place = ("remark", remark.instrument, remark.expert, str(at))
        yield Opinion(remark.expert, remark.instrument, "", remark.text, remark.private, remark.proposal, place)


def known_names(inputs: Inputs) -> tuple[str, ...]:
    """Words that tell who wrote something: codes of the panel, people and bodies that draft the standard."""
    people = _PART.split(f"{inputs.document.drafters}、{inputs.document.drafted_by}")
    return tuple(w for w in dict.fromkeys((*panel_codes(inputs), *inputs.everybody, *people)) if len(w) >= _SHORTEST)


def identifying(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Find words of an opinion by which its writer might be known.

    ``names``: codes and names of the panel (:func:`known_names`); a code of letters and digits counts as a whole word.
    """
    found = [name for name in names if _pattern(name).search(text)]
    return tuple(dict.fromkeys((*found, *(word for word in _SELF if word in text))))


def masked(text: str, names: Sequence[str]) -> str:
    """Put 某专家 in the place of every word that might tell who wrote an opinion."""
    for word in sorted(identifying(text, names), key=len, reverse=True):
        text = _pattern(word).sub(SOMEBODY, text)
    return text


def _pattern(word: str) -> re.Pattern[str]:
    # a code within a longer one is another code: 专家1 is not in 专家12, E1 not in E10
    before = r"(?<![A-Za-z0-9])" if word[:1].isascii() else ""
    after = r"(?![A-Za-z0-9])" if word[-1:].isascii() else ""
    return re.compile(before + re.escape(word) + after)


def shared_with(inputs: Inputs, expert: str, number: int, *, rated: bool) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """What the other experts wrote about each item in one round, sorted so that the order tells nothing.

    Returns group and key of the item -> opinions.
    """
    names = known_names(inputs)
    found: dict[tuple[str, str], list[str]] = {}
    for r in rating_rounds(inputs) if rated else weight_rounds(inputs):
        for answer in r.answers if r.number == number else ():
            if answer.expert == expert:
                continue
            said = {(RATED, k): t for k, t in answer.suggestions.items()} if rated else {}
            said |= {(a.group, k): t for a in answer.allocations for k, t in a.opinions.items() if not rated}
            for item, text in said.items():
                if not is_private(text):
                    found.setdefault(item, []).append(masked(text, names))
    return {item: tuple(sorted(of)) for item, of in found.items()}


def remarks_for(inputs: Inputs, expert: str, instrument: str) -> tuple[str, ...]:
    """What the other experts wrote about nothing in particular in one round, proposals marked as such."""
    names = known_names(inputs)
    return tuple(
        sorted(
            ("建议新增指标：" if r.proposal else "") + masked(r.text, names)
            for r in inputs.remarks
            if r.instrument == instrument and r.expert != expert and not r.private
        )
    )


def opinion_findings(inputs: Inputs, where: Provenance) -> Iterator[Finding]:
    """Point out words that identify, before anything is sent on, and proposals of new indicators."""
    names, proposals = known_names(inputs), 0
    written = tuple(opinions_of(inputs))
    # what earlier rounds said has been sent on already
    last = {o.instrument.split("第")[0]: o.instrument for o in written}
    for opinion in written:
        proposals += opinion.proposal
        words = () if opinion.private or opinion.instrument not in last.values() else identifying(opinion.text, names)
        if words:
            yield finding("opinion-identifies", where.find(*opinion.place), words="、".join(words))
    if proposals:
        yield finding("proposals-received", count=proposals)


def opinion_rows(inputs: Inputs) -> tuple[tuple[str, str, str, str, str, str], ...]:
    """Questionnaire, expert, kind, subject, text and readers of every opinion, proposals first: for the committee."""
    rows = [
        (
            o.instrument, o.expert, "建议新增指标" if o.proposal else "意见", o.subject, o.text,
            PRIVATE if o.private else "其他专家可见",
        )
        for o in opinions_of(inputs)
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: row[2] == "意见"))


def public_opinions(inputs: Inputs) -> tuple[tuple[str, str, str], ...]:
    """Instrument, subject and text of every opinion that may be printed: nobody named, sorted so as to tell nothing."""
    names = known_names(inputs)
    shown = [
        (o.instrument, "建议新增指标" if o.proposal else o.subject or "总体", masked(o.text, names))
        for o in opinions_of(inputs)
        if not o.private
    ]
    order = {instrument: at for at, instrument in enumerate(dict.fromkeys(i for i, _, _ in shown))}
    return tuple(sorted(shown, key=lambda s: (order[s[0]], s[1], s[2])))
