"""The last step of cleaning a large survey: exclusions, physical limits, counts; one row per enterprise is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.findings import Cell
from drafting.model.identity import differ
from drafting.model.inputs import Inputs
from drafting.model.large import (
    GROUP,
    MARKS,
    MERGED,
    NAME,
    PARAMETER,
    POSITION,
    ROW,
    STATE_SUFFIX,
    VIOLATION,
    WEIGHT,
    LeftOut,
)
from drafting.model.survey import State
from drafting.workbook.large.blocks import Block
from drafting.workbook.large.cells import CountingReport
from drafting.workbook.large.source import Source
from drafting.workbook.survey.limits import LimitCheck

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_DECIMALS = 6
_MARKS = np.array([MARKS[state] for state in State], dtype=np.int8)
_EXACT = 1e15
"""Up to fifteen digits a decimal number is the only one of its length that reads as its double."""


def decimals_of(values: NDArray[np.float64], most: int) -> int:
    """Decimals of the most precise number as it prints, no more than ``most``."""
    for decimals in range(most):
        scale = 10.0**decimals
        with np.errstate(over="ignore"):  # what overflows does not fit
            scaled = np.rint(values * scale)
        fits = np.abs(scaled) < _EXACT
        values = values[~(fits & (scaled / scale == values))]
        if not values.size:
            return decimals
        beyond = ~(np.abs(values) < _EXACT / (scale * 10))
        if beyond.any():
            finest = max(_printed(v) for v in np.unique(values[beyond]).tolist())
            if finest >= most:
                return most
            rest = values[~beyond]
            return max(finest, decimals + 1 if rest.size else 0, decimals_of(rest, most) if rest.size else 0)
    return most


def _printed(value: float) -> int:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@dataclass
class Finisher:
    """Writes the clean table and counts."""

    inputs: Inputs
    source: Source
    columns: Mapping[str, int]
    """Column numbers of the indicators, where a finding about a value points; computed ones: the first raw total."""
    codes: tuple[str, ...]
    left_out: Mapping[int, frozenset[str]]
    """Codes that sheet 剔除 leaves out, by the position of the enterprise's first row."""
    merging: Mapping[str, str]
    report: CountingReport
    target: Path
    name_column: int = 1
    named_out: Sequence[tuple[int, Cell, str]] = ()
    """Of sheet 剔除: position of the enterprise's first row, place and name as written there."""
    rows: int = 0
    strata: dict[str, None] = field(default_factory=dict)
    counts: dict[str, dict[str | None, dict[State, int]]] = field(default_factory=dict)
    decimals: dict[str, dict[str | None, int]] = field(default_factory=dict)
    excluded: dict[str, list[LeftOut]] = field(default_factory=dict)
    weight_decimals: int = 0
    total_weight: float = 0.0
    largest_weight: float = 0.0
    limits: LimitCheck = field(init=False)
    _writer: Any = None

    def __post_init__(self) -> None:
        self.limits = LimitCheck(self.inputs.system, self.source.table, self.columns, self.report)

    def take(self, block: Block) -> None:
        """Finish and write some rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, Any] = {
            POSITION: np.arange(self.rows, self.rows + len(block)), ROW: block.rows, NAME: block.names
        }  # fmt: skip
        merged = self._strata(block, columns)
        if block.weights is not None:
            columns[WEIGHT] = block.weights
            self._weigh(block.weights)
        if block.violations is not None:
            columns[VIOLATION] = block.violations
        out = self._positions_out(block)
        for code in self.codes:
            values, states = block.values[code].copy(), block.states[code].copy()
            self._exclude(code, block, out, values, states)
            self.limits.add(code, values, states, block.rows)
            self._count(code, values, states, merged)
            valid = (states == State.VALUE) | (states == State.NON_DETECT)
            columns[code] = pa.array(values, mask=~valid)
            columns[code + STATE_SUFFIX] = _MARKS[states]
        columns |= {PARAMETER + n: v for n, v in block.parameters.items()}
        table = pa.table(columns)
        # Doubles hardly repeat: no dictionary, no compression is written and read fastest.
        short = [c for c in table.schema.names if c in (GROUP, MERGED) or c.endswith(STATE_SUFFIX)]
        self._writer = self._writer or pq.ParquetWriter(
            self.target, table.schema, use_dictionary=short, compression="none"
        )
        self._writer.write_table(table)
        self.rows += len(block)

    def close(self) -> None:
        """End the file, and say which values hardly any quantity has."""
        if self._writer is not None:
            self._writer.close()
        self.limits.finish()

    def _strata(self, block: Block, columns: dict[str, Any]) -> tuple[list[str], NDArray[np.intp]] | None:
        import pyarrow as pa

        if block.strata is None:
            return None
        coded = block.strata.dictionary_encode()
        words = coded.dictionary.to_pylist()
        self.strata |= dict.fromkeys(words)
        columns[GROUP] = block.strata
        indices = coded.indices.to_numpy(zero_copy_only=False)
        new = [self.merging.get(w, w) for w in words]
        columns[MERGED] = pa.array(new).take(coded.indices)
        distinct = list(dict.fromkeys(new))
        return distinct, np.array([distinct.index(w) for w in new], dtype=np.intp)[indices]

    def _weigh(self, weights: NDArray[np.float64]) -> None:
        self.weight_decimals = max(self.weight_decimals, decimals_of(weights, 15))
        self.total_weight += float(weights.sum())
        self.largest_weight = max(self.largest_weight, float(weights.max(initial=0.0)))

    @property
    def weights_fit(self) -> bool:
        """Whether all weights are whole numbers of their last decimal that an engine can add up."""
        scale = 10.0**self.weight_decimals
        return self.largest_weight * scale < _EXACT and self.total_weight * scale < 2.0**61

    def _positions_out(self, block: Block) -> list[int]:
        if not self.left_out:
            return []
        wanted = np.fromiter(self.left_out, np.int64, len(self.left_out))
        out = [int(i) for i in np.flatnonzero(np.isin(block.first, wanted))]
        for index in out:
            name = str(block.names[index].as_py())
            for first, place, said in self.named_out:
                if first == block.first[index] and differ(said, name):
                    self._say_alike(place, said, name, int(block.rows[index]))
        return out

    def _say_alike(self, place: Cell, said: str, name: str, row: int) -> None:
        at = self.source.table.place.at(row, self.name_column).cell
        self.report.add("names-alike", place, found=said, other=name, first=f"调研数据 {at}")

    def _exclude(
        self, code: str, block: Block, out: list[int], values: NDArray[np.float64], states: NDArray[np.uint8]
    ) -> None:
        for index in out:
            if code in self.left_out[int(block.first[index])]:
                numeric = states[index] in (State.VALUE, State.NON_DETECT)
                value = float(values[index]) if numeric else float("nan")
                self.excluded.setdefault(code, []).append(LeftOut(self.rows + index, value))
                states[index] = State.EXCLUDED

    def _count(
        self, code: str, values: NDArray[np.float64], states: NDArray[np.uint8],
        merged: tuple[list[str], NDArray[np.intp]] | None,
    ) -> None:  # fmt: skip
        counts, decimals = self.counts.setdefault(code, {}), self.decimals.setdefault(code, {})
        valid = (states == State.VALUE) | (states == State.NON_DETECT)
        self._add(counts, None, np.bincount(states, minlength=len(State)))
        if not self.inputs.system.indicator(code).qualitative and decimals.get(None, 0) < MOST_DECIMALS:
            decimals[None] = max(decimals.get(None, 0), decimals_of(values[valid], MOST_DECIMALS))
        if merged is None:
            return
        names, at = merged
        table = np.bincount(at * len(State) + states, minlength=len(names) * len(State)).reshape(len(names), len(State))
        for number, name in enumerate(names):
            self._add(counts, name, table[number])
            if decimals.get(name, 0) < MOST_DECIMALS and not self.inputs.system.indicator(code).qualitative:
                here = values[valid & (at == number)]
                decimals[name] = max(decimals.get(name, 0), decimals_of(here, MOST_DECIMALS))

    @staticmethod
    def _add(counts: dict[str | None, dict[State, int]], name: str | None, more: NDArray[np.intp]) -> None:
        into = counts.setdefault(name, dict.fromkeys(State, 0))
        for state in State:
            into[state] += int(more[state])
