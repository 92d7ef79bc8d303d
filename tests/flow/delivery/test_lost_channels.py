"""A place that is lost: the message goes to one that is not more visible, or it is told."""

from collections.abc import Callable

import pytest

from storage.records import MessageKind, OutboxState, State
from tests.flow.delivery.test_delivery_faults import is_result, nearly_ready, result
from tests.flow.fast_forward import Flow
from tests.flow.requests.test_provider_faults import with_log
from tests.support.dialects import on_sqlite
from tests.support.discord.http.server import CALLBACK, SEND
from tests.support.discord.records import Channel, ChannelType, Permission


async def place(flow: Flow, kind: str) -> Channel:
    """Somewhere to ask: a channel, or a thread of one."""
    bot_env = flow.bot_env
    if kind == "channel":
        return bot_env.channel
    private = kind == "private thread"
    parent = bot_env.discord.add_channel(bot_env.guild, "parent", nsfw=kind == "nsfw thread")
    return bot_env.discord.add_channel(
        bot_env.guild,
        kind,
        parent_id=parent.id,
        type=ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD,
        nsfw=parent.nsfw,
    )


def _deleted(flow: Flow, channel: Channel) -> None:
    world = flow.bot_env.discord.world
    world.channels.pop(channel.id)
    world.guilds[channel.guild_id].channels.pop(channel.id)


def _forbidden(flow: Flow, channel: Channel) -> None:
    channel.bot_permissions &= ~Permission.VIEW_CHANNEL


def _locked(flow: Flow, channel: Channel) -> None:
    channel.is_archived = channel.is_locked = True


LOSSES: dict[str, Callable[[Flow, Channel], None]] = {
    "deleted": _deleted,
    "forbidden": _forbidden,
    "locked": _locked,
}


@on_sqlite
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    ("kind", "goes_to"),
    [
        ("channel", "direct"),
        ("thread", "parent"),
        ("private thread", "direct"),
        ("nsfw thread", "direct"),
    ],
)
async def test_a_lost_place_is_replaced_by_one_that_is_not_more_visible(
    flow: Flow, kind: str, goes_to: str, loss: str
) -> None:
    if kind == "channel" and loss == "locked":
        pytest.skip("only threads are locked")
    channel = await place(flow, kind)
    async with nearly_ready(flow, channel):
        LOSSES[loss](flow, channel)
        flow.bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
        await flow.until_quiet()
        videos = [m for m in flow.bot_env.discord.messages() if is_result(m)]
    assert len(videos) == 1
    found = flow.bot_env.discord.world.channels[videos[0].channel_id]
    if goes_to == "parent":
        assert found.id == channel.parent_id
    else:
        assert found.recipient is flow.bot_env.alice


@on_sqlite
async def test_a_request_of_which_nobody_saw_a_sign_is_ended_and_told(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running() as app:
        bot_env.discord.fail(CALLBACK, times=3, drop=True)
        bot_env.discord.fail(SEND, status=403, code=50013)
        await bot_env.create()
        await bot_env.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        await flow.until_quiet()
        flow.hop(3 * 60_000)
        await app.worker._unacknowledged.end()
        request = await bot_env.until_state(State.FAILED)
        await flow.until_quiet()
    assert request.failure == "unseen"
    assert not bot_env.provider.creates
    assert [m.pinged for m in bot_env.discord.messages()] == [{bot_env.alice.id}]


@on_sqlite
async def test_with_no_place_left_the_request_and_the_log_tell(flow: Flow) -> None:
    log = await with_log(flow)
    flow.bot_env.alice.takes_messages = False
    async with nearly_ready(flow):
        _deleted(flow, flow.bot_env.channel)
        flow.bot_env.let_tasks_end()
        request = await flow.until_state(State.FAILED)
        await flow.until_quiet()
        shown = await flow.bot_env.discord.slash(
            flow.bot_env.guild, log, flow.bot_env.alice, "video show", {"id": request.id}
        )
        await shown.wait_shown()
        # nobody can get it: its file goes, a moment after its end
        results = flow.bot_env.settings.data_dir / "results"
        await flow.until_true(lambda: not list(results.iterdir()))
    assert request.failure == "undeliverable"
    assert "nowhere to post" in shown.text
    assert any(request.id in message.content for message in flow.bot_env.discord.messages(log))


@on_sqlite
async def test_where_history_is_closed_a_lost_answer_is_not_posted_twice(flow: Flow) -> None:
    log = await with_log(flow)
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, drop=True, after_effect=True)
        flow.bot_env.channel.bot_permissions &= ~Permission.READ_MESSAGE_HISTORY
        await flow.bot_env.discord.announce(flow.bot_env.guild)
        flow.bot_env.let_tasks_end()
        request = await flow.until_state(State.POSTED)
        await result(flow)
    messages = {post.kind: post for post in await flow.bot_env.messages(request.id)}
    assert messages[MessageKind.RESULT].state is OutboxState.UNKNOWN
    assert any(request.id in message.content for message in flow.bot_env.discord.messages(log))


@on_sqlite
@pytest.mark.parametrize("has_log", [True, False])
async def test_who_waits_is_told_of_a_video_that_may_not_have_arrived(
    flow: Flow, has_log: bool
) -> None:
    """It did not: the first try failed, and before the next one its channel's history closed."""
    bot_env = flow.bot_env
    if has_log:
        await with_log(flow)
    async with nearly_ready(flow):
        bot_env.discord.fail(SEND, status=503)
        bot_env.channel.bot_permissions &= ~Permission.READ_MESSAGE_HISTORY
        await bot_env.discord.announce(bot_env.guild)
        bot_env.let_tasks_end()
        request = await flow.until_state(State.POSTED)
        told = await flow.until_told(lambda message: "can't tell whether" in message.content)
        await flow.until_told(lambda message: "Possibly not delivered" in message.content)
        shown = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": request.id}
        )
        await shown.wait_shown()
    assert bot_env.alice.id in told.pinged
    assert request.result_url in shown.text
