"""Limits hold over processes that know nothing of each other."""

import asyncio
import sys
from pathlib import Path

from storage.engine.transaction import Database
from tests.services.conftest import OpenCounter

ROOT = Path(__file__).parents[3]


async def test_several_processes_with_ten_left_take_exactly_ten(
    database: Database, database_url: str, open_counter: OpenCounter, tmp_path: Path
) -> None:
    processes = []
    for number in range(3):
        folder = tmp_path / f"process-{number}"
        folder.mkdir()
        first = str((number + 1) * 1_000_000)
        processes.append(
            await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "tests.services.requests.asking",
                    database_url,
                    str(folder),
                ),
                *("16", "10", first),
                stdout=asyncio.subprocess.PIPE,
                cwd=ROOT,
            )
        )
    async with asyncio.timeout(60):
        answers = [await process.communicate() for process in processes]
    assert sum(int(out) for out, _ in answers) == 10
    counter = open_counter()
    assert await counter.count() == 10
    assert await counter.differences() == []
