"""How sure the weights of a group are: other experts, slightly other judgements, one judgement or expert at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from drafting.model.settings import Settings
from drafting.model.weight_details import (
    AllocationUncertainty,
    ItemSpread,
    JudgementUncertainty,
    LargestChange,
    OneAtATime,
    Pair,
    SwitchingStep,
    WeightSpread,
    WithoutExpert,
)
from weighting import bootstrap, jackknife_interval, judgement_noise, leave_one_out, one_at_a_time, priorities
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
) -> JudgementUncertainty:
    """Uncertainty of weights from judgement matrices (incomplete ones as they were answered).

    With one expert there is no ``bootstrap`` and no ``leave_one_out``.
    """
    stack, experts = np.stack(list(matrices.values())), tuple(matrices)
    aggregation: Literal["judgements", "priorities"] = "priorities" if settings.aggregation == "AIP" else "judgements"
    several = len(experts) > 1 and (panel is None or sum(p > 0 for p in panel) > 1)
    resampled = influence = None
    if several:
        drawn = bootstrap(
            stack, generator(settings, group, "bootstrap"), resamples=RESAMPLES, level=LEVEL, method=method,
            aggregation=aggregation, expert_weights=panel,
        )  # fmt: skip
        left_out = leave_one_out(stack, method=method, aggregation=aggregation, expert_weights=panel)
        influence = tuple(
            WithoutExpert(
                expert=experts[i.expert],
                weights=tuple(i.weights.tolist()),
                rank_switches=_pairs(names, i.rank_switches),
            )
            for i in left_out
        )
        resampled = _with_intervals(
            distribution(drawn, names),
            [i.weights for i in left_out],
            None if panel is None else [panel[i.expert] for i in left_out],
        )
    draws = min(RESAMPLES, max(_FEWEST_DRAWS, _MOST_MOVED // len(stack)))
    noise = judgement_noise(
        stack, generator(settings, group, "noise"), draws=draws, level=LEVEL, method=method, expert_weights=panel
    )
    return JudgementUncertainty(
        bootstrap=resampled,
        noise=distribution(noise, names),
        one_at_a_time=_one_at_a_time(group_matrix, method, names),
        leave_one_out=influence,
    )


def of_allocations(
    settings: Settings,
    group: str,
    names: tuple[str, ...],
    vectors: Mapping[str, NDArray[np.float64]],
    panel: Sequence[float] | None,
) -> AllocationUncertainty:
    """Uncertainty of weights that are the (authority-weighted) mean of the experts' own weights.

    Panels of the same size are drawn from the experts with replacement for the frequencies of the ranks; the intervals
    come from leaving out one expert at a time (:mod:`weighting.intervals`).
    """
    if len(vectors) < 2:
        return AllocationUncertainty(bootstrap=None, leave_one_out=None)
    table, experts = np.stack(list(vectors.values())), tuple(vectors)
    shares = np.ones(len(experts)) if panel is None else np.asarray(panel, dtype=np.float64)
    rng = generator(settings, group, "bootstrap")
    counts = rng.multinomial(len(experts), np.full(len(experts), 1 / len(experts)), size=RESAMPLES) * shares
    drawn = counts[counts.sum(axis=1) > 0]
    samples = drawn @ table / drawn.sum(axis=1, keepdims=True)
    weights = shares @ table / shares.sum()
    ranks = (samples[:, None, :] > samples[:, :, None] + _SAME).sum(axis=2)
    frequencies = np.stack([(ranks == r).mean(axis=0) for r in range(len(names))], axis=1)
    influence: list[WithoutExpert] = []
    for k, expert in enumerate(experts):
        others = np.delete(shares, k)
        if not others.any():
            continue
        without = others @ np.delete(table, k, axis=0) / others.sum()
        switched = _pairs(names, rank_switches(weights, without))
        influence.append(WithoutExpert(expert=expert, weights=tuple(without.tolist()), rank_switches=switched))
    if len(influence) < 2:
        return AllocationUncertainty(bootstrap=None, leave_one_out=tuple(influence))
    resampled = WeightSpread(
        level=LEVEL, samples=len(samples), discarded=RESAMPLES - len(samples),
        items=_items(names, weights, weights, weights, frequencies),
    )  # fmt: skip
    used = [s for k, s in enumerate(shares) if np.delete(shares, k).any()]
    without_each = [np.asarray(i.weights, dtype=np.float64) for i in influence]
    return AllocationUncertainty(
        bootstrap=_with_intervals(resampled, without_each, None if panel is None else used),
        leave_one_out=tuple(influence),
    )


def _with_intervals(
    resampled: WeightSpread, without: Sequence[NDArray[np.float64]], shares: Sequence[float] | None
) -> WeightSpread:
    """Give the weights intervals that hold for few experts; the resamples tell how often each rank came out."""
    weights = [i.weight for i in resampled.items]
    lower, upper = jackknife_interval(weights, np.stack(without), shares, level=LEVEL)
    ends = tuple(
        replace(i, lower=float(a), upper=float(b)) for i, a, b in zip(resampled.items, lower, upper, strict=True)
    )
    return replace(resampled, items=ends, interval=INTERVAL)


def _pairs(names: tuple[str, ...], places: Iterable[tuple[int, int]]) -> tuple[Pair, ...]:
    return tuple((names[a], names[b]) for a, b in places)


def distribution(found: WeightDistribution, names: tuple[str, ...]) -> WeightSpread:
    """Intervals and rank frequencies by name."""
    return WeightSpread(
        level=found.level,
        samples=len(found.samples),
        discarded=found.discarded,
        items=_items(names, found.weights, found.lower, found.upper, found.rank_frequencies),
    )


def _items(
    names: tuple[str, ...],
    weights: NDArray[np.float64],
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
    frequencies: NDArray[np.float64],
) -> tuple[ItemSpread, ...]:
    return tuple(
        ItemSpread(
            item=name, weight=float(weights[j]), lower=float(lower[j]), upper=float(upper[j]),
            rank_frequencies=tuple(frequencies[j].tolist()),
        )
        for j, name in enumerate(names)
    )  # fmt: skip


def _one_at_a_time(matrix: NDArray[np.float64], method: str, names: tuple[str, ...]) -> OneAtATime:
    """The largest change that one step of one judgement makes, and the judgements whose step changes the ranking."""
    shifts = one_at_a_time(matrix, method=method)
    if not shifts:
        return OneAtATime(largest_change=None, switching=())
    before = priorities(matrix, method)
    largest = max(shifts, key=lambda s: float(np.abs(s.weights - before).max()))
    item = int(np.abs(largest.weights - before).argmax())

    (pair,) = _pairs(names, [largest.pair])
    return OneAtATime(
        largest_change=LargestChange(
            pair=pair, judgement=largest.judgement, shifted=largest.shifted,
            item=names[item], before=float(before[item]), after=float(largest.weights[item]),
        ),
        switching=tuple(
            SwitchingStep(
                pair=_pairs(names, [s.pair])[0], judgement=s.judgement, shifted=s.shifted,
                rank_switches=_pairs(names, s.rank_switches),
            )
            for s in shifts if s.rank_switches
        ),
    )  # fmt: skip
