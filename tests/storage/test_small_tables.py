import asyncio
from dataclasses import replace

import pytest

from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.operations import gateways, key_values, workers
from storage.operations.gateways import Gateway
from storage.operations.workers import Worker
from storage.requests import inputs
from storage.servers import servers
from storage.servers.servers import Server
from tests.conftest import OpenAnother
from tests.storage.make import added, make_input, make_request


async def test_inputs_come_back_by_position_and_are_replaced(database: Database) -> None:
    request = make_request()
    await added(database, request)
    second, first = make_input(request, 2), make_input(request, 1, name="猫.png")
    fetched = make_input(request, 2, sha256="ab", size_bytes=5, provider_url="https://x.example")
    async with database.transaction() as tx:
        for entry in (second, first, fetched):
            await inputs.put(tx, entry)
        assert await inputs.of_request(tx, request.id) == [first, fetched]
        assert await inputs.of_request(tx, "another1") == []


async def test_an_input_belongs_to_a_request(database: Database) -> None:
    async def orphan() -> None:
        async with database.transaction() as tx:
            await inputs.put(tx, make_input(make_request(), 1))

    with pytest.raises(StorageError):
        await orphan()


async def test_servers_keep_their_settings_whole(database: Database) -> None:
    server = Server(10, {"review": "off", "name": "猫", "quota": {"day": None}}, joined_at_ms=77)
    async with database.transaction() as tx:
        assert await servers.get(tx, 10) is None
        await servers.put(tx, Server(9))
        await servers.put(tx, server)
        assert await servers.get(tx, 10) == server
        await servers.put(tx, Server(10, {"review": "prompt"}))
        assert await servers.get(tx, 10) == Server(10, {"review": "prompt"}, joined_at_ms=77)
        assert [known.guild_id for known in await servers.every(tx)] == [9, 10]


async def test_facts_are_set_found_and_forgotten(database: Database) -> None:
    async with database.transaction() as tx:
        assert await key_values.get(tx, "paused") is None
        assert await key_values.since_ms(tx, "paused") is None
        await key_values.set(tx, "paused", "yes", 5)
        await key_values.set(tx, "paused", "no", 6)
        assert (await key_values.get(tx, "paused"), await key_values.since_ms(tx, "paused")) == (
            "no",
            6,
        )
        assert await key_values.delete(tx, "paused")
        assert not await key_values.delete(tx, "paused")


@pytest.mark.parametrize("dialect", ["postgres"])
async def test_who_waited_for_a_lock_reads_what_was_written_meanwhile(
    database: Database, open_another: OpenAnother
) -> None:
    """A transaction remembers what it read, but not past the lock that it waited for."""
    another = await open_another()
    async with database.transaction() as tx:
        assert await key_values.get(tx, "paused") is None
        assert await servers.get(tx, 10) is None
        async with another.transaction() as other:
            await key_values.set(other, "paused", "yes", 5)
            await servers.put(other, Server(10, {"review": "prompt"}))
        await key_values.hold(tx, "paused")
        await servers.lock(tx, 10)
        assert await key_values.get(tx, "paused") == "yes"
        assert await servers.get(tx, 10) == Server(10, {"review": "prompt"})


@pytest.mark.parametrize("expected", [None, "closed"])
async def test_of_many_who_compare_and_set_one_succeeds(
    database: Database, open_another: OpenAnother, expected: str | None
) -> None:
    doors = [database, await open_another()]
    if expected is not None:
        async with database.transaction() as tx:
            await key_values.set(tx, "breaker", expected, 1)

    async def trip(number: int) -> bool:
        async with doors[number % 2].transaction() as tx:
            return await key_values.compare_and_set(
                tx, "breaker", expected=expected, value=f"open {number}", now_ms=2
            )

    results = await asyncio.gather(*(trip(number) for number in range(8)))
    assert sum(results) == 1
    async with database.reading() as tx:
        assert await key_values.get(tx, "breaker") == f"open {results.index(True)}"


async def test_workers_are_alive_as_long_as_they_beat(database: Database) -> None:
    async with database.transaction() as tx:
        await workers.heartbeat(tx, owner="w1", host="h1", role="worker", now_ms=100)
        await workers.heartbeat(tx, owner="w2", host="h2", role="gateway", now_ms=100)
        await workers.heartbeat(tx, owner="w1", host="h1", role="worker", now_ms=900)
        assert await workers.alive(tx, 101) == [Worker("w1", "h1", "worker", 900)]
        assert len(await workers.alive(tx, 100)) == 2
        await workers.leave(tx, "w1")
        assert await workers.alive(tx, 101) == []
        assert await workers.forget(tx, 101) == 1
        assert await workers.alive(tx, 0) == []


async def test_gateways_are_alive_as_long_as_they_beat(database: Database) -> None:
    low = Gateway("g1", "h1", 0, 3, 8, {}, 100)
    high = Gateway("g2", "h2", 4, 7, 8, {5: 90}, 100)
    async with database.transaction() as tx:
        for each in (high, low):
            await gateways.heartbeat(tx, each, forgotten_before_ms=0)
        assert await gateways.alive(tx, 100) == [low, high]
        later = replace(low, down={0: 800, 2: 850}, seen_at_ms=900)
        await gateways.heartbeat(tx, later, forgotten_before_ms=100)
        assert await gateways.alive(tx, 101) == [later]
        assert len(await gateways.alive(tx, 0)) == 2
        await gateways.leave(tx, "g1")
        assert await gateways.alive(tx, 0) == [high]
        await gateways.heartbeat(tx, later, forgotten_before_ms=101)
        assert await gateways.alive(tx, 0) == [later]
