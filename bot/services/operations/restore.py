"""What a restored database must not do by itself: parks what may have been sent since the copy."""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from bot.services.log_lines import enqueue_direct, enqueue_log
from bot.services.outbox import enqueue_notice
from bot.services.owners import read_owners
from bot.services.requests import lifecycle
from bot.services.requests.drafts import EXPIRED
from bot.services.server_settings import read_settings
from storage.engine.transaction import Transaction
from storage.moderation import reviews
from storage.operations import key_values, restored
from storage.records import Request, State
from storage.requests import requests

logger = logging.getLogger(__name__)

COUNT_BACK_MS: Final = 24 * 60 * 60 * 1000
"""An uncertain request's count comes back after this long."""


@dataclass(frozen=True, slots=True)
class Parked:
    """What a restore did: requests parked as uncertain, and drafts that ended."""

    requests: int
    drafts: int


async def park_restored(tx: Transaction, owner_ids: Collection[int], now_ms: int) -> Parked:
    """Park what was not yet sent in the copy, and tell its members, the log channels, the owners.

    What was held, in review of its files, queued or submitting may have been passed, paid and
    posted since the copy was made: it becomes `uncertain`, its accounts stay reserved, and nothing
    of it goes on before an owner says so. Drafts end: their questions may have been answered.
    What runs or waits for its post goes on, and its result is searched for before it is posted.
    Of a series each shot is parked by itself, and the series stands still for the first of them.
    """
    await restored.mark(tx, now_ms)
    found = await restored.unsent(tx)
    drafts = [each for each in found if each.state is State.DRAFT]
    waiting = [each for each in found if each.state is not State.DRAFT]
    for draft in drafts:
        await lifecycle.end(tx, draft, State.CANCELLED, now_ms=now_ms, failure=EXPIRED)
    for request in waiting:
        await _park(tx, request, now_ms)
    await _tell(tx, waiting, owner_ids, now_ms)
    await key_values.set(tx, restored.RESTORED, str(len(waiting)), now_ms)
    return Parked(len(waiting), len(drafts))


async def _park(tx: Transaction, request: Request, now_ms: int) -> None:
    parked = await lifecycle.park(tx, request, now_ms=now_ms, due_at_ms=now_ms + COUNT_BACK_MS)
    # a moderator may have decided since; if it may go, it is asked anew
    await reviews.withdraw(tx, parked.id, now_ms)
    if parked.series_of:
        # told once of the whole series
        parked = await requests.require(tx, parked.series_of)
    await enqueue_notice(
        tx,
        parked,
        now_ms,
        count_came_back=False,
        was_held=request.state is State.HELD or parked.state is State.HELD,
        is_restored=True,
    )


async def _tell(
    tx: Transaction, parked: Collection[Request], owner_ids: Collection[int], now_ms: int
) -> None:
    """One line for each server's log channel and one message to each owner, with the numbers."""
    guilds: dict[int, int] = {}
    for request in parked:
        guilds[request.guild_id] = guilds.get(request.guild_id, 0) + 1
    for guild_id, count in guilds.items():
        await enqueue_log(
            tx,
            await read_settings(tx, guild_id),
            guild_id,
            f"restored:{now_ms}:{guild_id}",
            "log-restored",
            {"count": count},
            now_ms=now_ms,
        )
    for owner_id in await read_owners(tx, owner_ids):
        await enqueue_direct(
            tx,
            owner_id,
            f"restored:{now_ms}:owner:{owner_id}",
            "owner-restored",
            {"count": len(parked)},
            now_ms=now_ms,
        )
