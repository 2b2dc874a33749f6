"""The main technical changes from the earlier edition (GB/T 1.1—2020, foreword), as sentences made from both tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Self

from drafting.model.editions import Side, pairs, rows_of
from drafting.model.identity import label_key
from drafting.model.inputs import Inputs
from drafting.model.results import Results
from drafting.model.terms import GRADES
from drafting.rulebooks import rulebook
from drafting.standard import standard

SYSTEM, LEVELS, GRADES_OF, EARLIER = "table:system", "part:levels", "clause:grades", "earlier"
"""Anchors of what a change is about: the table, the meaning of its grades, the conditions for a grade; what is no more
stands in the earlier edition alone."""
NAMED = 6
"""Indicators that one sentence names; of more it gives the number."""


class TechnicalChange(str):
    """A sentence on a change, and where the draft says what is new."""

    __slots__ = ("place",)
    place: str

    def __new__(cls, says: str, place: str = SYSTEM) -> Self:
        """Give a sentence the anchor of what it is about."""
        made = super().__new__(cls, says)
        made.place = place
        return made


def technical_changes(
    old: Inputs, new: Inputs, results: Results, before: Results | None = None
) -> tuple[TechnicalChange, ...]:
    """Say the main technical changes, one sentence each, without the mark at its end.

    ``old``: the earlier edition, as typed or imported.
    ``new``, ``results``: the draft.
    ``before``: what was computed for the earlier one, where it is a project of its own; by default it is as typed.
    """
    earlier = before or Results()
    found = pairs(rows_of(old, earlier), rows_of(new, results))
    both = [(p.old, p.new) for p in found if p.old is not None and p.new is not None]
    met = Counter((a.table, b.table) for a, b in both).most_common()
    tables = {was: now for (was, now), _ in reversed(met)}  # an imported edition calls its tables 表1, 表2
    gone = [p.old for p in found if p.new is None and p.old is not None]
    said = (
        *_tables(old, new),
        *_categories(old, new),
        *_listed(
            "增加了二级指标", [p.new for p in found if p.old is None and p.new is not None], rows_of(old, Results())
        ),
        *(TechnicalChange(one, EARLIER) for one in _listed("删除了二级指标", gone, rows_of(new, results))),
        *(f"将二级指标“{a.name}”改为“{b.name}”" for a, b in _once(both) if label_key(a.name) != label_key(b.name)),
        *_listed("更改了计量单位的二级指标有", [b for a, b in both if a.unit != b.unit]),
        *_listed("改为限定性指标的有", [b for a, b in both if b.limiting and not a.limiting]),
        *_listed("不再作为限定性指标的有", [b for a, b in both if a.limiting and not b.limiting]),
        *_listed("更改了基准值的二级指标有", [b for a, b in both if _printed(a) != _printed(b)]),
        *_weights(_first_level(old, earlier, tables) != _first_level(new, results, {}), both),
    )
    return (*(s if isinstance(s, TechnicalChange) else TechnicalChange(s) for s in said), *_rules(old, new))


def _printed(side: Side) -> tuple[str, ...]:
    return tuple("".join(text.split()) for text in side.baselines)


def _once(both: Sequence[tuple[Side, Side]]) -> Iterator[tuple[Side, Side]]:
    """Pairs of indicators, those with class rows or in several tables once."""
    seen: set[tuple[str, str]] = set()
    for a, b in both:
        if (a.name, b.name) not in seen:
            seen.add((a.name, b.name))
            yield a, b


def _listed(words: str, rows: Sequence[Side], others: Sequence[Side] = ()) -> Iterator[str]:
    """Name indicators; of one that the other edition has elsewhere, the table or class that it is about."""
    elsewhere = {label_key(row.name) for row in others}
    names = list(dict.fromkeys(_where(row) if label_key(row.name) in elsewhere else row.name for row in rows))
    if not names:
        return
    shown = "".join(f"“{name}”" for name in names[:NAMED])
    yield f"{words}{shown}" + (f"等{len(names)}项" if len(names) > NAMED else "")


def _where(row: Side) -> str:
    """An indicator's name with its table and class."""
    parts = "，".join(filter(None, (row.table, row.class_name)))
    return f"{row.name}（{parts}）" if parts else row.name


def _tables(old: Inputs, new: Inputs) -> Iterator[str]:
    was, now = len(old.slices), len(new.slices)
    if was != now:
        yield f"将指标体系表由{was}张改为{now}张"


def _categories(old: Inputs, new: Inputs) -> Iterator[str]:
    was, now = ([c.name for c in i.system.adopted] for i in (old, new))
    if was == now:
        return
    same = [standard().category(n) for n in was]
    if all(c is not None for c in same) and [c.name for c in same if c is not None] == now:
        return  # the same ones in other spellings
    first, second = ("".join(f"“{n}”" for n in names) for names in (was, now))
    yield f"将一级指标由{first}{len(was)}类调整为{second}{len(now)}类"


def _weights(first: bool, both: Sequence[tuple[Side, Side]]) -> Iterator[str]:
    """``first``: whether those of the first level changed."""
    second = any(a.weight != b.weight for a, b in both)
    if first or second:
        which = "一级指标和二级指标" if first and second else "一级指标" if first else "二级指标"
        yield f"更改了{which}的权重"


def _first_level(inputs: Inputs, results: Results, tables: Mapping[str, str]) -> dict[str, str]:
    """Weights by table and category; ``tables``: what those of the other edition are called in this one."""
    found: dict[str, str] = {}
    for one in inputs.slices:
        own, table = results.tables.get(one.table, results), tables.get(one.table, one.table)
        for category in one.system.weighted:
            weight = own.weights.category(category.name) if own.weights else category.weight
            known = standard().category(category.name)
            found[f"{table} {known.name if known else category.name}"] = str(weight or "")
    return found


def _rules(old: Inputs, new: Inputs) -> Iterator[TechnicalChange]:
    was, now = rulebook(old.settings.rules), rulebook(new.settings.rules)
    meanings = [(g, was.meaning(g), now.meaning(g)) for g in GRADES]
    if changed := [f"{g.chinese}由“{a}”改为“{b}”" for g, a, b in meanings if a != b]:
        yield TechnicalChange(f"更改了等级的含义：{'，'.join(changed)}", LEVELS)
    if was.others != now.others:
        nothing_asked = was.others is not None and not any(was.others)
        said = "增加了Ⅰ级、Ⅱ级对非限定性指标的要求" if nothing_asked else "更改了等级划分条件"
        yield TechnicalChange(said, GRADES_OF)
