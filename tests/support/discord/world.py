"""The recording Discord's memory: who and what is there, and the rules of ids and nonces."""

import asyncio
import hashlib
import itertools
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.discord import errors
from tests.support.discord.media import describe
from tests.support.discord.records import (
    MEMBER_PERMISSIONS,
    Attachment,
    Call,
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    Payload,
    Role,
    StoredFile,
    Upload,
    User,
)

EPOCH_MS = 1_420_070_400_000
NONCE_WINDOW_S = 180.0
BOT_ID = 1_100_000_000_000_000_001


class World:
    """All state of one Discord; survives whatever happens to the bots that talk to it.

    `clock` gives wall-clock seconds; `advance` moves it ahead, so that nonces, tokens and links
    grow old without waiting.
    """

    def __init__(self, folder: Path, *, keeps_files: bool, clock: Callable[[], float]) -> None:
        self.folder = folder
        self.keeps_files = keeps_files
        self.base_url = ""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.hidden: dict[int, Message] = {}
        """Ephemeral messages: they stand in no channel's history."""
        self.files: dict[int, Attachment] = {}
        self.calls: list[Call] = []
        self.commands: dict[int, list[Payload]] = {0: []}
        """Registered commands by guild; 0 holds the global ones."""
        self.upload_limit = 20 * 1024 * 1024
        self.dead_links: set[int] = set()
        self.changed = asyncio.Condition()
        self._clock = clock
        self._ahead_s = 0.0
        self._last_id = 0
        self._nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        self._parts = itertools.count()
        # always the same application, so that what it once registered is known to be its own
        self.bot = User(BOT_ID, "Video Bot", is_bot=True)
        self.users[BOT_ID] = self.bot
        self.application_id = self.bot.id
        self.owner = self.add_user("owner")
        self.is_public = False
        """Whether anyone may invite the bot."""

    def now(self) -> float:
        """Wall-clock seconds, as far ahead as the world was moved."""
        return self._clock() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead_s += seconds

    def new_id(self) -> int:
        """A snowflake of now, larger than every earlier one."""
        moment = (int(self.now() * 1000) - EPOCH_MS) << 22
        self._last_id = max(self._last_id + 1, moment)
        return self._last_id

    def new_id_on(self, shard: int, total: int) -> int:
        """A snowflake whose server is heard of by this shard of so many."""
        moment = self.new_id() >> 22
        self._last_id = (moment + 1 + (shard - moment - 1) % total) << 22
        return self._last_id

    def add_user(self, name: str, **more: Any) -> User:
        user = User(self.new_id(), name, **more)
        self.users[user.id] = user
        return user

    def add_guild(
        self,
        name: str,
        owner: User | None = None,
        shard: tuple[int, int] | None = None,
        **more: Any,
    ) -> Guild:
        guild_id = self.new_id_on(*shard) if shard is not None else self.new_id()
        guild = Guild(guild_id, name, owner or self.owner, **more)
        guild.roles[guild.id] = Role(guild.id, "@everyone", MEMBER_PERMISSIONS)
        self.guilds[guild.id] = guild
        self.add_member(guild, self.bot)
        self.add_member(guild, guild.owner)
        return guild

    def add_member(self, guild: Guild, user: User, permissions: int = MEMBER_PERMISSIONS) -> Member:
        member = Member(user, int(self.now() * 1000), permissions)
        guild.members[user.id] = member
        return member

    def add_channel(self, guild: Guild, name: str, **more: Any) -> Channel:
        channel = Channel(self.new_id(), name, guild.id, **more)
        guild.channels[channel.id] = channel
        self.channels[channel.id] = channel
        return channel

    def direct_channel(self, user: User) -> Channel:
        """The one conversation between the bot and a user."""
        for channel in self.channels.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self.new_id(), "", type=ChannelType.DIRECT, recipient=user)
        self.channels[channel.id] = channel
        return channel

    def require_channel(self, channel_id: str | int) -> Channel:
        """A channel by id; ApiError 10003 when there is none (any more)."""
        channel = self.channels.get(int(channel_id))
        if channel is None:
            raise errors.unknown_channel()
        return channel

    def part_path(self) -> Path:
        """A fresh place for the next incoming file."""
        return self.folder / f"part-{next(self._parts)}"

    def attach(
        self,
        channel_id: int,
        part: StoredFile,
        description: str | None,
        *,
        is_spoiler: bool = False,
    ) -> Attachment:
        """Give an uploaded part its place on the CDN."""
        attachment_id = self.new_id()
        attachment = Attachment(
            attachment_id,
            part.filename,
            part.size,
            part.sha256,
            self._link(f"attachments/{channel_id}", attachment_id, part.filename),
            part.path,
            part.content_type,
            description=description,
            is_spoiler=is_spoiler or part.filename.startswith("SPOILER_"),
        )
        describe(attachment)
        self.files[attachment_id] = attachment
        return attachment

    def take_upload(self, upload: Upload) -> Attachment:
        """What a member attached to a command or a form."""
        attachment_id = self.new_id()
        path = self.folder / f"upload-{attachment_id}"
        if isinstance(upload.content, Path):
            shutil.copyfile(upload.content, path)
        else:
            path.write_bytes(upload.content)
        kind = f"ephemeral-attachments/{self.application_id}"
        attachment = Attachment(
            attachment_id,
            upload.filename,
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
            upload.url or self._link(kind, attachment_id, upload.filename),
            path,
            upload.content_type,
            upload.width,
            upload.height,
            upload.duration_s,
        )
        describe(attachment)
        self.files[attachment_id] = attachment
        return attachment

    def add_message(self, message: Message) -> None:
        """Put a message where it belongs: ephemeral ones beside the channel."""
        if message.is_ephemeral:
            self.hidden[message.id] = message
        else:
            self.channels[message.channel_id].messages[message.id] = message

    def find_message(self, channel_id: str | int, message_id: str | int) -> Message:
        """A visible message; ApiError 10003 or 10008 when it is not there."""
        message = self.require_channel(channel_id).messages.get(int(message_id))
        if message is None:
            raise errors.unknown_message()
        return message

    def remove_message(self, message: Message) -> None:
        """Take it away; whoever used its nonce is told so for as long as that is remembered."""
        message.is_deleted = True
        self.hidden.pop(message.id, None)
        channel = self.channels.get(message.channel_id)
        if channel is not None:
            channel.messages.pop(message.id, None)

    def sent_with(self, author: User, nonce: str | int) -> Message | None:
        """The message this author sent with this nonce in the past few minutes.

        Raises: ApiError 10008 when it was deleted since, as Discord documents.
        """
        at, message = self._nonces.get((author.id, str(nonce)), (0.0, None))
        if message is None or self.now() - at > NONCE_WINDOW_S:
            return None
        if message.is_deleted:
            raise errors.unknown_message()
        return message

    def remember_nonce(self, author: User, nonce: str | int, message: Message) -> None:
        self._nonces[(author.id, str(nonce))] = (self.now(), message)

    async def notify(self) -> None:
        """Wake everybody who waits for something to have happened."""
        async with self.changed:
            self.changed.notify_all()

    async def wait_for(self, holds: Callable[[], bool], timeout_s: float = 10.0) -> None:
        """Return as soon as `holds()` is true; TimeoutError otherwise.

        It is asked anew after every call, message and answer.
        """
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(holds)

    def all_messages(self) -> list[Message]:
        """Every message that stands in a channel, oldest first."""
        found = [m for channel in self.channels.values() for m in channel.messages.values()]
        return sorted(found, key=lambda message: message.id)

    def _link(self, kind: str, attachment_id: int, filename: str) -> str:
        expires = int(self.now()) + 86_400
        signature = hashlib.sha256(f"{attachment_id}:{expires}".encode()).hexdigest()
        query = f"ex={expires:x}&is={int(self.now()):x}&hm={signature}&"
        return f"{self.base_url}/{kind}/{attachment_id}/{filename}?{query}"


def monotonic() -> float:
    """The one clock that durations are measured with."""
    return time.perf_counter()
