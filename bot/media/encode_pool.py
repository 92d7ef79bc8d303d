"""Run encodes concurrently, each in a child process of its own."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from bot.media.child_process import Child, ChildDied, ChildHung
from bot.media.errors import FitImpossible, MediaUnavailable

_log = logging.getLogger(__name__)


class EncodePool:
    """Runs up to `at_once` encodes concurrently; `timeout_s` bounds each attempt."""

    def __init__(
        self, command: Sequence[str], memory_bytes: int, timeout_s: float, *, at_once: int
    ) -> None:
        self._command = command
        self._memory_bytes = memory_bytes
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(at_once)
        self._children: set[Child] = set()
        self._is_closed = False

    async def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Run a job in a fresh process, with one retry after a crash.

        Raises: FitImpossible for a video that crashes the process twice or exceeds the time-out,
        MediaUnavailable.
        """
        async with self._turns:
            for _ in range(2):
                if self._is_closed:
                    raise MediaUnavailable("the media process is closed")
                child = Child(self._command, self._memory_bytes)
                self._children.add(child)
                try:
                    return await child.call(job, timeout_s=self._timeout_s)
                except ChildHung as exc:
                    self._report(exc, job)
                    raise FitImpossible("it takes too long") from exc
                except ChildDied as exc:
                    self._report(exc, job)
                finally:
                    self._children.discard(child)
                    await child.close()
        raise FitImpossible("the encoder cannot take it")

    async def close(self) -> None:
        """Stop running encodes; pending callers get MediaUnavailable."""
        self._is_closed = True
        for child in tuple(self._children):
            await child.close()

    def _report(self, error: ChildDied, job: dict[str, Any]) -> None:
        if not self._is_closed:
            report_death(error, str(job["job"]))


def report_death(error: ChildDied, job: str) -> None:
    """Log that a media process died, without naming the member."""
    _log.warning(
        "A media process died and is restarted",
        extra={"action": "media.died", "job": job, "reason": str(error)},
    )
