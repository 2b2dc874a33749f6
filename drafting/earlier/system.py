"""An earlier edition understood: rows for the sheets of 项目.xlsx, and the report on every cell of the source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from drafting.earlier.categories import Mapped, choose, mapped
from drafting.earlier.columns import GRADE_ROLES, Role
from drafting.earlier.figures import Baselines, Named, RawWeight, baselines, by_class, named, raw_weight, unit_of
from drafting.earlier.line import Line, Verdict
from drafting.earlier.marks import new_marks, put_in, worded
from drafting.earlier.rows import BONUS, Passed, RawRow, RawTable, one_line
from drafting.earlier.shares import Shares, shares_of
from drafting.earlier.telling import CellLines, in_order, said_of
from drafting.findings import Cell, Finding, finding
from drafting.model.identity import label_key
from drafting.model.weight import Weight
from drafting.standard import standard
from drafting.workbook.project.list_rows import Value

SheetRow = Mapping[str, Value]
_NO_MARKS: tuple[str, ...] = ()
_OWN_NOTES = ("附加指标的权重不计入一级指标权重之和", "基准值中，", "未规定", "二级指标权重")


@dataclass(frozen=True, slots=True)
class Edition:
    """What was understood of a file."""

    categories: Sequence[SheetRow] = ()
    indicators: Sequence[SheetRow] = ()
    merges: Mapping[int, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Index of an indicator's row -> first and last heading of cells that are one."""
    tables: Sequence[SheetRow] = ()
    notes: Sequence[SheetRow] = ()
    lines: tuple[Line, ...] = ()
    mapping: tuple[tuple[str, Mapped], ...] = ()
    """Categories of the source in order, each with what takes it over."""
    passed: tuple[Passed, ...] = ()
    title: str = ""
    findings: tuple[Finding, ...] = ()
    again: Callable[[], Edition] | None = None
    """Makes the same with the source's own first-level indicators; None where they are those of GB/T 43329."""

    @property
    def as_printed(self) -> Edition:
        """The edition as its table prints it."""
        return self if self.again is None else self.again()

    @property
    def older(self) -> bool:
        """Whether its first-level indicators are not those of GB/T 43329."""
        return any(found.names != (name,) for name, found in self.mapping)


@dataclass(slots=True, eq=False)
class _Table:
    """One indicator table on its way."""

    raw: RawTable
    key: str
    rows: list[_Row] = field(default_factory=list)
    weights: dict[str, RawWeight] = field(default_factory=dict)
    """Of the first level, by the source's name of the category."""


@dataclass(slots=True, eq=False)
class _Row:
    raw: RawRow
    name: str
    marks: tuple[str, ...]
    unit: str
    grades: Baselines
    weight: RawWeight
    limiting: bool
    category: str = ""
    """What takes its category over."""
    of: _Row | None = None
    """The first class row of its indicator."""
    out_of_name: bool = False
    class_name: str = ""


def understood(raw: Sequence[RawTable], passed: Sequence[Passed], file: str, given: Mapping[str, str]) -> Edition:
    """Make an edition of its indicator tables.

    ``file``: name of the source, for places and as the basis of its values.
    ``given``: decisions on categories, by the key of the source's name.
    """
    mapper = _Maker(raw, passed, file, lambda name: mapped(name, given), {})
    edition = mapper.edition()
    asis = _Maker(raw, passed, file, lambda name: Mapped((name,), Verdict.READ, ""), mapper.codes)
    return replace(edition, again=asis.edition) if edition.older else edition


