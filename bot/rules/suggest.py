"""Suggest another model that accepts a request which its own model refuses."""

import re
from collections.abc import Collection
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.rules.catalogue import Catalogue
from bot.rules.check import settle, violations
from bot.rules.model_spec import ModelSpec
from bot.rules.price import price_micros
from bot.rules.price_spec import BillingKind
from bot.rules.request import VideoRequest

CLASSES: Final = MappingProxyType[BillingKind, int](
    {"task": 0, "second_by_resolution": 1, "second": 2}
)
"""Billing kinds from cheap to expensive; used when there are no prices."""


def suggest(
    catalogue: Catalogue, request: VideoRequest, allowed: Collection[str], *, default: str = ""
) -> ModelSpec | None:
    """The closest model in `allowed` that accepts the request exactly as written.

    `request` is the one before `settle`: None fields may take the other model's default, choices
    are kept. Prefers the same family, then `default`, then the cheapest. None if no model accepts
    the request.
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
    """Number of name parts that differ: `sd2_mx_4k` is one away from `sd2_mx_video_4k`."""
    return len(set(re.split(r"[_-]", name)) ^ set(re.split(r"[_-]", other)))
