"""Every statement that the code really runs in this process, so that its plan can be looked at.

What a test itself runs is not noted: the nearest frame outside `storage`'s connectors decides.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import storage
from storage.engine import postgres, sqlite, sqlite_bodies
from storage.engine.transaction import Body, Database, Dialect, Parameters, Row, Transaction

_CONNECTORS = frozenset({"sqlite.py", "sqlite_bodies.py", "postgres.py", "database.py"})
_RENDERING = (sqlite, sqlite_bodies, postgres)
_ROOT = Path(__file__).resolve().parents[2]
_OURS = tuple(str(_ROOT / folder) for folder in ("storage", "bot", "cogs"))

_BEGINNINGS = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ")
_LISTS = re.compile(r"\{each:(\w+)\}")
_HOLES = re.compile(r"\{(?!each:|skip_locked\}|for_update\})\w+\}")
_ONE_DATABASE = re.compile(r"clock_timestamp|set_config|pg_notify")


def constants() -> dict[str, Mapping[str, Any]]:
    """Every statement that is a constant of a module in `storage`, whether a test runs it or not.

    The parameters of lists are filled; a statement that is composed is noted when it runs.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for module in pkgutil.walk_packages(storage.__path__, "storage."):
        for value in vars(importlib.import_module(module.name)).values():
            if not isinstance(value, str) or not value.lstrip().startswith(_BEGINNINGS):
                continue
            if not _HOLES.search(value) and not _ONE_DATABASE.search(value):
                found[value] = dict.fromkeys(_LISTS.findall(value), "{1}")
    return found


class Statements:
    """SQL by its text, each with the parameters it was first run with."""

    def __init__(self) -> None:
        self.seen: dict[Dialect, dict[str, Mapping[str, Any]]] = {"sqlite": {}, "postgres": {}}
        self._tests_own: set[str] = set()

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what runs while this lasts."""
        render = vars(sqlite)["render"]

        def note(sql: str, dialect: Dialect) -> str:
            if sql not in self.seen[dialect] and sql not in self._tests_own:
                frame, parameters = _asker(sys._getframe(1))
                if frame is not None and _is_ours(frame.f_code.co_filename):
                    self.seen[dialect][sql] = parameters
                else:
                    self._tests_own.add(sql)
            return str(render(sql, dialect))

        for module in _RENDERING:
            vars(module)["render"] = note
        try:
            yield
        finally:
            for module in _RENDERING:
                vars(module)["render"] = render


def _is_ours(file: str) -> bool:
    # a migration may read what it changes, once
    return file.startswith(_OURS) and not file.endswith("migrate.py")


def _asker(frame: FrameType | None) -> tuple[FrameType | None, Mapping[str, Any]]:
    parameters: Mapping[str, Any] = {}
    while frame is not None and Path(frame.f_code.co_filename).name in _CONNECTORS:
        parameters = frame.f_locals.get("parameters") or parameters
        frame = frame.f_back
    return frame, dict(parameters)


class _Recorded:
    """A transaction that notes each statement it runs."""

    def __init__(self, tx: Transaction, ran: list[str]) -> None:
        self._tx = tx
        self._ran = ran
        self.dialect = tx.dialect
        self.memo = tx.memo

    async def fetch_all(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        self._ran.append(sql)
        return await self._tx.fetch_all(sql, parameters)

    async def fetch_one(self, sql: str, parameters: Parameters | None = None) -> Row | None:
        self._ran.append(sql)
        return await self._tx.fetch_one(sql, parameters)

    async def execute(self, sql: str, parameters: Parameters | None = None) -> int:
        self._ran.append(sql)
        return await self._tx.execute(sql, parameters)


@contextmanager
def by_transaction(database: Database) -> Iterator[list[list[str]]]:
    """Record what each transaction runs while this lasts: one list of statements for each."""
    transactions: list[list[str]] = []

    def recording(begin: Callable[[], AbstractAsyncContextManager[Transaction]]) -> Any:
        @asynccontextmanager
        async def session() -> AsyncIterator[Transaction]:
            async with begin() as tx:
                transactions.append([])
                yield _Recorded(tx, transactions[-1])

        return session

    def through(run: Callable[[Body[Any]], Coroutine[Any, Any, Any]]) -> Any:
        async def whole(body: Body[Any]) -> Any:
            async def recorded(tx: Transaction) -> Any:
                transactions.append([])
                return await body(_Recorded(tx, transactions[-1]))

            return await run(recorded)

        return whole

    # `write` and `read` of PostgreSQL go through the sessions
    is_sqlite = database.dialect == "sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "transaction", recording(database.transaction))
        patch.setattr(database, "reading", recording(database.reading))
        if is_sqlite:
            patch.setattr(database, "write", through(database.write))
            patch.setattr(database, "read", through(database.read))
        yield transactions
