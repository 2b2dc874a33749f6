"""Screens that are imported when one of them is first asked for: what they compute with is not needed at the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

_FOUND = "workbench.route"


class Later(BaseRoute):
    """The addresses of some screens.

    ``names``: modules of :mod:`drafting.workbench.screens`, each with ``routes()``.
    ``guard``: puts an address behind its row of the table of who may do what.
    """

    def __init__(self, names: Sequence[str], guard: Callable[[BaseRoute], BaseRoute] = lambda route: route) -> None:
        self._names, self._guard = names, guard
        self._routes: Sequence[BaseRoute] | None = None

    def load(self) -> Sequence[BaseRoute]:
        """Import them, once."""
        if self._routes is None:
            modules = [import_module(f"drafting.workbench.screens.{name}") for name in self._names]
            self._routes = [self._guard(route) for module in modules for route in module.routes()]
        return self._routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the screens: the first that wants the request, else the first that would by another method."""
        partly: tuple[Match, Scope] = (Match.NONE, {})
        for route in self.load():
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, _FOUND: route}
            if match is Match.PARTIAL and partly[0] is Match.NONE:
                partly = match, {**found, _FOUND: route}
        return partly

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the screen answer."""
        route: BaseRoute = scope[_FOUND]
        await route.handle(scope, receive, send)
