"""Messages that must not appear any more, and places in which none may."""

import logging
from typing import Final

from bot.errors import ChangeRefused, DeliveryError, DeliveryRefused, DiscordUnavailable, PlaceGone
from bot.services.outbox import TAKEN_DOWN
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from storage.engine.retry import repeated
from storage.privacy.pseudonyms import is_pseudonym
from storage.records import ENDS, MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import outbox

logger = logging.getLogger(__name__)

_ABOUT_A_MEMBER: Final = frozenset(
    {MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE, MessageKind.DIRECT, MessageKind.FILM}
    | {MessageKind.LOG}
)
_IN_THE_OPEN: Final = frozenset(
    {MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE, MessageKind.FILM}
)
_DISCARDED: Final = frozenset({State.CANCELLED, State.REJECTED})


def is_unwanted(message: OutboxMessage, request: Request | None) -> bool:
    """Whether nobody is to see it: of deleted data, a discarded video, a card behind its end."""
    if message.kind in _ABOUT_A_MEMBER and is_pseudonym(message.user_id):
        return True
    if request is None:
        return False
    if message.kind is MessageKind.CARD and (
        request.state in ENDS or request.state is State.UNCERTAIN
    ):
        # the message that tells of it stands, or will
        return True
    return message.kind is MessageKind.RESULT and request.state in _DISCARDED


def is_outdated(message: OutboxMessage, request: Request | None) -> bool:
    """Whether it is the card of an ended request that cannot have arrived, so nothing to remove."""
    if request is None or message.kind is not MessageKind.CARD or message.intent_at_ms:
        return False
    return request.state in ENDS


@repeated
async def take_back(context: WorkerContext, message: OutboxMessage) -> None:
    """Drop an owed message; one that may have arrived is looked for and removed.

    Raises: DiscordUnavailable, also where it can't be removed for now; LeaseLost.
    """
    try:
        found = await context.messenger.find(message) if message.intent_at_ms else None
        if found is not None:
            await context.messenger.delete(*found)
    except DiscordUnavailable:
        raise
    except (ChangeRefused, DeliveryRefused) as error:
        raise DiscordUnavailable(str(error)) from error
    except DeliveryError as error:
        logger.warning(
            "Whether an unwanted message stands somewhere can't be known",
            extra={"action": "message.unwanted", "post": message.id, "error": repr(error)},
        )
    async with context.database.transaction() as tx:
        await outbox.settle(tx, message.id, owner=context.settings.owner, state=OutboxState.DROPPED)


async def require_open(
    context: WorkerContext, message: OutboxMessage, request: Request | None
) -> None:
    """Raise PlaceGone where the server's managers do not allow the bot to be used (any more).

    Threads and forum posts are open as the channel they belong to is.
    """
    if request is None or message.kind not in _IN_THE_OPEN or not message.channel_id:
        return
    async with context.database.reading() as tx:
        channels = (await read_settings(tx, request.guild_id)).channels
    place = message.channel_id
    if place == request.channel_id:
        place = request.parent_channel_id or place
    if channels is not None and place not in channels:
        raise PlaceGone("the server's settings do not allow this channel")


def next_place(message: OutboxMessage, request: Request | None) -> int | None:
    """Where to try next after a place was lost: the thread's parent, a direct message, nowhere.

    Never out of a private thread or an age-restricted place into a more visible one. 0 means a
    direct message to the requester, None that no place is left.
    """
    if message.kind is MessageKind.DIRECT and message.channel_id:
        return 0
    is_private_news = message.kind is MessageKind.NOTICE and _is_told_in_private(message)
    if request is not None and is_private_news and message.channel_id == 0:
        # a member who takes no messages is told where they asked, without the content
        return request.channel_id
    if (
        request is None
        or message.channel_id == 0
        or message.kind in (MessageKind.CARD, MessageKind.LOG)
    ):
        return None
    in_thread = request.parent_channel_id and message.channel_id == request.channel_id
    if in_thread and not request.is_private and not request.is_nsfw:
        return request.parent_channel_id
    return None if is_private_news else 0


def _is_told_in_private(message: OutboxMessage) -> bool:
    return message.id.endswith((f":notice:{State.REJECTED}", f":notice:{TAKEN_DOWN}"))
