"""Cells with a baseline for each class (山区≥60；丘陵区≥40) as class rows (类别): a row for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from drafting.model.bound_value import Bound, BoundKind
from drafting.model.identity import label_key
from drafting.notation.cells_row import Reading, Row, read_baseline

BY_CLASS = "by-class"
"""Fault of a cell that has a baseline for each of several classes."""


def class_rows(readings: Sequence[Reading], row: Row) -> Mapping[str, tuple[str, ...]]:
    """Give for each class what the cells say of it, in the order of the first such cell; nothing where they differ.

    A cell that names no class says the same of every class. Every cell of every class is read alone: a part that would
    not be judged leaves the cells as they are.

    ``readings``: the filled baseline cells of a row, in order.
    ``row``: what they have to fit.
    """
    told = [_parts(reading) for reading in readings]
    several = [parts for parts in told if parts is not None]
    if not several or not several[0] or any(parts.keys() != several[0].keys() for parts in several):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for key, first in several[0].items():
        pairs = zip(readings, told, strict=True)
        cells = tuple(r.bound.text if parts is None else parts[key].text for r, parts in pairs)
        if any(_unclear(cell, row) for cell in cells):
            return {}
        found[first.subject.strip()] = cells
    return MappingProxyType(found)


def _parts(reading: Reading) -> Mapping[str, Bound] | None:
    """What a cell says of each class; None of one without classes, nothing where two are alike or marks stand in it."""
    if reading.fault != BY_CLASS:
        return None
    parts = {label_key(part.subject): part for part in reading.bound.parts}
    return {} if len(parts) < len(reading.bound.parts) or reading.bound.marks else parts


def _unclear(cell: str, row: Row) -> bool:
    reading = read_baseline(cell, row)
    return bool(reading.fault) or not (reading.bound.judged or reading.bound.kind is BoundKind.SAME_AS)
