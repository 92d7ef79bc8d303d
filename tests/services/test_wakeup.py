"""Wake-ups by topic, in a process and between processes."""

import asyncio

import pytest

from bot.services.wakeup import Topic, Wakeup, send_wakeups
from storage.engine.database import open_database
from storage.engine.signals import listen


def woken(wakeup: Wakeup, *topics: Topic) -> set[Topic]:
    """Which topics' subscribers a call wakes."""
    events = {topic: wakeup.subscribe(topic) for topic in Topic}
    wakeup(*topics)
    return {topic for topic, event in events.items() if event.is_set()}


def test_a_wakeup_reaches_its_topics_and_one_without_any_all() -> None:
    wakeup = Wakeup()
    every = wakeup.subscribe()
    assert woken(wakeup, Topic.SLOTS, Topic.CARDS) == {Topic.SLOTS, Topic.CARDS}
    assert every.is_set()
    assert woken(wakeup) == set(Topic)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("slots,outbox", {Topic.SLOTS, Topic.OUTBOX}),
        # of a process of another version
        ("", set(Topic)),
        ("slots,something-new", set(Topic)),
    ],
)
def test_a_signal_wakes_its_topics_and_an_unknown_one_all(text: str, topics: set[Topic]) -> None:
    wakeup = Wakeup()
    events = {topic: wakeup.subscribe(topic) for topic in Topic}
    wakeup.of_signal(text)
    assert {topic for topic, event in events.items() if event.is_set()} == topics


async def test_another_process_is_woken_for_the_same_topics(postgres_url: str) -> None:
    database = await open_database(postgres_url, migrate=True)
    gateway, worker = Wakeup(), Wakeup()
    heard = {topic: worker.subscribe(topic) for topic in Topic}
    tasks = [
        asyncio.create_task(listen(postgres_url, worker.of_signal)),
        asyncio.create_task(send_wakeups(database, gateway)),
    ]
    try:
        async with asyncio.timeout(30):
            # when it has connected it looks at everything
            await asyncio.gather(*(event.wait() for event in heard.values()))
            for event in heard.values():
                event.clear()
            gateway(Topic.SLOTS)
            gateway(Topic.OUTBOX)
            await asyncio.gather(heard[Topic.SLOTS].wait(), heard[Topic.OUTBOX].wait())
        assert not heard[Topic.UPKEEP].is_set()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()
