"""Length and size of a linked MP4 from a few kilobytes of it, read through the guard."""

from typing import Final

from bot.media.download.fetch import Fetcher
from bot.media.errors import NotAVideo
from bot.media.mp4_boxes import VideoFacts, walk_boxes

_BLOCK_BYTES: Final = 16 * 1024
_MAX_REQUESTS: Final = 12


async def probe_video(
    fetcher: Fetcher, url: str, *, https_only: bool = False
) -> tuple[VideoFacts, int]:
    """The facts of a remote MP4 and its size in bytes, from its index alone.

    Usually one request of 16 KiB, three where the index stands at the end. What is behind the
    index is not looked at: only the whole file, once fetched, proves that the video plays.
    Raises: NotAVideo, and what `Fetcher.read_range` raises.
    """
    start = await fetcher.read_range(url, 0, _BLOCK_BYTES, https_only=https_only)
    if start.total_bytes is None:
        raise NotAVideo("its host does not say how large it is")
    walk = walk_boxes(start.total_bytes, to_moov_only=True)
    base, held = 0, start.block
    wanted = next(walk)
    requests = 1
    while True:
        offset, length = wanted
        length = min(length, start.total_bytes - offset)
        if not base <= offset <= offset + length <= base + len(held):
            requests += 1
            if requests > _MAX_REQUESTS:
                raise NotAVideo("its index is scattered over the file")
            answer = await fetcher.read_range(
                url, offset, max(length, _BLOCK_BYTES), https_only=https_only
            )
            base, held = offset, answer.block
        try:
            wanted = walk.send(held[offset - base : offset - base + length])
        except StopIteration as stop:
            facts: VideoFacts = stop.value
            return facts, start.total_bytes
