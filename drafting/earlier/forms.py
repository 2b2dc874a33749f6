"""Comments that come as a Word form: its table as a worksheet, read like a workbook with the same headings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from drafting.earlier.message import SourceTable
from drafting.earlier.opening import read_tables
from drafting.findings import Cell
from drafting.model.identity import label_key
from drafting.workbook.headings import COMMENTS, key
from drafting.workbook.opinions.typed import MARK
from drafting.workbook.sheets import Sheet, Workbook
from drafting.workbook.vocabulary import spellings

_BODIES = frozenset({"单位名称", "填表单位", "提出单位", "反馈单位", "填报单位", "单位", "提意见单位"})
_STAMP = re.compile(r"[（(](?:盖章|公章|签章)[）)]")
_SAID = re.compile(rf"(?:{'|'.join(sorted(_BODIES, key=len, reverse=True))})\s*[:：]\s*(?P<body>[^\s:：]{{2,40}})")
_BODY, _TEXTS = "单位", ("意见内容", "修改建议")
_FIRST_ROWS = 15


def read_form(data: bytes, file: str) -> Workbook:
    """Read the tables of a .docx that have the headings of comments; none where there is no such table.

    A form that names the body above its table (单位名称：…) instead of in a column gives it to every row.

    Raises OpeningError if the file cannot be read safely.
    """
    source = read_tables(data)
    said = " ".join(f"{t.title}\n" for t in source.tables)
    sheets = []
    for table in source.tables:
        grid = _grid(table)
        head = _heading_row(grid)
        if head is not None:
            body = _body_above(grid[: head - 1]) or _told(said)
            sheets.append(_sheet(Cell(file, table.place), table, grid, head, body))
    return Workbook(Cell(file), tuple(sheets), {key(s.title): s for s in reversed(sheets)})


def _grid(table: SourceTable) -> list[list[str | None]]:
    rows: list[list[str | None]] = [[None] * table.width for _ in range(table.height)]
    for cell in table.cells:
        rows[cell.row - 1][cell.column - 1] = cell.text.strip() or None
    return rows


def _known(row: Sequence[str | None]) -> Mapping[int, str]:
    words = spellings(COMMENTS.title, COMMENTS.texts)
    return {n: words[label_key(cell)] for n, cell in enumerate(row) if cell and label_key(cell) in words}


def _heading_row(grid: Sequence[Sequence[str | None]]) -> int | None:
    """The first row that heads a column of comments and another one, counted from 1."""
    for number, row in enumerate(grid[:_FIRST_ROWS], 1):
        found = set(_known(row).values())
        if len(found) > 1 and found & {*_TEXTS}:
            return number
    return None


def _body_above(rows: Sequence[Sequence[str | None]]) -> str:
    """The body named in a block above the headings: 单位名称 | 甲研究院, or 单位名称：甲研究院（盖章）."""
    for row in rows:
        cells = [c for c in row if c]
        for at, cell in enumerate(cells):
            bare = _STAMP.sub("", cell)
            if label_key(bare.rstrip(":：")) in _BODIES and at + 1 < len(cells):
                return _STAMP.sub("", cells[at + 1]).strip()
            if body := _told(bare):
                return body
    return ""


def _told(text: str) -> str:
    found = _SAID.search(_STAMP.sub(" ", text))
    return found["body"] if found else ""


def _sheet(place: Cell, table: SourceTable, grid: list[list[str | None]], head: int, body: str) -> Sheet:
    """The table from its headings on; what stands above is left out, the rows keep their numbers.

    Marks of the program in rows, and a body that is named above, are further columns.
    """
    merges = tuple(
        (c.row, c.column, c.row + c.rows - 1, c.column + c.columns - 1)
        for c in table.cells
        if c.rows * c.columns > 1 and c.row >= head
    )
    known = _known(grid[head - 1])
    lacking = body and _BODY not in known.values()
    marks = dict(table.marks)
    rows: list[tuple[object, ...]] = [() for _ in grid[: head - 1]]
    for number, row in enumerate(grid[head - 1 :], head):
        more: tuple[object, ...] = (
            () if not lacking else (_BODY,) if number == head else (body if any(row[n] for n in known) else None,)
        )
        if marks:
            more = (*more, MARK if number == head else marks.get(number))
        rows.append((*row, *more))
    return Sheet(place, tuple(rows), merges=merges)
