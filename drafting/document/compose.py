"""From inputs and results to the finished tree: outline, clause texts, tables, numbers, cross-references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date as Date  # noqa: N812 -- the parameter is called date
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from baselines.rounding import round_half_even
from drafting.catalogue import OutlinePart, outline
from drafting.document import markup, numbering
from drafting.document.apart import part_anchor
from drafting.document.cover import cover, organisation
from drafting.document.editions import Names, published
from drafting.document.explanations import explanations
from drafting.document.facts import Facts, number, parts
from drafting.document.indicator_tables import indicator_table, stratum_table
from drafting.document.monitoring import monitoring_table
from drafting.document.redaction import Redactor
from drafting.document.references import normative, replaced
from drafting.document.settings import baseline_settings, weight_settings
from drafting.document.tables import (
    consistency_table,
    random_index_table,
    rounds_table,
    sample_table,
    selection_table,
    settings_table,
)
from drafting.document.texts import Texts
from drafting.document.tree import (
    Annex,
    Bibliography,
    Block,
    Clause,
    Document,
    Front,
    Paragraph,
    Runs,
    Table,
    TermEntry,
    Text,
)
from drafting.document.variants import variant
from drafting.model.inputs import Inputs
from drafting.model.results import Results

_FOREWORD = "foreword"
_ANNEXES = (("levels", "指标基准值的样本和达到比例"), ("weights", "指标权重的检验"))


def compose(
    inputs: Inputs,
    results: Results,
    *,
    edition: Literal["public", "internal"] = "public",
    date: Date | None = None,
    overlay: Path | None = None,
) -> Document:
    """Compose the draft.

    Raises TextError if a clause text cannot be used; names file, line and name; CrossReferenceError if a clause text
    refers to something that is not there.

    ``inputs``, ``results``: what the project holds and what the runs found; a figure that is missing is printed as —.
    ``edition``: ``public`` names no enterprise and no expert; ``internal`` is marked 内部资料.
    ``date``: day of completion printed on the cover (本稿完成日期); left out if not given.
    ``overlay``: a committee's folder of clause texts, laid over ours.
    """
    facts = Facts(inputs, results, edition, date)
    composer = _Composer(facts, Texts(overlay, variant=variant(inputs.document.kind).folder))
    parts_ = outline()
    document = numbering.resolve(
        Document(
            cover=cover(facts),
            front=tuple(Front(p.title, composer.blocks(p.key), f"part:{p.key}") for p in parts_ if not p.numbered),
            chapters=tuple(composer.clause(p) for p in parts_ if p.numbered),
            annexes=tuple(
                Annex(title, "资料性", composer.blocks(f"annex-{key}"), f"annex:{key}")
                for key, title in _ANNEXES
                if facts.annexed(key)
            ),
            bibliography=composer.bibliography(),
            date=date,
            edition=edition,
            organisation=organisation(facts),
            stage=inputs.document.stage,
        )
    )
    return published(document, Redactor(Names(inputs, edition), inputs))


class _Composer:
    """Fills the parts of one draft."""

    def __init__(self, facts: Facts, texts: Texts) -> None:
        self._facts = facts
        self._texts = texts
        self._references = normative(facts)
        self._context = facts.context() | self._words()
        self._makers: dict[str, Callable[[], tuple[Block, ...]]] = {
            "references": self._reference_list,
            "terms": self._terms,
            "explanations": lambda: explanations(facts, texts),
            "table:selection": lambda: (selection_table(facts),),
            "table:monitoring": lambda: (monitoring_table(facts),),
            "table:sample": lambda: of_each_part(facts, sample_table),
            "table:consistency": lambda: of_each_part(facts, consistency_table),
            "table:ri": lambda: (random_index_table(facts),),
            "table:rounds": lambda: (rounds_table(facts),),
            "table:level-settings": self._baseline_settings,
            "table:weight-settings": self._weight_settings,
        }

    def clause(self, part: OutlinePart) -> Clause:
        """Make a chapter or clause of the outline: its parts, or its clause text."""
        children = tuple(self.clause(p) for p in part.parts) or self.blocks(part.key)
        return Clause(part.title, children, f"part:{part.key}")

    def blocks(self, name: str) -> tuple[Block, ...]:
        """Fill in one clause text."""
        return self._texts.blocks(name, self._context, self._insert)

    def bibliography(self) -> Bibliography | None:
        """List the policies that the draft is based on (4.1)."""
        entries = tuple(_entry(p.name, p.number) for p in self._facts.inputs.policies)
        return Bibliography(entries) if entries else None

    def _insert(self, name: str) -> tuple[Block, ...] | None:
        if name in self._makers:
            return self._makers[name]()
        for at, part in enumerate(self._facts.parts):
            if name == part_anchor("table:system", at):
                return (replace(indicator_table(part), anchor=name),)
        kind, _, position = name.rpartition("-")
        if kind == "table:stratum" and position.isdecimal() and 1 <= int(position) <= len(self._facts.of_strata):
            part, stratum = self._facts.of_strata[int(position) - 1]
            return (stratum_table(part, stratum, int(position)),)
        return None

    def _words(self) -> dict[str, Any]:
        rules = self._facts.standard.grades
        return {
            "references": self._references,
            "replaced": replaced(self._facts.inputs),
            "meaning": {r.grade.value: r.meaning for r in rules},
            "threshold": {r.grade.value: r.threshold for r in rules},
            "years": _chinese_digit(self._facts.standard.legal_years),
            "percent": _percent,
            "parts": parts,
            "bracketed": _bracketed,
            "sentence": self._sentence,
        }

    def _sentence(self, name: str, body: object) -> markup.Marked:
        """Say a sentence of the foreword as the kind of standard does."""
        words = variant(self._facts.inputs.document.kind).foreword[name]
        return markup.Marked(words.replace("{org}", markup.quote(body)))

    def _reference_list(self) -> tuple[Block, ...]:
        return tuple(Paragraph((Text(f"{r.number}\u3000{r.name}"),), "reference") for r in self._references)

    def _terms(self) -> tuple[Block, ...]:
        return tuple(
            TermEntry(t.term, t.english, (Text(t.definition.rstrip("。") + "。"),), source=t.source, anchor=f"term:{i}")
            for i, t in enumerate(self._facts.inputs.terms, 1)
        )

    def _baseline_settings(self) -> tuple[Block, ...]:
        lines = self._facts.setting_lines(*baseline_settings(self._facts))
        return (settings_table(lines, "table:level-settings", "指标基准值取值方法的设置"),)

    def _weight_settings(self) -> tuple[Block, ...]:
        lines = self._facts.setting_lines(*weight_settings(self._facts))
        return (settings_table(lines, "table:weight-settings", "权重确定方法的设置"),)


def of_each_part(facts: Facts, make: Callable[[Facts], Table]) -> tuple[Table, ...]:
    """Make a table of every part of the facts; anchors and captions tell them apart."""
    if not facts.several:
        return (make(facts),)
    found = []
    for position, part in enumerate(facts.parts):
        made = make(part)
        caption = f"{made.caption}（{part.inputs.table}）"
        found.append(replace(made, anchor=part_anchor(made.anchor, position), caption=caption))
    return tuple(found)


def _entry(name: str, document_number: str) -> Runs:
    return markup.runs(markup.quote(f"{name}（{document_number}）" if document_number else name))


def _percent(share: Fraction) -> str:
    percent = share * 100
    return f"{percent.numerator}%" if percent.denominator == 1 else f"{number(round_half_even(float(percent), 1))}%"


def _bracketed(text: str) -> str:
    """Put words into brackets; those that hold brackets themselves into 〔〕."""
    return f"〔{text}〕" if "（" in text else f"（{text}）"


def _chinese_digit(value: int) -> str:
    return "〇一二三四五六七八九"[value] if 0 < value < 10 else str(value)
