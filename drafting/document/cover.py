"""The cover of a draft: lettering by kind of standard, number, titles, stage, dates, issuers."""

from __future__ import annotations

import re
from typing import Any

from drafting.document.facts import Facts, parts
from drafting.document.tree import Cover
from drafting.standard import read_toml

_CODE = re.compile(r"\s*(T/[A-Z]+|[A-Z]+\d*)")


def cover(facts: Facts) -> Cover:
    """Make the cover of the draft from sheet 文件信息; what is not known yet is printed with ×."""
    info = facts.inputs.document
    data = read_toml("draft/cover.toml")
    words, kind = data["wording"], data["kind"][info.kind]
    number = info.number.strip() or kind["number"]
    code = _CODE.match(number)
    final = info.stage == words["final_stage"]
    stage = words["stage"].format(stage=info.stage) if info.stage else ""
    completed = words["completed"].format(date=facts.date.isoformat()) if facts.date and not final else ""
    return Cover(
        banner=kind["banner"],
        code=code[1] if code and info.number.strip() else kind["code"],
        number=number,
        title=facts.title,
        ics=info.ics,
        ccs=info.ccs,
        replaces=words["replaces"].format(number=info.replaces) if info.replaces else "",
        title_en=info.title_en,
        stage=stage,
        completed=completed,
        patent_call=words["patent_call"] if info.stage in words["patent_call_stages"] else "",
        published=words["published"].format(date=info.published or words["open_date"]),
        effective=words["effective"].format(date=info.effective or words["open_date"]),
        issuers=parts(info.issuers) or tuple(kind["issuers"]),
        flags=_flags(facts, words),
    )


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
