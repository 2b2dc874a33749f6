"""Weights of a panel: policies for inconsistent experts, aggregation, expert weights, what the papers print."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from drafting.analysis.weights.comparison import compare
from drafting.analysis.weights.weigh import weigh
from drafting.findings import Cell, Provenance
from drafting.model.experts import DelphiAnswer, DelphiRound
from drafting.model.inputs import Inputs
from drafting.model.results import Weights
from drafting.model.system import FIRST_LEVEL, Category
from drafting.model.weight_groups import groups_of
from drafting.record.results import weights_json
from tests.drafting.weights_projects import (
    CATEGORIES,
    CODES,
    NOWHERE,
    TRUE,
    a_round,
    allocation,
    consistent,
    inputs,
    keys,
    matrix,
    panel,
    system,
)

ODD = "专家12"
CIRCULAR = [[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]]
"""λmax of a perfect circle of strength 5 is 1 + 5 + 1/5 = 6.2, so CI = 1.6."""


def judged(odd: object = CIRCULAR, **settings: object) -> Inputs:
    """Twelve consistent experts but for one matrix of the last one."""
    chosen = inputs(**settings)
    matrices = [
        matrix(c, g, odd if (c, g) == (ODD, FIRST_LEVEL) else consistent(w)) for g, w in TRUE.items() for c in CODES
    ]
    return replace(chosen, judgements=tuple(matrices))


def weighed(given: Inputs) -> tuple[Weights, list[str]]:
    weights, found = weigh(given, NOWHERE)
    assert weights is not None
    return weights, [f.code for f in found]


def exact(weights: Weights, group: str) -> list[float]:
    of = next(g for g in (weights.first_level, *weights.second_level) if g.group == group)
    return [w.exact for w in of.weights]


def details(weights: Weights, group: str) -> Any:
    return next(g.details for g in (weights.first_level, *weights.second_level) if g.group == group)


def test_a_consistent_panel_gets_its_own_weights_back() -> None:
    weights, _ = weighed(judged(consistent(TRUE[FIRST_LEVEL])))
    for group, true in TRUE.items():
        assert exact(weights, group) == pytest.approx([t / 100 for t in true], abs=1e-12)
    assert weights.provisional is False
    assert {e.cr for e in weights.experts if e.n == 2} == {0}
    assert max(e.cr for e in weights.experts) < 1e-12
    assert [w.decimal for w in weights.first_level.weights] == [Decimal("0.50"), Decimal("0.20"), Decimal("0.30")]


def test_policy_return_computes_with_everybody_and_is_provisional() -> None:
    weights, codes = weighed(judged(inconsistent_experts="退回"))
    odd = next(e for e in weights.experts if not e.consistent)
    assert (odd.expert, odd.included) == (ODD, True)
    assert odd.ci == pytest.approx(1.6)
    assert odd.cr == pytest.approx(1.6 / 0.58)
    assert weights.provisional is True
    assert {"weights-provisional", "expert-inconsistent", "group-hides-inconsistency"} <= set(codes)
    # the circle adds the same to every item, so the others' geometric mean is drawn 1/12 towards equal weights
    w = np.array(TRUE[FIRST_LEVEL], dtype=float) ** (11 / 12)
    assert exact(weights, FIRST_LEVEL) == pytest.approx(w / w.sum(), abs=2e-3)
    assert [(r.expert, r.matrix) for r in weights.panel.revise] == [(ODD, FIRST_LEVEL)]
    assert odd.cycles


def test_policy_exclude_leaves_the_expert_out_of_that_matrix_only() -> None:
    weights, _ = weighed(judged(inconsistent_experts="剔除"))
    assert exact(weights, FIRST_LEVEL) == pytest.approx([0.5, 0.2, 0.3], abs=1e-12)
    assert details(weights, FIRST_LEVEL).experts_excluded == (ODD,)
    assert len(details(weights, "能源消耗").experts_used) == 12
    assert weights.provisional is False


def test_policy_keep_is_final() -> None:
    kept, codes = weighed(judged(inconsistent_experts="保留"))
    returned, _ = weighed(judged(inconsistent_experts="退回"))
    assert exact(kept, FIRST_LEVEL) == exact(returned, FIRST_LEVEL)
    assert kept.provisional is False
    assert "weights-provisional" not in codes


def test_all_experts_excluded_is_an_error() -> None:
    given = replace(
        inputs(inconsistent_experts="剔除"), judgements=tuple(matrix(c, FIRST_LEVEL, CIRCULAR) for c in CODES)
    )
    weights, found = weigh(given, NOWHERE)
    assert weights is None
    assert {"experts-all-excluded", "weights-group-missing"} <= {f.code for f in found}


@pytest.mark.parametrize("method", ["特征向量法", "方根法", "和积法"])
def test_aip_is_the_geometric_mean_of_the_experts_weights(method: str) -> None:
    own = [(50, 20, 30), (20, 50, 30), (60, 30, 10)]
    given = replace(
        inputs(aggregation="AIP", prioritisation=method),
        judgements=tuple(
            matrix(c, g, consistent(own[k % 3] if g == FIRST_LEVEL else w))
            for g, w in TRUE.items() for k, c in enumerate(CODES)
        ),
    )  # fmt: skip
    mean = np.exp(np.log(np.array(own, dtype=float)).mean(axis=0))
    assert exact(weighed(given)[0], FIRST_LEVEL) == pytest.approx(mean / mean.sum(), abs=1e-12)


def test_authority_weighs_the_experts() -> None:
    # table customary: 实践 大/中 .5/.4, 理论 中 .2, 资料 中 .1, 直觉 小 .1; 很熟悉 1, 熟悉 .8
    ca = np.array([0.9 if k % 2 else 0.8 for k in range(12)])
    cs = np.array([1.0 if k % 3 else 0.8 for k in range(12)])
    share = (ca + cs) / (ca + cs).sum()
    own = [(50, 20, 30) if k < 6 else (20, 50, 30) for k in range(12)]
    answers = {c: {**TRUE, FIRST_LEVEL: own[k]} for k, c in enumerate(CODES)}
    given = replace(
        inputs(weight_method="专家咨询法", expert_weights="权威程度"), delphi=(a_round(1, answers), a_round(2, answers))
    )
    weights, _ = weighed(given)
    expected = share @ np.array(own) / 100
    assert exact(weights, FIRST_LEVEL) == pytest.approx(expected)
    plain = details(weights, FIRST_LEVEL)
    assert plain.plain == pytest.approx([0.35, 0.35, 0.30])
    same, _ = weighed(replace(given, settings=replace(given.settings, expert_weights="相同")))
    assert exact(same, FIRST_LEVEL) == pytest.approx([0.35, 0.35, 0.30])
    assert details(same, FIRST_LEVEL).authority_weighted == pytest.approx(expected)


def test_incomplete_self_assessment_is_found_at_its_cell() -> None:
    given = judged(expert_weights="权威程度")
    experts = (replace(given.experts[0], familiarity=""), *given.experts[1:])
    place = Cell("项目.xlsx", "专家组", "I2")
    _, found = weigh(replace(given, experts=experts), Provenance({("expert", "0", "熟悉程度"): place}))
    (finding,) = (f for f in found if f.code == "authority-incomplete")
    assert finding.place == place
    assert "熟悉程度" in finding.message


def test_papers_find_everything_in_the_details_and_as_json() -> None:
    weights, _ = weighed(judged())
    of = details(weights, FIRST_LEVEL)
    assert of.agreement.outliers.experts == (ODD,)
    assert 0 < of.agreement.consensus.s_star < 1
    items = of.uncertainty.bootstrap.items
    assert np.array([i.rank_frequencies for i in items]).sum(axis=1) == pytest.approx(1)
    for item in items:
        assert item.lower - 1e-12 <= item.weight <= item.upper + 1e-12
    text = json.dumps(weights_json(weights), ensure_ascii=False, allow_nan=False)
    said = json.loads(text)["groups"][FIRST_LEVEL]
    assert {
        "group_matrix", "group_cr", "group_note", "vectors", "matrices", "consensus", "kendall", "cv", "outliers",
        "bootstrap", "noise", "one_at_a_time", "leave_one_out", "experts_used",
    } <= set(said)  # fmt: skip
    assert said["consensus"]["s_star"] == of.agreement.consensus.s_star


def test_the_same_seed_gives_the_same_intervals_and_another_one_others() -> None:
    one, two, other = (details(weighed(judged(seed=s))[0], FIRST_LEVEL).uncertainty.noise for s in (1, 1, 2))
    assert one == two
    assert one != other


def test_an_incomplete_matrix_is_not_completed_silently() -> None:
    blank = consistent(TRUE["污染物产生与排放"])
    blank[0, 3] = blank[3, 0] = np.nan
    given = judged(consistent(TRUE[FIRST_LEVEL]))
    matrices = tuple(
        matrix(m.expert, m.group, blank) if (m.expert, m.group) == (ODD, "污染物产生与排放") else m
        for m in given.judgements
    )
    weights, codes = weighed(replace(given, judgements=matrices))
    assert exact(weights, "污染物产生与排放") == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=1e-9)
    assert details(weights, "污染物产生与排放").matrices[ODD][0][3] is None
    assert "expert-incomplete" in codes


def test_islands_are_named_and_the_expert_is_left_out() -> None:
    apart = np.full((4, 4), np.nan)
    np.fill_diagonal(apart, 1)
    apart[0, 1], apart[1, 0], apart[2, 3], apart[3, 2] = 2, 1 / 2, 3, 1 / 3
    given = judged(consistent(TRUE[FIRST_LEVEL]))
    matrices = tuple(
        matrix(m.expert, m.group, apart) if (m.expert, m.group) == (ODD, "污染物产生与排放") else m
        for m in given.judgements
    )
    bridge = Cell("判断矩阵/专家12.xlsx", "污染物产生与排放", "D4")  # the first of one island by the first of the other
    where = Provenance({("judgement", ODD, "污染物产生与排放", "0", "2"): bridge})
    _, found = weigh(replace(given, judgements=matrices), where)
    (finding,) = (f for f in found if f.code == "judgements-disconnected")
    assert finding.place == bridge
    assert "颗粒物排放量、二氧化硫排放量" in finding.message
    assert "氮氧化物排放量、化学需氧量排放量" in finding.message


def test_one_expert_gets_weights_and_a_warning() -> None:
    judgements = tuple(matrix(CODES[0], g, consistent(w)) for g, w in TRUE.items())
    given = replace(inputs(), experts=panel(CODES[:1]), judgements=judgements)
    weights, codes = weighed(given)
    assert exact(weights, FIRST_LEVEL) == pytest.approx([0.5, 0.2, 0.3])
    assert "panel-one-expert" in codes
    assert details(weights, FIRST_LEVEL).uncertainty.bootstrap is None


def test_two_experts_and_experts_who_tie_everything_say_so() -> None:
    two = CODES[:2]
    judgements = tuple(matrix(c, g, consistent(w)) for c in two for g, w in TRUE.items())
    given = replace(inputs(), experts=panel(two), judgements=judgements)
    assert "kendall-two-experts" in weighed(given)[1]
    ties = replace(
        inputs(),
        judgements=tuple(matrix(c, g, np.ones((len(w), len(w)))) for c in CODES for g, w in TRUE.items()),
    )
    weights, codes = weighed(ties)
    assert "kendall-undefined" in codes
    assert details(weights, FIRST_LEVEL).agreement.kendall.w is None


@pytest.mark.slow
def test_forty_indicators_are_weighed_with_the_simulated_index() -> None:
    indicators = tuple(replace(system().indicators[0], code=f"N{k}", name=f"指标{k}") for k in range(1, 41))
    big = replace(system(), categories=(Category("能源消耗"),), indicators=indicators)
    w = np.linspace(1, 2, 40)
    given = replace(
        inputs(weight_decimals=3), system=big,
        judgements=tuple(replace(matrix(c, "水资源消耗", consistent((1, 2))), group="能源消耗",
                                 labels=tuple(i.code for i in indicators), values=consistent(w)) for c in CODES[:3]),
    )  # fmt: skip
    group = next(g for g in groups_of(big) if g.name == "能源消耗")
    assert group.size == 40
    from drafting.analysis.weights.ahp import judge

    result = judge(given, group, None, NOWHERE)
    assert result.weights == pytest.approx(w / w.sum())
    assert max(e.cr for e in result.experts) < 1e-9


def test_who_did_not_answer_is_named() -> None:
    given = judged(consistent(TRUE[FIRST_LEVEL]))
    silent = replace(given, judgements=tuple(m for m in given.judgements if m.expert not in CODES[:2]))
    _, found = weigh(silent, NOWHERE)
    (finding,) = (f for f in found if f.code == "experts-not-answered")
    assert "专家01、专家02" in finding.message


def test_comparison_says_where_the_verdict_depends_on_the_table() -> None:
    # λmax = 3.0858 with these judgements: CI 0.0429; CR .0740 (RI .58), .0825 (.52), .0873 (.4914)
    values = [[1, 2, 6], [1 / 2, 1, 6], [1 / 6, 1 / 6, 1]]
    ci = (max(np.linalg.eigvals(np.array(values)).real) - 3) / 2
    limit = Decimal(str(round(ci / 0.55, 4)))  # between the customary table (.58) and Saaty's later one (.52)
    (first, *_) = compare(judged(values, cr_limit=limit))
    odd = next(e for e in first.experts if e.expert == ODD)
    assert odd.cr["特征向量法"]["saaty-1980"] == pytest.approx(ci / 0.58)
    assert odd.cr["特征向量法"]["donegan-dodd-1991"] == pytest.approx(ci / 0.4914)
    assert odd.consistent["特征向量法"] == {
        "saaty-1980": True, "saaty-2005": False, "alonso-lamata-2006": False, "tummala-ling-1998": True,
        "donegan-dodd-1991": False, "模拟值": False,
    }  # fmt: skip
    assert any(ODD in w and "取决于" in w for w in first.words)
    assert any("排序与算法、RI 表的选择无关" in w for w in first.words)
    assert len(first.variants) == 3 * 6


def test_comparison_says_where_the_ranking_depends_on_the_method() -> None:
    values = np.ones((4, 4))
    rng = np.random.default_rng(0)
    from weighting import priorities

    for _ in range(500):  # find judgements that the eigenvector and the geometric mean rank differently
        for i, j in combinations(range(4), 2):
            values[i, j] = rng.choice([1 / 7, 1 / 5, 1 / 3, 1, 3, 5, 7])
            values[j, i] = 1 / values[i, j]
        a, b = priorities(values, "eigenvector"), priorities(values, "geometric-mean")
        if list(np.argsort(-a)) != list(np.argsort(-b)) and np.abs(np.diff(np.sort(b))).min() > 1e-6:
            break
    given = replace(
        inputs(cr_limit=Decimal(1)), judgements=tuple(matrix(c, "污染物产生与排放", values) for c in CODES[:3])
    )
    (only,) = compare(given)
    assert any(w.startswith("排序取决于所选方法：") for w in only.words)


# --- Delphi without allocations ---------------------------------------------------------------------------------------
def ratings(number: int, values: dict[str, dict[str, float]]) -> DelphiRound:
    return DelphiRound(number, tuple(DelphiAnswer(e, (), MappingProxyType(r)) for e, r in values.items()))


def test_ratings_screen_the_library_by_the_boundary_method() -> None:
    codes = [k for c in CATEGORIES for k in keys(c)]
    means = dict(zip(codes, (5, 5, 4, 5, 4, 5, 4, 5, 1), strict=True))
    given = replace(
        inputs(weight_method="专家咨询法"),
        delphi=(ratings(1, {e: {k: float(m if k != codes[-1] else 1 + i % 2) for k, m in means.items()}
                            for i, e in enumerate(CODES)}),),
    )  # fmt: skip
    from drafting.analysis.weights.screening import screen_candidates

    screening, found = screen_candidates(given, NOWHERE)
    assert screening is not None
    # computed by hand: means 5 5 4 5 4 5 4 5 1.5, full-mark shares 1 1 0 1 0 1 0 1 0, CVs 0 … 0 and sd/1.5
    table = np.array([5, 5, 4, 5, 4, 5, 4, 5, 1.5])
    assert screening.boundaries.mean == pytest.approx(table.mean() - table.std(ddof=1))
    last = screening.candidates[-1]
    assert last.mean == pytest.approx(1.5)
    assert last.cv == pytest.approx(np.std([1, 2] * 6, ddof=1) / 1.5)
    assert (last.failed, last.decision) == (("均值", "满分率", "变异系数"), "剔除")
    assert {c.decision for c in screening.candidates[:-1]} <= {"保留", "讨论"}
    assert next(f.code for f in found) == "screening-delete"


def test_weights_from_ratings_are_a_proxy_and_say_so() -> None:
    codes = [k for c in CATEGORIES for k in keys(c)]
    given = replace(
        inputs(weight_method="专家咨询法"),
        delphi=(ratings(1, {e: {k: float(5 - n % 3) for n, k in enumerate(codes)} for e in CODES}),),
    )
    weights, found = weigh(given, NOWHERE)
    assert weights is None  # the first level is not rated
    assert {"weights-by-ratings", "weights-group-missing"} <= {f.code for f in found}


def test_an_expert_who_leaves_out_a_group_is_named() -> None:
    answers = {c: dict(TRUE) for c in CODES}
    del answers["专家05"]["能源消耗"]
    given = replace(inputs(weight_method="专家咨询法"), delphi=(a_round(1, answers),))
    weights, found = weigh(given, NOWHERE)
    (finding,) = (f for f in found if f.code == "expert-groups-missing")
    assert "专家05" in finding.message
    assert "能源消耗" in finding.message
    assert weights is not None
    assert "专家05" not in details(weights, "能源消耗").experts_used
    assert allocation("能源消耗", TRUE["能源消耗"]).weights["N1"] == 60


def test_nobody_is_outlying_in_a_panel_that_nearly_agrees() -> None:
    close = [(70, 30), (70, 30), (70, 30), (71, 29), (70, 30), (74, 26)]  # far from the rest by its own measure only
    apart = [*close[:5], (30, 70)]
    for own, expected in ((close, ()), (apart, (CODES[5],))):
        answers = {c: {**TRUE, "水资源消耗": own[k]} for k, c in enumerate(CODES[:6])}
        given = replace(inputs(weight_method="专家咨询法"), delphi=(a_round(1, answers),))
        assert details(weighed(given)[0], "水资源消耗").agreement.outliers.experts == expected


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("专家咨询法", "12 位专家的判断矩阵没有用于定权：权重方法为“专家咨询法”。"),
        ("给定", "12 位专家的判断矩阵没有用于定权：权重方法为“给定”。"),
        ("层次分析法", None),
        ("组合", None),
    ],
)
def test_answers_that_the_set_method_does_not_use_are_named(method: str, said: str | None) -> None:
    """Twelve matrices lay there without a word; under 给定 the remedy asked to collect them."""
    _, found = weigh(judged(weight_method=method), NOWHERE)
    told = [f.message for f in found if f.code in ("answers-other-method", "answers-overruled")]
    assert told == ([said] if said else [])
    blank = [f for f in found if f.code == "weights-group-blank"]
    assert len(blank) == (len(TRUE) if method == "给定" else 0)
    assert not (blank and [f for f in found if f.code == "weights-group-missing"])
