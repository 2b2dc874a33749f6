"""Where tables break: computed from the measured heights of their rows, once, in time linear in their number.

The rule: a page is filled as far as rows go; no part but the last has fewer than a third of the rows that fit on a
page. A table that would begin with less begins on a new page, so that no page is left half empty. A row of many lines
that would leave more than a quarter of a page empty is torn: its words go on below the （续） caption. A short one
(:func:`~drafting.render.docx.estimate.stays_whole`) is neither cut nor moved: its rows stay together wherever it comes
to stand, also after others have worked on the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drafting.document.tree import Table
from drafting.render.breaks import Breaks, Tear
from drafting.render.docx.blueprint import looks
from drafting.render.docx.estimate import row_heights, spans, stays_whole, type_area
from drafting.render.docx.tearing import above, lines_in

_POINTS = 72 / 25.4
_CAPTION_LINES = 2.2
"""Lines of the grid that a （续） caption takes with the space around it."""
_SAFE, _SHIFTED, _CROSSED = 16.0, 40.0, 90.0
"""Points left free at the foot of a page, as other programs set rows a little higher; more where what stands above a
table has moved since it was measured, most where a page ends in it: a heading or a line may go to the next one."""
_FEW = 2
"""Rows of a group that shall not stand alone at the foot of a page."""
_LEAST = 3
"""Rows that shall not stand alone on the last page, and lines of a torn row that shall not stand alone on any."""
_EMPTY = 4
"""A row is torn where it would leave more than this part of a page empty."""

Place = tuple[int, float] | None
"""Page from 0 and height above the lower edge of the paper in points; None where nothing was seen."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was seen of a table on the copy."""

    number: int
    """Its position among the tables."""
    table: Table
    """The table of the tree."""
    flow: int
    """Which run of pages it stands in: what moves in one does not move what stands in another."""
    places: tuple[Place, ...]
    """Its header, its body rows, the row of its remarks if there is one, and what stands behind it."""


