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
"""What a reference clip of unknown length is reckoned at, where the model names no limit."""


def price_micros(spec: ModelSpec, request: VideoRequest) -> int | None:
    """Millionths of the owner's currency, rounded up; None where the model has no price.

    Where reference clips are billed, they count by their length, together rounded up to whole
    seconds; one of unknown length counts as the longest that the model takes, so that the price
    that is shown is never less than the one that is paid. Also None for a resolution without a
    price, which the rules refuse anyway.
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
    """Whole seconds of all reference clips together, the unknown ones at their longest."""
    known = Decimal(0)
    unknown = 0
    for media in request.media:
        if kind_of(media) is not MediaKind.VIDEO:
            continue
        if media.duration_s is None or not math.isfinite(media.duration_s):
            unknown += 1
        else:
            # as it is written (15.1), not as the binary number behind it
            known += max(Decimal(0), Decimal(str(media.duration_s)))
    seconds = int(known.to_integral_value(rounding=ROUND_CEILING))
    if not unknown:
        return seconds
    if spec.videos.max_seconds is not None:
        return max(seconds, spec.videos.max_seconds)
    return seconds + unknown * UNSEEN_CLIP_SECONDS
