"""Builds what keeps media files: the disk, or the store that `MEDIA_STORE` names."""

import asyncio

from bot.bootstrap.context import AppContext
from bot.bootstrap.data_dir import host_of
from bot.media.store.scratch import Scratch
from bot.services.media_files.files import MediaFiles
from bot.services.media_files.leftovers import StoreLeftovers
from bot.services.media_files.on_disk import DiskFiles


async def open_files(base: AppContext) -> MediaFiles:
    """The files of this process; its scratch folder goes when the app is closed."""
    settings = base.settings
    address = settings.store_address
    if address is None:
        return DiskFiles(settings.data_dir, await asyncio.to_thread(host_of, settings.data_dir))
    # loaded only where there is a store: it takes memory
    from bot.media.store.connect import connect_store  # noqa: PLC0415
    from bot.media.store.objects import Objects  # noqa: PLC0415
    from bot.services.media_files.in_store import StoreFiles  # noqa: PLC0415

    scratch = Scratch(settings.data_dir)
    await asyncio.to_thread(scratch.open)
    base.stack.callback(scratch.close)
    objects = Objects(connect_store(settings, address), observe=base.metrics.store_call)
    return StoreFiles(base.database, objects, scratch, settings.data_dir, base.clock)


def leftovers_of(base: AppContext, files: MediaFiles) -> StoreLeftovers | None:
    """What clears the store; None without one."""
    if base.settings.store_address is None:
        return None
    from bot.services.media_files.in_store import StoreFiles  # noqa: PLC0415

    assert isinstance(files, StoreFiles)  # noqa: S101 - by open_files
    return StoreLeftovers(base.database, files.objects, files, base.clock)
