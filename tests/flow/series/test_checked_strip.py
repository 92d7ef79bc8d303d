"""With a safety check the card of a series shows only frames that the check has cleared."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage.records import State
from tests.flow.series.test_series_from_outside import asked, cards, series_of
from tests.support.bot_env import BotEnv, open_bot_env
from tests.support.classifier import SECRET, Classifier, open_classifier
from tests.support.dialects import on_sqlite


@pytest.fixture
async def classifier() -> AsyncIterator[Classifier]:
    async with open_classifier() as opened:
        yield opened


@pytest.fixture
async def bot_env(
    database_url: str, tmp_path: Path, classifier: Classifier
) -> AsyncIterator[BotEnv]:
    settings: dict[str, Any] = {"safety_check": classifier.url, "safety_secret": SECRET}
    async with open_bot_env(database_url, tmp_path, **settings) as opened:
        yield opened


def strips(bot_env: BotEnv) -> list[str]:
    """The names of the strips that were ever put on a card."""
    return [
        file.filename
        for message in bot_env.discord.messages(bot_env.channel)
        for file in message.attachments
        if file.filename.endswith("-shots.jpg")
    ]


@on_sqlite
async def test_a_strip_of_what_the_check_has_cleared(
    bot_env: BotEnv, classifier: Classifier
) -> None:
    async with bot_env.running():
        await bot_env.discord.click(await asked(bot_env), "Confirm", bot_env.alice)
        await bot_env.discord.wait_for(lambda: bool(strips(bot_env)))
        await bot_env.until(lambda rows: all(row.state is State.POSTED for row in rows))
    # each shot, and the film
    assert len(classifier.calls) == 4


@on_sqlite
async def test_no_strip_of_what_was_flagged(bot_env: BotEnv, classifier: Classifier) -> None:
    classifier.score_of_frame = 0.9
    async with bot_env.running():
        await bot_env.discord.click(await asked(bot_env), "Confirm", bot_env.alice)
        await bot_env.until(lambda rows: any(row.shots and row.failure for row in rows))
        await bot_env.discord.wait_for(lambda: not cards(bot_env, "Making shot"))
    assert (await series_of(bot_env)).failure == "flagged-result"
    assert not strips(bot_env)
    assert not cards(bot_env, "Making shot")
