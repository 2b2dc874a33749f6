"""A workbench in a process of its own, as a double click starts it, and a small industry to work on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.request import urlopen

import openpyxl

from tests.drafting.survey_projects import write_project, write_xlsx

from .stage import UTF8, free_port

START = re.compile(r"http://127\.0\.0\.1:\d+/start/[\w-]+")


class Workbench:
    """``drafting workbench`` on a folder of projects; nobody's own settings are touched."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="workbench-"))
        self.projects = self.folder / "项目"
        home = {"XDG_CONFIG_HOME": str(self.folder / "config"), "XDG_STATE_HOME": str(self.folder / "state")}
        line = [sys.executable, "-m", "drafting", "工作台", str(self.projects), "--no-browser"]
        self._log = (self.folder / "log").open("w+b")
        self._environment = {**os.environ, **UTF8, **home}
        self._process = subprocess.Popen(line, stderr=self._log, env=self._environment)

    def start(self) -> str:
        """A start address, as a further double click gives it."""
        line = [sys.executable, "-m", "drafting", "workbench", "--no-browser"]
        for _ in range(60):
            found = START.findall((self.folder / "log").read_text("utf-8"))
            if found:
                break
            assert self._process.poll() is None, (self.folder / "log").read_text("utf-8")
            try:
                self._process.wait(0.25)
            except subprocess.TimeoutExpired:
                continue
        if not getattr(self, "_used", False):
            self._used = True
            return found[0]
        again = subprocess.run(line, capture_output=True, text=True, env=self._environment, timeout=60, check=True)
        return START.findall(again.stderr)[0]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait(self) -> int:
        return self._process.wait(20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class House:
    """``drafting workbench DIR --server`` as somebody in charge of machines starts it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="house-"))
        self.projects = self.folder / "项目"
        self._environment = {**os.environ, **UTF8}
        made = subprocess.run(
            [sys.executable, "-m", "drafting", "workbench", str(self.projects), "--admin", "管理员"],
            capture_output=True, text=True, env=self._environment, timeout=60, check=True,
        )  # fmt: skip
        self.password = made.stdout.strip().rpartition("：")[2]
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.log = self.folder / "log"
        self._log = self.log.open("w+b")
        line = [sys.executable, "-m", "drafting", "workbench", str(self.projects), "--server", "--port", str(port)]
        self.process = subprocess.Popen(line, stderr=self._log, env=self._environment)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), urlopen(f"{self.base}/health", timeout=2) as reply:
                if reply.status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(self.log.read_text("utf-8"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(30)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def small(folder: Path) -> Path:
    """Four indicators, two strata, weights of enterprises and non-detects; three grades reached."""
    blank = dict.fromkeys(("Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值", "来源依据"))
    write_project(
        folder,
        [
            {"代码": "E1", "二级指标": "能耗", "小数位": 2, **blank},
            {"代码": "E2", "二级指标": "回用率", "单位": "%", "方向": "越大越好", "小数位": 1},
            {"代码": "E3", "二级指标": "排放量", "单位": "kg/t", "小数位": 3, "限定性": "是"},
            {"代码": "E4", "二级指标": "取水量", "单位": "m³/t", "小数位": 1},
        ],
    )
    rows: list[list[Any]] = [["企业", "分组", "权数", "E1", "E2", "E3", "E4"]]
    for n in range(40):
        trace = "<0.05" if n % 9 == 0 else round(0.06 + 0.01 * n, 3)
        rows.append(
            [
                f"企业{n:02d}",
                "大型" if n % 2 else "小型",
                [1, 2.5][n % 2],
                1 + 0.07 * n,
                99 - 0.7 * n,
                trace,
                5 + 0.3 * n,
            ]
        )
    write_xlsx(folder, rows)
    return folder


def spoil(path: Path, cell: str, value: object, to: Path) -> Path:
    """A copy of a workbook with one cell changed."""
    book = openpyxl.load_workbook(path)
    book.worksheets[0][cell] = value
    to.parent.mkdir(parents=True, exist_ok=True)
    book.save(to)
    return to
