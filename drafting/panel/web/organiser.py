"""The organisers' pages: panels, rounds and their rules, the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select
from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.analysis.weights.stopping import in_words
from drafting.model.settings import Settings
from drafting.model.sheet import rows
from drafting.panel import furthest, lifecycle, records
from drafting.panel import tables as t
from drafting.panel.accounts import Who
from drafting.panel.definition import Instrument
from drafting.panel.records import NotFoundError, Panel, Round, RoundState
from drafting.panel.times import read_time
from drafting.panel.web.closed import keep_panel
from drafting.panel.web.visit import Visit, possible, route, see_other
from drafting.project.folder import NoProjectError

ACTIONS = {
    "panel-created": "建立征询",
    "panel-refreshed": "从项目更新",
    "rules-frozen": "冻结问卷与规则",
    "round-prepared": "准备一轮",
    "round-opened": "开始一轮",
    "round-closed": "结束一轮",
    "link-made": "生成链接",
    "link-revoked": "停用链接",
    "link-used": "经链接进入",
    "submitted": "提交",
    "workbook-taken": "导入工作簿",
    "exported": "导出到项目",
    "login": "登录",
    "login-failed": "登录失败",
    "deadline-set": "设定截止时间",
    "password-reset": "重设密码",
    "mail-sent": "发送邮件",
}


def own_panel(visit: Visit, connection: Connection) -> Panel:
    """The panel asked for, if it is the organiser's."""
    return records.panel_for(connection, visit.organiser_id, visit.number("panel"))


def own_round(visit: Visit, connection: Connection) -> tuple[Panel, Round]:
    """The round asked for with its panel, if it is the organiser's."""
    own = records.round_(connection, visit.number("round"))
    return records.panel_for(connection, visit.organiser_id, own.panel_id), own


def _home(visit: Visit) -> Response:
    with visit.read() as connection:
        panels = records.panels_of(connection, visit.organiser_id)
        rounds = {p.id: records.rounds_of(connection, p.id) for p in panels}
        projects = _projects(connection, visit.organiser_id)
    return visit.page("panels.html.j2", panels=panels, rounds=rounds, projects=projects)


def _projects(connection: Connection, organiser_id: int) -> list[Any]:
    may = select(t.project_organisers.c.project_id).where(t.project_organisers.c.organiser_id == organiser_id)
    return list(connection.execute(select(t.projects).where(t.projects.c.id.in_(may)).order_by(t.projects.c.id)))


def _new_panel(visit: Visit) -> Response:
    """Set up another panel on a project that is known."""
    number = visit.text("project")
    with visit.read() as connection:
        project = next((p for p in _projects(connection, visit.organiser_id) if str(p.id) == number), None)
    if project is None:
        raise NotFoundError
    try:
        source = lifecycle.read_source(Path(project.folder))
    except (NoProjectError, lifecycle.ProjectUnreadyError) as error:
        return visit.message("不能建立征询", str(error), 409)
    title = visit.text("title") or source.name
    panel_id = visit.service.change(
        lambda c: lifecycle.create_panel(
            c, project.id, title, source, visit.actor, visit.service.now, known=newest_known(visit)
        )
    )
    return see_other(f"/o/p/{panel_id}")


def newest_known(visit: Visit) -> int | None:
    """What the form had seen when it was shown: a second click on it makes nothing twice."""
    number = visit.text("known")
    return possible(int(number)) if number.isascii() and number.isdecimal() and len(number) < 20 else None


def settings_in_words(panel: Panel) -> list[tuple[str, str]]:
    """The frozen settings with their names."""
    labels = {r.field: r.label for r in rows(Settings)}
    return [(labels[name], str(value)) for name, value in panel.definition.settings.items()]


def _panel(visit: Visit) -> Response:
    with visit.read() as connection:
        panel = own_panel(visit, connection)
        rounds = records.rounds_of(connection, panel.id)
        members = records.members_of(connection, panel.id)
    busy = {r.track for r in rounds if r.state is not RoundState.CLOSED}
    available = [i for i in Instrument if i.track not in busy and panel.definition.of(i)]
    return visit.page(
        "panel.html.j2",
        panel=panel,
        rounds=rounds,
        members=members,
        available=available,
        rule=in_words(panel.rule),
        reasons=furthest.in_words(panel.definition.reasons),
        settings=settings_in_words(panel),
        here="panel",
        now=visit.service.now,
    )


