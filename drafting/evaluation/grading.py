"""Grades by D.4 on top of the index: :func:`evaluate` and its result."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drafting.evaluation.decimals import to_decimal
from drafting.evaluation.errors import EvaluationError
from drafting.evaluation.index import Scores, score
from drafting.evaluation.reasons import Reason
from drafting.evaluation.reasons_in_columns import reasons_of
from drafting.evaluation.rule import GradeRule
from drafting.evaluation.weights import AnyWeight, WeightSystem
from drafting.model.terms import GRADES

EMPTY_CATEGORY = ("as-printed", "renormalise")


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Appendix D over a set of enterprises. Arrays are read-only.

    Attributes
    ----------
    indices : float array (enterprises, 3)
        Y_I, Y_II, Y_III, each the double nearest to the exact value; NaN where the legal precondition excludes.
    grades : int8 array (enterprises,)
        1, 2, 3 for I, II, III; 0 for no grade.
    excluded : bool array (enterprises,)
        Not evaluated: the legal precondition of clause 6 is not met.
    gate : bool array (enterprises,)
        All limiting indicators that apply reach III.
    empty : bool array (enterprises, categories)
        Categories with weight of which nothing applies.
    decided_by_empty : bool array (enterprises,)
        The grade would be another under the other option for such categories.
    reached, applicable, missing
        What was evaluated, shapes as in :class:`~drafting.evaluation.Membership`.
    system : WeightSystem
    limiting : bool array (indicators,)
    rule : GradeRule
    empty_category : str
    systems : Mapping of int to WeightSystem
        Weights of the enterprises whose class rows have unequal parts of their indicator's weight.
    """

    indices: NDArray[np.float64]
    grades: NDArray[np.int8]
    excluded: NDArray[np.bool_]
    gate: NDArray[np.bool_]
    empty: NDArray[np.bool_]
    decided_by_empty: NDArray[np.bool_]
    reached: NDArray[np.bool_]
    applicable: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    system: WeightSystem
    limiting: NDArray[np.bool_]
    rule: GradeRule
    empty_category: str
    systems: Mapping[int, WeightSystem] = field(default_factory=lambda: MappingProxyType({}))

    def system_of(self, enterprise: int) -> WeightSystem:
        """Weights as they hold for one enterprise."""
        return self.systems.get(enterprise, self.system)

    def __len__(self) -> int:
        return len(self.grades)

    def grade(self, enterprise: int) -> str | None:
        """Return the label I, II or III, or None."""
        place = int(self.grades[enterprise])
        return GRADES[place - 1] if place else None

    def distribution(self) -> dict[str, int]:
        """Count enterprises under I, II, III, none and excluded."""
        return distribution(self.grades, self.excluded)

    def index(self, enterprise: int, grade: int) -> Fraction | None:
        """Return Y exactly (D.2, D.3), by the plain route in fractions; None where excluded."""
        if self.excluded[enterprise]:
            return None
        return self.system_of(enterprise).index(
            self.reached[enterprise, :, grade].tolist(),
            self.applicable[enterprise].tolist(),
            self.rule.full_mark,
            renormalise=self.empty_category == "renormalise",
        )

    def bonus(self, enterprise: int, grade: int) -> Fraction | None:
        """Return the points of bonus categories (附加), which enter neither index nor grade; None where excluded."""
        if self.excluded[enterprise]:
            return None
        hit, applies = self.reached[enterprise, :, grade].tolist(), self.applicable[enterprise].tolist()
        return self.system_of(enterprise).bonus_points(hit, applies, self.rule.full_mark)

    def decimal(self, enterprise: int, grade: int) -> Decimal | None:
        """Return Y as a Decimal: exact where it ends, else the decimal text of its nearest double."""
        exact = self.index(enterprise, grade)
        return None if exact is None else to_decimal(exact)

    def reasons(self, enterprise: int, indices: Sequence[Fraction | None] | None = None) -> tuple[Reason, ...]:
        """Say why the grade is not better: every failed condition of every better grade, then remarks.

        For no grade at all these are the conditions of all three. `indices` may give the exact Y where they are known.
        """
        given = None if indices is None else [indices]
        return reasons_of(self, np.array([enterprise], dtype=np.intp), given)[0]


