"""A Discord without sockets, whose every answer is told in advance."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import (
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    HistoryClosed,
    MessageGone,
    PlaceGone,
)
from bot.services.caller import Progress
from bot.services.moderation.review_sheet import ReviewSheet, SheetFile
from bot.services.templates.panels import PanelSheet
from storage.records import MessageKind, OutboxMessage, Request

SEND_FAULTS = ("down", "lost", "gone", "large", "refused", "closed", "deleted")
NONCE_WINDOW_MS = 180_000
FIRST_ID = 4_000_000_000_000_000_000
"""Messages have later ids than the interactions behind which they are searched for."""


@dataclass(eq=False)
class Sent:
    """A message that stands somewhere, unless it was deleted."""

    outbox_id: str
    kind: MessageKind
    request_id: str
    place: tuple[int, int]
    nonce: str
    at_ms: int
    number: int
    shows: str = ""
    is_deleted: bool = False


@dataclass
class ScriptedMessenger:
    """A Discord that remembers what arrived, whatever it answered; nonces for three minutes."""

    clock: Callable[[], int]
    plan: deque[str] = field(default_factory=deque)
    messages: list[Sent] = field(default_factory=list)
    gone: set[tuple[int, int]] = field(default_factory=set)
    strips: list[str] = field(default_factory=list)
    edited_panels: list[tuple[str, str, bool, bool]] = field(default_factory=list)
    happen: Callable[[], Awaitable[None]] | None = None
    """What happens elsewhere while a place is looked at."""
    throttled: dict[int, asyncio.Event] = field(default_factory=dict)
    """Channels in which an edit waits until it may go."""

    async def send(
        self, message: OutboxMessage, request: Request | None, standing: Progress, file: Path | None
    ) -> tuple[int, int]:
        place = (message.channel_id, 0 if message.channel_id else message.user_id)
        outcome = self.plan.popleft() if self.plan else ""
        if place in self.gone:
            raise PlaceGone("HTTP 404, code 10003")
        match outcome:
            case "down":
                raise DiscordUnavailable("HTTP 503")
            case "gone":
                self._lose(place)
                raise PlaceGone("HTTP 404, code 10003")
            case "large" if file is not None:
                raise FileTooLarge("HTTP 413")
            case "refused" if message.kind is not MessageKind.RESULT:
                raise DeliveryRefused("HTTP 400")
        sent = self._remembered(message.nonce)
        if sent is None:
            shows = str(request.state) if request is not None else ""
            sent = Sent(
                message.id,
                message.kind,
                message.request_id,
                place,
                message.nonce,
                self.clock(),
                FIRST_ID + len(self.messages),
                shows,
            )
            self.messages.append(sent)
        elif sent.is_deleted:
            raise MessageGone("HTTP 404, code 10008")
        if outcome == "lost":
            raise DiscordUnavailable("ServerDisconnectedError")
        if outcome == "deleted":
            sent.is_deleted = True
        return place[0], sent.number

    async def send_panel(
        self, message: OutboxMessage, sheet: PanelSheet, file: Path | None
    ) -> tuple[int, int]:
        return await self.send(message, sheet.example, Progress(), file)

    async def edit_panel(
        self, message: OutboxMessage, sheet: PanelSheet, file: Path | None, *, keeps_file: bool
    ) -> None:
        shown = "gone" if sheet.offer is None else sheet.offer.template.prompt
        self.edited_panels.append((message.id, shown, file is not None, keeps_file))

    async def forward(self, message: OutboxMessage) -> tuple[int, int]:
        return await self.send(message, None, Progress(), None)

    async def may_forward(self, message: OutboxMessage) -> bool:
        if self.happen is not None:
            await self.happen()
        return True

    async def edit_strip(self, message: OutboxMessage, request: Request, file: Path) -> None:
        self.strips.append(message.request_id)

    async def edit_votes(self, message: OutboxMessage, request: Request, votes: int) -> None:
        if message.sent_channel_id in self.throttled:
            await self.throttled[message.sent_channel_id].wait()
        self._standing_message(message.message_id).shows = str(votes)
        self._fail_after()

    def _lose(self, place: tuple[int, int]) -> None:
        self.gone.add(place)
        for message in self.messages:
            if message.place == place:
                message.is_deleted = True

    def _remembered(self, nonce: str) -> Sent | None:
        now_ms = self.clock()
        for message in self.messages:
            if message.nonce == nonce and now_ms - message.at_ms < NONCE_WINDOW_MS:
                return message
        return None

    async def find(self, message: OutboxMessage) -> tuple[int, int] | None:
        outcome = self.plan.popleft() if self.plan else ""
        place = (message.channel_id, 0 if message.channel_id else message.user_id)
        if place in self.gone:
            raise PlaceGone("HTTP 404, code 10003")
        if outcome == "closed":
            raise HistoryClosed("HTTP 403")
        if outcome in ("down", "lost"):
            raise DiscordUnavailable("HTTP 503")
        for sent in self.messages:
            is_it = sent.outbox_id == message.id and sent.place == place
            if is_it and not sent.is_deleted and sent.number > message.after_id:
                return place[0], sent.number
        return None

    async def newest_id(self, message: OutboxMessage) -> int:
        place = (message.channel_id, 0 if message.channel_id else message.user_id)
        if place in self.gone:
            raise PlaceGone("HTTP 404, code 10003")
        there = (sent.number for sent in self.messages if sent.place == place)
        return max(there, default=0)

    async def edit(self, message: OutboxMessage, request: Request, standing: Progress) -> None:
        self._standing_message(message.message_id).shows = str(request.state)
        self._fail_after()

    async def delete(self, channel_id: int, message_id: int) -> None:
        self._standing_message(message_id).is_deleted = True
        self._fail_after()

    async def file_link(self, channel_id: int, message_id: int) -> str:
        self._standing_message(message_id)
        return ""

    async def send_review(
        self, message: OutboxMessage, sheet: ReviewSheet, files: Sequence[SheetFile]
    ) -> tuple[int, int]:
        raise AssertionError("these requests have no reviews")

    async def edit_review(self, message: OutboxMessage, sheet: ReviewSheet) -> None:
        raise AssertionError("these requests have no reviews")

    async def set_spoiler(self, message: OutboxMessage, *, is_spoiler: bool) -> None:
        raise AssertionError("these requests have no reviews")

    async def reshow(
        self, message: OutboxMessage, request: Request, file: Path, *, is_spoiler: bool
    ) -> None:
        raise AssertionError("these requests have no reviews")

    def _standing_message(self, number: int) -> Sent:
        for message in self.messages:
            if message.number == number and not message.is_deleted:
                return message
        raise MessageGone("HTTP 404, code 10008")

    def _fail_after(self) -> None:
        if (self.plan.popleft() if self.plan else "") in ("down", "lost"):
            raise DiscordUnavailable("HTTP 503")

    def standing(self, kind: MessageKind, request_id: str) -> list[Sent]:
        """Messages of a kind that are there now."""
        return [
            message
            for message in self.messages
            if message.kind is kind and message.request_id == request_id and not message.is_deleted
        ]
