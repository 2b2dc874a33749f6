"""The report's lines: for every cell of the source what was made of it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """How well a cell was understood."""

    READ = "读懂"
    INFERRED = "推定"
    NOT_READ = "未读懂"


class Line(NamedTuple):
    """One cell of the source: where it stands, its words, where they went, and how sure that is."""

    table: str
    row: int
    column: int
    text: str
    went: str
    verdict: Verdict = Verdict.READ
    remark: str = ""
