"""What stands before the draft in the HTML edition: the build's key figures and tables, ready to print."""

from __future__ import annotations

from dataclasses import dataclass

from drafting.findings import Severity


@dataclass(frozen=True, slots=True)
class Fact:
    """A key figure: ``Fact("调研企业", "120 家", "1 家因重大违法不参与评价")``; ``warn`` marks what wants a look."""

    label: str
    value: str
    detail: str = ""
    warn: bool = False


@dataclass(frozen=True, slots=True)
class SummaryTable:
    """A table of finished texts.

    ``align`` has one of l, r, c per column (left beyond it). ``bars`` may hold one share (0–1) or None per row; it is
    drawn as a bar in a last column of its own. An empty first cell continues the group of the row above.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str = ""
    bars: tuple[float | None, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Key figures, tables and notes, in the order of reading."""

    tables: tuple[SummaryTable, ...] = ()
    notes: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    title: str = "结果摘要"


@dataclass(frozen=True, slots=True)
class Remark:
    """Findings of one cause: what is wrong, how to mend it, clause, and where (ranges by sheet, as a text)."""

    severity: Severity
    message: str
    remedy: str
    clause: str = ""
    place: str = ""
