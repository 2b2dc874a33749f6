"""What follows from closed rounds, kept in the database beside them, so that no page has to compute it.

A key names all that a figure follows from (snapshots, rules, this program's version); what is found under a key is
therefore right for good, and what is lost can be computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from sqlalchemy import Connection, insert, select

from drafting import __version__
from drafting.panel import tables as t

T = TypeVar("T")
_FORM = "3"
"""To be raised when the figures or the way they are written change."""


def key_of(kind: str, *parts: str) -> str:
    """Name a derived figure by what it follows from."""
    return hashlib.sha256(json.dumps([_FORM, __version__, kind, *parts]).encode()).hexdigest()


def kept(connection: Connection, kind: type[T], key: str) -> T | None:
    """What is kept under a key, None if nothing."""
    text = connection.scalar(select(t.derived.c.content).where(t.derived.c.key == key))
    if text is None:
        return None
    found: T = _read(kind, json.loads(text))
    return found


def keep(connection: Connection, values: Mapping[str, Any]) -> None:
    """Keep figures by key; what is there stays."""
    known = set(connection.scalars(select(t.derived.c.key).where(t.derived.c.key.in_(list(values)))))
    rows = [{"key": key, "content": written(value)} for key, value in values.items() if key not in known]
    if rows:
        connection.execute(insert(t.derived), rows)


def written(value: Any) -> str:
    """A frozen dataclass as JSON."""
    return json.dumps(asdict(value), ensure_ascii=False, default=lambda number: number.item())


@cache
def _fields(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any) -> Any:
    """The object that :func:`written` wrote, by the types of its fields."""
    if value is None:
        return None
    if get_origin(kind) is UnionType:
        kind = next(k for k in get_args(kind) if k is not NoneType)
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(_read(inner[0], v) for v in value)
        return tuple(_read(k, v) for k, v in zip(inner, value, strict=True))
    if is_dataclass(kind) and isinstance(kind, type):
        fields = _fields(kind)
        return kind(**{name: _read(fields[name], v) for name, v in value.items()})
    return kind(value)
