"""The rows of a bill that differ, and all of them as a file for spreadsheets."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.services.stats.spreadsheet import amount, moment, table
from storage.quotas.bill import BillRow

_COLUMNS: Final = (
    *("id", "asked_at", "server_id", "model", "seconds", "state", "task_id", "price", "booked"),
    *("provider_cost", "refunded", "difference", "currency"),
)


class Reason(StrEnum):
    """Why a request's booking is not simply its price as the provider billed it."""

    UNCERTAIN = "uncertain"
    """Its answer was lost: reserved by price, perhaps billed."""
    UNSAID = "unsaid"
    """Booked by price, as the provider said no cost."""
    REFUNDED = "refunded"
    """The provider took back a part, or all of it."""
    UNBILLED = "unbilled"
    """Its task failed, and the provider billed nothing."""
    CHANGED = "changed"
    """It cost something else than the price it was reserved by."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One request by name, and why it differs."""

    reason: Reason
    row: BillRow


def as_csv(rows: Sequence[BillRow], differences: Sequence[Difference], currency: str) -> bytes:
    """All rows for spreadsheets, each with the name of its difference."""
    reasons = {each.row.id: each.reason for each in differences}
    cells = (
        (
            row.id,
            moment(row.asked_at_ms),
            str(row.guild_id),
            row.model,
            str(row.seconds),
            row.state,
            row.task_id,
            amount(row.price_micros),
            amount(row.booked_micros),
            amount(row.billed_micros),
            amount(row.refunded_micros or None),
            str(reasons.get(row.id, "")),
            currency,
        )
        for row in rows
    )
    return table(_COLUMNS, cells)
