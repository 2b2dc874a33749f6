"""Takes one protection of the panel away, as a careless change would, to see which test notices.

Loaded into pytest by ``test_security_points.py`` with ``-p``; the variable DRAFTING_REMOVED names what is missing.
"""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from sqlalchemy import insert, select
from starlette.requests import Request
from starlette.routing import Route

from drafting.panel import accounts, config, exporting, figures, importing, lifecycle, records
from drafting.panel import tables as t
from drafting.panel.web import closed, entry, organiser_people, saving, service, visit
from drafting.web import limits, shield
from drafting.workbook import style


def _nothing(*_: Any, **__: Any) -> None:
    return None


def short_tokens() -> None:
    accounts.new_token = lambda: accounts.secrets.token_urlsafe(8)  # type: ignore[attr-defined]  # a module


def tokens_kept_as_they_are() -> None:
    accounts.digest = lambda token: token


def weak_passwords() -> None:
    accounts._hasher = lambda: SimpleNamespace(hash=lambda p: "md5:" + p, verify=lambda h, p: h == "md5:" + p)  # type: ignore[assignment]


def rounds_of_every_panel() -> None:
    found = records.round_
    records.round_ = lambda c, number, panel_id=None: found(c, number)
    everything = select(t.rounds).order_by(t.rounds.c.id)
    records.rounds_of = lambda c, panel_id: tuple(records._round(row) for row in c.execute(everything))


def panels_of_every_organiser() -> None:
    records.panel_for = lambda c, organiser, number: records.panel(c, number)


def answers_of_everybody() -> None:
    def all_answers(connection: Any, round_id: int, pseudonym: str) -> dict[str, tuple[str, int]]:
        rows = connection.execute(select(t.answers).where(t.answers.c.round_id == round_id))
        return {r.item: (r.value, r.version) for r in rows}

    records.answers_of = all_answers
    saving.records.answers_of = all_answers


def links_not_revocable() -> None:
    accounts.end_links = _nothing


def links_without_end() -> None:
    found = accounts.link_member
    accounts.link_member = lambda c, token, at: found(c, token, 0)


def sessions_without_end() -> None:
    found = accounts.session_for
    accounts.session_for = lambda c, token, who, at: found(c, token, who, 0)


def sessions_of_any_kind() -> None:
    accounts.session_for = lambda c, token, who, at: accounts.session_of(c, token or "", at)
    visit.Visit.organiser_id = property(lambda self: 1)  # type: ignore[assignment]  # the second lock behind it


def sessions_that_stay() -> None:
    accounts.end_session = _nothing


def get_that_enters() -> None:
    entry._start_page = entry._start


def token_in_the_address() -> None:
    found = entry._start

    def start(seen: Any) -> Any:
        reply = found(seen)
        if reply.status_code == 303:
            reply.headers["location"] = f"/e?link={seen.request.path_params['token']}"
        return reply

    entry._start = start


def cookies_without_host() -> None:
    config.Config.cookie = lambda self, name: f"plain-{name}"  # type: ignore[method-assign]


def cookies_without_flags() -> None:
    visit.Visit.set_cookie = lambda self, reply, who, token, seconds=None: reply.set_cookie(  # type: ignore[method-assign]
        self.service.config.cookie(who.value), token
    )


def plain_http_anywhere() -> None:
    config.is_loopback = lambda host: True


def no_warning() -> None:
    config.Config.plain_lan = False  # type: ignore[assignment, method-assign]


def forms_without_secret() -> None:
    visit._check_csrf = _nothing


def answers_without_secret() -> None:
    saving.same = lambda sent, expected: True


def _without_header(name: str) -> Callable[[], None]:
    return lambda: shield._HEADERS.pop(name) and None


def replies_kept_by_browsers() -> None:
    shield._NO_STORE = ()  # type: ignore[assignment]


def failures_not_counted() -> None:
    limits.Slowdown.wait = lambda self, key: 0.0  # type: ignore[method-assign]


