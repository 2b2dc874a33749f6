"""Appendix D a second time: membership, adjusted weights (D.3), index (D.2) and grade (D.4) of every enterprise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from drafting.verification.opinion.arithmetic import half_even
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
    out = set(survey["left_out"])
    rows = [n for n in range(len(survey["enterprises"])) if n not in out]
    listed, names = [e["enterprise"] for e in trial["enterprises"]], [survey["enterprises"][n] for n in rows]
    verdict.compare(KIND, "trial.enterprises", "参与试评价的企业", listed, names)
    if listed != names:
        return
    indices, grades = Table(data, weights, baselines).graded(rows)
    counts: Counter[str] = Counter()
    for row, said, index, grade in zip(rows, trial["enterprises"], indices.tolist(), grades, strict=True):
        path, who = f"trial.{said['enterprise']}", f"企业“{said['enterprise']}”"
        barred = bool(survey["violations"][row])  # clause 6: takes no part
        found = None if barred else grade
        counts["excluded" if barred else grade or "none"] += 1
        verdict.compare(KIND, f"{path}.grade", f"{who}的等级", said["grade"], found)
        for name, y in zip(GRADES, index, strict=True):
            verdict.compare(KIND, f"{path}.Y_{name}", f"{who}的 Y_{name}", said[f"Y_{name}"], None if barred else y)
    for key, count in trial["distribution"].items():
        verdict.compare(KIND, f"trial.distribution.{key}", f"结果为“{key}”的企业数", count, counts[key])


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
        self._inner = [second[i["code"]] for i in self._indicators]
        self._found = {(r["code"], r["stratum"] or ""): r for r in (*baselines["indicators"], *baselines["strata"])}
        self._merging = merging_of(data["settings"]["分组合并"])

    def graded(self, rows: Sequence[int]) -> tuple[Floats, list[str | None]]:
        """Indices (E, 3) and grades of the enterprises."""
        size = (len(rows), len(self._indicators))
        applies, reached = np.ones(size, dtype=np.bool_), np.zeros((*size, 3), dtype=np.bool_)
        for j, indicator in enumerate(self._indicators):
            applies[:, j], own = self._judged(indicator, np.array(rows, dtype=np.intp))
            reached[:, j] = np.logical_or.accumulate(own, axis=1)  # who reaches Ⅰ reaches Ⅱ and Ⅲ
        limiting = np.array([bool(i["limiting"]) for i in self._indicators], dtype=np.bool_)
        indices, grades = np.zeros((len(rows), 3)), np.full(len(rows), 3)
        patterns, which = np.unique(applies, axis=0, return_inverse=True)
        for n, pattern in enumerate(patterns):
            at = np.flatnonzero(which.ravel() == n)
            weights = self._weights(pattern.tolist())
            hits = reached[at] & pattern[:, None]
            indices[at] = np.einsum("ejg,j->eg", hits, np.array([float(w) for w in weights]))
            grades[at] = self._grades(hits, hits | ~pattern[:, None], limiting, weights, indices[at])
        return indices, [(*GRADES, None)[g] for g in grades.tolist()]

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

    def _weights(self, pattern: Sequence[bool]) -> list[Fraction]:
        """D.2 and D.3: points of each indicator where these apply; a share is divided among those that share it."""
        categories = [i["category"] for i in self._indicators]
        places = [j for j, here in enumerate(pattern) if here]
        sharing = Counter((categories[j], self._inner[j]) for j in places)
        own = [Fraction()] * len(pattern)
        for j in places:
            part, shared, _ = self._inner[j].replace(" ", "").partition("/n")
            own[j] = Fraction(part) / (sharing[categories[j], self._inner[j]] if shared else 1)
        sums = {c: sum((own[j] for j in places if categories[j] == c), Fraction()) for c in categories}
        scale = Fraction(1)
        if self._settings["整类不适用"] == "重新归一":
            scale = sum((w for c, w in self._outer.items() if sums.get(c)), Fraction()) or scale
        return [
            self._mark * self._outer[c] * w / (sums[c] * scale) if sums[c] else Fraction()
            for c, w in zip(categories, own, strict=True)
        ]

    # --- membership ---
    def _judged(self, indicator: Data, rows: NDArray[np.intp]) -> tuple[Flags, Flags]:
        """Whether the indicator applies (E,), and which grades the values themselves reach (E, 3)."""
        column, codes = self._survey["columns"].get(indicator["code"]), self._survey["states"]
        met = np.zeros((len(rows), 3), dtype=np.bool_)
        if column is None:
            return np.ones(len(rows), dtype=np.bool_), met
        states = np.array(column["states"])[rows]
        values = np.array([np.nan if v is None else v for v in column["values"]], dtype=np.float64)[rows]
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
