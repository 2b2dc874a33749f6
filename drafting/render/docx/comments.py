"""Findings as Word comments, at the place in the draft that they are about."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drafting.document.tree import Document
from drafting.findings import Cell, Finding, Key, Provenance
from drafting.render.docx.package import repack
from drafting.render.docx.references import bookmark_names
from drafting.render.docx.xml import tag
from drafting.standard import standard

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.run import Run

AUTHOR, INITIALS = "drafting", "D"
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
_SOMEWHERE = "part:scope"
"""Where a finding about nothing in particular is put: chapter 1."""

# Kind of a provenance key -> anchor of the draft; {1} is the key's second word, {n} its position counted from 1.
_ANCHORS: Mapping[str, str] = {
    "info": "part:foreword",
    "category": "table:system",
    "indicator": "indicator:{1}",
    "policy": "bibliography",
    "reference": "part:references",
    "term": "term:{n}",
    "expert": "part:weights",
    "exclusion": "table:sample",
    "setting": "table:weight-settings",
    "survey": "table:sample",
    "enterprise": "table:sample",
    "judgement": "table:consistency",
    "delphi": "table:rounds",
}
_CLAUSES = {"4.2.6": "part:evaluation", "5.3": "part:selection", "5.4": "part:weights", "5.5.2": "part:levels"}
"""Clause of GB/T 43329 -> the part of the draft where a finding without a cell is told."""
_FILES = {
    "调研数据": "table:sample",
    "企业调查表": "table:sample",
    "判断矩阵": "table:consistency",
    "德尔菲": "table:rounds",
}


def add_comments(
    path: Path, document: Document, findings: Sequence[Finding], where: Provenance, private: Iterable[str] = ()
) -> int:
    """Put findings into a rendered draft as comments.

    ``path``: the .docx that was rendered from ``document``; it is written anew, with the same bytes for the same
    findings.
    ``findings``, ``where``: what to say, and the map that tells from which cell (and so to which clause) a finding
    belongs.
    ``private``: names that must not stand in this edition (enterprises, experts): findings that hold one are counted
    only.
    Returns how many comments were made.
    """
    import docx

    word = docx.Document(str(path))
    names, marks = bookmark_names(document), _bookmarked(word)
    kept, hidden = _sorted_out(findings, tuple(n for n in private if n))
    day = _UNDATED
    if document.date is not None:
        day = datetime(document.date.year, document.date.month, document.date.day, tzinfo=UTC)
    keys = _keys(where)
    count = 0
    for text, anchor in [*((_words(f), anchor_of(f, keys)) for f in kept), *hidden]:
        runs = marks.get(names.get(anchor, "")) or marks.get(names.get(_SOMEWHERE, ""))
        if runs:
            comment: Any = word.add_comment(runs, text=text, author=AUTHOR, initials=INITIALS)
            comment._comment_elm.date = day  # python-docx takes the clock's time; the same draft gives the same bytes
            count += 1
    _style(word)
    target = io.BytesIO()
    word.save(target)
    path.write_bytes(repack(target.getvalue()))
    return count


def _words(finding: Finding) -> str:
    clause = f"（{_clause(finding)}）" if finding.clause else ""
    place = f"\n位置：{finding.place}" if str(finding.place) else ""
    return f"【{finding.severity.chinese}】{finding.message}{clause}\n改法：{finding.remedy}{place}"


def _clause(finding: Finding) -> str:
    """Name the clause so that it is not taken for one of the draft, which has a 5.2 of its own."""
    own = finding.clause.startswith("GB") or finding.code.startswith(("text-", "gap-"))
    return finding.clause if own else f"{standard().number} 的 {finding.clause}"


def _sorted_out(findings: Sequence[Finding], private: tuple[str, ...]) -> tuple[list[Finding], list[tuple[str, str]]]:
    names = tuple(name if len(name) > 1 else f"“{name}”" for name in private)  # a body called 1 is not every 1
    kept = [f for f in findings if not any(n in f"{f.message}\n{f.remedy}\n{f.place}" for n in names)]
    left = len(findings) - len(kept)
    said = (
        [(f"【提示】另有 {left} 个问题涉及具体企业或专家，未列入公开版；见 drafting check。", _SOMEWHERE)]
        if left
        else []
    )
    return kept, said


def _keys(where: Provenance) -> dict[Cell, Key]:
    found: dict[Cell, Key] = {}
    for key, cell in where.cells.items():
        found.setdefault(cell, key)
    return found


def anchor_of(finding: Finding, keys: Mapping[Cell, Key]) -> str:
    """Anchor in the draft that a finding belongs to: the one it names, else that of the cell it is about."""
    if named := finding.values.get("anchor"):
        return str(named)
    key = keys.get(finding.place)
    if key is None:
        start = finding.place.file.split("/")[0].split(".")[0]
        return _FILES.get(start) or _CLAUSES.get(finding.clause, _SOMEWHERE)
    if key[0] == "info" and key[1:2] == ("适用范围",):
        return _SOMEWHERE
    position = str(int(key[1]) + 1) if len(key) > 1 and key[1].isdecimal() else ""
    return _ANCHORS.get(key[0], _SOMEWHERE).replace("{1}", key[1] if len(key) > 1 else "").replace("{n}", position)


def anchors_of(findings: Sequence[Finding], where: Provenance) -> dict[str, list[Finding]]:
    """Findings by the anchor of what they are about in the draft; those about nothing in particular are left out."""
    keys = _keys(where)
    found: dict[str, list[Finding]] = {}
    for one in findings:
        anchor = anchor_of(one, keys)
        if anchor != _SOMEWHERE or one.values.get("anchor"):
            found.setdefault(anchor, []).append(one)
    return found


def _bookmarked(word: WordDocument) -> dict[str, list[Run]]:
    """Runs of the paragraph that each bookmark stands in, or of the next paragraph that has any."""
    from docx.text.paragraph import Paragraph

    found: dict[str, list[Run]] = {}
    waiting: list[str] = []
    for element in word.element.body.iter(tag("p")):
        waiting += _marks(element)
        runs = Paragraph(element, word).runs
        if waiting and runs:
            found |= dict.fromkeys(waiting, runs)
            waiting = []
    return found


def _marks(paragraph: Any) -> Iterator[str]:
    return (mark.get(tag("name")) for mark in paragraph.iter(tag("bookmarkStart")))


def _style(word: WordDocument) -> None:
    """Give the document the styles that comments refer to, if its blueprint lacks them."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    known = {style.style_id for style in word.styles}
    for identifier, name, kind, size in (
        ("CommentText", "annotation text", WD_STYLE_TYPE.PARAGRAPH, 10),
        ("CommentReference", "annotation reference", WD_STYLE_TYPE.CHARACTER, 8),
    ):
        if identifier not in known:
            style = word.styles.add_style(name, kind)
            style.element.set(tag("styleId"), identifier)
            style.font.size = Pt(size)
