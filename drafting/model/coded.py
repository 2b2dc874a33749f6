"""How frozen results become JSON: the key of a field is its name unless it is marked here.

:mod:`drafting.record.codec` reads the marks; the order of the fields is the order of the keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias, Union

JSON: TypeAlias = Union[bool, int, float, str, Sequence["JSON"], Mapping[str, "JSON"], None]  # noqa: UP007 -- recursive
"""What a JSON file may hold, before anything is known of it."""

LEFT_OUT: Mapping[str, str] = MappingProxyType({"json": "left out"})
"""Metadata of a field that is not written while it is None."""
INLINE: Mapping[str, str] = MappingProxyType({"json": "inline"})
"""Metadata of a field whose own fields stand beside those of its owner; nothing is written while it is None."""


def keyed(key: str) -> Mapping[str, str]:
    """Metadata of a field whose key is no name in Python."""
    return MappingProxyType({"json": "keyed", "key": key})
