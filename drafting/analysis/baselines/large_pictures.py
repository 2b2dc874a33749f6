"""Pictures of the baselines of a large survey: the usual curves, drawn through fewer points."""

from __future__ import annotations

import numpy as np

from baselines import BaselineError, Sample, share_curve
from drafting.analysis.baselines.large_columns import Columns, parts
from drafting.analysis.baselines.outliers import flags_of
from drafting.analysis.baselines.pictures import cuts_of, marks_of
from drafting.analysis.baselines.samples import sample_of
from drafting.findings import Finding, Provenance, finding
from drafting.model.inputs import Inputs
from drafting.model.large import CleanTable
from drafting.model.pictures import IndicatorPicture
from drafting.model.results import Baselines, IndicatorBaselines

POINTS = 2000
"""A curve through more points looks the same and makes pictures that no program opens."""
MARKS = 200
"""Values to look at that are marked in a picture; the worst ones."""


def large_pictures(
    table: CleanTable, inputs: Inputs, baselines: Baselines, memory_limit: int, where: Provenance
) -> tuple[tuple[IndicatorPicture, ...], list[Finding]]:
    """One picture per quantitative indicator (and stratum) with survey values, in the order of the baselines."""
    columns = Columns(table)
    if not columns.fits(memory_limit):
        place = where.find("survey")
        return (), [finding("large-no-curve", place, rows=table.rows, limit=memory_limit >> 20)]
    made: dict[tuple[str, str], IndicatorPicture] = {}
    for pooled in baselines.indicators:
        indicator = inputs.system.indicator(pooled.code)
        if indicator.qualitative or pooled.code not in table.codes:
            continue
        survey = columns.survey(pooled.code)
        sample = sample_of(survey, survey.columns[pooled.code])
        strata = {one.stratum: one for one in baselines.strata if one.code == pooled.code}
        wanted = [(pooled, sample, np.arange(len(sample)))]
        if strata and columns.merged is not None:
            names, codes = columns.merged
            rows = {name: np.flatnonzero(codes == number) for number, name in enumerate(names)}
            wanted += [
                (strata[name], part, rows[name]) for name, part in parts(sample, columns.merged) if name in strata
            ]
        for one, part, at in wanted:
            picture = _picture(inputs, one, part, at, columns)
            if picture is not None:
                made[one.code, one.stratum] = picture
    order = [(one.code, one.stratum) for one in (*baselines.indicators, *baselines.strata)]
    return tuple(made[key] for key in order if key in made), []


def _picture(
    inputs: Inputs, one: IndicatorBaselines, sample: Sample, rows: np.ndarray, columns: Columns
) -> IndicatorPicture | None:
    indicator = inputs.system.indicator(one.code)
    try:
        values, shares = share_curve(sample, indicator.direction.value)
    except BaselineError:
        return None  # nothing valid to show
    judged = flags_of(indicator, sample) if one.details.get("flags") else ()
    flagged = sorted(judged, key=lambda f: -abs(f.value - f.bound))[:MARKS]
    left_out = np.flatnonzero(np.isfinite(sample.values) & ~sample.counts)[:MARKS].tolist()
    marks = marks_of(
        sample, {f.index for f in flagged}, left_out, values, shares, indicator.direction.value,
        lambda index: columns.name(int(rows[index])),
    )  # fmt: skip
    thin = np.unique(np.linspace(0, len(values) - 1, min(POINTS, len(values))).round().astype(np.intp))
    return IndicatorPicture(
        one.code, indicator.name, indicator.category, indicator.unit, indicator.direction, sample.n, values[thin],
        shares[thin], cuts_of(one), marks, one.stratum, one.non_detect, sample.weights is not None,
    )  # fmt: skip
