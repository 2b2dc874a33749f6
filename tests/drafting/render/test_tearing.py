"""Rows of many lines go on below a （续） caption: nothing is lost, short cells stand in both, readers join them."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from drafting.document.tree import Cell, Clause, Table, Text, blocks
from drafting.render.breaks import Breaks, Tear, parts
from drafting.render.docx.breaking import Measured, plan
from drafting.render.docx.estimate import row_heights, type_area
from drafting.render.docx.office import find_office
from drafting.render.docx.pages import Wanted, lay_out
from drafting.render.docx.tearing import lines_in, torn
from drafting.render.docx.writer import word_bytes
from drafting.verification.tables_in_files import Grid, read_document
from tests.drafting.render.long_draft import long_draft, system_table

GRADE = "主要生产设备的能效达到一级水平，配置全流程的集中控制和能源管理系统，并按年度分析运行数据；" * 4 + "逐年改进。"
"""About two hundred characters."""


def _texts(table: Table) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row) for row in table.body]


@pytest.mark.parametrize("lines", [3, 7, 12, 17])
def test_no_word_is_lost_and_each_long_cell_goes_on(lines: int) -> None:
    table = system_table(21, GRADE)
    made = torn(table, (Tear(7, lines),))
    assert _texts(made)[:7] == _texts(table)[:7]
    assert _texts(made)[9:] == _texts(table)[8:]
    whole, upper, lower = table.body[7], made.body[7], made.body[8]
    assert len(lower) == 3  # the grades; number, name, unit and weight reach over both
    assert [a.text + b.text for a, b in zip(upper[-3:], lower, strict=True)] == [c.text for c in whole[-3:]]
    assert all(a.text and b.text and b.text[0] not in "，；。）" for a, b in zip(upper[-3:], lower, strict=True))
    assert [c.rowspan for c in upper[-7:-3]] == [2] * 4
    # Where the page ends between them, the short cells begin again with their words, the category with it.
    first, second = parts(made, (8,))
    assert [c.text for c in second.body[0]][-7:-3] == [c.text for c in whole][-7:-3]
    assert second.body[0][0].text == first.body[-1][0].text or len(first.body[-1]) < len(second.body[0])
    assert sum(len(p.body) for p in (first, second)) == len(table.body) + 1


def test_a_row_may_be_torn_twice() -> None:
    table = system_table(21, GRADE)
    made = torn(table, (Tear(7, 5), Tear(8, 5)))
    joined = ["".join(part) for part in zip(*(_texts(made)[n][-3:] for n in (7, 8, 9)), strict=True)]
    assert joined == [c.text for c in table.body[7][-3:]]
    assert len({c.torn for row in made.body for c in row if c.torn}) == 6


def test_rows_of_two_hundred_characters_leave_no_page_half_empty() -> None:
    """Up to 45 % of a page stayed empty, because a row of a third of a page was never torn."""
    table = system_table(64, GRADE)
    height = type_area()[1]
    natural = [*row_heights(table, table.body), 40.0]
    assert max(natural) > height / 3
    tears = 0
    for begin in range(100, 731, 45):
        places: list[tuple[int, float] | None] = [(4, float(begin))]
        page, top = 4, begin - 27.0
        for one in natural:
            if top - one < 56.7:
                page, top = page + 1, 745.5 - 27.0
            places.append((page, top))
            top -= one
        places.append((page, top) if top > 90 else (page + 1, 745.5))
        breaks = plan([Measured(0, table, 1, tuple(places))])
        made = torn(table, breaks.tears.get(0, ()))
        tears += len(breaks.tears.get(0, ()))
        rows = row_heights(made, made.body)
        for number, (a, b) in enumerate(pairwise((0, *breaks.cuts[0]))):
            room = height - 62.0 if number or 0 in breaks.moved else begin - 56.7 - 27.0
            used = sum(rows[a:b])
            assert used <= room, (begin, a, b)
            assert room - used < height / 3, (begin, a, b)
    assert tears


def test_readers_of_the_file_find_whole_rows(tmp_path: Path) -> None:
    draft = long_draft(21, grade=GRADE)
    table = next(b for b in blocks(draft) if isinstance(b, Table))
    assert max(lines_in(table, 7)) > 12
    found: list[list[tuple[str, ...]]] = []
    twice = Breaks({0: (8, 9, 17)}, tears={0: (Tear(7, 5), Tear(8, 5), Tear(16, 6))})
    for breaks in (Breaks(), Breaks({0: (8, 16)}, tears={0: (Tear(7, 9), Tear(15, 6))}), twice):
        path = tmp_path / f"{len(found)}.docx"
        path.write_bytes(word_bytes(draft, None, None, breaks)[0])
        assert not list(pytest.importorskip("openxml_audit").OpenXmlValidator().validate(path).errors)
        grids = read_document(path)
        assert isinstance(grids, tuple)
        found.append([row.cells for grid in grids for row in _body(grid) if "某行业" in grid.title])
    assert len(found[0]) > 21
    for torn_rows in found[1:]:
        assert [row for row in torn_rows if row in found[0]] == torn_rows
        assert set(found[0]) == set(torn_rows)


@pytest.mark.slow
@pytest.mark.skipif(find_office() is None, reason="LibreOffice is not installed")
def test_laid_out_pages_hold_what_was_torn() -> None:
    pypdf = pytest.importorskip("pypdf")
    body = system_table(24, GRADE).body
    long = ["".join(f"第{n}项第{k}句须达到要求，" for k in range(16)) for n in range(24)]
    rows = [(*row[:-3], *(Cell((Text(long[n]),)),) * 3) if n % 3 == 2 else row for n, row in enumerate(body)]
    plain = long_draft(24, grade=GRADE)
    chapters = [*plain.chapters]
    assert isinstance(chapters[1], Clause)
    inner = chapters[1].children[0]
    assert isinstance(inner, Clause)
    system = inner.children[1]
    assert isinstance(system, Table)
    kept = (inner.children[0], replace(system, body=tuple(rows)), *inner.children[2:])
    chapters[1] = replace(chapters[1], children=(replace(inner, children=kept),))
    draft = replace(plain, chapters=tuple(chapters))

    def render(wanted: Wanted) -> tuple[bytes, tuple[str, ...]]:
        return word_bytes(draft, None, wanted.labels, wanted.breaks, final=wanted.final)

    office = find_office()
    assert office is not None
    laid = lay_out(draft, render, office)
    assert laid.outcome == "measured"
    tears = laid.breaks.tears[0]
    made = torn(replace(system, body=tuple(rows)), tears)
    pages = ["".join(p.extract_text().split()) for p in pypdf.PdfReader(io.BytesIO(office.to_pdf(laid.content))).pages]
    for tear in tears:
        assert tear.row + 1 in laid.breaks.cuts[0]
        goes_on = made.body[tear.row + 1][0].text[:10]
        (page,) = [n for n, words in enumerate(pages) if goes_on in words]
        assert -1 < pages[page].find("（续）") < 40
        assert made.body[tear.row][-3].text[:10] in pages[page - 1]


def _body(grid: Grid) -> list:  # type: ignore[type-arg]  # rows of the file
    return [row for row in grid.rows if "一级指标权重" not in row.cells]
