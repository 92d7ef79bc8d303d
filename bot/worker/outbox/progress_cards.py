"""Finds progress cards that show an outdated state, and submits them for editing."""

from collections.abc import Sequence

from bot.services.caller import EndNotice, Progress
from bot.services.requests.status import SOON_MS, hindrance_of_all, progress_of
from bot.worker.context import WorkerContext
from bot.worker.outbox.card_editor import CardEditor
from storage.engine.transaction import Transaction
from storage.operations import status
from storage.records import OutboxMessage, OutboxState, Request, State
from storage.requests import fair_queue, outbox, requests

BATCH = 200
WAITING = 500
"""How many cards of waiting requests are redrawn in one pass; the rest follow in the next."""


class ProgressCards:
    """Compares what cards show with their requests, by the database alone."""

    def __init__(
        self, context: WorkerContext, editor: CardEditor, *, waiting: int = WAITING
    ) -> None:
        self._context = context
        self._waiting = waiting
        self._editor = editor
        self._hindrance: str | None = None
        self._redrawn_to: tuple[int, str] | None = None
        """The cursor of the pages of waiting cards to redraw; None when all are redrawn."""
        self._promised: dict[str, int] = {}
        """The completion time each running request's card names; the card is redrawn once that
        passes. Lost with the process: the first poll of a task redraws its card."""

    async def catch_up(self) -> None:
        """Submit every card whose request has moved since its last edit.

        The cards of all waiting requests are redrawn when the owner pauses the bot or the provider
        fails, and when that is over, since they tell why nothing moves.
        """
        now_ms = self._context.clock()
        async with self._context.database.reading() as tx:
            behind = await outbox.cards_behind(tx, now_ms, limit=BATCH)
            hindrance = await hindrance_of_all(tx)
            redrawn_to = self._redrawn_to if hindrance == self._hindrance else (-1, "")
            if redrawn_to is not None:
                waiting = await status.waiting_cards(
                    tx, after_ms=redrawn_to[0], after_id=redrawn_to[1], limit=self._waiting
                )
                behind += waiting
                redrawn_to = _cursor_after(waiting) if len(waiting) == self._waiting else None
            standings = await self._progress_of_all(tx, [request for _, request in behind], now_ms)
        for (message, request), standing in zip(behind, standings, strict=True):
            if standing.news is not EndNotice.COMING:
                self._submit(message, request, standing)
        self._hindrance, self._redrawn_to = hindrance, redrawn_to
        for request_id in self._passed(now_ms):
            await self.redraw(request_id)

    def _submit(self, message: OutboxMessage, request: Request, standing: Progress) -> None:
        if standing.ready_at_ms:
            self._promised[request.id] = standing.ready_at_ms
        else:
            self._promised.pop(request.id, None)
        self._editor.submit(message, request, standing)

    def _passed(self, now_ms: int) -> list[str]:
        """Requests whose cards name a completion time that has passed."""
        soon_ms = now_ms + SOON_MS
        passed = [each for each, ready_at_ms in self._promised.items() if ready_at_ms < soon_ms]
        for request_id in passed:
            del self._promised[request_id]
        return passed

    async def redraw(self, request_id: str) -> None:
        """Redraw the card of a running request."""
        async with self._context.database.reading() as tx:
            request = await requests.get(tx, request_id)
        if request is not None and request.state is State.RUNNING:
            await self.show_progress(request)

    async def _progress_of_all(
        self, tx: Transaction, behind: Sequence[Request], now_ms: int
    ) -> list[Progress]:
        """Each request's progress; queue positions are computed once for all of them."""
        is_queued = any(request.state is State.QUEUED or request.shots for request in behind)
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
        """Submit a running request's new percentage; it may be lost without harm.

        That of a shot shows on its series' card.
        """
        async with self._context.database.reading() as tx:
            if request.series_of:
                request = await requests.require(tx, request.series_of)
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


def _cursor_after(page: list[tuple[OutboxMessage, Request]]) -> tuple[int, str]:
    """The cursor after a page."""
    message, request = page[-1]
    return request.created_at_ms, message.id
