"""Bots as processes of their own that are killed, stopped and started again."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOP_S = 20.0
"""How long a bot may take to end after SIGTERM."""


class Bot:
    """One process at a time under one name; its log goes on over all its lives."""

    def __init__(
        self,
        name: str,
        folder: Path,
        arguments: Sequence[str],
        program: Sequence[str] = ("-m", "bot", "run"),
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = folder / f"{name}.log"
        self._folder = folder
        self._command = (*program, *arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._began_s = 0.0

    async def start(self, settings: Mapping[str, str]) -> None:
        """Begin a life with these settings and nothing of this machine's."""
        self._began_s = time.monotonic()
        kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
        with self.log.open("ab") as target:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._command,
                cwd=self._folder,
                env={**kept, "PYTHONPATH": str(ROOT), **settings},
                stdout=target,
                stderr=target,
            )

    @property
    def pid(self) -> int:
        """Of its present life; 0 between two."""
        return self._process.pid if self._process is not None and self.is_alive else 0

    @property
    def age_s(self) -> float:
        """How long ago its present life began."""
        return time.monotonic() - self._began_s

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.returncode is None

    def kill(self) -> None:
        """`kill -9`, at once."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def dead(self) -> int:
        """Wait for its end; the exit code, negative for a signal."""
        return 0 if self._process is None else await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code, or -9 when it had to be killed after `STOP_S`."""
        if self._process is None or not self.is_alive:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                return await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
            return -9

    def tail(self, lines: int = 30) -> str:
        """The last lines of its log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])
