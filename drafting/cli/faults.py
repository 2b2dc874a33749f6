"""Faults that nobody foresaw, and outputs that cannot be written: one line for the user, details in a log file."""

from __future__ import annotations

import tempfile
import traceback
from datetime import datetime
from pathlib import Path

import click


def report(error: Exception) -> int:
    """Say what happened in one line and return the exit status.

    What keeps outputs or pictures from being written (a file open in Word, no Chinese font) is the user's to mend:
    status 1. Anything else is a fault of the program: status 3 with the name of a log file.
    """
    from drafting.charts.raster import ChartError
    from drafting.files import OutputError

    if isinstance(error, OutputError | ChartError):
        click.echo(f"错误：{error}", err=True)
        return 1
    log = _write_log(error)
    where = f"，详情见 {log}" if log else ""
    click.echo(f"程序出现未预料的故障：{type(error).__name__}{where}。输入文件未被改动。", err=True)
    return 3


def _write_log(error: Exception) -> Path | None:
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    try:
        folder = Path(tempfile.mkdtemp(prefix="drafting-"))
        log = folder / f"drafting-{stamp}.log"
        log.write_text("".join(traceback.format_exception(error)), "utf-8")
    except OSError:
        return None
    return log
