"""Environments for end-to-end tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flow.fast_forward import Flow, HopClock
from tests.support.bot_env import BotEnv, open_bot_env


@pytest.fixture
async def bot_env(database_url: str, tmp_path: Path) -> AsyncIterator[BotEnv]:
    """An environment on each database; its bot is not started yet."""
    async with open_bot_env(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def flow(database_url: str, tmp_path: Path) -> AsyncIterator[Flow]:
    """An environment whose clock skips waiting times."""
    clock = HopClock()
    async with open_bot_env(database_url, tmp_path, clock=clock) as opened:
        yield Flow(opened, clock)
