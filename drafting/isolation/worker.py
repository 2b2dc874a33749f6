"""The reader's side: requests on standard input, answers on standard output, nothing else.

A request is a frame with task, options and bytes; its answer is a frame that begins with one byte: done, or refused.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from importlib import import_module
from typing import BinaryIO

READY, DONE, REFUSED = b"R", b"D", b"X"
HEAD = struct.Struct("<QQ")
"""Bytes of the options, bytes of the data."""
LENGTH = struct.Struct("<Q")

TASKS = {
    "workbook": "drafting.workbook.contents.task:workbook",
    "csv": "drafting.workbook.contents.task:csv_table",
    "parquet": "drafting.workbook.contents.parquet:columns",
    "annotate": "drafting.workbook.annotate:task",
    "handling": "drafting.workbook.opinions.writing:task",
    "tables": "drafting.earlier.word:task",
    "blueprint": "drafting.render.docx.borrowed:task",
}
"""What a reader can be asked for: a name, and the function of (data, options) that does it. Nothing else is called."""


def main() -> None:
    """Serve until standard input ends."""
    # Imported here: the other side knows this module for its constants alone.
    from drafting.isolation.system_limits import allow, give_up_rights

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which then closes our input
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    give_up_rights()
    answers.write(READY)
    answers.flush()
    while head := source.read(HEAD.size):
        long, size = HEAD.unpack(head)
        options = json.loads(source.read(long))
        data = source.read(size)
        try:
            module, _, name = TASKS[options["task"]].partition(":")
            work = getattr(import_module(module), name)
            allow(options["seconds"], options["megabytes"], options["file_megabytes"])
            content = work(data, options["options"])
            status = DONE
        except BaseException as fault:  # a panic of a native library is no Exception
            content, status = type(fault).__name__.encode(), REFUSED
            del fault
        del data
        _answer(answers, status, content)
        del content


def _answer(answers: BinaryIO, status: bytes, content: bytes) -> None:
    answers.write(status + LENGTH.pack(len(content)))
    answers.write(content)
    answers.flush()


if __name__ == "__main__":
    main()
