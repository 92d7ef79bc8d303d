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
from tests.support.bot_env import House
from tests.support.discord.http.server import SEND
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Message, User

ONE_DATABASE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
"""For what is no matter of the database: half of the time."""
JOIN = "Join into one film"


def labels(message: Message) -> list[str]:
    return [part["label"] for row in message.components for part in row["components"]]


def films(house: House) -> list[Message]:
    return [
        message
        for message in house.videos()
        if message.attachments[0].filename.endswith("-film.mp4")
    ]


def seconds(message: Message) -> float:
    with av.open(io.BytesIO(message.attachments[0].read()), "r") as container:
        assert len(container.streams.video) == 1
        return (container.duration or 0) / av.time_base


async def first(house: House, **options: Any) -> tuple[Message, Request]:
    """A video of Alice's, in its channel."""
    await (await house.create(**options)).wait_shown()
    await house.discord.wait_for(lambda: len(house.videos()) == 1)
    return house.videos()[0], await house.until_state(State.POSTED)


async def continued(
    house: House, video: Message, number: int = 1, by: User | None = None
) -> tuple[Message, Request]:
    """The video that begins where another ends."""
    count = len(house.videos())
    opened = await (await house.discord.click(video, "Continue", by or house.alice)).wait_answered()
    await (await house.discord.submit(opened, {"Prompt": "and then"})).wait_shown()
    await house.discord.wait_for(lambda: len(house.videos()) == count + 1)
    return house.videos()[-1], await house.until_state(State.POSTED, number=number)


async def more(house: House, video: Message, by: User | None = None) -> Message:
    return await (await house.discord.click(video, "More", by or house.alice)).wait_shown()


async def press_join(house: House, video: Message, by: User | None = None) -> Interaction:
    return await house.discord.click(await more(house, video, by), JOIN, by or house.alice)


async def set_up(house: House, **changes: Any) -> None:
    async with house.database.transaction() as tx:
        await servers.require(tx, house.guild.id)
        await change_settings(tx, house.guild.id, **changes)


async def stands(house: House, request: Request) -> bool:
    """Whether a film is up and known to be."""
    known = [film.message_id for film in await film_messages(house, request)]
    return any(message.id in known for message in films(house))


async def film_messages(house: House, request: Request) -> list[Any]:
    return [post for post in await house.messages(request.id) if post.kind is MessageKind.FILM]


async def has_arrived(house: House, request: Request) -> bool:
    return any(post.state is OutboxState.SENT for post in await film_messages(house, request))


async def until_tried(house: House, request: Request) -> None:
    async def has_intent() -> bool:
        return any(post.intent_at_ms for post in await film_messages(house, request))

    await house.until_so(has_intent)


async def test_a_film_is_posted_once_though_asked_for_twice_and_across_a_restart(
    house: House,
) -> None:
    async with house.running():
        video, one = await first(house)
        assert JOIN not in labels(await more(house, video))
        second, two = await continued(house, video)
        # the same again continues what the one before it did
        await (await house.discord.click(second, "Again", house.alice)).wait_shown()
        await house.discord.wait_for(lambda: len(house.videos()) == 3)
        three = await house.until_state(State.POSTED, number=2)
        again = house.videos()[-1]
        third, last = await continued(house, again, number=3)
        menu = await more(house, third)
        assert labels(menu) == [JOIN, "Info", "Copy prompt", "Delete"]
    # nothing gets through to the channel: what is owed outlives the process
    async with house.running():
        house.discord.fail(SEND, times=None, status=503)
        taps = await asyncio.gather(
            *(house.discord.click(menu, JOIN, house.alice) for _ in range(3))
        )
        await house.discord.replay(taps[0])
        answers = [(await tap.wait_shown()).content for tap in taps]
        assert sum("joining 3 videos" in text for text in answers) == 1
        assert sum("already being made" in text for text in answers) == 2
        await until_tried(house, last)
        assert not films(house)
    house.discord.faults.clear()
    async with house.running():
        await house.discord.wait_for(lambda: bool(films(house)))
        answered = await (await press_join(house, third)).wait_shown()
        assert "already here" in answered.content
        await house.discord.quiet()
    (film,) = films(house)
    assert seconds(film) == pytest.approx(sum(seconds(each) for each in (video, again, third)), 0.1)
    assert film.content.startswith(f"🎞️ <@{house.alice.id}> joined 3 videos into one film.")
    assert f"`{one.id}` → `{three.id}` → `{last.id}`" in film.content
    assert two.id not in film.content
    assert labels(film) == ["Report", "Delete"]
    assert len(house.provider.creates) == 4
    assert len(await house.requests()) == 4
    (messages,) = await film_messages(house, last)
    assert (messages.state, messages.message_id) == (OutboxState.SENT, film.id)
    async with house.database.reading() as tx:
        assert await outbox.count_pending(tx) == 0
    assert not list((house.settings.data_dir / "results").glob("*film*"))
    assert not house.discord.invalid_calls()


