"""Reads the answers of media processes: our own disk's troubles, and what no decoder foresaw."""

import asyncio
import errno
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.media.child.sniff import HEAD_BYTES, identify
from bot.media.child_process import Child
from bot.media.errors import DiskUnavailable, FileMissing
from bot.media.media_info import FaultReason, MediaFault, MediaInfo
from bot.rules.media import MediaKind

_log = logging.getLogger(__name__)


def report_surprise(error: str, job: str) -> None:
    """Log an error that a decoder raised and nobody foresaw."""
    _log.warning(
        "A decoder failed with an unexpected error",
        extra={"action": "media.failed", "job": job, "reason": error},
    )


def raise_disk_trouble(answer: dict[str, Any]) -> None:
    """Raise FileMissing or DiskUnavailable where our own disk failed the process."""
    number = answer.get("errno")
    if number == errno.ENOENT:
        raise FileMissing("the file is not on our disk")
    if number is not None:
        raise DiskUnavailable(errno.errorcode.get(number, "the disk fails"))


def clear(target: Path) -> None:
    """Remove the partial file that a process left behind."""
    target.with_suffix(target.suffix + ".part").unlink(missing_ok=True)


def guess_format(file: Path) -> str:
    """What a file looks like by its head; empty where it cannot be read."""
    try:
        with file.open("rb") as handle:
            return identify(handle.read(HEAD_BYTES)).format
    except OSError:
        return ""


def least_busy(children: Sequence[Child]) -> Child:
    """The first child with the fewest callers, so that a second starts only when needed."""
    return min(children, key=lambda child: child.callers)


async def read_found(file: Path, found: dict[str, Any]) -> MediaInfo | MediaFault:
    """What an inspection found of one file. Raises: FileMissing, DiskUnavailable."""
    raise_disk_trouble(found)
    if "error" in found:
        report_surprise(found["error"], "inspect")
        return MediaFault(FaultReason.UNREADABLE, await asyncio.to_thread(guess_format, file))
    if "fault" in found:
        fault = found["fault"]
        return MediaFault(FaultReason(fault["reason"]), fault["format"])
    facts = found["facts"] | {
        "kind": MediaKind(found["facts"]["kind"]),
        "path": Path(found["facts"]["path"]),
    }
    return MediaInfo(**facts)
