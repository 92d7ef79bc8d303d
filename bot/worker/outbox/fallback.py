"""Which messages must not be sent any more, and where a message may go instead."""

import logging
from typing import Final

from bot.errors import ChangeRefused, DeliveryError, DeliveryRefused, DiscordUnavailable, PlaceGone
from bot.services.outbox import SERIES_REJECTED, SERIES_STATES, TAKEN_DOWN
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import is_pseudonym
from storage.records import ENDS, MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import outbox

logger = logging.getLogger(__name__)

_ABOUT_A_MEMBER: Final = frozenset(
    {MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE, MessageKind.DIRECT, MessageKind.FILM}
    | {MessageKind.LOG, MessageKind.FORWARD}
)
_IN_THE_OPEN: Final = frozenset(
    {MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE, MessageKind.FILM}
)
_PRIVATE: Final = frozenset({State.REJECTED.value, TAKEN_DOWN, "appeal"})
"""Notices that go to the member in private first."""
_PRIVATELY: Final = (f"{State.REJECTED}:", f"{SERIES_REJECTED}:")
"""How others of them begin."""
_OF_A_SERIES: Final = tuple(f"{state}:" for state in SERIES_STATES)
_DISCARDED: Final = frozenset({State.CANCELLED, State.REJECTED})


def is_unwanted(message: OutboxMessage, request: Request | None) -> bool:
    """Whether it must not be seen: of deleted data, a discarded video, or outdated by the end."""
    if message.kind in _ABOUT_A_MEMBER and is_pseudonym(message.user_id):
        return True
    if request is None:
        return False
    if message.kind is MessageKind.CARD and (
        request.state in ENDS or request.state is State.UNCERTAIN
    ):
        # another message tells of that, or will
        return True
    if request.state in ENDS and _suffix(message).startswith(_OF_A_SERIES):
        # it needs no answer any more
        return True
    return message.kind is MessageKind.RESULT and request.state in _DISCARDED


def is_outdated(message: OutboxMessage, request: Request | None) -> bool:
    """Whether it is the card of an ended request that cannot have arrived, so nothing to remove."""
    if request is None or message.kind is not MessageKind.CARD or message.intent_at_ms:
        return False
    return request.state in ENDS


@repeated
async def take_back(context: WorkerContext, message: OutboxMessage) -> None:
    """Drop a pending message; one that may have arrived is searched for and deleted.

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
            "Whether an unwanted message arrived is unknown",
            extra={"action": "message.unwanted", "post": message.id, "error": repr(error)},
        )
    async with context.database.transaction() as tx:
        await outbox.settle(tx, message.id, owner=context.settings.owner, state=OutboxState.DROPPED)


async def require_open(tx: Transaction, message: OutboxMessage, request: Request | None) -> None:
    """Raise PlaceGone where the server's settings do not allow the channel (any more).

    Threads and forum posts follow the channel they belong to.
    """
    if request is None or message.kind not in _IN_THE_OPEN or not message.channel_id:
        return
    channels = (await read_settings(tx, request.guild_id)).channels
    place = message.channel_id
    if place == request.channel_id:
        place = request.parent_channel_id or place
    if channels is not None and place not in channels:
        raise PlaceGone("the server's settings do not allow this channel")


def next_place(message: OutboxMessage, request: Request | None) -> int | None:
    """The next channel after one was lost: the thread's parent, a direct message, or none.

    Never one that is more visible than a private thread or an age-restricted channel. 0 means a
    direct message to the requester, None that no channel is left.
    """
    if message.kind is MessageKind.DIRECT and message.channel_id:
        return 0
    is_private_notice = message.kind is MessageKind.NOTICE and _is_private_verdict(message)
    if request is not None and is_private_notice and message.channel_id == 0:
        # a member who blocks direct messages is told in the channel, without the content
        return request.channel_id
    if (
        request is None
        or message.channel_id == 0
        or message.kind in (MessageKind.CARD, MessageKind.LOG, MessageKind.FORWARD)
    ):
        return None
    in_thread = request.parent_channel_id and message.channel_id == request.channel_id
    if in_thread and not request.is_private and not request.is_nsfw:
        return request.parent_channel_id
    return None if is_private_notice else 0


def _is_private_verdict(message: OutboxMessage) -> bool:
    suffix = _suffix(message)
    return suffix in _PRIVATE or suffix.startswith(_PRIVATELY)


def _suffix(message: OutboxMessage) -> str:
    """What a notice is about, from its id."""
    return message.id.removeprefix(f"{message.request_id}:notice:")
