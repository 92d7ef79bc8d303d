"""Checks of where the data lies: network shares, and the age of the last backup."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from bot.doctor.findings import Finding, failed, ok, warning
from bot.services.operations.backups import last_backup_ms
from bot.settings import Settings
from storage.engine.database import sqlite_path
from storage.engine.transaction import Database
from storage.errors import StorageError

MOUNTS: Final = Path("/proc/self/mounts")
NETWORK: Final = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "9p", "ceph", "lustre"),
        *("glusterfs", "fuse.glusterfs", "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "davfs"),
    }
)
"""File systems whose files are on another machine, or shared with one."""
OLD_MS: Final = 3 * 24 * 60 * 60 * 1000
_FIRST: Final = "SELECT created_at_ms AS at_ms FROM requests ORDER BY interaction_id LIMIT 1"
_OCTAL: Final = re.compile(r"\\([0-7]{3})")


async def check_shares(settings: Settings, *, mounts: Path = MOUNTS) -> AsyncIterator[Finding]:
    """Check that neither the SQLite file nor DATA_DIR lies on a network share."""
    try:
        text = await asyncio.to_thread(mounts.read_text, encoding="utf-8", errors="replace")
    except OSError:
        # not Linux: nothing is known
        return
    url = settings.database_url.get_secret_value()
    if url.startswith("sqlite"):
        kind = file_system_of(await asyncio.to_thread(sqlite_path(url).resolve), text)
        if kind in NETWORK:
            yield failed(
                "database place",
                f"the SQLite file lies on a network share ({kind}), where its locks and its"
                " write-ahead log are not safe",
                "put it on a local disk, or use PostgreSQL",
            )
    kind = file_system_of(await asyncio.to_thread(settings.data_dir.resolve), text)
    if kind in NETWORK:
        yield warning(
            "disk place",
            f"DATA_DIR lies on a network share ({kind}): each step waits for it",
            "put it on a local disk; several hosts need no common folder",
        )


def file_system_of(path: Path, mounts: str) -> str:
    """The type of the file system that a path lies on, by the lines of /proc/mounts."""
    kinds: dict[Path, str] = {}
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) > 2:
            # a later mount over the same place hides the earlier
            kinds[Path(_OCTAL.sub(lambda code: chr(int(code[1], 8)), fields[1]))] = fields[2]
    return next((kinds[each] for each in (path, *path.parents) if each in kinds), "")


async def check_backup(
    database: Database | None, *, clock: Callable[[], float] = time.time
) -> AsyncIterator[Finding]:
    """Say how old the last backup is; PostgreSQL's are made by other programs."""
    if database is None or database.dialect != "sqlite":
        return
    try:
        async with database.reading() as tx:
            made_ms = await last_backup_ms(tx)
            row = await tx.fetch_one(_FIRST)
    except StorageError:
        # of an older version, which the next start updates
        return
    now_ms = round(clock() * 1000)
    begun_ms = int(row["at_ms"]) if row and row["at_ms"] is not None else now_ms
    advice = "run video-bot backup FILE once a day; deploy/ has a timer and Litestream"
    if made_ms is None:
        if now_ms - begun_ms > OLD_MS:
            yield warning("backup", "video-bot backup has never made one", advice)
        else:
            yield ok("backup", "none yet, and little to lose")
        return
    hours = max(0, now_ms - made_ms) // (60 * 60 * 1000)
    age = f"{hours} hours" if hours < 72 else f"{hours // 24} days"
    found = f"the last one was made {age} ago"
    yield warning("backup", found, advice) if now_ms - made_ms > OLD_MS else ok("backup", found)
