"""The last step of cleaning a large survey: exclusions, physical limits; one row per enterprise is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from drafting.findings import Cell
from drafting.model.identity import differ
from drafting.model.labels import Labels
from drafting.model.printed import DIGITS, decimals_of
from drafting.model.survey import MARKS, MERGED, POSITION, STATE_SUFFIX, WEIGHT, State
from drafting.workbook import headings as h
from drafting.workbook.large.blocks import Block
from drafting.workbook.large.cells import CountingReport
from drafting.workbook.large.source import Source
from drafting.workbook.survey.assembly import SurveyRules
from drafting.workbook.survey.limits import LimitCheck
from drafting.workbook.survey.stored import NAME, PARAMETER, ROW, LeftOut

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MARKS = np.array([MARKS[state] for state in State], dtype=np.int8)


@dataclass
class Finisher:
    """Writes the clean table and counts."""

    inputs: SurveyRules
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
    rows_out: dict[int, int] = field(default_factory=dict)
    """Position in the table of the enterprises of sheet 剔除, by the position of their first row."""
    excluded: dict[str, list[LeftOut]] = field(default_factory=dict)
    weight_decimals: int = 0
    total_weight: float = 0.0
    largest_weight: float = 0.0
    limits: LimitCheck = field(init=False)
    _writer: Any = None
    _words: dict[str, dict[str, int]] = field(default_factory=dict)
    _labels: dict[str, list[NDArray[np.uint32]]] = field(default_factory=dict)
    _violations: list[NDArray[np.bool_]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.limits = LimitCheck(self.inputs.system, self.source.table, self.columns, self.report)

    def take(self, block: Block) -> None:
        """Finish and write some rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, Any] = {
            POSITION: np.arange(self.rows, self.rows + len(block)), ROW: block.rows, NAME: block.names
        }  # fmt: skip
        for heading, words in block.words.items():
            self._keep(heading, words)
            if heading == h.STRATUM:
                columns[MERGED] = self._merged(words)
        if block.weights is not None:
            columns[WEIGHT] = block.weights
            self._weigh(block.weights)
        if block.violations is not None:
            self._violations.append(np.asarray(block.violations, dtype=np.bool_))
        out = self._positions_out(block)
        for code in self.codes:
            values, states = block.values[code].copy(), block.states[code].copy()
            self._exclude(code, block, out, values, states)
            self.limits.add(code, values, states, block.rows)
            valid = (states == State.VALUE) | (states == State.NON_DETECT)
            columns[code] = pa.array(values, mask=~valid)
            columns[code + STATE_SUFFIX] = _MARKS[states]
        columns |= {PARAMETER + n: v for n, v in block.parameters.items()}
        table = pa.table(columns)
        # Doubles hardly repeat: no dictionary, no compression is written and read fastest.
        short = [c for c in table.schema.names if c == MERGED or c.endswith(STATE_SUFFIX)]
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

    @property
    def labels(self) -> Mapping[str, Labels]:
        """Strata as written, regions and years, by heading."""
        return {word: Labels(tuple(self._words[word]), np.concatenate(at)) for word, at in self._labels.items()}

    @property
    def violations(self) -> NDArray[np.bool_] | None:
        """Who does not meet the legal precondition; None without the column."""
        return np.concatenate(self._violations) if self._violations else None

    def _keep(self, heading: str, words: Any) -> None:
        coded = words.dictionary_encode()
        numbers = self._words.setdefault(heading, {})
        own = np.array([numbers.setdefault(w, len(numbers)) for w in coded.dictionary.to_pylist()], dtype=np.uint32)
        self._labels.setdefault(heading, []).append(own[coded.indices.to_numpy(zero_copy_only=False)])

    def _merged(self, strata: Any) -> Any:
        import pyarrow as pa

        coded = strata.dictionary_encode()
        words = [self.merging.get(w, w) for w in coded.dictionary.to_pylist()]
        return pa.array(words, pa.string()).take(coded.indices)

    def _weigh(self, weights: NDArray[np.float64]) -> None:
        self.weight_decimals = max(self.weight_decimals, decimals_of(weights, 15))
        self.total_weight += float(weights.sum())
        self.largest_weight = max(self.largest_weight, float(weights.max(initial=0.0)))

    @property
    def weights_fit(self) -> bool:
        """Whether all weights are whole numbers of their last decimal that an engine can add up."""
        scale = 10.0**self.weight_decimals
        return self.largest_weight * scale < DIGITS and self.total_weight * scale < 2.0**61

    def _positions_out(self, block: Block) -> list[int]:
        if not self.left_out:
            return []
        wanted = np.fromiter(self.left_out, np.int64, len(self.left_out))
        out = [int(i) for i in np.flatnonzero(np.isin(block.first, wanted))]
        for index in out:
            self.rows_out[int(block.first[index])] = self.rows + index
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
