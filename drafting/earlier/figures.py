"""What the cells of a row say as an indicator: name and marks, unit, direction, baselines, weight."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from drafting.earlier.columns import GRADE_ROLES, Role
from drafting.earlier.line import Verdict
from drafting.earlier.marks import STARS, Inside, Notes, worded
from drafting.earlier.rows import RawRow, one_line
from drafting.model.bounds import Bound, BoundKind
from drafting.model.characters import fold
from drafting.model.terms import Direction
from drafting.model.weight import Weight
from drafting.notation.by_class import BY_CLASS, class_rows
from drafting.notation.cells_row import Row, read_baseline
from drafting.notation.units import read_unit
from drafting.notation.weights import WeightError, parse_weight

_IN_NAME = re.compile(r"^(.+?)\s*[(（]([^()（）]*(?:[(（][^()（）]*[)）][^()（）]*)*)[)）]\s*$", re.S)
_IN_NAME_SLASH = re.compile(r"^(.*[\u4e00-\u9fff）)])\s*[/／,，]\s*([A-Za-z%‰][^\u4e00-\u9fff]*)$", re.S)
_NO_UNIT = frozenset({"", "—", "-", "/", "－", "–", "无", "―", "——", "--"})
_LARGER = re.compile(r"率|比例|占比|回收|利用|合格|收率|产率|寿命|效率|覆盖")
_SMALLER = re.compile(
    r"消耗|能耗|电耗|水耗|取水|排放|产生量|用量|使用量|损失|泄漏|浓度|不合格|限量|含量|强度|噪声|单耗"
)
_BRACKETED = re.compile(r"[(（]\s*([*＊※∗])\s*[)）]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_STARS = frozenset(STARS)


class Named(NamedTuple):
    """A cell's words, its marks as they stand in the source, and whether a limiting mark is among them."""

    text: str
    marks: tuple[str, ...]
    limiting: bool
    inside: Inside = ()
    """Marks within the words."""

    @property
    def all_marks(self) -> tuple[str, ...]:
        """Those within and behind the words."""
        return (*(mark for _, mark in self.inside), *self.marks)


def named(pieces: Sequence[tuple[str, int]], notes: Notes) -> Named:
    """Part a name or baseline from its marks; stars are marks, other signs where a note lists them."""
    found = worded(pieces)
    text, marks = found.text, list(found.marks)
    if not _STARS.isdisjoint(text):
        text = _BRACKETED.sub(r"\1", text)
    while text.endswith(notes.signs) and (mark := next((m for m in notes.signs if _ends(text, m)), "")):
        text = text[: -len(mark)].rstrip()
        marks.insert(len(found.marks), mark)
    while text.startswith(notes.signs) and (mark := next((m for m in notes.signs if _begins(text, m)), "")):
        text = text[len(mark) :].lstrip()
        marks.insert(0, mark)
    inside = found.inside
    if notes.inner and any(sign in text for sign in notes.inner):
        text, inside = _taken_out(text, inside, notes.inner)
    if not marks and not inside:
        return Named(text, (), limiting=False)
    mean_limiting = notes.limiting.union(STARS)
    limiting = not mean_limiting.isdisjoint([*marks, *(m for _, m in inside)])
    plain = tuple(dict.fromkeys(m for m in marks if m not in mean_limiting))
    return Named(text, plain, limiting, tuple((at, m) for at, m in inside if m not in mean_limiting))


def _taken_out(text: str, inside: Inside, signs: Sequence[str]) -> tuple[str, Inside]:
    """Take signs with a note out of the words within which they stand; ① among ② … are numbers of requirements."""
    found = list(inside)
    for sign in signs:
        listed = any("①" <= c <= "⑳" and c != sign for c in text) and "①" <= sign <= "⑳"
        while not listed and (at := text.find(sign)) > 0:
            text = text[:at] + text[at + len(sign) :]
            found = [(place - len(sign) if place > at else place, m) for place, m in found] + [(at, sign)]
    return text, tuple(sorted(found))


def _ends(text: str, mark: str) -> bool:
    if not text.endswith(mark) or len(text) == len(mark) or mark.isdecimal():  # a digit on the line is a number's
        return False
    before = text[-len(mark) - 1]
    return not mark[0].isascii() or mark in STARS or mark[0] == "[" or not (before.isascii() and before.isalnum())


def _begins(text: str, mark: str) -> bool:
    """Whether a mark stands before the words; ① before ② is the number of a requirement."""
    alone = mark in STARS or (not mark.isascii() and not any("①" <= c <= "⑳" for c in text[1:]))
    return alone and text.startswith(mark) and len(text) > len(mark)


@dataclass(frozen=True, slots=True)
class Baselines:
    """The grades of one row: words and cells by role, which cells are one, and what sort of indicator they make it."""

    texts: Mapping[Role, str]
    cells: Mapping[Role, Named]
    merged: tuple[tuple[Role, ...], ...]
    limiting: bool
    numeric: bool
    direction: Direction
    sure: Verdict
    why: str = ""
    by_class: bool = False
    """Whether a cell has a baseline for each of several classes."""

    @property
    def all_marks(self) -> tuple[str, ...]:
        """Marks of all grades."""
        return tuple(m for cell in self.cells.values() if cell.marks or cell.inside for m in cell.all_marks)


