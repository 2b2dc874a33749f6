"""Why enterprises have the grade they have: each condition is looked at for all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from drafting.evaluation.reasons import Reason
from drafting.evaluation.rule import GATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from drafting.evaluation.grading import Evaluation

Indices = Sequence[Fraction | None]


def reasons_of(
    result: Evaluation, rows: NDArray[np.intp], indices: Sequence[Indices] | None = None
) -> list[tuple[Reason, ...]]:
    """Every failed condition of every better grade, then remarks, for some enterprises.

    Parameters
    ----------
    rows : intp array (n,)
        The enterprises.
    indices : sequence of length n, optional
        Exact Y_I, Y_II, Y_III of each; without them the plain route gives them.

    Notes
    -----
    Enterprises for which a condition fails with the same indicators share one :class:`Reason`.
    """
    found: list[list[Reason]] = [[] for _ in rows]
    kept = np.flatnonzero(~result.excluded[rows])
    for n in np.flatnonzero(result.excluded[rows]).tolist():
        found[n].append(Reason("legal"))
    here = rows[kept]
    reached, applies = result.reached[here], result.applicable[here]
    regular = ~np.isin(result.system.groups, list(result.system.bonus))
    counted = applies & regular
    groups = (("limiting", counted & result.limiting), ("others", counted & ~result.limiting))

    def add(reason: Reason, at: NDArray[np.bool_], mask: NDArray[np.bool_]) -> None:
        for n, one in _shared(reason, at, mask):
            found[kept[n]].append(one)

    add(Reason("gate", None, GATE), ~result.gate[here], groups[0][1] & ~reached[:, :, GATE])
    grades = result.grades[here]
    for grade in range(3):
        tried = (grades == 0) | (grades > grade + 1)
        threshold, known = Fraction(result.rule.thresholds[grade]), {}
        for n in np.flatnonzero(tried).tolist():
            row = int(kept[n])
            y = result.index(int(rows[row]), grade) if indices is None else indices[row][grade]
            if y is not None and y < threshold:
                if y not in known:
                    known[y] = Reason("index", grade, index=y, threshold=threshold)
                found[row].append(known[y])
        for code, mask in groups:
            required = result.rule.required(grade, limiting=code == "limiting")
            if required is None or (code == "limiting" and required == GATE):
                continue  # D.4.3 names no further condition; the gate has spoken already
            short = mask & ~reached[:, :, required]
            add(Reason(code, grade, required), np.asarray(tried & short.any(axis=1)), short)
    missing, empty = result.missing[here], result.empty[here]
    add(Reason("missing"), np.asarray(missing.any(axis=1)), missing)
    something = np.asarray(counted.any(axis=1))
    add(Reason("nothing-applies"), np.asarray(~something), np.zeros_like(counted))
    hollow, decides = np.asarray(something & empty.any(axis=1)), result.decided_by_empty[here]
    add(Reason("empty-category-decides"), hollow & decides, empty)
    add(Reason("empty-category"), hollow & ~decides, empty)
    return [tuple(one) for one in found]


def _shared(reason: Reason, at: NDArray[np.bool_], mask: NDArray[np.bool_]) -> Iterator[tuple[int, Reason]]:
    """The reason with the indicators of each row; rows with the same ones share it."""
    packed, known = np.packbits(mask, axis=1), dict[bytes, Reason]()
    for n in np.flatnonzero(at).tolist():
        key = packed[n].tobytes()
        if key not in known:
            indicators = tuple(np.flatnonzero(mask[n]).tolist())
            known[key] = Reason(reason.code, reason.grade, reason.required, indicators)
        yield n, known[key]
