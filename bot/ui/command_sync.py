"""Registers the commands with Discord when they have changed, and learns their ids."""

import asyncio
import contextlib
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord
from discord import app_commands

from bot.discord_rest.errors import discord_faults
from bot.errors import DeliveryError, DiscordUnavailable
from bot.ui.command_names import CommandTranslator
from bot.ui.texts import Texts, digest_of
from storage.errors import BotError

logger = logging.getLogger(__name__)

FIRST_TRY_S: Final = 10.0
"""A start waits so long at most for the first try to register."""
TIMEOUT_S: Final = 90.0
"""A call may take so long, translating included.

discord.py sleeps through a global rate limit of up to 60 s, and a call that is cancelled meanwhile
would leave every later one waiting.
"""
RETRY_S: Final = (5.0, 15.0, 60.0, 300.0)
"""Waits before the next try where Discord doesn't say how long."""
SOONEST_S: Final = 1.0
"""The shortest wait, whatever Discord says."""
LEARN_S: Final = 60.0
"""How often a process that doesn't register the commands looks for those that are missing."""


@dataclass(frozen=True, slots=True)
class CommandMemory:
    """Stores a digest of the last registration between starts; None at first."""

    load: Callable[[], Awaitable[str | None]]
    save: Callable[[str], Awaitable[None]]


