"""Frozen results as JSON values: names of fields are the keys, but for the marks of :mod:`drafting.model.coded`.

Whatever a result gains is written here without a line more; what is read back is checked against the same classes, and
those of :mod:`drafting.record.schema`, by msgspec.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from msgspec import UNSET, Struct, ValidationError, convert, json

from drafting.model.coded import JSON

Result = TypeVar("Result")


def text_of(number: Decimal) -> str:
    """A decimal as plain text, never in exponent form."""
    return format(number, "f")


def plain(value: Any) -> Any:
    """Results, mappings, tuples, arrays and decimals as JSON values.

    Raises TypeError for anything else: what a reader of the record could not understand is not written as its Python
    name.
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
    if is_dataclass(value) or isinstance(value, Struct):
        return written(value)
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    raise TypeError(f"no value of a record: {type(value).__name__}")


def written(result: Any) -> dict[str, JSON]:
    """A frozen result as a JSON object, its fields in their order."""
    made: dict[str, JSON] = {}
    for name, key, mark in _keys(type(result)):
        value = getattr(result, name)
        if value is UNSET or (value is None and mark):
            continue
        if mark == "inline":
            made |= plain(value)
        else:
            made[key] = plain(value)
    return made


def read(data: bytes, kind: type[Result]) -> Result:
    """A frozen result from JSON as :func:`written` makes it, of a class without marks on its fields.

    Raises ValueError if it is no JSON, or not of that class.
    """
    return json.decode(data, type=kind)


def understood(value: JSON, kind: type[Result]) -> Result:
    """What a class of :mod:`drafting.record.schema` says of JSON that has been parsed.

    Raises SchemaError if it is not of that class.
    """
    try:
        return convert(value, kind)
    except ValidationError as fault:
        raise SchemaError(place_in(str(fault))) from fault


class SchemaError(ValueError):
    """JSON of another shape; the message says in Chinese where."""


def place_in(fault: str) -> str:
    """Where msgspec found something wrong, in Chinese."""
    place = fault.rpartition("`$")[2].strip("`").strip(".")
    return f"位于 {place}" if place else "缺少必需的项"


def part(value: JSON) -> Mapping[str, JSON]:
    """A JSON object.

    Raises TypeError if it is none.
    """
    if not isinstance(value, Mapping):
        raise TypeError(f"no object: {type(value).__name__}")
    return value


def parts(value: JSON) -> list[Mapping[str, JSON]]:
    """A list of JSON objects.

    Raises TypeError if it is none.
    """
    return [part(one) for one in listed(value)]


def listed(value: JSON) -> Sequence[JSON]:
    """A JSON list.

    Raises TypeError if it is none.
    """
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"no list: {type(value).__name__}")
    return value


def _keys(kind: type[Any]) -> tuple[tuple[str, str, str], ...]:
    """Name, key and mark of every field of a result."""
    if kind not in _KNOWN:
        _KNOWN[kind] = _of_struct(kind) if issubclass(kind, Struct) else _of_dataclass(kind)
    return _KNOWN[kind]


def _of_struct(kind: type[Struct]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, key, "") for name, key in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
    )


def _of_dataclass(kind: type[Any]) -> tuple[tuple[str, str, str], ...]:
    marks = ((f, f.metadata.get("json", "")) for f in fields(kind))
    return tuple((f.name, f.metadata.get("key", f.name), m if m != "keyed" else "") for f, m in marks)


_KNOWN: dict[type[Any], tuple[tuple[str, str, str], ...]] = {}
