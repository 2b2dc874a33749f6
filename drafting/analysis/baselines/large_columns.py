"""One column of a clean table at a time: what needs all its values, such as fences, is done by the usual code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from baselines import Sample
from drafting.findings import Cell, Provenance
from drafting.model.large import GROUP, MARKS, MERGED, NAME, PARAMETER, ROW, STATE_SUFFIX, WEIGHT, CleanTable
from drafting.model.survey import State, Survey, SurveyColumn

if TYPE_CHECKING:
    from numpy.typing import NDArray

STATES = np.array([state for state, _ in sorted(MARKS.items(), key=lambda of: of[1])], dtype=np.uint8)
"""State by its mark in the clean table."""
ROW_BYTES = 96
"""Memory that one row of one column takes while it is looked at, copies included."""


class Columns:
    """The columns of a clean table, each loaded when it is asked for.

    Parameters
    ----------
    table : CleanTable
    """

    def __init__(self, table: CleanTable) -> None:
        self.table = table

    def fits(self, memory_limit: int) -> bool:
        """Whether one column may be loaded."""
        return self.table.rows * ROW_BYTES <= memory_limit

    def survey(self, code: str) -> Survey:
        """A survey of this one indicator, without names of enterprises."""
        values, states = self._numbers(code), STATES[self._read(code + STATE_SUFFIX).to_numpy()]
        for left_out in self.table.excluded.get(code, ()):
            values[left_out.position], states[left_out.position] = left_out.value, State.EXCLUDED
        parameters = {n: self._numbers(PARAMETER + n) for n in self.table.parameters}
        return Survey(
            cast(tuple[str, ...], Names(self)), MappingProxyType({code: SurveyColumn(code, values, states)}),
            np.zeros(self.table.rows, dtype=np.bool_), None, self.weights, parameters=MappingProxyType(parameters),
        )  # fmt: skip

    @cached_property
    def weights(self) -> NDArray[np.float64] | None:
        """Sampling weights."""
        return None if self.table.weight_decimals is None else self._numbers(WEIGHT)

    @cached_property
    def strata(self) -> tuple[tuple[str, ...], NDArray[np.uint32]] | None:
        """Strata as written, in order of appearance, and which one each row belongs to."""
        return None if self.table.strata is None else self._coded(GROUP)

    @cached_property
    def merged(self) -> tuple[tuple[str, ...], NDArray[np.uint32]] | None:
        """Strata after merging, likewise."""
        return None if self.table.strata is None else self._coded(MERGED)

    @cached_property
    def as_written(self) -> bool:
        """Whether no strata were merged."""
        return self.strata is not None and self.merged is not None and self.strata[0] == self.merged[0]

    def name(self, position: int) -> str:
        """Name of the enterprise at a position."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.table.path) as file:
            for group in range(file.num_row_groups):
                rows = file.metadata.row_group(group).num_rows
                if position < rows:
                    return str(file.read_row_group(group, [NAME]).column(0)[position].as_py())
                position -= rows
        raise IndexError(position)

    def places(self, where: Provenance, headings: Sequence[str]) -> Provenance:
        """Provenance that knows the cell of each value of some columns, by code."""
        return places_of(where, headings, self._read(ROW).to_numpy())

    def _coded(self, name: str) -> tuple[tuple[str, ...], NDArray[np.uint32]]:
        import pyarrow.parquet as pq

        numbers: dict[str, int] = {}
        parts: list[NDArray[np.uint32]] = []
        with pq.ParquetFile(self.table.path, read_dictionary=[name]) as file:
            for batch in file.iter_batches(columns=[name]):
                column = batch.column(0)
                own = np.array(
                    [numbers.setdefault(str(w), len(numbers)) for w in column.dictionary.to_pylist()], dtype=np.uint32
                )
                parts.append(own[column.indices.to_numpy(zero_copy_only=False)])
        return tuple(numbers), np.concatenate(parts)

    def _numbers(self, name: str) -> NDArray[np.float64]:
        column = self._read(name)
        values: NDArray[np.float64] = column.to_numpy().astype(np.float64)
        return values

    def _read(self, name: str) -> Any:
        import pyarrow.parquet as pq

        return pq.read_table(self.table.path, columns=[name], memory_map=False).column(0)


class Names(Sequence[str]):
    """Names of the enterprises, looked up one by one."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return self._columns.table.rows

    def __getitem__(self, index: Any) -> Any:
        return self._columns.name(int(index))


def parts(sample: Sample, coded: tuple[tuple[str, ...], NDArray[np.uint32]]) -> Iterator[tuple[str, Sample]]:
    """Samples of the strata one by one, in order of appearance."""
    names, codes = coded
    for number, name in enumerate(names):
        at = np.flatnonzero(codes == number)
        weights = None if sample.weights is None else sample.weights[at]
        yield name, Sample(sample.values[at], sample.states[at], weights)


def places_of(where: Provenance, headings: Sequence[str], numbers: NDArray[np.int64]) -> Provenance:
    """Provenance that knows the cells of some columns in the rows with these numbers, by the columns' headings."""
    rows = cast(tuple[int, ...], numbers)
    columns: dict[tuple[str, ...], tuple[Cell, tuple[int, ...], int]] = {}
    for heading in headings:
        cell = where.find("survey", heading)
        if cell is not None and cell.cell:
            columns["survey", heading] = (cell, rows, _column(cell.cell))
    return where.merged(Provenance(columns=columns))


def _column(cell: str) -> int:
    number = 0
    for letter in cell.rstrip("0123456789"):
        number = number * 26 + ord(letter) - 64
    return number
