"""What the columns of an indicator table are, from one to three heading rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from drafting.earlier.message import SourceCell, SourceTable

_HEADING_ROWS = 3
_LOOKED_AT = 6
"""Rows of a table among which its headings begin."""


class Role(StrEnum):
    """What a column holds; the value is how a report calls it."""

    CATEGORY = "一级指标"
    CATEGORY_WEIGHT = "一级指标权重"
    NUMBER = "序号"
    CODE = "代码"
    NAME = "二级指标"
    CLASS = "类别"
    UNIT = "单位"
    WEIGHT = "权重"
    I = "Ⅰ级基准值"  # noqa: E741 -- the standard's own name of the grade
    II = "Ⅱ级基准值"
    III = "Ⅲ级基准值"
    NOTE = "说明"
    ASSESSMENT = "企业自评"
    UNKNOWN = "不认识的列"


GRADE_ROLES = (Role.I, Role.II, Role.III)
_GRADE = re.compile(r"(?:^|[^一二三])(III|II|I|[123一二三])级(?!指标)|(?:^|基准值|水平)(III|II|I)(?:$|基准值)")
_GRADES = {"I": Role.I, "1": Role.I, "一": Role.I, "II": Role.II, "2": Role.II, "二": Role.II, "III": Role.III,
           "3": Role.III, "三": Role.III}  # fmt: skip
_ASSESSMENT = re.compile(
    r"现状|实际|实测|得分|评分|自评|自查|评价结果|评定|是否|达标|达到情况|完成情况|对应(?:等级|级别)|所属等级|企业(?!清洁)"
)
_WEIGHT = re.compile(r"权重|权值|分值|权数")
_CATEGORY = re.compile(r"一级指标|指标类别|指标分类")
_NAME = re.compile(r"二级指标|指标名称|评价指标|指标项|^指标$|具体指标")
_PLAIN: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"^(?:序号|编号|no\.?|№)$", re.I), Role.NUMBER),
    (re.compile(r"^(?:指标)?代码$|^(?:指标)?代号$"), Role.CODE),
    (re.compile(r"^(?:指标|计量)?单位$"), Role.UNIT),
    (re.compile(r"^(?:备注|说明|附注|注)$"), Role.NOTE),
    (re.compile(r"^(?:类别|分类|分档|类型|适用(?:范围|条件|对象)?|工艺|规模|条件)$"), Role.CLASS),
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Roles by column, headings as they stand, and the last heading row."""

    roles: Mapping[int, Role]
    headings: Mapping[int, str]
    last: int
    first: int = 1

    def of(self, role: Role) -> tuple[int, ...]:
        """Columns of a role, from the left."""
        return tuple(c for c, r in sorted(self.roles.items()) if r is role)

    @property
    def grades(self) -> int:
        """How many grades have a column."""
        return sum(bool(self.of(role)) for role in GRADE_ROLES)

    @property
    def usable(self) -> bool:
        """Whether this is an indicator table: names, weights and at least two grades."""
        return bool(self.of(Role.NAME)) and bool(self.of(Role.WEIGHT)) and self.grades > 1

    @property
    def near(self) -> bool:
        """Whether it looks like one that lacks something."""
        return bool(self.of(Role.NAME)) and (bool(self.of(Role.WEIGHT)) or self.grades > 1)


