"""`python -m tests.bench`: what the bot is measured by, in one run.

Everything goes over real sockets on this machine: the bots are processes of their own, Discord
and the provider are the recording Discord and the simulator in this process.
"""

import argparse
import asyncio
import os
import platform
import tempfile
from pathlib import Path

from tests.bench import acknowledge, crowd, delivery, growth, memory, workers

PARTS = ("acknowledge", "workers", "crowd", "delivery", "memory", "growth")
ROUNDS = {1: 40, 50: 8, 200: 4}
QUICK_ROUNDS = {1: 10, 50: 2, 200: 1}
COUNTS = {1: 12, 50: 0, 200: 0}
QUICK_COUNTS = {1: 4, 50: 0}
QUICK_PACE = delivery.Pace(mean_s=22.0, spread_s=6.0, least_s=12.0)


async def _bench(parts: list[str], *, is_quick: bool) -> None:
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}",
        flush=True,
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        if "acknowledge" in parts:
            rounds = QUICK_ROUNDS if is_quick else ROUNDS
            print(await acknowledge.measure(folder / "acknowledge", rounds), flush=True)
        if "workers" in parts:
            load = workers.QUICK if is_quick else workers.Load()
            print(await workers.measure(folder / "workers", load), flush=True)
        if "crowd" in parts:
            print(await crowd.measure(folder / "crowd", 60 if is_quick else 1000), flush=True)
        if "delivery" in parts:
            counts = QUICK_COUNTS if is_quick else COUNTS
            pace = QUICK_PACE if is_quick else delivery.Pace()
            print(await delivery.measure(folder / "delivery", counts, pace, 10), flush=True)
        if "memory" in parts:
            count = 20 if is_quick else 200
            print(await memory.measure(folder / "memory", count), flush=True)
        if "growth" in parts:
            sizes = growth.QUICK_SIZES if is_quick else growth.SIZES
            print(await growth.measure(folder / "growth", sizes), flush=True)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter tasks")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    asyncio.run(_bench(arguments.parts or list(PARTS), is_quick=arguments.quick))


if __name__ == "__main__":
    main()
