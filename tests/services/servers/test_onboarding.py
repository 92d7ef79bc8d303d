"""Servers of a start, shard by shard: who is greeted, and who has removed the bot."""

from collections.abc import Iterable

from bot.services.servers.onboarding import JoinedServer, OnboardingService
from bot.shards import shard_of
from storage.engine.transaction import Database
from storage.records import MessageKind
from storage.servers import servers

START_MS = 1_790_000_000_000
ON_0, ALSO_ON_0, ON_1 = 2 << 22, 4 << 22, 3 << 22


def service(database: Database, now_ms: int = START_MS) -> OnboardingService:
    return OnboardingService(database, allowed_guilds=(), clock=lambda: now_ms, wakeup=lambda: None)


async def start(
    onboarding: OnboardingService, shard: int, guilds: Iterable[int], joined_ms: int
) -> None:
    """Shard `shard` of two has been told of its servers."""
    found = [JoinedServer(each, "Home", joined_ms, 5, 0, "en-US") for each in guilds]
    await onboarding.are_there(
        found, set(guilds), is_heard_of=lambda guild_id: shard_of(guild_id, 2) == shard
    )


async def left(database: Database) -> set[int]:
    async with database.reading() as tx:
        return {server.guild_id for server in await servers.every(tx) if server.left_at_ms}


async def greeted(database: Database) -> set[int]:
    async with database.reading() as tx:
        rows = await tx.fetch_all(
            "SELECT guild_id FROM outbox WHERE kind = :kind", {"kind": str(MessageKind.DIRECT)}
        )
    return {int(row["guild_id"]) for row in rows}


async def test_of_the_very_first_start_no_shards_servers_are_greeted(database: Database) -> None:
    onboarding = service(database)
    await start(onboarding, 0, [ON_0], START_MS - 1000)
    await start(onboarding, 1, [ON_1], START_MS - 1000)
    assert await greeted(database) == set()
    later = service(database, START_MS + 5000)
    await start(later, 0, [ON_0, ALSO_ON_0], START_MS + 1000)
    assert ALSO_ON_0 in await greeted(database)
    assert ON_1 not in await greeted(database)


async def test_a_shard_says_only_of_its_own_servers_that_they_are_gone(database: Database) -> None:
    onboarding = service(database)
    await start(onboarding, 0, [ON_0, ALSO_ON_0], START_MS - 1000)
    await start(onboarding, 1, [ON_1], START_MS - 1000)
    assert await left(database) == set()
    await start(onboarding, 0, [ON_0], START_MS - 1000)
    assert await left(database) == {ALSO_ON_0}
