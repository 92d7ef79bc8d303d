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
from storage.engine.transaction import Transaction
from storage.moderation import reviews
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.records import NEVER_DUE, MessageKind, OutboxState, Request, State
from storage.requests import outbox, requests
from tests.flow.delivery.test_delivery_faults import big_videos
from tests.flow.fast_forward import Flow
from tests.flow.requests.test_provider_faults import on_postgres, on_sqlite
from tests.storage.make import make_message, make_request
from tests.support.bot_env import House, picture
from tests.support.discord.http.faults import Fault
from tests.support.discord.http.server import EDIT, SEND
from tests.support.discord.records import Upload, User

FETCH = "GET /ephemeral-attachments/{folder}/{attachment_id}/{filename}"


@pytest.fixture
async def bob(house: House) -> User:
    return house.discord.add_user("bob")


@pytest.fixture
async def stalled(house: House) -> AsyncIterator[asyncio.Event]:
    """Files named slow.png do not come before this is set."""
    release = asyncio.Event()
    house.discord.faults.add(
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


async def posted_of(house: House, user: User, timeout_s: float = 20) -> Request:
    """Wait until a member's one request is posted."""

    def found(rows: list[Request]) -> list[Request]:
        return [row for row in rows if row.user_id == user.id and row.state is State.POSTED]

    return found(await house.until(lambda rows: bool(found(rows)), timeout_s))[0]


async def called(house: House, name: CallName, times: int = 1) -> None:
    """Wait until the provider was called so often."""

    async def enough() -> bool:
        return sum(call.name is name for call in house.provider.calls) >= times

    await house.until_so(enough)


def fetched(house: House, times: int) -> bool:
    return len(house.discord.calls(FETCH)) >= times


async def cancel(house: House, user: User, request: Request) -> None:
    await (
        await house.discord.slash(
            house.guild, house.channel, user, "video cancel", {"id": request.id}
        )
    ).wait_shown()


async def at_rest(house: House, app: App) -> None:
    """Wait until no step of a request runs any more."""

    async def none() -> bool:
        return app.worker._requests.running == 0

    await house.until_so(none)


async def test_one_members_slow_files_keep_nobody_else_waiting(
    house: House, bob: User, stalled: asyncio.Event
) -> None:
    async with house.running(user_daily_videos=100) as app:
        for _ in range(30):
            await (await house.create(**slow())).wait_shown()
        await house.until(lambda rows: len(rows) == 30)
        assert app.worker._requests.running < 24
        await house.create(bob, files={"image1": Upload("quick.png", picture())})
        await posted_of(house, bob)
        assert not stalled.is_set()


async def test_cancelling_ends_the_fetch_and_frees_its_slot(
    house: House, bob: User, stalled: asyncio.Event
) -> None:
    async with house.running() as app:
        for number in range(5):
            await (await house.create(**slow())).wait_shown()
            await house.discord.wait_for(partial(fetched, house, number + 1))
            await cancel(house, house.alice, await house.request(number))
            await at_rest(house, app)
        await house.create(bob)
        await posted_of(house, bob)
        left = [path for path in (app.settings.data_dir / "inputs").glob("**/*") if path.is_file()]
    assert not left
    assert not stalled.is_set()


@on_postgres
async def test_another_process_may_do_the_cancelling(house: House, stalled: asyncio.Event) -> None:
    async with house.running("gateway"), house.running("worker") as app:
        await (await house.create(**slow())).wait_shown()
        await house.discord.wait_for(lambda: bool(house.discord.calls(FETCH)))
        assert app.worker._requests.running == 1
        await cancel(house, house.alice, await house.request())
        await at_rest(house, app)
    assert not stalled.is_set()


@on_sqlite
async def test_what_was_sent_to_the_provider_is_not_broken_off_by_cancelling(house: House) -> None:

    release = asyncio.Event()
    house.provider.faults.next(CallName.CREATE, Delay(release.wait))
    async with house.running() as app:
        await house.create()
        await called(house, CallName.CREATE)
        await cancel(house, house.alice, await house.request())
        app.worker._wakeup()
        await house.discord.quiet()
        release.set()
        rows = await house.until(lambda rows: bool(rows[0].task_id))
    assert rows[0].state is State.CANCELLED


@on_sqlite
async def test_videos_that_are_made_smaller_keep_no_message_waiting(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = flow.house
    release = asyncio.Event()
    encoding: list[Path] = []

    async def fit(_: MediaProcess, source: Path, target: Path, *, limit_bytes: int) -> FitResult:
        encoding.append(source)
        await release.wait()
        await asyncio.to_thread(target.write_bytes, source.read_bytes()[:limit_bytes])
        return FitResult(1, 64, 64)

    monkeypatch.setattr(MediaProcess, "fit", fit)
    big_videos(flow)
    bob = house.discord.add_user("bob")
    async with house.running(user_daily_videos=100, seedance_max_active=20) as app:
        small = [await house.create(house.discord.add_user(f"m{n}")) for n in range(14)]
        rows = await house.until(lambda rows: len(rows) == len(small))
        async with house.database.transaction() as tx:
            await tx.execute("UPDATE requests SET upload_limit_bytes = 100000")
        await house.until(lambda rows: all(row.state is State.RENDERED for row in rows), 60)
        await house.create(bob)
        await posted_of(house, bob)
        assert 1 <= len(encoding) <= 2
        assert app.worker._outbox.running <= 3
        assert not any(row.state is State.POSTED for row in await house.requests() if row in rows)
        release.set()


async def test_a_throttled_channel_waits_without_a_slot(house: House, bob: User) -> None:
    throttled = [house.discord.add_channel(house.guild, f"busy{n}") for n in range(8)]
    there = {str(channel.id) for channel in throttled}

    house.discord.faults.add(
        SEND,
        Fault(status=429, retry_after_s=25),
        times=None,
        where=lambda call: call.params["channel_id"] in there,
    )
    async with house.running(user_daily_videos=100) as app:
        await house.discord.announce(house.guild)
        for channel in throttled:
            for _ in range(3):
                await (await house.create(channel=channel)).wait_shown()
        await house.discord.wait_for(
            lambda: {c.params["channel_id"] for c in house.discord.calls(SEND)} >= there
        )
        await house.create(bob)
        await posted_of(house, bob, 10)
        await house.until_so(lambda: _none_in_work(app))
        tried = [c for c in house.discord.calls(SEND) if c.params["channel_id"] in there]
    assert len(tried) <= 3 * len(there), "what is owed to a throttled channel is put off together"


async def _none_in_work(app: App) -> bool:
    return app.worker._outbox.running == 0


@on_sqlite
async def test_a_slow_download_of_one_video_keeps_the_others_coming(
    house: House, bob: User
) -> None:

    release = asyncio.Event()
    async with house.running(user_daily_videos=100, seedance_max_active=20):
        for _ in range(10):
            house.provider.faults.next(CallName.RESULT, Delay(release.wait))
            await (await house.create()).wait_shown()
        await called(house, CallName.RESULT, 2)
        house.provider.faults.clear()
        await house.create(bob)
        await posted_of(house, bob)
        release.set()


async def test_sixty_throttled_review_cards_keep_no_other_servers_waiting(house: House) -> None:
    throttled = house.discord.add_channel(house.guild, "review")
    other = house.discord.add_channel(house.guild, "other-review")
    async with house.database.transaction() as tx:
        for number in range(61):
            request = make_request(
                id=f"review{number:03d}",
                state=State.REJECTED,
                ended_at_ms=house.clock(),
                due_at_ms=NEVER_DUE,
                spec='{"model": "seedance2.0-fast-i2v", "prompt": "x", "duration": 4}',
            )
            assert await requests.add(tx, request)
            await _decided(tx, request, (throttled if number < 60 else other).id)
    house.discord.faults.add(
        EDIT,
        Fault(status=429, retry_after_s=25),
        times=None,
        where=lambda call: call.params["channel_id"] == str(throttled.id),
    )
    async with house.running():
        await house.discord.wait_for(
            lambda: str(other.id) in {c.params["channel_id"] for c in house.discord.calls(EDIT)}
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
