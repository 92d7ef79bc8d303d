"""Brings messages to Discord by REST alone: needs a logged-in client, neither gateway nor cache."""

import asyncio
from pathlib import Path
from typing import Any, Final

import discord

from bot.discord_rest.errors import discord_faults
from bot.discord_rest.history import custom_ids_of, is_history_open
from bot.discord_rest.spoilers import VideoFile, with_links
from bot.errors import DeliveryRefused, DiscordUnavailable, HistoryClosed, MessageGone, PlaceGone
from bot.rules.catalogue import Catalogue
from bot.services.caller import Progress
from bot.ui import messages
from bot.ui.formatting import subtext, within
from bot.ui.markdown import fold, inline, shorten
from bot.ui.markers import carries_marker, film_name
from bot.ui.requests.followups import followup_view, retry_view
from bot.ui.requests.joined_films import film_view
from bot.ui.requests.list import cancel_view
from bot.ui.texts import Localised, Texts
from storage.records import MessageKind, OutboxMessage, Request

CALL_TIMEOUT_S: Final = 30.0
"""discord.py's own repeats included."""
SLOWEST_BYTES_PER_S: Final = 100_000
"""An upload is given the time that a slow line takes."""
SCAN_TIMEOUT_S: Final = 120.0
SCAN_LIMIT: Final = 5_000
"""Messages looked at before it is given up to find a marker."""
SERVER_NAME_LIMIT: Final = 100
ALT_TEXT_LIMIT: Final = 200
"""How much of the prompt describes a video to who cannot see it."""

_NOBODY: Final = discord.AllowedMentions.none()
_PINGS: Final = frozenset({MessageKind.RESULT, MessageKind.NOTICE, MessageKind.FILM})

Place = discord.PartialMessageable | discord.DMChannel


