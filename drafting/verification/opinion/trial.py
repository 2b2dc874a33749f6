"""Appendix D a second time: membership, adjusted weights (D.3), index (D.2) and grade (D.4) of every enterprise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from drafting.model.terms import GRADES, Grade
from drafting.record.schema import BoundData
from drafting.verification.opinion.arithmetic import half_even
from drafting.verification.opinion.baselines import KIND, merging_of, sample_of
from drafting.verification.opinion.formula import UndefinedFormulaError, value_of
from drafting.verification.verdict import Verdict

if TYPE_CHECKING:
    from drafting.model.results import Baselines, IndicatorBaselines, Trial, Weights
    from drafting.record.schema import Evidence, IndicatorData, RecordedSurvey

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
_LIMITING_MUST, _OTHERS_MUST = (0, 1, 2), (1, 2, None)
"""D.4: the grade that limiting indicators and all others must reach for Ⅰ, Ⅱ, Ⅲ."""
_TRIAL_RULES = "试行稿"
"""The rules of 2013 (setting 评价规则), which ask nothing of indicators that are not limiting beside the index."""
_TOWARDS = {"smaller": "<=", "larger": ">="}
_NEAR = 1e-9
"""An index so near to its threshold is summed in fractions."""


@dataclass(frozen=True, slots=True)
class Published:
    """Names, grades and indices (E, 3) of a trial as they are published."""

    names: Sequence[str]
    grades: Sequence[str | None]
    indices: Floats

    @classmethod
    def of(cls, trial: Trial) -> Published:
        """What a trial says, one by one."""
        rows = [*trial.enterprises]
        indices = [[np.nan if (y := e.y[g]) is None else float(y) for g in GRADES] for e in rows]
        grades = [None if e.grade is None else e.grade.value for e in rows]
        return cls([e.enterprise for e in rows], grades, np.array(indices, dtype=np.float64).reshape(len(rows), 3))


@dataclass(frozen=True, slots=True)
class Judging:
    """What enterprises of one table are judged by."""

    data: Evidence
    survey: RecordedSurvey
    weights: Weights
    baselines: Baselines


def trial_opinion(judging: Judging, published: Published, distribution: Mapping[str, int], verdict: Verdict) -> None:
    """Judge and grade every enterprise again from the published weights and baselines."""
    survey = judging.survey
    rows = _taking_part(judging.data, survey)
    names = [survey.enterprises[n] for n in rows]
    verdict.compare(KIND, "trial.enterprises", "参与试评价的企业", list(published.names), names)
    if list(published.names) != names:
        return
    indices, grades = Table(judging).graded(rows)
    barred = survey.violations[rows]  # clause 6: take no part
    found = [None if out else grade for out, grade in zip(barred.tolist(), grades, strict=True)]
    counts = Counter("excluded" if out else grade or "none" for out, grade in zip(barred.tolist(), grades, strict=True))

    def named(field: str, word: str) -> Callable[[int], tuple[str, str]]:
        return lambda n: (f"trial.{names[n]}.{field}", f"企业“{names[n]}”的{word}")

    verdict.compare_columns(KIND, named("grade", "等级"), list(published.grades), found)
    for g, name in enumerate(GRADES):
        y = np.where(barred, np.nan, indices[:, g])
        verdict.compare_columns(KIND, named(f"Y_{name}", f" Y_{name}"), published.indices[:, g], y)
    for key, count in distribution.items():
        verdict.compare(KIND, f"trial.distribution.{key}", f"结果为“{key}”的企业数", count, counts[key])


def _taking_part(data: Evidence, survey: RecordedSurvey) -> list[int]:
    """Rows that are judged: not left out, and of one class of each indicator unless 类别计分 says how several count."""
    score, out = data.settings.get("类别计分", ""), set(survey.left_out)
    rows = [n for n in range(len(survey.enterprises)) if n not in out]
    if score in ("均分", "全部达到"):
        return rows

    def counts(outputs: Sequence[str | None]) -> bool:
        return len(outputs) < 2 or (score == "按产量" and _known(outputs))

    return [row for row in rows if all(map(counts, _classes(data.indicators, survey, row)))]


def _known(outputs: Sequence[str | None]) -> bool:
    return None not in outputs and sum(Fraction(o or 0) for o in outputs) > 0


def _classes(indicators: Sequence[IndicatorData], survey: RecordedSurvey, row: int) -> list[list[str | None]]:
    """Output of each class that an enterprise has, indicator by indicator with class rows."""
    found: dict[str, list[str | None]] = {}
    for indicator in indicators:
        column = survey.columns.get(indicator.code)
        if indicator.of and column is not None and column.states[row] != survey.states["not_applicable"]:
            told = survey.class_outputs.get(indicator.code)
            found.setdefault(indicator.of, []).append(None if told is None else told[row])
    return list(found.values())


@dataclass(frozen=True)
class Judged:
    """One enterprise under one table: exact indices, what it reaches, its output."""

    name: str
    barred: bool
    output: str | None
    indices: tuple[Fraction, ...]
    met: Flags
    limiting: Flags
    others_must: Sequence[int | None]

    def holds(self, grade: int) -> bool:
        """The conditions of D.4 beside the index, and the gate of clause 6."""
        strict = self.met[self.limiting]
        others = self.others_must[grade]
        return bool(
            strict[:, _LIMITING_MUST[grade]].all()
            and strict[:, 2].all()
            and (others is None or self.met[~self.limiting, others].all())
        )

    def grade(self, thresholds: Sequence[Fraction]) -> int | None:
        """0, 1, 2 for Ⅰ, Ⅱ, Ⅲ; None where none holds."""
        return next((g for g, t in enumerate(thresholds) if self.indices[g] >= t and self.holds(g)), None)


def judged_rows(judging: Judging) -> Iterator[Judged]:
    """Every enterprise that takes part in a table's trial."""
    survey, table, rows = judging.survey, Table(judging), _taking_part(judging.data, judging.survey)
    applies, reached = table.judged(rows)
    for n, row in enumerate(rows):
        points = table.points(applies[n].tolist(), row)
        hits = reached[n] & applies[n][:, None]
        indices = tuple(
            sum((w for w, h in zip(points, hits[:, g].tolist(), strict=True) if h), Fraction()) for g in range(3)
        )
        yield Judged(
            survey.enterprises[row], bool(survey.violations[row]),
            None if survey.outputs is None else survey.outputs[row],
            indices, hits | ~applies[n][:, None], table.limiting, table.others_must,
        )  # fmt: skip