def reduced(text: str) -> str:
    """A heading or word as it is compared: width folded, no blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def columns_of(table: SourceTable) -> Columns | None:
    """Find the headings; None where no row looks like headings at all."""
    cover = _Cover(table.cells, _LOOKED_AT + _HEADING_ROWS)
    best: Columns | None = None
    for first in range(1, min(_LOOKED_AT, table.height) + 1):
        if cover.across(first, table.width) or cover.begun_above(first, table.width):
            continue  # a title inside the table, or the second row of headings
        for last in range(first, min(first + _HEADING_ROWS, table.height + 1)):
            if best is not None and best.last < first and best.grades == len(GRADE_ROLES) and best.usable:
                break
            found = _read(cover, first, last, table.width)
            if best is None or _score(found) > _score(best):
                best = found
    if best is None or not best.of(Role.NAME):
        return None
    return _with_merged_rows(best, cover, table.width)


def _score(columns: Columns) -> int:
    known = {r for r in columns.roles.values() if r not in (Role.UNKNOWN, Role.ASSESSMENT)}
    return len(known)


class _Cover:
    """Which cell covers a place of the first rows."""

    def __init__(self, cells: Sequence[SourceCell], rows: int) -> None:
        self._at: dict[tuple[int, int], SourceCell] = {}
        for cell in cells:
            if cell.row > rows:
                break
            for row in range(cell.row, min(cell.row + cell.rows, rows + 1)):
                for column in range(cell.column, cell.column + cell.columns):
                    self._at[row, column] = cell

    def at(self, row: int, column: int) -> SourceCell | None:
        return self._at.get((row, column))

    def begun_above(self, row: int, width: int) -> bool:
        over = (self.at(row, column) for column in range(1, width + 1))
        return any(cell is not None and cell.row < row for cell in over)

    def across(self, row: int, width: int) -> bool:
        cell = self.at(row, 1)
        return cell is not None and cell.columns >= width > 1


def _read(cover: _Cover, first: int, last: int, width: int) -> Columns:
    headings: dict[int, str] = {}
    for column in range(1, width + 1):
        over = [cell for row in range(first, last + 1) if (cell := cover.at(row, column)) is not None]
        once = {(cell.row, cell.column): cell.text for cell in over}
        headings[column] = "".join("".join(text.split()) for text in once.values())
    return Columns(_roles(headings), headings, last, first)


def _with_merged_rows(columns: Columns, cover: _Cover, width: int) -> Columns:
    """Let the headings reach as far down as their merged cells do."""
    ends = [
        cell.row + cell.rows - 1
        for column in range(1, width + 1)
        if (cell := cover.at(columns.first, column)) is not None and cell.rows <= _HEADING_ROWS
    ]
    last = max([columns.last, *ends])
    return columns if last == columns.last else _read(cover, columns.first, last, width)


def _roles(headings: Mapping[int, str]) -> Mapping[int, Role]:
    roles: dict[int, Role] = {}
    for column, heading in headings.items():
        roles[column] = _role(reduced(heading))
    _settle_weights(roles, headings)
    _settle_twice(roles, headings)
    return roles


def _role(says: str) -> Role:
    if not says:
        return Role.UNKNOWN
    if _WEIGHT.search(says):
        first = "一级" in says or "类别" in says
        return Role.CATEGORY_WEIGHT if first and "二级" not in says else Role.WEIGHT
    for pattern, role in _PLAIN:
        if pattern.search(says):
            return role
    if (found := _GRADE.search(says)) and not _ASSESSMENT.search(says.replace(found[0], "")):
        return _GRADES[found[1] or found[2]]
    if _CATEGORY.search(says):
        return Role.CATEGORY
    if _NAME.search(says) and not _ASSESSMENT.search(says):
        return Role.NAME
    if re.search(r"单位(?:\(|$)", says) and not _ASSESSMENT.search(says):
        return Role.UNIT
    return Role.ASSESSMENT if _ASSESSMENT.search(says) else Role.UNKNOWN


def _settle_weights(roles: dict[int, Role], headings: Mapping[int, str]) -> None:
    """Of two columns that are merely called 权重 the one before the names is the first level's."""
    name = next((c for c, r in sorted(roles.items()) if r is Role.NAME), None)
    plain = [c for c, r in sorted(roles.items()) if r is Role.WEIGHT and "二级" not in headings[c]]
    if name is not None and len(plain) + (Role.CATEGORY_WEIGHT in roles.values()) > 1:
        for column in plain:
            if column < name and Role.CATEGORY_WEIGHT not in roles.values():
                roles[column] = Role.CATEGORY_WEIGHT
    elif name is not None and len(plain) == 1 and plain[0] < name and sum(r is Role.WEIGHT for r in roles.values()) > 1:
        roles[plain[0]] = Role.CATEGORY_WEIGHT


def _settle_twice(roles: dict[int, Role], headings: Mapping[int, str]) -> None:
    """Columns under one heading of names: the first holds names, the others the classes of an indicator."""
    seen: dict[Role, int] = {}
    for column, role in sorted(roles.items()):
        if role in (Role.UNKNOWN, Role.ASSESSMENT, Role.NUMBER, Role.CLASS):
            continue
        first = seen.setdefault(role, column)
        if first == column:
            continue
        roles[column] = Role.CLASS if role is Role.NAME and headings[first] == headings[column] else Role.UNKNOWN
