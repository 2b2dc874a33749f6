"""What experts are asked for of a standard with several tables: each table's groups, shared ones once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.model.tables import TABLE_SIGN, IndicatorTable


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """A group as experts are asked for it.

    Attributes
    ----------
    name : str
        As its sheet is called: ``甲工序·能源消耗``; the category alone where several tables share it.
    group : str
        一级指标 or the category.
    tables : tuple of str
        Keys of the tables that it weighs.
    members : Mapping
        Key of each item (category name, indicator code) -> its name.
    system : IndicatorSystem
        Of the first of these tables.
    """

    name: str
    group: str
    tables: tuple[str, ...]
    members: Mapping[str, str]
    system: IndicatorSystem

    def concerns(self, tables: Iterable[str]) -> bool:
        """Whether an expert for these tables (nothing: for all) is asked for it."""
        wanted = set(tables)
        return not wanted or bool(wanted & set(self.tables))


def asked_groups(tables: Sequence[IndicatorTable], *, share: bool) -> tuple[AskedGroup, ...]:
    """
    Give the groups of several tables: the first level once per table, then the categories.

    A category with the same indicators in several tables, without typed weights, is one group where ``share`` says so
    (setting 同组共用). Groups of one are left out; those with typed weights stay, for answers may lie there.
    """
    own: list[tuple[str, IndicatorTable, dict[str, str]]] = []
    for table in tables:
        system = table.system
        own.append((FIRST_LEVEL, table, {c.name: c.name for c in system.weighted}))
        own += [(c.name, table, {i.code: i.name for i in system.heads_of(c.name)}) for c in system.adopted]
    own = [(group, table, members) for group, table, members in own if len(members) > 1]

    def same(group: str, table: IndicatorTable, members: Mapping[str, str]) -> tuple[str, tuple[str, ...]] | None:
        open_group = group != FIRST_LEVEL and group not in table.system.given
        return (group, tuple(members)) if share and open_group else None

    counts = Counter(key for one in own if (key := same(*one)) is not None)
    once = {key for key, n in counts.items() if n > 1}
    first = {group: key for key in reversed([k for k in counts if k in once]) for group in key[:1]}
    found: dict[str, AskedGroup] = {}
    for group, table, members in own:
        key = same(group, table, members)
        if key is not None and first.get(group) == key:
            before = found.get(group)
            keys = (*before.tables, table.key) if before is not None else (table.key,)
            system = before.system if before is not None else table.system
            found[group] = AskedGroup(group, group, keys, members, system)
        else:
            name = f"{table.key}{TABLE_SIGN}{group}"
            found[name] = AskedGroup(name, group, (table.key,), members, table.system)
    return tuple(found.values())


def group_in(asked: Sequence[AskedGroup], name: str, table: str) -> str | None:
    """Which group of a table the answers to an asked group weigh; None where they are about other tables."""
    return next((a.group for a in asked if a.name == name and table in a.tables), None)
