"""Review cards by REST: sent with their files, and edited as their reviews go on."""

import io
from collections.abc import Sequence

import discord

from bot.delivery.base import CALL_TIMEOUT_S, NOBODY, Poster, size_of
from bot.delivery.rendering import review_attachment
from bot.discord_rest.errors import discord_faults
from bot.errors import DeliveryRefused
from bot.services.moderation.review_sheet import ReviewSheet, SheetFile
from bot.ui import messages
from bot.ui.moderation import review_cards
from bot.ui.moderation.review_buttons import review_view
from storage.moderation.reviews import ReviewState
from storage.records import OutboxMessage


class ReviewPoster(Poster):
    """Sends and edits review cards; raises only DeliveryErrors."""

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
        size_bytes = await size_of(*(file.path for file in files))
        attached = [review_attachment(file, t) for file in files]
        prompt = messages.video_of(sheet.request).prompt
        if not review_cards.is_whole(prompt, is_plain=is_plain):
            attached.append(discord.File(io.BytesIO(prompt.encode()), "prompt.txt"))
        view = review_view(sheet.review, t)
        return await self._send(outgoing, content, attached, size_bytes=size_bytes, view=view)

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
                    content=content, view=view, attachments=[], allowed_mentions=NOBODY
                )
            else:
                await message.edit(content=content, view=view, allowed_mentions=NOBODY)
