"""What is particular to each kind of message; `Deliverer` owns what all of them share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final

from bot.services.caller import Progress
from bot.services.moderation.review_sheet import ReviewSheet, SheetFile
from bot.services.requests import lifecycle
from bot.services.requests.status import progress_of
from bot.services.series.notices import is_stop_over
from bot.services.templates.panels import PanelSheet
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import (
    Preparation,
    StoredVideo,
    VideoFiles,
    is_link_only,
    result_video,
)
from bot.worker.outbox.discord_refusals import send_elsewhere, send_otherwise, was_refused
from bot.worker.outbox.fallback import is_unwanted, next_place, require_open
from bot.worker.outbox.search_start import newest_known_id
from bot.worker.outbox.transitions import PREPARE, backoff_ms, hand_on
from bot.worker.outbox.undelivered import undeliverable, unverified
from bot.worker.queue_positions import QueuePositions
from storage.engine.transaction import Transaction
from storage.records import OutboxMessage, Request, State
from storage.requests import acknowledgements, outbox, requests

HOPELESS_ATTEMPTS: Final = 1_000
"""Attempts, over more than three days, to download a lost file again: no link lives longer."""

MessagePlace = tuple[int, int]
"""A channel's and a message's id."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed message with the records that it is rendered from."""

    message: OutboxMessage
    request: Request | None = None
    progress: Progress = field(default_factory=Progress)
    sheet: ReviewSheet | None = None
    panel: PanelSheet | None = None
    video: StoredVideo | None = None
    files: tuple[SheetFile, ...] = ()
    """What is attached; a review card has several files."""
    is_adopted: bool = False
    """An earlier attempt sent it, so which state it shows is unknown."""
    known_id: int | None = None
    """The newest id that was known of its request before it is sent; None where none was read."""
    places: Mapping[str, int] | None = None
    """The queue positions of all waiting requests; None where none was needed."""


class Unsendable(Exception):
    """The message must not be sent, or not any more; `reason` is the text that tells why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MessageStrategy:
    """Text without a file: notices, log lines, direct messages. Other kinds override steps."""

    area: ClassVar = "message"
    """The first word of the log actions."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context

    async def load(self, message: OutboxMessage) -> Delivery:
        """Read the records."""
        if not message.request_id:
            return Delivery(message)

        async def read(tx: Transaction) -> Delivery:
            request = await requests.get(tx, message.request_id)
            return Delivery(message, request, known_id=await newest_known_id(tx, message))

        return await self._context.database.read(read)

    def is_preparation(self, message: OutboxMessage) -> bool:
        """Whether the message's file must be made first, in a slot of its own."""
        return message.needs == PREPARE

    async def prepare(self, delivery: Delivery) -> Preparation:
        """Download, encode or join the file. May take a quarter of an hour."""
        return Preparation.READY

    def prepare_again_ms(self, delivery: Delivery) -> int | None:
        """How long to wait after `Preparation.LATER`; None gives the message up."""
        is_hopeless = delivery.message.attempt >= HOPELESS_ATTEMPTS
        return None if is_hopeless else backoff_ms(delivery.message)

    async def find(self, message: OutboxMessage) -> MessagePlace | None:
        """Search the channel for the message, which may have arrived before."""
        return await self._context.messenger.find(message)

    async def ready(self, delivery: Delivery) -> Delivery | None:
        """Attach the files; None if the message is not to be sent now.

        Then its row says already what comes next. Raises: PlaceGone, Unsendable.
        """
        return delivery

    async def refresh(self, tx: Transaction, delivery: Delivery) -> Delivery:
        """Check the place, and read what must be as new as the intent, in its transaction.

        Raises: PlaceGone, Unsendable.
        """
        await require_open(tx, delivery.message, delivery.request)
        return delivery

    async def send(self, delivery: Delivery) -> MessagePlace:
        """Send through the messenger. Raises: DeliveryError."""
        file = delivery.files[0].path if delivery.files else None
        return await self._context.messenger.send(
            delivery.message, delivery.request, delivery.progress, file
        )

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:
        """Record what follows from the arrival; `request` as it is now."""

    async def on_message_gone(self, delivery: Delivery) -> bool:
        """Whether a message that was deleted right after its arrival counts as delivered."""
        return True

    async def on_place_gone(self, delivery: Delivery) -> bool:
        """Redirect to another place that is not more visible; False if none is left."""
        message, request = delivery.message, delivery.request
        place = next_place(message, request)
        if place is not None:
            await send_elsewhere(self._context, message, place)
            return True
        # another place exists but refused the text: it may take it later
        return was_refused(message) and await self.on_refused(delivery)

    async def on_refused(self, delivery: Delivery) -> bool:
        """Reword or redirect what Discord refused; False if nothing is left to try."""
        return await send_otherwise(self._context, delivery.message, delivery.request)

    async def on_given_up(self, tx: Transaction, delivery: Delivery) -> None:
        """Record what follows when no place is left."""

    async def on_unknown(self, tx: Transaction, delivery: Delivery) -> None:
        """Record what follows when it can't be known whether the message arrived."""

    async def on_unsendable(self, tx: Transaction, delivery: Delivery, reason: str) -> None:
        """Record what follows from `Unsendable`."""

    async def clean_up(self, message: OutboxMessage) -> None:
        """Remove temporary files after an attempt. Raises: StorageError."""


