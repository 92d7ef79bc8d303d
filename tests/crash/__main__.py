"""`python -m tests.crash`: kills, a soak and chaos, of the real bot between Discord and provider.

Ends with a closing line of what passed and failed, and with exit code 1 where anything failed.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from storage.engine.database import open_database
from tests.crash.chaos import chaos_postgres, chaos_sqlite
from tests.crash.kills import Report, on_sqlite, planned, shares
from tests.crash.soak import soak_postgres, soak_sqlite
from tests.support.postgres import PostgresMissing, PostgresServer, postgres_server

LANES = 2
LONG = (3000, 3600.0, 1800.0)
SHORT = (60, 120.0, 120.0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument(
        "--short", action="store_true", help="for CI: 60 kills, 2 minutes of soak and of chaos"
    )
    parser.add_argument("--kills", type=int, help="how many deaths")
    parser.add_argument("--soak-seconds", type=float, help="how long everything fails")
    parser.add_argument("--chaos-seconds", type=float, help="how long database and disk fail")
    parser.add_argument("--seed", type=int, help="of a run to be repeated")
    return parser.parse_args()


class Torture:
    """One run; its folder is kept when something failed."""

    def __init__(self, kills: int, soak_s: float, chaos_s: float, seed: int) -> None:
        self._kills = kills
        self._soak_s = soak_s
        self._chaos_s = chaos_s
        self._seed = seed
        self._folder = Path(tempfile.mkdtemp(prefix="torture-"))
        self._began = time.monotonic()
        self._passed = 0
        self._problems: list[str] = []

    def say(self, line: str) -> None:
        """Print a line with the time since the start."""
        print(f"{time.monotonic() - self._began:7.1f} s  {line}", flush=True)

    async def run(self) -> int:
        """Everything; the exit code."""
        self.say(
            f"seed {self._seed}, {self._kills} kills, {self._soak_s:.0f} s of soak, "
            f"{self._chaos_s:.0f} s of chaos"
        )
        if self._kills:
            await self._kill()
        if self._soak_s:
            await self._soak()
        if self._chaos_s:
            await self._chaos()
        return self._close()

    async def _kill(self) -> None:
        kills = planned(self._kills, random.Random(self._seed))
        lanes = [
            on_sqlite(f"lane-{n}", self._folder / f"lane-{n}", share, self._seed, self.say)
            for n, share in enumerate(shares(kills, LANES))
        ]
        for found in await asyncio.gather(*lanes, return_exceptions=True):
            if isinstance(found, Report):
                self._passed += found.deaths
                self._problems += found.problems
            else:
                self._problems.append(f"a lane failed: {found!r}")

    async def _soak(self) -> None:
        async with AsyncExitStack() as stack:
            try:
                server = stack.enter_context(postgres_server())
            except PostgresMissing as error:
                self._problems.append(f"no PostgreSQL for the soak: {error}")
                return
            url = await _fresh_database(server)
            soaks = (
                soak_sqlite(self._folder / "sqlite", self._soak_s, self._seed, self.say),
                soak_postgres(self._folder / "postgres", url, self._soak_s, self._seed, self.say),
            )
            self._count("a soak", await asyncio.gather(*soaks, return_exceptions=True))

    async def _chaos(self) -> None:
        folder, seconds = self._folder / "chaos", self._chaos_s
        both = (
            chaos_sqlite(folder / "sqlite", seconds, self._seed, self.say),
            chaos_postgres(folder / "postgres", seconds, self._seed, self.say),
        )
        self._count("chaos", await asyncio.gather(*both, return_exceptions=True))

    def _count(self, what: str, results: Sequence[list[str] | BaseException]) -> None:
        for found in results:
            if isinstance(found, BaseException):
                self._problems.append(f"{what} failed: {found!r}")
            elif found:
                self._problems += found
            else:
                self._passed += 1

    def _close(self) -> int:
        for problem in self._problems:
            self.say(f"FAILED: {problem}")
        if self._problems:
            self.say(f"logs, databases and files: {self._folder}")
            again = f"--kills {self._kills} --soak-seconds {self._soak_s:g}"
            again += f" --chaos-seconds {self._chaos_s:g} --seed {self._seed}"
            self.say(f"again: python -m tests.crash {again}")
        else:
            shutil.rmtree(self._folder, ignore_errors=True)
        self.say(f"{self._passed} passed, {len(self._problems)} failed")
        return 1 if self._problems else 0


async def _fresh_database(server: PostgresServer) -> str:
    url = server.url(server.create())
    database = await open_database(url, migrate=True)
    await database.close()
    return url


def main() -> int:
    """The command line."""
    chosen = _arguments()
    kills, soak_s, chaos_s = SHORT if chosen.short else LONG
    kills = kills if chosen.kills is None else chosen.kills
    soak_s = soak_s if chosen.soak_seconds is None else chosen.soak_seconds
    chaos_s = chaos_s if chosen.chaos_seconds is None else chosen.chaos_seconds
    seed = chosen.seed if chosen.seed is not None else random.randrange(10**6)
    return asyncio.run(Torture(kills, soak_s, chaos_s, seed).run())


if __name__ == "__main__":
    sys.exit(main())
