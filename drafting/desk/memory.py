"""Results by what they were computed from: once for the same inputs, and never shown for others."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock, RLock
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from drafting.desk.fingerprint import Digests, fingerprint
from drafting.progress import Progress, Step, StoppedError

if TYPE_CHECKING:
    from drafting.findings import Finding
    from drafting.run import Run

T = TypeVar("T")
_MOST = 4
"""Projects whose results are at hand."""
_MOST_WORKS = 24
"""Things made of one project's results that are at hand: its draft, calibrations, comparisons."""
_TRIES = 3
_WORKERS = 2


class GoneError(LookupError):
    """The folder of a project is not there any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Results that are being computed, for so many seconds by now."""

    step: Step
    seconds: int = 0


class Work(Generic[T]):
    """Something that is computed beside the pages: how far it has come, and the way to stop it at its next step."""

    def __init__(self, pool: ThreadPoolExecutor, make: Callable[[Progress], T], first: Step) -> None:
        self.step = first
        self.stopped = False
        self._began = monotonic()
        self.future = pool.submit(make, Progress(self._report, of=first.of))

    def _report(self, step: Step) -> None:
        if self.stopped:
            raise StoppedError
        self.step = step

    def waiting(self) -> Waiting:
        """How far it has come."""
        return Waiting(self.step, round(monotonic() - self._began))

    def result(self, patience: float) -> T | Waiting:
        """What was computed, or how far it has come; raises what computing it raised, StoppedError if stopped."""
        return self.future.result() if wait([self.future], patience).done else self.waiting()


@dataclass
class Seen:
    """A project as its files stand, with all results."""

    key: str
    """What the results depend on."""
    run: Run
    works: OrderedDict[tuple[str, str], Work[Any]] = field(default_factory=OrderedDict)
    """What takes long to make from them, by their key and its name; kept by :meth:`Memory.make`."""
    _derived: dict[str, Any] = field(default_factory=dict)
    _lock: Any = field(default_factory=RLock)

    def derive(self, name: str, make: Callable[[Run], T]) -> T:
        """Give what is made from the results, made once."""
        with self._lock:
            if name not in self._derived:
                self._derived[name] = make(self.run)
            found: T = self._derived[name]
            return found

    def of_table(self, key: str) -> Seen | None:
        """The same of one table of a standard that has several; None if it has none of that key."""
        tables = self.derive("tables", lambda run: run.of_tables)
        if key not in tables:
            return None
        return self.derive(f"table {key}", lambda _: Seen(f"{self.key} {key}", tables[key], self.works))


