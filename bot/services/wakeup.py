"""Wakes waiting loops when there may be work, so that they need not wait for their timer."""

import asyncio
import logging
import time
from enum import StrEnum
from functools import partial
from typing import Final, Protocol

from storage.engine.signals import send
from storage.engine.transaction import Database
from storage.errors import StorageError

logger = logging.getLogger(__name__)

LONGEST_REST_S: Final = 0.1


class Topic(StrEnum):
    """Where there may be work."""

    SLOTS = "slots"
    """A request may be submitted, or a provider slot is free."""
    REQUESTS = "requests"
    """A request's next step."""
    OUTBOX = "outbox"
    """A message to send."""
    CARDS = "cards"
    """A progress card shows what is no longer so."""
    UPKEEP = "upkeep"
    """All the rest, which nobody waits for by the millisecond."""


class Wake(Protocol):
    """Wakes whoever has work."""

    def __call__(self, *topics: Topic) -> None:
        """Wake the loops that have work of these topics, or all of them without any."""


class Wakeup:
    """A broadcast: calling it wakes its subscribers once, at their next wait if they are busy.

    A call without topics, as where anything may have changed, wakes all. A topic that is forgotten
    costs a second: whatever somebody waits for is looked at as often anyway.
    """

    def __init__(self) -> None:
        self._subscribers: list[tuple[asyncio.Event, frozenset[Topic]]] = []

    def __call__(self, *topics: Topic) -> None:
        """Wake the subscribers of these topics; must be called on the event loop."""
        for event, wanted in self._subscribers:
            if not topics or not wanted.isdisjoint(topics):
                event.set()

    def subscribe(self, *topics: Topic) -> asyncio.Event:
        """A new event that each wake-up of these topics sets, or any one; its loop clears it."""
        event = asyncio.Event()
        self._subscribers.append((event, frozenset(topics or Topic)))
        return event

    def of_signal(self, text: str) -> None:
        """Wake for a signal of another process; an unknown one may mean anything."""
        known = {topic.value: topic for topic in Topic}
        words = text.split(",")
        is_known = all(word in known for word in words)
        self(*(known[word] for word in words if is_known))


async def send_wakeups(database: Database, wakeup: Wakeup) -> None:
    """Signal the workers of other processes at each wake-up of this one's, until cancelled."""
    wakeups = wakeup.subscribe()
    by_topic = {topic: wakeup.subscribe(topic) for topic in Topic}
    while True:
        await wakeups.wait()
        wakeups.clear()
        topics = [topic for topic, event in by_topic.items() if event.is_set()]
        for topic in topics:
            by_topic[topic].clear()
        began_s = time.monotonic()
        try:
            await database.write(partial(send, text=",".join(topics)))
        except StorageError as error:
            logger.info(
                "The workers could not be signalled; they look by themselves",
                extra={"action": "wakeup.signal", "error": repr(error)},
            )
        await rest(time.monotonic() - began_s)


async def rest(took_s: float, least_s: float = 0.0) -> None:
    """Pause after a round that took so long, for as long again, up to `LONGEST_REST_S`.

    However often it is woken, a loop then spends half its time at most; what comes meanwhile is
    found by one round. The pause is never shorter than `least_s`.
    """
    await asyncio.sleep(max(min(took_s, LONGEST_REST_S), least_s))


async def wait_for(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for a wake-up, at most `timeout_s`, and clear it; whether there was one."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
    was_set = event.is_set()
    event.clear()
    return was_set
