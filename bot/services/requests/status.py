"""A request's progress and its view, as cards, lists and replies show them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.rules.request import VideoRequest
from bot.services.caller import EndNotice, Progress, RequestView
from bot.services.operations.circuit_breaker import FACT, PAUSED, is_paused, read_health
from bot.services.outbox import KEPT, notice_id, sent_url
from bot.services.requests.eta import eta
from bot.services.series.standing import series_view
from storage.engine.transaction import Transaction
from storage.operations import key_values
from storage.records import ENDS, MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import fair_queue, inputs, outbox, requests, series

SLOW_AFTER_MS = 30 * 60_000
SOON_MS = 15_000
"""A moment closer than this is not shown: it would be past before the card is edited again."""

_ARRIVED = frozenset({OutboxState.SENT, OutboxState.DELETED})


async def progress_of(
    tx: Transaction,
    request: Request,
    *,
    now_ms: int,
    max_active: int,
    places: Mapping[str, int] | None = None,
) -> Progress:
    """A request's progress; of an ended one, whether its member has been notified.

    `places` are the queue positions of all waiting requests, for callers that show many; one that
    is not among them was queued after they were read.
    """
    if request.shots:
        return await _series(tx, request, now_ms=now_ms, max_active=max_active, places=places)
    if request.state in (State.HELD, State.AUDITING, State.QUEUED, State.SUBMITTING):
        return await _waiting(tx, request, max_active, places)
    if request.state is State.RUNNING:
        return await _running(tx, request, now_ms)
    if request.state in ENDS or request.state is State.UNCERTAIN:
        return Progress(news=await news_of(tx, request))
    return Progress()


async def _series(
    tx: Transaction,
    request: Request,
    *,
    now_ms: int,
    max_active: int,
    places: Mapping[str, int] | None,
) -> Progress:
    """A series' progress: that of the shot that is being made, and all of them."""
    view = series_view(request, await series.all_shots(tx, request.id))
    if request.state in ENDS:
        return Progress(news=await news_of(tx, request), series=view)
    present = view.present
    is_at_work = present is not None and not (view.stands or present.is_waiting)
    if present is None or not is_at_work:
        is_waiting = request.state is State.HELD or (view.is_under_way and not view.stands)
        hindrance = await hindrance_of_all(tx) if is_waiting and not view.is_film_due else ""
        return Progress(hindrance=hindrance, series=view)
    of_shot = await progress_of(
        tx, present.request, now_ms=now_ms, max_active=max_active, places=places
    )
    return replace(of_shot, news=EndNotice.NONE, series=view)


async def news_of(tx: Transaction, request: Request) -> EndNotice:
    """Whether the message that tells of a request's end, or of its being uncertain, has arrived."""
    if request.state is State.POSTED:
        return EndNotice.TOLD
    notice = await outbox.get(tx, notice_id(request))
    if notice is None:
        # cancelled by its member, who got the private reply
        return EndNotice.TOLD
    if notice.state is OutboxState.PENDING:
        return EndNotice.LATE if notice.attempt else EndNotice.COMING
    return EndNotice.TOLD if notice.state in _ARRIVED else EndNotice.NONE


async def hindrance_of_all(tx: Transaction) -> str:
    """Why nothing new goes to the provider at all; empty while it does."""
    await key_values.read_ahead(tx, PAUSED, FACT)
    if await is_paused(tx):
        return "paused"
    health = await read_health(tx)
    return str(health.trouble) if health.is_open else ""


async def _waiting(
    tx: Transaction, request: Request, max_active: int, places: Mapping[str, int] | None
) -> Progress:
    hindrance = await hindrance_of_all(tx)
    if request.state is not State.QUEUED:
        return Progress(hindrance=hindrance)
    if places is None:
        position = await fair_queue.waiting_before(tx, request)
    else:
        position = places.get(request.id, len(places))
    place = "next" if position == 0 else "soon" if position < 2 * max_active else "later"
    return Progress(place=place, position=position + 1, hindrance=hindrance)


async def _running(tx: Transaction, request: Request, now_ms: int) -> Progress:
    if now_ms - request.submitted_at_ms >= SLOW_AFTER_MS:
        return Progress(hindrance="slow")
    samples = await requests.samples(tx, request.model, request.seconds)
    seen = [(request.polled_at_ms, request.progress)] if request.polled_at_ms else []
    expected = eta(samples, request.submitted_at_ms, now_ms, seen)
    ready_at_ms = expected.ready_at_ms
    # later than every sample, or than the moment its own progress predicted
    is_overdue = 0 < ready_at_ms < now_ms or (not ready_at_ms and bool(samples))
    if is_overdue or ready_at_ms < now_ms + SOON_MS:
        ready_at_ms = 0
    return Progress(
        ready_at_ms=ready_at_ms, latest_at_ms=expected.latest_at_ms, is_overdue=is_overdue
    )


async def view_of(
    tx: Transaction, request: Request, *, now_ms: int, max_active: int
) -> RequestView:
    """A request as its member sees it: progress, inputs, and the link to its video."""
    progress = await progress_of(tx, request, now_ms=now_ms, max_active=max_active)
    messages = await outbox.of_request(tx, request.id)
    result = next((message for message in messages if message.kind is MessageKind.RESULT), None)
    files = await series.files_holder(tx, request)
    return RequestView(
        request=request,
        video=VideoRequest.model_validate_json(request.spec),
        standing=progress,
        inputs=tuple(await inputs.of_request(tx, files.id)),
        message_url=sent_url(result),
        kept_url=request.result_url if _is_kept(request, messages) else "",
        series=progress.series,
    )


def _is_kept(request: Request, messages: Sequence[OutboxMessage]) -> bool:
    """Whether the video can be got by the view's link alone.

    Discord accepts it nowhere, or nobody knows whether its message arrived.
    """
    if request.state is State.FAILED:
        return request.failure == "undeliverable"
    if request.state is State.POSTED:
        return any(
            message.kind is MessageKind.RESULT and message.state is OutboxState.UNKNOWN
            for message in messages
        )
    told = f"{request.id}:notice:{KEPT}"
    return request.state is State.RENDERED and any(message.id == told for message in messages)
