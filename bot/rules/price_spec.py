"""What a model costs, and the parts that every rule of a model is made of. See models.toml."""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

MAX_AMOUNT = Decimal(1_000_000)
"""A price above this is treated as a typing error."""

MAX_DECIMAL_PLACES = 12

Word = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")]
BillingName = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z0-9._-]|\{resolution\}|\{model\}){1,120}$")
]
Origin = Literal["page", "known"]
BillingKind = Literal["task", "second", "second_by_resolution"]


def _as_amount(value: object) -> object:
    """Accept a string, an integer or a Decimal; a binary float would be inexact."""
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        with suppress(ArithmeticError):
            return Decimal(value)
    raise ValueError('should be a decimal number, such as "0.10"')


def _sane_amount(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise ValueError("should be a finite number")
    if amount < 0:
        raise ValueError("should not be negative")
    if amount > MAX_AMOUNT:
        raise ValueError(f"should be at most {MAX_AMOUNT}")
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MAX_DECIMAL_PLACES:
        raise ValueError(f"should have at most {MAX_DECIMAL_PLACES} decimal places")
    return amount


Amount = Annotated[Decimal, BeforeValidator(_as_amount), AfterValidator(_sane_amount)]


class Part(BaseModel):
    """Immutable, strict, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Rule(Part):
    """A rule that says where it comes from."""

    origin: Origin = "known"
    """Whether the provider's page states the rule's limits."""


class BilledAsRule(Rule):
    """Names under which the provider's price list has the model, in order; its own comes last.

    `{resolution}` in a name stands for each of the model's resolutions, `{model}` for its name.
    """

    names: tuple[BillingName, ...] = ()
    with_clips: tuple[BillingName, ...] = ()
    """Names for requests with reference clips; empty if they are billed as the others."""
    reference_video_seconds: bool = False
    """Reference clips are billed by their length as well."""


class Price(Part):
    """Prices in the owner's currency; the billing unit decides which one is set."""

    per_task: Amount | None = None
    per_task_by_resolution: Mapping[Word, Amount] | None = None
    per_second: Amount | None = None
    per_second_by_resolution: Mapping[Word, Amount] | None = None
    reference_video_seconds_billed: bool = False
    with_clips: "Price | None" = None
    """What requests with reference clips cost, if that differs."""


PRICE_KEYS: Mapping[BillingKind, tuple[str, ...]] = MappingProxyType(
    {
        "task": ("per_task", "per_task_by_resolution"),
        "second": ("per_second",),
        "second_by_resolution": ("per_second_by_resolution",),
    }
)
ALL_PRICE_KEYS = tuple(key for keys in PRICE_KEYS.values() for key in keys)
