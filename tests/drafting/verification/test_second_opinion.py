"""The second opinion by hand, and faults planted in the cores: the run agrees with itself, the opinion does not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drafting.model.results import Baselines, IndicatorBaselines, WeightGroup, WeightRow, Weights
from drafting.model.settings import OLDER_RULES
from drafting.model.terms import Direction
from drafting.notation.weights import parse_weight
from drafting.record.codec import understood
from drafting.record.schema import (
    DeepDetails,
    Evidence,
    PrintedBaselines,
    PrintedWeights,
    RecordedTable,
    TrialSaid,
    survey_of,
)
from drafting.verification import verify
from drafting.verification.opinion import arithmetic, second_opinion
from drafting.verification.opinion.trial import Judging, Published, Table
from drafting.verification.rerun import run_again
from drafting.verification.verdict import Verdict

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"
Record = dict[str, Any]


# --- by hand ----------------------------------------------------------------------------------------------------------
def test_saatys_own_example_of_a_consistency_ratio() -> None:
    """A consistent matrix has λ = n; 1, 2, 6 against 1/2, 1, 3 is one. Changing one judgement raises λ."""
    vector, top = arithmetic.eigenvector([[1, 2, 6], [1 / 2, 1, 3], [1 / 6, 1 / 3, 1]])
    assert top == pytest.approx(3, abs=1e-12)
    assert vector == pytest.approx([0.6, 0.3, 0.1], abs=1e-12)
    assert arithmetic.eigenvector([[1, 2, 9], [1 / 2, 1, 3], [1 / 9, 1 / 3, 1]])[1] > 3.01


def test_units_left_over_go_to_the_largest_remainders() -> None:
    assert list(map(str, arithmetic.largest_remainders([1 / 3, 1 / 3, 1 / 3], 2))) == ["0.34", "0.33", "0.33"]
    assert list(map(str, arithmetic.largest_remainders([0.125, 0.255, 0.62], 2))) == ["0.13", "0.25", "0.62"]


@pytest.mark.parametrize(
    ("convention", "spread"), [("type-7", 1.5), ("type-6", 2.25), ("type-2", 2.0)], ids=["type 7", "type 6", "type 2"]
)
def test_quartiles_of_a_published_set(convention: str, spread: float) -> None:
    """2, 3, 4, 4, 5, 5: positions by Hyndman and Fan (1996), worked by hand."""
    answers = [2.0, 3.0, 4.0, 4.0, 5.0, 5.0]
    found = [arithmetic.quantile(answers, p, convention) for p in (0.25, 0.75)]
    assert found[1] - found[0] == pytest.approx(spread)


def test_concordance_of_equal_and_of_opposite_rankings() -> None:
    assert arithmetic.concordance([[1, 2, 3], [1, 2, 3]]) == 1
    assert arithmetic.concordance([[1, 2, 3], [3, 2, 1]]) == 0
    assert arithmetic.concordance([[5, 5], [4, 4]]) is None


def test_ranks_of_an_interval_by_the_table_of_conover() -> None:
    """n = 8, p = 1/2: P(B ≤ 0) = 1/256 ≤ 2.5 % < P(B ≤ 1) = 9/256, so the ranks are 1 and 8 (Conover 1999, 3.2)."""
    assert arithmetic.interval_ranks(8, Fraction(1, 2), Fraction("0.95")) == (1, 8)
    assert arithmetic.interval_ranks(8, Fraction(1, 20), Fraction("0.95"))[0] is None


def judging_one(
    weights: list[str], values: list[float | None], bounds: str = "10", limiting: tuple[int, ...] = (), rules: str = ""
) -> Judging:
    """One enterprise, one category, smaller is better; a value of None does not apply."""
    codes = [f"N{n}" for n in range(len(weights))]

    def quantity(number: str) -> Record:
        return {"text": number, "printed": number, "kind": "quantity", "operator": "<=", "number": number,
                "upper": None, "formula": None, "reference": None}  # fmt: skip

    typed = {"I": quantity(bounds), "II": quantity("20"), "III": quantity("20")}
    indicators = [
        {"code": c, "name": c, "category": "能源", "unit": "t", "direction": "smaller", "limiting": n in limiting,
         "source": "policy", "decimals": None, "lower": None, "upper": None, "limit": None, "typed": typed}
        for n, c in enumerate(codes)
    ]  # fmt: skip
    columns = {c: {"values": [v], "states": [2 if v is None else 0]} for c, v in zip(codes, values, strict=True)}
    group = {"keys": [], "names": [], "typed": [], "values": [], "bonus": False, "bonus_weight": None}
    data = understood(
        {
            "survey": {"columns": columns, "states": STATES, "enterprises": ["厂"], "violations": [False]},
            "settings": {"分组合并": "", "整类不适用": "按标准", "比较方法": "全数值", "评价规则": rules},
            "standard": {"shares": {}, "thresholds": {"I": 85, "II": 85, "III": 100}, "full_mark": 100},
            "groups": [{"group": name, **group} for name in ("一级指标", "能源")],
            "indicators": indicators, "experts": [], "judgements": [], "matrices_from": [], "stopping_rule": None,
            "delphi": [],
        },
        Evidence,
    )  # fmt: skip
    rows = tuple(WeightRow(c, c, 0.0, parse_weight(w)) for c, w in zip(codes, weights, strict=True))
    first = WeightGroup("一级指标", (WeightRow("能源", "能源", 1.0, parse_weight("1")),), "给定")
    found = tuple(IndicatorBaselines(c, Direction.SMALLER, None, 0, {}) for c in codes)
    survey = survey_of(data.survey)
    assert survey is not None
    return Judging(data, survey, Weights("给定", first, (WeightGroup("能源", rows, "给定"),)), Baselines(found))


STATES = {"value": 0, "missing": 1, "not_applicable": 2, "non_detect": 3, "excluded": 4}


def test_weights_are_adjusted_where_an_indicator_does_not_apply() -> None:
    """D.3 by hand: of 0.5, 0.3, 0.2 the last does not apply; 0.5/0.8 of the full mark is what the first is worth."""
    indices, _ = Table(judging_one(["0.5", "0.3", "0.2"], [9, 99, None])).graded([0])
    assert indices[0, 0] == 62.5


def test_a_share_is_divided_among_those_that_apply() -> None:
    indices, _ = Table(judging_one(["0.2", "0.8/n", "0.8/n"], [9, 9, None])).graded([0])
    assert indices.tolist() == [[100, 100, 100]]


def test_an_index_on_its_threshold_is_decided_in_fractions() -> None:
    """By hand: 0.1 + 0.2 + 0.55 of the weights are 85 exactly, though their doubles do not sum to 0.85."""
    given = [9.0, 9.0, 9.0, 19.0]
    assert Table(judging_one(["0.1", "0.2", "0.55", "0.15"], given)).graded([0])[1] == ["I"]
    less = ["0.1", "0.2", "0.5499999999999999", "0.1500000000000001"]
    assert Table(judging_one(less, given)).graded([0])[1] == ["II"]


def test_limiting_indicators_must_reach_the_grade_itself() -> None:
    """D.4.2: for Ⅰ every limiting indicator reaches Ⅰ, the others Ⅱ; the first one here reaches Ⅱ only."""
    given = [19.0, 9.0]
    assert Table(judging_one(["0.1", "0.9"], given)).graded([0])[1] == ["I"]
    assert Table(judging_one(["0.1", "0.9"], given, limiting=(0,))).graded([0])[1] == ["II"]


def test_what_the_trial_rules_ask_of_other_indicators() -> None:
    """Under the rules of 2013 the index alone decides beside the limiting ones: 99 reaches no grade, Y_I is 90."""
    given = [9.0, 99.0]
    assert Table(judging_one(["0.9", "0.1"], given, limiting=(0,))).graded([0])[1] == [None]
    assert Table(judging_one(["0.9", "0.1"], given, limiting=(0,), rules=OLDER_RULES)).graded([0])[1] == ["I"]


# --- random records ---------------------------------------------------------------------------------------------------
def a_record(seed: int, enterprises: int = 60) -> Record:
    """Given weights, policy values that most reach, values that do not apply or are missing, some barred."""
    chance = random.Random(seed)
    keys = {"能源": ["E1", "E2", "E3"], "资源": ["R1", "R2"], "管理": ["G1", "G2"]}
    shares = {"能源": ["0.5", "0.3", "0.2"], "资源": ["0.8/n", "0.8/n"], "管理": ["0.4", "0.6"]}
    shares["资源"] = ["1/n", "1/n"]

    def group(name: str, members: list[str], typed: list[str]) -> Record:
        values = [{"share": t.removesuffix("/n")} if t.endswith("/n") else {"number": t} for t in typed]
        return {"group": name, "keys": members, "names": members, "typed": typed, "values": values, "bonus": False,
                "bonus_weight": None}  # fmt: skip

    def bound(number: str, operator: str) -> Record:
        return {"text": number, "printed": number, "kind": "quantity", "operator": operator, "number": number,
                "upper": None, "formula": None, "reference": None}  # fmt: skip

    indicators = []
    for category, members in keys.items():
        for code in members:
            smaller = chance.random() < 0.7
            numbers = ["7", "8.5", "9.5"] if smaller else ["3", "1.5", "0.5"]
            typed = {g: bound(n, "<=" if smaller else ">=") for g, n in zip(("I", "II", "III"), numbers, strict=True)}
            indicators.append(
                {"code": code, "name": code, "category": category, "unit": "t", "limit": None, "decimals": 1,
                 "direction": "smaller" if smaller else "larger", "limiting": chance.random() < 0.4, "lower": None,
                 "upper": None, "source": None if code == "E2" else "policy", "typed": {} if code == "E2" else typed}
            )  # fmt: skip
    columns = {}
    for code in (c for members in keys.values() for c in members):
        drawn = chance.choices([0, 1, 2, 3], [90, 2, 6, 2], k=enterprises)
        drawn[3] = 4  # left out as a whole
        values = [None if state in (1, 2) else round(chance.uniform(0, 10), 2) for state in drawn]
        columns[code] = {"values": values, "states": drawn}
    data = {
        "standard": {"shares": {"I": "1/20", "II": "1/5", "III": "1/2"},
                     "thresholds": {"I": 85, "II": 85, "III": 100}, "full_mark": 100},
        "settings": {}, "groups": [
            group("一级指标", list(keys), ["0.5", "0.3", "0.2"]), *(group(n, m, shares[n]) for n, m in keys.items())
        ],
        "indicators": indicators, "experts": [], "judgements": [], "answered": [], "matrices_from": [],
        "stopping_rule": None, "delphi": [], "ratings": [], "unusable": {},
        "survey": {
            "states": STATES, "enterprises": [f"厂{n}" for n in range(enterprises)], "left_out": [3], "strata": None,
            "violations": [chance.random() < 0.03 for _ in range(enterprises)], "regions": None, "parameters": {},
            "weights": [float(chance.randint(1, 5)) for _ in range(enterprises)] if seed % 2 else None,
            "columns": columns,
        },
    }  # fmt: skip
    return {**data, "settings": settings_of(seed)}


def settings_of(seed: int) -> dict[str, str]:
    from drafting.model.settings import Settings
    from drafting.model.sheet import rows

    said = {r.label: str(r.default) for r in rows(Settings)}
    return said | {"权重方法": "给定", "整类不适用": "重新归一" if seed % 3 else "按标准"}


def opinion_on(record: Record) -> Verdict:
    verdict, data = Verdict(), understood(record, Evidence)
    survey = survey_of(data.survey)
    printed = PrintedWeights(first_level=(), second_level={}), PrintedBaselines(indicators=())
    said = RecordedTable(
        weights=printed[0], baselines=printed[1], trial=TrialSaid(details=DeepDetails()), data=data, digests={}
    )
    again = run_again(said, data, survey)
    assert again.trial is not None
    second_opinion(data, survey, again, Published.of(again.trial), verdict)
    return verdict


@pytest.mark.parametrize("seed", range(6))
def test_two_routes_agree_on_random_records(seed: int) -> None:
    verdict = opinion_on(a_record(seed))
    assert verdict.differences == []
    assert verdict.kinds["另法复算"] > 4 * 59


# --- faults planted in the cores --------------------------------------------------------------------------------------
def _replaced(module: str, name: str, change: Callable[[Any], Any]) -> Callable[[pytest.MonkeyPatch], None]:
    """Change an attribute in its module and wherever it was imported under its name."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        import importlib
        import sys

        right = getattr(importlib.import_module(module), name)
        wrong = change(right)
        for at, loaded in list(sys.modules.items()):
            if at.startswith(("weighting", "baselines", "drafting")) and getattr(loaded, name, None) is right:
                patch.setattr(loaded, name, wrong)

    return plant


