"""Baselines by stratum (process, product, scale, new or existing) beside those of all enterprises together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .direction import Direction, ShareLike
from .errors import StratumError
from .grades import DEFAULT_SHARES, GradeValues, grade_values
from .sample import Sample


@dataclass(frozen=True, slots=True)
class StratifiedGrades:
    """Grade values of all enterprises and of each stratum.

    Attributes
    ----------
    pooled : GradeValues
    strata : mapping of stratum to GradeValues
        In order of first appearance.
    empty : tuple of str
        Strata without a valid value, which have no grade values.
    """

    pooled: GradeValues
    strata: Mapping[str, GradeValues]
    empty: tuple[str, ...]


def stratum_sizes(sample: Sample) -> dict[str, int]:
    """Count the valid enterprises of each stratum, in order of first appearance.

    Raises
    ------
    StratumError
        If the sample has no strata.
    """
    names = _names(sample)
    sizes = dict.fromkeys(names, 0)
    for name, counted in zip(names, sample.counts.tolist(), strict=True):
        sizes[name] += counted
    return sizes


def small_strata(sample: Sample, minimum: int) -> tuple[str, ...]:
    """Strata with fewer valid enterprises than a minimum, for a warning; they are merged only by declared rule."""
    return tuple(name for name, size in stratum_sizes(sample).items() if size < minimum)


def merge_strata(sample: Sample, merging: Mapping[str, str]) -> Sample:
    """Rename strata by a declared rule, so that those of one new name are taken together.

    Parameters
    ----------
    merging : mapping of old to new name
        Strata not named stay as they are.

    Raises
    ------
    StratumError
        If the rule names strata that the survey does not have.
    """
    names = _names(sample)
    if unknown := [name for name in merging if name not in names]:
        raise StratumError(f"the merging rule names strata that the survey does not have: {unknown}", values=unknown)
    return Sample(sample.values, sample.states, sample.weights, tuple(merging.get(name, name) for name in names))


def grade_strata(
    sample: Sample, direction: Direction | str, shares: Sequence[ShareLike] = DEFAULT_SHARES
) -> StratifiedGrades:
    """Grade values of each stratum, and pooled.

    Raises
    ------
    StratumError
        If the sample has no strata.
    BaselineError
        As :func:`baselines.grade_values` for the pooled sample.
    """
    sizes = stratum_sizes(sample)
    return StratifiedGrades(
        pooled=grade_values(sample, direction, shares),
        strata=MappingProxyType(
            {name: grade_values(sample.stratum(name), direction, shares) for name, size in sizes.items() if size}
        ),
        empty=tuple(name for name, size in sizes.items() if not size),
    )


def _names(sample: Sample) -> tuple[str, ...]:
    if sample.strata is None:
        raise StratumError("the sample has no strata")
    return sample.strata