class NoticeStrategy(MessageStrategy):
    """The notice of how a request ended, or that a series stands still."""

    async def refresh(self, tx: Transaction, delivery: Delivery) -> Delivery:
        """Refuse what a series does not stand still for any more. Raises: PlaceGone, Unsendable."""
        delivery = await super().refresh(tx, delivery)
        if delivery.request is not None and delivery.request.shots:
            whole = await requests.require(tx, delivery.request.id)
            if await is_stop_over(tx, whole, delivery.message.id):
                raise Unsendable("stop-over")
        return delivery

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:
        """Have the card checked: it need not repeat the notice, and its thread is open again."""
        if request is not None:
            await outbox.look_at_card(tx, request.id)


class CardStrategy(MessageStrategy):
    """The progress card, which acknowledges its request."""

    def __init__(self, context: WorkerContext) -> None:
        super().__init__(context)
        self._positions = QueuePositions(context.database)

    async def ready(self, delivery: Delivery) -> Delivery | None:
        """Read the queue positions: in the transaction of the intent that would take long."""
        if delivery.request is None or delivery.request.state is not State.QUEUED:
            return delivery
        return replace(delivery, places=await self._positions.now(delivery.request.id))

    async def refresh(self, tx: Transaction, delivery: Delivery) -> Delivery:
        """Show the request's state at the moment of the intent."""
        await super().refresh(tx, delivery)
        if delivery.request is None:
            return delivery
        request = await requests.require(tx, delivery.request.id)
        progress = await progress_of(
            tx,
            request,
            now_ms=self._context.clock(),
            max_active=self._context.settings.max_active,
            places=delivery.places,
        )
        return replace(delivery, request=request, progress=progress)

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:
        """Acknowledge the request, and record which state the card shows."""
        # it may be outdated already: edits follow from the difference
        is_known = delivery.request is not None and not delivery.is_adopted
        shown = delivery.request.state if delivery.request is not None and is_known else ""
        await outbox.shown(tx, delivery.message.id, shown)
        if request is not None:
            await acknowledgements.acknowledge(tx, request.id, self._context.clock())


class ResultStrategy(MessageStrategy):
    """A request's video."""

    def __init__(self, context: WorkerContext) -> None:
        super().__init__(context)
        self._videos = VideoFiles(context)

    async def load(self, message: OutboxMessage) -> Delivery:
        """Read the records and where the video is."""
        delivery = await super().load(message)
        request = delivery.request
        return replace(delivery, video=result_video(request) if request is not None else None)

    async def prepare(self, delivery: Delivery) -> Preparation:
        """Download or encode the video; the step that sends drops unwanted ones."""
        if delivery.video is None or is_unwanted(delivery.message, delivery.request):
            return Preparation.READY
        return await self._videos.prepare(delivery.video, delivery.message)

    async def ready(self, delivery: Delivery) -> Delivery | None:
        """Attach the video, or hand the message on to the step that prepares it."""
        message = delivery.message
        request = delivery.request
        is_linked = request is None or not request.shots or bool(request.result_url)
        if is_link_only(message) and not is_linked:
            # a film of several shots is nowhere but on our disk
            raise Unsendable("undeliverable")
        if delivery.video is None or is_link_only(message):
            return delivery
        file = await self._videos.for_posting(delivery.video, message)
        if file is None:
            await hand_on(self._context, message, PREPARE)
            return None
        return replace(delivery, files=(SheetFile(file, file.name, "video"),))

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:
        """End the request as posted, and have its card checked."""
        if request is None:
            return
        if request.state is State.RENDERED:
            await lifecycle.end(tx, request, State.POSTED, now_ms=self._context.clock())
        await outbox.look_at_card(tx, request.id)

    async def on_given_up(self, tx: Transaction, delivery: Delivery) -> None:
        """Fail the request and tell the log channel."""
        if delivery.request is not None:
            await undeliverable(tx, delivery.message, delivery.request, self._context.clock())

    async def on_unsendable(self, tx: Transaction, delivery: Delivery, reason: str) -> None:
        """The same for a film that Discord takes at no size."""
        await self.on_given_up(tx, delivery)

    async def on_unknown(self, tx: Transaction, delivery: Delivery) -> None:
        """End the request as posted, and tell the log channel or the owners, and the member."""
        if delivery.request is not None:
            now_ms = self._context.clock()
            await unverified(
                tx,
                delivery.message,
                delivery.request,
                now_ms,
                owner_ids=self._context.settings.owner_ids,
            )
