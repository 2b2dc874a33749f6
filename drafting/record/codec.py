"""Frozen results as JSON values: names of fields are the keys, but for the marks of :mod:`drafting.model.coded`.

Whatever a result gains is written here without a line more; what is read back is checked against the same classes by
msgspec, which knows dataclasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from drafting.model.coded import JSON


Result = TypeVar("Result")


def text_of(number: Decimal) -> str:
    """A decimal as plain text, never in exponent form."""
    return format(number, "f")


def plain(value: Any) -> Any:
    """
    Results, mappings, tuples, arrays and decimals as JSON values.

    Raises
    ------
    TypeError
        For anything else: what a reader of the record could not understand is not written as its Python name.
    """
    match value:
        case Enum():
            return value.value
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}
        case Decimal():
            return text_of(value)
        case list() | tuple() | frozenset():
            return [plain(v) for v in value]
    if is_dataclass(value):
        return written(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    raise TypeError(f"no value of a record: {type(value).__name__}")


def written(result: Any) -> dict[str, JSON]:
    """A frozen result as a JSON object, its fields in their order."""
    made: dict[str, JSON] = {}
    for name, key, mark in _keys(type(result)):
        value = getattr(result, name)
        if value is None and mark:
            continue
        if mark == "inline":
            made |= plain(value)
        else:
            made[key] = plain(value)
    return made


def read(data: bytes, kind: type[Result]) -> Result:
    """
    A frozen result from JSON as :func:`written` makes it, of a class without marks on its fields.

    Raises
    ------
    ValueError
        If it is no JSON, or not of that class.
    """
    import msgspec

    return msgspec.json.decode(data, type=kind)


def _keys(kind: type[Any]) -> tuple[tuple[str, str, str], ...]:
    """Name, key and mark of every field of a result."""
    if kind not in _KNOWN:
        marks = ((f, f.metadata.get("json", "")) for f in fields(kind))
        _KNOWN[kind] = tuple((f.name, f.metadata.get("key", f.name), m if m != "keyed" else "") for f, m in marks)
    return _KNOWN[kind]


_KNOWN: dict[type[Any], tuple[tuple[str, str, str], ...]] = {}
