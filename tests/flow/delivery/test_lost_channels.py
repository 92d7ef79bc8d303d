"""A place that is lost: the message goes to one that is not more visible, or it is told."""

from collections.abc import Callable

import pytest

from storage.records import MessageKind, OutboxState, State
from tests.flow.delivery.test_delivery_faults import is_result, let_it_finish, nearly_ready, result
from tests.flow.fast_forward import Flow
from tests.flow.requests.test_provider_faults import on_sqlite, with_log
from tests.support.discord.http.server import CALLBACK, SEND
from tests.support.discord.records import Channel, ChannelType, Permission


async def place(flow: Flow, kind: str) -> Channel:
    """Somewhere to ask: a channel, or a thread of one."""
    house = flow.house
    if kind == "channel":
        return house.channel
    private = kind == "private thread"
    parent = house.discord.add_channel(house.guild, "parent", nsfw=kind == "nsfw thread")
    return house.discord.add_channel(
        house.guild,
        kind,
        parent_id=parent.id,
        type=ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD,
        nsfw=parent.nsfw,
    )


def _deleted(flow: Flow, channel: Channel) -> None:
    world = flow.house.discord.world
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
        let_it_finish(flow)
        await flow.until_state(State.POSTED)
        await flow.until_quiet()
        videos = [m for m in flow.house.discord.messages() if is_result(m)]
    assert len(videos) == 1
    found = flow.house.discord.world.channels[videos[0].channel_id]
    if goes_to == "parent":
        assert found.id == channel.parent_id
    else:
        assert found.recipient is flow.house.alice


@on_sqlite
async def test_a_request_of_which_nobody_saw_a_sign_is_ended_and_told(flow: Flow) -> None:
    house = flow.house
    async with flow.running() as app:
        house.discord.fail(CALLBACK, times=3, drop=True)
        house.discord.fail(SEND, status=403, code=50013)
        await house.create()
        await house.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        await flow.until_quiet()
        flow.hop(3 * 60_000)
        await app.worker._unacknowledged.end()
        request = await house.until_state(State.FAILED)
        await flow.until_quiet()
    assert request.failure == "unseen"
    assert not house.provider.creates
    assert [m.pinged for m in house.discord.messages()] == [{house.alice.id}]


@on_sqlite
async def test_with_no_place_left_the_request_and_the_log_tell(flow: Flow) -> None:
    log = await with_log(flow)
    flow.house.alice.takes_messages = False
    async with nearly_ready(flow):
        _deleted(flow, flow.house.channel)
        let_it_finish(flow)
        request = await flow.until_state(State.FAILED)
        await flow.until_quiet()
        shown = await flow.house.discord.slash(
            flow.house.guild, log, flow.house.alice, "video show", {"id": request.id}
        )
        await shown.wait_shown()
    assert request.failure == "undeliverable"
    assert "nowhere to post" in shown.text
    assert any(request.id in message.content for message in flow.house.discord.messages(log))
    assert not list((flow.house.settings.data_dir / "results").iterdir()), "nobody can get it"


@on_sqlite
async def test_where_history_is_closed_a_lost_answer_is_not_posted_twice(flow: Flow) -> None:
    log = await with_log(flow)
    async with nearly_ready(flow):
        flow.house.discord.fail(SEND, drop=True, after_effect=True)
        flow.house.channel.bot_permissions &= ~Permission.READ_MESSAGE_HISTORY
        await flow.house.discord.announce(flow.house.guild)
        let_it_finish(flow)
        request = await flow.until_state(State.POSTED)
        await result(flow)
    messages = {post.kind: post for post in await flow.house.messages(request.id)}
    assert messages[MessageKind.RESULT].state is OutboxState.UNKNOWN
    assert any(request.id in message.content for message in flow.house.discord.messages(log))
