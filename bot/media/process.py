"""Inspect and encode media in child processes, outside the bot's own process."""

import asyncio
import errno
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bot.media.child.sniff import HEAD_BYTES, identify
from bot.media.child_process import Child, ChildDied, ChildHung
from bot.media.encode_pool import EncodePool, report_death
from bot.media.errors import (
    DiskUnavailable,
    FileMissing,
    FitImpossible,
    JoinImpossible,
    NotAVideo,
)
from bot.media.file_names import rewritten_beside
from bot.media.media_info import FaultReason, FitResult, JoinResult, MediaFault, MediaInfo
from bot.rules.media import MediaKind

_log = logging.getLogger(__name__)

INSPECTORS: Final = 2
ENCODES: Final = 3
CONVERSIONS: Final = 2
"""At once, each in a process of its own; the worker's slots ask for no more."""

_COMMAND: Final = (sys.executable, "-m", "bot.media.child.main")


class MediaProcess:
    """The media process, or rather several: a picture never waits for an encode.

    Looking has warm processes, two for files and two for sheets and frames, so that one file that
    takes its whole time keeps nobody else's waiting; each encode has a fresh one, references apart
    from results. `memory_bytes` bounds the address space of each, `inspect_timeout_s` one call for
    all files of a request, `fit_timeout_s` one film with all its tries, `convert_timeout_s` one
    reference. `command` is the program to start; the memory bound is added to it as an argument.
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
        self._fits = EncodePool(command, memory_bytes, fit_timeout_s, at_once=ENCODES)
        # what members send is encoded apart from what is owed to them
        self._conversions = EncodePool(
            command, memory_bytes, convert_timeout_s, at_once=CONVERSIONS
        )
        self._is_closed = False

    async def inspect(self, files: Sequence[Path]) -> list[MediaInfo | MediaFault]:
        """What each file is, in the order given; broken and hostile ones are faults, not errors.

        A file that brings the process down by itself is a fault too. Raises: MediaUnavailable where
        the process cannot be had, FileMissing, DiskUnavailable.
        """
        if not files:
            return []
        try:
            return await self._inspect(files, self._inspect_timeout_s)
        except ChildDied as exc:
            self._report(exc, "inspect")
            # one of them did it: asked one by one, the others get their due
            return [await self._inspect_alone(file) for file in files]

    async def fit(self, source: Path, target: Path, *, limit_bytes: int) -> FitResult:
        """Re-encodes an MP4 to at most `limit_bytes`: H.264, AAC where there is sound, same shape.

        The target appears whole or not at all. Takes one to three times the film's own length at
        1080p. Raises: FitImpossible, also for a film that brings the process down twice or takes
        longer than the time-out; MediaUnavailable, FileMissing, DiskUnavailable.
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
        """Encodes a clip or sound anew in what the provider surely reads; facts of the new file.

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
        """Whether a file is a clip in any container that can be decoded to its end.

        Raises: MediaUnavailable, FileMissing, DiskUnavailable.
        """
        job = {"job": "plays", "source": str(film)}
        try:
            answer = await _least_busy(self._inspectors).call(
                job, timeout_s=self._inspect_timeout_s
            )
        except ChildDied as exc:
            self._report(exc, "plays")
            return False
        _raise_disk_trouble(answer)
        return bool(answer.get("plays"))

    async def join(self, sources: Sequence[Path], target: Path) -> JoinResult:
        """Puts MP4s behind one another in one: H.264, AAC where any has sound, the first's shape.

        The target appears whole or not at all. Films that were encoded alike are taken as they are;
        others take up to twice their length at 1080p. Raises: JoinImpossible, also for films that
        bring the process down twice or take longer than the time-out; MediaUnavailable,
        FileMissing, DiskUnavailable.
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
        """Writes one JPEG that shows the pictures, and so many frames of each clip, side by side.

        False, and no file, where none of them can be shown. Raises: MediaUnavailable, FileMissing,
        DiskUnavailable.
        """
        job = {
            "job": "contact_sheet",
            "files": [str(file) for file in files],
            "target": str(target),
            "frames": frames,
        }
        try:
            answer = await _least_busy(self._renderers).call(job, timeout_s=self._inspect_timeout_s)
        except ChildDied as exc:
            self._report(exc, "contact_sheet")
            return False
        finally:
            await asyncio.to_thread(_clear, target)
        _raise_disk_trouble(answer)
        if "error" in answer:
            _report_surprise(answer["error"], "contact_sheet")
        return bool(answer.get("tiles"))

    async def last_frame(self, source: Path, target: Path) -> None:
        """Writes the last frame of a film as a PNG, which appears whole or not at all.

        Raises: NotAVideo where none can be had, also for a film that brings the process down;
        MediaUnavailable, FileMissing, DiskUnavailable.
        """
        job = {"job": "last_frame", "source": str(source), "target": str(target)}
        try:
            answer = await _least_busy(self._renderers).call(job, timeout_s=self._inspect_timeout_s)
        except ChildDied as exc:
            self._report(exc, "last_frame")
            raise NotAVideo("its last frame cannot be had") from exc
        finally:
            await asyncio.to_thread(_clear, target)
        _raise_disk_trouble(answer)
        if "frame" not in answer:
            raise NotAVideo(str(answer.get("impossible") or answer.get("error")))

    async def close(self) -> None:
        """Ends all processes for good; whoever waits for them gets MediaUnavailable."""
        self._is_closed = True
        for child in (*self._inspectors, *self._renderers):
            await child.close()
        await self._fits.close()
        await self._conversions.close()

    async def _inspect(
        self, files: Sequence[Path], timeout_s: float
    ) -> list[MediaInfo | MediaFault]:
        job = {"job": "inspect", "files": [str(file) for file in files]}
        answer = await _least_busy(self._inspectors).call(job, timeout_s=timeout_s)
        return [
            await self._read_found(file, found)
            for file, found in zip(files, answer["files"], strict=True)
        ]

    @staticmethod
    async def _read_found(file: Path, found: dict[str, Any]) -> MediaInfo | MediaFault:
        _raise_disk_trouble(found)
        if "error" in found:
            _report_surprise(found["error"], "inspect")
            return MediaFault(FaultReason.UNREADABLE, await asyncio.to_thread(_guess_format, file))
        if "fault" in found:
            fault = found["fault"]
            return MediaFault(FaultReason(fault["reason"]), fault["format"])
        facts = found["facts"] | {
            "kind": MediaKind(found["facts"]["kind"]),
            "path": Path(found["facts"]["path"]),
        }
        return MediaInfo(**facts)

    async def _inspect_alone(self, file: Path) -> MediaInfo | MediaFault:
        reason = FaultReason.UNREADABLE
        # a single death may have come from outside, when the machine ran out of memory
        for _ in range(2):
            try:
                return (await self._inspect([file], self._inspect_timeout_s / 2))[0]
            except ChildHung as exc:
                self._report(exc, "inspect")
                reason = FaultReason.BOMB
                break
            except ChildDied as exc:
                self._report(exc, "inspect")
        return MediaFault(reason, await asyncio.to_thread(_guess_format, file))

    @staticmethod
    async def _encode(pool: EncodePool, job: dict[str, Any], target: Path) -> dict[str, Any]:
        try:
            answer = await pool.run(job)
        finally:
            # a process that was killed could not clear up behind itself
            await asyncio.to_thread(_clear, target)
        _raise_disk_trouble(answer)
        if "error" in answer:
            _report_surprise(answer["error"], str(job["job"]))
        return answer

    def _report(self, error: ChildDied, job: str) -> None:
        if not self._is_closed:
            report_death(error, job)


def _report_surprise(error: str, job: str) -> None:
    _log.warning(
        "A decoder failed in a way that nobody foresaw",
        extra={"action": "media.failed", "job": job, "reason": error},
    )


def _raise_disk_trouble(answer: dict[str, Any]) -> None:
    number = answer.get("errno")
    if number == errno.ENOENT:
        raise FileMissing("the file is not on our disk")
    if number is not None:
        raise DiskUnavailable(errno.errorcode.get(number, "the disk fails"))


def _clear(target: Path) -> None:
    target.with_suffix(target.suffix + ".part").unlink(missing_ok=True)


def _guess_format(file: Path) -> str:
    try:
        with file.open("rb") as handle:
            return identify(handle.read(HEAD_BYTES)).format
    except OSError:
        return ""


def _least_busy(children: Sequence[Child]) -> Child:
    """The first of those with the fewest callers: a second one is started only when needed."""
    return min(children, key=lambda child: child.callers)
