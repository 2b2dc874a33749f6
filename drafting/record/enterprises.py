"""结果-企业.parquet: survey and verdicts of a large survey's enterprises, in a table beside 结果.json.

One row per enterprise of the survey. Columns: ``enterprise``, ``stratum``, ``region``, ``weight``, ``violation``,
``parameter:NAME``, ``output``, ``class_output:CODE``; per indicator ``value:CODE`` (null where there is none) and
``state:CODE`` (:class:`~drafting.model.survey.State`, with the marks of sheet 剔除); ``taking_part``; and of those that
take part in the trial ``grade``, ``excluded``, ``Y_I`` … (nearest doubles), ``exact_I`` … (decimal text), ``reasons``.
结果.json has its name, rows and SHA-256 under ``enterprises``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from drafting.files import OutputError, atomic
from drafting.model.exclusions import apply, omissions, taking_part
from drafting.model.inputs import Inputs
from drafting.model.results import ManyResults, Trial
from drafting.model.survey import MOST_DETAILED, Survey
from drafting.model.terms import GRADES
from drafting.record.schema import Aside

FILE = "结果-企业.parquet"
Cells: TypeAlias = "Sequence[object] | NDArray[np.generic]"
_PIECE = 4_000
"""Rows that are written together."""


def stands_aside(inputs: Inputs | None) -> bool:
    """Whether the enterprises stand in a table of their own: a large survey of one table, where parquet can be had."""
    survey = None if inputs is None or inputs.tables else inputs.survey
    return survey is not None and len(survey) > MOST_DETAILED and find_spec("pyarrow") is not None


def write_enterprises(target: Path, inputs: Inputs, trial: Trial | None) -> Aside:
    """Write the table, piece by piece.

    Raises OutputError if it cannot be written; nothing of it is left then.

    ``target``: the file; its bytes depend on the data and the version of pyarrow alone.
    ``trial``: of the survey; None where there is none.
    Returns what 结果.json says of it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    survey = inputs.survey
    if survey is None:
        raise ValueError("a project without a survey has no enterprises to write")
    cleaned = apply(survey, omissions(inputs.exclusions, survey, inputs.system.active))
    taking = np.zeros(len(survey), dtype=np.bool_)
    taking[list(taking_part(inputs.exclusions, survey))] = True
    verdicts = trial.enterprises if trial is not None and isinstance(trial.enterprises, ManyResults) else None
    place_of = np.full(len(survey), -1, dtype=np.intp)
    if verdicts is not None:
        place_of[verdicts.rows] = np.arange(len(verdicts))
    schema = _schema(cleaned)
    pa.set_memory_pool(pa.system_memory_pool())  # pyarrow's own keeps what it gave back: 50 MB more at 50,000
    try:
        with atomic(target) as partial, pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for begin in range(0, len(survey), _PIECE):
                at = slice(begin, begin + _PIECE)
                found = {**_of_survey(cleaned, at), "taking_part": taking[at], **_of_trial(verdicts, place_of[at])}
                writer.write_table(pa.table([pa.array(found[f.name], f.type) for f in schema], schema=schema))
    except OSError as error:
        raise OutputError(target, error) from error
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Aside(file=FILE, rows=len(survey), sha256=digest)


def _schema(survey: Survey) -> Any:
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    fields = [("enterprise", text), ("stratum", text), ("region", text), ("weight", number), ("violation", pa.bool_())]
    fields += [(f"parameter:{name}", number) for name in survey.parameters]
    fields += [] if survey.outputs is None else [("output", text)]
    fields += [(f"class_output:{code}", text) for code in survey.class_outputs]
    for code in survey.columns:
        fields += [(f"value:{code}", number), (f"state:{code}", pa.uint8())]
    fields += [("taking_part", pa.bool_()), ("grade", text), ("excluded", pa.bool_())]
    fields += [(f"Y_{g.value}", number) for g in GRADES] + [(f"exact_{g.value}", text) for g in GRADES]
    return pa.schema([*fields, ("reasons", pa.list_(text))])


def _of_survey(survey: Survey, at: slice) -> dict[str, Cells]:
    names = survey.enterprises[at]
    found: dict[str, Cells] = {
        "enterprise": names,
        "stratum": [None] * len(names) if survey.strata is None else survey.strata[at],
        "region": [None] * len(names) if survey.regions is None else survey.regions[at],
        "weight": [None] * len(names) if survey.weights is None else _numbers(survey.weights[at]),
        "violation": survey.violations[at],
    }
    found |= {f"parameter:{name}": _numbers(values[at]) for name, values in survey.parameters.items()}
    if survey.outputs is not None:
        found["output"] = _texts(survey.outputs[at])
    found |= {f"class_output:{code}": _texts(told[at]) for code, told in survey.class_outputs.items()}
    for code, column in survey.columns.items():
        found |= {f"value:{code}": _numbers(column.values[at]), f"state:{code}": column.states[at]}
    return found


def _texts(numbers: Sequence[Decimal | None]) -> list[str | None]:
    return [None if number is None else format(number, "f") for number in numbers]


def _numbers(values: NDArray[np.float64]) -> Any:
    import pyarrow as pa

    return pa.array(values, pa.float64(), from_pandas=True)  # NaN is null


def _of_trial(verdicts: ManyResults | None, places: NDArray[np.intp]) -> Mapping[str, Cells]:
    """Verdicts of a piece; null where an enterprise does not take part."""
    names = ["grade", "excluded", *(f"Y_{g.value}" for g in GRADES), *(f"exact_{g.value}" for g in GRADES), "reasons"]
    found: dict[str, list[object]] = {name: [None] * len(places) for name in names}
    if verdicts is None:
        return found
    at = np.flatnonzero(places >= 0)
    for n, one in zip(at.tolist(), verdicts.at(places[at]), strict=True):
        found["grade"][n] = one.grade.value if one.grade else None
        found["excluded"][n] = one.excluded
        found["reasons"][n] = one.reasons
        for g in GRADES:
            y = one.y[g]
            if y is not None:
                found[f"Y_{g.value}"][n], found[f"exact_{g.value}"][n] = float(y), format(y, "f")
    return found
