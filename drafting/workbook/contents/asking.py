"""Asks a reader what a file holds; where no reader can be started, looks itself, under the static limits alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from drafting.isolation.allowance import allowance_for
from drafting.isolation.readers import READERS, NoReaderError, RefusedError
from drafting.workbook.contents.message import Contents, MessageError, decoded
from drafting.workbook.limits import Limits
from drafting.workbook.opening import OpeningError


def contents_of(task: str, data: bytes, limits: Limits) -> Contents:
    """Contents of a file.

    Raises OpeningError when the file is not read: the finding's code and values.

    ``task``: ``workbook`` or ``csv``.
    """
    try:
        contents = decoded(asked(task, data, dataclasses.asdict(limits)))
    except NoReaderError:
        return _here(task, data, limits)
    except MessageError as fault:
        raise OpeningError("file-refused", reason="读取结果不合约定") from fault
    if contents.code:
        raise OpeningError(contents.code, **contents.values)
    return contents


def asked(task: str, data: bytes, options: Mapping[str, object], *, slow: bool = False) -> bytes:
    """The answer of a reader, still to be decoded.

    Raises NoReaderError when none can be started; OpeningError when the file brought the reader down or took too much.
    """
    try:
        return READERS.ask(task, data, options, allowance_for(len(data), slow=slow))
    except RefusedError as fault:
        raise OpeningError("file-refused", reason=fault.reason) from fault


def _here(task: str, data: bytes, limits: Limits) -> Contents:
    """The same in our own process."""
    from drafting.workbook.contents.reading import read_contents
    from drafting.workbook.contents.text_file import read_text_file

    read = {"workbook": read_contents, "csv": read_text_file}[task]
    try:
        return read(data, limits)
    except OpeningError:
        raise
    except BaseException as fault:
        if isinstance(fault, Exception) or type(fault).__name__ == "PanicException":
            raise OpeningError("file-refused", reason=f"内容使读取程序出错（{type(fault).__name__}）") from fault
        raise
