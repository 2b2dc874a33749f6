"""Who belongs to which project, and as what. The persons are the organisers: one table, one password."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from drafting.panel import accounts
from drafting.panel import tables as t
from drafting.panel.database import migrate, open_database, writing
from drafting.panel.records import record
from drafting.panel.writer import UnavailableError
from drafting.web.roles import Role


class MembershipError(ValueError):
    """A change that would leave a project to nobody, or names nobody; the message is for people."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: int
    login: str
    administrator: bool


@dataclass(frozen=True, slots=True)
class Belongs:
    """A person of a project."""

    person: Person
    role: Role


def _persons() -> Select[tuple[int, str, int]]:
    o = t.organisers.c
    return select(o.id, o.login, o.administrator)


def person(connection: Connection, number: int) -> Person | None:
    """The person of a number."""
    row = connection.execute(_persons().where(t.organisers.c.id == number)).first()
    return None if row is None else Person(row.id, row.login, bool(row.administrator))


def persons(connection: Connection) -> tuple[Person, ...]:
    """Everybody with an account, in the order of entry."""
    rows = connection.execute(_persons().order_by(t.organisers.c.id))
    return tuple(Person(row.id, row.login, bool(row.administrator)) for row in rows)


def has_administrator(connection: Connection) -> bool:
    """Whether anybody may enter accounts."""
    return connection.scalar(select(t.organisers.c.id).where(t.organisers.c.administrator != 0)) is not None


def role_in(connection: Connection, number: int, folder: str) -> Role | None:
    """What somebody is in the project of a folder; None for a stranger."""
    m, p = t.project_organisers.c, t.projects.c
    found = connection.scalar(
        select(m.role).join(t.projects, m.project_id == p.id).where(m.organiser_id == number, p.folder == folder)
    )
    return None if found is None else Role(found)


def roles_of(connection: Connection, number: int) -> Mapping[str, Role]:
    """Folder -> what somebody is in its project."""
    m, p = t.project_organisers.c, t.projects.c
    rows = connection.execute(
        select(p.folder, m.role).join(t.projects, m.project_id == p.id).where(m.organiser_id == number)
    )
    return {row.folder: Role(row.role) for row in rows}


def folder_of(connection: Connection, *, panel_id: int | None = None, round_id: int | None = None) -> str | None:
    """The folder of the project that a panel or a round belongs to; None if there is none of that number."""
    query = select(t.projects.c.folder).join(t.panels, t.panels.c.project_id == t.projects.c.id)
    if round_id is not None:
        query = query.join(t.rounds, t.rounds.c.panel_id == t.panels.c.id).where(t.rounds.c.id == round_id)
    else:
        query = query.where(t.panels.c.id == panel_id)
    return connection.scalar(query)


def known_folders(connection: Connection) -> frozenset[str]:
    """Folders of all projects that somebody belongs or belonged to."""
    return frozenset(connection.scalars(select(t.projects.c.folder)))


@dataclass(frozen=True, slots=True)
class Registered:
    """A project as it was entered: its name then, its folder, who belongs to it, how many panels it has."""

    id: int
    name: str
    folder: str
    people: tuple[Belongs, ...]
    panels: int


def registered(connection: Connection) -> tuple[Registered, ...]:
    """All projects that somebody belongs to or was asked about, whether or not their folders are still there."""
    p = t.projects.c
    counted = select(t.panels.c.project_id, func.count().label("n")).group_by(t.panels.c.project_id)
    panels = {row.project_id: row.n for row in connection.execute(counted)}
    rows = connection.execute(select(p.id, p.name, p.folder).order_by(p.id)).all()
    found = (Registered(r.id, r.name, r.folder, people_of(connection, r.folder), panels.get(r.id, 0)) for r in rows)
    return tuple(one for one in found if one.people or one.panels)


def moved(connection: Connection, project: int, folder: str, name: str, actor: str, at: int) -> None:
    """Let a folder be that of a project which was entered under another: people and panels go with it.

    Nobody but who may see all projects decides this; what lies in a folder never does.

    Raises MembershipError: there is no such project, or the folder has people or panels of its own.
    """
    every = {one.id: one for one in registered(connection)}
    if project not in every:
        raise MembershipError("没有这个项目。")
    if any(one.folder == folder for one in every.values()):
        raise MembershipError(f"“{name}”已有自己的成员或网上征询，不能再沿用别的项目的。")
    p = t.projects.c
    connection.execute(t.projects.delete().where(p.folder == folder))  # an entry that is nobody's
    connection.execute(update(t.projects).where(p.id == project).values(folder=folder, name=name))
    record(connection, at, actor, "project-moved", subject=name, detail=f"{every[project].folder} -> {folder}")


