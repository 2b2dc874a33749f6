"""Versions of an expert's answers, and what changed from one to the next: the original stays beside the revision."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drafting.model.experts import DelphiRound, JudgementMatrix

MATRICES, ROUND, RATED = "判断矩阵", "德尔菲第{number}轮", "重要性评分"
"""Instruments, and the group of the importance ratings."""
RATING_ROUND = "重要性评分第{number}轮"

Item = tuple[str, ...]
"""What was answered: two keys for a comparison, one for a weight or a rating."""
Values = Mapping[Item, float | None]
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Answers:
    """What one expert answered to one group with one instrument; None where nothing was answered.

    Keys are category names and indicator codes. ``file``, ``sha256`` and ``day`` say which file said so, and when it
    was first read; they are empty for answers that are not on record yet.
    """

    instrument: str
    expert: str
    group: str
    values: Values
    file: str = ""
    sha256: str = ""
    day: str = ""

    @property
    def about(self) -> tuple[str, str, str]:
        """Instrument, expert, group."""
        return self.instrument, self.expert, self.group


def answers_of(
    judgements: tuple[JudgementMatrix, ...], delphi: tuple[DelphiRound, ...], ratings: tuple[DelphiRound, ...] = ()
) -> Iterator[Answers]:
    """Give all answers as they stand now."""
    for m in judgements:
        n = len(m.labels)
        pairs = {(m.labels[i], m.labels[j]): float(m.values[i, j]) for i in range(n) for j in range(i + 1, n)}
        yield Answers(MATRICES, m.expert, m.group, {k: None if math.isnan(v) else v for k, v in pairs.items()})
    for r, instrument in [
        *((r, r.name or ROUND.format(number=r.number)) for r in delphi),
        *((r, r.name or RATING_ROUND.format(number=r.number)) for r in ratings),
    ]:
        for answer in r.answers:
            for a in answer.allocations:
                yield Answers(instrument, answer.expert, a.group, {(k,): v for k, v in a.weights.items()})
            if answer.ratings:
                yield Answers(instrument, answer.expert, RATED, {(k,): v for k, v in answer.ratings.items()})


@dataclass(frozen=True, slots=True)
class Change:
    """One answer before and after."""

    item: Item
    before: float | None
    after: float | None


def changes(before: Values, after: Values) -> tuple[Change, ...]:
    """Say which answers differ.

    A comparison asked the other way round is the same one. An item that was not asked both times is no change of an
    answer, except a rating, whose blanks are not listed.
    """
    found = []
    for item, now in after.items():
        known, then = _looked_up(before, item)
        if (known or len(item) == 1) and not _same(then, now):
            found.append(Change(item, then, now))
    found += [Change(i, v, None) for i, v in before.items() if len(i) == 1 and i not in after and v is not None]
    return tuple(found)


def _looked_up(values: Values, item: Item) -> tuple[bool, float | None]:
    if item in values:
        return True, values[item]
    turned = values.get(item[::-1])
    return item[::-1] in values, None if turned is None else 1 / turned


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_SAME)
