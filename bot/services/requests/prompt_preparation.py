"""Prepare a typed prompt: the one place that turns what was typed into what is sent."""

from typing import Final

from bot.rules.cast import cast_names, unmentioned
from bot.rules.request import VideoRequest
from bot.rules.variations import TEXT, escape, expand
from bot.rules.violation import Violation

_SLOT: Final = "\ufdd0"
"""Stands for `{text}` while the prompt is read: a code point that no text has."""


def prepare(
    video_request: VideoRequest, *, text: str | None = None
) -> tuple[tuple[VideoRequest, ...], tuple[Violation, ...]]:
    """The requests that a typed prompt stands for, one for each variation; or why it won't do.

    A request with `typed` repeats another word for word, so nothing in it is read. `text` is what a
    member typed into a template: `fill` puts it in once names are found. None leaves `{text}`.
    """
    if video_request.typed is not None:
        return (video_request,), ()
    found = expand(video_request.prompt, text=TEXT if text is None else _SLOT)
    if found.faults:
        return (), found.faults
    return tuple(video_request.model_copy(update={"prompt": each}) for each in found.prompts), ()


def fill(video: VideoRequest, text: str | None) -> VideoRequest:
    """The request with a member's words in the place of `{text}`; nothing in them is read.

    A name whose pictures the template brings loses its sign in them: what is kept is read again
    when pictures are counted anew and when the video is repeated.
    """
    if text is None:
        return video
    text = unmentioned(text, cast_names(video))
    typed = None if video.typed is None else video.typed.replace(_SLOT, text)
    return video.model_copy(update={"prompt": video.prompt.replace(_SLOT, text), "typed": typed})


def as_typed(video_request: VideoRequest) -> VideoRequest:
    """A kept request as a form shows it: one that repeats another has its braces escaped."""
    if video_request.typed is None:
        return video_request
    plain = video_request.asked()
    return plain.model_copy(update={"prompt": escape(plain.prompt)})
