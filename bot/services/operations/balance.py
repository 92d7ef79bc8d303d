"""The provider account's balance, and how many videos it still pays for."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.provider.client import SeedanceClient
from bot.provider.errors import (
    ProviderError,
    ProviderKeyRefused,
    ProviderOutOfMoney,
    ProviderThrottled,
    ProviderUnavailable,
)

TIMEOUT_S: Final = 4.0
LOW_VIDEOS: Final = 20
"""Enough for fewer videos than this is low."""


@dataclass(frozen=True, slots=True)
class BalanceView:
    """`problem` is empty, `key` (refused), `down` (no answer) or `unsaid` (another answer).

    `available` is None where the provider named none.
    `videos_left` is an estimate from what videos have cost so far; None where nothing is known.
    """

    available: Decimal | None = None
    is_unlimited: bool = False
    videos_left: int | None = None
    problem: str = ""

    @property
    def is_low(self) -> bool:
        """Whether it is time to top up."""
        if self.is_unlimited or self.available is None:
            return False
        return self.available <= 0 or (
            self.videos_left is not None and self.videos_left < LOW_VIDEOS
        )


async def ask_balance(
    provider: SeedanceClient,
    *,
    per_video: Decimal | None = None,
    billed_videos: int = 0,
    timeout_s: float = TIMEOUT_S,
) -> BalanceView:
    """Ask the provider, for so long at most; a failure is an answer too.

    `per_video` is what a video costs by the owner's prices; without one it is worked out from what
    the account has used for `billed_videos` videos, which must not count any that is on its way.
    """
    try:
        async with asyncio.timeout(timeout_s):
            balance = await provider.balance()
    except ProviderKeyRefused:
        return BalanceView(problem="key")
    except ProviderOutOfMoney:
        return BalanceView(available=Decimal(0))
    except (ProviderUnavailable, ProviderThrottled, TimeoutError):
        return BalanceView(problem="down")
    except ProviderError:
        return BalanceView(problem="unsaid")
    if per_video is None and balance.used and billed_videos > 0:
        per_video = balance.used / billed_videos
    left = None
    if balance.available is not None and per_video is not None and per_video > 0:
        left = max(0, int(balance.available / per_video))
    return BalanceView(balance.available, balance.unlimited, left)
