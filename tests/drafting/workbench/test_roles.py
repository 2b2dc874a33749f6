"""Several people on one server: every address by every role, foreign projects, accounts, no file lost."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import openpyxl
import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from drafting.keeping.versions import read_file, versions_of
from drafting.panel import accounts, membership
from drafting.panel import tables as t
from drafting.panel.config import Config
from drafting.web.roles import Role
from drafting.workbench import access
from drafting.workbench.access import NEEDS, Need, guarded
from drafting.workbench.app import own_routes, panel_routes
from drafting.workbench.bench import Bench
from drafting.workbench.home import Home
from tests.drafting.panel.client import _weak_hasher
from tests.drafting.survey_projects import write_project

from .house import ORIGIN, Colleague, House, hidden


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(scope="module")
def people(house: House) -> dict[str, Colleague]:
    """One of each role in 甲, somebody of another project only, the administrator, nobody."""
    here = write_project(house.bench.home.root / "甲", [])
    there = write_project(house.bench.home.root / "乙", [])
    found = {}
    for login, role in (("负责", Role.LEAD), ("编制", Role.DRAFTER), ("只看", Role.READER)):
        number = house.account(login)
        house.belongs(number, here, role)
        found[login] = house.colleague(number)
    other = house.account("别处")
    house.belongs(other, there, Role.LEAD)
    found["别处"] = house.colleague(other)
    found["管理"] = house.colleague(house.account("管理", administrator=True))
    found["无名"] = house.colleague()

    def rounds(connection: Any) -> None:
        where = str(here.resolve())
        project = connection.scalar(t.projects.select().with_only_columns(t.projects.c.id).filter_by(folder=where))
        panel = {"project_id": project, "title": "x", "definition": "", "definition_sha256": "", "rule": "",
                 "rule_sha256": "", "created_at": 0}  # fmt: skip
        connection.execute(t.panels.insert().values(id=1, **panel))
        row = {"panel_id": 1, "track": "delphi", "number": 1, "instrument": "allocation", "state": "draft"}
        connection.execute(t.rounds.insert().values(id=1, **row))

    house.service.change(rounds)
    return found


PARTS = {"project": "甲", "slot": "survey", "name": "x", "code": "E1", "number": "1", "identity": "x", "token": "x",
         "panel:int": "1", "round:int": "1", "group:int": "0", "member:int": "1", "token:path": "x"}  # fmt: skip


def filled(path: str) -> str:
    for name, value in PARTS.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, path
    return path


def walked(bench: Bench) -> tuple[Starlette, list[tuple[str, str]]]:
    """All addresses behind the door, with nothing but the door: whoever gets in is told so."""
    routes = [*own_routes(bench), *panel_routes()]

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("inside", 299)(scope, receive, send)

    asked = []
    for route in routes:
        assert isinstance(route, Route)
        asked += [(method, route.path) for method in sorted(route.methods or ()) if method != "HEAD"]
        route.app = inside
    app = Starlette(routes=[guarded(bench, route) for route in routes])
    return app, asked


def test_every_address_by_every_role(house: House, people: dict[str, Colleague]) -> None:
    """
    The table is held from outside: what it means for each role is said here again, in other words.

    A stranger to the project learns nothing, not even that there is one; who only reads changes nothing at all; the
    panel's administration is the lead's; experts' pages and the ways in are open.
    """
    app, asked = walked(house.bench)
    assert {path for _, path in asked} <= NEEDS.keys(), "an address without a row of the table"
    cookies = {name: "; ".join(f"{k}={v}" for k, v in one.http.cookies.items()) for name, one in people.items()}

    async def ask(method: str, path: str, name: str) -> int:
        """By the application's own interface: a client of HTTP takes ten times as long."""
        said: list[Any] = []
        headers = [(b"host", b"127.0.0.1:8433"), (b"cookie", cookies[name].encode())]
        scope = {"type": "http", "http_version": "1.1", "method": method, "path": filled(path), "headers": headers,
                 "raw_path": b"", "query_string": b"", "root_path": "", "scheme": "http", "app": app}  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        await app(scope, receive, send)
        return int(said[0]["status"])

    async def walk() -> dict[tuple[str, str, str], int]:
        return {(m, p, name): await ask(m, p, name) for (m, p), name in product(asked, people)}

    got = asyncio.run(walk())
    inside = {key for key, status in got.items() if status == 299}
    for method, path in asked:
        may = {name for name in people if (method, path, name) in inside}
        of_project = "{project}" in path or path.startswith(("/o/p", "/o/r"))
        if f"{path}/".startswith(("/e/", "/l/", "/static/")) or path in ("/login", "/health", "/o/leave"):
            assert may == set(people), path
        elif path in ("/start/{token}", "/again", "/end", "/folder", "/o"):
            assert may == set(), path
        elif path == "/accounts":
            assert may == {"管理"}
        elif not of_project:
            assert may == set(people) - {"无名"}, path
        else:
            assert may <= {"负责", "编制", "只看"}, path
            assert "负责" in may, path
            assert "编制" in may or "只看" not in may, path  # no role may what a greater one may not
            if method == "POST":
                assert "只看" not in may, path
            assert {got[method, path, n] for n in ("别处", "管理")} == {404}, path
            assert got[method, path, "无名"] == 303, path  # to sign in
            assert {got[method, path, n] for n in ("编制", "只看") if n not in may} <= {403}, path
    lead = {path for method, path in asked if method == "POST" and (method, path, "编制") not in inside}
    assert {p for p in lead if p.startswith(("/o/", "/p/"))} == {
        "/p/{project}/people", "/p/{project}/rounds", "/p/{project}/versions/{number}/restore",
        "/o/p/{panel:int}/refresh", "/o/p/{panel:int}/rounds", "/o/p/{panel:int}/people",
        "/o/p/{panel:int}/people/{member:int}/revoke", "/o/r/{round:int}/deadline", "/o/r/{round:int}/open",
        "/o/r/{round:int}/close", "/o/r/{round:int}/remind", "/o/r/{round:int}/missing.xlsx",
    }  # fmt: skip
    secret = {path for method, path in asked if method == "GET" and (method, path, "只看") not in inside}
    assert {"/p/{project}/files/{slot}/get/{name}", "/p/{project}/internal/{name}", "/p/{project}/findings/annotated",
            "/o/r/{round:int}/answers.json", "/o/r/{round:int}/dissent"} <= secret  # fmt: skip


