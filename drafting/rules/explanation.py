"""4.2.5 and 7: every indicator says what it is, how it is computed, where its data come from; one meaning a symbol."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.document.symbols import is_symbol, stated
from drafting.findings import Finding, finding
from drafting.model.identity import label_key
from drafting.rules.case import Case, blank_fields


def explanation(case: Case) -> Iterator[Finding]:
    """Find indicators that lack one of the four."""
    active = case.inputs.system.heads
    yield from blank_fields(case, "explanation-missing", "指标解释", (i for i in active if not i.explanation.strip()))
    computed = (i for i in active if not (i.qualitative or i.formula or i.measured))
    yield from blank_fields(case, "formula-missing", "计算公式", computed)
    yield from blank_fields(case, "data-source-missing", "数据来源", (i for i in active if not i.data_source.strip()))
    yield from blank_fields(case, "collection-missing", "采集方法", (i for i in active if not i.collection.strip()))


def symbols(case: Case) -> Iterator[Finding]:
    """Find symbols typed into formulas that the committee states two meanings for: at the second, once a symbol."""
    meant: dict[str, tuple[str, str]] = {}
    told: set[str] = set()
    for indicator in case.inputs.system.heads:
        for name in indicator.formula.expression.names if indicator.formula.expression else ():
            says = stated(name, indicator.note, indicator.explanation) if is_symbol(name) else ""
            if not says or name in told:
                continue
            first, owner = meant.setdefault(name, (says, indicator.name))
            if label_key(first) != label_key(says):
                told.add(name)
                yield finding(
                    "symbol-two-meanings", case.place("indicator", indicator.code, "计算公式", sheet="二级指标"),
                    symbol=name, owner=owner, first=first, indicator=indicator.name, second=says,
                    anchor=f"formula:{indicator.code}",
                )  # fmt: skip