class Table:
    """The published table: categories, weights, limiting marks and what every grade asks."""

    def __init__(self, judging: Judging) -> None:
        data, weights, baselines = judging.data, judging.weights, judging.baselines
        self._survey, self._settings = judging.survey, data.settings
        self._thresholds = [Fraction(data.standard.thresholds[g]) for g in GRADES]
        self._mark = Fraction(data.standard.full_mark)
        second = {w.key: str(w.published) for group in weights.second_level for w in group.weights}
        bonus = {g.group for g in data.groups if g.bonus}
        self._outer = {w.name: Fraction(str(w.published)) for w in weights.first_level.weights}
        # a bonus category enters neither index nor grade
        self._indicators = [i for i in data.indicators if i.category not in bonus]
        self._inner = [second[i.owner] for i in self._indicators]
        self.limiting: Flags = np.array([i.limiting for i in self._indicators], dtype=np.bool_)
        self._found = {(r.code, r.stratum): r for r in (*baselines.indicators, *baselines.strata)}
        self._merging = merging_of(data.settings["分组合并"])
        older = _TRIAL_RULES in data.settings.get("评价规则", "")
        self.others_must: Sequence[int | None] = (None, None, None) if older else _OTHERS_MUST

    def graded(self, rows: Sequence[int]) -> tuple[Floats, list[str | None]]:
        """Indices (E, 3) and grades of the enterprises."""
        applies, reached = self.judged(rows)
        limiting = self.limiting
        indices, grades = np.zeros((len(rows), 3)), np.full(len(rows), 3)
        several = [n for n, row in enumerate(rows) if self._divided(row)]
        alike = np.setdiff1d(np.arange(len(rows)), several)
        patterns, which = np.unique(applies[alike], axis=0, return_inverse=True)
        groups = [(p, alike[which.ravel() == n], -1) for n, p in enumerate(patterns)]
        groups += [(applies[n], np.array([n]), rows[n]) for n in several]
        for pattern, at, row in groups:
            weights = self.points(pattern.tolist(), row)
            hits = reached[at] & pattern[:, None]
            indices[at] = np.einsum("ejg,j->eg", hits, np.array([float(w) for w in weights]))
            grades[at] = self._grades(hits, hits | ~pattern[:, None], limiting, weights, indices[at])
        return indices, [(*GRADES, None)[g] for g in grades.tolist()]

    def judged(self, rows: Sequence[int]) -> tuple[Flags, Flags]:
        """Which indicators apply (E, J), and which grades the enterprises reach (E, J, 3)."""
        size = (len(rows), len(self._indicators))
        applies, reached = np.ones(size, dtype=np.bool_), np.zeros((*size, 3), dtype=np.bool_)
        for j, indicator in enumerate(self._indicators):
            applies[:, j], own = self._judged(indicator, np.array(rows, dtype=np.intp))
            reached[:, j] = np.logical_or.accumulate(own, axis=1)  # who reaches Ⅰ reaches Ⅱ and Ⅲ
        if self._settings.get("类别计分") == "全部达到":
            for code in {i.of for i in self._indicators if i.of}:
                at = [j for j, i in enumerate(self._indicators) if i.of == code]
                reached[:, at] &= np.all(reached[:, at] | ~applies[:, at, None], axis=1, keepdims=True)
        return applies, reached

    def _divided(self, row: int) -> bool:
        """Whether an enterprise divides the weight of an indicator among its classes by output."""
        if self._settings.get("类别计分") != "按产量":
            return False
        return any(len(p) > 1 for p in _classes(self._indicators, self._survey, row))

    def _grades(
        self, hits: Flags, met: Flags, limiting: Flags, weights: Sequence[Fraction], indices: Floats
    ) -> NDArray[np.intp]:
        """D.4: the best grade whose index and conditions hold; 3 where none does."""
        held = np.zeros((len(hits), 4), dtype=np.bool_)
        held[:, 3] = True
        for g, threshold in enumerate(self._thresholds):
            enough = indices[:, g] >= float(threshold)
            for row in np.flatnonzero(np.abs(indices[:, g] - float(threshold)) < _NEAR).tolist():
                exact = sum((w for w, h in zip(weights, hits[row, :, g].tolist(), strict=True) if h), Fraction())
                enough[row] = exact >= threshold
            strict = (met[:, :, _LIMITING_MUST[g]] & met[:, :, 2])[:, limiting].all(axis=1)
            others = self.others_must[g]
            held[:, g] = enough & strict & (True if others is None else met[:, ~limiting, others].all(axis=1))
        return np.asarray(held.argmax(axis=1), dtype=np.intp)

    def points(self, pattern: Sequence[bool], row: int) -> list[Fraction]:
        """D.2 and D.3: points of each indicator where these apply; a share is divided among those that share it.

        Class rows divide their indicator's weight in equal parts, or by the outputs of the enterprise in ``row``.
        """
        categories = [i.category for i in self._indicators]
        places = [j for j, here in enumerate(pattern) if here]
        owners = [i.owner for i in self._indicators]
        sharing = Counter((c, w) for c, w, _ in {(categories[j], self._inner[j], owners[j]) for j in places})
        own = [Fraction()] * len(pattern)
        for j in places:
            part, shared, _ = self._inner[j].replace(" ", "").partition("/n")
            own[j] = (
                Fraction(part) / (sharing[categories[j], self._inner[j]] if shared else 1) * self._part(j, places, row)
            )
        sums = {c: sum((own[j] for j in places if categories[j] == c), Fraction()) for c in categories}
        scale = Fraction(1)
        if self._settings["整类不适用"] == "重新归一":
            scale = sum((w for c, w in self._outer.items() if sums.get(c)), Fraction()) or scale
        return [
            self._mark * self._outer[c] * w / (sums[c] * scale) if sums[c] else Fraction()
            for c, w in zip(categories, own, strict=True)
        ]

    def _part(self, j: int, places: Sequence[int], row: int) -> Fraction:
        """What a class row has of its indicator's weight; 1 for an indicator without class rows."""
        code = self._indicators[j].of
        if not code:
            return Fraction(1)
        rows = [k for k in places if self._indicators[k].of == code]
        if row < 0 or not self._divided(row) or len(rows) < 2:
            return Fraction(1, len(rows))
        told = self._survey.class_outputs
        outputs = {k: Fraction(told[self._indicators[k].code][row] or 0) for k in rows}
        return outputs[j] / sum(outputs.values())

    # --- membership ---
    def _judged(self, indicator: IndicatorData, rows: NDArray[np.intp]) -> tuple[Flags, Flags]:
        """Whether the indicator applies (E,), and which grades the values themselves reach (E, 3)."""
        column, codes = self._survey.columns.get(indicator.code), self._survey.states
        met = np.zeros((len(rows), 3), dtype=np.bool_)
        if column is None:
            return np.ones(len(rows), dtype=np.bool_), met
        states, values = column.states[rows], column.values[rows]
        values[~np.isin(states, (codes["value"], codes["non_detect"]))] = np.nan
        applies = states != codes["not_applicable"]
        if indicator.direction == "qualitative":
            return applies, np.stack([values >= 3 - g for g in range(3)], axis=1)
        values = self._rounded(values, indicator)
        strata = self._survey.strata
        own = ["" if strata is None else self._merging.get(strata[row], strata[row]) for row in rows.tolist()]
        own = [s if (indicator.code, s) in self._found else "" for s in own]
        for stratum in dict.fromkeys(own):
            at = np.flatnonzero(np.array(own) == stratum)
            known = np.ones(len(at), dtype=np.bool_)
            for g, bound in enumerate(_asked(indicator, self._found[indicator.code, stratum])):
                if bound is not None:
                    # what lies below its limit of detection can meet ≤, never ≥
                    certain = (states[at] != codes["non_detect"]) | (bound.operator in ("<=", "<"))
                    holds, defined = self._holding(bound, values[at], rows[at])
                    met[at, g], known = holds & certain, known & defined
            met[at] &= known[:, None]  # without its parameter an enterprise reaches nothing
        return applies, met

    def _rounded(self, values: Floats, indicator: IndicatorData) -> Floats:
        """修约值比较法: as measured, rounded to the baselines' decimals (GB/T 8170)."""
        said = [b.value for b in self._found[indicator.code, ""].by_grade.values() if b.value is not None]
        places = [len(format(value, "f").partition(".")[2]) for value in said]
        if self._settings["比较方法"] != "修约值" or not places:
            return values
        return np.array([v if np.isnan(v) else float(half_even(v, max(places))) for v in values.tolist()])

    def _holding(self, bound: BoundData, values: Floats, rows: NDArray[np.intp]) -> tuple[Flags, Flags]:
        """Which values meet a bound, and for which it has a value."""
        defined, operator = np.ones(len(values), dtype=np.bool_), bound.operator or ""
        if bound.kind == "range":
            return _at(values, ">=", _number(bound.number)) & _at(values, "<=", _number(bound.upper)), defined
        if bound.kind == "quantity":
            return _at(values, operator, _number(bound.number)), defined
        found = np.zeros(len(values), dtype=np.bool_)
        for n, row in enumerate(rows.tolist()):
            said = {name: float(of[row]) for name, of in self._survey.parameters.items()}
            own = {name: None if np.isnan(v) else Fraction(str(v)) for name, v in said.items()}
            try:
                found[n] = _at(values[n : n + 1], operator, value_of(bound.formula or "", own))[0]
            except UndefinedFormulaError:
                defined[n] = False
        return found, defined


