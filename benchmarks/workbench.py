"""
The budgets of the workbench: ``nice python benchmarks/workbench.py [--enterprises 6000]``.

On the bundled example by a process of its own, as a browser asks it: clicks on unchanged inputs, first line of
progress, stopping, a value tried; sizes of pages, scripts and rooms; on a survey of many enterprises the page on which
a baseline is moved. Start and answers of experts during a build stand in ``starting.py`` and ``committee.py``.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import sys
import time
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drafting.project.examples import write_example  # noqa: E402 -- the repository comes first
from tests.browser.bench import Workbench  # noqa: E402
from tests.drafting.survey_projects import write_project, write_xlsx  # noqa: E402

SCREENS = ("", "/files", "/findings", "/rounds", "/weights", "/levels", "/trial", "/outputs", "/versions", "/opinions")
ADDED = ("drafting/workbench/", "drafting/desk/", "drafting/web/", "drafting/keeping/", "templates/workbench/",
         "templates/web/")  # fmt: skip
"""Rooms that came with the workbench; what of them lay elsewhere before is counted, too."""


class Client:
    """A browser's cookies and forms."""

    def __init__(self, start: str) -> None:
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.base = start.split("/start/")[0]
        self.get(start)

    def get(self, address: str) -> str:
        """A page as it stands."""
        with self._opener.open(address if "//" in address else self.base + address, timeout=300) as reply:
            return str(reply.read().decode("utf-8"))

    def there(self, address: str) -> str:
        """A page with results, asked again until it has them."""
        while 'http-equiv="refresh"' in (page := self.get(address)):
            time.sleep(0.05)
        return page

    def post(self, address: str, page: str) -> str:
        """A form without fields."""
        token = re.search(r'name="csrf" value="([^"]+)"', page)
        assert token is not None
        body = urllib.parse.urlencode({"csrf": token[1]}).encode()
        with self._opener.open(self.base + address, body, timeout=300) as reply:
            return str(reply.read().decode("utf-8"))


def took(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def p95(times: list[float]) -> float:
    """95 of 100 are not longer."""
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


def of_the_example(client: Client, project: str) -> Iterator[tuple[str, str, str]]:
    """What is measured, how it came out, the budget."""
    first = took(lambda: client.there(project))
    again = statistics.median(took(lambda: client.there(project)) for _ in range(9))
    yield "first view of the project", f"{first:.2f} s", ""
    yield "second view, unchanged inputs", f"{again * 1e3:.0f} ms, 1/{first / again:.0f}", "1/20"
    sizes, times = {}, []
    for screen in SCREENS:
        sizes[screen] = len(client.there(project + screen).encode())
        times += [took(lambda s=screen: client.there(project + s)) for _ in range(5)]
    yield "a click on unchanged inputs, p95", f"{p95(times) * 1e3:.0f} ms", "100 ms"
    largest = max(sizes, key=sizes.__getitem__)
    yield f"largest page but the draft ({largest})", f"{sizes[largest] / 1e3:.0f} kB", "150 kB"
    yield from of_levels(client, project, "N1", "III", [5 + n / 50 for n in range(40)])
    page = client.there(project)
    began = time.perf_counter()
    shown = client.post(f"{project}/build", page)
    assert "正在生成草案" in shown
    yield "page of a build that was begun, its step on it", f"{time.perf_counter() - began:.2f} s", "1 s"
    while '"name": "开始"' in (state := client.get(f"{project}/build/state").replace('":"', '": "')):
        time.sleep(0.01)
    yield "first step told by the build itself", f"{time.perf_counter() - began:.2f} s", ""
    assert '"running"' in state
    yield "stopping a build", f"{took(lambda: client.post(f'{project}/build/stop', page)):.2f} s", "2 s"


def of_levels(
    client: Client, project: str, code: str, grade: str, values: list[float]
) -> Iterator[tuple[str, str, str]]:
    """The page on which a baseline is moved, and the exact answer for a value."""
    size = len(client.there(f"{project}/levels/{code}").encode())
    yield f"page of a baseline ({code})", f"{size / 1e3:.0f} kB", "150 kB"
    tried = [took(lambda v=v: client.get(f"{project}/levels/{code}/try?{grade}={v:.2f}")) for v in values]
    yield "exact answer for a value, p95", f"{p95(tried[1:]) * 1e3:.0f} ms", "100 ms"


def many(folder: Path, enterprises: int) -> Path:
    """A survey in which every enterprise has values of its own."""
    write_project(folder, [{"代码": f"E{n}", "二级指标": f"指标{n}", "小数位": 3} for n in range(1, 21)])
    rows = [[f"企业{k}", *(round(1 + k * (n % 7 + 1) / 1000 + n, 3) for n in range(1, 21))] for k in range(enterprises)]
    write_xlsx(folder, [["企业", *(f"E{n}" for n in range(1, 21))], *rows])
    return folder


def packed(prefixes: tuple[str, ...]) -> int:
    """Bytes of the files of some rooms in a wheel."""
    with TemporaryDirectory() as scratch:
        target = Path(scratch) / "x.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for prefix in prefixes:
                for path in (ROOT / prefix).rglob("*"):
                    if path.is_file() and "__pycache__" not in path.parts:
                        archive.write(path, path.relative_to(ROOT))
        return target.stat().st_size


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--enterprises", type=int, default=6_000)
    enterprises = options.parse_args().enterprises
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    with Workbench() as bench:
        write_example(bench.projects / "例")
        many(bench.projects / "多", enterprises)
        client = Client(bench.start())
        for work, figure, budget in of_the_example(client, "/p/" + urllib.parse.quote("例")):
            print(f"{work:44} {figure:>16}   {budget}", flush=True)
        print(f"{enterprises:,} enterprises × 20")
        for work, figure, budget in of_levels(
            client, "/p/" + urllib.parse.quote("多"), "E3", "III", [4 + n / 20 for n in range(40)]
        ):
            print(f"{work:44} {figure:>16}   {budget}", flush=True)
    scripts = (ROOT / "templates").rglob("*.js")
    print(f"{'all scripts, not packed':44} {sum(s.stat().st_size for s in scripts) / 1e3:13.1f} kB   60 kB")
    print(f"{'rooms of the workbench, packed':44} {packed(ADDED) / 1e6:13.2f} MB   1 MB")
    print(f"load {os.getloadavg()[0]:.1f} at the end")


if __name__ == "__main__":
    main()
