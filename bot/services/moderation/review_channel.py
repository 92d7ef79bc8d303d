"""Whether a server's review channel can be reached."""

from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.operations import key_values

UNREACHABLE_MS = 10 * 60 * 1000
"""How long a review channel counts as unreachable; after that a request may try it again."""


def _unreachable_key(guild_id: int) -> str:
    return f"review-unreachable:{guild_id}"


async def note_unreachable(tx: Transaction, guild_id: int, channel_id: int, now_ms: int) -> None:
    """Record that the review channel is unreachable; requests that need a review are refused."""
    await key_values.set(tx, _unreachable_key(guild_id), str(channel_id), now_ms)


async def note_reachable(tx: Transaction, guild_id: int) -> None:
    """Record that a card reached the review channel."""
    await key_values.delete(tx, _unreachable_key(guild_id))


async def has_review_channel(
    tx: Transaction, settings: ServerSettings, guild_id: int, now_ms: int
) -> bool:
    """Whether the server has a review channel that is not known to be unreachable."""
    channel_id = settings.review_channel
    if not channel_id:
        return False
    key = _unreachable_key(guild_id)
    if await key_values.get(tx, key) != str(channel_id):
        return True
    since_ms = await key_values.since_ms(tx, key)
    return since_ms is None or now_ms - since_ms >= UNREACHABLE_MS
