"""Review cards and log lines whose words Discord refuses: they come without what people typed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.records import State
from tests.support.bot_env import picture
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import SEND
from tests.support.discord.records import Channel, Upload
from tests.support.moderated_env import APPROVE, Court, open_court


@pytest.fixture
async def court(database_url: str, tmp_path: Path) -> AsyncIterator[Court]:
    """A court on each database."""
    async with open_court(database_url, tmp_path) as opened:
        yield opened


def refuse(court: Court, channel: Channel, times: int) -> None:
    """Discord refuses the words of the next messages in a channel."""
    court.house.discord.faults.add(
        SEND,
        Fault(status=400, code=200000),
        times=times,
        where=lambda call: call.params["channel_id"] == str(channel.id),
    )


async def test_a_review_card_whose_words_are_refused_has_the_prompt_attached(
    court: Court,
) -> None:
    await court.set(review="prompt")
    refuse(court, court.channel, 1)
    async with court.house.running():
        card = await court.held(prompt="a secret lighthouse")
        prompt = next(file for file in card.attachments if file.filename == "prompt.txt")
        assert prompt.read() == b"a secret lighthouse"
        assert "secret" not in card.content
        assert "attached" in card.content
        assert "pproved" in await court.press(card, APPROVE)
        decided = await court.decided(card, "Approved")
        await court.house.until_state(State.POSTED)
    assert "secret" not in decided.content


async def test_a_review_card_whose_files_are_refused_too_comes_without_them(court: Court) -> None:
    await court.set(review="prompt")
    refuse(court, court.channel, 2)
    async with court.house.running():
        card = await court.held(
            prompt="a secret lighthouse", files={"image1": Upload("secret.png", picture())}
        )
    assert [file.filename for file in card.attachments] == ["prompt.txt"]
    assert "secret" not in card.content


async def test_a_log_line_whose_words_are_refused_comes_without_the_note(court: Court) -> None:
    await court.set(review="prompt")
    refuse(court, court.log, 1)
    async with court.house.running():
        card = await court.held()
        await court.reject(card, Reason=["adult"], Note="see the plan")
        line = await court.house.discord.wait_message(
            lambda message: message.channel_id == court.log.id and "Rejected" in message.content
        )
    assert "Sexual" in line.content
    assert "plan" not in line.content
