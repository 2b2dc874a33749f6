"""Values to look at before believing a baseline: beyond physical limits, or too good to be true. Flags, never drops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from baselines import Sample
from baselines.errors import BaselineError
from baselines.outliers import Flag, Side, flag_fences, flag_physical, mad_log_fences, tukey_fences
from drafting.analysis.baselines.cleaning import effect_of_exclusions
from drafting.analysis.baselines.columns import parts, sample_of
from drafting.analysis.baselines.details import compared_without
from drafting.findings import Finding, Provenance, finding
from drafting.model.baseline_details import DoubtfulValue, DoubtfulValues
from drafting.model.labels import Labels
from drafting.model.survey import Survey
from drafting.model.system import Indicator
from drafting.model.terms import GRADES, BaselineSource

FEWEST = 8
"""Fences over fewer values than this say nothing."""


class Outliers:
    """What is doubtful in one column of a survey, pooled and by stratum.

    Too good are values on the better side beyond both fences, Tukey's and the MAD of logarithms, of their own stratum.
    Strata with fewer than :data:`FEWEST` valid values are too small to judge; if all are, all rows are judged together.
    Logarithms are left out where a value is zero or negative.

    ``survey``: with the marks of sheet 剔除.
    ``indicator``: one that is measured.
    ``strata``, ``merged``: strata as written, and by the merging rule.
    """

    def __init__(self, survey: Survey, indicator: Indicator, strata: Labels | None, merged: Labels | None) -> None:
        self._survey, self._indicator, self._strata, self._merged = survey, indicator, strata, merged
        self.sample = sample_of(survey, survey.columns[indicator.code])
        self._own: dict[str, list[Flag]] = {}
        """Flags of the strata as written, with positions in the stratum."""
        self._by_stratum = False

    @cached_property
    def too_good(self) -> Sequence[Flag]:
        """Values that are too good, with their rows."""
        if self._strata is None:
            return self._judged(self.sample)
        flags: list[Flag] = []
        for name, at, part in parts(self.sample, self._strata):
            assert at is not None  # there are strata
            own = self._own[name] = self._judged(part)
            self._by_stratum |= part.n >= FEWEST
            flags += [replace(f, index=int(at[f.index])) for f in own]
        return sorted(flags, key=lambda f: f.index) if self._by_stratum else self._judged(self.sample)

    @cached_property
    def flags(self) -> Sequence[Flag]:
        """Everything to look at: values beyond physical limits, then those that are too good."""
        return self._all(self.sample, self.too_good)

    def strata(self) -> Iterator[tuple[str, NDArray[np.intp], Sample, Sequence[Flag]]]:
        """Strata after merging: rows, values, and what to look at in them, with positions in the stratum."""
        if self._merged is None:
            return
        as_written = self._merged is self._strata and self.too_good is not None
        for name, at, part in parts(self.sample, self._merged):
            assert at is not None  # there are strata
            own = self._own.get(name) if as_written else None
            yield name, at, part, self._all(part, self._judged(part) if own is None else own) if part.n else ()

    def details(self, sample: Sample, flags: Sequence[Flag]) -> DoubtfulValues:
        """What the statement says of these values."""
        direction = self._indicator.direction.value
        return DoubtfulValues(
            flags=tuple(
                DoubtfulValue(row=f.index, value=f.value, reason=f.reason.value, side=f.side.value, bound=f.bound)
                for f in flags
            ),
            with_and_without=compared_without(sample, direction, flags),
            excluded_effect=effect_of_exclusions(sample, direction),
        )

    def findings(self, where: Provenance) -> Iterator[Finding]:
        """Say what the values that are too good do to grade I."""
        indicator = self._indicator
        if not self.sample.n or indicator.source is BaselineSource.POLICY or not self.too_good:
            return
        compared = compared_without(self.sample, indicator.direction.value, self.too_good)
        if compared is None:
            return  # a non-detect decides where larger is better; that is reported with the baselines
        first = GRADES[0].value
        before, after = compared.with_them[first], compared.without[first]
        worst = max(self.too_good, key=lambda f: abs(f.value - f.bound))
        place = where.find("survey", indicator.code, str(worst.index))
        stratum = self._judged_in(worst.index)
        yield finding(
            "outliers-good-side" if before != after else "outliers-harmless", place, indicator=indicator.name,
            count=len(self.too_good), than="比同一分组的其他企业" if stratum else "比其他企业",
            group=f"“{stratum}”组中 " if stratum else " ", enterprise=self._survey.enterprises[worst.index],
            value=f"{worst.value:g}", fence=f"{worst.bound:.4g}", with_value=f"{before:g}",
            without_value="—" if after is None else f"{after:g}",
        )  # fmt: skip

    def _judged_in(self, row: int) -> str:
        """The stratum with whose values a row was compared, blank where all rows were judged together."""
        if self._strata is None or not self._by_stratum or len(self._strata.words) < 2:
            return ""
        return self._strata[row]

    def _judged(self, part: Sample) -> list[Flag]:
        return _beyond_both(part, self._indicator.direction.value) if part.n >= FEWEST else []

    def _all(self, sample: Sample, too_good: Sequence[Flag]) -> Sequence[Flag]:
        indicator = self._indicator
        beyond = flag_physical(sample, indicator.direction.value, indicator.lower, indicator.upper)
        known = {f.index for f in beyond}
        return (*beyond, *(f for f in too_good if f.index not in known))


def _beyond_both(part: Sample, direction: str) -> list[Flag]:
    """Values on the better side beyond Tukey's fence and, where logarithms can be taken, that of their MAD."""
    try:
        flags = [*flag_fences(part, direction, tukey_fences(part), Side.GOOD)]
    except BaselineError:
        return []  # only non-detects: nothing measured to set fences by
    try:
        logs = mad_log_fences(part)
    except BaselineError:
        logs = None
    if logs is None:
        return flags
    beyond = {f.index for f in flag_fences(part, direction, logs, Side.GOOD)}
    return [f for f in flags if f.index in beyond]
