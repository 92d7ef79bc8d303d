"""A bot's memory, open files and tasks over time, and whether they stay flat."""

import asyncio
import contextlib
import re
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import median

import aiohttp

MIB = 2**20
MEMORY_GROWTH = 1.15
MEMORY_SLACK = 24 * MIB
FILES_SLACK = 24
"""Ten connections to PostgreSQL and a few kept alive to Discord and the provider are no leak."""
TASKS_SLACK = 12
READY_S = 60.0


@dataclass(frozen=True)
class ProcessStats:
    """One sample of a process."""

    rss_bytes: int
    files: int
    tasks: int


@dataclass
class ProcessMonitor:
    """Samples one process through /proc and its own /metrics."""

    name: str
    port: int
    samples: list[ProcessStats] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    """What /metrics said, for those who look for secrets in it."""

    async def sample(self, pid: int) -> ProcessStats | None:
        """Take one sample; None while the process is not there or does not answer."""
        try:
            timeout = aiohttp.ClientTimeout(total=3)
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://127.0.0.1:{self.port}/metrics") as response,
            ):
                page = await response.text()
            rss_bytes, files = _rss_bytes(pid), len(list(Path(f"/proc/{pid}/fd").iterdir()))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None
        found = re.search(r"^video_bot_tasks ([0-9.e+]+)$", page, re.MULTILINE)
        self.pages = [*self.pages[-3:], page]
        stats = ProcessStats(rss_bytes, files, int(float(found[1])) if found else -1)
        self.samples.append(stats)
        return stats

    async def until_ready(self) -> None:
        """Wait until /readyz says so: before, most of a worker's tasks do not run yet.

        Raises: TimeoutError after READY_S.
        """
        url = f"http://127.0.0.1:{self.port}/readyz"
        async with asyncio.timeout(READY_S), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(url) as response:
                        if response.status == HTTPStatus.OK:
                            break
                await asyncio.sleep(0.2)
        # the loops start right behind the first heartbeat
        await asyncio.sleep(1)

    def growth(self, first: ProcessStats, last: ProcessStats) -> list[str]:
        """What has grown: memory from the middle of the run on, the rest from idle to idle."""
        found = []
        middle = self.samples[len(self.samples) // 3 : len(self.samples) // 2] or [first]
        usual = median(sample.rss_bytes for sample in middle)
        if last.rss_bytes > usual * MEMORY_GROWTH + MEMORY_SLACK:
            found.append(f"memory went from {usual / MIB:.0f} to {last.rss_bytes / MIB:.0f} MiB")
        if last.files > first.files + FILES_SLACK:
            found.append(f"open files went from {first.files} to {last.files}")
        if last.tasks < 0 or last.tasks > first.tasks + TASKS_SLACK:
            found.append(f"tasks went from {first.tasks} to {last.tasks}")
        return [f"{self.name}: {each}" for each in found]

    def __str__(self) -> str:
        if not self.samples:
            return f"{self.name}: never sampled"
        first, last = self.samples[0], self.samples[-1]
        most = max(sample.rss_bytes for sample in self.samples)
        return (
            f"{self.name}: memory {first.rss_bytes / MIB:.0f} → {last.rss_bytes / MIB:.0f} MiB"
            f" (at most {most / MIB:.0f}), files {first.files} → {last.files},"
            f" tasks {first.tasks} → {last.tasks}"
        )


def _rss_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0