def _number(text: str | None) -> Fraction:
    return Fraction(text or "")


def _at(values: Floats, operator: str, limit: Fraction) -> Flags:
    """Hold values, as the decimals they print as, against a limit; doubles decide unless they are equal to its own."""
    near = float(limit)
    below, above = values < near, values > near
    for n in np.flatnonzero(values == near).tolist():
        exact = Fraction(repr(float(values[n])))
        below[n], above[n] = exact < limit, exact > limit
    known = ~np.isnan(values)
    return {"<=": ~above & known, "<": below, ">=": ~below & known, ">": above, "==": ~below & ~above & known}[operator]


def _asked(indicator: IndicatorData, table: IndicatorBaselines) -> list[BoundData | None]:
    """What each grade asks; where one asks nothing the next stricter stands in, else the next laxer."""
    own = [_bound(indicator, table, grade) for grade in GRADES]
    filled: list[BoundData | None] = []
    for g in range(3):
        order = [g, *range(g - 1, -1, -1), *range(g + 1, 3)]
        bound = next((b for at in order if (b := own[at]) is not None), None)
        filled.append(bound if bound is not None and bound.kind in ("quantity", "range", "formula") else None)
    return filled


def _bound(indicator: IndicatorData, table: IndicatorBaselines, grade: Grade) -> BoundData | None:
    if sample_of(table) is not None:  # from the survey, tightened to the mandatory limit where that is stricter
        said, limit = table.by_grade.get(grade), indicator.limit
        if said is None or said.value is None:
            return None
        operator = _TOWARDS[indicator.direction]
        tightened = said.source is not None and said.source.value == "policy" and limit is not None
        if tightened and limit is not None and limit.number is not None and Decimal(limit.number) == said.value:
            operator = limit.operator or operator
        number = format(said.value, "f")
        return BoundData(
            text=number, printed=number, kind="quantity", operator=operator, number=number, upper=None, formula=None,
            reference=None,
        )  # fmt: skip
    typed = indicator.typed
    if len(typed) == 1:
        return next(iter(typed.values()))
    bound, at = typed.get(grade), GRADES.index(grade)
    for _ in GRADES:
        if bound is None or bound.kind != "same-as":
            break
        at = GRADES.index(Grade(bound.reference)) if bound.reference in list(GRADES) else max(at - 1, 0)
        bound = typed.get(GRADES[at])
    return None if bound is None or bound.kind in ("missing", "same-as") else bound
