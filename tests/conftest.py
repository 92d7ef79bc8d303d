"""What every test can ask for: a database of each kind, migrated and its own."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from storage.engine.database import open_database
from storage.engine.transaction import Database
from tests.support.postgres import PostgresMissing, PostgresServer, postgres_server
from tests.support.query_plans import postgres_faults, sqlite_faults
from tests.support.statements import Statements

# a busy machine is no failure: what is tested here is never a time
settings.register_profile("house", deadline=None)
settings.load_profile("house")

OpenAnother = Callable[[], Awaitable[Database]]

_missing: list[str] = []


def migrated(url: str) -> None:
    """Bring a database up to date."""

    async def migrate() -> None:
        database = await open_database(url, migrate=True)
        await database.close()

    # a thread of its own: the test's event loop is not ours to touch
    thread = threading.Thread(target=lambda: asyncio.run(migrate()))
    thread.start()
    thread.join()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason in _missing:
        terminalreporter.write_line(f"PostgreSQL's half of the tests did not run: {reason}")


@pytest.fixture(scope="session", autouse=True)
def statements() -> Iterator[Statements]:
    """Every statement that the tests make the code run; none may read a table that grows.

    The session ends with an error that names each that does: it wants an index, a sum that is
    kept, or batches. What may read more is listed in `tests.support.query_plans`, with the reason.
    """
    noted = Statements()
    with noted.noted():
        yield noted
    faults = sqlite_faults(noted.seen["sqlite"])
    assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def postgres(statements: Statements) -> Iterator[PostgresServer]:
    """A server for the session: without one a test is skipped aloud, and in CI it fails."""
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
    """The name of a migrated, empty database, copied for each test."""
    name = postgres.create()
    migrated(postgres.url(name))
    yield name
    postgres.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Which database; whatever depends on it runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, dialect: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of one's own; open it with `migrate=True`."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    template: str = request.getfixturevalue("postgres_template")
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def empty_database_url(
    request: pytest.FixtureRequest, dialect: str, tmp_path: Path
) -> Iterator[str]:
    """The URL of a database that no migration has seen."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def open_another(database_url: str) -> AsyncIterator[OpenAnother]:
    """Opens the test's database once more, as another process would; closed with the test."""
    async with AsyncExitStack() as stack:

        async def open_once_more() -> Database:
            database = await open_database(database_url, migrate=True)
            stack.push_async_callback(database.close)
            return database

        yield open_once_more


@pytest.fixture
async def database(open_another: OpenAnother) -> Database:
    """A migrated database of one's own, on SQLite and on PostgreSQL."""
    return await open_another()
