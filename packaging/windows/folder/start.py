"""Start the workbench without a console: what goes wrong stands in a log, and in a window."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

_LONGEST_LOG = 1_000_000


def log_file() -> Path:
    """Where the log is: in the user's own folder, as this one may be read-only."""
    base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    return Path(base, "cleaner-production-drafting", "start.log")


def opened(path: Path) -> TextIO:
    """Open the log to be added to; begun anew when it has grown long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists() or path.stat().st_size > _LONGEST_LOG
    return path.open("w" if fresh else "a", encoding="utf-8", errors="replace", buffering=1)


def started(run: Callable[[], object], path: Path, tell: Callable[[str], object]) -> int:
    """Run it with standard error in the log; tell the user when it did not go well."""
    try:
        stream = opened(path)
    except OSError:
        stream = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 -- closed below, as the other is
    status, cause = 0, ""
    kept, sys.stderr = sys.stderr, stream
    try:
        run()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as fault:  # the last line of defence: nobody would see it
        traceback.print_exc(file=stream)
        status, cause = 1, f"（{type(fault).__name__}：{fault}）"
    finally:
        sys.stderr = kept
        stream.close()
    if status:
        tell(f"工作台没有启动{cause}。\n\n原因记在：{path}")
    return status


def _workbench() -> None:
    from drafting.cli import main

    main(["workbench"])


def _window(text: str) -> None:
    import ctypes

    ctypes.windll.user32.MessageBoxW(None, text, "工作台", 0x30)  # type: ignore[attr-defined, unused-ignore]


if __name__ == "__main__":
    sys.exit(started(_workbench, log_file(), _window))
