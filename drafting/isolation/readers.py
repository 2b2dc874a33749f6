"""Our side: a pool of readers, started when the first one is needed and used again for file after file.

A reader that dies or takes too long costs one file: the next request gets another reader. What comes back from a
reader is bytes of a length it states; whoever asked decodes them as a message with a schema, never as code.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any

from drafting.files import reading_reason
from drafting.isolation.allowance import Allowance
from drafting.isolation.system_limits import job_object
from drafting.isolation.worker import DONE, HEAD, LENGTH, READY

MOST_READERS = 4
_KEPT = ("PATH", "SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH")
"""Of our environment, what a reader gets; the rest may hold passwords."""
_QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Threads and pools of memory that libraries would set up at once, from the address space that is to be limited."""
_START = "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from drafting.isolation.worker import main; main()"
_LONGEST_ANSWER = 8 << 30
_LONGEST_START = 60


class RefusedError(Exception):
    """A request that brought no answer.

    Attributes
    ----------
    reason : str
        In Chinese, for a message about the file.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoReaderError(Exception):
    """No reader can be started on this machine; the message says why."""


class _LostError(Exception):
    """The reader was gone before it had the request: not the file's doing."""


class Reader:
    """One process that answers requests."""

    def __init__(self) -> None:
        environment = {k: v for k in _KEPT if (v := os.environ.get(k))} | _QUIET
        path = json.dumps([os.path.abspath(p) for p in sys.path])
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
                [sys.executable or "python", "-I", "-c", _START, path],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            )  # fmt: skip
        except OSError as fault:
            raise NoReaderError(reading_reason(fault)) from fault
        self._job: Any = None
        self._ready = False

    def ask(self, task: str, data: bytes, options: Mapping[str, object], allowance: Allowance) -> bytes:
        """Send one request and wait for its answer.

        Raises NoReaderError when the process did not get as far as to take requests; RefusedError when there is no
        answer within the allowance, or the work ended in an error.
        """
        if not self._ready:
            self._wait_until_ready()
        if sys.platform == "win32":  # a process is in one job only, so the first allowance is the largest
            self._job = self._job or job_object(int(self._process._handle), 8192)
        request = {"task": task, "options": dict(options), "seconds": allowance.seconds,
                   "megabytes": allowance.megabytes, "file_megabytes": allowance.file_megabytes}  # fmt: skip
        said = json.dumps(request).encode()
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        watchdog = threading.Timer(allowance.seconds * allowance.patience, stop)
        watchdog.daemon = True
        watchdog.start()
        try:
            try:
                stdin = _pipe(self._process.stdin)
                stdin.write(HEAD.pack(len(said), len(data)) + said)
                stdin.write(data)
                stdin.flush()
            except OSError as fault:
                raise _LostError from fault
            return self._answer(late, allowance)
        finally:
            watchdog.cancel()

    def _wait_until_ready(self) -> None:
        watchdog = threading.Timer(_LONGEST_START, self._process.kill)
        watchdog.daemon = True
        watchdog.start()
        said = _pipe(self._process.stdout).read(1)
        watchdog.cancel()
        if said != READY:
            self.close()
            raise NoReaderError("读取程序没有启动")
        self._ready = True

    def _answer(self, late: threading.Event, allowance: Allowance) -> bytes:
        stdout = _pipe(self._process.stdout)
        head = stdout.read(1 + LENGTH.size)
        length = LENGTH.unpack(head[1:])[0] if len(head) == 1 + LENGTH.size else -1
        content = stdout.read(length) if 0 <= length <= _LONGEST_ANSWER else b""
        if length < 0 or len(content) != length:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)  # its output has ended: it is ending too, and leaves its reason
            cause = self._cause(late, allowance)
            self.close()
            raise RefusedError(cause)
        if head[:1] != DONE:
            name = content[:60].decode("ascii", "replace")
            if name == "MemoryError":
                raise RefusedError(f"所需内存超过 {allowance.megabytes} MB 的上限")
            raise RefusedError(f"内容使读取程序出错（{name}）")
        return content

    def _cause(self, late: threading.Event, allowance: Allowance) -> str:
        """Why the process ended: 24 is SIGXCPU, the limit of processor time."""
        if late.is_set() or self._process.returncode == -24:
            return f"读取超过 {allowance.seconds} 秒的上限"
        return f"读取程序被迫中止（内容损坏，或所需内存超过 {allowance.megabytes} MB 的上限）"

    @property
    def alive(self) -> bool:
        """Whether it can be asked again."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                _pipe(stream).close()
        self._process.wait()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # both are pipes, see Popen
    return stream


class Readers:
    """The readers of one process; safe to be asked from several threads."""

    def __init__(self, most: int = MOST_READERS) -> None:
        self._places = threading.Semaphore(most)
        self._lock = threading.Lock()
        self._idle: list[Reader] = []
        self._owner = os.getpid()
        self.missing = ""
        """Why no reader could be started; empty as long as none failed to."""

    def warm(self) -> None:
        """Start the first reader without waiting for it: it starts while we do something else."""
        with self._lock:
            if not self._idle and not self.missing:
                try:
                    self._idle.append(Reader())
                except NoReaderError as fault:
                    self.missing = str(fault)

    def ask(self, task: str, data: bytes, options: Mapping[str, object], allowance: Allowance) -> bytes:
        """Have some reader do a task; see :meth:`Reader.ask`."""
        with self._places:
            for last in (False, True):
                reader = self._taken()
                try:
                    answer = reader.ask(task, data, options, allowance)
                except _LostError as fault:
                    reader.close()
                    if last:
                        raise RefusedError("读取程序反复中止") from fault
                    continue
                except NoReaderError as fault:
                    self.missing = str(fault)
                    raise
                except RefusedError:
                    self._give_back(reader)
                    raise
                except BaseException:  # interrupted in the middle: its answer would be taken for the next one's
                    reader.close()
                    raise
                self._give_back(reader)
                return answer
            raise AssertionError  # the loop ends in a return or a raise

    def _taken(self) -> Reader:
        if self.missing:
            raise NoReaderError(self.missing)
        with self._lock:
            if self._owner != os.getpid():  # forked: the readers are our parent's
                self._owner, self._idle = os.getpid(), []
            if self._idle:
                return self._idle.pop()
        return Reader()

    def _give_back(self, reader: Reader) -> None:
        if reader.alive:
            with self._lock:
                self._idle.append(reader)

    def close(self) -> None:
        """End all readers that are not at work."""
        with self._lock:
            idle, self._idle = self._idle, []
        if self._owner == os.getpid():
            for reader in idle:
                reader.close()


READERS = Readers()
atexit.register(READERS.close)
