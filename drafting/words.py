"""Words and figures that screens, summaries and papers share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drafting.model.terms import Grade

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {"I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级", "none": "未达Ⅲ级", "excluded": "不参与评价"}
)
"""Key of a distribution of grades -> what readers see."""


def grade_word(grade: Grade | None) -> str:
    """A grade as readers see it."""
    return OUTCOMES["none" if grade is None else grade.value]


EVALUATED = "占参评企业"
"""Heading of the shares of :func:`outcomes`."""


def outcomes(distribution: Mapping[str, int]) -> tuple[tuple[str, int, float | None], ...]:
    """Outcome in words, number of enterprises and share of those evaluated; who is not evaluated has no share."""
    evaluated = sum(n for key, n in distribution.items() if key != "excluded")
    return tuple(
        (OUTCOMES[key], n, n / evaluated if evaluated and key != "excluded" else None)
        for key, n in distribution.items()
    )


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal, — if there is none."""
    return "—" if share is None else f"{100 * share:.1f}%"


def interval(low: float | None, high: float | None) -> str:
    """An interval with six significant digits, — for an end it does not have, or for having none."""
    if low is None and high is None:
        return "—"
    return "～".join("—" if end is None else f"{end:.6g}" for end in (low, high))
