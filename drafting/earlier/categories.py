"""Which first-level indicator of GB/T 43329 takes over one of an earlier edition."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drafting.earlier.line import Verdict
from drafting.model.identity import label_key
from drafting.rulebooks import TRIAL_2013, rulebook
from drafting.standard import standard

ENERGY, WATER, MATERIALS = "能源消耗", "水资源消耗", "原/辅料资源消耗"
_WATER = re.compile(r"取水|用水|新鲜水|新水|耗水|水耗|水循环|循环水|水重复|水消耗|水利用|中水|节水")
_ENERGY = re.compile(
    r"能耗|电耗|耗电|用电|煤耗|耗煤|油耗|气耗|热耗|燃料|蒸汽|天然气|能源|能效|余热|余压|热效率|标准?煤|电力|用能|供热"
)
_ENERGY_UNIT = re.compile(r"kgce|tce|gce|kW|MJ|GJ|kJ|千瓦时|度/|标煤|标准煤")


@dataclass(frozen=True, slots=True)
class Mapped:
    """Where a category of the source goes: one of the nine, several (by indicator), or none (it keeps its name)."""

    names: tuple[str, ...]
    verdict: Verdict
    basis: str


def is_category(text: str) -> bool:
    """Whether words name a first-level indicator."""
    bare = re.sub(r"[(（].*?[)）]\s*$", "", text).strip()
    return standard().category(bare) is not None or rulebook(TRIAL_2013).category(bare) is not None


def mapped(text: str, given: Mapping[str, str]) -> Mapped:
    """Find what takes over a category.

    ``text``: its name in the source.
    ``given``: what a person has decided, by the key of the source's name.
    """
    if (own := given.get(label_key(text), "")) and own != BY_INDICATOR:
        known = standard().category(own)
        return Mapped((known.name if known else own,), Verdict.READ, "按所给的一级指标对照")
    known = standard().category(text)
    if known is not None:
        same = label_key(known.name) == label_key(text)
        return Mapped((known.name,), Verdict.READ, "同名" if same else "同义的名称")
    older = rulebook(TRIAL_2013).category(text)
    if older is not None:
        if len(older.becomes) == 1:
            return Mapped(older.becomes, Verdict.READ, "2013年试行稿的一级指标")
        return Mapped(older.becomes, Verdict.INFERRED, "2013年试行稿的一级指标，按各二级指标的名称和单位分到这几类")
    return Mapped((text,), Verdict.NOT_READ, "不能对应到 GB/T 43329 的一级指标，保留原名")


BY_INDICATOR = "按二级指标"
"""Word of the sheet for a category that is divided by what its indicators measure."""


def choose(names: Sequence[str], indicator: str, unit: str) -> str:
    """Choose among several categories by what an indicator measures."""
    if len(names) == 1:
        return names[0]
    if set(names) != {ENERGY, WATER, MATERIALS}:
        return names[0]
    if _ENERGY_UNIT.search(unit):
        return ENERGY
    if _WATER.search(indicator):
        return WATER
    return ENERGY if _ENERGY.search(indicator) else MATERIALS
