"""Onboarding: records servers the bot joins or leaves, and greets each new one once."""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from bot.services.log_lines import enqueue_direct
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.operations import key_values
from storage.servers import servers
from storage.servers.servers import Server

logger = logging.getLogger(__name__)

ADOPTED: Final = "servers-adopted"
"""The fact that says that the servers of the very first start were noted: they are not greeted."""


@dataclass(frozen=True, slots=True)
class JoinedServer:
    """A server that the bot is in, as Discord describes it.

    `channel_id` is where a word to whoever manages it does not disturb; 0 where there is none, and
    its owner gets a direct message instead.
    """

    guild_id: int
    name: str
    joined_at_ms: int
    owner_id: int
    channel_id: int
    locale: str


class OnboardingService:
    """Greets a server once, however often the bot is removed and invited again."""

    def __init__(
        self,
        database: Database,
        *,
        allowed_guilds: Collection[int],
        clock: Callable[[], int],
        wakeup: Callable[[], None],
    ) -> None:
        self._database = database
        self._allowed = frozenset(allowed_guilds)
        self._clock = clock
        self._wakeup = wakeup

    @repeated
    async def are_there(
        self,
        onboarding: Iterable[JoinedServer],
        guild_ids: Collection[int],
        *,
        is_heard_of: Callable[[int], bool] = lambda _: True,
    ) -> None:
        """Record a shard's servers of a start; an unknown one was joined while the bot was down.

        `guild_ids` are all of the shard that the bot is in, also those that Discord can't describe
        now: one that is missing there, and `is_heard_of` by this shard, has removed it meanwhile.
        With a new database all are new, and none is greeted that was joined before its first start,
        whichever shard comes first: it may be another's that was lost.
        """
        async with self._database.reading() as tx:
            noted = await servers.every(tx)
            at_work = await servers.with_work(tx)
            adopted_ms = await key_values.since_ms(tx, ADOPTED)
        gone = {server.guild_id for server in noted if server.left_at_ms}
        known = {server.guild_id for server in noted if server.joined_at_ms} - gone
        for arrival in onboarding:
            if arrival.guild_id not in known:
                is_later = adopted_ms is not None and arrival.joined_at_ms > adopted_ms
                await self.came(arrival, is_greeted=is_later)
        for guild_id in (known | at_work).difference(guild_ids, gone):
            if is_heard_of(guild_id):
                await self.left(guild_id)
        if adopted_ms is None:
            async with self._database.transaction() as tx:
                await key_values.set(tx, ADOPTED, "yes", self._clock())

    @repeated
    async def came(self, arrival: JoinedServer, *, is_greeted: bool = True) -> None:
        """Record a server; a new one's managers are pointed to the setup."""
        async with self._database.transaction() as tx:
            await servers.lock(tx, arrival.guild_id)
            known = await servers.require(tx, arrival.guild_id)
            await servers.note_left(tx, arrival.guild_id, 0)
            if known.joined_at_ms == arrival.joined_at_ms:
                return
            noted = Server(arrival.guild_id, known.settings, arrival.joined_at_ms)
            await servers.put(tx, noted)
            is_new = not known.joined_at_ms and not known.settings
            is_served = not self._allowed or arrival.guild_id in self._allowed
            if is_new and is_greeted and is_served:
                await self._enqueue_greeting(tx, arrival)
        self._wakeup()
        logger.info(
            "A server was joined", extra={"action": "server.joined", "guild": arrival.guild_id}
        )

    @repeated
    async def left(self, guild_id: int) -> None:
        """Record that a server removed the bot: its waiting requests are not submitted any more."""
        async with self._database.transaction() as tx:
            await servers.lock(tx, guild_id)
            await servers.note_left(tx, guild_id, self._clock())
        self._wakeup()
        logger.info("A server removed the bot", extra={"action": "server.left", "guild": guild_id})

    async def _enqueue_greeting(self, tx: Transaction, arrival: JoinedServer) -> None:
        await enqueue_direct(
            tx,
            arrival.owner_id,
            f"greeting:{arrival.guild_id}:{arrival.joined_at_ms}",
            "greeting",
            {"server": arrival.name},
            now_ms=self._clock(),
            guild_id=arrival.guild_id,
            channel_id=arrival.channel_id,
            locale=arrival.locale,
        )
