"""Discord messages by REST alone: needs a logged-in client, neither the gateway nor a cache."""

from pathlib import Path
from typing import Final

import discord

from bot.delivery.base import CALL_TIMEOUT_S, NOBODY, size_of, upload_s
from bot.delivery.panel_poster import PanelPoster
from bot.delivery.rendering import forward_reference, mentions, reply
from bot.delivery.review_poster import ReviewPoster
from bot.discord_rest.channels import is_as_restricted
from bot.discord_rest.errors import THREAD_ARCHIVED, UNKNOWN_CHANNEL, UNKNOWN_GUILD, discord_faults
from bot.discord_rest.history import is_history_open
from bot.discord_rest.spoilers import edit_spoiler
from bot.errors import DeliveryRefused, HistoryClosed, MessageGone, PlaceGone
from bot.services.caller import Progress
from bot.ui import messages
from bot.ui.formatting import below
from bot.ui.requests.followups import followup_view
from storage.records import OutboxMessage, Request

SCAN_TIMEOUT_S: Final = 120.0
SCAN_LIMIT: Final = 5_000
"""How many messages are searched for a marker."""


class DiscordPoster(ReviewPoster, PanelPoster):
    """Sends, finds, edits and deletes the bot's messages; raises only DeliveryErrors."""

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
            content = below(await self._from_server(outgoing, request), content)
        size_bytes = await size_of(file)
        attached = [self._renderer.attachment(outgoing, request, file)] if file is not None else []
        return await self._send(
            outgoing,
            content,
            attached,
            size_bytes=size_bytes,
            mentions=mentions(outgoing),
            **self._renderer.buttons(outgoing, request, standing),
            **reply(outgoing),
        )

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
                content=content, view=view, allowed_mentions=NOBODY
            )

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
                view=view, allowed_mentions=NOBODY
            )

    async def edit_strip(self, outgoing: OutboxMessage, request: Request, file: Path) -> None:
        """Put a picture of what is made so far on a series' card, in place of the one before.

        Raises: MessageGone, PlaceGone, FileTooLarge, ChangeRefused, DeliveryRefused,
        DiscordUnavailable.
        """
        attachment = self._renderer.strip(request, file)
        try:
            async with discord_faults("change", CALL_TIMEOUT_S + await upload_s(file)):
                await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                    attachments=[attachment], allowed_mentions=NOBODY
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
        attachment = self._renderer.attachment(outgoing, request, file, is_spoiler=is_spoiler)
        # mark the spoiler by the file name alone: the flag may be what Discord refused
        attachment.says_flag = False
        try:
            async with discord_faults("change", CALL_TIMEOUT_S + await upload_s(file)):
                await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                    attachments=[attachment], allowed_mentions=NOBODY
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
