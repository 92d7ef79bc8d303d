"""Shows a name with its pictures, where this process has them at hand."""

import asyncio
from pathlib import Path

import discord

from bot.services.caller import Caller
from bot.ui.cast import pages
from bot.ui.responses import Answer
from bot.ui.services import Services


async def send_show(services: Services, caller: Caller, answer: Answer, name: str) -> None:
    """Answer with a name; pictures on another machine's disk are only told of."""
    view = await services.cast.show(caller, name)
    paths = [(services.data_dir / each.path, each.format) for each in view.pictures if each.path]
    files = await asyncio.to_thread(_files, paths, caller.upload_limit_bytes)
    try:
        await answer.send(embed=pages.show_page(view, answer.t), files=files or None)
    finally:
        for file in files:
            file.close()


def _files(paths: list[tuple[Path, str]], limit: int) -> list[discord.File]:
    files: list[discord.File] = []
    room = limit
    for number, (path, extension) in enumerate(paths, start=1):
        size = path.stat().st_size if path.is_file() else limit + 1
        if size <= room:
            room -= size
            files.append(discord.File(path, filename=f"picture-{number}.{extension or 'png'}"))
    return files
