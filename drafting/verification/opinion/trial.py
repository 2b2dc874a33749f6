"""Appendix D a second time: membership, adjusted weights (D.3), index (D.2) and grade (D.4) of every enterprise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.verification.opinion.arithmetic import doubles, half_even
from drafting.verification.opinion.baselines import GRADES, KIND, merging_of
from drafting.verification.opinion.formula import UndefinedFormulaError, value_of
from drafting.verification.verdict import Verdict

Data = Mapping[str, Any]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
_LIMITING_MUST, _OTHERS_MUST = (0, 1, 2), (1, 2, None)
"""D.4: the grade that limiting indicators and all others must reach for Ⅰ, Ⅱ, Ⅲ."""
_TOWARDS = {"smaller": "<=", "larger": ">="}
_NEAR = 1e-9
"""An index so near to its threshold is summed in fractions."""


def trial_opinion(data: Data, weights: Data | None, baselines: Data | None, trial: Data, verdict: Verdict) -> None:
    """Judge and grade every enterprise again from the published weights and baselines."""
    survey = data["survey"]
    if weights is None or baselines is None or survey is None:
        return
    rows = _taking_part(data)
    listed, graded, published = _published(trial)
    names = [survey["enterprises"][n] for n in rows]
    verdict.compare(KIND, "trial.enterprises", "参与试评价的企业", listed, names)
    if listed != names:
        return
    indices, grades = Table(data, weights, baselines).graded(rows)
    barred = np.array([bool(survey["violations"][row]) for row in rows], dtype=np.bool_)  # clause 6: take no part
    found = [None if out else grade for out, grade in zip(barred.tolist(), grades, strict=True)]
    counts = Counter("excluded" if out else grade or "none" for out, grade in zip(barred.tolist(), grades, strict=True))

    def named(field: str, word: str) -> Callable[[int], tuple[str, str]]:
        return lambda n: (f"trial.{names[n]}.{field}", f"企业“{names[n]}”的{word}")

    verdict.compare_columns(KIND, named("grade", "等级"), graded, found)
    for g, name in enumerate(GRADES):
        y = np.where(barred, np.nan, indices[:, g])
        verdict.compare_columns(KIND, named(f"Y_{name}", f" Y_{name}"), published[:, g], y)
    for key, count in trial["distribution"].items():
        verdict.compare(KIND, f"trial.distribution.{key}", f"结果为“{key}”的企业数", count, counts[key])


def _published(trial: Data) -> tuple[list[str], list[str | None], Floats]:
    """Names, grades and indices (E, 3) as they are published, one by one or in columns."""
    if "columns" in trial:
        columns = trial["columns"]
        return columns["names"], columns["grades"], columns["indices"]
    rows = trial["enterprises"]
    indices = np.array([[np.nan if (y := e[f"Y_{g}"]) is None else y for g in GRADES] for e in rows], dtype=np.float64)
    return [e["enterprise"] for e in rows], [e["grade"] for e in rows], indices.reshape(len(rows), len(GRADES))


def _taking_part(data: Data) -> list[int]:
    """Rows that are judged: not left out, and of one class of each indicator unless 类别计分 says how several count."""
    survey, score = data["survey"], data["settings"].get("类别计分", "")
    out = set(survey["left_out"])
    rows = [n for n in range(len(survey["enterprises"])) if n not in out]
    if score in ("均分", "全部达到"):
        return rows
    return [row for row in rows if all(len(p) < 2 or (score == "按产量" and _known(p)) for p in _classes(data, row))]


def _known(outputs: Sequence[str | None]) -> bool:
    return None not in outputs and sum(Fraction(o or 0) for o in outputs) > 0


def _classes(data: Data, row: int) -> list[list[str | None]]:
    """Output of each class that an enterprise has, indicator by indicator with class rows."""
    survey = data["survey"]
    found: dict[str, list[str | None]] = {}
    for indicator in data["indicators"]:
        column = survey["columns"].get(indicator["code"])
        if "of" in indicator and column is not None and column["states"][row] != survey["states"]["not_applicable"]:
            told = survey.get("class_outputs", {}).get(indicator["code"])
            found.setdefault(indicator["of"], []).append(None if told is None else told[row])
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

    def holds(self, grade: int) -> bool:
        """The conditions of D.4 beside the index, and the gate of clause 6."""
        strict = self.met[self.limiting]
        others = _OTHERS_MUST[grade]
        return bool(
            strict[:, _LIMITING_MUST[grade]].all()
            and strict[:, 2].all()
            and (others is None or self.met[~self.limiting, others].all())
        )

    def grade(self, thresholds: Sequence[Fraction]) -> int | None:
        """0, 1, 2 for Ⅰ, Ⅱ, Ⅲ; None where none holds."""
        return next((g for g, t in enumerate(thresholds) if self.indices[g] >= t and self.holds(g)), None)


def judged_rows(data: Data, weights: Data, baselines: Data) -> Iterator[Judged]:
    """Every enterprise that takes part in a table's trial."""
    survey, table, rows = data["survey"], Table(data, weights, baselines), _taking_part(data)
    applies, reached = table.judged(rows)
    outputs = survey.get("outputs")
    for n, row in enumerate(rows):
        points = table.points(applies[n].tolist(), row)
        hits = reached[n] & applies[n][:, None]
        indices = tuple(
            sum((w for w, h in zip(points, hits[:, g].tolist(), strict=True) if h), Fraction()) for g in range(3)
        )
        yield Judged(
            survey["enterprises"][row], bool(survey["violations"][row]), None if outputs is None else outputs[row],
            indices, hits | ~applies[n][:, None], table.limiting,
        )  # fmt: skip


