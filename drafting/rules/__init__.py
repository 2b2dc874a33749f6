"""Clause-by-clause checks of a draft: GB/T 43329 on the indicator system, GB/T 1.1 on structure and wording.

One file per subject; a rule is a function from a :class:`~drafting.rules.case.Case` (or, for the composed draft, a
:class:`~drafting.rules.case.Draft`) to findings, entered in :mod:`drafting.rules.registry`. Wording and severity
stand in ``drafting/findings/catalogue/rules.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from drafting.findings import Finding, Provenance
from drafting.findings.tables import told_by_table

if TYPE_CHECKING:
    from drafting.document.tree import Document
    from drafting.model.inputs import Inputs
    from drafting.model.results import Results


def check(
    inputs: Inputs, results: Results, where: Provenance, *, classification: Mapping[str, str] | None = None
) -> list[Finding]:
    """Every finding of every rule on inputs and results, in the order of the clauses.

    ``classification``: the user's GB/T 4754 table, read at the edge
    (:func:`drafting.workbook.classification.load_classification`); None if there is none.
    """
    from drafting.rules.case import Case
    from drafting.rules.registry import BY_TABLE, RULES

    case = Case(inputs, results, where, classification)
    if not inputs.tables:
        return [found for rule in RULES for found in rule(case)]
    cases = {
        one.table: Case(one, results.tables.get(one.table, results), where.for_table(one.table), classification)
        for one in inputs.slices
    }
    found: list[Finding] = []
    for rule in RULES:
        if rule in BY_TABLE:
            found += told_by_table({key: [*rule(of)] for key, of in cases.items()})
        else:
            found += rule(case)
    return found


def check_document(document: Document, inputs: Inputs, where: Provenance) -> list[Finding]:
    """Every finding of every rule on the composed draft."""
    from drafting.rules.case import Draft
    from drafting.rules.registry import DOCUMENT_RULES

    draft = Draft(document, inputs, where)
    return [found for rule in DOCUMENT_RULES for found in rule(draft)]
