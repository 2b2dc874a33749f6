"""What GB/T 43329 suggests: Tables A.1, A.2, formulas (A.1)–(A.5), limiting indicators (5.3), outline (B.2, B.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from drafting.model.monitoring import Monitoring
from drafting.model.terms import Direction
from drafting.standard import read_toml, standard


@dataclass(frozen=True, slots=True)
class Suggested:
    """A second-level indicator that the standard suggests.

    ``clause`` is where it stands: 表A.1 or, for a candidate that only the text of 5.2 names, 5.2.x. ``direction`` and
    ``advice`` are proposals of this project; the standard leaves the direction to the committee (None: no proposal).
    """

    category: str
    number: int
    """Position within its category, from 1: column 序号 of Table A.1; 0 for a candidate of the text."""
    code: str
    """Code that a prefilled workbook gives it, e.g. ``N2``; empty for a candidate."""
    name: str
    unit: str
    limiting: bool
    clause: str
    direction: Direction | None = None
    formula: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class LimitingRule:
    """An indicator that 5.3 names as limiting in principle, with patterns that recognise it by name.

    No pattern: only a person can tell whether an indicator is meant (行业准入性指标).
    """

    name: str
    patterns: tuple[re.Pattern[str], ...]

    def matches(self, name: str) -> bool:
        """Whether an indicator of that name is meant."""
        return any(pattern.search(name) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class SelectionBasis:
    """A row of Table A.2: what the selection of a category's indicators refers to."""

    category: str
    text: str


@dataclass(frozen=True, slots=True)
class FormulaSymbol:
    """A symbol of a formula: LaTeX, meaning, unit (式中)."""

    symbol: str
    meaning: str
    unit: str


@dataclass(frozen=True, slots=True)
class StandardFormula:
    """A formula of A.3; ``expression`` is its right-hand side as column 计算公式 would say it."""

    number: str
    clause: str
    name: str
    latex: str
    expression: str
    symbols: tuple[FormulaSymbol, ...]


@dataclass(frozen=True, slots=True)
class MethodStandard:
    """A standard that says how a parameter is measured."""

    medium: str
    parameter: str
    method: str
    standard: str
    title: str
    """Of the document; empty where it is not confirmed."""
    words: tuple[str, ...]
    """What an indicator's name holds when the parameter is meant; none where only the committee can tell."""
    confirmed: bool
    """Whether a second source confirms the edition."""


@dataclass(frozen=True, slots=True)
class OutlinePart:
    """A part of a draft (B.2) with the clauses of the standard that it answers (Table B.1) and its sub-parts."""

    key: str
    title: str
    clause: str
    answers: tuple[str, ...]
    remark: str
    numbered: bool
    parts: tuple[OutlinePart, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that Appendix A, 5.2 and 5.3 suggest."""

    indicators: tuple[Suggested, ...]
    """Rows of Table A.1 in order."""
    candidates: tuple[Suggested, ...]
    """Indicators that only the text of 5.2 names."""
    limiting: tuple[LimitingRule, ...]
    bases: tuple[SelectionBasis, ...]
    formulas: tuple[StandardFormula, ...]
    footnote_mark: str
    footnote: str

    def of(self, category: str) -> tuple[Suggested, ...]:
        """Give the rows of Table A.1 of one category."""
        return tuple(i for i in self.indicators if i.category == category)

    def basis(self, category: str) -> str:
        """Table A.2's text for a category; empty if there is none."""
        return next((b.text for b in self.bases if b.category == category), "")

    def formula(self, number: str) -> StandardFormula:
        """Return a formula by its number, e.g. ``A.3``.

        Raises KeyError if there is none.
        """
        for formula in self.formulas:
            if formula.number == number:
                return formula
        raise KeyError(number)

    def limiting_rule(self, name: str) -> LimitingRule | None:
        """Find the rule of 5.3 that an indicator's name falls under, None if none."""
        return next((rule for rule in self.limiting if rule.matches(name)), None)


@cache
def catalogue() -> Catalogue:
    """Appendix A of GB/T 43329—2023 with the lists of 5.2 and 5.3."""
    data = read_toml("catalogue.toml")
    return Catalogue(
        indicators=_table_a1(data),
        candidates=tuple(
            Suggested(category.name, 0, "", name, "", limiting=False, clause=category.clause)
            for category in standard().categories
            for name in data["candidates"].get(category.clause, ())
        ),
        limiting=tuple(LimitingRule(r["name"], tuple(map(re.compile, r["patterns"]))) for r in data["limiting"]),
        bases=tuple(SelectionBasis(b["category"], b["text"]) for b in data["basis"]),
        formulas=tuple(_formula(f) for f in data["formula"]),
        footnote_mark=data["table_a1"]["footnote_mark"],
        footnote=data["table_a1"]["footnote"],
    )


@cache
def method_standards() -> tuple[MethodStandard, ...]:
    """Give the library of monitoring methods (templates/gb-t-43329/monitoring.toml)."""
    return tuple(
        MethodStandard(
            row["medium"], row["parameter"], row["method"], row["standard"], row.get("title", ""),
            tuple(row.get("words", ())), row.get("confirmed", True),
        )
        for row in read_toml("monitoring.toml")["method"]
    )  # fmt: skip


def suggested_monitoring(names: Iterable[str]) -> tuple[Monitoring, ...]:
    """Suggest rows of 监测方法 for indicators: one per parameter of which their names speak, with confirmed standards.

    Points and frequencies stay blank: they are the committee's.
    """
    said = tuple(names)
    found: dict[str, list[str]] = {}
    for method in method_standards():
        for word in method.words:
            if any(word in name for name in said):
                standards = found.setdefault(word, [])
                if method.confirmed and method.standard not in standards:
                    standards.append(method.standard)
    return tuple(Monitoring(word, standards="、".join(standards)) for word, standards in found.items())


def _table_a1(data: Mapping[str, Any]) -> tuple[Suggested, ...]:
    prefixes = {c.name: c.prefix for c in standard().categories}
    suggested: list[Suggested] = []
    for row in data["indicator"]:
        number = 1 + sum(s.category == row["category"] for s in suggested)
        suggested.append(
            Suggested(
                category=row["category"],
                number=number,
                code=f"{prefixes[row['category']]}{number}",
                name=row["name"],
                unit=row.get("unit", ""),
                limiting=row.get("limiting", False),
                clause=data["table_a1"]["clause"],
                direction=Direction(row["direction"]) if "direction" in row else None,
                formula=row.get("formula", ""),
                advice=row.get("advice", ""),
            )
        )
    return tuple(suggested)


def _formula(row: Mapping[str, Any]) -> StandardFormula:
    symbols = tuple(FormulaSymbol(s["symbol"], s["meaning"], s["unit"]) for s in row["symbols"])
    return StandardFormula(row["number"], row["clause"], row["name"], row["latex"], row["expression"], symbols)


@cache
def outline() -> tuple[OutlinePart, ...]:
    """Give the outline of a draft: B.2 a)–k), nested as Table B.1 says."""
    return tuple(_part(part) for part in read_toml("outline.toml")["part"])


def _part(row: Mapping[str, Any]) -> OutlinePart:
    return OutlinePart(
        row["key"],
        row["title"],
        row["clause"],
        tuple(row["answers"]),
        row.get("remark", ""),
        row.get("numbered", True),
        tuple(_part(part) for part in row.get("part", ())),
    )
