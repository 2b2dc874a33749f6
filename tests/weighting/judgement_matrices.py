"""Judgement matrices for properties: strategies and a seeded maker of imperfect experts."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

SCALE = (*(1 / k for k in range(9, 1, -1)), *(float(k) for k in range(1, 10)))


def from_upper(judgements: list[float], n: int) -> np.ndarray:
    matrix = np.ones((n, n))
    rows, columns = np.triu_indices(n, 1)
    matrix[rows, columns] = judgements
    matrix[columns, rows] = 1 / np.array(judgements)
    return matrix


def consistent(weights: np.ndarray) -> np.ndarray:
    return weights[:, None] / weights


@st.composite
def matrices(draw: st.DrawFn, low: int = 3, high: int = 9) -> np.ndarray:
    """Any judgements on the scale, however inconsistent."""
    n = draw(st.integers(low, high))
    count = n * (n - 1) // 2
    return from_upper(draw(st.lists(st.sampled_from(SCALE), min_size=count, max_size=count)), n)


@st.composite
def panels(draw: st.DrawFn, low: int = 3, high: int = 6) -> np.ndarray:
    n, experts = draw(st.integers(low, high)), draw(st.integers(2, 6))
    count = n * (n - 1) // 2
    judgements = st.lists(st.sampled_from(SCALE), min_size=count, max_size=count)
    return np.stack([from_upper(draw(judgements), n) for _ in range(experts)])


weight_vectors = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=12).map(np.array)


def imperfect(experts: int, n: int, rng: np.random.Generator, noise: float = 0.4) -> np.ndarray:
    """Experts who share true weights and err by lognormal noise; ratios as they come."""
    weights = rng.dirichlet(np.full(n, 3.0))
    rows, columns = np.triu_indices(n, 1)
    ratios = weights[rows] / weights[columns] * np.exp(rng.normal(0, noise, (experts, len(rows))))
    return np.stack([from_upper(list(row), n) for row in ratios])


def blanked(matrix: np.ndarray, *pairs: tuple[int, int]) -> np.ndarray:
    matrix = matrix.copy()
    for i, j in pairs:
        matrix[i, j] = matrix[j, i] = np.nan
    return matrix


def by_eigenvalue_routine(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """The second route: LAPACK's general eigenvalue solver."""
    values, vectors = np.linalg.eig(matrix)
    at = int(values.real.argmax())
    vector = np.abs(vectors[:, at].real)
    return vector / vector.sum(), float(values[at].real)
