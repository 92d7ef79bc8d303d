"""Shared fixtures: a migrated database per test, on SQLite and on PostgreSQL."""

import gc
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from storage.engine.database import open_database
from storage.engine.transaction import Database
from tests.support.database_pool import DatabasePool
from tests.support.patience import PATIENCE_S
from tests.support.postgres import PostgresMissing, PostgresServer, postgres_server
from tests.support.query_plans import postgres_faults, sqlite_faults
from tests.support.sqlite import migrated, new_sqlite
from tests.support.statements import Statements

# no deadline: these tests never measure time, and machines may be busy
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")

OpenAnother = Callable[[], Awaitable[Database]]

_missing: list[str] = []

# what is collected lives to the end of the session: looking for garbage in it took a sixth of the
# time of collecting, and each time anew during the tests
gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason in _missing:
        terminalreporter.write_line(f"PostgreSQL's half of the tests did not run: {reason}")


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[Statements]:
    """Records every SQL statement of the session; none may scan a growing table.

    The session ends with an error that names each one that does: it needs an index, a maintained
    sum, or batches. Exceptions are listed with reasons in `tests.support.query_plans`.
    """
    noted = Statements()
    with noted.noted():
        yield noted
    faults = sqlite_faults(noted.seen["sqlite"])
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def postgres(statements: Statements) -> Iterator[PostgresServer]:
    """A PostgreSQL server for the session; without one tests are skipped, and in CI they fail."""
    try:
        with postgres_server() as server:
            yield server
            name = server.create()
            migrated(server.url(name))
            faults = postgres_faults(server.url(name), statements.seen["postgres"])
            assert not faults, "\n".join(faults)
    except PostgresMissing as exc:
        _missing.append(str(exc))
        if os.environ.get("CI"):
            pytest.fail(str(exc))
        pytest.skip(str(exc))


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Iterator[str]:
    """Name of a migrated, empty template database."""
    name = postgres.create()
    migrated(postgres.url(name))
    yield name
    postgres.drop(name)


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A migrated, empty database of the test's own, which nothing has open yet."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture(scope="session")
def postgres_databases(postgres: PostgresServer, postgres_template: str) -> Iterator[DatabasePool]:
    """Migrated, empty databases."""
    pool = DatabasePool(postgres, postgres_template)
    yield pool
    pool.close()


@pytest.fixture(params=["sqlite", "postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """The database kind; tests that depend on it run on both."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """URL of a database for this test; open it with `migrate=True`."""
    if dialect == "sqlite":
        yield new_sqlite(tmp_path / "test.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    databases: DatabasePool = request.getfixturevalue("postgres_databases")
    name = databases.take()
    yield server.url(name)
    databases.give_back(name)


@pytest.fixture
def empty_database_url(
    request: pytest.FixtureRequest, dialect: str, tmp_path: Path
) -> Iterator[str]:
    """URL of a database without any migration."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def open_another(database_url: str) -> AsyncIterator[OpenAnother]:
    """Opens further connections to the test's database, as other processes would."""
    async with AsyncExitStack() as stack:

        async def open_once_more() -> Database:
            database = await open_database(database_url, migrate=True)
            stack.push_async_callback(database.close)
            return database

        yield open_once_more


@pytest.fixture
def patient_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits longer for a connection than a member does: it is the count that is tested.

    For tests in which dozens wait for one lock at once.
    """
    monkeypatch.setattr("storage.engine.postgres._POOL_TIMEOUT_S", PATIENCE_S)


@pytest.fixture
async def database(open_another: OpenAnother) -> Database:
    """A migrated database for this test, on SQLite and on PostgreSQL."""
    return await open_another()
