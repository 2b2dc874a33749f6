"""A second opinion: the published figures, written anew from the standard's text and the cited papers.

Nothing here imports ``weighting``, ``baselines``, ``drafting.analysis`` or ``drafting.evaluation``: a fault in one of
them is not repeated here. What it gives an opinion on are the weights of both levels with the experts' consistency,
the statistics of every round, the grade values with rank, share and interval, and Appendix D for every enterprise;
guide and :func:`second_opinion` name the rest, which is computed again by the program itself only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drafting.verification.opinion.baselines import baselines_opinion
from drafting.verification.opinion.trial import trial_opinion
from drafting.verification.opinion.weights import weights_opinion
from drafting.verification.verdict import Verdict

__all__ = ["second_opinion"]


def second_opinion(data: Mapping[str, Any], again: Mapping[str, Any], verdict: Verdict) -> None:
    """Compute the published figures by the second route and hold what the program computes against them.

    Parameters
    ----------
    data
        Key ``data`` of the record.
    again
        Sections ``weights``, ``baselines`` and ``trial`` as the program computes them from it; None where it does not.
    verdict
        Counts each figure under 另法复算; methods without a second route are counted as unchecked.
    """
    if again["weights"] is not None:
        weights_opinion(data, again["weights"], verdict)
    if again["baselines"] is not None:
        baselines_opinion(data, again["baselines"], verdict)
    if again["trial"] is not None:
        trial_opinion(data, again["weights"], again["baselines"], again["trial"], verdict)