class Table:
    """The published table: categories, weights, limiting marks and what every grade asks."""

    def __init__(self, data: Data, weights: Data, baselines: Data) -> None:
        self._survey, self._settings = data["survey"], data["settings"]
        self._thresholds = [Fraction(data["standard"]["thresholds"][g]) for g in GRADES]
        self._mark = data["standard"]["full_mark"]
        second = {w["code"]: w["printed"] for rows in weights["second_level"].values() for w in rows}
        bonus = {g["group"] for g in data["groups"] if g["bonus"]}
        self._outer = {w["category"]: Fraction(w["printed"]) for w in weights["first_level"]}
        # a bonus category enters neither index nor grade
        self._indicators = [i for i in data["indicators"] if i["category"] not in bonus]
        self._inner = [second[i.get("of") or i["code"]] for i in self._indicators]
        self.limiting: Flags = np.array([bool(i["limiting"]) for i in self._indicators], dtype=np.bool_)
        self._found = {(r["code"], r["stratum"] or ""): r for r in (*baselines["indicators"], *baselines["strata"])}
        self._merging = merging_of(data["settings"]["分组合并"])

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
            for code in {i["of"] for i in self._indicators if "of" in i}:
                at = [j for j, i in enumerate(self._indicators) if i.get("of") == code]
                reached[:, at] &= np.all(reached[:, at] | ~applies[:, at, None], axis=1, keepdims=True)
        return applies, reached

    def _divided(self, row: int) -> bool:
        """Whether an enterprise divides the weight of an indicator among its classes by output."""
        if self._settings.get("类别计分") != "按产量":
            return False
        return any(len(p) > 1 for p in _classes({"survey": self._survey, "indicators": self._indicators}, row))

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
            others = _OTHERS_MUST[g]
            held[:, g] = enough & strict & (True if others is None else met[:, ~limiting, others].all(axis=1))
        return np.asarray(held.argmax(axis=1), dtype=np.intp)

    def points(self, pattern: Sequence[bool], row: int) -> list[Fraction]:
        """D.2 and D.3: points of each indicator where these apply; a share is divided among those that share it.

        Class rows divide their indicator's weight in equal parts, or by the outputs of the enterprise in ``row``.
        """
        categories = [i["category"] for i in self._indicators]
        places = [j for j, here in enumerate(pattern) if here]
        owners = [i.get("of") or i["code"] for i in self._indicators]
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
        code = self._indicators[j].get("of")
        if code is None:
            return Fraction(1)
        rows = [k for k in places if self._indicators[k].get("of") == code]
        if row < 0 or not self._divided(row) or len(rows) < 2:
            return Fraction(1, len(rows))
        told = self._survey["class_outputs"]
        outputs = {k: Fraction(told[self._indicators[k]["code"]][row]) for k in rows}
        return outputs[j] / sum(outputs.values())

    # --- membership ---
    def _judged(self, indicator: Data, rows: NDArray[np.intp]) -> tuple[Flags, Flags]:
        """Whether the indicator applies (E,), and which grades the values themselves reach (E, 3)."""
        column, codes = self._survey["columns"].get(indicator["code"]), self._survey["states"]
        met = np.zeros((len(rows), 3), dtype=np.bool_)
        if column is None:
            return np.ones(len(rows), dtype=np.bool_), met
        states = np.array(column["states"])[rows]
        values = doubles(column["values"])[rows]
        values[~np.isin(states, (codes["value"], codes["non_detect"]))] = np.nan
        applies = states != codes["not_applicable"]
        if indicator["direction"] == "qualitative":
            return applies, np.stack([values >= 3 - g for g in range(3)], axis=1)
        values = self._rounded(values, indicator)
        strata = self._survey["strata"]
        own = ["" if strata is None else self._merging.get(strata[row], strata[row]) for row in rows.tolist()]
        own = [s if (indicator["code"], s) in self._found else "" for s in own]
        for stratum in dict.fromkeys(own):
            at = np.flatnonzero(np.array(own) == stratum)
            known = np.ones(len(at), dtype=np.bool_)
            for g, bound in enumerate(_asked(indicator, self._found[indicator["code"], stratum])):
                if bound is not None:
                    # what lies below its limit of detection can meet ≤, never ≥
                    certain = (states[at] != codes["non_detect"]) | (bound["operator"] in ("<=", "<"))
                    holds, defined = self._holding(bound, values[at], rows[at])
                    met[at, g], known = holds & certain, known & defined
            met[at] &= known[:, None]  # without its parameter an enterprise reaches nothing
        return applies, met

    def _rounded(self, values: Floats, indicator: Data) -> Floats:
        """修约值比较法: as measured, rounded to the baselines' decimals (GB/T 8170)."""
        table = self._found[indicator["code"], ""]
        places = [len(table[g]["value"].partition(".")[2]) for g in GRADES if table[g]["value"] is not None]
        if self._settings["比较方法"] != "修约值" or not places:
            return values
        return np.array([v if np.isnan(v) else float(half_even(v, max(places))) for v in values.tolist()])

    def _holding(self, bound: Data, values: Floats, rows: NDArray[np.intp]) -> tuple[Flags, Flags]:
        """Which values meet a bound, and for which it has a value."""
        defined = np.ones(len(values), dtype=np.bool_)
        if bound["kind"] == "range":
            return _at(values, ">=", Fraction(bound["number"])) & _at(values, "<=", Fraction(bound["upper"])), defined
        if bound["kind"] == "quantity":
            return _at(values, bound["operator"], Fraction(bound["number"])), defined
        found = np.zeros(len(values), dtype=np.bool_)
        for n, row in enumerate(rows.tolist()):
            own = {k: None if v[row] is None else Fraction(str(v[row])) for k, v in self._survey["parameters"].items()}
            try:
                found[n] = _at(values[n : n + 1], bound["operator"], value_of(bound["formula"], own))[0]
            except UndefinedFormulaError:
                defined[n] = False
        return found, defined


