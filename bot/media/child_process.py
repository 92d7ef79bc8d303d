"""A media child process: start it, send it jobs with a time-out, restart it when it dies."""

import asyncio
import contextlib
import json
import os
from collections.abc import Sequence
from typing import Any, Final

from bot.media.errors import MediaUnavailable

_START_S: Final = 60.0
_END_S: Final = 1.0
_LINE_BYTES: Final = 1024 * 1024
_KEPT_VARIABLES: Final = frozenset(
    {"PATH", "PYTHONPATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH"}
)


class ChildDied(Exception):
    """The process ended, by a crash or a resource limit, before it answered."""


class ChildHung(ChildDied):
    """The process did not answer in time and was killed."""


class Child:
    """A child process, started on first use and kept, that runs one job at a time."""

    def __init__(self, command: Sequence[str], memory_bytes: int) -> None:
        self._command = (*command, str(memory_bytes))
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._is_closed = False
        self.callers = 0
        """Callers that use it or wait for it."""

    async def call(self, job: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        """Send a job and return its answer.

        A process that fails, or whose caller is cancelled, is killed; the next call starts another.
        Raises: ChildDied, ChildHung, MediaUnavailable if no process can be started.
        """
        self.callers += 1
        try:
            async with self._turn:
                return await self._call(job, timeout_s)
        finally:
            self.callers -= 1

    async def _call(self, job: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        try:
            if self._process is not None and self._process.returncode is not None:
                # it died while idle, so no file is to blame
                await self._end()
            process = self._process or await self._start()
            return await self._ask(process, job, timeout_s)
        except BaseException:
            await asyncio.shield(self._end())
            raise

    async def close(self) -> None:
        """Stop the process for good, aborting its current job."""
        self._is_closed = True
        await self._end()

    async def _start(self) -> asyncio.subprocess.Process:
        if self._is_closed:
            raise MediaUnavailable("the media process is closed")
        keep = {name: value for name, value in os.environ.items() if name in _KEPT_VARIABLES}
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                # no secrets; few malloc arenas and threads, as each takes 64 MiB of address space
                env=keep | {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1"},
                limit=_LINE_BYTES,
            )
        except OSError as exc:
            raise MediaUnavailable("the media process cannot be started") from exc
        self._process = process
        try:
            await self._read(process, _START_S)
        except ChildDied as exc:
            raise MediaUnavailable("the media process does not start") from exc
        # not self._process, which a concurrent close may have cleared
        return process

    async def _ask(
        self, process: asyncio.subprocess.Process, job: dict[str, Any], timeout_s: float
    ) -> dict[str, Any]:
        # generous CPU limit (both cores throughout): the wall-clock time-out comes first
        line = json.dumps(job | {"cpu_s": int(timeout_s * 4) + 1}).encode() + b"\n"
        if process.stdin is None:
            raise ChildDied("it has no pipe")
        try:
            process.stdin.write(line)
            await process.stdin.drain()
        except (ConnectionError, OSError) as exc:
            raise ChildDied("its pipe broke") from exc
        return await self._read(process, timeout_s)

    async def _read(self, process: asyncio.subprocess.Process, timeout_s: float) -> dict[str, Any]:
        if process.stdout is None:
            raise ChildDied("it has no pipe")
        try:
            line = await asyncio.wait_for(process.stdout.readline(), timeout_s)
        except TimeoutError as exc:
            raise ChildHung("it did not answer in time") from exc
        except (ValueError, OSError) as exc:
            raise ChildDied("its pipe broke") from exc
        if not line.endswith(b"\n"):
            raise ChildDied("it ended before it answered")
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        # it exits at end of input unless it hangs; an immediate kill could race with the exit
        # notification, which asyncio then loses
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _END_S)
        except TimeoutError:
            # it may have exited just now
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
