"""The panel's service as the workbench runs it: the same database and pages, signed in by the workbench's door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from drafting.panel import accounts, membership
from drafting.panel.accounts import DAY, Session, Who
from drafting.panel.config import Config
from drafting.panel.records import Panel, panels_of
from drafting.panel.web import closed
from drafting.panel.web.service import Service
from drafting.panel.writer import UnavailableError
from drafting.resources import templates
from drafting.web.roles import Role
from drafting.web.static import Static
from drafting.web.tokens import same
from drafting.workbench.access import Person
from drafting.workbench.navigation import navigation
from drafting.workbench.trouble import PanelTroubleError
from drafting.workbench.visit import PERSON, NotFoundError, StrangerError, address

if TYPE_CHECKING:
    from drafting.workbench.bench import Bench
    from drafting.workbench.home import Place

T = TypeVar("T")
_HERE_ALONE = (
    "这些链接只有这台电脑自己打得开，发给别处的专家没有用。请专家来这台电脑上作答，或在“专家轮次”页生成邮寄的问卷；"
    "要让专家在自己的手机或电脑上作答，须由信息部门在服务器上安装工作台。"
)
_OWN_MACHINE = "工作台（本机）"
"""The organiser who stands for whoever works on the own machine; nobody has the password."""


class Inside(Service):
    """The panel's service inside a workbench."""

    home = "/"

    def __init__(self, bench: Bench, url: str, config: Config | None) -> None:
        super().__init__(url, config or Config(port=bench.port))
        self.bench = bench
        self._own = 0
        self._warming: Thread | None = None

    def start(self) -> None:
        """Begin; on the own machine all panels of the database are this person's."""
        super().start()
        if not self.bench.served:
            try:
                self._own = self.changing(lambda c: membership.join_all(c, _OWN_MACHINE, self.now))
            except PanelTroubleError:
                self.stop()
                raise
        self._warming = Thread(target=closed.remember, args=(self,), name="panel-results", daemon=True)
        self._warming.start()

    def stop(self) -> None:
        """End."""
        if self._warming is not None:
            self._warming.join()
        super().stop()

    # --- the database, with its troubles in words
    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection for reading.

        Raises PanelTroubleError.
        """
        try:
            with self.engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise PanelTroubleError("数据库暂时不可用，请稍候再试。没有改动任何内容。") from error

    def changing(self, work: Callable[[Connection], T]) -> T:
        """Run a change.

        Raises PanelTroubleError: the database is busy or cannot be written; Exception whatever `work` raises; nothing
        was changed then.
        """
        try:
            return self.change(work)
        except UnavailableError as error:
            raise PanelTroubleError("数据库正忙或不可写，请稍后再试。没有改动任何内容。") from error

    # --- who comes in
    def token(self, request: Request, who: Who) -> str | None:
        """On the own machine the workbench's cookie signs in."""
        if who is Who.ORGANISER and not self.bench.served:
            return request.cookies.get(self.bench.cookie)
        return super().token(request, who)

    def session(self, token: str | None, who: Who) -> Session | None:
        """The session of a cookie."""
        if who is Who.ORGANISER and not self.bench.served:
            known = same(token or "", self.bench.session)
            return Session(0, self.bench.csrf, self.now + DAY, None, self._own) if known else None
        return super().session(token, who)

    @property
    def own(self) -> int:
        """The organiser of the own machine."""
        return self._own

    def person(self, request: Request, folder: str | None) -> Person:
        """Who asks on a server, and what in the project of a folder.

        Raises StrangerError, PanelTroubleError.
        """
        with self.looking() as connection:
            token = self.token(request, Who.ORGANISER)
            session = accounts.session_for(connection, token, Who.ORGANISER, self.now)
            if session is None or session.organiser_id is None:
                raise StrangerError
            account = membership.person(connection, session.organiser_id)
            role = membership.role_in(connection, session.organiser_id, folder) if folder else None
        may = account is not None and account.administrator
        return Person(session.organiser_id, session.login, session.csrf, may, role)

    def folder(self, *, panel: Any, round_: Any) -> str:
        """The folder of the project that a panel or a round belongs to.

        Raises NotFoundError, PanelTroubleError.
        """
        if max(panel or 0, round_ or 0) > 2**31 - 1:
            raise NotFoundError
        with self.looking() as connection:
            found = membership.folder_of(connection, panel_id=panel, round_id=round_)
        if found is None:
            raise NotFoundError
        return found

    def known(self) -> frozenset[str]:
        """Folders of all projects that somebody belongs or belonged to."""
        with self.looking() as connection:
            return membership.known_folders(connection)

    def lead(self, person: Person, folder: Path) -> None:
        """Let somebody lead the project that was just made."""
        where = str(folder.resolve())
        self.changing(lambda c: membership.join(c, where, folder.name, person.id, Role.LEAD, person.actor, self.now))

    def roles(self, person: Person) -> dict[str, Role]:
        """Folder -> what somebody is in its project."""
        with self.looking() as connection:
            return dict(membership.roles_of(connection, person.id))

    # --- pages
    def unreachable(self) -> str:
        """On the own machine links open here alone, and nobody is sent to a terminal to change that."""
        return super().unreachable() if self.bench.served else _HERE_ALONE

    @property
    def loader(self) -> BaseLoader:
        """The panel's pages, the organisers' ones within the frame of the project."""
        own = templates() / "workbench"
        return ChoiceLoader(
            [
                FileSystemLoader(own / "panel"), FileSystemLoader(templates() / "panel"),
                PrefixLoader({"workbench": FileSystemLoader(own)}),
            ]
        )  # fmt: skip

    @property
    def static(self) -> Static:
        """One set of static files for all pages."""
        return self.bench.static

    def render(self, template: str, **values: Any) -> str:
        """Fill in a template; an organiser's page stands in the frame of the project."""
        visit, panel = values.get("visit"), values.get("panel")
        person = visit.request.scope.get(PERSON) if visit is not None else None
        place = self._place(panel) if person is not None and isinstance(panel, Panel) else None
        frame = {
            "screen": "rounds", "project": place, "person": person,
            **({"may": person.may} if person is not None else {}),
            "navigation": navigation(served=self.bench.served),
            "job": self.bench.jobs.of(place.folder) if place else None,
            "url": (lambda *parts, **query: address(place.name, *parts, **query)) if place else None,
        }  # fmt: skip
        return super().render(template, **(frame | values))

    def _place(self, panel: Panel) -> Place | None:
        found = self.bench.home.find(Path(panel.folder).name)
        return found if found is not None and str(found.folder.resolve()) == panel.folder else None

    def panels(self, person: Person, folder: Path) -> tuple[Panel, ...]:
        """The panels of a project."""
        with self.looking() as connection:
            found = panels_of(connection, person.id or self._own)
        return tuple(p for p in found if p.folder == str(folder.resolve()))
