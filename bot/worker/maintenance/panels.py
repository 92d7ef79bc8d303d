"""Keeps panels up to date: one edit for each change of a template, retried until it is through."""

import logging
from pathlib import Path
from typing import Final

from bot.errors import DeliveryError, MessageGone, PlaceGone
from bot.services.templates.panels import PanelSheet, sheet_of
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner, backoff_ms
from bot.worker.outbox.attachments import VideoFiles, result_video
from storage.engine.retry import repeated
from storage.records import OutboxMessage, OutboxState
from storage.requests import outbox
from storage.templates import panels, templates
from storage.templates.panels import Panel

logger = logging.getLogger(__name__)

AT_ONCE: Final = 20
CLAIM_MS: Final = 15 * 60_000
"""How long a claimed panel is left alone: an example may have to be encoded first."""
PENDING_MS: Final = 5_000


class Panels:
    """The two passes over templates and panels; each handles its own errors."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._files = VideoFiles(context)
        self._changed = ItemRunner("panel.changed", context.clock)
        self._withdrawn = ItemRunner("panel.withdrawn", context.clock)

    async def withdraw_examples(self) -> None:
        """Take examples out of templates whose video may not be shown any more."""
        async with self._context.database.reading() as tx:
            found = await templates.with_unwanted_example(tx, limit=AT_ONCE)
        if await self._withdrawn.each(found.items(), lambda item: item[0], self._withdraw):
            self._context.wakeup()

    @repeated
    async def _withdraw(self, template_and_example: tuple[str, str]) -> None:
        template_id, example_id = template_and_example
        async with self._context.database.transaction() as tx:
            await templates.withdraw_example(tx, template_id, example_id)
            await panels.template_changed(tx, template_id, self._context.clock())

    async def catch_up(self) -> None:
        """Make panels show their templates as they are."""
        now_ms = self._context.clock()
        if not await self._context.database.read(lambda tx: panels.is_any_due(tx, now_ms)):
            return
        async with self._context.database.transaction() as tx:
            claimed = await panels.claim(
                tx, now_ms=now_ms, until_ms=now_ms + CLAIM_MS, limit=AT_ONCE
            )
        await self._changed.each(claimed, lambda panel: panel.outbox_id, self._update)

    async def _update(self, panel: Panel) -> None:
        async with self._context.database.reading() as tx:
            message = await outbox.get(tx, panel.outbox_id)
            sheet = await sheet_of(tx, self._context.catalogue, message) if message else None
        if message is None or sheet is None or message.state not in _STANDS:
            await self._forget(panel)
        elif message.state is OutboxState.PENDING:
            await self._later(panel, PENDING_MS)
        else:
            await self._edit(panel, message, sheet)

    async def _edit(self, panel: Panel, message: OutboxMessage, sheet: PanelSheet) -> None:
        example = sheet.example if sheet.offer is not None else None
        wanted_id = example.id if example is not None else ""
        file: Path | None = None
        if example is not None and wanted_id != panel.example_id:
            file = await self._files.at_most(result_video(example), message, 0)
            wanted_id = wanted_id if file is not None else ""
        try:
            await self._context.messenger.edit_panel(
                message, sheet, file, keeps_file=wanted_id == panel.example_id
            )
        except (MessageGone, PlaceGone):
            await self._forget(panel)
        except (DeliveryError, OSError) as error:
            logger.warning(
                "A panel can't be changed now; it will be retried",
                extra={"action": "panel.retry", "post": message.id, "error": repr(error)},
            )
            await self._later(panel, backoff_ms(panel.attempt + 1))
        else:
            await self._done(panel, wanted_id)

    @repeated
    async def _done(self, panel: Panel, example_id: str) -> None:
        async with self._context.database.transaction() as tx:
            await panels.shown(tx, panel, example_id)

    @repeated
    async def _later(self, panel: Panel, wait_ms: int) -> None:
        async with self._context.database.transaction() as tx:
            await panels.later(tx, panel, self._context.clock() + wait_ms)

    @repeated
    async def _forget(self, panel: Panel) -> None:
        """Forget a panel that stands no more, and a removed template with its last one."""
        async with self._context.database.transaction() as tx:
            await panels.gone(tx, panel.outbox_id)
            if not await panels.has_any(tx, panel.template_id):
                await templates.forget(tx, panel.template_id)


_STANDS: Final = (OutboxState.PENDING, OutboxState.SENT)
