"""Every worked number of the AHP cases (literature, other libraries' tests), each check with its own tolerance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from weighting import (
    aggregate_judgements,
    analyse,
    complete,
    consensus,
    consistency,
    judgement_noise,
    one_at_a_time,
    priorities,
    random_index,
)

Case = dict[str, Any]

PRINTED = 5.1e-11  # the checks print ten decimals at most


def matrix(case: Case) -> np.ndarray:
    """The case's matrix; the file writes 0 where a comparison is missing."""
    values = np.array(case["matrix"], dtype=float)
    values[values == 0] = np.nan
    return values


def composite(case: Case) -> np.ndarray:
    local = case["local_matrices"]
    tables = list(local.values()) if isinstance(local, dict) else local
    return priorities(matrix(case)) @ np.array([priorities(table) for table in tables])


def cr(case: Case, index: float) -> float:
    return float(analyse(matrix(case), random_index=index).cr)


def consensus_zero_and_one(case: Case) -> list[float]:
    return [consensus(case["priorities_opposed"]).s_star, consensus(case["priorities_identical"]).s_star]


def half_points(case: Case) -> list[float]:
    down, up = (shift.weights[0] for shift in one_at_a_time(matrix(case), step=0.5))
    weight = priorities(matrix(case))[0]
    drawn = judgement_noise(matrix(case), np.random.default_rng(1), level=0.9999).samples[:, 0]
    assert down <= drawn.min() <= down + 0.001
    assert up - 0.001 <= drawn.max() <= up
    return [up - weight, weight - down, weight]


def group_judgement(case: Case) -> list[float]:
    panel = np.array([[[1, a], [1 / a, 1]] for a in case["judgements"]])
    group = aggregate_judgements(panel)
    return [group[0, 1], group[0, 1] * group[1, 0]]


def threshold(n: int) -> float:
    """GCI that corresponds to CR = 0.1 to first order, beside the published limits that the library states."""
    return 0.1 * random_index(n, "alonso-lamata-2006").value * 2 * n / (n - 2)


# For each case the figures that its checks compare, in the order of the checks.
FIGURES: dict[str, Callable[[Case], list[Any]]] = {
    "saaty_drinks": lambda c: [priorities(matrix(c)), priorities(matrix(c)), cr(c, 1.35), cr(c, 1.2519)],
    "saaty_house_criteria_and_composite": lambda c: [
        priorities(matrix(c)),
        analyse(matrix(c)).lambda_max,
        cr(c, 1.41),
        cr(c, 1.4048466),
        composite(c),
        composite(c),
    ],
    "house_geometric_mean_pydecision_issue15": lambda c: [priorities(matrix(c), "geometric-mean")],
    "saaty_city_criteria": lambda c: [priorities(matrix(c)), cr(c, 1.1081014), cr(c, 1.12)],
    "saaty_city_two_level": lambda c: [composite(c)],
    "bozoki_incomplete_4x4": lambda c: [
        *[complete(matrix(c))[2, 3]] * 3,
        priorities(complete(matrix(c))),
        cr(c, 0.8286),
    ],
    "harker_3x3": lambda c: [priorities(matrix(c)), analyse(matrix(c)).lambda_max],
    "geometric_mean_of_2_3_4": group_judgement,
    "pyanp_llsm_3x3": lambda c: [priorities(matrix(c), "geometric-mean")],
    "pyanp_llsm_4x4": lambda c: [priorities(matrix(c), "geometric-mean")],
    "pyanp_incon_std_cycle": lambda c: [cr(c, c["ri"])],
    "fuzzyahp_cr_3x3": lambda c: [cr(c, c["ri"])],
    "gluc_ahp_mean_normalisation": lambda c: [
        priorities(matrix(c), method) for method in ("column-mean", "geometric-mean", "eigenvector")
    ],
    "wikipedia_leader": lambda c: [priorities(matrix(c)), cr(c, c["ri"]), composite(c)],
    "goepel_one_against_rest": lambda c: [priorities(matrix(c)), analyse(matrix(c)).ci],
    "goepel_consensus_zero_and_one": consensus_zero_and_one,
    "goepel_rounding_uncertainty_n2": half_points,
    "cn_3x3_sum_method": lambda c: [
        priorities(matrix(c), "column-mean"),
        *[getattr(analyse(matrix(c), "column-mean"), name) for name in ("lambda_max", "ci", "cr")],
    ],
    "gci_thresholds": lambda c: [threshold(n) for n in (3, 4, 5)],
}


