"""Keeps progress cards up to date without more edits than a channel bears."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, Protocol

from bot.errors import DeliveryError, DiscordUnavailable, MessageGone, PlaceGone
from bot.services.caller import EndNotice, Progress
from storage.errors import BotError
from storage.records import ENDS, OutboxMessage, Request, State

logger = logging.getLogger(__name__)

INTERVAL_S: Final = 1.0
"""One channel bears about five edits in five seconds."""
BACKOFF_S: Final = (2.0, 5.0, 15.0, 30.0, 60.0)

_ENDED: Final = frozenset({*ENDS, State.UNCERTAIN})


class Editing(Protocol):
    """The part of the poster that the editor drives."""

    async def edit(self, message: OutboxMessage, request: Request, standing: Progress) -> None:
        """Make a card show a state."""
        ...

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Take a card away."""
        ...


class CardObserver(Protocol):
    """Hears which state a card shows by now."""

    def __call__(self, outbox_id: str, state: State, *, is_gone: bool) -> Awaitable[None]:
        """`is_gone`: it was removed."""
        ...


class Urgency(IntEnum):
    """An end goes before a change of state, and that before a percentage."""

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

    def says_what(self, latest: "dict[str, _PendingEdit]") -> bool:
        """Whether the card was told, or is being told, exactly this."""
        told = latest.get(self.message.id)
        return told is not None and (told.request, told.standing) == (self.request, self.standing)


@dataclass(slots=True)
class _Lane:
    """One channel's pending cards; it lives while there are any."""

    pending: dict[str, _PendingEdit] = field(default_factory=dict)
    latest: dict[str, _PendingEdit] = field(default_factory=dict)
    failures: int = 0
    task: asyncio.Task[None] | None = None


class CardEditor:
    """One editor a channel: the latest state of each card wins, outdated ones are dropped.

    The card of an end that was told is deleted, every other one edited. `shown` hears the post's
    id, the state that its card shows now, and whether it was removed; `lost` of a card that is
    gone; `put_off` of one that can't be changed now, and for how many seconds its channel rests.
    """

    def __init__(
        self,
        messenger: Editing,
        *,
        shown: CardObserver,
        lost: Callable[[str], Awaitable[None]],
        put_off: Callable[[OutboxMessage, float], Awaitable[None]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._messenger = messenger
        self._shown = shown
        self._lost = lost
        self._put_off = put_off
        self._sleep = sleep
        self._lanes: dict[int, _Lane] = {}
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

        Without an urgency it is seen from the state and from what the card shows.
        """
        if self._is_closed:
            return
        self._order += 1
        chosen = Urgency(urgency) if urgency is not None else _urgency(message, request)
        video_request = _PendingEdit(message, request, standing, chosen, self._order)
        lane = self._lanes.setdefault(message.sent_channel_id, _Lane())
        known = lane.pending.get(message.id) or lane.latest.get(message.id)
        if known is not None and (
            video_request.is_older_than(known) or video_request.says_what(lane.latest)
        ):
            return
        lane.pending[message.id] = video_request
        if lane.task is None:
            lane.task = asyncio.create_task(
                self._work(message.sent_channel_id, lane), name=f"cards {message.sent_channel_id}"
            )

    @property
    def waiting(self) -> int:
        """How many cards are waiting for their edit."""
        return sum(len(lane.pending) for lane in self._lanes.values())

    async def close(self) -> None:
        """Stop at once; what was pending is found again by comparing records."""
        self._is_closed = True
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()

    async def _work(self, channel_id: int, lane: _Lane) -> None:
        while lane.pending:
            video_request = max(lane.pending.values(), key=lambda each: (each.urgency, -each.order))
            del lane.pending[video_request.message.id]
            lane.latest[video_request.message.id] = video_request
            wait_s = await self._perform(lane, video_request)
            await self._sleep(wait_s)
        # no await since the last look: nothing can have come in between
        self._lanes.pop(channel_id, None)

    async def _perform(self, lane: _Lane, video_request: _PendingEdit) -> float:
        """Do one edit; returns how long the channel should rest."""
        try:
            await self._apply(video_request)
            lane.failures = 0
        except DiscordUnavailable as error:
            lane.pending.setdefault(video_request.message.id, video_request)
            lane.failures += 1
            backoff_s = BACKOFF_S[min(lane.failures, len(BACKOFF_S)) - 1]
            logger.warning("A card can't be edited now", extra=_about(video_request, error))
            wait_s = max(backoff_s, error.retry_after_s or 0)
            await self._rest(video_request, wait_s)
            return wait_s
        except (MessageGone, PlaceGone) as error:
            lane.pending.pop(video_request.message.id, None)
            logger.info("A card is gone", extra=_about(video_request, error))
            await self._tell(self._lost(video_request.message.id), video_request)
        except DeliveryError as error:
            # a thread that was archived meanwhile is open again once the video is posted in it
            logger.warning("A card can't be changed for now", extra=_about(video_request, error))
            await self._rest(video_request, INTERVAL_S)
        except Exception:
            logger.exception("A card's edit failed unforeseen", extra=_about(video_request, None))
            await self._rest(video_request, INTERVAL_S)
        return INTERVAL_S

    async def _rest(self, video_request: _PendingEdit, wait_s: float) -> None:
        """Until then no look at the records brings the card up again."""
        if self._put_off is not None:
            await self._tell(self._put_off(video_request.message, wait_s), video_request)

    async def _apply(self, video_request: _PendingEdit) -> None:
        is_going = (
            video_request.standing.news is EndNotice.TOLD
            or video_request.request.state is State.POSTED
        )
        if is_going:
            await self._messenger.delete(
                video_request.message.sent_channel_id, video_request.message.message_id
            )
        else:
            await self._messenger.edit(
                video_request.message, video_request.request, video_request.standing
            )
        shown = self._shown(video_request.message.id, video_request.request.state, is_gone=is_going)
        await self._tell(shown, video_request)

    async def _tell(self, told: Awaitable[None], video_request: _PendingEdit) -> None:
        try:
            await told
        except BotError as error:
            # the card is right; the record catches up when records are compared
            logger.warning("A card's state was not recorded", extra=_about(video_request, error))
        except Exception:
            # the channel's other cards go on
            logger.exception("A card's state was not recorded", extra=_about(video_request, None))


def _urgency(message: OutboxMessage, request: Request) -> Urgency:
    if request.state in _ENDED:
        return Urgency.END
    return Urgency.STATE if message.shown != request.state else Urgency.PROGRESS


def _about(video_request: _PendingEdit, error: Exception | None) -> dict[str, str]:
    about = {
        "action": "card.edit",
        "request_id": video_request.request.id,
        "state": video_request.request.state,
    }
    return {**about, "error": repr(error)} if error is not None else about
