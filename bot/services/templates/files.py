"""Fetches the files of templates that managers attach."""

import asyncio
import secrets
from contextlib import suppress
from pathlib import Path

from bot.errors import UserError
from bot.media.download.fetch import Fetcher
from bot.media.errors import FetchTooLarge, MediaError
from bot.services.templates.content import FILE_LIMIT_BYTES, TemplateContent, read_file


class TemplateFiles:
    """Reads attached files through the guard that every download passes."""

    def __init__(self, fetcher: Fetcher, folder: Path) -> None:
        self._fetcher = fetcher
        self._folder = folder

    async def read(self, url: str) -> tuple[TemplateContent, ...]:
        """The templates of a file. Raises: UserError where it can't be fetched, or is wrong."""
        target = self._folder / f"templates-{secrets.token_hex(8)}.json"
        try:
            await self._fetcher.fetch(url, target, max_bytes=FILE_LIMIT_BYTES)
            data = await asyncio.to_thread(target.read_bytes)
        except FetchTooLarge as error:
            raise UserError("refused-template-large", {"most": FILE_LIMIT_BYTES >> 20}) from error
        except (MediaError, OSError) as error:
            raise UserError("refused-template-download") from error
        finally:
            with suppress(OSError):
                await asyncio.to_thread(target.unlink, missing_ok=True)
        return await asyncio.to_thread(read_file, data)
