"""Adds, shows and removes named pictures: a member's own, and the server's by its moderators."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.errors import NotAllowed, UserError
from bot.rules.cast import LONGEST, SHORTEST, as_name, fold, is_name
from bot.rules.media import MediaSource
from bot.rules.request import MediaRef
from bot.rules.violation import Violation, megabytes
from bot.services.authorization import check_moderator
from bot.services.caller import Caller
from bot.services.moderation import hold_policy
from bot.services.moderation.audit_log import record_decision
from bot.services.request_ids import new_id
from bot.services.requests.admission import Admission
from bot.services.server_settings import ServerSettings, read_settings
from storage.cast import entries
from storage.cast.entries import CastEntry, CastPicture, CastState
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import CommitUncertain, StorageUnavailable
from storage.moderation.audit_log import Action, Decision
from storage.operations import workers
from storage.quotas.ledger import lock_accounts

MOST_OWN: Final = 20
MOST_OF_SERVER: Final = 100
MOST_PICTURES: Final = 4
WAIT_S: Final = 40.0
"""How long an answer waits for the pictures to be fetched; later the list tells."""
_LOOK_S: Final = 0.25
_ALIVE_MS: Final = 20_000

Owner = Literal["me", "server"]


@dataclass(frozen=True, slots=True)
class CastView:
    """An entry with its pictures."""

    entry: CastEntry
    pictures: tuple[CastPicture, ...] = ()

    @property
    def is_servers(self) -> bool:
        """Whether it belongs to the server."""
        return self.entry.guild_id > 0

    @property
    def faults(self) -> tuple[Violation, ...]:
        """Why the pictures of a failed one can't be used."""
        found = json.loads(self.entry.note) if self.entry.note else ()
        return tuple(Violation.model_validate(each) for each in found)


@dataclass(frozen=True, slots=True)
class CastName:
    """A name to choose; `is_hidden`: a server's, where the caller has one of that name."""

    name: str
    is_servers: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Cast:
    """Who there is: the caller's own, and the server's."""

    own: tuple[CastView, ...]
    of_server: tuple[CastView, ...]


