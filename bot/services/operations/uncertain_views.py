"""What `/owner uncertain` shows and is told: pages, choices and settlements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.errors import QuotaExceeded
from bot.services.operations.evidence import Evidence
from storage.records import Request


class Verdict(StrEnum):
    """What an owner knows of an uncertain request without its task's id."""

    NOT_RUN = "not"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which uncertain requests are meant: `ids`, or with None all of them.

    Only those that were sent, or parked, at `as_of_ms` or before: a press on an old page must not
    settle a request that was sent again since and is uncertain for a second time.
    """

    as_of_ms: int
    ids: tuple[str, ...] | None = None
    is_restored: bool = False
    """With `ids` None: all that a restore parked, and none of the others."""


@dataclass(frozen=True, slots=True)
class UncertainPage:
    """Some uncertain requests, longest uncertain first, and how many there are in all."""

    total: int
    as_of_ms: int
    requests: Sequence[Request]
    restored: int = 0
    """How many of them all were parked by a restore."""
    next_after: tuple[int, str] | None = None
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    """What the key's use says of each, by request."""
    is_key_exclusive: bool = False
    """Nobody else uses the key, so that the evidence settles by itself."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a press did: who was settled now, and who had been settled before it."""

    settled: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    refused: Mapping[str, QuotaExceeded] = field(default_factory=dict)
    """What stays uncertain, by request: a ceiling leaves no room to send it again."""
    seen: Mapping[str, str] = field(default_factory=dict)
    """What the provider says of tasks that did run, by request; empty where it said nothing."""
