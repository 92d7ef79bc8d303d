"""Price of a request before it is submitted, in exact decimals."""

import math
from decimal import ROUND_CEILING, Decimal
from typing import Final

from bot.rules.check import settle
from bot.rules.media import MediaKind
from bot.rules.media_kinds import kind_of
from bot.rules.model_spec import ModelSpec
from bot.rules.request import VideoRequest

MICROS: Final = 1_000_000

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
    if price.per_task is not None:
        return _rounded(price.per_task)
    settled = settle(spec, request)
    if price.per_second is not None:
        rate: Decimal | None = price.per_second
    else:
        rate = (price.per_second_by_resolution or {}).get(settled.resolution or "")
    if rate is None or settled.duration is None:
        return None
    seconds = settled.duration
    if price.reference_video_seconds_billed:
        seconds += _clip_seconds(spec, settled)
    return _rounded(rate * max(0, seconds))


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
