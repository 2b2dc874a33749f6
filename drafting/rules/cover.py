"""Cover and foreword (B.2 a, GB/T 1.1—2020 8.1, 8.3): what is not typed yet, what has the wrong form."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.document.references import replaced
from drafting.findings import Finding, finding
from drafting.rules.case import Case

_TITLE = "清洁生产评价指标体系"
_FOREWORD = (("提出单位", "proposed_by"), ("归口单位", "under"), ("起草单位", "drafted_by"), ("主要起草人", "drafters"))


def cover(case: Case) -> Iterator[Finding]:
    """Check the titles."""
    info = case.inputs.document
    place = case.place("info", "文件名称", sheet="文件信息")
    if not info.title.strip():
        yield finding("title-missing", place, title=f"{info.industry or '本行业'}{_TITLE}", anchor="")
    elif _TITLE not in info.title:
        yield finding("title-form", place, title=info.title, anchor="")
    if not info.title_en.strip():
        yield finding("title-english-missing", case.place("info", "英文名称", sheet="文件信息"), anchor="")


def foreword_names(case: Case) -> Iterator[Finding]:
    """Note bodies and people that the foreword still lacks."""
    for label, field in _FOREWORD:
        if not getattr(case.inputs.document, field).strip():
            place = case.place("info", label, sheet="文件信息")
            yield finding("foreword-gap", place, what=label, anchor="part:foreword")


def replacement(case: Case) -> Iterator[Finding]:
    """Name the documents that are replaced; a draft that replaces one is no first issue."""
    info = case.inputs.document
    for one in replaced(case.inputs):
        if not one.name and "《" not in one.number:
            place = case.place("info", "代替文件", sheet="文件信息")
            yield finding("replaced-name-missing", place, number=one.number, anchor="part:foreword")
    if info.replaced and info.first_edition == "是":
        place = case.place("info", "首次发布", sheet="文件信息")
        yield finding("replaced-first-issue", place, number=info.replaced[0].number, anchor="part:foreword")