class DiscordPoster:
    """Sends, finds, edits and deletes the bot's messages; raises DeliveryErrors alone.

    Texts are rendered at the moment of sending, in the server's language.
    """

    def __init__(self, client: discord.Client, texts: Texts, catalogue: Catalogue) -> None:
        self._client = client
        self._texts = texts
        self._catalogue = catalogue

    async def send(
        self,
        outgoing: OutboxMessage,
        request: Request | None,
        standing: Progress,
        file: Path | None,
    ) -> tuple[int, int]:
        """Send once with the post's nonce, which Discord enforces for some minutes.

        `file` is streamed from disk. Returns the channel's and the message's id.
        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        content = self._content(outgoing, request, standing, with_file=file is not None)
        if not outgoing.channel_id and request is not None:
            content = within((await self._from_server(outgoing, request), content))
        attachment = self._attachment(outgoing, request, file) if file is not None else None
        timeout_s = CALL_TIMEOUT_S
        if file is not None:
            size = await asyncio.to_thread(lambda: file.stat().st_size)
            timeout_s += size / SLOWEST_BYTES_PER_S
        try:
            async with discord_faults("send", timeout_s):
                place = await self._place(outgoing)
                message = await place.send(
                    content,
                    files=[attachment] if attachment is not None else [],
                    nonce=outgoing.nonce,
                    allowed_mentions=_mentions(outgoing),
                    suppress_embeds=True,
                    **self._buttons(outgoing, request),
                    **_reply(outgoing),
                )
        finally:
            if attachment is not None:
                attachment.close()
        return message.channel.id, message.id

    async def find(self, outgoing: OutboxMessage) -> tuple[int, int] | None:
        """Look for the post's marker among the bot's own messages behind its `after_id`.

        Raises: HistoryClosed, PlaceGone, DiscordUnavailable.
        """
        after = discord.Object(outgoing.after_id)
        seen = 0
        async with discord_faults("read", SCAN_TIMEOUT_S):
            place = await self._place(outgoing)
            async for message in place.history(limit=SCAN_LIMIT, after=after, oldest_first=True):
                seen += 1
                if self._is_own(message) and self._is_message(message, outgoing):
                    return message.channel.id, message.id
            # an empty answer is also what Discord gives where history may not be read
            if seen == 0 and outgoing.channel_id:
                await self._require_history(outgoing)
        if seen >= SCAN_LIMIT:
            raise HistoryClosed(f"more than {SCAN_LIMIT} messages since")
        return None

    async def newest_id(self, outgoing: OutboxMessage) -> int:
        """The id of the newest message in the post's place; 0 where none is shown.

        Raises: HistoryClosed, PlaceGone, DiscordUnavailable.
        """
        async with discord_faults("read", CALL_TIMEOUT_S):
            place = await self._place(outgoing)
            async for message in place.history(limit=1):
                return message.id
        return 0

    async def edit(self, outgoing: OutboxMessage, request: Request, standing: Progress) -> None:
        """Make a sent card show the request's present state; without its prompt if that is refused.

        Raises: MessageGone, PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        is_plain = messages.is_plain(outgoing)
        try:
            await self._edit(outgoing, request, standing, is_plain=is_plain)
        except DeliveryRefused:
            if is_plain:
                raise
            await self._edit(outgoing, request, standing, is_plain=True)

    async def _edit(
        self, outgoing: OutboxMessage, request: Request, standing: Progress, *, is_plain: bool
    ) -> None:
        t = self._texts.of(request.guild_locale)
        content = messages.card(request, standing, self._catalogue, t, is_plain=is_plain)
        view = cancel_view(request.id, t) if messages.can_cancel(request) else None
        async with discord_faults("change", CALL_TIMEOUT_S):
            await self._message(outgoing.sent_channel_id, outgoing.message_id).edit(
                content=content, view=view, allowed_mentions=_NOBODY
            )

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Take a message of the bot's away; one that is gone already is fine.

        Raises: PlaceGone, ChangeRefused, DeliveryRefused, DiscordUnavailable.
        """
        try:
            async with discord_faults("change", CALL_TIMEOUT_S):
                await self._message(channel_id, message_id).delete()
        except MessageGone:
            return

    async def file_link(self, channel_id: int, message_id: int) -> str:
        """A fresh link to the file of one of the bot's messages; empty where it has none.

        Raises: MessageGone, PlaceGone, DiscordUnavailable.
        """
        self._require_login()
        async with discord_faults("change", CALL_TIMEOUT_S):
            place = self._client.get_partial_messageable(channel_id)
            message = await place.fetch_message(message_id)
        return message.attachments[0].url if message.attachments else ""

    def _locale(self, outgoing: OutboxMessage, request: Request) -> str:  # noqa: ARG002 - for who overrides it
        """In which language a message about a request is written."""
        return request.guild_locale

    async def _from_server(self, outgoing: OutboxMessage, request: Request) -> str:
        """Which server a direct message is about; empty where the bot is not in it any more."""
        self._require_login()
        guild = self._client.get_guild(request.guild_id)
        try:
            if guild is None:
                async with discord_faults("read", CALL_TIMEOUT_S):
                    guild = await self._client.fetch_guild(request.guild_id, with_counts=False)
        except (HistoryClosed, PlaceGone, DeliveryRefused):
            return ""
        t = self._texts.of(self._locale(outgoing, request))
        return subtext([t("from-server", server=inline(guild.name, SERVER_NAME_LIMIT))])

    def _require_login(self) -> None:
        # before the log-in, discord.py has no session to send with
        if self._client.user is None:
            raise DiscordUnavailable("not logged in yet")

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        self._require_login()
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)

    async def _place(self, outgoing: OutboxMessage) -> Place:
        self._require_login()
        if outgoing.channel_id:
            return self._client.get_partial_messageable(
                outgoing.channel_id, guild_id=outgoing.guild_id or None
            )
        return await self._client.create_dm(discord.Object(outgoing.user_id))

    def _content(
        self,
        outgoing: OutboxMessage,
        request: Request | None,
        standing: Progress,
        *,
        with_file: bool,
    ) -> str:
        if outgoing.kind in (MessageKind.LOG, MessageKind.DIRECT):
            body = messages.body_of(outgoing)
            locale = request.guild_locale if request is not None else str(body.get("locale", ""))
            return messages.line(body, self._texts.of(locale))
        if request is None:
            raise DeliveryRefused(f"a {outgoing.kind} without a request")
        t = self._texts.of(request.guild_locale)
        if outgoing.kind is MessageKind.CARD:
            return messages.card(
                request, standing, self._catalogue, t, is_plain=messages.is_plain(outgoing)
            )
        if outgoing.kind is MessageKind.RESULT:
            link = "" if with_file else request.result_url
            said = messages.result(request, outgoing, self._catalogue, t, link=link)
            return with_links(said, is_spoiler=True) if link and _is_spoiler(outgoing) else said
        if outgoing.kind is MessageKind.FILM:
            body = messages.body_of(outgoing)
            elsewhere = outgoing.channel_id != body.get("channel")
            return messages.film(body, t, by=outgoing.user_id, elsewhere=elsewhere)
        return messages.notice(request, messages.body_of(outgoing), t)

    def _attachment(
        self,
        outgoing: OutboxMessage,
        request: Request | None,
        file: Path,
        *,
        is_spoiler: bool | None = None,
    ) -> VideoFile:
        """The video as it goes up; behind a spoiler where the post says so, or as told."""
        name, described = file.name, ""
        if is_spoiler is None:
            is_spoiler = _is_spoiler(outgoing)
        if request is not None and outgoing.kind is MessageKind.FILM:
            name = film_name(request.id)
            count = len(messages.body_of(outgoing).get("parts") or ())
            described = self._texts.of(request.guild_locale)("film-alt", parts=count)
        elif request is not None:
            name = f"{request.id}.mp4"
            quoted = "" if messages.is_plain(outgoing) else messages.video_of(request).prompt
            prompt = shorten(fold(quoted), ALT_TEXT_LIMIT)
            t = self._texts.of(request.guild_locale)
            described = t("result-alt", prompt=prompt, has_prompt="yes" if prompt else "no")
        return VideoFile(file, filename=name, description=described or None, spoiler=is_spoiler)

    def _buttons(self, outgoing: OutboxMessage, request: Request | None) -> dict[str, Any]:
        if request is None:
            return {}
        t = self._texts.of(request.guild_locale)
        if outgoing.kind is MessageKind.CARD and messages.can_cancel(request):
            return {"view": cancel_view(request.id, t)}
        if not outgoing.channel_id:
            # what follows is asked for in a server
            return {}
        if outgoing.kind is MessageKind.RESULT:
            return {"view": followup_view(request.id, t)}
        if outgoing.kind is MessageKind.FILM:
            return {"view": film_view(request.id, t)}
        if outgoing.kind is MessageKind.NOTICE and (
            help_by := messages.remedy(request, messages.body_of(outgoing))
        ):
            return {"view": retry_view(request.id, t, as_it_was=help_by == "again")}
        return {}

    def _is_own(self, message: discord.Message) -> bool:
        return self._client.user is not None and message.author.id == self._client.user.id

    def _is_message(self, message: discord.Message, outgoing: OutboxMessage) -> bool:
        if outgoing.kind in (MessageKind.LOG, MessageKind.DIRECT):
            return message.content in self._lines(outgoing)
        return carries_marker(
            outgoing.kind,
            outgoing.request_id,
            content=message.content,
            file_names=tuple(attachment.filename for attachment in message.attachments),
            custom_ids=custom_ids_of(message),
        )

    def _lines(self, outgoing: OutboxMessage) -> list[str]:
        """A line has no marker but itself; its language is not known here."""
        languages: list[Localised] = [self._texts.of(name) for name in self._texts.languages]
        return [messages.line(messages.body_of(outgoing), t) for t in languages]

    async def _require_history(self, outgoing: OutboxMessage) -> None:
        if not await is_history_open(self._client, outgoing.guild_id, outgoing.channel_id):
            raise HistoryClosed("Read Message History is missing")


def _is_spoiler(outgoing: OutboxMessage) -> bool:
    return bool(messages.body_of(outgoing).get("spoiler"))


def _reply(outgoing: OutboxMessage) -> dict[str, Any]:
    """A film answers the message of its last part, where it stands beside it."""
    body = messages.body_of(outgoing) if outgoing.kind is MessageKind.FILM else {}
    message_id = int(body.get("reply_to") or 0)
    if not message_id or outgoing.channel_id != body.get("channel"):
        return {}
    reference = discord.MessageReference(
        message_id=message_id, channel_id=outgoing.channel_id, fail_if_not_exists=False
    )
    return {"reference": reference}


def _mentions(outgoing: OutboxMessage) -> discord.AllowedMentions:
    role = str((messages.body_of(outgoing).get("params") or {}).get("role") or "")
    if outgoing.kind is MessageKind.LOG and role:
        # moderators are reminded of what waits for them
        return discord.AllowedMentions(
            everyone=False, users=False, replied_user=False, roles=[discord.Object(int(role))]
        )
    if outgoing.kind not in _PINGS:
        return _NOBODY
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(outgoing.user_id)]
    )
