"""Validate a request against a model: fill in defaults, then list every violation.

Facts that are not known yet are never a violation: size, duration and kind of a file are checked
again once its bytes are read. The same functions serve both times.
"""

import unicodedata
from collections.abc import Iterator

from bot.rules.advice import warnings
from bot.rules.media_rules import reference_violations
from bot.rules.model_spec import ModelSpec
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation, span

__all__ = ["is_blank", "model_unknown", "settle", "violations", "warnings"]

BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters by category that render as blank: Hangul fillers and the empty Braille cell."""

BLANK_CATEGORIES = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
"""Unassigned code points are not blank: they are emoji and letters newer than this Python."""


def settle(spec: ModelSpec, request: VideoRequest) -> VideoRequest:
    """Trim the prompt and fill in the model's defaults.

    The member's choices are kept, valid or not. A fixed output is filled in too, for display;
    `spec.resolutions` says whether it is sent. Idempotent.
    """
    return request.model_copy(
        update={
            "model": spec.name,
            "prompt": request.prompt.strip(),
            "duration": spec.duration.default if request.duration is None else request.duration,
            "ratio": spec.ratio.default if request.ratio is None else request.ratio,
            "resolution": (
                spec.default_resolution if request.resolution is None else request.resolution
            ),
        }
    )


def violations(spec: ModelSpec, request: VideoRequest) -> tuple[Violation, ...]:
    """All known violations of the model's rules; empty means accepted."""
    return (
        *_prompt_violations(spec, request),
        *_choice_violations(spec, request),
        *reference_violations(spec, request),
    )


def model_unknown(name: str) -> Violation:
    """Violation for a model name that is not in the catalogue."""
    return Violation(field="model", rule="model-unknown", value=name[:100])


def is_blank(text: str) -> bool:
    """Whether a text renders as blank: only spaces, control or format characters, fillers."""
    return all(
        character in BLANK_LETTERS or unicodedata.category(character) in BLANK_CATEGORIES
        for character in text
    )


def _prompt_violations(spec: ModelSpec, request: VideoRequest) -> Iterator[Violation]:
    prompt = request.prompt.strip()
    allowed = span(1, spec.prompt.max)
    if is_blank(prompt):
        yield Violation(field="prompt", rule="prompt-blank", allowed=allowed)
    elif len(prompt) > spec.prompt.max:
        yield Violation(
            field="prompt",
            rule="prompt-too-long",
            value=str(len(prompt)),
            allowed=allowed,
            params={"model": spec.name},
        )


def _choice_violations(spec: ModelSpec, request: VideoRequest) -> Iterator[Violation]:
    model: dict[str, str | int] = {"model": spec.name}
    seconds, ratio, resolution = request.duration, request.ratio, request.resolution
    if seconds is not None and not spec.duration.min <= seconds <= spec.duration.max:
        yield Violation(
            field="duration",
            rule="duration-range",
            value=str(seconds),
            allowed=span(spec.duration.min, spec.duration.max),
            params=model,
        )
    if ratio is not None and ratio not in spec.ratios:
        yield Violation(
            field="ratio",
            rule="ratio-not-taken",
            value=ratio,
            allowed=" ".join(spec.ratios),
            params=model,
        )
    if resolution is None or resolution in (spec.resolutions or (spec.fixed_output,)):
        return
    yield Violation(
        field="resolution",
        rule="resolution-not-taken" if spec.resolutions else "resolution-fixed",
        value=resolution,
        allowed=" ".join(spec.resolutions) or spec.default_resolution,
        params=model,
    )
