"""The provider's public price list.

Source: the provider's own API description of `model/catalog`. It names default prices; an
account's own may differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from bot.provider.answers import Answer, as_cost

PRICE_LIST_PATH: Final = "/api/openapi/model/catalog"
MOST_ROWS: Final = 1000
MOST_NAME: Final = 120


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """One row: a billing name, what the unit is (`per_task`, `per_second`, …), and its price."""

    model_name: str
    price_mode: str
    unit_price: Decimal


def listed_prices(answer: Answer) -> Sequence[ListedPrice] | None:
    """The list's readable rows, the first of each name; None if the answer holds no list."""
    rows = answer.data.get("list")
    if not isinstance(rows, list):
        return None
    found: dict[str, ListedPrice] = {}
    for row in rows[:MOST_ROWS]:
        price = _listed(row)
        if price is not None:
            found.setdefault(price.model_name, price)
    return tuple(found.values())


def _listed(row: object) -> ListedPrice | None:
    if not isinstance(row, dict):
        return None
    name, mode = _word(row, "model_name"), _word(row, "price_mode")
    amount = as_cost(row.get("unit_price"))
    if not name or not mode or amount is None:
        return None
    return ListedPrice(name, mode.lower(), amount)


def _word(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    text = value.strip() if isinstance(value, str) else ""
    return text if len(text) <= MOST_NAME and text.isprintable() else ""
