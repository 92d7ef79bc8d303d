"""The rows of a bill that differ, and all of them as a file for spreadsheets."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.services.quotas.limits import MICROS
from bot.services.stats.spreadsheet import harmless
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
    """All rows for spreadsheets: UTF-8 with a mark, and no cell is a formula."""
    reasons = {each.row.id: each.reason for each in differences}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    for row in rows:
        asked_at = dt.datetime.fromtimestamp(row.asked_at_ms // 1000, dt.UTC)
        cells = (
            row.id,
            asked_at.strftime("%Y-%m-%d %H:%M:%S"),
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
        writer.writerow(harmless(cell) for cell in cells)
    return out.getvalue().encode("utf-8-sig")


def amount(micros: int | None) -> str:
    """An amount for spreadsheets; empty where there is none."""
    return "" if micros is None else f"{Decimal(micros) / MICROS:f}"
