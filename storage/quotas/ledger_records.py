"""Immutable records of the ledger; times are UTC milliseconds."""

from dataclasses import dataclass
from enum import StrEnum


class Account(StrEnum):
    """COUNT is what a member may still ask for; COST is what the owner pays.

    The ceilings of server and bot are sums of COST, in videos as in money.
    """

    COUNT = "count"
    COST = "cost"


class EntryKind(StrEnum):
    """A reservation is followed by one settlement or one release, per account and request.

    ADJUST books in COST what the provider says of a task's cost after that.
    """

    RESERVE = "reserve"
    SETTLE = "settle"
    RELEASE = "release"
    ADJUST = "adjust"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One row of the ledger; a release repeats the reservation's amounts with the sign turned.

    `counts_at_ms` is the moment of the reservation in every row of a request, so that a rolling
    window's sum takes a reservation and its release together or not at all.
    """

    request_id: str
    account: Account
    kind: EntryKind
    guild_id: int
    user_id: int
    videos: int
    seconds: int
    cost_micros: int
    reason: str
    counts_at_ms: int
    at_ms: int
    cost_id: int = 0
    """The change in `task_costs` that an adjustment books; 0 in rows of other kinds."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums of one account over one window."""

    videos: int = 0
    seconds: int = 0
    cost_micros: int = 0
