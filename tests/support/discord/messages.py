"""Makes and changes messages the way Discord does, and pushes what happened to the gateways."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.support.discord import errors, payloads
from tests.support.discord.records import (
    Attachment,
    Channel,
    ChannelType,
    Message,
    MessageFlag,
    Payload,
    Permission,
    StoredFile,
    User,
)
from tests.support.discord.rules import check_forward, check_message, number_components
from tests.support.discord.world import World, monotonic

if TYPE_CHECKING:
    from tests.support.discord.http.gateway import Gateway

FORWARD = 1
"""The type of a message reference that forwards; 0 replies."""
KEPT_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.EPHEMERAL
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.COMPONENTS_V2
)
MAX_FILES = 10


class Messages:
    """The one place in which messages come to be, change and go."""

    def __init__(self, world: World, gateway: "Gateway") -> None:
        self._world = world
        self._gateway = gateway

    async def create(
        self,
        channel: Channel,
        author: User,
        body: Payload,
        files: Sequence[StoredFile] = (),
    ) -> Message:
        """Post a message. Raises: ApiError for what Discord refuses."""
        self._check_sizes(files)
        world = self._world
        reference = body.get("message_reference") or {}
        is_forward = reference.get("type") == FORWARD
        if is_forward:
            check_forward(body, len(files))
        else:
            check_message(body, len(files))
        source = self._forwarded(reference) if is_forward else None
        message = Message(
            world.new_id(),
            channel.id,
            author,
            int(world.now() * 1000),
            monotonic(),
            nonce=body.get("nonce"),
            flags=int(body.get("flags") or 0) & KEPT_FLAGS,
        )
        message.forwarded = source
        message.reply_to = 0 if is_forward else int(reference.get("message_id") or 0)
        self._apply(message, body, files)
        message.pinged, message.pinged_everyone = pings(message.content, body)
        channel.is_archived = False
        world.add_message(message)
        if message.nonce is not None:
            # before anything is awaited: the same nonce may be on its way a second time
            world.remember_nonce(author, message.nonce, message)
        await self._tell("MESSAGE_CREATE", message)
        return message

    def _forwarded(self, reference: Payload) -> Message:
        """The message that a forward shows, as it is at that moment. Raises: ApiError."""
        channel = self._world.require_channel(str(reference.get("channel_id") or 0))
        check_may_see(channel)
        source = self._world.find_message(channel.id, str(reference["message_id"]))
        if source.author is not self._world.bot:
            raise errors.unreadable_forward()
        kept = [replace(attachment) for attachment in source.attachments]
        return replace(
            source,
            embeds=[*source.embeds],
            components=[*source.components],
            attachments=kept,
            edits=[*source.edits],
        )

    async def edit(
        self, message: Message, body: Payload, files: Sequence[StoredFile] = ()
    ) -> Message:
        """Change a message. Raises: ApiError for what Discord refuses."""
        self._check_sizes(files)
        check_message(body, len(files), was=payloads.message_json(self._world, message))
        self._apply(message, body, files)
        message.flags |= int(body.get("flags") or 0) & MessageFlag.COMPONENTS_V2
        message.flags &= ~MessageFlag.LOADING
        message.edited_ms = int(self._world.now() * 1000)
        message.edits.append((monotonic(), body))
        await self._tell("MESSAGE_UPDATE", message)
        return message

    async def remove(self, message: Message) -> None:
        """Delete a message."""
        self._world.remove_message(message)
        if message.is_ephemeral:
            await self._world.notify()
            return
        await self._gateway.push_message_event(
            "MESSAGE_DELETE",
            self._world.channels.get(message.channel_id),
            {"id": str(message.id), "channel_id": str(message.channel_id)},
        )

    async def _tell(self, event: str, message: Message) -> None:
        if message.is_ephemeral:
            await self._world.notify()
            return
        channel = self._world.channels.get(message.channel_id)
        payload = payloads.message_json(self._world, message, nonce=event == "MESSAGE_CREATE")
        await self._gateway.push_message_event(event, channel, payload)

    def _check_sizes(self, files: Sequence[StoredFile]) -> None:
        if any(file.size > self._world.upload_limit for file in files):
            raise errors.too_large()
        if len(files) > MAX_FILES:
            raise errors.invalid_form([f"files: {len(files)} where {MAX_FILES} are allowed"])

    def _apply(self, message: Message, body: Payload, files: Sequence[StoredFile]) -> None:
        if "content" in body:
            message.content = body["content"] or ""
        if files or "attachments" in body:
            message.attachments = self._attachments(message, body, files)
        links = {a.filename: a.url for a in message.attachments}
        if "embeds" in body:
            embeds = number_components([{"embeds": body["embeds"] or []}], links)
            message.embeds = embeds[0]["embeds"]
        if "components" in body:
            message.components = number_components(body["components"] or [], links)

    def _attachments(
        self, message: Message, body: Payload, files: Sequence[StoredFile]
    ) -> list[Attachment]:
        """What stays by its id, and each new file with what the body says of it."""
        said = {str(a.get("id")): a for a in body.get("attachments") or ()}
        staying = message.attachments
        if "attachments" in body:
            staying = [_changed(a, said[str(a.id)]) for a in staying if str(a.id) in said]
        new = []
        for number, file in enumerate(files):
            index = re.sub(r"\D", "", file.field) or str(number)
            details = said.get(index, {})
            file.filename = details.get("filename") or file.filename
            attached = self._world.attach(
                message.channel_id,
                file,
                details.get("description"),
                is_spoiler=bool(details.get("is_spoiler")),
            )
            new.append(attached)
        return [*staying, *new]


def _changed(attachment: Attachment, said: Payload) -> Attachment:
    """A file that stays: of what an edit may say of it, Discord takes these two."""
    if said.get("description") is not None:
        attachment.description = said["description"]
    if said.get("is_spoiler") is not None:
        attachment.is_spoiler = said["is_spoiler"]
    return attachment


def pings(content: str, body: Payload) -> tuple[set[int], bool]:
    """Whom a text notifies, and whether everyone, after the body's `allowed_mentions`."""
    users = {int(found) for found in re.findall(r"<@!?(\d+)>", content)}
    everyone = "@everyone" in content or "@here" in content
    allowed = body.get("allowed_mentions")
    if allowed is None:
        return users, everyone
    parse = allowed.get("parse") or []
    if "users" not in parse:
        users &= {int(user) for user in allowed.get("users") or ()}
    return users, everyone and "everyone" in parse


def check_may_post(channel: Channel, *, has_files: bool) -> None:
    """Refuse what the bot may not do in this place. Raises: ApiError."""
    if channel.recipient is not None:
        if not channel.recipient.takes_messages or channel.recipient.is_bot:
            raise errors.cannot_message_user()
        return
    check_may_see(channel)
    if channel.type is ChannelType.FORUM:
        raise errors.not_a_text_channel()
    threads = Permission.SEND_MESSAGES_IN_THREADS
    needed = threads if channel.is_thread else Permission.SEND_MESSAGES
    if has_files:
        needed |= Permission.ATTACH_FILES
    if channel.bot_permissions & needed != needed:
        raise errors.missing_permissions()
    if channel.is_archived and channel.is_locked:
        raise errors.thread_archived()


def check_may_see(channel: Channel) -> None:
    """Refuse a place that the bot cannot see. Raises: ApiError 50001."""
    if channel.recipient is None and not channel.bot_permissions & Permission.VIEW_CHANNEL:
        raise errors.missing_access()
