"""When two names mean one enterprise, one expert or one indicator: the only place where that is decided.

Enterprises and experts are who they are called: full and half width, blanks and the case of letters make no difference,
every other character does – 华新1/2号线 is not 华新12号线. Indicators and categories also head worksheets, whose titles
cannot hold every character, so that 原/辅料 and 原辅料 are one. Names that differ in what is ignored are one name, and
whoever brings them together says so (:func:`differ`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

FORBIDDEN_IN_TITLES = "[]:*?/\\"
"""Characters that no worksheet's title can hold."""
DITTO = frozenset({"同上", "同前", "〃", "″", "〞", '"', "”"})
"""Cells that mean what stands in the row above instead of naming it."""


def name_key(name: str) -> str:
    """Reduce the name of an enterprise or the code of an expert for comparison.

    Examples
    --------
    >>> name_key("华新 １ 号线") == name_key("华新1号线"), name_key("华新1/2号线") == name_key("华新12号线")
    (True, False)
    """
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def name_keys(names: Sequence[str]) -> list[str]:
    """Reduce many names at once."""
    folded = unicodedata.normalize("NFKC", "\n".join(names)).casefold().split("\n")
    if len(folded) != len(names):  # a name of several lines
        return [name_key(name) for name in names]
    return ["".join(name.split()) for name in folded]


@lru_cache(maxsize=1 << 15)
def label_key(label: str) -> str:
    """Reduce the name or code of an indicator, a category, a heading or a sheet's title for comparison."""
    return "".join(c for c in name_key(label) if c not in FORBIDDEN_IN_TITLES)


def differ(one: str, other: str) -> bool:
    """Whether two names that mean one enterprise or expert are written differently."""
    return one != other and name_key(one) == name_key(other)
