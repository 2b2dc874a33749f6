"""The CR that an expert sees beside the matrix is the one that the program finds, for every size and any judgements."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from openpyxl import load_workbook

from drafting.model.document import DocumentInfo
from drafting.model.experts import Expert, JudgementMatrix
from drafting.model.inputs import Inputs
from drafting.model.settings import Settings
from drafting.model.system import Category, Indicator, IndicatorSystem
from drafting.workbook.questionnaires.matrix_sheet import lambda_max
from tests.drafting.weights_projects import write_ahp
from weighting import analyse
from weighting.random_index import random_index

SCALE = np.array([1 / k for k in range(9, 1, -1)] + [float(k) for k in range(1, 10)])
WORDS = {"特征向量法": "eigenvector", "方根法": "geometric-mean", "和积法": "column-mean"}
LONGEST, DEEPEST = 8192, 64
"""What a formula of Excel may have: characters, functions within one another."""


def matrices(n: int, noise: float | None, count: int) -> np.ndarray:
    """Judgements of experts who are consistent but for noise on the logarithm, or who throw dice (None)."""
    rng = np.random.default_rng([n, int(100 * (noise or 9))])
    rows, columns = np.triu_indices(n, 1)
    if noise is None:
        chosen = rng.choice(SCALE, size=(count, len(rows)))
    else:
        weights = rng.dirichlet(np.ones(n), size=count)
        ratio = np.log(weights[:, rows] / weights[:, columns]) + noise * rng.standard_normal((count, len(rows)))
        chosen = SCALE[np.abs(ratio[..., None] - np.log(SCALE)).argmin(axis=-1)]
    stack = np.ones((count, n, n))
    stack[:, rows, columns], stack[:, columns, rows] = chosen, 1 / chosen
    return stack


def sheet_lambda(stack: np.ndarray, method: str) -> np.ndarray:
    """What the spreadsheet makes of the formula, its functions put into numpy word by word."""
    n = stack.shape[-1]
    formula = lambda_max("MATRIX", "COLUMN", n, method).replace("^", "**")
    names: dict[str, Any] = {
        "MATRIX": stack, "COLUMN": stack[:, :, :1], "MMULT": np.matmul, "LN": np.log, "EXP": np.exp,
        "SUMPRODUCT": lambda x: x.sum(axis=(1, 2)),
    }  # fmt: skip
    return np.asarray(eval(formula, {"__builtins__": {}}, names))  # our own formula


@pytest.mark.parametrize("method", WORDS)
def test_the_sheet_and_the_program_find_one_ratio(method: str) -> None:
    worst, verdicts, tried = 0.0, 0, 0
    for n in range(3, 10):
        index = random_index(n, "saaty-1980").value
        for noise in (0.3, 0.8, None):
            stack = matrices(n, noise, 477)
            found = analyse(stack, WORDS[method], "saaty-1980")
            shown = (np.maximum(sheet_lambda(stack, method), n) - n) / (n - 1) / index
            worst = max(worst, float(np.abs(shown - found.cr).max()))
            near = np.abs(np.asarray(found.cr) - 0.1) < 1e-9  # at the limit itself the last bit decides
            verdicts += int(((shown <= 0.1) != found.consistent)[~near].sum())
            tried += len(stack)
    assert tried > 10_000
    assert worst < 0.005
    assert verdicts == 0


@pytest.mark.parametrize("n", [2, 3, 9, 17])
@pytest.mark.parametrize("method", WORDS)
def test_the_formula_stays_within_what_excel_takes(n: int, method: str) -> None:
    formula = lambda_max("$B$4:$R$20", "$B$4:$B$20", n, method)
    depth = deepest = 0
    for sign in re.findall(r"[()]", formula):
        depth += 1 if sign == "(" else -1
        deepest = max(deepest, depth)
    assert len(formula) < LONGEST - 60
    assert deepest < DEEPEST


def asked(n: int) -> Inputs:
    indicators = tuple(Indicator(f"N{k}", f"指标{k}", "能源消耗") for k in range(1, n + 1))
    return Inputs(DocumentInfo(), Settings(), IndicatorSystem((Category("能源消耗"),), indicators))


def test_what_was_called_consistent_and_is_not() -> None:
    """Weights from geometric means of the columns once said 0.097 of a matrix whose CR is 0.296."""
    stack = matrices(4, 0.8, 20_000)
    means = np.exp(np.log(stack).mean(axis=1))
    old = ((stack.sum(axis=1) / means).sum(axis=1) / (1 / means).sum(axis=1) - 4) / 3 / 0.9
    ratios = np.asarray(analyse(stack).cr)
    worst = int(np.where(old <= 0.1, ratios, 0).argmax())
    assert (round(float(old[worst]), 3), round(float(ratios[worst]), 3)) == (0.097, 0.296)
    shown = (sheet_lambda(stack[[worst]], "特征向量法")[0] - 4) / 3 / 0.9
    assert shown == pytest.approx(0.296, abs=0.0005)


@pytest.mark.slow
def test_libreoffice_shows_the_ratio_of_the_program(tmp_path: Path) -> None:
    expected = {}
    for n in range(3, 10):
        for k, noise in enumerate((0.3, 0.8, None)):
            matrix = matrices(n, noise, 1)[0]
            labels = tuple(f"N{i}" for i in range(1, n + 1))
            name = f"q{n}{k}"
            given = [JudgementMatrix("专家01", "能源消耗", labels, matrix)]
            write_ahp(tmp_path / f"{name}.xlsx", asked(n), Expert("专家01"), answers=given)
            expected[name] = (n, analyse(matrix))
    command = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    files = sorted(map(str, tmp_path.glob("q*.xlsx")))
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=240)
    for name, (n, found) in expected.items():
        sheet = load_workbook(tmp_path / "out" / f"{name}.xlsx", data_only=True)["能源消耗"]
        says = {sheet.cell(r, n + 3).value: sheet.cell(r, n + 4).value for r in range(4, 12)}
        assert says["CR"] == pytest.approx(float(found.cr), abs=0.005), name
        assert says["结论（限值 0.1）"] == ("一致" if found.consistent else "请复核")
