"""What the pages share: database, writer, templates, caches, limits."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from threading import BoundedSemaphore, Lock
from typing import Any, TypeVar

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Engine
from starlette.requests import Request

from drafting.panel import accounts, records
from drafting.panel.accounts import Who
from drafting.panel.alone import Hold
from drafting.panel.config import Config
from drafting.panel.database import migrate, open_database
from drafting.panel.records import Panel, Round, RoundState
from drafting.panel.web import words
from drafting.panel.writer import Writer
from drafting.resources import templates
from drafting.web.limits import Slowdown
from drafting.web.static import Static

T = TypeVar("T")
_STATIC = {"style.css": "web", "parking.js": "panel", "panel.js": "panel", "live.js": "web"}
"""Static file -> folder of the templates."""
_REMEMBER_SECONDS = 300.0
"""How long the fast way of an answer knows whose a session is and what a round asks; neither changes.

Whether the session still holds and the round is open, the writer looks up at every answer. Each time the memory ends
all connections look up at once, so with a short one these were most of the slowest hundredth of answers.
"""
_QUARTER = 15 * 60.0
_LOGINS_WAITING = 8
"""Checks of a password that may wait for the two that run: a flood of them must not take every thread."""


def _may(method: str, path: str) -> bool:
    """An organiser may do everything with the own panels."""
    return True


class Remembered:
    """A small cache: the newest values, for some seconds or (closed rounds) for good."""

    def __init__(self, most: int, seconds: float | None = None) -> None:
        self._most = most
        self._seconds = seconds
        self._values: OrderedDict[Any, tuple[float, Any]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> Any:
        """The value, None if there is none that is fresh."""
        with self._lock:
            found = self._values.get(key)
            if found is None or (self._seconds is not None and time.monotonic() - found[0] > self._seconds):
                return None
            return found[1]

    def put(self, key: Any, value: T) -> T:
        """Keep a value."""
        with self._lock:
            self._values[key] = (time.monotonic(), value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()


class Service:
    """One server's state."""

    home = "/o"
    """Where an organiser is after signing in."""

    def __init__(self, url: str, config: Config, clock: Callable[[], float] = time.time) -> None:
        self.config = config
        self.engine: Engine = open_database(url)
        self.hold = Hold(self.engine)
        self.writer = Writer(self.engine, clock)
        # one source with one name is slowed down, and a source with whatever names; never a name from everywhere
        self.login_limit = Slowdown(5, _QUARTER, _QUARTER)
        self.source_limit = Slowdown(30, 60.0, _QUARTER)
        self.link_limit = Slowdown(30, 60.0, _QUARTER)
        self.login_line = BoundedSemaphore(_LOGINS_WAITING)
        self.sessions = Remembered(4_000, _REMEMBER_SECONDS)
        self.rounds = Remembered(500, _REMEMBER_SECONDS)
        self.figures = Remembered(16)
        self.shown = Remembered(64)

    def start(self) -> None:
        """Take the database for this server alone, bring it up to date and begin to write."""
        self.hold.take()
        try:
            migrate(self.engine)
            self.writer.start()
        except BaseException:  # as on a full disk: the next try must not find the database held by this one
            self.engine.dispose()
            self.hold.let_go()
            raise

    def stop(self) -> None:
        """Finish what waits, then let go of the database."""
        self.writer.stop()
        self.engine.dispose()
        self.hold.let_go()

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return self.writer.now()

    def change(self, work: Callable[[Any], T]) -> T:
        """Run a change; what was remembered is forgotten."""
        result = self.writer.change(work)
        self.sessions.clear()
        self.rounds.clear()
        return result

    def token(self, request: Request, who: Who) -> str | None:
        """The token that a browser holds for pages of a kind."""
        return request.cookies.get(self.config.cookie(who.value))

    def session(self, token: str | None, who: Who) -> accounts.Session | None:
        """The session that a cookie names, looked up afresh."""
        if not token:
            return None
        with self.engine.connect() as connection:
            return accounts.session_for(connection, token, who, self.now)

    def remembered_session(self, token: str | None, who: Who) -> accounts.Session | None:
        """The same for the fast way of an answer: may be some minutes old."""
        key = (who, accounts.digest(token or ""))
        found: accounts.Session | None = self.sessions.get(key)
        if found is None or found.expires_at <= self.now:
            found = self.session(token, who)
            if found is not None:
                self.sessions.put(key, found)
        return found

    def remembered_round(self, round_id: int) -> tuple[Round, Panel]:
        """A round with its panel; its state may be some minutes old.

        Raises NotFoundError.
        """
        found: tuple[Round, Panel] | None = self.rounds.get(round_id)
        if found is None:
            with self.engine.connect() as connection:
                own = records.round_(connection, round_id)
                found = (own, records.panel(connection, own.panel_id))
            if own.state is not RoundState.DRAFT:  # a draft will open, and its questionnaire may still change
                self.rounds.put(round_id, found)
        return found

    def codes(self, panel_id: int) -> tuple[str, ...]:
        """The codes of a panel's experts, may be some minutes old."""
        found: tuple[str, ...] | None = self.rounds.get(("codes", panel_id))
        if found is None:
            with self.engine.connect() as connection:
                found = tuple(m.code for m in records.members_of(connection, panel_id))
            self.rounds.put(("codes", panel_id), found)
        return found

    def unreachable(self) -> str:
        """Why links made here would not open for experts, and what to do; empty where nothing speaks against them."""
        return self.config.unreachable()

    @property
    def loader(self) -> BaseLoader:
        """Where the pages come from."""
        return FileSystemLoader(templates() / "panel")

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=self.loader, autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        environment.filters.update(words.FILTERS)
        environment.globals.update(static=self.static, config=self.config, unreachable=self.unreachable)
        return environment

    def render(self, template: str, **values: Any) -> str:
        """Fill in a template; ``may`` tells a page what to offer, by method and address."""
        return self._templates.get_template(template).render(**({"may": _may} | values))

    @cached_property
    def static(self) -> Static:
        """Style and scripts."""
        return Static({name: templates() / room / "static" / name for name, room in _STATIC.items()})
