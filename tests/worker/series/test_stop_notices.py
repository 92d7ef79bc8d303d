"""Notices of a series' stop that Discord held up: none is sent once the stop is over."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.records import MessageKind, OutboxState, State
from tests.worker.series.series_harness import SeriesHarness, open_series_harness

TEN_SECONDS_MS = 10_000


@pytest.fixture
async def harness(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> AsyncIterator[SeriesHarness]:
    async with open_series_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def until_stopped(harness: SeriesHarness, fault: str = "content") -> tuple[str, str]:
    """A series that stands for its second shot, and the notice of it, which is still to be sent."""
    harness.provider.create_plan.extend(["", fault])
    series_id = await harness.ask_series(3)
    for _ in range(100):
        for message_id, message in (await harness.messages(series_id)).items():
            if message.kind is MessageKind.NOTICE:
                return series_id, message_id
        if not await harness.step("a") + await harness.gate("a"):
            await harness.message("a")
            await harness._wait()
    raise AssertionError("it never stops")


async def state_of(harness: SeriesHarness, series_id: str, message_id: str) -> OutboxState:
    return (await harness.messages(series_id))[message_id].state


@pytest.mark.parametrize("press", ["retry", "edit", "finish"])
async def test_a_notice_is_dropped_when_its_member_was_faster(
    harness: SeriesHarness, press: str
) -> None:
    series_id, notice = await until_stopped(harness)
    harness.messenger.plan.append("down")
    await harness.message("a", 10)
    assert await state_of(harness, series_id, notice) is OutboxState.PENDING
    await harness.member(press, series_id)
    harness.now_ms += TEN_SECONDS_MS
    await harness.message("a", 10)
    assert await state_of(harness, series_id, notice) is OutboxState.DROPPED
    await harness.settle()
    assert not harness.messenger.standing(MessageKind.NOTICE, series_id)
    assert (await harness.whole(series_id)).state is State.POSTED


async def test_a_notice_of_an_uncertain_shot_is_dropped_once_that_is_settled(
    harness: SeriesHarness,
) -> None:
    series_id, notice = await until_stopped(harness, "lost")
    harness.messenger.plan.append("down")
    await harness.message("a", 10)
    await harness.settle_uncertain(series_id, ran=True)
    harness.now_ms += TEN_SECONDS_MS
    await harness.message("a", 10)
    assert await state_of(harness, series_id, notice) is OutboxState.DROPPED


async def test_a_held_up_notice_of_a_series_that_still_stands_is_sent(
    harness: SeriesHarness,
) -> None:
    series_id, notice = await until_stopped(harness)
    harness.messenger.plan.append("down")
    await harness.message("a", 10)
    harness.now_ms += TEN_SECONDS_MS
    await harness.message("a", 10)
    assert await state_of(harness, series_id, notice) is OutboxState.SENT
    (told,) = harness.messenger.standing(MessageKind.NOTICE, series_id)
    # a second stop of the same place is told anew
    harness.provider.create_plan.append("content")
    await harness.member("edit", series_id)
    for _ in range(20):
        await harness.round("a")
        await harness._wait()
        if len(harness.messenger.standing(MessageKind.NOTICE, series_id)) > 1:
            break
    (_, again) = harness.messenger.standing(MessageKind.NOTICE, series_id)
    assert again.outbox_id != told.outbox_id
