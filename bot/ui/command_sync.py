"""Registers the commands with Discord when they have changed, and learns their ids."""

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.ui.command_names import CommandTranslator
from bot.ui.texts import Texts, digest_of
from storage.errors import BotError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CommandMemory:
    """Stores a digest of the last registration between starts; None at first."""

    load: Callable[[], Awaitable[str | None]]
    save: Callable[[str], Awaitable[None]]


class Registration:
    """Registers a tree's global commands and, if it has any, those of the owner's server."""

    def __init__(
        self, tree: app_commands.CommandTree[Any], texts: Texts, memory: CommandMemory | None
    ) -> None:
        self._tree = tree
        self._texts = texts
        self._memory = memory
        self._translator = CommandTranslator(texts)

    async def run(self, *, owner_guild_id: int | None = None) -> bool:
        """Register what has changed; False where Discord could not be reached.

        A start goes on without it: the commands of the last start are still there, and the next
        start tries again.
        """
        await self._tree.set_translator(self._translator)
        scopes = self._scopes(owner_guild_id)
        known = await self._remembered()
        learned, ids, is_complete = dict[str, str](), dict[str, int](), True
        for scope in scopes:
            name = str(scope.id) if scope is not None else "global"
            digest = self._digest(scope)
            commands = await self._current(scope, is_known=known.get(name) == digest)
            if commands is None:
                is_complete = False
                continue
            learned[name] = digest
            ids |= {command.name: command.id for command in commands}
        for name in known.keys() - {"global"} - {str(scope.id) for scope in scopes if scope}:
            if not await self._withdraw(int(name)):
                learned[name] = known[name]
        self._texts.name_commands(ids)
        if learned != known:
            await self._remember(learned)
        return is_complete

    async def learn(self, *, owner_guild_id: int | None = None) -> bool:
        """Learn the ids of commands that another process registers; False where any is missing."""
        ids, is_complete = dict[str, int](), True
        for scope in self._scopes(owner_guild_id):
            wanted = {command.name for command in self._tree.get_commands(guild=scope)}
            try:
                there = await self._tree.fetch_commands(guild=scope)
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                logger.warning("The commands' ids could not be read", extra=_about(scope, error))
                is_complete = False
                continue
            ids |= {command.name: command.id for command in there}
            is_complete = is_complete and wanted <= {command.name for command in there}
        self._texts.name_commands(ids)
        return is_complete

    def _scopes(self, owner_guild_id: int | None) -> list[discord.Object | None]:
        """Everywhere, and the owner's server if it has commands of its own."""
        scopes: list[discord.Object | None] = [None]
        if owner_guild_id and self._tree.get_commands(guild=discord.Object(owner_guild_id)):
            scopes.append(discord.Object(owner_guild_id))
        return scopes

    async def _withdraw(self, guild_id: int) -> bool:
        """Remove the commands from the previous owner's server; True once that is done."""
        scope = discord.Object(guild_id)
        try:
            await self._tree.sync(guild=scope)
        except (discord.Forbidden, discord.NotFound):
            return True
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.warning("Old commands could not be removed", extra=_about(scope, error))
            return False
        return True

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
    ) -> Sequence[app_commands.AppCommand] | None:
        """The commands as Discord has them, registered unless they are unchanged and present."""
        try:
            if is_known:
                there = await self._tree.fetch_commands(guild=scope)
                wanted = {command.name for command in self._tree.get_commands(guild=scope)}
                if {command.name for command in there} == wanted:
                    return there
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.warning("The registered commands could not be read", extra=_about(scope, error))
        try:
            synced = await self._tree.sync(guild=scope)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            logger.error("The commands could not be registered", extra=_about(scope, error))
            return None
        logger.info(
            "Commands were registered",
            extra={"action": "commands.registered", "commands": len(synced)},
        )
        return synced

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
    return {"action": "commands.failed", "scope": where, "error": type(error).__name__}
