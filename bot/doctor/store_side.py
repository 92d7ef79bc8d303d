"""Store check: write, read and delete a file in the media store, and compare clocks."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Final

from bot.doctor.clock_side import compare_clocks
from bot.doctor.findings import Finding, failed, ok, warning
from bot.media.errors import FileMissing, StoreUnavailable
from bot.services.media_files.leftovers import MARKER, OWN_ID
from bot.services.operations.disk_space import NEARLY
from bot.settings import Settings
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.files import stored_files
from storage.operations import key_values

if TYPE_CHECKING:
    from bot.media.store.objects import Objects

CHECK: Final = "store"
_FOLDER: Final = "doctor"
_ADVICE: Final = "look at MEDIA_STORE and AWS_*, and at what the access key may do in the bucket"


async def check_store(
    settings: Settings, database: Database | None, *, clock: Callable[[], float] = time.time
) -> AsyncIterator[Finding]:
    """Skipped without `MEDIA_STORE`; `clock` returns Unix seconds."""
    address = settings.store_address
    if address is None:
        return
    # loaded only where there is a store: it takes memory
    from bot.media.store.connect import connect_store  # noqa: PLC0415
    from bot.media.store.objects import Objects  # noqa: PLC0415

    objects = Objects(connect_store(settings, address))
    probe, data = f"{_FOLDER}/{secrets.token_hex(8)}", secrets.token_bytes(1000)
    doing = "written"
    try:
        before_s = clock()
        await objects.write(probe, data)
        middle_s = (before_s + clock()) / 2
        doing = "read"
        is_same = await objects.read(probe) == data
        theirs_s = await objects.modified_ms(probe) / 1000
        doing = "listed"
        listed = [each.key async for page in objects.pages(_FOLDER) for each in page]
        doing = "deleted"
        await objects.delete([probe])
    except (StoreUnavailable, FileMissing) as error:
        yield failed(CHECK, f"{address} can't be {doing} ({error})", _ADVICE)
        return
    if not is_same or probe not in listed:
        yield failed(CHECK, f"{address} does not give back what was written", _ADVICE)
        return
    yield ok(CHECK, f"{address} can be written, read, listed and deleted")
    # the store truncates to whole seconds: assume the middle
    yield compare_clocks("the media store's", middle_s - theirs_s - 0.5)
    if database is not None:
        async for finding in _check_contents(settings, database, objects):
            yield finding


async def _check_contents(
    settings: Settings, database: Database, objects: Objects
) -> AsyncIterator[Finding]:
    """Whose the prefix is, and how full it is by the list in the database."""
    try:
        async with database.reading() as tx:
            own = await key_values.get(tx, OWN_ID)
            used, number = await stored_files.total(tx)
    except StorageError:
        # of an older version, which the next start updates
        return
    if (owner := await _owner(objects)) and owner != own:
        yield warning(
            CHECK,
            "its prefix was used with another database, so objects left over there stay",
            f"name an empty prefix, or delete the object {MARKER} there if no other bot uses it",
        )
    limit = settings.data_max_gb * 1e9
    found = f"{used / 1e9:.1f} of {settings.data_max_gb:g} GB used, by {number} files"
    if used >= limit * NEARLY:
        advice = "raise DATA_MAX_GB, or shorten retention_days; new requests are refused"
        yield failed(CHECK, found, advice)
    else:
        yield ok(CHECK, found)


async def _owner(objects: Objects) -> str:
    try:
        return (await objects.read(MARKER)).decode("ascii", "replace")
    except (FileMissing, StoreUnavailable):
        return ""
