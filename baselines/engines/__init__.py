"""The same grade values over tables larger than memory: DuckDB on one machine, Spark on a cluster.

Every engine answers a :class:`Question` with :class:`ColumnGrades` that equal those of :func:`grades_in_memory` bit for
bit: values, n, ranks, ties, shares and intervals. Engines read files and start processes; the rest of
:mod:`baselines` does not. ``duckdb`` and ``pyarrow`` come with the extra ``duckdb``, Ibis and PySpark with ``spark``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .duck import LEAST_LIMIT, connection, grades_of_table, reached_in_table
    from .errors import (
        EngineError,
        EngineMissingError,
        JavaMissingError,
        MasterAddressError,
        MasterUnreachableError,
        MemoryLimitError,
        ScratchError,
        TableError,
    )
    from .memory import grades_in_memory, grades_of_sample
    from .spark import grades_on_spark, is_master_address, spark_running, spark_session
    from .table import ColumnGrades, Question

_HOME = {
    "ColumnGrades": "table",
    "EngineError": "errors",
    "EngineMissingError": "errors",
    "JavaMissingError": "errors",
    "LEAST_LIMIT": "duck",
    "MasterAddressError": "errors",
    "MasterUnreachableError": "errors",
    "MemoryLimitError": "errors",
    "Question": "table",
    "ScratchError": "errors",
    "TableError": "errors",
    "connection": "duck",
    "grades_in_memory": "memory",
    "grades_of_sample": "memory",
    "grades_of_table": "duck",
    "grades_on_spark": "spark",
    "is_master_address": "spark",
    "reached_in_table": "duck",
    "spark_running": "spark",
    "spark_session": "spark",
}

__all__ = [
    "LEAST_LIMIT",
    "ColumnGrades",
    "EngineError",
    "EngineMissingError",
    "JavaMissingError",
    "MasterAddressError",
    "MasterUnreachableError",
    "MemoryLimitError",
    "Question",
    "ScratchError",
    "TableError",
    "connection",
    "grades_in_memory",
    "grades_of_sample",
    "grades_of_table",
    "grades_on_spark",
    "is_master_address",
    "reached_in_table",
    "spark_running",
    "spark_session",
]


def __getattr__(name: str) -> object:
    """Import a public name from its module at first use (PEP 562)."""
    module = _HOME.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value
