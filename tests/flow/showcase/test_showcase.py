"""The showcase from outside: stars under a video, its forward, what takes it away, the lists."""

import datetime as dt
from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest

from bot.discord_rest.channels import is_as_restricted
from bot.services.caller import Caller
from bot.services.moderation.reports import ReportService
from bot.services.showcase.forwards import forward_id
from bot.services.showcase.service import ShowcaseService
from storage.records import OutboxState, State
from storage.requests import outbox
from tests.flow.fast_forward import HopClock
from tests.support.dialects import on_sqlite
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import EDIT, SEND
from tests.support.discord.records import (
    Call,
    Channel,
    ChannelType,
    Message,
    Payload,
    Permission,
    User,
)
from tests.support.moderated_env import APPROVE, ModeratedEnv, open_moderated_env


class Showcase:
    """A moderated server with a showcase for two stars."""

    def __init__(self, env: ModeratedEnv) -> None:
        self.env, self.bot_env = env, env.bot_env
        self.discord = env.bot_env.discord
        self.channel: Channel = self.discord.add_channel(env.bot_env.guild, "showcase")
        self.eve: User = self.discord.add_user("eve")

    async def open(self, **settings: object) -> None:
        chosen = {"showcase_channel": self.channel.id, "showcase_votes": 2, "report_threshold": 1}
        await self.env.set(**(chosen | settings))

    async def posted(self, channel: Channel | None = None, number: int = 0) -> Message:
        """A posted video of Alice's."""
        place = channel or self.bot_env.channel
        asked = await self.bot_env.create(channel=place)
        await asked.wait_shown()
        await self.bot_env.until_state(State.POSTED, number=number)
        return self.bot_env.videos(place)[-1]

    async def star(self, video: Message, user: User) -> str:
        """Press the star, found as the one button with an emoji alone and a number."""
        pressed = await self.discord.click(video, star_of(video)["custom_id"], user)
        return (await pressed.wait_shown()).content

    async def is_over(self, sent_id: str, dropped_id: str) -> bool:
        """Whether one forward is recorded as sent and the other as given up."""
        self.env.later(1_000)
        async with self.bot_env.database.reading() as tx:
            found = [await outbox.get(tx, forward_id(each)) for each in (sent_id, dropped_id)]
        states = [each.state for each in found if each is not None]
        return states == [OutboxState.SENT, OutboxState.DROPPED]

    def forwards(self) -> list[Message]:
        return [each for each in self.discord.messages(self.channel) if each.forwarded is not None]

    async def until_forwarded(self) -> Message:
        await self.discord.wait_for(lambda: bool(self.forwards()), 20)
        (found,) = self.forwards()
        return found

    async def until_gone(self) -> None:
        await self.discord.wait_for(lambda: not self.forwards(), 20)

    async def until_count(self, video: Message, count: int) -> None:
        """The clock is moved: the button is due some seconds after the last press."""
        self.env.later(2_500)
        await self.discord.wait_for(lambda: star_of(video)["label"] == str(count), 20)


def star_of(video: Message) -> Payload:
    (row,) = video.components
    (button,) = [each for each in row["components"] if each["emoji"]["name"] == "⭐"]
    found: Payload = button
    return found


def edits_of(showcase: Showcase, video: Message) -> list[Call]:
    calls = showcase.discord.calls(EDIT)
    return [call for call in calls if call.params["message_id"] == str(video.id)]


@pytest.fixture
async def showcase(database_url: str, tmp_path: Path) -> AsyncIterator[Showcase]:
    async with open_moderated_env(database_url, tmp_path, clock=HopClock()) as env:
        opened = Showcase(env)
        await opened.open()
        yield opened


