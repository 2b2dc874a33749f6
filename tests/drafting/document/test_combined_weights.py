"""Tables of the 编制说明 for combined weights: no figure of one method stands for the combination."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drafting.analysis.weights.weigh import weigh
from drafting.document.statement.composing import compose_statement
from drafting.document.tree import Document, Table, blocks
from drafting.findings import Cell, Provenance
from drafting.model.inputs import Inputs
from drafting.model.results import Results, Weights
from drafting.model.system import FIRST_LEVEL
from drafting.model.weight_details import agreement_of, by_method, intervals_of
from drafting.project.folder import Project
from drafting.record.results import sources
from drafting.run import Run
from tests.drafting.weights_projects import CODES, NOWHERE, TRUE, a_round, consistent, inputs, matrix


@pytest.fixture(scope="module")
def combined() -> tuple[Inputs, Weights]:
    rng = np.random.default_rng(5)
    judgements = tuple(
        matrix(c, g, consistent(np.array(w) * rng.uniform(0.7, 1.4, len(w)))) for g, w in TRUE.items() for c in CODES
    )
    given = replace(
        inputs(weight_method="组合"), judgements=judgements, delphi=(a_round(1, {c: dict(TRUE) for c in CODES}),)
    )
    weights, _ = weigh(given, NOWHERE)
    assert weights is not None
    return given, weights


def table(document: Document, anchor: str) -> Table:
    return next(b for b in blocks(document) if isinstance(b, Table) and b.anchor == anchor)


def test_interval_and_variation_are_those_of_each_method(combined: tuple[Inputs, Weights]) -> None:
    given, weights = combined
    rows = table(compose_statement(given, Results(weights), attached=True), "table:weights").body
    ahp = by_method(weights.first_level.details)["层次分析法"]
    intervals, variation = intervals_of(ahp), agreement_of(ahp).cv
    assert intervals is not None
    assert variation is not None
    first = intervals.items[0]
    # all allocations are the same: an interval of one point, and no variation
    share = f"{TRUE[FIRST_LEVEL][0] / 100:.3f}"
    assert rows[0][4].text == f"层次分析法{first.lower:.3f}～{first.upper:.3f}；专家咨询法{share}～{share}"
    assert rows[0][5].text == f"层次分析法{variation[0].cv:.3f}；专家咨询法0.000"


def test_agreement_beside_the_judgements_is_that_of_the_judgements(combined: tuple[Inputs, Weights]) -> None:
    given, weights = combined
    row = table(compose_statement(given, Results(weights)), "table:agreement").body[0]
    found = {word: agreement_of(d).consensus for word, d in by_method(weights.first_level.details).items()}
    judged, consulted = found["层次分析法"], found["专家咨询法"]
    assert judged is not None
    assert consulted is not None
    assert row[6].text == f"{judged.s_star:.3f}"
    assert consulted.s_star == pytest.approx(1)
    assert row[6].text != "1.000"


def test_the_sources_of_a_combined_weight_are_those_of_every_method(combined: tuple[Inputs, Weights]) -> None:
    given, weights = combined
    key = next(w.key for w in weights.first_level.weights)
    matrix_at, answer_at = Cell("判断矩阵/甲.xlsx", FIRST_LEVEL, "B4"), Cell("德尔菲/第1轮/甲.xlsx", FIRST_LEVEL, "B2")
    where = Provenance(
        {("judgement", CODES[0], FIRST_LEVEL): matrix_at, ("delphi", "1", CODES[0], FIRST_LEVEL, key): answer_at}
    )
    found = sources(Run(Project(Path(), given, where), Results(weights), ()))
    assert found["weight", key] == (str(matrix_at), str(answer_at))
