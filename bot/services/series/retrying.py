"""A shot that is tried again: the same request, or the same with another text."""

from dataclasses import dataclass

from bot.rules.media import MediaSource
from bot.rules.request import VideoRequest
from bot.rules.reused_media import kept_url
from bot.services.moderation.hold_policy import ScannedPrompt
from storage.engine.transaction import Transaction
from storage.records import Request
from storage.requests import inputs


@dataclass(frozen=True, slots=True)
class Retry:
    """A shot of `series` that is to be made in place of `stopped`, checked by every rule."""

    series: Request
    stopped: Request
    video: VideoRequest
    scanned: ScannedPrompt
    is_edited: bool


async def retried_video(tx: Transaction, stopped: Request, prompt: str | None) -> VideoRequest:
    """The request of a shot that was not made, with another text unless `prompt` is None.

    Its files are those that were fetched for it, as long as they are there.
    """
    video = VideoRequest.model_validate_json(stopped.spec)
    fetched = {row.position for row in await inputs.of_request(tx, stopped.id) if row.path}
    media = tuple(
        each.model_copy(update={"source": MediaSource.KEPT, "url": kept_url(stopped.id, position)})
        if position in fetched and each.source not in (MediaSource.ASSET, MediaSource.SHOT)
        else each
        for position, each in enumerate(video.media)
    )
    if prompt is None:
        # the same again: no name is looked up that meant nothing then
        return video.model_copy(update={"media": media, "typed": video.shown_prompt})
    return video.model_copy(update={"media": media, "prompt": prompt.strip(), "typed": None})
