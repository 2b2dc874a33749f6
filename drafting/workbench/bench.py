"""What the pages share: the projects, the memory of results, the jobs, templates, the way in."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import cached_property
from threading import Lock
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from drafting.desk.jobs import Jobs
from drafting.desk.memory import Memory
from drafting.resources import templates
from drafting.web.static import Static
from drafting.workbench.held import Held
from drafting.workbench.home import Home
from drafting.workbench.words import FILTERS

_STATIC = {
    "style.css": "web/static", "workbench.css": "workbench/static", "workbench.js": "workbench/static",
    "moving.js": "workbench/static", "sheet.css": "html",
}  # fmt: skip
"""Static file -> folder of the templates."""


class Bench:
    """
    One running workbench of one person.

    Parameters
    ----------
    home
        The projects.
    port
        Where it listens on loopback.
    """

    def __init__(self, home: Home, port: int) -> None:
        self.home = home
        self.port = port
        self.memory = Memory()
        self.jobs = Jobs()
        self.held = Held()
        self.session = secrets.token_urlsafe(32)
        self.csrf = secrets.token_urlsafe(32)
        self.secret = secrets.token_urlsafe(32)
        """By which a second start asks for a fresh start address."""
        self.when_ended: Callable[[], object] = lambda: None
        self._starts: set[str] = set()
        self._lock = Lock()
        self.downloaded: dict[tuple[str, str], str] = {}
        """Project and input file -> digest of what was downloaded last."""

    def note_download(self, project: str, file: str, content: bytes) -> None:
        """Remember from which state of an input file somebody works on."""
        self.downloaded[project, file] = hashlib.sha256(content).hexdigest()

    # --- the way in ---
    @property
    def hosts(self) -> frozenset[str]:
        """Values of the Host header that are answered."""
        return frozenset(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost"))

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
