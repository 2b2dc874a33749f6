"""Letters to experts from the organiser's pages; only where the server knows a mail server."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from starlette.datastructures import UploadFile

from drafting.panel import records
from drafting.panel.importing import UPLOAD_LIMITS
from drafting.panel.mailing import Letter, MailError, Relay, read_addresses, send
from drafting.panel.records import Member, Panel
from drafting.panel.web.visit import Visit

FIELD = "addresses"
"""Name of the upload with codes and addresses."""


def addresses(visit: Visit, members: Sequence[Member]) -> dict[str, str]:
    """The uploaded addresses by code, empty if no file was chosen.

    Raises MailError: the file cannot be used.
    """
    sent = visit.form.get(FIELD)
    if visit.service.config.relay is None or not isinstance(sent, UploadFile) or not sent.filename:
        return {}
    return read_addresses(sent.file.read(UPLOAD_LIMITS.file_bytes + 1), [m.code for m in members])


def post(visit: Visit, panel: Panel, relay: Relay, letters: Sequence[Letter]) -> str:
    """Send letters, write it into the audit log and say what became of them."""
    try:
        sent, refused = send(relay, letters)
    except MailError as error:
        return f"邮件没有发出：{error}"

    def note(connection: Connection) -> None:
        for code in sent:
            records.record(connection, visit.service.now, visit.actor, "mail-sent", panel_id=panel.id, subject=code)

    visit.service.change(note)
    failed = f"；未能发送：{'、'.join(refused)}" if refused else ""
    return f"已发送邮件 {len(sent)} 封{failed}。"
