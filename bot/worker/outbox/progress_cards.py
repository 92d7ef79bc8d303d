"""Keeps the progress cards true: whatever moved a request, its card follows."""

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.failpoints import point
from bot.services.caller import EndNotice, Progress
from bot.services.requests.status import SOON_MS, hindrance_of_all, progress_of
from bot.worker.context import WorkerContext
from bot.worker.item_errors import backoff_ms
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.operations import status
from storage.records import OutboxMessage, OutboxState, Request, State
from storage.requests import fair_queue, outbox, outbox_retries, requests

BATCH = 200
WAITING = 500
"""So many cards of those that wait are drawn anew in one turn; the rest follow in the next."""


class Editor(Protocol):
    """One editor per channel: the latest state of a card wins, ends come first."""

    def submit(self, message: OutboxMessage, request: Request, standing: Progress) -> None:
        """Take a card's newest state; returns at once and drops what it makes outdated."""
        ...

    async def close(self) -> None:
        """Stop editing; what is left is caught up after the next start."""
        ...


class ProgressCards:
    """Finds cards that show an outdated state, by the database alone, and hands them on."""

    def __init__(self, context: WorkerContext, editor: Editor, *, waiting: int = WAITING) -> None:
        self._context = context
        self._waiting = waiting
        self._editor = editor
        self._hindrance: str | None = None
        self._drawn_to: tuple[int, str] | None = None
        """How far the waiting cards are drawn anew; None when all of them are."""
        self._promised: dict[str, int] = {}
        """When a running request was last said to be ready: once that passes, its card must not
        go on naming it. Lost with the process; the first look at a task draws its card anew."""

    async def catch_up(self) -> None:
        """Submit every card whose request has moved since its last edit.

        When the owner pauses the bot or the provider fails, and when that is over, the cards of
        all that wait are drawn anew: they say why nothing moves.
        """
        now_ms = self._context.clock()
        async with self._context.database.reading() as tx:
            behind = await outbox.cards_behind(tx, now_ms, limit=BATCH)
            hindrance = await hindrance_of_all(tx)
            drawn_to = self._drawn_to if hindrance == self._hindrance else (-1, "")
            if drawn_to is not None:
                waiting = await status.waiting_cards(
                    tx, after_ms=drawn_to[0], after_id=drawn_to[1], limit=self._waiting
                )
                behind += waiting
                drawn_to = _end_of(waiting) if len(waiting) == self._waiting else None
            standings = await self._progress_of_all(tx, [request for _, request in behind], now_ms)
        for (message, request), standing in zip(behind, standings, strict=True):
            if standing.news is not EndNotice.COMING:
                self._submit(message, request, standing)
        self._hindrance, self._drawn_to = hindrance, drawn_to
        for request_id in self._passed(now_ms):
            await self.show_again(request_id)

    def _submit(self, message: OutboxMessage, request: Request, standing: Progress) -> None:
        if standing.ready_at_ms:
            self._promised[request.id] = standing.ready_at_ms
        else:
            self._promised.pop(request.id, None)
        self._editor.submit(message, request, standing)

    def _passed(self, now_ms: int) -> list[str]:
        """Requests whose cards name a moment that has come."""
        soon_ms = now_ms + SOON_MS
        passed = [each for each, ready_at_ms in self._promised.items() if ready_at_ms < soon_ms]
        for request_id in passed:
            del self._promised[request_id]
        return passed

    async def show_again(self, request_id: str) -> None:
        """Draw a card anew as its request stands now."""
        async with self._context.database.reading() as tx:
            request = await requests.get(tx, request_id)
        if request is not None and request.state is State.RUNNING:
            await self.show_progress(request)

    async def _progress_of_all(
        self, tx: Transaction, behind: Sequence[Request], now_ms: int
    ) -> list[Progress]:
        """Where each stands; the line is made up once for all of them, which costs as one does."""
        is_queued = any(request.state is State.QUEUED for request in behind)
        places = await fair_queue.places(tx) if is_queued else {}
        return [
            await progress_of(
                tx,
                request,
                now_ms=now_ms,
                max_active=self._context.settings.max_active,
                places=places,
            )
            for request in behind
        ]

    async def show_progress(self, request: Request) -> None:
        """Submit a running request's new percentage; losing it costs nothing."""
        async with self._context.database.reading() as tx:
            message = await outbox.card_of(tx, request.id)
            if message is None or message.state is not OutboxState.SENT:
                return
            standing = await progress_of(
                tx,
                request,
                now_ms=self._context.clock(),
                max_active=self._context.settings.max_active,
            )
        self._submit(message, request, standing)


def _end_of(page: list[tuple[OutboxMessage, Request]]) -> tuple[int, str]:
    """From where the next page goes on."""
    message, request = page[-1]
    return request.created_at_ms, message.id


class CardRecorder:
    """Writes down what the editor has shown, so that a restart knows which cards are behind.

    All raise StorageError; a card whose state was not noted is shown again.
    """

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    @repeated
    async def shown(self, outbox_id: str, state: State, *, is_gone: bool) -> None:
        """An edit, or the card's removal, has succeeded."""
        point("card.deleted" if is_gone else "card.edited")
        async with self._database.transaction() as tx:
            await outbox.shown(tx, outbox_id, state)
            await outbox_retries.changed(tx, outbox_id)
            if is_gone:
                await outbox.settle(tx, outbox_id, owner=None, state=OutboxState.DELETED)
        point("card.delete-recorded" if is_gone else "card.edit-recorded")

    @repeated
    async def lost(self, outbox_id: str) -> None:
        """The card or its place is gone: nothing more to keep true."""
        async with self._database.transaction() as tx:
            await outbox.settle(tx, outbox_id, owner=None, state=OutboxState.DELETED)

    @repeated
    async def put_off(self, message: OutboxMessage, least_s: float) -> None:
        """It could not be changed: it is left alone for as long, and longer each time."""
        wait_ms = max(backoff_ms(message.attempt + 1), round(least_s * 1000))
        async with self._database.transaction() as tx:
            await outbox_retries.change_later(tx, message.id, self._clock() + wait_ms)