def _refresh(visit: Visit) -> Response:
    with visit.read() as connection:
        panel = own_panel(visit, connection)
    try:
        source = lifecycle.read_source(Path(panel.folder))
    except (NoProjectError, lifecycle.ProjectUnreadyError) as error:
        return visit.message("不能更新", str(error), 409)
    visit.service.change(lambda c: lifecycle.refresh_panel(c, panel, source, visit.actor, visit.service.now))
    keep_panel(visit.service, panel.id)
    return see_other(f"/o/p/{panel.id}")


def deadline_of(visit: Visit) -> tuple[int | None, bool]:
    """The deadline that a form names, and whether it is held to.

    Raises ValueError: no time.
    """
    return read_time(visit.text("deadline", 40)), visit.text("holds") == "1"


def _no_time(visit: Visit) -> Response:
    return visit.message("截止时间不对", "请写成 2026-12-01 18:00 这样的日期和时间，或留空。", 422)


def _deadline(visit: Visit) -> Response:
    """Move the deadline of a round that has not ended."""
    with visit.read() as connection:
        _, own = own_round(visit, connection)
    try:
        deadline, holds = deadline_of(visit)
    except ValueError:
        return _no_time(visit)
    visit.service.change(
        lambda c: lifecycle.set_deadline(c, own.id, deadline, holds=holds, actor=visit.actor, at=visit.service.now)
    )
    return see_other(f"/o/r/{own.id}")


def _prepare(visit: Visit) -> Response:
    with visit.read() as connection:
        panel = own_panel(visit, connection)
    try:
        instrument = Instrument(visit.text("instrument"))
    except ValueError:
        return visit.message("请选择征询方式", "请选择权重分配、重要性评分或两两比较。", 422)
    notice = visit.text("notice", 2_000)
    try:
        deadline, holds = deadline_of(visit)
    except ValueError:
        return _no_time(visit)
    visit.service.change(
        lambda c: lifecycle.prepare_round(
            c, panel, instrument, visit.actor, visit.service.now, notice=notice, deadline_at=deadline,
            deadline_holds=holds, known=newest_known(visit),
        )
    )  # fmt: skip
    return see_other(f"/o/p/{panel.id}")


def _audit(visit: Visit) -> Response:
    before = visit.request.query_params.get("before", "")
    with visit.read() as connection:
        panel = own_panel(visit, connection)
        lines = records.audit_of(
            connection, panel.id, before=possible(int(before[:12])) if before.isdecimal() else None
        )
        rounds = {r.id: r for r in records.rounds_of(connection, panel.id)}
        saved = {r.id: records.answers_saved(connection, r.id) for r in rounds.values()}
        codes = {m.pseudonym: m.code for m in records.members_of(connection, panel.id)}
        names = {f"organiser:{row.id}": row.login for row in connection.execute(select(t.organisers))}
    return visit.page(
        "audit.html.j2",
        panel=panel,
        lines=lines,
        rounds=rounds,
        saved=saved,
        actions=ACTIONS,
        here="audit",
        who={**codes, **names},
        last=lines[-1].id if len(lines) == 200 else None,
    )


def routes() -> Sequence[BaseRoute]:
    """Addresses of this module."""
    who = Who.ORGANISER
    return (
        route("/o", "panels", who, get=_home, post=_new_panel),
        route("/o/p/{panel:int}", "panel", who, get=_panel),
        route("/o/p/{panel:int}/refresh", "refresh", who, post=_refresh),
        route("/o/p/{panel:int}/rounds", "prepare", who, post=_prepare),
        route("/o/r/{round:int}/deadline", "deadline", who, post=_deadline),
        route("/o/p/{panel:int}/audit", "audit", who, get=_audit),
    )
