"""4.2.5 and 7: every indicator says what it is, how it is computed, where its data come from, how they are got."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding
from drafting.rules.case import Case, blank_fields


def explanation(case: Case) -> Iterator[Finding]:
    """Find indicators that lack one of the four."""
    active = case.inputs.system.active
    yield from blank_fields(case, "explanation-missing", "指标解释", (i for i in active if not i.explanation.strip()))
    computed = (i for i in active if not (i.qualitative or i.formula.strip() or i.measured))
    yield from blank_fields(case, "formula-missing", "计算公式", computed)
    yield from blank_fields(case, "data-source-missing", "数据来源", (i for i in active if not i.data_source.strip()))
    yield from blank_fields(case, "collection-missing", "采集方法", (i for i in active if not i.collection.strip()))
