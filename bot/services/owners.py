"""The bot's owners: the configured ids, or those Discord lists for the application."""

import json
from collections.abc import Collection
from typing import Final

from bot.errors import NotAllowed
from bot.services.caller import Caller
from storage.engine.transaction import Transaction
from storage.operations import key_values

OWNERS: Final = "owners"
"""The fact under which the gateway keeps the application's owners, as a JSON list of ids."""


async def read_owners(tx: Transaction, configured: Collection[int]) -> tuple[int, ...]:
    """The owners' ids; empty when none are configured and Discord was never asked."""
    if configured:
        return tuple(configured)
    return tuple(json.loads(await key_values.get(tx, OWNERS) or "[]"))


async def require_owner(
    tx: Transaction, caller: Caller, configured: Collection[int], guild_id: int | None
) -> None:
    """Let an owner pass, in the owner's server alone; `guild_id` is `OWNER_GUILD_ID`.

    Raises: NotAllowed for everybody else, whatever Discord had shown them.
    """
    is_owner = caller.user_id in await read_owners(tx, configured)
    if not is_owner or caller.guild_id != guild_id:
        raise NotAllowed("refused-owner-only")
