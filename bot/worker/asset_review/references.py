"""The files of a request that need the provider's review, and the references that come of it."""

from collections.abc import Mapping, Sequence

from bot.rules.media import MediaSource
from bot.worker.context import WorkerContext
from bot.worker.pipeline.transitions import move
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.records import Input, Request, State
from storage.requests import asset_reviews, inputs
from storage.requests.asset_reviews import AssetReview, AssetState, FileKey


async def files_of(tx: Transaction, request: Request) -> list[Input]:
    """The inputs that need a review: all but those given as `asset://` references."""
    rows = await inputs.of_request(tx, request.id)
    return [row for row in rows if row.source != MediaSource.ASSET]


async def reviews_of(
    context: WorkerContext, rows: Sequence[Input]
) -> Mapping[FileKey, AssetReview]:
    """Reviews of some inputs under this process's key; missing for files never submitted."""
    async with context.database.reading() as tx:
        return await asset_reviews.of_files(
            tx, context.settings.key_id, [file_key(row) for row in rows]
        )


def file_key(row: Input) -> FileKey:
    """What a review is kept under: the same bytes are reviewed once."""
    return row.kind, row.sha256


def state_of(known: Mapping[FileKey, AssetReview], row: Input) -> AssetState | None:
    """How far the review of an input is; None for a file never submitted."""
    review = known.get(file_key(row))
    return None if review is None else review.state


async def asset_urls(context: WorkerContext, request: Request) -> list[str] | None:
    """The `asset://` reference of each input in order; None unless all are active for this key."""
    async with context.database.reading() as tx:
        rows = await inputs.of_request(tx, request.id)
        known = await asset_reviews.of_files(
            tx, context.settings.key_id, [file_key(row) for row in rows]
        )
    urls = []
    for row in rows:
        if row.source == MediaSource.ASSET:
            urls.append(row.url)
            continue
        review = known.get(file_key(row))
        if review is None or review.state is not AssetState.ACTIVE:
            return None
        urls.append(f"asset://{review.asset_id}")
    return urls


async def review_again(context: WorkerContext, request: Request, *, forget: bool) -> Request:
    """Back from a provider slot into the review; `forget` drops ids that the provider denied."""
    async with context.database.reading() as tx:
        rows = await files_of(tx, request)
    if forget:
        await forget_reviews_of(context, rows)
    return await move(
        context,
        request,
        State.AUDITING,
        slot_until_ms=0,
        intent_at_ms=0,
        audit_since_ms=0,
        audits=request.audits + int(forget),
        due_at_ms=context.clock(),
        lease_owner="",
    )


@repeated
async def forget_reviews_of(context: WorkerContext, rows: Sequence[Input]) -> None:
    """Delete the reviews of some inputs, so that they are submitted anew when needed."""
    async with context.database.transaction() as tx:
        await asset_reviews.forget(
            tx, context.settings.key_id, sorted({file_key(row) for row in rows})
        )
