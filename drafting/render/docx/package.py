"""The zip around a Word document, with the same bytes for the same content."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_DATE = (1980, 1, 1, 0, 0, 0)
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


def repack(content: bytes) -> bytes:
    """Write a package anew in a fixed order with fixed dates."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return write_package({name: package.read(name) for name in package.namelist()})
