"""What a service refuses, and what a delivery may meet; shared by everything above the service."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from bot.rules.violation import Violation
from storage.errors import BotError


class UserError(BotError):
    """Shown to the member: `key` names the text, `params` are its values.

    The texts say which rule, which value and what would pass, so whoever raises this gives all of
    that in `params`. Times are UTC milliseconds in params that end in `_ms`.
    """

    def __init__(self, key: str, params: Mapping[str, str | int] | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.params: dict[str, str | int] = dict(params or {})


class InvalidRequest(UserError):
    """The model does not take the request: every violation at once, and who would take it."""

    def __init__(
        self, violations: Sequence[Violation], *, model: str, suggestion: str | None = None
    ) -> None:
        super().__init__("refused-rules", {"model": model})
        self.violations = tuple(violations)
        self.model = model
        self.suggestion = suggestion


class QuotaExceeded(UserError):
    """A limit is used up, or too small for what was asked.

    `scope` is `member`, `role` (then `role_id` names it), `everyone`, `default`, `server` or
    `bot`; `needed` is what this request takes of the unit. Amounts are decimals as text.
    """

    def __init__(
        self,
        *,
        scope: str,
        unit: str,
        period: str,
        limit: str,
        used: str,
        frees_at_ms: int | None,
        needed: str = "1",
        role_id: int = 0,
    ) -> None:
        params: dict[str, str | int] = {
            "scope": scope,
            "unit": unit,
            "period": period,
            "limit": limit,
            "used": used,
            "needed": needed,
            "role": str(role_id),
            "frees_ms": frees_at_ms or 0,
        }
        super().__init__("refused-quota", params)
        self.frees_at_ms = frees_at_ms


class NotAllowed(UserError):
    """The member, the server, the place or the bot itself lacks a right or a permission."""


class LastChannel(UserError):
    """Without this channel the bot could be used nowhere; opening every channel is what is left."""

    def __init__(self, channel_id: int) -> None:
        super().__init__("refused-last-channel", {"channels": f"<#{channel_id}>"})


class UnknownVideo(UserError):
    """No request of that id that the caller may see."""

    def __init__(self, request_id: str) -> None:
        super().__init__("refused-unknown-id", {"id": request_id[:32]})


class TooLate(UserError):
    """The request has moved on; what was asked can't be done with it any more."""


class DeliveryError(BotError):
    """A message could not be brought to its place."""


class PlaceGone(DeliveryError):
    """The channel, thread or member can't be reached: deleted, archived, locked, forbidden."""


class FileTooLarge(DeliveryError):
    """Discord refused the file for its size (413 or 40005), whatever limit it had announced."""


class MessageGone(DeliveryError):
    """The message was there and was deleted: delivered, then removed; never sent again."""


class HistoryClosed(DeliveryError):
    """The place's history can't be read, so whether the message arrived can't be known."""


class ChangeRefused(DeliveryError):
    """A message that is there can't be changed or removed now: an archived thread, a lost right."""

    retryable: ClassVar[bool] = True


class DeliveryRefused(DeliveryError):
    """Discord refuses the message itself, as AutoMod does; the same again would not help."""


class DiscordUnavailable(DeliveryError):
    """Discord is down, throttles or does not answer: try again later with the same nonce."""

    retryable: ClassVar[bool] = True

    def __init__(self, message: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
