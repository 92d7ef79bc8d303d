"""Edits progress cards within the rate limit of each channel."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from bot.errors import DeliveryError, DiscordUnavailable, MessageGone, PlaceGone
from bot.failpoints import point
from bot.services.caller import EndNotice, Progress
from bot.services.requests.status import news_of
from bot.worker.item_errors import backoff_ms
from bot.worker.messenger import Messenger
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import BotError
from storage.records import ENDS, OutboxMessage, OutboxState, Request, State
from storage.requests import outbox, outbox_retries

logger = logging.getLogger(__name__)

INTERVAL_S: Final = 1.0
"""Discord allows about five edits per channel in five seconds."""
BACKOFF_S: Final = (2.0, 5.0, 15.0, 30.0, 60.0)

_ENDED: Final = frozenset({*ENDS, State.UNCERTAIN})


class Urgency(IntEnum):
    """Order of edits: an end before a change of state, that before a percentage."""

    PROGRESS = 0
    STATE = 1
    END = 2


@dataclass(frozen=True, slots=True)
class _PendingEdit:
    message: OutboxMessage
    request: Request
    standing: Progress
    urgency: Urgency
    order: int

    def is_older_than(self, other: "_PendingEdit") -> bool:
        mine, others = self.request, other.request
        if (mine.state in ENDS) is not (others.state in ENDS):
            return others.state in ENDS
        return mine.updated_at_ms < others.updated_at_ms

    def is_repeated(self, latest: "dict[str, _PendingEdit]") -> bool:
        """Whether the last edit of the card shows, or will show, exactly this."""
        last = latest.get(self.message.id)
        return last is not None and (last.request, last.standing) == (self.request, self.standing)


@dataclass(slots=True)
class _ChannelEdits:
    """One channel's pending edits; removed when there are none."""

    pending: dict[str, _PendingEdit] = field(default_factory=dict)
    latest: dict[str, _PendingEdit] = field(default_factory=dict)
    failures: int = 0
    task: asyncio.Task[None] | None = None


class CardRecorder:
    """Records what cards show, so that a restart knows which of them are outdated.

    All methods raise StorageError; a card whose state was not recorded is edited again.
    """

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    @repeated
    async def shown(self, message: OutboxMessage, request: Request, *, is_gone: bool) -> None:
        """An edit, or the card's removal, has succeeded; `request` is as the card shows it.

        `message` is its row as it was when the edit began.
        """
        point("card.deleted" if is_gone else "card.edited")

        async def record(tx: Transaction) -> None:
            await outbox.shown(tx, message.id, request.state, before=message.shown)
            if is_gone:
                await outbox.settle(tx, message.id, owner=None, state=OutboxState.DELETED)
            elif request.state in _ENDED and await news_of(tx, request) is EndNotice.TOLD:
                # its message arrived during the edit; read with the card's row locked, so that
                # whoever records the arrival later has the card looked at
                await outbox.look_at_card(tx, request.id)

        await self._database.write(record)
        point("card.delete-recorded" if is_gone else "card.edit-recorded")

    @repeated
    async def lost(self, outbox_id: str) -> None:
        """The card or its channel is gone."""
        async with self._database.transaction() as tx:
            await outbox.settle(tx, outbox_id, owner=None, state=OutboxState.DELETED)

    @repeated
    async def put_off(self, message: OutboxMessage, least_s: float) -> None:
        """The card could not be edited: retry after at least `least_s`, with growing waits."""
        wait_ms = max(backoff_ms(message.attempt + 1), round(least_s * 1000))
        async with self._database.transaction() as tx:
            await outbox_retries.change_later(tx, message.id, self._clock() + wait_ms)