class _Maker:
    def __init__(
        self, raw: Sequence[RawTable], passed: Sequence[Passed], file: str, mapping: Callable[[str], Mapped],
        codes: dict[str, str],
    ) -> None:  # fmt: skip
        self._passed, self._file, self._map = passed, file, mapping
        self._kept = bool(codes)
        keys = _keys(raw)
        self._tables = [_Table(one, keys[n]) for n, one in enumerate(raw)]
        self._lines: list[Line] = []
        self._findings: list[Finding] = []
        self._mapping: dict[str, Mapped] = {}
        self._several = len(raw) > 1
        self.codes = codes
        self._counts: Counter[str] = Counter()
        self._prefixes = {c.name: c.prefix for c in standard().categories}
        self._marks: Mapping[str, str] = {}

    def edition(self) -> Edition:
        for table in self._tables:
            self._read(table)
        self._marks = self._new_marks()
        categories: list[SheetRow] = []
        indicators: list[SheetRow] = []
        merges: dict[int, tuple[tuple[str, str], ...]] = {}
        notes: list[SheetRow] = []
        for table in self._tables:
            shares = shares_of(self._parts(table), table.weights)
            self._say_weights(table, shares)
            categories += self._categories(table, shares)
            for at, row in enumerate(table.rows):
                merged = tuple((str(run[0]), str(run[-1])) for run in row.grades.merged)
                if merged:
                    merges[len(indicators)] = merged
                weight = shares.second.get(at) if row.of is None else None
                indicators.append(self._indicator(table, row, weight))
            notes += self._notes(table)
            self._lines += table.raw.lines
            self._told_cells(table)
        for code, place, values in said_of((t.raw for t in self._tables), self._mapping, self._passed):
            self._add(code, place, **values)
        places = (source.place for t in self._tables for source, _ in t.raw.parts)
        title = next((t.raw.title for t in self._tables if t.raw.title and not self._several), "")
        return Edition(
            categories=categories, indicators=indicators, merges=merges, tables=self._sheet_of_tables(), notes=notes,
            lines=in_order(self._lines, places), mapping=tuple(self._mapping.items()), passed=tuple(self._passed),
            title=title, findings=tuple(self._findings),
        )  # fmt: skip

    def _add(self, code: str, place: str = "", **values: Any) -> None:
        self._findings.append(finding(code, Cell(self._file, place), **values))

    # --- reading ------------------------------------------------------------------------------------------------------
    def _read(self, table: _Table) -> None:
        notes = table.raw.notes
        for raw in table.raw.rows:
            before = table.rows[-1] if table.rows else None
            if raw.of_class and before is not None:
                first = before.of or before
                name, marks, star = first.name, _NO_MARKS, False
                unit = one_line(worded(raw.pieces(Role.UNIT)).text) if Role.UNIT in raw.cells else ""
                unit, out = unit or first.unit, False
                own = raw_weight("" if _same(raw, first.raw, Role.WEIGHT) else _text(raw, Role.WEIGHT))
            else:
                first = None
                found = named(raw.pieces(Role.NAME), notes)
                unit, name, out = unit_of(raw, one_line(found.text))
                marks, star = found.all_marks, found.limiting or _starred(raw, notes.limiting)
                own = raw_weight(_text(raw, Role.WEIGHT))
            grades = baselines(raw, name, unit, notes)
            limiting = star or grades.limiting or (first is not None and first.limiting)
            made = _Row(raw, name, marks, unit, grades, own, limiting, of=first, out_of_name=out)
            if raw.category not in self._mapping:
                self._mapping[raw.category] = self._map(raw.category)
            made.class_name = raw.class_name
            names = self._mapping[raw.category].names
            made.category = first.category if first is not None else choose(names, name, unit)
            table.rows += self._in_classes(made)
            if raw.category_weight and raw.category not in table.weights:
                table.weights[raw.category] = raw_weight(raw.category_weight)
        self._settle_classes(table)

    def _in_classes(self, row: _Row) -> list[_Row]:
        """A row whose cells have a baseline for each class as class rows; else itself."""
        classes = {} if row.of is not None or row.class_name else by_class(row.grades, row.name, row.unit)
        if not classes:
            return [row]
        names = "、".join(classes)
        self._add("import-classes-split", row.raw.place, row=row.raw.row, name=row.name, classes=names)
        made = [replace(row, grades=grades, class_name=name) for name, grades in classes.items()]
        return [made[0], *(replace(one, of=made[0], weight=raw_weight("")) for one in made[1:])]

    def _settle_classes(self, table: _Table) -> None:
        """Tell rows of one name with weights of their own apart from class rows: then all weights make up the group."""
        for source in {r.raw.category for r in table.rows if r.of is not None and r.weight.weight is not None}:
            group = [r for r in table.rows if r.raw.category == source]
            whole = {Fraction(1), *((w.amount,) if (w := self._first_weight(table, source)) is not None else ())}
            own = [r for r in group if r.of is not None and r.weight.weight is not None]
            if _total(group) in whole and _total([r for r in group if r.of is None]) not in whole:
                for row in (*own, *{id(r.of): r.of for r in own if r.of is not None}.values()):
                    row.name = f"{row.name}（{row.class_name}）" if row.class_name else row.name
                    row.class_name = ""
                for row in own:
                    row.of = None
                continue
            for row in own:
                if row.of is not None and row.weight.weight != row.of.weight.weight:
                    self._add(
                        "import-class-weights-differ", row.raw.place, row=row.raw.row, name=row.name,
                        found=row.weight.text, other=row.of.weight.text,
                    )  # fmt: skip

    def _first_weight(self, table: _Table, source: str) -> Weight | None:
        found = table.weights.get(source)
        return None if found is None else found.weight

    def _parts(self, table: _Table) -> Sequence[tuple[str, str, RawWeight | None]]:
        """Source category, category and weight of every row; none for class rows that share one."""
        return [(r.raw.category, r.category, None if r.of is not None else r.weight) for r in table.rows]

    def _new_marks(self) -> Mapping[str, str]:
        used: list[str] = []
        texts: list[str] = []
        for table in self._tables:
            for row in table.rows:
                used += [f"{table.key}\0{m}" for m in (*row.marks, *row.grades.all_marks)]
                texts += [row.name, *row.grades.texts.values()]
        same: dict[tuple[str, str], str] = {}
        one_for: dict[str, str] = {}
        for mark in dict.fromkeys(used):  # marks of several tables with the same words are one
            key, sign = mark.split("\0")
            table = next(t for t in self._tables if t.key == key)
            text = next((n.text for n in table.raw.notes.notes if n.mark == sign), "")
            one_for[mark] = same.setdefault((sign, text), mark)
        fresh = new_marks(list(dict.fromkeys(one_for.values())), texts)
        return {mark: fresh[first] for mark, first in one_for.items()}

    def _marked(self, table: _Table, cell: Named | None) -> str:
        """A cell's words with its new marks where its old ones stood."""
        if cell is None or not cell.all_marks:
            return "" if cell is None else cell.text
        inside = tuple((place, self._mark(table, (mark,))) for place, mark in cell.inside)
        return put_in(cell.text, inside) + self._mark(table, cell.marks)

    def _mark(self, table: _Table, marks: Sequence[str]) -> str:
        return "".join(self._marks[f"{table.key}\0{m}"] for m in marks)

    # --- sheets -------------------------------------------------------------------------------------------------------
    def _sheet_of_tables(self) -> Sequence[SheetRow]:
        if not self._several:
            return ()
        return [{"代号": t.key, "表题": t.raw.title or t.key} for t in self._tables]

    def _categories(self, table: _Table, shares: Shares) -> Iterator[SheetRow]:
        order = [c.name for c in standard().categories]
        names = dict.fromkeys(r.category for r in table.rows)
        if not self._kept:
            names = dict.fromkeys(sorted(names, key=lambda n: order.index(n) if n in order else len(order)))
        for name in names:
            sources = {r.raw.category for r in table.rows if r.category == name}
            bonus = any(table.weights[s].text.strip() == BONUS for s in sources if s in table.weights)
            weight = shares.first.get(name)
            row: dict[str, Value] = {
                "一级指标": name,
                "采用": "是",
                "权重": _cell(weight),
                "附加": "是" if bonus else "否",
            }
            yield ({"分表": table.key} if self._several else {}) | row

    def _indicator(self, table: _Table, row: _Row, weight: Weight | Fraction | None) -> SheetRow:
        head = row.of or row
        grades = {str(r): self._marked(table, row.grades.cells.get(r)) for r in GRADE_ROLES}
        note = [f"{heading}：{text}" if heading else text for heading, text in row.raw.extras]
        note += [_text(row.raw, Role.NOTE)] if _text(row.raw, Role.NOTE) else []
        if row.grades.sure is Verdict.NOT_READ:
            note.append(row.grades.why)
        part = f" {table.raw.title}" if self._several and table.raw.title else ""
        own: dict[str, Value] = {"分表": table.key} if self._several else {}
        return own | {
            "一级指标": row.category,
            "代码": self._code(head),
            "二级指标": row.name + self._mark(table, head.marks),
            "类别": row.class_name
            or (f"类别{_number(table, row)}" if row.of is not None else _first_class(table, row)),
            "单位": row.unit,
            "方向": row.grades.direction.chinese,
            "限定性": "是" if head.limiting else "否",
            "权重": _cell(weight),
            **grades,
            "基准值来源": "政策" if row.grades.numeric else "定性",
            "来源依据": f"{self._file}{part}" if row.grades.numeric else "",
            "说明": "；".join(note),
        }

    def _code(self, row: _Row) -> str:
        key = label_key(row.name)
        if key not in self.codes:
            prefix = self._prefixes.get(row.category, "X")
            self._counts[prefix] += 1
            self.codes[key] = f"{prefix}{self._counts[prefix]}"
        return self.codes[key]

    def _notes(self, table: _Table) -> Iterator[SheetRow]:
        where = {"分表": table.key} if self._several else {}
        used = {m for r in table.rows for m in (*r.marks, *r.grades.all_marks)}
        for note in table.raw.notes.notes:
            if not note.mark and any(own in note.text for own in _OWN_NOTES):
                self._lines.append(
                    Line(table.raw.place, *note.where, note.text, "由程序按指标自动给出，不另存", Verdict.READ)
                )
                continue
            known = note.mark in used
            if note.mark and not known:
                self._add("import-note-without-mark", table.raw.place, mark=note.mark, found=note.text[:30])
            text = note.text if known or not note.mark else f"{note.mark} {note.text}"
            yield {"标记": self._marks[f"{table.key}\0{note.mark}"] if known else "", "内容": text, **where}
        for mark in sorted(used - {n.mark for n in table.raw.notes.notes}):
            self._add("import-mark-without-note", table.raw.place, mark=mark)

    # --- report -------------------------------------------------------------------------------------------------------
    def _say_weights(self, table: _Table, shares: Shares) -> None:
        for category, found in shares.odd:
            self._add("import-weights-odd", table.raw.place, category=category, found=found)

    def _told_cells(self, table: _Table) -> None:
        lines = CellLines(self._mapping, self._lines)
        for name in dict.fromkeys(r.name for r in table.rows if r.of is not None and not r.class_name):
            self._add("import-class-unnamed", table.raw.place, name=name)
        for row in table.rows:
            lines.row(row.raw, row.grades, row.name, row.marks, out_of_name=row.out_of_name)
        for place in table.raw.joined:
            self._add("import-joined-without-heading", place, table=table.raw.place)
        for place, number in table.raw.split:
            self._add("import-row-continued", place, row=number)


