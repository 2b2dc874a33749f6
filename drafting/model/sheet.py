"""Declares that a dataclass field is a row of a settings sheet: one definition for writing, reading and printing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """What a settings sheet says about one field: label (项目), allowed values, explanation (说明)."""

    field: str
    label: str
    choices: tuple[str, ...]
    note: str
    default: Any


def row(label: str, default: Any, note: str, *, choices: Sequence[str] = ()) -> Any:
    """Declare a dataclass field that is a row of a settings sheet."""
    return field(default=default, metadata={"label": label, "choices": tuple(choices), "note": note})


def rows(cls: type) -> tuple[Row, ...]:
    """Rows of the settings sheet that ``cls`` (a dataclass of :func:`row` fields) describes, in order."""

    def describe(f: Field[Any]) -> Row:
        return Row(f.name, f.metadata["label"], f.metadata["choices"], f.metadata["note"], f.default)

    return tuple(describe(f) for f in fields(cls) if "label" in f.metadata)
