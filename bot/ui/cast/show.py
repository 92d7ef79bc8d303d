"""Shows a name with its pictures, where this process can get them."""

import asyncio
from pathlib import Path

import discord

from bot.media.errors import MediaError
from bot.services.caller import Caller
from bot.ui.cast import pages
from bot.ui.responses import Answer
from bot.ui.services import Services


async def send_show(services: Services, caller: Caller, answer: Answer, name: str) -> None:
    """Answer with a name; pictures that are not to be had here are only told of."""
    view = await services.cast.show(caller, name)
    paths = [
        (path, each.format)
        for each in view.pictures
        if each.path and (path := await _brought(services, each.path)) is not None
    ]
    files = await asyncio.to_thread(_files, paths, caller.upload_limit_bytes)
    try:
        await answer.send(embed=pages.show_page(view, answer.t), files=files or None)
    finally:
        for file in files:
            file.close()


async def _brought(services: Services, key: str) -> Path | None:
    try:
        return await services.files.bring(key)
    except MediaError:
        return None


def _files(paths: list[tuple[Path, str]], limit: int) -> list[discord.File]:
    files: list[discord.File] = []
    room = limit
    for number, (path, extension) in enumerate(paths, start=1):
        size = path.stat().st_size
        if size <= room:
            room -= size
            files.append(discord.File(path, filename=f"picture-{number}.{extension or 'png'}"))
    return files