def any_host() -> None:
    class Everybody(frozenset[str]):
        def __contains__(self, host: object) -> bool:
            return True

    config.Config.allowed_hosts = Everybody()  # type: ignore[assignment, method-assign]


def figures_of_open_rounds() -> None:
    def taken(connection: Any, round_id: int) -> lifecycle.Snapshot:
        found = records.round_(connection, round_id)
        content: Any = lifecycle._snapshot(connection, records.panel(connection, found.panel_id), found)
        answers = content["answers"].items()
        return lifecycle.Snapshot(
            found, "x", tuple(content["members"]), {p: a["values"] for p, a in answers},
            {p: records.Channel(a["channel"]) for p, a in answers},
        )  # fmt: skip

    lifecycle.snapshot = taken
    lifecycle.snapshot_sha256 = lambda connection, found: "x"
    closed.lifecycle.snapshot = taken


def figures_of_few() -> None:
    import weighting.feedback

    weighting.feedback.MINIMUM_ANSWERS = figures.MINIMUM_ANSWERS = 1
    found = figures.feedback
    figures.feedback = lambda *a, **k: found(*a, **k, minimum_answers=1)


def pseudonyms_by_code() -> None:
    def add(connection: Any, panel_id: int, codes: Iterable[str], tables: Any = None) -> None:
        hashed = {code: urlsafe_b64encode(sha256(code.encode()).digest()).decode()[:43] for code in codes}
        rows = [{"panel_id": panel_id, "code": code, "pseudonym": name} for code, name in hashed.items()]
        connection.execute(insert(t.members), rows)

    lifecycle._add_members = add


def times_in_exports() -> None:
    found = exporting.as_json

    def with_times(owner: Any, taken: Any, codes: Any) -> str:
        return json.dumps(json.loads(found(owner, taken, codes)) | {"at": 1_234_567_890}, ensure_ascii=False)

    exporting.as_json = with_times


def uploads_of_any_size() -> None:
    importing.UPLOAD_LIMITS = replace(
        importing.UPLOAD_LIMITS, part_bytes=1 << 40, total_bytes=1 << 40, file_bytes=1 << 40, ratio=1 << 40
    )


def bodies_of_any_size() -> None:
    def unlimited(*a: Any, max_body_size: int = 0, **k: Any) -> Route:
        return Route(*a, **k)

    def whole(request: Request, most: int) -> Request:
        return request

    visit.Route = unlimited  # type: ignore[assignment, misc]
    visit.limited = saving.limited = whole


def formulas_in_tables() -> None:
    def raw(cell: Any, value: Any) -> None:
        cell.value = value

    organiser_people.put = exporting.put = style.put = raw


def addresses_in_the_log() -> None:
    def write(scope: Any, status: int, began: float) -> None:
        shield.log.info(json.dumps({"page": "link", "path": scope["path"]}))

    shield.Shield._write = staticmethod(write)  # type: ignore[method-assign, assignment]


def markup_of_experts() -> None:
    found = service.Environment
    service.Environment = lambda **k: found(**{**k, "autoescape": False})  # type: ignore[assignment, misc]


def rows_that_can_change() -> None:
    import importlib

    importlib.import_module("drafting.panel.migrations.versions.0001_first")
    import alembic.op

    found = alembic.op.execute
    alembic.op.execute = lambda statement, *a, **k: (  # type: ignore[assignment]
        None if "TRIGGER" in str(statement) or "FUNCTION" in str(statement) else found(statement, *a, **k)
    )


REMOVALS: dict[str, Callable[[], None]] = {
    name: found
    for name, found in list(globals().items())
    if callable(found) and getattr(found, "__module__", "") == __name__ and not name.startswith("_")
} | {
    "no_content_policy": _without_header("content-security-policy"),
    "sniffing": _without_header("x-content-type-options"),
    "referrers": _without_header("referrer-policy"),
    "frames": _without_header("x-frame-options"),
}


def pytest_configure() -> None:
    """Remove what the environment names."""
    name = os.environ.get("DRAFTING_REMOVED")
    if name:
        REMOVALS[name]()
