"""Render the simulated provider's videos in child processes, each distinct video once."""

import asyncio
import hashlib
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.demo.provider.render import Order, RenderJob, pad_video
from bot.demo.provider.shapes import SHORT_SIDES


class RenderFailed(RuntimeError):
    """The child process could not render the video."""


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """How videos are rendered.

    `short_side` in pixels (0: from the resolution), `fps` and `tone` apply to every job.
    `result_bytes` pads each video to this size. `fixed` is served instead of rendering and is never
    deleted. `kept_in` is a cache folder that outlives the simulator, and that simulators of other
    processes may share. `at_once` is the number of child processes.
    """

    short_side: int = 0
    fps: int = 24
    tone: bool = True
    result_bytes: int = 0
    fixed: Path | None = None
    kept_in: Path | None = None
    at_once: int = 1


SMALL: Final = RenderOptions(short_side=180, fps=12)
"""For tests: renders in a tenth of a second, with the requested duration and aspect ratio."""


def job_of(body: Mapping[str, object], pictures: tuple[Path, ...]) -> RenderJob:
    """The render job for a create body."""
    in_name = next((label for label in SHORT_SIDES if str(body["model"]).endswith(label)), "")
    by_orientation = "9:16" if body.get("orientation") == "portrait" else "16:9"
    return RenderJob(
        prompt=str(body["prompt"]),
        seconds=int(str(body["duration"])),
        resolution=str(body.get("resolution") or in_name or "720p"),
        ratio=str(body.get("ratio") or by_orientation),
        pictures=pictures,
        is_pair="first_image" in body and "last_image" in body,
    )


class RenderPool:
    """Renders each job once into `directory`; equal jobs share one video."""

    def __init__(self, directory: Path, render_options: RenderOptions) -> None:
        self._directory = render_options.kept_in or directory
        self._render_options = render_options
        self._free = asyncio.Semaphore(render_options.at_once)
        self._made: dict[str, asyncio.Task[Path]] = {}

    def order(self, job: RenderJob) -> asyncio.Task[Path]:
        """Return the task that renders the job, shared between equal jobs."""
        render_options = self._render_options
        job = job.model_copy(
            update={
                "short_side": render_options.short_side,
                "fps": render_options.fps,
                "tone": render_options.tone,
            }
        )
        key = "fixed" if render_options.fixed else _key_of(job)
        made = self._made.get(key)
        if made is None or (made.done() and (made.cancelled() or made.exception())):
            made = self._made[key] = asyncio.create_task(self._make(job, key[:32]))
        return made

    async def close(self) -> None:
        """Cancel pending renders."""
        for task in self._made.values():
            task.cancel()
        await asyncio.gather(*self._made.values(), return_exceptions=True)

    async def _make(self, job: RenderJob, name: str) -> Path:
        video = self._render_options.fixed or self._directory / f"{name}.mp4"
        if self._render_options.fixed is None and not video.exists():
            async with self._free:
                part = _part_of(video)
                try:
                    await _render_in_child(job, part)
                    part.replace(video)
                finally:
                    part.unlink(missing_ok=True)
        if not self._render_options.result_bytes:
            return video
        size_bytes = self._render_options.result_bytes
        padded = self._directory / f"{name}-{size_bytes}.mp4"
        part = _part_of(padded)
        await asyncio.to_thread(pad_video, video, part, size_bytes)
        part.replace(padded)
        return padded


def _part_of(video: Path) -> Path:
    """A name of its own: another process may be making, or serving, the same."""
    return video.with_suffix(f".{secrets.token_hex(4)}.part")


def _key_of(job: RenderJob) -> str:
    """Cache key; depends on the pictures' contents, not their paths."""
    digest = hashlib.sha256(job.model_dump_json(exclude={"pictures"}).encode())
    for picture in job.pictures:
        digest.update(hashlib.sha256(picture.read_bytes()).digest())
    return digest.hexdigest()


async def _render_in_child(job: RenderJob, target: Path) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.demo.provider.render",
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await child.communicate(
            Order(job=job, target=target).model_dump_json().encode()
        )
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise RenderFailed(errors.decode(errors="replace")[-2000:])
