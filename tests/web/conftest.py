"""An environment whose bot serves the health endpoints."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.bot_env import BotEnv, open_bot_env


@pytest.fixture
async def bot_env(database_url: str, tmp_path: Path) -> AsyncIterator[BotEnv]:
    async with open_bot_env(database_url, tmp_path) as opened:
        yield opened
