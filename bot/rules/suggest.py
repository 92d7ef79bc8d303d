"""Suggest another model that accepts a request which its own model refuses."""

import re
from collections.abc import Collection
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.rules.catalogue import Catalogue
from bot.rules.check import settle, violations
from bot.rules.model_spec import BillingKind, ModelSpec
from bot.rules.price import price_micros
from bot.rules.request import VideoRequest

CLASSES: Final = MappingProxyType[BillingKind, int](
    {"task": 0, "second_by_resolution": 1, "second": 2}
)
"""From cheap to dear, as the provider's own names for its lines have it; used without prices."""


def suggest(
    catalogue: Catalogue, request: VideoRequest, allowed: Collection[str], *, default: str = ""
) -> ModelSpec | None:
    """The likeliest model among `allowed` that takes the request just as the member wrote it.

    `request` is the one before `settle`: what is None there may take the other model's default,
    what was chosen is kept. Nearest of the same family first, then `default`, then the cheapest.
    None when no model takes it.
    """
    asked = catalogue.get(request.model)
    taking = [
        (_rank(spec, request, asked, default), position, spec)
        for position, spec in enumerate(catalogue)
        if spec.name in allowed
        and spec.name != request.model
        and not violations(spec, settle(spec, request))
    ]
    return min(taking, key=lambda entry: entry[:2])[2] if taking else None


def _rank(
    spec: ModelSpec, request: VideoRequest, asked: ModelSpec | None, default: str
) -> tuple[bool, int, bool, bool, Decimal, int]:
    is_kin = asked is not None and asked.family == spec.family
    price = price_micros(spec, request)
    return (
        not is_kin,
        _distance(spec.name, request.model) if is_kin else 0,
        spec.name != default,
        price is None,
        Decimal(price or 0),
        CLASSES[spec.billing.by],
    )


def _distance(name: str, other: str) -> int:
    """In how many parts two names differ: `sd2_mx_4k` is one away from `sd2_mx_video_4k`."""
    return len(set(re.split(r"[_-]", name)) ^ set(re.split(r"[_-]", other)))
