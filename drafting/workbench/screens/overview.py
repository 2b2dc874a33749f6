"""总览: five stages, each done or not and why, and the one next step."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.standing import standing
from drafting.workbench.visit import Visit, screen


def _show(visit: Visit) -> Response:
    run = visit.seen().run
    inputs = run.project.inputs
    title = inputs.document.title if inputs and inputs.document.title else ""
    return visit.page("overview.html.j2", standing=standing(run), run=run, title=title)


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (screen("/p/{project}", "overview", get=_show),)
