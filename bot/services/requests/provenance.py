"""What a request is made from, and what that means when it is recorded."""

from dataclasses import dataclass
from typing import Final

from bot.rules.media import MediaSource
from bot.rules.request import VideoRequest
from bot.rules.reused_media import read_kept
from bot.services.caller import Caller
from storage.engine.transaction import Transaction
from storage.quotas.ledger import lock_accounts
from storage.records import Request
from storage.requests import requests


@dataclass(frozen=True, slots=True)
class Origin:
    """How a request came to be: `name` as it is recorded, such as `again:<request id>`.

    Within `once_ms` the same member gets one request of it, however often they tap.
    """

    name: str = ""
    once_ms: int = 0


FRESH: Final = Origin()

DOUBLE_TAP_MS: Final = 5_000
"""Presses of one button within this time are one request: a slow phone is tapped twice."""


async def created_before(
    tx: Transaction, origin: Origin, caller: Caller, now_ms: int
) -> Request | None:
    """The request that an earlier tap of the same member has made just now."""
    if not origin.once_ms:
        return None
    # two taps arrive at the same moment: the second one waits here for the first
    await lock_accounts(tx, caller.guild_id, caller.user_id)
    return await requests.made_from(
        tx, origin.name, caller.user_id, since_ms=now_ms - origin.once_ms
    )


async def host_of_kept(tx: Transaction, video: VideoRequest) -> str:
    """The machine that has what is taken over: the earlier one's files, or its video's last frame.

    Empty where nothing is.
    """
    for media in video.media:
        if media.source is MediaSource.KEPT:
            request_id, position = read_kept(media.url)
            return await requests.host_of(tx, request_id, is_result=position is None)
    return ""
