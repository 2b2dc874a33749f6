"""A second opinion: the published figures, written anew from the standard's text and the cited papers.

Nothing here imports ``weighting``, ``baselines``, ``drafting.analysis`` or ``drafting.evaluation``: a fault in one of
them is not repeated here. What it gives an opinion on are the weights of both levels with the experts' consistency,
the statistics of every round, the grade values with rank, share and interval, and Appendix D for every enterprise;
guide and :func:`second_opinion` name the rest, which is computed again by the program itself only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drafting.verification.opinion.baselines import baselines_opinion
from drafting.verification.opinion.trial import Judging, Published, trial_opinion
from drafting.verification.opinion.weights import weights_opinion
from drafting.verification.verdict import Verdict

if TYPE_CHECKING:
    from drafting.record.schema import Evidence, RecordedSurvey
    from drafting.verification.rerun import Again

__all__ = ["second_opinion"]


def second_opinion(
    data: Evidence, survey: RecordedSurvey | None, again: Again, published: Published | None, verdict: Verdict
) -> None:
    """Compute the published figures by the second route and hold what the program computes against them.

    ``data``, ``survey``: of the record.
    ``again``: Weights, baselines and trial as the program computes them from it; None where it does not.
    ``published``: Names, grades and indices of that trial.
    ``verdict``: counts each figure under 另法复算; methods without a second route are counted as unchecked.
    """
    if again.weights is not None:
        weights_opinion(data, again.weights, verdict)
    if again.baselines is not None and survey is not None:
        baselines_opinion(data, survey, again.baselines, verdict)
    if again.weights is None or again.baselines is None or survey is None:
        return
    if published is not None and again.trial is not None:
        judging = Judging(data, survey, again.weights, again.baselines)
        trial_opinion(judging, published, again.trial.distribution, verdict)
