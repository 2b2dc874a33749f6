"""Words and figures that screens, summaries and papers share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

OUTCOMES: Mapping[str, str] = MappingProxyType(
    {"I": "Ⅰ级", "II": "Ⅱ级", "III": "Ⅲ级", "none": "未达Ⅲ级", "excluded": "不参与评价"}
)
"""Key of a distribution of grades -> what readers see."""


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal, — if there is none."""
    return "—" if share is None else f"{100 * share:.1f}%"