def _keys(raw: Sequence[RawTable]) -> list[str]:
    """Keys of tables: 表1, 表2 … as nothing shorter is sure to last."""
    return [f"表{n}" for n in range(1, len(raw) + 1)]


def _text(row: RawRow, role: Role) -> str:
    return one_line(worded(row.pieces(role)).text)


def _same(row: RawRow, first: RawRow, role: Role) -> bool:
    one, other = row.cells.get(role), first.cells.get(role)
    return one is other or one is None or not one.text


def _total(rows: Sequence[_Row]) -> Fraction:
    return sum((r.weight.weight.amount for r in rows if r.weight.weight is not None), Fraction())


def _starred(raw: RawRow, limiting: frozenset[str]) -> bool:
    """Whether a limiting mark stands beside the running number."""
    found = worded(raw.pieces(Role.NUMBER))
    return any(c in "*＊※∗" for c in found.text) or any(m in limiting for m in found.marks)


def _number(table: _Table, row: _Row) -> int:
    group = [r for r in table.rows if r is row.of or r.of is row.of]
    return group.index(row) + 1


def _first_class(table: _Table, row: _Row) -> str:
    return "类别1" if any(r.of is row for r in table.rows) else ""


def _cell(weight: Weight | Fraction | None) -> Value:
    if weight is None:
        return None
    if isinstance(weight, Fraction):
        weight = Weight.number(weight)
    typed = weight.text.endswith("0") and "." in weight.text  # a number would lose the zeros that the source prints
    return weight.text if typed or weight.shared or "/" in weight.text else weight.decimal
