"""人员: who belongs to a project and as what; accounts for the administrator; one's own password."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.web.roles import Role
from drafting.workbench.lost import lost, settle
from drafting.workbench.visit import RefusedError, Visit, screen, see_other

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from drafting.panel.membership import Belongs
    from drafting.workbench.home import Place
    from drafting.workbench.inside import Inside

T = TypeVar("T")
SHORTEST_PASSWORD = 12
MEANINGS = {
    Role.LEAD: "一切，包括人员、恢复版本、开始和结束专家轮次",
    Role.DRAFTER: "上传和下载文件、生成草案、处理意见、留存版本、发出和收回问卷",
    Role.READER: "看各页，下载可以对外发送的文件",
}


@dataclass(frozen=True, slots=True)
class Led:
    """A project with its people, for the administrator."""

    place: Place
    people: Sequence[Belongs]


def _change(service: Inside, work: Callable[[Connection], T]) -> T:
    from drafting.panel.membership import MembershipError

    try:
        return service.changing(work)
    except MembershipError as error:
        raise RefusedError("没有改动", str(error)) from error


def _folder(visit: Visit) -> str:
    return str(visit.place.folder.resolve())


# --- the people of a project
def _show(visit: Visit, **more: Any) -> Response:
    from drafting.panel import membership

    with visit.bench.panel.service().looking() as connection:
        people = membership.people_of(connection, _folder(visit))
    return visit.page("people.html.j2", people=people, roles=list(Role), meanings=MEANINGS, **({"fresh": None} | more))


def _set(visit: Visit) -> Response:
    """Let somebody belong to the project; a login that is new here gets an account, its password shown once."""
    from drafting.panel import membership

    service, folder, name = visit.bench.panel.service(), _folder(visit), visit.place.name
    if visit.text("do") == "leave":
        number = _number(visit, "person")
        _change(service, lambda c: membership.leave(c, folder, number, visit.person.actor, service.now))
        return see_other("/" if number == visit.person.id else visit.url("people"))
    role, login = _role(visit), visit.text("login", 80)

    def work(connection: Connection) -> tuple[str, str]:
        number, password = membership.enter(connection, login, service.now)
        membership.join(connection, folder, name, number, role, visit.person.actor, service.now)
        return " ".join(login.split()), password

    fresh = _change(service, work)
    return _show(visit, fresh=fresh) if fresh[1] else see_other(visit.url("people"))


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.text("role", 10))
    except ValueError as error:
        raise RefusedError("请选择角色", "负责人、编制人或只读。", 400) from error


def _number(visit: Visit, name: str) -> int:
    text = visit.text(name, 9)
    if not (text.isascii() and text.isdecimal()):
        raise RefusedError("没有改动", "没有这个人。", 400)
    return int(text)


# --- accounts
def _accounts(visit: Visit, **more: Any) -> Response:
    from drafting.panel import membership

    places = visit.bench.home.projects()

    with visit.bench.panel.service().looking() as connection:
        projects = [Led(p, membership.people_of(connection, str(p.folder.resolve()))) for p in places]
        persons = membership.persons(connection)
    free = [one.place.name for one in projects if not one.people]
    shown = {"persons": persons, "projects": projects, "fresh": None, "lost": lost(visit.bench), "free": free} | more
    return visit.page("accounts.html.j2", **shown)


def _account(visit: Visit) -> Response:
    from drafting.panel import accounts, membership

    service, what = visit.bench.panel.service(), visit.text("do", 20)
    match what:
        case "enter":
            login = visit.text("login", 80)
            _, password = _change(service, lambda c: membership.enter(c, login, service.now))
            if not password:
                raise RefusedError("没有改动", f"已经有用户名“{login}”。忘记密码时用“新密码”。")
            return _accounts(visit, fresh=(" ".join(login.split()), password))
        case "password":
            login, password = _login(visit, service), accounts.new_password()
            _change(service, lambda c: accounts.reset_password(c, login, password, service.now))
            return _accounts(visit, fresh=(login, password))
        case "administrator" | "plain":
            number = _number(visit, "person")
            _change(service, lambda c: membership.set_administrator(c, number, may=what == "administrator"))
        case "lead":
            place = _named(visit)
            login = _login(visit, service)

            def work(connection: Connection) -> None:
                number, _ = membership.enter(connection, login, service.now)
                folder = str(place.folder.resolve())
                membership.join(connection, folder, place.name, number, Role.LEAD, visit.person.actor, service.now)

            _change(service, work)
        case "moved":
            settle(visit, _named(visit))
        case _:
            raise RefusedError("没有改动", "不认识的操作。", 400)
    return see_other("/accounts")


def _named(visit: Visit) -> Place:
    """The project that a form names."""
    place = visit.bench.home.find(visit.text("of", 255))
    if place is None:
        raise RefusedError("没有改动", "没有这个项目。", 400)
    return place


def _login(visit: Visit, service: Inside) -> str:
    from drafting.panel import membership

    number = _number(visit, "person")
    with service.looking() as connection:
        found = membership.person(connection, number)
    if found is None:
        raise RefusedError("没有改动", "没有这个人。", 400)
    return found.login


# --- oneself
def _me(visit: Visit, status: int = 200, fault: str = "", said: str = "") -> Response:
    return visit.page("me.html.j2", status, fault=fault, said=said, shortest=SHORTEST_PASSWORD)


def _new_password(visit: Visit) -> Response:
    """A new password of one's own; all other browsers are signed out."""
    from drafting.panel import accounts
    from drafting.panel.accounts import Who
    from drafting.panel.web.visit import Visit as PanelVisit

    service, person = visit.bench.panel.service(), visit.person
    old, new = (str(visit.form.get(name) or "") for name in ("old", "new"))
    key = f"me|{person.id}"
    wait = service.login_limit.wait(key)
    if wait:
        return _me(visit, 429, f"连续不对，请 {round(wait + 0.5)} 秒后再试。")
    if not SHORTEST_PASSWORD <= len(new) <= accounts.LONGEST_PASSWORD:
        return _me(visit, 400, f"新密码至少 {SHORTEST_PASSWORD} 个字符。")
    if new != str(visit.form.get("again") or ""):
        return _me(visit, 400, "两次填写的新密码不同。")
    with service.looking() as connection:
        found = accounts.password_hash(connection, person.login)
    if found is None or not accounts.password_fits(found[1], old):
        service.login_limit.failed(key)
        return _me(visit, 401, "现在的密码不对。")
    service.login_limit.succeeded(key)

    def work(connection: Connection) -> str:
        accounts.reset_password(connection, person.login, new, service.now)
        return accounts.begin_organiser_session(connection, person.id, None, service.now)

    token = _change(service, work)
    response = see_other("/")
    PanelVisit(visit.request, service, Who.ORGANISER).set_cookie(response, Who.ORGANISER, token)
    return response


def routes() -> Sequence[BaseRoute]:
    """Addresses of this screen; there is none on the own machine."""
    return (
        screen("/p/{project}/people", "people", get=_show, post=_set),
        screen("/accounts", "accounts", get=_accounts, post=_account),
        screen("/me", "me", get=_me, post=_new_password),
    )
