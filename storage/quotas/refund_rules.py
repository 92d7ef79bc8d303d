"""Why an account is closed, and what then comes back: the one table that everything goes by.

The ledger has two accounts of each request. COUNT is what the member asked for; COST is what the
owner pays, in videos, seconds and money, and the ceilings of server and bot are its sums.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Closing(StrEnum):
    """How a request ended, as far as its accounts are concerned; a row's `reason`."""

    POSTED = "posted"
    TECHNICAL = "technical"
    """It failed, through nobody's fault or the bot's, or before it was sent."""
    CONTENT = "content"
    """The provider refused it for what it shows or says."""
    UNDELIVERABLE = "undeliverable"
    """It was made, and no place or member was left to bring it to."""
    NOT_ALLOWED = "not-allowed"
    """When its turn came, the settings did not allow it any more."""
    REJECTED = "rejected"
    REJECTED_LATE = "rejected-late"
    CANCELLED = "cancelled"
    CANCELLED_RUNNING = "cancelled-running"


class Comeback(StrEnum):
    """When something comes back."""

    ALWAYS = "always"
    FIRST_TWO = "first-two"
    """For the first two of such requests in 24 hours, all sorts of them counted together."""
    UNBILLED = "unbilled"
    """Where the provider surely did not bill."""
    NEVER = "never"


COUNT_COMES_BACK: Final[Mapping[Closing, Comeback]] = MappingProxyType(
    {
        Closing.POSTED: Comeback.NEVER,
        Closing.TECHNICAL: Comeback.ALWAYS,
        Closing.CONTENT: Comeback.FIRST_TWO,
        Closing.UNDELIVERABLE: Comeback.NEVER,
        Closing.NOT_ALLOWED: Comeback.ALWAYS,
        Closing.REJECTED: Comeback.ALWAYS,
        Closing.REJECTED_LATE: Comeback.FIRST_TWO,
        Closing.CANCELLED: Comeback.ALWAYS,
        Closing.CANCELLED_RUNNING: Comeback.NEVER,
    }
)
"""What comes back to the member."""

COST_COMES_BACK: Final[Mapping[Closing, Comeback]] = MappingProxyType(
    {
        **dict.fromkeys(Closing, Comeback.UNBILLED),
        Closing.POSTED: Comeback.NEVER,
        Closing.UNDELIVERABLE: Comeback.NEVER,
        Closing.REJECTED_LATE: Comeback.NEVER,
        Closing.CANCELLED_RUNNING: Comeback.NEVER,
    }
)
"""What comes back to the owner and to the ceilings of server and bot, whatever the member gets."""

EXPIRED: Final = "uncertain"
"""The reason of a count that came back after 24 h of not knowing; its request goes on."""
GOODWILL: Final = 2
"""So many requests of `FIRST_TWO` in 24 h cost the member nothing."""


def closings(comeback: Comeback) -> tuple[Closing, ...]:
    """Every way to end in which the member's count comes back so."""
    return tuple(each for each, back in COUNT_COMES_BACK.items() if back is comeback)
