"""A survey that is loaded: its rows are one piece."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from baselines.records import rows_by_enterprise
from drafting.model.survey import Survey, SurveyColumn
from drafting.workbook import headings as h
from drafting.workbook.report import Report
from drafting.workbook.survey.blocks import Block
from drafting.workbook.survey.records import NamedRows, Plan, Written
from drafting.workbook.survey.table import SurveyTable


class InMemory:
    """See :class:`~drafting.workbook.survey.rules.Store`."""

    marks_all = False

    def __init__(self, table: SurveyTable) -> None:
        self.table = table
        self._named: NamedRows
        self._block: Block

    def begin(self, _: Report) -> int:
        """There is nothing to make ready."""
        return len(self.table.rows)

    def pieces(self, _: Sequence[int]) -> Iterator[SurveyTable]:
        """All rows."""
        yield self.table

    def leave_out(self, rows: NDArray[np.int64]) -> None:
        """Pick the others."""
        self.table = self.table.picked(~np.isin(np.asarray(self.table.rows), rows))

    def name(self, rows: NamedRows) -> None:
        """Keep the names."""
        self._named = rows

    def repeated(self, column: int) -> Iterator[Sequence[Written]]:
        """Compare the names."""
        of, table = self._named, self.table
        groups = rows_by_enterprise(of.records)
        for group in groups if len(groups) < len(of.records) else ():
            if len(group) > 1:
                rows = [int(of.rows[i]) for i in group]
                yield [
                    Written(int(of.positions[i]), table.cell_in(row, column), of.names[i], float(of.years[i]),
                            table.line_in(row))
                    for i, row in zip(group, rows, strict=True)
                ]  # fmt: skip

    def first_rows(self, keys: Sequence[str]) -> Sequence[int | None]:
        """Look the keys up."""
        wanted = set(keys)
        found: dict[str, int] = {}
        for position, key in zip(self._named.positions.tolist(), self._named.keys, strict=True) if wanted else ():
            if key in wanted:
                found.setdefault(key, position)
        return [found.get(key) for key in keys]

    def ordered(self, blocks: Iterator[Block], plan: Plan) -> Iterator[Block]:
        """Sort them."""
        for block in blocks:
            yield block.take(np.lexsort((block.positions, block.first))) if plan.rearranged else block

    def keep(self, block: Block) -> None:
        """Keep all records."""
        self._block = block

    def row_numbers(self) -> Sequence[int]:
        """Numbers of the records' rows in the file."""
        return tuple(self._block.rows.tolist())

    def names(self) -> Sequence[str]:
        """Names of the enterprises."""
        return tuple(self._block.names.tolist())

    def survey(self, _: Sequence[int | None]) -> Survey:
        """Arrays that nobody changes; who is left out is found by name."""
        block = self._block
        violations = np.zeros(len(block), dtype=np.bool_) if block.violations is None else block.violations
        words = {word: tuple(of) for word, of in block.words.items()}
        columns = {code: SurveyColumn(code, values, block.states[code]) for code, values in block.values.items()}
        arrays = (violations, *block.values.values(), *block.states.values(), *block.parameters.values())
        for array in (*arrays, *block.raw.values(), *([] if block.weights is None else [block.weights])):
            array.setflags(write=False)
        return Survey(
            enterprises=self.names(), columns=MappingProxyType(columns), violations=violations,
            strata=words.get(h.STRATUM), weights=block.weights, years=words.get(h.YEAR),
            parameters=MappingProxyType(dict(block.parameters)), raw=MappingProxyType(dict(block.raw)),
            regions=words.get(h.REGION),
        )  # fmt: skip
