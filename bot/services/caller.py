"""Inputs and outputs of the services: the caller, receipts and views of requests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.series.views import SeriesView
from storage.records import Input, Request


@dataclass(frozen=True, slots=True)
class Caller:
    """Who pressed what, where: all a service knows of Discord.

    Permissions are Discord's bit sets as the interaction carried them, for this very place.
    """

    interaction_id: int
    user_id: int
    guild_id: int
    channel_id: int
    parent_channel_id: int = 0
    is_private_thread: bool = False
    is_nsfw: bool = False
    is_thread: bool = False
    has_plain_parent: bool = False
    """In a public thread of an ordinary text channel: no forum's post, none under an announcement.
    """
    locale: str = "en-US"
    guild_locale: str = "en-US"
    role_ids: tuple[int, ...] = ()
    member_permissions: int = 0
    app_permissions: int = 0
    joined_at_ms: int = 0
    account_created_at_ms: int = 0
    upload_limit_bytes: int = 0
    """Discord's `attachment_size_limit` of the interaction."""


class EndNotice(StrEnum):
    """Delivery of the notice of a request's end."""

    NONE = "none"
    """No end, or the notice reached nobody: the card shows it."""
    COMING = "coming"
    LATE = "late"
    """Its first attempt failed, so the card shows the end meanwhile."""
    TOLD = "told"
    """It has arrived, or the member was notified otherwise: the card can go."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a request stands, in terms a member understands.

    `place` is `next`, `soon` or `later` for one that waits for a provider slot, else empty.
    `ready_at_ms` is the believable moment of completion, 0 where nothing is known. `hindrance`
    names why nothing moves (`paused`, `provider-down`, `money`, `slow`), else empty. `is_overdue`:
    it takes longer than was to be expected. `news` is where the message that tells of an end is:
    the card goes once that has arrived, and waits while it is on its way.
    """

    place: str = ""
    position: int = 0
    ready_at_ms: int = 0
    latest_at_ms: int = 0
    hindrance: str = ""
    is_overdue: bool = False
    news: EndNotice = EndNotice.NONE
    series: SeriesView | None = None
    """Of a series: its shots. The other fields then are those of the shot that is being made."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a command that made a request, or to one that had made it before."""

    request: Request
    video: VideoRequest
    is_new: bool
    warnings: tuple[Violation, ...] = ()
    price_micros: int | None = None
    left: int | None = None
    """Videos the member may still ask for now; None where nothing limits."""
    left_seconds: int | None = None
    left_micros: int | None = None
    hindrance: str = ""
    """Why nothing goes to the provider at the moment, as in `Progress`."""
    group: tuple[Request, ...] = ()
    """The request, or all variations of its prompt in order; `price_micros` is their sum. Of a
    series (`request`) its shots, or the one that is tried again."""
    is_first: bool = False
    """The member's first in this server: the answer carries the privacy notice."""


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request as its member sees it."""

    request: Request
    video: VideoRequest
    standing: Progress
    inputs: tuple[Input, ...] = ()
    message_url: str = ""
    """The posted video's message, empty while there is none."""
    kept_url: str = field(default="", repr=False)
    """Where the provider has a video that Discord does not take; empty otherwise."""
    series: SeriesView | None = None
    """Of a series: its shots."""


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A page of requests, newest first; `next_before_ms` is 0 on the last page."""

    views: Sequence[RequestView] = field(default_factory=tuple)
    next_before_ms: int = 0
