"""What a reader does when it is asked for a workbook or a text file: its answer is an encoded message."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import python_calamine  # noqa: F401 -- loaded before memory is limited

from drafting.workbook.contents.message import Contents, encoded
from drafting.workbook.contents.reading import read_contents
from drafting.workbook.contents.text_file import read_text_file
from drafting.workbook.limits import Limits
from drafting.workbook.opening import OpeningError


def workbook(data: bytes, options: Mapping[str, int]) -> bytes:
    """Contents of an .xlsx file; the options are its limits."""
    return _answer(read_contents, data, options)


def csv_table(data: bytes, options: Mapping[str, int]) -> bytes:
    """Contents of a text file."""
    return _answer(read_text_file, data, options)


def _answer(read: Callable[[bytes, Limits], Contents], data: bytes, options: Mapping[str, int]) -> bytes:
    try:
        return encoded(read(data, Limits(**options)))
    except OpeningError as fault:
        return encoded(Contents(code=fault.code, values=plain_values(fault.values)))


def plain_values(values: Mapping[str, object]) -> dict[str, str | int]:
    """Placeholders of a wording, as a message carries them."""
    return {k: v if isinstance(v, int) else str(v) for k, v in values.items()}
