"""Random indicator systems as a committee may have written them, and the ways in which Word files cut tables up."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from hypothesis import strategies as st

from drafting.document.tree import Cell, Column, Row, Table, Text
from drafting.model.bounds import Bound, parse_bound
from drafting.model.system import Category, Indicator, IndicatorSystem, TableNote
from drafting.model.terms import GRADES, BaselineSource, Direction, Grade
from drafting.model.weight import Weight
from drafting.notation.cells_row import Row as RowOf
from drafting.notation.cells_row import read_baseline
from drafting.notation.weights import parse_weight
from drafting.standard import standard

_UNITS = ("kgce/t", "%", "m³/t", "kg/t", "kW·h/t", "t/t", "dB(A)", "mg/m³", "kgCO₂/t")
_WORDS = ("达到国内先进水平", "有制度并有效执行", "1.采用密闭工艺\n2.全过程自动控制", "按GB/T 24001建立体系",
          "符合产业政策", "①建立台账；②定期审核", "设有专职人员")  # fmt: skip
_CLASSES = ("开采深度≤250m", "开采深度>250m", "大型", "小型（1000t/d以下）", "干法")
_NAMES = ("单位产品综合能耗", "低 VOCs 含量原料使用率", "取水量", "工艺装备", "重复利用率", "PM2.5 排放浓度",
          "管理体系", "废水产生量", "产品合格率", "噪声", "审核执行情况", "颗粒物（有组织）排放量")  # fmt: skip


def words_beside(marks: tuple[str, ...]) -> tuple[str, ...]:
    """Words of a grade; numbered requirements only where the footnotes are not numbered alike."""
    return tuple(w for w in _WORDS if not {"①", "②"} & {*marks} or "①" not in w)


@st.composite
def weights(draw: st.DrawFn, count: int, *, shares: bool) -> list[Weight]:
    """Weights that sum to 1: two decimals, or some that share 0.8/n."""
    if shares and count > 2 and draw(st.booleans()):
        return [parse_weight("0.8/n")] * (count - 1) + [parse_weight("0.2")]
    cuts = sorted(draw(st.lists(st.integers(1, 99), min_size=count - 1, max_size=count - 1, unique=True)))
    ends = [0, *cuts, 100]
    return [Weight.number(Decimal(b - a).scaleb(-2)) for a, b in pairwise(ends)]


@st.composite
def systems(draw: st.DrawFn) -> IndicatorSystem:
    """One to four categories of one to four indicators, with merged cells, marks, notes and limiting indicators."""
    names = draw(
        st.lists(st.sampled_from([c.name for c in standard().categories]), min_size=1, max_size=4, unique=True)
    )
    order = [c.name for c in standard().categories]
    names.sort(key=order.index)
    first = draw(weights(len(names), shares=False))
    categories = tuple(Category(n, weight=w) for n, w in zip(names, first, strict=True))
    marks = draw(st.sampled_from([(), ("a",), ("①", "②")]))
    indicators: list[Indicator] = []
    used: set[str] = set()
    number_of, classes = 1, draw(st.booleans())
    for name in names:
        count = draw(st.integers(1, 4))
        for weight in draw(weights(count, shares=True)):
            number = number_of
            rows = [draw(indicator(name, number, weight, marks))]
            if classes and draw(st.integers(0, 3)) == 0:
                rows = draw(class_rows(rows[0], marks))
            for made in rows:
                used.update(made.marks, *(b.marks for b in made.baselines.values()))
            indicators += rows
            number_of += 1
    notes = tuple(TableNote(m, f"关于{m}的说明，含{n}项") for n, m in enumerate(marks) if m in used)
    if draw(st.booleans()):
        notes = (*notes, TableNote("", "能耗按当量值计算"))
    return IndicatorSystem(categories, tuple(indicators), notes)


@st.composite
def class_rows(draw: st.DrawFn, one: Indicator, marks: tuple[str, ...]) -> list[Indicator]:
    """Two or three class rows of an indicator, which share name, unit and weight and have baselines of their own."""
    names = draw(st.lists(st.sampled_from(_CLASSES), min_size=2, max_size=3, unique=True))
    return [
        replace(one, baselines=draw(baselines(one, marks)), merged=frozenset()).as_class(name, number, one.weight)
        for number, name in enumerate(names, 1)
    ]


@st.composite
def baselines(draw: st.DrawFn, one: Indicator, marks: tuple[str, ...]) -> dict[Grade, Bound]:
    """Other baselines for the same indicator."""
    row = RowOf(one.name, one.unit, one.direction.value, frozenset(marks))
    if one.qualitative:
        texts = [draw(st.sampled_from(words_beside(marks))) for _ in GRADES]
    else:
        sign = "≤" if one.direction is Direction.SMALLER else "≥"
        numbers = sorted(draw(st.lists(st.integers(1, 999), min_size=3, max_size=3)))
        texts = [f"{sign}{n}" for n in (numbers if sign == "≤" else reversed(numbers))]
    return {g: read_baseline(t, row).bound for g, t in zip(GRADES, texts, strict=True)}


@st.composite
def indicator(draw: st.DrawFn, category: str, number: int, weight: Weight, marks: tuple[str, ...]) -> Indicator:
    """One indicator; its name is its own by a number."""
    name = f"{draw(st.sampled_from(_NAMES))}{'甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳'[number - 1]}"
    direction = draw(st.sampled_from(list(Direction)))
    own = tuple(m for m in marks if draw(st.integers(0, 5)) == 0)
    merged: frozenset[Grade] = frozenset()
    if direction is Direction.QUALITATIVE:
        unit = ""
        texts = [draw(st.sampled_from(words_beside(marks))) for _ in GRADES]
        if draw(st.booleans()):
            texts = texts[:1]  # one baseline for all (5.5.3)
    else:
        unit = draw(st.sampled_from(_UNITS))
        sign = "≤" if direction is Direction.SMALLER else "≥"
        numbers = sorted(draw(st.lists(st.integers(1, 9999), min_size=3, max_size=3)))
        if direction is Direction.LARGER:
            numbers.reverse()
        places = draw(st.integers(0, 3))
        texts = [f"{sign}{Decimal(n).scaleb(-places):f}" for n in numbers]
        if draw(st.integers(0, 4)) == 0:
            texts[2], merged = texts[1], frozenset({Grade.III})
    row = RowOf(name, unit, direction.value, frozenset(marks))
    marked = [t + "".join(m for m in marks if draw(st.integers(0, 9)) == 0) for t in texts]
    if merged:
        marked[2] = marked[1]
    bounds = {g: read_baseline(t, row).bound for g, t in zip(GRADES, marked, strict=False)}
    assert all(parse_bound(t).text == t for t in texts)
    return Indicator(
        f"K{number}", name, category, unit, direction, draw(st.booleans()), weight, bounds,
        BaselineSource.QUALITATIVE if direction is Direction.QUALITATIVE else BaselineSource.POLICY,
        source_basis="某标准", marks=own, merged=merged,
    )  # fmt: skip


# --- how files cut tables up ------------------------------------------------------------------------------------------
def cuts(table: Table) -> list[int]:
    """Body rows before which a table can be cut: the classes of one indicator stay together."""
    whole = [n for n, row in enumerate(table.body) if len(row) >= len(table.columns) - 4]  # has a number of its own
    return [n for n in whole if n]


def cut(table: Table, at: int, *, caption: str) -> tuple[Table, Table]:
    """Cut a table before a body row, as at the end of a page; merged cells begin again, notes stand under the end."""
    first, second = list(table.body[:at]), list(table.body[at:])
    reach: list[tuple[int, Cell]] = []  # cells of the first part that go on, in the order of their columns
    for number, row in enumerate(first):
        for position, cell in enumerate(row):
            if number + cell.rowspan > at:
                first[number] = (*first[number][:position], replace(cell, rowspan=at - number), *row[position + 1 :])
                reach.append((number + cell.rowspan - at, cell))
    again = tuple(replace(cell, rowspan=left) for left, cell in reach)
    second[0] = (*again, *second[0])
    end = replace(table, anchor=f"{table.anchor}-2", caption=caption, body=tuple(second))
    return replace(table, body=tuple(first), notes=(), footnotes=()), end


def two_heading_rows(table: Table) -> Table:
    """Put the grades under a heading of their own, all other headings over two rows."""
    (titles,) = table.head
    over: Row = (*(replace(c, rowspan=2) for c in titles[:-3]), Cell((Text("指标基准值"),), colspan=3))
    grades: Row = tuple(Cell((Text(t),)) for t in ("Ⅰ级", "Ⅱ级", "Ⅲ级"))
    return replace(table, head=(over, grades))


def with_assessment(table: Table) -> Table:
    """Add a column in which an enterprise writes its own figures."""
    (titles,) = table.head
    body = tuple((*row, Cell((Text("12.5" if n % 2 else ""),))) for n, row in enumerate(table.body))
    return replace(
        table, columns=(*table.columns, Column(8)), head=((*titles, Cell((Text("企业现状值"),))),), body=body
    )