class CastService:
    """Each change is one transaction; a worker fetches the pictures."""

    def __init__(
        self,
        database: Database,
        admission: Admission,
        *,
        clock: Callable[[], int],
        choose: Callable[[str], str],
        wakeup: Callable[[], None],
        erased: Callable[[], None],
    ) -> None:
        self._database = database
        self._admission = admission
        self._clock = clock
        self._choose = choose
        self._wakeup = wakeup
        self._erased = erased

    async def check(self, caller: Caller, *, is_others: bool) -> None:
        """Refuse before a form is filled in for nothing; `is_others`: another's message.

        Raises: UserError.
        """
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
        self._check(settings, caller, "me", is_others=is_others)

    async def add(
        self,
        caller: Caller,
        name: str,
        pictures: Sequence[MediaRef],
        owner: Owner = "me",
        *,
        is_others: bool = False,
    ) -> CastView:
        """Add a name; its pictures are fetched by a worker, see `outcome`.

        Raises: NotAllowed, UserError: the name, a limit, no picture, the member's room.
        """
        shown = _checked(name, pictures)
        entry_id = new_id(self._choose)
        try:
            try:
                view = await self._add(
                    entry_id, caller, shown, pictures, owner, is_others=is_others
                )
            except CommitUncertain:
                view = await self._add(
                    entry_id, caller, shown, pictures, owner, is_others=is_others
                )
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        self._wakeup()
        return view

    @repeated
    async def _add(
        self,
        entry_id: str,
        caller: Caller,
        name: str,
        pictures: Sequence[MediaRef],
        owner: Owner,
        *,
        is_others: bool,
    ) -> CastView:
        async with self._database.reading() as tx:
            listed = await hold_policy.listed_words(tx, caller.guild_id)
        has_word = (await hold_policy.scan(listed, name)).has_word
        async with self._database.transaction() as tx:
            now_ms = self._clock()
            if (before := await entries.get(tx, entry_id)) is not None:
                return await _view(tx, before)
            settings = await read_settings(tx, caller.guild_id)
            self._check(settings, caller, owner, is_others=is_others)
            await hold_policy.require_unblocked(tx, caller, now_ms)
            if owner == "server":
                _check_held(settings, pictures, has_word=has_word)
            # serialises concurrent additions: each would see room that only one of them gets
            await lock_accounts(tx, caller.guild_id, caller.user_id)
            await self._check_count(tx, caller, name, owner)
            stored_bytes = sum(each.size_bytes or 0 for each in pictures)
            if owner == "me":
                await self._admission.check_member_room(tx, stored_bytes, caller)
            entry = CastEntry(
                id=entry_id,
                guild_id=caller.guild_id if owner == "server" else 0,
                user_id=caller.user_id if owner == "me" else 0,
                name=name,
                folded=fold(name),
                state=CastState.NEW,
                created_at_ms=now_ms,
                host=await self._home(tx, caller, now_ms),
                stored_bytes=stored_bytes,
                due_at_ms=now_ms,
            )
            rows = [_row(entry_id, place, each) for place, each in enumerate(pictures)]
            if not await entries.add(tx, entry, rows):
                raise UserError("refused-cast-there", {"name": name})
            if owner == "server":
                decision = self._decision(caller, Action.CAST_ADDED, name)
                await record_decision(tx, settings, decision)
        return CastView(entry, tuple(rows))

    def _check(
        self, settings: ServerSettings, caller: Caller, owner: Owner, *, is_others: bool
    ) -> None:
        self._admission.check_served(caller)
        if owner == "server":
            check_moderator(settings, caller)
        if is_others and settings.remix != "everyone":
            raise NotAllowed("refused-cast-others")

    @staticmethod
    async def _check_count(tx: Transaction, caller: Caller, name: str, owner: Owner) -> None:
        if owner == "me":
            there, most = await entries.of_member(tx, caller.user_id), MOST_OWN
        else:
            there, most = await entries.of_server(tx, caller.guild_id), MOST_OF_SERVER
        if any(entry.folded == fold(name) for entry in there):
            raise UserError("refused-cast-there", {"name": name})
        if len(there) >= most:
            raise UserError("refused-cast-full", {"limit": most, "owner": owner})

    @staticmethod
    async def _home(tx: Transaction, caller: Caller, now_ms: int) -> str:
        """The machine with the pictures that are there, so that one request can use them all."""
        host = await entries.home_of(tx, caller.guild_id, caller.user_id)
        alive = await workers.alive(tx, now_ms - _ALIVE_MS) if host else []
        return host if host in {worker.host for worker in alive} else ""

    async def outcome(self, entry_id: str, *, within_s: float = WAIT_S) -> CastView:
        """The entry once its pictures are fetched or refused, or as it is after that time.

        Raises: UserError where it was removed meanwhile.
        """
        ends_s = asyncio.get_running_loop().time() + within_s
        while True:
            async with self._database.reading() as tx:
                entry = await entries.get(tx, entry_id)
                if entry is None or (entry.removed_at_ms and entry.state is not CastState.FAILED):
                    raise UserError("refused-cast-gone")
                view = await _view(tx, entry)
            if entry.state is not CastState.NEW or asyncio.get_running_loop().time() >= ends_s:
                return view
            await asyncio.sleep(_LOOK_S)

    async def all(self, caller: Caller) -> Cast:
        """The caller's own cast and the server's, by name. Raises: UserError outside servers."""
        self._require_server(caller)
        async with self._database.reading() as tx:
            own = await entries.of_member(tx, caller.user_id)
            of_server = await entries.of_server(tx, caller.guild_id)
            pictures = await entries.pictures_of(tx, [entry.id for entry in (*own, *of_server)])
        return Cast(
            tuple(CastView(entry, tuple(pictures[entry.id])) for entry in own),
            tuple(CastView(entry, tuple(pictures[entry.id])) for entry in of_server),
        )

    async def names(self, caller: Caller) -> tuple[CastName, ...]:
        """The names that the caller can use here, their own first."""
        async with self._database.reading() as tx:
            own = await entries.of_member(tx, caller.user_id)
            theirs = await entries.of_server(tx, caller.guild_id) if caller.guild_id else []
        mine = {entry.folded for entry in own}
        return (
            *(CastName(entry.name) for entry in own),
            *(CastName(entry.name, True, entry.folded in mine) for entry in theirs),
        )

    async def show(self, caller: Caller, name: str) -> CastView:
        """One name: the caller's own, else the server's. Raises: UserError."""
        self._require_server(caller)
        async with self._database.reading() as tx:
            entry = await _find(tx, caller, name)
            return await _view(tx, entry)

    async def remove(self, caller: Caller, name: str) -> CastView:
        """Remove a name: the caller's own, else the server's. Finished videos stay.

        `server:name` is the server's although the caller has one of that name as well.
        Raises: NotAllowed for the server's, except for moderators; UserError.
        """
        self._require_server(caller)
        try:
            return await self._remove(caller, name)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error

    @repeated
    async def _remove(self, caller: Caller, name: str) -> CastView:
        async with self._database.transaction() as tx:
            entry = await _find(tx, caller, name)
            if entry.guild_id:
                settings = await read_settings(tx, caller.guild_id)
                check_moderator(settings, caller)
                decision = self._decision(caller, Action.CAST_REMOVED, entry.name)
                await record_decision(tx, settings, decision)
            await entries.erase(tx, [entry.id], self._clock())
        self._erased()
        return CastView(entry)

    @staticmethod
    def _require_server(caller: Caller) -> None:
        if not caller.guild_id:
            raise UserError("refused-server-only")

    def _decision(self, caller: Caller, action: Action, name: str) -> Decision:
        return Decision(
            guild_id=caller.guild_id,
            user_id=0,
            actor_id=caller.user_id,
            action=action,
            at_ms=self._clock(),
            note=name,
        )


