"""What experts are asked for: the groups of one table, or of several with equal ones once; and what a table hears."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from drafting.model.experts import Allocation, DelphiAnswer, DelphiRound, Expert, JudgementMatrix
from drafting.model.revisions import RATED, Answers, Values
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, IndicatorSystem
from drafting.model.tables import TABLE_SIGN, IndicatorTable

BETWEEN = "、"
"""Between the keys of tables that share a group, as questionnaires show them."""


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """A group as experts are asked for it."""

    name: str
    """As its sheet is called: ``甲工序·能源消耗``; the category alone where several tables share it, and in a
    standard with one table.
    """
    group: str
    """一级指标 or the category."""
    tables: tuple[str, ...]
    """Keys of the tables that it weighs; none in a standard with one table."""
    members: Mapping[str, str]
    """Key of each item (category name, indicator code) -> its name."""
    system: IndicatorSystem
    """Of the first of these tables."""

    def concerns(self, tables: Iterable[str]) -> bool:
        """Whether an expert for these tables (nothing: for all) is asked for it."""
        wanted = set(tables)
        return not wanted or bool(wanted & set(self.tables))

    @property
    def open(self) -> bool:
        """Whether experts are asked for its weights: nothing is typed, and there is something to weigh."""
        return len(self.members) > 1 and self.group not in self.system.given and not _bonus(self.system, self.group)

    def rated(self, code: str) -> str:
        """Key of an importance rating: the code; with several tables the group before it, for one may differ."""
        return f"{self.name}{TABLE_SIGN}{code}" if self.tables else code


def _bonus(system: IndicatorSystem, group: str) -> bool:
    return any(c.bonus and c.name == group for c in system.categories)


def groups_asked(
    system: IndicatorSystem, tables: Sequence[IndicatorTable], settings: Settings
) -> tuple[AskedGroup, ...]:
    """Give the groups of a project: of its several tables, or of its one."""
    return asked_groups(tables, share=settings.shared_groups != "否") if tables else groups_of_one(system)


def groups_of_one(system: IndicatorSystem) -> tuple[AskedGroup, ...]:
    """Give the groups of a standard with one table, first level first; those of one item are there as well."""
    return tuple(AskedGroup(name, name, (), members, system) for name, members in _groups(system))


def asked_groups(tables: Sequence[IndicatorTable], *, share: bool) -> tuple[AskedGroup, ...]:
    """Give the groups of several tables: the first level once per table, then the categories.

    A category with the same indicators in several tables, without typed weights, is one group where ``share`` says so
    (setting 同组共用). Groups of one are there, for they are rated, and those with typed weights, for answers may lie
    there.
    """
    own = [(group, table, members) for table in tables for group, members in _groups(table.system)]
    sets: dict[tuple[str, tuple[str, ...]], int] = {}
    for group, table, members in own:
        closed = group == FIRST_LEVEL or group in table.system.given or _bonus(table.system, group)
        if share and not closed:
            key = group, tuple(members)
            sets[key] = sets.get(key, 0) + 1
    once: dict[str, tuple[str, tuple[str, ...]]] = {}
    for key in sorted((k for k, n in sets.items() if n > 1), key=lambda k: len(k[1]) < 2):  # first one that is weighed
        once.setdefault(key[0], key)
    found: dict[str, AskedGroup] = {}
    for group, table, members in own:
        closed = group in table.system.given or _bonus(table.system, group)
        if not closed and once.get(group) == (group, tuple(members)):
            before = found.get(group) or AskedGroup(group, group, (), members, table.system)
            found[group] = replace(before, tables=(*before.tables, table.key))
        else:
            name = f"{table.key}{TABLE_SIGN}{group}"
            found[name] = AskedGroup(name, group, (table.key,), members, table.system)
    return tuple(found.values())


def _groups(system: IndicatorSystem) -> list[tuple[str, Mapping[str, str]]]:
    found = [(FIRST_LEVEL, {c.name: c.name for c in system.weighted})]
    found += [(c.name, {i.code: i.name for i in system.heads_of(c.name)}) for c in system.adopted]
    return [(group, MappingProxyType(members)) for group, members in found if members]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one of several tables hears of the answers: those to the groups that weigh it, by its own groups' names."""

    table: str
    asked: tuple[AskedGroup, ...]

    @property
    def own(self) -> tuple[AskedGroup, ...]:
        """The groups that weigh the table."""
        return tuple(a for a in self.asked if self.table in a.tables)

    @property
    def shared(self) -> Mapping[str, tuple[str, ...]]:
        """Groups that it shares, each with the tables that do."""
        return MappingProxyType({a.group: a.tables for a in self.own if len(a.tables) > 1})

    def judgements(self, matrices: Iterable[JudgementMatrix]) -> tuple[JudgementMatrix, ...]:
        """The matrices of the table's groups."""
        names = {"": "", **self._names}  # those without a group tell who answered
        return tuple(replace(m, group=names[m.group]) for m in matrices if m.group in names)

    def rounds(self, rounds: Iterable[DelphiRound]) -> tuple[DelphiRound, ...]:
        """The rounds in which somebody answered for the table, with the answers that did."""
        held = (replace(r, answers=tuple(filter(None, map(self._answer, r.answers)))) for r in rounds)
        return tuple(r for r in held if r.answers)

    def record(self, versions: Iterable[Answers]) -> tuple[Answers, ...]:
        """The versions of the answers to the table's groups."""
        found: list[Answers] = []
        for a in versions:
            if a.group == RATED:
                values: Values = {(self._rated[k],): v for (k,), v in a.values.items() if k in self._rated}
                found += [replace(a, values=values)] if values else []
            elif a.group in self._names:
                found.append(replace(a, group=self._names[a.group]))
        return tuple(found)

    def panel(self, experts: Iterable[Expert], answered: Iterable[str]) -> tuple[Expert, ...]:
        """The experts who are asked for something of the table, and those who answered it."""
        heard = set(answered)
        return tuple(e for e in experts if e.code in heard or any(a.concerns(e.tables) for a in self.own))

    @property
    def _names(self) -> Mapping[str, str]:
        return {a.name: a.group for a in self.own}

    @property
    def _rated(self) -> Mapping[str, str]:
        return {a.rated(code): code for a in self.own if a.group != FIRST_LEVEL for code in a.members}

    def _answer(self, answer: DelphiAnswer) -> DelphiAnswer | None:
        names, rated = self._names, self._rated
        allocations: tuple[Allocation, ...] = tuple(
            replace(a, group=names[a.group]) for a in answer.allocations if a.group in names
        )
        ratings = MappingProxyType({rated[k]: v for k, v in answer.ratings.items() if k in rated})
        if not allocations and not ratings:
            return None
        said = MappingProxyType({rated[k]: v for k, v in answer.suggestions.items() if k in rated})
        return DelphiAnswer(answer.expert, allocations, ratings, said)
