"""What follows from closed rounds, kept in the database beside them, so that no page has to compute it.

A key names all that a figure follows from (snapshots, rules, this program's version); what is found under a key is
therefore right for good, and what is lost can be computed again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import msgspec
from sqlalchemy import Connection, insert, select

from drafting import __version__
from drafting.panel import tables as t

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
_FORM = "3"
"""To be raised when the figures or the way they are written change."""


def key_of(kind: str, *parts: str) -> str:
    """Name a derived figure by what it follows from."""
    return hashlib.sha256(json.dumps([_FORM, __version__, kind, *parts]).encode()).hexdigest()


def kept(connection: Connection, kind: type[T], key: str) -> T | None:
    """What is kept under a key, None if nothing."""
    text = connection.scalar(select(t.derived.c.content).where(t.derived.c.key == key))
    return None if text is None else msgspec.json.decode(text, type=kind, dec_hook=lambda own, value: own(value))


def keep(connection: Connection, values: Mapping[str, DataclassInstance]) -> None:
    """Keep figures by key; what is there stays."""
    known = set(connection.scalars(select(t.derived.c.key).where(t.derived.c.key.in_(list(values)))))
    rows = [{"key": key, "content": written(value)} for key, value in values.items() if key not in known]
    if rows:
        connection.execute(insert(t.derived), rows)


def written(value: DataclassInstance) -> str:
    """A frozen dataclass as JSON."""
    return json.dumps(asdict(value), ensure_ascii=False, default=lambda number: number.item())
