"""A video and what it continues, joined into one film: once, where they stand, while they stand."""

import asyncio
import io
from typing import Any

import av
import pytest

from bot.services.server_settings import change_settings
from storage.moderation.visibility import Display, want
from storage.records import MessageKind, OutboxState, Request, State
from storage.requests import outbox
from storage.servers import servers
from tests.support.bot_env import BotEnv
from tests.support.dialects import on_sqlite
from tests.support.discord.http.server import SEND
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Message, User

"""For what is no matter of the database: half of the time."""
JOIN = "Join into one film"


def labels(message: Message) -> list[str]:
    return [part["label"] for row in message.components for part in row["components"]]


def films(bot_env: BotEnv) -> list[Message]:
    return [
        message
        for message in bot_env.videos()
        if message.attachments[0].filename.endswith("-film.mp4")
    ]


def seconds(message: Message) -> float:
    with av.open(io.BytesIO(message.attachments[0].read()), "r") as container:
        assert len(container.streams.video) == 1
        return (container.duration or 0) / av.time_base


async def first(bot_env: BotEnv, **options: Any) -> tuple[Message, Request]:
    """A video of Alice's, in its channel."""
    await (await bot_env.create(**options)).wait_shown()
    await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
    return bot_env.videos()[0], await bot_env.until_state(State.POSTED)


async def continued(
    bot_env: BotEnv, video: Message, number: int = 1, by: User | None = None
) -> tuple[Message, Request]:
    """The video that begins where another ends."""
    count = len(bot_env.videos())
    opened = await (
        await bot_env.discord.click(video, "Continue", by or bot_env.alice)
    ).wait_answered()
    await (await bot_env.discord.submit(opened, {"Prompt": "and then"})).wait_shown()
    await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == count + 1)
    return bot_env.videos()[-1], await bot_env.until_state(State.POSTED, number=number)


async def more(bot_env: BotEnv, video: Message, by: User | None = None) -> Message:
    return await (await bot_env.discord.click(video, "More", by or bot_env.alice)).wait_shown()


async def press_join(bot_env: BotEnv, video: Message, by: User | None = None) -> Interaction:
    return await bot_env.discord.click(await more(bot_env, video, by), JOIN, by or bot_env.alice)


async def set_up(bot_env: BotEnv, **changes: Any) -> None:
    async with bot_env.database.transaction() as tx:
        await servers.require(tx, bot_env.guild.id)
        await change_settings(tx, bot_env.guild.id, **changes)


async def stands(bot_env: BotEnv, request: Request) -> bool:
    """Whether a film is up and known to be."""
    known = [film.message_id for film in await film_messages(bot_env, request)]
    return any(message.id in known for message in films(bot_env))


async def film_messages(bot_env: BotEnv, request: Request) -> list[Any]:
    return [post for post in await bot_env.messages(request.id) if post.kind is MessageKind.FILM]


async def has_arrived(bot_env: BotEnv, request: Request) -> bool:
    return any(post.state is OutboxState.SENT for post in await film_messages(bot_env, request))


async def until_tried(bot_env: BotEnv, request: Request) -> None:
    async def has_intent() -> bool:
        return any(post.intent_at_ms for post in await film_messages(bot_env, request))

    await bot_env.until_so(has_intent)


async def test_a_film_is_posted_once_though_asked_for_twice_and_across_a_restart(
    bot_env: BotEnv,
) -> None:
    async with bot_env.running():
        video, one = await first(bot_env)
        assert JOIN not in labels(await more(bot_env, video))
        second, two = await continued(bot_env, video)
        # the same again continues what the one before it did
        await (await bot_env.discord.click(second, "Again", bot_env.alice)).wait_shown()
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 3)
        three = await bot_env.until_state(State.POSTED, number=2)
        again = bot_env.videos()[-1]
        third, last = await continued(bot_env, again, number=3)
        menu = await more(bot_env, third)
        assert labels(menu) == [JOIN, "Info", "Copy prompt", "Delete"]
    # nothing gets through to the channel: what is owed outlives the process
    async with bot_env.running():
        bot_env.discord.fail(SEND, times=None, status=503)
        taps = await asyncio.gather(
            *(bot_env.discord.click(menu, JOIN, bot_env.alice) for _ in range(3))
        )
        await bot_env.discord.replay(taps[0])
        answers = [(await tap.wait_shown()).content for tap in taps]
        assert sum("joining 3 videos" in text for text in answers) == 1
        assert sum("already being made" in text for text in answers) == 2
        await until_tried(bot_env, last)
        assert not films(bot_env)
    bot_env.discord.faults.clear()
    async with bot_env.running():
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        await bot_env.until_so(lambda: stands(bot_env, last))
        answered = await (await press_join(bot_env, third)).wait_shown()
        assert "already here" in answered.content
        await bot_env.discord.quiet()
    (film,) = films(bot_env)
    assert seconds(film) == pytest.approx(sum(seconds(each) for each in (video, again, third)), 0.1)
    assert film.content.startswith(f"🎞️ <@{bot_env.alice.id}> joined 3 videos into one film.")
    assert f"`{one.id}` → `{three.id}` → `{last.id}`" in film.content
    assert two.id not in film.content
    assert labels(film) == ["Report", "Delete"]
    assert len(bot_env.provider.creates) == 4
    assert len(await bot_env.requests()) == 4
    (messages,) = await film_messages(bot_env, last)
    assert (messages.state, messages.message_id) == (OutboxState.SENT, film.id)
    async with bot_env.database.reading() as tx:
        assert await outbox.count_pending(tx) == 0
    assert not list((bot_env.settings.data_dir / "results").glob("*film*"))
    assert not bot_env.discord.invalid_calls()


