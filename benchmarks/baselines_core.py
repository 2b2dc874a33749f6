"""Intervals of baselines: 60 indicators × 3 grades beside scipy's quantile_test. Run by hand."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])  # in this folder another file has the name of the package

SHARES = (0.05, 0.20, 0.50)
INDICATORS = 60


def best_of(rounds: int, job: Callable[[], object]) -> float:
    """Shortest of some runs, in milliseconds, each with an empty cache of ranks."""
    from baselines.interval import _ranks

    times = []
    for _ in range(rounds):
        _ranks.cache_clear()
        start = time.process_time()
        job()
        times.append(time.process_time() - start)
    return min(times) * 1000


def measured(enterprises: int) -> tuple[float, float]:
    """Milliseconds of ours and of scipy's for surveys of differing length: no two indicators share their ranks."""
    import numpy as np
    from scipy.stats import quantile_test

    from baselines import order_statistic_intervals

    rng = np.random.default_rng(1)
    surveys = [rng.lognormal(size=enterprises - i % 30) for i in range(INDICATORS)]
    ours = best_of(7, lambda: [order_statistic_intervals(x, "smaller", SHARES) for x in surveys])
    theirs = best_of(3, lambda: [quantile_test(x, p=p).confidence_interval() for x in surveys for p in SHARES])
    return ours, theirs


def main() -> None:
    print("enterprises  order_statistic_intervals  scipy quantile_test  ratio")
    for enterprises in (40, 300, 1000):
        ours, theirs = measured(enterprises)
        print(f"{enterprises:11d}  {ours:22.1f} ms  {theirs:16.1f} ms  {theirs / ours:5.1f}")


if __name__ == "__main__":
    main()
