"""Failure codes of requests, and the closing reason that each means for the accounts."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

from bot.provider.errors import FailureKind
from storage.quotas.refund_rules import ClosingReason

OwnFailure = Literal[
    "assets-refused",
    "audit-not-taken",
    "audit-too-long",
    "blocked",
    "busy",
    "changed",
    "channel-closed",
    "flagged",
    "flagged-result",
    "media",
    "model-closed",
    "not-run",
    "not-served",
    "parameters",
    "refused-media",
    "result-damaged",
    "result-unreachable",
    "series-ended",
    "too-long",
    "undeliverable",
    "unknown",
    "unseen",
]
"""What the bot itself finds; a new one is a text, and a decision here on what comes back."""

Failure = OwnFailure | FailureKind

CLOSING_OF: Final[Mapping[str, ClosingReason]] = MappingProxyType(
    {
        **dict.fromkeys(get_args(OwnFailure), ClosingReason.TECHNICAL),
        **{
            kind.value: ClosingReason.CONTENT if kind.is_content else ClosingReason.TECHNICAL
            for kind in FailureKind
        },
        "assets-refused": ClosingReason.CONTENT,
        "undeliverable": ClosingReason.UNDELIVERABLE,
        # see bot.services.requests.recheck
        **dict.fromkeys(
            ("blocked", "channel-closed", "flagged", "model-closed", "not-served"),
            ClosingReason.NOT_ALLOWED,
        ),
        # as what a moderator would have rejected after it was made
        "flagged-result": ClosingReason.REJECTED_LATE,
    }
)