def test_an_address_that_nobody_has_decided_on_is_not_on_a_server(house: House, people: dict[str, Colleague]) -> None:
    async def new(request: Any) -> PlainTextResponse:
        return PlainTextResponse("inside", 299)

    app = Starlette(routes=[guarded(house.bench, Route("/p/{project}/new", new, methods=["GET", "POST"]))])
    door = TestClient(app, base_url=ORIGIN, cookies=people["负责"].http.cookies)
    assert door.get("/p/甲/new").status_code == door.post("/p/甲/new").status_code == 404
    assert access.need("GET", "/p/{project}/new") is Need.OWN


def test_pages_are_those_of_a_role(house: House, people: dict[str, Colleague]) -> None:
    """What a role may not do is not offered; each sees the own projects; the administrator sees names only."""
    assert "收回的工作簿放在这里" not in people["只看"].get("/p/甲/rounds").text
    assert 'type="file"' in people["编制"].get("/p/甲/files").text
    assert 'type="file"' not in people["只看"].get("/p/甲/files").text
    for name, sees in (("负责", "甲"), ("别处", "乙")):
        page = people[name].get("/").text
        assert [f'href="/p/{quoted}"' in page for quoted in ("%E7%94%B2", "%E4%B9%99")] == [sees == "甲", sees == "乙"]
        assert "项目放在哪里" not in page
    assert "/p/" not in people["管理"].get("/").text
    assert "甲" in people["管理"].get("/accounts").text
    reply = people["只看"].post("/p/甲/build")
    assert (reply.status_code, "要“编制人”才能做" in reply.text) == (403, True)


