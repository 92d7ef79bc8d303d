"""Why an account is closed, and what then comes back: the one table that everything goes by.

The ledger has two accounts of each request. COUNT is what the member asked for; COST is what the
owner pays, in videos, seconds and money, and the ceilings of server and bot are its sums.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class ClosingReason(StrEnum):
    """How a request ended, as far as its accounts are concerned; a row's `reason`."""

    POSTED = "posted"
    TECHNICAL = "technical"
    """A technical failure, or one before submission."""
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


class Refund(StrEnum):
    """When something comes back."""

    ALWAYS = "always"
    FIRST_TWO = "first-two"
    """For the first two of such requests in 24 hours, all sorts of them counted together."""
    UNBILLED = "unbilled"
    """Where the provider surely did not bill."""
    NEVER = "never"


COUNT_COMES_BACK: Final[Mapping[ClosingReason, Refund]] = MappingProxyType(
    {
        ClosingReason.POSTED: Refund.NEVER,
        ClosingReason.TECHNICAL: Refund.ALWAYS,
        ClosingReason.CONTENT: Refund.FIRST_TWO,
        ClosingReason.UNDELIVERABLE: Refund.NEVER,
        ClosingReason.NOT_ALLOWED: Refund.ALWAYS,
        ClosingReason.REJECTED: Refund.ALWAYS,
        ClosingReason.REJECTED_LATE: Refund.FIRST_TWO,
        ClosingReason.CANCELLED: Refund.ALWAYS,
        ClosingReason.CANCELLED_RUNNING: Refund.NEVER,
    }
)
"""What comes back to the member."""

COST_COMES_BACK: Final[Mapping[ClosingReason, Refund]] = MappingProxyType(
    {
        **dict.fromkeys(ClosingReason, Refund.UNBILLED),
        ClosingReason.POSTED: Refund.NEVER,
        ClosingReason.UNDELIVERABLE: Refund.NEVER,
        ClosingReason.REJECTED_LATE: Refund.NEVER,
        ClosingReason.CANCELLED_RUNNING: Refund.NEVER,
    }
)
"""What comes back to the owner and to the ceilings of server and bot, whatever the member gets."""

EXPIRED: Final = "uncertain"
"""The reason of a count that came back after 24 h of not knowing; its request goes on."""
GOODWILL: Final = 2
"""So many requests of `FIRST_TWO` in 24 h cost the member nothing."""


def closings(comeback: Refund) -> tuple[ClosingReason, ...]:
    """Every way to end in which the member's count comes back so."""
    return tuple(each for each, back in COUNT_COMES_BACK.items() if back is comeback)