class CardEditor:
    """One editing task per channel: the latest state of each card wins, outdated ones are dropped.

    The card of an end that has its own message is deleted, every other one edited. What came of an
    edit is recorded by `recorder`.
    """

    def __init__(
        self,
        messenger: Messenger,
        recorder: CardRecorder,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._messenger = messenger
        self._recorder = recorder
        self._sleep = sleep
        self._channels: dict[int, _ChannelEdits] = {}
        self._order = 0
        self._is_closed = False

    def submit(
        self,
        message: OutboxMessage,
        request: Request,
        standing: Progress,
        urgency: int | None = None,
    ) -> None:
        """Ask for a sent card to show a state soon; never waits and never raises.

        Without an urgency it is derived from the state and from what the card shows.
        """
        if self._is_closed:
            return
        self._order += 1
        chosen = Urgency(urgency) if urgency is not None else _urgency(message, request)
        edit = _PendingEdit(message, request, standing, chosen, self._order)
        channel = self._channels.setdefault(message.sent_channel_id, _ChannelEdits())
        known = channel.pending.get(message.id) or channel.latest.get(message.id)
        if known is not None and (edit.is_older_than(known) or edit.is_repeated(channel.latest)):
            return
        channel.pending[message.id] = edit
        if channel.task is None:
            channel.task = asyncio.create_task(
                self._work(message.sent_channel_id, channel),
                name=f"cards {message.sent_channel_id}",
            )

    @property
    def waiting(self) -> int:
        """How many cards have a pending edit."""
        return sum(len(channel.pending) for channel in self._channels.values())

    async def close(self) -> None:
        """Stop at once; what was pending is found again by comparing records."""
        self._is_closed = True
        tasks = [channel.task for channel in self._channels.values() if channel.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._channels.clear()

    async def _work(self, channel_id: int, channel: _ChannelEdits) -> None:
        while channel.pending:
            edit = max(channel.pending.values(), key=lambda each: (each.urgency, -each.order))
            del channel.pending[edit.message.id]
            channel.latest[edit.message.id] = edit
            wait_s = await self._perform(channel, edit)
            await self._sleep(wait_s)
        # no await since the last check, so nothing was added
        self._channels.pop(channel_id, None)

    async def _perform(self, channel: _ChannelEdits, edit: _PendingEdit) -> float:
        """Make one edit; return how many seconds to pause the channel."""
        try:
            await self._apply(edit)
            channel.failures = 0
        except DiscordUnavailable as error:
            channel.pending.setdefault(edit.message.id, edit)
            channel.failures += 1
            backoff_s = BACKOFF_S[min(channel.failures, len(BACKOFF_S)) - 1]
            logger.warning("A card can't be edited now", extra=_about(edit, error))
            wait_s = max(backoff_s, error.retry_after_s or 0)
            await self._postpone(edit, wait_s)
            return wait_s
        except (MessageGone, PlaceGone) as error:
            channel.pending.pop(edit.message.id, None)
            logger.info("A card is gone", extra=_about(edit, error))
            await self._record(self._recorder.lost(edit.message.id), edit)
        except DeliveryError as error:
            # an archived thread opens again once the video is posted in it
            logger.warning("A card can't be changed for now", extra=_about(edit, error))
            await self._postpone(edit, INTERVAL_S)
        except Exception:
            logger.exception(
                "Editing a card failed with an unexpected error", extra=_about(edit, None)
            )
            await self._postpone(edit, INTERVAL_S)
        return INTERVAL_S

    async def _postpone(self, edit: _PendingEdit, wait_s: float) -> None:
        """Keep the card from being submitted again before then."""
        await self._record(self._recorder.put_off(edit.message, wait_s), edit)

    async def _apply(self, edit: _PendingEdit) -> None:
        is_going = edit.standing.news is EndNotice.TOLD or edit.request.state is State.POSTED
        if is_going:
            await self._messenger.delete(edit.message.sent_channel_id, edit.message.message_id)
        else:
            await self._messenger.edit(edit.message, edit.request, edit.standing)
        shown = self._recorder.shown(edit.message, edit.request, is_gone=is_going)
        await self._record(shown, edit)

    async def _record(self, recording: Awaitable[None], edit: _PendingEdit) -> None:
        try:
            await recording
        except BotError as error:
            # the card is right; it is edited once more because the record differs
            logger.warning("A card's state was not recorded", extra=_about(edit, error))
        except Exception:
            # the channel's other cards go on
            logger.exception("A card's state was not recorded", extra=_about(edit, None))


def _urgency(message: OutboxMessage, request: Request) -> Urgency:
    if request.state in _ENDED:
        return Urgency.END
    return Urgency.STATE if message.shown != request.state else Urgency.PROGRESS


def _about(edit: _PendingEdit, error: Exception | None) -> dict[str, str]:
    about = {
        "action": "card.edit",
        "request_id": edit.request.id,
        "state": edit.request.state,
    }
    return {**about, "error": repr(error)} if error is not None else about
