"""Grade values of a survey's columns: of arrays in memory, or of the table on disk by whatever engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType

from baselines import exact_share
from baselines.attainment import Ranking
from baselines.direction import Direction
from baselines.engines import ColumnGrades, Question, grades_of_sample, grades_of_table, reached_in_table
from baselines.grades import PublishedGrades
from drafting.analysis.baselines.columns import parts, sample_of
from drafting.model.labels import Labels
from drafting.model.survey import MERGED, POSITION, STATE_SUFFIX, WEIGHT, Stored, Survey
from drafting.standard import standard

Engine = Callable[[Path, Question], tuple[ColumnGrades, ...]]
"""Answers a question about a parquet file: DuckDB's way, or Spark's."""
Count = Callable[[Decimal], tuple[int, Fraction] | None]
"""How many certainly reach a value, and their exact (weighted) share."""
Publish = Callable[[ColumnGrades, Count], PublishedGrades | None]
"""Sets the printed values of grade values; None where there are none."""
Answer = tuple[ColumnGrades, PublishedGrades | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """Columns of a survey, by group."""

    survey: Survey
    directions: Mapping[str, Direction]
    """By code."""
    labels: Labels | None
    """The group of each row; None: all are one group ``""``."""
    marked: Collection[str]
    """Codes of the columns that have non-detects."""
    confidence: float

    def answers(self, publish: Publish) -> Iterator[Answer]:
        """Ask of every column and group, and publish what is found."""
        stored = self.survey.stored
        return self._in_memory(publish) if stored is None else self._on_disk(stored, publish)

    def _in_memory(self, publish: Publish) -> Iterator[Answer]:
        question = Question(self.directions, None, _shares(), self.confidence)
        for code, way in self.directions.items():
            whole = sample_of(self.survey, self.survey.columns[code])
            for name, _, sample in parts(whole, self.labels):
                found = grades_of_sample(code, name, sample, question)
                ranking = cache(partial(Ranking.of, sample, way))
                yield found, publish(found, partial(_reached, ranking))

    def _on_disk(self, stored: Stored, publish: Publish) -> Iterator[Answer]:
        if not self.directions:
            return
        weighted = stored.weight_decimals is not None
        question = Question(
            directions=self.directions, by=None if self.labels is None else MERGED, shares=_shares(),
            confidence=self.confidence, weights=WEIGHT if weighted else None,
            weight_decimals=stored.weight_decimals or 0,
            non_detects=MappingProxyType({c: c + STATE_SUFFIX for c in self.directions if c in self.marked}),
            order=POSITION,
        )  # fmt: skip
        engine: Engine = stored.answer or partial(grades_of_table, memory_limit=stored.memory_limit)
        answers = {(a.column, a.group): a for a in engine(stored.path, question)}
        asked: dict[tuple[str, str], list[Decimal]] = {key: [] for key in answers}
        doubles: dict[str, dict[str, list[float]]] = {}
        for key, found in answers.items():  # which values will be printed; then one pass counts who reaches them
            publish(found, asked[key].append)
            doubles.setdefault(key[0], {})[key[1]] = [float(v) for v in asked[key]]
        reached = reached_in_table(stored.path, question, doubles)
        for code in self.directions:
            for group in ("",) if self.labels is None else self.labels.words:
                found = answers[code, group]
                counted = dict(zip(asked[code, group], reached.get(code, {}).get(group, ()), strict=True))
                yield found, publish(found, partial(_share, counted, found.mass))


def _shares() -> tuple[Fraction, Fraction, Fraction]:
    first, second, third = (exact_share(share) for share in standard().shares())
    return first, second, third


def _reached(ranking: Callable[[], Ranking], value: Decimal) -> tuple[int, Fraction]:
    reached = ranking().reached(value)
    return reached, ranking().share_of_rank(reached)


def _share(reached: Mapping[Decimal, tuple[int, int]], mass: int, value: Decimal) -> tuple[int, Fraction]:
    number, weight = reached[value]
    return number, Fraction(weight, mass)
