"""What-if on a survey larger than memory: shares are counted and enterprises judged some rows at a time.

Appendix D judges each enterprise alone, so the usual evaluation gives of some rows what it gives of all; shares are
sums of whole numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from drafting.analysis.baselines.large_rows import Rows, rows_of
from drafting.analysis.baselines.samples import sample_of
from drafting.analysis.baselines.typed import meeting
from drafting.analysis.baselines.what_if import NAMED, Change, Move, Shares, WhatIf, bound_of, try_baselines
from drafting.analysis.trial.judging import judge_survey
from drafting.analysis.trial.try_out import empty_categories, missing_values, rare_grades
from drafting.evaluation.draft import Draft, draft_of
from drafting.findings import Finding, Provenance, finding
from drafting.model.bounds import Bound
from drafting.model.exclusions import taking_part
from drafting.model.inputs import Inputs
from drafting.model.large import MERGED, CleanTable
from drafting.model.results import Baselines, Weights
from drafting.model.survey import State, Survey
from drafting.model.terms import GRADES, Grade

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHOWN = 20
"""Findings about single enterprises that are worded; the others are counted."""
_Masses = Counter[tuple[str, str | None, Bound | None]]
"""Weight of the enterprises by code, stratum (None: all) and the bound that they meet (None: of all valid ones)."""


def large_what_if(
    table: CleanTable, inputs: Inputs, weights: Weights | None, baselines: Baselines, changes: Sequence[Change],
    where: Provenance, memory_limit: int,
) -> tuple[WhatIf, list[Finding]]:  # fmt: skip
    """Try other baselines on a clean table, all changes at once, as :func:`~.what_if.what_if` does in memory.

    Parameters
    ----------
    weights
        None: shares only.
    baselines
        As they are now; baselines by stratum get the same value.
    memory_limit
        Bytes for the rows that are looked at together.

    Returns
    -------
    WhatIf
        Naming the first :data:`~.what_if.NAMED` enterprises that move.
    list of Finding
        What a trial of the present baselines says.

    Raises
    ------
    WhatIfError
        For an indicator without baselines.
    """
    effects, changed = try_baselines(inputs, baselines, changes, _shares(table, inputs, changes, memory_limit))
    shares_only = WhatIf(effects, changed, None, None, (), 0)
    if weights is None:
        return shares_only, []
    now, lacking = draft_of(inputs, weights, baselines)
    then, _ = draft_of(inputs, weights, changed)
    if now is None or then is None:
        return shares_only, [finding("trial-incomplete", what=lacking)]
    trial = _Trial(inputs, now, then, where)
    for rows in rows_of(table, [i.code for i in now.indicators], memory_limit):
        trial.take(rows)
    tried = WhatIf(effects, changed, dict(trial.before), dict(trial.after), tuple(trial.moves), trial.moved)
    return tried, trial.findings(table)


def _shares(table: CleanTable, inputs: Inputs, changes: Sequence[Change], memory_limit: int) -> Shares:
    """Count exactly, in whole weights, who reaches each changed value, in all and by merged stratum."""
    bounds: dict[str, set[Bound]] = {}
    for change in changes:
        if change.code in table.codes:
            bounds.setdefault(change.code, set()).add(bound_of(change, inputs))
    met: _Masses = Counter()
    mass: _Masses = Counter()
    for rows in rows_of(table, list(bounds), memory_limit, MERGED) if bounds else ():
        survey = rows.survey
        heavy = _whole(survey, table.weight_decimals or 0)
        for code, asked in bounds.items():
            sample = sample_of(survey, survey.columns[code])
            valid = np.flatnonzero(sample.counts)
            _add(mass, code, None, rows, valid, heavy)
            for bound in asked:
                reached = meeting(bound, sample, survey)
                assert reached is not None  # a number with a direction can be judged
                _add(met, code, bound, rows, valid[reached], heavy)

    def share(code: str, stratum: str | None, bound: Bound) -> float | None:
        of = mass[code, stratum, None]
        return float(Fraction(met[code, stratum, bound], of)) if of else None

    return share


def _whole(survey: Survey, decimals: int) -> NDArray[np.int64]:
    """Sampling weights as whole numbers of their last decimal; cleaning made sure that they and their sum fit."""
    if survey.weights is None:
        return np.ones(len(survey), dtype=np.int64)
    whole: NDArray[np.int64] = np.rint(survey.weights * 10.0**decimals).astype(np.int64)
    return whole


def _add(
    into: _Masses, code: str, bound: Bound | None, rows: Rows, at: NDArray[np.intp], heavy: NDArray[np.int64]
) -> None:
    into[code, None, bound] += int(heavy[at].sum())
    if rows.coded is not None:
        names, which = rows.coded
        sums = np.zeros(len(names), dtype=np.int64)
        np.add.at(sums, which[at], heavy[at])
        for name, total in zip(names, sums.tolist(), strict=True):
            into[code, name, bound] += total


@dataclass
class _Trial:
    """Grades now and with the changed baselines, summed up."""

    inputs: Inputs
    now: Draft
    then: Draft
    where: Provenance
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    moves: list[Move] = field(default_factory=list)
    moved: int = 0
    _found: dict[tuple[str, str], Finding] = field(default_factory=dict)
    _empty: list[Finding] = field(default_factory=list)
    _more_empty: int = 0

    def take(self, rows: Rows) -> None:
        """Judge some rows by both drafts."""
        survey, where = rows.survey, rows.places(self.where)
        chosen = self._taking_part(survey)
        now, found = judge_survey(self.inputs, self.now, survey, chosen, where)
        then, _ = judge_survey(self.inputs, self.then, survey, chosen, where)
        old, new = now.grade(), then.grade()
        self.before.update(old.distribution())
        self.after.update(new.distribution())
        other = np.flatnonzero(old.grades != new.grades)
        self.moved += len(other)
        for n in other[: NAMED - len(self.moves)].tolist():
            name = survey.enterprises[int(now.rows[n])]
            self.moves.append(Move(name, _grade(old.grades[n]), _grade(new.grades[n])))
        for one in found:
            # An unknown stratum is said once, at the first enterprise that is in it.
            self._found.setdefault((one.code, str(one.values.get("stratum", one.message))), one)
        for one in empty_categories(now, old, where):
            if len(self._empty) < SHOWN:
                self._empty.append(one)
            else:
                self._more_empty += 1

    def findings(self, table: CleanTable) -> list[Finding]:
        """What the trial of the present baselines says, as in memory."""
        found = [*self._found.values(), *self._empty]
        if self._more_empty:
            first = self._empty[0]
            place = first.place
            column = place.cell.rstrip("0123456789") if place is not None else ""
            found.append(
                finding(
                    "large-more", place, severity=first.severity, count=self._more_empty, column=column,
                    message=first.message,
                )
            )  # fmt: skip
        found += rare_grades(self.before)
        missing = {
            code: table.counts[code][None][State.MISSING] if code in table.codes else table.rows
            for code in (i.code for i in self.now.indicators)
        }
        return [*found, *missing_values(self.now, missing, self.where)]

    def _taking_part(self, survey: Survey) -> Sequence[int]:
        return taking_part(self.inputs.exclusions, survey.enterprises)


def _grade(place: int) -> Grade | None:
    return GRADES[place - 1] if place else None
