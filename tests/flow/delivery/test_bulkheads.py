"""However one member, one channel or one file misbehaves, everybody else's videos come."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.demo.provider.faults import CallName, Delay
from bot.media.media_info import FitResult
from bot.media.process import MediaProcess
from bot.services.operations.circuit_breaker import PAUSED
from storage.engine.transaction import Transaction
from storage.moderation import reviews
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.operations import key_values
from storage.records import NEVER_DUE, MessageKind, OutboxState, Request, State
from storage.requests import outbox, requests
from tests.flow.delivery.test_delivery_faults import big_videos
from tests.flow.fast_forward import Flow
from tests.storage.make import make_message, make_request
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_postgres, on_sqlite
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import EDIT, SEND
from tests.support.discord.records import Upload, User

FETCH = "GET /ephemeral-attachments/{folder}/{attachment_id}/{filename}"


@pytest.fixture
async def bob(bot_env: BotEnv) -> User:
    return bot_env.discord.add_user("bob")


@pytest.fixture
async def stalled(bot_env: BotEnv) -> AsyncIterator[asyncio.Event]:
    """Files named slow.png do not come before this is set."""
    release = asyncio.Event()
    bot_env.discord.faults.add(
        FETCH,
        _stall(release),
        times=None,
        where=lambda call: call.params["filename"] == "slow.png",
    )
    yield release
    release.set()


def _stall(release: asyncio.Event) -> Any:

    return Fault(release=release)


def slow() -> dict[str, Any]:
    return {"files": {"image1": Upload("slow.png", picture())}}


async def posted_of(bot_env: BotEnv, user: User) -> Request:
    """Wait until a member's one request is posted."""

    def found(rows: list[Request]) -> list[Request]:
        return [row for row in rows if row.user_id == user.id and row.state is State.POSTED]

    return found(await bot_env.until(lambda rows: bool(found(rows))))[0]


async def called(bot_env: BotEnv, name: CallName, times: int = 1) -> None:
    """Wait until the provider was called so often."""

    async def enough() -> bool:
        return sum(call.name is name for call in bot_env.provider.calls) >= times

    await bot_env.until_so(enough)


def fetched(bot_env: BotEnv, times: int) -> bool:
    return len(bot_env.discord.calls(FETCH)) >= times


async def cancel(bot_env: BotEnv, user: User, request: Request) -> None:
    await (
        await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, user, "video cancel", {"id": request.id}
        )
    ).wait_shown()


async def at_rest(bot_env: BotEnv, app: App) -> None:
    """Wait until no step of a request runs any more."""

    async def none() -> bool:
        return app.worker._requests.running == 0

    await bot_env.until_so(none)


@on_sqlite
async def test_one_members_slow_files_keep_nobody_else_waiting(
    bot_env: BotEnv, bob: User, stalled: asyncio.Event
) -> None:
    async with bot_env.running(user_daily_videos=100) as app:
        for _ in range(30):
            await (await bot_env.create(**slow())).wait_shown()
        await bot_env.until(lambda rows: len(rows) == 30)
        assert app.worker._requests.running < 24
        await bot_env.create(bob, files={"image1": Upload("quick.png", picture())})
        await posted_of(bot_env, bob)
        assert not stalled.is_set()


@on_sqlite
async def test_cancelling_ends_the_fetch_and_frees_its_slot(
    bot_env: BotEnv, bob: User, stalled: asyncio.Event
) -> None:
    async with bot_env.running() as app:
        for number in range(5):
            await (await bot_env.create(**slow())).wait_shown()
            await bot_env.discord.wait_for(partial(fetched, bot_env, number + 1))
            await cancel(bot_env, bot_env.alice, await bot_env.request(number))
            await at_rest(bot_env, app)
        await bot_env.create(bob)
        await posted_of(bot_env, bob)
        left = [path for path in (app.settings.data_dir / "inputs").glob("**/*") if path.is_file()]
    assert not left
    assert not stalled.is_set()


