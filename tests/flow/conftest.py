"""Environments for end-to-end tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services.requests import saved_forms
from bot.ui.cast import add
from bot.ui.moderation import appeals, queue, review_buttons
from bot.ui.owner import uncertain
from bot.ui.requests import form_open
from bot.ui.series import buttons, create
from bot.ui.templates import make
from tests.flow.fast_forward import Flow, HopClock
from tests.support.bot_env import BotEnv, open_bot_env
from tests.support.patience import PATIENCE_S

_OPEN_FORMS = (
    *(
        saved_forms,
        add,
        appeals,
        queue,
        review_buttons,
        uncertain,
        form_open,
        buttons,
        create,
        make,
    ),
)


@pytest.fixture(autouse=True)
def patient_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms wait for what they show as long as a test does, instead of a second."""
    for module in _OPEN_FORMS:
        for name in {"CHECK_S", "LOOK_S", "PREFILL_S"} & set(vars(module)):
            monkeypatch.setattr(module, name, PATIENCE_S)


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
