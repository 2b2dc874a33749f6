"""From grids to rows: continued tables joined, merged cells followed, notes set apart, every cell accounted for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from drafting.earlier.categories import is_category
from drafting.earlier.columns import GRADE_ROLES, Columns, Role, columns_of, reduced
from drafting.earlier.line import Line, Verdict
from drafting.earlier.marks import Notes, Pieces, is_note, notes_of, worded
from drafting.earlier.message import SourceCell, SourceTable
from drafting.model.identity import name_key
from drafting.workbook.vocabulary import is_summary

_CONTINUED = re.compile(r"[(（]\s*续\s*[0-9一二三四五六七八九十]*\s*[)）]|续\s*表|\s续\s*$")
_LABEL = re.compile(r"^\s*(?:续\s*)?表\s*[A-Z]?[.．]?\s*[0-9]+(?:[-—.．][0-9]+)*\s*")
_NUMBERING = re.compile(
    r"^\s*(?:[(（][0-9一二三四五六七八九十]{1,2}[)）][、.．]?|[一二三四五六七八九十]{1,2}[、.．\s]|[0-9]{1,2}[、.．](?![0-9]))\s*"
)
BONUS = "附加"
"""What stands instead of the weight of a bonus group."""
_MARK_AT_END = re.compile(r"[a-z①-⑳㈠-㈩†‡*＊※∗]")


@dataclass(slots=True)
class RawRow:
    """One row of the source under its columns."""

    place: str
    row: int
    cells: dict[Role, SourceCell] = field(default_factory=dict)
    category: str = ""
    category_weight: str = ""
    class_name: str = ""
    of_class: bool = False
    """Whether it continues the indicator of the row before, as a class of its own."""
    extras: list[tuple[str, str]] = field(default_factory=list)
    more: dict[Role, list[SourceCell]] = field(default_factory=dict)
    """Cells of rows below that go on with the same cell."""

    def pieces(self, role: Role) -> Pieces:
        """Words under a role, those of continuing rows included."""
        own = self.cells[role].pieces if role in self.cells else ()
        if not self.more:
            return own
        found = list(own)
        for cell in self.more.get(role, ()):
            found += [("\n", 0), *cell.pieces]
        return found


@dataclass(slots=True)
class RawTable:
    """An indicator table, its continuations included."""

    title: str
    parts: list[tuple[SourceTable, Columns]]
    rows: list[RawRow] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    lines: list[Line] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    """Parts that were joined without words that say so."""
    split: list[tuple[str, int]] = field(default_factory=list)
    """Rows that go on with the row before."""

    @property
    def place(self) -> str:
        """Where it begins."""
        return self.parts[0][0].place


@dataclass(slots=True)
class Passed:
    """A table that is not read as an indicator table, and why."""

    table: SourceTable
    reason: str
    near: bool = False


def raw_tables(tables: Sequence[SourceTable]) -> tuple[list[RawTable], list[Passed]]:
    """Find the indicator tables, join what continues them, and read their rows."""
    found: list[RawTable] = []
    passed: list[Passed] = []
    before: SourceTable | None = None
    for table in tables:
        columns = columns_of(table)
        if columns is not None and columns.usable:
            title = title_of(table.title)
            last = found[-1] if found else None
            if last is not None and _goes_on(table, last, before):
                last.parts.append((table, columns))
            else:
                found.append(RawTable(title, [(table, columns)]))
            before = table
        elif found and before is found[-1].parts[-1][0] and _headless(table, found[-1]):
            last_columns = found[-1].parts[-1][1]
            carried = Columns(last_columns.roles, last_columns.headings, 0)
            found[-1].parts.append((table, carried))
            found[-1].joined.append(table.place)
            before = table
        else:
            passed.append(Passed(table, _why_not(columns), columns is not None and columns.near))
            before = table if table.inside == "" else before
    for one in found:
        _Rows(one).read()
    return found, passed


def title_of(caption: str) -> str:
    """A caption without its number and 续."""
    return _CONTINUED.sub("", _LABEL.sub("", caption)).strip()


def _goes_on(table: SourceTable, last: RawTable, before: SourceTable | None) -> bool:
    if _CONTINUED.search(table.title):
        return True
    if table.inside:
        return False
    same = reduced(title_of(table.title)) == reduced(last.title) and bool(last.title)
    return same or (not table.before and before is last.parts[-1][0] and not table.title)


def _headless(table: SourceTable, last: RawTable) -> bool:
    """Whether a table without headings goes on with the one before: as wide, and next to it but for 续."""
    near = not table.before or bool(_CONTINUED.search(table.title)) or not table.title
    return near and not table.inside and table.width == last.parts[-1][0].width


def _why_not(columns: Columns | None) -> str:
    if columns is None:
        return "没有“二级指标”一列"
    lacking = [role for role in (Role.WEIGHT,) if not columns.of(role)]
    words = [f"没有“{role}”一列" for role in lacking]
    if columns.grades < 2:
        words.append("没有Ⅰ级、Ⅱ级、Ⅲ级基准值的列")
    return "，".join(words) or "标题行不能辨认"


class _Rows:
    """Reads the rows of one table."""

    def __init__(self, table: RawTable) -> None:
        self._table = table
        self._category = self._category_weight = ""
        self._paragraphs: list[tuple[Pieces, tuple[int, int]]] = []

    def read(self) -> None:
        for source, columns in self._table.parts:
            self._part(source, columns)
        used = frozenset(_marks_used(self._table.rows))
        for source, _ in self._table.parts:
            for pieces in source.after:
                if not is_note(pieces, used):
                    break
                self._paragraphs.append((pieces, (0, 0)))
                self._line(source, 0, 0, worded(pieces).text, "表注")
        self._table.notes = notes_of(self._paragraphs)

    def _line(
        self, source: SourceTable, row: int, column: int, text: str, went: str,
        *, verdict: Verdict = Verdict.READ, remark: str = "",
    ) -> None:  # fmt: skip
        if text:
            self._table.lines.append(Line(source.place, row, column, text, went, verdict, remark))

    def _part(self, source: SourceTable, columns: Columns) -> None:
        cover: dict[tuple[int, int], SourceCell] = {}
        rows: dict[int, list[SourceCell]] = {}
        for cell in source.cells:
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    cover[row, column] = cell
            rows.setdefault(cell.row, []).append(cell)
        heads: set[tuple[int, str]] = set()
        for row in range(1, source.height + 1):
            own = rows.get(row, ())
            said = {(cell.column, reduced(cell.text)) for cell in own if cell.text}
            if row <= columns.last or (len(said) > 1 and said <= heads):  # headings, or the same again on a new page
                heads |= said
                for cell in own:
                    self._line(source, row, cell.column, one_line(cell.text), "列标题")
            else:
                self._row(source, columns, row, cover, own)

    def _row(
        self, source: SourceTable, columns: Columns, row: int,
        cover: dict[tuple[int, int], SourceCell], own: Sequence[SourceCell],
    ) -> None:  # fmt: skip
        if not any(cell.text or cell.traits for cell in own):
            return
        if across := self._across(own, columns):
            self._full_width(source, across)
            return
        made = RawRow(source.place, row)
        names = columns.of(Role.NAME)
        for column, role in columns.roles.items():
            cell = cover.get((row, column))
            if cell is None:
                continue
            if role is Role.CLASS:
                if cell.text and cell is not cover.get((row, names[0])):
                    made.class_name += one_line(worded(cell.pieces).text)
            elif role in (Role.UNKNOWN, Role.ASSESSMENT):
                self._beside(source, made, role, columns.headings.get(column, ""), cell)
            else:
                made.cells.setdefault(role, cell)
        self._settle(source, made, own)

    def _across(self, own: Sequence[SourceCell], columns: Columns) -> SourceCell | None:
        """A cell from the first columns over the grades: a note, or the name of a category."""
        if len([c for c in own if c.text]) != 1:
            return None
        cell = next(c for c in own if c.text)
        name, grades = columns.of(Role.NAME)[0], [c for r in GRADE_ROLES for c in columns.of(r)]
        over = cell.column <= name < cell.column + cell.columns and cell.column + cell.columns > min(grades)
        return cell if over else None

    def _full_width(self, source: SourceTable, cell: SourceCell) -> None:
        text = _NUMBERING.sub("", one_line(cell.text))
        if is_category(text):
            self._category, self._category_weight = text, ""
            self._line(source, cell.row, cell.column, cell.text, "一级指标")
            return
        for pieces in paragraphs_of(cell.pieces):
            self._paragraphs.append((pieces, (cell.row, cell.column)))
        self._line(source, cell.row, cell.column, cell.text, "表注")

    def _beside(self, source: SourceTable, made: RawRow, role: Role, heading: str, cell: SourceCell) -> None:
        if cell.row != made.row:
            return
        text = cell.text
        if role is Role.ASSESSMENT:
            self._line(source, cell.row, cell.column, text, "未读：企业自评的列", remark=heading)
        elif text:
            made.extras.append((heading, text))
            remark = f"列“{heading}”不认识"
            self._line(source, cell.row, cell.column, text, "二级指标·说明", verdict=Verdict.NOT_READ, remark=remark)

    def _settle(self, source: SourceTable, made: RawRow, own: Sequence[SourceCell]) -> None:
        category = made.cells.get(Role.CATEGORY)
        if category is not None and category.text:
            told = _NUMBERING.sub("", one_line(worded(category.pieces).text))
            if is_summary(name_key(told)):
                for cell in own:
                    self._line(source, cell.row, cell.column, cell.text, "未读：合计行")
                return
            if category.row == made.row:
                self._category_weight = ""
            self._category = told
        weight = made.cells.get(Role.CATEGORY_WEIGHT)
        if weight is not None and weight.text:
            self._category_weight = one_line(weight.text)
        made.category, made.category_weight = self._category, self._category_weight
        name = made.cells.get(Role.NAME)
        before = self._table.rows[-1] if self._table.rows else None
        if name is not None and name.text and before is not None and name is before.cells.get(Role.NAME):
            made.of_class = True
        elif name is None or not name.text:
            grades = [made.cells[r] for r in GRADE_ROLES if r in made.cells and made.cells[r].row == made.row]
            filled = any(c.text for c in grades)
            if before is not None and made.class_name and filled:
                made.of_class = True
            elif before is not None and filled and not _says(made, Role.WEIGHT):
                for role in (*GRADE_ROLES, Role.UNIT, Role.NOTE):
                    if role in made.cells and made.cells[role].text and made.cells[role].row == made.row:
                        before.more.setdefault(role, []).append(made.cells[role])
                self._table.split.append((made.place, made.row))
                self._table.rows[-1].extras += made.extras
                return
            else:
                for cell in own:
                    self._line(
                        source, cell.row, cell.column, cell.text, "未读",
                        verdict=Verdict.NOT_READ, remark="该行没有指标名称",
                    )  # fmt: skip
                return
        self._table.rows.append(made)


def _says(row: RawRow, role: Role) -> bool:
    return role in row.cells and row.cells[role].row == row.row and bool(row.cells[role].text)


def paragraphs_of(pieces: Pieces) -> Iterator[Pieces]:
    """The lines of a cell, each as pieces."""
    line: list[tuple[str, int]] = []
    for text, level in pieces:
        first, *others = text.split("\n")
        line.append((first, level))
        for other in others:
            if any(t.strip() for t, _ in line):
                yield line
            line = [(other, level)]
    if any(t.strip() for t, _ in line):
        yield line


def _marks_used(rows: Sequence[RawRow]) -> Iterator[str]:
    for row in rows:
        for role in (Role.NAME, *GRADE_ROLES, Role.UNIT, Role.NUMBER):
            if role in row.cells:
                found = worded(row.pieces(role))
                yield from (*(mark for _, mark in found.inside), *found.marks)
                if found.text and _MARK_AT_END.fullmatch(found.text[-1]):
                    yield found.text[-1]


_BETWEEN_WORDS = re.compile(r"(?<=[A-Za-z0-9,.;:])\s*\n\s*(?=[A-Za-z])")


def one_line(text: str) -> str:
    """Words of a narrow cell: its lines are joined, without a blank but between Latin words."""
    if "\n" not in text:
        return text.strip()
    return re.sub(r"\s*\n\s*", "", _BETWEEN_WORDS.sub(" ", text)).strip()
