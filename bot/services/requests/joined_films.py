"""Joins a video with those it continues into one film, once for each chain."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import NotAllowed, UserError
from bot.services.authorization import find_here
from bot.services.caller import Caller
from bot.services.moderation import posted_result, review_lifecycle
from bot.services.moderation.audit_log import record_decision
from bot.services.outbox import enqueue_joined_film, sent_url
from bot.services.permissions import is_moderator
from bot.services.requests.admission import Admission
from bot.services.requests.followups import FollowUpService, Source, require_remix
from bot.services.requests.provenance import chain_of
from bot.services.server_settings import ServerSettings, read_settings
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import StorageUnavailable
from storage.moderation import blocks, visibility
from storage.moderation.audit_log import Action, Decision
from storage.moderation.visibility import Display
from storage.quotas import ledger
from storage.records import MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import joined_films, outbox, requests

MOST_PARTS: Final = 10
LONGEST_S: Final = 120
MOST_A_DAY: Final = 10
"""Films that one member may have made in 24 h: each is an encode, also of what was deleted."""


@dataclass(frozen=True, slots=True)
class JoinOutcome:
    """The result of a press: a film of `parts` videos is enqueued, or was before.

    `message_url` is that of a film that is already posted.
    """

    request_id: str
    parts: int
    is_new: bool
    message_url: str = ""


class JoinedFilmService:
    """Enqueues each film once; the worker on the host with the files makes and posts it."""

    def __init__(
        self,
        database: Database,
        followups: FollowUpService,
        admission: Admission,
        *,
        clock: Callable[[], int],
        wakeup: Callable[[], None],
        erased: Callable[[], None],
    ) -> None:
        self._database = database
        self._followups = followups
        self._admission = admission
        self._clock = clock
        self._wakeup = wakeup
        self._erased = erased

    async def can_join(self, caller: Caller, source: Source) -> bool:
        """Whether to offer it: the video continues others, and they can be joined."""
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            parts = await chain_of(tx, source.request)
            try:
                await self._check(tx, settings, caller, source, parts)
            except UserError as error:
                # a film that is too long is refused with an explanation when requested
                return error.key == "refused-join-long"
        return True

    async def join(self, caller: Caller, request_id: str) -> JoinOutcome:
        """Enqueue the film that ends with this video, once however often it is requested.

        It costs nothing and counts for no quota; at most MOST_A_DAY a member in 24 hours.
        Raises: UserError for what is missing: a right, a part, or the room; UnknownVideo.
        """
        self._admission.check_place(caller)
        source = await self._followups.look(caller, request_id)
        try:
            joining = await self._joined(caller, source)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        self._wakeup()
        return joining

    @repeated
    async def _joined(self, caller: Caller, source: Source) -> JoinOutcome:
        async with self._database.transaction() as tx:
            return await self._join(tx, caller, source)

    async def _join(self, tx: Transaction, caller: Caller, source: Source) -> JoinOutcome:
        settings = await read_settings(tx, caller.guild_id)
        self._admission.check_channel(settings, caller)
        now_ms = self._clock()
        block = await blocks.active(tx, caller.guild_id, caller.user_id, now_ms)
        if block is not None:
            raise NotAllowed("refused-blocked", {"frees_ms": block.until_ms})
        request = await requests.require(tx, source.request.id)
        parts = await chain_of(tx, request)
        await self._check(tx, settings, caller, source, parts)
        earlier = await _films_of(tx, request.id)
        there = next((film for film in earlier if film.state in _STANDS), None)
        if there is None:
            await _require_room(tx, caller, now_ms)
            if await _enqueue_film(tx, caller, parts, len(earlier) + 1, now_ms):
                return JoinOutcome(request.id, len(parts), is_new=True)
        return JoinOutcome(request.id, len(parts), is_new=False, message_url=sent_url(there))

    async def _check(
        self,
        tx: Transaction,
        settings: ServerSettings,
        caller: Caller,
        source: Source,
        parts: Sequence[Request],
    ) -> None:
        require_remix(source)
        if len(parts) < 2:
            raise UserError("refused-join-alone")
        if settings.remix != "everyone" and any(p.user_id != caller.user_id for p in parts):
            raise NotAllowed("refused-remix")
        await require_joinable(tx, parts, caller.channel_id)
        if any(part.is_nsfw for part in parts) and not caller.is_nsfw:
            raise NotAllowed("refused-join-elsewhere")
        seconds = _seconds(parts)
        if len(parts) > MOST_PARTS or seconds > LONGEST_S:
            params: dict[str, str | int] = {
                "parts": len(parts),
                "seconds": seconds,
                "most": MOST_PARTS,
                "longest": LONGEST_S,
            }
            raise UserError("refused-join-long", params)

    async def deletable(self, caller: Caller, request_id: str) -> OutboxMessage:
        """The posted film that the caller may take down. Raises: UserError, NotAllowed."""
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            return await _deletable(tx, settings, caller, request_id)

    @repeated
    async def delete(self, caller: Caller, request_id: str) -> None:
        """Take a film down; its parts stay. Raises: UserError, NotAllowed.

        For the member who requested it, the requesters of its parts and moderators.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            settings = await read_settings(tx, caller.guild_id)
            film = await _deletable(tx, settings, caller, request_id)
            if await joined_films.condemn(tx, film.id):
                done = Decision(
                    guild_id=film.guild_id,
                    user_id=film.user_id,
                    actor_id=caller.user_id,
                    action=Action.FILM_DELETED,
                    at_ms=now_ms,
                    request_id=film.request_id,
                )
                await record_decision(tx, settings, done)
        self._wakeup()
        self._erased()