def evaluate(
    reached: ArrayLike,
    weights: Sequence[AnyWeight],
    *,
    groups: Sequence[int],
    category_weights: Sequence[AnyWeight],
    limiting: ArrayLike,
    rule: GradeRule,
    applicable: ArrayLike | None = None,
    missing: ArrayLike | None = None,
    excluded: ArrayLike | None = None,
    bonus: Collection[int] = (),
    empty_category: str = "as-printed",
    portions: Mapping[int, Sequence[Fraction]] = MappingProxyType({}),
) -> Evaluation:
    """Evaluate enterprises by Appendix D: index (D.2), adjusted weights (D.3), grades (D.4); clause 6 bars the way.

    Membership is made cumulative if it is not. Grades are tried from I down. All decisions are exact.

    Parameters
    ----------
    reached : bool array_like (enterprises, indicators, 3)
        Whether the indicator is in grade I, II, III (D.1).
    weights : sequence, length indicators
        ω_ij: Weight, Decimal, Fraction, int, decimal text, float (standing for its shortest decimal), or a share such
        as ``"0.8/n"``, n being the number of indicators that apply among those of the category with the same share.
    groups : sequence of int, length indicators
        Category (0-based) of each indicator.
    category_weights : sequence, length categories
        ω_i.
    limiting : bool array_like (indicators,)
    rule : GradeRule
        Full mark and thresholds, from the rulebook.
    applicable, missing : bool array_like (enterprises, indicators), optional
        Not applicable leaves the sum (D.3); missing stays in it, as not reached.
    excluded : bool array_like (enterprises,), optional
        Major environmental violations: not evaluated.
    bonus : collection of int
        Categories outside sum, index and conditions.
    empty_category : str
        Where nothing of a category applies the standard is silent. ``"as-printed"``: D.2 as it stands, the category
        adds nothing; ``"renormalise"``: first-level weights of the other categories are scaled to sum 1.
    portions : mapping, optional
        Enterprise (row) -> for each indicator what its class row has of the weight, as a multiple of the equal part.

    Raises
    ------
    EvaluationError
        See its reasons; weights are checked by :meth:`WeightSystem.build`.
    """
    system = WeightSystem.build(weights, groups, category_weights, bonus)
    if empty_category not in EMPTY_CATEGORY:
        raise EvaluationError("option", (), (empty_category,))
    hit = np.asarray(reached, dtype=np.bool_)
    if hit.ndim != 3 or hit.shape[1:] != (len(system.second), 3):
        raise EvaluationError("shape", (), (hit.shape, (len(system.second), 3)))
    enterprises, indicators = hit.shape[:2]
    applies = _mask(applicable, (enterprises, indicators), default=True)
    lacking = _mask(missing, (enterprises, indicators), default=False) & applies
    barred = _mask(excluded, (enterprises,), default=False)
    strict = _mask(limiting, (indicators,), default=False)
    hit = _cumulative(hit, applies & ~lacking)
    regular = ~np.isin(system.groups, list(bonus))
    counted = applies if regular.all() else applies & regular
    renormalise = empty_category == "renormalise"
    weighed = hit if regular.all() else hit & regular[:, None]
    systems = {row: system.with_portions(of) for row, of in portions.items()}
    scores = score(weighed, counted, system, strict, rule, renormalise=renormalise, systems=systems)
    grades = _grades(scores)
    decided = np.zeros(enterprises, dtype=np.bool_)
    rows = np.flatnonzero(scores.empty.any(axis=1))
    if rows.size:
        own = {at: systems[row] for at, row in enumerate(rows.tolist()) if row in systems}
        other = score(weighed[rows], counted[rows], system, strict, rule, renormalise=not renormalise, systems=own)
        decided[rows] = _grades(other) != grades[rows]
    indices = scores.indices
    indices[barred], grades[barred], decided[barred] = np.nan, 0, False
    for array in (indices, grades, barred, scores.gate, scores.empty, decided, hit, applies, lacking, strict):
        array.flags.writeable = False
    return Evaluation(
        indices=indices,
        grades=grades,
        excluded=barred,
        gate=scores.gate,
        empty=scores.empty,
        decided_by_empty=decided,
        reached=hit,
        applicable=applies,
        missing=lacking,
        system=system,
        limiting=strict,
        rule=rule,
        empty_category=empty_category,
        systems=MappingProxyType(systems),
    )


def distribution(grades: NDArray[np.int8], excluded: NDArray[np.bool_]) -> dict[str, int]:
    """Count grades (0 for none) under I, II, III, none and excluded."""
    counts = np.bincount(grades[~excluded], minlength=4)
    return {
        **{label: int(counts[place + 1]) for place, label in enumerate(GRADES)},
        "none": int(counts[0]),
        "excluded": int(excluded.sum()),
    }


def _grades(scores: Scores) -> NDArray[np.int8]:
    """D.4, tried from I down, behind the gate."""
    holds = scores.meets & scores.limiting & scores.others & scores.gate[:, None]
    return np.where(holds.any(axis=1), holds.argmax(axis=1) + 1, 0).astype(np.int8)


def _cumulative(hit: NDArray[np.bool_], counts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Make membership cumulative (I implies II implies III) and False where there is nothing to count."""
    result = np.empty((3, *hit.shape[:2]), dtype=np.bool_)
    np.logical_and(hit[:, :, 0], counts, out=result[0])
    for grade in (1, 2):
        np.logical_and(hit[:, :, grade], counts, out=result[grade])
        result[grade] |= result[grade - 1]
    return np.moveaxis(result, 0, 2)


def _mask(given: ArrayLike | None, shape: tuple[int, ...], *, default: bool) -> NDArray[np.bool_]:
    if given is None:
        return np.full(shape, default, dtype=np.bool_)
    mask = np.asarray(given, dtype=np.bool_)
    if mask.flags.writeable:
        mask = mask.copy()  # the caller may go on writing to it
    if mask.shape != shape:
        raise EvaluationError("shape", (), (mask.shape, shape))
    return mask
