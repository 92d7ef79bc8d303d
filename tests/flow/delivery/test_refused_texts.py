"""Review cards and log lines whose words Discord refuses: they come without what people typed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.records import State
from tests.support.bot_env import picture
from tests.support.dialects import on_sqlite
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import SEND
from tests.support.discord.records import Channel, Upload
from tests.support.moderated_env import APPROVE, ModeratedEnv, open_moderated_env


@pytest.fixture
async def moderated_env(database_url: str, tmp_path: Path) -> AsyncIterator[ModeratedEnv]:
    """A moderated environment on each database."""
    async with open_moderated_env(database_url, tmp_path) as opened:
        yield opened


def refuse(moderated_env: ModeratedEnv, channel: Channel, times: int) -> None:
    """Discord refuses the words of the next messages in a channel."""
    moderated_env.bot_env.discord.faults.add(
        SEND,
        Fault(status=400, code=200000),
        times=times,
        where=lambda call: call.params["channel_id"] == str(channel.id),
    )


@on_sqlite
async def test_a_review_card_whose_words_are_refused_has_the_prompt_attached(
    moderated_env: ModeratedEnv,
) -> None:
    await moderated_env.set(review="prompt")
    refuse(moderated_env, moderated_env.channel, 1)
    async with moderated_env.bot_env.running():
        card = await moderated_env.held(prompt="a secret lighthouse")
        prompt = next(file for file in card.attachments if file.filename == "prompt.txt")
        assert prompt.read() == b"a secret lighthouse"
        assert "secret" not in card.content
        assert "attached" in card.content
        assert "pproved" in await moderated_env.press(card, APPROVE)
        decided = await moderated_env.decided(card, "Approved")
        await moderated_env.bot_env.until_state(State.POSTED)
    assert "secret" not in decided.content


@on_sqlite
async def test_a_review_card_whose_files_are_refused_too_comes_without_them(
    moderated_env: ModeratedEnv,
) -> None:
    await moderated_env.set(review="prompt")
    refuse(moderated_env, moderated_env.channel, 2)
    async with moderated_env.bot_env.running():
        card = await moderated_env.held(
            prompt="a secret lighthouse", files={"image1": Upload("secret.png", picture())}
        )
    assert [file.filename for file in card.attachments] == ["prompt.txt"]
    assert "secret" not in card.content


@on_sqlite
async def test_a_log_line_whose_words_are_refused_comes_without_the_note(
    moderated_env: ModeratedEnv,
) -> None:
    await moderated_env.set(review="prompt")
    refuse(moderated_env, moderated_env.log, 1)
    async with moderated_env.bot_env.running():
        card = await moderated_env.held()
        await moderated_env.reject(card, Reason=["adult"], Note="see the plan")
        line = await moderated_env.bot_env.discord.wait_message(
            lambda message: (
                message.channel_id == moderated_env.log.id and "Rejected" in message.content
            )
        )
    assert "Sexual" in line.content
    assert "plan" not in line.content
