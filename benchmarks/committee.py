"""How long a saved answer of an expert takes on the workbench's server: idle, and while a colleague's build runs.

    python benchmarks/committee.py [--experts 10] [--pairs 3]

Aim: p95 during a build at most twice that of the idle server. Experts answer at a pace (ten of them five times a
second are fifty answers a second, a whole panel that clicks at once); idle and busy phases alternate, so that whatever
else the machine does meets both. A build has a process of its own; a project that is read anew is computed in the
server's, which is measured beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx2 as httpx  # noqa: E402 -- the repository comes first

from benchmarks.panel import enter  # noqa: E402
from tests.browser.bench import House  # noqa: E402

PACE = 0.2
"""Seconds from one answer of an expert to the next."""
PROJECT = "陶瓷"


async def expert(port: int, session: tuple[str, str], item: str, over: asyncio.Event, spent: list[float]) -> None:
    """One expert who answers at a pace until told to stop."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    cookie, secret = session
    head = (
        f"POST /e/1/answer HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookie}\r\nx-csrf: {secret}\r\n"
        "content-type: application/json\r\ncontent-length: "
    ).encode()
    k = 0
    while not over.is_set():
        k += 1
        body = json.dumps({"item": item, "value": str(k % 100 + 1), "base": None}).encode()
        began = time.perf_counter()
        writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        reply = await reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"content-length: (\d+)", reply)
        content = await reader.readexactly(int(found[1]) if found else 0)
        if b'"saved"' not in content:
            raise SystemExit(f"not saved: {reply!r} {content!r}")
        spent.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, PACE - spent[-1]))
    writer.close()


async def phase(port: int, sessions: list[tuple[str, str]], over: Any) -> list[float]:
    """Answers while something lasts: `over` is awaited."""
    spent: list[float] = []
    stop = asyncio.Event()
    tasks = []
    for k, session in enumerate(sessions):
        await asyncio.sleep(PACE / len(sessions))
        tasks.append(asyncio.create_task(expert(port, session, f"w.0.{k % 9}", stop, spent)))
    await over
    stop.set()
    await asyncio.gather(*tasks)
    return spent


class Person:
    """The administrator, who leads the project as well."""

    def __init__(self, house: House) -> None:
        self.http = httpx.Client(base_url=house.base, follow_redirects=True, timeout=300)
        self.csrf = self._csrf("/login")
        self.post("/login", login="管理员", password=house.password)
        self.csrf = self._csrf("/accounts")

    def _csrf(self, path: str) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.http.get(path).text)
        assert found
        return found[1]

    def post(self, path: str, **data: Any) -> httpx.Response:
        return self.http.post(path, data={"csrf": self.csrf, **data})


async def building(who: Person) -> None:
    """A build from its beginning to its end, watched once a second."""
    await asyncio.to_thread(who.post, f"/p/{quote(PROJECT)}/build")
    while True:
        reply = await asyncio.to_thread(who.http.get, f"/p/{quote(PROJECT)}/build/state")
        if reply.json()["fate"] != "running":
            return
        await asyncio.sleep(1)


async def reading(house: House, who: Person) -> None:
    """A project whose inputs have changed is looked at until its results are there."""
    book = house.projects / PROJECT / "判断矩阵" / "专家01.xlsx"
    book.rename(book.with_name("专家01（改名）.xlsx"))
    while "http-equiv" in (await asyncio.to_thread(who.http.get, f"/p/{quote(PROJECT)}")).text:
        await asyncio.sleep(0.5)
    book.with_name("专家01（改名）.xlsx").rename(book)


def percentile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return 1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def measure(house: House, who: Person, sessions: list[tuple[str, str]], pairs: int) -> tuple[float, float]:
    """Alternate, tell what was seen, and give p95 in milliseconds, idle and during a build."""
    port = int(house.base.rsplit(":", 1)[1])
    idle: list[float] = []
    busy: list[float] = []
    ratios = []
    for n in range(pairs):
        calm = await phase(port, sessions, asyncio.sleep(20))
        began = time.perf_counter()
        loud = await phase(port, sessions, building(who))
        took = time.perf_counter() - began
        anew = await phase(port, sessions, reading(house, who))
        idle += calm
        busy += loud
        ratios.append(percentile(loud, 0.95) / percentile(calm, 0.95))
        print(
            f"{n + 1}: idle p50 {percentile(calm, 0.5):.1f} p95 {percentile(calm, 0.95):.1f} ms ({len(calm)}); "
            f"build of {took:.0f} s p50 {percentile(loud, 0.5):.1f} "
            f"p95 {percentile(loud, 0.95):.1f} ms ({len(loud)}); ratio {ratios[-1]:.2f}; read anew "
            f"p50 {percentile(anew, 0.5):.1f} p95 {percentile(anew, 0.95):.1f} ms ({len(anew)})"
        )
    found = percentile(idle, 0.95), percentile(busy, 0.95)
    whole, median = found[1] / found[0], statistics.median(ratios)
    print(f"p95 during a build / idle: {whole:.2f} (median of pairs {median:.2f}); aim ≤ 2")
    return found


def seen(experts: int = 10, pairs: int = 3) -> tuple[float, float]:
    """Set up a server with the example, an open round and experts; measure."""
    with House() as house:
        shutil.copytree(ROOT / "examples" / "建筑陶瓷", house.projects / PROJECT)
        who = Person(house)
        who.post("/accounts", do="lead", of=PROJECT, person="1")
        while "http-equiv" in who.http.get(f"/p/{quote(PROJECT)}").text:
            time.sleep(0.5)
        panel = who.post(f"/p/{quote(PROJECT)}/rounds").url.path
        who.post(f"{panel}/rounds", instrument="allocation")
        members = re.findall(r'name="member" value="(\d+)"', who.http.get(f"{panel}/people").text)
        page = who.post(f"{panel}/people", member=members, days="60").text
        tokens = re.findall(r"<p class=\"code\">[^<]*/l/([^<]+)</p>", page)[:experts]
        who.post("/o/r/1/open")
        sessions = [enter(house.base, token) for token in tokens]
        found = asyncio.run(measure(house, who, sessions, pairs))
        who.http.close()
    return found


def main() -> None:
    """Measure as asked on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--experts", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=3)
    asked = parser.parse_args()
    seen(asked.experts, asked.pairs)


if __name__ == "__main__":
    main()
