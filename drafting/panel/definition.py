"""What a panel is asked and by which rules: taken from the project once, frozen before round 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from drafting.analysis.weights.stopping import rule_of
from drafting.model.asking import AskedGroup
from drafting.model.document import DocumentInfo
from drafting.model.experts import DelphiRound, Expert, JudgementMatrix
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, Category, Indicator, IndicatorSystem
from drafting.model.tables import TABLE_SIGN, IndicatorTable
from drafting.model.weight import Weight
from drafting.workbook.project.systems import united


class Instrument(StrEnum):
    """How experts answer in a round."""

    ALLOCATION = "allocation"
    RATING = "rating"
    PAIRWISE = "pairwise"

    @property
    def chinese(self) -> str:
        """The instrument's name on the pages."""
        return {"allocation": "权重分配", "rating": "重要性评分", "pairwise": "两两比较"}[self.value]

    @property
    def track(self) -> str:
        """Rounds of each instrument are numbered on their own: a rating round counts towards no rule of weighting."""
        return {"allocation": "delphi", "rating": "rating", "pairwise": "ahp"}[self.value]


BASES = ("实践经验", "理论分析", "国内外资料", "直觉")
"""Bases of an expert's judgement (判断依据) in the self-assessment of authority."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that gets a weight: a first-level indicator or an indicator under it."""

    key: str
    name: str
    unit: str = ""
    explanation: str = ""
    typed: str = ""
    """Of a standard with several tables: the weight that the committee typed, as a fraction, a share with /n."""


@dataclass(frozen=True, slots=True)
class Group:
    """Items whose weights sum to 1; of several tables with their keys, and the group's name in them."""

    name: str
    items: tuple[Item, ...]
    tables: tuple[str, ...] = ()
    of: str = ""

    @property
    def own_name(self) -> str:
        """一级指标 or the category."""
        return self.of or self.name

    @property
    def first_level(self) -> bool:
        """Whether it holds the first-level indicators."""
        return self.own_name == FIRST_LEVEL

    def concerns(self, tables: Sequence[str]) -> bool:
        """Whether an expert for these tables (nothing: for all) is asked for it."""
        return not tables or not self.tables or bool(set(tables) & set(self.tables))

    def rated(self, code: str) -> str:
        """Key of an importance rating, as :meth:`drafting.model.asking.AskedGroup.rated` gives it."""
        return f"{self.name}{TABLE_SIGN}{code}" if self.tables else code


@dataclass(frozen=True, slots=True)
class AskedTable:
    """One of several tables: its key and caption."""

    key: str
    caption: str


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """Whom a round asks for reasons (:mod:`drafting.panel.furthest`): a share of the answers, and items per expert."""

    share: float = 0.1
    most: int = 3


@dataclass(frozen=True, slots=True)
class Definition:
    """The questionnaire and the settings that the statistics depend on. Equal definitions have equal JSON."""

    groups: tuple[Group, ...]
    settings: Mapping[str, Any]
    rated: tuple[Group, ...] = ()
    """Groups of the rating instrument: every category's indicators, groups of one included."""
    title: str = ""
    industry: str = ""
    reasons: ReasonRule | None = None
    """None in panels that were frozen before there was one; their JSON, and with it their hash, has no such part."""
    tables: tuple[AskedTable, ...] = ()
    """Of a standard with several; the JSON of one with one has no such part."""

    def of(self, instrument: Instrument) -> tuple[Group, ...]:
        """The groups that an instrument asks for."""
        return self.rated if instrument is Instrument.RATING else self.groups

    @property
    def scale(self) -> tuple[int, int]:
        """Ends of the rating scale."""
        top = int(self.settings["rating_scale"])
        return (0 if top == 100 else 1, top)

    @property
    def cr_limit(self) -> float:
        """CR up to which judgements count as consistent."""
        return float(self.settings["cr_limit"])

    @property
    def random_index(self) -> str:
        """Name of the RI table."""
        return str(self.settings["random_index"])

    @property
    def quartile(self) -> str:
        """Name of the quantile convention."""
        return str(self.settings["quartile"])

    def canonical_json(self) -> str:
        """Write it with sorted keys and no blanks."""
        content = {
            "version": 1,
            "title": self.title,
            "industry": self.industry,
            "settings": dict(self.settings),
            "groups": _plain(self.groups),
            "rated": _plain(self.rated),
        }
        if self.reasons is not None:
            content["reasons"] = {"share": self.reasons.share, "most": self.reasons.most}
        if self.tables:
            content["tables"] = [[t.key, t.caption] for t in self.tables]
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()

    @classmethod
    def from_json(cls, text: str) -> Definition:
        """Read one back."""
        content = json.loads(text)
        return cls(
            _groups(content["groups"]),
            content["settings"],
            _groups(content["rated"]),
            content["title"],
            content["industry"],
            ReasonRule(**content["reasons"]) if "reasons" in content else None,
            tuple(AskedTable(*of) for of in content.get("tables", ())),
        )

    def typed_settings(self) -> Settings:
        """The settings as the analyses want them."""
        values: dict[str, Any] = {
            f.name: Decimal(v) if isinstance(getattr(Settings(), f.name), Decimal) else v
            for f in fields(Settings)
            if (v := self.settings.get(f.name)) is not None
        }
        return Settings(**values)

    def inputs(
        self,
        experts: Sequence[Expert],
        *,
        delphi: Sequence[DelphiRound] = (),
        judgements: Sequence[JudgementMatrix] = (),
        method: str = "专家咨询法",
    ) -> Inputs:
        """Inputs of the analyses as if the answers had come by mail, for the questionnaire as it was frozen."""
        tables = tuple(IndicatorTable(t.key, t.caption, self._system(t.key)) for t in self.tables)
        system = united([t.system for t in tables]) if tables else self._system("")
        settings = replace(self.typed_settings(), weight_method=method)
        return Inputs(
            DocumentInfo(), settings, system, experts=tuple(experts), judgements=tuple(judgements),
            delphi=tuple(delphi), tables=tables,
        )  # fmt: skip

    def _system(self, table: str) -> IndicatorSystem:
        """The indicators of a table, with what was typed of their weights."""
        own = [g for g in (*self.rated, *self.groups) if not table or table in g.tables]
        second = {g.own_name: g.items for g in own if not g.first_level}
        first = next((g.items for g in own if g.first_level), ())
        names = [i.key for i in first] or list(second)
        return IndicatorSystem(
            tuple(Category(name) for name in names),
            tuple(
                Indicator(i.key, i.name, name, i.unit, weight=_typed(i.typed))
                for name in names for i in second.get(name, ())
            ),
        )  # fmt: skip


