"""CSV files that spreadsheets open. Pure."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from bot.services.quotas.limits import MICROS

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> bytes:
    """The rows under their columns' names, in UTF-8 with a mark; no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows as it is and never works out."""
    text = "".join(sign for sign in cell if sign.isprintable())
    is_formula = cell.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA)
    return f"'{text}" if is_formula else text


def moment(at_ms: int) -> str:
    """A time in UTC."""
    return dt.datetime.fromtimestamp(at_ms // 1000, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def amount(micros: int | None) -> str:
    """An amount given in millionths; empty where there is none."""
    return "" if micros is None else f"{Decimal(micros) / MICROS:f}"
