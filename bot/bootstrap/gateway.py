"""Builds the gateway's side: the client with its shards, and what it stores between starts."""

import json
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.bootstrap.context import AppContext
from bot.client import CommandMemory, VideoBot
from bot.services.operations.gateways import GatewayHeartbeat
from bot.services.operations.identify_pace import IdentifyPace
from bot.services.owners import OWNERS
from bot.ui.services import Services
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.operations import key_values


@dataclass(frozen=True, slots=True)
class GatewayState:
    """What the gateway stores between starts."""

    database: Database
    clock: Callable[[], int]

    async def load_commands(self) -> str | None:
        """The digest of the last registered commands."""
        async with self.database.reading() as tx:
            return await key_values.get(tx, "commands")

    @repeated
    async def save_commands(self, digest: str) -> None:
        """Save the digest of the registered commands."""
        async with self.database.transaction() as tx:
            await key_values.set(tx, "commands", digest, self.clock())

    @repeated
    async def note_owners(self, owner_ids: Sequence[int]) -> None:
        """Save the application's owners according to Discord: workers notify them of problems."""
        async with self.database.transaction() as tx:
            await key_values.set(tx, OWNERS, json.dumps(list(owner_ids)), self.clock())


def build_bot(base: AppContext, services: Services, pace_ms: int) -> VideoBot:
    """The client, not logged in yet; it identifies every `pace_ms` at most."""
    settings, database, clock = base.settings, base.database, base.clock
    memory = GatewayState(database, clock)
    return VideoBot(
        services,
        memory=CommandMemory(load=memory.load_commands, save=memory.save_commands),
        owner_guild_id=settings.owner_guild_id,
        owners_known=memory.note_owners,
        is_for_all=not settings.allowed_guilds,
        proxies=settings.proxies,
        metrics=base.metrics,
        shards=settings.shard_range,
        pace=IdentifyPace(database, clock=clock, pace_ms=pace_ms),
        sleep=base.sleep,
    )


def build_heartbeat(base: AppContext, bot: VideoBot, owner: str) -> GatewayHeartbeat:
    """What tells the other processes of this one's shards; `owner` is new with each start."""
    return GatewayHeartbeat(
        base.database,
        owner=owner,
        host=socket.gethostname(),
        shards=lambda: bot.connected_shards,
        states=bot.shard_states,
        clock=base.clock,
    )
