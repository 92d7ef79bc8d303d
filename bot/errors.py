"""Errors of services and delivery.

`BotError`, the root, lives in `storage.errors`: storage is the lowest layer that raises errors, and
imports point down. Order: errors shown to members, then errors of delivery.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from bot.rules.violation import Violation
from storage.errors import BotError


class UserError(BotError):
    """An error shown to the member: `key` is the message id, `params` are its arguments.

    A message names the rule, the offending value and what would be accepted; `params` must hold
    all three. Params that end in `_ms` are UTC milliseconds.
    """

    def __init__(self, key: str, params: Mapping[str, str | int] | None = None) -> None:
        super().__init__(key)
        self.key = key
        self.params: dict[str, str | int] = dict(params or {})


class InvalidRequest(UserError):
    """The model refuses the request: all violations, and a model that would accept it if any.

    `model` is empty where it isn't known in time and the violations are any model's.
    """

    def __init__(
        self, violations: Sequence[Violation], *, model: str, suggestion: str | None = None
    ) -> None:
        super().__init__("refused-rules", {"model": model})
        self.violations = tuple(violations)
        self.model = model
        self.suggestion = suggestion


class InvalidTemplate(UserError):
    """A template can't be added: which one, and the refusal that a request made of it meets."""

    def __init__(self, name: str, cause: UserError) -> None:
        super().__init__("refused-template-in", {"holder": name})
        self.cause = cause


class QuotaExceeded(UserError):
    """A quota is used up, or too small for the request.

    `scope` is `member`, `role` (then `role_id` names it), `everyone`, `default`, `server` or
    `bot`; `needed` is what this request costs in `unit`. Amounts are decimal strings.
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


class AppealOverCeiling(UserError):
    """A granted appeal would go past a ceiling of server or bot; it stays open. `quota`: which."""

    def __init__(self, quota: QuotaExceeded) -> None:
        super().__init__("refused-appeal-ceiling")
        self.quota = quota


class NotAllowed(UserError):
    """The member, the server, the channel or the bot lacks a permission."""


class LastChannel(UserError):
    """The last allowed channel cannot be removed; allow all channels instead."""

    def __init__(self, channel_id: int) -> None:
        super().__init__("refused-last-channel", {"channels": f"<#{channel_id}>"})


class UnknownVideo(UserError):
    """No request with that id is visible to the caller."""

    def __init__(self, request_id: str) -> None:
        super().__init__("refused-unknown-id", {"id": request_id[:32]})


class TooLate(UserError):
    """The request has changed state and the action no longer applies."""


class DeliveryError(BotError):
    """A message could not be delivered."""


class PlaceGone(DeliveryError):
    """The channel, thread or member cannot be reached: deleted, archived, locked or forbidden."""


class FileTooLarge(DeliveryError):
    """Discord refused the file for its size (HTTP 413 or error 40005)."""


class MessageGone(DeliveryError):
    """The message was delivered and then deleted; it is never sent again."""


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