class Memory:
    """Results of the projects that are looked at.

    ``travel``: computes everything from a folder; reports its steps.
    """

    def __init__(self, run_project: Callable[[Path, Progress], Run] | None = None, most: int = _MOST) -> None:
        self._run_project = run_project or _run_project
        self._most = most
        self._digests = Digests()
        self._seen: OrderedDict[tuple[Path, str], Seen] = OrderedDict()
        self._running: dict[Path, Work[Seen]] = {}
        self._before: dict[Path, tuple[str, tuple[Finding, ...]]] = {}
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(_WORKERS, "desk")
        self._beside = ThreadPoolExecutor(_WORKERS, "beside")  # reading never waits for what is made of results

    def key(self, folder: Path) -> str:
        """What the results of a folder depend on, as it stands now."""
        return fingerprint(folder, self._digests)

    def digest(self, path: Path) -> str:
        """SHA-256 of a file of a project, remembered; empty where there is none to be read."""
        with suppress(OSError):
            found = self._digests.of(path)
            return "" if found.startswith("unreadable") else found
        return ""

    def ask(self, folder: Path, patience: float = 0.5) -> Seen | Waiting:
        """Results for the files as they stand now, or how far they have come.

        Raises GoneError if the folder is gone; Exception: what computing them raised; asked again it is tried again.
        """
        key = self.key(folder)
        with self._lock:
            found = self._seen.get((folder, key))
            if found is not None:
                self._seen.move_to_end((folder, key))
                return found
            running = self._running.get(folder)
            if running is None or running.stopped:
                running = Work(self._pool, partial(self._compute, folder), Step(1, 2, "读取"))
                self._running[folder] = running
        made: Seen | Waiting
        try:
            made = running.result(patience)
        except StoppedError:
            made = running.waiting()
        except BaseException as error:
            if not folder.is_dir():
                raise GoneError(folder) from error
            raise
        finally:
            if running.future.done():
                self._forget(folder, running)
        if isinstance(made, Seen) and made.key != self.key(folder):
            return running.waiting()
        return made

    def make(
        self, seen: Seen, name: str, first: str, make: Callable[[Run, Progress], T], patience: float = 0.6
    ) -> T | Waiting:
        """Give what takes long to make from results, made once, beside the pages; or how far it has come.

        ``name`` tells it from everything else that is made from the same results, ``first`` is its first step, for
        people. Raises what making it raised; asked again it is tried again.
        """
        key, works = (seen.key, name), seen.works
        with self._lock:
            work = works.get(key)
            if work is None or work.stopped:
                work = works[key] = Work(self._beside, partial(make, seen.run), Step(1, 1, first))
                done = [k for k, w in works.items() if w.future.done()]
                for old in done[: max(0, len(works) - _MOST_WORKS)]:
                    del works[old]
            works.move_to_end(key)
        try:
            found: T | Waiting = work.result(patience)
        except BaseException as error:
            with self._lock:
                if works.get(key) is work:
                    del works[key]
            if isinstance(error, StoppedError):
                return work.waiting()
            raise
        return found

    def stop(self, folder: Path) -> None:
        """Stop what is computed for a project, each at its next step; asked for again it begins anew."""
        with self._lock:
            works: list[Work[Any]] = [self._running[folder]] if folder in self._running else []
            for (of, _), seen in self._seen.items():
                works += seen.works.values() if of == folder else ()
            for work in works:
                work.stopped = not work.future.done()

    def peek(self, folder: Path) -> Seen | None:
        """Results for the files as they stand now, if they are at hand."""
        with self._lock:
            if not any(of == folder for of, _ in self._seen):
                return None  # without a look at the files
            return self._seen.get((folder, self.key(folder)))

    def remember_before(self, folder: Path) -> None:
        """Keep the findings as they are, to be held against those after a change."""
        found = self.peek(folder)
        if found is not None:
            self._before[folder] = (found.key, found.run.findings)

    def before(self, folder: Path, key: str) -> tuple[Finding, ...] | None:
        """The findings before the last change, unless nothing has changed since."""
        found = self._before.get(folder)
        return None if found is None or found[0] == key else found[1]

    def close(self) -> None:
        """Begin nothing more."""
        for pool in (self._pool, self._beside):
            pool.shutdown(wait=False, cancel_futures=True)

    def _forget(self, folder: Path, work: Work[Seen]) -> None:
        with self._lock:
            if self._running.get(folder) is work:
                del self._running[folder]

    def _compute(self, folder: Path, progress: Progress) -> Seen:
        """Compute; again if files changed meanwhile."""
        for last in range(_TRIES):
            key = self.key(folder)
            run = self._run_project(folder, Progress(progress.report, of=2))
            if self.key(folder) == key or last == _TRIES - 1:
                break
        seen = Seen(key, run)
        with self._lock:
            if self.key(folder) == key:
                self._seen[folder, key] = seen
                while len(self._seen) > self._most:
                    self._seen.popitem(last=False)
        return seen


def _run_project(folder: Path, progress: Progress) -> Run:
    from drafting.pipeline.running import run_project
    from drafting.project.folder import Project, load_project

    def read(path: Path | str) -> Project:
        progress.begin("读取")
        project = load_project(path, tick=progress.within)
        progress.begin("计算权重、基准值和试评价")
        return project

    return run_project(folder, read=read)
