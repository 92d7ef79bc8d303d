"""Whether a video may stand in the showcase, and its forward; for service and worker."""

from dataclasses import dataclass

from bot.services.moderation import posted_result
from bot.services.server_settings import ServerSettings
from bot.services.showcase.forwards import enqueue_forward, forward_id
from storage.engine.transaction import Transaction
from storage.moderation import visibility
from storage.moderation.visibility import Display
from storage.operations import restored
from storage.privacy.pseudonyms import is_pseudonym
from storage.records import OutboxMessage, OutboxState, Request
from storage.requests import outbox, requests
from storage.showcase import entries
from storage.showcase.entries import Entry


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A video that was voted for, with its own message and its forward; None where there is none.

    `may_stand`: it is posted, shown without a spoiler, and no moderator took it out.
    """

    entry: Entry
    request: Request | None
    result: OutboxMessage | None
    forward: OutboxMessage | None
    may_stand: bool


async def exhibit_of(tx: Transaction, entry: Entry) -> Exhibit:
    """Everything about a video's place in the showcase, as it is now."""
    request = await requests.get(tx, entry.request_id)
    result = await posted_result.result_of(tx, entry.request_id)
    forward = await outbox.get(tx, forward_id(entry.request_id))
    return Exhibit(entry, request, result, forward, await may_stand(tx, entry, request, result))


async def may_stand(
    tx: Transaction, entry: Entry, request: Request | None, result: OutboxMessage | None
) -> bool:
    """Whether the showcase may show a video."""
    if request is None or is_pseudonym(request.user_id) or entry.is_removed or entry.is_private:
        return False
    if result is None or result.state is not OutboxState.SENT:
        return False
    return await is_shown_plain(tx, result)


async def may_be_forwarded(tx: Transaction, request_id: str) -> bool:
    """The same, for a video of which only the id is known."""
    entry = await entries.get(tx, request_id)
    return entry is not None and (await exhibit_of(tx, entry)).may_stand


async def is_shown_plain(tx: Transaction, result: OutboxMessage) -> bool:
    """Whether a posted video is to be seen without a spoiler."""
    change = await visibility.get(tx, result.request_id)
    wanted = change.wanted if change is not None else posted_result.posted_as(result)
    return wanted is Display.PLAIN


async def forward_if_due(
    tx: Transaction, settings: ServerSettings, entry: Entry, now_ms: int
) -> None:
    """Enqueue the forward of a video with enough votes, unless it was enqueued before.

    Whether a place is age-restricted too is looked at when it is sent. A forward is a copy, so a
    video that is being shown again is not forwarded before it is.
    """
    if not has_enough(settings, entry):
        return
    if await outbox.get(tx, forward_id(entry.request_id)) is not None:
        return
    exhibit = await exhibit_of(tx, entry)
    request, result = exhibit.request, exhibit.result
    if not exhibit.may_stand or request is None or result is None:
        return
    change = await visibility.get(tx, request.id)
    if change is None or change.shown is Display.PLAIN:
        is_older = bool(request.restored_after_id) or result.sent_at_ms <= await restored.last_ms(
            tx
        )
        await enqueue_forward(tx, settings, result, now_ms, may_be_there=is_older)


def has_enough(settings: ServerSettings, entry: Entry) -> bool:
    """Whether a video has votes enough for a showcase that is there."""
    return bool(settings.showcase_channel) and entry.votes >= settings.showcase_votes
