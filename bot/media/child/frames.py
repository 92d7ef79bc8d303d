"""Extract single frames from a video; runs in the media process only."""

import os
from pathlib import Path
from typing import Any, Final

import av
from av.container import InputContainer
from av.video.reformatter import Colorspace

from bot.media.child.clips import BROKEN, MAX_PIXELS, open_clip, real_video
from bot.media.child.sniff import HEAD_BYTES, identify

_TAIL_S: Final = (2.0, 20.0)
"""Where to start decoding, in seconds before the end; finally from the beginning."""
_HIGH_DEFINITION: Final = 720
_UNSPECIFIED: Final = 2


class NoFrame(Exception):
    """No frame can be decoded from the file."""


def last_frame(source: Path, target: Path) -> tuple[int, int]:
    """Write the last frame as an upright PNG; returns its width and height.

    The target is written atomically. Raises: NoFrame, and OSError if the disk fails.
    """
    with source.open("rb") as handle:
        seen = identify(handle.read(HEAD_BYTES))
    if not seen.demuxer:
        raise NoFrame("not a film")
    try:
        frame = _last_of(source, seen.demuxer)
        picture = _upright(frame)
    except BROKEN as exc:
        raise NoFrame("the film cannot be decoded") from exc
    part = target.with_name(target.name + ".part")
    with part.open("wb") as out:
        picture.save(out, "PNG", compress_level=3)
        out.flush()
        os.fsync(out.fileno())
    part.replace(target)
    return picture.width, picture.height


def _last_of(source: Path, demuxer: str) -> av.VideoFrame:
    with open_clip(source, demuxer) as container:
        video = real_video(container)
        if video is None:
            raise NoFrame("no moving pictures")
        if video.codec_context.width * video.codec_context.height > MAX_PIXELS:
            raise NoFrame("too large a picture")
        video.codec_context.thread_count = 2
        length_s = (container.duration or 0) / av.time_base
        for tail_s in (*_TAIL_S, length_s):
            frame = _decode_from(container, video, max(0.0, length_s - tail_s))
            if frame is not None:
                return frame
    raise NoFrame("no frame")


def _decode_from(
    container: InputContainer, video: av.VideoStream, start_s: float
) -> av.VideoFrame | None:
    """Decode from a position and return the frame displayed last."""
    container.seek(int(start_s * av.time_base))
    found: av.VideoFrame | None = None
    for frame in container.decode(video):
        is_later = found is None or (frame.pts or 0) >= (found.pts or 0)
        if not frame.is_corrupt and is_later:
            found = frame
    return found


def _upright(frame: Any) -> Any:
    # players assume BT.709 for untagged high definition
    unsaid = int(frame.colorspace) == _UNSPECIFIED and frame.height >= _HIGH_DEFINITION
    hint = {"src_colorspace": Colorspace.ITU709} if unsaid else {}
    picture = frame.to_image(**hint)
    return picture.rotate(frame.rotation, expand=True) if frame.rotation else picture
