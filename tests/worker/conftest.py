"""What the worker's tests start from: an empty database's file and a small video's bytes."""

import asyncio
import threading
from pathlib import Path

import pytest

from storage.engine.database import open_database
from tests.media.films import film


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy."""
    path = tmp_path_factory.mktemp("worker") / "empty.db"

    async def make() -> None:
        database = await open_database(f"sqlite:///{path}", migrate=True)
        await database.close()

    thread = threading.Thread(target=lambda: asyncio.run(make()))
    thread.start()
    thread.join()
    return path


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real video."""
    return film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=0.5)
