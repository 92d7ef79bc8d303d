"""Renders outbox messages: text, buttons, attachments, mentions, and the marker to find them by."""

from pathlib import Path
from typing import Any, Final

import discord

from bot.discord_rest.history import custom_ids_of
from bot.discord_rest.spoilers import VideoFile, with_links
from bot.errors import DeliveryRefused
from bot.rules.catalogue import Catalogue
from bot.services.caller import Progress
from bot.services.moderation.review_sheet import ReviewSheet, SheetFile
from bot.services.outbox import (
    APPEAL_DENIED,
    APPEAL_GRANTED,
    APPEAL_LATE,
    SERIES_REJECTED,
    SERIES_STATES,
    TAKEN_DOWN,
)
from bot.services.templates.panels import PanelSheet
from bot.ui import messages
from bot.ui.formatting import subtext
from bot.ui.markdown import fold, inline, shorten
from bot.ui.markers import carries_marker, film_name, series_mark
from bot.ui.moderation import review_cards
from bot.ui.moderation.appeals import appeal_view
from bot.ui.moderation.review_buttons import approve_custom_id
from bot.ui.requests.followups import followup_view, retry_view
from bot.ui.requests.joined_films import film_view
from bot.ui.requests.list import cancel_view
from bot.ui.series.card import series_card
from bot.ui.series.notices import series_notice
from bot.ui.templates import pages as template_pages
from bot.ui.templates.make import panel_custom_id, panel_view
from bot.ui.texts import Localised, Texts
from storage.records import MessageKind, OutboxMessage, Request, State

SERVER_NAME_LIMIT: Final = 100
ALT_TEXT_LIMIT: Final = 200
"""How much of the prompt goes into a video's description for screen readers."""

_NOBODY: Final = discord.AllowedMentions.none()
_PINGS: Final = frozenset({MessageKind.RESULT, MessageKind.NOTICE, MessageKind.FILM})
_VERDICTS: Final = frozenset(
    {State.REJECTED.value, TAKEN_DOWN, APPEAL_DENIED, APPEAL_GRANTED, APPEAL_LATE, SERIES_REJECTED}
)


