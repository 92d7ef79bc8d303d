"""Takes away what a dead process left behind: broken downloads, requests nobody saw."""

import logging
import time
from pathlib import Path
from typing import Final

from bot.desk import ends
from bot.worker.parts import Parts
from storage import requests
from storage.again import repeated
from storage.errors import Conflict

logger = logging.getLogger(__name__)

BATCH: Final = 100
UNSEEN_AFTER_MS: Final = 2 * 60 * 1000


@repeated
async def end_unseen(parts: Parts) -> None:
    """End requests that were taken in without their member ever seeing it.

    Their answer was lost, and their card has no place to stand: without a sign nothing may be
    spent on them, and they would wait for ever.
    """
    now_ms = parts.clock()
    async with parts.database.reading() as tx:
        lost = await requests.unseen(tx, before_ms=now_ms - UNSEEN_AFTER_MS, limit=BATCH)
    for request in lost:
        try:
            async with parts.database.transaction() as tx:
                await ends.fail(tx, request, "unseen", now_ms=now_ms)
        except Conflict:
            continue
        logger.warning(
            "A request of which its member saw nothing was ended",
            extra={"action": "request.unseen", "request_id": request.id},
        )
    if lost:
        parts.nudge()


def remove_broken_downloads(data_dir: Path, *, older_than_s: float) -> None:
    """Delete what a dead process left half-downloaded; called once at the start.

    `older_than_s` spares what another live worker on the same directory is just downloading.
    """
    now_s = time.time()
    for path in data_dir.glob("**/*.part*"):
        try:
            if now_s - path.stat().st_mtime >= older_than_s:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