def _rank_too_strict(right: Any) -> Any:
    return lambda n, share: max(1, right(n, share) - 1)


def _rounded_inward(right: Any) -> Any:
    return lambda value, decimals, way: right(value, decimals, "larger" if str(way) == "smaller" else "smaller")


def _every_weight(right: Any) -> Any:
    return lambda *a, **k: tuple(reversed(right(*a, **k)))


FAULTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "an index of half the mark": (
        _replaced("drafting.evaluation.rule", "GATE", lambda _: 1), "trial.厂",
    ),
    "weights in the wrong order": (_replaced("weighting.apportion", "apportion", _every_weight), "weights."),
    "the random index of another table": (
        _replaced("weighting.random_index", "RANDOM_INDEX_TABLES", lambda t: {**t, "saaty-1980": t["saaty-2005"]}),
        "weights.experts",
    ),
    "columns for rows": (
        _replaced("weighting.priorities", "principal", lambda right: lambda stack: right(stack.swapaxes(-1, -2))),
        "weights.",
    ),
    "a rank too strict": (_replaced("baselines.attainment", "rank_for_share", _rank_too_strict), "baselines."),
    "rounded inward": (_replaced("baselines.rounding", "round_outward", _rounded_inward), "baselines."),
    "an interval of 90 %": (
        _replaced("baselines.interval", "_tails", lambda right: lambda _, bounds: right(0.9, bounds)), "baselines.",
    ),
    "units left over to the first": (
        _replaced("weighting.apportion", "apportion", lambda right: lambda w, d: right(np.sort(w), d)), "weights.",
    ),
    "limiting indicators need grade Ⅰ, Ⅲ, Ⅲ": (
        _replaced("drafting.evaluation.rule", "LIMITING_REQUIRED", lambda _: (0, 2, 2)), "trial.厂",
    ),
    "others need grade Ⅰ, Ⅲ": (
        _replaced("drafting.evaluation.rule", "OTHERS_REQUIRED", lambda _: (0, 2, None)), "trial.厂",
    ),
}  # fmt: skip
"""A fault, how it is planted, where the second opinion sees it."""


@pytest.mark.parametrize("fault", [f for f, (_, where) in FAULTS.items() if not where.startswith("weights")])
def test_a_fault_in_a_core_is_seen(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, where = FAULTS[fault]
    plant(monkeypatch)
    seen = [d.path for seed in range(3) for d in opinion_on(a_record(seed)).differences]
    assert any(path.startswith(where) for path in seen)


@pytest.mark.slow
@pytest.mark.parametrize("fault", [f for f, (_, where) in FAULTS.items() if where.startswith("weights")])
def test_a_fault_in_the_weights_is_seen(fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plant, where = FAULTS[fault]
    plant(monkeypatch)
    from drafting.pipeline.running import run_project
    from drafting.record.results import record

    path = tmp_path / "结果.json"
    path.write_text(json.dumps(record(run_project(EXAMPLE, until="trial")), ensure_ascii=False), "utf-8")
    assert any(d.path.startswith(where) for d in verify(path).differences)
