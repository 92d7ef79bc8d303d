"""The queue, simulated: whoever queued fifty before, a newcomer is next or next but one."""

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from storage.engine.transaction import Database
from storage.records import NEVER_DUE, Request, State
from storage.requests import fair_queue, requests
from tests.storage.make import added, make_request


@dataclass
class Provider:
    """So many slots; each video takes as long as chance says. Time goes from start to start."""

    database: Database
    slots: int
    chance: random.Random
    now_ms: int = 1_000_000
    running: list[tuple[int, str]] = field(default_factory=list)
    order: list[Request] = field(default_factory=list)

    async def start_next(self) -> Request:
        """Wait for a free slot and give it to whom the line names."""
        if len(self.running) == self.slots:
            self.now_ms, done = heapq.heappop(self.running)
            async with self.database.transaction() as tx:
                await requests.move(
                    tx,
                    done,
                    source=State.SUBMITTING,
                    target=State.FAILED,
                    now_ms=self.now_ms,
                    slot_until_ms=0,
                )
        self.now_ms += 1
        async with self.database.transaction() as tx:
            (chosen,) = await fair_queue.next_in_queue(tx, self.now_ms, host="h1", limit=1)
            await requests.move(
                tx,
                chosen.id,
                source=State.QUEUED,
                target=State.SUBMITTING,
                now_ms=self.now_ms,
                started_at_ms=self.now_ms,
                slot_until_ms=NEVER_DUE,
            )
        ends_ms = self.now_ms + self.chance.randrange(35_000, 300_000)
        heapq.heappush(self.running, (ends_ms, chosen.id))
        self.order.append(chosen)
        return chosen

    async def starts(self, count: int) -> list[Request]:
        """The next so many starts."""
        return [await self.start_next() for _ in range(count)]


def backlogs(servers: int, members: int, each: int) -> Iterator[Request]:
    for server in range(servers):
        for number in range(each):
            yield make_request(guild_id=100 + server, user_id=number % members)


@pytest.mark.parametrize(("slots", "servers"), [(1, 1), (1, 4), (3, 1), (3, 5), (5, 8)])
async def test_a_new_server_is_next_or_next_but_one_behind_any_backlogs(
    database: Database, slots: int, servers: int
) -> None:
    provider = Provider(database, slots, random.Random(slots * 10 + servers))
    await added(database, *backlogs(servers, 2, 50 // servers + 10))
    await provider.starts(slots + 4)
    newcomer = make_request(guild_id=999, user_id=1, created_at_ms=NEVER_DUE)
    await added(database, newcomer)
    following = await provider.starts(2)
    assert newcomer.id in [request.id for request in following]


@pytest.mark.parametrize("slots", [1, 3])
async def test_a_new_member_is_next_or_next_but_one_in_their_server(
    database: Database, slots: int
) -> None:
    provider = Provider(database, slots, random.Random(7))
    await added(database, *backlogs(1, 1, 50))
    await provider.starts(slots + 3)
    newcomer = make_request(guild_id=100, user_id=77, created_at_ms=NEVER_DUE)
    await added(database, newcomer)
    assert newcomer.id in [request.id for request in await provider.starts(2)]


@pytest.mark.parametrize("slots", [1, 3])
async def test_servers_with_backlogs_get_equal_shares_whatever_their_size(
    database: Database, slots: int
) -> None:
    provider = Provider(database, slots, random.Random(11))
    await added(
        database,
        *(make_request(guild_id=1, user_id=number % 5) for number in range(60)),
        *(make_request(guild_id=2, user_id=1) for _ in range(25)),
        *(make_request(guild_id=3, user_id=2) for _ in range(25)),
    )
    started = await provider.starts(30)
    shares = [sum(request.guild_id == server for request in started) for server in (1, 2, 3)]
    # shares of the slots are equal; whose videos take longer gets fewer of them done
    assert max(shares) - min(shares) <= (0 if slots == 1 else 4)
    hogs = [sum(r.guild_id == 1 and r.user_id == user for r in started) for user in range(5)]
    assert max(hogs) - min(hogs) <= 1
