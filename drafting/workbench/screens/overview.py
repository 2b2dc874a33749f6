"""总览: five stages, each done or not and why, and the one next step."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.standing import standing
from drafting.workbench.visit import Visit, screen, see_other


def _show(visit: Visit) -> Response:
    run = visit.seen().run
    inputs = run.project.inputs
    title = inputs.document.title if inputs and inputs.document.title else ""
    return visit.page("overview.html.j2", standing=standing(run), run=run, title=title)


def _stop(visit: Visit) -> Response:
    """Compute nothing more for this project, until a page of it is opened again."""
    memory, folder = visit.bench.memory, visit.place.folder
    memory.stop(folder)
    return see_other("/" if memory.peek(folder) is None else visit.url())


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (
        screen("/p/{project}", "overview", get=_show),
        screen("/p/{project}/waiting/stop", "stop-waiting", post=_stop),
    )
