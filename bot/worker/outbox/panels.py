"""Panels: a template's name, example and button, posted once and found by the button."""

import logging
from dataclasses import replace
from typing import ClassVar, Final

from bot.errors import DeliveryRefused
from bot.services.moderation.review_sheet import SheetFile
from bot.services.templates.panels import sheet_of
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import Preparation, VideoFiles, is_link_only, result_video
from bot.worker.outbox.strategies import Delivery, MessagePlace, MessageStrategy
from bot.worker.outbox.transitions import PREPARE, drop, hand_on
from storage.engine.transaction import Transaction
from storage.records import OutboxMessage, Request
from storage.templates import panels

logger = logging.getLogger(__name__)

TRIES_FOR_THE_EXAMPLE: Final = 3
"""An example that can't be had by then is left out: the panel does without."""


class PanelStrategy(MessageStrategy):
    """A panel with the video that shows what comes out, if there is one."""

    area: ClassVar = "panel"

    def __init__(self, context: WorkerContext) -> None:
        super().__init__(context)
        self._videos = VideoFiles(context)

    async def load(self, message: OutboxMessage) -> Delivery:
        """Read the template as it is now."""
        async with self._context.database.reading() as tx:
            sheet = await sheet_of(tx, self._context.catalogue, message)
        video = None
        if sheet is not None and sheet.example is not None and sheet.example.result_path:
            video = result_video(sheet.example)
        return Delivery(message, panel=sheet, video=video)

    async def prepare(self, delivery: Delivery) -> Preparation:
        """Download or encode the example; without it after a few tries."""
        if delivery.video is None or delivery.panel is None or delivery.panel.offer is None:
            return Preparation.READY
        example = delivery.video.request
        with self._context.files.hold(example.id if example is not None else ""):
            outcome = await self._videos.prepare(delivery.video, delivery.message)
        is_over = delivery.message.attempt >= TRIES_FOR_THE_EXAMPLE
        return Preparation.LINK if outcome is Preparation.LATER and is_over else outcome

    async def ready(self, delivery: Delivery) -> Delivery | None:
        """Attach the example; a panel whose template was removed is not posted at all."""
        message, sheet = delivery.message, delivery.panel
        if sheet is None or sheet.offer is None:
            await drop(self._context, message)
            return None
        if delivery.video is None or is_link_only(message):
            return delivery
        file = await self._videos.for_posting(delivery.video, message)
        if file is None:
            await hand_on(self._context, message, PREPARE)
            return None
        return replace(delivery, files=(SheetFile(file, file.name, "video"),))

    async def send(self, delivery: Delivery) -> MessagePlace:
        """Send the panel. Raises: DeliveryError."""
        if delivery.panel is None:
            raise DeliveryRefused("a panel without a template")
        file = delivery.files[0].path if delivery.files else None
        return await self._context.messenger.send_panel(delivery.message, delivery.panel, file)

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:  # noqa: ARG002
        """Record which video it carries; what changed since is shown by an edit."""
        message, sheet = delivery.message, delivery.panel
        panel = await panels.get(tx, message.id)
        if panel is None or sheet is None:
            return
        carries = sheet.example is not None and bool(delivery.files)
        example_id = sheet.example.id if sheet.example is not None and carries else ""
        await panels.note_example(tx, message.id, example_id)
        await panels.template_changed(tx, panel.template_id, self._context.clock())

    async def on_given_up(self, tx: Transaction, delivery: Delivery) -> None:
        """Forget the panel."""
        await panels.gone(tx, delivery.message.id)

    async def on_unknown(self, tx: Transaction, delivery: Delivery) -> None:
        """Forget the panel: if it did arrive, its button works all the same."""
        await panels.gone(tx, delivery.message.id)
