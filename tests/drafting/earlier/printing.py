"""What a draft prints of its indicator tables, and Word files of such tables: for import(render(project)) = project."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from drafting.document.facts import Facts
from drafting.document.indicator_tables import indicator_table
from drafting.document.numbering import resolve
from drafting.document.tree import Cell, Clause, Row, Superscript, Table, plain
from drafting.earlier.placing import write_edition
from drafting.earlier.reading import read_edition
from drafting.pipeline.running import run_project
from drafting.render.breaks import NO_BREAKS, Breaks
from drafting.render.docx.writer import word_bytes
from drafting.run import Run

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def tables_of(run: Run) -> tuple[Table, ...]:
    """The indicator tables as a draft prints them."""
    assert run.project.inputs is not None
    return tuple(indicator_table(part) for part in Facts(run.project.inputs, run.results).parts)


def printed(table: Table) -> dict[str, object]:
    """All that can be seen of a table: words, marks and merged cells by row, notes, footnotes."""
    return {
        "rows": [[_cell(c) for c in row] for row in (*table.head, *table.body)],
        "notes": [plain(n.runs) for n in table.notes],
        "footnotes": [(f.mark, plain(f.runs)) for f in table.footnotes],
    }


def _cell(cell: Cell) -> tuple[str, str, int, int]:
    raised = "".join(r.text for r in cell.runs if isinstance(r, Superscript))
    words = "".join(plain((r,)) for r in cell.runs if not isinstance(r, Superscript))
    return words, raised, cell.rowspan, cell.colspan


def word_file(*tables: Table, breaks: Breaks = NO_BREAKS) -> bytes:
    """A Word file with these tables, laid out as in a draft and broken where ``breaks`` says."""
    from tests.drafting.render.small_draft import small_draft

    draft = small_draft()
    clauses = tuple(Clause(f"第{n}部分", (replace(table, anchor=f"table:{n}"),)) for n, table in enumerate(tables, 1))
    document = resolve(replace(draft, front=(), chapters=clauses, annexes=(), bibliography=None))
    return word_bytes(document, None, None, breaks)[0]


def imported(content: bytes, folder: Path, suffix: str = ".docx") -> Run:
    """The run of the project that a file becomes."""
    source = folder / f"旧标准{suffix}"
    source.write_bytes(content)
    edition = read_edition(source)
    write_edition(edition, source, folder / "新项目")
    return run_project(folder / "新项目", until="trial")


# --- by hand ------------------------------------------------------------------------------------------------------
Given = str | tuple[str, ...]
"""A cell of a table by hand: words; or words and properties such as ``span=3``, ``down``, ``cont``, ``^a`` (raised)."""


def docx(*blocks: str) -> bytes:
    """A .docx of paragraphs and tables given as XML."""
    body = "".join(blocks)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}<w:p/></w:body></w:document>')
    return target.getvalue()


def p(text: str = "", raised: str = "") -> str:
    """A paragraph, with a raised mark before its words."""
    mark = f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{raised}</w:t></w:r>' if raised else ""
    return f'<w:p>{mark}<w:r><w:t xml:space="preserve">{_safe(text)}</w:t></w:r></w:p>' if text or raised else "<w:p/>"


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def tc(text: Given = "", *, inside: str = "") -> str:
    """A cell; lines become paragraphs."""
    words, *more = (text,) if isinstance(text, str) else text
    properties, marks = "", ""
    for one in more:
        if one.startswith("span="):
            properties += f'<w:gridSpan w:val="{one[5:]}"/>'
        elif one in ("down", "cont"):
            properties += '<w:vMerge w:val="restart"/>' if one == "down" else "<w:vMerge/>"
        elif one == "vertical":
            properties += '<w:textDirection w:val="tbRlV"/>'
        elif one.startswith("^"):
            marks = f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>{one[1:]}</w:t></w:r>'
    lines = words.split("\n")
    paragraphs = [f'<w:p><w:r><w:t xml:space="preserve">{_safe(x)}</w:t></w:r></w:p>' for x in lines]
    paragraphs[-1] = paragraphs[-1].replace("</w:p>", f"{marks}</w:p>")
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{''.join(paragraphs)}{inside}{'<w:p/>' if inside else ''}</w:tc>"


def tbl(*rows: Sequence[Given]) -> str:
    """A table of rows of cells."""
    made = ["".join(map(tc, row)) for row in rows]
    return f"<w:tbl><w:tblPr/>{''.join(f'<w:tr>{cells}</w:tr>' for cells in made)}</w:tbl>"


def row_texts(rows: Sequence[Row]) -> list[list[str]]:
    """Words of rows of the tree."""
    return [[plain(c.runs) for c in row] for row in rows]
