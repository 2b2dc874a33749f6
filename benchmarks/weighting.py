"""AHP side by side with peers, ratios in one run: same matrices, same method, results compared.

    python benchmarks/weighting.py [--experts 1000] [--repeat 5]

The work: for every expert one 9×9 and nine 6×6 judgement matrices, principal eigenvector and CR of each. Peers that are
not installed are named and left out: ``pip install ahpy pyDecision pyanp pymcdm`` (a separate environment is best).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

# A script's own folder comes first on the path, and there this file would pass for the package it measures.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from weighting import analyse, bootstrap
from weighting.random_index import RANDOM_INDEX_TABLES

SCALE = np.array([*(1 / k for k in range(9, 1, -1)), *range(1, 10)], dtype=float)
SAME = 1e-8
Solved = list[tuple[np.ndarray, np.ndarray]]


def judgements(count: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Judgement matrices of imperfect experts: true ratios with noise, put on the scale 1/9 … 9."""
    weights = rng.dirichlet(np.full(n, 2.0), size=count)
    rows, columns = np.triu_indices(n, 1)
    noisy = np.log(weights[:, rows] / weights[:, columns]) + rng.normal(0, 0.4, (count, len(rows)))
    steps = SCALE[np.abs(np.log(SCALE) - noisy[..., None]).argmin(axis=-1)]
    stack = np.ones((count, n, n))
    stack[:, rows, columns], stack[:, columns, rows] = steps, 1 / steps
    return stack