def _at(values: Floats, operator: str, limit: Fraction) -> Flags:
    """Hold values, as the decimals they print as, against a limit; doubles decide unless they are equal to its own."""
    near = float(limit)
    below, above = values < near, values > near
    for n in np.flatnonzero(values == near).tolist():
        exact = Fraction(repr(float(values[n])))
        below[n], above[n] = exact < limit, exact > limit
    known = ~np.isnan(values)
    return {"<=": ~above & known, "<": below, ">=": ~below & known, ">": above, "==": ~below & ~above & known}[operator]


def _asked(indicator: Data, table: Data) -> list[Data | None]:
    """What each grade asks; where one asks nothing the next stricter stands in, else the next laxer."""
    own = [_bound(indicator, table, grade) for grade in GRADES]
    filled: list[Data | None] = []
    for g in range(3):
        order = [g, *range(g - 1, -1, -1), *range(g + 1, 3)]
        bound = next((b for at in order if (b := own[at]) is not None), None)
        filled.append(bound if bound is not None and bound["kind"] in ("quantity", "range", "formula") else None)
    return filled


def _bound(indicator: Data, table: Data, grade: str) -> Data | None:
    said = table[grade]
    typed: Mapping[str, Data] = indicator["typed"]
    if "grades" in table["details"]:  # from the survey, tightened to the mandatory limit where that is stricter
        if said["value"] is None:
            return None
        limit, operator = indicator["limit"], _TOWARDS[indicator["direction"]]
        if said.get("source") == "policy" and limit and Decimal(limit["number"]) == Decimal(said["value"]):
            operator = limit["operator"] or operator
        return {"kind": "quantity", "operator": operator, "number": said["value"]}
    if len(typed) == 1:
        return next(iter(typed.values()))
    bound, at = typed.get(grade), GRADES.index(grade)
    for _ in GRADES:
        if bound is None or bound["kind"] != "same-as":
            break
        at = GRADES.index(bound["reference"]) if bound["reference"] in GRADES else max(at - 1, 0)
        bound = typed.get(GRADES[at])
    return None if bound is None or bound["kind"] in ("missing", "same-as") else bound
