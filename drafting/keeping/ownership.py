"""Whose a file in 成果/ is: the program's own, which may be replaced, or a person's, which never is."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from contextlib import suppress
from pathlib import PurePosixPath

from drafting.archives import DAMAGED
from drafting.files import MOST_RECORD, NAME_BYTES, OutputError, atomic
from drafting.inside import Folder

RECORD_FILE = "结果.json"
_PACKAGES = (".docx", ".xlsx")
_CORE = "docProps/core.xml"
_OURS = b"2000-01-01T00:00:00Z</dcterms:modified>"
"""Word, Excel, WPS and LibreOffice put the time of saving here; the program never does."""
_DATE = (1980, 1, 1, 0, 0, 0)
_MOST_CORE = 1 << 16
_CHUNK = 1 << 20


def digest(folder: Folder, name: str) -> str:
    """SHA-256 of a file.

    Raises OSError if it cannot be read, or is no regular file.
    """
    found = hashlib.sha256()
    with os.fdopen(folder.open(name), "rb") as file:
        while piece := file.read(_CHUNK):
            found.update(piece)
    return found.hexdigest()


def content_of(folder: Folder, name: str) -> bytes | None:
    """Content of a file; None if there is none.

    Raises OSError if it cannot be read, is no regular file, or is larger than a record may be.
    """
    if folder.kind(name) is None:
        return None
    with os.fdopen(folder.open(name), "rb") as file:
        data = file.read(MOST_RECORD + 1)
    if len(data) > MOST_RECORD:
        raise OSError(f"文件超过 {MOST_RECORD >> 20} MB，不像是本程序写出的；请移走")
    return data


def write(folder: Folder, name: str, content: bytes) -> None:
    """Write a file of an opened folder complete or not at all.

    Raises OutputError if it cannot be written; named where it was to stand.
    """
    try:
        with atomic(folder.anchor / name) as partial:
            partial.write_bytes(content)
    except OutputError as error:
        raise OutputError(folder.path / name, OSError(error.reason)) from error


def is_open(folder: Folder, name: str) -> bool:
    """Tell whether Excel, Word, WPS or LibreOffice has a file open, by the file that they put beside it.

    Excel puts ``~$`` before the name; Word puts it in the place of the first two characters of a long name.
    """
    marks = (f"~${name}", f"~${name[1:]}", f"~${name[2:]}", f".~lock.{name}#")
    return any(folder.kind(mark) is not None for mark in marks)


def beside(name: str, number: int) -> str:
    """Name the file that is written beside one that is kept: ``草案（新）.docx``, then ``草案（新2）.docx``."""
    mark = f"（新{number if number > 1 else ''}）"
    path = PurePosixPath(name)
    room = NAME_BYTES - len((mark + path.suffix).encode("utf-8", "surrogateescape"))
    stem = path.stem.encode("utf-8", "surrogateescape")[:room].decode("utf-8", "ignore")
    return f"{stem}{mark}{path.suffix}"


def shown_ours(folder: Folder, name: str, record_time: int | None) -> bool:
    """Tell whether a file of which there is no manifest can be shown to be as the program wrote it.

    A Word or Excel file: nothing in it carries a time of saving. 结果.json: it is a record. Anything else: it has not
    been changed since the build that wrote 结果.json, which is written last.

    ``record_time``: when 结果.json was last changed, in nanoseconds; None if there is none.
    """
    try:
        handle = folder.open(name)
    except OSError:
        return False
    with os.fdopen(handle, "rb") as file:
        if name.endswith(_PACKAGES):
            try:
                with zipfile.ZipFile(file) as package:
                    if any(entry.date_time != _DATE for entry in package.infolist()):
                        return False
                    with package.open(_CORE) as core:
                        return _OURS in core.read(_MOST_CORE)
            except DAMAGED:
                return False
        if name == RECORD_FILE:
            with suppress(ValueError, RecursionError):
                if os.fstat(file.fileno()).st_size > MOST_RECORD:
                    return False  # kept, and the new one stands beside it
                content = json.load(file)
                return isinstance(content, dict) and {"format", "baselines"} <= content.keys()
            return False
        return record_time is not None and os.fstat(file.fileno()).st_mtime_ns <= record_time
