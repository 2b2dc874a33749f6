"""
The Word draft beside a bare python-docx document with the same words: ``python benchmarks/documents.py``.

Both write 25 pages (500 paragraphs, a 60-row table of 9 columns whose rows are written as XML) in one process after a
warm-up; the figure that counts is the ratio (aim: at most 2). Growth is shown for tables of up to 3,000 rows. The PDF
stands beside the bare compile of its Typst source (aim: at most 1.5) and beside a plain Typst document.
"""

from __future__ import annotations

import io
import itertools
import statistics
import time
from collections.abc import Callable
from functools import partial

import docx
import typst
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
from drafting.render.pdf import render_pdf
from drafting.render.pdf.fonts import find_fonts
from drafting.render.pdf.source import source
from drafting.resources import templates

WORDS = "清洁生产水平的评价采用限定性指标评价与指标分级加权评价相结合的方法，按公式计算综合评价指数。" * 2
COLUMNS, ROWS, CLAUSES, PER_CLAUSE, FORMULAS = 9, 60, 100, 5, 20
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def ours(rows: int = ROWS) -> bytes:
    """Our renderer."""
    target = io.BytesIO()
    render_docx(draft(rows), target)
    return target.getvalue()


def draft(rows: int, mark: str = "") -> Document:
    """A tree with a table of so many rows; the mark stands in every paragraph."""
    body = tuple(tuple(Cell((Text(f"{r}.{c}"),)) for c in range(COLUMNS)) for r in range(rows))
    table = Table("t", "指标体系", (Column(1),) * COLUMNS, (body[0],), body)
    text = Paragraph((Text(WORDS + mark), Reference("t")))
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


def pdf(number: int, rows: int = ROWS) -> bytes:
    """Our PDF; the number makes every call's words new to Typst, which remembers what it has laid out."""
    return render_pdf(draft(rows, str(number)))


def bare_pdf(number: int, rows: int = ROWS) -> bytes:
    """Typst alone: the same contents, headings, paragraphs, formulas and table in plain notation, tagged too."""
    fonts = find_fonts()
    lines = [
        '#set document(title: "x", date: datetime(year: 2026, month: 6, day: 1))',
        f'#set text(font: ("{fonts.song[-1]}",), size: 10.5pt, lang: "zh")',
        "#set par(justify: true)", "#outline()", "= 指标",
        "#table(columns: 9, " + ",".join(f"[{r}.{c}]" for r in range(rows) for c in range(COLUMNS)) + ")",
    ]  # fmt: skip
    for c in range(CLAUSES):
        lines += [f"== 指标{c}", *(f"{WORDS}{number}\n" for _ in range(PER_CLAUSE))]
        if c < FORMULAS:
            lines += ['#math.equation(block: true, alt: "x", $x = E / Q$)', "式中：", "E——综合能耗。"]
    return compiled("\n".join(lines))


def compiled(text: str) -> bytes:
    """What Typst makes of a source."""
    made = typst.Compiler(text.encode(), font_paths=find_fonts().loaded).compile(
        format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=0
    )
    assert isinstance(made, bytes)
    return made


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
    numbers = itertools.count()
    a, b = seconds(lambda: pdf(next(numbers))), seconds(lambda: bare_pdf(next(numbers)))
    print(f"PDF: ours {a:.3f} s, plain Typst document {b:.3f} s, ratio {a / b:.2f}")
    fonts, layout = find_fonts(), (templates() / "pdf" / "draft.typ").read_text("utf-8")
    sources = (source(draft(ROWS, str(next(numbers))), layout, fonts.song, fonts.hei) for _ in itertools.count())
    b = seconds(lambda: compiled(next(sources)))
    print(f"PDF: ours {a:.3f} s, bare compile of its source {b:.3f} s, ratio {a / b:.2f} (aim: at most 1.5)")
    for rows in (300, 1000, 3000):
        a = seconds(partial(lambda rows: pdf(next(numbers), rows), rows), 3)
        print(f"{rows:5d} rows: PDF {a:.3f} s")


if __name__ == "__main__":
    main()
