"""Whose word moves a message: Discord's ids, its own refusals, and nobody's in between."""

import pytest

from bot.demo.provider.faults import TaskPlan
from storage.records import MessageKind, OutboxState, State
from tests.flow.delivery.test_delivery_faults import (
    is_result,
    nearly_ready,
    only_the_result_stands,
    result,
)
from tests.flow.delivery.test_lost_channels import place
from tests.flow.fast_forward import Flow
from tests.support.dialects import on_sqlite
from tests.support.discord.http.server import DELETE, EDIT, HISTORY, SEND

PAGE = b"<html><body>Request blocked</body></html>"
DIRECT = "POST /users/@me/channels"


@pytest.mark.parametrize("skew_s", [90, -90, 86_400])
async def test_a_lost_answer_and_an_outage_make_one_video_whatever_our_clock_says(
    flow: Flow, skew_s: int
) -> None:
    discord = flow.bot_env.discord
    flow.clock.ahead_ms = skew_s * 1000
    async with nearly_ready(flow):
        discord.fail(SEND, drop=True, after_effect=True)
        for route in (SEND, HISTORY):
            discord.fail(route, times=2, status=503)
        flow.bot_env.let_tasks_end()
        await discord.wait_for(lambda: any(is_result(m) for m in discord.messages()))
        # until then Discord has forgotten the nonce
        discord.world.advance(20 * 60)
        flow.hop(20 * 60_000)
        await flow.until_state(State.POSTED)
        await result(flow)


@on_sqlite
async def test_the_search_begins_at_an_id_that_discord_gave(flow: Flow) -> None:
    flow.clock.ahead_ms = 90_000
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, drop=True, after_effect=True)
        flow.bot_env.let_tasks_end()
        request = await flow.until_state(State.POSTED)
        await result(flow)
    given = {message.id for message in flow.bot_env.discord.world.all_messages()}
    given |= {request.interaction_id}
    messages = {post.kind: post for post in await flow.bot_env.messages(request.id)}
    assert messages[MessageKind.CARD].after_id == request.interaction_id
    assert messages[MessageKind.RESULT].after_id in given | {messages[MessageKind.CARD].message_id}


@on_sqlite
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_a_page_of_somebody_in_between_moves_no_video(flow: Flow, status: int) -> None:
    discord = flow.bot_env.discord
    async with nearly_ready(flow):
        for route in (SEND, HISTORY, DIRECT):
            discord.fail(route, times=3, status=status, raw=PAGE)
        flow.bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
        message = await result(flow)
        await only_the_result_stands(flow)
    assert message.channel_id == flow.bot_env.channel.id
    assert message.attachments


@on_sqlite
@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("route", [EDIT, DELETE])
async def test_a_page_of_somebody_in_between_leaves_no_card(
    flow: Flow, route: str, status: int
) -> None:
    async with flow.running():
        flow.bot_env.discord.fail(route, times=2, status=status, raw=PAGE)
        await flow.bot_env.create()
        await flow.until_state(State.POSTED)
        await result(flow)
        flow.hop(60_000)
        await only_the_result_stands(flow)


@on_sqlite
async def test_a_video_whose_words_are_refused_goes_without_the_prompt(flow: Flow) -> None:
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, status=400, code=200000)
        flow.bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
        message = await result(flow)
    assert message.channel_id == flow.bot_env.channel.id
    assert "lighthouse" not in message.content
    assert "lighthouse" not in (message.attachments[0].description or "")
    assert message.pinged == {flow.bot_env.alice.id}


@on_sqlite
async def test_a_video_that_its_place_refuses_goes_to_its_member(flow: Flow) -> None:
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, times=2, status=400, code=200000)
        flow.bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
        message = await result(flow)
    where = flow.bot_env.discord.world.channels[message.channel_id]
    assert where.recipient is flow.bot_env.alice
    assert flow.bot_env.guild.name in message.content


@on_sqlite
@pytest.mark.parametrize("takes_messages", [True, False])
async def test_a_video_that_is_refused_everywhere_is_kept_told_and_posted_later(
    flow: Flow, takes_messages: bool
) -> None:
    bot_env = flow.bot_env
    bot_env.alice.takes_messages = takes_messages
    async with nearly_ready(flow):
        # plain words, then in private
        bot_env.discord.fail(SEND, times=3 if takes_messages else 2, status=400, code=200000)
        flow.bot_env.let_tasks_end()
        told = await bot_env.discord.wait_message(lambda m: "won't accept the message" in m.content)
        request = await bot_env.request()
        shown = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": request.id}
        )
        await shown.wait_shown()
        assert request.state is State.RENDERED
        assert told.pinged == {bot_env.alice.id}
        assert bot_env.provider.url in str(shown.message.embeds if shown.message else "")
        await flow.until_state(State.POSTED)
        message = await result(flow)
    assert message.channel_id == bot_env.channel.id


@on_sqlite
async def test_a_video_that_is_never_taken_ends_at_last(flow: Flow) -> None:
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, times=None, status=400, code=200000)
        flow.bot_env.let_tasks_end()
        request = await flow.until_state(State.FAILED)
        tries = len(flow.bot_env.discord.calls(SEND))
    assert request.failure == "undeliverable"
    assert tries < 250


@on_sqlite
@pytest.mark.parametrize("happens", ["video", "failure"])
async def test_the_card_in_a_thread_that_was_archived_meanwhile_goes(
    flow: Flow, happens: str
) -> None:
    bot_env = flow.bot_env
    thread = await place(flow, "thread")
    async with nearly_ready(flow, thread) as app:
        thread.is_archived = True
        refused = len(bot_env.discord.calls(EDIT))
        request = await bot_env.request()
        async with bot_env.database.transaction() as tx:
            await tx.execute("UPDATE outbox SET shown = 'queued' WHERE kind = 'card'", {})
        app.worker._wakeup()
        await bot_env.discord.wait_for(lambda: len(bot_env.discord.calls(EDIT)) > refused)
        await bot_env.discord.quiet()
        if happens == "video":
            flow.bot_env.let_tasks_end()
            await flow.until_state(State.POSTED)
        else:
            for task in bot_env.provider.tasks.values():
                task.plan = TaskPlan(fails_with="no")
            await flow.until_state(State.FAILED)
        await bot_env.discord.wait_for(
            lambda: [m.pinged for m in bot_env.discord.messages(thread)] == [{bot_env.alice.id}], 20
        )

        async def is_known() -> bool:
            messages = {post.kind: post for post in await bot_env.messages(request.id)}
            return messages[MessageKind.CARD].state is OutboxState.DELETED

        await bot_env.until_so(is_known)
