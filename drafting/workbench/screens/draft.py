"""草案: clause by clause, findings in the margin, the source cell of each figure one click away."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.desk.reading import draft
from drafting.workbench.visit import Visit, screen


def _show(visit: Visit) -> Response:
    seen = visit.seen()
    return visit.page("draft.html.j2", draft=visit.made(seen, "draft", "成文", draft))


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen."""
    return (screen("/p/{project}/draft", "draft", get=_show),)
