"""What Appendix D needs of a draft: indicators with their weights and baselines, aligned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from drafting.evaluation.errors import EvaluationError
from drafting.evaluation.membership import Criterion
from drafting.evaluation.rule import GradeRule
from drafting.evaluation.weights import WeightSystem
from drafting.model.inputs import Inputs
from drafting.model.results import Baselines, IndicatorBaselines, Weights
from drafting.model.survey import Derivation
from drafting.model.system import Indicator
from drafting.model.weight import Weight
from drafting.rulebooks import places, rulebook
from drafting.standard import standard

AS_PRINTED, RENORMALISE = "按标准", "重新归一"
"""Words of setting 整类不适用; the second: first-level weights are renormalised."""
AS_MEASURED, ROUNDED = "全数值", "修约值"
"""Words of setting 比较方法; the second: rounded values are compared."""

NONE = Weight.number(0)


@dataclass(frozen=True, slots=True)
class Draft:
    """What Appendix D needs of a draft: indicators with weights and baselines, aligned."""

    indicators: tuple[Indicator, ...]
    categories: tuple[str, ...]
    groups: tuple[int, ...]
    """Place in ``categories`` of each indicator."""
    bonus: frozenset[int]
    category_weights: tuple[Weight, ...]
    weights: tuple[Weight, ...]
    baselines: tuple[IndicatorBaselines, ...]
    strata: Mapping[tuple[str, str], IndicatorBaselines]
    """Baselines by (code, stratum) where the committee gives them by stratum."""
    rounded: bool = False
    """修约值比较法: values are rounded to the decimals of the published baselines before they are compared."""
    renormalise: bool = False
    """What happens to first-level weights where a whole category does not apply."""
    derivations: Mapping[str, Derivation] = field(default_factory=lambda: MappingProxyType({}))
    """How the survey's values were computed from raw totals, by code."""
    notes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Footnotes of the table (表注) by mark as typed: what an enterprise must know to answer."""
    rules: str = ""
    """Word of setting 评价规则; blank for the current standard."""

    def weight_system(self) -> WeightSystem:
        """Both levels as exact numbers.

        Raises
        ------
        EvaluationError
            Where a group does not sum to 1 (C.1).
        """
        return WeightSystem.build(self.weights, self.groups, self.category_weights, self.bonus)

    @property
    def rule(self) -> GradeRule:
        """Thresholds and conditions by which it is judged."""
        return grade_rule(self.rules)

    @property
    def limiting(self) -> NDArray[np.bool_]:
        """Limiting indicators."""
        return np.array([i.limiting for i in self.indicators], dtype=np.bool_)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the indicators."""
        return tuple(i.name for i in self.indicators)

    @property
    def stratum_names(self) -> tuple[str, ...]:
        """Strata that have baselines of their own."""
        return tuple(dict.fromkeys(stratum for _, stratum in self.strata))

    def baselines_in(self, stratum: str) -> tuple[IndicatorBaselines, ...]:
        """Baselines that hold in a stratum; the pooled ones where it has none of its own."""
        pairs = zip(self.indicators, self.baselines, strict=True)
        return tuple(self.strata.get((i.code, stratum), pooled) for i, pooled in pairs)


def criterion(indicator: Indicator, baselines: IndicatorBaselines) -> Criterion:
    """How one indicator is judged."""
    bounds = {} if indicator.qualitative else {g.value: baseline.bound for g, baseline in baselines.by_grade.items()}
    return Criterion.of(indicator.direction.value, bounds)


def decimals_of(baselines: IndicatorBaselines) -> int | None:
    """Decimals that values are rounded to under 修约值比较法: the most that a published baseline has; None for text."""
    exponents = [
        baseline.value.as_tuple().exponent for baseline in baselines.by_grade.values() if baseline.value is not None
    ]
    decimals = max((-e for e in exponents if isinstance(e, int)), default=None)
    return None if decimals is None else max(decimals, 0)


@cache
def grade_rule(rules: str) -> GradeRule:
    """Give the numbers of Appendix D from the rulebook in force; ``rules``: the word of setting 评价规则."""
    book = rulebook(rules)
    first, second, third = (grade.threshold for grade in book.grades)
    others = None if book.others is None else places(book.others)
    return GradeRule(standard().full_mark, (first, second, third), others)


def draft_of(inputs: Inputs, weights: Weights, baselines: Baselines) -> tuple[Draft | None, str]:
    """Put weights and baselines together, or say in words what is lacking.

    A bonus group without weights is left out: it lies outside the sum, and neither index nor grade depends on it.
    """
    unweighed = {c.name for c in inputs.system.adopted if c.bonus and not _weighed(inputs, weights, c.name)}
    categories = tuple(c for c in inputs.system.adopted if c.name not in unweighed)
    indicators = tuple(i for i in inputs.system.active if i.category not in unweighed)
    found = [baselines.of(i.code) for i in indicators]
    second = [weights.of(i) for i in indicators]
    no_baseline = [i.name for i, one in zip(indicators, found, strict=True) if one is None or not one.by_grade]
    no_weight = [i.name for i, w in zip(indicators, second, strict=True) if w is None]
    if no_baseline or no_weight:
        gaps = (("没有基准值", no_baseline), ("没有权重", no_weight))
        return None, "；".join(f"{what}的指标：{_some(gap)}" for what, gap in gaps if gap)
    names = tuple(c.name for c in categories)
    draft = Draft(
        indicators=indicators,
        categories=names,
        groups=tuple(names.index(i.category) for i in indicators),
        bonus=frozenset(n for n, c in enumerate(categories) if c.bonus),
        category_weights=tuple(
            weights.category(c.name) or (c.weight if c.bonus and c.weight else NONE) for c in categories
        ),
        weights=tuple(w for w in second if w is not None),
        baselines=tuple(one for one in found if one is not None),
        strata=MappingProxyType({(one.code, one.stratum): one for one in baselines.strata}),
        rounded=inputs.settings.comparison == ROUNDED,
        renormalise=inputs.settings.empty_category == RENORMALISE,
        derivations=inputs.survey.derivations if inputs.survey else MappingProxyType({}),
        notes=MappingProxyType({note.mark: note.text for note in inputs.system.notes}),
        rules=inputs.settings.rules,
    )
    try:
        draft.weight_system()
    except EvaluationError as error:
        # The reader has named the cells; here it only means that nothing can be computed with these weights.
        group = names[error.indices[0]] if error.indices else "一级指标"
        return None, f"“{group}”的权重不可用（和应恰为 1）"
    return draft, ""


def _weighed(inputs: Inputs, weights: Weights, category: str) -> bool:
    return all(weights.of(i) is not None for i in inputs.system.of(category))


def _some(names: Sequence[str], most: int = 5) -> str:
    return "、".join(names[:most]) + (f" 等{len(names)}个" if len(names) > most else "")
