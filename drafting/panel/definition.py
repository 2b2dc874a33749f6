"""What a panel is asked and by which rules: taken from the project once, frozen before round 1."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from drafting.analysis.weights.groups import groups_of
from drafting.analysis.weights.stopping import rule_of
from drafting.model.document import DocumentInfo
from drafting.model.experts import DelphiRound, Expert, JudgementMatrix
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from drafting.model.system import FIRST_LEVEL, Category, Indicator, IndicatorSystem


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


@dataclass(frozen=True, slots=True)
class Group:
    """Items whose weights sum to 1."""

    name: str
    items: tuple[Item, ...]

    @property
    def first_level(self) -> bool:
        """Whether it holds the first-level indicators."""
        return self.name == FIRST_LEVEL


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
        second = {g.name: g.items for g in (*self.rated, *self.groups) if not g.first_level}
        first = next((g.items for g in self.groups if g.first_level), ())
        names = [i.key for i in first] or list(second)
        system = IndicatorSystem(
            tuple(Category(name) for name in names),
            tuple(Indicator(i.key, i.name, name, i.unit) for name in names for i in second.get(name, ())),
        )
        settings = replace(self.typed_settings(), weight_method=method)
        return Inputs(
            DocumentInfo(), settings, system, experts=tuple(experts), judgements=tuple(judgements), delphi=tuple(delphi)
        )


def _plain(groups: Sequence[Group]) -> list[dict[str, Any]]:
    return [
        {"name": g.name, "items": [{f.name: getattr(i, f.name) for f in fields(Item)} for i in g.items]} for g in groups
    ]


def _groups(content: Sequence[Mapping[str, Any]]) -> tuple[Group, ...]:
    return tuple(Group(g["name"], tuple(Item(**i) for i in g["items"])) for g in content)


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

    Returns
    -------
    definition : Definition
    rule : str
        Canonical JSON of the stopping rule.

    Raises
    ------
    StoppingRuleError
        The settings describe no rule.
    """
    system = inputs.system
    words = {i.code: (i.unit, i.explanation) for i in system.indicators}

    def items(keys: Sequence[str], names: Sequence[str]) -> tuple[Item, ...]:
        return tuple(Item(k, n, *words.get(k, ("", ""))) for k, n in zip(keys, names, strict=True))

    groups = [g for g in groups_of(system) if not g.bonus]
    asked = [g for g in groups if g.asked]
    settings = {}
    for name in _FROZEN_SETTINGS:
        value = getattr(inputs.settings, name)
        settings[name] = str(value) if isinstance(value, Decimal) else value
    definition = Definition(
        tuple(Group(g.name, items(g.keys, g.names)) for g in asked),
        settings,
        tuple(Group(g.name, items(g.keys, g.names)) for g in groups if g.name != FIRST_LEVEL),
        inputs.document.title,
        inputs.document.industry,
        ReasonRule(),
    )
    return definition, rule_of(inputs.settings).canonical_json()
