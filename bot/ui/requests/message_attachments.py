"""Extracts the pictures of a message, in the order in which Discord shows them."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

import discord

from bot.rules.media import MediaKind, MediaSource
from bot.rules.request import MediaRef

MOST: Final = 10
"""As many files as a message can carry."""
MOST_COMPONENTS: Final = 200
"""More than Discord allows in a message; a bound on what is read of one."""

_PICTURES: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".avif", ".bmp"})
_CLIPS: Final = frozenset({".mp4", ".mov", ".webm", ".m4v", ".mkv", ".avi"})
_STICKERS: Final = {
    discord.StickerFormatType.png: "image/png",
    discord.StickerFormatType.apng: "image/png",
    discord.StickerFormatType.gif: "image/gif",
}
"""Embeds that are pictures; Discord's client renders the others."""
_DISCORDS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
"""Hosts of the same file; only the path identifies it, the query is a signature."""

Shown = tuple[str, MediaRef]
"""A picture with its key, by which the same one in two places is found."""


def pictures_of(message: discord.Message) -> tuple[MediaRef, ...]:
    """All pictures of a message, and of the message it forwards.

    Attachments, embeds, stickers, and the galleries, thumbnails and files of other bots' layouts.
    """
    found: dict[str, MediaRef] = {}
    parts: list[Any] = [message, *message.message_snapshots]
    for part in parts:
        for key, picture in _shown(part):
            found.setdefault(key, picture)
    return tuple(found.values())[:MOST]


def are_anothers(message: discord.Message, user_id: int, own_id: int) -> bool:
    """Whether a message's pictures are another member's than the one of `user_id`.

    Other bots are no members; this bot (`own_id`) shows what members gave it.
    """
    author = message.author
    return author.id != user_id and (not author.bot or author.id == own_id)


def own_id(interaction: discord.Interaction[Any]) -> int:
    """The user id of this bot."""
    user = interaction.client.user
    return 0 if user is None else user.id


def _shown(part: Any) -> Iterator[Shown]:
    """A file that an embed or a layout shows is shown there, and not by itself."""
    placed = [*_embedded(part.embeds), *_laid_out(part)]
    elsewhere = {key for key, _ in placed}
    attached = list(_attached(part.attachments))
    yield from (each for each in attached if each[0] not in elsewhere)
    known = dict(attached)
    # an attachment has more metadata than the component that shows it
    yield from ((key, known.get(key, picture)) for key, picture in placed)
    yield from _stickers(part)


def _attached(attachments: Iterable[discord.Attachment]) -> Iterator[Shown]:
    for attachment in attachments:
        if _is_picture(attachment.content_type, attachment.filename):
            picture = MediaRef(
                source=MediaSource.ATTACHMENT,
                url=attachment.url,
                field="files",
                name=attachment.filename,
                content_type=attachment.content_type or "image/*",
                size_bytes=attachment.size,
                width=attachment.width,
                height=attachment.height,
            )
            yield _key(attachment.url), picture


def _embedded(embeds: Iterable[discord.Embed]) -> Iterator[Shown]:
    for embed in embeds:
        picture = embed.image if embed.image.url else embed.thumbnail
        yield from _link(picture)


def _link(picture: Any) -> Iterator[Shown]:
    # Discord's copy is what was shown; the link may lead to another picture by now
    url = picture.proxy_url or picture.url
    if url and url.startswith("https://"):
        yield (
            _key(picture.url or url),
            MediaRef(
                source=MediaSource.LINK,
                url=url,
                kind=MediaKind.IMAGE,
                field="links",
                width=picture.width or None,
                height=picture.height or None,
            ),
        )


def _laid_out(part: Any) -> Iterator[Shown]:
    """Pictures of a message's components, from top to bottom, however deep they stand."""
    left: list[Any] = list(reversed(part.components))
    for _ in range(MOST_COMPONENTS):
        if not left:
            return
        component = left.pop()
        media = getattr(component, "media", None)
        if media is not None:
            is_file = getattr(component, "type", None) is discord.ComponentType.file
            yield from _media(media, part.attachments, is_file=is_file)
        accessory = getattr(component, "accessory", None)
        inside = [
            *getattr(component, "children", ()),
            *([accessory] if accessory is not None else ()),
            *getattr(component, "items", ()),
        ]
        left.extend(reversed(inside))


def _media(
    media: discord.UnfurledMediaItem, attachments: Iterable[discord.Attachment], *, is_file: bool
) -> Iterator[Shown]:
    attachment = _meant(media, attachments)
    if attachment is not None:
        yield from _attached([attachment])
        return
    name = PurePosixPath(urlsplit(media.url).path).name
    # a gallery shows pictures and clips; a file can be anything
    may_be = not (is_file or media.content_type or PurePosixPath(name.lower()).suffix in _CLIPS)
    if not (may_be or _is_picture(media.content_type, name)):
        return
    if not media.attachment_id:
        yield from _link(media)
        return
    picture = MediaRef(
        source=MediaSource.ATTACHMENT,
        url=media.url,
        field="files",
        name=name,
        content_type=media.content_type or "image/*",
        width=media.width,
        height=media.height,
    )
    yield _key(media.url), picture


def _meant(
    media: discord.UnfurledMediaItem, attachments: Iterable[discord.Attachment]
) -> discord.Attachment | None:
    """The message's own attachment that a component shows, or None."""
    for attachment in attachments:
        names = (_key(attachment.url), f"attachment://{attachment.filename}")
        if media.attachment_id == attachment.id or _key(media.url) in names:
            return attachment
    return None


def _is_picture(claimed: str | None, name: str) -> bool:
    """By its content type, else by its name."""
    if claimed:
        return claimed.startswith("image/")
    return PurePosixPath(name.lower()).suffix in _PICTURES


def _key(url: str) -> str:
    """One key for one file, whichever of Discord's hosts it is shown from."""
    parts = urlsplit(url)
    return parts.path if parts.hostname in _DISCORDS else url


def _stickers(part: Any) -> Iterator[Shown]:
    for sticker in getattr(part, "stickers", ()):
        if sticker.format in _STICKERS:
            yield (
                sticker.url,
                MediaRef(
                    source=MediaSource.ATTACHMENT,
                    url=sticker.url,
                    field="files",
                    name=sticker.name,
                    content_type=_STICKERS[sticker.format],
                ),
            )
