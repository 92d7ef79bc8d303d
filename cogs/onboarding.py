"""Notices the servers that the bot is in, and those that it comes into."""

import logging

import discord
from discord.ext import commands

from bot.client import VideoBot
from bot.ui.servers.guild_join import joined_server_of
from bot.ui.services import Services
from storage.errors import BotError

logger = logging.getLogger(__name__)


class Onboarding(commands.Cog):
    """The gateway tells of a new server in two ways; the service greets each once."""

    def __init__(self, bot: VideoBot) -> None:
        super().__init__()
        self._bot = bot
        self._services: Services = bot.services
        self._is_started = False

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Note the servers of a start or a reconnection."""
        guilds = [guild for guild in self._bot.guilds if not guild.unavailable]
        try:
            await self._services.onboarding.are_there(
                [joined_server_of(guild) for guild in guilds],
                {guild.id for guild in self._bot.guilds},
            )
        except BotError as error:
            _log(error)
        self._is_started = True

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """A server that the bot was invited to just now."""
        await self._came(guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """A server that is back, or that was joined and told of like this."""
        if self._is_started:
            await self._came(guild)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """A server that removed the bot, or that was deleted; not one that is only unavailable."""
        try:
            await self._services.onboarding.left(guild.id)
        except BotError as error:
            _log(error)

    async def _came(self, guild: discord.Guild) -> None:
        try:
            await self._services.onboarding.came(joined_server_of(guild))
        except BotError as error:
            _log(error)


def _log(error: BotError) -> None:
    logger.warning(
        "A server could not be noted", extra={"action": "server.not_recorded", "error": repr(error)}
    )


async def setup(bot: VideoBot) -> None:
    """Listen."""
    await bot.add_cog(Onboarding(bot))
