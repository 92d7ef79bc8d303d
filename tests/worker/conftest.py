"""What the worker's tests start from: an empty database's file and a small video's bytes."""

from pathlib import Path

import pytest

from tests.media.films import film
from tests.support import sqlite


@pytest.fixture(scope="session")
def empty_sqlite() -> Path:
    """A migrated, empty database to copy."""
    return sqlite.empty_sqlite()


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real video."""
    return film(tmp_path_factory.mktemp("film") / "film.mp4", seconds=0.5)