def baselines(row: RawRow, name: str, unit: str, notes: Notes) -> Baselines:
    """Read the grade cells of a row: what they say, whether they are numbers, and which way is better."""
    texts: dict[Role, str] = {}
    cells: dict[Role, Named] = {}
    merged: list[list[Role]] = []
    limiting = False
    before: tuple[int, int] | None = None
    for role in GRADE_ROLES:
        cell = row.cells.get(role)
        if cell is None:
            before = None
            continue
        at = (cell.row, cell.column)
        if at == before and merged:
            merged[-1].append(role)
            continue
        before = at
        merged.append([role])
        found = named(row.pieces(role), notes)
        if found.text or found.marks:
            texts[role], cells[role] = found.text, found
        limiting |= found.limiting
    spans = tuple(tuple(run) for run in merged if len(run) > 1 and run[0] in texts)
    return _understood(Baselines(texts, cells, spans, limiting, False, Direction.QUALITATIVE, Verdict.READ), name, unit)


_AS_WORDS = Direction.QUALITATIVE, Verdict.READ, ""


def by_class(grades: Baselines, name: str, unit: str) -> Mapping[str, Baselines]:
    """Cells with a baseline for each class (山区≥60；丘陵区≥40) as those of a row for each class; else nothing."""
    if not grades.by_class or any(cell.inside for cell in grades.cells.values()):
        return {}
    row = Row(name, unit)
    rows = class_rows([read_baseline(text, row) for text in grades.texts.values()], row)
    found: dict[str, Baselines] = {}
    for class_name, said in rows.items():
        texts = dict(zip(grades.texts, said, strict=True))
        cells = {role: cell._replace(text=texts[role]) for role, cell in grades.cells.items()}
        one = _understood(replace(grades, texts=texts, cells=cells), name, unit)
        if not one.numeric or one.sure is Verdict.NOT_READ:
            return {}
        why = f"按类别分成 {len(rows)} 行：{'、'.join(rows)}"
        found[class_name] = replace(one, sure=Verdict.INFERRED, why=f"{why}；{one.why}" if one.why else why)
    return found


def _understood(grades: Baselines, name: str, unit: str) -> Baselines:
    """The same with what sort of indicator its words make it."""
    of, texts = Row(name, unit), grades.texts
    bounds = [read_baseline(text, of) for text in texts.values()]
    told = [b for b in bounds if b.bound.kind is not BoundKind.MISSING]
    good = [b for b in told if not b.fault and b.bound.kind is not BoundKind.SAME_AS]
    measured = unit not in _NO_UNIT
    numeric = bool(good) and (len(good) == len([b for b in told if b.bound.kind is not BoundKind.SAME_AS]) or measured)
    numeric = numeric or (measured and not good)
    several = any(b.fault == BY_CLASS for b in told)
    direction, sure, why = _direction([b.bound for b in told], name) if numeric else _AS_WORDS
    return Baselines(
        texts=texts,
        cells=grades.cells,
        merged=grades.merged,
        limiting=grades.limiting,
        numeric=numeric,
        direction=direction,
        sure=sure,
        why=why,
        by_class=several,
    )


def _direction(bounds: Sequence[Bound], name: str) -> tuple[Direction, Verdict, str]:
    signs = {b.operator.value[0] for b in bounds if b.operator is not None and b.operator.value[0] in "<>"}
    if signs == {"<"}:
        return Direction.SMALLER, Verdict.READ, ""
    if signs == {">"}:
        return Direction.LARGER, Verdict.READ, ""
    numbers = [b.number for b in bounds if b.number is not None]
    if len(numbers) > 1 and numbers == sorted(numbers) and numbers[0] != numbers[-1]:
        return Direction.SMALLER, Verdict.INFERRED, "方向由三级数值的大小推定"
    if len(numbers) > 1 and numbers == sorted(numbers, reverse=True) and numbers[0] != numbers[-1]:
        return Direction.LARGER, Verdict.INFERRED, "方向由三级数值的大小推定"
    if _SMALLER.search(name):
        return Direction.SMALLER, Verdict.INFERRED, "方向由指标名称推定"
    if _LARGER.search(name):
        return Direction.LARGER, Verdict.INFERRED, "方向由指标名称推定"
    return Direction.SMALLER, Verdict.NOT_READ, "方向看不出来，暂按越小越好，请核对"


def unit_of(row: RawRow, name: str) -> tuple[str, str, bool]:
    """Give unit and name, and whether the unit came out of the name: it has a column, or ends the name in a bracket."""
    unit = one_line(worded(row.pieces(Role.UNIT)).text) if Role.UNIT in row.cells else ""
    if unit not in _NO_UNIT or Role.UNIT in row.cells:
        return ("" if unit in _NO_UNIT else unit), name, False
    for pattern in (_IN_NAME, _IN_NAME_SLASH):
        if found := pattern.match(name):
            read = read_unit(found[2])
            if read is not None and read.known:
                return found[2].strip(), found[1].strip(), True
    return "", name, False


@dataclass(frozen=True, slots=True)
class RawWeight:
    """A weight as it stands: its words, and its amount where it is a number or a share of one."""

    text: str
    weight: Weight | None
    points: bool = False
    """Out of 100."""


@lru_cache(maxsize=1 << 10)
def raw_weight(text: str) -> RawWeight:
    """Read a weight: 0.15, 15%, 0.8/n, or points out of 100."""
    says = fold(text).strip().strip("".join(STARS))
    if not says:
        return RawWeight("", None)
    try:
        return RawWeight(text, parse_weight(says))
    except WeightError as fault:
        if fault.reason == "range" and _NUMBER.fullmatch(says) and Fraction(says) <= 100:
            return RawWeight(text, Weight.number(Decimal(says)), points=True)
        return RawWeight(text, None)
