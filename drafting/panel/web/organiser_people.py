"""Invitations: personal links shown once, with QR codes and a table for mail merge; links revoked."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

from openpyxl import Workbook
from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.panel import accounts, records
from drafting.panel.accounts import Invitation, Who
from drafting.panel.importing import UPLOAD_BYTES
from drafting.panel.mailing import Letter, MailError
from drafting.panel.records import Panel
from drafting.panel.web.organiser import own_panel
from drafting.panel.web.posting import addresses, post
from drafting.panel.web.visit import Visit, flags, route, see_other
from drafting.workbook.style import cell_at, put

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHORTEST, _LONGEST = 1, 365


def _people(visit: Visit) -> Response:
    with visit.read() as connection:
        panel = own_panel(visit, connection)
        members = records.members_of(connection, panel.id)
        states = accounts.link_states(connection, panel.id, visit.service.now)
    return visit.page(
        "people.html.j2", panel=panel, members=members, states=states, here="people", days=accounts.LINK_DAYS
    )


def _invite(visit: Visit) -> Response:
    """Make links and show them: this answer is the only place where they can be read."""
    with visit.read() as connection:
        panel = own_panel(visit, connection)
        members = records.members_of(connection, panel.id)
    wanted = set(flags(visit.form, "member"))
    chosen = [m for m in members if str(m.id) in wanted]
    days = visit.text("days")
    if not chosen or not days.isdecimal() or not _SHORTEST <= int(days) <= _LONGEST:
        return visit.message("没有生成链接", f"请至少选择一名专家，有效期填 {_SHORTEST}～{_LONGEST} 天。", 422)
    relay = visit.service.config.relay
    try:
        known = addresses(visit, members)
    except MailError as error:
        return visit.message("没有生成链接", str(error), 422)
    fresh = visit.service.change(lambda c: accounts.invite(c, chosen, visit.actor, visit.service.now, int(days)))
    base = visit.service.config.base_url
    shown = [{"code": i.code, "url": f"{base}/l/{i.token}", "qr": _qr(f"{base}/l/{i.token}")} for i in fresh]
    letters = [
        Letter(i.code, known[i.code], f"《{panel.title}》专家咨询", _invitation(panel, f"{base}/l/{i.token}"))
        for i in fresh
        if i.code in known
    ]
    mailed = post(visit, panel, relay, letters) if relay and letters else ""
    merged = base64.b64encode(_mail_merge(panel, fresh, base)).decode()
    return visit.page(
        "links.html.j2",
        panel=panel,
        links=shown,
        merge=f"data:{XLSX};base64,{merged}",
        here="people",
        days=days,
        mailed=mailed,
    )


def _qr(url: str) -> str:
    import segno

    return str(segno.make(url, error="m").png_data_uri(scale=5, border=2))


def _invitation(panel: Panel, url: str) -> str:
    return (
        f"您好！请参加《{panel.title}》专家咨询。您的专用链接（请勿转发）：{url} 。"
        "打开后点“开始”；答案随填随存，可随时离开，换手机或电脑用同一链接继续。"
    )


def _mail_merge(panel: Panel, fresh: Sequence[Invitation], base: str) -> bytes:
    """A table for a word processor's mail merge: code, link, text."""
    urls = [(i.code, f"{base}/l/{i.token}") for i in fresh]
    rows = [(code, url, _invitation(panel, url)) for code, url in urls]
    return table("邮件合并", ("专家代号", "链接", "邮件正文"), rows)


def table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook of text cells; what starts like a formula stays text."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for column, text in enumerate(headings, start=1):
        put(cell_at(sheet, 1, column), text)
        sheet.column_dimensions["ABCDEFGH"[column - 1]].width = 20 if column == 1 else 60
    for number, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            put(cell_at(sheet, number, column), text)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _revoke(visit: Visit) -> Response:
    with visit.read() as connection:
        panel = own_panel(visit, connection)
        member = records.member(connection, visit.number("member"), panel_id=panel.id)
    visit.service.change(lambda c: accounts.end_links(c, member, visit.actor, visit.service.now))
    return see_other(f"/o/p/{panel.id}/people")


def routes() -> Sequence[BaseRoute]:
    """Addresses of this module."""
    who = Who.ORGANISER
    return (
        route("/o/p/{panel:int}/people", "people", who, get=_people, post=_invite, bytes_=UPLOAD_BYTES),
        route("/o/p/{panel:int}/people/{member:int}/revoke", "revoke", who, post=_revoke),
    )
