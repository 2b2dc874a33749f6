"""Rows of a survey as read: brought into order, to one per record, and to what is kept of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.records import DuplicateRule, Records, collapse, mean_value
from drafting.model.labels import Labels
from drafting.model.survey import State
from drafting.workbook.report import Report
from drafting.workbook.survey.records import Plan
from drafting.workbook.survey.table import SurveyTable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    States = NDArray[np.uint8]
    Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows, shape (rows,) each: numbers in the file, positions among the survey's rows, and what was read."""

    rows: Positions
    positions: Positions
    first: Positions
    """Position of the record's first row."""
    names: NDArray[np.object_]
    words: Mapping[str, Labels]
    """Strata, regions, years, by heading."""
    weights: Floats | None
    values: Mapping[str, Floats]
    states: Mapping[str, States]
    parameters: Mapping[str, Floats]
    violations: NDArray[np.bool_] | None = None
    """重大违法; None without the column."""
    raw: Mapping[str, Floats] = field(default_factory=dict)
    """Raw totals, where they are kept."""

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, at: NDArray[np.intp]) -> Block:
        """Some of the rows."""
        return Block(
            rows=self.rows[at], positions=self.positions[at], first=self.first[at], names=self.names[at],
            words={word: of.picked(at) for word, of in self.words.items()},
            weights=None if self.weights is None else self.weights[at],
            values={c: v[at] for c, v in self.values.items()}, states={c: s[at] for c, s in self.states.items()},
            parameters={n: v[at] for n, v in self.parameters.items()},
            violations=None if self.violations is None else self.violations[at],
            raw={n: v[at] for n, v in self.raw.items()},
        )  # fmt: skip

    def followed(self, other: Block) -> Block:
        """The rows of both."""

        def joined(one: Mapping[str, Floats], two: Mapping[str, Floats]) -> Mapping[str, Floats]:
            return {name: np.concatenate([values, two[name]]) for name, values in one.items()}

        words = {word: Labels.of([*of, *other.words[word]]) for word, of in self.words.items()}
        return Block(
            rows=np.concatenate([self.rows, other.rows]), positions=np.concatenate([self.positions, other.positions]),
            first=np.concatenate([self.first, other.first]), names=np.concatenate([self.names, other.names]),
            words=words, weights=_both(self.weights, other.weights), values=joined(self.values, other.values),
            states={code: np.concatenate([states, other.states[code]]) for code, states in self.states.items()},
            parameters=joined(self.parameters, other.parameters), violations=_both(self.violations, other.violations),
            raw=joined(self.raw, other.raw),
        )  # fmt: skip

    def planned(self, plan: Plan) -> Block:
        """The rows that count, each with the position of its record's first row."""
        start = int(self.positions[0]) if len(self) else 0
        span = [start, start + len(self)]
        first = self.first
        a, b = np.searchsorted(plan.moved, span)
        if b > a:
            first = first.copy()
            first[plan.moved[a:b] - start] = plan.first[a:b]
        block = replace(self, first=first)
        a, b = np.searchsorted(plan.dropped, span)
        if b == a:
            return block
        keep = np.ones(len(self), dtype=np.bool_)
        keep[plan.dropped[a:b] - start] = False
        return block.take(np.flatnonzero(keep))


@dataclass(frozen=True, slots=True)
class Averaging:
    """Brings rows that stand record by record to one each (取平均)."""

    table: SurveyTable
    answers: frozenset[str]
    """Codes of qualitative indicators, which have no mean."""
    report: Report

    def of(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """Bring the rows of several blocks to one each: a record may begin in one of them and end in another."""
        waiting: Block | None = None
        for block in blocks:
            if waiting is None:
                waiting = block
                continue
            last = int(np.searchsorted(waiting.first, waiting.first[-1]))
            if last:
                yield self._averaged(waiting.take(np.arange(last)))
            waiting = waiting.take(np.arange(last, len(waiting))).followed(block)
        if waiting is not None:
            yield self._averaged(waiting)

    def _averaged(self, block: Block) -> Block:
        starts = np.flatnonzero(np.append(True, block.first[1:] != block.first[:-1]))
        ends = np.append(starts[1:], len(block))
        if len(starts) == len(block):
            return block
        spans = zip(starts.tolist(), ends.tolist(), strict=True)
        groups = Records(tuple(starts.tolist()), tuple(tuple(range(a, b)) for a, b in spans))
        several = [(n, np.array(rows)) for n, rows in enumerate(groups.groups) if len(rows) > 1]
        values, states = {}, {}
        for code in block.values:
            values[code], states[code] = self._merged(code, block, starts, several)
        violations = None if block.violations is None else np.logical_or.reduceat(block.violations, starts)
        return replace(
            block.take(starts), values=values, states=states, violations=violations,
            weights=None if block.weights is None else _mean(block.weights, groups),
            parameters={n: _mean(v, groups) for n, v in block.parameters.items()},
            raw={n: _mean(v, groups) for n, v in block.raw.items()},
        )  # fmt: skip

    def _merged(
        self, code: str, block: Block, starts: NDArray[np.intp], several: list[tuple[int, NDArray[np.intp]]]
    ) -> tuple[Floats, States]:
        values, states = block.values[code][starts], block.states[code][starts]
        for position, rows in several:
            own, of = block.values[code][rows], block.states[code][rows]
            known, censored = own[of == State.VALUE], own[of == State.NON_DETECT]
            if code in self.answers and np.unique(known).size > 1:
                values[position], states[position] = np.nan, State.MISSING
                self._report("survey-mean-answers", code, block, rows)
            elif known.size and not censored.size:
                values[position], states[position] = mean_value(known.tolist()), State.VALUE
            elif censored.size and not known.size:
                values[position], states[position] = censored.max(), State.NON_DETECT
            elif known.size:
                # A number and a "less than" have no mean; half the limit would be a value nobody measured.
                values[position], states[position] = np.nan, State.MISSING
                self._report("survey-mean-non-detect", code, block, rows)
        return values, states

    def _report(self, finding: str, code: str, block: Block, rows: NDArray[np.intp]) -> None:
        place = self.report.cells.get(("survey", code), self.table.place)
        lines = "、".join(self.table.line_in(row) for row in block.rows[rows].tolist())
        self.report.add(finding, place, enterprise=str(block.names[rows[0]]), lines=lines)


def _both(one: NDArray[Any] | None, other: NDArray[Any] | None) -> NDArray[Any] | None:
    return None if one is None or other is None else np.concatenate([one, other])


def _mean(values: Floats, groups: Records) -> Floats:
    return collapse(values, groups, DuplicateRule.MEAN)
