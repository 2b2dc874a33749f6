"""Membership: bounds, merged and skipped grades, answers, formulas, and the real power-plant survey."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafting.evaluation import Criterion, EvaluationError, GradeRule, Note, evaluate, membership
from drafting.model.bounds import parse_bound

NAN = float("nan")
RULE = GradeRule(full_mark=100, thresholds=(85, 85, 100))


def criterion(direction: str, *cells: str) -> Criterion:
    return Criterion.of(direction, {g: parse_bound(c) for g, c in zip(("I", "II", "III"), cells, strict=False)})


def grades(found: Criterion, *values: float, **options: object) -> list[int]:
    """How many grades each value reaches, after a check that membership is cumulative."""
    result = membership(np.array(values, dtype=float)[:, None], [found], **options)  # type: ignore[arg-type]
    one, two, three = (result.reached[:, 0, k] for k in range(3))
    assert (one <= two).all()
    assert (two <= three).all()
    return [int(n) for n in result.reached[:, 0].sum(axis=1)]


def test_inclusive_and_strict_ends() -> None:
    assert grades(criterion("smaller", "≤0.65", "<0.7", "≤0.8"), 0.65, 0.66, 0.7, 0.8, 0.81) == [3, 2, 1, 1, 0]
    assert grades(criterion("larger", ">7000", ">6000", "≥5000"), 7000, 7001, 6000, 5000, 4999.9) == [2, 3, 1, 1, 0]
    assert grades(criterion("smaller", "≤-8", "≤-5", "≤0"), -9, -8, -7, 0, 0.1) == [3, 3, 2, 1, 0]


def test_bare_numbers_and_ranges_follow_the_direction() -> None:
    # 3次以下 / 3-4次 / 5次 is read as ≤3 / ≤4 / ≤5 (case D01).
    assert grades(criterion("smaller", "3次以下", "3-4次", "5次"), 2, 3, 3.5, 5, 6) == [3, 3, 2, 1, 0]
    assert grades(criterion("larger", "100%", "90~95%", "80"), 100, 99, 85, 79) == [3, 2, 1, 0]
    # Without a direction a range is two-sided, like that of a pH value.
    acidity = criterion("range", "7~8", "6.5~8.5", "6~9")
    assert grades(acidity, 7.5, 8.2, 5.9, 9, 9.1) == [3, 2, 0, 1, 0]
    assert grades(acidity, 7, 8, 6.5, 8.5, 6, 9) == [3, 3, 2, 2, 1, 1]  # both ends belong to it
    assert grades(criterion("range", "0~1", "-1~2", "-2~3"), 0, 0.5, -0.5, -1, 2, -2, 3.1) == [3, 3, 2, 2, 2, 1, 0]
    exactly = criterion("range", "7", "6~8", "5~9")
    assert grades(exactly, 7, 7.1, 6, 5, 4.9) == [3, 2, 2, 1, 0]
    assert grades(exactly, 7, below_detection=np.array([[True]])) == [0]
    assert grades(acidity, 7, 9, below_detection=np.array([[True], [True]])) == [0, 0]  # below 7: anywhere


def test_operators_of_both_sides_in_one_row() -> None:
    assert grades(criterion("larger", "≥90", "≥80", "≤70"), 95, 85, 75, 60) == [3, 2, 0, 1]


@pytest.mark.parametrize(
    ("cells", "values", "reached", "notes"),
    [
        (("≤5", "同Ⅰ级", "≤9"), (5, 6, 9, 10), [3, 1, 1, 0], ()),
        (("≤5", "≤7", "同左"), (5, 7, 8), [3, 2, 0], ()),
        (("≤5", "—", "≤9"), (5, 6, 10), [3, 1, 0], (Note("stands-in", 0, 1, 0),)),
        (("同左", "≤7", "≤9"), (7, 9, 10), [3, 1, 0], (Note("stands-in", 0, 0, 1),)),  # nothing stands left of Ⅰ
        (("先进", "10+0n", "≤20"), (10, 20, 21), [2, 1, 0], (Note("not-judged", 0, 0, 0, "text"),)),
        (("≤5", "≤7", "—"), (5, 7, 8), [3, 2, 0], (Note("stands-in", 0, 2, 1),)),
        (("—", "≤7", "≤9"), (7, 9, 10), [3, 1, 0], (Note("stands-in", 0, 0, 1),)),
        (("≤5",), (5, 6), [3, 0], (Note("stands-in", 0, 1, 0), Note("stands-in", 0, 2, 0))),
        (("", "", ""), (1,), [0], tuple(Note("no-baseline", 0, k) for k in range(3))),
        (("同Ⅱ级", "同Ⅰ级", "≤9"), (9, 10), [3, 0], (Note("stands-in", 0, 0, 2), Note("stands-in", 0, 1, 2))),
        (("≥99/≥98/≥96", "≤7", "≤9"), (7, 9), [2, 1], (Note("not-judged", 0, 0, 0, "compound"),)),
        (("先进", "≤7", "同Ⅰ级"), (7, 9), [2, 0], tuple(Note("not-judged", 0, k, 0, "text") for k in (0, 2))),
    ],
)
def test_merged_and_skipped_grades(
    cells: tuple[str, ...], values: tuple[float, ...], reached: list[int], notes: tuple[Note, ...]
) -> None:
    found, n = criterion("smaller", *cells), {"n": [1.0] * len(values)}
    assert grades(found, *values, parameters=n) == reached
    assert membership(np.zeros((1, 1)), [found], parameters={"n": [1.0]}).notes == notes


def test_answers_missing_and_not_applicable() -> None:
    found = membership(
        [[3, 2.0], [2, NAN], [1, 9.0], [0, 1.0], [NAN, NAN]],
        [Criterion("qualitative"), criterion("smaller", "≤2", "≤5", "≤9")],
        not_applicable=np.array([[False, True], [False, False], [False, False], [False, False], [True, False]]),
    )
    assert found.reached.sum(axis=2).tolist() == [[3, 0], [2, 0], [1, 1], [0, 3], [0, 0]]
    assert found.missing.tolist() == [[False, False], [False, True], [False, False], [False, False], [False, True]]
    assert found.applicable.tolist() == [[True, False], [True, True], [True, True], [True, True], [False, True]]
    assert not found.reached.flags.writeable


def test_below_the_detection_limit() -> None:
    marks = {"below_detection": np.array([[True], [True]])}
    assert grades(criterion("smaller", "≤0.01", "≤0.05", "≤0.1"), 0.01, 0.05, **marks) == [3, 2]
    assert grades(criterion("larger", "≥0.1", "≥0.05", "≥0.01"), 0.2, 0.05, **marks) == [0, 0]
    assert grades(criterion("larger", "≥0.1+0n", "≥0.05", "≥0.01"), 0.2, 0.05, **marks, parameters={"n": [1, 1]}) == [
        0,
        0,
    ]


def test_formula_baselines_with_each_enterprise_s_parameter() -> None:
    found = criterion("smaller", "≤0.14+0.08n", "<0.2+0.1n", "10+5n")
    n = {"n": [3, 3, 3, 1, 1, NAN]}
    values = np.array([[0.38], [0.5], [25], [15.1], [0.22], [0.1]])
    result = membership(values, [found], parameters=n)
    # 0.14+0.08·3 = 0.38 although the floats give 0.38 only by luck and 0.2+0.1·3 = 0.5 is not below 0.5.
    assert result.reached[:, 0].sum(axis=1).tolist() == [3, 1, 1, 0, 3, 0]
    assert result.missing[:, 0].tolist() == [False] * 5 + [True]
    with pytest.raises(EvaluationError) as refusal:
        membership(values, [found])
    assert (refusal.value.reason, refusal.value.indices, refusal.value.values) == ("parameter", (0,), ("n",))
    by_zero = membership([[0.1]], [criterion("smaller", "≤1/n")], parameters={"n": [0]})
    assert by_zero.missing.tolist() == [[True]]


def test_wrong_input_is_named() -> None:
    plain, answer = criterion("smaller", "≤1"), Criterion("qualitative")
    for values, criteria, reason in (
        ([[1.0, 2.0]], [plain], "shape"),
        ([1.0], [plain], "shape"),
        ([[float("inf")]], [plain], "value"),
        ([[4.0]], [answer], "value"),
        ([[0.5]], [answer], "value"),
    ):
        with pytest.raises(EvaluationError) as refusal:
            membership(values, criteria)
        assert refusal.value.reason == reason
    with pytest.raises(EvaluationError):
        membership([[1.0]], [plain], not_applicable=np.zeros((2, 1), dtype=bool))


DECIMALS = st.decimals(min_value=-100, max_value=100, places=2)


@given(
    st.lists(st.tuples(st.sampled_from("≤<≥>"), st.lists(DECIMALS, min_size=3, max_size=3)), min_size=1, max_size=4),
    st.lists(DECIMALS, min_size=1, max_size=12),
)
def test_tables_agree_with_one_bound_at_a_time(rows: list[tuple[str, list[Decimal]]], values: list[Decimal]) -> None:
    bounds = [[parse_bound(f"{sign}{number}") for number in numbers] for sign, numbers in rows]
    criteria = [Criterion("smaller" if r[0] in "≤<" else "larger", tuple(b)) for r, b in zip(rows, bounds, strict=True)]
    result = membership(np.array([[float(v)] * len(rows) for v in values]), criteria)
    for e, value in enumerate(values):
        for j, row in enumerate(bounds):
            meets = [bool(bound.admits(value)) for bound in row]
            assert result.reached[e, j].tolist() == [any(meets[: k + 1]) for k in range(3)]


def test_power_plants_reach_jointly_what_the_notes_say(cases: Path) -> None:
    """The filter and the baselines of cases/README.md; I 0, II 7, III 29, none 176 of 212 plants."""
    with (cases / "data" / "power_plants_2019.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = ("so2_kg_per_MWh", "nox_kg_per_MWh", "co2_kg_per_MWh", "fuel_elec_kgce_per_MWh")
    plants = [
        row for row in rows
        if row["primary_fuel"] == "COAL" and row["sector"] == "ELECTRIC POWER"
        and float(row["net_gen_MWh"] or 0) >= 10000
        and float(row["primary_fuel_share"] or 0) >= 0.9 and float(row["useful_thermal_MMBtu"] or 0) == 0
    ]  # fmt: skip
    assert len(plants) == 212
    values = np.array([[float(row[name]) if row[name] else NAN for name in columns] for row in plants])
    order = np.sort(values, axis=0)
    ranks = [-(-len(plants) * share // 100) for share in (5, 20, 50)]
    cells = [[f"≤{Decimal(repr(float(order[k - 1, j]))):f}" for k in ranks] for j in range(4)]
    criteria = [criterion("smaller", *row) for row in cells]
    found = membership(values, criteria)
    assert found.reached.sum(axis=0).tolist() == [ranks] * 4
    result = evaluate(
        found.reached,
        ["0.25"] * 4,
        groups=[0] * 4,
        category_weights=[1],
        limiting=[True, True, False, False],
        rule=RULE,
    )
    assert Counter(result.grade(e) for e in range(len(plants))) == {"II": 7, "III": 29, None: 176}
