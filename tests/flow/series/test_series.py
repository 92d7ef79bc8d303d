"""A series from outside: shot follows shot, one film is posted, and a stop can be met."""

import io
from typing import Any

import av
import pytest
from PIL import Image, ImageChops

from bot.demo.provider.faults import Drop, Refuse
from bot.services.moderation.reviews import Verdict
from bot.services.requests import lifecycle
from bot.services.series.standing import STANDS_MS
from bot.services.server_settings import change_settings
from storage.records import State
from storage.requests import requests
from tests.flow.fast_forward import Flow
from tests.flow.series.conftest import PROMPTS, Shooting, ledger_is_right
from tests.support.bot_env import BotEnv
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Message

CONTENT = Refuse("20002", "[SY_ERR:9] PROVIDER_MODERATION_ERROR")


def seconds(message: Message) -> float:
    with av.open(io.BytesIO(message.attachments[0].read()), "r") as container:
        return (container.duration or 0) / av.time_base


async def test_shots_follow_one_another_and_one_film_is_posted(shooting: Shooting) -> None:
    bot_env = shooting.bot_env
    async with bot_env.running() as app:
        receipt = await shooting.ask(app)
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))
        await bot_env.discord.wait_for(lambda: not shooting.cards(receipt.request.id))
        await bot_env.discord.quiet()
    series_id = receipt.request.id
    (film,) = shooting.films(series_id)
    assert bot_env.videos() == [film]
    assert seconds(film) == pytest.approx(12, 0.1)
    creates = [call.body for call in bot_env.provider.creates]
    assert [body["prompt"] for body in creates] == list(PROMPTS)
    assert "first_image" not in creates[0]
    assert all(body["first_image"] for body in creates[1:])
    assert {shot.state for shot in await shooting.shots(series_id)} == {State.POSTED}
    assert not any(f"`{shot.id}`" in text for shot in receipt.group for text in bot_env.texts())
    await ledger_is_right(bot_env.database)
    assert not bot_env.discord.invalid_calls()


@on_sqlite
async def test_each_shot_begins_with_the_last_frame_of_the_one_before(
    shooting: Shooting,
) -> None:
    bot_env = shooting.bot_env
    async with bot_env.running() as app:
        receipt = await shooting.ask(app, *PROMPTS[:2])
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))
    first, second = await shooting.shots(receipt.request.id)
    data = bot_env.settings.data_dir
    with av.open(str(data / first.result_path)) as container:
        frames: list[Any] = list(container.decode(video=0))
        last = frames[-1].to_image()
    frame = data / f"inputs/{second.id}/0"
    with Image.open(frame) as sent:
        difference = ImageChops.difference(sent.convert("RGB"), last.convert("RGB"))
    extremes: Any = difference.getextrema()
    assert max(high for _, high in extremes) <= 8


@on_sqlite
async def test_the_card_shows_a_strip_of_what_is_made(flow: Flow, flowing: Shooting) -> None:
    bot_env = flow.bot_env
    async with flow.running() as app:
        flowing.meets(PROMPTS[1], CONTENT)
        receipt = await flowing.ask(app)
        await flow.until(lambda rows: any(row.state is State.FAILED for row in rows))

        def has_strip() -> bool:
            return any(
                file.filename.endswith("-shots.jpg")
                for card in flowing.cards(receipt.request.id)
                for file in card.attachments
            )

        await bot_env.discord.wait_for(has_strip)


async def test_a_refused_shot_is_tried_again_and_the_film_is_whole(
    bot_env: BotEnv, shooting: Shooting
) -> None:
    async with bot_env.running() as app:
        shooting.meets(PROMPTS[1], CONTENT)
        receipt = await shooting.ask(app)
        await bot_env.until(lambda rows: any(row.state is State.FAILED for row in rows))
        again = await app.bot.services.series.retry(
            shooting.caller(), receipt.request.id, 2, "a lamp shines"
        )
        assert again.is_new
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))
    (film,) = shooting.films(receipt.request.id)
    assert seconds(film) == pytest.approx(12, 0.1)
    await ledger_is_right(bot_env.database)


