"""Long work in processes of its own: one per project, watched, stopped without a trace."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import IO, Any

from drafting.progress import Step

_START = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from drafting.desk.building import main; main()"
_WAIT = 10.0


class Fate(Enum):
    """What became of a job."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass
class Job:
    """One job, as it stands now."""

    order: Mapping[str, Any]
    """What was asked for."""
    began: float
    step: Step = field(default_factory=lambda: Step(1, 9, "启动计算程序"))
    """The step that goes on."""
    fate: Fate = Fate.RUNNING
    said: str = ""
    """Why it failed, in Chinese."""
    errors: int = 0
    """When done: how many findings forbid submission."""
    kept: str = ""
    """When a stage is done: label of the version that keeps it."""
    told: tuple[tuple[str, str, str], ...] = ()
    """Tuple of (severity, message, remedy): When done: what making the files told beyond what the inputs tell."""
    late: bool = False
    """Its files are taking their places: it cannot be stopped any more."""
    ended: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def stage(self) -> str:
        """The stage of the standard that is built and kept; blank for a build."""
        return str(self.order.get("stage", ""))

    @property
    def running(self) -> bool:
        """Whether it is at work."""
        return self.fate is Fate.RUNNING

    @property
    def seconds(self) -> int:
        """How long it has taken so far, or took."""
        return round((self.ended or time.monotonic()) - self.began)


class Jobs:
    """The jobs of one workbench."""

    def __init__(self) -> None:
        self._jobs: dict[Path, Job] = {}
        self._processes: dict[Path, subprocess.Popen[str]] = {}
        self._lock = threading.Lock()

    def of(self, folder: Path) -> Job | None:
        """The job of a project: the one that runs, else the last one."""
        with self._lock:
            return self._jobs.get(folder)

    def all(self) -> tuple[Job, ...]:
        """The jobs of all projects."""
        with self._lock:
            return tuple(self._jobs.values())

    def begin(self, folder: Path, **order: Any) -> Job:
        """Begin a job; the one that runs already is given instead, as a project has one at a time."""
        with self._lock:
            present = self._jobs.get(folder)
            if present is not None and present.running:
                return present
            job = Job(order, time.monotonic())
            self._jobs[folder] = job
            try:
                process = _process()
            except OSError:
                job.fate, job.said, job.ended = (
                    Fate.FAILED,
                    "不能启动计算程序；请检查安全软件是否阻止了它。",
                    time.monotonic(),
                )
                job.over.set()
                return job
            self._processes[folder] = process
        _tell(process, json.dumps({"folder": str(folder), **order}, ensure_ascii=True))
        threading.Thread(target=self._watch, args=(job, process), name="job", daemon=True).start()
        return job

    def stop(self, folder: Path) -> bool:
        """Stop a job; False if there is none, or its files are taking their places already."""
        with self._lock:
            job, process = self._jobs.get(folder), self._processes.get(folder)
            if job is None or process is None or not job.running or job.late:
                return False
            job.fate, job.ended = Fate.STOPPED, time.monotonic()
        _kill(process)
        job.over.wait(_WAIT)
        return True

    def close(self) -> None:
        """Stop everything that may be stopped, and wait for what is taking its place."""
        for folder in list(self._jobs):
            job = self._jobs[folder]
            if not self.stop(folder) and job.running:
                job.over.wait(_WAIT)

    def _watch(self, job: Job, process: subprocess.Popen[str]) -> None:
        for line in _pipe(process.stdout):
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._hear(job, process, json.loads(line))
        process.wait()
        with self._lock:
            if job.running:
                job.fate, job.said = Fate.FAILED, "计算程序中途退出；成果没有改动。请再试一次。"
            job.ended = job.ended or time.monotonic()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                _pipe(stream).close()
        job.over.set()

    def _hear(self, job: Job, process: subprocess.Popen[str], said: Mapping[str, Any]) -> None:
        with self._lock:
            if not job.running:
                return
            if "step" in said:
                number, of, name, share = said["step"]
                job.step = Step(int(number), int(of), str(name), share)
            elif "ready" in said:
                job.late = True
                _tell(process, "go")
            elif "done" in said:
                job.fate, job.errors, job.ended = Fate.DONE, int(said["done"]["errors"]), time.monotonic()
                job.kept = str(said["done"].get("kept", ""))
                job.told = tuple((str(s), str(m), str(r)) for s, m, r in said["done"].get("told", ()))
            elif "fault" in said:
                job.fate, job.said, job.ended = Fate.FAILED, str(said["fault"]), time.monotonic()


def _process() -> subprocess.Popen[str]:
    path = json.dumps([os.path.abspath(p) for p in sys.path])
    apart: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        apart = {"creationflags": 0x08000000 | 0x00000200}  # no window; a group of its own
    return subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        [sys.executable or "python", "-X", "utf8", "-c", _START, path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8", **apart,
    )  # fmt: skip


def _tell(process: subprocess.Popen[str], line: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        stdin = _pipe(process.stdin)
        stdin.write(line + "\n")
        stdin.flush()


def _kill(process: subprocess.Popen[str]) -> None:
    """End a process with those that it started: readers, LibreOffice."""
    if os.name == "nt":
        root = os.environ.get("SYSTEMROOT", r"C:\Windows")
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603 -- the system's own tool
                [rf"{root}\System32\taskkill.exe", "/F", "/T", "/PID", str(process.pid)], timeout=_WAIT, check=False,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
    else:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(OSError):
        process.kill()


def _pipe(stream: IO[str] | None) -> IO[str]:
    assert stream is not None  # both are pipes
    return stream