class MessageRenderer:
    """Renders messages from the records, in the server's language at the moment of sending."""

    def __init__(self, texts: Texts, catalogue: Catalogue, currency: str = "") -> None:
        self.texts = texts
        self._catalogue = catalogue
        self._currency = currency

    def locale(self, outgoing: OutboxMessage, request: Request) -> str:
        """The language of a message: the member's for a verdict in private, else the server's."""
        in_private = _is_verdict(outgoing) and not outgoing.channel_id
        return request.locale if in_private else request.guild_locale

    def from_server(self, outgoing: OutboxMessage, request: Request, server: str) -> str:
        """The line of a direct message that says which server it is about."""
        t = self.texts.of(self.locale(outgoing, request))
        return subtext([t("from-server", server=inline(server, SERVER_NAME_LIMIT))])

    def card(
        self, request: Request, progress: Progress, *, is_plain: bool
    ) -> tuple[str, discord.ui.View | None]:
        """A progress card's text and buttons; `is_plain` leaves out what members typed."""
        t = self.texts.of(request.guild_locale)
        if progress.series is not None:
            return series_card(
                request, progress.series, progress, self._catalogue, t, is_plain=is_plain
            )
        text = messages.card(request, progress, self._catalogue, t, is_plain=is_plain)
        return text, cancel_view(request.id, t) if messages.can_cancel(request) else None

    def review_card(self, sheet: ReviewSheet, *, has_video: bool = False, is_plain: bool) -> str:
        """A review card's text."""
        t = self.texts.of(sheet.request.guild_locale)
        return review_cards.card(
            sheet, self._catalogue, self._currency, t, has_video=has_video, is_plain=is_plain
        )

    def panel(
        self, outgoing: OutboxMessage, sheet: PanelSheet
    ) -> tuple[str, discord.ui.View | None]:
        """A panel's text and button; a removed template's has none."""
        t = self._of_server(outgoing, sheet)
        text = template_pages.panel(sheet, self._catalogue, self._currency, t)
        if sheet.offer is None:
            return text, None
        return text, panel_view(*_panel_of(outgoing), t)

    def example(
        self, outgoing: OutboxMessage, sheet: PanelSheet, file: Path | None
    ) -> list[VideoFile]:
        """The example to upload with a panel; none without a file."""
        if file is None or sheet.example is None:
            return []
        described = self._of_server(outgoing, sheet)("panel-alt", name=fold(sheet.name))
        name = f"{sheet.example.id}-example.mp4"
        return [VideoFile(file, filename=name, description=described, spoiler=False)]

    def _of_server(self, outgoing: OutboxMessage, sheet: PanelSheet) -> Localised:
        body = messages.body_of(outgoing)
        return self.texts.of(sheet.language or str(body.get("locale", "")))

    def content(
        self,
        outgoing: OutboxMessage,
        request: Request | None,
        progress: Progress,
        *,
        with_file: bool,
    ) -> str:
        """A message's text. Raises: DeliveryRefused for a kind that needs a request."""
        if outgoing.kind in (MessageKind.LOG, MessageKind.DIRECT):
            body = messages.body_of(outgoing)
            locale = request.guild_locale if request is not None else str(body.get("locale", ""))
            return messages.line(body, self.texts.of(locale))
        if request is None:
            raise DeliveryRefused(f"a {outgoing.kind} without a request")
        t = self.texts.of(self.locale(outgoing, request))
        body = messages.body_of(outgoing)
        if outgoing.kind is MessageKind.CARD:
            return self.card(request, progress, is_plain=messages.is_plain(outgoing))[0]
        if outgoing.kind is MessageKind.RESULT:
            link = "" if with_file else request.result_url
            text = messages.result(request, outgoing, self._catalogue, t, link=link)
            return with_links(text, is_spoiler=True) if link and has_spoiler(outgoing) else text
        if outgoing.kind is MessageKind.FILM:
            elsewhere = outgoing.channel_id != body.get("channel")
            return messages.film(body, t, by=outgoing.user_id, elsewhere=elsewhere)
        if body.get("state") in SERIES_STATES:
            return series_notice(request, body, t, in_private=not outgoing.channel_id)
        if _is_verdict(outgoing):
            return review_cards.verdict_notice(request, body, t, in_private=not outgoing.channel_id)
        return messages.notice(request, body, t)

    def attachment(
        self,
        outgoing: OutboxMessage,
        request: Request | None,
        file: Path,
        *,
        is_spoiler: bool | None = None,
    ) -> VideoFile:
        """The video to upload, with its name, which is the marker, and its description.

        `is_spoiler` None: behind a spoiler where the message says so.
        """
        if is_spoiler is None:
            is_spoiler = has_spoiler(outgoing)
        name, described = file.name, ""
        if request is not None and outgoing.kind is MessageKind.FILM:
            name = film_name(request.id)
            count = len(messages.body_of(outgoing).get("parts") or ())
            described = self.texts.of(request.guild_locale)("film-alt", parts=count)
        elif request is not None:
            name = f"{request.id}.mp4"
            quoted = "" if messages.is_plain(outgoing) else messages.video_of(request).shown_prompt
            prompt = shorten(fold(quoted), ALT_TEXT_LIMIT)
            t = self.texts.of(request.guild_locale)
            described = t("result-alt", prompt=prompt, has_prompt="yes" if prompt else "no")
        return VideoFile(file, filename=name, description=described or None, spoiler=is_spoiler)

    def strip(self, request: Request, file: Path) -> discord.File:
        """The picture on a series' card; not named as a posted video is, which is its marker."""
        described = self.texts.of(request.guild_locale)("series-strip-alt")
        return discord.File(file, filename=f"{request.id}-shots.jpg", description=described)

    def buttons(
        self, outgoing: OutboxMessage, request: Request | None, progress: Progress
    ) -> dict[str, Any]:
        """The view argument of the call that sends; empty where there are no buttons."""
        if request is None:
            return {}
        t = self.texts.of(request.guild_locale)
        if outgoing.kind is MessageKind.CARD:
            _, view = self.card(request, progress, is_plain=messages.is_plain(outgoing))
            return {"view": view} if view is not None else {}
        if messages.body_of(outgoing).get("appeal_until_ms"):
            # works in a direct message too, where most rejections are told
            t = self.texts.of(self.locale(outgoing, request))
            return {"view": appeal_view(request.id, t)}
        if not outgoing.channel_id:
            # follow-ups are only possible in a server
            return {}
        if outgoing.kind is MessageKind.RESULT:
            takes_votes = bool(messages.body_of(outgoing).get("votes"))
            return {"view": followup_view(request.id, t, 0 if takes_votes else None)}
        if outgoing.kind is MessageKind.FILM:
            return {"view": film_view(request.id, t)}
        if outgoing.kind is MessageKind.NOTICE and (
            help_by := messages.remedy(request, messages.body_of(outgoing))
        ):
            return {"view": retry_view(request.id, t, as_it_was=help_by == "again")}
        return {}

    def is_message(self, message: discord.Message, outgoing: OutboxMessage) -> bool:
        """Whether a message of the bot carries the marker of an outbox message."""
        if outgoing.kind is MessageKind.REVIEW:
            number = int(outgoing.id.rpartition(":")[2])
            return approve_custom_id(outgoing.request_id, number) in custom_ids_of(message)
        if outgoing.kind is MessageKind.PANEL:
            return panel_custom_id(*_panel_of(outgoing)) in custom_ids_of(message)
        if outgoing.kind is MessageKind.FORWARD:
            source, found = forward_reference(outgoing), message.reference
            is_forward = found is not None and found.type is discord.MessageReferenceType.forward
            return is_forward and found is not None and found.message_id == source.message_id
        if outgoing.kind in (MessageKind.LOG, MessageKind.DIRECT):
            return message.content in self._lines(outgoing)
        body = messages.body_of(outgoing)
        if outgoing.kind is MessageKind.NOTICE and body.get("state") in SERIES_STATES:
            return series_mark(outgoing.request_id, body) in message.content.split("\n")
        return carries_marker(
            outgoing.kind,
            outgoing.request_id,
            content=message.content,
            file_names=tuple(attachment.filename for attachment in message.attachments),
            custom_ids=custom_ids_of(message),
        )

    def _lines(self, outgoing: OutboxMessage) -> list[str]:
        """A line's text is its marker; in any language, since the server's may have changed."""
        languages: list[Localised] = [self.texts.of(name) for name in self.texts.languages]
        return [messages.line(messages.body_of(outgoing), t) for t in languages]


