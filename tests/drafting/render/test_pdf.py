"""The PDF: archivable and accessible, the same bytes every time, page labels, （续） captions, fonts, formulas."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pytest

typst = pytest.importorskip("typst")
pypdf = pytest.importorskip("pypdf")

from drafting import fonts  # noqa: E402
from drafting.charts import raster  # noqa: E402
from drafting.document.compose import compose  # noqa: E402 -- after the skips
from drafting.document.tree import Clause, Document, Note, Table, Text, blocks  # noqa: E402
from drafting.render.pdf import render_pdf  # noqa: E402
from drafting.render.pdf.formulas import typst_math  # noqa: E402
from drafting.render.pdf.source import source  # noqa: E402
from tests.drafting.document import factory  # noqa: E402
from tests.drafting.render.long_draft import long_draft  # noqa: E402
from tests.drafting.render.small_draft import small_draft  # noqa: E402


@pytest.fixture(scope="module")
def draft() -> Document:
    return compose(factory.inputs(), factory.results(), date=date(2026, 6, 1))


@pytest.fixture(scope="module")
def pdf(draft: Document) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(render_pdf(draft)))


@pytest.fixture(scope="module")
def texts(pdf: pypdf.PdfReader) -> list[str]:
    """Text of every page, read once: it takes a second or two."""
    return [page.extract_text() for page in pdf.pages]


def words(reader: pypdf.PdfReader, page: int) -> str:
    return "".join(reader.pages[page].extract_text().split())


def test_it_says_that_it_is_archivable_and_accessible(pdf: pypdf.PdfReader) -> None:
    xmp = pdf.xmp_metadata.stream.get_data().decode("utf-8")
    assert re.search(r"<pdfaid:part>2</pdfaid:part>", xmp)
    assert re.search(r"<pdfaid:conformance>A</pdfaid:conformance>", xmp)
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>", xmp)
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].lower() == "zh-cn"
    assert pdf.metadata.title == "水泥行业清洁生产评价指标体系"
    assert pdf.metadata.creation_date is not None
    assert pdf.metadata.creation_date.date() == date(2026, 6, 1)


def test_same_tree_same_bytes(draft: Document) -> None:
    assert render_pdf(draft) == render_pdf(draft)


def test_the_body_starts_at_page_one_on_an_odd_sheet(pdf: pypdf.PdfReader) -> None:
    labels = pdf.page_labels
    first = labels.index("1")
    assert first % 2 == 0  # the 1st, 3rd, … sheet
    assert "1范围" in words(pdf, first)
    assert "I" in labels[:first]


def test_contents_lead_to_the_pages_that_they_name(pdf: pypdf.PdfReader, texts: list[str]) -> None:
    contents = texts[pdf.page_labels.index("I")]
    named = dict(re.findall(r"^(\d(?:\.\d+)?)\s*\S+?[. ]{4,}\s*(\d+)\s*$", contents, re.MULTILINE))
    assert len(named) > 10
    for number, label in named.items():
        assert number in texts[pdf.page_labels.index(label)], (number, label)


def test_tables_are_continued_exactly_where_a_page_begins(draft: Document, texts: list[str]) -> None:
    system = next(b for b in blocks(draft) if isinstance(b, Table) and b.anchor == "table:system")
    title = f"{system.label}{system.caption}"
    pages = ["".join(text.split()) for text in texts]
    with_title = [n for n, text in enumerate(pages) if title in text.replace("\u3000", "")]
    body = [n for n in with_title if "目次" not in pages[n][:40]]
    continued = [n for n in body if f"{title}（续）" in pages[n].replace("\u3000", "")]
    assert continued == body[1:]
    assert continued, "the table of the example is longer than a page"


def test_merged_cells_begin_again_on_each_page() -> None:
    """A category over two pages stood on the first only; the second showed figures of nobody knew what."""
    draft = long_draft(64)
    table = next(b for b in blocks(draft) if isinstance(b, Table))
    first: list[str] = []
    for row in table.body:
        first.append(row[0].text if len(row) == len(table.columns) else first[-1])
    names = [f"{row[-6].text}kg/t" for row in table.body]
    pages = ["".join(p.extract_text().split()) for p in pypdf.PdfReader(io.BytesIO(render_pdf(draft))).pages]
    continued = [page for page in pages if f"{table.label}{table.caption}（续）" in page]
    assert continued
    for page in continued:
        begin = min((n for n, name in enumerate(names) if name in page), key=lambda n: page.index(names[n]))
        assert first[begin] in page


def test_every_kind_of_node_and_hostile_words_are_set() -> None:
    hostile = '#panic("x") $a$ *b* _c_ `d` \\e "f" // g /* h */ <i> @j [k] {l} = m'
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(small_draft(hostile))))
    text = "".join("".join(p.extract_text().split()) for p in reader.pages)
    assert "".join(hostile.split()) in text


def _with_two_notes(part: Clause) -> Clause:
    two = (Note((Text("第一"),), "注1："), Note((Text("第二"),), "注2："))
    children = (
        _with_two_notes(c) if isinstance(c, Clause) else replace(c, notes=two) if isinstance(c, Table) else c
        for c in part.children
    )
    return replace(part, children=tuple(children))


def test_line_breaks_of_cells_and_the_numbers_of_notes_keep_their_lines() -> None:
    """A break was a blank, and the digit of 注1 stood on a line of its own."""
    small = small_draft("上一行\n下一行")
    small = replace(small, chapters=tuple(map(_with_two_notes, small.chapters)))
    assert '#"上一行";#linebreak();#"下一行";' in source(small, "", (), ())
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(small))).pages
    shown = ["".join(line.split()) for page in pages for line in page.extract_text().splitlines()]
    assert any("注1：第一" in line for line in shown)


@pytest.mark.parametrize(
    "latex",
    [
        r"Y_{g_k}(x_{ij}) = \begin{cases} 100, & x_{ij} \text{ 属于 } g_k \\ 0, & \text{否则} \end{cases}",
        r"\omega'_{ij} = \omega_{ij} \times \left( 1 / \sum_{j=1}^{n_i} \omega''_{ij} \right)",
        r"\sqrt[3]{(a-b)^2} + \bar{x} - \hat{y} \cdot \binom{n}{k} \leq \max_{i} x_i\%",
        r"\begin{pmatrix} 1 & a_{12} \\ 1/a_{12} & 1 \end{pmatrix} \# \{x\} |y| \left\lfloor z \right\rfloor",
        r"E = \frac{综合能耗}{合格产品产量} \quad \mathrm{CI} \mathbf{W} x''",
    ],
)
def test_formulas_compile(latex: str) -> None:
    for block in (True, False):
        source = f"#set page(width: auto, height: auto)\n${typst_math(latex, block=block)}$"
        assert typst.compile(source.encode("utf-8"), format="svg")


def test_without_chinese_fonts_there_is_an_error_in_words() -> None:
    with pytest.raises(fonts.FontError, match="找不到中文字体"):
        fonts.find_fonts(system=False, packaged=False)


def test_the_packaged_fonts_stand_in_where_the_system_has_none() -> None:
    pytest.importorskip("pylopdf_fonts_zh_cn")
    found = fonts.find_fonts(system=False)
    assert found.song[-1] == "Noto Serif SC"
    assert found.hei == ("Noto Sans SC",)
    assert not raster.missing("清洁生产评价指标体系权重轮次Ⅰ≥·（）①〔〕—～μ²₂", found.hei)


def test_a_paper_has_a_title_page_and_chinese_chapters() -> None:
    from drafting.document.statement.composing import compose_statement

    inputs = factory.inputs()
    made = replace(compose_statement(inputs, factory.results(inputs), edition="internal"), date=date(2026, 6, 1))
    content = render_pdf(made, report=True)
    assert render_pdf(made, report=True) == content
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert "编制说明" in words(reader, 0)
    assert "一、工作简况" in words(reader, 1)
