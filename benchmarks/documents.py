"""
The Word draft beside a bare python-docx document with the same words: ``python benchmarks/documents.py``.

Both write 25 pages (500 paragraphs, a 60-row table of 9 columns whose rows are written as XML) in one process after a
warm-up; the figure that counts is the ratio (aim: at most 2). docxtpl and pandoc write the same content beside it
(extra ``bench``; left out with a word where they are missing): neither makes contents, numbering, formulas or frames.
Growth is shown for tables of up to 3,000 rows: time per row must not rise. The PDF stands beside a plain Typst document
of the same words (aim: at most 1.3).

    python benchmarks/documents.py [REPEATS]
"""

from __future__ import annotations

import io
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

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
from drafting.fonts import find_fonts
from drafting.render.docx import render_docx
from drafting.render.pdf import render_pdf

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


def template() -> bytes:
    """A docxtpl template for the same content: python-docx writes it, Jinja fills it."""
    document = docx.Document()
    table = document.add_table(3, COLUMNS)
    table.rows[0].cells[0].text = "{%tr for row in rows %}"
    for c in range(COLUMNS):
        table.rows[1].cells[c].text = f"{{{{ row[{c}] }}}}"
    table.rows[2].cells[0].text = "{%tr endfor %}"
    document.add_paragraph("{%p for clause in clauses %}")
    document.add_paragraph("{{ clause.title }}", style="Heading 2")
    document.add_paragraph("{%p for text in clause.texts %}")
    document.add_paragraph("{{ text }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph("{%p endfor %}")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def content(rows: int) -> dict[str, object]:
    """The same words as plain values."""
    lines = ["x = E/Q", "式中：", "E——综合能耗。"]
    return {
        "rows": [[f"{r}.{c}" for c in range(COLUMNS)] for r in range(rows)],
        "clauses": [
            {"title": f"指标{c}", "texts": [WORDS + "表1"] * PER_CLAUSE + (lines if c < FORMULAS else [])}
            for c in range(CLAUSES)
        ],
    }


def by_docxtpl(prepared: bytes, rows: int = ROWS) -> bytes:
    """docxtpl on the same content."""
    from docxtpl import DocxTemplate

    document = DocxTemplate(io.BytesIO(prepared))
    document.render(content(rows))
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def html(rows: int = ROWS) -> str:
    """The same content as plain HTML, what pandoc reads."""
    cells = "".join("<tr>" + "".join(f"<td>{r}.{c}</td>" for c in range(COLUMNS)) + "</tr>" for r in range(rows))
    parts = [f"<table>{cells}</table>"]
    for c in range(CLAUSES):
        parts += [f"<h2>指标{c}</h2>", *([f"<p>{WORDS}表1</p>"] * PER_CLAUSE)]
        if c < FORMULAS:
            parts += ["<p>x = E/Q</p>", "<p>式中：</p>", "<p>E——综合能耗。</p>"]
    return "".join(parts)


def by_pandoc(target: Path, rows: int = ROWS) -> None:
    """pandoc on the same content, in a process of its own as it comes."""
    import pypandoc

    pypandoc.convert_text(html(rows), "docx", format="html", outputfile=str(target))


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


def once(work: Callable[[], object]) -> float:
    """Time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def seconds(work: Callable[[], object], repeats: int = 5) -> float:
    """Median time of one call."""
    work()
    return statistics.median(once(work) for _ in range(repeats))


def paired(first: Callable[[], object], second: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Medians of two, turn by turn: what else the machine does meets both."""
    first(), second()
    pairs = [(once(first), once(second)) for _ in range(repeats)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def beside(ours_took: float, repeats: int) -> None:
    """docxtpl and pandoc, where they are installed."""
    if find_spec("docxtpl"):
        prepared = template()
        took = seconds(lambda: by_docxtpl(prepared), repeats)
        print(f"docxtpl {took:.3f} s, ours / docxtpl {ours_took / took:.2f}")
    else:
        print("docxtpl is not installed")
    if find_spec("pypandoc"):
        with tempfile.TemporaryDirectory() as folder:
            took = seconds(lambda: by_pandoc(Path(folder) / "draft.docx"), repeats)
        print(f"pandoc (HTML → docx) {took:.3f} s, ours / pandoc {ours_took / took:.2f}")
    else:
        print("pandoc is not installed")


def growth(name: str, work: Callable[[int], object], repeats: int) -> None:
    """Time per further row between 300, 1,000 and 3,000 rows; linear if it stays."""
    sizes = (300, 1000, 3000)
    took = [seconds(partial(work, rows), repeats) for rows in sizes]
    steps = [(b - a) / (n - m) for (a, b), (m, n) in zip(pairwise(took), pairwise(sizes), strict=True)]
    shown = ", ".join(f"{rows} rows {t:.3f} s" for rows, t in zip(sizes, took, strict=True))
    print(f"{name}: {shown}; ms per further row {1000 * steps[0]:.3f}, {1000 * steps[1]:.3f}")


def main() -> None:
    """Print the figures."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    a, b = paired(ours, bare, repeats)
    print(f"ours {a:.3f} s, bare python-docx {b:.3f} s, ratio {a / b:.2f} (aim: at most 2)")
    beside(a, repeats)
    growth("docx, ours", ours, min(repeats, 3))
    growth("docx, bare", bare, min(repeats, 3))
    numbers = itertools.count()
    a, b = paired(lambda: pdf(next(numbers)), lambda: bare_pdf(next(numbers)), repeats)
    print(
        f"PDF: ours {a:.3f} s, plain Typst document of the same words {b:.3f} s, ratio {a / b:.2f} (aim: at most 1.3)"
    )
    growth("PDF, ours", lambda rows: pdf(next(numbers), rows), min(repeats, 3))


if __name__ == "__main__":
    main()
