"""How much of the room for files is used: measured now and then, read from memory."""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bot.services.media_files.files import MediaFiles
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.operations import key_values, workers

logger = logging.getLogger(__name__)

NEARLY: Final = 0.95
MEASURE_S: Final = 60.0
SEEN_MS: Final = 30_000
"""A worker without a heartbeat for longer is ignored."""
MEMBER_SHARE: Final = 0.25
"""The share of the limit that one member's files may take."""
SPARE_BYTES: Final = 512 * 1024 * 1024
"""What the disk itself must keep free, whatever the limit says."""


class DiskSpace:
    """Says whether new requests must wait for room; `measure` is called now and then.

    The limit is for what `files` keeps: in the data directory, or in the media store. Free must be
    the disk of the data directory, where steps need scratch room in either case.
    """

    def __init__(self, data_dir: Path, *, limit_bytes: int, files: MediaFiles) -> None:
        self._data_dir = data_dir
        self._files = files
        self.limit_bytes = limit_bytes
        self.used_bytes = 0
        self.free_bytes = SPARE_BYTES * 2
        self.is_full_elsewhere = False
        """Whether a worker of another host has too little room: it may be the one to fetch."""
        self.is_store_away_elsewhere = False
        """Whether the media store did not answer a worker of another host."""

    async def clear_scratch(self) -> None:
        """Remove local copies of what a media store keeps that nobody is using."""
        await self._files.trim()

    @property
    def is_nearly_full(self) -> bool:
        """Whether the limit or the disk itself leaves too little room for more videos."""
        return self.is_full_elsewhere or self.has_little_room

    @property
    def has_little_room(self) -> bool:
        """The same of this host's disk alone."""
        return self.used_bytes >= self.limit_bytes * NEARLY or self.free_bytes < SPARE_BYTES

    @property
    def is_store_away(self) -> bool:
        """Whether the media store did not answer when it was last asked, here or by a worker."""
        return self.is_store_away_here or self.is_store_away_elsewhere

    @property
    def is_store_away_here(self) -> bool:
        """The same of this process alone; a gateway asks it nothing."""
        return self._files.is_away

    @property
    def limit_text(self) -> str:
        """The limit for a message, in GB."""
        return f"{self.limit_bytes / 1e9:g} GB"

    @property
    def member_bytes(self) -> int:
        """What the files of one member may take."""
        return int(self.limit_bytes * MEMBER_SHARE)

    async def measure(self) -> None:
        """Add up what is kept. Raises: StorageError, where the database has the list."""
        try:
            self.used_bytes = await self._files.used_bytes()
            self.free_bytes = await asyncio.to_thread(self._free)
        except OSError as error:
            # the last measurement stays
            logger.error(
                "The data directory can't be measured",
                extra={"action": "disk.unmeasured", "error": repr(error)},
            )

    def _free(self) -> int:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._data_dir).free


@repeated
async def share_room(database: Database, gauge: DiskSpace, *, now_ms: int, host: str = "") -> None:
    """Tell the other processes of this worker's disk and of the store, and hear of theirs.

    Without a host, as in a gateway, only the latter; on SQLite there is one process.
    Raises: StorageError.
    """
    if database.dialect == "sqlite":
        return
    if host:
        async with database.transaction() as tx:
            await key_values.set(tx, f"disk:{host}", str(int(gauge.has_little_room)), now_ms)
            await key_values.set(tx, f"store:{host}", str(int(gauge.is_store_away_here)), now_ms)
    async with database.reading() as tx:
        alive = await workers.alive(tx, now_ms - SEEN_MS)
        others = {worker.host for worker in alive} - {host}
        full = [await key_values.get(tx, f"disk:{other}") for other in others]
        away = [await key_values.get(tx, f"store:{other}") for other in others]
    gauge.is_full_elsewhere = "1" in full
    gauge.is_store_away_elsewhere = "1" in away


async def watch_room(
    database: Database, gauge: DiskSpace, stop: asyncio.Event, clock: Callable[[], int]
) -> None:
    """Measure, hear and clear scratch room once a minute until `stop` is set.

    For a gateway; a worker does so in its own sweep.
    """
    while not stop.is_set():
        try:
            await gauge.measure()
            await share_room(database, gauge, now_ms=clock())
            # pictures of names that were shown here
            await gauge.clear_scratch()
        except StorageError as error:
            logger.warning(
                "How full the workers' disks are could not be asked",
                extra={"action": "disk.unknown", "error": repr(error)},
            )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), MEASURE_S)
