"""Appendix D again, written from the standard in fractions: membership, index, adjusted weights, grades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from baselines import round_half_even
from drafting.verification.board import Board, Graded, bonus_of
from drafting.verification.given import Worth, bonus_weight, is_given, typed_weights
from drafting.verification.ladder import Ladder, ladder_of
from drafting.verification.levels import GRADES, Found, meets, merging, parameters_of, sample_of
from drafting.verification.trial_details import Field, deep_details, plain_details
from drafting.verification.verdict import RecordError, Verdict
from drafting.verification.weights import Again
from drafting.verification.weights import published as published_of

FIRST = "一级指标"


def check_trial(
    record: Mapping[str, Any],
    published: Mapping[str, Mapping[str, str]],
    pooled: Mapping[str, Found],
    strata: Mapping[tuple[str, str], Found],
    verdict: Verdict,
) -> None:
    """Evaluate every surveyed enterprise again and compare indices, grades, their distribution and all details."""
    data, recorded = _without_unweighed(record["data"], published), record["trial"]
    survey = data["survey"]
    if survey is None:
        raise RecordError("记录中有试评价，却没有调研数据")
    rows = [n for n in range(len(survey["enterprises"])) if n not in set(survey["left_out"])]
    names = [survey["enterprises"][n] for n in rows]
    listed = [e["enterprise"] for e in recorded["enterprises"]]
    verdict.compare("试评价", "trial.enterprises", "参与试评价的企业", listed, names)
    scene = Scene(data, pooled, strata, rows)
    board = scene.board(published)
    result = board.grade()
    for n, (row, said) in enumerate(zip(rows, recorded["enterprises"], strict=False)):
        indices = [board.index(n, result.reached[n, :, g]) for g in range(3)]
        grade = GRADES[result.grades[n] - 1] if result.grades[n] else None
        _compare(said, indices, grade, survey["violations"][row], verdict)
        for key, column in (("stratum", "strata"), ("region", "regions")):
            own = survey[column][row] if survey[column] else None
            who = f"企业“{said['enterprise']}”"
            verdict.compare("试评价", f"trial.{said['enterprise']}.{key}", f"{who}的 {key}", said[key], own or None)
    for key, count in result.distribution().items():
        what = f"试评价结果为“{key}”的企业数"
        verdict.compare("试评价", f"trial.distribution.{key}", what, recorded["distribution"].get(key), count)
    _check_weights(record, data, published, verdict)
    _check_details(record, scene, board, result, verdict)


def _check_weights(
    record: Mapping[str, Any], data: Mapping[str, Any], published: Mapping[str, Mapping[str, str]], verdict: Verdict
) -> None:
    """The weights that the trial was made with are those that the draft prints, and those that come out again."""
    used = record["trial"].get("weights")
    if used is None:  # a record of before: nothing in it says so
        return
    drawn = {row["category"]: row["printed"] for row in record["weights"]["first_level"]}
    drawn |= {row["code"]: row["printed"] for rows in record["weights"]["second_level"].values() for row in rows}
    again = {g["group"]: str(published.get(FIRST, {}).get(g["group"], "")) for g in data["groups"] if not g["bonus"]}
    again |= {key: text for g in data["groups"] for key, text in published.get(g["group"], {}).items()}
    for level, word in (("first_level", "一级指标"), ("second_level", "二级指标")):
        for key, text in used[level].items():
            what, path = f"试评价所用{word}“{key}”的权重", f"trial.weights.{level}.{key}"
            verdict.compare("权重", path, f"{what}（与草案所印相比）", text, drawn.get(key, text))
            verdict.compare("权重", path, what, text, again.get(key, text))


def _check_details(record: Mapping[str, Any], scene: Scene, board: Board, result: Graded, verdict: Verdict) -> None:
    said = dict(record["trial"]["details"])
    if said.pop("sentence", None) is not None:
        verdict.unchecked["trial.details.sentence"] = 1
    field = scene.field(board)
    found = plain_details(field, result)
    if "sensitivity" in said:  # a build adds what takes seconds
        found |= deep_details(field, result, scene.without_experts())
    verdict.compare_tree("试评价分析", "trial.details", "试评价", said, found)


def _compare(
    row: Mapping[str, Any], indices: Sequence[Fraction], grade: str | None, excluded: bool, verdict: Verdict
) -> None:
    path, who = f"trial.{row['enterprise']}", f"企业“{row['enterprise']}”"
    verdict.compare("试评价", f"{path}.excluded", f"{who}是否不参与评价", row["excluded"], excluded)
    verdict.compare("试评价", f"{path}.grade", f"{who}的等级", row["grade"], None if excluded else grade)
    for name, index in zip(GRADES, indices, strict=True):
        what = f"{who}的 Y_{name}"
        computed = None if excluded else float(index)
        verdict.compare("试评价", f"{path}.Y_{name}", what, row[f"Y_{name}"], computed)
        exact = row["exact"][f"Y_{name}"]
        text = None if excluded else _decimal(index)
        verdict.compare("试评价", f"{path}.exact.Y_{name}", f"{what}（未修约）", _plain(exact), text)


def _plain(text: str | None) -> str | None:
    return None if text is None else format(Decimal(text).normalize(), "f")


def _decimal(value: Fraction) -> str:
    """All digits of a number that ends, else the text of the nearest double."""
    places = next((p for p in range(400) if 10**p % value.denominator == 0), None)
    if places is None:
        return format(Decimal(repr(float(value))).normalize(), "f")
    whole = value.numerator * (10**places // value.denominator)
    return format(Decimal((0 if whole >= 0 else 1, tuple(map(int, str(abs(whole)))), -places)).normalize(), "f")


def _without_unweighed(data: Mapping[str, Any], published: Mapping[str, Mapping[str, str]]) -> Mapping[str, Any]:
    """The data without the bonus groups that have no weights: nobody is judged by them."""

    def weighed(group: Mapping[str, Any]) -> bool:
        found = published.get(group["group"], {})
        return all(key in found for key in group["keys"])

    out = {g["group"] for g in data["groups"] if g["bonus"] and not weighed(g)}
    groups = [g for g in data["groups"] if g["group"] not in out]
    return {**data, "groups": groups, "indicators": [i for i in data["indicators"] if i["category"] not in out]}


class Scene:
    """The surveyed enterprises with what their values reach, ready to be graded under any weights."""

    def __init__(
        self,
        data: Mapping[str, Any],
        pooled: Mapping[str, Found],
        strata: Mapping[tuple[str, str], Found],
        rows: Sequence[int],
    ) -> None:
        self._data, self._rows = data, list(rows)
        self._indicators: list[Mapping[str, Any]] = data["indicators"]
        self._groups = [g for g in data["groups"] if g["group"] != FIRST]
        self._bonus = bonus_of(self._groups)
        self._pooled, self._strata = pooled, strata
        shape = (len(rows), len(self._indicators))
        self._reached = np.zeros((*shape, 3), dtype=np.bool_)
        self._applies, self._missing = np.ones(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_)
        self._below = np.zeros(shape, dtype=np.bool_)
        self._values, self._limits = np.full(shape, np.nan), np.full((*shape, 3), np.nan)
        for n, row in enumerate(rows):
            for j, indicator in enumerate(self._indicators):
                self._judge(n, row, j, indicator)

    def _judge(self, n: int, row: int, j: int, indicator: Mapping[str, Any]) -> None:
        survey = self._data["survey"]
        column, codes = survey["columns"].get(indicator["code"]), survey["states"]
        state = column["states"][row] if column else None
        if state == codes["not_applicable"]:
            self._applies[n, j] = False
            return
        found = self._found(indicator["code"], row)
        for g, bound in enumerate(_judged(found)):
            if bound is not None and bound["kind"] == "quantity" and indicator["direction"] != "qualitative":
                self._limits[n, j, g] = float(bound["number"])
        value = column["values"][row] if state in (codes["value"], codes["non_detect"]) else None
        if value is None:
            self._missing[n, j] = True
            return
        if self._data["settings"]["比较方法"] == "修约值" and indicator["direction"] != "qualitative":
            value = _rounded(value, self._pooled[indicator["code"]])
        self._values[n, j], self._below[n, j] = value, state == codes["non_detect"]
        met = _reached(indicator, found, value, state == codes["non_detect"], parameters_of(survey, row))
        if met is None:
            self._missing[n, j] = True
        else:
            self._reached[n, j] = met

    def _found(self, code: str, row: int) -> Found:
        return self._strata.get((code, _stratum(self._data, self._strata, row)), self._pooled[code])

    def board(self, published: Mapping[str, Mapping[str, str]]) -> Board:
        """The board under published weights."""
        data = self._data
        limiting = np.array([bool(i["limiting"]) for i in self._indicators], dtype=np.bool_)
        names = [g["group"] for g in self._groups]
        groups = tuple(names.index(i["category"]) for i in self._indicators)
        excluded = np.array([bool(data["survey"]["violations"][r]) for r in self._rows], dtype=np.bool_)
        first = published.get(FIRST, {})
        return Board(
            self._reached, self._applies, self._missing, excluded, limiting,
            np.array([g not in self._bonus for g in groups], dtype=np.bool_), groups,
            tuple(Fraction(first[g["group"]]) if g["group"] in first else bonus_weight(g) for g in self._groups),
            tuple(self._second(groups, published)), self._bonus,
            tuple(Fraction(data["standard"]["thresholds"][g]) for g in GRADES), data["standard"]["full_mark"],
            data["settings"]["整类不适用"] == "重新归一",
        )  # fmt: skip

    def _second(self, groups: Sequence[int], published: Mapping[str, Mapping[str, str]]) -> Iterator[Worth]:
        for indicator, place in zip(self._indicators, groups, strict=True):
            group, code = self._groups[place], indicator["code"]
            if is_given(group):
                yield typed_weights(group, place)[group["keys"].index(code)] or Fraction()
            else:
                yield Fraction(published.get(group["group"], {}).get(code, 0))

    def without_experts(self) -> dict[str, Board]:
        """The board under the weights without each expert; without those whose absence leaves a group unweighted."""
        data, experts = self._data, list(self._data["answered"])
        found = {}
        for expert in experts if len(experts) > 1 else ():
            rounds = [{**r, "answers": [a for a in r["answers"] if a["expert"] != expert]} for r in data["delphi"]]
            rest = {
                **data,
                "judgements": [m for m in data["judgements"] if m["expert"] != expert],
                "delphi": [r for r in rounds if r["answers"]],
                "experts": [e for e in data["experts"] if e["expert"] != expert],
            }
            again = Again(rest, brief=True)
            weights = {g["group"]: again.group(g) for g in data["groups"]}
            if all(w is not None for w in weights.values()):
                found[expert] = self.board(published_of(rest, weights))
        return found

    def field(self, board: Board) -> Field:
        """The enterprises with everything that the details are made of."""
        data, rows = self._data, self._rows
        survey, settings = data["survey"], data["settings"]
        merged = [_stratum(data, self._strata, r) for r in rows] if self._strata and survey["strata"] else None
        weights = None if survey["weights"] is None else np.array(survey["weights"], dtype=np.float64)[rows]
        return Field(
            board,
            tuple(survey["enterprises"][r] for r in rows),
            tuple(i["code"] for i in self._indicators),
            tuple(i["name"] for i in self._indicators),
            tuple(g["group"] for g in self._groups),
            self._values,
            self._limits,
            [survey["strata"][r] for r in rows] if survey["strata"] else None,
            [survey["regions"][r] for r in rows] if survey["regions"] else None,
            merged,
            weights,
            tuple(self._ladders(merged)),
            tuple(Fraction(data["standard"]["shares"][g]) for g in GRADES),
            int(settings["种子"]),
        )

    def _ladders(self, merged: Sequence[str] | None) -> Iterator[Ladder]:
        rows = np.array(self._rows, dtype=np.intp)
        for j, indicator in enumerate(self._indicators):
            found = self._pooled[indicator["code"]]
            if not any(g.get("k") is not None for g in found.grades.values()):
                continue
            parts = {"": np.arange(len(rows))}
            if merged is not None and (indicator["code"], merged[0]) in self._strata:
                names = dict.fromkeys(stratum for _, stratum in self._strata)
                parts = {name: np.flatnonzero(np.array(merged) == name) for name in names}
            judged = {"values": self._values[:, j], "below": self._below[:, j], "applies": self._applies[:, j]}
            sample = sample_of(self._data["survey"]["columns"][indicator["code"]], self._data["survey"])
            shares = [Fraction(self._data["standard"]["shares"][g]) for g in GRADES]
            yield ladder_of(j, indicator, sample, found.details["decimals"], parts, rows, judged, shares)


def _stratum(data: Mapping[str, Any], strata: Mapping[tuple[str, str], Found], row: int) -> str:
    if not strata or not data["survey"]["strata"]:
        return ""
    own: str = data["survey"]["strata"][row]
    return merging(data["settings"]["分组合并"]).get(own, own)


def _reached(
    indicator: Mapping[str, Any], found: Found, value: float, below: bool, parameters: Mapping[str, Fraction | None]
) -> list[bool] | None:
    """Which grades a value reaches, cumulatively; None where a formula's parameter is lacking."""
    if indicator["direction"] == "qualitative":
        return [value >= 3 - place for place in range(3)]
    own = []
    for bound in _judged(found):
        met = None if bound is None else meets(bound, value, parameters)
        if met is None and bound is not None and bound["kind"] == "formula":
            return None
        # The true value of a non-detect lies below its limit: it can meet ≤, never ≥.
        own.append(bool(met) and not (below and bound is not None and bound["operator"] not in ("<=", "<")))
    return [any(own[: place + 1]) for place in range(3)]


def _judged(found: Found) -> list[Mapping[str, Any] | None]:
    """The bound of each grade; where one is — the next stricter stands in, else the next laxer."""
    own = [found.criteria[g].bound if g in found.criteria else None for g in GRADES]
    filled = [b is not None and b["kind"] not in ("missing", "same-as") for b in own]
    result: list[Mapping[str, Any] | None] = []
    for place in range(3):
        order = [place, *range(place - 1, -1, -1), *range(place + 1, 3)]
        source = next((p for p in order if filled[p]), None)
        bound = None if source is None else own[source]
        result.append(bound if bound is not None and bound["kind"] in ("quantity", "range", "formula") else None)
    return result


def _rounded(value: float, found: Found) -> float:
    numbers = [g["value"] for g in found.grades.values() if g.get("value") is not None]
    if not numbers:
        return value
    return float(round_half_even(value, max(len(n.partition(".")[2]) for n in numbers)))
