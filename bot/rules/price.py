"""Price of a request before it is submitted, and of a model by the provider's price list."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Final

from bot.rules.check import settle
from bot.rules.media import MediaKind
from bot.rules.media_kinds import kind_of
from bot.rules.model_spec import ModelSpec
from bot.rules.price_spec import MAX_AMOUNT, Price
from bot.rules.request import VideoRequest

MICROS: Final = 1_000_000
PER_TASK: Final = "per_task"
PER_SECOND: Final = "per_second"

UNSEEN_CLIP_SECONDS: Final = 15
"""Assumed duration of a clip of unknown length if the model has no limit."""


def price_micros(spec: ModelSpec, request: VideoRequest) -> int | None:
    """Price in millionths of the owner's currency, rounded up; None if the model has no price.

    Billed reference clips count by total duration, rounded up to whole seconds; a clip of unknown
    duration counts as the longest accepted, so that the quoted price is never below the billed
    one. Also None for a resolution without a price, which the rules refuse anyway.
    """
    price = spec.price
    if price is None:
        return None
    if price.with_clips is not None and _has_clips(request):
        price = price.with_clips
    settled = settle(spec, request)
    resolution = settled.resolution or ""
    per_task = _of(price.per_task, price.per_task_by_resolution, resolution)
    if per_task is not None:
        return _rounded(per_task)
    rate = _of(price.per_second, price.per_second_by_resolution, resolution)
    if rate is None or settled.duration is None:
        return None
    seconds = settled.duration
    if price.reference_video_seconds_billed:
        seconds += _clip_seconds(spec, settled)
    return _rounded(rate * max(0, seconds))


def requoted_micros(
    spec: ModelSpec, quoted_micros: int | None, before: VideoRequest, now: VideoRequest
) -> int | None:
    """What a quoted request costs once more is known of its files, at the price of its quote.

    `before` is the request as it was quoted. Prices that have changed since play no part; None if
    there was no price then.
    """
    if quoted_micros is None:
        return None
    then_micros, now_micros = price_micros(spec, before), price_micros(spec, now)
    if not then_micros or now_micros is None:
        return quoted_micros
    return -(-quoted_micros * now_micros // then_micros)


def _of(
    amount: Decimal | None, by_resolution: Mapping[str, Decimal] | None, resolution: str
) -> Decimal | None:
    return amount if amount is not None else (by_resolution or {}).get(resolution)


def _has_clips(request: VideoRequest) -> bool:
    return any(kind_of(media) is MediaKind.VIDEO for media in request.media)


def _rounded(amount: Decimal) -> int:
    return int((amount * MICROS).to_integral_value(rounding=ROUND_CEILING))


def _clip_seconds(spec: ModelSpec, request: VideoRequest) -> int:
    """Total seconds of the reference clips, with unknown durations at their maximum."""
    known = Decimal(0)
    unknown = 0
    for media in request.media:
        if kind_of(media) is not MediaKind.VIDEO:
            continue
        if media.duration_s is None or not math.isfinite(media.duration_s):
            unknown += 1
        else:
            # the decimal as displayed (15.1), not the binary float
            known += max(Decimal(0), Decimal(str(media.duration_s)))
    seconds = int(known.to_integral_value(rounding=ROUND_CEILING))
    if not unknown:
        return seconds
    if spec.videos.max_seconds is not None:
        return max(seconds, spec.videos.max_seconds)
    return seconds + unknown * UNSEEN_CLIP_SECONDS


@dataclass(frozen=True, slots=True)
class Rate:
    """A listed price: what one unit of `mode` costs."""

    mode: str
    amount: Decimal

    @property
    def is_for_requests(self) -> bool:
        """Whether it prices a request before it is made; per_million_tokens and others do not."""
        return self.mode in {PER_TASK, PER_SECOND} and self.amount <= MAX_AMOUNT


def billing_names(spec: ModelSpec) -> frozenset[str]:
    """Every name under which the price list may have this model."""
    patterns = (*spec.billed_as.names, *spec.billed_as.with_clips)
    return frozenset(
        name for each in _resolutions(spec) for name in (*_names(spec, patterns, each), spec.name)
    )


def listed_price(spec: ModelSpec, rates: Mapping[str, Rate]) -> Price | None:
    """The model's price by the list; None where the list has none for any of its resolutions.

    A resolution that is not listed has no price. Neither have requests with clips whose names are
    known and not listed.
    """
    rule = spec.billed_as
    price = _price(spec, _rates(spec, (*rule.names, "{model}"), rates))
    with_clips = None
    if rule.with_clips and spec.videos.max:
        with_clips = _price(spec, _rates(spec, rule.with_clips, rates)) or Price()
    if price is None and with_clips in (None, Price()):
        return None
    return (price or Price()).model_copy(update={"with_clips": with_clips})


def unpriced(spec: ModelSpec, price: Price | None) -> Iterator[str]:
    """What of the model has no price: all of it (""), resolutions, or `clips`."""
    if price is None:
        yield ""
        return
    amounts = price.per_task_by_resolution or price.per_second_by_resolution
    if amounts is not None:
        yield from (name for name in spec.resolutions if name not in amounts)
    if price.with_clips == Price():
        yield "clips"


def _resolutions(spec: ModelSpec) -> Sequence[str]:
    return spec.resolutions or (spec.default_resolution,)


def _names(spec: ModelSpec, patterns: Iterable[str], resolution: str) -> Iterator[str]:
    for pattern in patterns:
        yield pattern.replace("{resolution}", resolution).replace("{model}", spec.name)


def _rates(spec: ModelSpec, patterns: Sequence[str], rates: Mapping[str, Rate]) -> dict[str, Rate]:
    """By resolution, the first of its names that is listed with a price for requests."""
    found: dict[str, Rate] = {}
    for resolution in _resolutions(spec):
        names = _names(spec, patterns, resolution)
        listed = (rates[name] for name in names if name in rates)
        rate = next((each for each in listed if each.is_for_requests), None)
        if rate is not None:
            found[resolution] = rate
    return found


def _price(spec: ModelSpec, rates: Mapping[str, Rate]) -> Price | None:
    """One price from the rates of all resolutions; None if their units differ."""
    modes = {rate.mode for rate in rates.values()}
    if len(modes) != 1:
        return None
    mode = modes.pop()
    amounts = {resolution: rate.amount for resolution, rate in rates.items()}
    if len(amounts) == len(_resolutions(spec)) and len(set(amounts.values())) == 1:
        value: Decimal | dict[str, Decimal] = next(iter(amounts.values()))
    else:
        value, mode = amounts, f"{mode}_by_resolution"
    bills_clips = mode.startswith(PER_SECOND) and spec.billed_as.reference_video_seconds
    return Price().model_copy(update={mode: value, "reference_video_seconds_billed": bills_clips})
