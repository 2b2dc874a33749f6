"""One server per database: the one writer is only one where no second process serves the same panels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from drafting.panel.database import DatabaseError

_KEY = 0x64726166_70616E65
"""Number of the advisory lock, which PostgreSQL keeps per database."""
_TAKEN = "这个数据库正由另一个 drafting panel serve 使用；一个数据库只能由一个服务器进程使用，请先停止那一个。"


class Hold:
    """Holds a database for one server until it is let go or the process ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file: IO[bytes] | None = None
        self._connection: Connection | None = None

    def take(self) -> None:
        """Take hold; nothing happens where this object holds it already.

        Raises DatabaseError: another server has it, or it cannot be reached.
        """
        if self._file is not None or self._connection is not None:
            return
        if self._engine.dialect.name == "postgresql":
            self._take_session()
        elif self._engine.url.database not in (None, "", ":memory:"):
            self._take_file(Path(f"{self._engine.url.database}.服务中"))

    def let_go(self) -> None:
        """Let go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._file is not None:
            self._file.close()  # the lock ends with it; the empty file stays, as removing it would race with others
            self._file = None

    def _take_session(self) -> None:
        # beside the pool: the lock lives as long as this one connection
        lone = create_engine(self._engine.url, poolclass=NullPool)
        try:
            connection = lone.connect().execution_options(isolation_level="AUTOCOMMIT")
            free = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY})
        except DBAPIError as error:
            raise DatabaseError(f"无法打开数据库：{error.orig}。请检查地址、权限和磁盘空间。") from error
        if not free:
            connection.close()
            raise DatabaseError(_TAKEN)
        self._connection = connection

    def _take_file(self, path: Path) -> None:
        try:
            file = path.open("ab")
        except OSError:
            return  # a folder that cannot be written: migrating says so, with the reason
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise DatabaseError(_TAKEN) from error
        self._file = file


def _lock(file: IO[Any]) -> None:
    """Lock a file against other processes.

    Raises OSError: somebody has it.
    """
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
