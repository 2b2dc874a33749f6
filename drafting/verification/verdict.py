"""What a verification says: how many figures were computed again, which differ, which were not looked at."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-9
"""Relative: the same sums in another order, or another numeric library, differ by less."""


Column = list[Any] | NDArray[np.float64]


class RecordError(ValueError):
    """A file that is no record of this program, or one that cannot be recomputed; the message is Chinese."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that differs: where it stands in the record, what it is, what is recorded, what comes out."""

    path: str
    what: str
    recorded: Any
    computed: Any


@dataclass(slots=True)
class Verdict:
    """Collects comparisons."""

    checked: int = 0
    differences: list[Difference] = field(default_factory=list)
    unchecked: dict[str, int] = field(default_factory=dict)
    """Sentences that state figures and were not composed again: where -> how many."""
    kinds: dict[str, int] = field(default_factory=dict)
    """Figures checked by kind."""

    def compare(self, kind: str, path: str, what: str, recorded: Any, computed: Any) -> None:
        """Compare one figure; floats up to :data:`TOLERANCE`, everything else exactly."""
        self.checked += 1
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if not same(recorded, computed):
            self.differences.append(Difference(path, what, recorded, computed))

    def compare_columns(
        self, kind: str, named: Callable[[int], tuple[str, str]], recorded: Column, computed: Column
    ) -> None:
        """Compare two columns of figures; ``named`` gives path and name of a row, and is asked where they differ.

        Numbers come as float arrays (NaN for none) and are compared like single floats, everything else exactly.
        """
        self.checked += len(recorded)
        self.kinds[kind] = self.kinds.get(kind, 0) + len(recorded)
        if isinstance(recorded, np.ndarray) and isinstance(computed, np.ndarray):
            one, other = np.asarray(recorded, dtype=np.float64), np.asarray(computed, dtype=np.float64)
            with np.errstate(invalid="ignore"):
                most = np.maximum(TOLERANCE * np.maximum(np.abs(one), np.abs(other)), 1e-12)
                alike = (np.abs(one - other) <= most) | (np.isnan(one) & np.isnan(other))
            apart = np.flatnonzero(~alike).tolist()
            values = [(_none(float(one[n])), _none(float(other[n]))) for n in apart]
        else:
            apart = [n for n, (a, b) in enumerate(zip(recorded, computed, strict=True)) if a != b]
            values = [(recorded[n], computed[n]) for n in apart]
        for n, (a, b) in zip(apart, values, strict=True):
            self.differences.append(Difference(*named(n), a, b))

    def include(self, other: Verdict, where: str = "") -> None:
        """Take over the comparisons of another verdict, its places behind a word of its own."""
        self.checked += other.checked
        self.differences += [replace(d, path=f"{where}{d.path}") for d in other.differences]
        for counts, more in ((self.kinds, other.kinds), (self.unchecked, other.unchecked)):
            for kind, count in more.items():
                counts[kind] = counts.get(kind, 0) + count

    def compare_tree(self, kind: str, path: str, what: str, recorded: Any, computed: Any) -> None:
        """Compare nested values leaf by leaf, so that a difference is named where it stands."""
        if isinstance(recorded, dict) and isinstance(computed, dict):
            for key in dict.fromkeys((*computed, *recorded)):
                where, name = f"{path}.{key}", f"{what}·{key}"
                self.compare_tree(kind, where, name, recorded.get(key, ABSENT), computed.get(key, ABSENT))
        elif isinstance(recorded, list) and isinstance(computed, list | tuple) and len(recorded) == len(computed):
            for place, (one, other) in enumerate(zip(recorded, computed, strict=True), 1):
                label = _label(other) or str(place)
                self.compare_tree(kind, f"{path}.{label}", f"{what}·{label}", one, other)
        else:
            self.compare(kind, path, what, recorded, computed)


ABSENT = "（无）"
"""Stands for what only one side has."""
_NAMES = ("enterprise", "expert", "matrix", "indicator", "item")


def _none(number: float) -> float | None:
    return None if math.isnan(number) else number


def _label(value: Any) -> str:
    """What a row of a list is called."""
    named = [value.get(name) for name in _NAMES] if isinstance(value, dict) else []
    return "·".join(name for name in named if isinstance(name, str))


def same(recorded: Any, computed: Any) -> bool:
    """Whether two values agree."""
    if isinstance(recorded, bool) or isinstance(computed, bool):
        return recorded is computed
    if isinstance(recorded, int | float) and isinstance(computed, int | float):
        return math.isclose(recorded, computed, rel_tol=TOLERANCE, abs_tol=1e-12)
    if isinstance(recorded, list) and isinstance(computed, list | tuple):
        return len(recorded) == len(computed) and all(map(same, recorded, computed))
    if isinstance(recorded, dict) and isinstance(computed, dict):
        return recorded.keys() == computed.keys() and all(same(v, computed[k]) for k, v in recorded.items())
    return bool(recorded == computed)
