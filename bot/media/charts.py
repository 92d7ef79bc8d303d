"""Draw charts in a child process, so that matplotlib never loads into the bot."""

import asyncio
import base64
import logging
import sys
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from bot.media.chart_spec import ChartSpec
from bot.media.child_process import Child, ChildDied
from bot.media.errors import MediaUnavailable

_log = logging.getLogger(__name__)

MAX_WAITING: Final = 6
"""Pending charts at most; a longer queue would outlast the interaction."""
KEPT: Final = 16
"""Cached charts, about 50 kB each, for members who page back and forth."""

_COMMAND: Final = (sys.executable, "-m", "bot.media.child.main")


class Charts:
    """Draws one chart at a time, each in a fresh media process.

    A chart takes a second or two and is rare; a long-lived process would hold its memory all day.
    `timeout_s` allows for the first chart on a machine, when matplotlib builds its font cache.
    """

    def __init__(
        self,
        *,
        memory_bytes: int = 2 * 1024**3,
        timeout_s: float = 60,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._command = command
        self._memory_bytes = memory_bytes
        self._timeout_s = timeout_s
        self._turn = asyncio.Lock()
        self._child: Child | None = None
        self._is_closed = False
        self._waiting = 0
        self._drawn: OrderedDict[ChartSpec, bytes] = OrderedDict()

    async def draw(self, spec: ChartSpec) -> bytes:
        """Draw a chart as PNG. Raises: MediaUnavailable, also on failure or a full queue."""
        if self._waiting >= MAX_WAITING:
            raise MediaUnavailable("too many charts are being drawn")
        self._waiting += 1
        try:
            async with self._turn:
                if self._is_closed:
                    raise MediaUnavailable("the chart process is closed")
                if spec not in self._drawn:
                    self._drawn[spec] = await self._draw(spec)
                    if len(self._drawn) > KEPT:
                        self._drawn.popitem(last=False)
                return self._drawn[spec]
        finally:
            self._waiting -= 1

    async def _draw(self, spec: ChartSpec) -> bytes:
        self._child = Child(self._command, self._memory_bytes)
        try:
            job = {"job": "chart", "chart": asdict(spec)}
            answer = await self._child.call(job, timeout_s=self._timeout_s)
        except ChildDied as exc:
            raise MediaUnavailable("the chart process died") from exc
        finally:
            await self._child.close()
        if "png" not in answer:
            _log.error(
                "A chart could not be drawn",
                extra={"action": "chart.failed", "reason": str(answer.get("error", ""))},
            )
            raise MediaUnavailable("the chart could not be drawn")
        return base64.b64decode(answer["png"])

    async def close(self) -> None:
        """Stop drawing; pending callers get MediaUnavailable."""
        self._is_closed = True
        if self._child is not None:
            await self._child.close()
