"""The one writer: every change of the database goes through one thread, single answers in groups.

An answer is acknowledged when the transaction that holds it is on disk. Answers that wait while a transaction runs go
together into the next one, so that the cost of a commit is shared and no writer ever meets another one's lock.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from drafting.panel.answering import Answer, Outcome, save_answers
from drafting.panel.database import writing

T = TypeVar("T")
_LARGEST_GROUP = 256
_WAITING = 20_000
"""Answers that may wait; beyond it the server says that it is busy instead of growing without end."""


class UnavailableError(Exception):
    """The database cannot be written at the moment (locked, read-only, full, gone); nothing was changed."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    answer: Answer
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Outcome]


@dataclass(frozen=True, slots=True)
class _Change:
    work: Callable[[Connection], Any]
    future: Future[Any]


class Writer:
    """Owns the thread that writes.

    ``clock``: seconds since 1970; for the record only.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock
        self._queue: queue.SimpleQueue[_Waiting | _Change | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="panel-writer", daemon=True)
        self._stopped = threading.Event()

    @property
    def engine(self) -> Engine:
        """For reading."""
        return self._engine

    def now(self) -> int:
        """Seconds since 1970."""
        return int(self._clock())

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what waits, then end."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._queue.put(None)
            if self._thread.is_alive():
                self._thread.join()

    def save(self, answer: Answer) -> asyncio.Future[Outcome]:
        """Save one answer; the result comes when it is on disk.

        The future raises :class:`UnavailableError` if it cannot be saved.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        if self._stopped.is_set() or self._queue.qsize() > _WAITING:
            future.set_exception(UnavailableError())
        else:
            self._queue.put(_Waiting(answer, loop, future))
        return future

    def change(self, work: Callable[[Connection], T]) -> T:
        """Run a change in a transaction of its own and wait for it; not from the event loop's thread.

        Raises UnavailableError: the database cannot be written; Exception whatever `work` raises; the transaction is
        then rolled back.
        """
        if self._stopped.is_set():
            raise UnavailableError
        future: Future[T] = Future()
        self._queue.put(_Change(work, future))
        return future.result()

    # --- in the thread ------------------------------------------------------------------------
    def _run(self) -> None:
        item: _Waiting | _Change | None = None
        while True:
            item = self._queue.get() if item is None else item
            if item is None:
                return
            if isinstance(item, _Change):
                self._change(item)
                item = None
                continue
            group, item, last = self._gather(item)
            self._save(group)
            if last:
                return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], _Change | None, bool]:
        """Take all answers that wait, up to the next change."""
        group = [first]
        while len(group) < _LARGEST_GROUP:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                return group, None, True
            if isinstance(item, _Change):
                return group, item, False
            group.append(item)
        return group, None, False

    def _change(self, change: _Change) -> None:
        try:
            with writing(self._engine) as connection:
                result = change.work(connection)
        except BaseException as error:
            change.future.set_exception(_translated(error))
        else:
            change.future.set_result(result)

    def _save(self, group: Sequence[_Waiting]) -> None:
        try:
            with writing(self._engine) as connection:
                outcomes = save_answers(connection, [w.answer for w in group], self.now())
        except (SQLAlchemyError, OSError, ValueError) as error:
            if len(group) > 1 and not isinstance(error, OperationalError):
                for waiting in group:  # one that the database refuses must not take the others with it
                    self._save([waiting])
                return
            _deliver(group, None)
            return
        _deliver(group, outcomes)


def _translated(error: BaseException) -> BaseException:
    if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
        translated = UnavailableError()
        translated.__cause__ = error
        return translated
    return error


def _deliver(group: Sequence[_Waiting], outcomes: Sequence[Outcome] | None) -> None:
    """Give every request its outcome, with one call into each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Outcome], Outcome | None]]] = {}
    for position, waiting in enumerate(group):
        outcome = None if outcomes is None else outcomes[position]
        by_loop.setdefault(waiting.loop, []).append((waiting.future, outcome))
    for loop, results in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, results)


def _resolve(results: Sequence[tuple[asyncio.Future[Outcome], Outcome | None]]) -> None:
    for future, outcome in results:
        if future.done():  # the browser has gone; the answer stays saved
            continue
        if outcome is None:
            future.set_exception(UnavailableError())
        else:
            future.set_result(outcome)
