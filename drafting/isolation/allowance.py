"""How much time and memory one piece of work on a stranger's file may take."""

from __future__ import annotations

import math
from dataclasses import dataclass

_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Allowance:
    """Limits of one request."""

    seconds: int
    """Of processor time; the wall clock may show ``patience`` times as much before the reader is stopped."""
    megabytes: int
    """Of memory beyond what the reader holds when it begins."""
    patience: int = 4
    file_megabytes: int = 0
    """Of temporary files; a reader writes none but for a library that insists."""


def allowance_for(size: int, *, slow: bool = False) -> Allowance:
    """Limits for a file of so many bytes.

    A small file gets what keeps a machine usable while it is read (5 s, 768 MB); a large one what honest tables of its
    size need several times over: 2 million cells pack to some 8 MB, are read in 2 to 4 s and held in 300 MB.

    Parameters
    ----------
    size
        Of the file as it came, bytes.
    slow
        Whether cells are read as objects that keep their styles and written again (copies of workbooks): ten times the
        time of values, and temporary files, without which openpyxl does not write.

    Examples
    --------
    >>> allowance_for(30_000), allowance_for(8 << 20).megabytes, allowance_for(1 << 40).megabytes
    (Allowance(seconds=5, megabytes=768, patience=4, file_megabytes=0), 1280, 6144)
    """
    whole = math.ceil(size / _MB) if size > _MB else 0
    seconds = 5 + 3 * whole
    megabytes = min(768 + 64 * whole, 6144)
    if not slow:
        return Allowance(seconds, megabytes)
    return Allowance(10 * seconds, 2 * megabytes, file_megabytes=1024)
