"""Autocomplete of request ids, for members and for moderators."""

from collections.abc import Collection
from typing import Final

from bot.services.caller import Caller
from bot.services.permissions import is_moderator
from bot.services.requests.service import CANCELLABLE
from bot.services.server_settings import read_settings
from storage.engine.transaction import Database
from storage.records import Request, State
from storage.requests import search

MOST_FOUND: Final = 25
"""As many as Discord offers while somebody types."""


class RequestSearch:
    """Asks the database at each key; a member finds their own, a moderator anybody's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def own(
        self,
        caller: Caller,
        typed: str,
        *,
        in_states: Collection[State] = (),
        only_active: bool = False,
    ) -> list[Request]:
        """The caller's newest requests of this id, prompt or state, for autocomplete."""
        async with self._database.reading() as tx:
            return await search.of_member(
                tx,
                caller.guild_id,
                caller.user_id,
                typed,
                limit=MOST_FOUND,
                among=CANCELLABLE if only_active else (),
                in_states=in_states,
            )

    async def anybodys(
        self, caller: Caller, typed: str, *, user_id: int = 0, in_states: Collection[State] = ()
    ) -> list[Request]:
        """The same of this server's members, or of one; nothing for who is no moderator."""
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            if not is_moderator(caller, settings.moderator_role):
                return []
            if user_id:
                return await search.of_member(
                    tx, caller.guild_id, user_id, typed, limit=MOST_FOUND, in_states=in_states
                )
            return await search.of_server(
                tx, caller.guild_id, typed, limit=MOST_FOUND, in_states=in_states
            )
