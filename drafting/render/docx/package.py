"""The zip around a Word document, with the same bytes for the same content."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

_DATE = (1980, 1, 1, 0, 0, 0)
_BODY = "word/document.xml"
_STANDS = re.compile(rb'<(\w+):tbl \1:stands="(\d+)"/>')
_FIRST = ("[Content_Types].xml", "_rels/.rels")


def write_package(files: Mapping[str, bytes]) -> bytes:
    """Zip the parts of a package: content types first, the rest by name, no dates of the clock."""
    target = io.BytesIO()
    names = [*(n for n in _FIRST if n in files), *sorted(n for n in files if n not in _FIRST)]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in names:
            entry = zipfile.ZipInfo(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            package.writestr(entry, files[name])
    return target.getvalue()


def repack(content: bytes, tables: Sequence[str] = ()) -> bytes:
    """Write a package anew in a fixed order with fixed dates.

    ``tables`` are put where a table without rows stands for each of them.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        files = {name: package.read(name) for name in package.namelist()}
    if tables:
        files[_BODY] = _STANDS.sub(lambda found: tables[int(found[2])].encode(), files[_BODY])
    return write_package(files)