def people_of(connection: Connection, folder: str) -> tuple[Belongs, ...]:
    """The people of a project, who leads first."""
    m, p, o = t.project_organisers.c, t.projects.c, t.organisers.c
    rows = connection.execute(
        select(o.id, o.login, o.administrator, m.role)
        .select_from(t.project_organisers.join(t.projects, m.project_id == p.id).join(t.organisers))
        .where(p.folder == folder)
        .order_by(o.id)
    )
    found = [Belongs(Person(r.id, r.login, bool(r.administrator)), Role(r.role)) for r in rows]
    return tuple(sorted(found, key=lambda b: list(Role).index(b.role)))


def join(connection: Connection, folder: str, name: str, number: int, role: Role, actor: str, at: int) -> None:
    """Let somebody belong to a project, or change the role there.

    Raises MembershipError: the project would have nobody who leads it.
    """
    project = connection.scalar(select(t.projects.c.id).where(t.projects.c.folder == folder))
    if project is None:
        made = connection.execute(insert(t.projects).values(name=name, folder=folder, created_at=at))
        key = made.inserted_primary_key
        project = int(key[0]) if key else 0
    if role is not Role.LEAD:
        _check_led(connection, folder, without=number)
    own = (t.project_organisers.c.project_id == project, t.project_organisers.c.organiser_id == number)
    if connection.execute(select(t.project_organisers).where(*own)).first() is None:
        row = {"project_id": project, "organiser_id": number, "role": str(role)}
        connection.execute(insert(t.project_organisers).values(**row))
    else:
        connection.execute(update(t.project_organisers).where(*own).values(role=str(role)))
    record(connection, at, actor, "member-set", subject=name, detail=f"{number} {role}")


def leave(connection: Connection, folder: str, number: int, actor: str, at: int) -> None:
    """Let somebody belong to a project no more.

    Raises MembershipError: the project would have nobody who leads it.
    """
    _check_led(connection, folder, without=number)
    project = select(t.projects.c.id).where(t.projects.c.folder == folder).scalar_subquery()
    m = t.project_organisers.c
    connection.execute(t.project_organisers.delete().where(m.project_id == project, m.organiser_id == number))
    record(connection, at, actor, "member-left", subject=folder.rsplit("/", 1)[-1], detail=str(number))


def _check_led(connection: Connection, folder: str, *, without: int) -> None:
    found = people_of(connection, folder)
    leads = [b for b in found if b.role is Role.LEAD]
    if leads and all(b.person.id == without for b in leads):
        raise MembershipError("项目至少要有一位负责人：请先让别人担任负责人。")


def enter(connection: Connection, login: str, at: int) -> tuple[int, str]:
    """Give an account to a login that has none; its number and the password, empty for one that was there.

    Raises MembershipError: no name, or one with signs that nobody sees, by which it looks like another.
    """
    name = " ".join(login.split())
    if not name:
        raise MembershipError("请写用户名。")
    if not name.isprintable():
        raise MembershipError("用户名中有看不见的字符，请重新输入，不要粘贴。")
    found = accounts.organiser_named(connection, name)
    if found is not None:
        return found, ""
    password = accounts.new_password()
    return accounts.add_organiser(connection, name, password, at), password


def set_administrator(connection: Connection, number: int, *, may: bool) -> None:
    """Let somebody enter accounts, or no more.

    Raises MembershipError: nobody would be left who may.
    """
    o = t.organisers.c
    others = connection.scalar(select(o.id).where(o.administrator != 0, o.id != number))
    if not may and others is None:
        raise MembershipError("至少要有一位管理员。")
    connection.execute(update(t.organisers).where(o.id == number).values(administrator=int(may)))


def join_all(connection: Connection, login: str, at: int) -> int:
    """Let one login, made where there is none, lead every project; its number. For the only person of a machine."""
    number = accounts.organiser_named(connection, login)
    if number is None:
        number = accounts.add_organiser(connection, login, accounts.new_password(), at)
    m = t.project_organisers.c
    own = select(m.project_id).where(m.organiser_id == number)
    for project in connection.scalars(select(t.projects.c.id).where(t.projects.c.id.not_in(own))).all():
        connection.execute(insert(t.project_organisers).values(project_id=project, organiser_id=number))
    return number


def make_administrator(url: str, login: str) -> str:
    """Enter an administrator from the command line and give a fresh password, also for a login that was there.

    Raises
    ------
    DatabaseError
        The database cannot be used.
    UnavailableError
        It is busy or cannot be written.
    MembershipError
        No name.
    """
    engine = open_database(url)
    try:
        migrate(engine)
        now = int(time.time())
        with writing(engine) as connection:
            number, password = enter(connection, login, now)
            if not password:
                password = accounts.new_password()
                accounts.reset_password(connection, " ".join(login.split()), password, now)
            set_administrator(connection, number, may=True)
            return password
    except DBAPIError as error:
        raise UnavailableError from error
    finally:
        engine.dispose()
