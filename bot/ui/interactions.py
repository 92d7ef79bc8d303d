"""Parses interactions into callers and requests, unchecked: rules and services check them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import discord

from bot.errors import UserError
from bot.rules.cast import names_in
from bot.rules.links import read_links
from bot.rules.media import MediaRole, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.violation import Violation
from bot.services.caller import Caller

Read = tuple[VideoRequest, tuple[Violation, ...]]
"""A request, and the violations found while parsing it."""

Files = Sequence[discord.Attachment | None]

_AS_IT_IS: Final = json.JSONEncoder(ensure_ascii=False, check_circular=False)

PREFERRED_LOCALE: Final = "en-US"


def caller_of(interaction: discord.Interaction[Any]) -> Caller:
    """The member, place and permissions as the interaction itself has them, never from a cache."""
    user, channel = interaction.user, interaction.channel
    thread = channel if isinstance(channel, discord.Thread) else None
    member = user if isinstance(user, discord.Member) else None
    joined = member.joined_at if member is not None else None
    return Caller(
        interaction_id=interaction.id,
        user_id=user.id,
        guild_id=interaction.guild_id or 0,
        channel_id=interaction.channel_id or 0,
        parent_channel_id=thread.parent_id if thread is not None else 0,
        is_private_thread=thread is not None and thread.is_private(),
        is_nsfw=_is_nsfw(channel),
        is_thread=thread is not None,
        has_plain_parent=thread is not None and _has_plain_parent(thread),
        locale=str(interaction.locale),
        guild_locale=str(interaction.guild_locale or PREFERRED_LOCALE),
        role_ids=_role_ids(member) if member is not None else (),
        member_permissions=interaction.permissions.value,
        app_permissions=interaction.app_permissions.value,
        joined_at_ms=round(joined.timestamp() * 1000) if joined is not None else 0,
        account_created_at_ms=round(user.created_at.timestamp() * 1000),
        upload_limit_bytes=interaction.filesize_limit,
    )


def _role_ids(member: discord.Member) -> tuple[int, ...]:
    """As the interaction says, with everyone's; `roles` leaves out what the cache has not yet."""
    return *member._roles, member.guild.id  # noqa: SLF001 - there is no public way


def _has_plain_parent(thread: discord.Thread) -> bool:
    """Whether everyone who can read the thread's parent can read the thread, and write in both."""
    parent = thread.parent
    is_plain = isinstance(parent, discord.TextChannel) and not parent.is_news()
    return is_plain and not thread.is_private()


def _is_nsfw(channel: object) -> bool:
    if isinstance(channel, discord.Thread):
        # an unknown parent counts as restricted, so that nothing leaves it
        return channel.parent is None or channel.is_nsfw()
    is_nsfw = getattr(channel, "is_nsfw", None)
    return bool(is_nsfw()) if callable(is_nsfw) else False


@dataclass(frozen=True, slots=True)
class Options:
    """The options that all commands for a video share; None is not given."""

    prompt: str | None
    duration: int | None = None
    ratio: str | None = None
    model: str | None = None
    resolution: str | None = None

    def video_request(self, media: Iterable[MediaRef]) -> VideoRequest:
        """A request for these options; an empty model means the server's default.

        Without a prompt it prefills the form.
        """
        return VideoRequest(
            prompt=self.prompt or "",
            model=(self.model or "").strip(),
            duration=self.duration,
            ratio=self.ratio,
            resolution=self.resolution,
            media=tuple(media),
        )


@dataclass(frozen=True, slots=True)
class References:
    """The files, links and names of `/video create`, in the order of its options."""

    images: Files = field(default_factory=tuple)
    videos: Files = field(default_factory=tuple)
    audios: Files = field(default_factory=tuple)
    links: str | None = None
    cast: str | None = None


def read_create(options: Options, references: References) -> Read:
    """Read `/video create`."""
    linked, faults = read_links(references.links or "")
    media = [
        *_attached("image", references.images),
        *_attached("video", references.videos),
        *_attached("audio", references.audios),
        *linked,
    ]
    names = {"cast": names_in(references.cast or "")}
    return options.video_request(media).model_copy(update=names), faults


def read_frames(
    options: Options,
    first: discord.Attachment | None,
    last: discord.Attachment | None,
    first_link: str | None,
    last_link: str | None,
) -> Read:
    """Read `/video frames`. Raises: UserError for a prompt without any frame."""
    media: list[MediaRef] = []
    faults: list[Violation] = []
    for role, attachment, link in (
        (MediaRole.FIRST, first, first_link),
        (MediaRole.LAST, last, last_link),
    ):
        if attachment is not None:
            media.append(reference(attachment, role.value, role))
        linked, wrong = read_links(link or "", field=f"{role.value}_link", role=role)
        media.extend(linked)
        faults.extend(wrong)
    video_request = options.video_request(media)
    if options.prompt is not None and not media and not faults:
        raise UserError("refused-frames-missing")
    return video_request, tuple(faults)


def _attached(word: str, files: Files) -> list[MediaRef]:
    return [
        reference(attachment, f"{word}{number}", MediaRole.REFERENCE)
        for number, attachment in enumerate(files, start=1)
        if attachment is not None
    ]


def attached_images(files: Files) -> tuple[MediaRef, ...]:
    """The pictures of `image1` and so on, those that were given."""
    return tuple(_attached("image", files))


def reference(attachment: discord.Attachment, field_name: str, role: MediaRole) -> MediaRef:
    """An attachment as Discord describes it; its bytes are inspected later."""
    return MediaRef(
        source=MediaSource.ATTACHMENT,
        url=attachment.url,
        role=role,
        field=field_name,
        name=attachment.filename,
        content_type=attachment.content_type,
        size_bytes=attachment.size,
        width=attachment.width,
        height=attachment.height,
        duration_s=attachment.duration,
    )


def without_lone_surrogates(value: Any) -> Any:
    """The same JSON value with `?` in place of each half of a character (a lone surrogate).

    JSON can carry one, as a name cut in the middle of an emoji; UTF-8, and so every database, the
    provider and Discord itself, cannot.
    """
    try:
        # nearly all have none, which is found without a call for each of their many fields
        _AS_IT_IS.encode(value).encode()
    except UnicodeEncodeError:
        return _replaced(value)
    return value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_replaced(key): _replaced(item) for key, item in value.items()}
    return [_replaced(item) for item in value] if isinstance(value, list) else value
