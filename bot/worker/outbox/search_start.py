"""The message id after which to search for an outbox message, independent of our clock."""

import hashlib
from typing import Final

from bot.errors import HistoryClosed, PlaceGone
from bot.worker.context import WorkerContext
from storage.engine.transaction import Transaction
from storage.records import OutboxMessage
from storage.requests import outbox

DISCORD_EPOCH_MS: Final = 1_420_070_400_000
RECENT_MS: Final = 60 * 60_000
"""The maximum age of a known id: after an older one there may be too many messages to search.

Our clock decides only whether to ask Discord for a newer id.
"""


async def newest_known_id(tx: Transaction, message: OutboxMessage) -> int | None:
    """The newest id that is known of a message's request; None where none is asked for."""
    if message.intent_at_ms or not message.request_id:
        return None
    return await outbox.newest_known_id(tx, message.request_id)


async def id_before(context: WorkerContext, message: OutboxMessage, known: int | None) -> int:
    """An id from before the message is first sent; 0 if none is known.

    `known`, the newest of its request, or if that is old, the newest in its channel.
    Raises: DiscordUnavailable.
    """
    if message.intent_at_ms:
        # recorded with the intent; a newer one could lie after the message itself
        return message.after_id
    if known is None:
        known = await context.database.read(lambda tx: newest_known_id(tx, message)) or 0
    if abs(context.clock() - created_at_ms(known)) < RECENT_MS:
        return known
    try:
        return max(known, await context.messenger.newest_id(message))
    except (HistoryClosed, PlaceGone):
        # sending will show what that means
        return known


def created_at_ms(snowflake: int) -> int:
    """When a snowflake was created, by Discord's clock."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS


def nonce_of(message: OutboxMessage) -> str:
    """At most 25 characters, the same for every attempt to send a message to the same channel."""
    digest = hashlib.sha256(f"{message.id}:{message.channel_id}".encode()).hexdigest()
    return f"v{digest[:24]}"
