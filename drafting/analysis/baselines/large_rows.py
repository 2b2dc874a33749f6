"""Some rows of a clean table at a time, as an ordinary survey: what judges each enterprise alone needs no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from drafting.analysis.baselines.large_columns import STATES, places_of
from drafting.findings import Provenance
from drafting.model.large import GROUP, NAME, PARAMETER, ROW, STATE_SUFFIX, VIOLATION, WEIGHT, CleanTable
from drafting.model.survey import Survey, SurveyColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

ENTRY_BYTES = 96
"""Memory that one value of one enterprise takes while it is judged twice, copies included."""
MOST_ROWS = 32_768
_FEWEST_ROWS = 256


@dataclass(frozen=True, slots=True)
class Rows:
    """Consecutive rows of a clean table.

    Attributes
    ----------
    survey : Survey
        With the columns that were asked for; values of excluded entries are not kept.
    numbers : int64 array
        Of the rows in the survey file.
    coded : tuple of names, array of places in it, or None
        The strata.
    """

    survey: Survey
    numbers: NDArray[np.int64]
    coded: tuple[tuple[str, ...], NDArray[np.intp]] | None

    def places(self, where: Provenance) -> Provenance:
        """Provenance that knows where names and strata of these rows stand."""
        return places_of(where, (NAME, GROUP), self.numbers)


def rows_of(table: CleanTable, codes: Sequence[str], memory_limit: int, group: str = GROUP) -> Iterator[Rows]:
    """Read a clean table from its first row to its last, as many rows at a time as the memory limit allows.

    Parameters
    ----------
    codes
        Indicators that are wanted; those that the table does not have are passed over.
    memory_limit
        Bytes for judging one block.
    group
        The column that gives the strata: as written, or by the merging rule.
    """
    import pyarrow.parquet as pq

    present = [code for code in codes if code in table.codes]
    wanted = [ROW, NAME, *present, *(code + STATE_SUFFIX for code in present)]
    wanted += [PARAMETER + name for name in table.parameters]
    wanted += [group] if table.strata is not None else []
    wanted += [WEIGHT] if table.weight_decimals is not None else []
    wanted += [VIOLATION] if table.violations else []
    most = memory_limit // (ENTRY_BYTES * max(1, len(present)))
    size = max(_FEWEST_ROWS, min(MOST_ROWS, most))
    with pq.ParquetFile(table.path, pre_buffer=False, buffer_size=1 << 18) as file:
        for batch in file.iter_batches(size, columns=wanted):
            yield _rows(table, present, batch, group)


def _rows(table: CleanTable, codes: Sequence[str], batch: Any, group: str) -> Rows:
    def numbers(name: str) -> Any:
        return batch.column(batch.schema.get_field_index(name)).to_numpy(zero_copy_only=False)

    coded, strata = None, None
    if table.strata is not None:
        column = batch.column(batch.schema.get_field_index(group)).dictionary_encode()
        names, at = tuple(column.dictionary.to_pylist()), column.indices.to_numpy(zero_copy_only=False)
        coded, strata = (names, at), tuple(map(names.__getitem__, at.tolist()))
    columns = {code: SurveyColumn(code, numbers(code), STATES[numbers(code + STATE_SUFFIX)]) for code in codes}
    survey = Survey(
        cast(tuple[str, ...], _Names(batch.column(batch.schema.get_field_index(NAME)))), MappingProxyType(columns),
        numbers(VIOLATION) if table.violations else np.zeros(batch.num_rows, dtype=np.bool_), strata,
        numbers(WEIGHT) if table.weight_decimals is not None else None,
        parameters=MappingProxyType({name: numbers(PARAMETER + name) for name in table.parameters}),
    )  # fmt: skip
    return Rows(survey, numbers(ROW), coded)


class _Names(Sequence[str]):
    """Names in a pyarrow array, made into text when one is asked for: hardly any is."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, index: Any) -> Any:
        return self._array[int(index)].as_py()
