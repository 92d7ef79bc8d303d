"""Changes server settings for managers: validated, stored and logged in one transaction."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import LastChannel, NotAllowed, UserError
from bot.rules.catalogue import Catalogue
from bot.services.caller import Caller
from bot.services.log_lines import enqueue_log
from bot.services.permissions import is_manager
from bot.services.privacy.erasure import forget_server
from bot.services.server_settings import (
    ServerSettings,
    lock_settings,
    read_settings,
    write_settings,
)
from bot.services.servers.allowed_models import AllowedModelService
from bot.services.servers.channels import PURPOSES, Place, Purpose, check_place
from bot.services.servers.setting_values import (
    MODEL,
    NAMES,
    ROLE,
    Given,
    RoleGiven,
    Stored,
    in_words,
    read_value,
)
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import StorageUnavailable

logger = logging.getLogger(__name__)

ALL: Final = "all"
"""In place of models' names."""


@dataclass(frozen=True, slots=True)
class Change:
    """One setting before and after, as its option takes it."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ServerView:
    """A server's settings, the models it may use, and the default model that is in force."""

    settings: ServerSettings
    models: tuple[str, ...]
    default_model: str


class ServerAdminService:
    """Changes for managers only; permissions are checked on every command and press."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        models: AllowedModelService,
        *,
        languages: Sequence[str],
        clock: Callable[[], int],
        erased: Callable[[], None],
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._models = models
        self._languages = tuple(languages)
        self._clock = clock
        self._erased = erased

    async def show(self, caller: Caller) -> ServerView:
        """The server's settings. Raises: NotAllowed."""
        _require_manager(caller)
        async with self._database.reading() as tx:
            return self._view(caller, await read_settings(tx, caller.guild_id))

    @repeated
    async def change(
        self,
        caller: Caller,
        given: Mapping[str, Given | Place | RoleGiven],
        *,
        is_strict: bool = True,
    ) -> tuple[ServerView, tuple[Change, ...]]:
        """Set what was given, all of it or nothing; what is already so is no change.

        A channel with id 0 or a role with id 0 takes that setting back. Unless `is_strict`, a
        channel in which the bot lacks permissions is taken all the same: a check names them later.
        Raises: NotAllowed, UserError with what would pass.
        """
        _require_manager(caller)
        async with self._database.transaction() as tx:
            old = await lock_settings(tx, caller.guild_id)
            values = {
                name: self._value(old, caller, name, value, is_strict=is_strict)
                for name, value in given.items()
            }
            return await self._write(tx, old, caller, values)

    @repeated
    async def allow_models(self, caller: Caller, typed: str) -> ServerView:
        """Let the server use more models, with `all` every one. Raises: NotAllowed, UserError."""
        _require_manager(caller)
        async with self._database.transaction() as tx:
            old = await lock_settings(tx, caller.guild_id)
            if typed.strip().lower() == ALL:
                chosen = tuple(self._catalogue.names)
            else:
                wanted = self._known(typed)
                now = self._models.allowed_names(caller.guild_id, old)
                chosen = tuple(n for n in self._catalogue.names if n in wanted or n in now)
            view, _ = await self._write(tx, old, caller, {"models": chosen})
        return view

    @repeated
    async def remove_models(self, caller: Caller, typed: str) -> ServerView:
        """Take models away. Raises: NotAllowed, UserError where none would be left."""
        _require_manager(caller)
        unwanted = self._known(typed)
        async with self._database.transaction() as tx:
            old = await lock_settings(tx, caller.guild_id)
            now = self._models.allowed_names(caller.guild_id, old)
            left = tuple(name for name in now if name not in unwanted)
            if not left:
                raise UserError("refused-last-model", {"models": ", ".join(now)})
            values: dict[str, Stored | tuple[str, ...]] = {"models": left}
            if old.default_model in unwanted:
                values[MODEL] = None
            view, _ = await self._write(tx, old, caller, values)
        return view

    @repeated
    async def allow_channel(self, caller: Caller, place: Place) -> ServerView:
        """Let the bot be used in a channel; with the first one all others are closed.

        Raises: NotAllowed, UserError where the bot could not work there.
        """
        _require_manager(caller)
        check_place(place, Purpose.USE, "channels", is_strict=True)
        async with self._database.transaction() as tx:
            old = await lock_settings(tx, caller.guild_id)
            now = old.channels or ()
            chosen = now if place.channel_id in now else (*now, place.channel_id)
            view, _ = await self._write(tx, old, caller, {"channels": chosen})
        return view

    @repeated
    async def remove_channel(self, caller: Caller, channel_id: int) -> ServerView:
        """Close a channel. Raises: NotAllowed, UserError where none would be left."""
        _require_manager(caller)
        async with self._database.transaction() as tx:
            old = await lock_settings(tx, caller.guild_id)
            if old.channels is None:
                raise UserError("refused-no-channels-chosen")
            left = tuple(each for each in old.channels if each != channel_id)
            if not left:
                raise LastChannel(channel_id)
            view, _ = await self._write(tx, old, caller, {"channels": left})
        return view

    @repeated
    async def open_everywhere(self, caller: Caller) -> ServerView:
        """Let the bot be used in every channel again. Raises: NotAllowed."""
        _require_manager(caller)
        async with self._database.transaction() as tx:
            old = await lock_settings(tx, caller.guild_id)
            view, _ = await self._write(tx, old, caller, {"channels": None})
        return view

    async def delete(self, caller: Caller) -> None:
        """Remove all that is stored of the server. Raises: NotAllowed, UserError."""
        _require_manager(caller)
        try:
            await forget_server(self._database, caller.guild_id, self._clock)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
        # refreshes the cache of allowed models
        self._models.allowed_names(caller.guild_id, settings)
        logger.warning(
            "A server's data was deleted",
            extra={"action": "server.deleted", "guild": caller.guild_id, "by": caller.user_id},
        )
        self._erased()

    def _view(self, caller: Caller, settings: ServerSettings) -> ServerView:
        return ServerView(
            settings,
            self._models.allowed_names(caller.guild_id, settings),
            self._models.default_name(caller.guild_id, settings),
        )

    def _value(
        self,
        old: ServerSettings,
        caller: Caller,
        name: str,
        given: Given | Place | RoleGiven,
        *,
        is_strict: bool,
    ) -> Stored:
        if isinstance(given, Place):
            if given.channel_id:
                check_place(given, PURPOSES[name], name, is_strict=is_strict)
            return given.channel_id or None
        if isinstance(given, RoleGiven):
            if given.is_everyone:
                raise UserError("refused-everyone", {"setting": ROLE})
            return given.role_id or None
        if name == MODEL:
            return self._default_model(old, caller, str(given))
        return read_value(name, given, languages=self._languages)

    def _default_model(self, old: ServerSettings, caller: Caller, given: str) -> str:
        (name,) = self._known(given) if len(given.split()) == 1 else (given,)
        allowed = self._models.allowed_names(caller.guild_id, old)
        if name not in allowed:
            raise NotAllowed("refused-model", {"model": name[:100], "models": ", ".join(allowed)})
        return name

    def _known(self, typed: str) -> tuple[str, ...]:
        """The models somebody named, with spaces or commas between. Raises: UserError."""
        names = tuple(dict.fromkeys(typed.replace(",", " ").split()))
        for name in names or ("",):
            if self._catalogue.get(name) is None:
                known = ", ".join(self._catalogue.names)
                raise UserError("refused-no-model", {"model": name[:100], "models": known})
        return names

    async def _write(
        self,
        tx: Transaction,
        old: ServerSettings,
        caller: Caller,
        values: Mapping[str, Stored | Sequence[object]],
    ) -> tuple[ServerView, tuple[Change, ...]]:
        new = await write_settings(tx, caller.guild_id, old, **values)
        view = self._view(caller, new)
        changes = tuple(
            Change(name, _told(name, old), _told(name, new))
            for name in values
            if getattr(old, name) != getattr(new, name)
        )
        # a change of the log channel is logged in the old and the new one
        for channel_id in dict.fromkeys((old.log_channel, new.log_channel)):
            for change in changes:
                await self._log(tx, new, caller, change, channel_id)
        return view, changes

    async def _log(
        self,
        tx: Transaction,
        settings: ServerSettings,
        caller: Caller,
        change: Change,
        channel_id: int,
    ) -> None:
        told = {"setting": change.name, "old": change.old, "new": change.new}
        await enqueue_log(
            tx,
            settings,
            caller.guild_id,
            f"{caller.interaction_id}:setting:{change.name}:{channel_id}",
            "log-setting",
            {**told, "by": str(caller.user_id)},
            now_ms=self._clock(),
            channel_id=channel_id,
            locale=caller.guild_locale,
        )


def _told(name: str, settings: ServerSettings) -> str:
    if name in NAMES:
        return in_words(name, settings)
    if name == "channels":
        return ", ".join(f"<#{each}>" for each in settings.channels or ())
    return ", ".join(settings.models or ())


def _require_manager(caller: Caller) -> None:
    if not is_manager(caller):
        raise NotAllowed("refused-managers-only")
