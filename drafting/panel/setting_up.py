"""``drafting panel create`` and ``password``: project, panel and organiser in one transaction; a new password."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from drafting.panel import accounts, lifecycle
from drafting.panel import tables as t
from drafting.panel.database import DatabaseError, is_made, migrate, open_database, writing
from drafting.panel.writer import UnavailableError


@dataclass(frozen=True, slots=True)
class Made:
    """What was set up; the password is known here and nowhere else, empty for a login that was there before."""

    panel_id: int
    title: str
    experts: int
    login: str
    password: str


def set_up(url: str, folder: Path, login: str, title: str = "") -> Made:
    """Set a panel up from a project folder.

    Raises DatabaseError, NoProjectError, ProjectUnreadyError: nothing was set up; UnavailableError: the database is
    busy or cannot be written.
    """
    source = lifecycle.read_source(folder)
    engine = open_database(url)
    migrate(engine)
    name = title.strip() or source.name
    now = int(time.time())

    def work(connection: Connection) -> Made:
        organiser = accounts.organiser_named(connection, login)
        password = ""
        if organiser is None:
            password = accounts.new_password()
            organiser = accounts.add_organiser(connection, login, password, now)
        project = lifecycle.enter_project(connection, source, organiser, now)
        panel_id = lifecycle.create_panel(connection, project, name, source, f"organiser:{organiser}", now)
        return Made(panel_id, name, len(source.codes), login, password)

    try:
        with writing(engine) as connection:
            return work(connection)
    except DBAPIError as error:
        raise UnavailableError from error
    finally:
        engine.dispose()


def new_password_for(url: str, login: str) -> str:
    """Give an organiser a new password, also while the server runs.

    Raises DatabaseError: no such database or organiser; the message names those that there are; UnavailableError: The
    database is busy or cannot be written.
    """
    engine = open_database(url)
    try:
        if not is_made(engine):
            raise DatabaseError("没有这个数据库，或其中还没有征询；请检查 --database。")
        migrate(engine)
        fresh = accounts.new_password()
        with writing(engine) as connection:
            if accounts.reset_password(connection, login, fresh, int(time.time())):
                return fresh
            known = "、".join(connection.scalars(select(t.organisers.c.login).order_by(t.organisers.c.id)))
        raise DatabaseError(f"没有用户名为“{login}”的组织者；现有：{known or '无'}。")
    except DBAPIError as error:
        raise UnavailableError from error
    finally:
        engine.dispose()
