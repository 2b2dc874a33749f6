"""4.2.6 and Appendix D over the survey: weights and baselines tell enterprises apart in every grade."""

from __future__ import annotations

from collections.abc import Iterator

from drafting.findings import Finding, finding
from drafting.model.terms import GRADES
from drafting.rules.case import Case


def evaluation(case: Case) -> Iterator[Finding]:
    """Note grades that no surveyed enterprise attains."""
    trial = case.results.trial
    if trial is None or not any(not e.excluded for e in trial.enterprises):
        return
    for grade in GRADES:
        if trial.distribution.get(grade.value, 0) == 0:
            yield finding("trial-grade-empty", case.place("survey"), grade=grade.chinese, anchor="part:evaluation")
