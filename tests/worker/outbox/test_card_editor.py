"""One editor a channel: latest wins, ends first, at most about one edit a second."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import cast

import pytest

from bot.errors import ChangeRefused, DeliveryRefused, DiscordUnavailable, MessageGone, PlaceGone
from bot.services.caller import EndNotice, Progress
from bot.worker.messenger import Messenger
from bot.worker.outbox.card_editor import INTERVAL_S, CardEditor, CardRecorder
from storage.errors import StorageUnavailable
from storage.records import OutboxMessage, Request, State
from tests.ui.making import NOW_MS, post, request

NOWHERE = Progress()


class StageRecorder(CardRecorder):
    """Records into lists instead of a database."""

    def __init__(self, stage: "Stage") -> None:
        self._stage = stage

    async def shown(self, message: OutboxMessage, request: Request, *, is_gone: bool) -> None:
        if self._stage.record_error is not None:
            raise self._stage.record_error
        self._stage.shown.append((message.id, request.state))

    async def lost(self, outbox_id: str) -> None:
        self._stage.lost.append(outbox_id)

    async def put_off(self, message: OutboxMessage, least_s: float) -> None:
        self._stage.put_off.append(message.id)


class Stage:
    """Records what the editor does; its rests end when the test says so."""

    def __init__(self) -> None:
        self.done: list[tuple[str, State, int]] = []
        self.deleted: list[int] = []
        self.shown: list[tuple[str, State]] = []
        self.lost: list[str] = []
        self.rests: list[float] = []
        self.errors: list[Exception] = []
        self.record_error: Exception | None = None
        self.hold: asyncio.Event | None = None
        self._turns = asyncio.Semaphore(0)
        self.put_off: list[str] = []
        messenger = cast("Messenger", self)
        self.editor = CardEditor(messenger, StageRecorder(self), sleep=self._rest)

    async def edit(self, post: OutboxMessage, request: Request, standing: Progress) -> None:
        if self.hold is not None:
            await self.hold.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.done.append((post.id, request.state, request.progress))

    async def delete(self, channel_id: int, message_id: int) -> None:
        self.deleted.append(message_id)

    async def _rest(self, seconds: float) -> None:
        self.rests.append(seconds)
        await self._turns.acquire()

    async def settle(self) -> None:
        """Let whatever can go on go on, up to the next rest."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def rested(self, times: int = 1) -> None:
        """End a rest, and let what follows happen."""
        for _ in range(times):
            self._turns.release()
            await self.settle()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    yield made
    await made.editor.close()


def card(name: str = "a", channel_id: int = 5, shown: str = "queued") -> OutboxMessage:
    return post(id=name, sent_channel_id=channel_id, message_id=ord(name), shown=shown)


def running(progress: int, at: int = 0) -> Request:
    return request(State.RUNNING, progress=progress, updated_at_ms=NOW_MS + at)


async def test_the_first_edit_goes_at_once_and_the_next_one_rests(stage: Stage) -> None:
    stage.editor.submit(card("a"), running(10), NOWHERE)
    stage.editor.submit(card("b"), running(20), NOWHERE)
    await stage.settle()
    assert len(stage.done) == 1
    assert stage.rests == [INTERVAL_S]
    await stage.rested()
    assert len(stage.done) == 2
    assert stage.shown == [("a", State.RUNNING), ("b", State.RUNNING)]


async def test_the_latest_state_of_a_card_wins(stage: Stage) -> None:
    stage.editor.submit(card("z"), running(1), NOWHERE)
    await stage.settle()
    for progress in (10, 20, 30):
        stage.editor.submit(card("a"), running(progress, progress), NOWHERE)
    await stage.rested()
    assert stage.done[1:] == [("a", State.RUNNING, 30)]
    await stage.rested(2)
    assert len(stage.done) == 2


async def test_what_is_outdated_is_dropped(stage: Stage) -> None:
    stage.editor.submit(card("a"), running(30, at=30), NOWHERE)
    await stage.settle()
    stage.editor.submit(card("a"), running(20, at=20), NOWHERE)
    await stage.rested(2)
    assert [progress for _, _, progress in stage.done] == [30]


async def test_no_state_follows_an_end(stage: Stage) -> None:
    ended = request(State.CANCELLED, updated_at_ms=NOW_MS)
    stage.editor.submit(card("a"), ended, NOWHERE)
    stage.editor.submit(card("a"), running(90, at=99), NOWHERE)
    await stage.settle()
    await stage.rested(2)
    assert [state for _, state, _ in stage.done] == [State.CANCELLED]


async def test_ends_go_before_states_and_states_before_percentages(stage: Stage) -> None:
    stage.editor.submit(card("z"), running(1), NOWHERE)
    await stage.settle()
    stage.editor.submit(card("p", shown="running"), running(50), NOWHERE)
    stage.editor.submit(card("s"), running(5), NOWHERE)
    stage.editor.submit(card("e"), request(State.FAILED), NOWHERE)
    stage.editor.submit(card("u"), request(State.UNCERTAIN), NOWHERE)
    await stage.rested(4)
    assert [name for name, _, _ in stage.done[1:]] == ["e", "u", "s", "p"]


