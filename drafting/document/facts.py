"""What the sentences of a draft may ask for: counts, lists and published figures, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from drafting.document import markup
from drafting.document.apart import part_anchor, references
from drafting.document.fact_rows import CategoryFacts as CategoryFacts
from drafting.document.fact_rows import SettingLine as SettingLine
from drafting.document.symbols import Quantity, quantities
from drafting.document.texts import gap
from drafting.document.tree import DASH
from drafting.model.identity import name_key
from drafting.model.inputs import Inputs
from drafting.model.results import IndicatorBaselines, Results
from drafting.model.sheet import rows
from drafting.model.system import Category, Indicator
from drafting.model.tables import IndicatorTable
from drafting.model.terms import BaselineSource
from drafting.model.weight import Weight
from drafting.standard import Standard, read_toml, standard

if TYPE_CHECKING:
    from drafting.document.technical_changes import TechnicalChange

GIVEN = "给定"
"""Word of setting 权重方法, and of a group, for typed weights."""
_TITLE_TAIL = "清洁生产评价指标体系"


@dataclass(frozen=True)
class Facts:
    """Inputs and results of one draft with what follows from them."""

    inputs: Inputs
    results: Results
    edition: str = "public"
    date: date | None = None
    _caption: str = ""

    @property
    def standard(self) -> Standard:
        """GB/T 43329—2023."""
        return standard()

    @cached_property
    def industry(self) -> str:
        """``水泥行业``: the title without 清洁生产评价指标体系, else the industry's name."""
        info = self.inputs.document
        before, found, _ = info.title.partition(_TITLE_TAIL)
        return (before.strip() if found else "") or info.industry or "本行业"

    @cached_property
    def title(self) -> str:
        """Title of the draft; made from the industry if none was given."""
        return self.inputs.document.title or f"{self.industry}{_TITLE_TAIL}"

    @cached_property
    def caption(self) -> str:
        """Caption of the indicator table: of one of several the committee's own."""
        return self._caption or f"{self.industry}清洁生产评价指标体系"

    @property
    def industry_code(self) -> str:
        """Code of the industry in GB/T 4754, empty if not given."""
        return self.inputs.document.industry_code

    @cached_property
    def categories(self) -> tuple[CategoryFacts, ...]:
        """Adopted first-level indicators in order, the bonus groups (附加) last."""
        system = self.inputs.system
        ordered = sorted(system.adopted, key=lambda c: c.bonus)
        return tuple(CategoryFacts(c, i, system.heads_of(c.name), system.of(c.name)) for i, c in enumerate(ordered, 1))

    # --- several tables ---
    @cached_property
    def parts(self) -> tuple[Facts, ...]:
        """The facts of every table; of a standard with one table these facts themselves."""
        if not self.inputs.tables:
            return (self,)
        return tuple(
            Facts(one, self.results.tables.get(one.table, Results()), self.edition, self.date, table.caption)
            for one, table in zip(self.inputs.slices, self.inputs.tables, strict=True)
        )

    @property
    def several(self) -> bool:
        """Whether the standard has several tables."""
        return len(self.parts) > 1

    @property
    def tables(self) -> tuple[IndicatorTable, ...]:
        """The tables in order; none for a standard with one."""
        return self.inputs.tables

    def tables_of(self, indicator: Indicator) -> tuple[int, ...]:
        """Positions (from 1) of the tables in which an indicator stands."""
        codes = [{i.code for i in part.indicators} for part in self.parts]
        return tuple(n for n, of in enumerate(codes, 1) if indicator.code in of)

    @property
    def common(self) -> tuple[str, ...]:
        """Names of the indicators that stand in every table."""
        return tuple(i.name for i in self.indicators if len(self.tables_of(i)) == len(self.parts))

    @property
    def weighed(self) -> bool:
        """Whether there are weights."""
        return any(part.results.weights is not None for part in self.parts)

    @property
    def tried(self) -> int:
        """Enterprises that were tried out, each once."""
        trials = [part.results.trial for part in self.parts if part.results.trial is not None]
        if not self.several:
            return sum(sum(trial.distribution.values()) - trial.distribution["excluded"] for trial in trials)
        return len({name_key(e.enterprise) for trial in trials for e in trial.enterprises if not e.excluded})

    @property
    def outcomes(self) -> str:
        """Anchor of the table of outcomes in the 编制说明; of several tables the one that holds all of them."""
        if self.several:
            return "table:combined"
        first = next((n for n, part in enumerate(self.parts) if part.results.trial is not None), 0)
        return part_anchor("table:outcomes", first)

    @property
    def classes(self) -> bool:
        """Whether an indicator has class rows."""
        return any(part.inputs.system.has_classes for part in self.parts)

    def keyed(self, *key: str) -> tuple[str, ...]:
        """Key of a figure: with the table's own key behind it where there are several."""
        return (*key, self.inputs.table) if self.inputs.table else key

    @cached_property
    def weighted(self) -> tuple[CategoryFacts, ...]:
        """Those inside the sum of weights."""
        return tuple(c for c in self.categories if not c.category.bonus)

    @cached_property
    def bonus(self) -> tuple[CategoryFacts, ...]:
        """Those outside the sum of weights."""
        return tuple(c for c in self.categories if c.category.bonus)

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """Second-level indicators in the order of the table."""
        return tuple(i for c in self.categories for i in c.indicators)

    @cached_property
    def pair(self) -> str:
        """How the indices of an indicator stand between each other: a comma where one of them has two digits."""
        longest = max([len(self.categories), *(len(c.indicators) for c in self.categories)], default=0)
        return "," if longest > 9 else ""

    @cached_property
    def rows(self) -> tuple[Indicator, ...]:
        """The same, each class row for itself."""
        return tuple(i for c in self.categories for i in c.rows)

    @cached_property
    def quantitative(self) -> tuple[Indicator, ...]:
        """Indicators with numbers."""
        return tuple(i for i in self.indicators if not i.qualitative)

    @cached_property
    def qualitative(self) -> tuple[Indicator, ...]:
        """Indicators that are answered with a grade."""
        return tuple(i for i in self.indicators if i.qualitative)

    @cached_property
    def limiting(self) -> tuple[Indicator, ...]:
        """Limiting indicators (限定性指标)."""
        return tuple(i for i in self.indicators if i.limiting)

    @cached_property
    def symbols(self) -> Mapping[tuple[str, str], Quantity]:
        """Symbols of the indicator formulas, by code and name: one assignment for the whole document."""
        surveys = [of.survey for of in reversed(self.inputs.slices) if of.survey is not None]
        derivations = {code: one for survey in surveys for code, one in survey.derivations.items()}
        return quantities(self.indicators, derivations, self.inputs.symbol_units)

    # --- baselines ---
    @cached_property
    def _baselines(self) -> Mapping[str, IndicatorBaselines]:
        baselines = self.results.baselines
        return {i.code: i for i in baselines.indicators} if baselines else {}

    def baselines_of(self, indicator: Indicator) -> IndicatorBaselines | None:
        """Baselines found for an indicator (the first class row's of one with several), None where there are none."""
        found = self._baselines.get(indicator.code)
        if found is None:
            rows = (self._baselines.get(i.code) for i in self.inputs.system.classes_of(indicator.code))
            found = next((r for r in rows if r is not None), None)
        return found

    def source_of(self, indicator: Indicator) -> BaselineSource | None:
        """Where its baselines come from, found or declared; in the first of several tables that has it."""
        if self.several:
            return next((s for part in self.parts if (s := part.source_of_own(indicator.code)) is not None), None)
        found = self.baselines_of(indicator)
        return (found.source if found else None) or indicator.source

    def source_of_own(self, code: str) -> BaselineSource | None:
        """Where the baselines of the indicator with that code come from; None where this table lacks it."""
        own = next((i for i in self.indicators if i.code == code), None)
        return None if own is None else self.source_of(own)

    def from_source(self, word: str) -> tuple[Indicator, ...]:
        """Select the indicators whose baselines come from 调研, 政策 or 定性."""
        wanted = next(s for s in BaselineSource if s.chinese == word)
        return tuple(i for i in self.indicators if self.source_of(i) is wanted)

    def unsigned(self, way: str) -> tuple[str, ...]:
        """Names of indicators that improve one way (方向) and have a baseline without a comparison sign."""
        rows = ((part, i) for part in self.parts for i in part.rows if i.direction.chinese == way)
        given = ((i.name, part.baselines_of(i), i.baselines) for part, i in rows)
        bounds = ((n, [b.bound for b in of.by_grade.values()] if of else typed.values()) for n, of, typed in given)
        return tuple(dict.fromkeys(name for name, found in bounds if any(b.bare for b in found)))

    @cached_property
    def strata(self) -> tuple[str, ...]:
        """Names of the strata that have baselines of their own."""
        baselines = self.results.baselines
        return tuple(dict.fromkeys(i.stratum for i in baselines.strata)) if baselines else ()

    @cached_property
    def of_strata(self) -> tuple[tuple[Facts, str], ...]:
        """The tables of strata of the whole standard: the indicator table that each belongs to, and its stratum."""
        return tuple((part, stratum) for part in self.parts for stratum in part.strata)

    @cached_property
    def surveyed(self) -> int:
        """How many enterprises the survey holds."""
        if not self.several:
            return len(self.inputs.survey) if self.inputs.survey else 0
        surveys = [part.inputs.survey for part in self.parts]
        return len({name_key(name) for s in surveys if s is not None for name in s.enterprises})

    # --- weights ---
    @cached_property
    def experts(self) -> int:
        """How many experts' judgements the weights rest on."""
        if self.inputs.judgements and self.method in ("层次分析法", "组合"):
            return len({j.expert for j in self.inputs.judgements})
        if rounds := self.inputs.delphi or self.inputs.ratings:
            return len(rounds[-1].answers)
        return len(self.inputs.experts)

    @cached_property
    def method(self) -> str:
        """Word of setting 权重方法, as used."""
        if self.several:
            methods = {p.results.weights.method for p in self.parts if p.results.weights is not None}
            return methods.pop() if len(methods) == 1 else self.inputs.settings.weight_method
        return self.results.weights.method if self.results.weights else self.inputs.settings.weight_method

    @property
    def uses_ahp(self) -> bool:
        """Whether AHP takes part in the weights."""
        return self.method == "层次分析法" or (
            self.method == "组合" and "层次分析法" in self.inputs.settings.combination_methods
        )

    @property
    def uses_delphi(self) -> bool:
        """Whether the Delphi method takes part in the weights."""
        return self.method == "专家咨询法" or (
            self.method == "组合" and "专家咨询法" in self.inputs.settings.combination_methods
        )

    def category_weight(self, category: Category) -> str:
        """Print the published first-level weight, the typed one if none was computed, — if neither."""
        weights = self.results.weights
        found = weights.category(category.name) if weights else None
        return printed_weight(found if found is not None else category.weight)

    def indicator_weight(self, indicator: Indicator) -> str:
        """Print the published second-level weight, the typed one if none was computed, — if neither."""
        return printed_weight(self.weight_of(indicator))

    def weight_of(self, indicator: Indicator) -> Weight | None:
        """Second-level weight as published, the typed one if none was computed."""
        weights = self.results.weights
        found = weights.of(indicator) if weights else None
        return indicator.weight if found is None else found

    def setting_lines(self, *labels: str) -> tuple[SettingLine, ...]:
        """Those rows of 方法设置 with the values in force."""
        known = {r.label: r.field for r in rows(type(self.inputs.settings))}
        meanings = read_toml("draft/settings.toml")
        return tuple(
            SettingLine(label, named(label, self._value(label, known[label])), meanings[label]) for label in labels
        )

    def _value(self, label: str, field: str) -> str:
        """A setting in force; of 权重方法 what was used, as a method that weighed nothing was not."""
        return self.method if label == "权重方法" else _printed(getattr(self.inputs.settings, field))

    @cached_property
    def given(self) -> tuple[str, ...]:
        """Groups whose weights were typed where others were weighed by a method; empty where all were."""
        if self.several:
            return tuple(f"{p.inputs.table}·{name}" for p in self.parts for name in p.given)
        weights = self.results.weights
        if weights is None or self.method == GIVEN:
            return ()
        return tuple(g.group for g in (weights.first_level, *weights.second_level) if g.method == GIVEN)

    def context(self) -> dict[str, Any]:
        """Names that the templates know."""
        return {
            "facts": self,
            "info": self.inputs.document,
            "settings": self.inputs.settings,
            "standard": self.standard,
            "industry": self.industry,
            "ij": markup.Marked(f"{{i{self.pair}j}}"),
            "internal": self.edition == "internal",
            "setting": self._setting,
            "told": self.told,
            "annexed": self.annexed,
            "order": markup.Marked(self.order),
            "refs": self.refs,
            "technical_changes": () if self.inputs.process.changes.strip() else self.technical_changes,
        }

    @cached_property
    def order(self) -> str:
        """Symbol of the order of a matrix: n, unless a baseline or weight of the table says something else by it."""
        taken = {name for i in self.indicators for bound in i.baselines.values() for name in bound.names}
        shared = any((weight := self.weight_of(i)) is not None and weight.shared for i in self.indicators)
        return "N" if "n" in taken or shared else "n"

    def annexed(self, key: str) -> bool:
        """Whether an annex (``levels``, ``weights``) is printed: it is wanted and has something to say."""
        info = self.inputs.document
        if key == "levels":
            found = (b for p in self.parts if p.results.baselines for b in p.results.baselines.indicators)
            return info.annex_levels != "否" and any(v.share is not None for b in found for v in b.by_grade.values())
        return info.annex_weights != "否" and self.method != GIVEN

    def refs(self, anchor: str) -> markup.Marked:
        """Refer to what every table has one of: 表2, or 表2、表3, or 表2～表5 of a standard with several."""
        return references(anchor, range(len(self.parts)))

    @cached_property
    def technical_changes(self) -> tuple[TechnicalChange, ...]:
        """Sentences on what changed from the earlier edition in 旧版/; none where there is none."""
        from drafting.document.technical_changes import technical_changes

        earlier = self.inputs.earlier
        return () if earlier is None else technical_changes(earlier, self.inputs, self.results)

    def told(self, matter: str, what: str, end: str = "") -> str:
        """What the committee tells (sheet 编制过程), or a mark of what is to be told; ``end`` closes a sentence."""
        said: str = getattr(self.inputs.process, matter).strip()
        if not said:
            return markup.Marked(f"{gap(what)}{end}")
        return said if said.endswith(("。", "！", "？", "；")) else f"{said}{end}"

    def _setting(self, label: str) -> markup.Marked:
        line = self.setting_lines(label)[0]
        return markup.figure("setting", label, line.value)


def number(value: Decimal | None) -> str:
    """Print a decimal as it stands, never in scientific notation; — for none."""
    return DASH if value is None else format(value, "f")


def printed_weight(weight: Weight | None) -> str:
    """Print a weight: a decimal, or a share such as 0.8/n; — for none."""
    return DASH if weight is None else str(weight)


def named(label: str, value: str) -> str:
    """Name the choice of a setting as documents print it (``Saaty（1980）`` for ``saaty-1980``)."""
    found: str = read_toml("draft/setting-values.toml").get(label, {}).get(value, value)
    return found


def _printed(value: object) -> str:
    return (number(value) if isinstance(value, Decimal) else str(value)) or DASH


def parts(text: str) -> tuple[str, ...]:
    """Names in a cell that lists several, separated by 、 ； ; or a line break."""
    for mark in "；;\n":
        text = text.replace(mark, "、")
    return tuple(p.strip() for p in text.split("、") if p.strip())
