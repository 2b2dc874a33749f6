"""All enterprises on one board: graded again and again by D.2–D.4 under other memberships or weights.

Sums are taken in doubles for the whole board at once; an index so near to its threshold that rounding could decide is
computed in fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.verification.given import Worth

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
GRADES = ("I", "II", "III")
_LIMITING, _OTHERS = (0, 1, 2), (1, 2, None)
"""D.4: the grade that limiting indicators and the others must reach for I, II, III."""
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class Graded:
    """Grades (1, 2, 3; 0 for none), indices and the cumulative memberships that they rest on."""

    board: Board
    grades: NDArray[np.int8]
    indices: Floats
    meets: Flags
    reached: Flags
    missing: Flags
    weighty: Flags

    def distribution(self) -> dict[str, int]:
        """Enterprises by grade."""
        counts = np.bincount(self.grades[~self.board.excluded], minlength=4).tolist()
        return {
            **dict(zip(GRADES, counts[1:], strict=True)),
            "none": counts[0],
            "excluded": int(self.board.excluded.sum()),
        }

    def below(self, grade: int) -> Flags:
        """Evaluated and holding neither this grade nor a better one."""
        return np.asarray(((self.grades == 0) | (self.grades > grade + 1)) & ~self.board.excluded, dtype=np.bool_)

    def obstacles(self, grade: int) -> Flags:
        """What keeps each enterprise from a grade: a condition of D.4 missed, or points that the index lacks."""
        board = self.board
        lacking = ~self.reached & (board.applicable & board.regular)[:, :, None]
        fails = (lacking[:, :, _LIMITING[grade]] | lacking[:, :, 2]) & board.limiting
        others = _OTHERS[grade]
        if others is not None:
            fails |= lacking[:, :, others] & ~board.limiting
        fails |= lacking[:, :, grade] & self.weighty & ~self.meets[:, grade, None]
        return np.asarray(fails & self.below(grade)[:, None])

    def needed(self, grade: int, indicator: int) -> int:
        """The grade that an indicator must reach for a grade."""
        required = _LIMITING[grade] if self.board.limiting[indicator] else _OTHERS[grade]
        return grade if required is None else required

    def conditions(self, grade: int) -> Flags:
        """Whether everything that D.4 asks besides the index is met."""
        board = self.board
        met = self.reached | ~(board.applicable & board.regular)[:, :, None]
        holds = (met[:, :, _LIMITING[grade]] & met[:, :, 2])[:, board.limiting].all(axis=1)
        others = _OTHERS[grade]
        return np.asarray(holds if others is None else holds & met[:, ~board.limiting, others].all(axis=1))


@dataclass(frozen=True, slots=True)
class Board:
    """
    What stays when memberships or weights are varied.

    Attributes
    ----------
    reached : bool array (E, J, 3)
    applicable, missing : bool array (E, J)
    excluded : bool array (E,)
        Barred by clause 6.
    limiting, regular : bool array (J,)
        Regular: not of a bonus category.
    groups : category of each indicator
    first, second : weights
    bonus : bonus categories
    """

    reached: Flags
    applicable: Flags
    missing: Flags
    excluded: Flags
    limiting: Flags
    regular: Flags
    groups: tuple[int, ...]
    first: tuple[Fraction, ...]
    second: tuple[Worth, ...]
    bonus: frozenset[int]
    thresholds: tuple[Fraction, ...]
    mark: int
    renormalise: bool

    def grade(
        self, reached: Flags | None = None, *, missing: Flags | None = None, first: Sequence[Fraction] | None = None,
        second: Sequence[Worth] | None = None,
    ) -> Graded:  # fmt: skip
        """Grade everybody; what is not given stays."""
        hit = self.reached if reached is None else reached
        lacking = (self.missing if missing is None else missing) & self.applicable
        one, two = tuple(first or self.first), tuple(second or self.second)
        hit = np.logical_or.accumulate(hit & (self.applicable & ~lacking)[:, :, None], axis=2)
        indices, meets = self._indices(hit, one, two)
        failing = ~hit & (self.applicable & self.regular)[:, :, None]
        strict = np.asarray(failing[:, self.limiting].any(axis=1), dtype=np.bool_)
        others = np.asarray(failing[:, ~self.limiting].any(axis=1), dtype=np.bool_)
        holds = [
            meets[:, g] & ~strict[:, 2] & ~strict[:, _LIMITING[g]]
            & (True if (o := _OTHERS[g]) is None else ~others[:, o])
            for g in range(3)
        ]  # fmt: skip
        grades = np.select(holds, [1, 2, 3], 0).astype(np.int8)
        grades[self.excluded] = 0
        weighty = np.array([w != 0 and one[g] > 0 for w, g in zip(two, self.groups, strict=True)]) & self.regular
        return Graded(self, grades, indices, meets, hit, lacking, weighty)

    def lifted(self, indicators: Sequence[int]) -> Graded:
        """As if these indicators reached grade I wherever they apply, also where the value is missing."""
        reached, missing = self.reached.copy(), self.missing.copy()
        reached[:, list(indicators)] = True
        missing[:, list(indicators)] = False
        return self.grade(reached, missing=missing)

    def _indices(self, hit: Flags, first: tuple[Fraction, ...], second: tuple[Worth, ...]) -> tuple[Floats, Flags]:
        plain = self._plain(second) * (self.applicable & self.regular)
        member = np.zeros((len(self.groups), len(first)))
        member[np.arange(len(self.groups)), list(self.groups)] = 1
        p = np.array([0.0 if i in self.bonus else float(w) for i, w in enumerate(first)])
        whole = plain @ member
        safe = np.where(whole > 0, whole, 1)
        scale = ((whole > 0) * p).sum(axis=1) if self.renormalise else np.ones(len(whole))
        scale[scale == 0] = 1
        indices = np.stack(
            [self.mark * (((plain * hit[:, :, g]) @ member / safe) @ p) / scale for g in range(3)], axis=1
        )
        limits = np.array([float(t) for t in self.thresholds])
        meets = indices >= limits
        total = sum((w for i, w in enumerate(first) if i not in self.bonus), Fraction())
        near = np.abs(indices - limits) < _NEAR
        # whoever reaches everything that counts has the full mark, to the last digit
        counted = (plain > 0) & (p[list(self.groups)] > 0)
        complete = (hit | ~counted[:, :, None]).all(axis=1) & ((whole > 0) | (p == 0)).all(axis=1)[:, None]
        if total == 1:
            meets = np.where(near & complete, [self.mark >= t for t in self.thresholds], meets)
            near &= ~complete
        for row, g in np.argwhere(near).tolist():
            meets[row, g] = self.index(row, hit[row, :, g], first, second) >= self.thresholds[g]
        return indices, meets

    def _plain(self, second: tuple[Worth, ...]) -> Floats:
        """Second-level weights (E, J), shares divided for each enterprise."""
        plain = np.zeros(self.applicable.shape)
        for j, weight in enumerate(second):
            if isinstance(weight, Fraction):
                plain[:, j] = float(weight)
                continue
            counts = self.applicable[:, [k for k, w in enumerate(second) if w == weight]].sum(axis=1)
            plain[:, j] = float(weight.whole) / np.maximum(counts, 1)
        return plain

    def adjusted(self, row: int, second: Sequence[Worth] | None = None) -> list[Fraction]:
        """D.3: weights of the indicators that apply to an enterprise, in fractions; 0 for the others."""
        two, applies = tuple(second or self.second), self.applicable[row].tolist()
        plain = []
        for weight, here in zip(two, applies, strict=True):
            if isinstance(weight, Fraction):
                plain.append(weight if here else Fraction())
            else:
                n = sum(1 for w, a in zip(two, applies, strict=True) if a and w == weight)
                plain.append(weight.whole / n if here else Fraction())
        sums = [Fraction()] * len(self.first)
        for group, weight in zip(self.groups, plain, strict=True):
            sums[group] += weight
        return [w / sums[g] if sums[g] else Fraction() for g, w in zip(self.groups, plain, strict=True)]

    def index(
        self, row: int, hit: Flags, first: Sequence[Fraction] | None = None, second: Sequence[Worth] | None = None
    ) -> Fraction:
        """D.2 in fractions."""
        one, adjusted = tuple(first or self.first), self.adjusted(row, second)
        rows = list(zip(self.groups, adjusted, hit.tolist(), strict=True))
        present = {g for g, w, _ in rows if w} - self.bonus
        scale = sum((one[g] for g in present), Fraction()) if self.renormalise else Fraction(1)
        return self.mark * sum((one[g] * w for g, w, h in rows if h and g in present), Fraction()) / (scale or 1)

    def bonus_points(self, row: int, hit: Flags) -> Fraction:
        """Points of the bonus categories, which enter neither index nor grade."""
        rows = zip(self.groups, self.adjusted(row), hit.tolist(), strict=True)
        return self.mark * sum((self.first[g] * w for g, w, h in rows if h and g in self.bonus), Fraction())


def bonus_of(groups: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    """Places of the bonus categories."""
    return frozenset(n for n, g in enumerate(groups) if g["bonus"])
