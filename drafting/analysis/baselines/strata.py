"""Strata (分组) of a survey, and which of them are taken together (setting 分组合并)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from drafting.findings import Finding, Provenance, finding
from drafting.model.identity import DITTO, name_key
from drafting.model.inputs import Inputs
from drafting.model.labels import Labels, merging_rule, rule_parts


def merged(inputs: Inputs, strata: Labels | None) -> Labels | None:
    """Strata by the merging rule."""
    return None if strata is None else strata.renamed(dict(merging_rule(inputs.settings.merge_strata)))


def merging_findings(inputs: Inputs, strata: Sequence[str] | None, where: Provenance) -> Iterator[Finding]:
    """Find what the merging rule says in vain: strata that the survey does not have, words that are no rule."""
    place, rule = where.find("setting", "分组合并"), inputs.settings.merge_strata
    if inputs.settings.by_stratum != "是":
        if rule:
            yield finding("merge-unused", place, found=rule)
        return
    known = "、".join(strata or ()) or "（调研数据没有“分组”列）"
    pairs = tuple(merging_rule(rule))
    for part in rule_parts(rule):
        if part.strip() and not any(merging_rule(part)):
            yield finding("merge-unreadable", place, found=part.strip())
    for old, new in pairs:
        if old not in (strata or ()):
            yield finding("merge-stratum-unknown", place, stratum=old, known=known)
        elif any(new == other != target for other, target in pairs):
            yield finding("merge-chain", place, stratum=old, into=new)
    if strata is None:
        yield finding("strata-missing", where.find("survey"))
        return
    survey, first = where.find("survey"), dict[str, str]()
    kept = dict(pairs)
    for word in strata:
        if word in DITTO:
            yield finding("stratum-ditto", survey, found=word)
            continue
        before = first.setdefault(name_key(word), word)
        if kept.get(word, word) != kept.get(before, before):
            yield finding("strata-alike", survey, found=word, other=before)
