"""Clause by clause: how GB/T 43329 is met here (``templates/gb-t-43329/coverage.toml``) and how a project stands."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from drafting.findings import Finding, Severity
from drafting.standard import read_toml

if TYPE_CHECKING:
    from drafting.run import Run


class ClauseState(StrEnum):
    """How a project stands on a clause."""

    MET = "met"
    OPEN = "open"
    NOT_APPLICABLE = "not-applicable"

    @property
    def chinese(self) -> str:
        """The word on the screen."""
        return {"met": "满足", "open": "待办", "not-applicable": "不适用"}[self.value]


@dataclass(frozen=True, slots=True)
class Entry:
    """A clause, or a review check of GB/T 1.1, with what meets it."""

    clause: str
    kind: str
    how: str
    rules: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    needs: str = ""
    applies: str = ""
    grade: str = ""
    told: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """The clause as people call it; of several demands of one clause the key tells which, and is ours."""
        number, _, own = self.clause.partition("-")
        return f"{number} {own}）" if len(own) == 1 and own.islower() else number


@dataclass(frozen=True, slots=True)
class Standing:
    """One clause in one project: errors and warnings leave it open, notes do not."""

    entry: Entry
    state: ClauseState
    findings: tuple[Finding, ...] = ()
    lacking: str = ""
    """What the project does not have yet."""

    @property
    def why(self) -> str:
        """What is still open: what is lacking, how many findings of which severity."""
        parts = [self.lacking] if self.lacking else []
        for severity in Severity:
            of = [f for f in self.findings if f.severity is severity]
            if of:
                place = f"（{of[0].place}）" if str(of[0].place) else ""
                parts.append(f"{severity.chinese} {len(of)} 处{place}")
        return "；".join(parts)


@cache
def clauses() -> tuple[Entry, ...]:
    """Every clause of GB/T 43329—2023 that asks for something."""
    return tuple(
        Entry(
            clause=row["clause"], kind=row["kind"], how=row["how"], rules=tuple(row.get("rules", ())),
            tests=tuple(row.get("tests", ())), needs=row.get("needs", ""), applies=row.get("applies", ""),
            grade=row.get("grade", ""), told=tuple(row.get("told", ())),
        )
        for row in read_toml("coverage.toml")["clause"]
    )  # fmt: skip


@cache
def reviews() -> tuple[Entry, ...]:
    """What reviewers commonly reject under GB/T 1.1—2020."""
    return tuple(
        Entry(f"GB/T 1.1 {row['clause']}" if row["clause"][0] != "G" else row["clause"], "check", row["name"],
              tuple(row["rules"]))
        for row in read_toml("coverage.toml")["review"]
    )  # fmt: skip


def standings(run: Run, entries: Iterable[Entry]) -> tuple[Standing, ...]:
    """How a project stands on each clause."""
    return tuple(_standing(run, entry) for entry in entries)


def _standing(run: Run, entry: Entry) -> Standing:
    if run.project.inputs is None:
        return Standing(entry, ClauseState.OPEN, (), "项目.xlsx 不能读取")
    if entry.applies and not _APPLIES[entry.applies.split(":")[0]](run, entry.applies):
        return Standing(entry, ClauseState.NOT_APPLICABLE)
    found = (
        tuple(
            f for f in run.findings if f.code in entry.rules and f.values.get("grade", entry.grade) in (entry.grade, "")
        )
        if entry.grade
        else tuple(f for f in run.findings if f.code in entry.rules)
    )
    lacking = _NEEDS[entry.needs](run) if entry.needs else ""
    grave = any(f.severity is not Severity.NOTE and f.code not in entry.told for f in found)
    return Standing(entry, ClauseState.OPEN if grave or lacking else ClauseState.MET, found, lacking)


def _without(name: str, words: str) -> Callable[[Run], str]:
    return lambda run: "" if all(getattr(of.results, name) is not None for of in _parts(run)) else words


def _parts(run: Run) -> Iterable[Run]:
    """Of a standard with several tables the run of each: all of them have to have what is needed."""
    return run.of_tables.values() or (run,)


def _survey(run: Run) -> str:
    inputs = run.project.inputs
    return "" if inputs is not None and all(of.survey is not None for of in inputs.slices) else "尚无调研数据"


_NEEDS: Mapping[str, Callable[[Run], str]] = {
    "weights": _without("weights", "尚无权重"),
    "levels": _without("baselines", "尚无基准值"),
    "trial": _without("trial", "尚无试评价"),
    "survey": _survey,
}


def _method(run: Run, word: str) -> bool:
    inputs = run.project.inputs
    if inputs is None:
        return False
    method = inputs.settings.weight_method
    named = {"ahp": "层次分析法", "delphi": "专家咨询法"}[word]
    return method == named or (method == "组合" and named in inputs.settings.combination_methods)


def _adopted(run: Run, word: str) -> bool:
    inputs = run.project.inputs
    return inputs is not None and any(c.name == word.partition(":")[2] for c in inputs.system.adopted)


def _qualitative(run: Run, _: str) -> bool:
    inputs = run.project.inputs
    return inputs is not None and any(i.qualitative for i in inputs.system.active)


_APPLIES: Mapping[str, Callable[[Run, str], bool]] = {
    "ahp": _method,
    "delphi": _method,
    "category": _adopted,
    "qualitative": _qualitative,
}
