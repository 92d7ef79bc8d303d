"""Panels of templates by REST: sent with their examples, and edited as their templates change."""

from pathlib import Path

from bot.delivery.base import CALL_TIMEOUT_S, NOBODY, Poster, size_of, upload_s
from bot.discord_rest.errors import discord_faults
from bot.errors import DeliveryRefused
from bot.services.templates.panels import PanelSheet
from storage.records import OutboxMessage


class PanelPoster(Poster):
    """Sends and edits panels; raises only DeliveryErrors."""

    async def send_panel(
        self, outgoing: OutboxMessage, sheet: PanelSheet, file: Path | None
    ) -> tuple[int, int]:
        """Send a template's panel with its example; return the channel's and the message's id.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        content, view = self._renderer.panel(outgoing, sheet)
        if view is None:
            raise DeliveryRefused("its template was removed")
        size_bytes = await size_of(file)
        attached = self._renderer.example(outgoing, sheet, file)
        return await self._send(outgoing, content, attached, size_bytes=size_bytes, view=view)

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
            async with discord_faults("change", CALL_TIMEOUT_S + await upload_s(file)):
                if keeps_file:
                    await message.edit(content=content, view=view, allowed_mentions=NOBODY)
                else:
                    await message.edit(
                        content=content, view=view, attachments=attached, allowed_mentions=NOBODY
                    )
        finally:
            for each in attached:
                each.close()
