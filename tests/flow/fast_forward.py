"""An environment whose clock jumps to the next due time as soon as nothing else is running."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.app import App, Role
from storage.records import NEVER_DUE, OutboxState, Request, State
from tests.support.bot_env import BotEnv
from tests.support.discord.records import Message
from tests.support.patience import PATIENCE_S

_DUE = """
SELECT MIN(due_at_ms) AS due_at_ms, SUM(CASE WHEN lease_owner <> '' THEN 1 ELSE 0 END) AS leased,
  (SELECT COUNT(*) FROM requests WHERE state = 'queued') AS queued,
  (SELECT COUNT(*) FROM asset_reviews WHERE state = 'pending') AS in_review
FROM (
  SELECT due_at_ms, lease_owner FROM requests WHERE due_at_ms < :parked AND state <> 'uncertain'
  UNION ALL
  SELECT due_at_ms, lease_owner FROM outbox WHERE state = 'pending' AND due_at_ms < :parked
  UNION ALL
  SELECT takes_effect_at_ms, '' FROM reviews WHERE takes_effect_at_ms > 0
) AS rows"""


class HopClock:
    """The wall clock, and as far ahead of it as it was moved."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms


@dataclass
class Flow:
    """An environment, its clock, and the bots that run in it."""

    bot_env: BotEnv
    clock: HopClock
    apps: list[App] = field(default_factory=list)
    patience_s: dict[Literal["create", "query", "upload"], float] = field(default_factory=dict)
    """How long a call of the provider is waited for, for tests of its silence alone."""

    @asynccontextmanager
    async def running(self, role: Role = "all", **settings: Any) -> AsyncIterator[App]:
        """The bot, which hears of each hop."""
        async with self.bot_env.running(role, **settings) as app:
            for call, patience_s in self.patience_s.items():
                setattr(app.provider, f"_{call}_timeout_s", patience_s)
            for task in app.worker._periodic:
                if task.name == "asset verdicts":
                    # its pace is the provider's, which hops over as well
                    task.wakeups = app.wakeup.subscribe()
            self.apps.append(app)
            try:
                yield app
            finally:
                self.apps.remove(app)

    def hop(self, by_ms: int) -> None:
        """Let so much time pass at once."""
        self.clock.ahead_ms += by_ms
        for app in self.apps:
            app.worker._wakeup()

    async def until(
        self, holds: Callable[[list[Request]], bool], timeout_s: float = PATIENCE_S
    ) -> list[Request]:
        """Wait until the records are so, without waiting for what was only put off.

        Raises: TimeoutError with what the records are instead.
        """
        rows: list[Request] = []
        try:
            async with asyncio.timeout(timeout_s):
                while not holds(rows := await self.bot_env.requests()):
                    await self._go_on()
        except TimeoutError:
            raise TimeoutError(f"at {self.clock()} still {rows}") from None
        return rows

    async def until_state(self, *states: State, number: int = 0) -> Request:
        """Wait until the n-th request is in one of these states."""
        rows = await self.until(lambda rows: len(rows) > number and rows[number].state in states)
        return rows[number]

    async def until_told(self, holds: Callable[[Message], bool]) -> Message:
        """Wait for a message, and for everything owed to have been sent."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = [message for message in self.bot_env.discord.messages() if holds(message)]
                if found:
                    return found[0]
                await self._go_on()

    async def until_true(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds outside, letting retries of cards come at once."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                # when a card is changed again is known to the worker alone
                self.hop(1_000)
                await self._go_on()

    async def until_quiet(self) -> None:
        """Wait until no message is owed any more."""

        async def messages() -> bool:
            for request in await self.bot_env.requests():
                messages = await self.bot_env.messages(request.id)
                if any(post.state is OutboxState.PENDING for post in messages):
                    return True
            return False

        async with asyncio.timeout(PATIENCE_S):
            while await messages():
                await self._go_on()

    async def _go_on(self) -> None:
        """Move to the moment something was put off to, or give what is at work a little time."""
        await asyncio.sleep(0.02)
        async with self.bot_env.database.reading() as tx:
            row = await tx.fetch_one(_DUE, {"parked": NEVER_DUE})
        assert row is not None
        if row["in_review"]:
            # verdicts are asked for at intervals, and the deadlines of requests lie far behind
            self.hop(5_000)
        elif not row["leased"] and row["due_at_ms"] is not None:
            self.hop(max(0, int(row["due_at_ms"]) - self.clock()) + 1)
        elif row["queued"]:
            # held up at the gate: by a throttle, or by the circuit breaker
            self.hop(1_000)
