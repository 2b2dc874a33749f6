"""Errors of the engines: what a table, a memory limit or a cluster cannot give."""

from __future__ import annotations

from baselines.errors import BaselineError


class EngineError(BaselineError):
    """Base of what only engines raise."""


class EngineMissingError(EngineError):
    """The packages of an engine are not installed; ``values`` holds the extra that brings them."""


class TableError(EngineError):
    """A file that is no table, a column that is not there or holds no numbers; ``values`` names it."""


class MemoryLimitError(EngineError):
    """The memory limit is too small for the work; ``values`` holds the limit in bytes."""


class ScratchError(EngineError):
    """Files that an engine works with cannot be written; ``values`` holds the system's number for the reason, or 0."""


class JavaMissingError(EngineError):
    """Spark needs a Java runtime, and none was found."""


class MasterAddressError(EngineError):
    """No address of a Spark master by its form; ``values`` holds it."""


class MasterUnreachableError(EngineError):
    """The Spark master did not answer in time; ``values`` holds its address."""
