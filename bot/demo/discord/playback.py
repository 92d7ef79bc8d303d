"""Serve posted MP4s to the page unchanged: SimCord would transcode every one.

Its worker makes VP9 of each video, under a time limit that 720p does not keep on a small machine.
"""

import asyncio
import io
from typing import Final

import av
from PIL import Image
from simcord.preview._media import MediaError, MediaInfo, MediaWorker

POSTER_WIDTH: Final = 640


class Playback(MediaWorker):
    """SimCord's media worker, except that MP4s are passed through, as browsers play them."""

    async def validate(
        self, key: str, blob: bytes, *, media_time: float | None = None
    ) -> MediaInfo:
        """Return a file's facts and the bytes to serve. Raises: MediaError."""
        if blob[4:8] != b"ftyp":
            return await super().validate(key, blob, media_time=media_time)
        try:
            return await asyncio.to_thread(_as_it_is, blob)
        except (av.FFmpegError, ValueError) as error:
            raise MediaError(f"no video that can be shown: {error}") from error


def _as_it_is(blob: bytes) -> MediaInfo:
    with av.open(io.BytesIO(blob), "r", format="mp4") as container:
        if not container.streams.video:
            raise ValueError("it has no video track")
        stream = container.streams.video[0]
        frame = next(container.decode(stream))
        height = max(2, round(frame.height * POSTER_WIDTH / frame.width))
        poster = io.BytesIO()
        still: Image.Image = frame.to_image(width=POSTER_WIDTH, height=height)  # type: ignore[no-untyped-call]
        still.save(poster, "PNG")
        codecs = {str(each.type): each.codec_context.name for each in container.streams}
        return MediaInfo(
            "mp4",
            frame.width,
            frame.height,
            stream.frames,
            0,
            blob,
            "video/mp4",
            kind="video",
            duration=(container.duration or 0) / av.time_base,
            poster=poster.getvalue(),
            source_codecs=codecs,
            display_codecs=codecs,
            transformation="preserved",
            # one frame of a trusted local file: no warning on the page
            memory_limited=True,
        )
