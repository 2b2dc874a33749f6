"""Where everything stands in the self-assessment workbook: one definition for its sheets and their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from drafting.evaluation.draft import AS_MEASURED, AS_PRINTED, RENORMALISE, ROUNDED, Draft, criterion
from drafting.evaluation.membership import resolve
from drafting.evaluation.rule import GradeRule
from drafting.findings import letters
from drafting.model.bounds import Bound
from drafting.model.expression import Expression
from drafting.model.results import IndicatorBaselines
from drafting.model.tables import CLASSES_BY_OUTPUT, ONLY_ONE
from drafting.workbook.headings import key

FORM, RESULT, CALCULATION = "自评表", "评价结果", "计算"
ENTERPRISE_CELL, YEAR_CELL, STRATUM_CELL, VIOLATION_CELL, CHOICES_CELL = "C3", "J3", "C4", "J4", "C7"
CHOICE_SIGN = "；"
FORM_HEADINGS, FORM_FIRST = 8, 9
VALUE, MARK, USED, REACHED = "J", "K", "L", "M"
"""Columns of 自评表: what is filled in, the mark 不适用, the value used, the grade reached."""

CALC_HEADINGS, CALC_FIRST = 3, 4
COLUMNS = (
    "code", "name", "category", "limiting", "regular", "applies", "entry", "number", "below", "missing",
    "b1", "b2", "b3", "h1", "h2", "h3", "r1", "r2", "r3", "w", "w1", "w2", "w3", "adjusted",
    "gate", "l1", "l2", "o2", "o3", "lack", "t_gate", "t_l1", "t_l2", "t_o2", "t_o3", "t_lack",
    "must", "gain", "order", "wrong", "plain", "said", "core", "rest", "typed",
)  # fmt: skip
"""Columns of the indicator rows of 计算, in order."""


@dataclass(frozen=True, slots=True)
class Names:
    """Titles of the three sheets of one table."""

    form: str = FORM
    result: str = RESULT
    calculation: str = CALCULATION


@dataclass(frozen=True, slots=True)
class Twin:
    """The row of another table that asks the same of the whole enterprise: one answer is enough for both."""

    chosen: str
    """Cell that is 1 where the enterprise has that table."""
    value: str
    mark: str


@dataclass(frozen=True)
class Layout:
    """Rows and cells for one draft."""

    draft: Draft
    names: Names = Names()
    scoring: str = ""
    """Word of setting 类别计分."""
    output_unit: str = ""
    chosen: str = ""
    """Of one of several tables: the cell that is 1 where the enterprise has this table."""
    heads: Mapping[str, str] = field(default_factory=dict)
    """Cells at the head of 自评表 that show what is typed elsewhere: the cell -> where."""
    twins: Mapping[int, tuple[Twin, ...]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of indicators."""
        return len(self.draft.indicators)

    @property
    def rule(self) -> GradeRule:
        """Thresholds and conditions by which the draft is judged."""
        return self.draft.rule

    # --- 自评表 ---
    @property
    def choices(self) -> Mapping[str, str]:
        """Settings that decide the grade beside weights and baselines: the form says them, and is known by them."""
        draft, has_classes = self.draft, bool(self.pools)
        return {
            "比较方法": ROUNDED if draft.rounded else AS_MEASURED,
            "整类不适用": RENORMALISE if draft.renormalise else AS_PRINTED,
            **({"类别计分": self.scoring or ONLY_ONE} if has_classes else {}),
        }

    def value(self, j: int) -> str:
        """Cell of the answer."""
        return f"{VALUE}{FORM_FIRST + j}"

    def mark(self, j: int) -> str:
        """Cell of the mark 不适用."""
        return f"{MARK}{FORM_FIRST + j}"

    def raw_cells(self) -> Mapping[str, str]:
        """Normalised name of a raw total -> its cell."""
        start = FORM_FIRST + self.size + 2
        return {name: f"{VALUE}{start + n}" for n, name in enumerate(self.raw_names())}

    def raw_names(self) -> Mapping[str, str]:
        """Normalised name of a raw total -> the name as written, in order of appearance."""
        names: dict[str, str] = {}
        for expression in self.unit_formulas().values():
            for name in expression.names:
                names.setdefault(key(name), name)
        return names

    def raw_units(self) -> Mapping[str, str]:
        """Normalised name of a raw total -> its unit, as far as the survey states it."""
        stated = (pair for one in self.draft.derivations.values() for pair in one.units.items())
        return {key(name): unit for name, unit in stated if unit}

    def unit_formulas(self) -> Mapping[int, Expression]:
        """Formulas from raw totals, by indicator; as the survey's values were computed, conversions included."""
        found = {}
        for j, indicator in enumerate(self.draft.indicators):
            derivation = self.draft.derivations.get(indicator.code)
            own = None if indicator.qualitative else indicator.formula.computable
            expression = derivation.expression if derivation else own
            if expression is not None:
                found[j] = expression
        return found

    def parameter_cells(self) -> Mapping[str, str]:
        """Parameter of formula baselines -> its cell."""
        raw = len(self.raw_names())
        start = FORM_FIRST + self.size + 2 + (raw + 2 if raw else 0)
        return {name: f"{VALUE}{start + n}" for n, name in enumerate(self.parameters())}

    def parameters(self) -> tuple[str, ...]:
        """Parameters that baselines depend on."""
        names: dict[str, None] = {}
        for variant in self.variants():
            for bounds in variant:
                for bound in bounds:
                    names |= dict.fromkeys(bound.names if bound else ())
        return tuple(names)

    @cached_property
    def amounts(self) -> Mapping[str, tuple[str, str]]:
        """Cell of each raw total and parameter -> its name and its unit, blank where none is stated."""
        names, units = self.raw_names(), self.raw_units()
        raw = {cell: (names[k], units.get(k, "")) for k, cell in self.raw_cells().items()}
        outputs = {cell: (name, self.output_unit) for name, cell in self.class_cells().items()}
        return raw | {cell: (name, "") for name, cell in self.parameter_cells().items()} | outputs

    # --- class rows ---
    @cached_property
    def pools(self) -> tuple[tuple[int, ...], ...]:
        """Rows of each indicator with class rows (类别), which share its weight."""
        found: dict[str, list[int]] = {}
        for j, indicator in enumerate(self.draft.indicators):
            if indicator.of:
                found.setdefault(indicator.of, []).append(j)
        return tuple(tuple(of) for of in found.values())

    def pool(self, j: int) -> tuple[int, ...]:
        """The class rows among which a row is; nothing for a row of an indicator without."""
        return next((pool for pool in self.pools if j in pool), ())

    @property
    def by_output(self) -> bool:
        """Whether an enterprise's classes share the weight by their outputs."""
        return self.scoring == CLASSES_BY_OUTPUT and bool(self.pools)

    def class_cells(self) -> Mapping[str, str]:
        """Class -> the cell of its output, where outputs decide."""
        if not self.by_output:
            return {}
        before = [*self.raw_cells().values(), *self.parameter_cells().values()]
        start = 3 + max([FORM_FIRST + self.size - 1, *(int(cell[1:]) for cell in before)])
        names = dict.fromkeys(self.draft.indicators[j].class_name for pool in self.pools for j in pool)
        return {name: f"{VALUE}{start + n}" for n, name in enumerate(names)}

    # --- baselines ---
    def variants(self) -> tuple[tuple[tuple[Bound | None, ...], ...], ...]:
        """Bounds by (variant, indicator, grade); variant 0 is pooled, then the strata. None cannot be judged."""
        return self._variants

    @cached_property
    def _variants(self) -> tuple[tuple[tuple[Bound | None, ...], ...], ...]:
        return tuple(
            tuple(
                (None, None, None) if i.qualitative else resolve(criterion(i, one), j, [])
                for j, (i, one) in enumerate(zip(self.draft.indicators, baselines, strict=True))
            )
            for baselines in self.baselines()
        )

    def baselines(self) -> tuple[tuple[IndicatorBaselines, ...], ...]:
        """Baselines by variant."""
        return (self.draft.baselines, *(self.draft.baselines_in(name) for name in self.draft.stratum_names))

    def class_cell(self, column: str, j: int) -> str:
        """Cell of a class row on 计算, right of the baselines by stratum."""
        first = VARIANTS_FROM + 3 * (1 + len(self.draft.stratum_names)) + 1
        return f"${letters(first + CLASS_COLUMNS.index(column))}${self.row(j)}"

    # --- 计算 ---
    def row(self, j: int) -> int:
        """Row of an indicator."""
        return CALC_FIRST + j

    def cell(self, column: str, j: int) -> str:
        """Cell of an indicator, for formulas on the same sheet."""
        return f"${LETTERS[column]}{self.row(j)}"

    def span(self, column: str) -> str:
        """All indicators' cells of a column, absolute."""
        letter = LETTERS[column]
        return f"${letter}${CALC_FIRST}:${letter}${CALC_FIRST + self.size - 1}"

    def amount(self, column: str, cell: str) -> str:
        """Cell of a raw total or parameter, whose rows follow those of the indicators after a gap."""
        return self.cell(column, self.size + 1 + list(self.amounts).index(cell))

    @property
    def below(self) -> int:
        """First free row under the indicators and amounts, after a gap."""
        amounts = len(self.amounts)
        return CALC_FIRST + self.size + 2 + (amounts + 1 if amounts else 0)

    def on_form(self, cell: str) -> str:
        """A cell of 自评表 as the other sheets write it."""
        return f"{sheet_name(self.names.form)}!{cell}"

    def on_calculation(self, cell: str) -> str:
        """A cell or a span of 计算 as the other sheets write it."""
        return f"{sheet_name(self.names.calculation)}!{cell}"


def sheet_name(title: str) -> str:
    """The title of a sheet as formulas write it."""
    from openpyxl.utils import quote_sheetname

    return title if title in (FORM, RESULT, CALCULATION) else str(quote_sheetname(title))


CLASS_COLUMNS = ("output", "part1", "part2", "part3", "whole", "unclear", "differs")
"""Columns of class rows on 计算: output as a whole number, its part at each grade; of the first row of an indicator the
sum, and whether its classes cannot be counted. Of what is asked of the whole plant: another table's answer differs."""
LETTERS: Mapping[str, str] = {name: letters(n) for n, name in enumerate(COLUMNS, start=1)}
"""Letter of a column of 计算."""
VARIANTS_FROM = len(COLUMNS) + 2
"""First column of the baselines by stratum, on 计算."""