def _typed(said: str) -> Weight | None:
    amount, shared, _ = said.partition("/n")
    return Weight(said, Fraction(amount), bool(shared)) if said else None


def _plain(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Groups as JSON; what only several tables have is left out where there is one, whose hash stays."""
    found: list[dict[str, Any]] = []
    for g in groups:
        items = [{f.name: v for f in fields(Item) if (v := getattr(i, f.name)) or f.name != "typed"} for i in g.items]
        found.append({"name": g.name, "items": items})
        if g.tables:
            found[-1] |= {"tables": list(g.tables), "of": g.of}
    return found


def _groups(content: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(
        Group(g["name"], tuple(Item(**i) for i in g["items"]), tuple(g.get("tables", ())), g.get("of", ""))
        for g in content
    )


_FROZEN_SETTINGS = (
    "prioritisation",
    "random_index",
    "cr_limit",
    "inconsistent_experts",
    "aggregation",
    "expert_weights",
    "authority_table",
    "quartile",
    "rating_scale",
    "screening",
    "stop_stability",
    "stop_cv",
    "stop_rounds",
    "weight_decimals",
)


def define(inputs: Inputs) -> tuple[Definition, str]:
    """Take the questionnaire from a project, with the stopping rule that its settings describe.

    Groups of one item and groups whose weights are typed are not asked for.

    Raises StoppingRuleError: the settings describe no rule.

    Returns canonical JSON of the stopping rule.
    """
    words = {i.code: (i.unit, i.explanation) for i in inputs.system.indicators}
    asked = [a for a in inputs.asked if not any(c.bonus and c.name == a.group for c in a.system.categories)]

    def group(of: AskedGroup) -> Group:
        weights = {i.code: i.weight for i in of.system.heads} if of.tables else {}
        items = (Item(k, n, *words.get(k, ("", "")), _as_typed(weights.get(k))) for k, n in of.members.items())
        return Group(of.name, tuple(items), of.tables, of.group if of.tables else "")

    settings = {}
    for name in _FROZEN_SETTINGS:
        value = getattr(inputs.settings, name)
        settings[name] = str(value) if isinstance(value, Decimal) else value
    if inputs.tables:
        settings["shared_groups"] = inputs.settings.shared_groups
    definition = Definition(
        tuple(group(a) for a in asked if a.open),
        settings,
        tuple(group(a) for a in asked if a.group != FIRST_LEVEL),
        inputs.document.title,
        inputs.document.industry,
        ReasonRule(),
        tuple(AskedTable(t.key, t.caption) for t in inputs.tables),
    )
    return definition, rule_of(inputs.settings).canonical_json()


def _as_typed(weight: Weight | None) -> str:
    return "" if weight is None else f"{weight.amount}{'/n' if weight.shared else ''}"
