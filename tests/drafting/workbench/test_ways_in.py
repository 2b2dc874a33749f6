"""Who gets in: the start address once, the cookie after it, our own pages only, this machine only."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest

from drafting.workbench.bench import Bench
from drafting.workbench.home import Home, HomeError

from .conftest import ORIGIN, Visitor


def workbook(**cells: object) -> bytes:
    book = openpyxl.Workbook()
    for address, value in cells.items():
        book.worksheets[0][address] = value
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def with_part(content: bytes, name: str, data: bytes) -> bytes:
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return made.getvalue()


@pytest.fixture
def project(bench: Bench) -> str:
    """A folder that is a project."""
    folder = bench.home.root / "水泥行业"
    folder.mkdir(parents=True)
    (folder / "项目.xlsx").write_bytes(workbook(A1="x"))
    return folder.name


def test_the_start_address_opens_once(bench: Bench) -> None:
    stranger, start = Visitor(bench), bench.new_start().removeprefix(ORIGIN)
    assert stranger.http.get("/").status_code == 403
    assert stranger.http.get(start).status_code == 303
    assert stranger.http.get("/").status_code == 200
    assert stranger.http.get(start).status_code == 303  # the same browser: it is in already
    other = Visitor(bench)
    assert other.http.get(start).status_code == 403
    assert other.http.get("/").status_code == 403
    cookie = Visitor(bench).http.get(bench.new_start().removeprefix(ORIGIN)).headers["set-cookie"].lower()
    assert "samesite=strict" in cookie
    assert "httponly" in cookie


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:51234", ""])
def test_other_hosts_are_not_answered(visitor: Visitor, host: str) -> None:
    """A name that somebody lets point to this machine is no way in."""
    assert visitor.http.get("/", headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://evil.example"}, {"origin": "http://127.0.0.1:1"}, {"sec-fetch-site": "same-site"},
     {"origin": "null", "sec-fetch-site": "cross-site"}],
)  # fmt: skip
def test_forms_of_other_sites_change_nothing(visitor: Visitor, bench: Bench, headers: dict[str, str]) -> None:
    assert visitor.post("/new/example", headers=headers).status_code == 403
    assert visitor.http.post("/new/example", data={"csrf": "x" * 43}).status_code == 403
    assert visitor.http.post("/new/example").status_code == 403
    assert not bench.home.root.exists()
    assert visitor.http.post("/again", headers={"x-workbench": "guessed"}).status_code == 403
    assert visitor.http.post("/again", headers={"x-workbench": bench.secret}).json()["start"].startswith(ORIGIN)


@pytest.mark.parametrize("name", ["%2e%2e", "..%2f..", "别的", "etc", "%2fetc", "C%3A", "%00"])
def test_what_is_no_project_is_not_there(visitor: Visitor, bench: Bench, name: str) -> None:
    (bench.home.root / "别的").mkdir(parents=True)
    (bench.home.root.parent / "项目.xlsx").write_bytes(workbook())
    for page in ("", "/files", "/outputs/x", "/files/project/get/x"):
        assert visitor.http.get(f"/p/{name}{page}").status_code in (404, 405)


def test_a_link_among_the_projects_is_none(visitor: Visitor, bench: Bench, project: str) -> None:
    outside = bench.home.root.parent / "外面"
    (bench.home.root / project).rename(outside)
    (bench.home.root / project).symlink_to(outside)
    assert visitor.http.get(f"/p/{project}").status_code == 404
    assert bench.home.projects() == ()


@pytest.mark.parametrize("slot", ["..", "%2e%2e", "..%2f项目", "judgements%2f..", "delphi-0", "delphi-999", "记录"])
def test_there_are_no_other_slots(visitor: Visitor, project: str, slot: str) -> None:
    reply = visitor.post(f"/p/{project}/files/{slot}", files=[("file", ("项目.xlsx", workbook()))])
    assert reply.status_code in (404, 405)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("项目.xlsx", b"", "空文件"),
        ("项目.xlsx", b"%PDF-1.7 no workbook \0", "不是这里能用的文件"),
        ("项目.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "xls"),
        ("项目.xlsm", with_part(workbook(A1="x"), "xl/vbaProject.bin", b"macro"), "宏"),
        ("项目.xlsx", with_part(workbook(A1="x"), "xl/vbaProject.bin", b"macro"), "宏"),
        ("项目.xlsx", with_part(workbook(A1="x"), "xl/worksheets/sheet9.xml", b"<x>" + b"0" * (64 << 20)), "超过"),
        ("项目.xlsx", with_part(workbook(A1="x"), "../../x.xml", b"<x/>"), "../../x.xml"),
    ],
    ids=["empty", "pdf", "xls", "xlsm", "macro renamed", "bomb", "climbing"],
)  # fmt: skip
def test_what_may_harm_is_not_taken(
    visitor: Visitor, bench: Bench, project: str, name: str, content: bytes, says: str
) -> None:
    file = bench.home.root / project / "项目.xlsx"
    before = file.read_bytes()
    reply = visitor.upload(project, "project", (name, content))
    assert reply.status_code == 400
    assert says in reply.text
    assert file.read_bytes() == before
    assert not (bench.home.root / project / "记录" / "版本").exists()


def test_names_are_text_and_stay_in_their_folder(visitor: Visitor, bench: Bench, project: str) -> None:
    folder = bench.home.root / project
    for name in ("../../逃.xlsx", r"..\..\逃.xlsx", "<img src=x onerror=alert(1)>.xlsx", "专家<b>1.XLSX", "CON.xlsx"):
        assert visitor.upload(project, "judgements", (name, workbook(A1="x"))).status_code == 303
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*.xlsx") if p.parent.name == "判断矩阵"}
    assert there == {
        "判断矩阵/逃.xlsx",
        "判断矩阵/img src=x onerror=alert(1).xlsx",
        "判断矩阵/专家b1.xlsx",
        "判断矩阵/文件CON.xlsx",
    }
    assert not (bench.home.root / "逃.xlsx").exists()
    assert "<img" not in visitor.get(f"/p/{project}/files").text
    reply = visitor.post("/new/blank", {"name": "<script>alert(1)</script>"})
    assert reply.headers["location"] == f"/p/{quote('scriptalert(1)script', safe='')}/files"
    page = visitor.get("/").text
    assert "<script>alert" not in page
    assert "scriptalert(1)" in page


def test_every_page_forbids_what_it_does_not_need(visitor: Visitor, project: str) -> None:
    for path in ("/", f"/p/{project}/files", f"/p/{project}/files/project/get/项目.xlsx"):
        reply = visitor.http.get(path)
        assert reply.status_code == 200
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["content-disposition"].startswith("attachment")
    assert " style=" not in visitor.get("/").text


def test_the_folder_of_projects_is_chosen_and_remembered(bench: Bench, visitor: Visitor, tmp_path: Any) -> None:
    other = tmp_path / "另一处"
    assert visitor.post("/folder", {"folder": "项目"}).status_code == 400
    assert visitor.post("/folder", {"folder": f'"{other}"'}).status_code == 303
    assert Home(settings=tmp_path / "settings.json").root == other
    (tmp_path / "文件").write_text("")
    with pytest.raises(HomeError):
        bench.home.choose(str(tmp_path / "文件"))
    (tmp_path / "settings.json").write_text('{"projects": 5}')
    assert Home(settings=tmp_path / "settings.json").root.name == "清洁生产项目"
    assert Home(tmp_path / "OneDrive" / "项目").synced == "onedrive"


def test_starting_waits_for_no_numbers() -> None:
    """What computes is imported when a page first needs it, not before the browser opens."""
    line = "import sys, drafting.workbench.serving; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, timeout=60, check=True)
    assert not {"numpy", "scipy", "pandas", "matplotlib", "openpyxl", "docx", "sqlalchemy"} & set(done.stdout.split())


def test_more_than_a_page_takes_is_refused_with_a_page(visitor: Visitor) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "content-length": str(1 << 40)}
    reply = visitor.http.post("/new/import", content=b"", headers=headers)
    assert reply.status_code == 413
    assert "上传的文件或填写的文字超过上限，没有改动任何内容" in reply.text
    assert "</html>" in reply.text


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="processor time of a child as POSIX tells it")
def test_a_start_takes_no_more_than_twice_the_bare_import() -> None:
    from benchmarks.starting import ratio

    least, whole = ratio(6)
    assert whole <= 2 * least, f"{whole:.3f} s beside {least:.3f} s"


def test_a_port_that_is_taken_and_no_standard_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under pythonw nothing can be printed: the log is a file; a port of somebody else's is said, not fought for."""
    from drafting.cli.app import run
    from drafting.workbench.serving import log_stream, serve

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home = Home(tmp_path / "项目", tmp_path / "settings.json")
        assert serve(home, open_browser=False, port=port, state=tmp_path / "state") is False
        assert not (tmp_path / "state" / "workbench.json").exists()
        said = io.StringIO()
        with monkeypatch.context() as here:
            here.setattr(sys, "stderr", said)
            here.setenv("XDG_STATE_HOME", str(tmp_path / "own"))
            here.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
            assert run(["workbench", str(tmp_path / "项目"), "--no-browser", "--port", str(port)]) == 1
    assert f"127.0.0.1:{port}" in said.getvalue()
    assert "端口可能已被占用" in said.getvalue()
    with monkeypatch.context() as without:
        without.setattr(sys, "stderr", None)
        stream = log_stream(tmp_path / "logs")
        assert stream is not None
        with stream:
            stream.write("a line\n")
        nowhere = log_stream(tmp_path / "settings.json" / "no folder")
        assert nowhere is not None
        nowhere.close()
    assert (tmp_path / "logs" / "workbench.log").read_text("utf-8") == "a line\n"
