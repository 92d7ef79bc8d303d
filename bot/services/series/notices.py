"""Messages that a series' member gets while it is under way: it stands still, or is finished late.

Each is recorded with the step that finds it so, once for each stop.
"""

from typing import Any

from bot.services.outbox import (
    SERIES_LATE,
    SERIES_REJECTED,
    SERIES_STOPPED,
    SERIES_UNCERTAIN,
    enqueue_series_notice,
    sent_url,
    series_notice_id,
)
from bot.services.series.standing import Position, Standing, standing_of
from storage.engine.transaction import Transaction
from storage.records import Request, State
from storage.requests import outbox, series

_STATES = {State.UNCERTAIN: SERIES_UNCERTAIN, State.REJECTED: SERIES_REJECTED}
_STOPS = tuple(f"{state}:" for state in (SERIES_STOPPED, *_STATES.values()))


async def tell_of_stop(tx: Transaction, whole: Request, standing: Standing, now_ms: int) -> None:
    """Enqueue what it stands still for, until when, and where its member says how it goes on.

    A shot that a restore has parked is told of by the restore, until an owner has settled it.
    """
    shot = standing.present
    if shot is None or (shot.state is State.UNCERTAIN and shot.parked_from):
        return
    state, about = _stop_of(shot)
    body: dict[str, Any] = {
        "shot": shot.shot,
        "count": whole.shots,
        "failure": shot.failure,
        "failure_note": shot.failure_note,
        "can_retry": shot.state is not State.UNCERTAIN,
        "can_finish": bool(standing.made),
        "until_ms": standing.until_ms,
        "card": sent_url(await outbox.card_of(tx, whole.id)),
    }
    await enqueue_series_notice(tx, whole, state, about, body, now_ms)


async def is_stop_over(tx: Transaction, whole: Request, notice_id: str) -> bool:
    """Whether a notice tells of a stop for which the series does not stand any more.

    It may have waited for Discord while its member, or an owner, said how it goes on.
    """
    about = notice_id.removeprefix(f"{whole.id}:notice:")
    if not about.startswith(_STOPS):
        return False
    if whole.state not in series.UNDER_WAY:
        return True
    standing = standing_of(whole, await series.shots_of(tx, whole.id))
    if standing.position is not Position.MEMBER or standing.present is None:
        return True
    return notice_id != series_notice_id(whole, *_stop_of(standing.present))


def _stop_of(shot: Request) -> tuple[str, str]:
    """The state that a notice of a stop gives, and what it is about: once for each is told."""
    state = _STATES.get(shot.state, SERIES_STOPPED)
    # an owner may send an uncertain shot again, and that answer may be lost as well
    return state, f"{shot.id}:{shot.intent_at_ms}" if state == SERIES_UNCERTAIN else shot.id


async def tell_of_late_end(
    tx: Transaction, whole: Request, standing: Standing, now_ms: int
) -> None:
    """Enqueue that nobody said how it goes on, and that a film is made of what there is."""
    shot = standing.present
    if shot is None:
        return
    body = {"shot": shot.shot, "count": whole.shots, "made": len(standing.made)}
    await enqueue_series_notice(tx, whole, SERIES_LATE, shot.id, body, now_ms)
