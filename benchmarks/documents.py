"""
The Word draft beside a bare python-docx document with the same words: ``python benchmarks/documents.py``.

Both write 25 pages (500 paragraphs, a 60-row table of 9 columns whose rows are written as XML) in one process after a
warm-up; the figure that counts is the ratio (aim: at most 2). Growth is shown for tables of up to 3,000 rows.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from functools import partial

import docx
from docx.oxml import parse_xml

from drafting.document.numbering import resolve
from drafting.document.tree import (
    Cell,
    Clause,
    Column,
    Cover,
    Document,
    Formula,
    Front,
    Paragraph,
    Reference,
    Symbol,
    Table,
    Text,
)
from drafting.render.docx import render_docx

WORDS = "清洁生产水平的评价采用限定性指标评价与指标分级加权评价相结合的方法，按公式计算综合评价指数。" * 2
COLUMNS, ROWS, CLAUSES, PER_CLAUSE, FORMULAS = 9, 60, 100, 5, 20
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def ours(rows: int = ROWS) -> bytes:
    """Our renderer."""
    target = io.BytesIO()
    render_docx(draft(rows), target)
    return target.getvalue()


def draft(rows: int) -> Document:
    """A tree with a table of so many rows."""
    body = tuple(tuple(Cell((Text(f"{r}.{c}"),)) for c in range(COLUMNS)) for r in range(rows))
    table = Table("t", "指标体系", (Column(1),) * COLUMNS, (body[0],), body)
    text = Paragraph((Text(WORDS), Reference("t")))
    clauses = tuple(
        Clause(
            f"指标{c}",
            (
                *((text,) * PER_CLAUSE),
                *(
                    [Formula(r"x = \frac{E}{Q}", f"f{c}", (Symbol("E", (Text("综合能耗。"),)),))]
                    if c < FORMULAS
                    else []
                ),
            ),
        )
        for c in range(CLAUSES)
    )
    cover = Cover("中华人民共和国国家标准", "GB", "GB/T 1—2026", "清洁生产评价指标体系")
    return resolve(Document(cover, (Front("前言", (text,)),), (Clause("范围", (table,)), Clause("指标", clauses))))


def bare(rows: int = ROWS) -> bytes:
    """python-docx alone: the same headings and paragraphs through its own calls, table rows as XML."""
    document = docx.Document()
    table = document.add_table(0, COLUMNS)
    for r in range(rows):
        cells = "".join(f"<w:tc><w:p><w:r><w:t>{r}.{c}</w:t></w:r></w:p></w:tc>" for c in range(COLUMNS))
        table._tbl.append(parse_xml(f"<w:tr {W}>{cells}</w:tr>"))
    for c in range(CLAUSES):
        document.add_paragraph(f"指标{c}", style="Heading 2")
        for _ in range(PER_CLAUSE):
            document.add_paragraph(WORDS).add_run("表1")
        if c < FORMULAS:
            for line in ("x = E/Q", "式中：", "E——综合能耗。"):
                document.add_paragraph(line)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median time of one call."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Print the figures."""
    a, b = seconds(ours), seconds(bare)
    print(f"ours {a:.3f} s, bare python-docx {b:.3f} s, ratio {a / b:.2f} (aim: at most 2)")
    for rows in (300, 1000, 3000):
        a, b = seconds(partial(ours, rows), 3), seconds(partial(bare, rows), 3)
        print(f"{rows:5d} rows: ours {a:.3f} s, bare {b:.3f} s")


if __name__ == "__main__":
    main()
