"""Task ids that the database could not take: kept on disk until it can, whatever dies meanwhile."""

import logging
import os
import re
from pathlib import Path
from typing import Final

from bot.media.download.partial_file import sync_folder

logger = logging.getLogger(__name__)

_NAME: Final = re.compile(r"[a-z0-9]{6,20}")


def journal_id(data_dir: Path, request_id: str, task_id: str) -> None:
    """Write a task's id beside the data; a disk that refuses is logged, there is no third place."""
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
            "A task's id can't be written to disk either",
            extra={
                "action": "submit.journal",
                "request_id": request_id,
                "task_id": task_id,
                "error": repr(error),
            },
        )


def remove_journaled_id(data_dir: Path, request_id: str) -> None:
    """The database has it now; where the file can't go it is read again at the next start."""
    try:
        (data_dir / "kept" / request_id).unlink(missing_ok=True)
    except OSError as error:
        logger.error(
            "A kept task id can't be removed from disk",
            extra={"action": "submit.journal", "request_id": request_id, "error": repr(error)},
        )


def journaled_ids(data_dir: Path) -> dict[str, str]:
    """Every kept task's id by its request's; what can't be read is logged and left where it is."""
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
            "A kept task id can't be read",
            extra={"action": "submit.journal", "request_id": path.name, "error": repr(error)},
        )
        return ""
