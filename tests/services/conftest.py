from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.services.quotas.usage import QuotaSettings
from storage.engine.transaction import Database
from tests.services.quotas.counter import Counter, catalogue

OpenCounter = Callable[..., Counter]


@pytest.fixture
def open_counter(database: Database, tmp_path: Path) -> OpenCounter:
    """A counter on each database, with the owner's limits as the test wants them."""

    def opened(on: Database | None = None, **limits: Any) -> Counter:
        return Counter(on or database, catalogue(tmp_path), tmp_path, QuotaSettings(**limits))

    return opened
