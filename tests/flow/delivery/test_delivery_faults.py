"""The table of faults and steps, Discord's side: one message, or at last somewhere else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from bot.app import App
from bot.delivery import poster
from bot.demo.provider.faults import CallName, Throttle
from storage.records import State
from tests.flow.fast_forward import Flow
from tests.support.dialects import on_postgres, on_sqlite, on_sqlite_and
from tests.support.discord.http.server import CALLBACK, DELETE, EDIT, SEND
from tests.support.discord.records import Channel, Message

FAULTS: dict[str, dict[str, Any]] = {
    "500": {"status": 500},
    "503": {"status": 503},
    "reset": {"drop": True},
    "429": {"status": 429, "retry_after_s": 0.2},
    "stall": {"stall_s": 1.0},
    "garbage": {"raw": b"<html>", "status": 503},
    "lost answer": {"drop": True, "after_effect": True},
    "503 after": {"status": 503, "after_effect": True},
    "cut answer": {"truncate": True, "after_effect": True},
    "stall after": {"stall_s": 1.0, "after_effect": True, "drop": True},
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poster, "CALL_TIMEOUT_S", 0.8)


@asynccontextmanager
async def nearly_ready(flow: Flow, channel: Channel | None = None) -> AsyncIterator[App]:
    """A request whose card stands and whose video is ready as soon as the block says so."""
    bot_env = flow.bot_env
    async with flow.running() as app:
        bot_env.hold_tasks()
        await bot_env.create(channel=channel)
        await flow.until_state(State.RUNNING)
        await flow.until_quiet()
        yield app


def big_videos(flow: Flow) -> None:
    """Videos large enough to be made smaller."""
    pool = flow.bot_env.provider._render_pool
    pool._render_options = replace(pool._render_options, result_bytes=400_000)


async def result(flow: Flow) -> Message:
    """The one message with the video, or with a link to it."""
    await flow.until_quiet()
    found = [m for m in flow.bot_env.discord.messages() if is_result(m)]
    assert len(found) == 1, [message.content for message in flow.bot_env.discord.messages()]
    return found[0]


async def only_the_result_stands(flow: Flow) -> None:
    """Wait until the card is gone."""
    bot_env = flow.bot_env
    await flow.until_true(lambda: len(bot_env.discord.messages(bot_env.channel)) == 1)


def is_result(message: Message) -> bool:
    return bool(message.attachments) or "/results/" in message.content


@on_sqlite_and("fault", list(FAULTS), postgres={"500", "lost answer"})
async def test_a_video_is_posted_once_whatever_discord_answers(flow: Flow, fault: str) -> None:
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, **FAULTS[fault])
        flow.bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
        message = await result(flow)
        await only_the_result_stands(flow)
    assert message.channel_id == flow.bot_env.channel.id
    assert len(flow.bot_env.provider.creates) == 1


@on_sqlite
@pytest.mark.parametrize("fault", ["503", "reset", "lost answer", "stall after"])
@pytest.mark.parametrize("route", [EDIT, DELETE])
async def test_a_card_that_could_not_be_changed_is_not_left_frozen(
    flow: Flow, route: str, fault: str
) -> None:
    async with flow.running():
        flow.bot_env.discord.fail(route, times=2, **FAULTS[fault])
        await flow.bot_env.create()
        await flow.until_state(State.POSTED)
        await result(flow)
        await flow.bot_env.discord.wait_for(
            lambda: len(flow.bot_env.discord.messages(flow.bot_env.channel)) == 1, 15
        )


@on_sqlite
@pytest.mark.parametrize("fault", ["503", "reset", "lost answer"])
async def test_an_answer_that_was_lost_leaves_the_card(flow: Flow, fault: str) -> None:
    async with flow.running():
        flow.bot_env.discord.fail(CALLBACK, times=3, **FAULTS[fault])
        await flow.bot_env.create()
        await flow.until_state(State.POSTED)
        await result(flow)
    assert len(await flow.bot_env.requests()) == 1


@on_sqlite
async def test_discord_may_be_down_for_days(flow: Flow) -> None:
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, times=None, status=503)
        flow.bot_env.let_tasks_end()
        rendered = await flow.until_state(State.RENDERED)
        for _ in range(6):
            tried = len(flow.bot_env.discord.calls(SEND))
            while len(flow.bot_env.discord.calls(SEND)) == tried:
                flow.hop(12 * 3_600_000)
                await flow.bot_env._something_happens()
        flow.bot_env.discord.faults.clear()
        flow.bot_env.discord.world.advance(3 * 86_400)
        await flow.until_state(State.POSTED)
        message = await result(flow)
    assert message.file(".mp4").filename == f"{rendered.id}.mp4"


@on_sqlite
@pytest.mark.parametrize("refusal", [{"status": 413}, {"status": 413, "code": 40005}])
async def test_a_size_that_is_refused_is_made_smaller(flow: Flow, refusal: dict[str, int]) -> None:
    big_videos(flow)
    async with nearly_ready(flow):
        flow.bot_env.discord.fail(SEND, **refusal)
        flow.bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
        message = await result(flow)
    assert 1000 < message.file(".mp4").size <= 200_000


@on_sqlite
async def test_a_size_that_was_refused_does_not_go_up_again_after_a_restart(flow: Flow) -> None:
    big_videos(flow)
    discord = flow.bot_env.discord
    async with nearly_ready(flow):
        discord.fail(SEND, status=413)
        discord.fail(SEND, times=None, status=503)
        flow.bot_env.let_tasks_end()
        rendered = await flow.until_state(State.RENDERED)

        async def is_smaller() -> bool:
            messages = {post.id: post for post in await flow.bot_env.messages(rendered.id)}
            return messages[f"{rendered.id}:result"].aim_bytes > 0

        await flow.bot_env.until_so(is_smaller)
    discord.faults.clear()
    discord.world.upload_limit = 300_000
    before = len(discord.calls(SEND))
    async with flow.running():
        await flow.until_state(State.POSTED)
        await result(flow)
    assert all(call.status != 413 for call in discord.calls(SEND)[before:])


@on_sqlite
async def test_where_no_size_is_taken_a_link_is_posted(flow: Flow) -> None:
    big_videos(flow)
    async with nearly_ready(flow):
        flow.bot_env.discord.world.upload_limit = 100
        flow.bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
        message = await result(flow)
    assert not message.attachments
    assert flow.bot_env.provider.url in message.content


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING, State.RENDERED])
async def test_a_restart_goes_on_from_every_state(flow: Flow, state: State) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        if state is State.QUEUED:
            bot_env.provider.faults.every(CallName.CREATE, Throttle("5"))
        else:
            bot_env.hold_tasks()
        await bot_env.create()
        if state is State.RENDERED:
            await flow.until_state(State.RUNNING)
            await flow.until_quiet()
            bot_env.discord.fail(SEND, times=None, status=503)
            flow.bot_env.let_tasks_end()
        await flow.bot_env.until(
            lambda rows: (
                bool(rows)
                and rows[0].state is state
                and (state is not State.QUEUED or rows[0].attempt > 0)
            )
        )
    flow.bot_env.let_tasks_end()
    bot_env.provider.faults.clear()
    bot_env.discord.faults.clear()
    async with flow.running():
        await flow.until_state(State.POSTED)
        await result(flow)
        await only_the_result_stands(flow)
    assert len(bot_env.provider.tasks) == 1


@on_postgres
async def test_connections_to_the_database_may_break_at_any_moment(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        for _ in range(3):
            await bot_env.create()
        await bot_env.until(lambda rows: len(rows) == 3)
        for _ in range(12):
            await _break_connections(flow)
            await bot_env._something_happens()
        await flow.until(
            lambda rows: all(row.state in (State.POSTED, State.UNCERTAIN) for row in rows), 60
        )
        await flow.until_quiet()
    rows = await bot_env.requests()
    assert len(bot_env.provider.creates) <= 3
    assert len(bot_env.videos()) == sum(row.state is State.POSTED for row in rows)


async def _break_connections(flow: Flow) -> None:
    async with flow.bot_env.database.transaction() as tx:
        await tx.fetch_all(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
