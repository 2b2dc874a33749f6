"""What is said of a file beside its rows: where every cell went, and what in it needs a second look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from drafting.earlier.categories import Mapped
from drafting.earlier.columns import GRADE_ROLES, Columns, Role
from drafting.earlier.figures import Baselines
from drafting.earlier.line import Line, Verdict
from drafting.earlier.message import SourceCell, SourceTable, Trait
from drafting.earlier.rows import BONUS, Passed, RawRow, RawTable

Said = tuple[str, str, dict[str, object]]
"""Code of a finding, the table it is about, values of its wording."""


def said_of(tables: Iterable[RawTable], mapping: Mapping[str, Mapped], passed: Sequence[Passed]) -> Iterator[Said]:
    """Say what the tables hold beside plain words, which columns and tables were passed over, how categories map."""
    known = list(tables)
    parts = [part for table in known for part in table.parts]
    bonus = {row.category for table in known for row in table.rows if row.category_weight == BONUS}
    counts: dict[Trait, list[str]] = {}
    for source, columns in parts:
        for cell in source.cells:
            for trait in Trait(cell.traits) if cell.traits else ():
                told = trait is not Trait.PICTURE or not cell.text
                if told and cell.row > columns.last:
                    counts.setdefault(trait, []).append(f"{source.place}第 {cell.row} 行第 {cell.column} 列")
    for trait, places in counts.items():
        where = "、".join(places[:3]) + (" 等" if len(places) > 3 else "")
        yield _TRAIT_CODES[trait], "", {"count": len(places), "where": where}
    skipped = _headings(parts, Role.ASSESSMENT)
    if skipped:
        yield "import-columns-skipped", "", {"headings": "、".join(skipped)}
    if unknown := _headings(parts, Role.UNKNOWN):
        shown = "、".join(unknown[:6]) + (" 等" if len(unknown) > 6 else "")
        yield "import-columns-unknown", "", {"headings": shown, "count": len(unknown)}
    for name, found in mapping.items():
        if found.verdict is Verdict.NOT_READ and name not in bonus:  # a bonus group may bear a name of its own
            yield "import-category-unmapped", "", {"category": name or "（空白）"}
    if divided := [name for name, found in mapping.items() if len(found.names) > 1]:
        yield "import-category-divided", "", {"category": "、".join(divided)}
    for one in passed:
        if one.near:
            values: dict[str, object] = {"title": one.table.title[:40] or "（无表题）", "reason": one.reason}
            yield "import-table-passed", one.table.place, values


def _headings(parts: Sequence[tuple[SourceTable, Columns]], role: Role) -> list[str]:
    """Headings of the columns of a role, each once."""
    found = (h for _, c in parts for at, h in c.headings.items() if c.roles.get(at) is role and h)
    return list(dict.fromkeys(found))


_TRAIT_CODES = {
    Trait.NESTED: "import-nested-table", Trait.PICTURE: "import-pictures", Trait.TRACKED: "import-tracked-changes",
    Trait.VERTICAL: "import-vertical-text", Trait.EQUATION: "import-equations", Trait.HIDDEN: "import-hidden-text",
    Trait.COVERED: "import-covered-text", Trait.STRUCK: "import-struck-text", Trait.UNSEEN: "import-hidden-cells",
}  # fmt: skip


_TO_COMPARE = ~(Trait.PICTURE | Trait.TRACKED | Trait.VERTICAL)


class CellLines:
    """Says of the cells of rows where they went; a merged cell once."""

    def __init__(self, mapping: Mapping[str, Mapped], lines: list[Line]) -> None:
        self._mapping, self._lines = mapping, lines
        self._said: set[tuple[str, int, int]] = {(x.table, x.row, x.column) for x in lines}

    def row(self, raw: RawRow, grades: Baselines, name: str, marks: Sequence[str], *, out_of_name: bool) -> None:
        """Say it of the cells of one row."""
        for role, cell in raw.cells.items():
            if (raw.place, cell.row, cell.column) in self._said:
                continue
            verdict, remark = Verdict.READ, ""
            went = _WENT.get(role) or f"二级指标·{role}（{name}）"
            if role is Role.CATEGORY:
                found = self._mapping[raw.category]
                verdict, remark = found.verdict, f"{'、'.join(found.names)}（{found.basis}）"
            elif role in GRADE_ROLES and grades.numeric and grades.sure is not Verdict.READ:
                verdict, remark = grades.sure, grades.why
            elif role is Role.NAME and (out_of_name or marks):
                verdict = Verdict.INFERRED if out_of_name else Verdict.READ
                remark = "单位取自名称后的括号" if out_of_name else f"标记 {'、'.join(marks)} 见表注"
            self._cell(raw.place, cell, went, verdict, remark)
        for role, cells in raw.more.items():
            for cell in cells:
                self._cell(raw.place, cell, f"二级指标·{role}（{name}）", Verdict.INFERRED, "接上一行的同一格")

    def _cell(self, place: str, cell: SourceCell, went: str, verdict: Verdict, remark: str) -> None:
        at = (place, cell.row, cell.column)
        if at in self._said or not (cell.text or cell.traits):
            return
        self._said.add(at)
        if not cell.traits:
            pass
        elif cell.traits & Trait.PICTURE and not cell.text:
            verdict, remark = Verdict.NOT_READ, "是图片，没有文字"
        elif cell.traits & _TO_COMPARE and verdict is Verdict.READ:
            verdict, remark = Verdict.INFERRED, "含公式、嵌套表、画了删除线、隐藏或被遮盖的文字，请对照原件"
        self._lines.append(Line(place, cell.row, cell.column, cell.text, went, verdict, remark))


_WENT = {
    Role.CATEGORY: "一级指标", Role.CATEGORY_WEIGHT: "一级指标·权重", Role.NUMBER: "未读：序号由程序编排",
    Role.CODE: "未读：代码由程序编排", Role.NAME: "二级指标·二级指标", Role.CLASS: "二级指标·类别",
    Role.UNIT: "二级指标·单位", Role.WEIGHT: "二级指标·权重", Role.NOTE: "二级指标·说明",
}  # fmt: skip


def in_order(lines: Iterable[Line], places: Iterable[str]) -> tuple[Line, ...]:
    """Order lines as they stand in the file; what follows a table stands behind its rows."""
    order = {place: n for n, place in enumerate(places)}
    return tuple(sorted(lines, key=lambda x: (order[x.table], x.row or 1 << 20, x.column)))
