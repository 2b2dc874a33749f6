"""Holds the figures that a written draft prints against the record beside it: weights and baselines, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from drafting.record.schema import (
    FirstLevelLine,
    PrintedGrade,
    PrintedIndicator,
    Record,
    RecordedTable,
    SecondLevelLine,
)
from drafting.verification.tables_in_files import Grid, Pages, Row, folded, read_document
from drafting.verification.verdict import ABSENT, RecordError, Verdict

KIND = "文件中的数字"
_GRADES = {"I": "Ⅰ级基准值", "II": "Ⅱ级基准值", "III": "Ⅲ级基准值"}
_DASH = "—"
_WINDOW = 60
"""Characters between an indicator's name and its figures in the text of a page: unit, mark, folded name."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What the draft has to print of one indicator: words that are right for each heading, as compared."""

    category: str
    name: str
    figures: Mapping[str, frozenset[str]]


def verify_document(path: Path, record: Record) -> Verdict:
    """Compare the indicator table of a draft with a record.

    Raises RecordError if the file cannot be read, or holds no indicator table.

    ``path``: .docx, .html or .pdf.
    ``record``: what 结果.json says.
    ``path`` of a difference is table (or page) and row.
    """
    wanted = tuple(_wanted(record))
    if not wanted:
        raise RecordError("结果.json 中还没有指标的权重或基准值，无从核对；请先用 drafting build 生成")
    found = read_document(path)
    verdict = Verdict()
    if isinstance(found, Pages):
        _check_pages(found, wanted, verdict)
    else:
        _check_rows(path, [*_rows(found)], wanted, verdict)
    return verdict


def _wanted(record: Record) -> Iterator[Printed]:
    for table in record.tables or (record,):
        yield from _printed(table)


def _printed(table: RecordedTable) -> Iterator[Printed]:
    weights = table.weights
    first = {w.category: _weight(w) for w in weights.first_level} if weights else {}
    second = {(g, w.indicator): _weight(w) for g, of in weights.second_level.items() for w in of} if weights else {}
    for one in table.baselines.indicators if table.baselines else ():
        category, name = one.category, one.class_of or one.indicator
        figures: dict[str, frozenset[str]] = {}
        if category in first:
            figures["一级指标权重"] = first[category]
        if (category, name) in second:
            figures["二级指标权重"] = second[category, name]
        grades = (one.I, one.II, one.III)
        words = zip(_GRADES.values(), (_baseline(one, grade, grades) for grade in grades), strict=True)
        yield Printed(category, name, figures | {heading: said for heading, said in words if said})


def _weight(row: FirstLevelLine | SecondLevelLine) -> frozenset[str]:
    return frozenset({folded(row.printed or row.weight)})


def _baseline(one: PrintedIndicator, grade: PrintedGrade, grades: Sequence[PrintedGrade]) -> frozenset[str]:
    """Words that are right for a grade: the limit with its unit or, as the table has a column for units, without."""
    if grade.bound is None and one.single:
        grade = next((other for other in grades if other.bound), grade)
    said = grade.printed or grade.bound
    if not said:
        return frozenset()
    whole, unit = folded(said), folded(one.unit or "")
    return frozenset({whole, whole.removesuffix(unit) if unit else whole})


# --- tables with a grid -----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Found:
    """A row of an indicator table: its words by heading, as compared."""

    place: str
    words: Mapping[str, str]


def _rows(grids: Sequence[Grid]) -> Iterator[_Found]:
    for number, grid in enumerate(grids, 1):
        headings = _headings(grid)
        if headings is None:
            continue
        begin, columns = headings
        title = grid.title or f"第 {number} 个表"
        if grid.page:
            title = f"约第 {grid.page} 页，{title}"
        for row in grid.rows[begin:]:
            yield _Found(f"{title}，{row.place}", {h: _cell(row, at) for h, at in columns.items()})


