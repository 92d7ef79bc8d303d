"""The one video that every simulated task of a benchmark gives."""

import asyncio
from pathlib import Path

from bot.demo.provider.render import RenderJob, render
from bot.demo.provider.render_pool import RenderOptions

SECONDS = 5


async def ready_made(folder: Path, *, size_bytes: int = 0) -> RenderOptions:
    """A short video, made before anything is measured and padded to a size where one is given.

    Made anew for each task, the videos would queue for this machine's cores, and what would be
    measured is the simulator.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "footage.mp4"
    job = RenderJob(
        prompt="a lighthouse in the rain",
        seconds=SECONDS,
        resolution="720p",
        ratio="16:9",
        pictures=(),
        is_pair=False,
        short_side=180,
        fps=12,
    )
    await asyncio.to_thread(render, job, path)
    return RenderOptions(fixed=path, result_bytes=size_bytes)
