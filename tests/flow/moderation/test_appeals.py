"""Appeals from outside: from the button in the direct message to the posted video."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.records import State
from tests.support.bot_env import picture
from tests.support.discord.interactions import FORM, Interaction
from tests.support.discord.records import Message, Upload, User
from tests.support.moderated_env import APPROVE, SPOILER, ModeratedEnv, open_moderated_env

APPEAL = "Appeal"


@pytest.fixture
async def moderated_env(database_url: str, tmp_path: Path) -> AsyncIterator[ModeratedEnv]:
    """A moderated environment on each database."""
    async with open_moderated_env(database_url, tmp_path) as opened:
        yield opened


async def told(moderated_env: ModeratedEnv, *words: str) -> Message:
    """A message to Alice with these words."""
    return await moderated_env.bot_env.discord.wait_message(
        lambda message: all(word in message.content for word in words), 20
    )


async def said(moderated_env: ModeratedEnv, news: Message, text: str, user: User) -> str:
    """What is answered to who presses Appeal, and to the form if it opens."""
    pressed = await moderated_env.bot_env.discord.click(news, APPEAL, user)
    await pressed.wait_answered()
    if pressed.answer_type != FORM:
        return (await pressed.wait_shown()).content
    return await submitted(moderated_env, pressed, text)


async def submitted(moderated_env: ModeratedEnv, opened: Interaction, text: str) -> str:
    sent = await moderated_env.bot_env.discord.submit(opened, {"Why": text})
    return (await sent.wait_shown()).content


async def test_an_appeal_from_a_direct_message_is_decided_by_another_moderator_and_made(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review="prompt")
    async with bot_env.running():
        files = {"image1": Upload("sea.png", picture())}
        card = await moderated_env.held(prompt="a red flag", files=files)
        await moderated_env.reject(card, Reason=["violence"], Note="too much red")
        news = await told(moderated_env, "rejected your video")
        assert bot_env.discord.world.channels[news.channel_id].recipient is bot_env.alice
        opened = await bot_env.discord.click(news, APPEAL, bot_env.alice)
        await opened.wait_answered()
    async with bot_env.running():
        # the form is from before the restart
        assert "with the moderators" in await submitted(moderated_env, opened, "it is **mine**")
        assert "already appealed" in await said(moderated_env, news, "again", bot_env.alice)
        request = await bot_env.request()
        appeal = await moderated_env.card(request.id)
        for words in ("Appeal", f"<@{moderated_env.bob.id}>", "Violence", "too much red"):
            assert words in appeal.content
        assert "it is \\*\\*mine\\*\\*" in appeal.content
        assert SPOILER not in str(appeal.components)
        assert len(appeal.attachments) == 1
        assert "another moderator" in await moderated_env.press(appeal, APPROVE)
        assert "Only moderators" in await moderated_env.press(appeal, APPROVE, moderated_env.dave)
        said_ = await moderated_env.press(appeal, APPROVE, moderated_env.carol)
        assert "Appeal granted" in said_
        await bot_env.until_state(State.POSTED)
        await told(moderated_env, "your appeal was granted")
        await moderated_env.decided(appeal, "Appeal granted", f"<@{moderated_env.carol.id}>")
        history = await moderated_env.mod("history", id=request.id)
        text = history.text
        assert "rejected" in text
        assert "appeal granted" in text
        await bot_env.discord.quiet()
    assert len(bot_env.videos(bot_env.channel)) == 1
    assert len(bot_env.provider.creates) == 1
    assert not bot_env.discord.invalid_calls()


async def test_a_video_that_was_rejected_is_posted_after_a_granted_appeal(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    bot_env.alice.takes_messages = False
    await moderated_env.set(review="result")
    async with bot_env.running():
        await moderated_env.ask()
        request = await bot_env.until_state(State.REVIEWING)
        await moderated_env.reject(await moderated_env.card(request.id))
        # in the channel, where others see the button too
        news = await told(moderated_env, "rejected your video")
        assert news.channel_id == bot_env.channel.id
        assert "Only the member" in await said(moderated_env, news, "me", moderated_env.dave)
        await said(moderated_env, news, "please look again", bot_env.alice)
        request = await bot_env.request()
        appeal = await bot_env.discord.wait_message(
            lambda message: f"vb:approve:{request.id}:2" in str(message.components), 20
        )
        assert [file.filename.rpartition("-")[2] for file in appeal.attachments][:1] == [
            "review.mp4"
        ]
        await moderated_env.press(appeal, APPROVE, moderated_env.carol)
        await bot_env.until_state(State.POSTED)
        await bot_env.discord.quiet()
    assert len(bot_env.videos(bot_env.channel)) == 1
    assert not bot_env.discord.invalid_calls()
