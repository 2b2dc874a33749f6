"""The user's own GB/T 4754 table, opened as every file from outside: in a reader's process, behind no link."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from drafting.findings import Cell
from drafting.industries import ClassificationError, classification_of
from drafting.workbook.contents.asking import contents_of
from drafting.workbook.limits import LIMITS
from drafting.workbook.opening import OpeningError, read_bytes
from drafting.workbook.report import worded
from drafting.workbook.sheets import taken_in


def load_classification(path: Path, inside: Path | None = None) -> Mapping[str, str]:
    """Read a classification table: a CSV (UTF-8 or GB 18030) or the first sheet of an .xlsx, headings code and name.

    Raises ClassificationError if the file cannot be read safely, a heading is missing, or a code has two names.

    ``inside``: the project folder, where the table stands in it: no link is followed below it then.
    Returns a mapping as :func:`drafting.industries.classification_of`.
    """
    path = Path(path)
    task = "workbook" if path.suffix.lower() == ".xlsx" else "csv"
    try:
        contents = contents_of(task, read_bytes(path, inside=inside), LIMITS)
        sheets = taken_in(contents.sheets, path.name)
    except OpeningError as fault:
        raise ClassificationError(path, worded(fault, Cell(path.name)).message.rstrip("。")) from fault
    for line, found, needed in contents.ragged:
        raise ClassificationError(path, f"第 {line} 行有 {found} 列，表头有 {needed} 列")
    rows = sheets[0].rows if sheets else ()
    return classification_of(path, (tuple(_text(value) for value in row) for row in rows))


def _text(value: object) -> str:
    """A cell as it is meant: a code typed as a number has no decimals."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()
