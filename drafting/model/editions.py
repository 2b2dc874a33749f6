"""Two editions of one standard side by side: the rows of their tables, and which of them are the same indicator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from drafting.model.identity import label_key
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.model.terms import GRADES
from drafting.notation.typography import typeset_unit

_ALIKE = 0.5
"""Likeness of two names under one code from which the indicator counts as renamed."""


@dataclass(frozen=True, slots=True)
class Side:
    """One row of an edition as it is printed."""

    table: str
    row: str
    """Code of the row; of a class row one that cannot be typed."""
    code: str
    category: str
    name: str
    class_name: str
    unit: str
    limiting: bool
    weight: str
    baselines: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        """Name and class, by which rows of two editions are one."""
        return label_key(self.name), label_key(self.class_name)


@dataclass(frozen=True, slots=True)
class Pair:
    """A row in both editions, or in one of them."""

    old: Side | None
    new: Side | None


def rows_of(inputs: Inputs, results: Results) -> tuple[Side, ...]:
    """Rows of an edition: what is published where it was computed, what is typed elsewhere."""
    return tuple(row for one in inputs.slices for row in _rows(one, results.tables.get(one.table, results)))


def _rows(inputs: Inputs, results: Results) -> Iterator[Side]:
    for indicator in inputs.system.active:
        weight = results.weights.of(indicator) if results.weights else None
        baselines = results.baselines.of(indicator.code) if results.baselines else None
        found = {g: level.bound for g, level in baselines.by_grade.items()} if baselines else dict(indicator.baselines)
        only = next(iter(found.values()), None) if len(found) == 1 else None  # one baseline for all grades (5.5.3)
        bounds = [found.get(g, only) for g in GRADES]
        yield Side(
            table=inputs.table, row=indicator.code, code=indicator.of or indicator.code, category=indicator.category,
            name=indicator.of_name or indicator.name, class_name=indicator.class_name,
            unit=typeset_unit(indicator.unit), limiting=indicator.limiting,
            weight=str(weight or indicator.weight or ""),
            baselines=tuple("" if b is None else b.format() for b in bounds),
        )  # fmt: skip


def pairs(old: Sequence[Side], new: Sequence[Side]) -> tuple[Pair, ...]:
    """Bring the rows of two editions together: by name and class, a table of the same key first; then by code.

    A code that means something else in the other edition says nothing: names under one code have to be alike.
    """
    left = list(old)

    def take(one: Side, same: Callable[[Side, Side], bool]) -> Side | None:
        found = [row for row in left if same(row, one)]
        best = next((row for row in found if row.table == one.table), found[0] if found else None)
        if best is not None:
            left.remove(best)
        return best

    by_name = [take(one, lambda a, b: a.key == b.key) for one in new]
    both = [match or take(one, _renamed) for match, one in zip(by_name, new, strict=True)]
    made = [Pair(match, one) for match, one in zip(both, new, strict=True)]
    return (*made, *(Pair(row, None) for row in left))


def _renamed(one: Side, other: Side) -> bool:
    likeness = SequenceMatcher(None, one.name, other.name).ratio()
    return one.code == other.code and one.class_name == other.class_name and likeness >= _ALIKE