def test_forms_of_other_sites_and_other_hosts(house: House, people: dict[str, Colleague]) -> None:
    one = people["编制"]
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert one.post("/p/甲/versions", {"name": "x"}, headers=headers).status_code == 403
    assert one.http.post("/p/甲/versions", data={"csrf": people["负责"].csrf, "name": "x"}).status_code == 403
    assert one.http.get("/", headers={"host": "evil.example"}).status_code == 400
    assert versions_of(house.bench.home.root / "甲") == ()


def test_people_are_let_in_and_out_by_who_leads(tmp_path: Path) -> None:
    with House(tmp_path) as house, mock.patch.object(accounts, "_hasher", _weak_hasher):
        lead = house.colleague(house.account("组长"))
        assert lead.post("/new/blank", {"name": "水泥"}).status_code == 303
        reply = lead.post("/p/水泥/people", {"login": "小王", "role": "drafter"})
        password = reply.text.split('class="code">')[1].split("<")[0]
        guest = house.colleague()
        page = guest.http.get("/login").text
        guest.csrf = page.split('name="csrf" value="')[1].split('"')[0]
        wrong = guest.http.post("/login", data={"csrf": guest.csrf, "login": "小王", "password": "x"})
        assert wrong.status_code == 401
        reply = guest.http.post("/login", data={"csrf": guest.csrf, "login": "小王", "password": password})
        assert reply.headers["location"] == "/"
        guest.csrf = house.who(guest).csrf
        assert "水泥" in guest.get("/").text
        assert guest.post("/p/水泥/people", {"login": "小李", "role": "lead"}).status_code == 403
        number = house.who(guest).organiser_id
        own = {"do": "leave", "person": str(house.who(lead).organiser_id)}
        assert lead.post("/p/水泥/people", own).status_code == 409
        assert lead.post("/p/水泥/people", {"login": "组长", "role": "reader"}).status_code == 409  # nobody would lead
        assert guest.post("/me", {"old": password, "new": "短", "again": "短"}).status_code == 400
        fresh = {"new": "新的密码够长够长够长够长", "again": "新的密码够长够长够长够长"}
        assert guest.post("/me", {"old": "错", **fresh}).status_code == 401
        before = house.colleague(number)
        assert guest.post("/me", {"old": password, **fresh}).status_code == 303
        guest.csrf = house.who(guest).csrf
        assert before.get("/").headers["location"] == "/login"  # signed out elsewhere
        assert guest.get("/").status_code == 200
        lead.post("/p/水泥/people", {"do": "leave", "person": str(number)})
        assert guest.get("/p/水泥").status_code == 404
        # a folder that was somebody's is not given to somebody else, even when it is gone
        shutil.rmtree(house.bench.home.root / "水泥")
        assert guest.post("/new/blank", {"name": "水泥"}).headers["location"] != f"/p/{quote('水泥')}/files"
        assert lead.get("/").text.count('class="card project"') == 0


