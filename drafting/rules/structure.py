"""Chapters and clauses of the draft (GB/T 1.1—2020 6.2, 7.3, 7.4): the fixed ones, no 悬置段, no lone sub-clause."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drafting.document.search import runs_of
from drafting.document.tree import Annex, Block, Clause, Front, Paragraph, TermEntry, plain, walk
from drafting.findings import Finding, finding
from drafting.rules.case import Draft
from drafting.rules.citations import citations
from drafting.rules.words import quote, wording

_RULES = {"规范性引用文件": "8.6", "术语和定义": "8.7"}
_AND = re.compile(r"[、和及\s\u3000]+")


def chapters(draft: Draft) -> Iterator[Finding]:
    """Chapters 1 to 3 are the fixed ones, with their fixed lead-in."""
    found = draft.document.chapters
    for n, title in enumerate(wording()["fixed"]["chapters"]):
        chapter = found[n] if n < len(found) else None
        if chapter is None or chapter.title != title:
            now = chapter.title if chapter else "（无）"
            yield finding(
                "chapter-missing", number=n + 1, title=title, found=now, anchor=chapter.anchor if chapter else ""
            )
        elif title in _RULES:
            yield from _lead_in(chapter)


def _lead_in(chapter: Clause) -> Iterator[Finding]:
    first = next((b for b in chapter.children if isinstance(b, Paragraph)), None)
    said = plain(first.runs) if first else ""
    fixed = wording()["fixed"]
    allowed = fixed["references"] if chapter.title == "规范性引用文件" else fixed["terms"]
    if not any(_matches(said, sentence) for sentence in allowed):
        yield finding(
            "lead-in-changed", rule=_RULES[chapter.title], number=chapter.number, title=chapter.title,
            found=quote(said) or "（无）", sentence=allowed[0], anchor=chapter.anchor,
        )  # fmt: skip


def _matches(said: str, sentence: str) -> bool:
    head, mark, tail = sentence.partition("{documents}")
    if not mark:
        return said == sentence
    if not (said.startswith(head) and said.endswith(tail)):
        return False
    documents = said[len(head) : len(said) - len(tail)]
    rest = documents
    for cited in citations(documents):
        rest = rest.replace(cited.text, "", 1)
    return bool(documents) and not _AND.sub("", rest)


def nesting(draft: Draft) -> Iterator[Finding]:
    """No 悬置段, no lone clause, no mixture of clauses with and without title."""
    document = draft.document
    for annex in document.annexes:
        yield from _children(annex, annex.label, annex.children)
    tops = (*document.chapters, *(c for a in document.annexes for c in a.children))
    for block in walk(tuple(tops)):
        if isinstance(block, Clause):
            yield from _children(block, f"第 {block.number} 章" if block.level == 1 else block.number, block.children)


def _children(owner: Clause | Annex, where: str, children: tuple[Block, ...]) -> Iterator[Finding]:
    clauses = [b for b in children if isinstance(b, Clause)]
    if not clauses:
        return
    before = children[: children.index(clauses[0])]
    if before and not any(isinstance(b, TermEntry) for b in before):
        words = next((plain(r) for b in before for r in runs_of(b)), "表或公式")
        yield finding("hanging-paragraph", where=where, quote=quote(words), anchor=owner.anchor)
    if len(clauses) == 1:
        title = clauses[0].title or quote(_words(clauses[0]))
        yield finding("lone-clause", where=where, title=title, anchor=owner.anchor)
    titled = [c.number for c in clauses if c.titled]
    untitled = [c.number for c in clauses if not c.titled]
    if titled and untitled:
        yield finding(
            "mixed-titles", where=where, titled="、".join(titled[:3]), untitled="、".join(untitled[:3]),
            anchor=owner.anchor,
        )  # fmt: skip


def _words(clause: Clause) -> str:
    return next((plain(r) for b in clause.children for r in runs_of(b)), "")


def foreword(draft: Draft) -> Iterator[Finding]:
    """The fixed sentences of the foreword (8.3)."""
    front = next((f for f in draft.document.front if f.title.replace("\u3000", "") == "前言"), None)
    if front is None:
        return
    said = [_tight(s) for s in _paragraphs(front)]
    fixed = wording()["fixed"]
    if _tight(fixed["foreword_first"]) not in said:
        yield finding("foreword-rules", sentence=fixed["foreword_first"], anchor=front.anchor)
    if _tight(fixed["patent"]) not in said:
        yield finding("foreword-patent", sentence=fixed["patent"], anchor=front.anchor)
    if not {_tight(fixed["first_issue"]), _tight(fixed["history"])} & set(said):
        place = draft.where.find("info", "首次发布")
        yield finding("foreword-first-issue", place, anchor=front.anchor)


def _paragraphs(front: Front) -> Iterator[str]:
    return (plain(b.runs) for b in front.children if isinstance(b, Paragraph))


def _tight(text: str) -> str:
    return "".join(text.split())
