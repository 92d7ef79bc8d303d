"""Adds, shows and removes named pictures: a member's own, and the server's by its moderators."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Literal

from bot.errors import NotAllowed, UserError
from bot.rules.cast import fold
from bot.rules.request import MediaRef
from bot.services.authorization import check_moderator
from bot.services.caller import Caller
from bot.services.cast.checks import check_held, checked_name, find_entry, picture_row, view_of
from bot.services.cast.views import Cast, CastName, CastView
from bot.services.moderation import hold_policy
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.word_lists import read_word_lists
from bot.services.request_ids import new_id
from bot.services.requests.admission import Admission
from bot.services.server_settings import ServerSettings, read_settings
from storage.cast import entries
from storage.cast.entries import CastEntry, CastState
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import CommitUncertain, StorageUnavailable
from storage.moderation.audit_log import Action, Decision
from storage.operations import workers
from storage.quotas.ledger import lock_accounts

MOST_OWN: Final = 20
MOST_OF_SERVER: Final = 100
WAIT_S: Final = 40.0
"""How long an answer waits for the pictures to be fetched; later the list tells."""
_LOOK_S: Final = 0.25
_ALIVE_MS: Final = 20_000

Owner = Literal["me", "server"]


class CastService:
    """Each change is one transaction; a worker fetches the pictures."""

    def __init__(
        self,
        database: Database,
        admission: Admission,
        *,
        clock: Callable[[], int],
        draw: Callable[[int], int],
        wakeup: Callable[[], None],
        erased: Callable[[], None],
    ) -> None:
        self._database = database
        self._admission = admission
        self._clock = clock
        self._draw = draw
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
        shown = checked_name(name, pictures)
        entry_id = new_id(self._draw)
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
            listed = await read_word_lists(tx, caller.guild_id)
        has_word = await asyncio.to_thread(listed.has_match, name)
        async with self._database.transaction() as tx:
            now_ms = self._clock()
            if (before := await entries.get(tx, entry_id)) is not None:
                return await view_of(tx, before)
            settings = await read_settings(tx, caller.guild_id)
            self._check(settings, caller, owner, is_others=is_others)
            await hold_policy.require_unblocked(tx, caller, now_ms)
            if owner == "server":
                check_held(settings, pictures, has_word=has_word)
            # serialises concurrent additions: each would see room that only one of them gets
            await lock_accounts(tx, caller.guild_id, caller.user_id)
            await self._check_count(tx, caller, name, owner)
            stored_bytes = sum(each.size_bytes or 0 for each in pictures)
            if owner == "me":
                await self._admission.check_member_room(tx, stored_bytes, caller)
            host = await self._home(tx, caller, now_ms)
            entry = _entry(entry_id, caller, name, owner, host, stored_bytes, now_ms)
            rows = [picture_row(entry_id, place, each) for place, each in enumerate(pictures)]
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
                view = await view_of(tx, entry)
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
            entry = await find_entry(tx, caller, name)
            return await view_of(tx, entry)

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
            entry = await find_entry(tx, caller, name)
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


def _entry(
    entry_id: str,
    caller: Caller,
    name: str,
    owner: Owner,
    host: str,
    stored_bytes: int,
    now_ms: int,
) -> CastEntry:
    """A new entry, due at once."""
    return CastEntry(
        id=entry_id,
        guild_id=caller.guild_id if owner == "server" else 0,
        user_id=caller.user_id if owner == "me" else 0,
        name=name,
        folded=fold(name),
        state=CastState.NEW,
        created_at_ms=now_ms,
        host=host,
        stored_bytes=stored_bytes,
        due_at_ms=now_ms,
    )
