"""The cover of a draft: lettering by kind of standard, number, titles, stage, dates, issuers."""

from __future__ import annotations

from typing import Any

from drafting.document.facts import Facts, parts
from drafting.document.tree import Cover
from drafting.document.variants import variant
from drafting.standard import read_toml


def cover(facts: Facts) -> Cover:
    """Make the cover of the draft from sheet 文件信息; what is not known yet is printed with ×."""
    info = facts.inputs.document
    words, kind = read_toml("draft/cover.toml")["wording"], variant(info.kind)
    known = info.number.strip()
    number = known or kind.number
    final = info.stage == words["final_stage"]
    stage = words["stage"].format(stage=info.stage) if info.stage else ""
    completed = words["completed"].format(date=facts.date.isoformat()) if facts.date and not final else ""
    return Cover(
        banner=kind.banner_of(known),
        code=kind.code_of(known),
        number=number,
        title=facts.title,
        ics=info.ics,
        ccs=info.ccs,
        record=kind.record if final else "",
        replaces=words["replaces"].format(number="、".join(r.number for r in info.replaced)) if info.replaces else "",
        title_en=info.title_en,
        stage=stage,
        completed=completed,
        patent_call=words["patent_call"] if info.stage in words["patent_call_stages"] else "",
        published=words["published"].format(date=info.published or words["open_date"]),
        effective=words["effective"].format(date=info.effective or words["open_date"]),
        issuers=parts(info.issuers) or kind.issuers,
        flags=_flags(facts, words),
    )


def organisation(facts: Facts) -> str:
    """Who is responsible for the draft: 归口单位, else 提出单位, else the first 起草单位."""
    info = facts.inputs.document
    return next((p for said in (info.under, info.proposed_by, info.drafted_by) for p in parts(said)), "")


def _flags(facts: Facts, words: dict[str, Any]) -> tuple[str, ...]:
    weights = facts.results.weights
    return tuple(
        word
        for word, given in (
            (words["internal"], facts.edition == "internal"),
            (words["provisional"], weights is not None and weights.provisional),
        )
        if given
    )
