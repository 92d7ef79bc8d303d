"""Discord messages by REST alone: needs a logged-in client, neither the gateway nor a cache."""

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import discord

from bot.delivery.rendering import (
    MessageRenderer,
    forward_reference,
    mentions,
    reply,
    review_attachment,
)
from bot.discord_rest.channels import is_as_restricted
from bot.discord_rest.errors import THREAD_ARCHIVED, UNKNOWN_CHANNEL, UNKNOWN_GUILD, discord_faults
from bot.discord_rest.history import is_history_open
from bot.discord_rest.spoilers import edit_spoiler
from bot.errors import DeliveryRefused, DiscordUnavailable, HistoryClosed, MessageGone, PlaceGone
from bot.rules.catalogue import Catalogue
from bot.services.caller import Progress
from bot.services.moderation.review_lifecycle import ReviewSheet, SheetFile
from bot.services.templates.panels import PanelSheet
from bot.ui import messages
from bot.ui.formatting import within
from bot.ui.moderation import review_cards
from bot.ui.moderation.review_buttons import review_view
from bot.ui.requests.followups import followup_view
from bot.ui.texts import Texts
from storage.moderation.reviews import ReviewState
from storage.records import OutboxMessage, Request

CALL_TIMEOUT_S: Final = 30.0
"""Includes discord.py's own retries."""
SLOWEST_BYTES_PER_S: Final = 100_000
"""Uploads get the time that a slow connection takes."""
SCAN_TIMEOUT_S: Final = 120.0
SCAN_LIMIT: Final = 5_000
"""How many messages are searched for a marker."""
_NOBODY: Final = discord.AllowedMentions.none()

Place = discord.PartialMessageable | discord.DMChannel


