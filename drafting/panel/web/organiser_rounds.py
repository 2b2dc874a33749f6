"""One round for the organiser: response board, opening and closing, results, dissent, files out and in, the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import BaseRoute

from drafting.analysis.weights.stopping import in_words
from drafting.files import OutputError
from drafting.panel import (
    accounts,
    asking,
    converting,
    exporting,
    importing,
    items,
    lifecycle,
    naming,
    records,
    reporting,
    results,
    submitting,
)
from drafting.panel.accounts import Who
from drafting.panel.mailing import Letter, MailError
from drafting.panel.records import NotFoundError, Panel, Round, RoundState, StateError
from drafting.panel.web.closed import closed_of, keep_panel, report_of
from drafting.panel.web.organiser import own_panel, own_round, settings_in_words
from drafting.panel.web.organiser_people import XLSX, table
from drafting.panel.web.posting import addresses, post
from drafting.panel.web.visit import Visit, route, see_other
from drafting.panel.web.words import deadline

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _board_values(visit: Visit) -> dict[str, Any]:
    """Who has come how far: counts, never an answer."""
    with visit.read() as connection:
        panel, own = own_round(visit, connection)
        members = records.members_of(connection, panel.id)
        progress = submitting.progress(connection, own.id)
        links = accounts.link_states(connection, panel.id, visit.service.now)
    of = asking.counts(panel.definition, own, members)
    members = tuple(m for m in members if of[m.code] or m.pseudonym in progress)
    none = submitting.Progress()
    often = [of[m.code] for m in members] or [0]
    return {
        "panel": panel, "round": own, "asked": of, "links": links, "here": "board",
        "questions": "～".join(map(str, sorted({min(often), max(often)}))),
        "left_out": asking.left_out(panel.definition, own),
        "people": [(m, progress.get(m.pseudonym, none)) for m in members],
        "submitted": sum(p.submitted > 0 for p in progress.values()),
        "started": sum(p.answered > 0 and not p.submitted for p in progress.values()),
        "changed": sum(p.unsubmitted > 0 for p in progress.values()), "now": visit.service.now,
    }  # fmt: skip


def _board(visit: Visit) -> Response:
    return visit.page("board.html.j2", **_board_values(visit), said="")


def _confirm_page(visit: Visit) -> Response:
    """Before opening or closing: what it means, with the frozen rules before the eyes."""
    values = _board_values(visit)
    panel: Panel = values["panel"]
    return visit.page(
        "confirm.html.j2", **values, rule=in_words(panel.rule), settings=settings_in_words(panel),
        telling=_telling(visit, panel, values["round"]),
    )  # fmt: skip


def _telling(visit: Visit, panel: Panel, own: Round) -> tuple[int, Round | None]:
    """How many opinions of the round before name an expert and will be read by the others, and that round."""
    with visit.read() as connection:
        before = lifecycle.previous_round(connection, own)
        if before is None or own.state is not RoundState.DRAFT:
            return 0, None
        _, found = closed_of(visit.service, connection, panel, before)
    codes = visit.service.codes(panel.id)
    return sum(o.passed_on and bool(naming.named(o.text, codes)) for o in found.opinions), before


def _open(visit: Visit) -> Response:
    with visit.read() as connection:
        _, own = own_round(visit, connection)
    if own.state is not RoundState.OPEN:  # a second click finds what the first has done
        visit.service.change(lambda c: lifecycle.open_round(c, own.id, visit.actor, visit.service.now))
    return see_other(f"/o/r/{own.id}")


def _close(visit: Visit) -> Response:
    with visit.read() as connection:
        _, own = own_round(visit, connection)
    if own.state is not RoundState.CLOSED:
        visit.service.change(lambda c: lifecycle.close_round(c, own.id, visit.actor, visit.service.now))
    keep_panel(visit.service, own.panel_id)  # once, here: the pages then only read
    return see_other(f"/o/r/{own.id}/results")


def _closed(visit: Visit) -> tuple[Panel, Round, Round | None, results.ClosedRound]:
    """A closed round, with the round that it is compared with."""
    with visit.read() as connection:
        panel, own = own_round(visit, connection)
        return panel, own, *closed_of(visit.service, connection, panel, own)


def _results(visit: Visit) -> Response:
    panel, own, before, found = _closed(visit)
    rule = in_words(panel.rule)
    return visit.page(
        "results.html.j2", panel=panel, round=own, shown=found.shown, before=before, here="results", rule=rule
    )


def _dissent(visit: Visit) -> Response:
    panel, own, _, found = _closed(visit)
    codes = visit.service.codes(panel.id)
    said = [(o, "、".join(naming.named(o.text, codes))) for o in found.opinions]
    return visit.page(
        "dissent.html.j2", panel=panel, round=own, groups=found.dissent, here="dissent", most=results.MOST_DISSENT,
        said=said, telling=sum(bool(names) and o.passed_on for o, names in said),
    )  # fmt: skip


def _closed_rounds(visit: Visit, panel: Panel) -> tuple[list[lifecycle.Snapshot], dict[str, str]]:
    with visit.read() as connection:
        rounds = [r for r in records.rounds_of(connection, panel.id) if r.state is RoundState.CLOSED]
        taken = [lifecycle.snapshot(connection, r.id) for r in rounds]
        codes = {m.pseudonym: m.code for m in records.members_of(connection, panel.id)}
    return taken, codes


def _files(visit: Visit, **more: Any) -> Response:
    with visit.read() as connection:
        panel, own = own_round(visit, connection)
    shared = {"exported": None, "returned": None, "fault": "", **more}
    return visit.page("files.html.j2", panel=panel, round=own, here="files", folder=panel.folder, **shared)


def _export(visit: Visit) -> Response:
    with visit.read() as connection:
        panel, own = own_round(visit, connection)
        taken = lifecycle.snapshot(connection, own.id)
    snapshots, codes = _closed_rounds(visit, panel)
    try:
        done = exporting.export(panel, taken, codes, converting.experts(snapshots, codes))
    except OutputError as error:
        return _files(visit, fault=str(error))
    detail = f"写出 {len(done.written)} 个，保留 {len(done.kept)} 个"
    visit.service.change(
        lambda c: records.record(
            c, visit.service.now, visit.actor, "exported", panel_id=panel.id, round_id=own.id, detail=detail
        )
    )
    return _files(visit, exported=done)


def _download(
    visit: Visit, make: Callable[[Panel, lifecycle.Snapshot, dict[str, str]], bytes], kind: str, suffix: str
) -> Response:
    with visit.read() as connection:
        panel, own = own_round(visit, connection)
        taken = lifecycle.snapshot(connection, own.id)
    _, codes = _closed_rounds(visit, panel)
    return attachment(make(panel, taken, codes), kind, f"{panel.title} {own.title}{suffix}")


def attachment(data: bytes, kind: str, name: str) -> Response:
    """A file to be saved."""
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type=kind, headers=headers)


def _zip(visit: Visit) -> Response:
    return _download(visit, exporting.archive, "application/zip", ".zip")


def _json(visit: Visit) -> Response:
    return _download(visit, lambda *a: exporting.as_json(*a).encode(), "application/json", ".json")


def _missing(visit: Visit) -> Response:
    """Reminders for those who have not submitted, for mail merge, each with a link that works.

    A link that was made before cannot be shown again; a further one is made, and those sent before stay in force.
    """
    values = _board_values(visit)
    panel, own = values["panel"], values["round"]
    if own.state is not RoundState.OPEN:
        raise StateError(f"{own.title}{own.state.chinese}，没有可催办的。")
    late = [(m, p) for m, p in values["people"] if not p.submitted or p.unsubmitted]
    urls = _further_links(visit, [m for m, _ in late])
    rows = [
        (m.code, _how_far(p, values["asked"][m.code]), urls[m.code], _reminder(panel, own, p, urls[m.code]))
        for m, p in late
    ]
    headings = ("专家代号", "进度", "链接", "邮件正文")
    return attachment(table("催办", headings, rows), XLSX, f"{panel.title} {own.title} 催办.xlsx")


def _further_links(visit: Visit, members: Sequence[records.Member]) -> dict[str, str]:
    """A further link for each expert, by code."""
    made = visit.service.change(lambda c: accounts.invite(c, members, visit.actor, visit.service.now, further=True))
    return {i.code: f"{visit.service.config.base_url}/l/{i.token}" for i in made}


def _how_far(p: submitting.Progress, asked: int) -> str:
    if p.submitted:
        return f"已提交，另有 {p.unsubmitted} 项改动未提交"
    return f"已答 {p.answered}/{asked}，未提交" if p.answered else "未作答"


def _reminder(panel: Panel, own: Round, p: submitting.Progress, url: str) -> str:
    until = f"请在 {deadline(own)} 前提交。" if deadline(own) else ""
    said = (
        "您提交之后又有改动，改动还没有提交，目前以先前提交的为准。" if p.submitted
        else "您已作答，但还没有提交，目前不计入；请打开链接，点“检查并提交”。" if p.answered
        else "尚未收到您的答复。"
    )  # fmt: skip
    return f"您好！《{panel.title}》{own.title}：{said}{until}您的专用链接（请勿转发）：{url} 。已填的答案都在。"


def _remind(visit: Visit) -> Response:
    """Send reminders by mail to those who have not submitted."""
    values = _board_values(visit)
    panel, own, relay = values["panel"], values["round"], visit.service.config.relay
    if relay is None or own.state is not RoundState.OPEN:
        raise NotFoundError
    try:
        known = addresses(visit, [m for m, _ in values["people"]])
    except MailError as error:
        return visit.message("没有发送", str(error), 422)
    late = [(m, p) for m, p in values["people"] if (not p.submitted or p.unsubmitted) and m.code in known]
    urls = _further_links(visit, [m for m, _ in late])
    subject = f"《{panel.title}》{own.title}催办"
    letters = [Letter(m.code, known[m.code], subject, _reminder(panel, own, p, urls[m.code])) for m, p in late]
    said = post(visit, panel, relay, letters) if letters else "没有需要催办的专家，或通讯录中没有他们。"
    return visit.page("board.html.j2", **values, said=said)


def _upload(visit: Visit) -> Response:
    with visit.read() as connection:
        panel, own = own_round(visit, connection)
        members = records.members_of(connection, panel.id)
    if own.state is not RoundState.OPEN:
        return _files(visit, fault=f"{own.title}{own.state.chinese}；寄回的工作簿只能导入正在征询的轮次。")
    sent = [f for f in visit.form.getlist("workbook") if isinstance(f, UploadFile) and f.filename]
    if not sent or len(sent) > importing.MOST_FILES:
        return _files(visit, fault=f"请选择 1～{importing.MOST_FILES} 个 .xlsx 工作簿。")
    done = [_take(visit, panel, own, members, file) for file in sent]
    return _files(visit, returned=done)


def _take(
    visit: Visit, panel: Panel, own: Round, members: Sequence[records.Member], file: UploadFile
) -> dict[str, Any]:
    name = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1][:120]
    data = file.file.read(importing.UPLOAD_LIMITS.file_bytes + 1)
    returned = importing.read_returned(panel, own, members, name, data)
    said = returned.fault
    if returned.usable:
        try:
            said = visit.service.change(
                lambda c: importing.save_returned(c, panel, own, returned, visit.actor, visit.service.now)
            )
        except (importing.IncompleteError, items.AnswerError, records.StateError) as error:
            returned = importing.Returned(name, returned.code, None, returned.findings, str(error))
            said = f"没有导入：{error}"
    return {"file": name, "code": returned.code, "ok": returned.usable, "said": said, "findings": returned.findings}


def _report(visit: Visit) -> Response:
    with visit.read() as connection:
        panel = own_panel(visit, connection)
        found = report_of(visit.service, connection, panel)
    kind = visit.request.query_params.get("to", "html")
    name = f"{panel.title} 专家咨询报告"
    match kind:
        case "json":
            return attachment(reporting.as_json(found).encode(), "application/json", f"{name}.json")
        case "md":
            return attachment(reporting.as_markdown(found).encode(), "text/markdown; charset=utf-8", f"{name}.md")
        case "docx":
            return attachment(reporting.as_docx(found), DOCX, f"{name}.docx")
    return visit.page("report.html.j2", panel=panel, report=found, here="report")


def routes() -> Sequence[BaseRoute]:
    """Addresses of this module."""
    who = Who.ORGANISER
    upload = importing.UPLOAD_BYTES
    return (
        route("/o/r/{round:int}", "board", who, get=_board),
        route("/o/r/{round:int}/open", "open", who, get=_confirm_page, post=_open),
        route("/o/r/{round:int}/close", "close", who, get=_confirm_page, post=_close),
        route("/o/r/{round:int}/results", "results", who, get=_results),
        route("/o/r/{round:int}/dissent", "dissent", who, get=_dissent),
        route("/o/r/{round:int}/files", "files", who, get=_files, post=_export),
        route("/o/r/{round:int}/upload", "upload", who, post=_upload, bytes_=upload),
        route("/o/r/{round:int}/answers.zip", "zip", who, get=_zip),
        route("/o/r/{round:int}/answers.json", "json", who, get=_json),
        route("/o/r/{round:int}/remind", "remind", who, post=_remind, bytes_=upload),
        route("/o/r/{round:int}/missing.xlsx", "missing", who, post=_missing),
        route("/o/p/{panel:int}/report", "report", who, get=_report),
    )
