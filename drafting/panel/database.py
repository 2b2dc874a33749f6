"""The database behind a panel server: SQLite by default, PostgreSQL by URL; migration, backup, restore."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from drafting.files import OutputError, atomic

DEFAULT_URL = "sqlite:///专家咨询.sqlite3"
WRITING = "drafting_writing"
"""Execution option of a connection whose transaction writes: SQLite then takes its lock at the start."""
_WAIT_SECONDS = 5
_PATIENCE: dict[str, Any] = {
    "connect_timeout": _WAIT_SECONDS,
    # a server that is gone without a word must not hold the one writer for good
    "tcp_user_timeout": 2 * _WAIT_SECONDS * 1000,
    "keepalives_idle": _WAIT_SECONDS,
    "keepalives_interval": _WAIT_SECONDS,
    "keepalives_count": 2,
}
_MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseError(Exception):
    """A database that cannot be used; the message is for people."""


def open_database(url: str) -> Engine:
    """Give an engine for a URL such as ``sqlite:///panel.sqlite3`` or ``postgresql://user@host/name``.

    Raises DatabaseError: no such kind of database, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "数据库地址写法不对，例如 sqlite:///专家咨询.sqlite3 或 postgresql://用户@主机/库名。"
        ) from error
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _sqlite(url)
    if kind != "postgresql":
        raise DatabaseError(f"不支持的数据库“{kind}”：可用 SQLite 或 PostgreSQL。")
    try:
        return _postgresql(parsed)
    except ModuleNotFoundError as error:
        raise DatabaseError(
            '使用 PostgreSQL 须安装：pip install "cleaner-production-drafting[panel-postgres]"。'
        ) from error


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=8, connect_args=_PATIENCE
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        # neither must somebody else's lock
        connection.execute(f"SET lock_timeout = {round(_WAIT_SECONDS * 1000)}")
        connection.commit()

    return engine


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _WAIT_SECONDS}, pool_size=8)
    file = Path(engine.url.database) if engine.url.database not in (None, "", ":memory:") else None
    seen = False

    @event.listens_for(engine, "do_connect")
    def still_there(*_: Any) -> None:
        # a file that was there and is gone (a disk taken off) must not be begun anew, empty
        if seen and file is not None and not file.exists():
            raise sqlite3.OperationalError("unable to open database file: it is gone")

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin by itself: see below
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16000"):
            connection.execute(f"PRAGMA {pragma}")
        nonlocal seen
        seen = True

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a lock taken at the start cannot fail in the middle, when a reader turns writer
        writing = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes."""
    with engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
        yield connection


def migrate(engine: Engine) -> None:
    """Bring the database to the present form; nothing happens where it is already.

    Raises DatabaseError: it cannot be reached or written, or a newer program has made it.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        with writing(engine) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise DatabaseError("数据库由更新的版本建立，请升级本程序后再用。") from error
    except DBAPIError as error:
        raise DatabaseError(f"无法打开数据库：{_reason(error)}。请检查地址、权限和磁盘空间。") from error


_REASONS = {
    "disk is full": "磁盘空间不足",
    "unable to open database file": "文件打不开（文件夹不存在、没有权限，或所在磁盘为只读）",
    "readonly database": "文件为只读",
    "disk i/o error": "读写磁盘出错",
    "not a database": "文件不是数据库，或已损坏",
    "malformed": "文件已损坏",
}
"""What SQLite says -> the same in Chinese; a server's own words stand as they are."""


def _reason(error: DBAPIError) -> str:
    said = str(error.orig)
    return next((words for sign, words in _REASONS.items() if sign in said.lower()), said)


def is_made(engine: Engine) -> bool:
    """Whether the database is there and has been set up; looking does not make one.

    Raises DatabaseError: it cannot be reached.
    """
    if engine.dialect.name == "sqlite" and not _file_of(engine).is_file():
        return False
    try:
        return inspect(engine).has_table("organisers")
    except DBAPIError as error:
        raise DatabaseError(f"无法打开数据库：{_reason(error)}。请检查地址、权限和磁盘空间。") from error


def is_alive(engine: Engine) -> bool:
    """Whether the database answers."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def _file_of(engine: Engine) -> Path:
    if engine.dialect.name != "sqlite":
        raise DatabaseError("此命令用于 SQLite；PostgreSQL 请用 pg_dump 备份、pg_restore 恢复。")
    return Path(engine.url.database or "")


def backup(engine: Engine, target: Path) -> None:
    """Copy a SQLite database while it is in use, complete and consistent.

    Raises DatabaseError: not SQLite, no such database, or the target cannot be written.
    """
    source = _file_of(engine)
    if not source.is_file():
        raise DatabaseError(f"没有数据库文件“{source}”。")
    try:
        with (
            atomic(target) as partial,
            closing(sqlite3.connect(source)) as old,
            closing(sqlite3.connect(partial)) as new,
        ):
            old.backup(new)
    except (OutputError, sqlite3.Error) as error:
        raise DatabaseError(f"备份失败：{error}") from error


def restore(engine: Engine, source: Path) -> None:
    """Put a backup in the place of a SQLite database that is not in use; what stood there is kept beside it.

    Raises DatabaseError: the backup is none or damaged, or the database is in use.
    """
    target = _file_of(engine)
    _check_backup(source)
    try:
        if target.exists():
            _check_unused(target)
            kept = target.with_name(f"{target.name}.恢复前")
            if kept.exists():
                raise DatabaseError(f"“{kept}”已存在（上次恢复前的数据库），请先移走。")
            target.rename(kept)
        for suffix in ("-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        with (
            atomic(target) as partial,
            closing(sqlite3.connect(source)) as old,
            closing(sqlite3.connect(partial)) as new,
        ):
            old.backup(new)
    except (OutputError, OSError, sqlite3.Error) as error:
        raise DatabaseError(f"恢复失败：{error}") from error


def _check_backup(source: Path) -> None:
    try:
        if not source.is_file():
            raise DatabaseError(f"没有备份文件“{source}”。")
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
            fine = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            known = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'answer_history'").fetchone()[0]
    except sqlite3.Error as error:
        raise DatabaseError(f"“{source}”不是可用的备份：{error}") from error
    if not fine or not known:
        raise DatabaseError(f"“{source}”不是完好的备份。")


def _check_unused(target: Path) -> None:
    """Take the lock that excludes everybody, which a running server's connections prevent."""
    with closing(sqlite3.connect(target, timeout=0.5, isolation_level=None)) as connection:
        try:
            # leaving WAL needs the database alone, and folds the log into the file
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            raise DatabaseError("数据库正在使用，请先停止 drafting panel serve。") from error
        if mode != "delete":
            raise DatabaseError("数据库正在使用，请先停止 drafting panel serve。")