def _headings(grid: Grid) -> tuple[int, Mapping[str, int]] | None:
    """First row of the body and the column of each heading; None for a table of something else."""
    wanted = {folded(h): h for h in ("一级指标", "一级指标权重", "二级指标", "二级指标权重", *_GRADES.values())}
    for number, row in enumerate(grid.rows[:4]):
        columns: dict[str, int] = {}
        for at, words in enumerate(row.cells):
            heading = wanted.get(folded(words))
            if heading:
                columns.setdefault(heading, at)
        if {"二级指标", *_GRADES.values()} <= columns.keys():
            return number + 1, columns
    return None


def _cell(row: Row, at: int) -> str:
    return folded(row.cells[at]) if at < len(row.cells) else ""


def _check_rows(path: Path, rows: Sequence[_Found], wanted: Sequence[Printed], verdict: Verdict) -> None:
    whole = [r for r in rows if "一级指标" in r.words]
    if not whole:
        raise RecordError(f"{path.name} 中没有指标体系表（表头含“二级指标”和三级基准值的表）；请给出草案本身的文件")
    left = list(whole)
    for one in wanted:
        name, category = folded(one.name), folded(one.category)
        found = next((r for r in left if _name(r) == name and r.words["一级指标"] == category), None)
        found = found or next((r for r in left if _name(r) == name), None)
        if found is None:
            verdict.compare(KIND, path.name, f"{one.category}·{one.name}", one.name, ABSENT)
            continue
        left.remove(found)
        verdict.compare(KIND, found.place, f"{one.name}·一级指标", category, found.words["一级指标"])
        for heading, right in one.figures.items():
            said = found.words.get(heading, ABSENT)
            shown = sorted(right, key=len)[0]
            verdict.compare(KIND, found.place, f"{one.name}·{heading}", shown, shown if said in right else said)
    for extra in left:
        if _name(extra) and not _is_remark(extra):
            verdict.compare(KIND, extra.place, "记录中没有的指标", ABSENT, _name(extra))


def _name(row: _Found) -> str:
    return row.words["二级指标"].strip("*")


def _is_remark(row: _Found) -> bool:
    """Whether a row is one cell over all columns, such as the notes below a table."""
    return len(set(row.words.values())) == 1


# --- text of pages ----------------------------------------------------------------------------------------------------
def _check_pages(pages: Pages, wanted: Sequence[Printed], verdict: Verdict) -> None:
    """Look for each indicator's name and, close behind it and in order, its weight and baselines."""
    verdict.unchecked["PDF 中一级指标的权重"] = len({one.category for one in wanted})
    for one in wanted:
        figures = {h: w for h, w in one.figures.items() if h != "一级指标权重"}
        best: tuple[int, int, str] = (-1, 0, "")
        for number, words in enumerate(pages.words, 1):
            for begin in _places(words, folded(one.name)):
                reached, missing = _in_order(words, begin, figures)
                if reached > best[0]:
                    best = (reached, number, missing)
        reached, number, missing = best
        for place, (heading, right) in enumerate(figures.items()):
            shown = sorted(right, key=len)[0]
            said = shown if place < reached else (f"没有印出 {shown}" if heading == missing or reached < 0 else shown)
            where = f"第 {number} 页，{one.name} 一行" if number else "全文"
            verdict.compare(KIND, where, f"{one.name}·{heading}", shown, said)


def _places(words: str, name: str) -> Iterator[int]:
    at = words.find(name)
    while at >= 0:
        yield at + len(name)
        at = words.find(name, at + 1)


def _in_order(words: str, begin: int, figures: Mapping[str, frozenset[str]]) -> tuple[int, str]:
    """How many of the figures follow, and the heading of the first that does not."""
    at = begin
    last: frozenset[str] = frozenset()
    for count, (heading, right) in enumerate(figures.items()):
        if right == last and right:  # one cell over several grades
            continue
        near = words[at : at + _WINDOW + max(map(len, right))]
        ends = [near.find(r) + len(r) for r in right if r in near]
        if not ends:
            return count, heading
        at += max(ends)
        last = right
    return len(figures), ""
