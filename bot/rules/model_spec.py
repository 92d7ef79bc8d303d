"""Specification of one model: what it accepts, produces and costs. See models.toml."""

from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

MAX_AMOUNT = Decimal(1_000_000)
"""A price above this is treated as a typing error."""

MAX_DECIMAL_PLACES = 12

Word = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")]
Ratio = Annotated[str, StringConstraints(pattern=r"^([1-9]\d?:[1-9]\d?|[A-Z][a-z]+)$")]
ImageFormat = Literal["jpeg", "png", "webp", "gif", "bmp", "tiff", "heic", "avif"]
Count = Annotated[int, Field(ge=0, le=100)]
Positive = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
Origin = Literal["page", "known"]
BillingKind = Literal["task", "second", "second_by_resolution"]
FramesTaken = Literal["no", "single", "first", "pair"]


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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Rule(_Part):
    origin: Origin = "known"
    """Whether the provider's page states the rule's limits."""


def _require_distinct(values: tuple[str, ...]) -> None:
    if len(set(values)) != len(values):
        raise ValueError("should not name a value twice")


class BillingRule(_Rule):
    """Billing unit of a video."""

    by: BillingKind


class DurationRule(_Rule):
    """Duration of the video in whole seconds."""

    min: Seconds
    max: Seconds
    default: Seconds = 5

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is more than max {self.max}")
        if not self.min <= self.default <= self.max:
            raise ValueError(f"default {self.default} is not within {self.min}–{self.max}")
        return self


class OutputRule(_Rule):
    """Either one fixed output, or a choice of resolutions."""

    fixed: Word | None = None
    resolutions: tuple[Word, ...] = ()
    default: Word | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.fixed is None) == (not self.resolutions):
            raise ValueError("give either fixed, or resolutions and default")
        if self.fixed is not None and self.default is not None:
            raise ValueError("a fixed output has no default")
        _require_distinct(self.resolutions)
        if self.fixed is None and self.default not in self.resolutions:
            raise ValueError(f"default {self.default} is not one of {' '.join(self.resolutions)}")
        return self


class RatioRule(_Rule):
    """Aspect ratios, such as `16:9` or `Adaptive`."""

    values: tuple[Ratio, ...] = Field(min_length=1)
    default: Ratio

    @model_validator(mode="after")
    def _default_taken(self) -> Self:
        _require_distinct(self.values)
        if self.default not in self.values:
            raise ValueError(f"default {self.default} is not one of {' '.join(self.values)}")
        return self


class PromptRule(_Rule):
    """Maximum length in code points, after trimming."""

    max: Positive


class SourcesRule(_Rule):
    """Accepted reference sources; an attachment reaches the provider as an https link."""

    https: bool
    asset: bool
    reviewed: bool = False
    """Files and https links must pass the provider's asset review and are sent as `asset://`."""


class ImagesRule(_Rule):
    """Reference pictures; with `counts_frames` first and last frame count towards `max`."""

    max: Count
    counts_frames: bool = False


class ImageFormatsRule(_Rule):
    """Refused picture formats, by their bytes (`gif`)."""

    refused: tuple[ImageFormat, ...] = ()


class ImageSizeRule(_Rule):
    """Limits of each picture and frame: sides in pixels, and width divided by height."""

    min_side: Positive | None = None
    max_side: Positive | None = None
    min_shape: Amount | None = None
    max_shape: Amount | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_side and self.max_side and self.min_side > self.max_side:
            raise ValueError(f"min_side {self.min_side} is more than max_side {self.max_side}")
        if self.min_shape and self.max_shape and self.min_shape > self.max_shape:
            raise ValueError(f"min_shape {self.min_shape} is more than max_shape {self.max_shape}")
        return self


class PictureNameRule(_Rule):
    """How a prompt calls one of the reference pictures; `{n}` is its place, from 1."""

    word: Annotated[str, StringConstraints(min_length=4, max_length=40)] = "image {n}"

    @model_validator(mode="after")
    def _has_place(self) -> Self:
        if self.word.count("{n}") != 1:
            raise ValueError('should hold {n} once, as in "image {n}"')
        return self


class FramesRule(_Rule):
    """`single`: first, last or both; `first`: last only with first; `pair`: only both."""

    takes: FramesTaken


class VideosRule(_Rule):
    """Reference clips: limits in total, and of each clip's shorter side in pixels."""

    max: Count
    max_seconds: Seconds | None = None
    max_bytes: Positive | None = None
    min_side: Positive | None = None
    max_side: Positive | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_side and self.max_side and self.min_side > self.max_side:
            raise ValueError(f"min_side {self.min_side} is more than max_side {self.max_side}")
        return self


class AudiosRule(_Rule):
    """Reference sounds."""

    max: Count
    in_frames: bool = True
    needs_visual: bool = False


class Price(_Part):
    """Prices in the owner's currency; the billing unit decides which one is set."""

    per_task: Amount | None = None
    per_second: Amount | None = None
    per_second_by_resolution: Mapping[Word, Amount] | None = None
    reference_video_seconds_billed: bool = False


PRICE_KEYS: Mapping[BillingKind, str] = MappingProxyType(
    {
        "task": "per_task",
        "second": "per_second",
        "second_by_resolution": "per_second_by_resolution",
    }
)


class ModelSpec(_Part):
    """Everything known about one model. Immutable; created by `load_catalogue` only."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
    family: Word
    billing: BillingRule
    duration: DurationRule
    output: OutputRule
    ratio: RatioRule
    prompt: PromptRule
    sources: SourcesRule
    images: ImagesRule
    image_formats: ImageFormatsRule
    image_size: ImageSizeRule = ImageSizeRule()
    picture_name: PictureNameRule = PictureNameRule()
    frames: FramesRule
    videos: VideosRule
    audios: AudiosRule
    price: Price | None = None

    @property
    def resolutions(self) -> tuple[str, ...]:
        """Selectable resolutions; empty if the output is fixed, and then none is sent."""
        return self.output.resolutions

    @property
    def fixed_output(self) -> str | None:
        """Label of a fixed output (`720p`, `4k`)."""
        return self.output.fixed

    @property
    def default_resolution(self) -> str:
        """Resolution used when none is chosen."""
        return self.output.fixed or self.output.default or ""

    @property
    def ratios(self) -> tuple[str, ...]:
        """Accepted aspect ratios, in file order."""
        return self.ratio.values

    @property
    def takes_references(self) -> bool:
        """Whether the model accepts any reference."""
        return bool(
            self.images.max or self.videos.max or self.audios.max or self.frames.takes != "no"
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        by = self.billing.by
        if by == "second_by_resolution" and not self.resolutions:
            raise ValueError("billing: by resolution, but the output is fixed")
        if self.takes_references and not (self.sources.https or self.sources.asset):
            raise ValueError("sources: takes references, but neither https nor asset")
        if self.price is not None:
            self._check_price(self.price, PRICE_KEYS[by])
        return self

    def _check_price(self, price: Price, key: str) -> None:
        for other in PRICE_KEYS.values():
            if (getattr(price, other) is not None) != (other == key):
                raise ValueError(f"price: billed by {self.billing.by}, so give {key} and no other")
        if price.reference_video_seconds_billed and key == "per_task":
            raise ValueError("price: a price per task bills no reference_video_seconds_billed")
        amounts = price.per_second_by_resolution
        if amounts is not None and set(amounts) != set(self.resolutions):
            raise ValueError(
                "price.per_second_by_resolution: give exactly " + " ".join(self.resolutions)
            )
