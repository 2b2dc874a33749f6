"""Whose questionnaire a workbook is: project, instrument, round, table, expert, items and issue.

It stands in the file twice: in the custom properties, which survive whatever happens to the sheets, and as a line on
sheet 专家, which survives programs that drop properties. Where both are there the properties count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.workbook.cells import text
from drafting.workbook.headings import EXPERT_SHEET, key
from drafting.workbook.sheets import Sheet, Workbook

if TYPE_CHECKING:
    from openpyxl import Workbook as Written

MATRICES, WEIGHTS, RATINGS = "判断矩阵", "权重", "重要性评分"
"""Words of the instruments."""

_PROPERTY = "问卷标识"
_CHUNK = 200  # Excel keeps 255 characters of a property
_FIELDS = ("项目", "项目号", "问卷", "轮次", "专家代号", "卷号")
ITEM_HEADINGS = ("所属", "项目代码", "项目名称")
_MOST_ROWS = 2_000


class Source(StrEnum):
    """Where an identity was read."""

    PROPERTIES = "properties"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the questionnaire named it: its group, its code (the name, for a first-level indicator), its name."""

    group: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What one questionnaire is.

    ``issue`` counts the questionnaires of an instrument and round that asked something else; 0 is a file that was not
    sent out, such as an answer from the pages.
    """

    project: str
    project_id: str
    instrument: str
    round: int
    expert: str
    issue: int
    items: tuple[Item, ...] = ()
    source: Source = Source.PROPERTIES

    @property
    def line(self) -> str:
        """The visible line."""
        values = (self.project, self.project_id, self.instrument, self.round, self.expert, self.issue)
        return "｜".join(f"{name}：{value}" for name, value in zip(_FIELDS, values, strict=True))


def items_of(system: IndicatorSystem, groups: Mapping[str, Sequence[str]]) -> tuple[Item, ...]:
    """Give the items of groups (一级指标, categories); ``groups`` maps each to the codes or category names asked."""
    names = {i.code: i.name for i in (*system.indicators, *system.heads)}
    return tuple(
        Item(group, code, code if group.endswith(FIRST_LEVEL) else names[code])
        for group, of in groups.items() for code in of
    )  # fmt: skip


def put_properties(book: Written, identity: Identity) -> None:
    """Write an identity into the custom properties, in pieces that Excel keeps whole."""
    from openpyxl.packaging.custom import StringProperty

    content = json.dumps(
        {
            "项目": identity.project, "项目号": identity.project_id, "问卷": identity.instrument,
            "轮次": identity.round, "专家代号": identity.expert, "卷号": identity.issue,
            "项目清单": [[i.group, i.code, i.name] for i in identity.items],
        },
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    pieces = [content[k : k + _CHUNK] for k in range(0, len(content), _CHUNK)]
    for number, piece in enumerate(pieces, 1):
        # in brackets: blanks at the ends of a property do not survive every program
        held = book.custom_doc_props  # type: ignore[attr-defined]  # not in the stubs
        held.append(StringProperty(name=f"{_PROPERTY}{number:03d}", value=f"[{piece}]"))


def read_identity(book: Workbook) -> Identity | None:
    """Read an identity: the properties first, else the visible line; None where there is neither."""
    return _of_properties(book.properties) or _of_line(book.sheet(EXPERT_SHEET.title))


def visible_identity(book: Workbook) -> Identity | None:
    """Read the visible line alone."""
    return _of_line(book.sheet(EXPERT_SHEET.title))


def _of_properties(found: Mapping[str, str]) -> Identity | None:
    pieces = [found[name] for name in sorted(found) if name.startswith(_PROPERTY)]
    if not pieces:
        return None
    try:
        content = json.loads("".join(p[p.index("[") + 1 : p.rindex("]")] for p in pieces))
        items = tuple(Item(*map(str, item)) for item in content["项目清单"])
        return _made(content, items, Source.PROPERTIES)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _of_line(sheet: Sheet | None) -> Identity | None:
    for row in sheet.rows[:_MOST_ROWS] if sheet is not None else ():
        for value in row:
            if isinstance(value, str) and "卷号" in value and "｜" in value:
                parts = dict(part.strip().partition("：")[::2] for part in value.split("｜"))
                try:
                    return _made({k.strip(): v.strip() for k, v in parts.items()}, _items(sheet), Source.LINE)
                except (ValueError, KeyError):
                    return None
    return None


def _made(content: Mapping[str, Any], items: tuple[Item, ...], source: Source) -> Identity:
    return Identity(
        project=str(content["项目"]), project_id=str(content["项目号"]), instrument=str(content["问卷"]),
        round=int(content["轮次"]), expert=str(content["专家代号"]), issue=int(content["卷号"]),
        items=items, source=source,
    )  # fmt: skip


def _items(sheet: Sheet | None) -> tuple[Item, ...]:
    """Read the list of items under their headings."""
    wanted = [key(h) for h in ITEM_HEADINGS]
    for number, row in enumerate(sheet.rows if sheet is not None else ()):
        keys = [key(v) if isinstance(v, str) else "" for v in row]
        if all(w in keys for w in wanted):
            places = [keys.index(w) for w in wanted]
            found = []
            for values in (sheet.rows if sheet is not None else ())[number + 1 :]:
                cells = [text(values[p]) if p < len(values) else "" for p in places]
                if not all(cells):
                    break
                found.append(Item(*cells))
            return tuple(found)
    return ()


class Renaming:
    """What a questionnaire called the items, against what they are called now.

    A label counts as the item that bears it now; else as the item whose code it had when the questionnaire was made,
    unless that code has passed to an item that the questionnaire knew under another label.
    """

    def __init__(self, identity: Identity, groups: Mapping[str, Mapping[str, str]]) -> None:
        self._groups = groups
        self._names = {(i.group, key(word)): i for i in identity.items for word in (i.name, i.code)}
        self._issued: dict[str, list[Item]] = {}
        for item in identity.items:
            self._issued.setdefault(item.group, []).append(item)
        self._now = {now: old for old in self._issued if (now := self._current(old)) is not None}
        self.renamed: dict[str, str] = {}
        """Old name -> present name, as far as labels were read."""
        self.removed: dict[str, None] = {}
        """Names of items that are no longer asked, as far as labels were read."""

    def _current(self, issued: str) -> str | None:
        """The present group that an issued one is: of the same name, or the one that most of its codes are in."""
        if issued in self._groups:
            return issued
        codes = {i.code for i in self._issued[issued]}
        shared = {g: len(codes & m.keys()) for g, m in self._groups.items() if g not in self._issued}
        best = max(shared, key=lambda g: shared[g], default=None)
        return best if best is not None and shared[best] else None

    def items(self, group: str) -> Sequence[Item]:
        """What the questionnaire asked of a present group."""
        return self._issued.get(self._now.get(group, group), ())

    def title(self, group: str) -> str | None:
        """What a present group was called in the questionnaire; None if it was not asked."""
        return self._now.get(group)

    def group(self, says: str) -> str | None:
        """The present group that a group's label of the questionnaire means."""
        return next((now for now, old in self._now.items() if key(old) == key(says)), None)

    def member(self, group: str, says: str) -> str | None:
        """Find the present item of a group by a label that is not its present name.

        Returns key of the item; None for an unknown label and for an item that is gone (then kept in ``removed``).
        """
        old = self._now.get(group, group)
        item = self._names.get((old, key(says)))
        if item is None:
            return None
        present = self._groups.get(group, {})
        if group.endswith(FIRST_LEVEL):
            table = group.removesuffix(FIRST_LEVEL)  # of several, whose categories are groups of that table or shared
            now = self.group(table + item.code) or self.group(item.code)
            found = now.removeprefix(table) if now is not None and now.removeprefix(table) in present else None
        else:
            taken = {key(i.name) for i in self._issued[old] if i is not item}
            held = present.get(item.code)
            found = item.code if held is not None and key(held) not in taken else None
        if found is None:
            self.removed[item.name] = None
        elif key(present[found]) != key(item.name):
            self.renamed[item.name] = present[found]
        return found

    def is_removed(self, group: str, says: str) -> bool:
        """Whether a label is an item that the questionnaire asked and that is no longer there."""
        return (self._now.get(group, group), key(says)) in self._names and self.member(group, says) is None
