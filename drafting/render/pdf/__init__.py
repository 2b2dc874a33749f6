"""The draft as PDF/A-2a and PDF/UA-1, compiled by Typst in this process: no other program is needed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import partial
from itertools import pairwise

from drafting.document.tree import Document, Table, blocks
from drafting.fonts import FontError
from drafting.resources import templates

__all__ = ["FontError", "PdfError", "render_pdf"]

_MISSING = '没有安装生成 PDF 所需的 typst，请执行 pip install "cleaner-production-drafting[pdf]" 后重试。'


class PdfError(RuntimeError):
    """A draft that could not be made into a PDF; the message is in Chinese."""


def render_pdf(document: Document, *, report: bool = False) -> bytes:
    """Render a draft as PDF: tagged, archivable, the same bytes for the same tree and fonts.

    Raises FontError if no Chinese font is found; PdfError if the extra ``pdf`` is not installed, or Typst refuses the
    document.

    ``document``: numbered and resolved; its date is the date of the file.
    ``report``: lay it out as a paper (编制说明), not as a standard.
    """
    try:
        import typst
    except ImportError as error:
        raise PdfError(_MISSING) from error
    from drafting.fonts import find_fonts
    from drafting.render.pdf.source import PLACES, merges, source

    fonts = find_fonts()
    functions = (templates() / "pdf" / "draft.typ").read_text("utf-8")
    if report:
        functions += (templates() / "pdf" / "report.typ").read_text("utf-8")
    write = partial(source, document, functions, fonts.song, fonts.hei, report=report)
    day = document.date or date(2000, 1, 1)
    stamp = datetime(day.year, day.month, day.day, tzinfo=UTC)
    try:
        breaks: dict[int, tuple[int, ...]] = {}
        if any(merges(b) for b in blocks(document) if isinstance(b, Table)):
            measured = typst.Compiler(write(breaks=None).encode("utf-8"), font_paths=fonts.loaded)
            breaks = _breaks(json.loads(measured.query(PLACES, field="value")))
        made = typst.Compiler(write(breaks=breaks).encode("utf-8"), font_paths=fonts.loaded).compile(
            format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=stamp
        )
    except typst.TypstError as error:
        raise PdfError(f"无法生成 PDF：{error}") from error
    if not isinstance(made, bytes):
        raise PdfError("无法生成 PDF：没有得到文件。")
    return made


def _breaks(places: Iterable[tuple[int, int, int]]) -> dict[int, tuple[int, ...]]:
    """Rows that stand on another page than the row before, by table."""
    found: dict[int, tuple[int, ...]] = {}
    for (table, _, page), (same, row, next_page) in pairwise(sorted(map(tuple, places))):
        if table == same and page != next_page:
            found[table] = (*found.get(table, ()), row)
    return found
