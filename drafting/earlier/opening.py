"""Opens an earlier edition, whatever it is: .docx and .xlsx in a reader's process, .doc by way of LibreOffice."""

from __future__ import annotations

from pathlib import Path

import msgspec

from drafting.earlier import excel, word
from drafting.earlier.message import DECODER, Source
from drafting.isolation.readers import NoReaderError
from drafting.workbook.contents.asking import asked
from drafting.workbook.limits import WORD_LIMITS
from drafting.workbook.opening import OLE_MAGIC, OpeningError, is_encrypted, read_bytes
from drafting.workbook.sheets import read_workbook

SUFFIXES = (".docx", ".xlsx", ".doc")
_SCAN_CHARACTERS = 200


def read_source(path: Path) -> Source:
    """Read the tables of a file.

    Raises OpeningError when it cannot be read: code and values of the finding.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise OpeningError("import-kind", suffix=suffix or path.name)
    data = read_bytes(path, WORD_LIMITS)
    if suffix == ".xlsx":
        return excel.read(read_workbook(data, path.name))
    if suffix == ".doc" and data.startswith(OLE_MAGIC):  # others called .doc are .docx, or none
        data = _converted(data)
    source = read_tables(data)
    if source.pictures and source.characters < _SCAN_CHARACTERS and not any(len(t.cells) > 20 for t in source.tables):
        raise OpeningError("import-scan", pictures=source.pictures)
    return source


def read_tables(data: bytes) -> Source:
    """Read the tables of a .docx, in a reader's process where one can be had.

    Raises OpeningError when it cannot be read.
    """
    try:
        source = DECODER.decode(asked("tables", data, {}))
    except NoReaderError:
        source = word.read(data)
    except msgspec.MsgspecError as fault:
        raise OpeningError("file-refused", reason="读取结果不合约定") from fault
    if source.code:
        raise OpeningError(source.code, **source.values)
    return source


def _converted(data: bytes) -> bytes:
    from drafting.render.docx.office import OfficeError, find_office

    if is_encrypted(data):
        raise OpeningError("file-protected")
    office = find_office()
    if office is None:
        raise OpeningError("import-no-office")
    try:
        return office.to_docx(data)
    except OfficeError as fault:
        reason = "超过时限" if fault.reason == "timeout" else "文件不能打开"
        raise OpeningError("import-office-failed", reason=reason) from fault
