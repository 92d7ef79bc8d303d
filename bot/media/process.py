"""Inspect and encode media in child processes, outside the bot's own process."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bot.media.child_answers import (
    clear,
    guess_format,
    least_busy,
    raise_disk_trouble,
    read_found,
    report_surprise,
)
from bot.media.child_process import Child, ChildDied, ChildHung
from bot.media.encode_pool import EncodePool, report_death
from bot.media.errors import (
    FitImpossible,
    JoinImpossible,
    MediaUnavailable,
    NotAVideo,
)
from bot.media.file_names import rewritten_beside
from bot.media.media_info import (
    FaultReason,
    FitResult,
    JoinResult,
    MediaFault,
    MediaInfo,
    Still,
)
from bot.rules.media import MediaKind

INSPECTORS: Final = 2
ENCODES: Final = 3
CONVERSIONS: Final = 2
"""Concurrent jobs, each in its own process; the worker's slots never ask for more."""

Seen = tuple[str, float]
"""A label, and how surely it is seen: 0 to 1."""

_COMMAND: Final = (sys.executable, "-m", "bot.media.child.main")


class MediaProcess:
    """A set of media processes; inspecting a picture never waits for an encode.

    Two long-lived processes inspect files and two draw contact sheets and frames, so that one slow
    file does not block the others. Each encode runs in a fresh process; references and results
    have separate pools. `memory_bytes` bounds each address space, `inspect_timeout_s` one call for
    all files of a request, `fit_timeout_s` one video with all its attempts, `convert_timeout_s`
    one reference. `command` is the program to start; the memory bound is appended as an argument.
    """

    def __init__(
        self,
        *,
        memory_bytes: int = 2 * 1024**3,
        inspect_timeout_s: float = 60,
        fit_timeout_s: float = 900,
        convert_timeout_s: float = 300,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._inspect_timeout_s = inspect_timeout_s
        self._inspectors = tuple(Child(command, memory_bytes) for _ in range(INSPECTORS))
        self._renderers = tuple(Child(command, memory_bytes) for _ in range(INSPECTORS))
        self._classifier = Child(command, memory_bytes)
        self._fits = EncodePool(command, memory_bytes, fit_timeout_s, at_once=ENCODES)
        # separate pool: members' references must not delay results
        self._conversions = EncodePool(
            command, memory_bytes, convert_timeout_s, at_once=CONVERSIONS
        )
        self._is_closed = False

    async def inspect(self, files: Sequence[Path]) -> list[MediaInfo | MediaFault]:
        """Inspect files, in the given order; broken and hostile ones are faults, not errors.

        A file that crashes the process by itself is a fault too. Raises: MediaUnavailable if no
        process can be started, FileMissing, DiskUnavailable.
        """
        if not files:
            return []
        try:
            return await self._inspect(files, self._inspect_timeout_s)
        except ChildDied as exc:
            self._report(exc, "inspect")
            # one file crashed it: inspect them one by one to find which
            return [await self._inspect_alone(file) for file in files]

    async def fit(self, source: Path, target: Path, *, limit_bytes: int) -> FitResult:
        """Re-encode an MP4 to at most `limit_bytes`: H.264, AAC if it has sound, same aspect ratio.

        The target is written atomically. Takes one to three times the duration at 1080p. Raises:
        FitImpossible, also for a video that crashes the process twice or exceeds the time-out;
        MediaUnavailable, FileMissing, DiskUnavailable.
        """
        job = {
            "job": "fit",
            "source": str(source),
            "target": str(target),
            "limit_bytes": limit_bytes,
        }
        answer = await self._encode(self._fits, job, target)
        if "error" in answer:
            raise FitImpossible("the encoder cannot take it")
        if "impossible" in answer:
            raise FitImpossible(answer["impossible"])
        return FitResult(**answer["fit"])

    async def convert(self, facts: MediaInfo) -> MediaInfo | MediaFault:
        """Transcode a clip or sound to a format the provider accepts; facts of the new file.

        Raises: MediaUnavailable, FileMissing, DiskUnavailable.
        """
        job = {"job": "convert", "source": str(facts.path), "kind": facts.kind.value}
        ending = "mp4" if facts.kind is MediaKind.VIDEO else "mp3"
        target = rewritten_beside(facts.path, ending)
        try:
            answer = await self._encode(self._conversions, job, target)
        except FitImpossible:
            return MediaFault(FaultReason.BOMB, facts.format)
        if "converted" not in answer:
            return MediaFault(FaultReason.UNSUPPORTED, facts.format)
        made = (await self.inspect([target]))[0]
        if isinstance(made, MediaFault):
            return MediaFault(FaultReason.UNSUPPORTED, facts.format)
        return replace(made, normalised=True, must_be_encoded=False)

    async def plays(self, film: Path) -> bool:
        """Whether a file is a video, in any container, that decodes to its end.

        Raises: MediaUnavailable, FileMissing, DiskUnavailable.
        """
        job = {"job": "plays", "source": str(film)}
        try:
            answer = await least_busy(self._inspectors).call(job, timeout_s=self._inspect_timeout_s)
        except ChildDied as exc:
            self._report(exc, "plays")
            return False
        raise_disk_trouble(answer)
        return bool(answer.get("plays"))

    async def join(self, sources: Sequence[Path], target: Path) -> JoinResult:
        """Concatenate MP4s: H.264, AAC if any has sound, the size of the first.

        The target is written atomically. Videos encoded alike are copied without re-encoding;
        others take up to twice their duration at 1080p. Raises: JoinImpossible, also for videos
        that crash the process twice or exceed the time-out; MediaUnavailable, FileMissing,
        DiskUnavailable.
        """
        files = [str(source) for source in sources]
        try:
            answer = await self._encode(
                self._fits, {"job": "join", "files": files, "target": str(target)}, target
            )
        except FitImpossible as exc:
            raise JoinImpossible(str(exc)) from exc
        if "join" not in answer:
            raise JoinImpossible(str(answer.get("impossible") or answer.get("error")))
        return JoinResult(**answer["join"])

    async def contact_sheet(self, files: Sequence[Path], target: Path, *, frames: int = 9) -> bool:
        """Write a JPEG contact sheet of the pictures and of `frames` frames of each clip.

        False, and no file, if none can be decoded. Raises: MediaUnavailable, FileMissing,
        DiskUnavailable.
        """
        job = {
            "job": "contact_sheet",
            "files": [str(file) for file in files],
            "target": str(target),
            "frames": frames,
        }
        try:
            return bool((await self._rendered(job)).get("tiles"))
        finally:
            await asyncio.to_thread(clear, target)

    async def strip(self, files: Sequence[Path], target: Path) -> bool:
        """Write a JPEG of numbered frames, one of each clip; raises as `contact_sheet` does."""
        job = {"job": "strip", "files": [str(file) for file in files], "target": str(target)}
        try:
            return bool((await self._rendered(job)).get("tiles"))
        finally:
            await asyncio.to_thread(clear, target)

    async def stills(self, source: Path, folder: Path, *, frames: int) -> list[Still]:
        """Write JPEGs of a picture, or of `frames` moments of a clip, to a folder that is there.

        The same file has the same moments each time. Nothing if none can be decoded. Raises:
        MediaUnavailable, FileMissing, DiskUnavailable.
        """
        job = {"job": "stills", "source": str(source), "folder": str(folder), "frames": frames}
        made = (await self._rendered(job)).get("stills", [])
        return [Still(Path(each["path"]), each["at_ms"]) for each in made]

    async def classify(self, classifier: str, files: Sequence[Path]) -> list[list[Seen]]:
        """What a classifier sees on each JPEG, in a process of its own.

        Raises: MediaUnavailable where it can't be had or fails; FileMissing, DiskUnavailable.
        """
        job = {"job": "classify", "classifier": classifier, "files": [str(file) for file in files]}
        try:
            answer = await self._classifier.call(job, timeout_s=self._inspect_timeout_s)
        except ChildDied as exc:
            self._report(exc, "classify")
            raise MediaUnavailable("the classifier died") from exc
        raise_disk_trouble(answer)
        if "labels" not in answer:
            raise MediaUnavailable(f"the classifier failed: {answer.get('error')}")
        return [[(name, score) for name, score in each] for each in answer["labels"]]

    async def _rendered(self, job: dict[str, Any]) -> dict[str, Any]:
        """A renderer's answer, empty where the file crashed it."""
        try:
            answer = await least_busy(self._renderers).call(job, timeout_s=self._inspect_timeout_s)
        except ChildDied as exc:
            self._report(exc, str(job["job"]))
            return {}
        raise_disk_trouble(answer)
        if "error" in answer:
            report_surprise(answer["error"], str(job["job"]))
        return answer

    async def last_frame(self, source: Path, target: Path) -> None:
        """Write the last frame of a video as a PNG, atomically.

        Raises: NotAVideo if no frame can be decoded, also for a video that crashes the process;
        MediaUnavailable, FileMissing, DiskUnavailable.
        """
        job = {"job": "last_frame", "source": str(source), "target": str(target)}
        try:
            answer = await self._rendered(job)
        finally:
            await asyncio.to_thread(clear, target)
        if "frame" not in answer:
            raise NotAVideo(str(answer.get("impossible") or "its last frame cannot be had"))

    async def close(self) -> None:
        """Stop all processes; pending callers get MediaUnavailable."""
        self._is_closed = True
        for child in (*self._inspectors, *self._renderers, self._classifier):
            await child.close()
        await self._fits.close()
        await self._conversions.close()

    async def _inspect(
        self, files: Sequence[Path], timeout_s: float
    ) -> list[MediaInfo | MediaFault]:
        job = {"job": "inspect", "files": [str(file) for file in files]}
        answer = await least_busy(self._inspectors).call(job, timeout_s=timeout_s)
        return [
            await read_found(file, found)
            for file, found in zip(files, answer["files"], strict=True)
        ]

    async def _inspect_alone(self, file: Path) -> MediaInfo | MediaFault:
        reason = FaultReason.UNREADABLE
        # one crash may have come from outside, such as the out-of-memory killer
        for _ in range(2):
            try:
                return (await self._inspect([file], self._inspect_timeout_s / 2))[0]
            except ChildHung as exc:
                self._report(exc, "inspect")
                reason = FaultReason.BOMB
                break
            except ChildDied as exc:
                self._report(exc, "inspect")
        return MediaFault(reason, await asyncio.to_thread(guess_format, file))

    @staticmethod
    async def _encode(pool: EncodePool, job: dict[str, Any], target: Path) -> dict[str, Any]:
        try:
            answer = await pool.run(job)
        finally:
            # a killed process could not remove its partial file
            await asyncio.to_thread(clear, target)
        raise_disk_trouble(answer)
        if "error" in answer:
            report_surprise(answer["error"], str(job["job"]))
        return answer

    def _report(self, error: ChildDied, job: str) -> None:
        if not self._is_closed:
            report_death(error, job)
