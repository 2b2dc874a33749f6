"""The documents a draft names: policies (4.1) and 规范性引用文件 (GB/T 1.1—2020 8.6, 9.5): which and how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from drafting.document.references import order
from drafting.document.search import runs_of
from drafting.document.tree import Block, Clause, Document, Paragraph, TermEntry, plain, walk
from drafting.findings import Cell, Finding, finding
from drafting.model.document import Reference
from drafting.rules.case import Case, Draft
from drafting.rules.citations import Citation, citation, citations
from drafting.rules.typed import Typed, typed_texts
from drafting.rules.words import wording
from drafting.standard import normalise, standard

_CHAPTER = "part:references"
_SHEET = "引用文件"


def policies(case: Case) -> Iterator[Finding]:
    """Find groups of 4.1 without a policy."""
    sheet = case.place("policy", sheet="政策依据")
    if not case.inputs.policies:
        yield finding("policy-none", sheet, anchor="bibliography")
        return
    named = {normalise(p.group) for p in case.inputs.policies}
    last = case.place("policy", str(len(case.inputs.policies) - 1), "类别", sheet="政策依据")
    for group in standard().policy_groups:
        if normalise(group) not in named:
            yield finding("policy-group-empty", last, group=group, anchor="bibliography")


def listed(case: Case) -> Iterator[Finding]:
    """No law or policy among the normative references, no document twice."""
    endings = tuple(wording()["law"]["endings"])
    first: dict[str, Cell] = {}
    for n, reference in enumerate(case.inputs.references):
        name = reference.name.strip().strip("《》")
        place = case.place("reference", str(n), "编号", sheet=_SHEET)
        known = citation(reference.number)
        if known is None and (name.endswith(endings) or name.startswith("中华人民共和国")):
            named = case.place("reference", str(n), "名称", sheet=_SHEET)
            yield finding("reference-law", named, name=reference.name, anchor=_CHAPTER)
        if known is not None and known.key in first:
            at = first[known.key].cell or _SHEET
            yield finding("reference-twice", place, number=reference.number, first=at, anchor=_CHAPTER)
        elif known is not None:
            first[known.key] = place


# --- on the composed draft --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Cited:
    citation: Citation
    where: str
    anchor: str
    place: Cell


def ordered(draft: Draft) -> Iterator[Finding]:
    """National, industry, local, group standards, then ISO and IEC; by number inside (8.6)."""
    for before, after in pairwise(_entries(draft.document)):
        if order(after) < order(before):
            place = _cell_of(draft, after.number)
            yield finding("reference-order", place, number=after.number, before=before.number, anchor=_CHAPTER)


def cited(draft: Draft) -> Iterator[Finding]:
    """Each listed document is cited, each citation is listed, dated or undated alike (8.6, 9.5)."""
    entries = {c.key: (c, r) for r in _entries(draft.document) if (c := citation(r.number))}
    found = list(_citations(draft))
    used = {one.citation.key for one in found}
    for key, (_, reference) in entries.items():
        if key not in used:
            place = _cell_of(draft, reference.number)
            yield finding("reference-uncited", place, number=reference.number, anchor=_CHAPTER)
    seen: set[tuple[str, str]] = set()
    for one in found:
        mention = (one.citation.key, one.anchor)
        if mention in seen:
            continue
        seen.add(mention)
        entry = entries.get(one.citation.key)
        if one.citation.part and not one.citation.year:
            yield finding(
                "reference-clause-undated", one.place, where=one.where, number=one.citation.undated,
                part=one.citation.part, anchor=one.anchor,
            )  # fmt: skip
        elif entry is None:
            yield finding(
                "reference-unlisted", one.place, where=one.where, number=one.citation.designation, anchor=one.anchor
            )
        elif one.citation.year != entry[0].year:
            how = f"注日期引用（{one.citation.designation}）" if one.citation.year else "不注日期引用"
            yield finding(
                "reference-dates", one.place, number=one.citation.undated, where=one.where, cited=how,
                listed=entry[0].designation, anchor=one.anchor,
            )  # fmt: skip


def _entries(document: Document) -> tuple[Reference, ...]:
    """The entries as printed: number and title with a gap of one Han between."""
    made = []
    for block in walk(document.chapters):
        if isinstance(block, Paragraph) and block.role == "reference":
            number, _, name = plain(block.runs).partition("\u3000")
            made.append(Reference(number, name))
    return tuple(made)


def _cell_of(draft: Draft, number: str) -> Cell | None:
    for n, reference in enumerate(draft.inputs.references):
        if reference.number == number:
            return draft.where.find("reference", str(n), "编号")
    return None


def _citations(draft: Draft) -> Iterator[_Cited]:
    """Citations in the normative text: chapters other than the list itself, without term sources."""
    pieces = [p for p in typed_texts(draft.inputs, draft.where) if any(True for _ in citations(p.text))]
    for chapter in draft.document.chapters:
        if chapter.anchor != _CHAPTER:
            yield from _in_blocks(chapter.children, chapter, pieces)


def _in_blocks(blocks: tuple[Block, ...], owner: Clause, pieces: list[Typed]) -> Iterator[_Cited]:
    for block in blocks:
        if isinstance(block, Clause):
            yield from _in_blocks(block.children, block, pieces)
            continue
        anchor = block.anchor if isinstance(block, TermEntry) else owner.anchor
        for runs in runs_of(block):
            for one in citations(plain(runs)):
                piece = next((p for p in pieces if one.text in p.text and p.anchor == anchor), None)
                where = piece.where if piece else _where(owner)
                yield _Cited(one, where, anchor, piece.place if piece else Cell())


def _where(clause: Clause) -> str:
    return f"第 {clause.number} 章" if clause.level == 1 else clause.number