async def test_stars_forward_a_video_once_and_hiding_it_takes_it_away(showcase: Showcase) -> None:
    env = showcase.env
    async with showcase.bot_env.running():
        video = await showcase.posted()
        assert star_of(video)["label"] == "0"
        assert "your own video" in await showcase.star(video, showcase.bot_env.alice)
        assert "one star now" in await showcase.star(video, env.dave)
        assert "taken back" in await showcase.star(video, env.dave)
        for user in (env.dave, env.carol, showcase.eve):
            await showcase.star(video, user)
        forward = await showcase.until_forwarded()
        assert forward.forwarded is not None
        assert forward.forwarded.id == video.id
        (sent,) = [
            call for call in showcase.discord.calls(SEND) if call.json.get("message_reference")
        ]
        assert sent.json["message_reference"]["type"] == 1
        assert not sent.files
        await showcase.until_count(video, 3)
        # seven presses, and the count was drawn only a time or two
        assert len(edits_of(showcase, video)) <= 2
        asked = await showcase.discord.slash(
            showcase.bot_env.guild, showcase.bot_env.channel, showcase.eve, "video top", {"days": 7}
        )
        link = f"https://discord.com/channels/{showcase.bot_env.guild.id}/{video.channel_id}"
        assert (
            f"⭐ 3 · <@{showcase.bot_env.alice.id}> · {link}/{video.id}"
            in (await asked.wait_shown()).content
        )
        await env.report(video, env.dave)
        await showcase.until_gone()
        assert showcase.bot_env.videos(showcase.bot_env.channel) == [video]
        await showcase.star(video, env.bob)
        await showcase.discord.quiet()
        assert not showcase.forwards()
    assert not showcase.discord.invalid_calls()


@on_sqlite
async def test_a_moderator_takes_it_out_and_a_deleted_original_takes_it_along(
    showcase: Showcase,
) -> None:
    env, discord = showcase.env, showcase.discord
    async with showcase.bot_env.running():
        first = await showcase.posted()
        for user in (env.dave, env.carol):
            await showcase.star(first, user)
        await showcase.until_forwarded()
        more = await (await discord.click(first, "More", env.dave)).wait_shown()
        assert "Take out of the showcase" not in str(more.components)
        more = await (await discord.click(first, "More", env.bob)).wait_shown()
        done = await discord.click(more, "Take out of the showcase", env.bob)
        await done.wait_shown()
        assert "out of the showcase" in done.text
        await showcase.until_gone()
        assert not first.is_deleted
        assert (await env.log_of())[0].action == "showcase-removed"
        # a second one, whose message somebody deletes by hand
        second = await showcase.posted(number=1)
        for user in (env.dave, env.carol):
            await showcase.star(second, user)
        await showcase.until_forwarded()
        await showcase.until_count(second, 2)
        showcase.discord.world.remove_message(second)

        async def is_gone() -> bool:
            # the next look is some minutes after the last one, whenever that was
            env.later(11 * 60_000)
            return not showcase.forwards()

        await showcase.bot_env.until_so(is_gone)
    assert not discord.invalid_calls()


@on_sqlite
async def test_a_forward_whose_answer_was_lost_is_found_and_a_hidden_one_is_not_sent(
    showcase: Showcase,
) -> None:
    bot_env, discord = showcase.bot_env, showcase.discord
    lost, place = Fault(after_effect=True, drop=True), str(showcase.channel.id)
    discord.faults.add(SEND, lost, where=lambda call: call.params["channel_id"] == place)
    async with bot_env.running():
        for number in range(2):
            await showcase.posted(number=number)
    first, second = [request.id for request in await bot_env.requests()]
    # nobody sends while the second one is voted for and hidden
    stars = ShowcaseService(bot_env.database, clock=bot_env.clock, wakeup=lambda: None)
    reports = ReportService(bot_env.database, clock=bot_env.clock, wakeup=lambda: None)
    for request_id, user in product((first, second), (showcase.env.dave, showcase.eve)):
        voter = Caller(0, user.id, bot_env.guild.id, bot_env.channel.id)
        await stars.vote(voter, request_id)
    reporter = Caller(1, showcase.eve.id, bot_env.guild.id, bot_env.channel.id)
    await reports.report(reporter, "no", request_id=second)
    async with bot_env.running():
        await showcase.until_forwarded()
        await bot_env.until_so(lambda: showcase.is_over(first, second))
    (forward,) = showcase.forwards()
    calls = [call for call in discord.calls(SEND) if call.json.get("message_reference")]
    assert len(calls) == 1
    assert forward.forwarded is not None
    assert forward.forwarded.id == bot_env.videos(bot_env.channel)[0].id
    assert not discord.invalid_calls()