class Registration:
    """Registers a tree's global commands and, if it has any, those of the owner's server."""

    def __init__(
        self,
        tree: app_commands.CommandTree[Any],
        texts: Texts,
        memory: CommandMemory | None,
        *,
        owner_guild_id: int | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._tree = tree
        self._texts = texts
        self._memory = memory
        self._owner_guild_id = owner_guild_id
        self._translator = CommandTranslator(texts)
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()

    async def begin(self, *, registers: bool) -> None:
        """Register, or else learn what another process registers, until it is done or `end`.

        Returns after the first try to register, or when that takes long.
        """
        act = self.run if registers else self.learn
        self._task = asyncio.create_task(self._keep_trying(act), name="commands")
        if registers:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._tried.wait(), FIRST_TRY_S)

    async def end(self) -> None:
        """Try no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_trying(self, act: Callable[[], Awaitable[None]]) -> None:
        attempt = 0
        while True:
            try:
                await act()
            except DiscordUnavailable as error:
                wait_s = RETRY_S[min(attempt, len(RETRY_S) - 1)]
                if error.retry_after_s is not None:
                    wait_s = max(error.retry_after_s, SOONEST_S)
                logger.warning(
                    "The commands wait for Discord",
                    extra={"action": "commands.waiting", "wait_s": wait_s, "error": repr(error)},
                )
            except Exception:
                logger.exception("The commands were given up", extra={"action": "commands.failed"})
                return
            else:
                return
            finally:
                self._tried.set()
            attempt += 1
            await self._sleep(wait_s)

    async def run(self) -> None:
        """Register what has changed.

        What Discord refuses is left to the next start: the commands of the last one are still
        there. Raises: DiscordUnavailable, when all else is done, where it may work later.
        """
        await self._tree.set_translator(self._translator)
        scopes = self._scopes()
        known = await self._remembered()
        learned, ids, later = dict[str, str](), dict[str, int](), list[DiscordUnavailable]()
        for scope in scopes:
            name = str(scope.id) if scope is not None else "global"
            digest = self._digest(scope)
            try:
                commands = await self._current(scope, is_known=known.get(name) == digest)
            except DiscordUnavailable as error:
                later.append(error)
                continue
            except DeliveryError as error:
                logger.error("The commands could not be registered", extra=_about(scope, error))
                continue
            learned[name] = digest
            ids |= {command.name: command.id for command in commands}
        for name in known.keys() - {"global"} - {str(scope.id) for scope in scopes if scope}:
            try:
                await self._withdraw(int(name))
            except DiscordUnavailable as error:
                learned[name] = known[name]
                later.append(error)
        self._texts.name_commands(ids)
        if learned != known:
            await self._remember(learned)
        _raise_longest(later)

    async def learn(self) -> None:
        """Learn the ids of commands that another process registers.

        Raises: DiscordUnavailable, where any is missing.
        """
        ids, later = dict[str, int](), list[DiscordUnavailable]()
        for scope in self._scopes():
            wanted = {command.name for command in self._tree.get_commands(guild=scope)}
            try:
                there = await self._fetch(scope)
            except DeliveryError as error:
                asked_s = error.retry_after_s if isinstance(error, DiscordUnavailable) else None
                wait_s = max(asked_s or 0.0, LEARN_S)
                later.append(DiscordUnavailable(str(error), retry_after_s=wait_s))
                continue
            ids |= {command.name: command.id for command in there}
            if not wanted <= {command.name for command in there}:
                later.append(DiscordUnavailable("not registered yet", retry_after_s=LEARN_S))
        self._texts.name_commands(ids)
        _raise_longest(later)

    def _scopes(self) -> list[discord.Object | None]:
        """Everywhere, and the owner's server if it has commands of its own."""
        owner_guild_id = self._owner_guild_id
        scopes: list[discord.Object | None] = [None]
        if owner_guild_id and self._tree.get_commands(guild=discord.Object(owner_guild_id)):
            scopes.append(discord.Object(owner_guild_id))
        return scopes

    async def _withdraw(self, guild_id: int) -> None:
        """Remove the commands from the previous owner's server, if it can still be reached."""
        scope = discord.Object(guild_id)
        try:
            async with discord_faults("change", TIMEOUT_S, turn_s=TIMEOUT_S):
                await self._tree.sync(guild=scope)
        except DiscordUnavailable:
            raise
        except DeliveryError as error:
            logger.warning("Old commands could not be removed", extra=_about(scope, error))

    async def _remembered(self) -> dict[str, str]:
        try:
            return _parse(await self._memory.load()) if self._memory is not None else {}
        except BotError as error:
            logger.warning("The last registration could not be read", extra=_about(None, error))
            return {}

    async def _remember(self, learned: dict[str, str]) -> None:
        try:
            if self._memory is not None:
                await self._memory.save(json.dumps(learned))
        except BotError as error:
            logger.warning("The registration could not be saved", extra=_about(None, error))

    async def _current(
        self, scope: discord.Object | None, *, is_known: bool
    ) -> Sequence[app_commands.AppCommand]:
        """The commands as Discord has them, registered unless they are unchanged and present."""
        try:
            if is_known:
                there = await self._fetch(scope)
                wanted = {command.name for command in self._tree.get_commands(guild=scope)}
                if {command.name for command in there} == wanted:
                    return there
        except DeliveryError as error:
            logger.warning("The registered commands could not be read", extra=_about(scope, error))
        async with discord_faults("change", TIMEOUT_S, turn_s=TIMEOUT_S):
            synced = await self._tree.sync(guild=scope)
        logger.info(
            "Commands were registered",
            extra={"action": "commands.registered", "commands": len(synced)},
        )
        return synced

    async def _fetch(self, scope: discord.Object | None) -> list[app_commands.AppCommand]:
        async with discord_faults("read", TIMEOUT_S):
            return await self._tree.fetch_commands(guild=scope)

    def _digest(self, scope: discord.Object | None) -> str:
        # the translations as written: applying them takes ten times as long
        commands = [command.to_dict(self._tree) for command in self._tree.get_commands(guild=scope)]
        written = [digest_of(language) for language in self._texts.languages]
        identity = [self._tree.client.application_id, commands, written]
        return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def _parse(text: str | None) -> dict[str, str]:
    try:
        known = json.loads(text or "{}")
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _about(scope: discord.Object | None, error: Exception) -> dict[str, str]:
    where = str(scope.id) if scope is not None else "global"
    return {"action": "commands.failed", "scope": where, "error": repr(error)}


def _raise_longest(errors: Sequence[DiscordUnavailable]) -> None:
    """Raise the one that asks for the longest wait."""
    if errors:
        raise max(errors, key=lambda error: error.retry_after_s or 0.0)