class DiscordPoster:
    """Sends, finds, edits and deletes the bot's messages; raises only DeliveryErrors."""

    def __init__(
        self, client: discord.Client, texts: Texts, catalogue: Catalogue, currency: str = ""
    ) -> None:
        self._client = client
        self._renderer = MessageRenderer(texts, catalogue, currency)

    async def send(
        self,
        outgoing: OutboxMessage,
        request: Request | None,
        standing: Progress,
        file: Path | None,
    ) -> tuple[int, int]:
        """Send once with the message's nonce, which Discord enforces for some minutes.

        `file` is streamed from disk. Returns the channel's and the message's id.
        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        content = self._renderer.content(outgoing, request, standing, with_file=file is not None)
        if not outgoing.channel_id and request is not None:
            content = within((await self._from_server(outgoing, request), content))
        attachment = self._renderer.attachment(outgoing, request, file) if file else None
        timeout_s = CALL_TIMEOUT_S
        if file is not None:
            size = await asyncio.to_thread(lambda: file.stat().st_size)
            timeout_s += size / SLOWEST_BYTES_PER_S
        try:
            async with discord_faults("send", timeout_s):
                place = await self._place(outgoing)
                message = await place.send(
                    content,
                    files=[attachment] if attachment is not None else [],
                    nonce=outgoing.nonce,
                    allowed_mentions=mentions(outgoing),
                    suppress_embeds=True,
                    **self._renderer.buttons(outgoing, request, standing),
                    **reply(outgoing),
                )
        finally:
            if attachment is not None:
                attachment.close()
        return message.channel.id, message.id

    async def find(self, outgoing: OutboxMessage) -> tuple[int, int] | None:
        """Search the bot's own messages behind `after_id` for the marker.

        Raises: HistoryClosed, PlaceGone, DiscordUnavailable.
        """
        after = discord.Object(outgoing.after_id)
        seen = 0
        async with discord_faults("read", SCAN_TIMEOUT_S):
            place = await self._place(outgoing)
            async for message in place.history(limit=SCAN_LIMIT, after=after, oldest_first=True):
                seen += 1
                if self._is_own(message) and self._renderer.is_message(message, outgoing):
                    return message.channel.id, message.id
            # Discord also answers with an empty list where history may not be read
            if (
                seen == 0
                and outgoing.channel_id
                and not await is_history_open(self._client, outgoing.guild_id, outgoing.channel_id)
            ):
                raise HistoryClosed("Read Message History is missing")
        if seen >= SCAN_LIMIT:
            raise HistoryClosed(f"more than {SCAN_LIMIT} messages since")
        return None

    async def newest_id(self, outgoing: OutboxMessage) -> int:
        """The id of the newest message in the channel; 0 where none is shown.

        Raises: HistoryClosed, PlaceGone, DiscordUnavailable.
        """
        async with discord_faults("read", CALL_TIMEOUT_S):
            place = await self._place(outgoing)
            async for message in place.history(limit=1):
                return message.id
        return 0

    async def edit(self, outgoing: OutboxMessage, request: Request, standing: Progress) -> None:
        """Make a sent card show the request's present state; without the prompt if that is refused.

        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        is_plain = messages.is_plain(outgoing)
        try:
            await self._edit(outgoing, request, standing, is_plain=is_plain)
        except DeliveryRefused:
            if is_plain:
                raise
            await self._edit(outgoing, request, standing, is_plain=True)

    async def _edit(
        self, outgoing: OutboxMessage, request: Request, standing: Progress, *, is_plain: bool
    ) -> None:
        content, view = self._renderer.card(request, standing, is_plain=is_plain)
        async with discord_faults("change", CALL_TIMEOUT_S):
            await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                content=content, view=view, allowed_mentions=_NOBODY
            )

    async def send_review(
        self, outgoing: OutboxMessage, sheet: ReviewSheet, files: Sequence[SheetFile]
    ) -> tuple[int, int]:
        """Send a review card with its files; return the channel's and the message's id.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        t = self._renderer.texts.of(sheet.request.guild_locale)
        has_video = any(file.about == "video" for file in files)
        is_plain = messages.is_plain(outgoing)
        content = self._renderer.review_card(sheet, has_video=has_video, is_plain=is_plain)
        size = await asyncio.to_thread(lambda: sum(file.path.stat().st_size for file in files))
        attached = [review_attachment(file, t) for file in files]
        prompt = messages.video_of(sheet.request).prompt
        if not review_cards.is_whole(prompt, is_plain=is_plain):
            attached.append(discord.File(io.BytesIO(prompt.encode()), "prompt.txt"))
        try:
            async with discord_faults("send", CALL_TIMEOUT_S + size / SLOWEST_BYTES_PER_S):
                place = await self._place(outgoing)
                message = await place.send(
                    content,
                    files=attached,
                    nonce=outgoing.nonce,
                    allowed_mentions=_NOBODY,
                    suppress_embeds=True,
                    view=review_view(sheet.review, t),
                )
        finally:
            for file in attached:
                file.close()
        return message.channel.id, message.id

    async def edit_review(self, outgoing: OutboxMessage, sheet: ReviewSheet) -> None:
        """Make a sent card show its review as it is, without buttons once that is decided.

        Without what people typed, if that is refused.
        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        is_plain = messages.is_plain(outgoing)
        try:
            await self._edit_review(outgoing, sheet, is_plain=is_plain)
        except DeliveryRefused:
            if is_plain:
                raise
            await self._edit_review(outgoing, sheet, is_plain=True)

    async def _edit_review(
        self, outgoing: OutboxMessage, sheet: ReviewSheet, *, is_plain: bool
    ) -> None:
        t = self._renderer.texts.of(sheet.request.guild_locale)
        content = self._renderer.review_card(sheet, is_plain=is_plain)
        is_open = sheet.review.state is ReviewState.OPEN
        view = review_view(sheet.review, t) if is_open else None
        message = self._message(outgoing.sent_channel_id, outgoing.message_id)
        async with discord_faults("change", CALL_TIMEOUT_S):
            if sheet.review.is_purged:
                await message.edit(
                    content=content, view=view, attachments=[], allowed_mentions=_NOBODY
                )
            else:
                await message.edit(content=content, view=view, allowed_mentions=_NOBODY)

    async def send_panel(
        self, outgoing: OutboxMessage, sheet: PanelSheet, file: Path | None
    ) -> tuple[int, int]:
        """Send a template's panel with its example; return the channel's and the message's id.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        content, view = self._renderer.panel(outgoing, sheet)
        if view is None:
            raise DeliveryRefused("its template was removed")
        attached = self._renderer.example(outgoing, sheet, file)
        try:
            async with discord_faults("send", CALL_TIMEOUT_S + await _upload_s(file)):
                place = await self._place(outgoing)
                message = await place.send(
                    content,
                    files=attached,
                    nonce=outgoing.nonce,
                    allowed_mentions=_NOBODY,
                    suppress_embeds=True,
                    view=view,
                )
        finally:
            for each in attached:
                each.close()
        return message.channel.id, message.id

    async def edit_panel(
        self, outgoing: OutboxMessage, sheet: PanelSheet, file: Path | None, *, keeps_file: bool
    ) -> None:
        """Make a panel show its template's present state; without `keeps_file` also its example.

        Raises: MessageGone, PlaceGone, FileTooLarge, ChangeRefused, DeliveryRefused,
        DiscordUnavailable.
        """
        content, view = self._renderer.panel(outgoing, sheet)
        message = self._message(outgoing.sent_channel_id, outgoing.message_id)
        attached = self._renderer.example(outgoing, sheet, file)
        try:
            async with discord_faults("change", CALL_TIMEOUT_S + await _upload_s(file)):
                if keeps_file:
                    await message.edit(content=content, view=view, allowed_mentions=_NOBODY)
                else:
                    await message.edit(
                        content=content, view=view, attachments=attached, allowed_mentions=_NOBODY
                    )
        finally:
            for each in attached:
                each.close()

    async def forward(self, outgoing: OutboxMessage) -> tuple[int, int]:
        """Forward a posted message by Discord's own means; nothing is uploaded.

        Raises: PlaceGone, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        async with discord_faults("send", CALL_TIMEOUT_S):
            place = await self._place(outgoing)
            message = await place.send(nonce=outgoing.nonce, reference=forward_reference(outgoing))
        return message.channel.id, message.id

    async def may_forward(self, outgoing: OutboxMessage) -> bool:
        """Whether nobody sees the message in its new place who could not in the old one.

        Raises: PlaceGone, DeliveryRefused, DiscordUnavailable.
        """
        self._require_login()
        source = forward_reference(outgoing)
        async with discord_faults("send", CALL_TIMEOUT_S):
            return await is_as_restricted(self._client, source.channel_id, outgoing.channel_id)

    async def edit_votes(self, outgoing: OutboxMessage, request: Request, votes: int) -> None:
        """Make the button under a posted video show how many votes it has.

        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        view = followup_view(request.id, self._renderer.texts.of(request.guild_locale), votes)
        async with discord_faults("change", CALL_TIMEOUT_S):
            await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                view=view, allowed_mentions=_NOBODY
            )

    async def edit_strip(self, outgoing: OutboxMessage, request: Request, file: Path) -> None:
        """Put a picture of what is made so far on a series' card, in place of the one before.

        Raises: MessageGone, PlaceGone, FileTooLarge, ChangeRefused, DeliveryRefused,
        DiscordUnavailable.
        """
        attachment = self._renderer.strip(request, file)
        try:
            async with discord_faults("change", CALL_TIMEOUT_S + await _upload_s(file)):
                await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                    attachments=[attachment], allowed_mentions=_NOBODY
                )
        finally:
            attachment.close()

    async def set_spoiler(self, outgoing: OutboxMessage, *, is_spoiler: bool) -> None:
        """Put a posted video or film behind a spoiler, or remove the spoiler, by an edit alone.

        Raises: MessageGone, PlaceGone, HistoryClosed, DeliveryRefused, DiscordUnavailable.
        """
        self._require_login()
        place = self._client.get_partial_messageable(outgoing.sent_channel_id)
        async with discord_faults("read", CALL_TIMEOUT_S):
            try:
                message = await place.fetch_message(outgoing.message_id)
            except discord.NotFound as error:
                if error.code in (UNKNOWN_CHANNEL, UNKNOWN_GUILD):
                    raise MessageGone("its place is gone") from error
                raise
        async with discord_faults("change", CALL_TIMEOUT_S):
            try:
                await edit_spoiler(self._client, message, is_spoiler=is_spoiler)
            except discord.HTTPException as error:
                if error.code != THREAD_ARCHIVED:
                    raise
                # messages in an archived thread can't be edited, yet everybody can still see them
                await self._client.http.edit_channel(message.channel.id, archived=False)
                await edit_spoiler(self._client, message, is_spoiler=is_spoiler)

    async def reshow(
        self, outgoing: OutboxMessage, request: Request, file: Path, *, is_spoiler: bool
    ) -> None:
        """The same by uploading the file again, where Discord refuses that edit.

        Raises: MessageGone, PlaceGone, FileTooLarge, DeliveryRefused, DiscordUnavailable.
        """
        size = await asyncio.to_thread(lambda: file.stat().st_size)
        attachment = self._renderer.attachment(outgoing, request, file, is_spoiler=is_spoiler)
        # mark the spoiler by the file name alone: the flag may be what Discord refused
        attachment.says_flag = False
        try:
            async with discord_faults("change", CALL_TIMEOUT_S + size / SLOWEST_BYTES_PER_S):
                await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                    attachments=[attachment], allowed_mentions=_NOBODY
                )
        finally:
            attachment.close()

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of the bot; one that is gone already is fine.

        Raises: PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        try:
            async with discord_faults("change", CALL_TIMEOUT_S):
                await self._message(channel_id, message_id).delete()
        except MessageGone:
            return

    async def file_link(self, channel_id: int, message_id: int) -> str:
        """A fresh link to the file of one of the bot's messages; empty where it has none.

        Raises: MessageGone, PlaceGone, DiscordUnavailable.
        """
        self._require_login()
        async with discord_faults("change", CALL_TIMEOUT_S):
            place = self._client.get_partial_messageable(channel_id)
            message = await place.fetch_message(message_id)
        return message.attachments[0].url if message.attachments else ""

    async def _from_server(self, outgoing: OutboxMessage, request: Request) -> str:
        """Which server a direct message is about; empty where the bot has left it."""
        self._require_login()
        guild = self._client.get_guild(request.guild_id)
        try:
            if guild is None:
                async with discord_faults("read", CALL_TIMEOUT_S):
                    guild = await self._client.fetch_guild(request.guild_id, with_counts=False)
        except (HistoryClosed, PlaceGone, DeliveryRefused):
            return ""
        return self._renderer.from_server(outgoing, request, guild.name)

    def _require_login(self) -> None:
        # before the log-in discord.py has no session to send with
        if self._client.user is None:
            raise DiscordUnavailable("not logged in yet")

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        self._require_login()
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)

    async def _place(self, outgoing: OutboxMessage) -> Place:
        self._require_login()
        if outgoing.channel_id:
            return self._client.get_partial_messageable(
                outgoing.channel_id, guild_id=outgoing.guild_id or None
            )
        return await self._client.create_dm(discord.Object(outgoing.user_id))

    def _is_own(self, message: discord.Message) -> bool:
        return self._client.user is not None and message.author.id == self._client.user.id


async def _upload_s(file: Path | None) -> float:
    """The time that uploading a file takes on a slow connection."""
    if file is None:
        return 0.0
    return (await asyncio.to_thread(file.stat)).st_size / SLOWEST_BYTES_PER_S
