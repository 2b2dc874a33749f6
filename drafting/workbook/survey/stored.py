"""A survey that is not loaded: its table stands in a parquet file, and is read as far as it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from drafting.model.labels import Labels
from drafting.model.survey import MARKS, STATE_SUFFIX, WEIGHT, Survey, SurveyColumn
from drafting.workbook import headings as h

T = TypeVar("T")
ROW, NAME, PARAMETER = "行", "企业", "参数:"
"""Columns of the table that only reading knows: number of the row in the file, enterprise, parameters by name."""
_STATES = np.array(sorted(MARKS, key=lambda state: MARKS[state]), dtype=np.uint8)
"""State by its mark."""


class WeightRangeError(ValueError):
    """Sampling weights too different in size to be added up exactly by an engine."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that sheet 剔除 leaves out: its enterprise's position, and the value (NaN: none)."""

    position: int
    value: float


@dataclass(eq=False)
class StoredTable:
    """See :class:`drafting.model.survey.Stored`."""

    path: Path
    rows: int
    codes: tuple[str, ...]
    parameters: tuple[str, ...]
    memory_limit: int
    weight_decimals: int | None
    labels: Mapping[str, Labels]
    """Strata, regions and years, by heading."""
    violations: NDArray[np.bool_] | None
    rows_out: tuple[int | None, ...] = ()
    excluded: Mapping[str, Sequence[LeftOut]] = field(default_factory=dict)
    answer: Callable[[Path, Any], Any] | None = None
    _columns: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def survey(self) -> Survey:
        """The whole of it."""
        nobody = np.zeros(self.rows, dtype=np.bool_)
        return Survey(
            _AllNames(self), Columns(self), nobody if self.violations is None else self.violations,
            self.labels.get(h.STRATUM), None if self.weight_decimals is None else self.numbers(WEIGHT),
            self.labels.get(h.YEAR), Parameters(self), regions=self.labels.get(h.REGION), stored=self,
        )  # fmt: skip

    def pieces(self, codes: Sequence[str], rows: int) -> Iterator[Survey]:
        """Some columns, some rows at a time; codes that the table does not have are passed over."""
        import pyarrow.parquet as pq

        present = [code for code in codes if code in self.codes]
        wanted = [NAME, *present, *(code + STATE_SUFFIX for code in present)]
        wanted += [PARAMETER + name for name in self.parameters]
        wanted += [WEIGHT] if self.weight_decimals is not None else []
        start = 0
        with pq.ParquetFile(self.path, pre_buffer=False, buffer_size=1 << 18) as file:
            for batch in file.iter_batches(rows, columns=wanted):
                yield self._piece(present, batch, start)
                start += batch.num_rows

    def _piece(self, codes: Sequence[str], batch: Any, start: int) -> Survey:
        def numbers(name: str) -> Any:
            return batch.column(batch.schema.get_field_index(name)).to_numpy(zero_copy_only=False)

        stop = start + batch.num_rows
        found = {c: SurveyColumn(c, numbers(c), _STATES[numbers(c + STATE_SUFFIX)]) for c in codes}
        return Survey(
            Names(batch.column(batch.schema.get_field_index(NAME))), MappingProxyType(found),
            np.zeros(len(batch), np.bool_) if self.violations is None else self.violations[start:stop],
            self.labels[h.STRATUM].part(start, stop) if h.STRATUM in self.labels else None,
            numbers(WEIGHT) if self.weight_decimals is not None else None,
            parameters=MappingProxyType({name: numbers(PARAMETER + name) for name in self.parameters}),
        )  # fmt: skip

    def column(self, code: str) -> SurveyColumn:
        """One indicator's answers, with the values of what sheet 剔除 leaves out."""
        return self._kept(code, lambda: self._column(code))

    def _column(self, code: str) -> SurveyColumn:
        values, states = self._array(code).astype(np.float64), _STATES[self._array(code + STATE_SUFFIX)]
        for left_out in self.excluded.get(code, ()):
            values[left_out.position] = left_out.value
        values.setflags(write=False)
        states.setflags(write=False)
        return SurveyColumn(code, values, states)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers, NaN for null."""
        return self._kept(name, lambda: self._array(name).astype(np.float64))

    @cached_property
    def names(self) -> Names:
        """Names of the enterprises."""
        return Names(self._read(NAME))

    @cached_property
    def row_numbers(self) -> NDArray[np.int64]:
        """Numbers of their rows in the survey file."""
        found: NDArray[np.int64] = self._array(ROW)
        return found

    def _kept(self, name: str, read: Callable[[], T]) -> T:
        """Keep what was read where all columns together take a fraction of the memory, else read it again."""
        if self.rows * 9 * (len(self.codes) + len(self.parameters)) > self.memory_limit // 4:
            return read()
        if name not in self._columns:
            self._columns[name] = read()
        return cast(T, self._columns[name])

    def _array(self, name: str) -> NDArray[Any]:
        found: NDArray[Any] = self._read(name).to_numpy(zero_copy_only=False)
        return found

    def _read(self, name: str) -> Any:
        import pyarrow.parquet as pq

        return pq.read_table(self.path, columns=[name], memory_map=False).column(0).combine_chunks()


class Columns(Mapping[str, SurveyColumn]):
    """The columns of a table, each read when it is asked for."""

    def __init__(self, table: StoredTable) -> None:
        self._table = table

    def __getitem__(self, code: str) -> SurveyColumn:
        if code not in self._table.codes:
            raise KeyError(code)
        return self._table.column(code)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.codes)

    def __len__(self) -> int:
        return len(self._table.codes)

    def __contains__(self, code: object) -> bool:
        return code in self._table.codes


class Parameters(Mapping[str, "NDArray[np.float64]"]):
    """The parameters of a table, likewise."""

    def __init__(self, table: StoredTable) -> None:
        self._table = table

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        if name not in self._table.parameters:
            raise KeyError(name)
        return self._table.numbers(PARAMETER + name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.parameters)

    def __len__(self) -> int:
        return len(self._table.parameters)


class RowNumbers(Sequence[int]):
    """Numbers of the enterprises' rows in the survey file, read when one is asked for."""

    def __init__(self, table: StoredTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return self._table.rows

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> list[int]: ...

    def __getitem__(self, index: int | slice) -> int | list[int]:
        found: int | list[int] = self._table.row_numbers[index].tolist()
        return found


class Names(Sequence[str]):
    """Names in a pyarrow array, made into text when one is asked for: hardly any is."""

    def __init__(self, array: Any) -> None:
        self._array = array

    def __len__(self) -> int:
        return len(self._array)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return list(self._array[index].to_pylist())
        return str(self._array[int(index)].as_py())

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), 4096):
            yield from self[start : start + 4096]


class _AllNames(Sequence[str]):
    """Names of the enterprises of a table, read when they are asked for."""

    def __init__(self, table: StoredTable) -> None:
        self._table = table

    def __len__(self) -> int:
        return self._table.rows

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._table.names[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.names)
