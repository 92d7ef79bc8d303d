"""The poster with what moderators need of it: review cards, and videos hidden and shown again."""

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import discord

from bot.delivery.poster import CALL_TIMEOUT_S, SLOWEST_BYTES_PER_S, DiscordPoster
from bot.discord_rest.errors import THREAD_ARCHIVED, UNKNOWN_CHANNEL, UNKNOWN_GUILD, discord_faults
from bot.discord_rest.history import custom_ids_of
from bot.discord_rest.spoilers import edit_spoiler
from bot.errors import DeliveryRefused, MessageGone
from bot.rules.catalogue import Catalogue
from bot.services.caller import Progress
from bot.services.moderation.review_lifecycle import ReviewSheet, SheetFile
from bot.services.outbox import TAKEN_DOWN
from bot.ui import messages
from bot.ui.moderation import review_cards
from bot.ui.moderation.review_buttons import approve_custom_id, review_view
from bot.ui.texts import Localised, Texts
from storage.moderation.reviews import ReviewState
from storage.records import MessageKind, OutboxMessage, Request, State

_NOBODY: Final = discord.AllowedMentions.none()
_VERDICTS: Final = frozenset({State.REJECTED.value, TAKEN_DOWN})


class ReviewPoster(DiscordPoster):
    """Everything that is attached to a card is behind a spoiler: nobody must look who needn't."""

    def __init__(
        self, client: discord.Client, texts: Texts, catalogue: Catalogue, currency: str = ""
    ) -> None:
        super().__init__(client, texts, catalogue)
        self._currency = currency

    async def send_review(
        self, outgoing: OutboxMessage, sheet: ReviewSheet, files: Sequence[SheetFile]
    ) -> tuple[int, int]:
        """Send a card with its files; the channel's and the message's id.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        t = self._texts.of(sheet.request.guild_locale)
        has_video = any(file.about == "video" for file in files)
        is_plain = messages.is_plain(outgoing)
        content = review_cards.card(
            sheet, self._catalogue, self._currency, t, has_video=has_video, is_plain=is_plain
        )
        size = await asyncio.to_thread(lambda: sum(file.path.stat().st_size for file in files))
        attached = [_attached(file, t) for file in files]
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
        t = self._texts.of(sheet.request.guild_locale)
        content = review_cards.card(sheet, self._catalogue, self._currency, t, is_plain=is_plain)
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

    async def set_spoiler(self, outgoing: OutboxMessage, *, is_spoiler: bool) -> None:
        """Put a posted video or film behind a spoiler, or out from behind it, by an edit alone.

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
                # nothing can be changed in it while it is closed, and everybody can still look
                await self._client.http.edit_channel(message.channel.id, archived=False)
                await edit_spoiler(self._client, message, is_spoiler=is_spoiler)

    async def reshow(
        self, outgoing: OutboxMessage, request: Request, file: Path, *, is_spoiler: bool
    ) -> None:
        """The same by sending the file anew, where Discord refuses that edit.

        Raises: MessageGone, PlaceGone, FileTooLarge, DeliveryRefused, DiscordUnavailable.
        """
        size = await asyncio.to_thread(lambda: file.stat().st_size)
        attachment = self._attachment(outgoing, request, file, is_spoiler=is_spoiler)
        # by its name alone: the flag may be what Discord refused
        attachment.says_flag = False
        try:
            async with discord_faults("change", CALL_TIMEOUT_S + size / SLOWEST_BYTES_PER_S):
                await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                    attachments=[attachment], allowed_mentions=_NOBODY
                )
        finally:
            attachment.close()

    def _content(
        self,
        outgoing: OutboxMessage,
        request: Request | None,
        standing: Progress,
        *,
        with_file: bool,
    ) -> str:
        body = messages.body_of(outgoing) if outgoing.kind is MessageKind.NOTICE else {}
        if request is None or body.get("state") not in _VERDICTS:
            return super()._content(outgoing, request, standing, with_file=with_file)
        t = self._texts.of(self._locale(outgoing, request))
        return review_cards.verdict_notice(request, body, t, in_private=not outgoing.channel_id)

    def _locale(self, outgoing: OutboxMessage, request: Request) -> str:
        is_verdict = (
            outgoing.kind is MessageKind.NOTICE
            and messages.body_of(outgoing).get("state") in _VERDICTS
        )
        return request.locale if is_verdict and not outgoing.channel_id else request.guild_locale

    def _is_message(self, message: discord.Message, outgoing: OutboxMessage) -> bool:
        if outgoing.kind is not MessageKind.REVIEW:
            return super()._is_message(message, outgoing)
        number = int(outgoing.id.rpartition(":")[2])
        return approve_custom_id(outgoing.request_id, number) in custom_ids_of(message)


def _attached(file: SheetFile, t: Localised) -> discord.File:
    described = t(f"review-alt-{file.about}", number=file.position + 1)
    return discord.File(file.path, filename=file.name, spoiler=True, description=described)
