"""The in-memory route over columns that are there: what every other engine has to equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from baselines.engines.table import ColumnGrades, Question
from baselines.grades import grade_values
from baselines.interval import order_statistic_intervals


def grades_in_memory(
    columns: Mapping[str, NDArray[np.float64]], groups: Sequence[str] | None, question: Question
) -> tuple[ColumnGrades, ...]:
    """Answer a question about arrays with :func:`baselines.grade_values`, group by group in order of their names.

    Raises
    ------
    BaselineError
        As :func:`baselines.grade_values`.
    """
    names = np.array([""] if groups is None else sorted({g or "" for g in groups}))
    of = None if groups is None else np.array([g or "" for g in groups])
    found: list[ColumnGrades] = []
    for column, way in question.directions.items():
        for name in names.tolist():
            part = columns[column] if of is None else columns[column][of == name]
            missing = int(np.count_nonzero(np.isnan(part)))
            if missing == len(part):
                found.append(ColumnGrades(column, name, None, (), missing))
                continue
            intervals = order_statistic_intervals(part, way, question.shares, question.confidence)
            found.append(ColumnGrades(column, name, grade_values(part, way, question.shares), intervals, missing))
    return tuple(found)
