"""Provenance: which request another is made from, and the chain of videos it continues."""

from dataclasses import dataclass
from typing import Final

from bot.rules.media import MediaRole, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.reused_media import read_kept
from bot.services.caller import Caller
from storage.engine.transaction import Transaction
from storage.quotas.ledger import lock_accounts
from storage.records import Request
from storage.requests import requests


@dataclass(frozen=True, slots=True)
class Origin:
    """How a request came to be: `name` as it is recorded, such as `again:<request id>`.

    Within `once_ms` the same member gets one request of it, however often they tap. `text` is what
    they typed into a template, None outside templates. `is_asked`: it waits for their word whatever
    it costs.
    """

    name: str = ""
    once_ms: int = 0
    text: str | None = None
    is_asked: bool = False
    template: str = ""
    """The name of the template it is made with."""


FRESH: Final = Origin()

DOUBLE_TAP_MS: Final = 5_000
"""Presses of one button within this time make one request: a slow phone is tapped twice."""
_HOPS: Final = 50
"""How many requests may have passed a first frame on."""


async def created_before(
    tx: Transaction, origin: Origin, caller: Caller, now_ms: int
) -> Request | None:
    """The request that the same member's first tap has just made, or None."""
    if not origin.once_ms:
        return None
    # serialises two taps that arrive at the same moment
    await lock_accounts(tx, caller.guild_id, caller.user_id)
    return await requests.made_from(
        tx, origin.name, caller.user_id, since_ms=now_ms - origin.once_ms
    )


async def host_of_kept(tx: Transaction, video: VideoRequest) -> str:
    """The host that stores the reused media: an earlier request's files, or its video.

    Empty where nothing is reused.
    """
    for media in video.media:
        if media.source is MediaSource.KEPT:
            request_id, position = read_kept(media.url)
            return await requests.host_of(tx, request_id, is_result=position is None)
    return ""


async def chain_of(tx: Transaction, request: Request) -> list[Request]:
    """The videos that a request's video continues, first to last, and itself at the end.

    Each link is where a first frame came from, however the request was made: a repeat or an edit
    continues what the original did.
    """
    chain = [request]
    while (before := await _continued_by(tx, chain[-1])) is not None:
        if any(before.id == known.id for known in chain):
            break
        chain.append(before)
    return chain[::-1]


async def _continued_by(tx: Transaction, request: Request) -> Request | None:
    """The request whose last frame is this one's first, or None."""
    media = _first_frame(request)
    for _ in range(_HOPS):
        if media is None or media.source is not MediaSource.KEPT:
            return None
        request_id, position = read_kept(media.url)
        earlier = await requests.get(tx, request_id)
        if earlier is None or position is None:
            return earlier
        files = VideoRequest.model_validate_json(earlier.spec).media
        media = files[position] if position < len(files) else None
    return None


def _first_frame(request: Request) -> MediaRef | None:
    video = VideoRequest.model_validate_json(request.spec)
    return next((media for media in video.media if media.role is MediaRole.FIRST), None)
