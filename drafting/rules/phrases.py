"""GB/T 1.1—2020 on the words of the composed draft: notes, foreword, introduction, terms in use, 必须, table cells.

What the committee typed has been looked at where it was typed (:mod:`drafting.rules.wording`); here it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from drafting.document.search import runs_of
from drafting.document.tree import (
    Block,
    Clause,
    Example,
    Formula,
    Front,
    Note,
    Table,
    TermEntry,
    blocks,
    plain,
    walk,
)
from drafting.findings import Finding, finding
from drafting.rules.case import Draft
from drafting.rules.typed import typed_texts
from drafting.rules.words import modals, must, vague, wording

_FRONT_RULES = {"前言": "8.3", "引言": "8.4"}


def fronts(draft: Draft) -> Iterator[Finding]:
    """No requirement, recommendation or permission in 前言, 引言 and 范围 (8.3 to 8.5)."""
    for front in draft.document.front:
        title = front.title.replace("\u3000", "")
        yield from _stating(draft, front, f"“{title}”", _FRONT_RULES.get(title, "8.4"))
    scope = next((c for c in draft.document.chapters if c.anchor == "part:scope" or c.title == "范围"), None)
    if scope is not None:
        yield from _stating(draft, scope, "“范围”", "8.5")


def _stating(draft: Draft, part: Front | Clause, where: str, rule: str) -> Iterator[Finding]:
    typed = [draft.inputs.document.scope.strip().rstrip("。")]
    for block in walk(part.children):
        for runs in runs_of(block):
            for found in modals(_without(plain(runs), typed)):
                yield finding(
                    "modal-in-part", rule=rule, where=where, kind=found.kind, word=found.word, quote=found.quote,
                    anchor=part.anchor,
                )  # fmt: skip


def notes(draft: Draft) -> Iterator[Finding]:
    """Notes and examples hold no requirement, recommendation or permission (9.10, 9.11)."""
    for anchor, where, block in placed(draft):
        marked: list[tuple[str, str, str]] = []
        match block:
            case Note():
                marked = [("注", "9.11", plain(block.runs))]
            case Example():
                marked = [("示例", "9.10", plain(block.runs))]
            case Table():
                marked = [("表中的注", "9.11", plain(n.runs)) for n in block.notes]
            case TermEntry():
                marked = [("注", "9.11", plain(n.runs)) for n in block.notes]
        for what, rule, text in marked:
            for found in modals(text):
                yield finding(
                    "modal-in-part", rule=rule, where=f"{where}的{what}", kind=found.kind, word=found.word,
                    quote=found.quote, anchor=anchor,
                )  # fmt: skip


def verbs(draft: Draft) -> Iterator[Finding]:
    """必须 and vague requirements in our own or the template folder's sentences (Appendix C)."""
    typed = sorted({p.text.strip().rstrip("。") for p in typed_texts(draft.inputs, draft.where)}, key=len, reverse=True)
    for anchor, where, block in placed(draft):
        for runs in runs_of(block):
            text = plain(runs)
            if any(must(text)):
                for quotation in must(_without(text, typed)):
                    yield finding("word-must", where=where, quote=quotation, anchor=anchor)
            if any(True for _ in vague(text)):
                for word, quotation in vague(_without(text, typed)):
                    yield finding("vague-requirement", where=where, word=word, quote=quotation, anchor=anchor)


def cells(draft: Draft) -> Iterator[Finding]:
    """Table cells are never blank, and never say 同上 (9.8)."""
    ditto = set(wording()["words"]["ditto"])
    for _, _, block in placed(draft):
        if not isinstance(block, Table):
            continue
        for number, row in enumerate((*block.head, *block.body), 1):
            texts = [c.text.strip() for c in row]
            if "" in texts:
                yield finding("blank-cell", where=block.label, row=number, anchor=block.anchor)
            for word in sorted(ditto & set(texts)):
                yield finding("ditto-cell", where=f"{block.label}第 {number} 行", word=word, anchor=block.anchor)


def terms_in_use(draft: Draft) -> Iterator[Finding]:
    """A term is used at least twice outside its own entry (8.7)."""
    entries = [b for b in walk(draft.document.chapters) if isinstance(b, TermEntry)]
    if not entries:
        return
    texts = [draft.document.title]
    for block in blocks(draft.document):
        if not isinstance(block, TermEntry):
            texts += [plain(r) for r in runs_of(block)]
        if isinstance(block, Clause):
            texts.append(block.title)
        elif isinstance(block, Table):
            texts.append(block.caption)
    definitions = [plain(e.definition) for e in entries]
    whole = "\n".join((*texts, *definitions))
    typed = {t.term: n for n, t in reversed(list(enumerate(draft.inputs.terms)))}
    for entry, own in zip(entries, definitions, strict=True):
        uses = whole.count(entry.term) - own.count(entry.term)
        if uses < 2:
            times = "没有使用" if uses == 0 else "只使用了 1 次"
            n = typed.get(entry.term)
            place = None if n is None else draft.where.find("term", str(n), "术语")
            yield finding("term-rare", place, term=entry.term, times=times, anchor=entry.anchor)


def placed(draft: Draft) -> Iterator[tuple[str, str, Block]]:
    """Every block with the anchor and the words for where it stands."""
    document = draft.document
    for front in document.front:
        yield from _placed(front.children, front.anchor, f"“{front.title}”")
    for chapter in document.chapters:
        yield from _placed(chapter.children, chapter.anchor, f"第 {chapter.number} 章")
    for annex in document.annexes:
        yield from _placed(annex.children, annex.anchor, annex.label)


def _placed(children: tuple[Block, ...], anchor: str, where: str) -> Iterator[tuple[str, str, Block]]:
    for block in children:
        if isinstance(block, Clause):
            yield from _placed(block.children, block.anchor or anchor, block.number)
        elif isinstance(block, Formula):
            yield block.anchor or anchor, where, block
        else:
            yield anchor, where, block


def _without(text: str, typed: list[str]) -> str:
    for piece in typed:
        if piece and piece in text:
            text = text.replace(piece, "")
    return text
