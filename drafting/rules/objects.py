"""Tables, figures, formulas and annexes of the draft (GB/T 1.1—2020 9.6 to 9.9): mentioned, counted, explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from drafting.document.search import runs_of
from drafting.document.tree import (
    Annex,
    Document,
    Formula,
    Image,
    InlineFormula,
    Reference,
    Runs,
    Table,
    blocks,
    plain,
)
from drafting.findings import Finding, finding
from drafting.rules.case import Draft
from drafting.rules.words import quote, sentences

_LABELS = re.compile(r"表[A-Z]?\.?\d+|图[A-Z]?\.?\d+|公式?（[A-Z]?\.?\d+）|附录[A-Z]")
_RUNS = re.compile(r"([表图])((?:[A-Z]\.)?)(\d{1,4})～\1\2(\d{1,4})")
_LONGEST = 1000
_RULES: dict[type, tuple[str, str]] = {Image: ("图", "9.7"), Table: ("表", "9.8"), Formula: ("公式", "9.9")}


def mentioned(draft: Draft) -> Iterator[Finding]:
    """Every table, figure and formula is mentioned in the text."""
    targets, labels = _mentions(draft.document)
    for block in blocks(draft.document):
        if not isinstance(block, Table | Image | Formula) or not block.number:
            continue
        rule = _RULES[type(block)][1]
        label = f"公式{block.label}" if isinstance(block, Formula) else block.label
        if block.anchor in targets or label in labels:
            continue
        title = block.alt or quote(block.latex) if isinstance(block, Formula) else block.caption
        yield finding("object-unmentioned", rule=rule, label=label, title=title, anchor=block.anchor)


def _mentions(document: Document) -> tuple[set[str], set[str]]:
    targets: set[str] = set()
    labels: set[str] = set()
    for block in blocks(document):
        for runs in runs_of(block):
            targets |= {r.target for r in runs if isinstance(r, Reference)}
            text = plain(runs)
            labels |= set(_LABELS.findall(text)) | set(_between(text))
    return targets, labels


def _between(text: str) -> Iterator[str]:
    """Labels that stand between two ends: 表2～表5 mentions 表3 and 表4."""
    for kind, letter, first, last in _RUNS.findall(text):
        for number in range(int(first) + 1, min(int(last), int(first) + _LONGEST)):
            yield f"{kind}{letter}{number}"


def counted(draft: Draft) -> Iterator[Finding]:
    """Tables, figures and formulas are numbered without gaps, anew in every annex."""
    series: dict[tuple[type, str], list[tuple[int, str]]] = {}
    for block in blocks(draft.document):
        if isinstance(block, Table | Image | Formula) and block.number:
            letter, _, digits = block.number.rpartition(".")
            if digits.isdecimal():
                series.setdefault((type(block), letter), []).append((int(digits), block.anchor))
    for (kind, letter), numbers in series.items():
        word, rule = _RULES[kind]
        dot = f"{letter}." if letter else ""
        for (before, _), (found, anchor) in pairwise([(0, ""), *numbers]):
            if found != before + 1:
                yield finding(
                    "number-skipped", rule=rule, kind=word, before=f"{dot}{before}" if before else "开头",
                    found=f"{dot}{found}", wanted=f"{dot}{before + 1}", anchor=anchor,
                )  # fmt: skip


# --- formulas ---------------------------------------------------------------------------------------------------------
_NAME = r"(?:\\mathrm\{[^{}]*\}|\\[a-zA-Z]+|[A-Za-z])"
_SCRIPT = r"(?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-zA-Z]+|[A-Za-z0-9])"
_SYMBOL = re.compile(rf"(?P<name>{_NAME})(?P<scripts>(?:'|_\s*{_SCRIPT}|\^\s*\\prime)*)")
_TEXT = re.compile(r"\\(?:text|mbox|operatorname|textrm)\{[^{}]*\}|\\(?:begin|end)\{[^{}]*\}")
_COMMANDS = frozenset(
    {
        "sum", "prod", "frac", "dfrac", "left", "right", "times", "cdot", "cdots", "dots", "ldots", "geq", "leq", "ge",
        "le", "ne", "neq", "max", "min", "ln", "log", "exp", "sqrt", "quad", "qquad", "prime", "infty", "partial",
        "int", "lim", "approx", "equiv", "in", "notin", "to", "rightarrow", "div", "pm", "mp",
    }
)  # fmt: skip
_SUMS = re.compile(r"\\(?:sum|prod|max|min|lim)\s*(?:_\s*(?:\{[^{}]*\}|\w)|\^\s*(?:\{[^{}]*\}|\w))*")
_SQUEEZE = re.compile(r"[\s{}]|\\,|\\;|\\!")


def symbols(latex: str) -> tuple[str, ...]:
    """Symbols of a formula with their subscripts, in order; words, functions and the limits of sums are none."""
    bare = _SUMS.sub(" ", _TEXT.sub(" ", latex))
    found: dict[str, None] = {}
    for match in _SYMBOL.finditer(bare):
        if match["name"].lstrip("\\") in _COMMANDS:
            continue
        found[_SQUEEZE.sub("", match["name"] + match["scripts"].replace("^\\prime", "'"))] = None
    return tuple(found)


def explained(draft: Draft) -> Iterator[Finding]:
    """Every symbol is explained under 式中, where it first occurs or below a formula of the same clause."""
    known: set[str] = set()
    waiting: list[tuple[Formula, set[str]]] = []
    for block in blocks(draft.document):
        if not isinstance(block, Formula):
            continue
        for line in block.where:
            known |= set(symbols(line.latex)) | set(_inline(line.meaning))
        waiting.append((block, set(symbols(block.latex))))
        if block.where:
            yield from _unexplained(waiting, known)
            waiting = []
    yield from _unexplained(waiting, known)


def _unexplained(waiting: list[tuple[Formula, set[str]]], known: set[str]) -> Iterator[Finding]:
    for formula, used in waiting:
        lacking = [s for s in symbols(formula.latex) if s in used - known]
        if lacking:
            label = f"公式{formula.label}" if formula.number else f"公式“{quote(formula.latex)}”"
            yield finding("formula-symbol", label=label, symbols="、".join(lacking), anchor=formula.anchor)


def one_meaning(draft: Draft) -> Iterator[Finding]:
    """A symbol of an indicator's formula is explained alike wherever it is explained."""
    said: dict[str, tuple[str, str, bool]] = {}
    for block in blocks(draft.document):
        if not isinstance(block, Formula):
            continue
        for line in block.where:
            symbol, own = _SQUEEZE.sub("", line.latex), block.anchor.startswith("formula:")
            meaning = plain(line.meaning).rstrip("。；;")
            before, anchor, owned = said.setdefault(symbol, (meaning, block.anchor, own))
            if before != meaning and (own or owned):
                place = block.anchor if own else anchor
                yield finding("formula-symbol-twice", symbol=symbol, first=before, second=meaning, anchor=place)


