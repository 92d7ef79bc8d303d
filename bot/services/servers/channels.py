"""Channels as services see them: kind, the bot's permissions, visibility."""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.errors import UserError
from bot.services.permissions import (
    ATTACH_FILES,
    NAMES,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    VIEW_CHANNEL,
    has,
)


class Purpose(StrEnum):
    """What a channel is for."""

    USE = "use"
    REVIEW = "review"
    LOG = "log"
    SHOWCASE = "showcase"


FORUMS: Final = frozenset({"forum", "media"})
TALKING: Final = frozenset({"text", "news"})
USABLE: Final = TALKING | FORUMS | {"voice", "stage_voice"}
"""discord.py's words for the kinds of channels in which commands can be used."""

_NEEDED: Final = {
    Purpose.USE: (VIEW_CHANNEL, SEND_MESSAGES, ATTACH_FILES, READ_MESSAGE_HISTORY),
    Purpose.REVIEW: (VIEW_CHANNEL, SEND_MESSAGES, ATTACH_FILES, READ_MESSAGE_HISTORY),
    Purpose.LOG: (VIEW_CHANNEL, SEND_MESSAGES, READ_MESSAGE_HISTORY),
    Purpose.SHOWCASE: (VIEW_CHANNEL, SEND_MESSAGES, READ_MESSAGE_HISTORY),
}


PURPOSES: Final = MappingProxyType(
    {
        "review_channel": Purpose.REVIEW,
        "log_channel": Purpose.LOG,
        "showcase_channel": Purpose.SHOWCASE,
    }
)
"""What each of the channel settings is for."""


@dataclass(frozen=True, slots=True)
class Place:
    """One channel of a server; `permissions` are the bot's there, as Discord's bit set.

    `kind` is empty for a channel that is not there (any more).
    """

    channel_id: int
    kind: str = ""
    permissions: int = 0
    is_public: bool = False
    """Whether everybody in the server can see it."""

    @property
    def mention(self) -> str:
        """As Discord writes it."""
        return f"<#{self.channel_id}>"

    def takes(self, purpose: Purpose) -> bool:
        """Whether such a channel can serve that at all."""
        return self.kind in (USABLE if purpose is Purpose.USE else TALKING)

    def missing_for(self, purpose: Purpose) -> tuple[str, ...]:
        """The permissions that the bot lacks there, by the texts' words."""
        in_messages = self.kind in FORUMS
        bits = (
            SEND_MESSAGES_IN_THREADS if in_messages and bit == SEND_MESSAGES else bit
            for bit in _NEEDED[purpose]
        )
        return tuple(NAMES[bit] for bit in bits if not has(self.permissions, bit))


def check_place(place: Place, purpose: Purpose, setting: str, *, is_strict: bool) -> None:
    """Refuse a channel that cannot serve as `setting`; if `is_strict`, one where the bot may not.

    Raises: UserError.
    """
    if not place.kind:
        raise UserError("refused-channel-gone", {"channels": place.mention})
    if not place.takes(purpose):
        raise UserError("refused-channel-kind", {"channels": place.mention, "setting": setting})
    missing = place.missing_for(purpose)
    if missing and is_strict:
        told = {"channels": place.mention, "missing": ",".join(missing)}
        raise UserError("refused-place-permissions", told)
