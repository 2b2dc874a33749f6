"""The enterprises of a trial one by one, made from its arrays when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import overload

import numpy as np
from numpy.typing import NDArray

from drafting.evaluation import Evaluation, Reason, explain
from drafting.evaluation.decimals import to_decimal
from drafting.evaluation.exact import ExactIndices
from drafting.evaluation.reasons_in_columns import reasons_of
from drafting.model.results import EnterpriseResult
from drafting.model.survey import Survey
from drafting.model.terms import GRADES, Grade

_PIECE = 2000
"""Enterprises that are made together."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts(Sequence[EnterpriseResult]):
    """Results of an evaluation as a sequence; nothing but the arrays is kept.

    Attributes
    ----------
    result : Evaluation
    survey : Survey
    rows : intp array (E,)
        Row of the survey of each.
    names, categories : tuple of str
        What reasons call indicators and categories.
    """

    result: Evaluation
    survey: Survey
    rows: NDArray[np.intp]
    names: tuple[str, ...]
    categories: tuple[str, ...]
    _exact: ExactIndices = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_exact", ExactIndices(self.result))

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> EnterpriseResult: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[EnterpriseResult, ...]: ...

    def __getitem__(self, at: int | slice) -> EnterpriseResult | tuple[EnterpriseResult, ...]:
        if isinstance(at, slice):
            return tuple(self._made(np.arange(len(self))[at]))
        (one,) = self._made(np.arange(len(self))[[at]])
        return one

    def __iter__(self) -> Iterator[EnterpriseResult]:
        return self.at(np.arange(len(self)))

    def at(self, places: NDArray[np.intp]) -> Iterator[EnterpriseResult]:
        """Those at some places, in the order of ``places``."""
        for begin in range(0, len(places), _PIECE):
            yield from self._made(places[begin : begin + _PIECE])

    def _made(self, places: NDArray[np.intp]) -> Iterator[EnterpriseResult]:
        result, survey = self.result, self.survey
        exact = [self._exact.of(n) for n in places.tolist()]
        words: dict[Reason, str] = {}
        decimals: dict[Fraction | None, Decimal | None] = {None: None}
        for n, indices, reasons in zip(places.tolist(), exact, reasons_of(result, places, exact), strict=True):
            for y in indices:
                if y not in decimals and y is not None:
                    decimals[y] = to_decimal(y)
            for reason in reasons:
                if reason not in words:
                    (words[reason],) = explain([reason], self.names, self.categories)
            row, label = int(self.rows[n]), result.grade(n)
            yield EnterpriseResult(
                survey.enterprises[row],
                MappingProxyType({g: decimals[y] for g, y in zip(GRADES, indices, strict=True)}),
                Grade(label) if label else None,
                bool(result.excluded[n]),
                tuple([words[reason] for reason in reasons]),
                survey.strata[row] if survey.strata else "",
                survey.regions[row] if survey.regions else "",
            )
