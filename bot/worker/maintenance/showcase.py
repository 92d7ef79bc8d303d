"""Keeps vote buttons and forwards as they should be, and posts the best of each month."""

import datetime as dt
import logging
from typing import Final

from bot.errors import ChangeRefused, DeliveryError, DeliveryRefused, MessageGone, PlaceGone
from bot.services.server_settings import read_settings, settings_of
from bot.services.showcase.monthly import enqueue_monthly
from bot.services.showcase.standing import (
    Exhibit,
    exhibit_of,
    forward_if_due,
    has_enough,
)
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner, backoff_ms
from bot.worker.maintenance.takedown import take_down
from storage.engine.retry import repeated
from storage.operations import key_values
from storage.records import NEVER_DUE, OutboxMessage, OutboxState
from storage.requests import outbox, requests
from storage.servers import servers
from storage.servers.servers import Server
from storage.showcase import entries
from storage.showcase.entries import Entry

logger = logging.getLogger(__name__)

AT_ONCE: Final = 20
SIDE_BY_SIDE: Final = 6
"""A throttled channel holds up a call until its time-out; those of the others go on beside it."""
CLAIM_MS: Final = 60_000
"""How long a claimed entry is left alone."""
EDIT_EVERY_MS: Final = 2_000
"""Between edits of buttons in one channel: Discord allows about five edits in five seconds, and
progress cards need theirs."""
GIVE_UP_AFTER: Final = 12
"""Failures in a row after which a button stays as it is until the next vote."""
SOONEST_LOOK_MS: Final = 10 * 60_000
LOOK_SHARE: Final = 10
"""A forward is looked at again after a tenth of its age: Discord tells the bot of no message that
is deleted by hand, so the original is asked for, less and less often."""


