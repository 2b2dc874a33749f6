"""Joint calibration as pages and the command line ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drafting.words import percent

if TYPE_CHECKING:
    from drafting.analysis.trial.calibration import Calibration
    from drafting.evaluation.draft import Draft
    from drafting.run import Run

TARGETS = "5,20,50"
_NAMES = ("Ⅰ级", "Ⅱ级及以上", "Ⅲ级及以上")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A calibration with the draft that it is about, for the names of its indicators."""

    calibration: Calibration
    draft: Draft

    def shortfalls(self) -> list[str]:
        """Say how near targets came that were not met."""
        found, words = self.calibration, []
        for n, name in enumerate(_NAMES):
            wanted, got, most = found.after.targets[n], found.after.reached[n], found.possible[n]
            if got < wanted:
                limit = f"在现有界限、强制性限值和固定基准值下最多 {most} 家" if most < wanted else "找到的最好结果"
                near = f"达到 {got} 家（{percent(got / found.evaluated)}），还差 {wanted - got} 家"
                words.append(f"{name}：目标 {wanted} 家，{near}；{limit}。")
        return words


def propose(run: Run, targets: str, limits: str, progress: Callable[[float], None] = lambda _: None) -> Proposal | None:
    """Calibrate the draft of a run; None where weights, baselines or survey are lacking.

    Raises drafting.analysis.trial.calibration.TargetError if these make no sense, or nothing can be adjusted.

    ``targets``, ``limits``: as :func:`drafting.analysis.trial.calibration.parse_targets` and ``parse_limits`` read
    them.
    """
    from drafting.analysis.trial.calibration import adjustable_codes, calibrate, parse_limits, parse_targets
    from drafting.analysis.trial.try_out import judge_trial

    asked = parse_targets(targets)
    inputs, results = run.project.inputs, run.results
    if inputs is None or inputs.survey is None or not results.weights or not results.baselines:
        return None
    judged, _ = judge_trial(inputs, results.weights, results.baselines, inputs.survey, run.project.provenance)
    if judged is None:
        return None
    bounds = parse_limits(limits, adjustable_codes(judged))
    return Proposal(calibrate(judged, asked, bounds, progress=progress), judged.draft)