def test_two_people_one_slot_and_no_file_is_lost(house: House, people: dict[str, Colleague]) -> None:
    """Both download the same file and send back their own: the second one sees what differs; both files are kept."""
    folder = house.bench.home.root / "甲"
    path = "/p/甲/files/project"
    first, second = people["负责"], people["编制"]

    def changed(content: bytes, value: str) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        book["文件信息"]["B2"] = value
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    mine = changed(first.get(f"{path}/get/项目.xlsx").content, "负责人的名称")
    yours = changed(second.get(f"{path}/get/项目.xlsx").content, "编制人的名称")
    assert first.upload("甲", "project", ("项目.xlsx", mine)).headers["location"].endswith("/findings")
    # the page was loaded anew since, and still it is known from which state the second one works
    reply = second.upload("甲", "project", ("项目.xlsx", yours))
    shown = second.get(reply.headers["location"]).text
    assert "负责人的名称" in shown
    assert "编制人的名称" in shown
    assert (folder / "项目.xlsx").read_bytes() == mine
    assert people["只看"].get(reply.headers["location"]).status_code == 403
    assert people["别处"].get(reply.headers["location"]).status_code == 404
    done = second.post(f"{path}/differs", {**hidden(shown), "choice": "replace"})
    assert done.headers["location"].endswith("/findings")
    assert (folder / "项目.xlsx").read_bytes() == yours
    assert mine in [read_file(folder, v, "项目.xlsx") for v in versions_of(folder)]


def test_two_browsers_of_one_person_know_what_each_has_taken(house: House, people: dict[str, Colleague]) -> None:
    """What the one downloads does not vouch for what the other sends: it may have worked from an earlier state."""
    folder = house.bench.home.root / "甲"
    path = "/p/甲/files/project"
    laptop, desk = people["编制"], house.colleague(house.who(people["编制"]).organiser_id)

    def changed(content: bytes, value: str) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(content))
        book["文件信息"]["B2"] = value
        target = io.BytesIO()
        book.save(target)
        return target.getvalue()

    old = laptop.get(f"{path}/get/项目.xlsx").content
    new = changed(desk.get(f"{path}/get/项目.xlsx").content, "在办公室写的")
    assert desk.upload("甲", "project", ("项目.xlsx", new)).headers["location"].endswith("/findings")
    desk.get(f"{path}/get/项目.xlsx")
    reply = laptop.upload("甲", "project", ("项目.xlsx", changed(old, "在路上写的")))
    assert "/differs" in reply.headers["location"]
    assert (folder / "项目.xlsx").read_bytes() == new


@pytest.mark.parametrize(("role", "status"), [(Role.READER, 403), (None, 404)])
def test_rights_are_asked_again_when_a_file_has_arrived(house: House, role: Role | None, status: int) -> None:
    """An upload takes minutes: who is made a reader or let out meanwhile writes nothing any more."""
    folder = house.bench.home.root / "甲"
    number = house.account(f"途中{status}")
    house.belongs(number, folder, Role.DRAFTER)
    sender = house.colleague(number)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and "成果" not in p.parts}
    head = f'--B\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{sender.csrf}\r\n--B\r\n'
    file = 'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n企业,E1\n甲,1\r\n--B--\r\n'

    def pieces() -> Iterator[bytes]:
        yield head.encode()
        if role is not None:
            house.belongs(number, folder, role)
        else:
            where = str(folder.resolve())
            house.service.change(lambda c: membership.leave(c, where, number, "-", 0))
        yield file.encode()

    sent = "multipart/form-data; boundary=B"
    reply = sender.http.post("/p/甲/files/survey", content=pieces(), headers={"content-type": sent})
    assert reply.status_code == status
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and "成果" not in p.parts} == before


def test_a_database_that_is_gone_for_a_while_is_told(
    house: House, people: dict[str, Colleague], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, OSError("gone"))

    with monkeypatch.context() as broken:
        broken.setattr(type(house.service.engine), "connect", gone)
        for path in ("/", "/p/甲", "/p/甲/rounds", "/o/r/1", "/accounts", "/me"):
            reply = people["管理"].get(path)
            assert (reply.status_code, "暂时" in reply.text) == (503, True), path
    assert people["负责"].get("/").status_code == 200


