"""Series and their shots: finds the shots of one film, and wakes a series that one has moved."""

from collections.abc import Collection, Iterable
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE, Request, State

UNDER_WAY: Final = frozenset({State.QUEUED, State.RUNNING})
"""The states of a series whose shots are being made, or are to be."""
IS_UNDER_WAY: Final = "(shots > 0 AND state IN ('queued', 'running'))"
"""The same in SQL."""

# `series_of <> ''` is the index's own condition
_ALL: Final = """
SELECT * FROM requests
WHERE series_of = :series_id AND series_of <> ''
ORDER BY shot, created_at_ms, id"""
# whoever holds the lease reads the shots once more before it lets go
_WAKE: Final = f"""
UPDATE requests SET due_at_ms = :now_ms
WHERE id = :series_id AND {IS_UNDER_WAY} AND lease_owner = '' AND due_at_ms > :now_ms"""  # noqa: S608 - a constant
# a download that is under way goes on, wherever that is; a wait for the next one is not cut short
_GET_AGAIN: Final = """
UPDATE requests SET result_host = :host, lease_owner = '',
  due_at_ms = CASE WHEN due_at_ms < :never_due THEN due_at_ms ELSE :now_ms END
WHERE id IN {each:ids} AND state = 'rendered' AND (lease_owner = '' OR due_at_ms <= :now_ms)
  AND (due_at_ms >= :never_due OR result_host <> :host)"""
_STOP_GETTING: Final = """
UPDATE requests SET due_at_ms = :never_due, lease_owner = ''
WHERE series_of = :series_id AND series_of <> '' AND state = 'rendered'
  AND due_at_ms < :never_due"""
_FILM_AT: Final = """
UPDATE requests SET result_host = :host
WHERE id = :series_id AND state = 'running' AND result_host <> ''"""
_FORGET_VIDEOS: Final = """
UPDATE requests SET result_path = '', stored_bytes = 0
WHERE series_of = :series_id AND series_of <> '' AND shot > 1 AND state = 'posted'"""
_FORGET_STORED: Final = """
UPDATE stored_files SET erased_at_ms = 1
WHERE erased_at_ms = 0 AND owner_id IN (
  SELECT id FROM requests
  WHERE series_of = :series_id AND series_of <> '' AND shot > 1 AND state = 'posted')"""


async def all_shots(tx: Transaction, series_id: str) -> list[Request]:
    """Every shot of a series, by place; of one place those that were tried before come first."""
    rows = await tx.fetch_all(_ALL, {"series_id": series_id})
    return [decode(Request, row) for row in rows]


def newest(shots: Iterable[Request]) -> list[Request]:
    """Of `all_shots` the newest of each place, which is the one that counts."""
    return list({shot.shot: shot for shot in shots}.values())


async def shots_of(tx: Transaction, series_id: str) -> list[Request]:
    """The shots that count, in order."""
    return newest(await all_shots(tx, series_id))


async def files_holder(tx: Transaction, request: Request) -> Request:
    """The request that has the files which were given: of a series its first shot."""
    if not request.shots:
        return request
    return next(iter(await shots_of(tx, request.id)), request)


async def wake(tx: Transaction, series_id: str, now_ms: int) -> None:
    """Have a worker look at a series now: one of its shots has moved."""
    await tx.execute(_WAKE, {"series_id": series_id, "now_ms": now_ms})


async def get_videos_again(tx: Transaction, ids: Collection[str], *, host: str, now_ms: int) -> int:
    """Have the lost videos of shots downloaded to a host, which needs them for their film.

    Returns how many are now that were not before. The series must be locked.
    """
    wanted = {"host": host, "now_ms": now_ms, "never_due": NEVER_DUE}
    return await tx.execute(_GET_AGAIN, {"ids": list(ids)} | wanted)


async def stop_getting_videos(tx: Transaction, series_id: str) -> None:
    """Download no shot again: the film is made, of what another host had."""
    await tx.execute(_STOP_GETTING, {"series_id": series_id, "never_due": NEVER_DUE})


async def make_film_at(tx: Transaction, series_id: str, host: str) -> None:
    """Leave a film that is due to the host that got one of its shots last."""
    await tx.execute(_FILM_AT, {"series_id": series_id, "host": host})


async def forget_videos(tx: Transaction, series_id: str) -> None:
    """Note that the videos of a posted film's shots are not needed any more.

    The first shot's stay, beside the files that the member gave.
    """
    for sql in (_FORGET_VIDEOS, _FORGET_STORED):
        await tx.execute(sql, {"series_id": series_id})