def plan(tables: Sequence[Measured]) -> Breaks:
    """Find where tables break and which begin on a new page."""
    cuts: dict[int, tuple[int, ...]] = {}
    tears: dict[int, tuple[Tear, ...]] = {}
    moved: set[int] = set()
    shift, flow, ended, crossed = 0.0, -1, 0.0, False
    for one in tables:
        if one.flow != flow:
            shift, flow, ended, crossed = 0.0, one.flow, 0.0, False
        begin = one.places[0]
        if begin is None:
            continue
        page = _Page()
        rows = _heights(one, page)
        head, rows = rows[0], rows[1:]
        at = page.place(begin) + shift
        if shift and at % page.height < page.caption(one.table):
            at -= page.caption(one.table)  # its caption does not stand alone at the foot of the page before
        crossed |= at // page.height > ended // page.height
        room = page.height - at % page.height - ((_CROSSED if crossed else _SHIFTED) if shift else 0.0)
        whole = stays_whole(one.table)
        made = _Rows(rows, [*spans(one.table)], None if whole else one.table)
        found, fresh = _break(made, head, room, page, page.caption(one.table))
        if whole:
            found, fresh = (), fresh or bool(found)
        elif fresh:
            moved.add(one.number)
        if found:
            cuts[one.number] = found
        if made.tears:
            tears[one.number] = tuple(made.tears)
        behind = one.places[-1]
        if behind is not None and (found or fresh or shift):
            start = (at // page.height + 1) * page.height + page.caption(one.table) if fresh else at
            last = (start // page.height + len(found)) * page.height + page.caption(one.table) if found else start
            end = last + head + sum(rows[found[-1] if found else 0 :])
            shift = end - page.place(behind)
            if abs(shift) < 1.0:
                shift = 0.0
        if behind is not None:
            ended, crossed = page.place(behind) + shift, crossed and not found and not fresh
    return Breaks(cuts, frozenset(moved), tears)


class _Page:
    """The page of the body in points, and places on the run of such pages."""

    def __init__(self) -> None:
        page = looks()["page"]
        self.height = type_area()[1]
        self._top = float(page["paper_mm"][1] - page["body"]["top_mm"]) * _POINTS
        self.line = float(page["grid_pt"])

    def place(self, seen: tuple[int, float]) -> float:
        """Distance from the top of the first page, the pages below one another."""
        return seen[0] * self.height + self._top - seen[1]

    def left(self, seen: Place) -> float:
        """Room below a place on its page."""
        return self.height if seen is None else max(0.0, seen[1] - self._top + self.height)

    def caption(self, table: Table) -> float:
        """Height above the header of a part that begins a page."""
        return (_CAPTION_LINES + bool(table.unit)) * self.line


def _heights(one: Measured, page: _Page) -> list[float]:
    """Heights of header, body rows and, joined to the last of these, the remarks.

    The height of a row is the distance to the next on its page. That of the last on a page is not seen: it is taken
    from rows with as many lines.
    """
    table = one.table
    foreseen = [sum(row_heights(table, table.head)), *row_heights(table, table.body)]
    remarks = bool(table.notes or table.footnotes)
    if remarks:
        foreseen.append(page.line * (len(table.notes) + len(table.footnotes)))
    seen: list[float | None] = []
    for here, below in zip(one.places, one.places[1:], strict=False):
        known = here is not None and below is not None and here[0] == below[0]
        seen.append(here[1] - below[1] if known else None)  # type: ignore[index]  # both are known
    alike: dict[float, float] = {}
    for height, guess in zip(seen, foreseen, strict=True):
        if height is not None:
            alike[guess] = max(height, alike.get(guess, 0.0))
    left = [page.left(place) for place in one.places[:-1]]  # a row stands on one page: it is no higher than this
    found = [
        h if h is not None else min(max(g, alike.get(g, 0.0)), most)
        for h, g, most in zip(seen, foreseen, left, strict=True)
    ]
    if remarks and len(found) > 2:
        found[-2:] = [sum(found[-2:])]
    return found


@dataclass(slots=True)
class _Rows:
    """Heights of body rows, and the cells over several of them: where such a cell is cut, each part holds its words."""

    heights: list[float]
    spans: list[list[tuple[int, int, float]]]
    table: Table | None
    """Whose rows may be torn; None: none may."""
    tears: list[Tear] = field(default_factory=list)
    """What was torn so far; the other lists hold each such row as two."""
    _lines: dict[int, list[int]] = field(default_factory=dict)

    def tear(self, row: int, left: float, page: float) -> bool:
        """Tear a row of many lines where it would leave more than a quarter of a page empty; whether it was."""
        if self.table is None or left < page / _EMPTY or self.heights[row] < page / _EMPTY or row >= len(self.spans):
            return False
        lines = self._lines.get(row) or lines_in(self.table, row - sum(t.row < row for t in self.tears))
        pitch = self.heights[row] / max(lines, default=1)
        highest = max(lines, default=0)
        most = min(int((left - _SAFE) / pitch) - 1, highest - _LEAST)
        if most < _LEAST:
            return False
        kept = [above(n, highest, most) for n in lines]
        below = [n - k or n for n, k in zip(lines, kept, strict=True)]
        self.tears.append(Tear(row, most))
        self.heights[row : row + 1] = [pitch * most, pitch * max(below)]
        self.spans.insert(row, self.spans[row])
        self.spans[row + 1 :] = [[(c, at + (at > row), need) for c, at, need in of] for of in self.spans[row + 1 :]]
        self._lines = {row + 1: below}  # rows further up are not asked for again
        return True

    def fit(self, begin: int, room: float) -> int:
        """How many rows from one on fit."""
        best, total = 0, 0.0
        used: dict[tuple[int, int], float] = {}
        for number in range(begin, len(self.heights)):
            total += self.heights[number]
            if total > room:
                break
            for column, first, need in self.spans[number] if number < len(self.spans) else ():
                used[column, first] = used.get((column, first), need) - self.heights[number]
            if total + _most(used) <= room:
                best = number - begin + 1
        return best


def _with_its_group(rows: _Rows, begin: int, at: int, fits: int, most: float) -> int:
    """Break a few rows earlier where a cell over several rows has just begun: a group is not torn for two rows.

    ``most``: height that may stay empty for it.
    """
    over = rows.spans[at] if at < len(rows.spans) else ()
    back = min((first for _, first, _ in over if begin < first < at <= first + _FEW), default=at)
    return back if 3 * (back - begin) >= fits and sum(rows.heights[back:at]) <= most else at


def _most(short: Mapping[tuple[int, int], float]) -> float:
    """Height that the words of cells over several rows take beyond these, in the column where it is most."""
    columns: dict[int, float] = {}
    for (column, _), lacking in short.items():
        columns[column] = columns.get(column, 0.0) + max(0.0, lacking)
    return max(columns.values(), default=0.0)


def _break(rows: _Rows, head: float, room: float, page: _Page, caption: float) -> tuple[tuple[int, ...], bool]:
    """Give the rows that begin a page, and whether the table begins on a new one. ``room``: below its caption."""
    heights = rows.heights
    whole = head + sum(heights)
    if whole <= room - _SAFE:
        return (), False
    full = page.height - caption - head - _SAFE
    fits = rows.fit(0, full)
    first = rows.fit(0, room - head - _SAFE)
    torn = rows.tear(first, room - head - _SAFE - sum(heights[:first]), page.height)
    first += torn
    fresh = not torn and 3 * first < max(1, fits)
    found: list[int] = []
    begin, at = 0, max(1, fits) if fresh else first
    if fresh and at < len(heights):
        torn = rows.tear(at, full - sum(heights[:at]), page.height)
        at += torn
    while at < len(heights):
        at = at if torn else _with_its_group(rows, begin, at, fits, page.height / _EMPTY)
        found.append(at)
        begin, at = at, at + max(1, rows.fit(at, full))
        torn = at < len(heights) and rows.tear(at, full - sum(heights[begin:at]), page.height)
        at += torn
    lonely = bool(found) and len(heights) - found[-1] < _LEAST and sum(heights[found[-1] :]) < page.height / _EMPTY
    if lonely and not any(t.row + 1 == found[-1] for t in rows.tears):
        before = found[-2] if len(found) > 1 else 0
        earlier = len(heights) - _LEAST
        if 3 * (earlier - before) >= fits and rows.fit(earlier, full) == _LEAST:
            found[-1] = earlier
    return tuple(found), fresh
