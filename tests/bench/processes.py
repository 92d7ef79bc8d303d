"""Bots as processes of their own, watched from outside."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.discord.http.server import DiscordServer

STOP_S = 25.0
"""How long a bot may take to end after SIGTERM before it is killed."""


def rss_bytes(pid: int, *, peak: bool = False) -> int:
    """A process's memory now, or at its peak so far; 0 when it is gone."""
    word = "VmHWM:" if peak else "VmRSS:"
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith(word):
                return int(line.split()[1]) * 1024
    return 0


def cpu_s(pid: int) -> float:
    """Seconds that all threads of a process have spent on a core so far; 0 when it is gone."""
    spent_ns = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            spent_ns += int(file.read_text(encoding="utf-8").split()[0])
    return spent_ns / 1e9


def children_of(pid: int) -> list[int]:
    """The process's children, and theirs."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text(encoding="utf-8").split():
                found += [int(child), *children_of(int(child))]
    return found


class BotProcess:
    """A running bot; `log` is the file with everything it wrote."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def pid(self) -> int:
        return self._process.pid

    async def wait(self) -> int:
        """The exit code, once it has ended."""
        return await self._process.wait()

    def tail(self, lines: int = 20) -> str:
        """The last lines of the log."""
        return "\n".join(
            self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
        )

    async def alongside(self, work: Awaitable[None]) -> None:
        """Do something that needs the bot.

        Raises: RuntimeError with the end of the log when the bot ends meanwhile, or when the work
        takes too long for its own patience.
        """
        working = asyncio.ensure_future(work)
        ended = asyncio.create_task(self.wait())
        await asyncio.wait({working, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if working.done() and working.exception() is None:
            return
        why = "what was waited for did not happen" if working.done() else "the bot has ended"
        working.cancel()
        message = f"{why}; its log ends:\n{self.tail()}"
        raise RuntimeError(message)

    async def stop(self) -> None:
        """End it in good manners, or else by force."""
        if self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@asynccontextmanager
async def running(
    arguments: Sequence[str], settings: Mapping[str, str], folder: Path, discord: DiscordServer
) -> AsyncIterator[BotProcess]:
    """`python <arguments>` with these settings, connected to Discord.

    Raises: RuntimeError with the end of its log when it does not come up.
    """
    async with started(arguments, settings, folder) as bot:
        await bot.alongside(discord.wait_ready(timeout_s=120))
        yield bot


@asynccontextmanager
async def started(
    arguments: Sequence[str], settings: Mapping[str, str], folder: Path
) -> AsyncIterator[BotProcess]:
    """`python <arguments>` with these settings, as soon as its process is there.

    Works in `folder`, so that no `.env` of the checkout is read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = Path(__file__).resolve().parents[2]
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG"}}
    environment = {**kept, "PYTHONPATH": str(root), **settings}
    log = folder / "bot.log"
    with log.open("wb") as target:
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=folder, env=environment, stdout=target, stderr=target
        )
    bot = BotProcess(process, log)
    try:
        yield bot
    finally:
        await bot.stop()


def bot_settings(folder: Path, discord: DiscordServer, **more: str) -> dict[str, str]:
    """Settings for a whole bot on SQLite whose limits are checked and never reached."""
    return {
        **discord.settings(),
        "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
        "DATA_DIR": str(folder / "data"),
        "USER_DAILY_VIDEOS": "100000",
        "SERVER_DAILY_VIDEOS": "100000",
        "BOT_DAILY_VIDEOS": "100000",
        "HTTP_PORT": "0",
        "LOG_LEVEL": "WARNING",
        **more,
    }
