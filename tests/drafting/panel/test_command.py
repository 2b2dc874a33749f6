"""``drafting panel`` as it is typed: setting up, starting and stopping, backup and restore."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from drafting.cli.app import run
from drafting.panel.database import DatabaseError, migrate, open_database

from .client import Site


def typed(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run one command line: status, standard output, standard error."""
    status = run(["panel", *arguments])
    said = capfd.readouterr()
    return status, said.out, said.err


def test_create_prints_the_login_once(capfd: pytest.CaptureFixture[str], demo: Path, sqlite: str) -> None:
    status, out, _ = typed(capfd, "create", str(demo), "--database", sqlite, "--json")
    made = json.loads(out)
    assert status == 0
    assert (made["experts"], made["login"]) == (12, "组织者")
    assert len(made["password"]) == 23
    status, out, _ = typed(capfd, "create", str(demo), "--database", sqlite)
    assert status == 0
    assert "沿用该用户名原有的密码" in out
    with closing(sqlite3.connect(sqlite.removeprefix("sqlite:///"))) as connection:
        everything = "\n".join(connection.iterdump())
    assert made["password"] not in everything


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["create", "{nowhere}"], 2, "不存在"),
        (["create", "{empty}"], 1, "项目.xlsx"),
        (["create", "{demo}", "--database", "oracle://x"], 1, "SQLite 或 PostgreSQL"),
        (["create", "{demo}", "--database", "no url"], 1, "数据库地址写法不对"),
        (["create", "{demo}", "--database", "sqlite:////proc/none/x.sqlite3"], 1, "无法打开数据库"),
        (["serve", "--host", "0.0.0.0"], 2, "--insecure-lan"),
        (["serve", "--host", "0.0.0.0", "--insecure-lan"], 2, "--public-url"),
        (["serve", "--behind-proxy"], 2, "--public-url"),
        (["serve", "--tls-cert", "x.pem"], 2, "--tls-key"),
        (["serve", "--smtp", "ftp://x", "--mail-from", "a@example.org"], 2, "--smtp"),
        (["restore", "{empty}/none"], 1, "没有备份文件"),
        (["backup", "{empty}/copy"], 1, "没有数据库文件"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_words(
    capfd: pytest.CaptureFixture[str], demo: Path, tmp_path: Path, arguments: list[str], status: int, says: str
) -> None:
    (tmp_path / "empty").mkdir()
    places = {"nowhere": tmp_path / "nowhere", "empty": tmp_path / "empty", "demo": demo}
    line = [a.format(**{k: str(v) for k, v in places.items()}) for a in arguments]
    if "--database" not in line:
        line += ["--database", f"sqlite:///{tmp_path / 'x.sqlite3'}"]
    found = typed(capfd, *line)
    assert found[0] == status
    assert says in found[1] + found[2]


def test_backup_while_answers_come_in_and_restore(
    lone: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    organiser = lone.organiser()
    links, number = lone.links(organiser), lone.round(organiser)
    visitor = lone.visitor().enter(links["专家01"])
    for value in ("1", "2", "3"):
        visitor.answer(number, "w.0.0", value)
    copy = tmp_path / "copy.sqlite3"
    assert typed(capfd, "backup", str(copy), "--database", lone.url)[0] == 0
    visitor.answer(number, "w.0.0", "4")
    status, _, err = typed(capfd, "restore", str(copy), "--database", lone.url)
    assert status == 1
    assert "正在使用" in err
    assert visitor.answer(number, "w.0.0", "5").json()["version"] == 5
    lone.service.stop()
    assert typed(capfd, "restore", str(copy), "--database", lone.url)[0] == 0
    with closing(sqlite3.connect(lone.url.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT value, version FROM answers").fetchall() == [("3", 3)]
    with closing(sqlite3.connect(lone.url.removeprefix("sqlite:///") + ".恢复前")) as connection:
        assert connection.execute("SELECT value, version FROM answers").fetchall() == [("5", 5)]


def test_a_backup_that_is_none_replaces_nothing(sqlite: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    migrate(open_database(sqlite))
    other = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t (x)")
    (tmp_path / "text").write_text("no database at all, but long enough to be looked at " * 40, "utf-8")
    for file in (other, tmp_path / "text"):
        assert typed(capfd, "restore", str(file), "--database", sqlite)[0] == 1
    assert Path(sqlite.removeprefix("sqlite:///")).stat().st_size > 0


def test_a_database_of_a_newer_program_is_left_alone(database: str) -> None:
    engine = open_database(database)
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="更新的版本"):
        migrate(engine)
    engine.dispose()


@pytest.mark.slow
def test_the_server_starts_with_one_command_and_stops_gracefully(demo: Path, sqlite: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    base = [sys.executable, "-m", "drafting", "panel"]
    subprocess.run([*base, "create", str(demo), "--database", sqlite], check=True, capture_output=True, timeout=60)
    log = tmp_path / "log"
    with log.open("wb") as file:
        server = subprocess.Popen(
            [*base, "serve", "--database", sqlite, "--port", str(port)],
            stderr=file,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
    try:
        for _ in range(300):
            try:
                with urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as reply:
                    assert json.loads(reply.read()) == {"status": "ok"}
                break
            except (URLError, OSError):
                time.sleep(0.1)
        other = f"{sqlite}-other"
        subprocess.run([*base, "create", str(demo), "--database", other], check=True, capture_output=True, timeout=60)
        for database, says in ((sqlite, "正由另一个 drafting panel serve 使用"), (other, "端口可能已被占用")):
            again = [*base, "serve", "--database", database, "--port", str(port)]
            second = subprocess.run(again, capture_output=True, text=True, timeout=60)
            assert second.returncode == 1
            assert says in second.stderr
            assert "/login" not in second.stderr  # an address is given by who listens there
    finally:
        server.send_signal(signal.SIGTERM)
        status = server.wait(30)
    assert status in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines() if line.startswith("{")]
    assert any(line.get("page") == "health" for line in lines)
    assert log.read_text("utf-8").count(f"专家咨询服务器：http://127.0.0.1:{port}/login") == 1
    assert not Path(sqlite.removeprefix("sqlite:///") + "-wal").exists()
