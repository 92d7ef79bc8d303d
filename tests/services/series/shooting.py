"""Plays the worker's part of a series by hand: turns, videos, refusals and the film."""

from typing import Any

from bot.services.caller import Receipt
from bot.services.requests import lifecycle
from bot.services.requests.failures import Failure
from bot.services.series.advancing import advance
from bot.services.series.views import SeriesView, SeriesWish
from storage.records import MessageKind, Request, State
from storage.requests import leases, outbox, requests, series
from tests.services.quotas.counter import Counter, caller

PROMPTS = ("a fox wakes", "the fox runs", "the fox sleeps")
DEAR = 10**9


def wish(*prompts: str, **fields: Any) -> SeriesWish:
    return SeriesWish(prompts or PROMPTS, **{"model": "seedance2.0-fast-i2v", **fields})


async def drafted(counter: Counter, *prompts: str, **fields: Any) -> Receipt:
    return await counter.series.create(caller(), wish(*prompts, **fields))


async def confirmed(counter: Counter, *prompts: str, **fields: Any) -> Request:
    """A series whose member said yes and saw the answer, with its first shot's files there."""
    made = await drafted(counter, *prompts, **fields)
    await fetched(counter, made.group[0].id)
    receipt = await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    await counter.service.answered(receipt.request.id, is_seen=True)
    return await counter.request(receipt.request.id)


async def fetched(counter: Counter, shot_id: str) -> None:
    shot = await counter.request(shot_id)
    async with counter.database.transaction() as tx:
        await requests.note(
            tx, shot.id, source=shot.state, owner=None, prepared_at_ms=counter.now_ms
        )


async def advanced(counter: Counter, series_id: str) -> Request:
    """The series after a worker has looked at it once; only if it is due."""
    async with counter.database.transaction() as tx:
        claimed = await leases.claim(
            tx, [series_id], owner="me", host="here", now_ms=counter.now_ms, lease_ms=1000
        )
        assert claimed, "nobody has woken it"
        await requests.lock(tx, series_id)
        return await advance(tx, claimed[0], counter.now_ms, owner="me")


async def shots(counter: Counter, series_id: str) -> list[Request]:
    async with counter.database.reading() as tx:
        return await series.shots_of(tx, series_id)


async def view(counter: Counter, series_id: str) -> SeriesView:
    found = (await counter.service.show(caller(), series_id)).series
    assert found is not None
    return found


async def sent(counter: Counter, shot: Request) -> Request:
    """The shot at the provider."""
    now_ms = counter.now_ms
    async with counter.database.transaction() as tx:
        assert shot.acked_at_ms, "its turn has not come"
        shot = await requests.move(
            tx,
            shot.id,
            source=State.QUEUED,
            target=State.SUBMITTING,
            now_ms=now_ms,
            started_at_ms=now_ms,
            prepared_at_ms=now_ms,
            slot_until_ms=now_ms + 1000,
        )
        await requests.note(tx, shot.id, source=State.SUBMITTING, owner=None, intent_at_ms=now_ms)
        return await requests.move(
            tx,
            shot.id,
            source=State.SUBMITTING,
            target=State.RUNNING,
            now_ms=now_ms,
            task_id=f"task-{shot.id}",
        )


async def rendered(counter: Counter, shot: Request) -> Request:
    if shot.state is State.QUEUED:
        shot = await sent(counter, shot)
    async with counter.database.transaction() as tx:
        shot = await requests.move(
            tx,
            shot.id,
            source=shot.state,
            target=State.RENDERED,
            now_ms=counter.now_ms,
            rendered_at_ms=counter.now_ms,
            result_path=f"results/{shot.id}.mp4",
            result_host="here",
            slot_until_ms=0,
        )
        return await lifecycle.after_shot(tx, shot, counter.now_ms)


async def failed(counter: Counter, shot: Request, failure: Failure = "busy") -> Request:
    if shot.state is State.QUEUED:
        shot = await sent(counter, shot)
    async with counter.database.transaction() as tx:
        return await lifecycle.fail(
            tx, shot, failure, now_ms=counter.now_ms, intent_at_ms=0, slot_until_ms=0
        )


async def uncertain(counter: Counter, shot: Request) -> Request:
    now_ms = counter.now_ms
    async with counter.database.transaction() as tx:
        shot = await requests.move(
            tx,
            shot.id,
            source=State.QUEUED,
            target=State.SUBMITTING,
            now_ms=now_ms,
            started_at_ms=now_ms,
        )
        shot = await requests.note(
            tx, shot.id, source=State.SUBMITTING, owner=None, intent_at_ms=now_ms
        )
        return await lifecycle.make_uncertain(tx, shot, now_ms=now_ms, slot_until_ms=0)


async def filmed(counter: Counter, series_id: str) -> Request:
    """The film is on our disk and posted."""
    now_ms = counter.now_ms
    async with counter.database.transaction() as tx:
        whole = await requests.move(
            tx,
            series_id,
            source=State.RUNNING,
            target=State.RENDERED,
            now_ms=now_ms,
            result_path=f"results/{series_id}.mp4",
        )
        return await lifecycle.end(tx, whole, State.POSTED, now_ms=now_ms)


async def kinds(counter: Counter, request: Request) -> list[MessageKind]:
    async with counter.database.reading() as tx:
        return [message.kind for message in await outbox.of_request(tx, request.id)]


async def left(counter: Counter) -> int | None:
    return (await counter.allowances.show(caller())).left.videos
