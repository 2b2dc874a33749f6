"""Comments received on a draft (意见) and how the committee handles them (意见汇总处理表)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from enum import StrEnum

from drafting.findings.place import Cell
from drafting.workbook.headings import key

ROW_MARK = "_Opinion_"
"""Begins the name of the mark of a row in a Word table of comments: a bookmark that Word keeps but does not show."""
_NOISE = re.compile(r"[\s\u3000（）()第章条节款]|的规定")


def clause_key(clause: str) -> str:
    """Reduce 第 4.1 条, 4.1 节, 表 1, 公式（3） to what counts."""
    return _NOISE.sub("", key(clause)).rstrip("。.、").upper()


class Handling(StrEnum):
    """What becomes of a comment (处理)."""

    ACCEPTED = "采纳"
    PARTLY = "部分采纳"
    REJECTED = "不采纳"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One comment of one body, with the cell that it came from."""

    body: str
    clause: str
    text: str
    proposal: str = ""
    place: Cell = field(default_factory=Cell)

    @property
    def identity(self) -> str:
        """The same comment in every run and of every body: clause, text and proposal without white space."""
        parts = (clause_key(self.clause), self.text.rstrip("。"), self.proposal.rstrip("。"))
        words = "\0".join("".join(part.split()) for part in parts)
        return hashlib.sha256(words.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Handled:
    """A row of 意见处理.xlsx: one comment of one or several bodies, with the committee's decision so far."""

    opinion: Opinion
    bodies: tuple[str, ...]
    handling: Handling | None = None
    reason: str = ""
    known: bool = True
    """Whether the clause exists in the draft."""
    number: int = 0
    """Position in the table, by clause."""
    reason_place: Cell = field(default_factory=Cell)
    """Where the reason stands in 意见处理.xlsx; ``opinion.place`` is the cell of the decision there."""
