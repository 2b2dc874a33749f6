"""How sure the weights of a group are: other experts, slightly other judgements, one judgement or expert at a time."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from drafting.model.settings import Settings
from weighting import bootstrap, jackknife_interval, judgement_noise, leave_one_out, one_at_a_time
from weighting.uncertainty import WeightDistribution, rank_switches

RESAMPLES = 2000
LEVEL = 0.95
INTERVAL = "jackknife-t"
"""Name of the intervals: each expert left out, log-odds, Student's t."""
_FEWEST_DRAWS, _MOST_MOVED = 200, 60_000
"""Large panels move fewer times: the mean of many experts' noise needs fewer draws. The result says how many."""
_SAME = 1e-12


def generator(settings: Settings, group: str, purpose: str) -> np.random.Generator:
    """Random numbers of one purpose: they depend on the seed and the names only, not on the order of the work."""
    return np.random.default_rng([settings.seed, zlib.crc32(f"{group}\0{purpose}".encode())])


def of_judgements(
    settings: Settings,
    method: str,
    group: str,
    names: tuple[str, ...],
    matrices: Mapping[str, NDArray[np.float64]],
    group_matrix: NDArray[np.float64],
    panel: Sequence[float] | None,
) -> Mapping[str, object]:
    """Uncertainty of weights from judgement matrices (incomplete ones as they were answered).

    Returns
    -------
    mapping
        ``bootstrap`` over experts and ``leave_one_out`` (None with one expert), ``noise`` (±½ scale point),
        ``one_at_a_time`` (each judgement of the group matrix one step down and up).
    """
    stack, experts = np.stack(list(matrices.values())), tuple(matrices)
    aggregation: Literal["judgements", "priorities"] = "priorities" if settings.aggregation == "AIP" else "judgements"
    several = len(experts) > 1 and (panel is None or sum(p > 0 for p in panel) > 1)
    resampled = influence = None
    if several:
        resampled = distribution(
            bootstrap(
                stack, generator(settings, group, "bootstrap"), resamples=RESAMPLES, level=LEVEL, method=method,
                aggregation=aggregation, expert_weights=panel,
            ),
            names,
        )  # fmt: skip
        left_out = leave_one_out(stack, method=method, aggregation=aggregation, expert_weights=panel)
        influence = [
            {
                "expert": experts[i.expert],
                "weights": i.weights.tolist(),
                "rank_switches": [[names[a], names[b]] for a, b in i.rank_switches],
            }
            for i in left_out
        ]
        resampled = _with_intervals(
            resampled, [i.weights for i in left_out], None if panel is None else [panel[i.expert] for i in left_out]
        )
    draws = min(RESAMPLES, max(_FEWEST_DRAWS, _MOST_MOVED // len(stack)))
    noise = judgement_noise(
        stack, generator(settings, group, "noise"), draws=draws, level=LEVEL, method=method, expert_weights=panel
    )
    return {
        "bootstrap": resampled,
        "noise": distribution(noise, names),
        "one_at_a_time": _one_at_a_time(group_matrix, method, names),
        "leave_one_out": influence,
    }


def of_allocations(
    settings: Settings,
    group: str,
    names: tuple[str, ...],
    vectors: Mapping[str, NDArray[np.float64]],
    panel: Sequence[float] | None,
) -> Mapping[str, object]:
    """Uncertainty of weights that are the (authority-weighted) mean of the experts' own weights.

    Panels of the same size are drawn from the experts with replacement for the frequencies of the ranks; the intervals
    come from leaving out one expert at a time (:mod:`weighting.intervals`).
    """
    if len(vectors) < 2:
        return {"bootstrap": None, "leave_one_out": None}
    table, experts = np.stack(list(vectors.values())), tuple(vectors)
    shares = np.ones(len(experts)) if panel is None else np.asarray(panel, dtype=np.float64)
    rng = generator(settings, group, "bootstrap")
    counts = rng.multinomial(len(experts), np.full(len(experts), 1 / len(experts)), size=RESAMPLES) * shares
    drawn = counts[counts.sum(axis=1) > 0]
    samples = drawn @ table / drawn.sum(axis=1, keepdims=True)
    weights = shares @ table / shares.sum()
    ranks = (samples[:, None, :] > samples[:, :, None] + _SAME).sum(axis=2)
    frequencies = np.stack([(ranks == r).mean(axis=0) for r in range(len(names))], axis=1)
    influence: list[dict[str, object]] = []
    for k, expert in enumerate(experts):
        others = np.delete(shares, k)
        if not others.any():
            continue
        without = others @ np.delete(table, k, axis=0) / others.sum()
        switched = [[names[a], names[b]] for a, b in rank_switches(weights, without)]
        influence.append({"expert": expert, "weights": without.tolist(), "rank_switches": switched})
    resampled = {
        "level": LEVEL, "samples": len(samples), "discarded": RESAMPLES - len(samples),
        "items": _items(names, weights, weights, weights, frequencies),
    }  # fmt: skip
    if len(influence) < 2:
        return {"bootstrap": None, "leave_one_out": influence}
    used = [s for k, s in enumerate(shares) if np.delete(shares, k).any()]
    without_each = [np.asarray(i["weights"], dtype=np.float64) for i in influence]
    return {
        "bootstrap": _with_intervals(resampled, without_each, None if panel is None else used),
        "leave_one_out": influence,
    }


def _with_intervals(
    resampled: Mapping[str, object], without: Sequence[NDArray[np.float64]], shares: Sequence[float] | None
) -> Mapping[str, object]:
    """Give the weights intervals that hold for few experts; the resamples tell how often each rank came out."""
    items = resampled["items"]
    if not isinstance(items, list):
        raise TypeError("a distribution has items")
    lower, upper = jackknife_interval([i["weight"] for i in items], np.stack(without), shares, level=LEVEL)
    ends = [{**i, "lower": float(a), "upper": float(b)} for i, a, b in zip(items, lower, upper, strict=True)]
    return {**resampled, "interval": INTERVAL, "items": ends}


def distribution(found: WeightDistribution, names: tuple[str, ...]) -> Mapping[str, object]:
    """Intervals and rank frequencies as plain values."""
    return {
        "level": found.level,
        "samples": len(found.samples),
        "discarded": found.discarded,
        "items": _items(names, found.weights, found.lower, found.upper, found.rank_frequencies),
    }


def _items(
    names: tuple[str, ...],
    weights: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    frequencies: NDArray[np.float64],
) -> list[Mapping[str, object]]:
    return [
        {
            "item": name, "weight": float(weights[j]), "lower": float(lower[j]), "upper": float(upper[j]),
            "rank_frequencies": frequencies[j].tolist(),
        }
        for j, name in enumerate(names)
    ]  # fmt: skip


def _one_at_a_time(matrix: NDArray[np.float64], method: str, names: tuple[str, ...]) -> Mapping[str, object]:
    """The largest change that one step of one judgement makes, and the judgements whose step changes the ranking."""
    shifts = one_at_a_time(matrix, method=method)
    if not shifts:
        return {"largest_change": None, "switching": []}
    from weighting import priorities

    before = priorities(matrix, method)
    largest = max(shifts, key=lambda s: float(np.abs(s.weights - before).max()))
    item = int(np.abs(largest.weights - before).argmax())

    def pair(indices: tuple[int, int]) -> list[str]:
        return [names[i] for i in indices]

    return {
        "largest_change": {
            "pair": pair(largest.pair), "judgement": largest.judgement, "shifted": largest.shifted,
            "item": names[item], "before": float(before[item]), "after": float(largest.weights[item]),
        },
        "switching": [
            {"pair": pair(s.pair), "judgement": s.judgement, "shifted": s.shifted,
             "rank_switches": [pair(r) for r in s.rank_switches]}
            for s in shifts if s.rank_switches
        ],
    }  # fmt: skip
