"""Membership of survey values in the grades (D.1), vectorised.

Membership is cumulative: a value that reaches I reaches II and III, or Y_III = 100 could never hold for a good
enterprise.

A grade without baseline of its own (同Ⅰ级, —) is read so: 同Ⅰ级 takes the baseline of that grade, 同左 that of the
grade to its left. At — the standard asks nothing of its own; the baseline of the next stricter grade stands in
(nobody is given a grade's points for a requirement that was not written), and where no stricter grade has one, that
of the next laxer grade (else nobody could ever reach the grade). Every such reading is reported as a :class:`Note`. A
row without any baseline and a cell that is no single bound (≥99/≥98/≥96, text) cannot be judged: the grade is not
reached, and a Note says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from drafting.evaluation.errors import EvaluationError
from drafting.model.bounds import Bound, BoundKind, Operator
from drafting.model.expression import ExpressionError
from drafting.model.terms import GRADES

_BLOCK = 4096  # rows handled at once, so that the intermediate arrays stay in the cache
_QUALITATIVE = "qualitative"
_NONE = Bound("", BoundKind.MISSING)


@dataclass(frozen=True, slots=True)
class Criterion:
    """How one indicator is judged.

    Attributes
    ----------
    direction : str
        ``"smaller"``, ``"larger"`` or ``"qualitative"``; anything else takes ranges and bare numbers literally.
    bounds : tuple of Bound
        What the cells of I, II and III say. A qualitative indicator needs none: its value is the number of grades
        reached (3 is I, 2 is II, 1 is III, 0 none; with one baseline 达到 is 3).
    """

    direction: str
    bounds: tuple[Bound, Bound, Bound] = (_NONE, _NONE, _NONE)

    @classmethod
    def of(cls, direction: str, bounds: Mapping[str, Bound]) -> Criterion:
        """Make one from bounds by grade; absent grades have no baseline. One entry is one baseline for all (5.5.3)."""
        return cls(direction, (bounds.get("I", _NONE), bounds.get("II", _NONE), bounds.get("III", _NONE)))


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader of the result must know about one baseline cell.

    `code` is ``"stands-in"`` (the bound of grade `source` is used), ``"not-judged"`` (compound, text …, see `kind`) or
    ``"no-baseline"`` (the whole row is empty). `grade` and `source` are places in (I, II, III).
    """

    code: str
    indicator: int
    grade: int
    source: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """Who reaches what.

    Attributes
    ----------
    reached : bool array (enterprises, indicators, 3)
        Cumulative, for I, II, III; False where missing or not applicable.
    applicable, missing : bool array (enterprises, indicators)
        Not applicable is a mark and beats a value; missing is no value (or no parameter) without that mark.
    notes : tuple of Note
    """

    reached: NDArray[np.bool_]
    applicable: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    notes: tuple[Note, ...]