@ONE_DATABASE
async def test_others_join_only_where_the_server_lets_them(house: House) -> None:
    bob = house.discord.add_user("bob")
    async with house.running():
        video, _ = await first(house)
        second, _ = await continued(house, video)
        assert JOIN not in labels(await more(house, second, bob))
        await set_up(house, remix="everyone")
        await (await press_join(house, second, bob)).wait_shown()
        await house.discord.wait_for(lambda: bool(films(house)))
        (film,) = films(house)
        assert film.content.startswith(f"🎞️ <@{bob.id}> joined 2 videos into one film.")
        assert f"Videos by <@{house.alice.id}>" in film.content


@ONE_DATABASE
async def test_a_deleted_part_is_in_no_film(house: House) -> None:
    async with house.running():
        video, one = await first(house)
        second, two = await continued(house, video)
        menu = await more(house, second)
        await (await press_join(house, second)).wait_shown()
        await house.discord.wait_for(lambda: bool(films(house)))
        asked = await (
            await house.discord.click(await more(house, video), "Delete", house.alice)
        ).wait_shown()
        await (await house.discord.click(asked, "Confirm", house.alice)).wait_answered()
        # the film goes with its part, the other part stays
        await house.discord.wait_for(lambda: house.videos() == [second])
        assert JOIN not in labels(await more(house, second))
        pressed = await house.discord.click(menu, JOIN, house.alice)
        assert f"`{one.id}`" in (await pressed.wait_shown()).content
        await house.discord.quiet()
        assert house.videos() == [second]
    (film,) = await film_messages(house, two)
    assert film.state is OutboxState.DELETED


async def test_a_part_that_goes_while_the_film_waits_stops_it_and_who_asked_is_told(
    house: House,
) -> None:
    async with house.running():
        video, one = await first(house)
        second, two = await continued(house, video)
        house.discord.fail(SEND, times=None, status=503)
        await (await press_join(house, second)).wait_shown()
        await until_tried(house, two)
    house.discord.faults.clear()
    async with house.database.transaction() as tx:
        await want(tx, one.id, Display.GONE, was=Display.PLAIN, now_ms=house.clock())
    async with house.running():
        await house.discord.wait_for(lambda: house.videos() == [second])
        told = "deleted or hidden"
        await house.discord.wait_for(lambda: any(told in text for text in house.texts()))
        await house.discord.quiet()
    assert not films(house)
    assert sum(told in text for text in house.texts()) == 1
    (film,) = await film_messages(house, two)
    assert film.state is OutboxState.DROPPED
    assert not list((house.settings.data_dir / "results").glob("*film*"))


@ONE_DATABASE
async def test_a_video_taken_away_by_hand_does_not_come_back_in_a_film(house: House) -> None:
    async with house.running():
        video, _ = await first(house)
        second, _ = await continued(house, video)
        house.discord.world.remove_message(video)
        await (await press_join(house, second)).wait_shown()
        await house.discord.wait_for(
            lambda: any("deleted or hidden" in text for text in house.texts())
        )
        await house.discord.quiet()
    assert house.videos() == [second]


@ONE_DATABASE
async def test_a_film_can_be_deleted_alone_and_joined_anew(house: House) -> None:
    bob = house.discord.add_user("bob")
    async with house.running():
        video, _ = await first(house)
        second, two = await continued(house, video)
        await (await press_join(house, second)).wait_shown()
        await house.discord.wait_for(lambda: bool(films(house)))
        # it is seen a moment before it is written down
        await house.until_so(lambda: has_arrived(house, two))
        refused = await house.discord.click(films(house)[0], "Delete", bob)
        assert "Confirm" not in labels(await refused.wait_shown())
        asked = await (
            await house.discord.click(films(house)[0], "Delete", house.alice)
        ).wait_shown()
        await (await house.discord.click(asked, "Confirm", house.alice)).wait_answered()
        await house.discord.wait_for(lambda: not films(house))
        assert len(house.videos()) == 2
        await (await press_join(house, second)).wait_shown()
        await house.discord.wait_for(lambda: bool(films(house)))
        await house.discord.quiet()
    states = [film.state for film in await film_messages(house, two)]
    assert states == [OutboxState.DELETED, OutboxState.SENT]


