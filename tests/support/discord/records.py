"""What the recording Discord remembers: people, places, messages and files."""

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from pathlib import Path
from typing import Any

Payload = dict[str, Any]
"""A JSON object as it goes over the wire."""


class Permission(IntFlag):
    """The bits of Discord's permission sets that a bot of this sort meets."""

    ADMINISTRATOR = 1 << 3
    MANAGE_GUILD = 1 << 5
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    USE_APPLICATION_COMMANDS = 1 << 31
    SEND_MESSAGES_IN_THREADS = 1 << 38


MEMBER_PERMISSIONS = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What a member, and the bot, may do where nothing else is said."""


class ChannelType(IntEnum):
    """The sorts of places that messages can stand in."""

    TEXT = 0
    DIRECT = 1
    NEWS = 5
    NEWS_THREAD = 10
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12
    FORUM = 15


THREADS = frozenset(
    {ChannelType.NEWS_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}
)
"""What hangs below another channel; a post in a forum is a public thread."""


class MessageFlag(IntFlag):
    """The bits of a message's `flags`."""

    SUPPRESS_EMBEDS = 1 << 2
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(eq=False)
class User:
    """Somebody; `takes_messages` False refuses direct messages with 50007."""

    id: int
    name: str
    is_bot: bool = False
    locale: str = "en-US"
    takes_messages: bool = True


@dataclass(eq=False)
class Role:
    """A role of a guild."""

    id: int
    name: str
    permissions: int = 0


@dataclass(eq=False)
class Member:
    """A user in a guild; `permissions` is what interactions carry, whatever the roles say."""

    user: User
    joined_at_ms: int
    permissions: int = MEMBER_PERMISSIONS
    roles: list[Role] = field(default_factory=list)


@dataclass(eq=False)
class Channel:
    """A channel, thread or direct conversation and the messages in it by id, oldest first."""

    id: int
    name: str
    guild_id: int = 0
    type: ChannelType = ChannelType.TEXT
    parent_id: int = 0
    nsfw: bool = False
    is_archived: bool = False
    is_locked: bool = False
    bot_permissions: int = MEMBER_PERMISSIONS
    recipient: User | None = None
    is_hidden: bool = False
    """Members without a role of their own for it cannot see it; the bot can."""
    messages: dict[int, "Message"] = field(default_factory=dict)

    @property
    def is_thread(self) -> bool:
        """Whether it hangs below another channel."""
        return self.type in THREADS


@dataclass(eq=False)
class Guild:
    """A server with its members, roles and places."""

    id: int
    name: str
    owner: User
    locale: str = "en-US"
    premium_tier: int = 0
    system_channel_id: int = 0
    automod_rules: list[Payload] = field(default_factory=list)
    """As `add_automod_rule` makes them."""
    members: dict[int, Member] = field(default_factory=dict)
    roles: dict[int, Role] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)


@dataclass
class Upload:
    """A file that a member attaches; `url` overrides where the bot is told to fetch it."""

    filename: str
    content: bytes | Path = b""
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    url: str | None = None


@dataclass(eq=False)
class Attachment:
    """A file on Discord's side; `path` is None when the server was told not to keep files."""

    id: int
    filename: str
    size: int
    sha256: str
    url: str
    path: Path | None
    content_type: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    description: str | None = None
    is_spoiler: bool = False
    """Its flag, which decides whether it is blurred; a name in `SPOILER_` sets it at first."""

    def read(self) -> bytes:
        """The whole file."""
        if self.path is None:
            message = f"{self.filename} was not kept"
            raise LookupError(message)
        return self.path.read_bytes()


@dataclass(eq=False)
class Message:
    """A message as it stands now; `created` and `edited` are wall-clock milliseconds.

    `at` is the monotonic moment of its creation. `pinged` are the users whom it notified.
    """

    id: int
    channel_id: int
    author: User
    created_ms: int
    at: float
    content: str = ""
    embeds: list[Payload] = field(default_factory=list)
    components: list[Payload] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    edited_ms: int = 0
    is_deleted: bool = False
    pinged: set[int] = field(default_factory=set)
    pinged_everyone: bool = False
    reply_to: int = 0
    forwarded: "Message | None" = None
    edits: list[tuple[float, Payload]] = field(default_factory=list)
    """Every edit: its monotonic moment and the request's JSON."""

    @property
    def is_ephemeral(self) -> bool:
        """Whether only one member sees it."""
        return bool(self.flags & MessageFlag.EPHEMERAL)

    @property
    def is_loading(self) -> bool:
        """Whether it is a deferred answer that says no more than "thinking"."""
        return bool(self.flags & MessageFlag.LOADING)

    def file(self, ending: str = "") -> Attachment:
        """The one attachment whose name ends so; LookupError when there is not exactly one."""
        found = [a for a in self.attachments if a.filename.endswith(ending)]
        if len(found) != 1:
            message = f"{len(found)} files end in {ending!r} in message {self.id}"
            raise LookupError(message)
        return found[0]


@dataclass
class StoredFile:
    """One part of a multipart call, written to disk while it came in."""

    field: str
    filename: str
    size: int
    sha256: str
    content_type: str | None
    path: Path | None


@dataclass(eq=False)
class Call:
    """One HTTP call that reached the server.

    `route` reads like Discord's reference: `POST /channels/{channel_id}/messages`. Times are
    monotonic seconds. `status` 0 means that the connection was cut instead of answered.
    `problems` lists what Discord's API description says against the body. `is_form`: it came as
    a form, as everything does that brings files.
    """

    route: str
    params: dict[str, str]
    query: dict[str, str]
    at: float
    done: asyncio.Event
    json: Any = None
    files: list[StoredFile] = field(default_factory=list)
    answered_at: float = 0.0
    status: int = 0
    fault: str = ""
    problems: list[str] = field(default_factory=list)
    is_form: bool = False


CURRENT_CALL: ContextVar[Call] = ContextVar("call")
"""The call that is being served."""
