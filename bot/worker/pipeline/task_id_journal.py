"""A journal on disk for task ids that could not be recorded in the database yet."""

import asyncio
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.media.download.partial_file import sync_folder

logger = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[a-z0-9]{6,20}")


@dataclass
class JournalEntry:
    """The entry of one task id, written and removed at most once."""

    data_dir: Path
    request_id: str
    task_id: str
    _is_there: bool = False

    async def keep(self) -> None:
        """Write it, unless it is there."""
        if not self._is_there:
            await asyncio.to_thread(journal_id, self.data_dir, self.request_id, self.task_id)
            self._is_there = True

    async def forget(self) -> None:
        """Remove it, if it was written."""
        if self._is_there:
            await asyncio.to_thread(remove_journaled_id, self.data_dir, self.request_id)


def journal_id(data_dir: Path, request_id: str, task_id: str) -> None:
    """Write a task id to the journal; a failure is only logged, there is no third place."""
    folder = data_dir / "kept"
    part = folder / f"{request_id}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            file.write(task_id)
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / request_id)
        sync_folder(folder)
    except OSError as error:
        logger.error(
            "A task id cannot be written to disk either",
            extra={
                "action": "submit.journal",
                "request_id": request_id,
                "task_id": task_id,
                "error": repr(error),
            },
        )


def remove_journaled_id(data_dir: Path, request_id: str) -> None:
    """Remove a recorded task id; one that can't be removed is read again at the next start."""
    try:
        (data_dir / "kept" / request_id).unlink(missing_ok=True)
    except OSError as error:
        logger.error(
            "A journaled task id cannot be removed",
            extra={"action": "submit.journal", "request_id": request_id, "error": repr(error)},
        )


def journaled_ids(data_dir: Path) -> dict[str, str]:
    """Task ids by request id; an unreadable entry is logged and left in place."""
    folder = data_dir / "kept"
    if not folder.is_dir():
        return {}
    found = {
        path.name: _read(path) for path in sorted(folder.iterdir()) if _NAME.fullmatch(path.name)
    }
    return {request_id: task_id for request_id, task_id in found.items() if task_id}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        logger.error(
            "A journaled task id cannot be read",
            extra={"action": "submit.journal", "request_id": path.name, "error": repr(error)},
        )
        return ""
