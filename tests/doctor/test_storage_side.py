"""Where the data lies and how old its copy is."""

from pathlib import Path
from typing import Any

import pytest

from bot.doctor import Grade
from bot.doctor.findings import Finding
from bot.doctor.storage_side import check_backup, check_shares, file_system_of
from bot.services.operations.backups import note_backup
from storage.engine.transaction import Database
from tests.storage.make import added, make_request
from tests.support.bot_env import GivenSettings

DAY_MS = 24 * 60 * 60 * 1000
MOUNTS = r"""
overlay / overlay rw 0 0
server:/export /srv/my\040share nfs4 rw 0 0
/dev/sda1 /srv/my\040share/local ext4 rw 0 0
//nas/data /data cifs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/bot.db", "overlay"),
        ("/srv/my share/bot.db", "nfs4"),
        ("/srv/my share/local/deep/bot.db", "ext4"),
        ("/data", "cifs"),
        ("/database/bot.db", "overlay"),
    ],
)
def test_the_nearest_mount_says_what_a_path_lies_on(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind


async def graded(tmp_path: Path, database_url: str, data_dir: str) -> list[Grade]:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    values: dict[str, Any] = {
        "discord_token": "t",
        "seedance_api_key": "k",
        "seedance_base_url": "http://127.0.0.1:9",
        "database_url": database_url,
        "data_dir": data_dir,
    }
    settings = GivenSettings(**values)
    return [found.grade async for found in check_shares(settings, mounts=mounts)]


async def test_a_network_share_is_named(tmp_path: Path) -> None:
    assert await graded(tmp_path, "sqlite:////data/bot.db", "/var/bot") == [Grade.FAILED]
    assert await graded(tmp_path, "sqlite:////var/bot.db", "/data/bot") == [Grade.WARNING]
    assert await graded(tmp_path, "postgresql://u:p@h/db", "/data/bot") == [Grade.WARNING]
    assert await graded(tmp_path, "sqlite:////var/bot.db", "/var/bot") == []


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_an_old_backup_or_none_is_named(database: Database) -> None:
    async def found_at(now_ms: int) -> Finding:
        (found,) = [each async for each in check_backup(database, clock=lambda: now_ms / 1000)]
        return found

    request = make_request()
    begun_ms = request.created_at_ms
    assert (await found_at(begun_ms)).grade is Grade.OK
    await added(database, request)
    assert (await found_at(begun_ms + DAY_MS)).grade is Grade.OK
    assert (await found_at(begun_ms + 4 * DAY_MS)).grade is Grade.WARNING
    async with database.transaction() as tx:
        await note_backup(tx, begun_ms + 4 * DAY_MS)
    assert (await found_at(begun_ms + 5 * DAY_MS)).grade is Grade.OK
    old = await found_at(begun_ms + 8 * DAY_MS)
    assert old.grade is Grade.WARNING
    assert "4 days ago" in old.found
