"""How the worker reaches people: implemented by the Discord poster and by a recording one."""

from pathlib import Path
from typing import Protocol

from bot.services.caller import Progress
from storage.records import OutboxMessage, Request


class Messenger(Protocol):
    """Brings messages to places; every method may raise `DeliveryError`.

    What is said is rendered from the records at the moment of sending, so that the latest state
    wins. `post.channel_id` 0 means a direct message to `post.user_id`.
    """

    async def send(
        self, message: OutboxMessage, request: Request | None, standing: Progress, file: Path | None
    ) -> tuple[int, int]:
        """Send once with `post.nonce` (enforced) and return the channel's and the message's id.

        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def find(self, message: OutboxMessage) -> tuple[int, int] | None:
        """Look for the post's marker in its place behind `after_id`; the message's ids or None.

        Raises: HistoryClosed where history may not be read, PlaceGone, DiscordUnavailable.
        """
        ...

    async def newest_id(self, message: OutboxMessage) -> int:
        """The id of the newest message in the post's place; 0 where none is shown.

        Raises: HistoryClosed, PlaceGone, DiscordUnavailable.
        """
        ...

    async def edit(self, message: OutboxMessage, request: Request, standing: Progress) -> None:
        """Make a sent card show the request's present state.

        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        ...

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Take a message of the bot's away; one that is gone already is fine.

        Raises: PlaceGone, ChangeRefused, DiscordUnavailable.
        """
        ...

    async def file_link(self, channel_id: int, message_id: int) -> str:
        """A fresh link to the file of one of the bot's messages; empty where it has none.

        Raises: MessageGone, PlaceGone, ChangeRefused, DiscordUnavailable.
        """
        ...