def test_an_administrator_is_made_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The password is told once; asked again it is a new one. Without an administrator nothing is served."""
    from drafting.cli.app import run

    home = tmp_path / "项目"
    line = ["workbench", str(home), "--server", "--port", "0"]
    assert run(line) == 1
    assert "还没有管理员" in capsys.readouterr().err
    told = []
    with mock.patch.object(accounts, "_hasher", _weak_hasher):
        for _ in range(2):
            assert run(["workbench", str(home), "--admin", " 管理员 "]) == 0
            told.append(capsys.readouterr().out.strip().rpartition("：")[2])
        assert len(set(told)) == 2
        with House(tmp_path) as house, house.service.looking() as connection:
            number, hashed = accounts.password_hash(connection, "管理员") or (0, "")
            assert [accounts.password_fits(hashed, word) for word in told] == [False, True]
            assert house.colleague(number).get("/accounts").status_code == 200


def test_templates_of_projects_are_off_on_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from drafting.cli.app import run
    from drafting.workbench import house as serving

    monkeypatch.delenv("DRAFTING_TEMPLATES", raising=False)
    seen: list[Any] = []

    def serve(home: Home, config: Config, url: str, told: Any) -> bool:
        seen.append((os.environ.get("DRAFTING_TEMPLATES"), home.root, config.secure))
        return True

    monkeypatch.setattr(serving, "serve_everybody", serve)
    assert run(["workbench", str(tmp_path), "--server"]) == 0
    assert seen == [("off", tmp_path, False)]
    monkeypatch.setenv("DRAFTING_TEMPLATES", "on")  # the administrator's choice
    run(["workbench", str(tmp_path), "--server"])
    assert seen[1][0] == "on"
    assert run(["workbench", str(tmp_path), "--host", "0.0.0.0"]) == 2
    assert run(["workbench", "--server"]) == 2
    plain = ["workbench", str(tmp_path), "--server", "--host", "192.168.1.2"]
    assert run(plain) == 2  # HTTPS, or knowingly not


def test_two_people_who_begin_at_once_have_a_project_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both were given the same folder, and led it together."""
    from drafting.project import examples

    def slowly(folder: Path) -> None:
        time.sleep(0.3)
        write_project(folder, [])

    monkeypatch.setattr(examples, "write_example", slowly)
    with House(tmp_path) as house:
        both = [house.colleague(house.account(login)) for login in ("甲", "乙")]
        with ThreadPoolExecutor(2) as pool:
            made = [r.headers["location"] for r in pool.map(lambda one: one.post("/new/example"), both)]
        assert len(set(made)) == 2
        assert [[one.get(path).status_code for path in made] for one in both] == [[200, 404], [404, 200]]


@pytest.mark.parametrize("login", ["组\0长", "组\u202e长", "组长\u200b"])
def test_a_login_with_signs_that_nobody_sees_is_refused(house: House, people: dict[str, Colleague], login: str) -> None:
    reply = people["负责"].post("/p/甲/people", {"login": login, "role": "lead"})
    assert (reply.status_code, "看不见的字符" in reply.text) == (409, True)


def test_several_files_put_aside_in_one_second_are_all_kept(house: House, people: dict[str, Colleague]) -> None:
    """The name told the second only, and the last of them replaced the others."""
    folder = house.bench.home.root / "甲"
    path = "/p/甲/files/project"
    present = people["负责"].get(f"{path}/get/项目.xlsx").content
    sent = [present + b"\0" * n for n in (1, 2, 3)]
    for content in sent:
        reply = people["编制"].post(path, {"known:项目.xlsx": "0"}, files=[("file", ("项目.xlsx", content))])
        shown = people["编制"].get(reply.headers["location"]).text
        with mock.patch("drafting.workbench.screens.files.datetime", wraps=datetime) as clock:
            clock.now.return_value = datetime(2026, 11, 30, 12, 0, 0)
            people["编制"].post(f"{path}/differs", {**hidden(shown), "choice": "both"})
    kept = {p.read_bytes() for p in (folder / "记录").glob("未采用-项目-20261130-120000*.xlsx")}
    assert kept == set(sent)
