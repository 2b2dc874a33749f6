"""
Appendix D on 100,000 enterprises × 40 indicators, against one numpy comparison pass over the same array.

Run ``python benchmarks/evaluation.py``; the aim is a ratio below 30 for values to grades, with not-applicable marks,
missing values, weights of three decimals and all decisions exact. Processor time is taken (one thread), both sides in
every round, and the median of the rounds' ratios is printed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np

from drafting.evaluation import Criterion, Evaluation, GradeRule, evaluate, membership
from drafting.model.bounds import parse_bound

ENTERPRISES, INDICATORS, CATEGORIES, ROUNDS, AIM = 100_000, 40, 9, 9, 30
RULE = GradeRule(full_mark=100, thresholds=(85, 85, 100))
FIRST = [Decimal(w) for w in ("0.213", "0.117", "0.06", "0.1", "0.25", "0.05", "0.08", "0.08", "0.05")]


def system() -> tuple[list[int], list[Decimal], list[Criterion]]:
    groups = sorted(j % CATEGORIES for j in range(INDICATORS))
    weights = []
    for i in range(CATEGORIES):
        size = groups.count(i)
        weights += [Decimal("0.217")] * (size - 1) + [1 - Decimal("0.217") * (size - 1)]
    cells = {True: ("≤2", "≤5", "≤9"), False: ("≥5", "≥2", "≥0.5")}
    criteria = [
        Criterion.of(
            "smaller" if j % 2 else "larger",
            {grade: parse_bound(cell) for grade, cell in zip(("I", "II", "III"), cells[bool(j % 2)], strict=True)},
        )
        for j in range(INDICATORS)
    ]
    return groups, weights, criteria


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measured() -> tuple[float, float]:
    """Seconds of one comparison pass and of the whole, medians; the indices are held against exact ones."""
    rng = np.random.default_rng(43329)
    values = rng.gamma(4, 1, (ENTERPRISES, INDICATORS))
    values[rng.random(values.shape) < 0.01] = np.nan
    marks = rng.random(values.shape) < 0.05
    groups, weights, criteria = system()
    limiting = np.arange(INDICATORS) % 13 == 0

    def whole() -> Evaluation:
        found = membership(values, criteria, not_applicable=marks)
        return evaluate(
            found.reached,
            weights,
            groups=groups,
            category_weights=FIRST,
            limiting=limiting,
            rule=RULE,
            applicable=found.applicable,
            missing=found.missing,
        )

    result = whole()
    rounds = [(timed(lambda: values <= 4.0), timed(whole)) for _ in range(ROUNDS)]
    for e in rng.choice(ENTERPRISES, 500, replace=False):
        exact = [result.index(int(e), grade) for grade in range(3)]
        if result.indices[e].tolist() != [float(y) for y in exact if y is not None]:
            raise SystemExit(f"enterprise {e}: {result.indices[e]} is not {exact}")
    one, ours = (statistics.median(column) for column in zip(*rounds, strict=True))
    return one, ours


def main() -> None:
    one, ours = measured()
    print(f"one comparison pass   {one * 1e3:8.2f} ms")
    print(f"values to grades      {ours * 1e3:8.2f} ms")
    print(f"ratio                 {ours / one:8.1f}    (aim: below {AIM})")


if __name__ == "__main__":
    main()
