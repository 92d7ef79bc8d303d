"""The worker's interface to Discord, implemented above it in `bot.delivery`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bot.services.caller import Progress
from bot.services.moderation.review_sheet import ReviewSheet, SheetFile
from bot.services.templates.panels import PanelSheet
from storage.records import OutboxMessage, Request


class Messenger(Protocol):
    """Sends, finds, edits and deletes messages; every method may raise `DeliveryError`.

    Texts are rendered from the records at the moment of sending, so that the latest state wins.
    `message.channel_id` 0 means a direct message to `message.user_id`.
    """

    async def send(
        self, message: OutboxMessage, request: Request | None, standing: Progress, file: Path | None
    ) -> tuple[int, int]:
        """Send once with the enforced `message.nonce`; return the channel's and the message's id.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def send_review(
        self, message: OutboxMessage, sheet: ReviewSheet, files: Sequence[SheetFile]
    ) -> tuple[int, int]:
        """Send a review card likewise.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def find(self, message: OutboxMessage) -> tuple[int, int] | None:
        """Search the channel behind `after_id` for the message's marker; its ids or None.

        Raises: HistoryClosed where history may not be read, PlaceGone, DiscordUnavailable.
        """
        ...

    async def newest_id(self, message: OutboxMessage) -> int:
        """The id of the newest message in the message's channel; 0 where none is shown.

        Raises: HistoryClosed, PlaceGone, DiscordUnavailable.
        """
        ...

    async def edit(self, message: OutboxMessage, request: Request, standing: Progress) -> None:
        """Make a sent progress card show the request's present state.

        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def edit_review(self, message: OutboxMessage, sheet: ReviewSheet) -> None:
        """Make a sent review card show its review's present state; a purged one loses its files.

        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def send_panel(
        self, message: OutboxMessage, sheet: PanelSheet, file: Path | None
    ) -> tuple[int, int]:
        """Send a template's panel likewise, with its example in `file`.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def edit_panel(
        self, message: OutboxMessage, sheet: PanelSheet, file: Path | None, *, keeps_file: bool
    ) -> None:
        """Make a panel show its template's present state; without `keeps_file` also its example.

        Raises: MessageGone, PlaceGone, FileTooLarge, ChangeRefused, DeliveryRefused,
        DiscordUnavailable.
        """
        ...

    async def forward(self, message: OutboxMessage) -> tuple[int, int]:
        """Forward the message that the body names as its source, with the nonce of this one.

        Raises: PlaceGone, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def may_forward(self, message: OutboxMessage) -> bool:
        """Whether the source's place is no private thread, nor more restricted than the target.

        Raises: PlaceGone, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def edit_votes(self, message: OutboxMessage, request: Request, votes: int) -> None:
        """Make the button under a posted video show how many votes it has.

        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def edit_strip(self, message: OutboxMessage, request: Request, file: Path) -> None:
        """Put a picture of what is made so far on a series' card, in place of the one before.

        Raises: MessageGone, PlaceGone, FileTooLarge, ChangeRefused, DeliveryRefused,
        DiscordUnavailable.
        """
        ...

    async def set_spoiler(self, message: OutboxMessage, *, is_spoiler: bool) -> None:
        """Put a posted video or film behind a spoiler, or remove the spoiler, by an edit alone.

        Raises: MessageGone, PlaceGone, HistoryClosed, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def reshow(
        self, message: OutboxMessage, request: Request, file: Path, *, is_spoiler: bool
    ) -> None:
        """The same by uploading the file again, where Discord refuses the edit.

        Raises: MessageGone, PlaceGone, FileTooLarge, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Delete a message of the bot; one that is gone already is fine.

        Raises: PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def file_link(self, channel_id: int, message_id: int) -> str:
        """A fresh link to the file of one of the bot's messages; empty where it has none.

        Raises: MessageGone, PlaceGone, ChangeRefused, DiscordUnavailable.
        """
        ...