@on_sqlite
async def test_what_got_its_stars_while_it_was_hidden_is_forwarded_once_it_is_shown_again(
    showcase: Showcase,
) -> None:
    env = showcase.env
    async with showcase.bot_env.running():
        video = await showcase.posted()
        (request,) = await showcase.bot_env.requests()
        await env.report(video, env.dave)
        card = await env.card(request.id)
        await showcase.discord.wait_for(lambda: video.attachments[0].is_spoiler, 20)
        for user in (env.dave, showcase.eve):
            await showcase.star(video, user)
        await showcase.until_count(video, 2)
        assert not showcase.forwards()
        await env.press(card, APPROVE)
        forward = await showcase.until_forwarded()
    assert not video.attachments[0].is_spoiler
    assert forward.forwarded is not None
    assert forward.forwarded.id == video.id
    assert not showcase.discord.invalid_calls()


@on_sqlite
async def test_where_it_cant_be_known_whether_it_was_forwarded_the_log_channel_is_told(
    showcase: Showcase,
) -> None:
    bot_env, discord = showcase.bot_env, showcase.discord
    showcase.channel.bot_permissions &= ~Permission.READ_MESSAGE_HISTORY
    lost, place = Fault(after_effect=True, drop=True), str(showcase.channel.id)
    discord.faults.add(SEND, lost, where=lambda call: call.params["channel_id"] == place)
    async with bot_env.running():
        video = await showcase.posted()
        for user in (showcase.env.dave, showcase.eve):
            await showcase.star(video, user)
        await showcase.until_forwarded()

        async def is_told() -> bool:
            showcase.env.later(20_000)
            lines = [each.content for each in discord.messages(showcase.env.log)]
            return any("may or may not be in the showcase" in line for line in lines)

        await bot_env.until_so(is_told)
    assert len(showcase.forwards()) == 1
    assert not discord.invalid_calls()


@on_sqlite
async def test_nothing_leaves_a_private_thread_or_an_age_restricted_channel(
    showcase: Showcase,
) -> None:
    env, discord, guild = showcase.env, showcase.discord, showcase.bot_env.guild
    thread = discord.add_channel(
        guild,
        "secret",
        type=ChannelType.PRIVATE_THREAD,
        parent_id=showcase.bot_env.channel.id,
    )
    restricted = discord.add_channel(guild, "adults", nsfw=True)
    other = discord.add_channel(guild, "more adults", nsfw=True)
    async with showcase.bot_env.running() as app:
        for number, place in enumerate((thread, restricted)):
            video = await showcase.posted(place, number)
            for user in (env.dave, env.carol, env.bob):
                await showcase.star(video, user)
            await showcase.until_count(video, 3)
        await discord.quiet()
        assert not showcase.forwards()
        client = app.bot
        places = {
            (source, target): await is_as_restricted(client, source.id, target.id)
            for source in (thread, restricted, showcase.bot_env.channel)
            for target in (showcase.channel, other)
        }
    general = showcase.bot_env.channel
    assert [pair for pair, is_fine in places.items() if is_fine] == [
        (restricted, other),
        (general, showcase.channel),
        (general, other),
    ]
    assert not discord.invalid_calls()


@on_sqlite
async def test_the_best_of_the_month_are_posted_once_on_the_first(showcase: Showcase) -> None:
    clock = showcase.bot_env.clock
    assert isinstance(clock, HopClock)
    await showcase.open(showcase_monthly=True)
    async with showcase.bot_env.running():
        video = await showcase.posted()
        await showcase.star(video, showcase.env.dave)
    today = dt.datetime.fromtimestamp(clock() / 1000, dt.UTC)
    first = (today.replace(day=28) + dt.timedelta(days=4)).replace(day=1, hour=1)
    clock.ahead_ms += round((first - today).total_seconds() * 1000)
    for _ in range(2):
        async with showcase.bot_env.running():
            (post,) = [
                await showcase.discord.wait_message(
                    lambda message: "best-voted videos of" in message.content
                )
            ]
            await showcase.discord.quiet()
    assert f"{today:%Y-%m}" in post.content
    assert f"1. ⭐ 1 · https://discord.com/channels/{showcase.bot_env.guild.id}/" in post.content
    assert [each.id for each in showcase.discord.messages(showcase.channel)] == [post.id]


@on_sqlite
async def test_a_video_can_be_reported_where_it_was_forwarded(showcase: Showcase) -> None:
    await showcase.open()
    async with showcase.bot_env.running():
        video = await showcase.posted()
        for user in (showcase.env.bob, showcase.eve):
            await showcase.star(video, user)
        forward = await showcase.until_forwarded()
        told = await showcase.env.report(forward, showcase.eve)
        assert "Thank" in told
        await showcase.until_gone()
