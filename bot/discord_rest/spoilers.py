"""Puts a posted video behind a spoiler, or removes the spoiler, without a new upload.

Source: Discord's API description, `MessageAttachmentRequest`: in an edit each attachment that stays
is named by its id, and `is_spoiler` sets or clears its flag. discord.py 2.7 knows only the older
way, a file name that begins with `SPOILER_`.
"""

import re
from typing import Any, Final

import discord
from discord.http import Route

_LINK: Final = re.compile(r"(?:\|\|)?((?:\[[^\]\n]*\]\()?<https?://[^>\s]+>\)?)(?:\|\|)?")
"""A link of ours in a message, with or without a label and spoiler bars."""


class VideoFile(discord.File):
    """A file whose spoiler is set by its flag and its name; `says_flag` off: by its name alone."""

    says_flag = True

    def to_dict(self, index: int) -> dict[str, Any]:
        """The attachment's metadata."""
        said: dict[str, Any] = super().to_dict(index)
        return said | {"is_spoiler": True} if self.spoiler and self.says_flag else said


def with_links(content: str, *, is_spoiler: bool) -> str:
    """A message's text with or without spoilers around its links."""
    return _LINK.sub(r"||\1||" if is_spoiler else r"\1", content)


async def edit_spoiler(
    client: discord.Client, message: discord.Message, *, is_spoiler: bool
) -> None:
    """Put a message's whole content behind a spoiler, or none of it, without an upload.

    A video too large for Discord is a link in the text, which is hidden there.
    Raises: discord.HTTPException.
    """
    change: dict[str, Any] = {"allowed_mentions": {"parse": []}}
    if message.attachments:
        change["attachments"] = [
            {"id": str(attachment.id), "is_spoiler": is_spoiler}
            for attachment in message.attachments
        ]
    else:
        change["content"] = with_links(message.content, is_spoiler=is_spoiler)
    route = Route(
        "PATCH",
        "/channels/{channel_id}/messages/{message_id}",
        channel_id=message.channel.id,
        message_id=message.id,
    )
    await client.http.request(route, json=change)
