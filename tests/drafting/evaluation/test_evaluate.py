"""Index and grades: a real indicator table to the last digit, traps, a second route, and properties."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.evaluation import (
    Criterion,
    Evaluation,
    EvaluationError,
    GradeRule,
    Reason,
    evaluate,
    explain,
    membership,
)
from drafting.model.bounds import parse_bound

RULE = GradeRule(full_mark=100, thresholds=(85, 85, 100))


# --- the second route ---
def plain_indices_and_grade(
    levels: list[int | None],
    weights: list[Fraction],
    groups: list[int],
    category_weights: list[Fraction],
    limiting: list[bool],
    *,
    renormalise: bool = False,
) -> tuple[list[Fraction], str | None]:
    """Appendix D again, from its words, for one enterprise: levels 1, 2, 3, 9 for none, None for not applicable."""
    there = [(j, level) for j, level in enumerate(levels) if level is not None]
    present = {groups[j] for j, _ in there}
    scale = sum((category_weights[i] for i in present), Fraction()) if renormalise else Fraction(1)
    y = []
    for k in (1, 2, 3):
        index = Fraction()
        for i, omega_i in enumerate(category_weights):
            mine = [(j, level) for j, level in there if groups[j] == i]
            taking_part = sum((weights[j] for j, _ in mine), Fraction())
            adjusted = [(weights[j] * (1 / taking_part), level) for j, level in mine]  # D.3
            index += omega_i * sum((w * (100 if level <= k else 0) for w, level in adjusted), Fraction())  # D.1, D.2
        y.append(index / scale if scale else index)
    marked = [level for j, level in there if limiting[j]]
    unmarked = [level for j, level in there if not limiting[j]]
    if any(level > 3 for level in marked):
        return y, None
    if y[0] >= 85 and all(level == 1 for level in marked) and all(level <= 2 for level in unmarked):
        return y, "I"
    if y[1] >= 85 and all(level <= 2 for level in marked) and all(level <= 3 for level in unmarked):
        return y, "II"
    return y, "III" if y[2] == 100 else None


def as_reached(levels: list[list[int | None]]) -> tuple[np.ndarray, np.ndarray]:
    table = np.array([[9 if level is None else level for level in row] for row in levels]).reshape(len(levels), -1)
    applicable = np.array([[level is not None for level in row] for row in levels]).reshape(table.shape)
    return table[:, :, None] <= np.array([1, 2, 3]), applicable


@st.composite
def systems(draw: st.DrawFn) -> dict[str, Any]:
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    unit = draw(st.sampled_from([7, 20, 100, 1000]))

    def split(parts: int) -> list[Fraction]:
        raw = [draw(st.integers(1, unit)) for _ in range(parts)]
        return [Fraction(r, sum(raw)) for r in raw]

    groups = [i for i, size in enumerate(sizes) for _ in range(size)]
    level = st.sampled_from([1, 1, 1, 2, 2, 3, 9, None])
    good = st.sampled_from([1, 1, 1, 1, 1, 1, 2, None])
    rows = st.one_of(*(st.lists(x, min_size=len(groups), max_size=len(groups)) for x in (level, good)))
    return {
        "groups": groups,
        "weights": [w for size in sizes for w in split(size)],
        "category_weights": split(len(sizes)),
        "limiting": draw(st.lists(st.booleans(), min_size=len(groups), max_size=len(groups))),
        "levels": draw(st.lists(rows, min_size=1, max_size=6)),
    }


def run(system: dict[str, Any], levels: list[list[int | None]] | None = None, **options: Any) -> Evaluation:
    reached, applicable = as_reached(system["levels"] if levels is None else levels)
    return evaluate(
        reached, system["weights"], groups=system["groups"], category_weights=system["category_weights"],
        limiting=system["limiting"], rule=RULE, applicable=applicable, **options,
    )  # fmt: skip


@given(systems(), st.sampled_from(["as-printed", "renormalise"]))
def test_agrees_with_the_standard_read_word_by_word(system: dict[str, Any], option: str) -> None:
    result = run(system, empty_category=option)
    keys = ("weights", "groups", "category_weights", "limiting")
    for e, levels in enumerate(system["levels"]):
        y, grade = plain_indices_and_grade(levels, *(system[key] for key in keys), renormalise=option == "renormalise")
        assert result.indices[e].tolist() == [float(value) for value in y]  # bit for bit
        assert [result.index(e, k) for k in range(3)] == y
        assert result.grade(e) == grade
        failed = [reason for reason in result.reasons(e) if reason.failed]
        assert bool(failed) is (grade != "I")


@given(systems(), st.sampled_from(["as-printed", "renormalise"]))
def test_flags_where_the_option_for_empty_categories_decides(system: dict[str, Any], option: str) -> None:
    other = "renormalise" if option == "as-printed" else "as-printed"
    one, two = run(system, empty_category=option), run(system, empty_category=other)
    assert one.decided_by_empty.tolist() == (one.grades != two.grades).tolist()
    for e in np.flatnonzero(one.decided_by_empty):
        codes = [reason.code for reason in one.reasons(int(e))]
        assert codes[-1] in ("empty-category-decides", "nothing-applies")


@given(systems())
def test_indices_are_nested_and_grades_imply_indices(system: dict[str, Any]) -> None:
    result = run(system)
    assert (result.indices[:, 0] <= result.indices[:, 1]).all()
    assert (result.indices[:, 1] <= result.indices[:, 2]).all()
    for e in range(len(result)):
        if result.grade(e) == "I" and not result.empty[e].any():
            assert result.index(e, 1) == 100
        if result.grade(e) in ("I", "II", "III") and not result.empty[e].any():
            assert result.index(e, 2) == 100


@given(systems(), st.data())
def test_improving_a_value_never_lowers_a_grade(system: dict[str, Any], data: st.DataObject) -> None:
    levels = system["levels"]
    j = data.draw(st.integers(0, len(system["groups"]) - 1))
    better = [[*row[:j], None if row[j] is None else {9: 3, 3: 2, 2: 1, 1: 1}[row[j]], *row[j + 1 :]] for row in levels]
    before, after = run(system), run(system, better)
    rank = {"I": 0, "II": 1, "III": 2, None: 3}
    assert all(rank[after.grade(e)] <= rank[before.grade(e)] for e in range(len(levels)))
    assert (after.indices >= before.indices).all()


@given(systems(), st.randoms())
def test_order_of_enterprises_and_indicators_is_of_no_matter(system: dict[str, Any], random: Any) -> None:
    order = list(range(len(system["groups"])))
    random.shuffle(order)
    turned = {
        **system,
        **{key: [system[key][j] for j in order] for key in ("groups", "weights", "limiting")},
        "levels": [[row[j] for j in order] for row in reversed(system["levels"])],
    }
    one, two = run(system), run(turned)
    assert one.indices.tolist() == two.indices[::-1].tolist()
    assert one.grades.tolist() == two.grades[::-1].tolist()


@given(systems())
def test_adjusted_weights_sum_to_one_and_keep_their_proportions(system: dict[str, Any]) -> None:
    result = run(system)
    for row, levels in enumerate(system["levels"]):
        adjusted = result.system.adjusted(result.applicable[row].tolist())
        for i in range(len(system["category_weights"])):
            mine = [j for j, g in enumerate(system["groups"]) if g == i and levels[j] is not None]
            assert sum((adjusted[j] for j in mine), Fraction()) == (1 if mine else 0)
            assert len({adjusted[j] / system["weights"][j] for j in mine}) <= 1


# --- published cases ---
def _hazardous_waste(cases: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    systems_ = json.loads((cases / "published_systems.json").read_text(encoding="utf-8"))["systems"]
    everything = json.loads((cases / "baselines.json").read_text(encoding="utf-8"))
    case = next(item for item in everything if item["id"] == "D01")
    return case, next(item for item in systems_ if item["id"] == case["system_id"])


@pytest.mark.parametrize("with_bonus", [False, True])
def test_d01_real_indicator_table(cases: Path, with_bonus: bool) -> None:
    case, table = _hazardous_waste(cases)
    categories = [c for c in table["first_level"] if with_bonus or not c.get("bonus")]
    bonus = [i for i, c in enumerate(categories) if c.get("bonus")]
    rows = [(i, row) for i, c in enumerate(categories) for row in c["indicators"]]
    for enterprise in case["cases"]:
        criteria, values = [], []
        for _, row in rows:
            cells = (
                dict(zip(("I", "II", "III"), enterprise["ghg_baseline_used"], strict=True))
                if row.get("I") == ""
                else row
            )
            bounds = {grade: parse_bound(cells.get(grade, "")) for grade in ("I", "II", "III")}
            criteria.append(Criterion.of(row.get("direction", "qualitative"), bounds))
            value = enterprise["values"].get(row["name"])
            values.append({"I": 3, "II": 2, "III": 1}.get(value, value) if isinstance(value, str) else value)
        marks = [[row["name"] in enterprise["not_applicable"] for _, row in rows]]
        found = membership(np.array([values], dtype=float), criteria, not_applicable=np.array(marks))
        assert found.notes == ()
        result = evaluate(
            found.reached,
            [row["weight"] for _, row in rows],
            groups=[i for i, _ in rows],
            category_weights=[c["weight"] for c in categories],
            limiting=[row["limiting"] for _, row in rows],
            rule=RULE,
            applicable=found.applicable,
            missing=found.missing,
            bonus=bonus,
        )
        expected = [enterprise["Y"][grade] for grade in ("I", "II", "III")]
        assert [str(result.decimal(0, k)) for k in range(3)] == expected
        assert result.indices[0].tolist() == [float(y) for y in expected]
        assert result.grade(0) == enterprise["grade"]


def test_d03_sums_that_floats_miss(cases: Path) -> None:
    everything = json.loads((cases / "baselines.json").read_text(encoding="utf-8"))
    traps = next(item for item in everything if item["id"] == "D03")["also"]
    weights = [[0.2, 0.2, 0.15, 0.15, 0.15, 0.15], [0.2, 0.15, 0.15, 0.2, 0.1, 0.2],
               [0.15, 0.15, 0.1, 0.1, 0.1, 0.1, *[0.03] * 7, 0.06, 0.03],
               [0.1, 0.1, 0.05, 0.1, 0.1, 0.15, 0.15, 0.1, 0.05, 0.1]]  # fmt: skip
    for row, without in zip(weights, (6, 5, 1, 3), strict=True):
        assert any(f"weights {row} without #{without}" in key for key in traps)
        applicable = np.ones((1, len(row)), dtype=bool)
        applicable[0, without - 1] = False
        assert 100 * sum(Fraction(str(w)) for w in row) == 100
        result = evaluate(
            np.ones((1, len(row), 3)), row, groups=[0] * len(row), category_weights=[1],
            limiting=np.zeros(len(row)), rule=RULE, applicable=applicable,
        )  # fmt: skip
        assert result.indices.tolist() == [[100.0] * 3]
        assert result.index(0, 2) == 100
        assert result.grade(0) == "I"


def test_d04_membership_is_cumulative(cases: Path) -> None:
    everything = json.loads((cases / "baselines.json").read_text(encoding="utf-8"))
    correct = next(item for item in everything if item["id"] == "D04")["cases"][0]["correct"]
    exclusive = np.array([[[True, False, False]]])
    result = evaluate(exclusive, [1], groups=[0], category_weights=[1], limiting=[False], rule=RULE)
    assert result.indices[0].tolist() == [correct[grade] for grade in ("I", "II", "III")]


# --- the rules one by one ---
def simple(levels: list[list[int | None]], limiting: tuple[int, ...] = (0,), **options: Any) -> Evaluation:
    """Two categories of weight 0.5; the first of indicators 0.3 0.7, the second of 0.4 0.6."""
    reached, applicable = as_reached(levels)
    return evaluate(
        reached, ["0.3", "0.7", "0.4", "0.6"], groups=[0, 0, 1, 1], category_weights=["0.5", "0.5"],
        limiting=[j in limiting for j in range(4)], rule=RULE, **{"applicable": applicable, **options},
    )  # fmt: skip


def test_the_boundary_at_85_is_inclusive_and_exact() -> None:
    # Only 0.5·0.3 is at II: Y_I = 85 exactly.
    assert simple([[2, 1, 1, 1]], limiting=()).grade(0) == "I"
    shifted = evaluate(
        as_reached([[2, 1, 1, 1]])[0], ["0.30000000000000001", "0.69999999999999999", "0.4", "0.6"],
        groups=[0, 0, 1, 1], category_weights=["0.5", "0.5"], limiting=[False] * 4, rule=RULE,
    )  # fmt: skip
    assert shifted.indices[0, 0] == 85.0
    assert shifted.index(0, 0) < 85
    assert shifted.grade(0) == "II"


def test_gate_and_conditions_give_their_reasons() -> None:
    result = simple([[9, 1, 1, 1], [2, 1, 1, 1], [1, 1, 1, 3], [1, 1, 1, 9]])
    # By hand: the third has Y_II = 100 − 0.5·60 = 70, the fourth Y_III = 70.
    assert [result.grade(e) for e in range(4)] == [None, "II", "III", None]
    assert result.gate.tolist() == [False, True, True, True]
    assert {(r.code, r.grade, r.indicators) for r in result.reasons(1)} == {("limiting", 0, (0,))}
    assert ("others", 0, (3,)) in {(r.code, r.grade, r.indicators) for r in result.reasons(2)}
    assert result.reasons(0)[0].code == "gate"
    names = ["能耗", "水耗", "固废", "管理"]
    assert explain(result.reasons(0), names)[0] == "限定性指标未全部达到Ⅲ级基准值，不予评级：能耗"
    assert explain(result.reasons(1), names) == ["未达到Ⅰ级：限定性指标未达到Ⅰ级基准值：能耗"]
    words = explain(result.reasons(3), names)
    assert "未达到Ⅲ级：综合评价指数Y_III为70，小于100" in words
    assert result.distribution() == {"I": 0, "II": 1, "III": 1, "none": 2, "excluded": 0}


def test_legal_precondition_excludes() -> None:
    result = simple([[1, 1, 1, 1], [1, 1, 1, 1]], excluded=[True, False])
    assert (result.grade(0), result.grade(1)) == (None, "I")
    assert np.isnan(result.indices[0]).all()
    assert (result.index(0, 0), result.decimal(0, 0)) == (None, None)
    assert [reason.code for reason in result.reasons(0)] == ["legal"]
    assert result.distribution()["excluded"] == 1


def test_missing_is_not_reached_and_not_applicable_leaves() -> None:
    missing = np.array([[False, True, False, False]])
    counted = simple([[1, 1, 1, 1]], missing=missing)
    assert (counted.index(0, 0), counted.grade(0)) == (65, None)
    assert counted.reasons(0)[-1] == Reason("missing", indicators=(1,))
    left_out = simple([[1, None, 1, 1]], missing=missing)
    assert (left_out.index(0, 0), left_out.grade(0)) == (100, "I")
    assert not left_out.missing.any()


def test_a_category_that_does_not_apply() -> None:
    printed, scaled = (simple([[1, 1, None, None]], empty_category=o) for o in ("as-printed", "renormalise"))
    assert (printed.index(0, 2), printed.grade(0)) == (50, None)
    assert (scaled.index(0, 2), scaled.grade(0)) == (100, "I")
    assert printed.decided_by_empty.tolist() == scaled.decided_by_empty.tolist() == [True]
    words = explain(scaled.reasons(0), ["甲", "乙", "丙", "丁"], ["能源消耗", "水资源消耗"])
    assert words == ["整类不适用的处理方式决定了等级，请核对设置“整类不适用”：水资源消耗"]
    nothing = simple([[None] * 4])
    assert (nothing.indices.tolist(), nothing.grade(0)) == ([[0.0] * 3], None)
    assert nothing.reasons(0)[-1].code == "nothing-applies"


def test_weights_that_share_0_8_over_n() -> None:
    # 电镀: each metal plated has 0.8/n, the remaining 0.2 is a row of its own.
    options: dict[str, Any] = {"groups": [0] * 4, "category_weights": [1], "limiting": [False] * 4, "rule": RULE}
    reached, applicable = as_reached(
        [[9, 1, 1, 1], [9, 1, None, 1], [None, None, None, 1], [9, 1, 1, None], [1, 1, 9, 9]]
    )
    result = evaluate(reached, ["0.8/n"] * 3 + ["0.2"], applicable=applicable, **options)
    # By hand: 100 − 80/3; 100 − 80/2; 100; D.3 on the three metals: 2/3; two metals of three.
    expected = [Fraction(220, 3), Fraction(60), Fraction(100), Fraction(200, 3), Fraction(160, 3)]
    assert [result.index(e, 0) for e in range(5)] == expected
    assert result.indices[:, 0].tolist() == [float(y) for y in expected]


def test_bonus_group_stays_outside() -> None:
    reached, _ = as_reached([[1, 9], [9, 1]])
    options: dict[str, Any] = {"groups": [0, 1], "category_weights": ["1", "0.1"], "rule": RULE, "bonus": [1]}
    result = evaluate(reached, [1, 1], limiting=[False, True], **options)
    assert [result.grade(0), result.grade(1)] == ["I", None]
    assert [result.index(0, 0), result.index(1, 0)] == [100, 0]
    assert [result.bonus(0, 0), result.bonus(1, 0)] == [0, 10]


@pytest.mark.parametrize(
    ("change", "reason", "indices"),
    [
        ({"weights": ["0.3", "0.68", "0.4", "0.6"]}, "group-sum", (0,)),
        ({"category_weights": ["0.5", "0.48"]}, "first-level-sum", ()),
        ({"weights": ["0.3", "-0.7", "0.4", "0.6"]}, "weight", (1,)),
        ({"weights": ["0.3", "0.7", "x", "0.6"]}, "weight", (2,)),
        ({"weights": ["0.3", "0.7", "0.8/m", "0.6"]}, "weight", (2,)),
        ({"weights": ["0.3", "0.7", float("nan"), "0.6"]}, "weight", (2,)),
        ({"weights": ["-0.3", "0.7", "x", None]}, "weight", (0, 2, 3)),
        ({"weights": ["0.3", ["0.7"], "0.4", "0.6"]}, "weight", (1,)),
        ({"weights": ["1.5", "-0.5/n", "0.4", "0.6"]}, "weight", (1,)),  # the sum is 1 all the same
        ({"weights": ["1/(2*(n-1))", "1/(2*(n-1))", "0.4", "0.6"]}, "weight", (0, 1)),  # no value for n = 1
        ({"weights": ["n-3/2", "n-3/2", "0.4", "0.6"]}, "weight", (0, 1)),  # 1/2 each for n = 2, negative for n = 1
        ({"category_weights": ["-0.5", "?"]}, "first-level-weight", (0, 1)),
        ({"bonus": [1, 2, -1]}, "bonus", (-1, 2)),
        ({"groups": [0, 0, 1, 2]}, "group", (3,)),
        ({"groups": [0, 0, 0, 0]}, "empty-group", (1,)),
        ({"groups": [0, 0, 1]}, "shape", ()),
        ({"limiting": [True]}, "shape", ()),
        ({"applicable": [[True]]}, "shape", ()),
        ({"reached": np.ones((2, 3, 3))}, "shape", ()),
        ({"empty_category": "maybe"}, "option", ()),
    ],
)
def test_wrong_input_is_named(change: dict[str, Any], reason: str, indices: tuple[int, ...]) -> None:
    given_: dict[str, Any] = {
        "reached": np.ones((1, 4, 3)), "weights": ["0.3", "0.7", "0.4", "0.6"], "groups": [0, 0, 1, 1],
        "category_weights": ["0.5", "0.5"], "limiting": [False] * 4, "rule": RULE, **change,
    }  # fmt: skip
    with pytest.raises(EvaluationError) as refusal:
        evaluate(**given_)
    assert (refusal.value.reason, refusal.value.indices) == (reason, indices)
    again = pickle.loads(pickle.dumps(refusal.value))
    assert (str(again), again.reason, again.indices) == (str(refusal.value), reason, indices)
