"""Prepare a typed prompt: the one place that turns what was typed into what is sent."""

from typing import Final

from bot.rules.request import VideoRequest
from bot.rules.variations import TEXT, expand
from bot.rules.violation import Violation

_SLOT: Final = "\ufdd0"
"""Stands for `{text}` while the prompt is read: a code point that no text has."""


def prepare(
    video_request: VideoRequest, *, text: str | None = None
) -> tuple[tuple[VideoRequest, ...], tuple[Violation, ...]]:
    """The requests that a typed prompt stands for, one for each variation; or why it won't do.

    Every prompt that reaches the services is as it was typed, so a plain one is escaped before.
    `text` is what a member typed into a template: it goes in last, so nothing in it is read.
    None leaves `{text}` as it is.
    """
    found = expand(video_request.prompt, text=TEXT if text is None else _SLOT)
    if found.faults:
        return (), found.faults
    prompts = [prompt.replace(_SLOT, text or "") for prompt in found.prompts]
    return tuple(video_request.model_copy(update={"prompt": each}) for each in prompts), ()