@pytest.fixture(scope="module")
def ahp(cases: Path) -> dict[str, Case]:
    return {case["name"]: case for case in json.loads((cases / "ahp.json").read_text(encoding="utf-8"))}


def test_no_case_is_left_out(ahp: dict[str, Case]) -> None:
    assert ahp.keys() == FIGURES.keys()


@pytest.mark.parametrize("name", FIGURES)
def test_case(ahp: dict[str, Case], name: str) -> None:
    case = ahp[name]
    figures = FIGURES[name](case)
    for check, figure in zip(case["checks"], figures, strict=True):
        tolerance = max(check["tol"], PRINTED)
        np.testing.assert_allclose(figure, check["published"], rtol=0, atol=tolerance, err_msg=check["what"])


def test_analytic_cases_to_full_precision(ahp: dict[str, Case]) -> None:
    two_three_four, gluc = ahp["geometric_mean_of_2_3_4"], ahp["gluc_ahp_mean_normalisation"]
    assert group_judgement(two_three_four) == pytest.approx([two_three_four["expected"]["judgment"], 1.0], abs=1e-12)
    for weights in FIGURES["gluc_ahp_mean_normalisation"](gluc):
        np.testing.assert_allclose(weights, gluc["expected"]["weights"], rtol=0, atol=1e-12)


def test_figures_recomputed_elsewhere(ahp: dict[str, Case]) -> None:
    house, bozoki = ahp["saaty_house_criteria_and_composite"], ahp["bozoki_incomplete_4x4"]
    assert analyse(matrix(house)).gci == pytest.approx(house["computed_only"]["gci"], abs=1e-6)
    for name, table in house["local_matrices"].items():
        np.testing.assert_allclose(priorities(table), house["local_weights"][name], atol=1e-8)
    only = bozoki["computed_only"]
    np.testing.assert_allclose(priorities(matrix(bozoki)), only["harker_weights"], atol=1e-8)
    np.testing.assert_allclose(priorities(matrix(bozoki), "geometric-mean"), only["llsm_weights"], atol=1e-8)
    assert analyse(matrix(bozoki)).lambda_max == pytest.approx(only["lambda_max"], abs=1e-8)
    for name in ("pyanp_llsm_3x3", "pyanp_llsm_4x4"):
        found, only = analyse(matrix(ahp[name])), ahp[name]["computed_only"]
        np.testing.assert_allclose(found.weights, only["eigenvector"], atol=1e-8)
        assert (found.lambda_max, found.gci) == pytest.approx((only["lambda_max"], only["gci"]), abs=1e-8)


def test_published_gci_limits(ahp: dict[str, Case]) -> None:
    expected = ahp["gci_thresholds"]["expected"]
    limits = [consistency(np.ones((n, n))).gci_limit for n in (3, 4, 5, 9)]
    assert limits == [expected["n3"], expected["n4"], expected["n_gt_4"], expected["n_gt_4"]]


def test_the_house_ranks_criteria_differently_by_method(ahp: dict[str, Case]) -> None:
    house = matrix(ahp["saaty_house_criteria_and_composite"])
    eigen, geometric = priorities(house), priorities(house, "geometric-mean")
    assert eigen[0] < eigen[2]
    assert geometric[0] > geometric[2]
