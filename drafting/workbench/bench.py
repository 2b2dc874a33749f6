"""What the pages share: the projects, the memory of results, the jobs, templates, the way in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from anyio import CapacityLimiter
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from drafting.desk.jobs import Jobs
from drafting.desk.memory import Memory
from drafting.resources import templates
from drafting.web.static import Static
from drafting.web.tokens import same
from drafting.workbench.access import Person
from drafting.workbench.held import Held
from drafting.workbench.home import Home, Place
from drafting.workbench.hosted import Hosted
from drafting.workbench.visit import StrangerError
from drafting.workbench.words import FILTERS

if TYPE_CHECKING:
    from starlette.requests import Request

    from drafting.panel.config import Config

_STATIC = {
    "style.css": "web/static", "workbench.css": "workbench/static", "workbench.js": "workbench/static",
    "moving.js": "workbench/static", "sheet.css": "html", "parking.js": "panel/static", "panel.js": "panel/static",
    "live.js": "web/static",
}  # fmt: skip
"""Static file -> folder of the templates."""
_THREADS = 16
_PROJECTS_OF_ALL = 10
"""Projects whose results a server has at hand."""


class Bench:
    """One running workbench: of one person on the own machine, or of everybody on a server.

    ``home``: the projects.
    ``port``: where it listens.
    ``url``: of the panel's database, which on a server holds the accounts, too; empty for the one beside the projects.
    ``config``: how a server is reached; None on the own machine.
    """

    def __init__(self, home: Home, port: int, url: str = "", config: Config | None = None) -> None:
        self.home = home
        self.port = port
        self.config = config
        self.panel = Hosted(self, url, config)
        self.threads = CapacityLimiter(_THREADS)
        """Pages that compute wait for each other; the experts' pages have threads of their own."""
        self.memory = Memory(most=_PROJECTS_OF_ALL) if config else Memory()
        self.jobs = Jobs()
        self.held = Held()
        self.session = secrets.token_urlsafe(32)
        self.csrf = secrets.token_urlsafe(32)
        self.secret = secrets.token_urlsafe(32)
        """By which a second start asks for a fresh start address."""
        self.when_ended: Callable[[], object] = lambda: None
        self._making = Lock()
        """Held from the choice of a new project's folder until it is somebody's: never two people in one."""
        self._starts: set[str] = set()
        self._lock = Lock()
        self.downloaded: dict[tuple[str, str, str], str] = {}
        """Session, by its mark in forms, project and input file -> digest of what was downloaded last in it."""

    @property
    def served(self) -> bool:
        """Whether several people with accounts come in; otherwise it is one on the own machine."""
        return self.config is not None

    def note_download(self, person: Person, project: str, file: str, content: bytes) -> None:
        """Remember from which state of an input file somebody works on."""
        self.downloaded[person.csrf, project, file] = hashlib.sha256(content).hexdigest()

    # --- whose projects ---
    def visible(self, person: Person) -> tuple[Place, ...]:
        """The projects that somebody sees, the one changed last first.

        Raises HomeError, PanelTroubleError.
        """
        places = self.home.projects()
        if person.local:
            return places
        own = self.panel.service().roles(person)
        return tuple(p for p in places if str(p.folder.resolve()) in own)

    @contextmanager
    def new_project(self, person: Person, wanted: str) -> Iterator[Path]:
        """A folder for a new project, which who makes it leads; on a server none that ever belonged to somebody.

        Raises OutputError if there can be no such folder.
        """
        from drafting.keeping.keeper import founding

        with self._making:
            taken = self.panel.service().known() if self.served else frozenset()
            folder = self.home.free(wanted, taken={Path(known).name.casefold() for known in taken})
            with founding(folder):
                yield folder
                if self.served:
                    self.panel.service().lead(person, folder)

    # --- the way in ---
    @property
    def hosts(self) -> frozenset[str]:
        """Values of the Host header that are answered."""
        if self.config is not None:
            return self.config.allowed_hosts
        return frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

    @property
    def origins(self) -> frozenset[str]:
        """Values of the Origin header that our own pages have."""
        scheme = "https" if self.config is not None and self.config.secure else "http"
        return frozenset(f"{scheme}://{host}" for host in self.hosts)

    def own(self, request: Request) -> Person:
        """Whoever works on the own machine.

        Raises StrangerError: somebody who has not come by the start address.
        """
        if not same(request.cookies.get(self.cookie, ""), self.session):
            raise StrangerError
        return Person(0, "", self.csrf, local=True)

    @property
    def cookie(self) -> str:
        """Name of the cookie: browsers do not tell ports apart."""
        return f"workbench-{self.port}"

    def new_start(self) -> str:
        """An address that opens the workbench once."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._starts.add(token)
        return f"http://127.0.0.1:{self.port}/start/{token}"

    def take_start(self, token: str) -> bool:
        """Use a start token up; False if it is none, or was used."""
        with self._lock:
            if token not in self._starts:
                return False
            self._starts.remove(token)
            return True

    # --- pages ---
    @cached_property
    def static(self) -> Static:
        """Style and script."""
        return Static({name: templates() / room / name for name, room in _STATIC.items()})

    @cached_property
    def _templates(self) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(templates() / "workbench"), autoescape=True, undefined=StrictUndefined,
            trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        environment.filters.update(FILTERS)
        environment.globals.update(static=self.static)
        return environment

    def render(self, template: str, **values: Any) -> str:
        """Fill in a template."""
        return self._templates.get_template(template).render(**values)

    def close(self) -> None:
        """Stop what runs."""
        self.jobs.close()
        self.memory.close()
        self.panel.close()
