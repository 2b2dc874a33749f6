"""GB/T 1.1—2020 on what the committee typed: verbs where they do not belong, 必须, vague requirements, 同上, dashes."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.rules.case import Case
from drafting.rules.citations import WRONG_DASHES, citations
from drafting.rules.typed import typed_texts
from drafting.rules.words import modals, must, vague, wording


def scope(case: Case) -> Iterator[Finding]:
    """No requirement, recommendation or permission in 范围 (8.5)."""
    for found in modals(case.inputs.document.scope):
        yield finding(
            "modal-in-part", case.place("info", "适用范围", sheet="文件信息"), rule="8.5", where="“范围”",
            kind=found.kind, word=found.word, quote=found.quote, anchor="part:scope",
        )  # fmt: skip


def definitions(case: Case) -> Iterator[Finding]:
    """Definitions state what something is (8.7)."""
    for n, term in enumerate(case.inputs.terms):
        anchor = f"term:{n + 1}"
        place = case.place("term", str(n), "定义", sheet="术语")
        if not term.definition.strip():
            yield finding("term-definition-missing", place, term=term.term, anchor=anchor)
        for found in modals(term.definition):
            yield finding(
                "term-definition-modal", place, term=term.term, kind=found.kind, word=found.word, quote=found.quote,
                anchor=anchor,
            )  # fmt: skip
        if not term.english.strip():
            english = case.place("term", str(n), "英文", sheet="术语")
            yield finding("term-english-missing", english, term=term.term, anchor=anchor)


def verbs(case: Case) -> Iterator[Finding]:
    """必须 is no substitute for 应, and a requirement is not vague (Appendix C)."""
    for piece in typed_texts(case.inputs, case.where):
        for quotation in must(piece.text):
            yield finding("word-must", piece.place, where=piece.where, quote=quotation, anchor=piece.anchor)
        for word, quotation in vague(piece.text):
            yield finding(
                "vague-requirement", piece.place, where=piece.where, word=word, quote=quotation, anchor=piece.anchor
            )


def ditto(case: Case) -> Iterator[Finding]:
    """Cells say what they mean: no 同上 (9.8). 同Ⅰ级 and 同左 of a baseline are read and printed as what they mean."""
    for piece in typed_texts(case.inputs, case.where):
        word = piece.text.strip().rstrip("。")
        if word in wording()["words"]["ditto"] and piece.anchor != "table:system":
            yield finding("ditto-cell", piece.place, where=piece.where, word=word, anchor=piece.anchor)


def dashes(case: Case) -> Iterator[Finding]:
    """The year is joined by a dash of one Han, not by a hyphen (9.5)."""
    info = case.inputs.document
    cells = [(info.number, "文件编号", case.place("info", "文件编号", sheet="文件信息"), "")]
    cells += [(info.replaces, "代替文件", case.place("info", "代替文件", sheet="文件信息"), "part:foreword")]
    for n, reference in enumerate(case.inputs.references):
        place = case.place("reference", str(n), "编号", sheet="引用文件")
        cells.append((reference.number, "规范性引用文件", place, "part:references"))
    for n, term in enumerate(case.inputs.terms):
        place = case.place("term", str(n), "来源", sheet="术语")
        cells.append((term.source, f"术语“{term.term}”的来源", place, f"term:{n + 1}"))
    cells += [(p.text, p.where, p.place, p.anchor) for p in typed_texts(case.inputs, case.where)]
    for text, where, place, anchor in cells:
        for cited in citations(text):
            if cited.year and set(cited.dash) & WRONG_DASHES:
                yield finding(
                    "hyphen-for-dash", place, where=where, found=cited.text, wanted=cited.designation, anchor=anchor
                )
