"""Specification of one model: what it accepts, produces and costs. See models.toml."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.rules.price_spec import (
    ALL_PRICE_KEYS,
    PRICE_KEYS,
    Amount,
    BilledAsRule,
    BillingKind,
    Part,
    Price,
    Rule,
    Word,
)

Ratio = Annotated[str, StringConstraints(pattern=r"^([1-9]\d?:[1-9]\d?|[A-Z][a-z]+)$")]
ImageFormat = Literal["jpeg", "png", "webp", "gif", "bmp", "tiff", "heic", "avif"]
Count = Annotated[int, Field(ge=0, le=100)]
Positive = Annotated[int, Field(ge=1, le=1_000_000_000)]
Seconds = Annotated[int, Field(ge=1, le=3600)]
FramesTaken = Literal["no", "single", "first", "pair"]


def _require_distinct(values: tuple[str, ...]) -> None:
    if len(set(values)) != len(values):
        raise ValueError("should not name a value twice")


class BillingRule(Rule):
    """Billing unit of a video."""

    by: BillingKind


class DurationRule(Rule):
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


class OutputRule(Rule):
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


class RatioRule(Rule):
    """Aspect ratios, such as `16:9` or `Adaptive`."""

    values: tuple[Ratio, ...] = Field(min_length=1)
    default: Ratio

    @model_validator(mode="after")
    def _default_taken(self) -> Self:
        _require_distinct(self.values)
        if self.default not in self.values:
            raise ValueError(f"default {self.default} is not one of {' '.join(self.values)}")
        return self


class PromptRule(Rule):
    """Maximum length in code points, after trimming."""

    max: Positive


class SourcesRule(Rule):
    """Accepted reference sources; an attachment reaches the provider as an https link."""

    https: bool
    asset: bool
    reviewed: bool = False
    """Files and https links must pass the provider's asset review and are sent as `asset://`."""


class ImagesRule(Rule):
    """Reference pictures; with `counts_frames` first and last frame count towards `max`."""

    max: Count
    counts_frames: bool = False


class ImageFormatsRule(Rule):
    """Refused picture formats, by their bytes (`gif`)."""

    refused: tuple[ImageFormat, ...] = ()


class ImageSizeRule(Rule):
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


class PictureNameRule(Rule):
    """How a prompt calls one of the reference pictures; `{n}` is its place, from 1."""

    word: Annotated[str, StringConstraints(min_length=4, max_length=40)] = "image {n}"

    @model_validator(mode="after")
    def _has_place(self) -> Self:
        if self.word.count("{n}") != 1:
            raise ValueError('should hold {n} once, as in "image {n}"')
        return self


class FramesRule(Rule):
    """`single`: first, last or both; `first`: last only with first; `pair`: only both."""

    takes: FramesTaken


class VideosRule(Rule):
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


class AudiosRule(Rule):
    """Reference sounds."""

    max: Count
    in_frames: bool = True
    needs_visual: bool = False


class ModelSpec(Part):
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
    billed_as: BilledAsRule = BilledAsRule()
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
            self._check_price(self.price)
        return self

    def _check_price(self, price: Price) -> None:
        by = self.billing.by
        given = [key for key in ALL_PRICE_KEYS if getattr(price, key) is not None]
        if len(given) != 1 or given[0] not in PRICE_KEYS[by]:
            raise ValueError(f"price: billed by {by}, so give {PRICE_KEYS[by][0]} and no other")
        if price.reference_video_seconds_billed and by == "task":
            raise ValueError("price: a price per task bills no reference_video_seconds_billed")
        amounts = getattr(price, given[0])
        if isinstance(amounts, Mapping) and set(amounts) != set(self.resolutions):
            names = " ".join(self.resolutions)
            raise ValueError(f"price.{given[0]}: give exactly {names or 'per_task'}")
        if price.with_clips is not None:
            if price.with_clips.with_clips is not None:
                raise ValueError("price.with_clips: holds no with_clips of its own")
            self._check_price(price.with_clips)
