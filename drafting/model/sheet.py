"""Declares that a dataclass field is a row of a settings sheet: one definition for writing, reading and printing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """What a settings sheet says about one field: label (项目), allowed values, explanation (说明), other labels."""

    field: str
    label: str
    choices: tuple[str, ...]
    note: str
    default: Any
    also: tuple[str, ...] = ()
    quiet: bool = False
    """Means something only where it is filled in: a blank one is neither written nor recorded."""


def row(
    label: str,
    default: Any,
    note: str,
    *,
    choices: Sequence[str] = (),
    also: Sequence[str] = (),
    quiet: bool = False,
) -> Any:
    """Declare a dataclass field that is a row of a settings sheet; ``also``: other labels that are accepted."""
    said = {"label": label, "choices": tuple(choices), "note": note, "also": tuple(also), "quiet": quiet}
    return field(default=default, metadata=said)


def rows(cls: type) -> tuple[Row, ...]:
    """Rows of the settings sheet that ``cls`` (a dataclass of :func:`row` fields) describes, in order."""

    def describe(f: Field[Any]) -> Row:
        meta = f.metadata
        return Row(f.name, meta["label"], meta["choices"], meta["note"], f.default, meta["also"], meta["quiet"])

    return tuple(describe(f) for f in fields(cls) if "label" in f.metadata)


def filled_rows(settings: Any) -> tuple[Row, ...]:
    """Rows of a settings object without the quiet ones that are blank."""
    return tuple(r for r in rows(type(settings)) if not r.quiet or getattr(settings, r.field) not in ("", None))