def _panel_of(outgoing: OutboxMessage) -> tuple[str, int]:
    """The template and the number of a panel, from its id."""
    _, template_id, number = outgoing.id.split(":")
    return template_id, int(number)


def _is_verdict(outgoing: OutboxMessage) -> bool:
    is_notice = outgoing.kind is MessageKind.NOTICE
    return is_notice and messages.body_of(outgoing).get("state") in _VERDICTS


def has_spoiler(outgoing: OutboxMessage) -> bool:
    """Whether the message's video goes up behind a spoiler."""
    return bool(messages.body_of(outgoing).get("spoiler"))


def forward_reference(outgoing: OutboxMessage) -> discord.MessageReference:
    """The message that an outbox message forwards. Raises: DeliveryRefused where it names none."""
    source = messages.body_of(outgoing).get("source") or {}
    if not source.get("message_id"):
        raise DeliveryRefused("a forward of nothing")
    return discord.MessageReference(
        message_id=int(source["message_id"]),
        channel_id=int(source["channel_id"]),
        type=discord.MessageReferenceType.forward,
    )


def reply(outgoing: OutboxMessage) -> dict[str, Any]:
    """The reference argument: a film replies to its last part's message in the same channel."""
    body = messages.body_of(outgoing) if outgoing.kind is MessageKind.FILM else {}
    message_id = int(body.get("reply_to") or 0)
    if not message_id or outgoing.channel_id != body.get("channel"):
        return {}
    reference = discord.MessageReference(
        message_id=message_id, channel_id=outgoing.channel_id, fail_if_not_exists=False
    )
    return {"reference": reference}


def mentions(outgoing: OutboxMessage) -> discord.AllowedMentions:
    """Who is pinged: the requester by a result, a role by a reminder, else nobody."""
    role = str((messages.body_of(outgoing).get("params") or {}).get("role") or "")
    if outgoing.kind is MessageKind.LOG and role:
        return discord.AllowedMentions(
            everyone=False, users=False, replied_user=False, roles=[discord.Object(int(role))]
        )
    if outgoing.kind not in _PINGS:
        return _NOBODY
    return discord.AllowedMentions(
        everyone=False, roles=False, replied_user=False, users=[discord.Object(outgoing.user_id)]
    )


def review_attachment(file: SheetFile, t: Localised) -> discord.File:
    """A review card's file; all are behind spoilers, so that nobody sees one by accident."""
    described = t(f"review-alt-{file.about}", number=file.position + 1)
    return discord.File(file.path, filename=file.name, spoiler=True, description=described)