async def test_an_urgency_that_is_given_counts(stage: Stage) -> None:
    stage.editor.submit(card("z"), running(1), NOWHERE)
    await stage.settle()
    stage.editor.submit(card("a"), running(1), NOWHERE, 0)
    stage.editor.submit(card("b"), running(1), NOWHERE, 2)
    await stage.rested(2)
    assert [name for name, _, _ in stage.done[1:]] == ["b", "a"]


async def test_channels_do_not_wait_for_one_another(stage: Stage) -> None:
    for channel_id in range(10):
        stage.editor.submit(card("a", channel_id), running(10), NOWHERE)
    await stage.settle()
    assert len(stage.done) == 10


async def test_a_posted_videos_card_goes(stage: Stage) -> None:
    stage.editor.submit(card("a"), request(State.POSTED), NOWHERE)
    await stage.settle()
    assert stage.deleted == [ord("a")]
    assert not stage.done
    assert stage.shown == [("a", State.POSTED)]


async def test_the_same_state_submitted_while_it_is_edited_is_edited_once(stage: Stage) -> None:
    stage.hold = asyncio.Event()
    stage.editor.submit(card("a"), running(10), NOWHERE)
    await stage.settle()
    stage.editor.submit(card("a"), running(10), NOWHERE)
    stage.hold.set()
    await stage.settle()
    await stage.rested(2)
    assert len(stage.done) == 1


async def test_an_outage_is_waited_out_and_the_latest_state_shown(stage: Stage) -> None:
    stage.errors = [DiscordUnavailable(), DiscordUnavailable(retry_after_s=40)]
    stage.editor.submit(card("a"), running(10), NOWHERE)
    await stage.settle()
    stage.editor.submit(card("a"), running(20, at=1), NOWHERE)
    await stage.rested(2)
    assert stage.done == [("a", State.RUNNING, 20)]
    assert stage.rests == [2.0, 40, INTERVAL_S]
    assert not stage.lost


@pytest.mark.parametrize("error", [ChangeRefused(), DeliveryRefused()], ids=repr)
async def test_a_card_that_cannot_be_changed_now_is_put_off_and_not_given_up(
    stage: Stage, error: Exception
) -> None:
    stage.errors = [error]
    stage.editor.submit(card("a"), running(10), NOWHERE)
    await stage.settle()
    await stage.rested(2)
    assert (stage.put_off, stage.lost) == (["a"], [])


async def test_the_card_of_an_end_that_was_told_goes(stage: Stage) -> None:
    stage.editor.submit(card("a"), request(State.FAILED), Progress(news=EndNotice.LATE))
    stage.editor.submit(card("b", 6), request(State.FAILED), Progress(news=EndNotice.TOLD))
    await stage.settle()
    assert [name for name, _, _ in stage.done] == ["a"]
    assert stage.deleted == [ord("b")]


@pytest.mark.parametrize("error", [MessageGone(), PlaceGone()], ids=repr)
async def test_a_card_that_is_gone_is_told_and_not_tried_again(
    stage: Stage, error: Exception
) -> None:
    stage.errors = [error]
    stage.editor.submit(card("a"), running(10), NOWHERE)
    await stage.settle()
    await stage.rested(2)
    assert stage.lost == ["a"]
    assert not stage.done


async def test_an_unforeseen_error_stops_no_other_card(stage: Stage) -> None:
    stage.errors = [RuntimeError("surprise")]
    stage.editor.submit(card("a"), running(10), NOWHERE)
    stage.editor.submit(card("b"), running(10), NOWHERE)
    await stage.settle()
    await stage.rested(2)
    assert [name for name, _, _ in stage.done] == ["b"]


async def test_a_database_that_is_away_stops_no_edit(stage: Stage) -> None:
    stage.record_error = StorageUnavailable("locked")
    stage.editor.submit(card("a"), running(10), NOWHERE)
    stage.editor.submit(card("b"), running(10), NOWHERE)
    await stage.settle()
    await stage.rested(2)
    assert len(stage.done) == 2


async def test_an_idle_channel_leaves_nothing_behind(stage: Stage) -> None:
    stage.editor.submit(card("a"), running(10), NOWHERE)
    await stage.settle()
    await stage.rested()
    assert not stage.editor._channels
    stage.editor.submit(card("a"), replace(running(10), progress=11), NOWHERE)
    await stage.settle()
    assert len(stage.done) == 2


async def test_after_closing_nothing_is_edited(stage: Stage) -> None:
    stage.editor.submit(card("a"), running(10), NOWHERE)
    stage.editor.submit(card("b"), running(10), NOWHERE)
    await stage.settle()
    await stage.editor.close()
    stage.editor.submit(card("c"), running(10), NOWHERE)
    await stage.settle()
    assert stage.editor.waiting == 0
    assert len(stage.done) == 1
