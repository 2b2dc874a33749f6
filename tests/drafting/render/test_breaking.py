"""Where long tables break: the quality rule from measured heights, then on pages that LibreOffice has laid out."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from drafting.document.numbering import resolve
from drafting.document.tree import Clause, Cover, Document, Front, Paragraph, Table, Text, blocks
from drafting.render.breaks import NO_BREAKS
from drafting.render.docx.breaking import Measured, plan
from drafting.render.docx.estimate import type_area
from drafting.render.docx.office import find_office
from drafting.render.docx.pages import Laid, Wanted, lay_out
from drafting.render.docx.tearing import torn
from drafting.render.docx.writer import word_bytes
from tests.drafting.render.long_draft import long_draft, system_table

needs_office = pytest.mark.skipif(find_office() is None, reason="LibreOffice is not installed")
_TOP, _BOTTOM = 745.5, 56.7
"""Upper and lower edge of the type area in points: 297 − 34 mm and 20 mm."""
_RESERVE = 16.0
"""Points that are left free at the foot of a page."""
_CAPTION = 35.0
"""Points that a （续） caption takes at most: two lines of the grid and a little."""


def _natural(table: Table, begin: float, heights: list[float]) -> Measured:
    """A layout without （续）: the header, then rows down the pages, the header again on each."""
    places: list[tuple[int, float] | None] = [(4, begin)]
    page, top = 4, begin - 27.0
    for height in heights:
        if top - height < _BOTTOM:
            page, top = page + 1, _TOP - 27.0
        places.append((page, top))
        top -= height
    places.append((page, top) if top > 90 else (page + 1, _TOP))
    return Measured(0, table, 1, tuple(places))


@pytest.mark.parametrize("rows", [3, 12, 35, 64, 300, 1000])
@pytest.mark.parametrize("kind", ["even", "mixed", "tall"])
def test_no_part_is_short_and_no_page_half_empty(rows: int, kind: str) -> None:
    table = system_table(rows)
    pattern = {"even": [15.0], "mixed": [15.0, 27.0, 27.0, 40.0], "tall": [15.0, 240.0, 27.0]}[kind]
    body = [pattern[n % len(pattern)] for n in range(rows)]
    room = type_area()[1] - _CAPTION - 27.0
    for begin in range(100, 731, 90):
        measured = _natural(table, float(begin), [*body, 40.0])
        breaks = plan([measured])
        if rows == 3:  # stays together by itself
            assert breaks == NO_BREAKS
            continue
        cuts, moved = breaks.cuts.get(0, ()), 0 in breaks.moved
        assert list(cuts) == sorted(set(cuts))
        parts = [body[a:b] for a, b in pairwise((0, *cuts, rows))]
        first = type_area()[1] - _CAPTION if moved else begin - _BOTTOM
        for number, part in enumerate(parts):
            room_here = first - 27.0 if number == 0 else room
            assert sum(part) <= room_here or len(part) == 1
            if number == len(parts) - 1:
                continue
            start = sum(map(len, parts[:number]))
            fit, used = 0, 0.0
            while start + fit < rows and used + body[start + fit] <= room - _RESERVE:
                used += body[start + fit]
                fit += 1
            assert 3 * len(part) >= fit, (begin, number)
            if number or moved:
                assert sum(part) > room / 2 - 45  # a page that is left is left full; three rows may have moved on
        if moved:
            assert begin - _BOTTOM < type_area()[1] / 2 or len(cuts) == 0


def test_words_of_a_category_have_room_in_each_part() -> None:
    """污染物产生与排放 takes three lines: with one low row at the foot of a page it would push that row off."""
    table = system_table(64)
    for begin in range(300, 700, 7):
        breaks = plan([_natural(table, float(begin), [15.0] * 64 + [40.0])])
        for cut in breaks.cuts.get(0, ()):
            # Rows of the category above the cut; its name stands in a column of 10 %, four Han to a line of 12 points.
            starts = [n for n, row in enumerate(table.body) if len(row) == len(table.columns) and n < cut]
            name, alone = table.body[starts[-1]][0].text, cut - starts[-1]
            lines = -(-len(name) // 4)
            assert begin - _BOTTOM - 27.0 - 15.0 * cut >= lines * 11.9 - 15.0 * alone or cut > 40 or 0 in breaks.moved


def test_a_category_is_not_torn_for_its_first_two_rows() -> None:
    """One row of 废瓷回用率 stood at the foot of a page, the other two at the head of the next."""
    table = system_table(64)
    starts = [n for n, row in enumerate(table.body) if len(row) == len(table.columns)]
    for begin in range(300, 731, 5):
        breaks = plan([_natural(table, float(begin), [15.0] * 64 + [40.0])])
        for cut in breaks.cuts.get(0, ()):
            assert not 0 < cut - max(n for n in starts if n <= cut) <= 2, (begin, cut)


def test_a_table_behind_a_cut_one_has_room_for_a_heading_that_goes_to_the_next_page() -> None:
    """表4 of the 编制说明 of 300 rows never settled: above it, behind a cut table, a heading had changed pages."""
    height, heading = type_area()[1], 4 * 15.6  # a chapter's heading with its blank lines, and the line that it keeps
    table, first = system_table(64), _natural(system_table(64), 300.0, [15.0] * 64 + [40.0])
    across = topmost = 0
    for text in range(200, 1400, 11):  # points of text between the two tables
        page, top = first.places[-1] or (0, 0.0)
        under = _TOP - top + text
        seen = _natural(table, _TOP - under % height, [15.0] * 64 + [40.0])
        later = page + int(under // height) - 4
        places = tuple(p and (p[0] + later, p[1]) for p in seen.places)
        breaks = plan([first, Measured(1, table, 1, places)])
        cuts = breaks.cuts[0]
        end = _CAPTION + 27.0 + 15.0 * (64 - cuts[-1]) + 40.0  # on the last page of the first table, all of it below
        if 1 < (end + text) % height < _CAPTION - 2:  # on the first lines of a page: wherever it falls, it begins one
            assert 1 in breaks.moved
            topmost += 1
        if end + text < height or 1 in breaks.moved or not breaks.cuts.get(1):
            continue
        across += 1
        begin = (end + text) % height + heading
        if begin < height - 27.0:  # else the header goes to the next page with it
            assert 27.0 + 15.0 * breaks.cuts[1][0] <= height - begin, text
    assert across > 10
    assert topmost > 2


def test_time_per_row_does_not_grow() -> None:
    def seconds(rows: int) -> float:
        measured = _natural(system_table(rows), 500.0, [15.0, 27.0] * (rows // 2) + [40.0])
        found = []
        for _ in range(3):
            begin = time.process_time()
            plan([measured])
            found.append(time.process_time() - begin)
        return min(found)

    assert seconds(2000) / 20 <= 2 * seconds(100)


@pytest.mark.slow
@needs_office
def test_a_short_table_is_not_torn_wherever_it_comes_to_stand() -> None:
    """表14 of two tables' 编制说明: what stood above it moved after it was measured, its rows fell on two pages."""
    pypdf = pytest.importorskip("pypdf")
    line = Paragraph((Text("段。"),))
    nine = system_table(9)
    short = replace(nine, body=nine.body[:7], notes=(), footnotes=(), caption="短表")
    draft = resolve(
        Document(
            Cover("中华人民共和国国家标准", "GB", "GB/T 1—2026", "某行业清洁生产评价指标体系"),
            (Front("前言", (line,)),),
            (Clause("范围", (*(line,) * 30, short, line)),),
        )
    )
    office = find_office()
    assert office is not None
    content = word_bytes(draft, None, None)[0]  # as it is before anything was measured
    pages = ["".join(p.extract_text().split()) for p in pypdf.PdfReader(io.BytesIO(office.to_pdf(content))).pages]
    (page,) = [p for p in pages if "短表" in p]
    assert all(row[-6].text in page for row in short.body)
    assert sum("段。" in p for p in pages) > 2  # before it, behind it, and in the preliminaries