_STANDS: Final = (OutboxState.PENDING, OutboxState.SENT, OutboxState.UNKNOWN)
"""A film that may have arrived is never posted a second time."""


async def require_joinable(tx: Transaction, parts: Sequence[Request], channel_id: int) -> None:
    """Raise UserError unless all parts are posted in this channel and none is withheld."""
    for part in parts:
        result = await posted_result.result_of(tx, part.id)
        change = await visibility.get(tx, part.id)
        is_gone = change is not None and change.wanted is Display.GONE
        stands = result is not None and result.state is OutboxState.SENT and result.message_id
        if is_gone or not stands or part.state is not State.POSTED or not part.result_path:
            raise UserError("refused-join-gone", {"id": part.id})
        if part.user_id < 0:
            # its member's data was deleted in this moment
            raise UserError("refused-join-gone", {"id": part.id})
        if result is None or result.sent_channel_id != channel_id:
            raise UserError("refused-join-elsewhere")
        is_hidden = change is not None and change.wanted is Display.SPOILER
        if is_hidden and await review_lifecycle.open_of(tx, part.id) is not None:
            raise UserError("refused-join-hidden", {"id": part.id})


async def is_behind_spoiler(tx: Transaction, parts: Sequence[Request]) -> bool:
    """Whether one of the parts is behind a spoiler: then the film is as well."""
    for part in parts:
        result = await posted_result.result_of(tx, part.id)
        change = await visibility.get(tx, part.id)
        shown = posted_result.posted_as(result) if result is not None else Display.PLAIN
        if (change.wanted if change is not None else shown) is Display.SPOILER:
            return True
    return False


async def _require_room(tx: Transaction, caller: Caller, now_ms: int) -> None:
    """Raise UserError where the member reached MOST_A_DAY films."""
    await ledger.lock_accounts(tx, caller.guild_id, caller.user_id)
    made = await joined_films.made_of_late(
        tx, caller.guild_id, caller.user_id, since_ms=now_ms - DAY_MS + 1
    )
    if len(made) >= MOST_A_DAY:
        frees_ms = made[-MOST_A_DAY] + DAY_MS
        raise UserError("refused-join-often", {"most": MOST_A_DAY, "frees_ms": frees_ms})


async def _enqueue_film(
    tx: Transaction, caller: Caller, parts: Sequence[Request], number: int, now_ms: int
) -> bool:
    last = parts[-1]
    result = await posted_result.result_of(tx, last.id)
    is_spoiler = await is_behind_spoiler(tx, parts)
    body = {
        "parts": [part.id for part in parts],
        "seconds": _seconds(parts),
        "authors": list(dict.fromkeys(part.user_id for part in parts)),
        "limit": caller.upload_limit_bytes or last.upload_limit_bytes,
        "channel": caller.channel_id,
        "reply_to": result.message_id if result is not None else 0,
        "locale": last.guild_locale,
        **({"spoiler": True} if is_spoiler else {}),
    }
    return await enqueue_joined_film(
        tx,
        parts,
        body,
        number=number,
        user_id=caller.user_id,
        shown=Display.SPOILER if is_spoiler else Display.PLAIN,
        now_ms=now_ms,
    )


async def _films_of(tx: Transaction, request_id: str) -> list[OutboxMessage]:
    messages = await outbox.of_request(tx, request_id)
    return [message for message in messages if message.kind is MessageKind.FILM]


async def _deletable(
    tx: Transaction, settings: ServerSettings, caller: Caller, request_id: str
) -> OutboxMessage:
    request = await find_here(tx, caller, request_id)
    messages = await _films_of(tx, request.id) if request is not None else []
    standing = (
        message
        for message in messages
        if message.state is OutboxState.SENT and message.shown != Display.GONE
    )
    film = next(standing, None)
    if film is None:
        raise UserError("refused-not-a-video")
    authors = {part.user_id for part in await joined_films.parts_of(tx, film.id)}
    is_own = caller.user_id in {film.user_id, *authors}
    if not is_own and not is_moderator(caller, settings.moderator_role):
        raise NotAllowed("refused-not-yours")
    return film


def _seconds(parts: Sequence[Request]) -> int:
    return sum(max(0, part.seconds) for part in parts)
