"""A table of the tree as rows of XML: fixed grid, merged cells, repeated header, remarks inside the frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from lxml import etree

from drafting.document.tree import Cell, Column, Row, Runs, Table
from drafting.render.docx.blueprint import looks
from drafting.render.docx.estimate import stays_whole
from drafting.render.docx.xml import W, element, serial

Paragraphs = Callable[[Runs, str | None, bool], str]
"""Prints the paragraph of a cell from its runs, its alignment and whether it stays with the next row."""


def table_xml(table: Table, width: int, paragraph: Paragraphs, remarks: Sequence[etree._Element]) -> str:
    """Lay out a table, as text: elements of a long table would be made, moved and printed again one by one.

    In one that :func:`~drafting.render.docx.estimate.stays_whole` each row stays with the next.

    ``table``: the table of the tree.
    ``width``: width in twips.
    ``paragraph``: makes a cell's paragraph.
    ``remarks``: paragraphs of notes and footnotes, in that order; they go into a last row across all columns.
    """
    whole = stays_whole(table)
    keeps = [*[whole] * len(table.body[1:]), *[bool(remarks)] * bool(table.body)]
    widths = column_widths(table.columns, width)
    grid = element("tblGrid", *(element("gridCol", w=w) for w in widths))
    parts = [
        f'<w:tbl xmlns:w="{W}">',
        serial(_properties(table, width)),
        serial(grid),
        *_rows(table.head, table.columns, widths, paragraph, [whole] * len(table.head), header=True),
        *_rows(table.body, table.columns, widths, paragraph, keeps, header=False),
        *([serial(_remarks(remarks, widths))] if remarks else []),
        "</w:tbl>",
    ]
    return "".join(parts)


STANDS_FOR = "stands"
"""Attribute of a table without rows that stands for one of the texts until the file is packed."""


def stand_in(number: int) -> etree._Element:
    """Make what stands in the body for the text of a table."""
    return element("tbl", **{STANDS_FOR: number})


def column_widths(columns: Sequence[Column], width: int) -> list[int]:
    """Share out a width in twips over the columns; the sum is exact."""
    total = sum(c.width for c in columns)
    ends = [0.0]
    for column in columns:
        ends.append(ends[-1] + column.width)
    places = [round(end * width / total) for end in ends]
    return [b - a for a, b in pairwise(places)]


def _properties(table: Table, width: int) -> etree._Element:
    thick, thin = looks()["lines"]["thick_eighths"], looks()["lines"]["thin_eighths"]
    borders = element(
        "tblBorders",
        *(_line(side, thick) for side in ("top", "left", "bottom", "right")),
        *(_line(side, thin) for side in ("insideH", "insideV")),
    )
    return element(
        "tblPr",
        element("tblW", w=width, type="dxa"),
        element("jc", val="center"),
        borders,
        element("tblLayout", type="fixed"),
        element("tblCellMar", *(element(side, w=57, type="dxa") for side in ("left", "right"))),
        element("tblLook", val="0020", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=1, noVBand=1),
        element("tblCaption", val=f"{table.label}\u3000{table.caption}"),
    )


def _line(side: str, eighths: int) -> etree._Element:
    return element(side, val="single", sz=eighths, space=0, color="auto")


def _rows(
    rows: Sequence[Row],
    columns: Sequence[Column],
    widths: Sequence[int],
    paragraph: Paragraphs,
    keeps: Sequence[bool],
    *,
    header: bool,
) -> Iterator[str]:
    """Print rows; ``keeps``: which stay with what stands below them."""
    open_cells: dict[int, tuple[int, Cell]] = {}  # column -> rows still to cover, the cell that covers them
    begin = f"<w:tr>{serial(_row_properties(header))}"
    for position, (row, kept) in enumerate(zip(rows, keeps, strict=True)):
        cells = iter(row)
        made: list[str] = []
        last_header = header and position == len(rows) - 1
        column = 0
        while column < len(columns):
            if column in open_cells:
                left, cell = open_cells.pop(column)
                if left > 1:
                    open_cells[column] = (left - 1, cell)
                made.append(_cell(cell, column, widths, last_header, "continue", paragraph((), None, kept)))
            else:
                cell = next(cells)
                if cell.rowspan > 1:
                    open_cells[column] = (cell.rowspan - 1, cell)
                align = cell.align or (None if cell.colspan > 1 else columns[column].align)
                merge = "restart" if cell.rowspan > 1 else ""
                made.append(_cell(cell, column, widths, last_header, merge, paragraph(cell.runs, align, kept)))
            column += cell.colspan
        yield f"{begin}{''.join(made)}</w:tr>"


_TORN = 2_000_000
"""Ids of the marks of words that go on from the page before begin here; whoever reads the table joins them again."""
_ROW_HEIGHT = 300
"""Least height of a row in twips: rows of figures stand as high as rows of words."""


def _row_properties(header: bool) -> etree._Element:
    height = element("trHeight", val=_ROW_HEIGHT, hRule="atLeast")
    return element("trPr", element("cantSplit"), height, element("tblHeader") if header else None)


def _cell(cell: Cell, column: int, widths: Sequence[int], last_header: bool, merge: str, content: str) -> str:
    span = f'<w:gridSpan w:val="{cell.colspan}"/>' if cell.colspan > 1 else ""
    merged = f'<w:vMerge w:val="{merge}"/>' if merge else ""
    line = serial(element("tcBorders", _line("bottom", looks()["lines"]["thick_eighths"]))) if last_header else ""
    width = sum(widths[column : column + cell.colspan])
    if cell.torn:
        place = f'<w:bookmarkStart w:id="{_TORN + cell.torn}" w:name="_Torn{cell.torn}"/>'
        content = content.replace("</w:pPr>", f'</w:pPr>{place}<w:bookmarkEnd w:id="{_TORN + cell.torn}"/>', 1)
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merged}{line}<w:vAlign w:val="center"/></w:tcPr>'
        f"{content}</w:tc>"
    )


def _remarks(remarks: Sequence[etree._Element], widths: Sequence[int]) -> etree._Element:
    properties = element(
        "tcPr",
        element("tcW", w=sum(widths), type="dxa"),
        element("gridSpan", val=len(widths)) if len(widths) > 1 else None,
        element("tcBorders", _line("top", looks()["lines"]["thick_eighths"])),
    )
    return element("tr", element("trPr", element("cantSplit")), element("tc", properties, *remarks))
