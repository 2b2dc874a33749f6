"""What a rule looks at: the inputs with their cells and the results, or the composed draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from drafting.document.tree import Document
from drafting.findings import Cell, Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.model.system import Indicator

PROJECT = "项目.xlsx"


@dataclass(frozen=True, slots=True)
class Case:
    """A project as the rules see it: inputs, results, the cells that values came from, the user's classification."""

    inputs: Inputs
    results: Results
    where: Provenance
    classification: Mapping[str, str] | None = None
    """GB/T 4754 as the user supplies it (code without letter -> name), None if there is none."""

    def place(self, *key: str, sheet: str = "") -> Cell:
        """Cell of a key; if it is not known, the sheet."""
        return self.where.find(*key) or Cell(PROJECT, sheet)


@dataclass(frozen=True, slots=True)
class Draft:
    """The composed draft as the rules see it, with the inputs that its words came from."""

    document: Document
    inputs: Inputs
    where: Provenance = field(default_factory=Provenance)


Rule = Callable[[Case], Iterable[Finding]]
"""A rule on inputs and results."""
DocumentRule = Callable[[Draft], Iterable[Finding]]
"""A rule on the composed draft. Its findings carry ``values["anchor"]``: where in the draft they belong."""


def blank_fields(case: Case, code: str, heading: str, indicators: Iterable[Indicator]) -> Iterator[Finding]:
    """Report indicators that lack what column ``heading`` asks for: one finding each.

    A column that nobody has begun to fill in is one finding, at its first cell.
    """
    lacking = list(indicators)
    everything = len(lacking) == len(case.inputs.system.active) or len(lacking) > _MANY
    if len(lacking) > 1 and everything:
        place = case.place("indicator", lacking[0].code, heading, sheet="二级指标")
        names = "、".join(f"“{i.name}”" for i in lacking[:3])
        who = f"{names} 等 {len(lacking)} 项指标" if len(lacking) > 3 else names
        yield finding(code, place, who=who, anchor=f"indicator:{lacking[0].code}")
        return
    for indicator in lacking:
        place = case.place("indicator", indicator.code, heading, sheet="二级指标")
        yield finding(code, place, who=f"“{indicator.name}”", anchor=f"indicator:{indicator.code}")


_MANY = 12
"""More blank cells of one column than this are told in one finding."""