def membership(
    values: ArrayLike,
    criteria: Sequence[Criterion],
    *,
    not_applicable: NDArray[np.bool_] | None = None,
    below_detection: NDArray[np.bool_] | None = None,
    parameters: Mapping[str, ArrayLike] | None = None,
) -> Membership:
    """Judge values against baselines (D.1).

    A value is compared with the double nearest to the decimal baseline, so that 0.65 typed in a survey meets ≤0.65.
    For a declared comparison by rounded values (修约值比较法) pass rounded values.

    Parameters
    ----------
    values : array_like (enterprises, indicators)
        In the unit of the baselines; NaN is missing.
    criteria : sequence of Criterion, one per indicator
    not_applicable : bool array (enterprises, indicators), optional
        The marks 不适用.
    below_detection : bool array (enterprises, indicators), optional
        Where the value is a detection limit and the true value lies below it: it meets ≤ as the limit does, never ≥.
    parameters : mapping of str to array_like (enterprises,), optional
        Each enterprise's own parameters of formula baselines; NaN makes the value missing.

    Raises
    ------
    EvaluationError
        Reasons ``shape``, ``value`` (infinite, or a qualitative value other than 0, 1, 2, 3), ``parameter``.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] != len(criteria):
        raise EvaluationError("shape", (), (table.shape, len(criteria)))
    for mask in (not_applicable, below_detection):
        if mask is not None and mask.shape != table.shape:
            raise EvaluationError("shape", (), (mask.shape, table.shape))
    plan = _Plan.of(criteria)
    missing = np.isnan(table)
    reached = np.empty((3, *table.shape), dtype=np.bool_)  # one contiguous sheet per grade
    for start in range(0, len(table), _BLOCK):
        rows = slice(start, start + _BLOCK)
        signed = table[rows] * plan.signs
        for grade in range(3):
            np.less_equal(signed, plan.limits[grade], out=reached[grade, rows])
    _check_values(table, criteria)
    if below_detection is not None:
        # Below the limit is not above any number; a limit that meets ≤ makes the true value meet it.
        reached &= ~(below_detection & (plan.signs < 0))
    known = {name: np.asarray(column, dtype=np.float64) for name, column in (parameters or {}).items()}
    for j, bounds in plan.special:
        below = None if below_detection is None else below_detection[:, j]
        _judge_column(reached[:, :, j], missing[:, j], table[:, j], j, bounds, known, below)
    applicable = np.ones(table.shape, dtype=np.bool_) if not_applicable is None else ~not_applicable
    missing &= applicable
    counted = applicable & ~missing
    for stricter, grade in ((None, 0), (0, 1), (1, 2)):
        sheet = reached[grade]
        sheet &= counted
        if stricter is not None:
            sheet |= reached[stricter]
    for array in (reached, applicable, missing):
        array.flags.writeable = False
    return Membership(np.moveaxis(reached, 0, 2), applicable, missing, plan.notes)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is the same for all enterprises: value·sign ≤ limit, and the columns that need more than that."""

    signs: NDArray[np.float64]  # (J,)
    limits: NDArray[np.float64]  # (3, J); NaN is never met
    special: tuple[tuple[int, tuple[Bound | None, ...]], ...]
    notes: tuple[Note, ...]

    @classmethod
    def of(cls, criteria: Sequence[Criterion]) -> _Plan:
        signs, limits = np.ones(len(criteria)), np.full((3, len(criteria)), np.nan)
        special: list[tuple[int, tuple[Bound | None, ...]]] = []
        notes: list[Note] = []
        for j, criterion in enumerate(criteria):
            if criterion.direction == _QUALITATIVE:
                signs[j], limits[:, j] = -1, (-3, -2, -1)
                continue
            bounds = resolve(criterion, j, notes)
            found = [_limit(bound) for bound in bounds if bound is not None]
            directions = {one[0] for one in found if one is not None}
            if None in found or len(directions) > 1:
                special.append((j, bounds))
                continue
            signs[j] = directions.pop() if directions else 1
            for grade, bound in enumerate(bounds):
                limit = _limit(bound) if bound is not None else None
                limits[grade, j] = np.nan if limit is None else limit[1]
        return cls(signs, limits, tuple(special), tuple(notes))


def resolve(criterion: Criterion, indicator: int, notes: list[Note]) -> tuple[Bound | None, ...]:
    """Find the bound that each grade is judged by, None where it cannot be judged; the module's text has the rule."""
    own = [_pointed_at(criterion.bounds, grade) for grade in range(3)]
    filled = [grade for grade in range(3) if own[grade] is not None]
    result: list[Bound | None] = []
    for grade in range(3):
        source = own[grade]
        if source is None and filled:
            stricter = [other for other in filled if other < grade]
            source = own[stricter[-1] if stricter else filled[0]]
        if source is None:
            notes.append(Note("no-baseline", indicator, grade))
            result.append(None)
            continue
        bound = criterion.bounds[source].directed(criterion.direction)
        judgeable = bound.judged or bound.kind is BoundKind.FORMULA
        if not judgeable:
            notes.append(Note("not-judged", indicator, grade, source, bound.kind.value))
        elif own[grade] is None:
            notes.append(Note("stands-in", indicator, grade, source))
        result.append(bound if judgeable else None)
    return tuple(result)


def _pointed_at(bounds: tuple[Bound, Bound, Bound], grade: int) -> int | None:
    """Follow 同Ⅰ级 and 同左 to the grade whose cell says something; None for no baseline and for a circle."""
    seen: set[int] = set()
    while bounds[grade].kind is BoundKind.SAME_AS:
        if grade in seen:
            return None
        seen.add(grade)
        reference = bounds[grade].reference
        grade = grade - 1 if reference is None else GRADES.index(reference)
        if grade < 0:
            return None
    return None if bounds[grade].kind is BoundKind.MISSING else grade


