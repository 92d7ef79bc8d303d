"""Discord permission bits: what the bot and a member need in a channel.

Source: Discord's documentation, “Permissions”, the bitwise flags.
"""

from types import MappingProxyType
from typing import Final

from bot.services.caller import Caller

VIEW_CHANNEL: Final = 1 << 10
SEND_MESSAGES: Final = 1 << 11
MANAGE_MESSAGES: Final = 1 << 13
EMBED_LINKS: Final = 1 << 14
ATTACH_FILES: Final = 1 << 15
READ_MESSAGE_HISTORY: Final = 1 << 16
ADMINISTRATOR: Final = 1 << 3
MANAGE_GUILD: Final = 1 << 5
SEND_MESSAGES_IN_THREADS: Final = 1 << 38

NAMES: Final = MappingProxyType(
    {
        VIEW_CHANNEL: "view-channel",
        SEND_MESSAGES: "send-messages",
        ATTACH_FILES: "attach-files",
        READ_MESSAGE_HISTORY: "read-message-history",
        SEND_MESSAGES_IN_THREADS: "send-messages-in-threads",
    }
)
"""The texts' words for the permissions a refusal may name."""


def has(permissions: int, wanted: int) -> bool:
    """Whether a bit set grants a permission; an administrator has them all."""
    return bool(permissions & (wanted | ADMINISTRATOR))


def missing_of_bot(caller: Caller) -> tuple[str, ...]:
    """What the bot lacks in the caller's place to deliver there and to know that it did."""
    send = SEND_MESSAGES_IN_THREADS if caller.is_thread else SEND_MESSAGES
    needed = (VIEW_CHANNEL, send, ATTACH_FILES, READ_MESSAGE_HISTORY)
    return tuple(NAMES[bit] for bit in needed if not has(caller.app_permissions, bit))


def missing_of_member(caller: Caller) -> tuple[str, ...]:
    """What the member lacks: who may not attach files here does not get the bot to do it."""
    return () if has(caller.member_permissions, ATTACH_FILES) else (NAMES[ATTACH_FILES],)


def is_moderator(caller: Caller, moderator_role_id: int = 0) -> bool:
    """Manage Messages, or the server's moderator role."""
    return has(caller.member_permissions, MANAGE_MESSAGES) or moderator_role_id in caller.role_ids


def is_manager(caller: Caller) -> bool:
    """Manage Server."""
    return has(caller.member_permissions, MANAGE_GUILD)
