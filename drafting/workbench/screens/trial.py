"""试评价: how many enterprises really get each grade, and what stops the others."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.model.terms import GRADES
from drafting.model.trial_details import CloseEnterprise
from drafting.words import outcomes
from drafting.workbench.visit import Visit, screen

_MOST = 8


def _show(visit: Visit) -> Response:
    seen, which = visit.of_table()
    trial = seen.run.results.trial
    if trial is None:
        return visit.page("trial.html.j2", trial=None, **which)
    combined = visit.seen().run.results.combined
    details = trial.details
    held = [(g, details.binding.get(g.value, ())[:_MOST]) for g in reversed(GRADES)] if details else []
    strata = [(name, outcomes(counts)) for name, counts in details.strata.items()] if details else []
    close = details.listed.boundary if details and details.listed else ()
    return visit.page(
        "trial.html.j2", trial=trial, outcomes=outcomes(trial.distribution), held=held, strata=strata,
        sentence=details.sentence if details else "", close=_close(close), **which,
        combined=() if combined is None else outcomes(combined.distribution),
    )  # fmt: skip


def _close(found: Sequence[CloseEnterprise]) -> list[tuple[str, bool, str, list[str]]]:
    """Enterprises near a limit: whether they would rise, which grade, which indicators alone would do it."""
    by: dict[tuple[str, bool, str], list[str]] = {}
    for one in found:
        by.setdefault((one.enterprise, one.rises, one.grade), []).append(one.indicator or "综合评价指数")
    grades = {g.value: g.chinese for g in GRADES}
    return [(who, rises, grades[grade], names) for (who, rises, grade), names in by.items()][:_MOST]


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (screen("/p/{project}/trial", "trial", get=_show),)
