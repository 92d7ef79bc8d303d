"""What comes next of a series: its next shot's turn, its film, or its end. One idempotent step."""

from collections.abc import Sequence
from typing import Any

from bot.services.requests import lifecycle
from bot.services.series.notices import tell_of_late_end, tell_of_stop
from bot.services.series.standing import Position, Standing, standing_of
from bot.services.series.stopping import give_up_waiting, have_film_made
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE, Request, State
from storage.requests import outbox, requests, series


async def advance(tx: Transaction, whole: Request, now_ms: int, *, owner: str) -> Request:
    """Do the one next thing of a series under way, whose lease `owner` has.

    The row must be locked: whoever moves a shot wakes the series in the same transaction, and what
    was moved before the lock is seen here. Its card is edited anew, and its member is told in a
    message of each stop.
    Raises: LeaseLost.
    """
    shots = await series.shots_of(tx, whole.id)
    standing = standing_of(whole, shots)
    if standing.position is Position.FILM:
        done = await have_film_made(tx, whole, standing.made, now_ms, owner=owner)
    elif standing.position is Position.MEMBER and now_ms >= standing.until_ms:
        done = await _finish_late(tx, whole, shots, standing, now_ms, owner)
    else:
        done = await _wait(tx, whole, standing, now_ms, owner)
    await outbox.look_at_card(tx, whole.id)
    return done


async def _finish_late(
    tx: Transaction,
    whole: Request,
    shots: Sequence[Request],
    standing: Standing,
    now_ms: int,
    owner: str,
) -> Request:
    """Finish a series that has stood for too long with what there is; without anything it fails."""
    await give_up_waiting(tx, shots, now_ms)
    if standing.made:
        await tell_of_late_end(tx, whole, standing, now_ms)
        return await have_film_made(tx, whole, standing.made, now_ms, owner=owner)
    return await lifecycle.fail(tx, whole, "series-ended", now_ms=now_ms, owner=owner)


async def _wait(
    tx: Transaction, whole: Request, standing: Standing, now_ms: int, owner: str
) -> Request:
    """Let the present shot go if its turn has come, and wait for whatever happens next."""
    changes: dict[str, Any] = {
        "due_at_ms": standing.until_ms or NEVER_DUE,
        "lease_owner": "",
        "progress": 100 * len(standing.made) // whole.shots,
    }
    present = standing.present
    if standing.position is Position.MEMBER:
        await tell_of_stop(tx, whole, standing, now_ms)
    has_turn = standing.position is Position.TURN and _may_begin(whole, present)
    if present is not None and has_turn:
        await _give_turn(tx, present, standing.made, now_ms)
        if whole.state is State.QUEUED:
            return await requests.move(
                tx,
                whole.id,
                source=State.QUEUED,
                target=State.RUNNING,
                owner=owner,
                now_ms=now_ms,
                **changes,
            )
    return await requests.note(tx, whole.id, source=whole.state, owner=owner, attempt=0, **changes)


def _may_begin(whole: Request, shot: Request | None) -> bool:
    """Whether the member knows of the series, and the files of its first shot are there.

    Whoever acknowledges it or fetches them wakes it.
    """
    if shot is None or not whole.acked_at_ms:
        return False
    return shot.shot > 1 or bool(shot.prepared_at_ms)


async def _give_turn(tx: Transaction, shot: Request, made: Sequence[Request], now_ms: int) -> None:
    """Let a shot that waits go on as any request does, where the video before it lies."""
    changes: dict[str, Any] = {"acked_at_ms": now_ms, "due_at_ms": NEVER_DUE}
    if not shot.prepared_at_ms or shot.needs_audit:
        changes["due_at_ms"] = now_ms
    if made:
        changes["host"] = made[-1].result_host
    if shot.needs_audit:
        await requests.move(
            tx,
            shot.id,
            source=State.QUEUED,
            target=State.AUDITING,
            now_ms=now_ms,
            **changes,
        )
        return
    await requests.note(tx, shot.id, source=State.QUEUED, owner=None, **changes)