@pytest.mark.slow
@needs_office
@pytest.mark.parametrize("rows", [35, 64, 300, 1000])
def test_laid_out_pages_keep_the_rule_with_two_conversions(rows: int) -> None:
    pypdf = pytest.importorskip("pypdf")
    draft = long_draft(rows, grade="主要设备能效达到一级水平并实现全流程集中控制，" * 9 if rows == 64 else "")
    laid, calls = _laid(draft)
    assert (laid.outcome, calls) == ("measured", 2)
    office = find_office()
    assert office is not None
    reader = pypdf.PdfReader(io.BytesIO(office.to_pdf(laid.content)))
    pages = ["".join(p.extract_text().split()) for p in reader.pages]
    table = next(b for b in blocks(draft) if isinstance(b, Table))
    title = f"{table.label}{table.caption}"
    shown = [n for n, page in enumerate(pages) if f"{title}（续）" in page]
    # One page for each part, in a row, each beginning with the caption; none in between without it.
    assert len(shown) == len(laid.breaks.cuts[0])
    assert shown == list(range(shown[0], shown[0] + len(shown)))
    assert all(pages[n].index(f"{title}（续）") < 40 for n in shown)
    body = torn(table, laid.breaks.tears.get(0, ())).body
    names: list[str] = []
    for row in body:  # the second half of a torn row holds only what goes on
        names.append(f"{row[-6].text}kg/t" if len(row) > 3 else names[-1])
    parts = [b - a for a, b in pairwise((0, *laid.breaks.cuts[0], len(body)))]
    for page, begin in zip(shown, laid.breaks.cuts[0], strict=True):
        assert names[begin] in pages[page]
        assert names[begin - 1] in pages[page - 1]
    assert all(3 * count >= max(parts) for count in parts[:-1])


@pytest.mark.slow
@needs_office
def test_a_long_table_costs_no_more_per_row_than_a_short_one() -> None:
    def seconds(rows: int) -> float:
        import resource

        def used() -> float:
            who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, who))

        begin = used()
        _laid(long_draft(rows))
        return used() - begin

    assert seconds(1000) / 1000 <= 1.3 * seconds(100) / 100


def _laid(draft) -> tuple[Laid, int]:  # type: ignore[no-untyped-def]
    office = find_office()
    assert office is not None
    calls = 0
    convert = office.to_pdf

    def counted(content: bytes) -> bytes:
        nonlocal calls
        calls += 1
        return convert(content)

    office.to_pdf = counted  # type: ignore[method-assign]  # only counts

    def render(wanted: Wanted) -> tuple[bytes, tuple[str, ...]]:
        return word_bytes(draft, None, wanted.labels, wanted.breaks, final=wanted.final)

    return lay_out(draft, render, office), calls
