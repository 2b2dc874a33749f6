"""校准: how strict the baselines would have to be for the grades to be reached by the shares that are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.memory import Waiting
from drafting.desk.proposals import TARGETS, Proposal
from drafting.model.terms import GRADES
from drafting.words import outcomes
from drafting.workbench.visit import Visit, WaitingError, screen

if TYPE_CHECKING:
    from drafting.analysis.trial.calibration import Change


def _show(visit: Visit) -> Response:
    from drafting.analysis.trial.calibration import CAUTION, TargetError

    seen, which = visit.of_table()
    targets, limits = visit.text("targets", 60) or TARGETS, visit.text("limits", 200)
    asked = {"targets": targets, "limits": limits, "caution": CAUTION, "fault": "", "proposal": None, **which}
    if not visit.text("targets"):
        return visit.page("calibration.html.j2", ready=seen.run.results.trial is not None, **asked)
    try:
        found = visit.bench.proposals.ask(seen, targets, limits)
    except TargetError as error:
        return visit.page("calibration.html.j2", 400, ready=True, **(asked | {"fault": f"{error}。"}))
    if isinstance(found, Waiting):
        raise WaitingError(found)
    told = {} if found is None else {"proposal": found, **_told(found, which["table"])}
    return visit.page("calibration.html.j2", ready=found is not None, **(asked | told))


def _told(found: Proposal, table: str) -> dict[str, Any]:
    """The proposal as the page shows it: grades before and after, and what becomes of each indicator."""
    made, draft = found.calibration, found.draft
    after = outcomes(made.distribution_after)
    rows = [
        (word, n, share, now, then)
        for (word, n, share), (_, now, then) in zip(outcomes(made.distribution_before), after, strict=True)
    ]
    by: dict[int, list[Any]] = {}
    for change in made.changes:
        by.setdefault(change.indicator, []).append(change)
    groups = [(draft.indicators[j].code, draft.names[j], changes, _moved(changes, table)) for j, changes in by.items()]
    return {"rows": rows, "groups": groups, "grades": GRADES, "kept": [draft.names[j] for j in made.fixed]}


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
