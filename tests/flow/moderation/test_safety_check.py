"""The safety check from outside: what is flagged is seen by nobody before a moderator passed it."""

import hashlib
import hmac
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from storage.records import State
from tests.support.bot_env import picture
from tests.support.classifier import SECRET, Classifier, open_classifier
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Upload
from tests.support.moderated_env import APPROVE, ModeratedEnv, open_moderated_env

RED = {"image1": Upload("red.png", picture(colour="red"))}


@pytest.fixture
async def classifier() -> AsyncIterator[Classifier]:
    async with open_classifier() as opened:
        yield opened


@pytest.fixture
async def moderated_env(
    database_url: str, tmp_path: Path, classifier: Classifier
) -> AsyncIterator[ModeratedEnv]:
    """A moderated environment, on each database, whose review is off and whose check is on."""
    settings = {"safety_check": classifier.url, "safety_secret": SECRET}
    async with open_moderated_env(database_url, tmp_path, **settings) as opened:
        yield opened


async def test_a_flagged_picture_is_held_before_anything_is_paid(
    moderated_env: ModeratedEnv, classifier: Classifier
) -> None:
    bot_env = moderated_env.bot_env
    async with bot_env.running():
        await moderated_env.ask(
            files={
                "image1": Upload("a.png", picture()),
                "image2": Upload("b.png", picture(colour="red")),
            },
        )
        request = await bot_env.until_state(State.HELD)
        card = await moderated_env.card(request.id)
        assert "the safety check flagged it" in card.content
        assert "explicit 97% on file 2" in card.content
        assert [file.filename.rpartition("-")[2] for file in card.attachments] == ["2.png", "1.png"]
        assert all(file.filename.startswith("SPOILER_") for file in card.attachments)
        assert not bot_env.provider.calls
        await moderated_env.press(card, APPROVE)
        await bot_env.until_state(State.POSTED)
    asked, looked = classifier.calls
    assert asked.ids == ["image1", "image2"]
    assert asked.asked["prompt"] == "a lighthouse at dusk"
    assert asked.asked["request"] == request.id
    signed = hmac.new(SECRET.encode(), asked.body, hashlib.sha256).hexdigest()
    assert asked.signature == f"sha256={signed}"
    assert all(each.startswith("frame@") for each in looked.ids)
    assert len(looked.ids) == 4
    assert not bot_env.discord.invalid_calls()


@on_sqlite
async def test_a_flagged_result_is_not_posted_before_it_is_approved(
    moderated_env: ModeratedEnv, classifier: Classifier
) -> None:
    bot_env = moderated_env.bot_env
    classifier.score_of_frame = 0.8
    async with bot_env.running():
        await moderated_env.ask()
        request = await bot_env.until_state(State.REVIEWING)
        card = await moderated_env.card(request.id)
        await bot_env.discord.quiet()
        assert not bot_env.videos(bot_env.channel)
        assert "explicit 80% at 2." in card.content
        first = card.attachments[0]
        assert first.filename == f"SPOILER_{request.id}-flagged.jpg"
        assert Image.open(io.BytesIO(first.read())).format == "JPEG"
        await moderated_env.press(card, APPROVE)
        await bot_env.until_state(State.POSTED)
        assert len(bot_env.videos(bot_env.channel)) == 1
    # a text alone has nothing to look at; the result was looked at once
    assert len(classifier.calls) == 1
    assert not bot_env.discord.invalid_calls()


async def test_a_check_that_is_down_holds_and_is_told_once(
    moderated_env: ModeratedEnv, classifier: Classifier
) -> None:
    bot_env = moderated_env.bot_env
    classifier.answer = classifier.is_down
    async with bot_env.running():
        await moderated_env.ask(files=RED)
        await moderated_env.ask(files=RED)
        request = await bot_env.until_state(State.HELD)
        await bot_env.until_state(State.HELD, number=1)
        card = await moderated_env.card(request.id)
        assert "the safety check gave no answer" in card.content
        assert len(classifier.calls) == 6
        assert not bot_env.provider.calls
        await bot_env.discord.wait_message(lambda message: "gives no answer" in message.content)
        await bot_env.discord.quiet()
    told = [text for text in bot_env.texts(moderated_env.log) if "gives no answer" in text]
    assert len(told) == 1


@on_sqlite
async def test_without_a_review_channel_flagged_is_refused_and_unchecked_goes_on(
    moderated_env: ModeratedEnv, classifier: Classifier
) -> None:
    bot_env = moderated_env.bot_env
    await moderated_env.set(review_channel=None)
    async with bot_env.running():
        await moderated_env.ask(files=RED)
        request = await bot_env.until_state(State.FAILED)
        assert request.failure == "flagged"
        assert not bot_env.provider.calls
        told = await bot_env.discord.wait_message(
            lambda message: "A moderator needs to check one of your files" in message.content
        )
        assert told.channel_id == bot_env.channel.id
        classifier.answer = classifier.is_down
        await moderated_env.ask(files=RED)
        await bot_env.until_state(State.POSTED, number=1)
        line = await bot_env.discord.wait_message(
            lambda message: "go on unchecked" in message.content
        )
    assert line.channel_id == moderated_env.log.id