def _inline(runs: Runs) -> Iterator[str]:
    for run in runs:
        if isinstance(run, InlineFormula):
            yield from symbols(run.latex)


# --- annexes ----------------------------------------------------------------------------------------------------------
def annexes(draft: Draft) -> Iterator[Finding]:
    """Every annex is mentioned in the text before it, in the words that go with its nature (9.6)."""
    said: list[str] = []
    targets: set[str] = set()
    for block in blocks(Document(draft.document.cover, draft.document.front, draft.document.chapters)):
        for runs in runs_of(block):
            targets |= {r.target for r in runs if isinstance(r, Reference)}
            said += sentences(plain(runs))
    for annex in draft.document.annexes:
        mentions = [s for s in said if annex.label in s]
        if annex.anchor not in targets and not mentions:
            yield finding("annex-unmentioned", label=annex.label, title=annex.title, anchor=annex.anchor)
        for sentence in mentions:
            if _contradicts(annex, sentence):
                yield finding(
                    "annex-nature", label=annex.label, nature=annex.nature, quote=quote(sentence, annex.label),
                    anchor=annex.anchor,
                )  # fmt: skip
                break


def _contradicts(annex: Annex, sentence: str) -> bool:
    requires = re.search(rf"(?:应符合|应按照?|应执行){annex.label}|按照?{annex.label}的(?:规定|要求)", sentence)
    informs = re.search(rf"(?:参见|可参见){annex.label}", sentence)
    return bool(requires if annex.nature == "资料性" else informs)