def _limit(bound: Bound) -> tuple[int, float] | None:
    """Write a one-sided bound as sign·value ≤ limit; strictness moves the limit by one double."""
    if bound.kind is not BoundKind.QUANTITY or bound.number is None:
        return None
    number = float(bound.number)
    match bound.operator:
        case Operator.AT_MOST:
            return 1, number
        case Operator.BELOW:
            return 1, float(np.nextafter(number, -np.inf))
        case Operator.AT_LEAST:
            return -1, -number
        case Operator.ABOVE:
            return -1, float(np.nextafter(-number, -np.inf))
        case _:
            return None


def _check_values(table: NDArray[np.float64], criteria: Sequence[Criterion]) -> None:
    if np.isinf(table).any():
        column = int(np.argwhere(np.isinf(table))[0][1])
        raise EvaluationError("value", (column,), (float("inf"),))
    for j, criterion in enumerate(criteria):
        if criterion.direction == _QUALITATIVE:
            answers = table[:, j]
            odd = answers[~np.isnan(answers) & ~np.isin(answers, (0, 1, 2, 3))]
            if odd.size:
                raise EvaluationError("value", (j,), (float(odd[0]),))


def _judge_column(
    reached: NDArray[np.bool_],
    missing: NDArray[np.bool_],
    values: NDArray[np.float64],
    indicator: int,
    bounds: Sequence[Bound | None],
    parameters: Mapping[str, NDArray[np.float64]],
    below: NDArray[np.bool_] | None,
) -> None:
    """Judge one column whose bounds are formulas, two-sided or of mixed sides, grade by grade."""
    for grade, bound in enumerate(bounds):
        if bound is None:
            reached[grade] = False
        elif bound.kind is BoundKind.FORMULA:
            _judge_formula(reached[grade], missing, values, indicator, bound, parameters, below)
        else:
            reached[grade] = _meets(values, bound, below)


def _judge_formula(
    reached: NDArray[np.bool_],
    missing: NDArray[np.bool_],
    values: NDArray[np.float64],
    indicator: int,
    bound: Bound,
    parameters: Mapping[str, NDArray[np.float64]],
    below: NDArray[np.bool_] | None,
) -> None:
    names = bound.names
    lacking = tuple(name for name in names if name not in parameters)
    if lacking:
        raise EvaluationError("parameter", (indicator,), lacking)
    columns = np.stack([np.broadcast_to(parameters[name], values.shape) for name in names], axis=1)
    distinct, which = np.unique(columns, axis=0, return_inverse=True)
    numbers = np.array([_number_at(bound, dict(zip(names, row.tolist(), strict=True))) for row in distinct])
    own = numbers[which.reshape(-1)]
    missing |= np.isnan(own)
    reached[:] = _compare(values, bound.operator or Operator.EQUAL, own)
    if below is not None and bound.operator not in (Operator.AT_MOST, Operator.BELOW):
        reached &= ~below


def _number_at(bound: Bound, parameters: Mapping[str, float]) -> float:
    try:
        number = bound.at(parameters).number
    except ExpressionError:  # no parameter, or no value of the formula there: nothing to be held against
        return math.nan
    return math.nan if number is None else float(number)


def _compare(values: NDArray[np.float64], operator: Operator, limit: NDArray[np.float64] | float) -> NDArray[np.bool_]:
    compare = {
        Operator.AT_MOST: np.less_equal,
        Operator.BELOW: np.less,
        Operator.AT_LEAST: np.greater_equal,
        Operator.ABOVE: np.greater,
        Operator.EQUAL: np.equal,
    }[operator]
    return np.asarray(compare(values, limit), dtype=np.bool_)


def _meets(values: NDArray[np.float64], bound: Bound, below: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    operator, number = bound.operator or Operator.EQUAL, float(bound.number or 0)
    if bound.kind is BoundKind.RANGE and bound.upper is not None:
        met = (values >= number) & (values <= float(bound.upper))
    else:
        met = _compare(values, operator, number)
    if below is not None and operator not in (Operator.AT_MOST, Operator.BELOW):
        met &= ~below
    return met