def bare_squaring(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The yardstick: nothing but eight batched squarings, weights, λ and CR; no validation, no check of the result."""
    n = stack.shape[-1]
    power = stack
    for _ in range(8):
        power = power @ power
        power /= power.max(axis=(1, 2), keepdims=True)
    weights = power.sum(axis=2)
    weights /= weights.sum(axis=1, keepdims=True)
    largest = ((stack @ weights[..., None])[..., 0] / weights).mean(axis=1)
    return weights, (largest - n) / (n - 1) / RANDOM_INDEX_TABLES["saaty-1980"].values[n - 3]


def ours(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    result = analyse(stack)
    return result.weights, np.asarray(result.cr)


def numpy_eig(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = stack.shape[-1]
    values, vectors = np.linalg.eig(stack)
    at = values.real.argmax(axis=1)
    weights = np.take_along_axis(vectors, at[:, None, None], axis=2)[..., 0].real
    weights = weights / weights.sum(axis=1, keepdims=True)
    return weights, (values.real.max(axis=1) - n) / (n - 1) / RANDOM_INDEX_TABLES["saaty-1980"].values[n - 3]


def one_by_one(solve: Callable[[Any], tuple[np.ndarray, float]]) -> Callable[[Any], tuple[np.ndarray, np.ndarray]]:
    def run(matrices: Any) -> tuple[np.ndarray, np.ndarray]:
        pairs = [solve(matrix) for matrix in matrices]
        return np.array([weights for weights, _ in pairs]), np.array([cr for _, cr in pairs])

    return run


def as_comparisons(stack: np.ndarray) -> list[dict[tuple[int, int], float]]:
    """Input in the shape ahpy wants; made before the clock starts."""
    rows, columns = np.triu_indices(stack.shape[-1], 1)
    return [{(int(i), int(j)): float(m[i, j]) for i, j in zip(rows, columns, strict=True)} for m in stack]


def peer(name: str, module: ModuleType) -> tuple[Callable[[Any], Any], Callable[[np.ndarray], Any], list[float]]:
    """Solver, preparation of its input and its random indices for n = 6 and 9."""
    if name == "ahpy":

        def ahpy(comparisons: Any) -> tuple[np.ndarray, float]:
            compared = module.Compare("x", comparisons, precision=12, random_index="saaty")
            weights = compared.local_weights
            return np.array([weights[i] for i in range(len(weights))]), float(compared.consistency_ratio)

        return ahpy, as_comparisons, [1.25, 1.45]
    if name == "pyDecision.algorithm":
        return lambda m: module.ahp_method(m, wd="me"), np.asarray, [1.24, 1.45]
    if name == "pyanp.priority":
        divisors = [float(module.inconsistency_divisor(n)) / (n - 1) for n in (6, 9)]  # it returns RI·(n − 1)
        return lambda m: (module.pri_eigen(m), module.incon_std(m, use_harker=False)), np.asarray, divisors

    def pymcdm(matrix: np.ndarray) -> tuple[np.ndarray, float]:
        made = module.AHP(matrix=matrix)
        return made(), made.get_cr()

    return pymcdm, np.asarray, [module.AHP.RI_M[5], module.AHP.RI_M[8]]


def timed(run: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    seconds, result = [], None
    for _ in range(repeat):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def bare_bootstrap(stack: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    experts, n, _ = stack.shape
    logs = np.log(stack).reshape(experts, n * n)
    counts = rng.multinomial(experts, np.full(experts, 1 / experts), size=resamples) / experts
    return bare_squaring(np.exp(counts @ logs).reshape(resamples, n, n))[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--experts", type=int, default=1000)
    options.add_argument(
        "--repeat", type=int, default=5, help="runs of each peer; fast solvers run five times as often"
    )
    asked = options.parse_args()
    rng = np.random.default_rng(1)
    stacks = [judgements(9 * asked.experts, 6, rng), judgements(asked.experts, 9, rng)]
    print(f"{asked.experts} experts × (one 9×9 + nine 6×6), eigenvector and CR; medians")

    def all_stacks(solve: Callable[[Any], Any], inputs: list[Any]) -> Callable[[], Solved]:
        return lambda: [solve(matrices) for matrices in inputs]

    for solve in (ours, bare_squaring):
        all_stacks(solve, stacks)()  # warm up
    mine, reference = timed(all_stacks(ours, stacks), 5 * asked.repeat)
    bare, _ = timed(all_stacks(bare_squaring, stacks), 5 * asked.repeat)
    eig, other = timed(all_stacks(numpy_eig, stacks), asked.repeat)
    worst = max(
        float(np.abs(a - b).max())
        for got, want in zip(other, reference, strict=True)
        for a, b in zip(got, want, strict=True)
    )
    print(f"{'analyse':24}{mine * 1e3:10.1f} ms")
    print(f"{'bare squaring':24}{bare * 1e3:10.1f} ms   analyse / bare = {mine / bare:.2f}")
    print(f"{'batched numpy eig':24}{eig * 1e3:10.1f} ms   {eig / mine:6.1f} ×   largest difference {worst:.1e}")
    fastest = float("inf")
    for name in ("ahpy", "pyDecision.algorithm", "pyanp.priority", "pymcdm.weights.subjective"):
        title = name.split(".")[0]
        try:
            solve_one, prepare, indices = peer(name, import_module(name))
        except ImportError:
            print(f"{title:24}not installed, left out")
            continue
        inputs = [prepare(stack) for stack in stacks]
        seconds, found = timed(all_stacks(one_by_one(solve_one), inputs), asked.repeat)
        worst = 0.0
        for stack, (weights, cr), index in zip(stacks, found, indices, strict=True):
            same = analyse(stack, random_index=index)
            worst = max(worst, np.abs(weights - same.weights).max(), np.abs(cr - same.cr).max())
        fastest = min(fastest, seconds)
        verdict = "" if worst <= SAME else f"   DIFFERS by more than {SAME}"
        print(f"{title:24}{seconds * 1e3:10.1f} ms   {seconds / mine:6.1f} ×   largest difference {worst:.1e}{verdict}")
    if fastest < float("inf"):
        print(f"fastest peer / analyse = {fastest / mine:.1f}")

    panel = judgements(20, 9, rng)
    bare, _ = timed(lambda: bare_bootstrap(panel, 2000, np.random.default_rng(2)), 5 * asked.repeat)
    mine, _ = timed(lambda: bootstrap(panel, np.random.default_rng(2), resamples=2000), 5 * asked.repeat)
    print("bootstrap, 2,000 resamples × 20 experts × 9×9")
    print(f"{'bootstrap':24}{mine * 1e3:10.1f} ms")
    print(f"{'bare kernel':24}{bare * 1e3:10.1f} ms   bootstrap / bare = {mine / bare:.2f}")


if __name__ == "__main__":
    main()
