"""Limits that the operating system holds a reader to: rlimits where there are any, a Job Object on Windows.

The Job Object follows Microsoft's documentation (``JOBOBJECT_EXTENDED_LIMIT_INFORMATION``); it is not run by the tests
of this project, which know Linux only.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

_MB = 1 << 20


def give_up_rights() -> None:
    """Called once by a reader: no core files, no file may be written to."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _soften(resource.RLIMIT_FSIZE, 0)


def allow(seconds: int, megabytes: int, file_megabytes: int = 0) -> None:
    """Called by a reader before each request: what it may use from now on."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _soften(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)
    _soften(resource.RLIMIT_AS, _address_space() + megabytes * _MB)
    _soften(resource.RLIMIT_FSIZE, file_megabytes * _MB)


def _soften(which: int, value: int) -> None:
    """Set the soft limit only: a reader is used again, and a hard limit cannot be raised."""
    import resource

    hard = resource.getrlimit(which)[1]
    with contextlib.suppress(ValueError, OSError):  # a system that does not know the limit has the watchdog still
        resource.setrlimit(which, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _address_space() -> int:
    """Bytes of address space in use; a third of a gigabyte where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 340 * _MB
    import resource

    return pages * resource.getpagesize()


def job_object(process_handle: int, megabytes: int) -> Any:
    """Put a process into a Job Object that bounds its memory and ends it with us; None where there are none."""
    if os.name != "nt":
        return None
    import ctypes
    from ctypes import wintypes

    class Basic(ctypes.Structure):
        _fields_ = [
            ("PerProcessUserTimeLimit", ctypes.c_int64), ("PerJobUserTimeLimit", ctypes.c_int64),
            ("LimitFlags", wintypes.DWORD), ("MinimumWorkingSetSize", ctypes.c_size_t),
            ("MaximumWorkingSetSize", ctypes.c_size_t), ("ActiveProcessLimit", wintypes.DWORD),
            ("Affinity", ctypes.c_size_t), ("PriorityClass", wintypes.DWORD), ("SchedulingClass", wintypes.DWORD),
        ]  # fmt: skip

    class Extended(ctypes.Structure):
        _fields_ = [
            ("BasicLimitInformation", Basic), ("IoInfo", ctypes.c_uint64 * 6),
            ("ProcessMemoryLimit", ctypes.c_size_t), ("JobMemoryLimit", ctypes.c_size_t),
            ("PeakProcessMemoryUsed", ctypes.c_size_t), ("PeakJobMemoryUsed", ctypes.c_size_t),
        ]  # fmt: skip

    process_memory, active_process, kill_on_close = 0x100, 0x8, 0x2000
    windows: Any = ctypes  # which has WinDLL there alone
    kernel = windows.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = wintypes.HANDLE
    job = kernel.CreateJobObjectW(None, None)
    limits = Extended()
    limits.BasicLimitInformation.LimitFlags = process_memory | active_process | kill_on_close
    limits.BasicLimitInformation.ActiveProcessLimit = 1
    limits.ProcessMemoryLimit = megabytes * _MB
    kernel.SetInformationJobObject(wintypes.HANDLE(job), 9, ctypes.byref(limits), ctypes.sizeof(limits))
    kernel.AssignProcessToJobObject(wintypes.HANDLE(job), wintypes.HANDLE(process_handle))
    return job
