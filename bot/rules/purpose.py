"""Pick a few models to show first, one for each purpose."""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, Final

from bot.rules.catalogue import ModelSpec
from bot.rules.price import price_micros
from bot.rules.request import VideoRequest

MIN_SHOWN: Final = 3
"""Shown at least, even if fewer purposes distinguish models."""

MAX_SHOWN: Final = 5

_LINES_PER_K: Final = 720
"""Only needs to rank `4k` above `1080p`."""


class Purpose(StrEnum):
    """Purposes of a model, in display order."""

    START = "start"
    CHEAP = "cheap"
    SOUND = "sound"
    CLIPS = "clips"
    QUALITY = "quality"
    LONGEST = "longest"


Picked = tuple[ModelSpec, tuple[Purpose, ...]]
_Worth = Callable[[ModelSpec], Any]


def by_purpose(models: Sequence[ModelSpec], default: str) -> tuple[Picked, ...]:
    """Pick at most five models, each with the purposes it is best for; the default comes first.

    A purpose for which all models are equal picks none. Ties go to a model already picked, then to
    the first that accepts plain files. Without prices there is no cheapest model.
    """
    picked: dict[str, list[Purpose]] = {}
    for purpose in Purpose:
        best = _best(purpose, models, default, picked)
        if best is not None and (best.name in picked or len(picked) < MAX_SHOWN):
            picked.setdefault(best.name, []).append(purpose)
    for spec in models:
        families = {each.family for each in models if each.name in picked}
        if len(picked) < MIN_SHOWN and spec.family not in families:
            picked[spec.name] = []
    by_name = {spec.name: spec for spec in models}
    return tuple((by_name[name], tuple(purposes)) for name, purposes in picked.items())


def _best(
    purpose: Purpose, models: Sequence[ModelSpec], default: str, shown: Iterable[str]
) -> ModelSpec | None:
    worth = _WORTH.get(purpose)
    if worth is None:
        return next((spec for spec in models if spec.name == default), None)
    worths = {spec.name: worth(spec) for spec in models}
    fit = [spec for spec in models if worths[spec.name]]
    if len({worths[spec.name] for spec in models}) < 2:
        return None
    if purpose is Purpose.CHEAP and len(fit) < 2:
        return None
    return max(
        fit,
        key=lambda spec: (worths[spec.name], spec.sources.https, spec.name in shown),
        default=None,
    )


def _cheapness(spec: ModelSpec) -> tuple[int] | None:
    price = price_micros(spec, VideoRequest(prompt="a", model=spec.name))
    return None if price is None else (-price,)


def _sound(spec: ModelSpec) -> tuple[bool, bool, int] | None:
    rule = spec.audios
    return (spec.sources.https, not rule.needs_visual, rule.max) if rule.max else None


def _clips(spec: ModelSpec) -> tuple[bool, int] | None:
    return (spec.sources.https, spec.videos.max) if spec.videos.max else None


def _lines(spec: ModelSpec) -> int:
    """The highest resolution in lines; 0 if its outputs name none."""
    outputs = spec.resolutions or (spec.default_resolution,)
    found = [re.fullmatch(r"(\d{1,5})([pk])", each.lower()) for each in outputs]
    sizes = [int(each[1]) * (_LINES_PER_K if each[2] == "k" else 1) for each in found if each]
    return max(sizes, default=0)


_WORTH: Final[dict[Purpose, _Worth]] = {
    Purpose.CHEAP: _cheapness,
    Purpose.SOUND: _sound,
    Purpose.CLIPS: _clips,
    Purpose.QUALITY: _lines,
    Purpose.LONGEST: lambda spec: spec.duration.max,
}