@on_sqlite
async def test_others_join_only_where_the_server_lets_them(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        video, _ = await first(bot_env)
        second, _ = await continued(bot_env, video)
        assert JOIN not in labels(await more(bot_env, second, bob))
        await set_up(bot_env, remix="everyone")
        await (await press_join(bot_env, second, bob)).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        (film,) = films(bot_env)
        assert film.content.startswith(f"🎞️ <@{bob.id}> joined 2 videos into one film.")
        assert f"Videos by <@{bot_env.alice.id}>" in film.content


@on_sqlite
async def test_a_deleted_part_is_in_no_film(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, one = await first(bot_env)
        second, two = await continued(bot_env, video)
        menu = await more(bot_env, second)
        await (await press_join(bot_env, second)).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        asked = await (
            await bot_env.discord.click(await more(bot_env, video), "Delete", bot_env.alice)
        ).wait_shown()
        await (await bot_env.discord.click(asked, "Confirm", bot_env.alice)).wait_answered()
        # the film goes with its part, the other part stays
        await bot_env.discord.wait_for(lambda: bot_env.videos() == [second])
        assert JOIN not in labels(await more(bot_env, second))
        pressed = await bot_env.discord.click(menu, JOIN, bot_env.alice)
        assert f"`{one.id}`" in (await pressed.wait_shown()).content
        await bot_env.discord.quiet()
        assert bot_env.videos() == [second]
    (film,) = await film_messages(bot_env, two)
    assert film.state is OutboxState.DELETED


async def test_a_part_that_goes_while_the_film_waits_stops_it_and_who_asked_is_told(
    bot_env: BotEnv,
) -> None:
    async with bot_env.running():
        video, one = await first(bot_env)
        second, two = await continued(bot_env, video)
        bot_env.discord.fail(SEND, times=None, status=503)
        await (await press_join(bot_env, second)).wait_shown()
        await until_tried(bot_env, two)
    bot_env.discord.faults.clear()
    async with bot_env.database.transaction() as tx:
        await want(tx, one.id, Display.GONE, was=Display.PLAIN, now_ms=bot_env.clock())
    async with bot_env.running():
        await bot_env.discord.wait_for(lambda: bot_env.videos() == [second])
        told = "deleted or hidden"
        await bot_env.discord.wait_for(lambda: any(told in text for text in bot_env.texts()))
        await bot_env.discord.quiet()
    assert not films(bot_env)
    assert sum(told in text for text in bot_env.texts()) == 1
    (film,) = await film_messages(bot_env, two)
    assert film.state is OutboxState.DROPPED
    assert not list((bot_env.settings.data_dir / "results").glob("*film*"))


@on_sqlite
async def test_a_video_taken_away_by_hand_does_not_come_back_in_a_film(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, _ = await first(bot_env)
        second, _ = await continued(bot_env, video)
        bot_env.discord.world.remove_message(video)
        await (await press_join(bot_env, second)).wait_shown()
        await bot_env.discord.wait_for(
            lambda: any("deleted or hidden" in text for text in bot_env.texts())
        )
        await bot_env.discord.quiet()
    assert bot_env.videos() == [second]


@on_sqlite
async def test_a_film_can_be_deleted_alone_and_joined_anew(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        video, _ = await first(bot_env)
        second, two = await continued(bot_env, video)
        await (await press_join(bot_env, second)).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        # it is seen a moment before it is written down
        await bot_env.until_so(lambda: has_arrived(bot_env, two))
        refused = await bot_env.discord.click(films(bot_env)[0], "Delete", bob)
        assert "Confirm" not in labels(await refused.wait_shown())
        asked = await (
            await bot_env.discord.click(films(bot_env)[0], "Delete", bot_env.alice)
        ).wait_shown()
        await (await bot_env.discord.click(asked, "Confirm", bot_env.alice)).wait_answered()
        await bot_env.discord.wait_for(lambda: not films(bot_env))
        assert len(bot_env.videos()) == 2
        await (await press_join(bot_env, second)).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        await bot_env.discord.quiet()
    states = [film.state for film in await film_messages(bot_env, two)]
    assert states == [OutboxState.DELETED, OutboxState.SENT]


@on_sqlite
async def test_joining_and_deleting_in_turn_ends_with_a_refusal(
    bot_env: BotEnv, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.requests.joined_films.MOST_A_DAY", 2)
    async with bot_env.running():
        video, _ = await first(bot_env)
        second, two = await continued(bot_env, video)
        for _ in range(2):
            await (await press_join(bot_env, second)).wait_shown()
            await bot_env.until_so(lambda: stands(bot_env, two))
            asked = await (
                await bot_env.discord.click(films(bot_env)[0], "Delete", bot_env.alice)
            ).wait_shown()
            await (await bot_env.discord.click(asked, "Confirm", bot_env.alice)).wait_answered()
            await bot_env.discord.wait_for(lambda: not films(bot_env))
        refused = await (await press_join(bot_env, second)).wait_shown()
        assert "2 films" in refused.content
        assert "<t:" in refused.content
    assert len(await film_messages(bot_env, two)) == 2


@on_sqlite
async def test_forgetting_a_member_takes_films_with_their_videos_down(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        await set_up(bot_env, remix="everyone")
        video, _ = await first(bot_env)
        second, _ = await continued(bot_env, video, by=bob)
        await (await press_join(bot_env, second, bob)).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        asked = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video mydata"
        )
        page = await asked.wait_shown()
        sure = await bot_env.discord.click(page, "Delete", bot_env.alice)
        await sure.wait_shown()
        await (
            await bot_env.discord.click(sure.message or page, "Confirm", bot_env.alice)
        ).wait_shown()
        await bot_env.discord.wait_for(lambda: bot_env.videos() == [second])


@on_sqlite
async def test_a_film_is_hidden_and_shown_again_with_its_parts(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, one = await first(bot_env)
        second, _ = await continued(bot_env, video)
        await (await press_join(bot_env, second)).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        async with bot_env.database.transaction() as tx:
            await want(tx, one.id, Display.SPOILER, was=Display.PLAIN, now_ms=bot_env.clock())
        (film,) = films(bot_env)
        (file,) = film.attachments
        await bot_env.discord.wait_for(lambda: file.is_spoiler, 20)
        assert video.attachments[0].is_spoiler
        assert not second.attachments[0].is_spoiler
        async with bot_env.database.transaction() as tx:
            await want(tx, one.id, Display.PLAIN, was=Display.PLAIN, now_ms=bot_env.clock())
        await bot_env.discord.wait_for(lambda: not file.is_spoiler, 20)
        assert films(bot_env) == [film]
        assert film.attachments == [file]


@on_sqlite
async def test_a_film_inherits_a_spoiler_and_loses_it_when_no_part_has_one(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, one = await first(bot_env)
        second, _ = await continued(bot_env, video)
        async with bot_env.database.transaction() as tx:
            await want(tx, one.id, Display.SPOILER, was=Display.PLAIN, now_ms=bot_env.clock())
        await bot_env.discord.wait_for(lambda: video.attachments[0].is_spoiler, 20)
        await (await press_join(bot_env, second)).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(films(bot_env)))
        (film,) = films(bot_env)
        assert film.attachments[0].is_spoiler
        async with bot_env.database.transaction() as tx:
            await want(tx, one.id, Display.PLAIN, was=Display.PLAIN, now_ms=bot_env.clock())
        await bot_env.discord.wait_for(lambda: not film.attachments[0].is_spoiler, 20)


@on_sqlite
async def test_a_film_that_discord_takes_in_no_size_is_refused_in_words(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, _ = await first(bot_env)
        second, two = await continued(bot_env, video)
        bot_env.discord.world.upload_limit = 100
        await (await press_join(bot_env, second)).wait_shown()
        await bot_env.discord.wait_for(
            lambda: any("even compressed" in text for text in bot_env.texts())
        )
        await bot_env.discord.quiet()
    assert not films(bot_env)
    (film,) = await film_messages(bot_env, two)
    assert film.state is OutboxState.DROPPED