async def test_finishing_posts_what_there_is_and_a_day_does_so_by_itself(
    flow: Flow, flowing: Shooting
) -> None:
    bot_env = flow.bot_env
    async with flow.running() as app:
        flowing.meets(PROMPTS[1], CONTENT)
        one = await flowing.ask(app)
        await flow.until(lambda rows: any(row.state is State.FAILED for row in rows))
        await app.bot.services.series.finish(flowing.caller(), one.request.id)
        await flow.until(lambda rows: any(row.state is State.POSTED for row in rows))
        two = await flowing.ask(app)
        await flow.until(lambda rows: sum(row.state is State.FAILED for row in rows) == 2)
        flow.hop(STANDS_MS)
        await flow.until(
            lambda rows: sum(bool(row.shots) and row.state is State.POSTED for row in rows) == 2
        )
    for each in (one, two):
        (film,) = flowing.films(each.request.id)
        assert seconds(film) == pytest.approx(4, 0.1)
    await ledger_is_right(bot_env.database)


async def test_a_lost_answer_stops_it_until_an_owner_has_settled_it(
    bot_env: BotEnv, shooting: Shooting
) -> None:
    async with bot_env.running() as app:
        shooting.meets(PROMPTS[1], Drop())
        receipt = await shooting.ask(app)
        await bot_env.until(lambda rows: any(row.state is State.UNCERTAIN for row in rows))
        (shot,) = [
            each
            for each in await shooting.shots(receipt.request.id)
            if each.state is State.UNCERTAIN
        ]
        async with bot_env.database.transaction() as tx:
            row = await requests.require(tx, shot.id)
            await lifecycle.fail(tx, row, "not-run", now_ms=bot_env.clock(), intent_at_ms=0)
        bot_env.provider.faults.clear()
        await app.bot.services.series.retry(shooting.caller(), receipt.request.id, 2)
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))
    await ledger_is_right(bot_env.database)


async def test_a_stop_in_mid_series_loses_nothing(shooting: Shooting) -> None:
    bot_env = shooting.bot_env
    async with bot_env.running() as app:
        receipt = await shooting.ask(app)
        await bot_env.until(lambda rows: sum(row.state is State.RENDERED for row in rows) == 1)
    async with bot_env.running():
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))
    assert len(shooting.films(receipt.request.id)) == 1
    assert len(bot_env.provider.creates) == 3
    await ledger_is_right(bot_env.database)


@on_sqlite
async def test_with_review_of_results_nothing_of_the_film_shows_before_it_is_passed(
    shooting: Shooting,
) -> None:
    bot_env = shooting.bot_env
    review = bot_env.discord.add_channel(bot_env.guild, "review")
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, review="result", review_channel=review.id)
    async with bot_env.running() as app:
        receipt = await shooting.ask(app, *PROMPTS[:2])
        await bot_env.until(lambda rows: any(row.state is State.REVIEWING for row in rows))
        await bot_env.discord.wait_for(lambda: bool(bot_env.discord.messages(review)))
        assert not any(card.attachments for card in shooting.cards(receipt.request.id))
        await app.bot.services.reviews.decide(
            shooting.caller(moderates=True), receipt.request.id, 1, Verdict.APPROVE
        )
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))
    assert len(shooting.films(receipt.request.id)) == 1


async def test_moderators_see_all_prompts_and_the_files_before_anything_is_paid(
    shooting: Shooting,
) -> None:
    bot_env = shooting.bot_env
    review = bot_env.discord.add_channel(bot_env.guild, "review")
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, review="prompt", review_channel=review.id)
    async with bot_env.running() as app:
        receipt = await shooting.ask(app, *PROMPTS[:2], files=(shooting.picture(),))
        await bot_env.discord.wait_for(lambda: bool(bot_env.discord.messages(review)))
        (card,) = bot_env.discord.messages(review)
        assert all(prompt in card.content for prompt in PROMPTS[:2])
        assert len(card.attachments) == 1
        assert not bot_env.provider.creates
        await app.bot.services.reviews.decide(
            shooting.caller(moderates=True), receipt.request.id, 1, Verdict.APPROVE
        )
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))
    first, second = (call.body for call in bot_env.provider.creates)
    assert isinstance(first["images"], list)
    assert len(first["images"]) == 1
    assert second["first_image"]
    assert not bot_env.discord.messages(review)[1:]
    await ledger_is_right(bot_env.database)