class Showcase:
    """One pass over the entries that are due; handles its own errors."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._items = ItemRunner("showcase.entry", context.clock)
        self._edit_again_ms: dict[int, int] = {}
        """By channel, when this process may edit a button there again."""

    async def catch_up(self) -> None:
        """Make buttons show their counts, and remove what must not stand in the showcase."""
        now_ms = self._context.clock()
        if not await self._context.database.read(lambda tx: entries.is_any_due(tx, now_ms)):
            return
        async with self._context.database.transaction() as tx:
            claimed = await entries.claim(
                tx, now_ms=now_ms, until_ms=now_ms + CLAIM_MS, limit=AT_ONCE
            )
        await self._items.side_by_side(
            claimed, lambda entry: entry.request_id, self._update, at_once=SIDE_BY_SIDE
        )

    async def _update(self, entry: Entry) -> None:
        async with self._context.database.reading() as tx:
            exhibit = await exhibit_of(tx, entry)
            settings = await read_settings(tx, entry.guild_id)
        if exhibit.forward is None and exhibit.may_stand and has_enough(settings, entry):
            # it got its votes while it was hidden
            await self._forward(entry)
        forward = exhibit.forward
        if forward is not None and not exhibit.may_stand and not await self._remove(forward):
            await self._put_off(entry)
            return
        try:
            is_gone = await self._show(exhibit)
        except (MessageGone, PlaceGone):
            is_gone = True
        except (DeliveryError, OSError) as error:
            await self._failed(entry, error)
            return
        if is_gone:
            await self._original_gone(exhibit)

    @repeated
    async def _forward(self, entry: Entry) -> None:
        async with self._context.database.transaction() as tx:
            await requests.lock(tx, entry.request_id)
            settings = await read_settings(tx, entry.guild_id)
            now = await entries.get(tx, entry.request_id)
            if now is not None:
                await forward_if_due(tx, settings, now, self._context.clock())
        self._context.wakeup()

    async def _remove(self, forward: OutboxMessage) -> bool:
        """Take a forward down; False while that has to be tried again."""
        if forward.state is OutboxState.SENT:
            await take_down(self._context, forward)
        async with self._context.database.reading() as tx:
            now = await outbox.get(tx, forward.id)
        return now is None or now.state not in (OutboxState.PENDING, OutboxState.SENT)

    async def _show(self, exhibit: Exhibit) -> bool:
        """Make the button show the count; whether the video's message turned out to be gone.

        Raises: DeliveryError.
        """
        entry, request, result = exhibit.entry, exhibit.request, exhibit.result
        if request is None or result is None or not _stands(result):
            await self._again(entry, NEVER_DUE)
            return False
        if entry.shown == entry.votes:
            await self._look(exhibit, result)
            return False
        now_ms, channel_id = self._context.clock(), result.sent_channel_id
        if (free_ms := self._edit_again_ms.get(channel_id, 0)) > now_ms:
            await self._again(entry, free_ms)
            return False
        self._note_edit(channel_id, now_ms)
        await self._context.messenger.edit_votes(result, request, entry.votes)
        await self._shown(exhibit)
        return False

    def _note_edit(self, channel_id: int, now_ms: int) -> None:
        over = [each for each, until_ms in self._edit_again_ms.items() if until_ms <= now_ms]
        for each in over:
            del self._edit_again_ms[each]
        self._edit_again_ms[channel_id] = now_ms + EDIT_EVERY_MS

    async def _look(self, exhibit: Exhibit, result: OutboxMessage) -> None:
        """Ask for the original of a forward that stands. Raises: MessageGone, DeliveryError."""
        forward = exhibit.forward
        if forward is not None and forward.state is OutboxState.SENT and exhibit.may_stand:
            try:
                await self._context.messenger.file_link(result.sent_channel_id, result.message_id)
            except (ChangeRefused, DeliveryRefused):
                # it cannot be seen from here, which says nothing about it
                logger.info(
                    "The original of a forward can't be looked at",
                    extra={"action": "showcase.look", "request_id": exhibit.entry.request_id},
                )
        await self._again(exhibit.entry, self._next_look_ms(exhibit))

    def _next_look_ms(self, exhibit: Exhibit) -> int:
        forward = exhibit.forward
        if forward is None or forward.state is not OutboxState.SENT or not exhibit.may_stand:
            return NEVER_DUE
        now_ms = self._context.clock()
        age_ms = now_ms - forward.sent_at_ms
        return now_ms + max(SOONEST_LOOK_MS, age_ms // LOOK_SHARE)

    @repeated
    async def _shown(self, exhibit: Exhibit) -> None:
        entry = exhibit.entry
        async with self._context.database.transaction() as tx:
            await entries.note_shown(tx, entry.request_id, entry.votes)
            await entries.again(tx, entry, self._next_look_ms(exhibit))

    @repeated
    async def _again(self, entry: Entry, again_at_ms: int) -> None:
        async with self._context.database.transaction() as tx:
            await entries.again(tx, entry, again_at_ms)

    @repeated
    async def _put_off(self, entry: Entry) -> None:
        """Try again to remove a forward, or one that is just being sent, with growing waits."""
        attempt = entry.attempt + 1
        again_at_ms = self._context.clock() + backoff_ms(attempt)
        async with self._context.database.transaction() as tx:
            await entries.again(tx, entry, again_at_ms, attempt=attempt)

    @repeated
    async def _original_gone(self, exhibit: Exhibit) -> None:
        """Somebody deleted the video's message by hand: its forward goes as well."""
        entry, now_ms = exhibit.entry, self._context.clock()
        logger.info(
            "A video that was voted for is gone",
            extra={"action": "showcase.original_gone", "request_id": entry.request_id},
        )
        async with self._context.database.transaction() as tx:
            await entries.note_shown(tx, entry.request_id, entry.votes)
            await entries.remove(tx, entry.request_id, now_ms)

    @repeated
    async def _failed(self, entry: Entry, error: DeliveryError | OSError) -> None:
        failures = entry.attempt + 1
        logger.warning(
            "A vote button can't be changed now",
            extra={
                "action": "showcase.retry",
                "request_id": entry.request_id,
                "error": repr(error),
            },
        )
        again_at_ms = self._context.clock() + backoff_ms(failures)
        if failures >= GIVE_UP_AFTER:
            again_at_ms = NEVER_DUE
        async with self._context.database.transaction() as tx:
            await entries.again(tx, entry, again_at_ms, attempt=failures)


def _stands(result: OutboxMessage) -> bool:
    return result.state is OutboxState.SENT and bool(result.message_id) and bool(result.channel_id)


_POSTED: Final = "showcase-month"
"""The fact that says which month's best were posted last."""


class MonthlyBest:
    """On the first of a month (UTC), posts the best of the month before in each showcase."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._servers = ItemRunner("showcase.monthly", context.clock)

    async def post(self) -> None:
        """One pass. Raises: StorageError."""
        today = dt.datetime.fromtimestamp(self._context.clock() / 1000, dt.UTC)
        if today.day != 1:
            return
        month = f"{today:%Y-%m}"
        async with self._context.database.reading() as tx:
            if await key_values.get(tx, _POSTED) == month:
                return
            known = await servers.every(tx)
        wanted = [each for each in known if settings_of(each).showcase_monthly]
        await self._servers.each(wanted, lambda server: str(server.guild_id), self._post_in)
        if not self._servers.backing_off:
            async with self._context.database.transaction() as tx:
                await key_values.set(tx, _POSTED, month, self._context.clock())
        self._context.wakeup()

    @repeated
    async def _post_in(self, server: Server) -> None:
        async with self._context.database.transaction() as tx:
            await enqueue_monthly(tx, server.guild_id, self._context.clock())
