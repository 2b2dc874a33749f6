"""7: what is measured says where, how often and by which standard; every quantity of a formula has a unit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from drafting.catalogue import method_standards
from drafting.document.facts import Facts
from drafting.document.references import monitoring_references, undated
from drafting.document.symbols import RESERVED, is_symbol, stated
from drafting.findings import Cell, Finding, finding
from drafting.rules.case import PROJECT, Case

_POLLUTANTS = "污染物产生与排放"
_SHEET = "监测方法"
_SHOWN = 6
_OPEN = "【待补充："


def monitoring(case: Case) -> Iterator[Finding]:
    """Every pollutant among the indicators has a row in 监测方法, and every row is whole."""
    rows = case.inputs.monitoring
    words = {word for method in method_standards() for word in method.words}
    measured = [i.name for i in case.inputs.system.of(_POLLUTANTS) if any(word in i.name for word in words)]
    lacking = [name for name in measured if not any(m.parameter in name for m in rows)]
    if lacking:
        yield finding(
            "monitoring-missing", Cell(PROJECT, _SHEET), who=_named(lacking), anchor="part:explanation"
        )  # fmt: skip
    for heading, field in (("监测点位", "point"), ("频次", "frequency"), ("方法标准", "standards")):
        blank = [n for n, m in enumerate(rows) if not getattr(m, field).strip()]
        if blank:
            yield finding(
                "monitoring-incomplete", case.place("monitoring", str(blank[0]), heading, sheet=_SHEET),
                who=_named([rows[n].parameter for n in blank]), heading=heading, anchor="table:monitoring",
            )  # fmt: skip


def titles(case: Case) -> Iterator[Finding]:
    """A standard that 监测方法 cites is listed with its title: by the committee where the library has none."""
    listed = {undated(r.number) for r in case.inputs.references}
    for reference in monitoring_references(case.inputs.monitoring):
        if reference.name.startswith(_OPEN) and undated(reference.number) not in listed:
            n = next(n for n, m in enumerate(case.inputs.monitoring) if _cites(m.listed, reference.number))
            place = case.place("monitoring", str(n), "方法标准", sheet=_SHEET)
            yield finding("monitoring-title", place, number=reference.number, anchor="part:references")


def _cites(listed: Iterable[str], number: str) -> bool:
    return any(undated(one) == undated(number) for one in listed)


def units(case: Case) -> Iterator[Finding]:
    """Every quantity of a formula has a meaning and a unit; none takes a letter of the draft's own formulas."""
    lacking: dict[str, str] = {}
    unexplained: dict[str, str] = {}
    taken: dict[str, tuple[str, str, str]] = {}
    for (code, name), quantity in Facts(case.inputs, case.results).symbols.items():
        if not quantity.unit:
            lacking.setdefault(quantity.name, code)
        if quantity.unexplained:
            unexplained.setdefault(quantity.name, code)
        if is_symbol(name) and name in RESERVED and quantity.symbol != name:
            taken.setdefault(name, (code, quantity.symbol, quantity.meaning or name))
    for kind, those in (("symbol-unit-missing", lacking), ("symbol-meaning-missing", unexplained)):
        if those:
            code = next(iter(those.values()))
            place = case.place("indicator", code, "计算公式", sheet="二级指标")
            yield finding(kind, place, who=_named(list(those)), anchor=f"formula:{code}")
    for name, (code, symbol, meaning) in taken.items():
        yield finding(
            "symbol-reserved", case.place("indicator", code, "计算公式", sheet="二级指标"), symbol=name,
            printed=symbol.replace("_", ""), meaning=meaning, anchor=f"formula:{code}",
        )  # fmt: skip


def parameters(case: Case) -> Iterator[Finding]:
    """A letter in a baseline is explained where the note under the table says that it is."""
    for indicator in case.inputs.system.active:
        told: set[str] = set()
        for grade, bound in indicator.baselines.items():
            for letter in bound.names:
                explained = stated(letter, indicator.note) or letter in indicator.explanation
                if letter in told or explained or not is_symbol(letter):
                    continue
                told.add(letter)
                yield finding(
                    "parameter-unexplained",
                    case.place("indicator", indicator.code, f"{grade.chinese}基准值", sheet="二级指标"),
                    indicator=indicator.name, found=bound.text, letter=letter, anchor="table:system",
                )  # fmt: skip


def _named(names: list[str]) -> str:
    shown = "、".join(f"“{n}”" for n in names[:_SHOWN])
    return f"{shown} 等 {len(names)} 项" if len(names) > _SHOWN else shown