def _checked(name: str, pictures: Sequence[MediaRef]) -> str:
    """The name as it is kept. Raises: UserError for a bad name, or too many pictures."""
    shown = as_name(name)
    if not is_name(shown):
        raise UserError(
            "refused-cast-name", {"name": name[:60], "least": SHORTEST, "most": LONGEST}
        )
    if not pictures:
        raise UserError("refused-cast-none")
    if len(pictures) > MOST_PICTURES:
        raise UserError("refused-cast-many", {"limit": MOST_PICTURES, "number": len(pictures)})
    return shown


def _check_held(settings: ServerSettings, pictures: Sequence[MediaRef], *, has_word: bool) -> None:
    """Nothing that would be held of a request comes into the server's cast.

    Raises: NotAllowed.
    """
    if has_word:
        raise NotAllowed("refused-cast-word")
    if settings.hold_links and any(each.source is MediaSource.LINK for each in pictures):
        raise NotAllowed("refused-cast-link")


def _row(entry_id: str, place: int, media: MediaRef) -> CastPicture:
    return CastPicture(
        cast_id=entry_id,
        position=place,
        source=media.source,
        url=media.url,
        name=media.name,
        size_bytes=media.size_bytes or 0,
    )


async def _view(tx: Transaction, entry: CastEntry) -> CastView:
    pictures = await entries.pictures_of(tx, [entry.id])
    return CastView(entry, tuple(pictures[entry.id]))


async def _find(tx: Transaction, caller: Caller, typed: str) -> CastEntry:
    """Raises: UserError where neither the caller nor the server has the name."""
    whose, mark, rest = typed.partition(":")
    is_marked = bool(mark) and whose in ("me", "server")
    name = as_name(rest if is_marked else typed)
    own = await entries.of_member(tx, caller.user_id) if whose != "server" or not mark else []
    theirs = await entries.of_server(tx, caller.guild_id) if whose != "me" or not mark else []
    for entry in (*own, *theirs):
        if entry.folded == fold(name):
            return entry
    raise UserError("refused-cast-unknown", {"name": name[:60]})


def megabytes_of(view: CastView) -> str:
    """What an entry's pictures take, for people."""
    return megabytes(sum(picture.size_bytes for picture in view.pictures))
