"""校准: how strict the baselines would have to be for the grades to be reached by the shares that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.proposals import TARGETS, Proposal, propose
from drafting.model.terms import GRADES
from drafting.words import outcomes
from drafting.workbench.visit import Visit, screen

if TYPE_CHECKING:
    from drafting.analysis.trial.calibration import Change
    from drafting.progress import Progress
    from drafting.run import Run


def _show(visit: Visit) -> Response:
    from drafting.analysis.trial.calibration import CAUTION, TargetError

    seen, which = visit.of_table()
    targets, limits = visit.text("targets", 60) or TARGETS, visit.text("limits", 200)
    asked = {"targets": targets, "limits": limits, "caution": CAUTION, "fault": "", "proposal": None, **which}
    if not visit.text("targets"):
        return visit.page("calibration.html.j2", ready=seen.run.results.trial is not None, **asked)
    try:
        found = visit.made(seen, f"calibration {targets} {limits}", "联合校准", partial(_propose, targets, limits))
    except TargetError as error:
        return visit.page("calibration.html.j2", 400, ready=True, **(asked | {"fault": f"{error}。"}))
    if found is None:
        return visit.page("calibration.html.j2", ready=False, **asked)
    rows, groups = _grades(found), _indicators(found, which["table"])
    kept = [found.draft.names[j] for j in found.calibration.fixed]
    shown = asked | {"proposal": found}
    return visit.page("calibration.html.j2", ready=True, rows=rows, groups=groups, grades=GRADES, kept=kept, **shown)


def _propose(targets: str, limits: str, run: Run, progress: Progress) -> Proposal | None:
    progress.begin("联合校准")
    return propose(run, targets, limits, lambda share: progress.within(round(1_000 * share), 1_000))


def _grades(found: Proposal) -> list[tuple[str, int, float | None, int, float | None]]:
    """Outcome in words, its enterprises and their share before, and the same after."""
    made = found.calibration
    both = zip(outcomes(made.distribution_before), outcomes(made.distribution_after), strict=True)
    return [(word, n, share, now, then) for (word, n, share), (_, now, then) in both]


def _indicators(found: Proposal, table: str) -> list[tuple[str, str, list[Change], dict[str, str] | None]]:
    """What becomes of each indicator: code, name, its changes, and values to try."""
    draft = found.draft
    by: dict[int, list[Change]] = {}
    for change in found.calibration.changes:
        by.setdefault(change.indicator, []).append(change)
    return [(draft.indicators[j].code, draft.names[j], changes, _moved(changes, table)) for j, changes in by.items()]


def _moved(changes: Sequence[Change], table: str) -> dict[str, str] | None:
    """Values to try on the indicator's own page; None where nothing moves, or each stratum has its own."""
    moved = any(c.value_before != c.value_after for c in changes)
    plain = not any("；" in c.value_after for c in changes)
    if not (moved and plain):
        return None
    return {GRADES[c.grade].value: c.value_after for c in changes} | ({"table": table} if table else {})


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (screen("/p/{project}/calibration", "trial", get=_show),)
