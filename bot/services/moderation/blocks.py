"""Blocks and unblocks a member of one server; a blocked member makes no new requests."""

from collections.abc import Callable
from typing import Final

from bot.errors import UserError
from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.moderation.audit_log import record_decision
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.moderation import blocks
from storage.moderation.audit_log import Action, Decision
from storage.moderation.blocks import Block

LONGEST_REASON: Final = 500
MOST_DAYS: Final = 3650


class BlockService:
    """Blocks and unblocks; both are for moderators and both are written down."""

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    @repeated
    async def block(
        self, caller: Caller, user_id: int, *, reason: str = "", days: int | None = None
    ) -> Block:
        """Block a member, for good without `days`; a later block replaces an earlier one.

        Raises: NotAllowed, UserError for the caller's own name.
        """
        if user_id == caller.user_id:
            raise UserError("refused-block-self")
        now_ms = self._clock()
        block = Block(
            guild_id=caller.guild_id,
            user_id=user_id,
            by_id=caller.user_id,
            reason=reason.strip()[:LONGEST_REASON],
            at_ms=now_ms,
            until_ms=now_ms + min(days, MOST_DAYS) * DAY_MS if days else 0,
        )
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            await blocks.put(tx, block)
            await record_decision(
                tx,
                settings,
                Decision(
                    guild_id=caller.guild_id,
                    user_id=user_id,
                    actor_id=caller.user_id,
                    action=Action.BLOCKED,
                    at_ms=now_ms,
                    reason=block.reason,
                    note=str(days) if days else "",
                ),
            )
        return block

    @repeated
    async def unblock(self, caller: Caller, user_id: int, *, reason: str = "") -> None:
        """End a block. Raises: NotAllowed, UserError where none holds."""
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            if not await blocks.remove(tx, caller.guild_id, user_id, now_ms):
                raise UserError("refused-not-blocked", {"user": str(user_id)})
            await record_decision(
                tx,
                settings,
                Decision(
                    guild_id=caller.guild_id,
                    user_id=user_id,
                    actor_id=caller.user_id,
                    action=Action.UNBLOCKED,
                    at_ms=now_ms,
                    reason=reason.strip()[:LONGEST_REASON],
                ),
            )
