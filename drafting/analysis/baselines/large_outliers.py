"""Values of a large survey to look at before believing a baseline; one column in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from baselines import Sample
from baselines.outliers import Flag, flag_physical
from drafting.analysis.baselines.cleaning import effect_of_exclusions
from drafting.analysis.baselines.details import compared_without
from drafting.analysis.baselines.large_columns import Columns, parts
from drafting.analysis.baselines.outliers import FEWEST, beyond_both, too_good_finding
from drafting.analysis.baselines.samples import sample_of
from drafting.findings import Finding, Provenance
from drafting.model.system import Indicator
from drafting.model.terms import BaselineSource


class Outliers:
    """What is doubtful in one column, pooled and by stratum.

    Parameters
    ----------
    columns : Columns
    indicator : Indicator
    """

    def __init__(self, columns: Columns, indicator: Indicator) -> None:
        self._columns, self._indicator = columns, indicator
        survey = columns.survey(indicator.code)
        self._survey, self.sample = survey, sample_of(survey, survey.columns[indicator.code])
        self._direction = indicator.direction.value
        self._own: dict[str, list[Flag]] = {}
        """Flags of the strata as written, with positions in the stratum."""
        self._by_stratum = False
        self.too_good = self._too_good()

    def pooled(self) -> Mapping[str, Any]:
        """Entries of the details that need all values."""
        return self._details(self.sample, self.too_good)

    def strata(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The same for each stratum after merging."""
        if self._columns.merged is not None:
            for name, sample in parts(self.sample, self._columns.merged):
                known = self._own.get(name) if self._columns.as_written else None
                flags = known if known is not None else self._judged(sample)
                yield name, self._details(sample, flags) if sample.n else {}

    def _judged(self, part: Sample) -> list[Flag]:
        return beyond_both(part, self._direction) if part.n >= FEWEST else []

    def findings(self, where: Provenance) -> Iterator[Finding]:
        """What a small survey's fences would have been reported as."""
        if not self.sample.n:
            return
        indicator = self._indicator
        where = self._columns.places(where, [indicator.code])
        if indicator.source is not BaselineSource.POLICY and self.too_good:
            yield from too_good_finding(indicator, self.sample, self.too_good, self._survey, where, self._stratum_of)

    def _stratum_of(self, row: int) -> str:
        """The stratum within which a row was judged, blank where all rows were judged together."""
        if self._columns.strata is None or not self._by_stratum or len(self._columns.strata[0]) < 2:
            return ""
        names, codes = self._columns.strata
        return names[int(codes[row])]

    def _details(self, sample: Sample, fences: list[Flag]) -> Mapping[str, Any]:
        indicator = self._indicator
        beyond = flag_physical(sample, self._direction, indicator.lower, indicator.upper)
        known = {f.index for f in beyond}
        flags = (*beyond, *(f for f in fences if f.index not in known))
        return {
            "flags": [
                {"row": f.index, "value": f.value, "reason": f.reason.value, "side": f.side.value, "bound": f.bound}
                for f in flags
            ],
            "with_and_without": compared_without(sample, self._direction, flags),
            "excluded_effect": effect_of_exclusions(sample, self._direction),
        }

    def _too_good(self) -> list[Flag]:
        if self._columns.strata is None:
            return self._judged(self.sample)
        flags: list[Flag] = []
        large = False
        for number, (name, part) in enumerate(parts(self.sample, self._columns.strata)):
            own = self._own[name] = self._judged(part)
            large |= part.n >= FEWEST
            if own:
                at = np.flatnonzero(self._columns.strata[1] == number)
                flags += [replace(f, index=int(at[f.index])) for f in own]
        self._by_stratum = large
        return sorted(flags, key=lambda f: f.index) if large else self._judged(self.sample)