@on_postgres
async def test_another_process_may_do_the_cancelling(
    bot_env: BotEnv, stalled: asyncio.Event
) -> None:
    async with bot_env.running("gateway"), bot_env.running("worker") as app:
        await (await bot_env.create(**slow())).wait_shown()
        await bot_env.discord.wait_for(lambda: bool(bot_env.discord.calls(FETCH)))
        assert app.worker._requests.running == 1
        await cancel(bot_env, bot_env.alice, await bot_env.request())
        await at_rest(bot_env, app)
    assert not stalled.is_set()


@on_sqlite
async def test_what_was_sent_to_the_provider_is_not_broken_off_by_cancelling(
    bot_env: BotEnv,
) -> None:

    release = asyncio.Event()
    bot_env.provider.faults.next(CallName.CREATE, Delay(release.wait))
    async with bot_env.running() as app:
        await bot_env.create()
        await called(bot_env, CallName.CREATE)
        await cancel(bot_env, bot_env.alice, await bot_env.request())
        app.worker._wakeup()
        await bot_env.discord.quiet()
        release.set()
        rows = await bot_env.until(lambda rows: bool(rows[0].task_id))
    assert rows[0].state is State.CANCELLED


@on_sqlite
async def test_videos_that_are_made_smaller_keep_no_message_waiting(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot_env = flow.bot_env
    release = asyncio.Event()
    encoding: list[Path] = []

    async def fit(_: MediaProcess, source: Path, target: Path, *, limit_bytes: int) -> FitResult:
        encoding.append(source)
        await release.wait()
        await asyncio.to_thread(target.write_bytes, source.read_bytes()[:limit_bytes])
        return FitResult(1, 64, 64)

    monkeypatch.setattr(MediaProcess, "fit", fit)
    big_videos(flow)
    bob = bot_env.discord.add_user("bob")
    bot_env.hold_tasks(14)
    async with bot_env.running(user_daily_videos=100, seedance_max_active=20) as app:
        small = [await bot_env.create(bot_env.discord.add_user(f"m{n}")) for n in range(14)]
        rows = await bot_env.until(lambda rows: len(rows) == len(small))
        async with bot_env.database.transaction() as tx:
            await tx.execute("UPDATE requests SET upload_limit_bytes = 100000")
        await bot_env.until(lambda rows: all(row.state is State.RUNNING for row in rows))
        bot_env.let_tasks_end()
        await bot_env.until(lambda rows: all(row.state is State.RENDERED for row in rows), 60)
        await bot_env.create(bob)
        await posted_of(bot_env, bob)
        assert 1 <= len(encoding) <= 2
        # the two, and what is just ending
        await bot_env.discord.wait_for(lambda: app.worker._outbox.running <= 3)
        assert not any(row.state is State.POSTED for row in await bot_env.requests() if row in rows)
        release.set()


async def test_a_throttled_channel_waits_without_a_slot(bot_env: BotEnv, bob: User) -> None:
    throttled = [bot_env.discord.add_channel(bot_env.guild, f"busy{n}") for n in range(8)]
    there = {str(channel.id) for channel in throttled}

    bot_env.discord.faults.add(
        SEND,
        Fault(status=429, retry_after_s=25),
        times=None,
        where=lambda call: call.params["channel_id"] in there,
    )
    async with bot_env.running(user_daily_videos=100) as app:
        await bot_env.discord.announce(bot_env.guild)
        for channel in throttled:
            for _ in range(3):
                await (await bot_env.create(channel=channel)).wait_shown()
        await bot_env.discord.wait_for(
            lambda: {c.params["channel_id"] for c in bot_env.discord.calls(SEND)} >= there
        )
        await bot_env.create(bob)
        await posted_of(bot_env, bob)
        await bot_env.until_so(lambda: _none_in_work(app))
        tried = [c for c in bot_env.discord.calls(SEND) if c.params["channel_id"] in there]
    assert len(tried) <= 3 * len(there), "what is owed to a throttled channel is put off together"


async def _none_in_work(app: App) -> bool:
    return app.worker._outbox.running == 0


@on_sqlite
async def test_a_slow_download_of_one_video_keeps_the_others_coming(
    bot_env: BotEnv, bob: User
) -> None:

    release = asyncio.Event()
    async with bot_env.running(user_daily_videos=100, seedance_max_active=20):
        for _ in range(10):
            bot_env.provider.faults.next(CallName.RESULT, Delay(release.wait))
            await (await bot_env.create()).wait_shown()
        await called(bot_env, CallName.RESULT, 2)
        bot_env.provider.faults.clear()
        await bot_env.create(bob)
        await posted_of(bot_env, bob)
        release.set()


async def test_sixty_throttled_review_cards_keep_no_other_servers_waiting(bot_env: BotEnv) -> None:
    throttled = bot_env.discord.add_channel(bot_env.guild, "review")
    other = bot_env.discord.add_channel(bot_env.guild, "other-review")
    async with bot_env.database.transaction() as tx:
        for number in range(61):
            request = make_request(
                id=f"review{number:03d}",
                state=State.REJECTED,
                ended_at_ms=bot_env.clock(),
                due_at_ms=NEVER_DUE,
                spec='{"model": "seedance2.0-fast-i2v", "prompt": "x", "duration": 4}',
            )
            assert await requests.add(tx, request)
            await _decided(tx, request, (throttled if number < 60 else other).id)
    bot_env.discord.faults.add(
        EDIT,
        Fault(status=429, retry_after_s=25),
        times=None,
        where=lambda call: call.params["channel_id"] == str(throttled.id),
    )
    async with bot_env.running():
        await bot_env.discord.wait_for(
            lambda: str(other.id) in {c.params["channel_id"] for c in bot_env.discord.calls(EDIT)}
        )


async def _decided(tx: Transaction, request: Request, channel_id: int) -> None:
    """A card in a channel that does not show yet what was decided."""
    review = Review(
        id=reviews.review_id(request.id, 1),
        request_id=request.id,
        number=1,
        guild_id=request.guild_id,
        user_id=request.user_id,
        stage=Stage.PROMPT,
        why="mode",
        opened_at_ms=1,
        due_at_ms=NEVER_DUE,
        ends_at_ms=NEVER_DUE,
        state=ReviewState.REJECTED,
        decided_at_ms=request.created_at_ms,
    )
    await reviews.add(tx, review)
    card = make_message(
        id=review.id,
        kind=MessageKind.REVIEW,
        request_id=request.id,
        state=OutboxState.SENT,
        message_id=5,
        channel_id=channel_id,
        sent_channel_id=channel_id,
        due_at_ms=NEVER_DUE,
    )
    assert await outbox.enqueue(tx, card)


@on_sqlite
async def test_words_go_to_a_channel_one_after_the_other(bot_env: BotEnv, bob: User) -> None:
    discord, release = bot_env.discord, asyncio.Event()
    # before it has read the channel's limit, discord.py itself makes one call at a time
    discord.rates.per_place = (50, 5.0)
    async with bot_env.running():
        await bot_env.create()
        await discord.wait_for(lambda: len(discord.calls(SEND)) == 1)
        await bot_env.until_state(State.POSTED)
        # no videos from here on, which have slots of their own
        async with bot_env.database.transaction() as tx:
            await key_values.set(tx, PAUSED, "1", 1)
        sent = len(discord.calls(SEND))
        discord.faults.add(SEND, Fault(release=release))
        await bot_env.create()
        await discord.wait_for(lambda: len(discord.calls(SEND)) == sent + 1)
        await bot_env.create(bob)
        await bot_env.until(lambda rows: len(rows) == 3)
        # the third one's card is due, and looked for several times meanwhile
        await discord.quiet(0.7)
        assert len(discord.calls(SEND)) == sent + 1
        release.set()
        await discord.wait_for(lambda: len(discord.calls(SEND)) > sent + 1)
