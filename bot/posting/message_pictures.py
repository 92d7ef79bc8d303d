"""The pictures of somebody's message, in the order in which Discord shows them."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final

import discord

from bot.rules.media import MediaKind, MediaSource
from bot.rules.request import MediaRef

MOST: Final = 10
"""As many files as a message can carry."""

_PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".avif", ".bmp"})
_STICKERS: Final = {
    discord.StickerFormatType.png: "image/png",
    discord.StickerFormatType.apng: "image/png",
    discord.StickerFormatType.gif: "image/gif",
}
"""Those that are pictures; the others are drawn by Discord's client."""


def pictures_of(message: discord.Message) -> tuple[MediaRef, ...]:
    """Attachments, embeds and stickers that are pictures; of a forwarded message as well."""
    found: list[MediaRef] = []
    parts: list[Any] = [message, *message.message_snapshots]
    for part in parts:
        found.extend(_attached(part.attachments))
        found.extend(_embedded(part.embeds))
        found.extend(_stickers(part))
    return tuple(found[:MOST])


def _attached(attachments: list[discord.Attachment]) -> Iterator[MediaRef]:
    for attachment in attachments:
        claimed = attachment.content_type
        ending = PurePosixPath(attachment.filename.lower()).suffix
        if (claimed or "").startswith("image/") or (claimed is None and ending in _PICTURES):
            yield MediaRef(
                source=MediaSource.ATTACHMENT,
                url=attachment.url,
                field="files",
                name=attachment.filename,
                content_type=claimed or "image/*",
                size_bytes=attachment.size,
                width=attachment.width,
                height=attachment.height,
            )


def _embedded(embeds: list[discord.Embed]) -> Iterator[MediaRef]:
    for embed in embeds:
        picture = embed.image if embed.image.url else embed.thumbnail
        # Discord's copy is what was shown; what the link leads to now may be another picture
        url = picture.proxy_url or picture.url
        if url and url.startswith("https://"):
            yield MediaRef(
                source=MediaSource.LINK,
                url=url,
                kind=MediaKind.IMAGE,
                field="links",
                width=picture.width or None,
                height=picture.height or None,
            )


def _stickers(part: Any) -> Iterator[MediaRef]:
    for sticker in getattr(part, "stickers", ()):
        if sticker.format in _STICKERS:
            yield MediaRef(
                source=MediaSource.ATTACHMENT,
                url=sticker.url,
                field="files",
                name=sticker.name,
                content_type=_STICKERS[sticker.format],
            )