@ONE_DATABASE
async def test_joining_and_deleting_in_turn_ends_with_a_refusal(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.requests.joined_films.MOST_A_DAY", 2)
    async with house.running():
        video, _ = await first(house)
        second, two = await continued(house, video)
        for _ in range(2):
            await (await press_join(house, second)).wait_shown()
            await house.until_so(lambda: stands(house, two))
            asked = await (
                await house.discord.click(films(house)[0], "Delete", house.alice)
            ).wait_shown()
            await (await house.discord.click(asked, "Confirm", house.alice)).wait_answered()
            await house.discord.wait_for(lambda: not films(house))
        refused = await (await press_join(house, second)).wait_shown()
        assert "2 films" in refused.content
        assert "<t:" in refused.content
    assert len(await film_messages(house, two)) == 2


@ONE_DATABASE
async def test_forgetting_a_member_takes_films_with_their_videos_down(house: House) -> None:
    bob = house.discord.add_user("bob")
    async with house.running():
        await set_up(house, remix="everyone")
        video, _ = await first(house)
        second, _ = await continued(house, video, by=bob)
        await (await press_join(house, second, bob)).wait_shown()
        await house.discord.wait_for(lambda: bool(films(house)))
        asked = await house.discord.slash(house.guild, house.channel, house.alice, "video mydata")
        page = await asked.wait_shown()
        sure = await house.discord.click(page, "Delete", house.alice)
        await sure.wait_shown()
        await (await house.discord.click(sure.message or page, "Confirm", house.alice)).wait_shown()
        await house.discord.wait_for(lambda: house.videos() == [second])


@ONE_DATABASE
async def test_a_film_is_hidden_and_shown_again_with_its_parts(house: House) -> None:
    async with house.running():
        video, one = await first(house)
        second, _ = await continued(house, video)
        await (await press_join(house, second)).wait_shown()
        await house.discord.wait_for(lambda: bool(films(house)))
        async with house.database.transaction() as tx:
            await want(tx, one.id, Display.SPOILER, was=Display.PLAIN, now_ms=house.clock())
        (film,) = films(house)
        (file,) = film.attachments
        await house.discord.wait_for(lambda: file.is_spoiler, 20)
        assert video.attachments[0].is_spoiler
        assert not second.attachments[0].is_spoiler
        async with house.database.transaction() as tx:
            await want(tx, one.id, Display.PLAIN, was=Display.PLAIN, now_ms=house.clock())
        await house.discord.wait_for(lambda: not file.is_spoiler, 20)
        assert films(house) == [film]
        assert film.attachments == [file]


@ONE_DATABASE
async def test_a_film_inherits_a_spoiler_and_loses_it_when_no_part_has_one(house: House) -> None:
    async with house.running():
        video, one = await first(house)
        second, _ = await continued(house, video)
        async with house.database.transaction() as tx:
            await want(tx, one.id, Display.SPOILER, was=Display.PLAIN, now_ms=house.clock())
        await house.discord.wait_for(lambda: video.attachments[0].is_spoiler, 20)
        await (await press_join(house, second)).wait_shown()
        await house.discord.wait_for(lambda: bool(films(house)))
        (film,) = films(house)
        assert film.attachments[0].is_spoiler
        async with house.database.transaction() as tx:
            await want(tx, one.id, Display.PLAIN, was=Display.PLAIN, now_ms=house.clock())
        await house.discord.wait_for(lambda: not film.attachments[0].is_spoiler, 20)


@ONE_DATABASE
async def test_a_film_that_discord_takes_in_no_size_is_refused_in_words(house: House) -> None:
    async with house.running():
        video, _ = await first(house)
        second, two = await continued(house, video)
        house.discord.world.upload_limit = 100
        await (await press_join(house, second)).wait_shown()
        await house.discord.wait_for(
            lambda: any("even compressed" in text for text in house.texts())
        )
        await house.discord.quiet()
    assert not films(house)
    (film,) = await film_messages(house, two)
    assert film.state is OutboxState.DROPPED
