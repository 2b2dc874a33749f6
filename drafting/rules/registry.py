"""The rules, in the order of the clauses: GB/T 43329 first, then GB/T 1.1."""

from __future__ import annotations

from drafting.rules import (
    cover,
    explanation,
    grades,
    industry,
    monitoring,
    objects,
    phrases,
    references,
    selection,
    structure,
    system,
    weights,
    wording,
)
from drafting.rules.case import DocumentRule, Rule

RULES: tuple[Rule, ...] = (
    references.policies,
    industry.industry,
    selection.guidance,
    selection.availability,
    selection.qualitative,
    selection.evaluation,
    system.categories,
    system.completeness,
    system.limiting_marks,
    system.limiting,
    weights.sums,
    weights.basis,
    weights.count,
    grades.grades,
    grades.limits,
    explanation.explanation,
    explanation.symbols,
    monitoring.monitoring,
    monitoring.titles,
    monitoring.units,
    monitoring.parameters,
    system.units,
    weights.panel,
    cover.cover,
    cover.foreword_names,
    cover.replacement,
    references.listed,
    wording.scope,
    wording.definitions,
    wording.verbs,
    wording.ditto,
    wording.dashes,
)
"""Rules on inputs and results."""

BY_TABLE: frozenset[Rule] = frozenset({
    selection.availability, selection.qualitative, selection.evaluation, system.categories,
    system.limiting_marks, system.limiting, weights.sums, weights.basis, weights.count, grades.grades, grades.limits,
})  # fmt: skip
"""Those about what every table of a standard with several has of its own."""

DOCUMENT_RULES: tuple[DocumentRule, ...] = (
    structure.foreword,
    structure.chapters,
    structure.nesting,
    references.ordered,
    references.cited,
    phrases.fronts,
    phrases.notes,
    phrases.verbs,
    phrases.cells,
    phrases.terms_in_use,
    objects.mentioned,
    objects.counted,
    objects.explained,
    objects.one_meaning,
    objects.annexes,
)
"""Rules on the composed draft."""
