"""A series that stands still: for which shot, and how it is finished with what there is."""

from collections.abc import Sequence
from typing import Final

from bot.errors import TooLate, UserError
from bot.rules.request import VideoRequest
from bot.services.requests import lifecycle
from bot.services.series.standing import Position, series_view, standing_of
from bot.services.series.views import SeriesView
from storage.engine.transaction import Transaction
from storage.records import Request, State
from storage.requests import requests, series

ANY_HOST: Final = "*"
"""The `result_host` of a series whose film is due, where nobody knows who has its shots."""


async def require_stopped(tx: Transaction, whole: Request, shot: int) -> Request:
    """The shot that a series stands still for, if it is this one and may be tried again.

    Raises: TooLate.
    """
    if whole.state not in series.UNDER_WAY:
        raise TooLate("refused-series-over", {"id": whole.id, "state": whole.state})
    standing = standing_of(whole, await series.shots_of(tx, whole.id))
    present = standing.present
    if standing.position is not Position.MEMBER or present is None or present.shot != shot:
        raise TooLate("refused-series-goes", {"id": whole.id, "shot": shot})
    if present.state is State.UNCERTAIN:
        raise TooLate("refused-series-uncertain", {"id": whole.id, "shot": shot})
    return present


async def finish_series(
    tx: Transaction, whole: Request, now_ms: int, *, actor_id: int = 0
) -> SeriesView:
    """Have the film made of what there is, if the series stands still; with its row locked.

    Raises: TooLate while it does not; UserError where no shot is made.
    """
    if whole.state in series.UNDER_WAY and not whole.result_host:
        shots = await series.shots_of(tx, whole.id)
        standing = standing_of(whole, shots)
        if standing.position is not Position.MEMBER:
            raise TooLate("refused-series-goes", {"id": whole.id, "shot": 0})
        if not standing.made:
            raise UserError("refused-series-nothing", {"id": whole.id})
        await give_up_waiting(tx, shots, now_ms, actor_id=actor_id)
        whole = await have_film_made(tx, whole, standing.made, now_ms)
    elif whole.state not in series.UNDER_WAY and whole.state is not State.RENDERED:
        raise TooLate("refused-series-over", {"id": whole.id, "state": whole.state})
    return series_view(whole, await series.all_shots(tx, whole.id))


async def give_up_waiting(
    tx: Transaction, shots: Sequence[Request], now_ms: int, *, actor_id: int = 0
) -> None:
    """Cancel the shots whose turn has not come: all they took comes back."""
    for shot in shots:
        if shot.is_waiting_shot:
            await lifecycle.end(tx, shot, State.CANCELLED, now_ms=now_ms, actor_id=actor_id)


async def have_film_made(
    tx: Transaction,
    whole: Request,
    made: Sequence[Request],
    now_ms: int,
    *,
    owner: str | None = None,
) -> Request:
    """Hand a series to whoever makes its film, first of all the host with its last shot.

    From now on it says what the film shows: the prompts of the shots that were made, as they were
    sent in the end, and their length. Raises: LeaseLost with an `owner` that has not its lease.
    """
    video = VideoRequest.model_validate_json(whole.spec)
    prompts = [VideoRequest.model_validate_json(shot.spec).shown_prompt for shot in made]
    shown = video.model_copy(update={"prompt": "\n".join(prompts)})
    return await requests.note(
        tx,
        whole.id,
        source=whole.state,
        owner=owner,
        spec=shown.model_dump_json(exclude_none=True),
        seconds=sum(shot.seconds for shot in made),
        result_host=made[-1].result_host or ANY_HOST,
        attempt=0,
        due_at_ms=now_ms,
        lease_owner="",
    )
