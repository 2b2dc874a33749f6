"""The panel of experts inside the workbench: opened when a page first needs it, never before."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from drafting.workbench.access import Person
from drafting.workbench.trouble import PanelTroubleError

if TYPE_CHECKING:
    from drafting.panel.config import Config
    from drafting.workbench.bench import Bench
    from drafting.workbench.home import Home
    from drafting.workbench.inside import Inside

DATABASE = "专家咨询.sqlite3"
"""In the folder of projects, where ``drafting panel`` finds it that is started there."""
_INSTALL = '在网上征询专家须另行安装：pip install "cleaner-production-drafting[panel]"。问卷工作簿照常可用。'


def database_of(home: Home, *, make: bool = False) -> str:
    """The address of the database that lies beside the projects; with ``make`` their folder is made.

    Raises OSError: the folder cannot be made.
    """
    from sqlalchemy import URL

    if make:
        home.root.mkdir(parents=True, exist_ok=True)
    return URL.create("sqlite", database=str(home.root / DATABASE)).render_as_string()


class Hosted:
    """The panel's service and who comes in by it.

    ``url``: of the database; empty for the one beside the projects.
    ``config``: how a server is reached; None on the own machine.
    """

    def __init__(self, bench: Bench, url: str = "", config: Config | None = None) -> None:
        self._bench = bench
        self._url = url
        self._config = config
        self._lock = Lock()
        self._service: Inside | None = None
        self._opened = ""

    @property
    def url(self) -> str:
        """Of the database."""
        return self._url or database_of(self._bench.home)

    @property
    def is_made(self) -> bool:
        """Whether anybody was ever asked in the browser; looking makes nothing.

        Raises PanelTroubleError.
        """
        try:
            from drafting.panel.database import DatabaseError, is_made, open_database
        except ModuleNotFoundError as error:
            raise PanelTroubleError(_INSTALL) from error
        if self._service is not None and self._opened == self.url:
            return True
        try:
            engine = open_database(self.url)
            try:
                return is_made(engine)
            finally:
                engine.dispose()
        except DatabaseError as error:
            raise PanelTroubleError(str(error)) from error

    @property
    def running(self) -> Inside | None:
        """The service of a server that is up, without asking anybody: every answer of an expert comes this way."""
        return self._service if self._config is not None else None

    def service(self) -> Inside:
        """The panel's service, started.

        Raises PanelTroubleError: it is not installed, or the database cannot be used; the message is for people.
        """
        try:
            from drafting.panel.database import DatabaseError
            from drafting.workbench.inside import Inside
        except ModuleNotFoundError as error:
            raise PanelTroubleError(_INSTALL) from error
        with self._lock:
            url = self.url
            if self._service is not None and self._opened != url:  # the projects lie elsewhere now
                self._service.stop()
                self._service = None
            if self._service is None:
                try:
                    if not self._url:
                        database_of(self._bench.home, make=True)
                    made = Inside(self._bench, url, self._config)
                    made.start()
                except (DatabaseError, OSError) as error:
                    raise PanelTroubleError(str(error)) from error
                self._service, self._opened = made, url
            return self._service

    def person(self, request: Request, folder: str | None) -> Person:
        """Who asks on a server, and what in the project of a folder.

        Raises StrangerError, PanelTroubleError.
        """
        return self.service().person(request, folder)

    def folder(self, *, panel: Any, round_: Any) -> str:
        """The folder of the project that a panel or a round belongs to.

        Raises NotFoundError, PanelTroubleError.
        """
        return self.service().folder(panel=panel, round_=round_)

    def close(self) -> None:
        """Finish what waits and let go of the database."""
        with self._lock:
            if self._service is not None:
                self._service.stop()
                self._service = None
